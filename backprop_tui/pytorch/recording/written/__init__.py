"""How a recording lies on the disk: whole files, an index, and the form of what is in them."""
