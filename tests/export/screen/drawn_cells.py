"""Reads an SVG of ours back into cells, by what a renderer would paint: nothing of the writer is used."""

from __future__ import annotations

import re
from xml.etree import ElementTree

WIDTH, HEIGHT, BASELINE = 9, 18, 14
"""Of a cell, as the pictures have it."""
NUMBER = r"-?(?:\d+\.?\d*|\.\d+)"
BOX = re.compile(rf"M({NUMBER}) ({NUMBER})h({NUMBER})v({NUMBER})h-{NUMBER}z")


class Canvas:
    """What has been painted: letters and grounds by cell, and everything else as boxes and points."""

    def __init__(self) -> None:
        self.letters: dict[tuple[int, int], tuple[str, str, bool, bool]] = {}
        """By column and row: the character, its colour, whether bold, whether italic."""
        self.boxes: list[tuple[str, float, float, float, float]] = []
        self.strokes: list[tuple[str, float, float]] = []
        """Colour and start of each curve and dot."""

    def color_at(self, x: float, y: float) -> str | None:
        """The colour of the last box over a point."""
        found = None
        for color, left, top, width, height in self.boxes:
            if left <= x < left + width and top <= y < top + height:
                found = color
        return found


def plain(tag: str) -> str:
    return tag.rpartition("}")[2]


def painted(text: str, *, shown: set[str] | None = None) -> Canvas:
    """What an SVG shows; of groups with a class, those that are *shown*."""
    root = ElementTree.fromstring(text)
    assert plain(root.tag) == "svg"
    canvas = Canvas()
    (content,) = (one for one in root if plain(one.tag) == "g")
    for element in content:
        name = element.get("class")
        if name is None:
            paint(canvas, element)
        elif shown is None or name in shown:
            for one in element:
                paint(canvas, one)
    return canvas


def paint(canvas: Canvas, element: ElementTree.Element) -> None:
    if plain(element.tag) == "rect":
        y, width, height = (float(element.get(name, 0)) for name in ("y", "width", "height"))
        rows = range(round(y / HEIGHT), round((y + height) / HEIGHT))
        canvas.letters = {place: one for place, one in canvas.letters.items() if place[1] not in rows}
        canvas.boxes.append((element.get("fill"), 0.0, y, width, height))
        canvas.strokes = [one for one in canvas.strokes if not y <= one[2] <= y + height]
    elif plain(element.tag) == "path":
        path = element.get("d", "")
        if element.get("fill") == "none":
            starts = re.findall(rf"M({NUMBER}) ({NUMBER})", path)
            canvas.strokes += [(element.get("stroke"), float(x), float(y)) for x, y in starts]
            return
        boxes = BOX.findall(path)
        assert BOX.sub("", path) == "", path
        canvas.boxes += [(element.get("fill"), *map(float, box)) for box in boxes]
    else:
        assert plain(element.tag) == "g"
        for word in element:
            assert plain(word.tag) == "text"
            column, row = float(word.get("x")) / WIDTH, (float(word.get("y")) - BASELINE) / HEIGHT
            assert column == int(column), "text begins at a cell"
            assert row == int(row)
            look = (
                element.get("fill"),
                element.get("font-weight") == "bold",
                element.get("font-style") == "italic",
            )
            letters = word.text or ""
            length = word.get("textLength")
            if len(letters) > 1:
                assert length is not None
            for place, letter in enumerate(letters):
                canvas.letters[int(column) + place, int(row)] = (letter, *look)
