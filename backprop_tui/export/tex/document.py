"""A worked calculation as LaTeX: article with amsmath and TikZ, nothing else that a distribution may lack."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from backprop_tui.export import mathematics
from backprop_tui.export.calculation import (
    Calculation,
    Derivation,
    Given,
    Section,
    SetByHand,
    Step,
    WorkedIteration,
)
from backprop_tui.export.notation.tex import columns, tex, tex_lines
from backprop_tui.export.notation.tex_text import tex_text
from backprop_tui.export.notation.tree import Derivative, Node
from backprop_tui.export.tex.chain import WIDTH, chain_rows, chain_words
from backprop_tui.export.tex.drawing import drawing_lines
from backprop_tui.program.formulas import Expression

ON_ONE_LINE = 58.0
"""An equation of at most so many digits' widths stands on one line, with all its sides."""
_PREAMBLE = r"""\documentclass[a4paper,11pt]{article}
\usepackage{amsmath}
\usepackage{tikz}
\usepackage{array}
\usepackage{longtable}
\usepackage{url}
\usepackage[margin=2.2cm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\setlength{\emergencystretch}{4em}
\allowdisplaybreaks
% What was computed before, for a layer above, and is used again.
\newcommand{\reused}[1]{\underline{#1}}
"""
_URL = re.compile(r"(https?://[^\s,;]+[^\s,;.])")


def tex_document(calculation: Calculation) -> str:
    """The whole document."""
    return "\n".join(_Document(calculation).lines()) + "\n"


class _Document:
    def __init__(self, calculation: Calculation) -> None:
        self._calculation = calculation
        self._digits = calculation.digits

    def lines(self) -> Iterator[str]:
        calculation = self._calculation
        yield _PREAMBLE
        yield r"\begin{document}"
        yield rf"\section*{{{tex_text(calculation.title)}}}"
        rows = ((tex_text(fact.name), _text(fact.text)) for fact in calculation.facts)
        yield from _table(r"l p{13.5cm}", rows)
        yield from drawing_lines(calculation)
        yield _legend(calculation)
        yield from _listed(calculation.left_out)
        if calculation.losses:
            yield r"\subsection*{Losses}"
            heading = (("epoch", "mean loss"),)
            losses = ((str(epoch), self._math(loss)) for epoch, loss in calculation.losses)
            yield from _table("r r", (*heading, *losses))
        for iteration in calculation.iterations:
            yield from self._iteration(iteration)
        if calculation.derivations:
            yield r"\subsection*{Where the slopes come from}"
        for derivation in calculation.derivations:
            yield from _derivation(derivation)
        yield r"\end{document}"

    def _iteration(self, iteration: WorkedIteration) -> Iterator[str]:
        yield rf"\subsection*{{{tex_text(iteration.title)}}}"
        yield f"Steps {iteration.first} to {iteration.last}. Loss {self._math(iteration.loss)}."
        yield ""
        yield from _listed(iteration.left_out)
        given = [*iteration.given, *([] if iteration.follows_on else [self._calculation.settings])]
        yield from _table(
            r"l >{\raggedright}p{6.8cm} >{\raggedright\arraybackslash}p{6.2cm}", map(self._given, given)
        )
        for section in iteration.sections:
            yield from self._section(section)
        yield from self._set_by_hand(iteration.set_after)

    def _given(self, given: Given) -> tuple[str, ...]:
        names = ", ".join(f"${tex(mathematics.symbol(one.symbol))}$" for one in given.values)
        values = ", ".join(self._math(one.value) for one in given.values)
        rest = f", and {given.left_out:,} more" if given.left_out else ""
        return tex_text(given.what), names, values + rest

    def _section(self, section: Section) -> Iterator[str]:
        yield rf"\subsubsection*{{{tex_text(section.title)}}}"
        for steps in section.units:
            yield from self._set_by_hand(steps[0].set_before)
            yield from self._steps(steps)
        if section.left_out:
            yield rf"\emph{{{section.left_out:,} more statements of this pass are left out.}}"
            yield ""

    def _set_by_hand(self, values: Iterable[SetByHand]) -> Iterator[str]:
        for one in values:
            of = "" if one.example is None else f" of example {one.example}"
            name = f"${tex(mathematics.symbol(one.symbol))}$"
            yield rf"\textbf{{Set by hand at {one.position}:}} {name}{of} $=$ {self._math(one.value)}"
            yield ""

    def _steps(self, steps: list[Step]) -> Iterator[str]:
        """The statements of a unit, then what each of them means, then the chain rules."""
        yield from _aligned([row for step in steps for row in self._step(step)])
        yield r"\begin{itemize}\small\setlength{\itemsep}{0pt}"
        for step in steps:
            yield rf"\item[({step.number})] {_sentence(step.explanation.sentence)}"
        yield r"\end{itemize}"
        for step in steps:
            if step.chain is not None:
                name = f"${tex(mathematics.symbol(step.explanation.symbol))}$"
                yield f"Chain rule of {name}. {_sentence(chain_words(step.chain))}"
                yield from _aligned(
                    chain_rows(step.explanation.symbol, step.chain, step.explanation.value, self._digits)
                )

    def _step(self, step: Step) -> Iterator[str]:
        explanation, tag = step.explanation, rf" \tag{{{step.number}}}"
        for line in explanation.working:
            left = mathematics.left_side(line.symbol)
            yield from self._equation(left, (line.expression,), (line.expression,), line.value, tag)
            tag = ""
        left = mathematics.left_side(explanation.symbol, updated=step.updates)
        yield from self._equation(left, step.expressions, step.put_in, explanation.value, tag)

    def _equation(
        self,
        left: Node,
        expressions: tuple[Expression, ...],
        put_in: tuple[Expression, ...],
        value: float | None,
        tag: str,
    ) -> Iterator[str]:
        """Rows of an equation: one where it fits, else a row a side, long sums on several."""
        result = mathematics.result(value, self._digits)
        sides = [mathematics.formula(one) for one in expressions]
        sides += [mathematics.numbers(one, self._digits) for one in put_in]
        written = dict.fromkeys([*map(tex, sides), tex(result)])
        if columns(left) + sum(map(columns, sides)) + columns(result) + 3 * len(sides) <= ON_ONE_LINE:
            yield f"{tex(left)} &= {' = '.join(written)}{tag}"
            return
        lead = f"{tex(left)} "
        for side in dict(zip(map(tex, (*sides, result)), (*sides, result), strict=True)).values():
            for index, line in enumerate(tex_lines(side, WIDTH)):
                sign = "= " if index == 0 else r"\quad "
                yield f"{lead}&{sign}{line}{tag}"
                lead = tag = ""

    def _math(self, value: float | None) -> str:
        return f"${tex(mathematics.result(value, self._digits))}$"


def _legend(calculation: Calculation) -> str:
    """What the marks mean."""
    words = r"\reused{Underlined} is what was computed before, for a layer above, and is used again."
    if calculation.network.batch_size > 1:
        words += r" $\overline{\phantom{L}}$ above a derivative is its mean over the batch."
    return words + "\n"


def _derivation(derivation: Derivation) -> Iterator[str]:
    yield f"The derivative of {tex_text(derivation.activation)}:"
    rows: list[str] = []
    for line in derivation.lines:
        written = tex(mathematics.derivation_line(line))
        left, _, right = written.partition(" = ") if line.left else ("", "", written)
        why = rf" && \text{{\footnotesize {_text(line.why)}}}" if line.why else ""
        rows.append(f"{left} &= {right}{why}")
    yield from _aligned(rows)


def _aligned(rows: Iterable[str]) -> Iterator[str]:
    yield r"\begin{align*}"
    yield " \\\\\n".join(rows)
    yield r"\end{align*}"


def _sentence(sentence: str) -> str:
    """A sentence with the names in it as mathematics; a fraction is written with a slash."""
    return "".join(
        tex_text(piece) if isinstance(piece, str) else f"${_inline(piece)}$"
        for piece in mathematics.in_sentence(sentence)
    )


def _inline(node: Node) -> str:
    if isinstance(node, Derivative):
        return rf"\partial {tex(node.of)}/\partial {tex(node.by)}"
    return tex(node)


def _text(text: str) -> str:
    """Text that may hold addresses, which may be broken anywhere."""
    return "".join(
        rf"\url{{{piece}}}" if index % 2 else tex_text(piece) for index, piece in enumerate(_URL.split(text))
    )


def _table(columns_of: str, rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield rf"\begin{{longtable}}[l]{{{columns_of}}}"
    for row in rows:
        yield rf"{' & '.join(row)} \\"
    yield r"\end{longtable}"


def _listed(sentences: Iterable[str]) -> Iterator[str]:
    """What is left out."""
    found = list(sentences)
    if found:
        yield "Left out:"
        yield r"\begin{itemize}\setlength{\itemsep}{0pt}"
        yield from (rf"\item[--] {tex_text(sentence)}" for sentence in found)
        yield r"\end{itemize}"
