"""``backprop-tui compare``: train runs side by side without a screen, and print their losses as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf, isfinite

import click

from backprop_tui.cli.completing import candidates
from backprop_tui.cli.options import as_json, session_options
from backprop_tui.cli.output.json_lines import say_json
from backprop_tui.cli.output.progress import Progress, progress
from backprop_tui.cli.output.streams import as_printed, refuse, say, tell
from backprop_tui.history.run import Run
from backprop_tui.network.errors import BackpropError
from backprop_tui.network.lazy_numpy import np
from backprop_tui.session.comparing import Comparing
from backprop_tui.session.files.opened import Opened
from backprop_tui.session.records.trace import json_number


@click.command()
@session_options
@click.option(
    "--with",
    "changes",
    multiple=True,
    metavar="CHANGE",
    shell_complete=candidates.differences,
    help="What differs in a run beside; may be given up to three times.",
)
@click.option(
    "--epochs", type=click.IntRange(min=1), default=1000, show_default=True, help="How many epochs."
)
@click.option(
    "--log-every", type=click.IntRange(min=1), default=200, show_default=True, help="Print every K-th."
)
@as_json
def compare(opened: Opened, changes: tuple[str, ...], epochs: int, log_every: int, as_json: bool) -> None:
    """Train the network and others that differ from it, and print their losses side by side.

    A CHANGE is learning_rate=5 (or several values: learning_rate=0.05,0.5,5), optimizer, activation, output,
    loss, initializer, seed or an option of the optimizer likewise, several of these with blanks between
    ("optimizer=adam learning_rate=0.01"), a value set at the start (w1=0.5), or another network of the same
    shape.

    JSON has a line {"epoch", "runs": [{"name", "loss"}]} for each K-th epoch; a name is the CHANGE, and that
    of the network itself is "as given" ("as edited" where a saved session has set values). A CHANGE that
    makes no difference is named below the table, with JSON on stderr.
    """
    comparing = opened.session.comparing
    try:
        for words in changes:
            comparing.add(words)
    except BackpropError as error:
        refuse(f"--with: {error}")
    if not comparing.open:
        refuse("nothing to compare with: say what differs, as in --with learning_rate=5")
    runs, labels = list(comparing.runs.values()), list(comparing.labels.values())
    table = _Table(comparing)
    with progress("epoch", epochs) as bar:
        for epoch, losses in _losses(runs, epochs, log_every, bar):
            logged = epoch % log_every == 0
            bar.hide()
            if as_json and logged:
                named = zip(labels, losses, strict=True)
                rows = [{"name": name, "loss": json_number(loss)} for name, loss in named]
                say_json({"epoch": epoch, "runs": rows})
            elif not as_json:
                table.show(epoch, losses)
    if not as_json:
        say("")
        say(_outcome(labels, runs))
    for words in _without_effect(labels, runs):
        if as_json:
            tell(words)
        else:
            say(as_printed(words))


def _losses(runs: Sequence[Run], epochs: int, every: int, bar: Progress) -> Iterator[tuple[int, list[float]]]:
    """The losses of every so-many-th epoch and of the last one, all runs trained that far."""
    for epoch in sorted({*range(0, epochs, every), epochs - 1}):
        for number, run in enumerate(runs):
            per_epoch = run.program.iterations_per_epoch
            for reached in run.timeline.running_to((epoch + 1) * per_epoch):
                behind = (len(runs) - 1 - number) * (epoch - max(0, epoch - every))
                bar.show(max(0, reached // per_epoch - behind // len(runs)))
        yield epoch, [run.timeline.losses[epoch] for run in runs]


class _Table:
    """A line an epoch, a column a run."""

    def __init__(self, comparing: Comparing) -> None:
        self._heads = [as_printed(f"{name} {label}") for name, label in comparing.labels.items()]
        self._begun = False

    def show(self, epoch: int, losses: Sequence[float]) -> None:
        """Print the losses after an epoch; above the first of them, what each column is."""
        if not self._begun:
            self._begun = True
            say("  ".join(["   epoch", *(head.rjust(12) for head in self._heads)]))
        columns = zip(self._heads, losses, strict=True)
        say("  ".join([f"{epoch:8}", *(_decimal(loss).rjust(max(12, len(head))) for head, loss in columns)]))


def _decimal(value: float) -> str:
    return f"{value:.6f}" if abs(value) < 1e5 else f"{value:.6e}"


def _without_effect(labels: Sequence[str], runs: Sequence[Run]) -> Iterator[str]:
    """Which changes change nothing: a line each."""
    given = np.array(runs[0].timeline.losses)
    for label, run in zip(labels[1:], runs[1:], strict=True):
        if np.array_equal(given, run.timeline.losses, equal_nan=True):
            yield f"{label} makes no difference: in every epoch its loss is that of {labels[0]}"


def _listed(labels: Sequence[str]) -> str:
    return ", ".join(labels[:-1]) + f" and {labels[-1]}"


def _outcome(labels: Sequence[str], runs: Sequence[Run]) -> str:
    """What the comparison has come to, in words."""
    ends = [run.timeline.losses[-1] for run in runs]
    finite = [end if isfinite(end) else inf for end in ends]
    best = finite.index(min(finite))
    if not isfinite(finite[best]):
        return "all runs diverged"
    alike = [label for label, end in zip(labels, finite, strict=True) if end == finite[best]]
    if len(alike) == len(labels):
        words = f"no difference in the end: {_listed(alike)} have the same loss, {_decimal(ends[best])}"
    elif len(alike) > 1:
        words = f"lowest in the end: {_listed(alike)} alike, {_decimal(ends[best])}"
    else:
        words = f"lowest in the end: {labels[best]}, {_decimal(ends[best])}"
    if best and isfinite(ends[0]) and ends[best] > 0.0:
        words += f", {ends[0] / ends[best]:.3g} times lower than {labels[0]}"
    for label, run, end in zip(labels, runs, ends, strict=True):
        if not isfinite(end):
            first = next(epoch for epoch, loss in enumerate(run.timeline.losses) if not isfinite(loss))
            words += f"; {label} diverged in epoch {first}"
    return as_printed(words)
