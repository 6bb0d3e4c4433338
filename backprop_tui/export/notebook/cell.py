"""What a notebook's cell shows: the drawing and the calculation of the exported page, as one piece of HTML.

It refers to nothing outside itself, runs no script, and whatever a person named is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from math import isfinite

from backprop_tui.engine.gradient_check import Compared, GradientCheck
from backprop_tui.export.drawing.network import moment_svg, network_svg
from backprop_tui.export.notebook.look import style
from backprop_tui.export.notebook.statement import DIGITS, statement_rows
from backprop_tui.network.description import Network
from backprop_tui.program.explanations.explanation import Explanation
from backprop_tui.program.number_text import number
from backprop_tui.session.session import Session

MOST_COMPARED = 8
"""How many parameters a gradient check lists, those that agree least."""


def cell(what: object) -> str:
    """A network, a session, a statement or a gradient check as HTML.

    Raises:
        TypeError: it is none of these.
    """
    match what:
        case Network():
            kind, rows = "", _network(what)
        case Session():
            kind, rows = _phase(what.now.phase), _session(what)
        case Explanation():
            kind, rows = _phase(what.statement.phase), _statement(what)
        case GradientCheck():
            kind, rows = "", _check(what)
        case _:
            raise TypeError(f"nothing says how to show a {type(what).__name__}")
    return f'<div class="backprop {kind}">{style()}{"".join(rows)}</div>'


def _phase(phase: str | None) -> str:
    return "" if phase is None else str(phase)


def _network(network: Network) -> Iterator[str]:
    training, count, size = network.training, len(network.data), network.batch_size
    title = "" if network.title == network.shape else f"<b>{_words(network.title)}</b> "
    many = f"{network.parameters:,} parameters"
    yield f'<p class="head">{title}{network.shape} <span class="muted">{many}</span></p>'
    yield f'<div class="drawing">{network_svg(network, standalone=False)}</div>'
    activations = ", ".join(layer.activation_name for layer in network.layers)
    examples = f"{count:,} example{'s' if count > 1 else ''}"
    examples += f", {size:,} in a batch" if size < count else ""
    optimizer = f"{training.optimizer_name}, η {training.learning_rate:g}"
    facts = " · ".join((activations, training.loss_name, optimizer, examples))
    yield f'<p class="muted">{_words(facts)}</p>'


def _session(session: Session) -> Iterator[str]:
    now, program = session.now, session.program
    title = _words(session.network.title)
    phase = f' <span class="phase">{now.phase}</span>' if now.phase else ""
    where = f"epoch {session.epoch}, step {session.step}/{program.statements}"
    loss = f" · L {_words(number(now.loss.value, DIGITS))}" if now.loss.value is not None else ""
    yield f'<p class="head"><b>{title}</b> <span class="muted">{where}{loss}</span>{phase}</p>'
    yield f'<div class="drawing">{moment_svg(now, standalone=False)}</div>'
    explanation = session.explain(most=MOST_COMPARED)
    if explanation is not None:
        yield from statement_rows(explanation)


def _statement(explanation: Explanation) -> Iterator[str]:
    statement = explanation.statement
    where = f"epoch {statement.epoch}, step {statement.step}"
    phase = f'<span class="phase">{statement.phase}</span>'
    yield f'<p class="head"><span class="muted">{where}</span> {phase}</p>'
    yield from statement_rows(explanation)


def _check(check: GradientCheck) -> Iterator[str]:
    wrong = len(check.disagreeing)
    count = f"{check.checked:,} gradient{'s' if check.checked != 1 else ''}"
    verdict = f"✗ {wrong:,} of {count} disagree" if wrong else f"✓ {count} agree"
    error = f"largest relative error {check.max_relative_error:.1e}"
    yield (
        f'<p class="head"><b>{verdict}</b> <span class="muted">with central differences; {error}</span></p>'
    )
    rows = sorted((one for one in check.compared if not one.kink), key=_worst, reverse=True)
    head = ("parameter", "gradient", "central difference", "relative error")
    titles = "".join(
        f'<th class="{"number" if place else ""}">{title}</th>' for place, title in enumerate(head)
    )
    yield f"<table><tr>{titles}</tr>{''.join(map(_row, rows[:MOST_COMPARED]))}</table>"
    if len(rows) > MOST_COMPARED:
        yield f'<p class="muted">and {len(rows) - MOST_COMPARED:,} more, which agree better</p>'
    kinks = len(check.compared) - check.checked
    if kinks:
        yield f'<p class="muted">{kinks:,} at a kink of an activation could not be compared</p>'


def _worst(one: Compared) -> float:
    return one.relative_error if isfinite(one.relative_error) else float("inf")


def _row(one: Compared) -> str:
    what = f"layer {one.layer}, unit {one.unit}, " + ("bias" if one.below is None else f"input {one.below}")
    figures = (number(one.analytic, 9), number(one.numeric, 9), f"{one.relative_error:.1e}")
    cells = "".join(f'<td class="number">{_words(figure)}</td>' for figure in figures)
    return f"<tr><td>{what}</td>{cells}</tr>"


def _words(text: str) -> str:
    return escape(text, quote=False)
