"""Our themes, and the colours of the domain for every theme.

Forward, loss, backward and update take the colours of Okabe and Ito's palette, which people with any kind
of colour vision can tell apart; a glyph or an attribute always says the same.
"""

from __future__ import annotations

from textual.theme import BUILTIN_THEMES, Theme

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
        "faint": "#4c5a70",
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
        "faint": "#a3adba",
        "pane-border": "#b8c2cf",
    },
)

OURS = (DARK, LIGHT)
STANDARD = DARK.name
"""The theme that holds where none was chosen."""


def names() -> tuple[str, ...]:
    """The names of all themes, ours first."""
    return (*(theme.name for theme in OURS), *BUILTIN_THEMES)


DEFAULTS = {
    "forward": "$primary",
    "loss": "$secondary",
    "backward": "$warning",
    "update": "$success",
    "positive": "$primary",
    "negative": "$error",
    "heat-plus": "$primary",
    "heat-minus": "$error",
    "reused": "$accent",
    "muted": "$foreground 65%",
    "faint": "$foreground 35%",
    "pane-border": "$foreground 25%",
}
"""For Textual's own themes: the domain's colours from the theme's."""
