"""The tables: a row for each activation, loss, optimizer, initializer, and type of PyTorch's numbers."""
