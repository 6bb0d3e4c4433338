"""Files at the desk: sessions saved and opened, calculations exported."""
