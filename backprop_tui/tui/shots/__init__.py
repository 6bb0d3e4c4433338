"""Pictures of the debugger: its keys are pressed without a terminal, and its screen read cell by cell."""
