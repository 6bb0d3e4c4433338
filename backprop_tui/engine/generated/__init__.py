"""The same rules as quick code: straight lines of numbers, or NumPy in place."""
