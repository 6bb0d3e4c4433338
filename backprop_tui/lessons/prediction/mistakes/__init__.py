"""The common mistakes of each kind of statement, computed from the numbers of the moment."""
