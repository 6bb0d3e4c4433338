"""A flight recorder around an unchanged training loop: hooks that look, and change nothing."""

from __future__ import annotations

import math
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Any

import torch

from backprop_tui.pytorch.errors import PyTorchError, brief
from backprop_tui.pytorch.models.following import DROPOUTS, unwrapped
from backprop_tui.pytorch.recording.conditions import Values, judge, parsed
from backprop_tui.pytorch.recording.described_model import WITHOUT_DROPOUT, described_model
from backprop_tui.pytorch.recording.gradients import Gradients
from backprop_tui.pytorch.recording.kept import (
    NOT_DIRECT,
    Copies,
    Iteration,
    Options,
    Pass,
    State,
    dtype_name,
)
from backprop_tui.pytorch.recording.rank_folder import RankFolder
from backprop_tui.pytorch.recording.recordable import rank, require_recordable, world
from backprop_tui.pytorch.recording.surroundings.elsewhere import elsewhere
from backprop_tui.pytorch.recording.surroundings.scaling import calling_scale, fused_scale
from backprop_tui.pytorch.recording.surroundings.termination import Termination
from backprop_tui.pytorch.recording.updates.beginnings import MADE_FINITE, OTHERWISE, Beginnings
from backprop_tui.pytorch.recording.updates.settling import DROPPED, by_itself, notes_on, settle
from backprop_tui.pytorch.recording.values import values_of
from backprop_tui.pytorch.recording.warned import NOT_OPENED, of_first_update, of_what_is_recorded, warn

LOOKING_BACK = 5
"""Iterations whose values a condition may ask for: ``previous`` may be nested four deep."""
MOST_WAITING = 8
"""Passes of the model for which a loss may still come."""
MOST_GIVEN_UP = 8
"""Passes that are kept of attempts at one update that were given up."""
NO_PASS = (
    "the loss is called and the model is not; of a compiled model, record what torch.compile gave; "
    "around a model a checkpoint has to be one with use_reentrant=False"
)
MOST_WINDOWS = 8
"""Windows that the condition writes, and the first of numbers that are not finite; later ones are counted."""


class Recorder:
    """As ``doors.record``."""

    def __init__(self, folder: Path, model: Any, loss: Any, optimizer: Any, keep: int, when: str) -> None:
        require_recordable(model, loss, optimizer, keep)
        self._model, self._loss, self._optimizer, self._keep = model, loss, optimizer, keep
        condition = parsed(when) if when else None
        self._judged = judge(condition.root) if condition else None
        self._said = str(condition)
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
        self._every = (keep + 1) // 2
        self._gradients, self._options, self._copies = Gradients(optimizer), Options(optimizer), Copies()
        self._beginnings = Beginnings(unwrapped(model), optimizer) if about["layers"] else None
        """None where there is no replay."""
        followed = model.modules() if about["layers"] else ()
        self._dropouts = [one for one in followed if isinstance(one, DROPOUTS) and one.p]
        """Those that were off when recording began."""
        self._states: list[State] = []
        self._ring: list[Iteration] = []
        self._values: deque[Values] = deque(maxlen=LOOKING_BACK)
        self._current = Iteration(0)
        self._waiting: deque[Pass] = deque(maxlen=MOST_WAITING)
        """Passes of the model whose loss has not been computed."""
        self._stepping = self._refused = self._held = self._unwritten = self._warned = False
        self._not_finite = self._by_closure = self._called = self._raised = False
        self._by_condition = 0
        self._handles: list[Any] = []
        self._termination = Termination(lambda: self._try_to_write("exception", "SIGTERM"))

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
        eager = torch.compiler.disable  # within a compiled model hooks would be compiled away
        self._handles = [
            model.register_forward_pre_hook(eager(self._before_forward), with_kwargs=True),
            model.register_forward_hook(eager(self._after_forward)),
            loss.register_forward_hook(eager(self._after_loss), with_kwargs=True),
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

    # Hooks

    def _before_forward(self, _: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        if torch.is_grad_enabled() and not elsewhere():
            if self._dropouts and any(one.training for one in self._dropouts):
                self._note(DROPPED)
                if not self._warned:
                    self._warned = True
                    warn(f"{NOT_OPENED}: {DROPPED}. What would do: {WITHOUT_DROPOUT}")
            self._waiting.append(
                Pass(self._copies.of(arguments), self._copies.of(keywords) if keywords else {})
            )

    def _after_forward(self, _: Any, __: Any, output: Any) -> None:
        if self._waiting and torch.is_grad_enabled() and not elsewhere():
            self._waiting[-1].remember(output)

    def _after_loss(self, _: Any, arguments: tuple[Any, ...], keywords: dict[str, Any], value: Any) -> None:
        if not (isinstance(value, torch.Tensor) and value.requires_grad) or elsewhere():
            return
        self._called = True
        given = (*arguments, *keywords.values()) if keywords else arguments
        waiting = self._waiting
        if len(waiting) == 1 and waiting[0].gave(given[0]):  # as it nearly always is
            one = waiting.pop()
            one.targets = self._copies.of(given[1:])
        else:
            found = self._taken(given)
            if found is None:
                return
            one = found
            others = [tensor for tensor in given if not one.gave(tensor)]
            one.targets = self._copies.of(tuple(others if one.direct else others[1:]))
        one.loss = _mean(value)
        current = self._current
        current.passes.append(one)
        node, place = value.grad_fn, value.output_nr
        if node is None:  # the loss is a parameter
            value.register_hook(lambda gradient: self._backward(current, one, gradient))
        else:  # which leaves nothing on the loss itself
            node.register_prehook(lambda gradients: self._backward(current, one, gradients[place]))

    def _taken(self, given: tuple[Any, ...]) -> Pass | None:
        """The pass of the model that a loss was computed of."""
        waiting = self._waiting
        one = next((one for one in waiting if any(map(one.gave, given))), None)
        again = None if one else next((p for p in self._current.passes if any(map(p.gave, given))), None)
        if again is not None:
            return again.again()
        if one is None:
            if not waiting:
                self._note("a loss was computed without a new pass of the model")
                if not (self._ring or self._current.passes or self._warned):
                    self._warned = True
                    warn(f"nothing is recorded: {NO_PASS}")
                return None
            one = waiting[-1]
            one.direct = False
            self._note(NOT_DIRECT)
        elif len(waiting) > 1:
            self._note(
                "the model was called several times before the loss; the pass that the loss took is kept"
            )
        waiting.clear()
        return one

    def _backward(self, current: Iteration, one: Pass, gradient: Any) -> None:
        """Before the gradient goes on from the loss to the model."""
        if current is not self._current or gradient is None:
            return
        begins = one.backwards == 0
        first = current.passes[0] is one or not any(other.backwards for other in current.passes)
        share = _mean(gradient)
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
        if not all(math.isfinite(one.loss) for one in passes):  # else a gradient scaler's daily business
            self._judge(values_of(current, passes))

    def _before_step(self, optimizer: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        current = self._current
        self._stepping = True
        # the passes of a closure come within the step, before it changes anything
        self._by_closure = [*arguments[1:], keywords.get("closure")][0] is not None
        if not self._by_closure:
            self._look(optimizer, current)
        current.groups = self._options.now()
        if self._refused:
            return
        if self._begins_anew(current):
            self._states.clear()  # from none of them a replay comes to this one
        if current.number % self._every == 0 or not self._states:
            self._states.append(State(current.number, self._model, self._optimizer))

    def _begins_anew(self, current: Iteration) -> bool:
        """Whether this update does not follow from the one before."""
        beginnings = self._beginnings
        if beginnings is None:
            return False
        if said := beginnings.written():
            self._note(said)
            return True
        if self._ring and self._ring[-1].made_finite:
            self._note(MADE_FINITE)
            return True
        if beginnings.otherwise(current.groups, current.still):
            self._note(OTHERWISE)
            return True
        return False

    def _look(self, optimizer: Any, current: Iteration) -> None:
        """See what the optimizer takes."""
        settle(current)
        if self._beginnings is not None:
            current.still = self._beginnings.still()
        current.grad_norm_at_step, touched, current.scaled_uniformly = self._gradients.measure_again()
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
        if current.number == 0 and not self._warned:
            said = of_first_update(self._called, current.passes, self._loss)
            self._warned = bool(said)
            if said:
                warn(said)

    def _after_step(self, optimizer: Any, *_: Any) -> None:
        current = self._current
        if self._by_closure:
            self._look(optimizer, current)
        self._stepping = False
        if self._refused:
            self._refused = False
            self._give_up(current, len(current.passes))
            return
        current.stepped = True
        if self._beginnings is not None:
            self._beginnings.updated(current.groups, current.still)
        self._ring.append(current)
        self._current = Iteration(current.number + 1)
        self._unwritten = True
        self._forget()
        if self._judged is not None:
            self._judge(values_of(current))

    def _judge(self, values: Values) -> None:
        """Write where the condition has become true."""
        if self._judged is None:
            return
        self._values.append(values)
        now = self._judged(self._values)
        began = now and bool(values["not_finite"]) and not self._not_finite
        self._not_finite |= began
        if now and (began or not self._held):
            self._by_condition += 1
            if began or self._by_condition <= MOST_WINDOWS:
                self._try_to_write("condition", self._said)
        self._held = now

    def _forget(self) -> None:
        """Keep what the last iterations need: back to the latest parameters before the first of them."""
        first, states = self._current.number - self._keep, self._states
        start = max((state.number for state in states if state.number <= first), default=first)
        if states[0].number >= start and self._ring[0].number >= start:
            return
        self._states = [state for state in states if state.number >= start]
        self._copies.free([one for one in self._ring if one.number < start])
        self._ring = [one for one in self._ring if one.number >= start]

    def _note(self, text: str) -> None:
        if text not in self._current.notes:
            self._current.notes.append(text)

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
        iterations, states = list(self._ring), list(self._states)
        unfinished = self._current.unfinished(self._raised)
        changed = "" if self._beginnings is None or self._stepping else self._beginnings.written()
        if unfinished is not None:
            unfinished.notes = [*unfinished.notes, *notes_on(unfinished), *([changed] if changed else [])]
            iterations.append(unfinished)
        if not iterations:
            return None
        known = self._stepping or any(state.number == self._current.number for state in states)
        if not known and (unfinished is not None or not changed):  # else they are not what the update made
            states.append(State(self._current.number, self._model, self._optimizer))
        written = self._folder.write(iterations, states, reason, said, self._by_condition)
        self._unwritten = False
        return written


def _mean(tensor: Any) -> float:
    return float(tensor.item() if tensor.numel() == 1 else tensor.detach().double().mean())
