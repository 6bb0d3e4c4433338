"""The groups of parameters that an optimizer had in the iterations that are replayed, and what they did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from backprop_tui.pytorch.errors import PyTorchError
from backprop_tui.pytorch.models.optimizers import ONE_GROUP, ONE_WAY, Given, OptimizerPart, settings_of
from backprop_tui.pytorch.opening.joining.union import Joined


class Owned(NamedTuple):
    """What a group has of the stack that is replayed: the parameters that are updated, by name."""

    weights: frozenset[str]
    biases: frozenset[str]


def owned(
    names: Sequence[Sequence[str]], layers: Sequence[Mapping[str, Any]], parameters: Mapping[str, Any]
) -> list[Owned]:
    """What each group has of the stack.

    Args:
        names: those of its parameters, of each group.
        layers: what the recording says of the stack's layers.
        parameters: the stack's, by name; those that require no gradient are left alone.

    """
    moving = {name for name, one in parameters.items() if one is not None and one.requires_grad}
    weights, biases = (frozenset(moving & {row[part] for row in layers}) for part in ("weight", "bias"))
    return [Owned(weights.intersection(of), biases.intersection(of)) for of in names]


def in_one_way(optimizer: OptimizerPart, found: Joined, own: Sequence[Owned]) -> OptimizerPart:
    """The optimizer, which in all iterations treated biases as weights, or else spared them weight decay.

    Where no update was made, it is as the state that was kept says.

    Raises:
        PyTorchError: groups differed otherwise; it names the first iteration.

    """
    kind, ways = str(found.about["optimizer"]), {True, False}
    updates = [one for one in found.iterations if one.groups]
    if not updates:
        return optimizer
    for one in updates:
        each = [(settings_of(kind, group), of) for group, of in zip(one.groups, own, strict=False)]
        given = Given([group for group, of in each if of.weights], [group for group, of in each if of.biases])
        if not ways & given.ways():
            said = given.difference(given.likely if len(ways) > 1 else True in ways)
            raise PyTorchError(f"iteration {one.number}: optimizer", ONE_WAY, said, hint=ONE_GROUP)
        ways &= given.ways()
    table = {name: value for name, value in optimizer.table.items() if name != "decay_biases"}
    return optimizer._replace(table=table if True in ways else {**table, "decay_biases": False})


def schedule(
    optimizer: OptimizerPart, found: Joined, own: Sequence[Owned]
) -> Iterator[tuple[str, list[float]]]:
    """The options that changed meanwhile: those of weights, or where none of them move, of biases."""
    kind, each = str(found.about["optimizer"]), []
    of_weights = [at for at, one in enumerate(own) if one.weights]
    of_biases = [at for at, one in enumerate(own) if one.biases]
    group = next(iter((*of_weights, *of_biases)), 0)
    latest: dict[str, float] = {name: value for name, value in optimizer.table.items() if name != "name"}
    for one in found.iterations:
        if one.groups:
            latest = settings_of(kind, one.groups[group])
        each.append(latest)
    for name in each[0]:
        values = [settings.get(name, each[0][name]) for settings in each]
        if any(value != optimizer.table.get(name, values[0]) for value in values):
            yield name, values
