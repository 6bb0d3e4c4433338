"""The commands: their one table, the keys that are in force, and how what was typed is performed."""
