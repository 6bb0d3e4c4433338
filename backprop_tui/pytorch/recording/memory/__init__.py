"""What is kept in memory while PyTorch trains: the latest iterations, and states to replay them from."""
