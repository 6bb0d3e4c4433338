"""One iteration written out in whole arrays, each result written into an array that is there already.

Rows of arrays are examples, as in ``passes``, and the operations are those of ``passes`` and of the tables,
traced (``symbols``), so the numbers are theirs. The text is made for one length of a batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import cast

from backprop_tui.engine.iteration import Kept
from backprop_tui.engine.symbols import (
    COMPARISONS,
    MATH,
    Block,
    Graph,
    Node,
    Shape,
    UntraceableError,
    plain,
    stands_for,
)
from backprop_tui.engine.tracing import Assignment, options_as, untangled, uses_of
from backprop_tui.network.arrays import Array, np
from backprop_tui.network.description import Network

SMALL = 4096
"""Up to so many weights an outer product is quicker by BLAS, above by broadcasting."""


@dataclass(frozen=True)
class ArrayText:
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
    except (TypeError, ValueError, AttributeError, IndexError) as error:
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
        keys = self.network.training.optimizer.memory(self.network.training.settings)
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
        if network.partner:
            loss = network.partner.value(y, self.rows(f"z{last}", units))
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
            partner = network.partner if number == last else None
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
        keys = training.optimizer.memory(training.settings)
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


class ArrayWriter:
    """Turns expressions of arrays into calls that write into arrays made beforehand.

    Args:
        graph: where the expressions are.
        uses: how often each is used in all; an array is free for another result after its last use.

    """

    def __init__(self, graph: Graph, uses: Mapping[Node, int] = MappingProxyType({})) -> None:
        self._graph = graph
        self._uses = dict(uses)
        self._place: dict[Node, str] = {}
        self._variables: dict[str, str] = {}
        self._free: dict[Shape, list[str]] = {}
        self._rebound: set[str] = set()
        self._spare: set[Node] = set()
        self._numbers = 0
        self._turned: dict[str, str] = {}
        self.roots: list[Node] = []
        """Every expression that was assigned."""
        self.before: list[str] = []
        """Lines before the first iteration."""
        self.lines: list[str] = []
        self.constants: dict[str, float] = {}
        self.options: dict[str, None] = {}
        self.functions: set[str] = {"empty", "array"}
        self.mathematics: set[str] = set()
        self.counts = False
        """Whether the number of the update is used."""

    def call(self, function: str, *arguments: str) -> None:
        """A call of one of NumPy's functions."""
        self.functions.add(function.split(".")[0])
        self.lines.append(f"{function}({', '.join(arguments)})")

    def buffer(self, name: str, shape: Shape) -> str:
        """An array of its own for a quantity."""
        self.before.append(f"{name} = empty({shape!r})")
        return name

    def place(self, name: str) -> str:
        """The variable in which a quantity is to be found."""
        return self._variables.get(name, name)

    def turned(self, name: str) -> str:
        """The transposed array."""
        if name in self._rebound:
            return f"{name}.T"
        if name not in self._turned:
            self._turned[name] = f"{name}_T"
            self.before.append(f"{name}_T = {name}.T")
        return self._turned[name]

    def constant(self, value: float) -> str:
        """A number, as an array without axes: NumPy is quicker with those."""
        for name, known in self.constants.items():
            if repr(known) == repr(value):
                return name
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name

    def assign(self, name: str, node: Node, at: str = "") -> None:
        """Compute a quantity, into the array *at* where there is one."""
        self.roots.append(node)
        if node.op == "name" or node in self._place:
            self._variables[name] = self._operand(node)
        elif self._rebinds(node):
            self._rebound.add(name)
            self._compute(node, name)
        elif at:
            self.before.append(f"{name} = {at}")
            self._compute(node, name)
        else:
            self._compute(node, self.buffer(name, node.shape))

    def update(self, assignments: Sequence[Assignment], there: set[str], spare: Sequence[Node]) -> None:
        """Compute values into arrays that are *there*; those of *spare* are free once they are not needed."""
        self.roots += [node for _, node in assignments]
        self._spare.update(spare)
        for target, node in assignments:
            known = node.op == "name" or node in self._place
            if target in there:
                rebinds = not known and self._rebinds(node)
                place = self._operand(node) if known else self._compute(node, None if rebinds else target)
                if place != target:
                    self.call("copyto", target, place)
            elif known:
                self.call("copyto", self.buffer(target, node.shape), self._operand(node))
            else:
                self._variables[target] = self._compute(node, None)

    @staticmethod
    def _rebinds(node: Node) -> bool:
        """Whether an operation makes an array of its own."""
        return node.op in COMPARISONS or node.op in ("where", "or") or node.op.startswith("math.")

    def _compute(self, node: Node, target: str | None) -> str:
        """The lines for an expression, its parts first; the result goes to *target*, or anywhere."""
        for one in node.args:
            if one.shape and one.args and one not in self._place:
                self._compute(one, None)
        operands = [self._operand(one) for one in node.args]
        dying = self._last_used(node)
        if node.op == "fill":
            place = target or self.buffer(self._new("u"), node.shape)
            self._fill(node, place, operands[0])
        elif self._rebinds(node):
            place = target or self._new("u")
            self._rebound.add(place)
            self._fresh(node, place, operands)
        else:
            same = [held for one, held in dying.items() if one.shape == node.shape]
            place = target or (same[0] if same else self._temporary(node.shape))
            self._into(node, place, operands)
        for one, held in dying.items():
            self._place.pop(one, None)
            if held != place:
                self._free.setdefault(one.shape, []).append(held)
        self._place[node] = place
        return place

    def _last_used(self, node: Node) -> dict[Node, str]:
        """The arrays that nothing needs after this operation."""
        for one in node.args:
            self._uses[one] = self._uses.get(one, 0) - 1
        found: dict[Node, str] = {}
        for one in node.args:
            temporary = one in self._spare or (one.args and one.op != "fill")
            if one.shape and temporary and self._uses[one] == 0:
                place = self._operand(one)
                if place not in self._rebound:
                    found[one] = place
        return found

    def _fill(self, node: Node, place: str, value: str) -> None:
        if node.args[0].op == "constant":
            self.before.append(f"{place}[...] = {value}")
        else:
            self.call("copyto", place, value)

    def _into(self, node: Node, place: str, operands: list[str]) -> None:
        if node.op == "reduce":
            ufunc, keepdims = node.what
            self.call(f"{ufunc}.reduce", operands[0], "-1", "None", place, str(keepdims))
            return
        ufunc = getattr(np, node.op, None)
        types = getattr(ufunc, "types", ())
        if not any(kind.endswith("->d") for kind in types):
            raise UntraceableError(f"np.{node.op}")
        by_word = node.op in ("maximum", "minimum")  # NumPy takes a third argument of these for a mistake
        self.call(node.op, *operands, f"out={place}" if by_word else place)

    def _fresh(self, node: Node, place: str, operands: list[str]) -> None:
        if node.op.startswith("math."):
            function = MATH[node.op]
            self.mathematics.add(function)
            self.lines.append(f"{place} = each({function}, {operands[0]})")
            return
        function = {"or": "logical_or"}.get(node.op, node.op)
        self.functions.add(function)
        self.lines.append(f"{place} = {function}({', '.join(operands)})")

    def _operand(self, node: Node) -> str:
        if node in self._place:
            return self._place[node]
        if node.shape:
            return self.place(node.what)
        if node.op == "constant":
            return self.constant(node.what)
        return self._number(node)

    def _number(self, node: Node) -> str:
        """A single number that depends on options or on the number of the update."""
        text, counts = self._scalar(node)
        place = self._place[node] = self._new("k")
        (self.lines if counts else self.before).append(f"{place} = array({text})")
        return place

    def _scalar(self, node: Node) -> tuple[str, bool]:
        if node.op == "name":
            if node.what == "t":
                self.counts = True
            else:
                self.options[node.what] = None
            return str(node.what), node.what == "t"
        if node.op == "constant":
            return f"({node.what!r})", False
        parts = [self._scalar(one) for one in node.args]
        counts = any(part[1] for part in parts)
        signs = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**"}
        if node.op in signs:
            return f"({parts[0][0]} {signs[node.op]} {parts[1][0]})", counts
        if node.op == "negative":
            return f"(-{parts[0][0]})", counts
        if node.op in MATH:
            self.mathematics.add(MATH[node.op])
            return f"{MATH[node.op]}({parts[0][0]})", counts
        raise UntraceableError(node.op)

    def _temporary(self, shape: Shape) -> str:
        free = self._free.get(shape)
        return free.pop() if free else self.buffer(self._new("u"), shape)

    def _new(self, letter: str) -> str:
        self._numbers += 1
        return f"{letter}{self._numbers}"
