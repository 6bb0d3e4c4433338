"""Everything a NETWORK argument may be: TOML files, shapes, shipped examples, recordings; and data."""
