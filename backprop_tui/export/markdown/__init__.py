"""Calculations as Markdown: the document, its chain rules and the drawing of the network, in characters."""
