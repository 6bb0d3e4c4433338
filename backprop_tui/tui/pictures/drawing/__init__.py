"""The network drawn unit by unit."""
