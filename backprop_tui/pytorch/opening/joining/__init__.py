"""One stretch of a training of what all its ranks wrote."""
