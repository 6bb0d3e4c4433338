"""The pictures that are lists: the program, the values, what changed, the watches."""
