"""A worked calculation as Markdown: read as it is, and as GitHub shows it.

Formulas stand in blocks of code, as on the screen, so that they look the same wherever they are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from backprop_tui.export.calculation import Calculation, Given, Section, SetByHand, Step, WorkedIteration
from backprop_tui.export.markdown.chain import WIDTH, chain_lines
from backprop_tui.export.markdown.drawing import drawing_lines
from backprop_tui.export.mathematics import named
from backprop_tui.network.names import shown
from backprop_tui.program.formulas import Expression
from backprop_tui.program.number_text import number

MOST_ALIGNED = 14
"""Longer left sides push their equals sign out of line."""


def markdown(calculation: Calculation) -> str:
    """The whole document."""
    return "\n".join(_Markdown(calculation).lines()) + "\n"


class _Markdown:
    def __init__(self, calculation: Calculation) -> None:
        self._calculation = calculation
        self._digits = calculation.digits

    def lines(self) -> Iterator[str]:
        calculation = self._calculation
        yield f"# {_plain(calculation.title)}"
        yield ""
        first, *others = ((fact.name, _sentence(fact.text)) for fact in calculation.facts)
        yield from _table(first, others)
        yield ""
        yield from _code(drawing_lines(calculation))
        yield from _listed(calculation.left_out)
        if calculation.losses:
            yield "## Losses"
            yield ""
            yield from _table(
                ("epoch", "mean loss"),
                ((str(epoch), self._number(loss)) for epoch, loss in calculation.losses),
            )
            yield ""
        for iteration in calculation.iterations:
            yield from self._iteration(iteration)
        if calculation.derivations:
            yield "## Where the slopes come from"
            yield ""
        for derivation in calculation.derivations:
            yield f"The derivative of {derivation.activation}:"
            yield ""
            width = max(len(line.left) for line in derivation.lines)
            rows = [(f"{line.left:>{width}} = {line.right}", line.why) for line in derivation.lines]
            size = max(len(left) for left, _ in rows)
            yield from _code(f"{left.ljust(size)}   {why}".rstrip() for left, why in rows)

    def _iteration(self, iteration: WorkedIteration) -> Iterator[str]:
        calculation = self._calculation
        yield f"## {iteration.title}"
        yield ""
        yield f"Steps {iteration.first} to {iteration.last}. Loss {self._number(iteration.loss)}."
        yield ""
        yield from _listed(iteration.left_out)
        given = [*iteration.given, *([] if iteration.follows_on else [calculation.settings])]
        yield from _table(("given", "", ""), map(self._given, given))
        yield ""
        for section in iteration.sections:
            yield from self._section(section)
        yield from self._set_by_hand(iteration.set_after)

    def _given(self, given: Given) -> tuple[str, str, str]:
        names = ", ".join(f"`{shown(one.symbol)}`" for one in given.values)
        values = ", ".join(self._number(one.value) for one in given.values)
        rest = f", and {given.left_out:,} more" if given.left_out else ""
        return _plain(given.what), names, values + rest

    def _section(self, section: Section) -> Iterator[str]:
        yield f"### {section.title}"
        yield ""
        for steps in section.units:
            yield from self._set_by_hand(steps[0].set_before)
            yield from self._steps(steps)
        if section.left_out:
            yield f"*{section.left_out:,} more statements of this pass are left out.*"
            yield ""

    def _set_by_hand(self, values: Iterable[SetByHand]) -> Iterator[str]:
        for one in values:
            of = "" if one.example is None else f" of example {one.example}"
            yield f"**Set by hand at {one.position}:** `{shown(one.symbol)}`{of} = {self._number(one.value)}"
            yield ""

    def _steps(self, steps: list[Step]) -> Iterator[str]:
        """The statements of a unit: a block of code, then what each of them means."""
        size = min(MOST_ALIGNED, max(len(name) for step in steps for name in _left_sides(step)))
        yield from _code(line for step in steps for line in self._step(step, size))
        for step in steps:
            yield f"- **{step.number}.** {_sentence(step.explanation.sentence)}"
        yield ""
        for step in steps:
            if step.chain is not None:
                name = shown(step.explanation.symbol)
                lines = chain_lines(name, step.chain, step.explanation.value, self._digits)
                yield f"Chain rule of `{name}`:"
                yield ""
                yield from _code(lines)

    def _step(self, step: Step, size: int) -> Iterator[str]:
        """The lines of a statement; its left side takes *size* cells, so that equals signs stand in line."""
        explanation = step.explanation
        lead = f"{step.number:>4}  "
        for line in explanation.working:
            yield from self._equation(
                lead, shown(line.symbol).ljust(size), (line.expression,), (line.expression,), line.value
            )
            lead = " " * len(lead)
        reused = [shown(term.symbol) for term in explanation.expression.terms if term.reused]
        remark = f"    ({', '.join(reused)} reused)" if reused else ""
        *_, symbol = _left_sides(step)
        yield from self._equation(
            lead, symbol.ljust(size), step.expressions, step.put_in, explanation.value, remark
        )

    def _equation(
        self,
        lead: str,
        symbol: str,
        expressions: Sequence[Expression],
        put_in: Sequence[Expression],
        value: float | None,
        remark: str = "",
    ) -> Iterator[str]:
        """``symbol = formula = numbers = result``, on one line where it fits, else a side a line."""
        result = self._number(value)
        sides = [one.symbolic() for one in expressions]
        sides += [one.numeric(self._digits) for one in put_in]
        sides = [side for side in dict.fromkeys(sides) if side != result]
        whole = f"{lead}{symbol} = {' = '.join((*sides, result))}{remark}"
        if len(whole) <= WIDTH:
            yield whole
            return
        margin = " " * (len(lead) + len(symbol))
        for index, side in enumerate((*sides, result)):
            first, *rest = _broken(side, WIDTH - len(margin) - 3)
            yield f"{lead}{symbol} = {first}" if index == 0 else f"{margin} = {first}"
            yield from (f"{margin}   {line}" for line in rest)
        if remark:
            yield f"{margin}{remark}"

    def _number(self, value: float | None) -> str:
        return number(value, self._digits)


def _left_sides(step: Step) -> Iterator[str]:
    """What stands on the left of a statement's equations."""
    yield from (shown(line.symbol) for line in step.explanation.working)
    yield shown(step.explanation.symbol) + ("_new" if step.updates else "")


def _broken(text: str, width: int) -> list[str]:
    """A formula on several lines, each but the first beginning with a sign."""
    lines = [""]
    for index, piece in enumerate(text.replace(" − ", "\0 − ").replace(" + ", "\0 + ").split("\0")):
        if index and len(lines[-1]) + len(piece) > width:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return lines


def _sentence(sentence: str) -> str:
    return "".join(f"`{text}`" if is_name else _plain(text) for text, is_name in named(sentence))


def _plain(text: str) -> str:
    """Text in which no sign means anything to Markdown."""
    text = text.replace("\n", " ")
    for sign in "\\`*_[]<>#|":
        text = text.replace(sign, f"\\{sign}")
    return text


def _table(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heading)} |"
    yield f"|{' --- |' * len(heading)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _code(lines: Iterable[str]) -> Iterator[str]:
    yield "```text"
    yield from lines
    yield "```"
    yield ""


def _listed(sentences: Iterable[str]) -> Iterator[str]:
    """What is left out."""
    found = list(sentences)
    if found:
        yield "Left out:"
        yield ""
        yield from (f"- {_plain(sentence)}" for sentence in found)
        yield ""
