"""Kills of a training that records: what its folder names is whole and replays, what is not whole is said."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from time import sleep
from typing import Any, NamedTuple

from tests.robustness.kills import LostError

PROGRAM = """
import os, sys, torch
from torch import nn
import backprop_tui
torch.set_num_threads(1)

def train(folder, seed):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(64, 256), nn.Tanh(), nn.Linear(256, 512), nn.Tanh(), nn.Linear(512, 4))
    loss, optimizer = nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), lr=0.01)
    with backprop_tui.record(folder, model, loss, optimizer, keep=6, when="iteration/7 > 1") as recorder:
        print("recording", flush=True)
        while True:
            optimizer.zero_grad()
            loss(model(torch.randn(32, 64)), torch.randint(0, 4, (32,))).backward()
            optimizer.step()
            if recorder.iteration % 3 == 0:
                print("writes", flush=True)
                recorder.write()
                print("written", flush=True)

for line in sys.stdin:
    seed, folder = line.rstrip().split(" ", 1)
    child = os.fork()
    if not child:
        try:
            train(folder, int(seed))
        finally:
            os._exit(1)
    print("process", child, flush=True)
    print("ended", os.waitpid(child, 0)[1], flush=True)
"""


class Trainings:
    """A process that has PyTorch and starts trainings, one at a time: each is a process of its own."""

    def __enter__(self) -> Trainings:
        self._program = subprocess.Popen(
            [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._program.communicate()

    def start(self, folder: Path, seed: int) -> None:
        """Start one."""
        assert self._program.stdin
        self._program.stdin.write(f"{seed} {folder}\n")
        self._program.stdin.flush()

    def line(self) -> str:
        """What it says next."""
        assert self._program.stdout
        return self._program.stdout.readline().strip()


class Kill(NamedTuple):
    """What was found after the kills of one folder."""

    seconds: float
    """Between the last begin or end of a write that was told of, and the kill."""
    writing: bool
    """Whether it was killed while it wrote."""
    windows: int
    left: tuple[str, ...]
    """Files that the index does not name."""


def kill(trainings: Trainings, seed: int, times: int = 1) -> Kill:
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
            written, writing, seconds = _killed(trainings, folder, seed + number, by)
            told += written
            found = _opened(folder, seed, told)
            if found.windows > told + 2 * (number + 1):
                raise LostError(f"seed {seed}: {found.windows} windows of {told} that were written")
            told = found.windows
        _recorded_once_more(folder, seed, told)
        return Kill(seconds, writing, found.windows, found.left)


def _killed(trainings: Trainings, folder: Path, seed: int, by: random.Random) -> tuple[int, bool, float]:
    """How many writes had ended, whether one had begun, and the seconds from that to the kill."""
    trainings.start(folder, seed)
    said: list[str] = []
    process, wanted = 0, by.randint(0, 12)
    while not process or "recording" not in said or len(said) <= wanted:
        line = trainings.line()
        if line.startswith("process"):
            process = int(line.split()[1])
        elif line.startswith("ended") or not line:
            raise LostError(f"seed {seed}: the training ended by itself, after {said}")
        else:
            said.append(line)
    seconds = by.choice((0.0, by.uniform(0, 0.005), by.uniform(0, 0.05)))
    sleep(seconds)
    os.kill(process, signal.SIGKILL)
    while not (line := trainings.line()).startswith("ended"):
        said.append(line)
    if line != f"ended {int(signal.SIGKILL)}":
        raise LostError(f"seed {seed}: {line}")
    return said.count("written"), said[-1] == "writes", seconds


class Found(NamedTuple):
    """What a folder has."""

    windows: int
    left: tuple[str, ...]


def _opened(folder: Path, seed: int, told: int) -> Found:
    """Open the folder, read every window whole, and replay each from its first state to its last."""
    import torch

    from backprop_tui.pytorch.opening.recordings import Recording

    (rank,) = Recording.open(folder).ranks
    if len(rank.windows) < told:
        raise LostError(f"seed {seed}: {len(rank.windows)} windows of {told} that were written")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as the training: the number of threads decides how sums are made
    try:
        for window in rank.windows:
            if window.missing:
                raise LostError(f"seed {seed}: {window.missing}")
            _replay(window, seed)
    finally:
        torch.set_num_threads(threads)
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
