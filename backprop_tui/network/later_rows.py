"""Rows of numbers that are made when they are first wanted; otherwise the same as a tuple of tuples."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, overload

Numbers = tuple[float, ...]


class LaterRows(Sequence[Numbers]):
    """So many rows, equal to a tuple of the same rows. Subclasses make them."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._made: dict[int, Numbers] = {}

    @abstractmethod
    def row(self, at: int) -> Numbers:
        """Make one row, counted from 0."""

    def all_rows(self) -> tuple[Numbers, ...]:
        """Make all rows."""
        return tuple(map(self.row, range(self._count)))

    @cached_property
    def whole(self) -> tuple[Numbers, ...]:
        """All rows."""
        return self.all_rows()

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Numbers: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Numbers, ...]: ...
    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice) or "whole" in vars(self):
            return self.whole[at]
        at = range(self._count)[at]
        if at not in self._made:
            self._made[at] = self.row(at)
        return self._made[at]

    def __iter__(self) -> Iterator[Numbers]:
        return iter(self.whole)

    def __eq__(self, other: object) -> bool:
        return self is other or self.whole == (other.whole if isinstance(other, LaterRows) else other)

    def __hash__(self) -> int:
        return hash(self.whole)

    def __repr__(self) -> str:
        return repr(self.whole)
