"""What commands print, and where it goes: streams, spellings, lines of JSON, progress."""
