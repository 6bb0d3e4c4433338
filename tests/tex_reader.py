r"""Reads formulas written in TeX, and computes them: a small reader that shares nothing with the package.

A symbol is known by its TeX without blanks, ``\frac{\partialL}{\partialw_{1}}``; its value is looked up.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_FUNCTIONS = {
    "sigmoid": lambda z: 1.0 / (1.0 + math.exp(-z)) if z > -700 else 0.0,
    r"\tanh": math.tanh,
    r"\ln": math.log,
    r"\max": max,
    "erf": math.erf,
    r"\Phi": lambda z: 0.5 * math.erfc(-z / math.sqrt(2.0)),
    r"\varphi": lambda z: math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi),
}
_CONSTANTS = {"e": math.e, r"\pi": math.pi, r"\infty": math.inf, r"\mathrm{nan}": math.nan}


def compute(tex: str, values: Mapping[str, float] | None = None) -> float:
    """The value of a formula; *values* are those of its symbols."""
    values = dict(values or {})
    if r"\text{with }" in tex:
        tex, _, given = tex.partition(r"\quad \text{with }")
        name, _, meaning = given.partition("=")
        values[squeezed(name)] = compute(meaning, values)
    reader = _Reader([token for token in _TOKEN.findall(tex) if not token.isspace()], values)
    found = reader.cases() if r"\begin{cases}" in tex else reader.sum()
    assert reader.place == len(reader.tokens), (tex, reader.tokens[reader.place :])
    return found


def squeezed(tex: str) -> str:
    """TeX without blanks and without marks."""
    return re.sub(r"\s+", "", tex.replace(r"\reused", ""))


class _Reader:
    def __init__(self, tokens: list[str], values: Mapping[str, float]) -> None:
        self.tokens, self.values, self.place = tokens, values, 0

    @property
    def next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        for token in wanted:
            assert self.next == token, (token, self.tokens[self.place :])
            self.place += 1
        if not wanted:
            self.place += 1
            return self.tokens[self.place - 1]
        return wanted[-1]

    def group(self) -> str:
        """The tokens of ``{…}`` as text."""
        self.take("{")
        depth, found = 1, ""
        while depth:
            token = self.take()
            depth += {"{": 1, "}": -1}.get(token, 0)
            found += token if depth else ""
        return found

    def inside(self) -> float:
        """The value of ``{…}``."""
        self.take("{")
        value = self.sum()
        self.take("}")
        return value

    def cases(self) -> float:
        self.take("\\begin", "{", *"cases", "}")
        then = self.sum()
        self.take("&", "\\text", "{", *"if", "}")
        left = self.sum()
        self.take(">")
        right = self.sum()
        self.take("\\\\")
        otherwise = self.sum()
        self.take("&", "\\text", "{", *"else", "}", "\\end", "{", *"cases", "}")
        return then if left > right else otherwise

    def sum(self) -> float:
        sign = 1.0
        if self.next == "-":
            self.take()
            sign = -1.0
        total = sign * self.product()
        while self.next in ("+", "-"):
            total += self.product() if self.take() == "+" else -self.product()
        return total

    def product(self) -> float:
        value = self.power()
        while True:
            if self.next in (r"\cdot", r"\,"):
                self.take()
                value *= self.power()
            elif self.next and self.next not in ("+", "-", "}", ")", r"\right", "&", "\\\\", ">", ",", "="):
                value *= self.power()
            else:
                return value

    def power(self) -> float:
        value = self.atom()
        while self.next == "^":
            self.take()
            exponent = self.inside() if self.next == "{" else float(self.take())
            try:
                value = value**exponent
            except OverflowError:
                value = math.inf
        return value

    def atom(self) -> float:
        token = self.next
        if token[:1].isdigit():
            return float(self.take())
        if token == "{":
            return self.inside()
        if token == r"\reused":
            self.take()
            return self.inside()
        if token in ("(", r"\left"):
            return self.arguments()[0]
        if token == r"\sqrt":
            self.take()
            return math.sqrt(self.inside())
        if token == r"\frac" and self.tokens[self.place + 2] != r"\partial":
            self.take()
            top = self.inside()
            return top / self.inside()
        return self.symbol()

    def arguments(self) -> list[float]:
        if self.next == r"\left":
            self.take()
        self.take("(")
        found = [self.sum()]
        while self.next == ",":
            self.take()
            found.append(self.sum())
        if self.next == r"\right":
            self.take()
        self.take(")")
        return found

    def symbol(self) -> float:
        name = self.take()
        if name == r"\operatorname":
            return _FUNCTIONS[self.group()](*self.arguments())
        if name in _FUNCTIONS:
            bare = self.next not in ("(", r"\left")
            return _FUNCTIONS[name](*([self.power()] if bare else self.arguments()))
        if name == r"\frac":
            return self.values["\\frac" + f"{{{self.group()}}}{{{self.group()}}}"]
        if name == r"\sum":
            of = self.take()
            if of == r"\frac":
                return self.values[f"{name}{of}{{{self.group()}}}{{{self.group()}}}"]
            return self.values[name + self.name(of)]
        return self.value(self.name(name))

    def name(self, name: str) -> str:
        if name in (r"\mathrm", r"\text", r"\hat", r"\overline"):
            name += f"{{{self.group()}}}"
        if self.next == "_":
            self.take()
            name += f"_{{{self.group()}}}"
        return name

    def value(self, name: str) -> float:
        return _CONSTANTS[name] if name in _CONSTANTS else self.values[name]
