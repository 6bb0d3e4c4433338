"""Characters that are drawn, not set: lines and blocks join from cell to cell whatever font there is.

Lengths are pixels, in a cell of ``WIDTH`` × ``HEIGHT``; all edges but those of curves lie on whole pixels.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from unicodedata import name

from msgspec import Struct

WIDTH, HEIGHT = 9, 18
MIDDLE, WAIST = 4.5, 9.5
"""Where lines cross: a light one then covers a whole pixel."""
APART = 2.0
"""From the middle of a double line to each of its lines."""
_THICK = {"LIGHT": 1.0, "SINGLE": 1.0, "HEAVY": 3.0, "DOUBLE": 1.0}
_DASHES = {"DOUBLE": 2, "TRIPLE": 3, "QUADRUPLE": 4}
_WAYS = {"HORIZONTAL": ("LEFT", "RIGHT"), "VERTICAL": ("UP", "DOWN")}
_TURNED = {"UP": "DOWN", "DOWN": "UP", "LEFT": "RIGHT", "RIGHT": "LEFT"}
_DASH_SHARE = 0.6
"""How much of its place a dash fills."""
_SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}
_QUARTERS = dict(
    zip(
        "▖▗▘▙▚▛▜▝▞▟",
        ((2,), (3,), (0,), (0, 2, 3), (0, 3), (0, 1, 2), (0, 1, 3), (1,), (1, 2), (1, 2, 3)),
        strict=True,
    )
)
"""Which quarters of the cell are filled: upper left and right, lower left and right."""
_BRAILLE_BITS = (0, 3, 1, 4, 2, 5, 6, 7)
"""The bit of each dot, row by row from the left."""


class Box(Struct, frozen=True):
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    share: float = 1.0
    """How much of its colour it has; the rest is the ground's."""


class Curve(Struct, frozen=True):
    """A light line, as a path of SVG moved to the cell's place."""

    start: tuple[float, float]
    path: str
    """What follows the start, with relative coordinates."""


class Dot(Struct, frozen=True):
    """A dot of a braille character, by its middle."""

    x: float
    y: float


Shape = Box | Curve | Dot


@cache
def shapes(character: str) -> tuple[Shape, ...]:
    """What a character is drawn with; nothing where it is set as text."""
    if "\u2500" <= character <= "\u257f":
        return tuple(_line(name(character).removeprefix("BOX DRAWINGS ")))
    if "\u2580" <= character <= "\u259f":
        return tuple(_block(character))
    if "\u2800" <= character <= "\u28ff":
        return tuple(_braille(ord(character) - 0x2800))
    return ()


def is_drawn(character: str) -> bool:
    """Whether a character is drawn."""
    return "\u2500" <= character <= "\u259f" or "\u2800" <= character <= "\u28ff"


def _braille(bits: int) -> Iterator[Shape]:
    for place, bit in enumerate(_BRAILLE_BITS):
        if bits >> bit & 1:
            yield Dot(WIDTH * (1 + 2 * (place % 2)) / 4, HEIGHT * (1 + 2 * (place // 2)) / 8)


def _block(character: str) -> Iterator[Shape]:
    code = ord(character)
    eighth = HEIGHT / 8
    if character in _SHADES:
        yield Box(0, 0, WIDTH, HEIGHT, _SHADES[character])
    elif character in _QUARTERS:
        half = WIDTH / 2
        for quarter in _QUARTERS[character]:
            yield Box(half * (quarter % 2), HEIGHT // 2 * (quarter // 2), half, HEIGHT / 2)
    elif character == "▀":
        yield Box(0, 0, WIDTH, HEIGHT / 2)
    elif character == "▐":
        yield Box(WIDTH / 2, 0, WIDTH / 2, HEIGHT)
    elif character == "▔":
        yield Box(0, 0, WIDTH, eighth)
    elif character == "▕":
        yield Box(WIDTH * 7 / 8, 0, WIDTH / 8, HEIGHT)
    elif code <= 0x2588:  # from a lower eighth to the full block
        height = eighth * (code - 0x2580)
        yield Box(0, HEIGHT - height, WIDTH, height)
    else:  # from seven left eighths to one
        yield Box(0, 0, WIDTH * (0x2590 - code) / 8, HEIGHT)


def _line(words: str) -> Iterator[Shape]:
    """What Unicode's name of a character of box drawing says."""
    if "DIAGONAL" in words:
        if "CROSS" in words or "UPPER RIGHT" in words:
            yield Curve((WIDTH, 0), f"l-{WIDTH} {HEIGHT}")
        if "CROSS" in words or "UPPER LEFT" in words:
            yield Curve((0, 0), f"l{WIDTH} {HEIGHT}")
        return
    if "DASH" in words:
        weight, dashes, _, way = words.split()
        yield from _dashed(_THICK[weight], _DASHES[dashes], way == "HORIZONTAL")
        return
    arms = _arms(words.replace("ARC ", ""))
    if "ARC" in words:
        yield _arc("RIGHT" in arms, "DOWN" in arms)
        return
    for way in arms:
        yield from _arm(way, arms)


def _arms(words: str) -> dict[str, str]:
    """The weight of each arm: ``LIGHT VERTICAL AND RIGHT`` has three."""
    arms: dict[str, str] = {}
    weight = ""
    for group in words.split(" AND "):
        parts = group.split()
        weight = next((part for part in parts if part in _THICK), weight)
        for part in parts:
            if part not in _THICK:
                arms.update(dict.fromkeys(_WAYS.get(part, (part,)), weight))
    return arms


def _arm(way: str, arms: dict[str, str]) -> Iterator[Box]:
    """The boxes of one arm, from the cell's edge to where they meet the others."""
    before, after = ("UP", "DOWN") if way in ("LEFT", "RIGHT") else ("LEFT", "RIGHT")
    thick = _THICK[arms[way]]
    if arms[way] == "DOUBLE":
        for side, near, far in ((-APART, before, after), (APART, after, before)):
            if arms.get(near) == "DOUBLE":
                start = APART - thick / 2
            elif arms.get(far) == "DOUBLE":
                start = -APART - thick / 2
            else:
                start = -thick / 2
            yield _reaching(way, start, side, thick)
        return
    doubles = [arms.get(one) == "DOUBLE" for one in (before, after)]
    if all(doubles) and _TURNED[way] not in arms:
        start = APART - thick / 2
    elif any(doubles) and not all(doubles):
        start = -APART - thick / 2
    else:
        start = -max([thick, *(_THICK[arms[one]] for one in (before, after) if one in arms)]) / 2
    yield _reaching(way, start, 0.0, thick)


def _reaching(way: str, start: float, side: float, thick: float) -> Box:
    """From *start* beyond the middle to the cell's edge, *side* pixels beside the middle."""
    if way in ("LEFT", "RIGHT"):
        y = WAIST + side - thick / 2
        if way == "RIGHT":
            return Box(MIDDLE + start, y, WIDTH - MIDDLE - start, thick)
        return Box(0, y, MIDDLE - start, thick)
    x = MIDDLE + side - thick / 2
    if way == "DOWN":
        return Box(x, WAIST + start, thick, HEIGHT - WAIST - start)
    return Box(x, 0, thick, WAIST - start)


def _dashed(thick: float, count: int, across: bool) -> Iterator[Box]:
    whole = WIDTH if across else HEIGHT
    place = whole / count
    gap = place * (1 - _DASH_SHARE)
    for number in range(count):
        start = number * place + gap / 2
        if across:
            yield Box(start, WAIST - thick / 2, place - gap, thick)
        else:
            yield Box(MIDDLE - thick / 2, start, thick, place - gap)


def _arc(right: bool, down: bool) -> Curve:
    """A rounded corner, from the edge above or below to the edge at the side."""
    radius = MIDDLE
    straight = HEIGHT - WAIST - radius if down else WAIST - radius
    sign, turn = (-1, 1) if down else (1, -1)
    across = radius if right else -radius
    sweep = 1 if right == down else 0
    start = (MIDDLE, float(HEIGHT) if down else 0.0)
    return Curve(
        start,
        f"v{_short(sign * straight)}a{_short(radius)} {_short(radius)} 0 0 {sweep} "
        f"{_short(across)} {_short(-turn * radius)}",
    )


def _short(number: float) -> str:
    return f"{number:g}"
