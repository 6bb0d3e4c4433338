"""The page that steps: a worked calculation as one HTML file, to be read, printed, and stepped through."""
