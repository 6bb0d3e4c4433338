"""Where examples come from: written in the file, read from a CSV file, or generated."""
