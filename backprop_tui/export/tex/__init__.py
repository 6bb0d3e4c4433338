"""Calculations as LaTeX: the document, its chain rules and the drawing of the network."""
