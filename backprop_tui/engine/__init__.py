"""HOW it is computed: forward, backward and update as pure functions over NumPy arrays (``passes``), and two
engines that run them quickly, made from the same description (``training``).
"""
