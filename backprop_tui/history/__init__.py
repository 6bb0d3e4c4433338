"""WHEN: the run as it was recorded, its edits, and the value of anything at any time."""
