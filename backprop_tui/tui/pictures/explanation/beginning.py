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
    key = view.key
    widest = max(len(key(shipped)) for shipped, _ in _FIRST_KEYS)
    keys: list[Row] = [
        ((f"  {key(shipped).ljust(widest)}", Tone.KEY), (f"  {words}", Tone.TEXT))
        for shipped, words in _FIRST_KEYS
    ]
    first, then, last = map(key, "fbu")
    backwards = " ".join(map(key, "SFBU"))
    return [
        *wrapped("Nothing has been computed yet.", width, Tone.STRONG),
        *wrapped(f"Press {first} first, then {then}, then {last}.", width, Tone.TEXT),
        *keys,
        *wrapped(
            f"{'These go' if view.keys else 'Shift goes'} back: {backwards}. {key('?')} tells all.",
            width,
            Tone.MUTED,
        ),
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
    s, f, b, u, e = map(view.key, "sfbue")
    if view.time < session.latest:
        return f"that was a step back in time; {s} takes it again", f"next {s}: take it again"
    if view.time == end and program.iterations_per_epoch > 1:
        return f"the weights are new; {e} runs the rest of the epoch", f"next {e}: the rest of the epoch"
    if view.time == end:
        return f"the weights are new; {e} runs a whole epoch with them", f"next {e}: a whole epoch"
    statement = program.statement(view.time - 1)  # the session may be elsewhere already
    if statement.phase is Phase.UPDATE:
        return f"{u} runs the rest of the update", f"next {u}: the rest of the update"
    offset = program.place_in_epoch(view.time - 1)[2]
    if statement.phase is Phase.LOSS:
        return f"the forward pass is over; {b} sends the error back", f"next {b}: send the error back"
    if statement.phase is Phase.FORWARD:
        return f"{f} runs the rest of the forward pass", f"next {f}: forward to the loss"
    if offset + 1 < program.layout.block:
        return f"{b} runs the rest of the backward pass", f"next {b}: the rest of the way back"
    if left := program.batch_length(0) - 1 - (statement.slot or 0):
        if statement.slot == 0:
            return (
                f"{f} begins the next example; {u} runs all, then the update",
                f"next {f}: the next example",
            )
        return f"{u} runs the other {left:,} examples, then the update", f"next {u}: the rest of the batch"
    back = view.key("S")
    return f"every gradient is known; {u} updates the weights ({back}: back)", f"next {u}: update the weights"
