"""Which of an iteration's passes are in the gradient that the optimizer takes, and what is noted of them."""

from __future__ import annotations

from backprop_tui.pytorch.recording.memory.iterations import Iteration

_GIVEN_UP = "given up before, without an update"
NOT_CLEARED = "the gradient of an earlier update was not cleared before"
NO_LOSS = "an update without a backward pass through the loss"
DROPPED = "a Dropout was on, and what it dropped is not recorded"
ASIDE = "its gradient was taken by torch.autograd.grad"


def settle(current: Iteration) -> None:
    """Leave out passes whose gradient is not in this update."""
    passes = current.passes
    if len(passes) == 1 and passes[0].backwards == 1 and passes[0].fresh and not current.skipped:
        return
    aside = [one for one in passes if one.aside and not one.backwards]
    passes = current.passes = [one for one in passes if one.backwards]
    if current.skipped:
        many = "1 attempt was" if current.skipped == 1 else f"{current.skipped} attempts were"
        before = [note for note in current.notes if not note.endswith(_GIVEN_UP)]
        current.notes = [*before, f"{many} {_GIVEN_UP}"]
    if not passes and len(aside) == 1 and not current.skipped:  # the loop itself gives it to the optimizer
        aside[0].take()
        current.passes = aside
        current.notes.append(ASIDE)
    elif not passes:
        current.notes.append(NO_LOSS)
    elif not passes[0].fresh:
        current.notes.append(NOT_CLEARED)
    if any(one.backwards > 1 for one in passes):
        current.notes.append("several backward passes through one loss")


def by_itself(current: Iteration) -> bool:
    """Whether the optimizer's gradient did not come by a backward pass through the loss."""
    return not current.passes or ASIDE in current.notes


def notes_on(unfinished: Iteration) -> list[str]:
    """What is noted of passes that led to no update."""
    before = any(one.backwards and not one.fresh for one in unfinished.passes[:1])
    return [NOT_CLEARED] if before and NOT_CLEARED not in unfinished.notes else []
