"""All of it for one person: position, edits, breakpoints and watches; its file; recovery."""
