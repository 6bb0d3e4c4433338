"""The screen as a file: a grid of styled cells, written as SVG, HTML, text, PNG or an asciicast."""
