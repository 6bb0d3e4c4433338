"""What a recording says of a model, so that it can be read without the model's code; and that read again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn, optim

from backprop_tui.pytorch.errors import PyTorchError, brief
from backprop_tui.pytorch.models.following import steps_of, unwrapped
from backprop_tui.pytorch.models.layers import LayerPart, dtype_of, layers_of, require_own
from backprop_tui.pytorch.models.losses import KNOWN, LOSSES
from backprop_tui.pytorch.models.optimizers import ONE_GROUP
from backprop_tui.pytorch.models.steps import ELSEWHERE, SWITCHED_OFF
from backprop_tui.pytorch.recording.surroundings.shards import require_whole

_OPTIONS = ("reduction", "label_smoothing", "ignore_index")
_WEIGHTS = ("weight", "pos_weight")
WITHOUT_DROPOUT = "train without it, as with p=0, or record in eval"
_HINTS = {
    ELSEWHERE: "record a model that is such a stack",
    SWITCHED_OFF: f"what it drops is not recorded: {WITHOUT_DROPOUT}",
    ONE_GROUP: "train all of it with the same options",
}
"""What would do for a recording, by what would do for a model at hand."""


def described_model(model: nn.Module, loss: nn.Module) -> dict[str, Any]:
    """The model's layers as JSON has them; ``refused`` says why there are none."""
    whole = unwrapped(model)
    title, kind = type(whole).__name__, type(loss)
    said: dict[str, Any] = {
        "kind": kind.__name__,
        "shown": brief(loss),
        "own": kind not in LOSSES,
        "options": {name: getattr(loss, name) for name in _OPTIONS if hasattr(loss, name)},
        "weights": [name for name in _WEIGHTS if getattr(loss, name, None) is not None],
    }
    try:
        layers = layers_of_model(model)
    except PyTorchError as error:
        because = of_recording(error)
        refusal = {name: getattr(because, name) for name in ("place", "expected", "found", "hint")}
        return {"title": title, "loss": said, "layers": [], "refused": str(because), "refusal": refusal}
    names = {id(one): name for name, one in whole.named_parameters()}
    rows = [
        {
            "place": layer.place,
            "weight": names[id(layer.weight)],
            "bias": None if layer.bias is None else names[id(layer.bias)],
            "activation": layer.activation,
            "activation_place": layer.activation_place,
            "frozen": [not one.requires_grad for one in layer.parameters],
        }
        for layer in layers
    ]
    return {"title": title, "loss": said, "layers": rows, "refused": ""}


def layers_of_model(model: nn.Module) -> tuple[LayerPart, ...]:
    """The layers of a model that is to be recorded.

    Raises:
        PyTorchError: it has no place in a network.

    """
    whole = unwrapped(model)
    require_whole(whole)
    layers = layers_of(steps_of(whole, "model"))
    require_own(whole, layers)
    dtype_of(layers)
    return layers


def of_recording(error: PyTorchError) -> PyTorchError:
    """The same, with what would do for a recording."""
    hint = _HINTS.get(error.hint, error.hint)
    return PyTorchError(error.place, error.expected, error.found, hint=hint, source=error.source)


def layers_from(about: Mapping[str, Any], parameters: Mapping[str, Any]) -> tuple[LayerPart, ...]:
    """The layers of a recorded model with some parameters.

    Raises:
        PyTorchError: the model could not be followed, or a parameter is missing.

    """
    if not about.get("layers"):
        if "refusal" in about:
            raise PyTorchError(**about["refusal"])
        said = about.get("refused") or "nothing said of its layers"
        raise PyTorchError("", "a recorded model that can be followed", said)
    found = []
    for row in about["layers"]:
        given: list[Any] = []
        for name, frozen in zip((row["weight"], row["bias"]), (*row["frozen"], True), strict=False):
            if name is not None and name not in parameters:
                raise PyTorchError(f"model.{name}", "a parameter that was recorded", "none")
            kept = None if name is None else nn.Parameter(parameters[name], requires_grad=not frozen)
            given.append(kept)
        weight, bias = given
        found.append(LayerPart(row["place"], weight, bias, row["activation"], row["activation_place"]))
    return tuple(found)


def loss_from(about: Mapping[str, Any]) -> nn.Module:
    """The recorded loss.

    Raises:
        PyTorchError: there is none of its name here, or it weighs classes.

    """
    said = about["loss"]
    known = {kind.__name__: kind for kind in LOSSES}
    if said.get("own", True) or said["kind"] not in known:
        raise PyTorchError("loss", KNOWN, said["shown"])
    if said["weights"]:
        raise PyTorchError("loss", f"no {said['weights'][0]}", said["shown"])
    try:
        made: nn.Module = known[said["kind"]](**said["options"])
    except (TypeError, ValueError):
        raise PyTorchError("loss", KNOWN, f"{said['kind']} with {brief(said['options'], 60)}") from None
    return made


def optimizer_from(
    about: Mapping[str, Any], state: Mapping[str, Any], parameters: Mapping[str, Any]
) -> optim.Optimizer:
    """The recorded optimizer in a recorded state, over *parameters* by name.

    Raises:
        PyTorchError: it is none of torch.optim.

    """
    kind = getattr(optim, about["optimizer"], None)
    if not (isinstance(kind, type) and issubclass(kind, optim.Optimizer)):
        raise PyTorchError("optimizer", "an optimizer of torch.optim", str(about["optimizer"]))
    made: optim.Optimizer = object.__new__(kind)  # to be read, not to be run: __init__ imports for 2 s
    made.param_groups, made.state = [], {}
    for group in state["param_groups"]:
        numbered = group["params"]
        names = group.get("param_names") or ("",) * len(numbered)
        given = [parameters.get(name) for name in names]
        of_group = [nn.Parameter(torch.zeros(1)) if one is None else one for one in given]
        options = {key: value for key, value in group.items() if key not in ("params", "param_names")}
        made.param_groups.append({**options, "params": of_group})
        kept = zip(of_group, numbered, strict=True)
        made.state |= {one: state["state"][number] for one, number in kept if number in state["state"]}
    return made
