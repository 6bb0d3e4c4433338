"""When a recording is written: a condition over what is known of each iteration."""
