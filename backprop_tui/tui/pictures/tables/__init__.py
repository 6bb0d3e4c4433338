"""The pictures that are lists: the program, the values, what changed, runs side by side, the watches."""
