"""Which of the joined iterations a network can replay, and which parameters no update changed in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backprop_tui.pytorch.errors import PyTorchError
from backprop_tui.pytorch.opening.joining.union import Joined, JoinedIteration
from backprop_tui.pytorch.recording.described_model import WITHOUT_DROPOUT
from backprop_tui.pytorch.recording.memory.iterations import NOT_DIRECT
from backprop_tui.pytorch.recording.updates.beginnings import BEGINNINGS, OTHERWISE, way
from backprop_tui.pytorch.recording.updates.settling import DROPPED, NO_LOSS

_REMEDIES = {
    NO_LOSS: "call in the loop the loss module that record was given, not a function in its place",
    NOT_DIRECT: "put what is between, such as a squeeze, into the model, "
    "or give the targets the shape of its output",
    DROPPED: WITHOUT_DROPOUT,
}
"""What would do when it is recorded again."""


def replayable(found: Joined) -> Joined:
    """The iterations after the last that cannot be computed again, or that do not follow from those before.

    Raises:
        PyTorchError: there is none.

    """
    iterations = found.iterations
    for at in reversed(range(len(iterations))):
        one = iterations[at]
        said, first = _unlike(one), one.number + 1
        if not said and at:
            said, first = _anew(iterations[at - 1], one), one.number
        if not said:
            continue
        states = [state for state in found.states if state >= first]
        kept = [other for other in iterations if states and other.number >= states[0]]
        if not kept:
            follows = "passes of the model and a loss of their outputs"
            expected = follows if first > one.number else "parameters that were kept since"
            raise PyTorchError(f"iteration {one.number}", expected, said, hint=_REMEDIES.get(said, ""))
        words = f"left out: iterations {iterations[0].number} to {kept[0].number - 1} ({said})"
        return found._replace(
            iterations=tuple(kept),
            states=tuple(state for state in found.states if state >= kept[0].number),
            said=(words, *found.said),
        )
    if said := next(filter(None, (_begun(note, iterations[0]) for note in iterations[0].notes)), ""):
        words = f"iterations before {iterations[0].number} are left out: {said}"
        return found._replace(said=(words, *found.said))
    return found


def _begun(note: str, one: JoinedIteration) -> str:
    """Why an iteration does not follow from the one before, by a note; empty where it says nothing."""
    known = any(said in note for said in BEGINNINGS)
    return note.replace("this update", f"iteration {one.number}") if known else ""


def _anew(before: JoinedIteration, one: JoinedIteration) -> str:
    """Why an iteration does not follow from the one before; empty where it does."""
    if said := next(filter(None, (_begun(note, one) for note in one.notes)), ""):
        return said
    if before.groups and one.groups and way(before.groups) != way(one.groups):
        return OTHERWISE.replace("this update", f"iteration {one.number}")
    return ""


def _unlike(one: JoinedIteration) -> str:
    """Why an iteration is none of ours; empty where it is one."""
    if not one.parts:
        return NO_LOSS
    if any(note.endswith(DROPPED) for note in one.notes):
        return DROPPED
    if not all(part.direct for part in one.parts):
        return NOT_DIRECT
    if not all(part.examples for part in one.parts):
        return "a batch without examples"
    return ""


def leave_still(
    iterations: Sequence[JoinedIteration], names: Sequence[Sequence[str]], parameters: Mapping[str, Any]
) -> None:
    """Let the parameters that had no gradient need none: no update changed them."""
    groups = next((one.groups for one in iterations if one.groups), ())
    for group, known in zip(groups, names, strict=False):
        if "still" in group:
            for at, name in enumerate(known):
                if parameters.get(name) is not None:
                    parameters[name].requires_grad_(at not in group["still"])
