"""The body of a script that trains with whole arrays, as a person would write it with NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from backprop_tui.engine import equations
from backprop_tui.engine.generated.array_text import traced_parameters, traced_passes
from backprop_tui.engine.generated.line_writer import Writer
from backprop_tui.engine.generated.safe_names import Identifiers
from backprop_tui.engine.generated.tracing.assignments import (
    Assignment,
    needed,
    options_as,
    untangled,
    uses_of,
)
from backprop_tui.engine.generated.tracing.expressions import MATH, Graph, Node, UntraceableError
from backprop_tui.engine.generated.tracing.stand_ins import plain, stands_for
from backprop_tui.engine.generated.tracing.whole_arrays import Block
from backprop_tui.engine.quantities import Kind
from backprop_tui.engine.state import Parameters, TrainingState, initial_state
from backprop_tui.export.scripts.batches import (
    WORDS,
    given_options,
    loop,
    onward,
    part_of,
    scheduled_lines,
)
from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.lazy_numpy import Array
from backprop_tui.network.rules.optimizers import OptimizerState

WIDTH = 100
"""About how long a line of numbers may be."""
EXAMPLES = 2
"""Stands for the number of examples while the script is made: more than one."""


def array_lines(network: Network) -> tuple[frozenset[str], list[str]]:
    """The body of ``main``, and what it needs from module ``math``.

    Raises:
        NetworkError: a function of the network cannot be written so.

    """
    try:
        body = _Body(network)
        return frozenset(body.functions), body.lines
    except (UntraceableError, TypeError, AttributeError, IndexError) as error:
        raise NetworkError(
            "", "a network of functions that can be written out", str(error) or "others"
        ) from error


class _ArrayWriter(Writer):
    """Writes expressions of arrays."""

    def text(self, node: Node) -> tuple[str, int]:
        """An expression, and how tightly its outermost operation binds."""
        if node in self.named or not node.args or not node.shape:
            return super().text(node)
        arguments = ", ".join(self.text(one)[0] for one in node.args)
        if node.op == "fill":
            return self.text(node.args[0])
        if node.op == "matmul":
            left, right = node.args
            return f"{self._within(left, 5)} @ {self._within(right, 6)}", 5
        if node.op == "transpose":
            return f"{self._within(node.args[0], 9)}.T", 9
        if node.op == "reduce":
            ufunc, axis, keepdims = node.what
            function = {"add": "sum", "maximum": "max", "minimum": "min"}[ufunc]
            kept = ", keepdims=True" if keepdims else ""
            return f"np.{function}({arguments}, axis={axis}{kept})", 9
        if node.op in ("or", "absolute"):
            return f"np.{'logical_or' if node.op == 'or' else 'abs'}({arguments})", 9
        if node.op.startswith("math."):
            self.functions.add(MATH[node.op])
            return f"each({MATH[node.op]}, {arguments})", 9
        if node.op in self.signs or node.op == "negative":
            return super().text(node)
        return f"np.{node.op}({arguments})", 9


class _Body:
    def __init__(self, network: Network) -> None:
        self.network = network
        self.graph = Graph()
        settings = network.training.settings
        taken = (
            "losses",
            "outputs",
            "order",
            "epoch",
            "batch",
            "start",
            "inputs",
            "targets",
            "examples",
            "t",
        )
        each = (f"{name}_each" for name in network.training.schedule)
        words = frozenset((*taken, *WORDS, *settings, *each))
        fixed = [name for name in settings if name not in network.training.schedule]
        self.writer = _ArrayWriter(self.graph, Identifiers(words), fixed)
        self.functions = self.writer.functions
        passes = self._written(self._passes())
        update = self._written(list(self._update()))
        changing = scheduled_lines(network, self._options())
        step = [
            *self._batch(),
            *changing,
            *passes,
            "# update",
            *["t += 1"] * ("t" in self.writer.mentioned),
            *update,
        ]
        step += onward(network)
        self.lines = [*self._given(), "", "for epoch in range(EPOCHS):", *self._epoch(step)]
        self.lines += [
            'label = "predictions" if len(outputs) * len(outputs[0]) > 1 else "prediction"',
            'print(f"Final {label}: {shown(outputs)}")',
        ]

    def _written(self, items: Sequence[str | Assignment]) -> list[str]:
        """Lines as they are, and those that assignments become."""
        uses = uses_of([item[1] for item in items if not isinstance(item, str)])
        lines: list[str] = []
        for item in items:
            if isinstance(item, str):
                lines.append(item)
            else:
                self.writer.write(*item, uses, lines)
        return lines

    def _given(self) -> Iterator[str]:
        network = self.network
        yield 'np.seterr(all="ignore")  # a number that overflows is inf, and training goes on'
        yield ""
        yield "# the examples, a row each"
        yield from _array("inputs", network.data.inputs)
        yield from _array("targets", network.data.targets)
        yield ""
        yield "# weights (a row a unit) and biases before the first update"
        initial = initial_state(network)
        parameters = initial.parameters
        for number, (w, b) in enumerate(zip(parameters.weights, parameters.biases, strict=True), 1):
            yield from _array(f"w{number}", w.tolist())
            yield from _array(f"b{number}", [b.tolist()], flat=True)
        yield ""
        yield from given_options(network, self._options())
        yield from self.writer.hoisted
        states = {"w": initial.weight_state, "b": initial.bias_state}
        for parameter in self._moving():
            for key, array in states[parameter[0]][int(parameter[1:]) - 1].items():
                yield from _remembered(f"{key}_{parameter}", parameter, array)
        if "t" in self.writer.mentioned:
            yield f"t = {initial.updates}"

    def _options(self) -> dict[str, str]:
        """The options that are used, each with its variable."""
        return {name: name for name in self.network.training.settings if name in self.writer.mentioned}

    def _moving(self) -> Iterator[str]:
        for number in range(len(self.network.layers), 0, -1):
            layer = self.network.layers[number - 1]
            yield from [f"w{number}"] * (not layer.frozen_weights)
            yield from [f"b{number}"] * (not layer.frozen_biases)

    def _epoch(self, step: Sequence[str]) -> Iterator[str]:
        network = self.network
        yield "    losses, outputs = [], []"
        if network.training.shuffle:
            yield f"    generator = np.random.default_rng([{network.training.seed}, 0, epoch])"
            yield "    order = generator.permutation(len(inputs))"
        yield from (f"    {line}" for line in loop(network, "inputs"))
        yield from (f"        {line}" if line else "" for line in step)
        if network.training.shuffle:
            yield "    outputs = [output for _, output in sorted(zip(order.tolist(), outputs))]"
        yield "    if epoch % LOG_EVERY == 0:"
        yield '        label = "Predictions" if len(outputs) * len(outputs[0]) > 1 else "Prediction"'
        yield '        print(f"Epoch {epoch}, Loss: {decimal(mean(losses))}, {label}: {shown(outputs)}")'

    def _batch(self) -> Iterator[str]:
        part = part_of(self.network)
        if self.network.training.shuffle:
            yield f"batch = order[{part}]"
            yield "x, y = inputs[batch], targets[batch]"
        else:
            yield f"x, y = inputs[{part}], targets[{part}]"

    def _passes(self) -> list[str | Assignment]:
        """The forward and the backward pass, and what is kept of them for the printed lines."""
        network, graph = self.network, self.graph
        outputs = f"a{len(network.layers)}"
        forward, backward = traced_passes(graph, network, EXAMPLES, x="x")
        gradients = {f"dL_d{parameter}" for parameter in self._moving()}
        passes = needed([*forward, *backward], {"L", outputs, *gradients})
        count = graph.name("len(x)")
        averaged = set() if network.training.sums_examples else gradients
        passes = [
            (name, graph.node("divide", (node, count), None, node.shape) if name in averaged else node)
            for name, node in passes
        ]
        ahead = {name for name, _ in forward}
        first = sum(name in ahead for name, _ in passes)
        kept = ["losses += L.tolist()", f"outputs += {outputs}.tolist()"]
        return ["# forward", *passes[:first], *kept, "# backward", *passes[first:]]

    def _update(self) -> Iterator[Assignment]:
        network, graph, training = self.network, self.graph, self.network.training
        keys = training.optimizer.state_names(training.settings)

        def block(name: str, shape: tuple[int, ...]) -> Array:
            return stands_for(Block(graph, graph.name(name, shape), shape))

        def state(letter: str, parameters: Sequence[Array]) -> tuple[OptimizerState, ...]:
            return tuple(
                {key: block(f"{key}_{letter}{number}", array.shape) for key in keys}
                for number, array in enumerate(parameters, 1)
            )

        def gradients(letter: str, parameters: Sequence[Array]) -> tuple[Array, ...]:
            return tuple(
                block(f"dL_d{letter}{number}", array.shape) for number, array in enumerate(parameters, 1)
            )

        options = options_as(
            training.deciding, {name: Block(graph, graph.name(name), ()) for name in training.settings}
        )
        t = cast("int", Block(graph, graph.name("t"), ()))
        p = traced_parameters(graph, network)
        before = TrainingState(p, state("w", p.weights), state("b", p.biases))
        gradient = Parameters(gradients("w", p.weights), gradients("b", p.biases))
        for kind, layer, lines in equations.update(network, before, gradient, t, options):
            parameter = f"{'w' if kind is Kind.WEIGHT_UPDATE else 'b'}{layer}"
            targets: Mapping[str, str] = {key: f"{key}_{parameter}" for key in keys} | {"new": parameter}
            assigned = [
                (targets[line.name], plain(line.value).node) for line in lines if line.name in targets
            ]
            yield from untangled(graph, assigned, lambda name: f"new_{name}")


def _remembered(name: str, parameter: str, array: Array) -> Iterator[str]:
    """What the optimizer keeps of a parameter."""
    if not array.any():
        yield f"{name} = np.zeros_like({parameter})"
    elif array.ndim == 1:
        yield from _array(name, [array.tolist()], flat=True)
    else:
        yield from _array(name, array.tolist())


def _array(name: str, rows: Sequence[Sequence[float]], *, flat: bool = False) -> Iterator[str]:
    """An array of numbers, a row after another, in lines that are not too long."""
    inline = f"{name} = np.array({list(rows[0])!r})"
    if flat and len(inline) < WIDTH:
        yield inline
        return
    yield f"{name} = np.array({'' if flat else '['}"
    for row in rows:
        line = "    ["
        for value in row:
            if len(line) > WIDTH:
                yield line.rstrip()
                line = "     "
            line += f"{value!r}, "
        yield line.rstrip(", ") + "],"
    yield ")" if flat else "])"
