"""A file a command, loaded when it is asked for."""
