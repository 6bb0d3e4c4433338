"""SHOW: the app, its screens, widgets, pictures and themes."""
