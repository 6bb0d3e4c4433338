"""Large networks: layers as heat maps, and one unit with its largest terms."""
