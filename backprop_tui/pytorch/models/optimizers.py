"""PyTorch's optimizers as rows of our table, with the state they are in: a row each, read both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any, NamedTuple

import torch
from torch import optim

from backprop_tui.network.description import Network
from backprop_tui.pytorch.errors import PyTorchError, brief
from backprop_tui.pytorch.models.layers import LayerPart, numbers


class Row(NamedTuple):
    """One optimizer in PyTorch."""

    name: str
    """As in our table."""
    kind: type[Any]
    options: Mapping[str, str]
    """Our options by PyTorch's names; ``betas`` are two."""
    state: Mapping[str, str]
    """What is kept of a parameter: our names by PyTorch's."""


_ADAM = {"lr": "learning_rate", "eps": "eps", "weight_decay": "weight_decay"}
ROWS = (
    Row(
        "sgd",
        optim.SGD,
        {
            "lr": "learning_rate",
            "momentum": "momentum",
            "dampening": "dampening",
            "nesterov": "nesterov",
            "weight_decay": "weight_decay",
        },
        {"momentum_buffer": "v"},
    ),
    Row(
        "adagrad",
        optim.Adagrad,
        {"lr": "learning_rate", "lr_decay": "lr_decay", "eps": "eps", "weight_decay": "weight_decay"},
        {"sum": "s"},
    ),
    Row(
        "rmsprop",
        optim.RMSprop,
        {
            "lr": "learning_rate",
            "alpha": "alpha",
            "eps": "eps",
            "weight_decay": "weight_decay",
            "momentum": "momentum",
            "centered": "centered",
        },
        {"square_avg": "v", "grad_avg": "m", "momentum_buffer": "b"},
    ),
    Row("adam", optim.Adam, _ADAM, {"exp_avg": "m", "exp_avg_sq": "v"}),
    Row("adamw", optim.AdamW, _ADAM, {"exp_avg": "m", "exp_avg_sq": "v"}),
)
BY_NAME = {row.name: row for row in ROWS}
_FLAGS = ("nesterov", "centered")
_REFUSED = ("maximize", "amsgrad")
ONE_GROUP = 'submodule="…" takes the part that one group trains'
ONE_WAY = "the same options for all of the stack, or biases without weight_decay"


class OptimizerPart(NamedTuple):
    """An optimizer in our words: the tables ``[training.optimizer]`` and ``[training.start]``."""

    table: dict[str, Any]
    start: dict[str, Any] | None
    frozen: tuple[tuple[bool, bool], ...]
    """Of each layer whether its weights and its biases are left alone."""


def optimizer_of(optimizer: Any, layers: Sequence[LayerPart], *, finite: bool = True) -> OptimizerPart:
    """What an optimizer of PyTorch is here.

    Args:
        optimizer: the optimizer; None for SGD with its defaults over all parameters.
        layers: the stack whose parameters count; other parameters of the optimizer are left aside.
        finite: whether what it keeps must be finite.

    Raises:
        PyTorchError: it has no row here, or does not treat all parameters of the stack alike.

    """
    parameters = [parameter for layer in layers for parameter in layer.parameters]
    groups = {} if optimizer is None else _groups(optimizer)
    moving = {id(one) for one in parameters if one.requires_grad and (optimizer is None or id(one) in groups)}
    frozen = tuple(
        (id(layer.weight) not in moving, layer.bias is None or id(layer.bias) not in moving)
        for layer in layers
    )
    if optimizer is None:
        return OptimizerPart({"name": "sgd", "learning_rate": 0.001}, None, frozen)
    row = _row(optimizer)
    weights = _groups_of([layer.weight for layer in layers], moving, groups)
    biases = _groups_of([layer.bias for layer in layers], moving, groups)
    own = [*weights, *biases] or [optimizer.param_groups[0]]
    for option in _REFUSED:
        if any(group.get(option) for group in own):
            expected = f"{type(optimizer).__name__} without {option}"
            raise PyTorchError("optimizer", expected, f"{option}=True")
    given = Given([_options(row, one) for one in weights], [_options(row, one) for one in biases])
    ways = given.ways()
    if not ways:
        raise PyTorchError("optimizer", ONE_WAY, given.difference(given.likely), hint=ONE_GROUP)
    table = _options(row, own[0])
    if True not in ways:
        table["decay_biases"] = False
    return OptimizerPart(table, _start(optimizer, row, table, layers, moving, finite=finite), frozen)


class Given(NamedTuple):
    """The options that weights and biases of a stack are updated by, a mapping for each of their groups."""

    weights: Sequence[Mapping[str, Any]]
    biases: Sequence[Mapping[str, Any]]

    def ways(self) -> set[bool]:
        """With which values of ``decay_biases`` they are those of one optimizer here; none: with neither."""
        possible = {True, False} if self.weights and self.biases else {True}
        return {decay_biases for decay_biases in possible if not self.difference(decay_biases)}

    @property
    def likely(self) -> bool:
        """Which of the two was meant."""
        return any(one["weight_decay"] for one in self.biases)

    def difference(self, decay_biases: bool) -> str:
        """How they differ, as ``learning_rate 0.1 and 0.01``; empty where they are the same."""
        first = next(iter((*self.weights, *self.biases)), {})
        for at, other in enumerate((*self.weights, *self.biases)):
            spared = at >= len(self.weights) and not decay_biases
            for name, value in other.items():
                expected = 0.0 if spared and name == "weight_decay" else first[name]
                if value != expected and not (value != value and expected != expected):
                    return f"{name} {expected!r} and {value!r}"
        return ""


def _groups_of(
    parameters: Sequence[Any], moving: Set[int], groups: Mapping[int, Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """The groups of those parameters that move, each once."""
    found = [groups[id(one)] for one in parameters if id(one) in moving]
    return list({id(one): one for one in found}.values())


def _groups(optimizer: Any) -> dict[int, Mapping[str, Any]]:
    """The group of each parameter that an optimizer updates."""
    _row(optimizer)
    return {id(one): group for group in optimizer.param_groups for one in group["params"]}


def _row(optimizer: Any) -> Row:
    for row in ROWS:
        if type(optimizer) is row.kind:
            if row.name == "adam" and any(g.get("decoupled_weight_decay") for g in optimizer.param_groups):
                return BY_NAME["adamw"]
            return row
    expected = "one of " + ", ".join(row.kind.__name__ for row in ROWS)
    raise PyTorchError("optimizer", expected, type(optimizer).__name__)


def settings_of(kind: str, group: Mapping[str, Any]) -> dict[str, float]:
    """The options of a parameter group that are numbers, by our names.

    Raises:
        PyTorchError: there is no row of that class.

    """
    row = next((row for row in ROWS if row.kind.__name__ == kind), None)
    if row is None:
        expected = "one of " + ", ".join(row.kind.__name__ for row in ROWS)
        raise PyTorchError("optimizer", expected, kind)
    table = _options(row, group)
    return {name: value for name, value in table.items() if name not in ("name", *_FLAGS)}


def _options(row: Row, group: Mapping[str, Any]) -> dict[str, Any]:
    """The table ``[training.optimizer]`` of a parameter group."""
    table: dict[str, Any] = {"name": row.name}
    try:
        for theirs, ours in row.options.items():
            table[ours] = bool(group[theirs]) if ours in _FLAGS else float(group[theirs])
        if "betas" in group:
            table["beta1"], table["beta2"] = map(float, group["betas"])
    except (LookupError, TypeError, ValueError):  # of a recording that was damaged
        found = {name: group[name] for name in (*row.options, "betas") if name in group}
        raise PyTorchError("optimizer", "a number for each of its options", brief(found, 60)) from None
    if row.name == "sgd" and not table["momentum"]:
        del table["dampening"]
    return table


def _start(
    optimizer: Any,
    row: Row,
    table: Mapping[str, Any],
    layers: Sequence[LayerPart],
    moving: set[int],
    *,
    finite: bool,
) -> dict[str, Any] | None:
    """The table ``[training.start]``; None where no update has been made."""
    counted: dict[int, str] = {}
    tables: list[dict[str, Any]] = []
    for layer in layers:
        kept: dict[str, dict[str, Any]] = {"weights": {}, "biases": {}}
        for part, parameter in (("weights", layer.weight), ("biases", layer.bias)):
            if parameter is None or id(parameter) not in moving:
                continue
            state = optimizer.state.get(parameter, {})
            place = f"optimizer's state of {layer.place}"
            for theirs, ours in row.state.items():
                if state.get(theirs) is not None:
                    kept[part][ours] = numbers(place, state[theirs], f".{theirs}", finite=finite)
            counted.setdefault(_updates(row, state), f"{layer.place}, {part}")
        tables.append(kept)
    if len(counted) > 1 and (row.name != "sgd" or table.get("dampening")):
        found = " and ".join(f"{updates} ({where})" for updates, where in counted.items())
        hint = "a parameter without a gradient is not updated; require no gradient of it, or start anew"
        raise PyTorchError("optimizer", "as many updates of each parameter", found, hint=hint)
    updates = max(counted, default=0)
    if not updates and not any(
        any(any_nonzero(one) for one in part.values()) for kept in tables for part in kept.values()
    ):
        return None
    return {"updates": updates, "layers": tables}


def any_nonzero(given: Any) -> bool:
    """Whether nested lists have a number that is not 0."""
    return any(map(any_nonzero, given)) if isinstance(given, list) else given != 0.0


def _updates(row: Row, state: Mapping[str, Any]) -> int:
    """How many updates there have been; SGD does not count, and 1 stands for some."""
    if row.name == "sgd":
        return int(state.get("momentum_buffer") is not None)
    return int(state.get("step", 0))


# And back


def optimizer_for(network: Network, layers: Sequence[LayerPart]) -> Any:
    """The optimizer of a network, over the parameters of its module, in the state that it starts from."""
    row, settings = BY_NAME[network.training.optimizer_name], network.training.settings
    options: dict[str, Any] = {
        theirs: bool(settings[ours]) if ours in _FLAGS else settings[ours]
        for theirs, ours in row.options.items()
    }
    if "beta1" in settings:
        options["betas"] = (settings["beta1"], settings["beta2"])
    optimizer = row.kind(_moving(layers, spared=not network.training.decays_biases), **options)
    start = network.training.start
    for layer, kept in zip(layers, start.layers if start else (), strict=False):
        for parameter, given in zip(layer.parameters, (kept.weights, kept.biases), strict=False):
            if parameter.requires_grad and start:
                state = {
                    theirs: torch.zeros_like(parameter)
                    if ours not in given
                    else torch.tensor(given[ours], dtype=torch.float64).to(parameter.dtype)
                    for theirs, ours in row.state.items()
                    if ours in network.training.optimizer.state_names(settings)
                }
                if row.name != "sgd":
                    state["step"] = torch.tensor(float(start.updates))
                optimizer.state[parameter] = state
    return optimizer


def _moving(layers: Sequence[LayerPart], *, spared: bool) -> list[Any]:
    """The parameters that are updated; where biases are spared from weight decay, as two groups."""
    moving = [one for layer in layers for one in layer.parameters if one.requires_grad]
    biases = [one.bias for one in layers if one.bias is not None and one.bias.requires_grad]
    if not spared or not biases:
        return moving or [torch.zeros(1, requires_grad=True)]
    weights = [one.weight for one in layers if one.weight.requires_grad]
    groups = [{"params": weights}, {"params": biases, "weight_decay": 0.0}]
    return groups if weights else groups[1:]
