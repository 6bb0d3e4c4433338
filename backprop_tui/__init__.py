"""Backpropagation is a program; this is its debugger."""

__version__ = "0.1.0"
