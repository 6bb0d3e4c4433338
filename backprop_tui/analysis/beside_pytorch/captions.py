"""What PyTorch recorded beside float64, in lines of words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from math import isfinite

from backprop_tui.analysis.beside_pytorch.recorded import Beside, IterationBeside, LayerBeside, first_apart
from backprop_tui.analysis.mark_words import percent, rough
from backprop_tui.history.run import Run
from backprop_tui.network.description import NO_ONE_FACTOR, Network, RecordedIteration
from backprop_tui.network.names import shown
from backprop_tui.program.pytorch_numbers import CLIPPED, clipped_by, in_pytorch

Text = Callable[[float | None], str]
"""A number as a person reads it."""


def type_name(network: Network, place: int) -> str:
    """The type of numbers that PyTorch computed an iteration in: of its outputs, where autocast chose it."""
    assert network.recording is not None
    return network.recording.iterations[place].dtype or (network.pytorch.dtype if network.pytorch else "")


def rounded_in(network: Network) -> str:
    """The types that rounded in a recording: ``float32``, or ``float32, float16 under autocast``."""
    own = network.pytorch.dtype if network.pytorch else "float64"
    return f"{own}, {coarsest(network)}" if coarsest(network) != own else own


def coarsest(network: Network) -> str:
    """The types that autocast chose, which round most; without it that of the parameters."""
    own = network.pytorch.dtype if network.pytorch else "float64"
    recording = network.recording
    names = dict.fromkeys(one.dtype for one in recording.iterations) if recording else ()
    others = [name for name in names if name and name != own]
    return f"{' and '.join(others)} under autocast" if others else own


def length_unscaled(network: Network, place: int, length: float) -> float:
    """The length of a gradient without the factor that a loss was multiplied by, as conditions take it."""
    return length / _scaled(network, place)


def _scaled(network: Network, place: int) -> float:
    """The factor of a loss, above 0; 1 too where passes of different lengths leave no one factor."""
    there, recording = in_pytorch(network, place), network.recording
    if there is None or recording is None or NO_ONE_FACTOR.intersection(recording.iterations[place].notes):
        return 1.0
    scaled = there.scaled
    return scaled if abs(scaled - 1.0) > CLIPPED and isfinite(scaled) and scaled > 0.0 else 1.0


def scaled_words(network: Network) -> str:
    """``The loss was multiplied by 65,536; lengths …``; empty where it never was."""
    recording = network.recording
    found: dict[str, None] = {}
    for place in range(len(recording.iterations) if recording else 0):
        if (scaled := _scaled(network, place)) != 1.0:
            found[f"{scaled:,.6g}"] = None
    if not found:
        return ""
    factors = " and ".join(found) if len(found) < 3 else f"factors from {next(iter(found))} on"
    return f"the loss was multiplied by {factors}; the lengths of the gradient are without that"


_NUMBER = re.compile(r"[0-9][0-9.,]*(?:e[-+]?[0-9]+)?")


def distinct_notes(network: Network) -> tuple[tuple[str, int, int], ...]:
    """What is to be known of iterations, each kind once: its first words, their iteration, and how many.

    Words that differ only in their numbers are of one kind.
    """
    found: dict[str, tuple[str, int, int]] = {}
    for one in network.recording.iterations if network.recording else ():
        for kind, note in {_NUMBER.sub("#", note): note for note in one.notes}.items():
            text, first, count = found.get(kind, (note, one.number, 0))
            found[kind] = text, first, count + 1
    return tuple(found.values())


def note_words(text: str, first: int, count: int) -> str:
    """``iteration 10 and 9 more: the gradient … was not cleared before``."""
    more = f" and {count - 1:,} more" if count > 1 else ""
    return f"iteration {first:,}{more}: {text}"


def cause_words(network: Network, found: Sequence[IterationBeside], layers: Sequence[LayerBeside]) -> str:
    """What made PyTorch and float64 part, as far as it can be told from where they first do.

    The first iteration has the very parameters that were recorded: what is apart there is the loss or the
    gradient itself. What is apart only later came with an update.
    """
    first = first_apart(found)
    if first is None:
        return "" if all(one.within for one in layers) else _BY_UPDATE
    if not (isfinite(first.loss.pytorch) and isfinite(first.grad_norm.pytorch)) and first.place:
        return f"PyTorch's numbers are not finite, beyond what {type_name(network, first.place)} can hold"
    if first.place:
        known = [one for one in found if one.place < first.place]
        seen = {_NUMBER.sub("#", note) for one in known for note in one.recorded.notes}
        if new := [note for note in first.recorded.notes if _NUMBER.sub("#", note) not in seen]:
            return new[0]
        before = any(not one.within for one in layers if one.place <= first.place)
        return _BY_UPDATE if before or not first.loss.within else _BY_LOSS
    return "the loss is another one than this" if not first.loss.within else _BY_LOSS


_BY_LOSS = "something else than this loss changed the gradient"
_BY_UPDATE = "something else than the optimizer changed the parameters"


def not_finite_words(found: Sequence[IterationBeside]) -> str:
    """``not finite in both from iteration 11 on``; empty where all numbers are finite."""
    pairs = ((one, pair) for one in found for pair in (one.loss, one.grad_norm))
    first = next((one for one, pair in pairs if not (isfinite(pair.pytorch) or isfinite(pair.here))), None)
    return f"not finite in both from iteration {first.recorded.number:,} on" if first else ""


def loss_words(network: Network, one: IterationBeside, text: Text) -> str:
    """``iteration 4,317: loss 2.31 in float16, 2.3094 here (within float16)``."""
    name = type_name(network, one.place)
    numbers = f"loss {text(one.loss.pytorch)} in {name}, {text(one.loss.here)} here"
    return f"iteration {one.recorded.number:,}: {numbers} ({_verdict(one.loss, name)})"


def short_words(network: Network, one: IterationBeside, text: Text) -> tuple[str, str]:
    """Loss and gradient where there is little room: ``at 4,317: loss 2.31, here 2.3094``."""
    theirs, here = (
        text(length_unscaled(network, one.place, length))
        for length in (one.grad_norm.pytorch, one.grad_norm.here)
    )
    loss = f"at {one.recorded.number:,}: loss {text(one.loss.pytorch)}, here {text(one.loss.here)}"
    return loss, f"gradient {theirs}, here {here}"


def gradient_words(network: Network, one: IterationBeside, text: Text) -> str:
    """``gradient 812 in float16, 811.3 here (within float16); 1.0 at the step: clipped``."""
    name = type_name(network, one.place)
    theirs, here = (
        length_unscaled(network, one.place, length) for length in (one.grad_norm.pytorch, one.grad_norm.here)
    )
    numbers = f"gradient {text(theirs)} in {name}, {text(here)} here"
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
    if not isfinite(worst.relative):
        where = "in PyTorch alone" if isfinite(worst.here) else "here alone"
        return f"parameters: {name} {when} is not finite {where}"
    off = percent(worst.relative)
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
