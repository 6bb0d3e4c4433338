"""What a session has computed as records: a dictionary an epoch, and one a statement."""
