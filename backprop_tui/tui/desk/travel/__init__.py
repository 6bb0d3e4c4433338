"""Through time: moves, a run by itself, and the search of the listing."""
