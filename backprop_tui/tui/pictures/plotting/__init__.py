"""Plots of our own: axes with round numbers, and curves of dots, for charts and heat maps."""
