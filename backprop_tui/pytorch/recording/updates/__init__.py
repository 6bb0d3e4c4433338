"""What an update is made of: whether it follows from the one before, and which passes are in it."""
