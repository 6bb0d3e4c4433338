"""Parameters, options and what an optimizer keeps, as they were before an update."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from numbers import Integral, Real
from typing import Any

import torch

from backprop_tui.pytorch.errors import brief
from backprop_tui.pytorch.recording.memory.copies import Copies


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


def options(group: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a parameter group."""
    return {key: simple(value) for key, value in group.items() if key not in ("params", "param_names")}


def simple(value: Any) -> Any:
    """A value that JSON has."""
    if isinstance(value, torch.Tensor) and value.numel() == 1:
        return value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Real):  # of NumPy's types
        return int(value) if isinstance(value, Integral) else float(value)
    return [simple(one) for one in value] if isinstance(value, (tuple, list)) else brief(value)
