"""The screens: the debugger's own, and those that lie over it."""
