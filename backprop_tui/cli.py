"""The commands."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click

from backprop_tui import __version__
from backprop_tui.network.errors import NetworkError


class _Commands(click.Group):
    """Opens the debugger where no command is named: ``backprop-tui my-network.toml``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = [name for option in self.get_params(ctx) for name in option.opts]
        if not args or (args[0] not in self.commands and args[0] not in own):
            args = ["debug", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="backprop-tui")
def main() -> None:
    """A step-through debugger for backpropagation.

    `backprop-tui [NETWORK]` opens the debugger. NETWORK is a network file (TOML) or the name of a shipped
    network; left out, the worked example.
    """


def _network(name: str | None) -> Any:
    from backprop_tui.network.library import find

    try:
        return find(name)
    except NetworkError as error:
        _refuse(str(error))


def _refuse(message: str) -> NoReturn:
    click.echo(f"backprop-tui: {message}", err=True)
    sys.exit(2)


_network_argument: Callable[..., Any] = click.argument("network", required=False)
_as_json: Callable[..., Any] = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@main.command(hidden=True)
@_network_argument
def debug(network: str | None) -> None:
    """Open the debugger."""
    description = _network(network)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        _refuse("the debugger needs a terminal; without one, try: train, trace, check")
    from backprop_tui.tui.app import BackpropApp

    sys.exit(BackpropApp(description).run() or 0)


@main.command()
@_network_argument
@click.option(
    "--epochs", type=click.IntRange(min=1), default=1000, show_default=True, help="How many epochs."
)
@click.option(
    "--log-every", type=click.IntRange(min=1), default=200, show_default=True, help="Print every K-th."
)
@_as_json
def train(network: str | None, epochs: int, log_every: int, as_json: bool) -> None:
    """Train without a screen, and print loss and predictions."""
    description = _network(network)
    from backprop_tui.engine.run import run

    last = None
    for last in run(description, epochs):
        if last.epoch % log_every == 0:
            _echo(_epoch_json(last) if as_json else _epoch_line(last))
    assert last is not None
    if as_json:
        parameters = last.parameters
        layers = [
            {"weights": _plain(w), "biases": _plain(b)}
            for w, b in zip(parameters.weights, parameters.biases, strict=True)
        ]
        summary = {"final": True, "epochs": epochs, "loss": _plain(last.loss)}
        _echo(json.dumps({**summary, "predictions": _plain(last.predictions), "layers": layers}))
    else:
        _echo(f"Final prediction{'s' if last.predictions.size > 1 else ''}: {_predictions(last.predictions)}")


def _epoch_json(result: Any) -> str:
    return json.dumps(
        {"epoch": result.epoch, "loss": _plain(result.loss), "predictions": _plain(result.predictions)}
    )


def _epoch_line(result: Any) -> str:
    label = "Predictions" if result.predictions.size > 1 else "Prediction"
    return f"Epoch {result.epoch}, Loss: {result.loss:.6f}, {label}: {_predictions(result.predictions)}"


def _predictions(predictions: Any) -> str:
    rows = [" ".join(f"{a:.6f}" for a in row) for row in predictions]
    return ", ".join(rows[:8]) + (f", … {len(rows) - 8} more" if len(rows) > 8 else "")


def _plain(value: Any) -> Any:
    """Arrays as lists, and every number as one that JSON can hold."""
    from backprop_tui.debugger.trace import json_number

    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return json_number(value)


def _echo(line: str) -> None:
    click.echo(line)


@main.command()
@_network_argument
@click.option("--epoch", type=click.IntRange(min=0), default=0, show_default=True, help="Which epoch.")
@_as_json
def trace(network: str | None, epoch: int, as_json: bool) -> None:
    """Print every statement of an epoch with its numbers."""
    description = _network(network)
    from backprop_tui.debugger.numbers import number
    from backprop_tui.debugger.session import Session
    from backprop_tui.debugger.trace import explanations, record

    session = Session(description)
    heading = None
    for explanation, example in explanations(session, epoch):
        if as_json:
            _echo(json.dumps(record(explanation, example), ensure_ascii=False))
            continue
        statement = explanation.statement
        here = f"epoch {epoch}, {statement.phase}" + ("" if example is None else f", example {example}")
        if here != heading:
            _echo(here)
            heading = here
        right = f"{explanation.formula()} = {explanation.expression.numeric()}"
        _echo(f"{statement.step:>6}  {right} = {number(explanation.value)}")


@main.command()
@_network_argument
@_as_json
def check(network: str | None, as_json: bool) -> None:
    """Compare every gradient with a central difference; exit 1 where they disagree."""
    description = _network(network)
    from backprop_tui.engine.gradient_check import check_gradients
    from backprop_tui.engine.training import Trainer
    from backprop_tui.network.names import Names, shown

    result = check_gradients(Trainer(description))
    if as_json:
        summary = {"checked": result.checked, "max_relative_error": _plain(result.max_relative_error)}
        _echo(json.dumps({**summary, "passed": result.passed}))
    else:
        names = Names(description)
        for one in result.disagreeing[:20]:
            name = shown("dL_d" + names.parameter(one.layer, one.unit, one.below))
            _echo(f"{name}: {one.analytic!r} analytically, {one.numeric!r} by central difference")
        kinks = len(result.compared) - result.checked
        note = f" ({kinks} not comparable: an activation has its corner there)" if kinks else ""
        verdict = "all agree" if result.passed else f"{len(result.disagreeing)} disagree"
        _echo(
            f"{result.checked} gradients checked{note}, {verdict}: "
            f"largest relative error {result.max_relative_error:.1e}, allowed {result.tolerance:.0e}"
        )
    sys.exit(0 if result.passed else 1)


@main.command()
@_as_json
def examples(as_json: bool) -> None:
    """List the shipped networks with what they teach and where they come from."""
    from backprop_tui.network import library

    for name, network in library.examples():
        about = network.about
        if as_json:
            _echo(json.dumps({"name": name, "title": network.title, "shape": network.shape, **about}))
            continue
        _echo(f"{name}  ({network.shape})")
        for key in ("teaches", "source", "errata"):
            if about.get(key):
                _echo(f"    {key}: {about[key]}")
