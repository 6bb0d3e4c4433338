"""Themes, what a tone is in them, and enough contrast."""
