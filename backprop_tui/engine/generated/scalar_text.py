"""One iteration written out in single numbers: the straight line of assignments that a person would write.

The order is that of the statements: forward, loss and backward of an example, one quantity a line, then the
update. The rules themselves come from the tables, traced (``symbols``); what occurs more than once in them is
computed once and called t1, t2 and so on. The engine runs this text, and an exported script shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import cast

from msgspec import Struct

from backprop_tui.engine.generated.line_writer import Writer
from backprop_tui.engine.generated.safe_names import Identifiers
from backprop_tui.engine.generated.symbols import MATH, Graph, Node, Row, UntraceableError, plain, stands_for
from backprop_tui.engine.generated.tracing import Assignment, options_as, untangled
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array
from backprop_tui.network.names import Names
from backprop_tui.network.rules.optimizers import Options

_WORDS = """
    batch batches examples losses seen settings state t count epoch order row rows train main inf nan
    EPOCHS LOG_EVERY EXAMPLES ORDER outputs predictions parameters gradients numpy np math loss
    sys fsum mean text label shown decimal start number index value each i
"""
OWN_NAMES = frozenset((*_WORDS.split(), *MATH.values()))
"""What the text around the assignments uses."""


class ScalarText(Struct, frozen=True):
    """The lines of one iteration and the variables in them."""

    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    parameters: tuple[str, ...]
    """Layer by layer from the first, its weights by rows, then its biases."""
    memory: tuple[str, ...]
    """What the optimizer remembers of them: of a layer's weights one of its quantities after another, then
    of its biases."""
    options: Mapping[str, str]
    """The optimizer's options that are used, each with its variable."""
    counts: bool
    """Whether the number of the update, ``t``, is used."""
    before: tuple[str, ...]
    """What depends on options alone, computed once."""
    forward: tuple[str, ...]
    """Of an example, the loss included."""
    backward: tuple[str, ...]
    loss: str
    outputs: tuple[str, ...]
    quantities: tuple[str, ...]
    """Of an example: layer by layer upwards all z, all a; then layer by layer all dL/da, all da/dz, all
    dL/dz."""
    gradients: tuple[str, ...]
    """The averaged gradient, in the order of the parameters."""
    zeros: tuple[str, ...]
    """Before the examples of a batch of several; empty for batches of one, as are the next two."""
    sums: tuple[str, ...]
    """After each example of it."""
    means: tuple[str, ...]
    """After its last, from ``examples``, their number."""
    update: tuple[str, ...]
    functions: frozenset[str]
    """What is needed from module ``math``."""

    @property
    def rows(self) -> tuple[str, ...]:
        """The variables that an example's data are."""
        return (*self.inputs, *self.targets)


def scalar_text(network: Network) -> ScalarText:
    """One iteration of *network*.

    Raises:
        UntraceableError: a function of the network cannot be written so.

    """
    try:
        return _Scalars(network).text()
    except UntraceableError:
        raise
    except (TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise UntraceableError(str(error)) from error


class _Scalars:
    """Writes the text; used once."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.names = Names(network)
        self.identifiers = Identifiers(OWN_NAMES)
        self.graph = Graph()
        self.layers = range(1, len(network.layers) + 1)
        name = self.identifiers.unique
        options = network.training.settings
        self.options = {option: name(option) for option in options}
        widths = network.widths
        self.x = [name(self.names.unit(0, unit)) for unit in range(widths[0])]
        self.y = [name(self.names.target(unit)) for unit in range(widths[-1])]
        self.z, self.a = self._each_unit(self.names.z), self._each_unit(self.names.a)
        self.dL_da, self.da_dz = self._each_unit(self.names.dL_da), self._each_unit(self.names.da_dz)
        self.delta = self._each_unit(self.names.delta)
        self.loss = name("L")
        self.parameters = self._each_parameter("")
        self.gradients = self._each_parameter("dL_d")
        self.writer = Writer(self.graph, self.identifiers, self.options.values())

    def _each_unit(self, named: Callable[[int, int], str]) -> list[list[str]]:
        unique, widths = self.identifiers.unique, self.network.widths
        return [[unique(named(layer, unit)) for unit in range(widths[layer])] for layer in self.layers]

    def _each_parameter(self, prefix: str) -> list[list[list[str]]]:
        """Layer by layer: a row of weights a unit, and last of all the row of biases."""
        widths = self.network.widths
        return [
            [
                *(
                    [
                        self.identifiers.unique(prefix + self.names.weight(layer, unit, below))
                        for below in range(widths[layer - 1])
                    ]
                    for unit in range(widths[layer])
                ),
                [
                    self.identifiers.unique(prefix + self.names.bias(layer, unit))
                    for unit in range(widths[layer])
                ],
            ]
            for layer in self.layers
        ]

    def row(self, names: Sequence[str]) -> Array:
        """The variables of a layer, in the place of an array."""
        return stands_for(Row(self.graph, [self.graph.name(name) for name in names]))

    def text(self) -> ScalarText:
        writer, single = self.writer, self.network.batch_size == 1
        forward, backward = list(self._forward()), list(self._backward())
        example = writer.lines([*forward, *backward], len(forward))
        gradients = [name for layer in self.gradients for row in layer for name in row]
        zeros: list[str] = []
        sums: list[str] = []
        means: list[str] = []
        used = gradients
        if not single:
            used = [self.identifiers.unique("mean_" + name) for name in gradients]
            for gradient, mean in zip(gradients, used, strict=True):
                total = self.identifiers.unique("sum_" + gradient)
                zeros.append(f"{total} = 0.0")
                sums.append(f"{total} += {gradient}")
                means.append(f"{mean} = {total} / examples")
        parameters = [name for layer in self.parameters for row in layer for name in row]
        memory: list[str] = []
        update = self._update(dict(zip(parameters, used, strict=True)), memory)
        return ScalarText(
            inputs=tuple(self.x),
            targets=tuple(self.y),
            parameters=tuple(parameters),
            memory=tuple(memory),
            options={o: name for o, name in self.options.items() if name in writer.mentioned},
            counts="t" in writer.mentioned,
            before=tuple(writer.hoisted),
            forward=tuple(example[0]),
            backward=tuple(example[1]),
            loss=self.loss,
            outputs=tuple(self.a[-1]),
            quantities=tuple(self._quantities()),
            gradients=tuple(used),
            zeros=tuple(zeros),
            sums=tuple(sums),
            means=tuple(means),
            update=tuple(update),
            functions=frozenset(writer.functions),
        )

    def _quantities(self) -> Iterator[str]:
        for z, a in zip(self.z, self.a, strict=True):
            yield from (*z, *a)
        for groups in zip(self.dL_da, self.da_dz, self.delta, strict=True):
            for group in groups:
                yield from group

    def _sum(self, products: Iterable[tuple[str, str]]) -> Node:
        graph, total = self.graph, None
        for one, other in products:
            product = graph.node("multiply", (graph.name(one), graph.name(other)))
            total = product if total is None else graph.node("add", (total, product))
        assert total is not None
        return total

    def _forward(self) -> Iterator[Assignment]:
        graph, below = self.graph, self.x
        for number, layer in enumerate(self.network.layers):
            *weights, biases = self.parameters[number]
            zs = self.z[number]
            sums = [
                graph.node("add", (self._sum(zip(row, below, strict=True)), graph.name(bias)))
                for row, bias in zip(weights, biases, strict=True)
            ]
            values = self._nodes(layer.activation.value(self.row(zs)), len(zs))
            pairs = (list(zip(zs, sums, strict=True)), list(zip(self.a[number], values, strict=True)))
            if layer.activation.couples:
                yield from (*pairs[0], *pairs[1])
            else:
                for z, a in zip(*pairs, strict=True):
                    yield from (z, a)
            below = self.a[number]
        y, partner = self.row(self.y), self.network.fused_loss
        if partner:
            loss = partner.value(y, self.row(self.z[-1]))
        else:
            loss = self.network.training.loss.value(y, self.row(self.a[-1]))
        yield self.loss, self._nodes(loss, 1)[0]

    def _backward(self) -> Iterator[Assignment]:
        graph, network = self.graph, self.network
        y = self.row(self.y)
        gradients = self._nodes(network.training.loss.gradient(y, self.row(self.a[-1])), len(self.y))
        for number in range(len(network.layers) - 1, -1, -1):
            activation = network.layers[number].activation
            units = range(network.widths[number + 1])
            z, a = self.row(self.z[number]), self.row(self.a[number])
            slopes = self._nodes(activation.derivative(z, a), len(units))
            if network.fused_loss and number == len(network.layers) - 1:
                delta = network.fused_loss.delta(y, a)
            else:
                named = [
                    slope if slope.op == "constant" else graph.name(name)
                    for slope, name in zip(slopes, self.da_dz[number], strict=True)
                ]
                delta = activation.pull_back(self.row(self.dL_da[number]), stands_for(Row(graph, named)), a)
            deltas = self._nodes(delta, len(units))
            if activation.couples:
                yield from zip(self.dL_da[number], gradients, strict=True)
            below = self.a[number - 1] if number else self.x
            *weights, biases = self.gradients[number]
            for unit in units:
                if not activation.couples:
                    yield self.dL_da[number][unit], gradients[unit]
                yield self.da_dz[number][unit], slopes[unit]
                yield self.delta[number][unit], deltas[unit]
                for name, input_ in zip(weights[unit], below, strict=True):
                    yield name, self._sum([(self.delta[number][unit], input_)])
                yield biases[unit], graph.name(self.delta[number][unit])
            columns = zip(*self.parameters[number][:-1], strict=True)
            gradients = tuple(self._sum(zip(self.delta[number], column, strict=True)) for column in columns)

    @staticmethod
    def _nodes(value: object, count: int) -> tuple[Node, ...]:
        """The expressions that a function of a table returned, possibly wrapped by NumPy."""
        row = plain(value)
        if not isinstance(row, Row) or len(row.nodes) != count:
            raise UntraceableError("not a value for each unit")
        return row.nodes

    def _update(self, gradients: Mapping[str, str], memory: list[str]) -> list[str]:
        """The lines of the update, output layer first; the variables of the memory go to *memory*."""
        network, optimizer = self.network, self.network.training.optimizer
        keys = optimizer.state_names(network.training.settings)
        remembered: dict[str, dict[str, str]] = {parameter: {} for parameter in gradients}
        for *weights, biases in self.parameters:
            for parameters in ([name for row in weights for name in row], biases):
                for key in keys:
                    for parameter in parameters:
                        name = remembered[parameter][key] = self.identifiers.unique(f"{key}_{parameter}")
                        memory.append(name)
        options = options_as(
            network.training.settings,
            {name: Row(self.graph, [self.graph.name(v)], ()) for name, v in self.options.items()},
        )
        t = cast("int", Row(self.graph, [self.graph.name("t")], ()))
        assignments: list[Assignment] = []
        for number in range(len(network.layers) - 1, -1, -1):
            layer = network.layers[number]
            *weights, biases = self.parameters[number]
            for row, bias in zip(weights, biases, strict=True):
                moving = [] if layer.frozen_weights else list(row)
                moving += [] if layer.frozen_biases else [bias]
                for parameter in moving:
                    one = self._one_update(parameter, gradients[parameter], remembered[parameter], t, options)
                    assignments += one
        (lines,) = self.writer.lines(assignments)
        return lines

    def _one_update(
        self, parameter: str, gradient: str, memory: Mapping[str, str], t: int, options: Options
    ) -> list[Assignment]:
        def number(name: str) -> Array:
            return stands_for(Row(self.graph, [self.graph.name(name)], ()))

        rule = self.network.training.optimizer.rule
        remembered = {key: number(name) for key, name in memory.items()}
        lines = rule(number(parameter), number(gradient), remembered, t, options)
        values = {line.name: line.value for line in lines}
        targets = [*memory.items(), ("new", parameter)]
        order = {line.name: place for place, line in enumerate(lines)}
        targets.sort(key=lambda target: order[target[0]])
        assigned = [(target, self._nodes(values[key], 1)[0]) for key, target in targets]
        return untangled(self.graph, assigned, lambda name: self.identifiers.unique("new_" + name))
