"""One iteration written out in whole arrays, each result written into an array that is there already.

Rows of arrays are examples, as in ``passes``, and the operations are those of ``passes`` and of the tables,
traced (``symbols``), so the numbers are theirs. The text is made for one length of a batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import cast

from msgspec import Struct

from backprop_tui.engine.generated.array_writer import ArrayWriter
from backprop_tui.engine.generated.symbols import Block, Graph, Node, UntraceableError, plain, stands_for
from backprop_tui.engine.generated.tracing import options_as, untangled, uses_of
from backprop_tui.engine.iteration import Kept
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array

SMALL = 4096
"""Up to so many weights an outer product is quicker by BLAS, above by broadcasting."""


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
    """The parameters by name and shape, in the order in which they lie in one array: frozen ones last."""
    found: tuple[list[tuple[str, tuple[int, ...]]], ...] = ([], [])
    for number, layer in enumerate(network.layers, 1):
        found[layer.frozen_weights].append((f"w{number}", (layer.units, layer.inputs)))
        found[layer.frozen_biases].append((f"b{number}", (layer.units,)))
    return [*found[False], *found[True]]


def moving(network: Network) -> int:
    """How many parameters are not frozen."""
    return sum(
        layer.units * layer.inputs * (not layer.frozen_weights) + layer.units * (not layer.frozen_biases)
        for layer in network.layers
    )


class _Arrays:
    """Writes the text; used once."""

    def __init__(self, network: Network, examples: int, kept: Kept) -> None:
        self.network = network
        self.examples = examples
        self.keep = kept == "everything"
        self.outputs = kept == "outputs"
        self.graph = Graph()
        self.writer = ArrayWriter(self.graph)

    def block(self, name: str, *shape: int) -> Array:
        """A quantity, in the place of its array."""
        return stands_for(Block(self.graph, self.graph.name(name, shape), shape))

    def rows(self, name: str, units: int) -> Array:
        """A quantity of all examples."""
        return self.block(name, self.examples, units)

    def assign(self, name: str, block: object, *shape: int, at: str = "") -> None:
        """Write the lines that compute a quantity, into the array *at* where there is one."""
        block = plain(block)
        if not isinstance(block, Block) or block.node.shape != shape:
            raise UntraceableError("not a value for each unit")
        self.writer.assign(name, block.node, at)

    def written(self, uses: dict[Node, int]) -> ArrayWriter:
        """The lines of an iteration, knowing how often each expression is used."""
        self.writer = ArrayWriter(self.graph, uses)
        self._divide_up()
        self._forward()
        self._backward()
        self._update()
        return self.writer

    def _divide_up(self) -> None:
        """Parameters and gradients lie in one array each: one update serves all."""
        writer, place = self.writer, 0
        writer.before.append("g = empty(p.shape)")
        for name, shape in arrangement(self.network):
            size = prod(shape)
            for of, flat in (("", "p"), ("dL_d", "g")):
                reshaped = f".reshape{shape!r}" if len(shape) > 1 else ""
                writer.before.append(f"{of}{name} = {flat}[{place}:{place + size}]{reshaped}")
            place += size

    def text(self) -> ArrayText:
        """The text of the whole function."""
        writer = self.written(uses_of(self.written({}).roots))
        layers = self.network.layers
        numbers = range(1, len(layers) + 1)
        keys = self.network.training.optimizer.state_names(self.network.training.settings)
        given = ("p", *(f"{key}_p" for key in keys))
        options = tuple(writer.options)
        lines = [f"def prepare({', '.join((*given, *options))}):"]
        lines += [f"    {line}" for line in writer.before]
        lines.append("    def train(batches, t, losses, seen):")
        lines.append("        for a0, y in batches:")
        lines += [f"            {line}" for line in (*["t += 1"] * writer.counts, *writer.lines)]
        lines.append(f"            losses.extend({writer.place('L')}.tolist())")
        if self.outputs:
            last = writer.place(f"a{len(layers)}")
            lines.append(f"            seen.extend({last}.tolist())")
        if self.keep:
            kinds = [
                [f"{kind}{number}" for number in numbers] for kind in ("z", "a", "dL_da", "da_dz", "dL_dz")
            ]
            kinds += [[f"dL_d{letter}{number}" for number in numbers] for letter in "wb"]
            tuples = ["(" + " ".join(f"{writer.place(name)}," for name in kind) + ")" for kind in kinds]
            lines.append(f"        return {', '.join(tuples)}, {writer.place('L')}")
        lines.append("    return train")
        return ArrayText(
            "\n".join(lines) + "\n",
            options,
            writer.constants,
            frozenset(writer.functions),
            frozenset(writer.mathematics),
        )

    def _forward(self) -> None:
        network, writer = self.network, self.writer
        for number, layer in enumerate(network.layers, 1):
            units = layer.units
            z = writer.buffer(f"z{number}", (self.examples, units))
            writer.call("dot", writer.place(f"a{number - 1}"), writer.turned(f"w{number}"), z)
            writer.call("add", z, f"b{number}", z)
            value = layer.activation.value(self.rows(f"z{number}", units))
            self.assign(f"a{number}", value, self.examples, units)
        last, units = len(network.layers), network.widths[-1]
        y = self.rows("y", units)
        if network.fused_loss:
            loss = network.fused_loss.value(y, self.rows(f"z{last}", units))
        else:
            loss = network.training.loss.value(y, self.rows(f"a{last}", units))
        self.assign("L", loss, self.examples)

    def _backward(self) -> None:
        network, writer, examples = self.network, self.writer, self.examples
        last = len(network.layers)
        for number in range(last, 0, -1):
            layer = network.layers[number - 1]
            activation, units = layer.activation, layer.units
            z, a = self.rows(f"z{number}", units), self.rows(f"a{number}", units)
            partner = network.fused_loss if number == last else None
            if number == last and (self.keep or not partner):
                y = self.rows("y", units)
                self.assign(f"dL_da{number}", network.training.loss.gradient(y, a), examples, units)
            if partner:
                if self.keep:
                    self.assign(f"da_dz{number}", activation.derivative(z, a), examples, units)
                delta: object = partner.delta(self.rows("y", units), a)
            else:
                slope = plain(activation.derivative(z, a))
                if self.keep or not activation.couples:
                    self.assign(f"da_dz{number}", slope, examples, units)
                if slope.node.op != "fill":
                    slope = self.rows(f"da_dz{number}", units)
                delta = activation.pull_back(self.rows(f"dL_da{number}", units), slope, a)
            bias_gradient = self.keep or not layer.frozen_biases
            at = f"dL_db{number}.reshape(1, {units})" if examples == 1 and bias_gradient else ""
            self.assign(f"dL_dz{number}", delta, examples, units, at=at)
            if number > 1:
                below = writer.buffer(f"dL_da{number - 1}", (examples, layer.inputs))
                writer.call("dot", writer.place(f"dL_dz{number}"), f"w{number}", below)
            self._gradient(number, there=bool(at) and writer.place(f"dL_dz{number}") == f"dL_dz{number}")

    def _gradient(self, number: int, *, there: bool) -> None:
        layer, writer = self.network.layers[number - 1], self.writer
        delta, below = writer.place(f"dL_dz{number}"), writer.place(f"a{number - 1}")
        if self.keep or not layer.frozen_weights:
            small = layer.units * layer.inputs <= SMALL or self.examples > 1
            writer.call("dot" if small else "multiply", writer.turned(delta), below, f"dL_dw{number}")
        if (self.keep or not layer.frozen_biases) and not there:
            writer.call("add.reduce", delta, "0", "None", f"dL_db{number}")

    def _update(self) -> None:
        network, writer = self.network, self.writer
        training = network.training
        if self.examples > 1:
            writer.call("divide", "g", writer.constant(float(self.examples)), "g")
        size = moving(network)
        if not size:
            return
        keys = training.optimizer.state_names(training.settings)
        for flat in ("p", "g"):
            writer.before.append(f"moving_{flat} = {flat}[:{size}]")
        for key in keys:
            writer.before.append(f"moving_{key}_p = {key}_p[:{size}]")
        options = options_as(
            training.settings, {o: Block(self.graph, self.graph.name(o), ()) for o in training.settings}
        )
        t = cast("int", Block(self.graph, self.graph.name("t"), ()))
        memory = {key: self.block(f"moving_{key}_p", size) for key in keys}
        gradient = self.block("moving_g", size)
        lines = training.optimizer.rule(self.block("moving_p", size), gradient, memory, t, options)
        targets = {key: f"moving_{key}_p" for key in keys} | {"new": "moving_p"}
        assigned = [(targets[line.name], plain(line.value).node) for line in lines if line.name in targets]
        if any(node.shape != (size,) for _, node in assigned):
            raise UntraceableError("not a value for each parameter")
        spare = () if self.keep else (self.graph.name("moving_g", (size,)),)
        writer.update(
            untangled(self.graph, assigned, lambda name: f"new_{name}"), set(targets.values()), spare
        )
