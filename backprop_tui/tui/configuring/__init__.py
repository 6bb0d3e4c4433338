"""A person's own file of settings: where it is, what may stand in it, and reading and writing it."""
