"""The rows of the table of commands, group by group, as the help shows them."""
