"""Commands that print what there is and what is set, and set it."""
