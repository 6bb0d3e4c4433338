"""What both writers of programs share: assignments, how often things are used, an optimizer's options."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from backprop_tui.engine.generated.tracing.expressions import Graph, Node
from backprop_tui.engine.generated.tracing.stand_ins import Traced
from backprop_tui.network.rules.optimizers import Options

Assignment = tuple[str, Node]
"""A variable and the expression that it gets."""


def uses_of(nodes: Sequence[Node]) -> dict[Node, int]:
    """How often each expression is used: in others, and by itself among *nodes*."""
    uses: dict[Node, int] = {}
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        uses[node] = uses.get(node, 0) + 1
        if uses[node] == 1:
            waiting += node.args
    return uses


def needed(assignments: Sequence[Assignment], wanted: set[str]) -> list[Assignment]:
    """The assignments without those that nothing needs.

    Args:
        assignments: in their order; each variable is assigned once.
        wanted: the variables that are needed in any case.

    """
    found: list[Assignment] = []
    needed = set(wanted)
    for target, node in reversed(assignments):
        if target in needed:
            found.append((target, node))
            needed |= {one.what for one in uses_of([node]) if one.op == "name"}
    return found[::-1]


def options_as(settings: Options, traced: Mapping[str, Traced]) -> Options:
    """An optimizer's options as expressions; a rule that asks whether one is set is told by its value."""
    for name, value in settings.items():
        traced[name].truth = bool(value)
    return cast("Options", traced)


def untangled(graph: Graph, assigned: Sequence[Assignment], named: Callable[[str], str]) -> list[Assignment]:
    """The same assignments where a later one still needs what an earlier one overwrites.

    Args:
        graph: where the expressions are.
        assigned: the assignments in order.
        named: gives the name of a variable that holds a new value meanwhile.

    """
    result: list[Assignment] = []
    last: list[Assignment] = []
    for place, (target, node) in enumerate(assigned):
        done = {id(one) for _, one in assigned[: place + 1]}
        if any(_mentions(later, target, done) for _, later in assigned[place + 1 :]):
            name = named(target)
            result.append((name, node))
            last.append((target, graph.name(name, node.shape)))
        else:
            result.append((target, node))
    return result + last


def _mentions(node: Node, name: str, done: set[int]) -> bool:
    if id(node) in done:
        return False
    if node.op == "name":
        return bool(node.what == name)
    return any(_mentions(one, name, done) for one in node.args)
