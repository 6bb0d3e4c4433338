"""The desk: what commands act on, part by part, without a screen."""
