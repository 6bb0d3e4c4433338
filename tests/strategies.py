"""Random small networks, as documents in the form of a network file."""

from __future__ import annotations

from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import strategies as st

from backprop_tui.engine.quantities import Parameter
from backprop_tui.history.edits import Settable, Target
from backprop_tui.network.description import Network
from backprop_tui.network.files.build import build
from backprop_tui.network.rules.activations import ACTIVATIONS
from backprop_tui.network.rules.losses import LOSSES
from backprop_tui.network.rules.optimizers import OPTIMIZERS
from backprop_tui.session.session import Session

OUTPUT_OF = {
    "binary_cross_entropy": "sigmoid",
    "summed_binary_cross_entropy": "sigmoid",
    "cross_entropy": "softmax",
}
"""The output layer that a loss needs for its logarithms."""

_SOME_OPTIONS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "sgd": {
        "momentum": st.sampled_from([0.5, 0.9]),
        "dampening": st.sampled_from([0.1, 0.5]),
        "weight_decay": st.sampled_from([0.01, 0.1]),
    },
    "adagrad": {"lr_decay": st.just(0.1), "weight_decay": st.just(0.05), "eps": st.just(1e-6)},
    "rmsprop": {
        "alpha": st.sampled_from([0.5, 0.9]),
        "centered": st.just(True),
        "momentum": st.just(0.3),
        "weight_decay": st.just(0.02),
        "eps": st.just(1e-3),
    },
    "adam": {
        "beta1": st.just(0.5),
        "beta2": st.just(0.9),
        "weight_decay": st.just(0.1),
        "eps": st.just(1e-4),
    },
    "adamw": {"beta1": st.just(0.0), "beta2": st.just(0.5), "weight_decay": st.just(0.3)},
}


def numbers(largest: float = 2.0) -> st.SearchStrategy[float]:
    """Numbers with few digits, so that a failure is readable; zeros and ties are wanted."""
    return st.integers(-20, 20).map(lambda n: n * largest / 20)


def matrices(height: int, width: int) -> st.SearchStrategy[list[list[float]]]:
    """Rows of such numbers."""
    row = st.lists(numbers(), min_size=width, max_size=width)
    return st.lists(row, min_size=height, max_size=height)


@st.composite
def optimizers(draw: st.DrawFn) -> dict[str, Any]:
    """An optimizer with a few of its options."""
    name = draw(st.sampled_from(sorted(OPTIMIZERS)))
    table: dict[str, Any] = {"name": name, "learning_rate": draw(st.sampled_from([0.01, 0.1, 0.5]))}
    for option, values in _SOME_OPTIONS[name].items():
        if draw(st.booleans()):
            table[option] = draw(values)
    if draw(st.sampled_from([False, False, True])):
        table["decay_biases"] = False
    if name == "sgd" and "momentum" in table and draw(st.booleans()):
        table["nesterov"] = True
    return table


_SCHEDULED = {"learning_rate": (0.0, 0.02, 0.3), "gradient_scale": (0.25, 1.0, 3.0)}


@st.composite
def lengths(draw: st.DrawFn, count: int) -> list[int]:
    """The lengths of batches that so many examples make."""
    cuts = sorted(draw(st.sets(st.integers(1, count - 1))) if count > 1 else ())
    return [end - start for start, end in pairwise([0, *cuts, count])]


@st.composite
def starts(draw: st.DrawFn, optimizer: dict[str, Any], widths: list[int]) -> dict[str, Any]:
    """What an optimizer may have kept of earlier updates."""
    row = OPTIMIZERS[optimizer["name"]]
    names = row.state_names({name: option.default for name, option in row.options.items()} | optimizer)
    squares = {"adagrad": "s", "rmsprop": "v", "adam": "v", "adamw": "v"}.get(optimizer["name"])
    layers = []
    for below, width in pairwise(widths):
        number = {
            name: draw(st.sampled_from([1.0, 1.5] if name == squares else [-0.5, 0.25])) for name in names
        }
        layers.append(
            {
                "weights": {name: [[number[name]] * below for _ in range(width)] for name in names},
                "biases": {name: [number[name]] * width for name in names},
            }
        )
    return {"updates": draw(st.integers(1, 5)), "layers": layers}


@st.composite
def documents(
    draw: st.DrawFn, layers: int = 3, units: int = 4, examples: int = 4, activations: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A network of at most so many layers, units and examples, with any function of the tables."""
    widths = draw(st.lists(st.integers(1, units), min_size=2, max_size=layers + 1))
    loss = draw(st.sampled_from(sorted(LOSSES)))
    tables = []
    for below, width in pairwise(widths):
        activation = draw(st.sampled_from(activations or sorted(ACTIVATIONS)))
        table: dict[str, Any] = {
            "units": width,
            "activation": activation,
            "weights": draw(matrices(width, below)),
            "biases": draw(matrices(1, width))[0],
        }
        if frozen := draw(st.sampled_from([[], [], [], ["weights"], ["biases"], ["weights", "biases"]])):
            table["frozen"] = frozen
        tables.append(table)
    tables[-1]["activation"] = OUTPUT_OF.get(loss, tables[-1]["activation"])
    count = draw(st.integers(1, examples))
    shares = st.sampled_from([0.0, 1.0, 0.25])
    target = st.lists(shares, min_size=widths[-1], max_size=widths[-1])
    training: dict[str, Any] = {"loss": loss, "optimizer": draw(optimizers())}
    if draw(st.booleans()):
        training["batch_size"] = draw(st.integers(1, count + 1))
    if draw(st.booleans()):
        training |= {"shuffle": True, "seed": draw(st.integers(0, 9))}
    elif "batch_size" not in training and draw(st.booleans()):
        training["batches"] = draw(lengths(count))
    if draw(st.sampled_from([False, False, True])):
        size = training.get("batch_size", count)
        iterations = len(training["batches"]) if "batches" in training else -(-count // size)
        training["schedule"] = {
            name: draw(st.lists(st.sampled_from(values), min_size=iterations, max_size=iterations))
            for name, values in _SCHEDULED.items()
            if draw(st.booleans())
        }
    if draw(st.sampled_from([False, False, True])):
        training["reduction"] = "sum"
    if draw(st.sampled_from([False, False, True])):
        training["start"] = draw(starts(training["optimizer"], widths))
    return {
        "network": {"inputs": widths[0], "layers": tables},
        "training": training,
        "data": {
            "inputs": draw(matrices(count, widths[0])),
            "targets": draw(st.lists(target, min_size=count, max_size=count)),
        },
    }


def networks(layers: int = 3, units: int = 4, examples: int = 4, activations: tuple[str, ...] = ()) -> Any:
    """Networks built from such documents."""
    return documents(layers, units, examples, activations).map(build)


def irregular(seed: int) -> Network:
    """A small network with numbers of many digits, of which hardly two agree.

    Going through the seeds, one finds every activation, loss and optimizer, also with options, and batches of
    one example and of several.
    """
    draw = Random(seed)
    widths = [draw.randint(1, 3) for _ in range(draw.randint(2, 4))]
    names, losses, optimizers = sorted(ACTIVATIONS), sorted(LOSSES), sorted(OPTIMIZERS)
    loss, optimizer = losses[seed % len(losses)], optimizers[seed % len(optimizers)]
    layers: list[dict[str, Any]] = [
        {
            "units": width,
            "activation": names[(seed + number) % len(names)],
            "weights": [[draw.uniform(-1.0, 1.0) for _ in range(below)] for _ in range(width)],
            "biases": [draw.uniform(-0.5, 0.5) for _ in range(width)],
        }
        for number, (below, width) in enumerate(pairwise(widths))
    ]
    layers[-1]["activation"] = OUTPUT_OF.get(loss, layers[-1]["activation"])
    table: dict[str, Any] = {"name": optimizer, "learning_rate": draw.uniform(0.05, 0.6)}
    if seed % 2 and optimizer == "sgd":
        table["momentum"] = 0.7
    if seed % 3 == 0:
        table["weight_decay"] = 0.13
        if seed % 4 == 0:
            table["decay_biases"] = False
    count = draw.randint(1, 4)
    return build(
        {
            "network": {"inputs": widths[0], "layers": layers},
            "training": {"loss": loss, "optimizer": table, "batch_size": draw.randint(1, count)},
            "data": {
                "inputs": [[draw.uniform(-1.5, 1.5) for _ in range(widths[0])] for _ in range(count)],
                "targets": [[draw.choice([0.0, 1.0]) for _ in range(widths[-1])] for _ in range(count)],
            },
        }
    )


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    """A small network at a random moment of its first epochs, perhaps after some values were set by hand."""
    session = Session(draw(networks()))
    last = 3 * session.program.statements
    for _ in range(draw(st.integers(0, 2))):
        session.jump(draw(st.integers(0, last)))
        widths = session.network.widths
        layer = draw(st.integers(1, len(widths) - 1))
        if draw(st.booleans()):
            unit, below = draw(st.integers(0, widths[layer] - 1)), draw(st.integers(0, widths[layer - 1] - 1))
            session.edit(
                Settable(Target.PARAMETER, Parameter(layer, unit, below)), draw(st.sampled_from([-1.5, 0.75]))
            )
        else:
            session.edit(Settable(Target.INPUT, unit=draw(st.integers(0, widths[0] - 1))), 0.625)
    session.jump(draw(st.integers(0, last)))
    return session
