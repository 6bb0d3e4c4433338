"""While PyTorch trains: hooks that look, a ring of copies, and files that are whole."""
