"""Epochs as records: a dictionary each, with a column for whatever a person asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from backprop_tui.history.run import Run
from backprop_tui.network.description import Network
from backprop_tui.session.comparing import Comparing
from backprop_tui.session.session import Session
from backprop_tui.stops.condition_values import ConditionValues
from backprop_tui.stops.conditions import parse_expression

EpochRecord = dict[str, float]
"""``epoch``, ``loss``, and the value of each expression that was asked for."""


def epochs(
    what: Network | Session, count: int, every: int = 1, of: Iterable[str] = ()
) -> Iterator[EpochRecord]:
    """Train, and make a record of each epoch as it stands after its last update: what a data frame takes.

    >>> from backprop_tui import epochs, load
    >>> for record in epochs(load(), 1000, every=500, of=["w1", "abs(dL_dw1)"]):
    ...     print({name: round(value, 4) for name, value in record.items()})
    {'epoch': 0, 'loss': 0.0633, 'w1': 0.3035, 'abs(dL_dw1)': 0.007}
    {'epoch': 500, 'loss': 0.0007, 'w1': 0.5484, 'abs(dL_dw1)': 0.0003}
    {'epoch': 999, 'loss': 0.0003, 'w1': 0.5928, 'abs(dL_dw1)': 0.0001}

    ``pandas.DataFrame(epochs(network, 100, of=["w1"]))`` is a table with a row an epoch.

    Args:
        what: a network; or a session, which stays where it is: what was set by hand in it counts.
        count: how many epochs, from epoch 0.
        every: a record of epoch 0, of every so many further ones, and of the last.
        of: what there is a column for beside ``epoch`` and ``loss``, the mean over the epoch's examples:
            expressions in the language of breakpoints. What is not known is NaN.

    Yields:
        a dictionary an epoch, with the same keys in the same order.

    Raises:
        ConditionError: one of the expressions means nothing; at once, not with the first record.
        ValueError: *every* is less than 1.
    """
    if every < 1:
        raise ValueError(f"every: expected at least 1, found {every}")
    comparing = what.comparing if isinstance(what, Session) else Comparing(what, lambda: 0)
    run, networks, runs = comparing.debugged.editing.run, comparing.networks, comparing.runs
    columns = {
        name: ConditionValues(run, parse_expression(name, run.network, networks), runs)
        for name in ("loss", *([of] if isinstance(of, str) else of))
    }
    return _records(run, count, every, columns)


def _records(run: Run, count: int, every: int, columns: dict[str, ConditionValues]) -> Iterator[EpochRecord]:
    for epoch in range(count):
        if epoch % every and epoch < count - 1:
            continue
        end = run.program.time(epoch, run.program.statements)
        record: EpochRecord = {"epoch": epoch}
        for name, column in columns.items():
            value, _ = column.read(end)
            record[name] = float("nan") if value is None else value
        yield record
