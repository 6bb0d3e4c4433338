"""A network as a person describes it: immutable, complete, and free of arrays.

Layer 0 is the input; units, inputs and examples count from 0. Everything else (the engine's arrays, the
debugger's statements, the drawing) is made from these few classes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from types import MappingProxyType

from msgspec import Struct, field

from backprop_tui.network.batch_places import BatchPlaces
from backprop_tui.network.notebook import ShownInNotebooks
from backprop_tui.network.rules.activations import ACTIVATIONS, Activation
from backprop_tui.network.rules.losses import LOSSES, FusedLoss, Loss
from backprop_tui.network.rules.optimizers import OPTIMIZERS, Optimizer

DTYPES = ("float64", "float32", "float16", "bfloat16")
"""The types of numbers that a network in PyTorch may have."""
Vector = tuple[float, ...]
Matrix = tuple[Vector, ...]


class Drawn(Struct, frozen=True):
    """Weights that are drawn, not given: the initializer's name and options.

    ``given`` tells whether the file names it, or leaves the choice to the program.
    """

    initializer: str
    options: Mapping[str, float] = field(default_factory=dict)
    given: bool = True


class Layer(Struct, frozen=True):
    """One layer above the input.

    ``weights``, a tuple or what is like one, has a row per unit and a column per input, ``biases`` a number
    per unit; both hold the values before the first update. ``origin`` remembers how weights were drawn, so
    that saving writes what was read.
    """

    weights: Sequence[Vector]
    biases: Vector
    activation_name: str
    frozen_weights: bool = False
    frozen_biases: bool = False
    origin: Drawn | None = None
    given_biases: bool = True
    unit_names: tuple[str, ...] = ()
    weight_names: tuple[tuple[str, ...], ...] = ()
    bias_names: tuple[str, ...] = ()

    @property
    def units(self) -> int:
        """How many units the layer has."""
        return len(self.weights)

    @property
    def inputs(self) -> int:
        """How many inputs each of its units has."""
        return len(self.weights[0])

    @property
    def activation(self) -> Activation:
        """The row of its activation function."""
        return ACTIVATIONS[self.activation_name]


class Kept(Struct, frozen=True):
    """What the optimizer kept of one layer from earlier updates, by name.

    Of the weights each quantity has a row per unit and a column per input, of the biases a number per unit.
    What is left out is 0.
    """

    weights: Mapping[str, Sequence[Vector]] = field(default_factory=dict)
    biases: Mapping[str, Vector] = field(default_factory=dict)


class Start(Struct, frozen=True):
    """Where the optimizer goes on from, when the first update of this training is not its first.

    ``updates`` tells how many there have been, ``layers`` what it has kept of each layer above the input.
    """

    updates: int
    layers: tuple[Kept, ...]


class Training(Struct, frozen=True, dict=True):
    """How the network is trained. ``batch_size`` 0 stands for all examples.

    ``reduction`` says what an update goes by: ``mean``, the mean of a batch's losses, or ``sum``, their sum.
    ``batches`` gives the length of each batch of an epoch where they differ. ``schedule`` gives options of
    the optimizer that change, a number for each iteration of an epoch; ``gradient_scale`` among them is what
    the gradient is multiplied by before the optimizer takes it.
    """

    loss_name: str = "squared_error"
    optimizer_name: str = "sgd"
    options: Mapping[str, float] = field(default_factory=dict)
    batch_size: int = 0
    shuffle: bool = False
    seed: int = 0
    reduction: str = "mean"
    start: Start | None = None
    batches: tuple[int, ...] = ()
    schedule: Mapping[str, Vector] = field(default_factory=dict)

    @property
    def sums_examples(self) -> bool:
        """Whether the losses and gradients of a batch add up, in the place of their mean."""
        return self.reduction == "sum"

    @property
    def loss(self) -> Loss:
        """The row of its loss."""
        return LOSSES[self.loss_name]

    @property
    def optimizer(self) -> Optimizer:
        """The row of its optimizer."""
        return OPTIMIZERS[self.optimizer_name]

    @cached_property
    def settings(self) -> Mapping[str, float]:
        """The optimizer's options, defaults included; of those that change, the first."""
        defaults = {name: option.default for name, option in self.optimizer.options.items()}
        first = {name: values[0] for name, values in self.schedule.items()}
        return MappingProxyType(defaults | dict(self.options) | first)

    @cached_property
    def deciding(self) -> Mapping[str, float]:
        """The same as they decide on an update's steps: of those that change, the first that is not 0."""
        changing = {name: next(filter(None, values), 0.0) for name, values in self.schedule.items()}
        return MappingProxyType({**self.settings, **changing}) if changing else self.settings

    @property
    def decays_biases(self) -> bool:
        """Whether biases have the weight decay that weights have."""
        return bool(self.settings.get("decay_biases", 1.0))

    @property
    def learning_rate(self) -> float:
        """The learning rate η."""
        return self.settings["learning_rate"]


class Data(Struct, frozen=True):
    """The examples: a row each, in a tuple or what is like one.

    ``origin`` remembers the table of the file that they were made from, empty where they stand in the file
    itself: ``generator`` with what was said of ``examples`` and ``noise``; or ``csv``, an absolute path,
    whether it was ``relative`` in the file, and the ``input_columns`` and ``target_columns``.
    """

    inputs: Sequence[Vector]
    targets: Matrix
    origin: Mapping[str, object] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.inputs)


class PyTorch(Struct, frozen=True):
    """What a network that came from PyTorch was there, and what it would be again.

    ``dtype`` is the type of its numbers, which are computed in float64 here; ``loss`` the class of its loss,
    which decides whether the output layer's activation was in the model; empty where that is not known.
    """

    dtype: str = "float64"
    loss: str = ""


UNEVEN_PASSES = "its passes have different numbers of examples: PyTorch averages passes, not examples"
WEIGHTED_PASSES = "the losses of its passes are weighted, and their examples count alike here"
NO_ONE_FACTOR = frozenset({UNEVEN_PASSES, WEIGHTED_PASSES})
"""What is noted of a recorded iteration where no one factor leads from PyTorch's gradient to ours."""


NO_BACKWARD = "no backward pass was made"
"""What is noted of a recorded iteration of which there is a loss and no gradient."""


class RecordedIteration(Struct, frozen=True):
    """What PyTorch computed in one iteration of a training that was recorded.

    ``number`` counts the training's updates from 0, ``loss`` is what the loss module gave, averaged over
    passes and ranks, ``grad_norm`` the length of the whole model's gradient after the backward pass, and
    ``grad_norm_at_step`` that of the gradient which the optimizer took. ``ranks`` are the ranks of the batch
    in the order of its examples, each with how many of them are its own. ``dtype`` is the type of the
    model's outputs, and ``scale`` the factor of each example's loss in what was differentiated, a scaler
    against underflow included.
    """

    number: int
    loss: float
    grad_norm: float
    grad_norm_at_step: float | None = None
    ranks: tuple[tuple[int, int], ...] = ()
    dtype: str = ""
    scale: float = 1.0
    notes: tuple[str, ...] = ()


class RecordedParameters(Struct, frozen=True):
    """Weights and biases of every layer as PyTorch had them before an iteration of an epoch."""

    weights: tuple[Sequence[Vector], ...]
    biases: tuple[Vector, ...]


class Recording(Struct, frozen=True):
    """What was recorded of a training in PyTorch, of which the network's one epoch is the replay.

    ``iterations`` has one entry for each iteration of an epoch. ``reason`` says why it was written
    (``condition``, ``end``, ``exception`` or ``demand``), ``when`` is the condition, ``at`` the iteration of
    the training at which it was written, and ``said`` what a person should know of what is missing or not
    exact. ``states`` are the parameters that were recorded, by the iteration of the epoch that they are from.
    """

    iterations: tuple[RecordedIteration, ...]
    folder: str = ""
    reason: str = ""
    when: str = ""
    at: int = 0
    said: tuple[str, ...] = ()
    states: Mapping[int, RecordedParameters] = field(default_factory=dict)


class Network(Struct, ShownInNotebooks, frozen=True, dict=True):
    """A fully connected network, what it is trained on, and how; nothing of it changes.

    ``layers`` are those above the input, each with ``weights`` of the shape (units, inputs) and ``biases`` of
    the shape (units,) at the start of training; ``data`` has ``inputs`` of the shape (examples, inputs) and
    ``targets`` of the shape (examples, outputs).

    >>> from backprop_tui import load
    >>> network = load("xor", learning_rate=0.1)
    >>> network.shape, network.parameters, len(network.data)
    ('2-2-1', 9, 4)
    >>> network.layers[1].weights, network.training.learning_rate
    (((2.0, 1.5),), 0.1)
    """

    title: str
    layers: tuple[Layer, ...]
    training: Training
    data: Data
    input_names: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)
    """Free text of the file: ``source``, ``teaches``, ``errata``."""
    published: Mapping[str, object] = field(default_factory=dict)
    """The digits that the source prints, as text, in tables and tuples of the file's own form."""
    pytorch: PyTorch | None = None
    """What it was in PyTorch, where it comes from there."""
    recording: Recording | None = None
    """What PyTorch recorded, where it is the replay of a training."""

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """Units a layer, the input layer first."""
        return (self.layers[0].inputs, *(layer.units for layer in self.layers))

    @property
    def shape(self) -> str:
        """The widths as people write them, ``2-4-1``."""
        return "-".join(map(str, self.widths))

    @cached_property
    def parameters(self) -> int:
        """How many weights and biases there are."""
        return sum(layer.units * (layer.inputs + 1) for layer in self.layers)

    @cached_property
    def batch_size(self) -> int:
        """Examples a batch, at most: the last batch of an epoch may have fewer, or all lengths are given."""
        if self.training.batches:
            return max(self.training.batches)
        size = self.training.batch_size
        return min(size, len(self.data)) if size else len(self.data)

    @cached_property
    def batches(self) -> BatchPlaces:
        """Where the batches of an epoch begin."""
        return BatchPlaces(len(self.data), self.batch_size, self.training.batches)

    @property
    def first_iteration(self) -> int:
        """The number of the first iteration: of a recording that which it had in the training."""
        return self.recording.iterations[0].number if self.recording else 0

    def iteration_label(self, iteration: int) -> str:
        """What an iteration of a recording is called, as in ``iteration 4,317``; else nothing."""
        if self.recording is None or iteration >= len(self.recording.iterations):
            return ""
        return f"iteration {self.recording.iterations[iteration].number:,}"

    def rank_of(self, example: int) -> int | None:
        """The rank whose example it is, in a recording of several; else None."""
        ranks = self._ranks
        return ranks[bisect_right(ranks, example, key=itemgetter(0)) - 1][1] if ranks else None

    @cached_property
    def _ranks(self) -> list[tuple[int, int]]:
        """The examples at which those of another rank begin, and which rank; none of one process."""
        found: list[tuple[int, int]] = []
        start = 0
        for one in self.recording.iterations if self.recording else ():
            for rank, examples in one.ranks:
                found.append((start, rank))
                start += examples
        return found if len({rank for _, rank in found}) > 1 else []

    @cached_property
    def named_units(self) -> Mapping[str, tuple[int, int]]:
        """Layer and unit of every unit whose name is given, inputs among them."""
        given = (self.input_names, *(layer.unit_names for layer in self.layers))
        return {name: (layer, unit) for layer, row in enumerate(given) for unit, name in enumerate(row)}

    @cached_property
    def named_parameters(self) -> Mapping[str, tuple[int, int, int | None]]:
        """Layer, unit and input (of a bias, None) of every parameter whose name is given."""
        found: dict[str, tuple[int, int, int | None]] = {}
        for number, layer in enumerate(self.layers, 1):
            for unit, row in enumerate(layer.weight_names):
                found |= {name: (number, unit, below) for below, name in enumerate(row)}
            found |= {name: (number, unit, None) for unit, name in enumerate(layer.bias_names)}
        return found

    @cached_property
    def fused_loss(self) -> FusedLoss | None:
        """The loss fused with the output layer's activation, where there is such a pair."""
        fused = self.training.loss.fused
        if fused and fused.activation == self.layers[-1].activation_name:
            return fused
        return None
