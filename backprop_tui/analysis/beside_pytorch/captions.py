"""What PyTorch recorded beside float64, in lines of words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import isfinite

from backprop_tui.analysis.beside_pytorch.recorded import Beside, IterationBeside, LayerBeside, first_apart
from backprop_tui.analysis.mark_words import percent, rough
from backprop_tui.history.run import Run
from backprop_tui.network.description import Network, RecordedIteration
from backprop_tui.network.names import shown
from backprop_tui.program.pytorch_numbers import CLIPPED, clipped_by, in_pytorch

Text = Callable[[float | None], str]
"""A number as a person reads it."""


def type_name(network: Network, place: int) -> str:
    """The type of numbers that PyTorch computed an iteration in: of its outputs, where autocast chose it."""
    assert network.recording is not None
    return network.recording.iterations[place].dtype or (network.pytorch.dtype if network.pytorch else "")


def loss_words(network: Network, one: IterationBeside, text: Text) -> str:
    """``iteration 4,317: loss 2.31 in float16, 2.3094 here (within float16)``."""
    name = type_name(network, one.place)
    numbers = f"loss {text(one.loss.pytorch)} in {name}, {text(one.loss.here)} here"
    return f"iteration {one.recorded.number:,}: {numbers} ({_verdict(one.loss, name)})"


def gradient_words(network: Network, one: IterationBeside, text: Text) -> str:
    """``gradient 812 in float16, 811.3 here (within float16); 1.0 at the step: clipped``."""
    name = type_name(network, one.place)
    numbers = f"gradient {text(one.grad_norm.pytorch)} in {name}, {text(one.grad_norm.here)} here"
    words = f"{numbers} ({_verdict(one.grad_norm, name)})"
    after, why = one.recorded.grad_norm_at_step, _changed(network, one.place, one.recorded)
    return f"{words}; {text(after)} at the step: {why}" if why and after is not None else words


def _verdict(one: Beside, name: str) -> str:
    if one.within:
        return f"within {name}" if isfinite(one.here) else "both not finite"
    return f"{percent(one.apart)} apart" if isfinite(one.apart) else "apart"


def _changed(network: Network, place: int, one: RecordedIteration) -> str:
    """What was done to the gradient before the step; empty where nothing was."""
    ratio, there = clipped_by(one), in_pytorch(network, place)
    if ratio == 1.0:
        return ""
    scaled = there.scaled if there else 1.0
    left = ratio * scaled
    if abs(scaled - 1.0) <= CLIPPED:
        return "clipped" if ratio < 1.0 else f"multiplied by {rough(ratio)}"
    if abs(left - 1.0) <= CLIPPED:
        return f"the loss's factor {scaled:,.6g} was taken off again"
    return f"clipped, of a loss times {scaled:,.6g}" if left < 1.0 else f"multiplied by {rough(ratio)}"


def apart_words(found: Sequence[IterationBeside], count: int) -> str:
    """Where PyTorch's and ours part for the first time; empty where they do not.

    Args:
        found: the iterations that are known.
        count: how many there are in all.

    """
    first = first_apart(found)
    if first is None:
        return "" if len(found) < count else "nowhere apart by more than rounding"
    later = [one.within for one in found if one.place > first.place]
    what = "loss" if not first.loss.within else "gradient"
    number = f"{first.recorded.number:,}"
    if later and any(later):
        return f"first apart at iteration {number}: its {what}"
    return f"apart from iteration {number} on: its {what}"


def parameters_words(run: Run, found: Sequence[LayerBeside]) -> str:
    """Where recorded parameters are furthest from the replay's, by what is allowed; empty where none are."""
    later = [one for one in found if one.place]
    worst = max(later, key=lambda one: one.relative / one.allowed if one.allowed else 0.0, default=None)
    if worst is None:
        return ""
    iterations = run.network.recording.iterations if run.network.recording else ()
    ends = worst.place >= len(iterations)
    when = "after the last iteration" if ends else f"before iteration {iterations[worst.place].number:,}"
    if not worst.difference:
        return "parameters: the same to the bit"
    name, dtype = shown(run.names.parameter(*worst.parameter)), type_name(run.network, 0)
    off = percent(worst.relative) if isfinite(worst.relative) else "not finite, and so"
    verdict = f"within {dtype}" if worst.within else f"more than {dtype} explains"
    return f"parameters: {off} apart at most, {name} {when} ({verdict})"


def ranks_words(one: RecordedIteration) -> str:
    """Which ranks an iteration's examples are from; empty where there is one rank."""
    counts: dict[int, int] = {}
    for rank, examples in one.ranks:
        counts[rank] = counts.get(rank, 0) + examples
    if len(counts) < 2:
        return ""
    ranks, each = list(counts), set(counts.values())
    if len(each) == 1:
        span = f"{ranks[0]} to {ranks[-1]}" if ranks == list(range(ranks[0], ranks[-1] + 1)) else _list(ranks)
        examples = each.pop()
        return f"ranks {span}, {examples} example{'s' if examples > 1 else ''} each"
    return "examples of each rank: " + ", ".join(f"{count} of {rank}" for rank, count in counts.items())


def _list(ranks: Sequence[int]) -> str:
    return ", ".join(map(str, ranks))


def remarks(network: Network, place: int) -> Iterator[str]:
    """What is to be known of an iteration, and of the recording."""
    recording = network.recording
    if recording is None:
        return
    if place < len(recording.iterations):
        one = recording.iterations[place]
        yield from (f"iteration {one.number:,}: {note}" for note in one.notes)
        if ranks := ranks_words(one):
            yield ranks
    yield from recording.said
