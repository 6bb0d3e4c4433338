"""The drawing of a network as SVG: for pages, documents and notebooks."""
