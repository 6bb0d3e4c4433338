"""Screens one after another as one SVG picture: each frame paints what changed over the one before.

A renderer that does not animate, or a person who wants no motion, sees the last one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from backprop_tui.export.screen.cells import Row, Screen
from backprop_tui.export.screen.glyphs import HEIGHT, WIDTH
from backprop_tui.export.screen.svg import document, drawn


class Frame(Struct, frozen=True):
    """A screen, and how long it is shown."""

    screen: Screen
    seconds: float
    key: str = ""
    """The key that led to it."""


def animated_svg(frames: Sequence[Frame]) -> str:
    """Frames of one size as a picture that shows them over and over."""
    whole = sum(frame.seconds for frame in frames)
    first, *others = frames
    content = list(drawn(first.screen.rows, 0, first.screen.ground))
    sheet, shown = "", first.seconds
    before = first.screen
    for number, frame in enumerate(others, 1):
        share = f"{100 * shown / whole:.3f}%"
        sheet += f"@keyframes f{number}{{0%{{visibility:hidden}}{share},to{{visibility:visible}}}}"
        sheet += f".f{number}{{animation:f{number} {whole:g}s step-end infinite}}"
        content.append(f'<g class="f{number}">')
        for top, rows in changed(before, frame.screen):
            content.append(
                f'<rect y="{top * HEIGHT}" width="{frame.screen.width * WIDTH}" '
                f'height="{len(rows) * HEIGHT}" fill="{frame.screen.ground}"/>'
            )
            content.extend(drawn(rows, top, frame.screen.ground))
        content.append("</g>")
        before, shown = frame.screen, shown + frame.seconds
    if sheet:
        sheet += "@media(prefers-reduced-motion:reduce){g{animation:none!important}}"
    return document(frames[-1].screen, content, sheet)


def changed(before: Screen, after: Screen) -> Iterator[tuple[int, list[Row]]]:
    """The rows that changed from one screen to the next, those that follow each other together."""
    top, rows = 0, list[Row]()
    for number, (old, new) in enumerate(zip(before.rows, after.rows, strict=True)):
        if old != new:
            top = top if rows else number
            rows.append(new)
        elif rows:
            yield top, rows
            rows = []
    if rows:
        yield top, rows
