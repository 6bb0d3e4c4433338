"""Before anything has been computed: what to press, and why; and in the first epoch, what to press next."""

from __future__ import annotations

from backprop_tui.engine.quantities import Phase
from backprop_tui.tui.pictures.rows import Row, Tone, wrapped
from backprop_tui.tui.view import Node, View

_FIRST_KEYS = (
    ("f", "forward: from input to loss"),
    ("b", "backward: the error is sent back"),
    ("u", "update: the weights take a step"),
    ("s", "one statement at a time"),
)


def beginning_rows(view: View, width: int) -> list[Row]:
    """What there is to say where no statement is shown."""
    if isinstance(view.spot, Node):
        name = view.session.names.unit(*view.spot)
        value = view.text(view.session.now.input(view.spot.unit))
        text = f"{name} = {value} is given: an input of example {view.session.now.example}."
        return wrapped(text, width, Tone.TEXT)
    keys: list[Row] = [((f"  {key}", Tone.KEY), (f"  {words}", Tone.TEXT)) for key, words in _FIRST_KEYS]
    return [
        *wrapped("Nothing has been computed yet.", width, Tone.STRONG),
        *wrapped("Press f first, then b, then u.", width, Tone.TEXT),
        *keys,
        *wrapped("Shift goes back: S F B U. ? tells all.", width, Tone.MUTED),
    ]


def next_key(view: View) -> tuple[str, str]:
    """What to press next, in more and in fewer words, until the first update is over; empty afterwards."""
    session = view.session
    program = session.program
    end = program.iteration_start(1)
    if view.reader is not None or view.predicting or view.exploring or session.comparing.open:
        return "", ""
    if not 0 < view.time <= session.latest <= end:
        return "", ""
    if view.time < session.latest:
        return "that was a step back in time; s takes it again", "next s: take it again"
    if view.time == end and program.iterations_per_epoch > 1:
        return "the weights are new; e runs the rest of the epoch", "next e: the rest of the epoch"
    if view.time == end:
        return "the weights are new; e runs a whole epoch with them", "next e: a whole epoch"
    statement = session.statement
    assert statement is not None
    if statement.phase is Phase.UPDATE:
        return "u runs the rest of the update", "next u: the rest of the update"
    offset = program.place_in_epoch(view.time - 1)[2]
    if statement.phase is Phase.LOSS:
        return "the forward pass is over; b sends the error back", "next b: send the error back"
    if statement.phase is Phase.FORWARD:
        return "f runs the rest of the forward pass", "next f: forward to the loss"
    if offset + 1 < program.layout.block:
        return "b runs the rest of the backward pass", "next b: the rest of the way back"
    if left := program.batch_length(0) - 1 - (statement.slot or 0):
        if statement.slot == 0:
            return "f begins the next example; u runs all, then the update", "next f: the next example"
        return f"u runs the other {left:,} examples, then the update", "next u: the rest of the batch"
    return "every gradient is known; u updates the weights (S: back)", "next u: update the weights"
