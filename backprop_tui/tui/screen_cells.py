"""What the debugger shows, read off Textual as a grid of styled cells."""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style as RichStyle
from rich.terminal_theme import TerminalTheme
from textual._compositor import LayoutUpdate
from textual.app import App

from backprop_tui.export.screen.cells import Run, Screen, Style
from backprop_tui.tui.colours.themes import DARK, LIGHT

_OWN = {
    True: (
        "#101317 #ff7b72 #56c271 #d9b24c #74a7ff #d891ef #56c5d6 #d5dae1",
        "#7d8590 #ff9a92 #7ad992 #ecc96a #98beff #e6b1f7 #7fd8e6 #ffffff",
    ),
    False: (
        "#1b2430 #a82323 #0e6b2d #7d5a00 #1f4fb5 #8d1b8d #0b6674 #d9dde2",
        "#5b6570 #bd2f22 #17753a #86620a #2c5bc4 #a02aa0 #14707e #ffffff",
    ),
}
"""What a picture has for a terminal's sixteen colours, dim and bright, on a dark (True) or a light ground."""


def screen_of(app: App[Any], title: str = "") -> Screen:
    """The screen as it is now.

    Args:
        app: one that runs; with or without a terminal.
        title: the picture's.
    """
    theme, colours = app.current_theme, app.theme_variables
    color, ground = colours["ink"].lower(), colours["background"].lower()
    if theme.ansi:  # the terminal's own, which a picture has none of
        ours = DARK if theme.dark else LIGHT
        color, ground = str(ours.foreground), str(ours.background)
    dim, bright = ([_rgb(one) for one in row.split()] for row in _OWN[theme.dark])
    palette = TerminalTheme(_rgb(ground), _rgb(color), dim, bright)
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    assert isinstance(update, LayoutUpdate)
    styles: dict[RichStyle | None, Style] = {}
    rows = []
    for strips in update.strips:
        runs: list[Run] = []
        for text, style, _ in Segment.simplify(segment for strip in strips for segment in strip):
            if not text:
                continue
            if style not in styles:
                styles[style] = _style(style or RichStyle.null(), palette)
            shown = "".join(c if c.isprintable() else " " if c.isspace() else "?" for c in text)
            runs.append(Run(shown, styles[style], cell_len(shown)))
        rows.append(tuple(runs))
    return Screen(tuple(rows), app.size.width, color, ground, title)


def _style(style: RichStyle, palette: TerminalTheme) -> Style:
    return Style(
        _hex(style.color, palette, foreground=True),
        _hex(style.bgcolor, palette, foreground=False),
        bold=bool(style.bold),
        italic=bool(style.italic),
        underline=bool(style.underline or style.underline2),
        strike=bool(style.strike),
        dim=bool(style.dim),
        reverse=bool(style.reverse),
    )


def _hex(color: Color | None, palette: TerminalTheme, *, foreground: bool) -> str:
    if color is None:
        color = Color.default()
    return str(color.get_truecolor(palette, foreground=foreground).hex)


def _rgb(color: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(color[1:])
    return red, green, blue
