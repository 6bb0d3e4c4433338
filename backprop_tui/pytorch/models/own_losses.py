"""The losses of network files that PyTorch has none of, as modules of PyTorch."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


class _OfExamples(nn.Module):  # type: ignore[misc]
    """A loss that is computed for each example, and then averaged or summed over them."""

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction

    def forward(self, outputs: Any, targets: Any) -> Any:
        """The loss of a batch: outputs and targets have the shape (examples, outputs)."""
        losses = self.each(outputs, targets)
        return losses.sum() if self.reduction == "sum" else losses.mean()

    def each(self, outputs: Any, targets: Any) -> Any:
        """The loss of each example, of the shape (examples,)."""
        raise NotImplementedError


class HalfSquaredError(_OfExamples):
    """½ Σ (y − a)², the textbook's loss."""

    def each(self, outputs: Any, targets: Any) -> Any:
        """The loss of each example, of the shape (examples,)."""
        return 0.5 * ((targets - outputs) ** 2).sum(dim=-1)


class SummedSquaredError(_OfExamples):
    """Σ (y − a)², averaged over the examples."""

    def each(self, outputs: Any, targets: Any) -> Any:
        """The loss of each example, of the shape (examples,)."""
        return ((targets - outputs) ** 2).sum(dim=-1)


class MeanSquaredError(_OfExamples):
    """The mean over the outputs of (y − a)², summed over the examples."""

    def each(self, outputs: Any, targets: Any) -> Any:
        """The loss of each example, of the shape (examples,)."""
        return ((targets - outputs) ** 2).mean(dim=-1)


class BinaryCrossEntropy(_OfExamples):
    """BCELoss of each example: its outputs averaged."""

    def each(self, outputs: Any, targets: Any) -> Any:
        """The loss of each example, of the shape (examples,)."""
        return nn.functional.binary_cross_entropy(outputs, targets, reduction="none").mean(dim=-1)


class SummedBinaryCrossEntropy(_OfExamples):
    """BCELoss of each example: its outputs added up."""

    def each(self, outputs: Any, targets: Any) -> Any:
        """The loss of each example, of the shape (examples,)."""
        return nn.functional.binary_cross_entropy(outputs, targets, reduction="none").sum(dim=-1)


class CrossEntropyOfShares(_OfExamples):
    """−Σ y·ln a of outputs that are shares themselves."""

    def each(self, outputs: Any, targets: Any) -> Any:
        """The loss of each example, of the shape (examples,)."""
        return -torch.xlogy(targets, outputs).sum(dim=-1)


class GivenGradient(_OfExamples):
    """Σ g·a, with the gradient g in the place of targets."""

    def each(self, outputs: Any, targets: Any) -> Any:
        """The loss of each example, of the shape (examples,)."""
        return (targets * outputs).sum(dim=-1)


OWN = {
    "squared_error": HalfSquaredError,
    "summed_squared_error": SummedSquaredError,
    "mean_squared_error": MeanSquaredError,
    "binary_cross_entropy": BinaryCrossEntropy,
    "summed_binary_cross_entropy": SummedBinaryCrossEntropy,
    "cross_entropy": CrossEntropyOfShares,
    "given_gradient": GivenGradient,
}
"""By the names of our table: what a network's loss is where PyTorch's own has no such reduction."""
