"""Words that a shell completes: what they could become, and how each shell is told."""
