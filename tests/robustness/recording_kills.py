"""Kills of a training that records: what its folder names is whole and replays, what is not whole is said."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from tests.robustness.kills import LostError

TRAINING = """
import sys, torch
from torch import nn
import backprop_tui
torch.set_num_threads(1)
torch.manual_seed(int(sys.argv[2]))
model = nn.Sequential(nn.Linear(64, 256), nn.Tanh(), nn.Linear(256, 512), nn.Tanh(), nn.Linear(512, 4))
loss, optimizer = nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), lr=0.01)
with backprop_tui.record(sys.argv[1], model, loss, optimizer, keep=6, when="iteration/7 > 1") as recorder:
    print("recording", flush=True)
    while True:
        optimizer.zero_grad()
        loss(model(torch.randn(32, 64)), torch.randint(0, 4, (32,))).backward()
        optimizer.step()
        if recorder.iteration % 3 == 0:
            print("writes", flush=True)
            recorder.write()
            print("written", flush=True)
"""


class Kill(NamedTuple):
    """What was found after the kills of one folder."""

    seconds: float
    """Between the last begin or end of a write that was told of, and the kill."""
    writing: bool
    """Whether it was killed while it wrote."""
    windows: int
    left: tuple[str, ...]
    """Files that the index does not name."""


def kill(seed: int, times: int = 1) -> Kill:
    """Kill a recording at a random moment, *times* in one folder; read all of it, and record in it once more.

    Raises:
        LostError: the folder does not open; a window that was written is not there, is not whole or does not
            replay to the bit; or a half-written file is there after the next recorder has begun.

    """
    by = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "flight"
        told = 0
        for number in range(times):
            written, writing, seconds = _killed(folder, seed + number, by)
            told += written
            found = _opened(folder, seed, told)
            if found.windows > told + 2 * (number + 1):
                raise LostError(f"seed {seed}: {found.windows} windows of {told} that were written")
            told = found.windows
        _recorded_once_more(folder, seed, told)
        return Kill(seconds, writing, found.windows, found.left)


def _killed(folder: Path, seed: int, by: random.Random) -> tuple[int, bool, float]:
    """How many writes had ended, whether one had begun, and the seconds from that to the kill."""
    command = [sys.executable, "-c", TRAINING, str(folder), str(seed)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    said = [process.stdout.readline().strip()]
    wanted = by.randint(0, 12)
    while said.count("writes") + said.count("written") < wanted:
        said.append(process.stdout.readline().strip())
        if not said[-1]:
            raise LostError(f"seed {seed}: the training ended by itself, after {said}")
    seconds = by.choice((0.0, by.uniform(0, 0.005), by.uniform(0, 0.05)))
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    rest = process.communicate()[0].split()
    if process.returncode != -9:
        raise LostError(f"seed {seed}: ended by itself with {process.returncode}")
    said += rest
    return said.count("written"), said[-1] == "writes", seconds


class Found(NamedTuple):
    """What a folder has."""

    windows: int
    left: tuple[str, ...]


def _opened(folder: Path, seed: int, told: int) -> Found:
    """Open the folder, read every window whole, and replay each from its first state to its last."""
    from backprop_tui.pytorch.recordings import Recording

    (rank,) = Recording.open(folder).ranks
    if len(rank.windows) < told:
        raise LostError(f"seed {seed}: {len(rank.windows)} windows of {told} that were written")
    for window in rank.windows:
        if window.missing:
            raise LostError(f"seed {seed}: {window.missing}")
        _replay(window, seed)
    return Found(len(rank.windows), rank.unfinished)


def _replay(window: Any, seed: int) -> None:
    import torch
    from torch import nn

    model = nn.Sequential(nn.Linear(64, 256), nn.Tanh(), nn.Linear(256, 512), nn.Tanh(), nn.Linear(512, 4))
    loss, optimizer = nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), lr=0.01)
    first, last = window.states[0], window.states[-1]
    model.load_state_dict(window.parameters(first))
    optimizer.load_state_dict(window.optimizer_state(first))
    for one in window.iterations:
        if not one["stepped"]:
            continue
        optimizer.zero_grad()
        (batch,) = window.batches(one["iteration"])
        value = loss(model(*batch.arguments), *batch.targets)
        if value.item() != batch.loss:
            raise LostError(f"seed {seed}: {window.path.name} replays to another loss at {one['iteration']}")
        value.backward()
        optimizer.step()
    end = window.parameters(last)
    if not all(torch.equal(one, end[name]) for name, one in model.named_parameters()):
        raise LostError(f"seed {seed}: {window.path.name} replays to other parameters")


def _recorded_once_more(folder: Path, seed: int, told: int) -> None:
    """A later recorder adds to the windows, and what was half written is gone."""
    import torch
    from torch import nn

    import backprop_tui

    model, loss = nn.Linear(64, 4), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with backprop_tui.record(folder, model, loss, optimizer, keep=2):
        loss(model(torch.ones(1, 64)), torch.tensor([1])).backward()
        optimizer.step()
    names = sorted(path.name for path in (folder / "rank-0000").iterdir())
    expected = ["index.json", *(f"window-{at:06d}.safetensors" for at in range(told + 1))]
    if names != expected:
        raise LostError(f"seed {seed}: {names}, expected {expected}")
