"""Contrast of text with what lies behind it, and colours brought to enough of it.

As WCAG 2.2 defines them: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.color import Color

ENOUGH = 4.5
"""The least ratio of text at level AA."""
_STEPS = 64
_ENDS = (Color(255, 255, 255), Color(0, 0, 0))


def luminance(colour: Color) -> float:
    """The relative luminance of an opaque colour, from 0 (black) to 1 (white)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """The ratio of contrast of two opaque colours, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable(text: Color, grounds: Sequence[Color], least: float = ENOUGH) -> Color:
    """A colour for text that can be read on all of some grounds: *text*, or as little from it as needed.

    It is mixed with white or with black, whichever stands out more from the grounds; where not even that has
    the contrast that is wanted, it is that.
    """
    end = max(_ENDS, key=lambda one: _least(one, grounds))
    for step in range(_STEPS + 1):
        found = text.blend(end, step / _STEPS, alpha=1)
        if _least(found, grounds) >= least:
            break
    return found


def _least(text: Color, grounds: Sequence[Color]) -> float:
    return min(contrast(text, ground) for ground in grounds)
