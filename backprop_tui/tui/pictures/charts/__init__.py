"""What the pane of pictures shows: curves with axes, and rows of bars and numbers."""
