"""A screen as an HTML page: the drawing, and over it the text, to be selected; no outside reference."""

from __future__ import annotations

from backprop_tui.export.screen.cells import Screen
from backprop_tui.export.screen.glyphs import HEIGHT
from backprop_tui.export.screen.svg import FONT_SIZE, FONTS, MARGIN, document, drawn, escaped

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ margin: 0; background: {ground}; print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
main {{ position: relative; width: max-content; overflow: hidden; }}
svg {{ display: block; }}
pre {{ position: absolute; left: {margin}px; top: {margin}px; margin: 0; color: transparent;
  font: {size}px/{height}px {fonts}; }}
pre::selection {{ background: {color}55; }}
</style>
<main>
{drawing}<pre>
{text}
</pre>
</main>
</html>
"""


def html(screen: Screen) -> str:
    """The screen as a page."""
    drawing = document(screen, drawn(screen.rows, 0, screen.ground), hidden=True)
    return _PAGE.format(
        title=escaped(screen.title),
        ground=screen.ground,
        color=screen.color,
        margin=MARGIN,
        size=FONT_SIZE,
        height=HEIGHT,
        fonts=FONTS,
        drawing=drawing,
        text=escaped("\n".join(screen.lines)),
    )
