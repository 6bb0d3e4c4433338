"""What a page says beside its statements: what is given or was set, the losses, where slopes come from."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from backprop_tui.export.calculation import Calculation, Derivation, Given, SetByHand, WorkedIteration
from backprop_tui.export.markup import element, words
from backprop_tui.export.mathematics import derivation_line, symbol
from backprop_tui.export.notation.mathml import math
from backprop_tui.export.page.addresses import Addresses
from backprop_tui.export.page.statements import sentence_html
from backprop_tui.program.number_text import number
from backprop_tui.program.statements import Program


def facts_html(calculation: Calculation) -> str:
    """What network it is, and how it is trained."""
    facts = calculation.facts
    listed = "".join(element("dt", words(one.name)) + element("dd", words(one.text)) for one in facts)
    settings = "".join(
        element("dt", math(symbol(one.symbol))) + element("dd", words(f"{one.value:g}".replace("-", "−")))
        for one in calculation.settings.values
    )
    return element("dl", listed + settings, class_="facts")


def given_html(
    calculation: Calculation, iteration: WorkedIteration, program: Program, addresses: Addresses
) -> str:
    """The examples of an iteration, and the parameters that it starts with, as tables."""
    starts = _starts(iteration, program)
    begin = program.time(iteration.epoch, iteration.first - 1)
    first = iteration is calculation.iterations[0]
    rows: list[tuple[Given, int]] = []
    for one in iteration.given:
        # An example is worked on from its first statement on; the very first one from the start.
        time = starts.pop(0) + 1 if starts else begin
        rows.append((one, begin if first and not rows else time))
    tables = ""
    for names, group in groupby(rows, key=lambda row: tuple(value.symbol for value in row[0].values)):
        tables += _table(list(group), names, addresses, calculation.digits)
    return element("div", tables, class_="given") if tables else ""


def _starts(iteration: WorkedIteration, program: Program) -> list[int]:
    """When the examples that are written out begin, counted in statements."""
    slots = {step.statement.slot: step.statement.iteration for step in iteration.steps}
    return [
        program.iteration_start(number) + slot * program.layout.block
        for slot, number in slots.items()
        if slot is not None
    ]


def _table(
    rows: list[tuple[Given, int]], names: tuple[str, ...], addresses: Addresses, digits: int | None
) -> str:
    head = element("th", "given", scope="col")
    head += "".join(element("th", math(symbol(name)), scope="col") for name in names)
    body = ""
    for given, time in rows:
        cells = element("th", words(given.what), scope="row")
        for value in given.values:
            address = addresses.of(value.symbol)
            cells += element(
                "td",
                words(number(value.value, digits)),
                data_given=address,
                data_from=time if address else None,
            )
        if given.left_out:
            cells += element("td", f"and {given.left_out:,} more", class_="left-out")
        body += element("tr", cells)
    table = element("table", element("thead", element("tr", head)) + element("tbody", body), class_="figures")
    return element("div", table, class_="scroll", tabindex=0, role="group", aria_label="given values")


def set_by_hand_html(
    values: tuple[SetByHand, ...], program: Program, addresses: Addresses, digits: int | None
) -> Iterator[str]:
    """What a person set, each on a line."""
    for one in values:
        epoch, step = map(int, one.position.split(":"))
        of = "" if one.example is None else f" of example {one.example}"
        value = element(
            "b",
            words(number(one.value, digits)),
            data_given=addresses.of(one.symbol),
            data_from=program.time(epoch, step),
        )
        text = words(f"Set by hand at {one.position}: ") + math(symbol(one.symbol)) + words(f"{of} = ")
        yield element("p", text + value, class_="by-hand")


def losses_html(calculation: Calculation) -> str:
    """The mean loss of each epoch."""
    head = element("tr", element("th", "epoch", scope="col") + element("th", "mean loss", scope="col"))
    rows = "".join(
        element(
            "tr",
            element("th", str(epoch), scope="row") + element("td", words(number(loss, calculation.digits))),
        )
        for epoch, loss in calculation.losses
    )
    return element("table", element("thead", head) + element("tbody", rows), class_="figures")


def derivation_html(derivation: Derivation) -> str:
    """The derivative of an activation, line by line."""
    rows = "".join(
        element("tr", element("td", math(derivation_line(line))) + element("td", sentence_html(line.why)))
        for line in derivation.lines
    )
    caption = element("caption", words(f"The derivative of {derivation.activation}"))
    return element("table", caption + element("tbody", rows), class_="figures derivation")
