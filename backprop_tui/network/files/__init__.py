"""Everything a NETWORK argument may be: TOML files, data, shapes and the shipped examples."""
