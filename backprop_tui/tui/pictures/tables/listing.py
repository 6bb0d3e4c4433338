"""The listing of the epoch's program: a statement a line, its value beside it, ▶ at the one just run.

Lines are addressed by arithmetic, like the statements: an epoch has a heading before each forward pass,
backward pass and update, and nothing lists them.
"""

from __future__ import annotations

from bisect import bisect_right

from rich.cells import cell_len, set_cell_size

from backprop_tui.engine.quantities import Phase, Quantity
from backprop_tui.history.facts_of_run import NamesOfRun
from backprop_tui.network.names import shown
from backprop_tui.program.explanations.explain import explain
from backprop_tui.program.statements import Statement
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.kept_parts import shelf
from backprop_tui.tui.pictures.rows import Picture, Row, Tone, filled, shortened
from backprop_tui.tui.view import PHASE_GLYPHS, PHASE_TONES, View


class Listing:
    """The lines of one epoch's listing."""

    def __init__(self, session: Session) -> None:
        self._session = session
        program = session.program
        self._forward, self._block = program.layout.forward, program.layout.block
        self._update = program.layout.update
        self._heads = 1 if self._update else 0

    def length(self) -> int:
        """How many lines there are."""
        program = self._session.program
        return program.statements + 2 * program.examples + self._heads * program.iterations_per_epoch

    def line_of(self, step: int) -> int:
        """The line on which the statement with number *step* (from 1) stands."""
        program = self._session.program
        iteration, slot, offset = program.place_in_epoch(step - 1)
        heads = self._first_line(iteration) - program.iteration_start(iteration)
        if slot is None:
            return step - 1 + heads + 2 * program.batch_length(iteration) + 1
        return step - 1 + heads + 2 * slot + (2 if offset > self._forward else 1)

    def _first_line(self, iteration: int) -> int:
        """The line on which an iteration of the epoch begins."""
        examples = self._session.network.batches.start(iteration)
        return examples * (self._block + 2) + iteration * (self._update + self._heads)

    def at(self, line: int) -> int | tuple[Phase, int, int | None]:
        """What stands on a line: a statement's number (from 1), or a heading: phase, iteration, slot."""
        program = self._session.program
        count = program.iterations_per_epoch
        if self._session.network.training.batches:
            iteration = bisect_right(range(count), line, key=self._first_line) - 1
        else:
            per_iteration = program.batch_size * (self._block + 2) + self._update + self._heads
            iteration = min(line // per_iteration, count - 1)
        rest = line - self._first_line(iteration)
        first = program.iteration_start(iteration)
        slot, offset = divmod(rest, self._block + 2)
        length = program.batch_length(iteration)
        if slot >= length:
            offset = rest - length * (self._block + 2)
            if offset == 0:
                return Phase.UPDATE, iteration, None
            return first + length * self._block + offset
        if offset == 0:
            return Phase.FORWARD, iteration, slot
        if offset == self._forward + 2:
            return Phase.BACKWARD, iteration, slot
        return first + slot * self._block + offset - (offset > self._forward + 2)


def program_picture(view: View, width: int, height: int, top: int = 0) -> Picture:
    """The lines from *top* on, in exactly *height* rows of *width* cells."""
    session = view.session
    listing = Listing(session)
    subject = view.subject
    now = session.statement
    rows: list[Row] = []
    symbols = min(_symbol_width(session), max(4, width - 14))
    numbers = len(str(session.program.statements))
    sizes = (symbols, numbers, width)
    # Kept: 0.4 of 2.0 ms a key of 16-16-16-4 at 120x40.
    plain = shelf(session, ("plain lines", sizes, view.digits, tuple(session.stopping.marks.items())))
    for line in range(top, min(top + height, listing.length())):
        what = listing.at(line)
        if isinstance(what, tuple):
            rows.append(_heading(view, what, width))
            continue
        time = session.program.time(session.epoch, what)
        if (now is not None and time == now.time) or (subject is not None and time == subject.time):
            statement = session.program.statement(time - 1)
            rows.append(_line(view, statement, now, subject, sizes))
            continue
        ran = time <= view.time
        row = plain.get((time, ran))
        if row is None:
            row = plain[time, ran] = _plain_line(view, time, ran, sizes)
        rows.append(row)
    return filled(rows, width, height)


def _heading(view: View, heading: tuple[Phase, int, int | None], width: int) -> Row:
    phase, iteration, slot = heading
    program = view.session.program
    words = f"{PHASE_GLYPHS[phase]} {phase}"
    if slot is not None and program.examples > 1:
        global_iteration = view.session.epoch * program.iterations_per_epoch + iteration
        example = view.session.run.timeline.example(global_iteration, slot)
        words += f"  example {example}"
        if (rank := view.session.network.rank_of(example)) is not None:
            words += f"  rank {rank}"
    elif slot is None and program.iterations_per_epoch > 1:
        label = view.session.network.iteration_label(iteration)
        words += f"  {label}" if label else f"  batch {iteration + 1}/{program.iterations_per_epoch}"
    tone = PHASE_TONES[phase]
    rule = "─" * max(0, width - len(words) - 4)
    return (("─ ", Tone.FAINT), (words, tone), (f" {rule}", Tone.FAINT))


def _plain_line(view: View, time: int, ran: bool, sizes: tuple[int, int, int]) -> Row:
    """A line that is neither the one just run nor the one pointed at: it changes only when it runs."""
    then = View(view.session, time if ran else time - 1, view.digits)
    return _line(then, view.session.program.statement(time - 1), None, None, sizes)


def _line(
    view: View,
    statement: Statement,
    now: Statement | None,
    subject: Statement | None,
    sizes: tuple[int, int, int],
) -> Row:
    symbols, numbers, width = sizes
    session = view.session
    is_now = now is not None and statement.time == now.time
    pointed = view.exploring and subject is not None and statement.time == subject.time
    ran = statement.time <= view.time
    mark = "▶" if is_now else "›" if pointed else " "
    if (switched := session.stopping.marks.get(statement.quantity)) is not None:
        mark = "●" if switched else "○"
    phase_tone = PHASE_TONES[statement.phase]
    symbol = _padded(shown(session.run.symbol(statement.quantity)), symbols)
    number = f"{statement.step:>{numbers}} " if width >= 40 else ""
    end = " " if width >= 44 else ""
    room = width - 2 - len(number) - symbols - 3 - 1 - len(end)
    value = shortened(view.text(session.run.readings.at(statement.time), room), room) if ran else "–"
    value_width = max(min(7 if width < 44 else 8, room), len(value))
    room -= value_width
    formula = _padded(_formula(session, statement.quantity), max(0, room))
    if is_now or pointed:
        tone = Tone.NOW if is_now else Tone.CURSOR
        beside = "▶" if is_now and mark != "▶" else " "
        text = f"{mark}{beside}{number}{symbol} = {formula} {value:>{value_width}}{end}"
        return ((text, tone),)
    if not ran:
        text = f" {number}{symbol} = {formula} {value:>{value_width}}{end}"
        return ((mark, Tone.WARNING), (text, Tone.MUTED))
    return (
        (mark, Tone.WARNING),
        (f" {number}", Tone.MUTED),
        (symbol, phase_tone),
        (" = ", Tone.MUTED),
        (formula, Tone.TEXT),
        (f" {value:>{value_width}}{end}", Tone.STRONG),
    )


def _padded(text: str, width: int) -> str:
    """*text* in exactly *width* cells."""
    return set_cell_size(shortened(text, width), width)


def _symbol_width(session: Session) -> int:
    """Cells for the longest symbol: that of the last unit's derivative in some layer, or a given name."""
    names, widths = session.names, session.network.widths
    longest = 0
    for layer in range(1, len(widths)):
        unit, below = widths[layer] - 1, widths[layer - 1] - 1
        candidates = [names.da_dz(layer, unit), "dL_d" + names.weight(layer, unit, below)]
        longest = max(longest, *(cell_len(shown(symbol)) for symbol in candidates))
    return min(longest, 20)


def _formula(session: Session, quantity: Quantity) -> str:
    """The right-hand side with names; it is the same in every epoch and for every example.

    Kept: 0.3 of 1.7 ms a key of 16-16-16-4 at 120x40.
    """
    known = shelf(session, "formulas")
    found: str | None = known.get(quantity)
    if found is None:
        found = known[quantity] = _explained(session, quantity)
    return found


def _explained(session: Session, quantity: Quantity) -> str:
    time = session.program.next_time(quantity, 0)
    assert time is not None
    statement = session.program.statement(time - 1)
    return explain(NamesOfRun(session.run, statement), 3).expression.symbolic()
