"""A caption above a picture: in a line or two of words, what is to be seen in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from backprop_tui.tui.pictures.rows import Picture, Row, Tone, filled, shortened, wrapped

LEAST = 4
"""A picture of fewer rows leaves the words out."""
MOST_LINES = 2
HIGH = 11
"""A picture of so many rows has room for one line more."""


def captioned(
    words: str,
    width: int,
    height: int,
    draw: Callable[[int, int], Picture],
    tone: Tone = Tone.TEXT,
    *,
    shorter: Sequence[str] = (),
) -> Picture:
    """What *draw* draws beneath the words, in exactly *height* rows of *width* cells.

    Where there is no room for all clauses of the words, those after the last semicolon go first, and then
    shorter words are taken.

    Args:
        words: the caption.
        width: of the whole, in cells.
        height: of the whole.
        draw: draws the picture in the width and the height that are left.
        tone: of the words.
        shorter: the same in fewer and fewer words.

    """
    most = MOST_LINES + (height >= HIGH)
    above: list[Row] = []
    for form in (words, *shorter):
        above = wrapped(form, width, tone)
        while len(above) > most and "; " in form:
            form = form.rpartition("; ")[0]
            above = wrapped(form, width, tone)
        if len(above) <= most:
            break
    if len(above) > most:
        last = "".join(text for text, _ in above[most - 1])
        above = [*above[: most - 1], ((shortened(f"{last} …", width - 1), tone),)]
    if height - len(above) < LEAST:
        above = above[: max(0, height - LEAST)]
    return (*filled(above, width, len(above)), *draw(width, height - len(above)))


def only_words(words: str, width: int, height: int) -> Picture:
    """What there is to say where there is nothing to draw yet."""
    return filled(wrapped(words, width, Tone.MUTED), width, height)
