"""What the numbers of an iteration were in PyTorch: their types, and the factors that they had there.

PyTorch differentiates the loss of a batch, not of an example, and perhaps a multiple of it: so everything of
its backward pass is ours times the factor of one example's loss in what it differentiated. Only numbers that
it holds as numbers of their own are told of here, since only those are rounded; a product within a sum is
not, nor is an example's gradient of a weight, nor the slope of an activation.
"""

from __future__ import annotations

from math import isfinite

from msgspec import Struct

from backprop_tui.engine.quantities import Kind
from backprop_tui.network.description import Network, RecordedIteration
from backprop_tui.network.rules.dtypes import DTYPES, Dtype

CLIPPED = 1e-5
"""Lengths of one gradient that are nearer to each other, relative to them, differ by rounding alone."""
_FROM_LOGITS = ("BCEWithLogitsLoss", "CrossEntropyLoss", "NLLLoss")
"""Losses that take the output layer's z, so that PyTorch never has its a."""
_OF_EXAMPLES = ("MSELoss", "BCELoss", "BCEWithLogitsLoss")
"""Losses whose terms PyTorch writes down before it takes their mean or sum."""
_BACKWARD = (Kind.ACTIVATION_GRADIENT, Kind.DELTA)


class InPyTorch(Struct, frozen=True):
    """What PyTorch's numbers of one iteration were."""

    parameters: Dtype | None
    """The type of weights, biases and what the optimizer keeps; None: float64."""
    outputs: Dtype | None
    """That of activations and error signals."""
    gradients: Dtype | None
    """The type that a batch's gradient is rounded to first: under autocast that of the outputs."""
    scale: float = 1.0
    """The factor of each example's loss in what was differentiated."""
    gradient_factor: float = 1.0
    """What PyTorch's gradient of the batch is of ours, before it was clipped or unscaled."""
    scaled: float = 1.0
    """What the loss was multiplied by before it was differentiated."""
    examples: int = 1
    """How many examples it is the mean of; 1 also where it is their sum."""
    loss: str = ""
    """The class of the loss."""
    layers: int = 1
    """How many layers there are above the input."""

    def dtype_of(self, kind: Kind, layer: int | None) -> Dtype | None:
        """The type in which PyTorch had a quantity of one example; None: in float64, or not at all."""
        if kind is Kind.WEIGHTED_SUM or kind is Kind.DELTA:
            return self.outputs
        if kind in (Kind.ACTIVATION, Kind.ACTIVATION_GRADIENT):
            return None if layer == self.layers and self.loss in _FROM_LOGITS else self.outputs
        return None

    def loss_dtype(self, examples: int, outputs: int) -> Dtype | None:
        """The type in which PyTorch had the loss of one example; None: in float64, or not at all.

        Autocast computes losses in float32.
        """
        if examples == 1 or (outputs == 1 and self.loss in _OF_EXAMPLES):
            return self.parameters
        return None

    def factor_of(self, kind: Kind) -> float:
        """What PyTorch's quantity of one example is of ours."""
        return self.scale if kind in _BACKWARD else 1.0

    @property
    def factor_words(self) -> str:
        """Where ``scale`` comes from: ``1/64 for the mean over 64 examples``."""
        parts = []
        if self.examples > 1:
            parts.append(f"1/{self.examples} for the mean over {self.examples} examples")
        if abs(self.scaled - 1.0) > CLIPPED:
            parts.append(f"{self.scaled:,.6g} by which the loss was multiplied")
        return " and ".join(parts)


def in_pytorch(network: Network, iteration: int) -> InPyTorch | None:
    """What an iteration's numbers were in PyTorch; None where the network never was there in such numbers.

    Only the one epoch that was recorded has a recording, and a network that was not recorded is told of where
    its numbers have 16 bits.
    """
    if network.pytorch is None or (network.recording is None and network.pytorch.dtype == "float64"):
        return None
    parameters = DTYPES.get(network.pytorch.dtype)
    summed = network.training.sums_examples
    if network.recording is None:
        if parameters is None or not parameters.short:
            return None
        examples = 1 if summed else network.batches.length(iteration % network.batches.count)
        types, loss = (parameters,) * 3, network.pytorch.loss
        return InPyTorch(*types, 1.0 / examples, 1.0, 1.0, examples, loss, len(network.layers))
    if iteration >= len(network.recording.iterations):
        return None
    one = network.recording.iterations[iteration]
    outputs = DTYPES.get(one.dtype) if one.dtype else parameters
    length = one.ranks[0][1] if one.ranks else network.batches.length(iteration)
    examples = 1 if summed else length
    return InPyTorch(
        parameters,
        outputs,
        outputs if len(one.ranks) <= 1 else parameters,  # the gradient of each rank alone is not known here
        one.scale,
        gradient_factor(network, iteration),
        one.scale * examples,
        examples,
        network.pytorch.loss,
        len(network.layers),
    )


def gradient_factor(network: Network, place: int) -> float:
    """What the gradient after PyTorch's backward pass is of ours, at a place of the recorded epoch."""
    scheduled = network.training.schedule.get("gradient_scale")
    at_step = scheduled[place] if scheduled else 1.0
    assert network.recording is not None
    ratio = clipped_by(network.recording.iterations[place])
    return at_step / ratio if ratio else at_step


def clipped_by(one: RecordedIteration) -> float:
    """What clipping, or taking a loss's scale off again, multiplied the gradient by; 1 where nothing did."""
    before, after = one.grad_norm, one.grad_norm_at_step
    if after is None or not (isfinite(before) and isfinite(after)) or before <= 0.0:
        return 1.0
    ratio = after / before
    return ratio if abs(ratio - 1.0) > CLIPPED else 1.0
