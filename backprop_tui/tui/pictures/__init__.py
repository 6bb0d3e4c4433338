"""The panes' pictures: pure functions from a view and a size to rows of text, each as wide as its pane."""
