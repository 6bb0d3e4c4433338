"""What PyTorch recorded beside float64: losses and lengths, and what its numbers' type lost."""
