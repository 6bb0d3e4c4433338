"""A recording afterwards: what all ranks wrote, as one network."""
