"""Sums of many terms: which of them are written out."""

from __future__ import annotations

from backprop_tui.network.lazy_numpy import Array, np


def largest(products: Array | None, count: int, most: int | None) -> tuple[list[int], bool]:
    """The indices of a sum's terms to write out, in order, and whether some were left out.

    Args:
        products: the terms, of the shape (count,); None where they are not known: then the first.
        count: how many there are.
        most: how many to write out at most; None: all.
    """
    if most is None or count <= most:
        return list(range(count)), False
    if products is None:
        return list(range(most)), True
    order = np.argsort(-np.abs(products), kind="stable")
    return sorted(order[:most].tolist()), True


def rest(products: Array | None, chosen: list[int]) -> float | None:
    """The sum of the terms that are not written out; None where it is not known."""
    if products is None:
        return None
    with np.errstate(all="ignore"):
        return float(np.sum(np.delete(products, chosen)))
