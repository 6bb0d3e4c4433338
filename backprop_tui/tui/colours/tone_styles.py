"""From a tone to a style: which of the theme's colours it takes, and which attributes say the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rich.style import Style
from textual.color import Color

from backprop_tui.tui.colours.themes import parsed
from backprop_tui.tui.pictures.rows import MINUS, PLUS, Tone


class Look(NamedTuple):
    """The theme's variable for the text, attributes, and one for a ground of its own, which may be empty."""

    text: str
    attributes: str = ""
    ground: str = ""


LOOKS: Mapping[Tone, Look] = {
    Tone.TEXT: Look("ink"),
    Tone.MUTED: Look("muted"),
    Tone.FAINT: Look("faint"),
    Tone.STRONG: Look("ink", "bold"),
    Tone.FORWARD: Look("forward", "bold"),
    Tone.LOSS: Look("loss", "bold"),
    Tone.BACKWARD: Look("backward", "bold"),
    Tone.UPDATE: Look("update", "bold"),
    Tone.POSITIVE: Look("positive"),
    Tone.NEGATIVE: Look("negative"),
    Tone.STALE: Look("muted", "italic"),
    Tone.REUSED: Look("reused", "bold", ground="reused-ground"),
    Tone.NOW: Look("background", "bold", ground="now"),
    Tone.CURSOR: Look("ink", "bold underline", ground="panel"),
    Tone.KEY: Look("key", "bold"),
    Tone.WARNING: Look("alert", "bold"),
}
_BLACK, _WHITE = Color.parse("ansi_black"), Color.parse("ansi_bright_white")
_DARK = (1, 4, 5)
"""Those of the terminal's own colours on which white is read better than black: red, blue and magenta."""
_SHARES = (0.18, 0.32, 0.47, 0.63, 0.8, 1.0)
"""How much of its colour a cell of a heat map has, by size; the rest is the background's."""


def style_of(tone: Tone, variables: Mapping[str, str], ground: Color) -> Style:
    """The style of a tone.

    Args:
        tone: what the text is.
        variables: the theme's.
        ground: what lies behind.
    """
    look = LOOKS.get(tone)
    if look is None:
        return _heat(tone, variables, ground)
    if look.ground and variables[look.ground]:
        ground = Color.parse(variables[look.ground])
    text = parsed(variables[look.text])
    if look.text == "background" and text.ansi is not None:
        # The ground of the terminal's own colours is not known, so that it cannot be written with.
        text = _WHITE if ground.ansi in _DARK else _BLACK
    return Style.parse(f"{variables['weight']} {look.attributes}") + Style(
        color=_over(ground, text).rich_color, bgcolor=ground.rich_color
    )


def _over(ground: Color, text: Color) -> Color:
    """A colour that lets some of the ground through, mixed with it; the terminal's own colours are not."""
    return text if text.ansi is not None or ground.ansi is not None else ground + text


def _heat(tone: Tone, variables: Mapping[str, str], ground: Color) -> Style:
    """A cell of a heat map: its colour by sign and size; of a negative one the strokes can be seen."""
    if ground.ansi is not None:  # it cannot be mixed with: shades and strokes alone say how large
        own = "muted" if tone is Tone.NONE else f"heat-{tone.value.split('-')[0]}"
        return Style(color=parsed(variables[own]).rich_color, bgcolor=ground.rich_color)
    if tone is Tone.NONE:
        cell = ground.blend(ground.get_contrast_text(1.0), 0.06, 1.0)
    else:
        sign, level = tone.value.split("-")
        cell = ground.blend(Color.parse(variables[f"heat-{sign}"]), _SHARES[int(level) - 1], 1.0)
    ink = cell.blend(cell.get_contrast_text(1.0), 0.5, 1.0) if tone in MINUS else cell
    return Style(color=ink.rich_color, bgcolor=cell.rich_color)


assert set(LOOKS) | {Tone.NONE, *PLUS, *MINUS} == set(Tone), "every tone has a look"
