"""A statement as a row of the page: formula, numbers and result, what it is made of and what it means."""

from __future__ import annotations

from collections.abc import Iterator

from backprop_tui.engine.quantities import Phase
from backprop_tui.export.calculation import Step
from backprop_tui.export.drawing import slots
from backprop_tui.export.drawing.lights import light
from backprop_tui.export.markup import element, words
from backprop_tui.export.mathematics import formula, in_sentence, left_side, numbers
from backprop_tui.export.notation.mathml import math, mathml
from backprop_tui.export.notation.tree import Equation, Node
from backprop_tui.export.page.chains import chain_html
from backprop_tui.network.description import Network
from backprop_tui.network.names import shown
from backprop_tui.program.explanations.explanation import Working
from backprop_tui.program.formulas import Expression
from backprop_tui.program.number_text import number
from backprop_tui.program.statements import Program

LEAST_FACTORS = 2
"""A chain of fewer factors says no more than the formula."""


def statement_html(network: Network, program: Program, step: Step, digits: int | None) -> str:
    """A row, with all that stepping needs to know of it: when it runs, what it sets, what it lights up."""
    statement, explanation = step.statement, step.explanation
    at_work = light(network, statement)
    value = number(explanation.value, digits)
    updated = statement.phase is Phase.UPDATE
    said = f"{shown(explanation.symbol)}{' new' if updated else ''} = {value}"
    left = left_side(explanation.symbol, updated=updated)
    row = element("a", str(step.number), class_="step", href=f"#{step.position}", title=step.position)
    row += element("span", math(Equation(left, formula(explanation.expression))), class_="formula")
    row += element("span", element("b", words(value)), class_="result")
    put_in = list(_put_in((explanation.expression, explanation.also), value, digits))
    if put_in:
        row += element("span", "".join(element("span", one) for one in put_in), class_="numbers")
    row += element("div", "".join(_work(step, digits)), class_="work")
    return element(
        "li",
        row,
        class_="statement",
        id=step.position,
        data_time=statement.time,
        data_scope=program.scope_start(statement.time),
        data_sets=slots.slot(statement.quantity),
        data_lit=" ".join(at_work.lit),
        data_read=" ".join(at_work.read) or None,
        data_say=said,
    )


def _put_in(expressions: tuple[Expression | None, ...], value: str, digits: int | None) -> Iterator[str]:
    """The right side with its numbers, and the same written another way, without what only repeats."""
    main, also = expressions
    assert main is not None
    if main.numeric(digits) not in (value, main.symbolic()):
        yield _equal(numbers(main, digits))
    if also is not None:
        yield _equal(formula(also))
        yield _equal(numbers(also, digits))


def _equal(node: Node) -> str:
    return f"<math><mrow><mo>=</mo>{mathml(node)}</mrow></math>"


def _work(step: Step, digits: int | None) -> Iterator[str]:
    explanation = step.explanation
    if explanation.working:
        yield element("div", "".join(_line(line, digits) for line in explanation.working), class_="working")
    chain = explanation.chain
    if chain is not None and (step.chain is not None or len(chain.paths[0].factors) > LEAST_FACTORS):
        yield chain_html(chain, explanation.value, digits)
    yield element("p", sentence_html(explanation.sentence), class_="sentence")
    if explanation.notes and not explanation.derivation:
        yield element("p", sentence_html(" ".join(explanation.notes)), class_="notes")


def _line(line: Working, digits: int | None) -> str:
    """A line on the way to the result."""
    equation = math(Equation(left_side(line.symbol), formula(line.expression)))
    put_in = _equal(numbers(line.expression, digits))
    return element("p", f"{equation} {put_in} {words('= ' + number(line.value, digits))}")


def sentence_html(sentence: str) -> str:
    """A sentence, the names in it as mathematics."""
    return "".join(words(one) if isinstance(one, str) else math(one) for one in in_sentence(sentence))
