"""Commands that open the debugger: in a terminal, in a browser, with a lesson, or for a picture of it."""
