"""Formulas as small trees of mathematics: read from what the screen says, written as TeX and MathML."""
