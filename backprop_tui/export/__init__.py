"""Calculations and networks as other documents: text, mathematics, pages, data, scripts, pictures."""
