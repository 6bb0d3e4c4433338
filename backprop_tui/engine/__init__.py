"""HOW it is computed: forward, backward and update as pure functions over NumPy arrays."""
