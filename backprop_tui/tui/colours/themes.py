"""Our themes, and the colours of the domain for every theme.

Forward, loss, backward and update take the colours of Okabe and Ito's palette; a glyph or an attribute always
says the same. For people who see fewer hues there are themes of two hues and of light and dark. Tests compute
the contrast of every tone, and how far apart tones stay for the eyes that a theme is for.
"""

from __future__ import annotations

from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from backprop_tui.tui.colours.contrast import ENOUGH, readable

DARK = Theme(
    name="backprop-dark",
    dark=True,
    primary="#56b4e9",
    secondary="#8fa3bf",
    accent="#f0e442",
    warning="#e69f00",
    error="#ff6e5e",
    success="#2ec4a0",
    foreground="#d8dee9",
    background="#0e131b",
    surface="#131a24",
    panel="#1b2431",
    variables={
        "forward": "#56b4e9",
        "loss": "#e58fc1",
        "backward": "#f5a83c",
        "update": "#2ec4a0",
        "positive": "#7ea6c9",
        "negative": "#cf8f72",
        "heat-plus": "#5ab8f2",
        "heat-minus": "#e8743b",
        "reused": "#f0e442",
        "muted": "#8593a8",
        "faint": "#5b6a83",
        "pane-border": "#33415a",
    },
)

LIGHT = Theme(
    name="backprop-light",
    dark=False,
    primary="#0b64a0",
    secondary="#4a5a70",
    accent="#8a4b00",
    warning="#9a5b00",
    error="#b3261e",
    success="#006b50",
    foreground="#1c2430",
    background="#f7f8fa",
    surface="#ffffff",
    panel="#e9edf2",
    variables={
        "forward": "#0b64a0",
        "loss": "#9b2f74",
        "backward": "#a8500a",
        "update": "#006b50",
        "positive": "#3a6f9c",
        "negative": "#a3542f",
        "heat-plus": "#0b64a0",
        "heat-minus": "#b8481a",
        "reused": "#7a5c00",
        "muted": "#5b6778",
        "faint": "#8590a0",
        "pane-border": "#b8c2cf",
    },
)

RED_GREEN = Theme(
    name="backprop-red-green",
    dark=True,
    primary="#74b4ff",
    secondary="#9aa6b8",
    accent="#ffe14d",
    warning="#e8a200",
    error="#ffb37a",
    success="#6fb1ff",
    foreground="#dfe6f2",
    background="#0c111b",
    surface="#121926",
    panel="#1a2334",
    variables={
        "forward": "#4f9bff",
        "loss": "#ffffff",
        "backward": "#f2a900",
        "update": "#b89a86",
        "positive": "#6fb1ff",
        "negative": "#e0a23c",
        "heat-plus": "#4fa6ff",
        "heat-minus": "#f0a000",
        "reused": "#ffe97a",
        "muted": "#8b98ad",
        "faint": "#657590",
        "pane-border": "#33415a",
    },
)
"""For eyes that confuse red and green (protanopia, deuteranopia): blue and yellow, light and dark."""

BLUE_YELLOW = Theme(
    name="backprop-blue-yellow",
    dark=True,
    primary="#3fd0c0",
    secondary="#9aa5ab",
    accent="#ffffff",
    warning="#ff8f86",
    error="#ff7f7f",
    success="#4fc9bd",
    foreground="#e2e8ea",
    background="#0d1216",
    surface="#131a20",
    panel="#1b252d",
    variables={
        "forward": "#29c7b8",
        "loss": "#ffffff",
        "backward": "#ff6b6b",
        "update": "#b3a46c",
        "positive": "#4fc9bd",
        "negative": "#ff8f86",
        "heat-plus": "#2fd0c0",
        "heat-minus": "#ff5c5c",
        "reused": "#ffd7d2",
        "muted": "#8d989e",
        "faint": "#67737a",
        "pane-border": "#35434c",
    },
)
"""For eyes that confuse blue and yellow (tritanopia): red and turquoise, light and dark."""

PROJECTOR = Theme(
    name="backprop-projector",
    dark=False,
    primary="#0038a8",
    secondary="#484848",
    accent="#000000",
    warning="#823000",
    error="#8f1d00",
    success="#00563a",
    foreground="#000000",
    background="#ffffff",
    surface="#ffffff",
    panel="#ececec",
    variables={
        "forward": "#0038a8",
        "loss": "#000000",
        "backward": "#823000",
        "update": "#00563a",
        "positive": "#0038a8",
        "negative": "#823000",
        "heat-plus": "#0050c8",
        "heat-minus": "#c24a00",
        "reused": "#000000",
        "reused-ground": "#ffe27a",
        "muted": "#484848",
        "faint": "#767676",
        "pane-border": "#767676",
        "weight": "bold",
    },
)
"""For a projector: few colours, all bold, the contrast of level AAA; what is reused as with a highlighter."""

OURS = (DARK, LIGHT, RED_GREEN, BLUE_YELLOW, PROJECTOR)
STANDARD = DARK.name
"""The theme that holds where none was chosen."""
_OWN = frozenset(theme.name for theme in OURS)

DEFAULTS = {
    "ink": "$foreground",
    "key": "$primary",
    "alert": "$warning",
    "wrong": "$error",
    "now": "$accent",
    "forward": "$primary",
    "loss": "$secondary",
    "backward": "$warning",
    "update": "$success",
    "positive": "$primary",
    "negative": "$error",
    "heat-plus": "$primary",
    "heat-minus": "$error",
    "reused": "$accent",
    "reused-ground": "",
    "muted": "$foreground 65%",
    "faint": "$foreground 35%",
    "pane-border": "$foreground 25%",
    "weight": "",
}
"""The colours of the domain as a theme has them that says nothing of them: from its own."""
TEXTS = (
    *("ink", "key", "alert", "wrong", "now", "forward", "loss", "backward", "update"),
    *("positive", "negative", "reused", "muted"),
)
"""Those of text."""
GROUNDS = ("background", "surface", "panel")
"""What lies behind it."""
LINE = 3.0
"""The least contrast of lines."""


def names() -> tuple[str, ...]:
    """The names of all themes, ours first."""
    return (*(theme.name for theme in OURS), *BUILTIN_THEMES)


def domain_colours(theme: Theme) -> dict[str, str]:
    """The colours of the domain for a theme that says nothing of them.

    In themes that are not ours, text is brought to a contrast of 4.5 with all that lies behind it, and lines
    to 3; but for those of the terminal's own colours, which nobody knows here.
    """
    colours = theme.to_color_system().generate()
    found = {name: _resolved(value, colours) for name, value in DEFAULTS.items()}
    if theme.name not in _OWN and not theme.ansi:
        grounds = [Color.parse(colours[name]) for name in GROUNDS]
        for name in (*TEXTS, "faint"):
            colour = grounds[0] + parsed(found[name])
            found[name] = readable(colour, grounds, LINE if name == "faint" else ENOUGH).hex
    return found


def parsed(value: str) -> Color:
    """A colour as a theme writes it, with the share of it that is opaque: ``#e0e0e0 65%``."""
    name, _, share = value.partition(" ")
    colour = Color.parse(name)
    return colour.multiply_alpha(float(share.removesuffix("%")) / 100) if share else colour


def _resolved(value: str, colours: dict[str, str]) -> str:
    """*value* with the theme's colour in the place of its name."""
    if not value.startswith("$"):
        return value
    name, _, share = value.removeprefix("$").partition(" ")
    return f"{colours[name]} {share}".strip()
