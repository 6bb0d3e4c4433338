"""What each step of a model's forward pass does: a Linear layer, an activation, or nothing to the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import fx, nn
from torch.nn import functional

from backprop_tui.pytorch.errors import PyTorchError, brief
from backprop_tui.pytorch.models.activations import BY_FUNCTION, BY_METHOD, BY_MODULE, ROWS, Row

KNOWN = "a Linear layer, Flatten, Dropout in eval, or an activation: " + ", ".join(
    row.module.__name__ for row in ROWS
)
"""What has a place in a network, for messages."""
ELSEWHERE = 'submodule="…" takes a stack of these out of a larger model'
SWITCHED_OFF = "model.eval() switches it off"

DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout)
_SAME_NUMBERS = (torch.flatten, torch.reshape, torch.squeeze, torch.unsqueeze, torch.clone)
_SAME_NUMBERS_METHODS = ("flatten", "view", "reshape", "squeeze", "unsqueeze", "contiguous", "clone")


class Step(NamedTuple):
    """One step of the forward pass: a Linear layer, or an activation."""

    place: str
    """The module as PyTorch names it, as in ``model.3``."""
    said: str
    """What it is, for a message."""
    weight: Any = None
    """Of a Linear layer, of the shape (units, inputs); of an activation None."""
    bias: Any = None
    """Of the shape (units,), or None."""
    activation: Row | None = None


def step_of(model: nn.Module, node: fx.Node, root: str) -> Step | None:
    """What a node of the graph does; None where its numbers stay as they are.

    Raises:
        PyTorchError: it has no place in a network.

    """
    place = place_of(node, root)
    if node.op == "call_module":
        return _of_module(place, model.get_submodule(str(node.target)))
    if node.op == "call_function" and node.target is functional.linear:
        return _of_linear_function(model, node, place)
    row = BY_FUNCTION.get(node.target) if node.op == "call_function" else BY_METHOD.get(str(node.target))
    if node.op in ("call_function", "call_method") and row is not None:
        given = {**dict(zip(row.options, node.args[1:], strict=False)), **node.kwargs}
        return _activation(place, row, f"{row.module.__name__} as a function", given)
    if node.op == "call_function" and node.target in _SAME_NUMBERS:
        return None
    if node.op == "call_method" and node.target in _SAME_NUMBERS_METHODS:
        return None
    if node.op == "call_function" and node.target is functional.dropout:
        given = {**dict(zip(("p", "training"), node.args[1:], strict=False)), **node.kwargs}
        if given.get("training", True) is False or given.get("p", 0.5) == 0.0:
            return None
        raise PyTorchError(place, "no dropout in training", "dropout", hint=SWITCHED_OFF)
    raise PyTorchError(place, KNOWN, said_of(node), hint=ELSEWHERE)


def _of_module(place: str, module: nn.Module) -> Step | None:
    if isinstance(module, nn.Linear):
        return _linear(place, module)
    if isinstance(module, DROPOUTS):
        if not module.training or module.p == 0.0:
            return None
        raise PyTorchError(place, "no dropout in training", brief(module), hint=SWITCHED_OFF)
    if type(module) in (nn.Identity, nn.Flatten):
        return None
    row = BY_MODULE.get(type(module))
    if row is None:
        raise PyTorchError(place, KNOWN, brief(module), hint=ELSEWHERE)
    given = {name: getattr(module, name) for name in row.options}
    return _activation(place, row, brief(module), given)


def _linear(place: str, module: nn.Linear) -> Step:
    weight, bias = (module._parameters.get(name) for name in ("weight", "bias"))
    if weight is None or isinstance(weight, nn.parameter.UninitializedParameter):
        hint = "remove_parametrizations, remove_weight_norm or a first forward pass makes it one"
        raise PyTorchError(place, "a weight that is a parameter itself", brief(module), hint=hint)
    return Step(place, brief(module), weight, bias)


def _of_linear_function(model: nn.Module, node: fx.Node, place: str) -> Step:
    given = {**dict(zip(("input", "weight", "bias"), node.args, strict=False)), **node.kwargs}
    found: list[Any] = []
    for name in ("weight", "bias"):
        one = given.get(name)
        if isinstance(one, fx.Node) and one.op == "get_attr":
            path, _, attribute = str(one.target).rpartition(".")
            one = model.get_submodule(path)._parameters.get(attribute)
        if not (isinstance(one, nn.Parameter) or (one is None and name == "bias")):
            raise PyTorchError(place, f"a {name} that is a parameter itself", f"linear with {brief(one)}")
        found.append(one)
    return Step(place, "linear", *found)


def _activation(place: str, row: Row, said: str, given: Mapping[str, Any]) -> Step:
    """An activation, where its options are those that ours has."""
    for option, value in row.fixed.items():
        if given.get(option, value) != value:
            raise PyTorchError(place, f"{option}={value!r}, the only one there is here", said)
    return Step(place, said, activation=row._replace(fixed=dict(given)) if row.couples else row)


def named(root: str, path: str) -> str:
    """A module as messages call it, by its path in the model."""
    return f"{root}.{path}" if path else root


def place_of(node: fx.Node, root: str) -> str:
    """The module in whose forward pass a node stands, or the module that it calls."""
    if node.op == "call_module":
        return named(root, str(node.target))
    stack = node.meta.get("nn_module_stack") or {}
    paths = [path for path, _ in stack.values()] if stack else []
    return named(root, str(paths[-1]) if paths else "")


def said_of(node: fx.Node) -> str:
    """What a node does, by the name that a person knows."""
    target = node.target
    return str(target if isinstance(target, str) else getattr(target, "__name__", target)).strip("_")
