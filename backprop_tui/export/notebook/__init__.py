"""What a notebook shows of networks, statements, sessions and gradient checks."""
