"""Sums of many terms: which of them are written out, and what the rest comes to."""

from __future__ import annotations

from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.program.formulas import Expression, Term


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


def left_out(products: Array | None, chosen: list[int], count: int) -> Expression:
    """The terms that are not written out, as one: ``Σ 9 more``, with their sum where it is known."""
    value: float | None = None
    if products is not None:
        with np.errstate(all="ignore"):
            value = float(np.sum(np.delete(products, chosen)))
    return Expression((Term(f"Σ {count - len(chosen)} more", value),))
