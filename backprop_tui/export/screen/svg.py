"""A screen as SVG that looks the same in every renderer: no outside reference, no style sheet, no script.

Lines, blocks and dots are drawn. Everything else is set word by word, each at the place of its first cell, in
the first monospaced font that is there; where its letters are of another width than the cells, a renderer
that knows ``textLength`` spaces them, and one that does not is off by parts of a letter within a word alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from backprop_tui.export.screen.cells import Cell, Row, Screen, Style, cells, mixed
from backprop_tui.export.screen.glyphs import HEIGHT, WAIST, WIDTH, Box, Curve, Dot, is_drawn, shapes

FONT_SIZE = 15
BASELINE = 14
MARGIN = 12
RADIUS = 8
FONTS = (
    "ui-monospace, 'SF Mono', Menlo, 'Cascadia Mono', 'JetBrains Mono', 'DejaVu Sans Mono', "
    "'Liberation Mono', Consolas, monospace"
)
_DOT = 2.6
_UNDERLINE = HEIGHT - 2
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}

Boxes = dict[str, list[Box]]
"""By colour."""


def svg(screen: Screen) -> str:
    """The screen as an SVG picture, with its text as a description."""
    return document(screen, drawn(screen.rows, 0, screen.ground))


def document(screen: Screen, content: Iterable[str], style: str = "", *, hidden: bool = False) -> str:
    """A picture of a screen's size with some content.

    Args:
        screen: says size, ground, title and description.
        content: elements, whose origin is the upper left cell.
        style: a style sheet.
        hidden: whether it is not to be read aloud, because the same text stands beside it.
    """
    width, height = screen.width * WIDTH + 2 * MARGIN, screen.height * HEIGHT + 2 * MARGIN
    role, told = 'aria-hidden="true"', ""
    if not hidden:
        role = 'role="img"'
        told = f"<title>{escaped(screen.title)}</title>\n"
        told += f'<desc xml:space="preserve">{escaped(chr(10).join(screen.lines))}</desc>\n'
    sheet = f"<style>{style}</style>\n" if style else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" {role}>\n{told}{sheet}'
        f'<rect width="{width}" height="{height}" rx="{RADIUS}" fill="{screen.ground}"/>\n'
        f'<g transform="translate({MARGIN} {MARGIN})" font-family="{FONTS}" font-size="{FONT_SIZE}">\n'
        + "".join(f"{element}\n" for element in content)
        + "</g>\n</svg>\n"
    )


def drawn(rows: Sequence[Row], top: int, ground: str) -> Iterator[str]:
    """The elements of some rows.

    Args:
        rows: which.
        top: where the first of them is, from 0.
        ground: what lies behind them already.
    """
    papers: Boxes = defaultdict(list)
    boxes: Boxes = defaultdict(list)
    curves: dict[str, list[str]] = defaultdict(list)
    dots: dict[str, list[str]] = defaultdict(list)
    words: dict[tuple[str, bool, bool], list[str]] = defaultdict(list)
    for number, row in enumerate(rows, top):
        y = number * HEIGHT
        for cell in cells(row):
            _ground(papers, boxes, cell, y, ground)
            for shape in shapes(cell.text) if cell.width == 1 else ():
                _shape(boxes, curves, dots, shape, cell, y)
        for group in _words(row):
            style = group[0].style
            words[style.ink, style.bold, style.italic].append(_set(group, y))
    yield from _filled(papers, ' shape-rendering="crispEdges"')
    yield from _filled(boxes, "")
    for color, paths in curves.items():
        yield f'<path stroke="{color}" fill="none" d="{"".join(paths)}"/>'
    for color, paths in dots.items():
        yield (
            f'<path stroke="{color}" fill="none" stroke-width="{_DOT}" stroke-linecap="round" '
            f'd="{"".join(paths)}"/>'
        )
    for (color, bold, italic), texts in words.items():
        weight = ' font-weight="bold"' if bold else ""
        slant = ' font-style="italic"' if italic else ""
        yield f'<g fill="{color}"{weight}{slant}>{"".join(texts)}</g>'


def escaped(text: str) -> str:
    """Text for XML; what XML cannot have at all is a question mark."""
    return "".join(_ESCAPED.get(c, c) if _is_xml(c) else "?" for c in text)


def _is_xml(character: str) -> bool:
    if character < "\ud800":
        return character >= " " or character in "\t\n"
    return character >= "\ue000" and character not in "\ufffe\uffff"


# What is drawn


def _ground(papers: Boxes, boxes: Boxes, cell: Cell, y: int, ground: str) -> None:
    """The ground of a cell, and the lines through its text."""
    style, x, width = cell.style, cell.x * WIDTH, cell.width * WIDTH
    if style.paper != ground:
        papers[style.paper].append(Box(x, y, width, HEIGHT))
    if style.underline:
        boxes[style.ink].append(Box(x, y + _UNDERLINE, width, 1))
    if style.strike:
        boxes[style.ink].append(Box(x, y + WAIST - 0.5, width, 1))


def _shape(
    boxes: Boxes,
    curves: dict[str, list[str]],
    dots: dict[str, list[str]],
    shape: Box | Curve | Dot,
    cell: Cell,
    y: int,
) -> None:
    style, x = cell.style, cell.x * WIDTH
    if isinstance(shape, Box):
        color = style.ink if shape.share == 1.0 else mixed(style.ink, style.paper, shape.share)
        boxes[color].append(Box(x + shape.x, y + shape.y, shape.width, shape.height))
    elif isinstance(shape, Curve):
        curves[style.ink].append(f"M{x + shape.start[0]:g} {y + shape.start[1]:g}{shape.path}")
    else:
        dots[style.ink].append(f"M{x + shape.x:g} {y + shape.y:g}h.01")


def _filled(boxes: Mapping[str, list[Box]], how: str) -> Iterator[str]:
    """Boxes as one path for each colour, those that touch as one."""
    for color, ones in boxes.items():
        path = "".join(
            f"M{one.x:g} {one.y:g}h{one.width:g}v{one.height:g}h-{one.width:g}z" for one in joined(ones)
        )
        yield f'<path fill="{color}"{how} d="{path}"/>'


def joined(boxes: Iterable[Box]) -> list[Box]:
    """Boxes side by side, or one upon another, as one box."""
    rows: dict[tuple[float, float], list[tuple[float, float]]] = defaultdict(list)
    for one in boxes:
        rows[one.y, one.height].append((one.x, one.x + one.width))
    columns: dict[tuple[float, float], list[tuple[float, float]]] = defaultdict(list)
    for (y, height), spans in rows.items():
        for start, end in _joined_spans(spans):
            columns[start, end].append((y, y + height))
    return [
        Box(start, top, end - start, bottom - top)
        for (start, end), spans in columns.items()
        for top, bottom in _joined_spans(spans)
    ]


def _joined_spans(spans: list[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    spans.sort()
    start, end = spans[0]
    for first, last in spans[1:]:
        if first <= end:
            end = max(end, last)
        else:
            yield start, end
            start, end = first, last
    yield start, end


# What is set


def _words(row: Row) -> Iterator[list[Cell]]:
    """The cells that are set together: words of ASCII in one style, and each other character by itself."""
    word: list[Cell] = []
    for cell in cells(row):
        apart = cell.text > "~" or cell.width != 1
        if word and (apart or cell.text.isspace() or not _alike(cell.style, word[0].style)):
            yield word
            word = []
        if apart:
            if not (cell.text.isspace() or is_drawn(cell.text)):
                yield [cell]
        elif not cell.text.isspace():
            word.append(cell)
    if word:
        yield word


def _alike(one: Style, other: Style) -> bool:
    return (one.ink, one.bold, one.italic) == (other.ink, other.bold, other.italic)


def _set(word: list[Cell], y: int) -> str:
    first = word[0]
    width = sum(cell.width for cell in word) * WIDTH
    length = f' textLength="{width}"' if len(word) > 1 else ""
    if first.text > "~":
        length = f' textLength="{width}" lengthAdjust="spacingAndGlyphs"'
    text = escaped("".join(cell.text for cell in word))
    return f'<text x="{first.x * WIDTH}" y="{y + BASELINE}"{length}>{text}</text>'
