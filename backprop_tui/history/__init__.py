"""WHEN: the run as it was computed, its edits, and the value of anything at any time."""
