"""A flight recorder around an unchanged training loop: hooks that look, and change nothing."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import torch

from backprop_tui.pytorch.errors import PyTorchError, brief
from backprop_tui.pytorch.models.following import unwrapped
from backprop_tui.pytorch.models.steps import DROPOUTS
from backprop_tui.pytorch.recording.described_model import WITHOUT_DROPOUT, described_model
from backprop_tui.pytorch.recording.gradients import Gradients
from backprop_tui.pytorch.recording.hook import Hook
from backprop_tui.pytorch.recording.memory.copies import Copies
from backprop_tui.pytorch.recording.memory.iterations import Iteration, Pass
from backprop_tui.pytorch.recording.memory.ring import Ring
from backprop_tui.pytorch.recording.memory.states import Options, State
from backprop_tui.pytorch.recording.passes import Passes, mean
from backprop_tui.pytorch.recording.recordable import rank, require_recordable, world
from backprop_tui.pytorch.recording.surroundings.elsewhere import elsewhere
from backprop_tui.pytorch.recording.surroundings.scaling import calling_scale, fused_scale
from backprop_tui.pytorch.recording.surroundings.termination import Termination
from backprop_tui.pytorch.recording.triggering.trigger import Trigger
from backprop_tui.pytorch.recording.updates.beginnings import MADE_FINITE, OTHERWISE, Beginnings
from backprop_tui.pytorch.recording.updates.settling import DROPPED, by_itself, notes_on, settle
from backprop_tui.pytorch.recording.warned import NOT_OPENED, of_first_update, of_what_is_recorded, warn
from backprop_tui.pytorch.recording.written.described import dtype_name
from backprop_tui.pytorch.recording.written.rank_folder import RankFolder

MOST_GIVEN_UP = 8
"""Passes that are kept of attempts at one update that were given up."""
NO_PASS = (
    "the loss is called and the model is not; of a compiled model, record what torch.compile gave; "
    "around a model a checkpoint has to be one with use_reentrant=False"
)


class Recorder:
    """As ``doors.record``."""

    def __init__(self, folder: Path, model: Any, loss: Any, optimizer: Any, keep: int, when: str) -> None:
        require_recordable(model, loss, optimizer, keep)
        self._model, self._loss, self._optimizer = model, loss, optimizer
        self._trigger = Trigger(when)
        about: dict[str, Any] = {
            "model": type(model).__name__,
            "optimizer": type(optimizer).__name__,
            "dtypes": sorted({dtype_name(one.dtype) for one in model.parameters()}),
            "keep": keep,
            "when": when,
            "torch": torch.__version__,
            "world": world(),
            **described_model(model, loss),
        }
        self._folder = RankFolder(folder, rank(), about)
        if said := of_what_is_recorded(model, loss, optimizer, about):
            warn(said)
        self._gradients, self._options, self._copies = Gradients(optimizer), Options(optimizer), Copies()
        self._ring, self._passes = Ring(keep, self._copies), Passes(self._copies)
        self._beginnings = Beginnings(unwrapped(model), optimizer, self._copies) if about["layers"] else None
        """None where there is no replay."""
        followed = model.modules() if about["layers"] else ()
        self._dropouts = [one for one in followed if isinstance(one, DROPOUTS) and one.p]
        """Those that were off when recording began."""
        self._current = Iteration(0)
        self._stepping = self._refused = self._unwritten = self._warned = False
        self._by_closure = self._called = self._raised = False
        self._handles: list[Any] = []
        self._termination = Termination(lambda name: self._try_to_write("exception", name), self._not_left)

    @property
    def iteration(self) -> int:
        """How many updates there have been."""
        return self._current.number

    @property
    def windows(self) -> tuple[Path, ...]:
        """The files written."""
        return self._folder.windows

    # In and out

    def __enter__(self) -> Recorder:
        if self._handles:
            raise PyTorchError("record", "a recorder that is not recording yet", "one that is")
        self._raised = False
        self._folder.begin()
        self._listen()
        self._termination.begin()
        return self

    def _listen(self) -> None:
        model, loss, optimizer = self._model, self._loss, self._optimizer
        self._handles = [
            model.register_forward_pre_hook(Hook(self._before_forward), with_kwargs=True),
            model.register_forward_hook(Hook(self._after_forward)),
            loss.register_forward_hook(Hook(self._after_loss), with_kwargs=True),
            optimizer.register_step_pre_hook(self._before_step),
            optimizer.register_step_post_hook(self._after_step),
        ]

    def _stop_listening(self) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles = []

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._stop_listening()
        self._raised = isinstance(error, Exception)  # an interruption comes anywhere
        try:
            if self._unwritten or self._current.unfinished(self._raised) is not None:
                self._try_to_write("exception" if kind else "end", brief(error, 200) if error else "")
        finally:
            self._termination.end()
            self._folder.end()

    def _not_left(self) -> None:
        """The process ends, and nobody has left what was entered, as where a trainer's callback was to."""
        asked = hasattr(sys, "ps1")  # then errors end only what was typed
        error = None if asked else getattr(sys, "last_value", None)  # by which it ends
        self.__exit__(type(error) if error else None, error, None)

    # Hooks

    def _before_forward(self, _: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        if torch.is_grad_enabled() and not elsewhere():
            if self._dropouts and any(one.training for one in self._dropouts):
                self._note(DROPPED)
                self._warn_once(f"{NOT_OPENED}: {DROPPED}. What would do: {WITHOUT_DROPOUT}")
            self._passes.begin(arguments, keywords)

    def _after_forward(self, _: Any, __: Any, output: Any) -> None:
        if torch.is_grad_enabled() and not elsewhere():
            self._passes.gave(output)

    def _after_loss(self, _: Any, arguments: tuple[Any, ...], keywords: dict[str, Any], value: Any) -> None:
        if not (isinstance(value, torch.Tensor) and value.requires_grad) or elsewhere():
            return
        self._called = True
        given = (*arguments, *keywords.values()) if keywords else arguments
        current = self._current
        one, note = self._passes.taken(current, given, value)
        if note:
            self._note(note)
        if one is None:
            if not (self._ring.iterations or current.passes):
                self._warn_once(f"nothing is recorded: {NO_PASS}")
            return
        current.passes.append(one)
        node, place = value.grad_fn, value.output_nr
        if node is None:  # the loss is a parameter
            value.register_hook(lambda gradient: self._backward(current, one, gradient))
        else:  # which leaves nothing on the loss itself
            node.register_prehook(lambda gradients: self._backward(current, one, gradients[place]))

    def _backward(self, current: Iteration, one: Pass, gradient: Any) -> None:
        """Before the gradient goes on from the loss to the model."""
        if current is not self._current or gradient is None:
            return
        begins = one.backwards == 0
        first = current.passes[0] is one or not any(other.backwards for other in current.passes)
        share = mean(gradient)
        one.scale += share
        one.backwards += 1
        if begins:
            cleared = self._gradients.cleared()
            one.fresh = (first or current.grad_norm != 0.0) and cleared
            if one.fresh and not first:
                self._give_up(current, current.passes.index(one))
        engine = torch.autograd.Variable._execution_engine

        def measured() -> None:
            norm = self._gradients.measure()
            if begins and current is self._current and not self._gradients.reached():
                one.went_aside(share)
            else:
                current.grad_norm = norm

        # queued again, to come after what others queued (such as DDP's all-reduce)
        engine.queue_callback(lambda: engine.queue_callback(measured))

    def _give_up(self, current: Iteration, count: int) -> None:
        """The gradient of the first passes was cleared before the optimizer took it, or was refused by it."""
        passes = [one for one in current.passes[:count] if one.backwards]
        del current.passes[:count]
        current.skipped += 1
        current.given_up = [*current.given_up, *passes][-MOST_GIVEN_UP:]
        current.attempt = min(len(passes), MOST_GIVEN_UP)
        self._unwritten = True
        finite = all(
            math.isfinite(one.loss) for one in passes
        )  # then it is a gradient scaler's daily business
        if not finite and self._trigger.fires(current, passes):
            self._try_to_write("condition", self._trigger.said)

    def _before_step(self, optimizer: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        current = self._current
        self._stepping = True
        # the passes of a closure come within the step, before it changes anything
        self._by_closure = [*arguments[1:], keywords.get("closure")][0] is not None
        current.groups = self._options.now()
        if not self._by_closure:
            self._look(optimizer, current)
        if self._refused:
            return
        if self._begins_anew(current):
            self._ring.states.clear()  # from none of them a replay comes to this one
        if self._ring.wants_state(current.number):
            self._ring.add_state(self._state())

    def _state(self) -> State:
        """Parameters and the optimizer's state as they are."""
        made = self._beginnings.copies() if self._beginnings is not None else {}
        return State(self._current.number, self._model, self._optimizer, self._copies, made)

    def _begins_anew(self, current: Iteration) -> bool:
        """Whether this update does not follow from the one before."""
        beginnings = self._beginnings
        if beginnings is None:
            return False
        if said := beginnings.written():
            self._note(said)
            return True
        if self._ring.iterations and self._ring.iterations[-1].made_finite:
            self._note(MADE_FINITE)
            return True
        if beginnings.otherwise(current.groups, current.still):
            self._note(OTHERWISE)
            return True
        return False

    def _look(self, optimizer: Any, current: Iteration) -> None:
        """See what the optimizer takes."""
        settle(current)
        current.grad_norm_at_step, touched, current.scaled_uniformly = self._gradients.measure_again()
        if self._beginnings is not None:
            current.still = self._gradients.still()
        if "grad_scale" in optimizer.__dict__:
            scale, self._refused = fused_scale(optimizer)
            current.grad_scale, current.grad_norm_at_step = scale, current.grad_norm_at_step / (scale or 1.0)
        elif touched:
            current.grad_scale = calling_scale()
        if by_itself(current):
            current.scaled_uniformly = None
            current.grad_norm = current.grad_norm_at_step * (current.grad_scale or 1.0)
            if not self._gradients.any:
                current.grad_norm_at_step = None
        if current.number == 0 and (said := of_first_update(self._called, current.passes, self._loss)):
            self._warn_once(said)

    def _after_step(self, optimizer: Any, *_: Any) -> None:
        current = self._current
        if self._by_closure:
            self._look(optimizer, current)
        if self._refused:
            self._refused = self._stepping = False
            self._give_up(current, len(current.passes))
            return
        current.stepped = True
        # in this order, for a signal may come between any two lines and have it written
        self._current = Iteration(current.number + 1)
        self._ring.add(current)
        self._unwritten = True
        if self._beginnings is not None:
            self._beginnings.updated(current.groups, current.still)
        self._stepping = False
        if self._trigger.fires(current):
            self._try_to_write("condition", self._trigger.said)

    def _note(self, text: str) -> None:
        if text not in self._current.notes:
            self._current.notes.append(text)

    def _warn_once(self, text: str) -> None:
        if not self._warned:
            self._warned = True
            warn(text)

    # Writing

    def write(self) -> Path | None:
        """Write now what is kept; the training goes on.

        Returns:
            the file; None where nothing has been kept yet.

        Raises:
            PyTorchError: it cannot be written.

        """
        try:
            with self._termination.put_off():
                return self._write("demand", "")
        except OSError as error:
            found = (error.strerror or str(error)).lower()
            raise PyTorchError(
                "", "a file that can be written", found, source=str(self._folder.place)
            ) from None

    def _try_to_write(self, reason: str, said: str) -> None:
        """Write, or warn: neither a full disk nor anything else here is a reason to end a training."""
        try:
            with self._termination.put_off():
                self._write(reason, said)
        except Exception as error:
            warn(f"the recording was not written: {self._folder.place}: {error}")

    def _write(self, reason: str, said: str) -> Path | None:
        iterations, states = list(self._ring.iterations), list(self._ring.states)
        unfinished = self._current.unfinished(self._raised)
        changed = "" if self._beginnings is None or self._stepping else self._beginnings.written()
        if unfinished is not None:
            unfinished.notes = [*unfinished.notes, *notes_on(unfinished), *([changed] if changed else [])]
            iterations.append(unfinished)
        if not iterations:
            return None
        known = self._stepping or any(state.number == self._current.number for state in states)
        if not known and (unfinished is not None or not changed):  # else they are not what the update made
            states.append(self._state())
        written = self._folder.write(iterations, states, reason, said, self._trigger.count)
        self._unwritten = False
        return written
