"""NumPy's random numbers, the same to the bit, without NumPy where not very many are drawn.

To import NumPy takes a third of the time to the first frame. Its default generator is PCG64, a congruential
generator of 128 bits whose output is permuted (M. E. O'Neill, PCG: A Family of Simple Fast Space-Efficient
Statistically Good Algorithms for Random Number Generation, HMC-CS-2014-0905, https://www.pcg-random.org),
seeded by a ``SeedSequence`` (https://numpy.org/doc/stable/reference/random/bit_generators). Uniform numbers
and shuffles need no more than that; normal numbers need NumPy's tables, and are left to it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from backprop_tui.network.later_rows import LaterRows
from backprop_tui.network.lazy_numpy import Array, np

MANY = 200_000
"""More numbers than so many are left to NumPy: to draw them here takes as long as to import it (80 ms)."""
FEW = 10_000
"""The same of an order of examples, which is asked for whenever the epoch changes (5 ms)."""

_32, _64, _128 = 2**32 - 1, 2**64 - 1, 2**128 - 1
_MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645
_POOL = 4
"""Words of 32 bits in which a seed sequence mixes its seeds."""


class RandomNumbers:
    """The numbers that ``numpy.random.default_rng([*seeds])`` gives, in the same order.

    Args:
        seeds: whole numbers from 0 on.

    """

    def __init__(self, *seeds: int) -> None:
        self._seeds = seeds
        self._words = words(seeds)
        self._drawn = 0

    @cached_property
    def _numpy(self) -> np.random.Generator:
        """NumPy's generator, which goes on where this one is."""
        generator = np.random.default_rng([*self._seeds])
        generator.bit_generator.advance(self._drawn)  # type: ignore[attr-defined]
        return generator

    def uniform(self, low: float, high: float, count: int) -> list[float]:
        """So many numbers from *low* to *high*, each as likely as any other."""
        if count > MANY or "_numpy" in vars(self):
            found: list[float] = self._numpy.uniform(low, high, count).tolist()
            return found
        self._drawn += count
        return _between(low, high, islice(self._words, count))

    def normal(self, mean: float, deviation: float, count: int) -> list[float]:
        """So many numbers of the normal distribution."""
        found: list[float] = self._numpy.normal(mean, deviation, count).tolist()
        return found


class UniformRows(LaterRows):
    """Rows of the numbers that ``RandomNumbers(*seeds)`` draws from *low* to *high*, each when it is wanted.

    The first frame of 784-128-10 wants one row of 128, and does not wait 40 ms for the others.
    """

    def __init__(self, seeds: tuple[int, ...], low: float, high: float, shape: tuple[int, int]) -> None:
        super().__init__(shape[0])
        self._seeds, self._low, self._high, self._shape = seeds, low, high, shape

    def row(self, at: int) -> tuple[float, ...]:
        """One row: what would be drawn before it is left out."""
        length = self._shape[1]
        return tuple(_between(self._low, self._high, islice(words(self._seeds, at * length), length)))

    def all_rows(self) -> tuple[tuple[float, ...], ...]:
        """All rows, drawn by NumPy where it is there already."""
        if "numpy" in sys.modules:
            return tuple(map(tuple, self.__array__().tolist()))
        rows, length = self._shape
        drawn = RandomNumbers(*self._seeds).uniform(self._low, self._high, rows * length)
        return tuple(tuple(drawn[at : at + length]) for at in range(0, rows * length, length))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        found = np.random.default_rng([*self._seeds]).uniform(self._low, self._high, self._shape)
        return found if dtype is None else found.astype(dtype, copy=False)


def _between(low: float, high: float, drawn: Iterator[int]) -> list[float]:
    """A number from *low* to *high* for each word."""
    width = high - low
    return [low + width * ((word >> 11) * 2.0**-53) for word in drawn]


def permutation(seeds: Sequence[int], count: int) -> list[int]:
    """The numbers from 0 to *count* − 1 as ``default_rng(seeds).permutation`` orders them."""
    if count > FEW:
        found: list[int] = np.random.default_rng([*seeds]).permutation(count).tolist()
        return found
    order, halves = list(range(count)), (half for word in words(seeds) for half in (word & _32, word >> 32))
    for last in range(count - 1, 0, -1):
        mask = (1 << last.bit_length()) - 1
        while (chosen := next(halves) & mask) > last:
            pass
        order[last], order[chosen] = order[chosen], order[last]
    return order


def words(seeds: Sequence[int], first: int = 0) -> Iterator[int]:
    """Words of 64 bits without end: the halves of the state as one, turned by its highest six bits.

    Args:
        seeds: whole numbers from 0 on.
        first: so many words are left out.

    """
    state, stream = _seeded(seeds)
    increment = (stream << 1 | 1) & _128
    state = ((increment + state) * _MULTIPLIER + increment) & _128
    factor, added = _MULTIPLIER, increment  # of 1, 2, 4, … steps
    while first:
        if first & 1:
            state = (state * factor + added) & _128
        factor, added, first = factor * factor & _128, (factor + 1) * added & _128, first >> 1
    while True:
        state = (state * _MULTIPLIER + increment) & _128
        word = ((state >> 64) ^ state) & _64
        yield ((word << 64 | word) >> (state >> 122)) & _64


def _seeded(seeds: Sequence[int]) -> tuple[int, int]:
    """The state and the stream, of 128 bits each, that a seed sequence makes of its seeds."""
    entropy = [word for seed in seeds for word in _halved(seed)]
    hashed = _hash(0x43B0D7E5, 0x931E8875)
    pool = [hashed(word) for word in (entropy + [0] * _POOL)[:_POOL]]
    for source in range(_POOL):
        for target in range(_POOL):
            if source != target:
                pool[target] = _mixed(pool[target], hashed(pool[source]))
    for word in entropy[_POOL:]:
        pool = [_mixed(known, hashed(word)) for known in pool]
    hashed = _hash(0x8B51F9DD, 0x58F38DED)
    made = [hashed(pool[number % _POOL]) for number in range(8)]
    high, low, stream_high, stream_low = (made[at] | made[at + 1] << 32 for at in range(0, 8, 2))
    return high << 64 | low, stream_high << 64 | stream_low


def _halved(seed: int) -> list[int]:
    """A whole number as words of 32 bits, the lowest first."""
    return [seed >> shift & _32 for shift in range(0, max(seed.bit_length(), 1), 32)]


def _hash(constant: int, multiplier: int) -> Callable[[int], int]:
    """A seed sequence's hash of a word; its constant changes at each."""

    def hashed(word: int) -> int:
        nonlocal constant
        word ^= constant
        constant = constant * multiplier & _32
        word = word * constant & _32
        return word ^ word >> 16

    return hashed


def _mixed(one: int, other: int) -> int:
    word = (0xCA01F9DD * one - 0x4973F715 * other) & _32
    return word ^ word >> 16
