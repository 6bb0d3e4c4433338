"""WHEN: statements, positions, time travel and explanations; complete without a screen."""
