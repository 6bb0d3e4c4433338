"""From a recording to a network: the iterations that were kept are its one epoch, replayed in float64."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from msgspec.structs import replace

from backprop_tui.network.description import Network, RecordedParameters
from backprop_tui.network.files.demands import MOST_VALUES
from backprop_tui.network.later_rows import LaterRows
from backprop_tui.pytorch.errors import PyTorchError
from backprop_tui.pytorch.models.layers import dtype_of
from backprop_tui.pytorch.models.optimizers import optimizer_of
from backprop_tui.pytorch.models.reading import Stack, network_from
from backprop_tui.pytorch.opening.examples import examples_in
from backprop_tui.pytorch.opening.groups import in_one_way, owned, schedule
from backprop_tui.pytorch.opening.joining.union import Joined, joined
from backprop_tui.pytorch.opening.recordings import Recording
from backprop_tui.pytorch.opening.replayable import leave_still, replayable
from backprop_tui.pytorch.opening.tables import tables_of
from backprop_tui.pytorch.recording.described_model import (
    layers_from,
    loss_from,
    of_recording,
    optimizer_from,
)


def network_of(folder: Path) -> Network:
    """As ``doors.from_recording``."""
    try:
        return _network(folder)
    except PyTorchError as error:
        said = of_recording(error)
        source = said.source or str(folder)
        raise PyTorchError(said.place, said.expected, said.found, hint=said.hint, source=source) from None


def _network(folder: Path) -> Network:
    recording = Recording.open(folder)
    about = recording.ranks[0].about
    loss, widths = loss_from(about), _widths(recording)
    found = replayable(joined(recording, MOST_VALUES, sum(widths)))
    first = found.iterations[0].number
    parameters = found.parameters(first)
    layers = layers_from(found.about, parameters)
    own = {
        row[part]: getattr(layer, part)
        for row, layer in zip(about["layers"], layers, strict=True)
        for part in ("weight", "bias")
    }
    kept = found.optimizer_state(first)
    names = [group.get("param_names") or () for group in kept["param_groups"]]
    leave_still(found.iterations, names, own)
    state = optimizer_from(found.about, kept, own)
    optimizer = optimizer_of(state, layers, finite=False)
    batches = [examples_in(one, layers, loss) for one in found.iterations]
    targets = torch.cat([one.loss.targets for one in batches])
    whole = batches[0].loss._replace(targets=targets)
    inputs = torch.cat([one.inputs for one in batches])
    stack = Stack(torch.nn.Identity(), "model", layers, None, inputs, (), dtype_of(layers))
    groups = owned(names, about["layers"], own)
    optimizer = in_one_way(optimizer, found, groups)
    tables = tables_of(folder, found, batches, dict(schedule(optimizer, found, groups)))
    network = network_from(
        str(about.get("title") or about["model"]), stack, whole, optimizer, recorded=tables
    )
    assert network.recording is not None
    return replace(network, recording=replace(network.recording, states=_states(found)))


def _widths(recording: Recording) -> tuple[int, int]:
    """How many numbers an example has: inputs, and targets."""
    for rank in recording.ranks:
        for window in reversed(rank.windows):
            try:
                shapes, rows = window.shapes(window.header()), rank.about.get("layers") or ()
            except PyTorchError:  # missing or damaged, which joined says
                continue
            named = [shapes[row["weight"]] for row in rows if row["weight"] in shapes]
            if named and len(named) == len(rows):
                return named[0][1], named[-1][0]
    return 0, 0


class _TensorRows(LaterRows):
    """The rows of a matrix that was recorded."""

    def __init__(self, tensor: Any) -> None:
        super().__init__(len(tensor))
        self._tensor = tensor

    def row(self, at: int) -> tuple[float, ...]:
        return tuple(self._tensor[at].double().tolist())


def _states(found: Joined) -> dict[int, RecordedParameters]:
    """The parameters that were recorded, by the place of their iteration."""
    first, rows = found.iterations[0].number, found.about["layers"]
    states: dict[int, RecordedParameters] = {}
    for number in found.states:
        given: Mapping[str, Any] = found.parameters(number)
        weights = tuple(_TensorRows(given[row["weight"]]) for row in rows)
        biases = tuple(
            tuple(given[row["bias"]].double().tolist()) if row["bias"] else (0.0,) * len(weight)
            for row, weight in zip(rows, weights, strict=True)
        )
        states[number - first] = RecordedParameters(weights, biases)
    return states
