"""Batches of given lengths, options that change, and what PyTorch recorded: read and checked."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from backprop_tui.network.description import DTYPES, Network, RecordedIteration, Recording, Training, Vector
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.demands import finite_number, known_word, printable_text, whole_number
from backprop_tui.network.files.document import RecordedIterationTable, RecordingTable, TrainingTable

GRADIENT_SCALE = "gradient_scale"
_REASONS = ("", "condition", "end", "exception", "demand")
_LARGEST_WHOLE = 2**53


def batches(table: TrainingTable) -> tuple[int, ...]:
    """The lengths of the batches of an epoch, where they are given."""
    for number, length in enumerate(table.batches):
        whole_number(f"training.batches[{number}]", length, least=1, most=2**31)
    if table.batches and (table.batch_size is not None or table.shuffle):
        other = "batch_size" if table.batch_size is not None else "shuffle"
        raise NetworkError(f"training.{other}", f"either {other} or batches", "both")
    return tuple(table.batches)


def schedule(table: TrainingTable, training: Training, *, finite: bool) -> dict[str, Vector]:
    """The optimizer's options that change from one iteration of an epoch to the next.

    What was *recorded* may be infinite or not a number.
    """
    rows = training.optimizer.options
    changing = [name for name, row in rows.items() if not row.flag]
    for name, values in table.schedule.items():
        place = f"training.schedule.{name}"
        known_word("training.schedule", name, [*changing, GRADIENT_SCALE], what="an option that can change")
        if not values:
            raise NetworkError(place, "a number for each iteration of an epoch", "none")
        for number, value in enumerate(values):
            here = f"{place}[{number}]"
            if not finite and not isfinite(value):
                continue
            finite_number(here, value)
            if name in rows and not rows[name].least <= value < rows[name].below:
                least, below = rows[name].least, rows[name].below
                expected = f"at least {least:g}" + (f" and less than {below:g}" if below < 1e300 else "")
                raise NetworkError(here, expected, value)
        if name == "momentum" and not all(values) and any(values):
            raise NetworkError(place, "0 in every iteration or in none", f"{min(values)} and {max(values)}")
    return {name: tuple(map(float, values)) for name, values in table.schedule.items()}


def recording(table: RecordingTable) -> Recording:
    """What was recorded, as a value."""
    known_word("recording.reason", table.reason, _REASONS)
    return Recording(
        tuple(_iteration(f"recording.iterations[{at}]", one) for at, one in enumerate(table.iterations)),
        printable_text("recording.folder", table.folder),
        table.reason,
        printable_text("recording.when", table.when),
        whole_number("recording.at", table.at, least=0, most=_LARGEST_WHOLE),
        tuple(printable_text(f"recording.said[{at}]", one) for at, one in enumerate(table.said)),
    )


def _iteration(place: str, table: RecordedIterationTable) -> RecordedIteration:
    if table.dtype:
        known_word(f"{place}.dtype", table.dtype, DTYPES)
    for at, pair in enumerate(table.ranks):
        if len(pair) != 2 or min(pair) < 0:
            raise NetworkError(f"{place}.ranks[{at}]", "a rank and its number of examples", f"{pair}"[:40])
    return RecordedIteration(
        whole_number(f"{place}.number", table.number, least=0, most=_LARGEST_WHOLE),
        table.loss,
        table.grad_norm,
        table.grad_norm_at_step,
        tuple((rank, examples) for rank, examples in table.ranks),
        table.dtype,
        finite_number(f"{place}.scale", table.scale),
        tuple(printable_text(f"{place}.notes[{at}]", note) for at, note in enumerate(table.notes)),
    )


def require_fitting(network: Network) -> None:
    """Refuse lengths, options and iterations of another number than the batches of an epoch.

    Raises:
        NetworkError: they do not fit.

    """
    training = network.training
    if training.batches and sum(training.batches) != len(network.data):
        expected = f"lengths that add up to the {len(network.data)} examples"
        raise NetworkError("training.batches", expected, f"{sum(training.batches)}")
    count = network.batches.count
    for name, values in training.schedule.items():
        _require_length(f"training.schedule.{name}", values, count)
    if network.recording is None:
        return
    _require_length("recording.iterations", network.recording.iterations, count)
    for at, one in enumerate(network.recording.iterations):
        examples = sum(examples for _, examples in one.ranks)
        if one.ranks and examples != network.batches.length(at):
            expected = f"the {network.batches.length(at)} examples of the batch"
            raise NetworkError(f"recording.iterations[{at}].ranks", expected, f"{examples}")


def _require_length(place: str, values: Sequence[object], count: int) -> None:
    if len(values) != count:
        raise NetworkError(place, f"{count}, one for each iteration of an epoch", f"{len(values)}")
