"""What a session has computed as records: epochs, statements, and the statements that match."""
