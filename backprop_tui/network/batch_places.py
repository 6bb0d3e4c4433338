"""Where each batch of an epoch begins and how long it is: all alike but the last, or of given lengths."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate


class BatchPlaces:
    """Where each batch of an epoch begins, counted in its examples.

    Args:
        examples: how many an epoch has.
        size: how many a batch has; the last one may have fewer.
        lengths: of each batch, where they are given; then *size* does not count.

    """

    def __init__(self, examples: int, size: int, lengths: Sequence[int] = ()) -> None:
        self._examples = examples
        self._size = size
        self._starts = list(accumulate(lengths, initial=0)) if lengths else []
        self.count = len(lengths) or -(-examples // size)
        """How many batches there are."""
        self.lengths = frozenset(lengths) or frozenset((size, examples - (self.count - 1) * size))
        """The lengths that there are."""

    def start(self, number: int) -> int:
        """How many examples come before a batch; before the one after the last, all."""
        return self._starts[number] if self._starts else min(number * self._size, self._examples)

    def length(self, number: int) -> int:
        """How many examples a batch has."""
        return self.start(number + 1) - self.start(number)

    def whole(self, examples: int) -> int:
        """How many whole batches the first *examples* of an epoch make."""
        return bisect_right(self._starts, examples) - 1 if self._starts else examples // self._size
