"""The tree of a formula: what stands in it, apart from how it is written."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Name(Struct, frozen=True):
    """A name with what stands below it: w₁, z with the index h, w with the indices h₁ and x₂."""

    base: str
    indices: tuple[Name | str, ...] = ()
    hat: bool = False


class Derivative(Struct, frozen=True):
    """A partial derivative: ∂L/∂w₁."""

    of: Node
    by: Node


class Mean(Struct, frozen=True):
    """A mean over the batch, written with a line above."""

    of: Node


class Known(Struct, frozen=True):
    """A name together with the number that it stands for."""

    symbol: Node
    value: float | None
    """None where it has not been computed."""
    reused: bool = False
    """Whether it was computed before, for a layer above."""


class Number(Struct, frozen=True):
    """A number as a person reads it: ``−0.3558``, ``1.2e−05``, ``nan``."""

    text: str
    reused: bool = False

    @property
    def negative(self) -> bool:
        """Whether a sign stands before it."""
        return self.text.startswith("−")


class Words(Struct, frozen=True):
    """Words in a formula: ``9 more``."""

    text: str


class Sum(Struct, frozen=True):
    """Terms, each with its sign, ``+`` or ``−``; the first one's ``+`` is not written."""

    terms: tuple[tuple[str, Node], ...]


class Sign(StrEnum):
    """What stands between two factors."""

    DOT = "dot"
    HIDDEN = "hidden"
    """Nothing between names, a dot between numbers."""
    NONE = "none"


class Product(Struct, frozen=True):
    """Factors, and what stands between them: one sign fewer."""

    factors: tuple[Node, ...]
    signs: tuple[Sign, ...]


class Fraction(Struct, frozen=True):
    """One thing over another."""

    top: Node
    bottom: Node


class Power(Struct, frozen=True):
    """A base with an exponent."""

    base: Node
    exponent: Node


class Root(Struct, frozen=True):
    """A square root."""

    of: Node


class Call(Struct, frozen=True):
    """A function of something; *bare* without parentheses, as in ln a."""

    function: str
    arguments: tuple[Node, ...]
    bare: bool = False


class Summation(Struct, frozen=True):
    """A sum over all of a kind: Σ y."""

    of: Node


class Group(Struct, frozen=True):
    """Something in parentheses."""

    inner: Node


class Cases(Struct, frozen=True):
    """One thing where *left* is greater than *right*, else another."""

    then: Node
    left: Node
    right: Node
    otherwise: Node


class Where(Struct, frozen=True):
    """Something in which a name stands for something else: s(1 − s) with s = sigmoid(z)."""

    body: Node
    name: Node
    meaning: Node


class Equation(Struct, frozen=True):
    """Two sides that are equal."""

    left: Node
    right: Node


Node = (
    Name
    | Derivative
    | Mean
    | Known
    | Number
    | Words
    | Sum
    | Product
    | Fraction
    | Power
    | Root
    | Call
    | Summation
    | Group
    | Cases
    | Where
    | Equation
)


def bare(node: Node) -> Node:
    """A node without the parentheses around it, for places that need none."""
    return node.inner if isinstance(node, Group) else node
