"""What keeps the debugger alive and quick: signals, the interpreter, and where Textual fails."""
