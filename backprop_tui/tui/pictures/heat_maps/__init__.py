"""Pictures of shaded cells: large networks, and planes of two inputs or of two parameters."""
