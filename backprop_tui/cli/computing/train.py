"""``backprop-tui train``: train without a screen."""

from __future__ import annotations

import sys
from typing import Any

import click

from backprop_tui.cli.options import as_json, session_options, tell_of_values_set
from backprop_tui.cli.output.json_lines import plain, say_json
from backprop_tui.cli.output.progress import Progress, progress
from backprop_tui.cli.output.streams import INTERRUPTED, say, tell
from backprop_tui.engine.epochs import EPOCHS, Divergence, EpochResult, Run, usual_epochs
from backprop_tui.history.edited_epochs import EditedRun
from backprop_tui.network.lazy_numpy import Array
from backprop_tui.session.files.opened import Opened

DIVERGED = 1
"""The exit status where training was to stop at divergence, and did."""
MOST_PREDICTIONS = 8
"""How many examples' predictions stand in a line."""


@click.command()
@session_options
@click.option(
    "--epochs",
    type=click.IntRange(min=1),
    help=f"How many epochs; left out, {EPOCHS}, of a recording 1.",
)
@click.option(
    "--log-every", type=click.IntRange(min=1), default=200, show_default=True, help="Print every K-th epoch."
)
@click.option("--stop-at-divergence", is_flag=True, help="Stop where a number is no longer finite; exit 1.")
@as_json
def train(
    opened: Opened, epochs: int | None, log_every: int, stop_at_divergence: bool, as_json: bool
) -> None:
    """Train without a screen, and print loss and predictions.

    Where a number overflows or is not a number, the epoch and the first such quantity are named on stderr,
    and training goes on unless --stop-at-divergence is given. Ctrl+C prints the last whole epoch and stops.
    What was set by hand in a saved session counts.

    Exit status: 0 after all epochs, 1 stopped at divergence, 2 the network is wrong, 130 stopped by Ctrl+C.
    """
    session = opened.session
    tell_of_values_set(session, counted=True)
    epochs = epochs or usual_epochs(session.network)
    run: Run | EditedRun = (
        EditedRun(session.run, epochs, log_every)
        if session.run.edits
        else Run(session.network, epochs, log_every)
    )
    log = _Log(as_json, log_every)
    try:
        whole = _follow(run, epochs, log, stop_at_divergence)
    except KeyboardInterrupt:
        last = run.last_whole()
        log.show(last)
        tell("stopped before the first epoch ended" if last is None else _stopped(last))
        sys.exit(INTERRUPTED)
    last = log.last
    assert last is not None
    if not whole:
        log.show(last)
    log.conclude(last)
    if not whole:
        tell(_stopped(last))
        sys.exit(DIVERGED)


def _follow(run: Run | EditedRun, epochs: int, log: _Log, stop_at_divergence: bool) -> bool:
    """Train and log; tells whether all epochs were run."""
    told = False
    with progress("epoch", epochs) as bar:
        for result in run.results():
            bar.show(run.done)
            if result is None:
                continue
            log.take(result, bar)
            if result.divergence and not told:
                bar.hide()
                tell(_diverged(result.divergence))
                told = True
                if stop_at_divergence:
                    return False
    return True


def _stopped(last: EpochResult) -> str:
    return f"stopped after epoch {last.epoch}"


def _diverged(divergence: Divergence) -> str:
    example = "" if divergence.example is None else f", example {divergence.example}"
    return f"diverged in epoch {divergence.epoch}{example}: {divergence.name} is {divergence.value}"


class _Log:
    """Prints results, as text or as JSON, each at most once."""

    def __init__(self, as_json: bool, every: int) -> None:
        self.last: EpochResult | None = None
        """The latest result."""
        self._as_json, self._every = as_json, every
        self._shown: EpochResult | None = None

    def take(self, result: EpochResult, bar: Progress) -> None:
        """Print a result if its turn has come."""
        self.last = result
        if result.epoch % self._every == 0:
            bar.hide()
            self.show(result)

    def show(self, result: EpochResult | None) -> None:
        """Print a result, if there is one and it has not been printed."""
        if result is None or (self._shown and self._shown.epoch == result.epoch):
            return
        self._shown = result
        if self._as_json:
            numbers = {"loss": plain(result.loss), "predictions": plain(result.predictions)}
            say_json({"epoch": result.epoch, **numbers})
        else:
            label = "Predictions" if result.predictions.size > 1 else "Prediction"
            predictions = _predictions(result.predictions)
            say(f"Epoch {result.epoch}, Loss: {_decimal(result.loss)}, {label}: {predictions}")

    def conclude(self, last: EpochResult) -> None:
        """Print what training has come to."""
        if self._as_json:
            say_json(_summary(last))
        else:
            s = "s" if last.predictions.size > 1 else ""
            say(f"Final prediction{s}: {_predictions(last.predictions)}")


def _predictions(predictions: Array) -> str:
    rows = [" ".join(map(_decimal, row)) for row in predictions]
    more = len(rows) - MOST_PREDICTIONS
    return ", ".join(rows[:MOST_PREDICTIONS]) + (f", … {more} more" if more > 0 else "")


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
