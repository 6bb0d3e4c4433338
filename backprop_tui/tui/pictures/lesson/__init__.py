"""The page of a lesson, set in rows."""
