"""What is left out of a product or a sum: how much of what, and what it comes to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from backprop_tui.engine.quantities import Kind
from backprop_tui.program.chain_rule import Factor, Path
from backprop_tui.program.number_text import number

LEAST_DIGITS = 3


class LeftOut(NamedTuple):
    """Neighbouring factors that one row stands for."""

    factors: tuple[Factor, ...]

    @property
    def value(self) -> float | None:
        """Their product; None where one of them has not been computed."""
        return Path(self.factors, ()).value

    def text(self, digits: int | None) -> str:
        """Their product, with three digits at least that count: the rest is to be multiplied by it."""
        text = number(self.value, digits)
        if digits is None or not self.value or "e" in text:
            return text
        counting = len(text.lstrip("−").replace(".", "").lstrip("0"))
        return text if counting >= LEAST_DIGITS else f"{self.value:.{LEAST_DIGITS - 1}e}".replace("-", "−")

    @property
    def reused(self) -> bool:
        """Whether all of them were computed before."""
        return all(factor.reused for factor in self.factors)

    @property
    def name(self) -> str:
        """``⋮ 11 factors``."""
        return f"⋮ {len(self.factors)} factors"

    @property
    def kinds(self) -> str:
        """``6 weights, 5 slopes``."""
        slopes = sum(_is_slope(factor) for factor in self.factors)
        weights = sum(_is_weight(factor) for factor in self.factors)
        others = len(self.factors) - slopes - weights
        counts = ((weights, "weight"), (slopes, "slope"), (others, "other"))
        return ", ".join(_counted(count, word) for count, word in counts if count)


def without_middle(path: Path, kept: int) -> tuple[Factor | LeftOut, ...]:
    """The first and the last factors of a path, *kept* in all, with what lies between them as one."""
    first = (kept + 1) // 2
    last = len(path.factors) - (kept - first)
    return (*path.factors[:first], LeftOut(path.factors[first:last]), *path.factors[last:])


def sum_of(paths: Sequence[Path]) -> float | None:
    """The sum of the products of some paths; None where one of them is not known."""
    values = [path.value for path in paths]
    return None if None in values else sum(value for value in values if value is not None)


def units_on(path: Path) -> list[str]:
    """The units above that a path comes through, the output first."""
    return [factor.symbol[3:].partition("/da_")[0] for factor in path.factors if _is_weight(factor)]


def _is_slope(factor: Factor) -> bool:
    quantity = factor.term.quantity
    return quantity is not None and quantity.kind is Kind.ACTIVATION_DERIVATIVE


def _is_weight(factor: Factor) -> bool:
    return factor.symbol.startswith("dz_") and "/da_" in factor.symbol


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'s' if count > 1 else ''}"
