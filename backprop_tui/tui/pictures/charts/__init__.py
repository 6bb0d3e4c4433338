"""The pictures with axes."""
