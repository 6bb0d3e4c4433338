"""A network as a Python script that trains it by itself and prints what ``train`` prints.

Where the engine trains with single numbers the script is that very text and needs nothing but Python; where
it trains with whole arrays, the script does so with NumPy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from backprop_tui.engine.generated.scalar_text import ScalarText, scalar_text
from backprop_tui.engine.state import TrainingState, initial_state
from backprop_tui.engine.training import Trainer
from backprop_tui.export.scripts.arrays import array_lines
from backprop_tui.export.scripts.batches import given_options, loop, onward, part_of, scheduled_lines
from backprop_tui.network.description import Network

_HELPERS = '''
def mean(losses):
    """The mean loss, to the last digit."""
    try:
        return fsum(losses) / len(losses)
    except (OverflowError, ValueError):
        return sum(losses) / len(losses)


def decimal(value):
    return f"{value:.6f}" if abs(value) < 1e15 else f"{value:.6e}"


def shown(predictions):
    rows = [" ".join(map(decimal, row)) for row in predictions]
    return ", ".join(rows[:8]) + (f", … {len(rows) - 8} more" if len(rows) > 8 else "")
'''

_SAFE = {
    "exp": """

def exp(z):
    '''e to the power of z; inf where that is too large for a number.'''
    try:
        return math.exp(z)
    except OverflowError:
        return math.inf
""",
    "expm1": """

def expm1(z):
    try:
        return math.expm1(z)
    except OverflowError:
        return math.inf
""",
    "log": """

def log(x):
    '''The natural logarithm; −inf at 0 and nan below.'''
    return math.log(x) if x > 0.0 else -math.inf if x == 0.0 else math.nan
""",
    "log1p": """

def log1p(x):
    return math.log1p(x) if x > -1.0 else -math.inf if x == -1.0 else math.nan
""",
    "sqrt": """

def sqrt(x):
    return math.sqrt(x) if x >= 0.0 else math.nan
""",
}
"""Functions where Python would stop with an error and training goes on."""

_EACH = """

def each(function, values):
    return np.array([function(value) for value in values.ravel()]).reshape(values.shape)
"""


def script(network: Network, epochs: int = 1000, log_every: int = 200) -> str:
    """The text of a script.

    Args:
        network: what it trains.
        epochs: for how many epochs.
        log_every: how far apart the epochs are of which it prints a line.

    """
    if Trainer(network).engine == "scalars":
        text = scalar_text(network)
        body = list(_main(network, text))
        safe = sorted(text.functions & _SAFE.keys())
        plain = sorted((text.functions - set(safe)) | {"fsum"})
        plain = sorted({*plain, *_not_finite(body)})
        imports = [*(["import math"] if safe else []), f"from math import {', '.join(plain)}"]
        if network.training.shuffle:
            imports += ["", "import numpy"]
        helpers = "".join(_SAFE[name] for name in safe)
    else:
        functions, body = array_lines(network)
        helpers = ""
        used = sorted({*functions, "fsum", *_not_finite(body)})
        imports = [f"from math import {', '.join(used)}", "", "import numpy as np"]
    constants = [f"EPOCHS = {epochs}", f"LOG_EVERY = {log_every}"]
    parts = [
        "#!/usr/bin/env python3",
        *_docstring(network, body),
        "",
        *imports,
        "",
        *constants,
        "",
        *_HELPERS.splitlines(),
        *helpers.splitlines(),
        *(_EACH.splitlines() if any("each(" in line for line in body) else ()),
        "",
        "",
        "def main():",
        *(f"    {line}" if line else "" for line in body),
        "",
        "",
        'if __name__ == "__main__":',
        "    main()",
    ]
    return "\n".join(parts) + "\n"


def _not_finite(body: Sequence[str]) -> set[str]:
    """The names of infinities and of what is no number among the numbers that are given."""
    return {word for line in body for word in re.findall(r"\b(?:inf|nan)\b", line)}


def _docstring(network: Network, body: Sequence[str]) -> Iterator[str]:
    title = network.title.replace("\\", "/").replace('"', "'").strip()
    training = network.training
    yield f'"""{title}: a {network.shape} network and its training by backpropagation.'
    yield ""
    yield "Written by backprop-tui, whose command train prints the same lines; runs without it."
    yield f"Loss: {training.loss_name}. Optimizer: {training.optimizer_name}. Layers: " + ", ".join(
        f"{layer.units} {layer.activation_name}" for layer in network.layers
    )
    if any(line.lstrip().startswith("t1 = ") for line in body):
        yield "t1, t2 and so on are parts that occur more than once."
    if not any("np." in line for line in body):
        yield "Where a division by 0 ends it with an error, backprop-tui goes on with inf and nan."
    yield '"""'


def _main(network: Network, text: ScalarText) -> Iterator[str]:
    """The body of ``main``, in single numbers."""
    yield "# the examples: " + ", ".join(text.inputs) + " and the target " + ", ".join(text.targets)
    data = zip(network.data.inputs, network.data.targets, strict=True)
    yield from _listed("EXAMPLES", [(*x, *y) for x, y in data])
    yield ""
    yield "# weights and biases before the first update"
    initial = initial_state(network)
    values: list[float] = []
    for w, b in zip(initial.parameters.weights, initial.parameters.biases, strict=True):
        values += [*w.ravel().tolist(), *b.tolist()]
    for name, value in zip(text.parameters, values, strict=True):
        yield f"{name} = {value!r}"
    yield ""
    yield from given_options(network, text.options)
    if not network.training.schedule:
        yield from text.before
    if text.optimizer_state:
        yield "# what the optimizer remembers"
        for name, value in zip(text.optimizer_state, _remembered(initial), strict=True):
            yield f"{name} = {value!r}"
    if text.counts:
        yield f"t = {initial.updates}"
    yield ""
    yield "for epoch in range(EPOCHS):"
    yield from _indented(_epoch(network, text))
    yield from _ending()


def _remembered(state: TrainingState) -> Iterator[float]:
    """What the optimizer keeps: of a layer's weights one quantity after another, then of its biases."""
    for pair in zip(state.weight_state, state.bias_state, strict=True):
        for kept in pair:
            for array in kept.values():
                yield from array.ravel().tolist()


def _epoch(network: Network, text: ScalarText) -> Iterator[str]:
    yield "losses, outputs = [], []"
    shuffled = network.training.shuffle
    if shuffled:
        yield from _order(network)
        yield "rows = [EXAMPLES[index] for index in order]"
    rows = "rows" if shuffled else "EXAMPLES"
    example = [
        "# forward",
        *text.forward,
        f"losses.append({text.loss})",
        f"outputs.append(({', '.join(text.outputs)},))",
        "# backward",
        *text.backward,
    ]
    row = ", ".join(text.rows)
    changing = list(scheduled_lines(network, text.options))
    if network.training.schedule:
        changing += text.before
    update = ["# update", *(["t += 1"] if text.counts else []), *text.update]
    if network.batch_size == 1:
        numbered = f"for number, ({row},) in enumerate({rows}):"
        yield numbered if network.training.schedule else f"for {row} in {rows}:"
        yield from _indented([*changing, *example, *update])
    else:
        yield from loop(network, "EXAMPLES")
        yield f"    batch = {rows}[{part_of(network)}]"
        body = [
            *changing,
            *text.zeros,
            f"for {row} in batch:",
            *_indented([*example, "", *text.sums]),
            *["examples = len(batch)"] * bool(text.means),
            *text.means,
            *update,
            *onward(network),
        ]
        yield from _indented(body)
    yield from _reported(shuffled)


def _order(network: Network) -> Iterator[str]:
    yield f"generator = numpy.random.default_rng([{network.training.seed}, 0, epoch])"
    yield "order = generator.permutation(len(EXAMPLES)).tolist()"


def _reported(shuffled: bool) -> Iterator[str]:
    if shuffled:
        yield "outputs = [output for _, output in sorted(zip(order, outputs))]"
    yield "if epoch % LOG_EVERY == 0:"
    yield '    label = "Predictions" if len(outputs) * len(outputs[0]) > 1 else "Prediction"'
    yield '    print(f"Epoch {epoch}, Loss: {decimal(mean(losses))}, {label}: {shown(outputs)}")'


def _ending() -> Iterator[str]:
    yield 'label = "predictions" if len(outputs) * len(outputs[0]) > 1 else "prediction"'
    yield 'print(f"Final {label}: {shown(outputs)}")'


def _indented(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield f"    {line}" if line else ""


def _listed(name: str, rows: Sequence[Sequence[float]]) -> Iterator[str]:
    """A table of numbers, a row a line."""
    yield f"{name} = ["
    for row in rows:
        yield f"    ({', '.join(map(repr, row))}),"
    yield "]"
