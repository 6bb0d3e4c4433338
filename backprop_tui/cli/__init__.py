"""The command line. Nothing is imported here, so that opening the debugger reads no more than it needs."""
