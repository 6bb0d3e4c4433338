"""From text to tree: tokens, the names that they stand for, and the grammar that joins them."""
