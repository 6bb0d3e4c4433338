"""The status line above the panes and the line of keys below them."""

from __future__ import annotations

from collections.abc import Sequence

from backprop_tui.history.moment import Moment
from backprop_tui.session.comparing import progress
from backprop_tui.tui.pictures.rows import Row, Span, Tone, fitted, row_width, shortened
from backprop_tui.tui.view import PHASE_GLYPHS, PHASE_TONES, View

LEAST_TITLE = 6
"""The cells that are left for the title when there are losses of other runs to be shown."""


def status_row(view: View, width: int) -> Row:
    """Where we are: network, epoch and step, phase, example and loss; where that is too much, what runs."""
    session = view.session
    program = session.program
    label = session.network.iteration_label(program.iteration_at(max(0, session.time - 1)))
    where = f"{label or f'epoch {session.epoch}'}  step {session.step}/{program.statements}"
    right: list[Span] = [(shortened(where, width), Tone.STRONG)]
    if (phase := session.now.phase) is not None:
        right.append((f"  {PHASE_GLYPHS[phase]} {phase}", PHASE_TONES[phase]))
    if program.examples > 1:
        example = f"example {session.now.example}" + (f" of {program.examples}" if width >= 100 else "")
        rank = session.network.rank_of(session.now.example)
        example += "" if rank is None else f"  rank {rank}"
        right.append((f"  {example}", Tone.TEXT))
    if session.now.reached:
        right += _losses(view, width - row_width(right))
    if view.predicting:
        right = _with_score(right, f"  predict {view.predicting}", width)
    end: list[Span] = [(f"  {view.running}", Tone.WARNING)] if view.running else []
    end.append((" ", Tone.TEXT))
    while len(right) > 1 and row_width([*right, *end]) > width:
        del right[-1]
    right += end
    room = width - row_width(right) - 2
    title = f" {session.network.title}"
    shape = f"  {session.network.shape}"
    left: list[Span] = [(shortened(title, room) if room > 1 else "", Tone.STRONG)]
    if len(title) + len(shape) <= room:
        left.append((shape, Tone.MUTED))
    middle = max(0, width - row_width(left) - row_width(right))
    return fitted([*left, (" " * middle, Tone.TEXT), *right], width)


def _with_score(spans: list[Span], score: str, width: int) -> list[Span]:
    """The score of predictions after the rest, of which what comes last goes first where room is scarce."""
    while len(spans) > 1 and row_width(spans) + len(score) + LEAST_TITLE > width:
        del spans[-1]
    return [*spans, (score, Tone.KEY)]


def _losses(view: View, room: int) -> list[Span]:
    """The loss, in *room* cells; of runs beside each other all that fit, the debugged one's first."""
    comparing = view.session.comparing
    name = f"  L {comparing.debugged.name} " if comparing.others else "  L "
    loss, tone = view.cell(view.session.now.loss, max(0, room - len(name)))
    if len(loss) > room - len(name):
        return []
    spans: list[Span] = [(f"{name}{loss.strip()}", tone)]
    room -= LEAST_TITLE
    for one in comparing.others:
        text, tone = "…", Tone.MUTED
        if progress(one.run, view.time, view.time).at_hand:
            text, tone = view.cell(Moment(one.run, view.time).loss, 0)
        added = (f"  {one.name} {text.strip()}", tone)
        if row_width([*spans, added]) > room:
            break
        spans.append(added)
    return spans


def footer_row(keys: Sequence[tuple[str, str, int]], width: int) -> Row:
    """As many of the keys as fit whole: (key, label, rank), those of the lowest rank first to go."""
    kept = list(keys)
    while kept and sum(len(key) + len(label) + 3 for key, label, _ in kept) > width:
        kept.remove(min(kept, key=lambda entry: entry[2]))
    spans: list[Span] = [(" ", Tone.TEXT)]
    for key, label, _ in kept:
        spans += [(key, Tone.KEY), (f" {label}  ", Tone.MUTED)]
    return fitted(spans, width)
