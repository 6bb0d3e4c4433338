"""WHERE TO HALT: the language of conditions, breakpoints, and searches both ways."""
