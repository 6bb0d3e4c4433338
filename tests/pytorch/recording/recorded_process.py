"""A training that records until it is killed; ``tests.robustness recordings`` kills many."""

import signal
import subprocess
import sys
from pathlib import Path

TRAINING = """
import sys, torch
from torch import nn
import backprop_tui
torch.set_num_threads(1)
model, loss = nn.Sequential(nn.Linear(64, 128), nn.Tanh(), nn.Linear(128, 4)), nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
with backprop_tui.record(sys.argv[1], model, loss, optimizer, keep=6) as recorder:
    print("recording", flush=True)
    while True:
        optimizer.zero_grad()
        loss(model(torch.randn(32, 64)), torch.randint(0, 4, (32,))).backward()
        optimizer.step()
        if recorder.iteration % 3 == 0:
            recorder.write()
"""


def killed(folder: Path, seconds: float, number: int = signal.SIGKILL) -> None:
    """Train, and kill so many seconds after recording began."""
    process = subprocess.Popen([sys.executable, "-c", TRAINING, str(folder)], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"recording\n"
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(number)
    process.wait()
    process.stdout.close()
    assert process.returncode == -number


def opened(folder: Path) -> tuple[int, tuple[str, ...]]:
    """Read all of a folder: how many windows are in it, and the files that are in no index."""
    import torch

    from backprop_tui.pytorch.opening.recordings import Recording

    (rank,) = Recording.open(folder).ranks
    for window in rank.windows:
        assert not window.missing
        for one in window.iterations:
            (batch,) = window.batches(one["iteration"])
            assert batch.arguments[0].shape == (32, 64)
        assert all(torch.isfinite(tensor).all() for tensor in window.parameters(window.states[0]).values())
    return len(rank.windows), rank.unfinished
