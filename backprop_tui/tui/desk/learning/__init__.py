"""Lessons and predictions at the desk."""
