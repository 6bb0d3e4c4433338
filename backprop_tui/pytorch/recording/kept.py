"""What a recorder keeps in memory: copies of batches, parameters and state, the latest iterations alone."""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from typing import Any

import torch

from backprop_tui.pytorch.errors import brief
from backprop_tui.pytorch.recording.surroundings.shards import own_part

NOT_DIRECT = "the loss was given something else than the model's output"
"""What is noted of a pass that is not ``direct``."""


class Pass:
    """One forward pass of the model with its loss."""

    __slots__ = (
        "arguments",
        "aside",
        "backwards",
        "direct",
        "dtype",
        "fresh",
        "keywords",
        "loss",
        "output",
        "scale",
        "shape",
        "targets",
    )

    def __init__(self, arguments: Any, keywords: Any) -> None:
        self.arguments = arguments
        self.keywords = keywords
        self.output: Any = None
        """A weak reference to what the model gave, to know it again where the loss takes it."""
        self.dtype: Any = None
        """Of that output; under autocast another one than the parameters'."""
        self.shape: tuple[int, ...] = ()
        """Of it."""
        self.targets: Any = ()
        self.loss = 0.0
        self.direct = True
        """Whether the loss took the model's output itself."""
        self.scale = 0.0
        self.backwards = 0
        self.aside = 0.0
        """Its scale where its gradient went elsewhere than to the parameters, as by torch.autograd.grad."""
        self.fresh = True
        """Whether there was no gradient before its backward pass."""

    def remember(self, output: Any) -> None:
        """Know the model's output again."""
        if isinstance(output, torch.Tensor):
            self.output, self.dtype, self.shape = weakref.ref(output), output.dtype, output.shape
        elif (first := first_tensor(output)) is not None:
            self.dtype, self.shape = first.dtype, first.shape

    def gave(self, output: Any) -> bool:
        """Whether that is the output of this pass."""
        return self.output is not None and self.output() is output

    def again(self) -> Pass:
        """The same pass for another loss of its output, as where losses for two targets are weighted."""
        other = Pass(copied(self.arguments), copied(self.keywords))
        other.output, other.dtype, other.shape = self.output, self.dtype, self.shape
        return other

    def went_aside(self, share: float) -> None:
        """A backward pass has left nothing in the gradients of the parameters."""
        self.backwards -= 1
        self.scale -= share
        self.aside = share

    def take(self) -> None:
        """What went aside was given to the optimizer after all."""
        self.backwards, self.scale, self.fresh = 1, self.aside, True

    @property
    def examples(self) -> int:
        """The first dimension of the first tensor that the model was given; 0 where there is none."""
        first = first_tensor((self.arguments, self.keywords))
        return 0 if first is None or not first.dim() else len(first)


class Iteration:
    """What led to one update."""

    __slots__ = (
        "attempt",
        "given_up",
        "grad_norm",
        "grad_norm_at_step",
        "grad_scale",
        "groups",
        "notes",
        "number",
        "passes",
        "scaled_uniformly",
        "skipped",
        "stepped",
        "still",
    )

    def __init__(self, number: int) -> None:
        self.number = number
        self.passes: list[Pass] = []
        self.grad_norm = 0.0
        """After the last backward pass."""
        self.grad_norm_at_step: float | None = None
        """When the optimizer took it; differs where something clipped or scaled it."""
        self.scaled_uniformly: bool | None = None
        """Where it was touched in between: whether by one factor, as clipping by norm does."""
        self.grad_scale: float | None = None
        """By what a gradient scaler multiplied the loss; the optimizer took the gradient divided by it."""
        self.groups: list[dict[str, Any]] = []
        self.still: list[list[int]] = []
        """Of each group the places of the parameters that had no gradient."""
        self.stepped = False
        self.skipped = 0
        """How many attempts at this update were given up: their gradient was cleared, not taken."""
        self.given_up: list[Pass] = []
        """The last passes of those attempts."""
        self.attempt = 0
        """How many of them are of the last attempt."""
        self.notes: list[str] = []

    @property
    def loss(self) -> float:
        """The mean over the passes."""
        return mean_loss(self.passes) if self.passes else 0.0

    @property
    def held(self) -> Iterator[Any]:
        """The tensors that its passes were given, and what else they were given."""
        for one in self.passes:
            yield from one.arguments
            yield from one.targets

    @property
    def made_finite(self) -> bool:
        """Whether its gradient was not finite until something changed it, as ``nan_to_num_`` does."""
        after = self.grad_norm_at_step
        return not math.isfinite(self.grad_norm) and after is not None and math.isfinite(after)

    def unfinished(self, raised: bool) -> Iteration | None:
        """What there is of an update that was not made, without passes that were only looked at.

        These are without a backward pass, as of a validation in which gradients were not switched off. One
        whose loss is not finite stays, for a training often ends there, and so does the last before an error.

        Args:
            raised: whether an error ended the training.

        """
        last = self.passes[-1:] if raised else []
        kept = [one for one in self.passes if one.backwards or not math.isfinite(one.loss) or one in last]
        if not kept and not self.given_up:
            return None
        found = copy(self)
        found.passes = kept
        return found


def mean_loss(passes: Sequence[Pass]) -> float:
    """The mean of their losses."""
    return sum(one.loss for one in passes) / len(passes)


class State:
    """Parameters, buffers and the optimizer's state before an iteration."""

    def __init__(
        self, number: int, model: Any, optimizer: Any, copies: Copies, made: Mapping[int, Any]
    ) -> None:
        """Copy it.

        Args:
            number: that of the iteration.
            model: with its parameters.
            optimizer: with its state.
            copies: makes copies.
            made: the copies that there are of parameters, by the ids of these.

        """
        self.number = number
        named = (*model.named_parameters(), *model.named_buffers())
        self.parameters = {
            name: made[id(one)] if id(one) in made else copies.of(one.detach()) for name, one in named
        }
        known = {id(one): name for name, one in model.named_parameters()}
        self.groups: list[dict[str, Any]] = []
        self.tensors: dict[str, Any] = {}
        self.values: dict[int, dict[str, Any]] = {}
        count = 0
        for group in optimizer.param_groups:
            numbers = range(count, count + len(group["params"]))
            count += len(group["params"])
            names = [known.get(id(one), "") for one in group["params"]]
            self.groups.append({**options(group), "params": list(numbers), "param_names": names})
            for number, parameter in zip(numbers, group["params"], strict=True):
                for key, value in optimizer.state.get(parameter, {}).items():
                    if isinstance(value, torch.Tensor):
                        self.tensors[f"{number}/{key}"] = copies.of(value)
                    else:
                        self.values.setdefault(number, {})[key] = simple(value)

    @property
    def held(self) -> Iterator[Any]:
        """Its tensors."""
        yield from self.parameters.values()
        yield from self.tensors.values()


def options(group: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a parameter group."""
    return {key: simple(value) for key, value in group.items() if key not in ("params", "param_names")}


def simple(value: Any) -> Any:
    """A value that JSON has."""
    if isinstance(value, torch.Tensor) and value.numel() == 1:
        return value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return [simple(one) for one in value] if isinstance(value, (tuple, list)) else brief(value)


def copied(what: Any) -> Any:
    """Tensors copied to the CPU, in tuples, lists and dictionaries as they are."""
    if isinstance(what, torch.Tensor):
        return own_part(what.detach()).to("cpu", copy=True)
    if isinstance(what, (tuple, list)):
        return (tuple if isinstance(what, tuple) else list)(map(copied, what))
    return {str(key): copied(value) for key, value in what.items()} if isinstance(what, Mapping) else what


def first_tensor(what: Any) -> Any:
    """The first tensor in tuples, lists and dictionaries; None where there is none."""
    if isinstance(what, torch.Tensor):
        return what
    inside = what.values() if isinstance(what, Mapping) else what if isinstance(what, (tuple, list)) else ()
    return next((found for found in map(first_tensor, inside) if found is not None), None)


def dtype_name(dtype: Any) -> str:
    """A dtype as text, as in ``float32``."""
    return str(dtype).removeprefix("torch.")


class Copies:
    """Copies in the memory of those that are no longer kept: fresh memory is slow at first."""

    def __init__(self) -> None:
        self._free: dict[Any, list[Any]] = {}

    def of(self, what: Any) -> Any:
        """As ``copied``."""
        if type(what) is torch.Tensor:
            free = self._free.get((what.shape, what.dtype))
            if not free or not what.is_contiguous():
                return copied(what)
            return free.pop().copy_(what.detach() if what.requires_grad else what)
        return tuple([self.of(one) for one in what]) if type(what) is tuple else copied(what)

    def free(self, tensors: Iterable[Any]) -> None:
        """Take the memory of what is forgotten; of what was free before, let go."""
        self._free = {}
        for one in tensors:
            if type(one) is torch.Tensor and one.is_contiguous():
                self._free.setdefault((one.shape, one.dtype), []).append(one)


class Options:
    """The options of an optimizer's parameter groups, made anew only where they have changed."""

    def __init__(self, optimizer: Any) -> None:
        self._optimizer = optimizer
        self._last: list[Mapping[str, Any] | None] = []
        """Each group as it was; None where something in it may change without becoming another object."""
        self._made: list[dict[str, Any]] = []

    def now(self) -> list[dict[str, Any]]:
        """A dictionary a group; the same list again while nothing changes."""
        groups = self._optimizer.param_groups
        if len(groups) != len(self._last) or not all(map(_unchanged, groups, self._last)):
            self._made = [options(group) for group in groups]
            self._last = [{**group} if _steady(group) else None for group in groups]
        return self._made


def _unchanged(group: Mapping[str, Any], last: Mapping[str, Any] | None) -> bool:
    if last is None or group["params"] is not last["params"]:
        return False
    try:
        return bool(group == last)
    except RuntimeError:  # a tensor has come into it
        return False


def _steady(group: Mapping[str, Any]) -> bool:
    def fixed(value: Any) -> bool:
        return all(map(fixed, value)) if isinstance(value, tuple) else isinstance(value, (int, float, str))

    return all(
        value is None or fixed(value) for key, value in group.items() if key not in ("params", "param_names")
    )


def named(what: Any, name: str, tensors: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """A structure for JSON, whose tensors are put among *tensors*; what has no place is noted."""
    if isinstance(what, torch.Tensor) and what.layout == torch.strided and not what.is_complex():
        tensors[name] = what
        return {"tensor": name}
    if isinstance(what, (tuple, list)):
        sort = "tuple" if isinstance(what, tuple) else "list"
        return {sort: [named(one, f"{name}/{at}", tensors, notes) for at, one in enumerate(what)]}
    if isinstance(what, dict):
        return {"dict": {key: named(one, f"{name}/{key}", tensors, notes) for key, one in what.items()}}
    if what is None or isinstance(what, (bool, int, float, str)):
        return {"value": what}
    notes.append(f"{name}: {brief(what, 40)} is no dense tensor of real numbers and was not kept")
    return {"missing": brief(what)}


def described(iterations: list[Iteration], states: list[State]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The tensors of a window by name, and all the rest as JSON has it."""
    tensors: dict[str, Any] = {}
    rows: list[dict[str, Any]] = []
    for one in iterations:
        notes = list(one.notes)

        def listed(passes: list[Pass], place: str, notes: list[str] = notes) -> list[dict[str, Any]]:
            return [_described(given, f"{place}/{at}", tensors, notes) for at, given in enumerate(passes)]

        rows.append(
            {
                "iteration": one.number,
                "loss": one.loss,
                "grad_norm": one.grad_norm,
                "grad_norm_at_step": one.grad_norm_at_step,
                "scaled_uniformly": one.scaled_uniformly,
                "grad_scale": one.grad_scale,
                "groups": _with_still(one.groups, one.still),
                "stepped": one.stepped,
                "skipped": one.skipped,
                "attempt": one.attempt,
                "passes": listed(one.passes, f"batch/{one.number}"),
                "given_up": listed(one.given_up, f"given_up/{one.number}"),
                "notes": notes,
            }
        )
    kept = []
    for state in states:
        tensors.update((f"parameters/{state.number}/{name}", one) for name, one in state.parameters.items())
        tensors.update((f"state/{state.number}/{name}", one) for name, one in state.tensors.items())
        kept.append({"iteration": state.number, "groups": state.groups, "values": state.values})
    return tensors, {"iterations": rows, "states": kept}


def _with_still(groups: list[dict[str, Any]], still: list[list[int]]) -> list[dict[str, Any]]:
    if not still:
        return groups
    return [{**group, "still": places} for group, places in zip(groups, still, strict=True)]


def _described(given: Pass, place: str, tensors: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    return {
        "arguments": named(given.arguments, f"{place}/inputs", tensors, notes),
        "keywords": named(given.keywords, f"{place}/keywords", tensors, notes),
        "targets": named(given.targets, f"{place}/targets", tensors, notes),
        "dtype": "" if given.dtype is None else dtype_name(given.dtype),
        "shape": given.shape,
        "loss": given.loss,
        "scale": given.scale,
        "direct": given.direct,
        "backwards": given.backwards,
    }
