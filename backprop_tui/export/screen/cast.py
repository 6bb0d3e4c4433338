"""Screens one after another as an asciicast (version 2), which terminal players show.

The form: https://docs.asciinema.org/manual/asciicast/v2/. Each key is a marker, at which a player can stop.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence

from backprop_tui.export.screen.animation import Frame, changed
from backprop_tui.export.screen.cells import Row, Style

_CLEAR = "\x1b[?25l\x1b[2J"
_ATTRIBUTES = (
    ("bold", 1),
    ("dim", 2),
    ("italic", 3),
    ("underline", 4),
    ("reverse", 7),
    ("strike", 9),
)


def cast(frames: Sequence[Frame]) -> str:
    """Frames of one size as an asciicast; the last one stays as long as its frame says."""
    first = frames[0].screen
    header = {
        "version": 2,
        "width": first.width,
        "height": first.height,
        "title": first.title,
        "env": {"TERM": "xterm-256color"},
        "theme": {"fg": first.color, "bg": first.ground, "palette": ":".join(_palette())},
    }
    events: list[list[object]] = [[0.0, "o", _CLEAR + "".join(map(_placed, range(first.height), first.rows))]]
    seconds = frames[0].seconds
    for before, frame in itertools.pairwise(frames):
        if frame.key:
            events.append([round(seconds, 3), "m", frame.key])
        painted = "".join(
            _placed(number, row)
            for top, rows in changed(before.screen, frame.screen)
            for number, row in enumerate(rows, top)
        )
        events.append([round(seconds, 3), "o", painted])
        seconds += frame.seconds
    events.append([round(seconds, 3), "o", "\x1b[0m"])
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in (header, *events))


def _placed(number: int, row: Row) -> str:
    """A row, painted where it stands."""
    return f"\x1b[{number + 1};1H" + "".join(f"\x1b[{_sgr(run.style)}m{run.text}" for run in row) + "\x1b[0m"


def _sgr(style: Style) -> str:
    numbers = ["0", *(str(number) for name, number in _ATTRIBUTES if getattr(style, name))]
    for lead, color in (("38", style.color), ("48", style.ground)):
        numbers += [lead, "2", *map(str, bytes.fromhex(color[1:]))]
    return ";".join(numbers)


def _palette() -> list[str]:
    """The sixteen colours of a terminal, which a player asks for; the screen uses none of them."""
    plain = [f"#{r:02x}{g:02x}{b:02x}" for b in (0, 170) for g in (0, 170) for r in (0, 170)]
    bright = [f"#{r:02x}{g:02x}{b:02x}" for b in (85, 255) for g in (85, 255) for r in (85, 255)]
    return plain + bright
