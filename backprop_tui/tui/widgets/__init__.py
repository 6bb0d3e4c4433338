"""Thin widgets: each shows a picture and repaints only the rows that changed."""
