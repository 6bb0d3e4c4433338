"""The picture of the loss before there is a curve: the examples, and the loss that judges them."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len

from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.tui.pictures.explanation.body import told
from backprop_tui.tui.pictures.explanation.equations import equation
from backprop_tui.tui.pictures.rows import Row, Span, Tone, shortened, wrapped
from backprop_tui.tui.view import View

MOST_SUMMED = 3
"""Of the loss of several outputs so many terms are written out."""
MOST_EXAMPLES = 100
"""More examples than that have room on no screen."""
KEYS = (
    "{f} computes it. After two epochs ({e}, {e}) its curve is drawn here.",
    "{f} computes it; two epochs ({e}, {e}) begin its curve.",
    "{f} computes it; {e}, {e} begin its curve.",
)
"""What to press, in more and in fewer words."""
UNDER_WAY = "{e}, {e}: two epochs begin its curve."
GAP = "  "
ARROW = "  → "


def before_the_curve(view: View, width: int, height: int) -> list[Row]:
    """The examples as a table, the loss's formula, and what draws the curve."""
    count = len(view.session.network.data)
    title = f" {count:,} examples to learn from" if count > 1 else " The example to learn from"
    begun = view.session.now.loss.value is not None
    said = [words.format(f=view.key("f"), e=view.key("e")) for words in ((UNDER_WAY,) if begun else KEYS)]
    keys = next((words for words in said if len(words) + 2 <= width), said[-1])
    below = [*_loss(view, width), *wrapped(keys, width, Tone.MUTED)]
    room = height - 1 - len(below)
    if room < 2:
        return [((title, Tone.STRONG),), *below]
    table = _table(view, width, room)
    blank: list[Row] = [()] if len(table) < room else []
    return [((title, Tone.STRONG),), *table, *blank, *below]


def _loss(view: View, width: int) -> list[Row]:
    """The formula of the loss; its value is no epoch's before the epoch is over."""
    program = view.session.program
    time = program.next_time(Quantity(Kind.LOSS), 0)
    assert time is not None
    explanation = view.session.explain(program.statement(time - 1), MOST_SUMMED)
    assert explanation is not None
    rows = equation(" L = ", explanation.expression.symbolic(), Tone.LOSS, width)
    return [*rows[:-1], told(rows[-1], ("  the loss to make small", "  the loss"), width)]


def _table(view: View, width: int, height: int) -> list[Row]:
    """Inputs and targets of as many examples as there is room for, a row each, below their names."""
    session = view.session
    widths, count = session.network.widths, len(session.network.data)
    shown = count if count < height else max(0, height - 2)
    examples = range(min(shown, MOST_EXAMPLES))
    timeline, time = session.run.timeline, view.time
    left = _columns(
        view,
        [session.names.unit(0, n) for n in range(min(widths[0], width))],
        lambda example, unit: timeline.input(example, unit, time),
        examples,
    )
    right = _columns(
        view,
        [session.names.target(n) for n in range(min(widths[-1], width))],
        lambda example, unit: timeline.target(example, unit, time),
        examples,
    )
    room = width - 1 - len(ARROW)
    right = _that_fit(right, widths[-1], max(room // 2, room - _size(left)))
    left = _that_fit(left, widths[0], room - _size(right))
    rows: list[Row] = []
    for line in range(len(examples) + 1):
        tone = Tone.TEXT if line else Tone.MUTED
        spans: list[Span] = [(f" {GAP.join(column[line] for column in left)}", tone)]
        spans += [(ARROW, Tone.MUTED), (GAP.join(column[line] for column in right), tone)]
        rows.append(tuple(spans))
    if len(examples) < count:
        rows.append(((f" ⋮ {count - len(examples):,} more", Tone.MUTED),))
    return rows


def _columns(
    view: View, names: list[str], value: Callable[[int, int], float], examples: range
) -> list[list[str]]:
    """Columns of names and numbers, each as wide as its widest cell."""
    columns = []
    for unit, name in enumerate(names):
        cells = [shortened(name, 12), *(view.text(value(example, unit)) for example in examples)]
        size = max(map(cell_len, cells))
        columns.append([" " * (size - cell_len(cell)) + cell for cell in cells])
    return columns


def _size(columns: list[list[str]]) -> int:
    return sum(cell_len(column[0]) for column in columns) + len(GAP) * (len(columns) - 1)


def _that_fit(columns: list[list[str]], count: int, room: int) -> list[list[str]]:
    """The first columns that fit, and one of dots where there are more."""
    if len(columns) == count and _size(columns) <= room:
        return columns
    dots = ["…"] * len(columns[0])
    kept = list(columns)
    while len(kept) > 1 and _size([*kept, dots]) > room:
        kept.pop()
    return [*kept, dots]
