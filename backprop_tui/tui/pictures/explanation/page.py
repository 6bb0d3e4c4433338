"""The page of a statement: formula or chain, result, and a sentence that is always in sight.

Where not all of it fits, its middle is told in one row; scrolling shows every row.
"""

from __future__ import annotations

from typing import NamedTuple

from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.network.names import shown
from backprop_tui.program.explanations.explanation import Explanation
from backprop_tui.tui.pictures.explanation.body import Bodies, Body, cut_short, with_keys
from backprop_tui.tui.pictures.explanation.chain import chain_bodies
from backprop_tui.tui.pictures.explanation.derivation import OFFER, derivation_rows, going_on
from backprop_tui.tui.pictures.explanation.formula import formula_bodies
from backprop_tui.tui.pictures.marks import ALL_MARKS, RECORDED_MARKS
from backprop_tui.tui.pictures.rows import Row, Span, Tone, row_width, wrapped
from backprop_tui.tui.pictures.waiting import said, waits
from backprop_tui.tui.view import View

_words = lazy_module("backprop_tui.analysis.mark_words")  # few units have a mark
_verdicts = lazy_module("backprop_tui.tui.pictures.explanation.verdict")  # few numbers were predicted


class Page(NamedTuple):
    """An explanation at a size."""

    front: list[Row]
    """What is shown before anybody scrolls."""
    full: list[Row]
    """All rows."""


def explanation_page(view: View, explanation: Explanation, width: int, height: int) -> Page:
    """The explanation of the subject at a size.

    The view keeps it: a pane asks for it once to paint and once or twice for its number of rows. Saves 0.15
    of 1.3 ms a key of 16-16-16-4 at 120x40.
    """
    key = ("explanation", width, height)
    page: Page | None = view.kept.get(key)
    if page is None:
        above = [] if view.verdict is None else _verdicts.verdict_rows(view, width)
        page = _laid_out(view, explanation, width, height - len(above))
        if view.keys:
            page = Page(with_keys(view, page.front), with_keys(view, page.full))
        if above:
            page = Page([*above, *page.front], [*above, *page.full])
        view.kept[key] = page
    return page


def _laid_out(view: View, explanation: Explanation, width: int, height: int) -> Page:
    waiting = waits(view)
    words = wrapped(said(view, explanation.sentence), width, Tone.MUTED if waiting else Tone.TEXT)
    if not waiting and (found := _mark(view, explanation)):
        words += wrapped(found, width, Tone.WARNING)
    if explanation.warning:
        words += wrapped(explanation.warning, width, Tone.WARNING)
    if view.derives:
        rows = [*derivation_rows(view, explanation, width), (), *words]
        rows.insert(0, going_on(view, scrolls=len(rows) >= height))
        return Page(rows, rows)
    origins = _origins(view, explanation, width)
    below = [*words, origins] if view.term or explanation.derivation else words
    page = _fitted(_bodies(view, explanation, width, height - len(below)), below, width, height)
    if page.front is page.full:
        rows = page.full
        if below is words and len(rows) < height:
            rows.append(origins)
        told = [note for note in explanation.notes if note != explanation.warning]
        notes = [row for note in told for row in wrapped(note, width, Tone.MUTED)]
        if len(rows) + len(notes) < height:
            rows += [(), *notes]
    return page


def _bodies(view: View, explanation: Explanation, width: int, room: int) -> Bodies:
    chain = explanation.chain
    if chain is None or len(chain.paths[0].factors) < 2:
        return formula_bodies(view, explanation, width)
    return chain_bodies(view, explanation, chain, width, room)


def _fitted(bodies: Bodies, below: list[Row], width: int, height: int) -> Page:
    """The fullest body that leaves room for the words below it; a blank row between them goes first."""
    full: list[Row] = []
    body = Body([])
    for body in bodies:
        rows = [*body.rows, (), *below]
        full = full or rows
        if len(rows) > height:
            rows = [*body.rows, *below]
        if len(rows) <= height:
            return Page(rows, rows if body.whole else full)
    room = height - len(below)
    return Page([*cut_short(body.rows, room, width), *below] if room > 0 else full, full)


def _mark(view: View, explanation: Explanation) -> str:
    """What is wrong with the unit of a slope or an error signal; empty where nothing is."""
    kind, layer, unit, _ = explanation.statement.quantity
    if kind not in (Kind.ACTIVATION_DERIVATIVE, Kind.DELTA) or layer is None or unit is None:
        return ""
    found = view.marks.get((layer, unit))
    if found is None:
        return ""
    mark = ALL_MARKS[found.value]
    if mark.word in RECORDED_MARKS:
        return ""  # the statement's own warning says more
    if mark.word in ("vanishing", "exploding"):
        return f"{mark.sign} {mark.word}: {mark.meaning}" if kind is Kind.DELTA else ""
    slope = view.session.now.read(Quantity(Kind.ACTIVATION_DERIVATIVE, layer, unit)).value
    return "" if slope is None else f"{mark.sign} {_words.mark_words(found, slope)}"


def _origins(view: View, explanation: Explanation, width: int) -> Row:
    """What enter does: the derivation it unfolds, or the terms it leads to, the chosen one marked."""
    names = [shown(term.symbol) for term in view.origins]
    if explanation.derivation and not view.term:
        offer = OFFER.format(enter=view.key("enter"))
        then = ", then why " if names else ""
        return ((offer, Tone.KEY), (then, Tone.MUTED), *_chosen(names, 0, width - len(offer) - len(then)))
    why = f" {view.key('enter')}: why "
    if not names or width < 30:
        return ()
    return ((why, Tone.MUTED), *_chosen(names, min(view.term, len(names) - 1), width - len(why)))


def _chosen(names: list[str], chosen: int, room: int) -> list[Span]:
    """As many names as fit whole, the chosen one among them and marked."""
    spans = [(f"‹{n}›", Tone.KEY) if i == chosen else (f" {n} ", Tone.MUTED) for i, n in enumerate(names)]
    first = next((i for i in range(chosen) if row_width(spans[i : chosen + 1]) <= room), chosen)
    end = next((i for i in range(len(spans), chosen, -1) if row_width(spans[first:i]) <= room), first)
    return spans[first:end]
