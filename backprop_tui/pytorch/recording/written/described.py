"""A window as tensors by name, and all the rest as JSON has it."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._python_dispatch import is_traceable_wrapper_subclass

from backprop_tui.pytorch.errors import brief
from backprop_tui.pytorch.recording.memory.iterations import Iteration, Pass
from backprop_tui.pytorch.recording.memory.states import State


def dtype_name(dtype: Any) -> str:
    """A dtype as text, as in ``float32``."""
    return str(dtype).removeprefix("torch.")


def named(what: Any, name: str, tensors: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """A structure for JSON, whose tensors are put among *tensors*; what has no place is noted."""
    if isinstance(what, torch.Tensor) and _dense(what):
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


def _dense(tensor: Any) -> bool:
    return _has_memory(tensor) and not tensor.is_complex()


def _has_memory(tensor: Any) -> bool:
    """Whether its numbers lie in one piece of memory, and not in other tensors, as compressed ones do."""
    return (
        tensor.layout == torch.strided and not tensor.is_nested and not is_traceable_wrapper_subclass(tensor)
    )


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
        for place, held in (("parameters", state.parameters), ("state", state.tensors)):
            tensors |= {
                f"{place}/{state.number}/{name}": one for name, one in held.items() if _has_memory(one)
            }
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
