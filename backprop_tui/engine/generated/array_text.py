"""One iteration written out in whole arrays, each result written into an array that is there already.

The equations are run (``engine.equations``) with expressions in the place of arrays (``expressions``), so the
operations are theirs. The text is made for one length of a batch, and has no line that nothing needs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import NamedTuple, cast

from msgspec import Struct

from backprop_tui.engine import equations, reference
from backprop_tui.engine.generated.array_writer import ArrayWriter
from backprop_tui.engine.generated.tracing.assignments import (
    Assignment,
    needed,
    options_as,
    untangled,
    uses_of,
)
from backprop_tui.engine.generated.tracing.expressions import Graph, Node, UntraceableError
from backprop_tui.engine.generated.tracing.stand_ins import plain, stands_for
from backprop_tui.engine.generated.tracing.whole_arrays import Block
from backprop_tui.engine.iteration import Kept
from backprop_tui.engine.quantities import Kind
from backprop_tui.engine.state import Parameters
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array
from backprop_tui.network.rules.optimizers import options_for

NAMES = {
    Kind.WEIGHTED_SUM: "z",
    Kind.ACTIVATION: "a",
    Kind.LOSS: "L",
    Kind.ACTIVATION_GRADIENT: "dL_da",
    Kind.ACTIVATION_DERIVATIVE: "da_dz",
    Kind.DELTA: "dL_dz",
    Kind.WEIGHT_GRADIENT: "dL_dw",
    Kind.BIAS_GRADIENT: "dL_db",
}
"""The variables of each kind of quantity, the number of the layer left out."""
_UNITS = ("z", "a", "dL_da", "da_dz", "dL_dz")
_GRADIENTS = ("dL_dw", "dL_db")


def variable(kind: Kind, layer: int) -> str:
    """The variable of a quantity of a layer."""
    return NAMES[kind] + str(layer or "")


class ArrayText(Struct, frozen=True):
    """A function of arrays and options that makes the function which runs iterations on them."""

    source: str
    options: tuple[str, ...]
    """The optimizer's options in the order in which they are taken."""
    constants: Mapping[str, float]
    functions: frozenset[str]
    """What is needed from NumPy."""
    mathematics: frozenset[str]
    """What is needed from module ``math``."""


def array_text(network: Network, examples: int, kept: Kept) -> ArrayText:
    """One iteration of *network* with a batch of so many examples.

    Args:
        network: the description.
        examples: the length of the batch.
        kept: what is kept; every quantity is returned, of the last iteration.

    Raises:
        UntraceableError: a function of the network cannot be written so.

    """
    try:
        return _Arrays(network, examples, kept).text()
    except UntraceableError:
        raise
    except (TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise UntraceableError(str(error)) from error


def arrangement(network: Network) -> list[tuple[str, tuple[int, ...]]]:
    """The parameters by name and shape, in the order in which they lie in one array.

    Those that are updated together are side by side; frozen ones come last.
    """
    moved: list[tuple[str, tuple[int, ...]]] = []
    apart: list[tuple[str, tuple[int, ...]]] = []
    frozen: list[tuple[str, tuple[int, ...]]] = []
    biases = moved if network.training.decays_biases else apart
    for number, layer in enumerate(network.layers, 1):
        (frozen if layer.frozen_weights else moved).append((f"w{number}", (layer.units, layer.inputs)))
        (frozen if layer.frozen_biases else biases).append((f"b{number}", (layer.units,)))
    return [*moved, *apart, *frozen]


class Together(NamedTuple):
    """Parameters that one update serves: they are not frozen, and have the same options."""

    name: str
    size: int
    bias: bool
    """Whether these are the biases alone."""


def updated_together(network: Network) -> list[Together]:
    """All that are updated, in the order of their arrangement."""
    weights = sum(one.units * one.inputs for one in network.layers if not one.frozen_weights)
    biases = sum(one.units for one in network.layers if not one.frozen_biases)
    if network.training.decays_biases:
        found = [Together("moving", weights + biases, bias=False)]
    else:
        found = [Together("weights", weights, bias=False), Together("biases", biases, bias=True)]
    return [one for one in found if one.size]


def traced_parameters(graph: Graph, network: Network) -> Parameters:
    """The variables w1, b1, w2 and so on in the place of the parameters."""

    def block(name: str, *shape: int) -> Array:
        return stands_for(Block(graph, graph.name(name, shape), shape))

    layers = list(enumerate(network.layers, 1))
    return Parameters(
        tuple(block(f"w{number}", layer.units, layer.inputs) for number, layer in layers),
        tuple(block(f"b{number}", layer.units) for number, layer in layers),
    )


def traced_passes(
    graph: Graph, network: Network, examples: int, x: str = "a0"
) -> tuple[list[Assignment], list[Assignment]]:
    """The assignments of the forward pass, the loss included, and of the backward pass, as expressions.

    Args:
        graph: where the expressions are.
        network: the description.
        examples: the length of the batch.
        x: the variable of the inputs.

    Raises:
        UntraceableError: a function of the network has no expression.

    """
    found: list[Assignment] = []

    def decide(assignment: equations.Assignment) -> Array:
        block = plain(assignment.value)
        if not isinstance(block, Block) or block.shape != shape(assignment.kind, assignment.layer):
            raise UntraceableError("not a value for each unit")
        name = variable(assignment.kind, assignment.layer)
        found.append((name, block.node))
        if block.node.op == "fill":
            return stands_for(block)
        return stands_for(Block(graph, graph.name(name, block.shape), block.shape))

    def shape(kind: Kind, layer: int) -> tuple[int, ...]:
        if kind is Kind.LOSS:
            return (examples,)
        units, inputs = network.widths[layer], network.widths[layer - 1]
        if kind is Kind.WEIGHT_GRADIENT:
            return units, inputs
        return (units,) if kind is Kind.BIAS_GRADIENT else (examples, units)

    def rows(name: str, units: int) -> Array:
        return stands_for(Block(graph, graph.name(name, (examples, units)), (examples, units)))

    parameters = traced_parameters(graph, network)
    y = rows("y", network.widths[-1])
    pass_ = reference.forward(network, parameters, rows(x, network.widths[0]), y, decide)
    forward, found = found, []
    reference.run(equations.backward(network, parameters, pass_.z, pass_.a, y), decide)
    return forward, found


class _Arrays:
    """Writes the text; used once."""

    def __init__(self, network: Network, examples: int, kept: Kept) -> None:
        self.network = network
        self.examples = examples
        self.keep = kept == "everything"
        self.outputs = kept == "outputs"
        self.graph = Graph()
        self.layers = range(1, len(network.layers) + 1)
        self.last = f"a{len(network.layers)}"

    def text(self) -> ArrayText:
        """The text of the whole function."""
        forward, backward = traced_passes(self.graph, self.network, self.examples)
        passes = needed([*forward, *backward], self._wanted())
        update = self._update()
        writer = ArrayWriter(self.graph, uses_of([node for _, node in (*passes, *update)]))
        self._divide_up(writer)
        self._write_passes(writer, passes)
        self._write_update(writer, update)
        options = tuple(writer.options)
        return ArrayText(
            "\n".join(self._function(writer, options)) + "\n",
            options,
            writer.constants,
            frozenset(writer.functions),
            frozenset(writer.mathematics),
        )

    def _wanted(self) -> set[str]:
        """What is to be computed; what else that needs is computed too."""
        wanted = {"L"} | ({self.last} if self.outputs else set())
        for number, layer in enumerate(self.network.layers, 1):
            if self.keep:
                wanted |= {f"{kind}{number}" for kind in (*_UNITS, *_GRADIENTS)}
            wanted |= set() if layer.frozen_weights else {f"dL_dw{number}"}
            wanted |= set() if layer.frozen_biases else {f"dL_db{number}"}
        return wanted

    def _function(self, writer: ArrayWriter, options: Sequence[str]) -> Iterator[str]:
        """The lines of the function, around those of an iteration."""
        keys = self.network.training.optimizer.state_names(self.network.training.settings)
        yield f"def prepare({', '.join(('p', *(f'{key}_p' for key in keys), *options))}):"
        yield from (f"    {line}" for line in writer.before)
        yield "    def train(batches, t, losses, seen):"
        yield "        for a0, y in batches:"
        yield from (f"            {line}" for line in (*["t += 1"] * writer.counts, *writer.lines))
        yield f"            losses.extend({writer.place('L')}.tolist())"
        if self.outputs:
            yield f"            seen.extend({writer.place(self.last)}.tolist())"
        if self.keep:
            kinds = [[f"{kind}{number}" for number in self.layers] for kind in (*_UNITS, *_GRADIENTS)]
            tuples = ["(" + " ".join(f"{writer.place(name)}," for name in kind) + ")" for kind in kinds]
            yield f"        return {', '.join(tuples)}, {writer.place('L')}"
        yield "    return train"

    def _divide_up(self, writer: ArrayWriter) -> None:
        """Parameters and gradients lie in one array each: one update serves all."""
        place = 0
        writer.before.append("g = empty(p.shape)")
        for name, shape in arrangement(self.network):
            size = prod(shape)
            for of, flat in (("", "p"), ("dL_d", "g")):
                reshaped = f".reshape{shape!r}" if len(shape) > 1 else ""
                writer.before.append(f"{of}{name} = {flat}[{place}:{place + size}]{reshaped}")
            writer.there.add(f"dL_d{name}")
            place += size

    def _write_passes(self, writer: ArrayWriter, passes: Sequence[Assignment]) -> None:
        computed = {name for name, _ in passes}
        for name, node in passes:
            number = name.removeprefix("dL_dz")
            if self.examples == 1 and f"dL_db{number}" in computed and name == f"dL_dz{number}":
                # of one example the gradient of the biases is the error signal itself: they share an array
                writer.assign(name, node, at=f"dL_db{number}.reshape(1, {node.shape[1]})")
                if writer.place(name) == name:
                    writer.known(f"dL_db{number}")
            else:
                writer.assign(name, node)

    def _update(self) -> list[Assignment]:
        """The assignments of the update, of all parameters at once that have the same options."""
        return [one for part in updated_together(self.network) for one in self._updated(part)]

    def _updated(self, part: Together) -> list[Assignment]:
        training, graph, size = self.network.training, self.graph, part.size

        def block(of: str) -> Array:
            return stands_for(Block(graph, graph.name(f"{part.name}_{of}", (size,)), (size,)))

        keys = training.optimizer.state_names(training.settings)
        options = options_as(
            training.deciding, {name: Block(graph, graph.name(name), ()) for name in training.settings}
        )
        t = cast("int", Block(graph, graph.name("t"), ()))
        state = {key: block(f"{key}_p") for key in keys}
        options = options_for(options, bias=part.bias)
        lines = training.optimizer.lines(block("p"), block("g"), state, t, options)
        targets = {key: f"{part.name}_{key}_p" for key in keys} | {"new": f"{part.name}_p"}
        assigned = [(targets[line.name], plain(line.value).node) for line in lines if line.name in targets]
        if any(node.shape != (size,) for _, node in assigned):
            raise UntraceableError("not a value for each parameter")
        return untangled(graph, assigned, lambda name: f"new_{name}")

    def _write_update(self, writer: ArrayWriter, update: Sequence[Assignment]) -> None:
        if self.examples > 1 and not self.network.training.sums_examples:
            exact = self.examples & (self.examples - 1) == 0
            # Of a power of two the reciprocal is exact, and so is the product; it is quicker than a division.
            factor = 1.0 / self.examples if exact else float(self.examples)
            writer.call("multiply" if exact else "divide", "g", writer.constant(factor), "g")
        training, place = self.network.training, 0
        kept = [f"{key}_p" for key in training.optimizer.state_names(training.settings)]
        there: set[str] = set()
        spare: list[Node] = []
        for name, size, _ in updated_together(self.network):
            for flat in ("p", "g", *kept):
                part = f"{place or ''}:{place + size}"
                writer.before.append(f"{name}_{flat} = {flat}[{part}]")
            place += size
            there |= {f"{name}_{flat}" for flat in ("p", *kept)}
            spare += [] if self.keep else [self.graph.name(f"{name}_g", (size,))]
        writer.update(update, there, spare)
