"""``train``: train without a screen."""

from __future__ import annotations

import sys
from typing import Any

import click

from backprop_tui.cli.json_lines import plain, write_json
from backprop_tui.cli.network_argument import as_json, network_options
from backprop_tui.cli.printing import INTERRUPTED, tell, write
from backprop_tui.cli.progress import showing
from backprop_tui.engine.epochs import Divergence, EpochResult, Run
from backprop_tui.network.description import Network


@click.command()
@network_options
@click.option(
    "--epochs", type=click.IntRange(min=1), default=1000, show_default=True, help="How many epochs."
)
@click.option(
    "--log-every", type=click.IntRange(min=1), default=200, show_default=True, help="Print every K-th."
)
@click.option("--stop-at-divergence", is_flag=True, help="Stop where a number is no longer finite; exit 1.")
@as_json
def train(network: Network, epochs: int, log_every: int, stop_at_divergence: bool, as_json: bool) -> None:
    """Train without a screen, and print loss and predictions.

    Where a number overflows or is no number any more, the epoch and the first such quantity are told on
    stderr, and training goes on, unless --stop-at-divergence is given. Ctrl+C stops after printing the last
    whole epoch.

    Exit status: 0 after all epochs, 1 stopped at divergence, 2 the network is wrong, 130 stopped by Ctrl+C.
    """
    log = _log_json if as_json else _log_line
    last, logged, told, whole = None, -1, False, True
    run = Run(network, epochs, log_every)
    try:
        with showing("epoch", epochs) as progress:
            for result in run.results():
                progress.show(run.done)
                if result is None:
                    continue
                last = result
                if last.epoch % log_every == 0:
                    progress.hide()
                    log(last)
                    logged = last.epoch
                if last.divergence and not told:
                    progress.hide()
                    _tell(last.divergence)
                    told = True
                    if stop_at_divergence:
                        whole = False
                        break
    except KeyboardInterrupt:
        last = run.last_whole()
        if last is not None and logged != last.epoch:
            log(last)
        tell("stopped before the first epoch ended" if last is None else _stopped(last))
        sys.exit(INTERRUPTED)
    assert last is not None
    if not whole and logged != last.epoch:
        log(last)
    if as_json:
        write_json(_summary(last))
    else:
        write(f"Final prediction{'s' if last.predictions.size > 1 else ''}: {_predictions(last.predictions)}")
    if not whole:
        tell(_stopped(last))
        sys.exit(1)


def _stopped(last: EpochResult) -> str:
    return f"stopped after epoch {last.epoch}"


def _tell(divergence: Divergence) -> None:
    example = "" if divergence.example is None else f", example {divergence.example}"
    tell(f"diverged in epoch {divergence.epoch}{example}: {divergence.name} is {divergence.value}")


def _log_json(result: EpochResult) -> None:
    write_json({"epoch": result.epoch, "loss": plain(result.loss), "predictions": plain(result.predictions)})


def _log_line(result: EpochResult) -> None:
    label = "Predictions" if result.predictions.size > 1 else "Prediction"
    write(f"Epoch {result.epoch}, Loss: {_decimal(result.loss)}, {label}: {_predictions(result.predictions)}")


def _predictions(predictions: Any) -> str:
    rows = [" ".join(map(_decimal, row)) for row in predictions]
    return ", ".join(rows[:8]) + (f", … {len(rows) - 8} more" if len(rows) > 8 else "")


def _decimal(value: float) -> str:
    return f"{value:.6f}" if abs(value) < 1e15 else f"{value:.6e}"


def _summary(last: EpochResult) -> dict[str, Any]:
    parameters = last.parameters
    return {
        "final": True,
        "epochs": last.epoch + 1,
        "loss": plain(last.loss),
        "predictions": plain(last.predictions),
        "layers": [
            {"weights": plain(w), "biases": plain(b)}
            for w, b in zip(parameters.weights, parameters.biases, strict=True)
        ],
    }
