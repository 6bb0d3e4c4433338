"""One iteration written out in single numbers: the straight line of assignments that a person would write.

The order is that of the statements: forward, loss and backward of an example, one quantity a line, then the
update. The equations are run (``engine.equations``) with expressions in the place of arrays
(``expressions``). What occurs more than once is computed once and called t1, t2 and so on. The engine runs
this text, and an exported script shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import cast

from msgspec import Struct

from backprop_tui.engine import equations, reference
from backprop_tui.engine.generated.line_writer import Writer
from backprop_tui.engine.generated.safe_names import Identifiers
from backprop_tui.engine.generated.tracing.assignments import Assignment, options_as, untangled
from backprop_tui.engine.generated.tracing.expressions import MATH, Graph, Node, UntraceableError
from backprop_tui.engine.generated.tracing.single_numbers import Numbers
from backprop_tui.engine.generated.tracing.stand_ins import plain, stands_for
from backprop_tui.engine.quantities import Kind
from backprop_tui.engine.state import Parameters, TrainingState
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array
from backprop_tui.network.names import Names
from backprop_tui.network.rules.optimizers import Line, OptimizerState

_WORDS = """
    batch batches examples losses seen settings state t count epoch order row rows train main inf nan
    EPOCHS LOG_EVERY EXAMPLES ORDER outputs predictions parameters gradients numpy np math loss
    sys fsum mean text label shown decimal start number length index value each i
"""
OWN_NAMES = frozenset((*_WORDS.split(), *MATH.values()))
"""What the text around the assignments uses."""


class ScalarText(Struct, frozen=True):
    """The lines of one iteration and the variables in them."""

    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    parameters: tuple[str, ...]
    """Layer by layer from the first, its weights by rows, then its biases."""
    optimizer_state: tuple[str, ...]
    """What the optimizer keeps of them: of a layer's weights one of its quantities after another, then of its
    biases."""
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
    """The gradient of the batch, in the order of the parameters."""
    zeros: tuple[str, ...]
    """Before the examples of a batch of several; empty for batches of one, as are the next two."""
    sums: tuple[str, ...]
    """After each example of it."""
    means: tuple[str, ...]
    """After its last, from ``examples``, their number; none where the sums count."""
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
        name, widths = self.identifiers.unique, network.widths
        self.layers = range(1, len(widths))
        self.options = {option: name(option) for option in network.training.settings}
        self.x = [name(self.names.unit(0, unit)) for unit in range(widths[0])]
        self.y = [name(self.names.target(unit)) for unit in range(widths[-1])]
        self.variables: dict[tuple[Kind, int], list[str]] = {(Kind.ACTIVATION, 0): self.x}
        """The variables of each quantity of a layer, of weights row after row."""
        for kinds in (_FORWARD, _BACKWARD):
            for kind in kinds:
                for layer in self.layers:
                    named = self._unit_name(kind)
                    self.variables[kind, layer] = [name(named(layer, unit)) for unit in range(widths[layer])]
        self.loss = name("L")
        self.variables[Kind.LOSS, 0] = [self.loss]
        self.weights, self.biases = self._each_parameter("")
        gradients = self._each_parameter("dL_d")
        for kind, names in zip((Kind.WEIGHT_GRADIENT, Kind.BIAS_GRADIENT), gradients, strict=True):
            self.variables |= {(kind, layer): names[layer - 1] for layer in self.layers}
        self.writer = Writer(self.graph, self.identifiers, self.options.values())

    def _unit_name(self, kind: Kind) -> Callable[[int, int], str]:
        names = self.names
        return {
            Kind.WEIGHTED_SUM: names.z,
            Kind.ACTIVATION: names.a,
            Kind.ACTIVATION_GRADIENT: names.dL_da,
            Kind.ACTIVATION_DERIVATIVE: names.da_dz,
            Kind.DELTA: names.delta,
        }[kind]

    def _each_parameter(self, prefix: str) -> tuple[list[list[str]], list[list[str]]]:
        """Variables of the weights of each layer, row after row, and of its biases."""
        unique, names, widths = self.identifiers.unique, self.names, self.network.widths
        weights, biases = [], []
        for layer in self.layers:
            units, belows = range(widths[layer]), range(widths[layer - 1])
            weights.append(
                [unique(prefix + names.weight(layer, u, below)) for u in units for below in belows]
            )
            biases.append([unique(prefix + names.bias(layer, unit)) for unit in units])
        return weights, biases

    def _traced(self, variables: Sequence[str], *shape: int) -> Array:
        """Variables in the place of an array; without a shape, of one row."""
        nodes = [self.graph.name(variable) for variable in variables]
        return stands_for(Numbers(self.graph, nodes, shape or None))

    def _parameters(self, weights: Sequence[Sequence[str]], biases: Sequence[Sequence[str]]) -> Parameters:
        """Variables in the place of all parameters, or of their gradients."""
        described = self.network.layers
        return Parameters(
            tuple(
                self._traced(names, layer.units, layer.inputs)
                for names, layer in zip(weights, described, strict=True)
            ),
            tuple(self._traced(names, len(names)) for names in biases),
        )

    def text(self) -> ScalarText:
        writer, single = self.writer, self.network.batch_size == 1
        forward, backward = self._passes()
        example = writer.lines([*forward, *backward], len(forward))
        gradients = self._in_order(Kind.WEIGHT_GRADIENT, Kind.BIAS_GRADIENT)
        zeros: list[str] = []
        sums: list[str] = []
        means: list[str] = []
        averaged = gradients
        if not single:
            totals = [self.identifiers.unique("sum_" + name) for name in gradients]
            zeros = [f"{total} = 0.0" for total in totals]
            sums = [f"{total} += {one}" for total, one in zip(totals, gradients, strict=True)]
            averaged = totals
            if not self.network.training.sums_examples:
                averaged = [self.identifiers.unique("mean_" + name) for name in gradients]
                means = [f"{mean} = {total} / examples" for mean, total in zip(averaged, totals, strict=True)]
        state = self._optimizer_state()
        update = self._update(dict(zip(gradients, averaged, strict=True)), state)
        pairs = zip(self.weights, self.biases, strict=True)
        return ScalarText(
            inputs=tuple(self.x),
            targets=tuple(self.y),
            parameters=tuple(name for pair in pairs for names in pair for name in names),
            optimizer_state=tuple(name for kept in state for names in kept.values() for name in names),
            options={o: name for o, name in self.options.items() if name in writer.mentioned},
            counts="t" in writer.mentioned,
            before=tuple(writer.hoisted),
            forward=tuple(example[0]),
            backward=tuple(example[1]),
            loss=self.loss,
            outputs=tuple(self.variables[Kind.ACTIVATION, self.layers[-1]]),
            quantities=(*self._in_order(*_FORWARD), *self._in_order(*_BACKWARD)),
            gradients=tuple(averaged),
            zeros=tuple(zeros),
            sums=tuple(sums),
            means=tuple(means),
            update=tuple(update),
            functions=frozenset(writer.functions),
        )

    def _in_order(self, *kinds: Kind) -> list[str]:
        """Layer by layer the variables of some kinds of quantities, one kind after another."""
        return [name for layer in self.layers for kind in kinds for name in self.variables[kind, layer]]

    def _passes(self) -> tuple[list[Assignment], list[Assignment]]:
        """The assignments of the forward pass, the loss included, and of the backward pass."""
        network = self.network
        found: dict[tuple[Kind, int], list[Assignment]] = {}

        def decide(assignment: equations.Assignment) -> Array:
            kind, layer, value = assignment
            names = self.variables[kind, layer]
            nodes = _nodes(value, len(names))
            found[kind, layer] = list(zip(names, nodes, strict=True))
            variables = [
                node if node.op == "constant" else self.graph.name(name)
                for name, node in zip(names, nodes, strict=True)
            ]
            return stands_for(Numbers(self.graph, variables))

        parameters = self._parameters(self.weights, self.biases)
        x, y = self._traced(self.x), self._traced(self.y)
        pass_ = reference.forward(network, parameters, x, y, decide)
        reference.run(equations.backward(network, parameters, pass_.z, pass_.a, y), decide)
        forward = [one for layer in self.layers for one in self._by_unit(found, layer, _FORWARD)]
        backward = [one for layer in reversed(self.layers) for one in self._by_unit(found, layer, _BACKWARD)]
        return [*forward, *found[Kind.LOSS, 0]], backward

    def _by_unit(
        self, found: Mapping[tuple[Kind, int], list[Assignment]], layer: int, kinds: Sequence[Kind]
    ) -> Iterator[Assignment]:
        """The assignments of a layer in the order of the statements: unit by unit.

        Where its activation couples the units, those that all others need come first.
        """
        described = self.network.layers[layer - 1]
        if described.activation.couples:
            yield from found[kinds[0], layer]
            kinds = kinds[1:]
        for unit in range(described.units):
            for kind in kinds:
                yield found[kind, layer][unit]
            if Kind.DELTA in kinds:
                yield from found[Kind.WEIGHT_GRADIENT, layer][
                    unit * described.inputs : (unit + 1) * described.inputs
                ]
                yield found[Kind.BIAS_GRADIENT, layer][unit]

    def _optimizer_state(self) -> list[dict[str, list[str]]]:
        """Variables of what the optimizer keeps: of the weights of each layer, then of its biases."""
        training, unique = self.network.training, self.identifiers.unique
        keys = training.optimizer.state_names(training.settings)
        return [
            {key: [unique(f"{key}_{name}") for name in names] for key in keys}
            for pair in zip(self.weights, self.biases, strict=True)
            for names in pair
        ]

    def _update(self, averaged: Mapping[str, str], state: Sequence[Mapping[str, list[str]]]) -> list[str]:
        """The lines of the update: output layer first, unit by unit its weights, then its bias.

        *averaged* gives the variable of a gradient's average, or sum.
        """
        network = self.network

        def gradients(kind: Kind) -> list[list[str]]:
            return [[averaged[name] for name in self.variables[kind, layer]] for layer in self.layers]

        def states(kept: Sequence[Mapping[str, list[str]]], weights: bool) -> tuple[OptimizerState, ...]:
            return tuple(
                {
                    key: self._traced(names, *((layer.units, layer.inputs) if weights else (layer.units,)))
                    for key, names in one.items()
                }
                for one, layer in zip(kept, network.layers, strict=True)
            )

        before = TrainingState(
            self._parameters(self.weights, self.biases), states(state[::2], True), states(state[1::2], False)
        )
        gradient = self._parameters(gradients(Kind.WEIGHT_GRADIENT), gradients(Kind.BIAS_GRADIENT))
        options = options_as(
            network.training.deciding,
            {name: Numbers(self.graph, [self.graph.name(v)], ()) for name, v in self.options.items()},
        )
        t = cast("int", Numbers(self.graph, [self.graph.name("t")], ()))
        found: dict[int, dict[Kind, list[list[Assignment]]]] = {}
        for kind, layer, lines in equations.update(network, before, gradient, t, options):
            weights = kind is Kind.WEIGHT_UPDATE
            names = (self.weights if weights else self.biases)[layer - 1]
            kept = state[2 * (layer - 1) + (not weights)]
            found.setdefault(layer, {})[kind] = self._each_update(names, kept, lines)
        assignments: list[Assignment] = []
        for layer, kinds in found.items():
            inputs = network.layers[layer - 1].inputs
            for unit in range(network.widths[layer]):
                updates = kinds.get(Kind.WEIGHT_UPDATE, [])[unit * inputs : (unit + 1) * inputs]
                for one in (*updates, *kinds.get(Kind.BIAS_UPDATE, [])[unit : unit + 1]):
                    assignments += one
        (written,) = self.writer.lines(assignments)
        return written

    def _each_update(
        self, names: Sequence[str], kept: Mapping[str, Sequence[str]], lines: Sequence[Line]
    ) -> list[list[Assignment]]:
        """The assignments of each parameter of a layer: what the optimizer keeps of it, and its new value."""
        targets = {**kept, "new": names}
        values = [
            (targets[line.name], _nodes(line.value, len(names))) for line in lines if line.name in targets
        ]
        return [
            untangled(
                self.graph,
                [(variables[place], nodes[place]) for variables, nodes in values],
                lambda name: self.identifiers.unique("new_" + name),
            )
            for place in range(len(names))
        ]


_FORWARD = (Kind.WEIGHTED_SUM, Kind.ACTIVATION)
_BACKWARD = (Kind.ACTIVATION_GRADIENT, Kind.ACTIVATION_DERIVATIVE, Kind.DELTA)


def _nodes(value: object, count: int) -> tuple[Node, ...]:
    """The expressions that a function of a table returned, possibly wrapped by NumPy."""
    numbers = plain(value)
    if not isinstance(numbers, Numbers) or len(numbers.nodes) != count:
        raise UntraceableError("not a value for each unit")
    return numbers.nodes
