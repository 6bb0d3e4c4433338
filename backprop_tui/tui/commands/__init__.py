"""The commands: their one table, and the line in which they can be typed."""
