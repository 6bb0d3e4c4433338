"""WHAT is trained: the immutable description of a network, its files, and the tables of functions."""
