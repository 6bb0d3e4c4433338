"""Sessions as files: the table of one, read and written, and those kept for after a kill."""
