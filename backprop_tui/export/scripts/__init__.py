"""Networks as Python scripts that train them: with single numbers, or with whole arrays."""
