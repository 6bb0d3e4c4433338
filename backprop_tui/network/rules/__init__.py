"""The tables: a row for each activation, loss, optimizer and initializer."""
