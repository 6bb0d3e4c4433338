"""A network as a document of another kind."""
