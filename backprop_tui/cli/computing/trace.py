"""``backprop-tui trace``: the statements of an epoch with their numbers."""

from __future__ import annotations

import click

from backprop_tui.cli.configured import config_options, decimals, digits_option
from backprop_tui.cli.options import as_json, session_options, tell_of_values_set
from backprop_tui.cli.output.json_lines import say_json
from backprop_tui.cli.output.streams import say
from backprop_tui.program.number_text import number
from backprop_tui.session.files.opened import Opened
from backprop_tui.session.records.trace import explanations, record


@click.command()
@session_options
@click.option(
    "--epoch", type=click.IntRange(0, 10**9), default=0, show_default=True, help="Which epoch, from 0."
)
@digits_option
@config_options
@as_json
def trace(opened: Opened, epoch: int, digits: str | None, as_json: bool) -> None:
    """Print every statement of an epoch with its numbers.

    JSON has every digit. What was set by hand in a saved session counts.
    """
    session = opened.session
    tell_of_values_set(session, counted=True)
    network = session.network
    shown = None if as_json else decimals(digits)
    heading, first, recorded = None, network.first_iteration, network.recording is not None
    for explanation, example in explanations(session, epoch):
        if as_json:
            found: dict[str, object] = {**record(explanation, example)}
            if recorded and not epoch:
                found["iteration"] = first + explanation.statement.iteration
            say_json(found)
            continue
        statement = explanation.statement
        whole = f"iteration {first + statement.iteration:,}" if recorded and not epoch else f"epoch {epoch}"
        here = f"{whole}, {statement.phase}" + ("" if example is None else f", example {example}")
        if here != heading:
            say(here)
            heading = here
        right = f"{explanation.formula()} = {explanation.expression.numeric(shown)}"
        say(f"{statement.step:>6}  {right} = {number(explanation.value, shown)}")
