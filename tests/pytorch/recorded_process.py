"""A training that records until it is killed, and a long trial of that by hand.

``python -m tests.pytorch.recorded_process 100`` kills a hundred of them at random moments.
"""

import random
import signal
import subprocess
import sys
import tempfile
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

    from backprop_tui.pytorch.recordings import Recording

    (rank,) = Recording.open(folder).ranks
    for window in rank.windows:
        assert not window.missing
        for one in window.iterations:
            (batch,) = window.batches(one["iteration"])
            assert batch.arguments[0].shape == (32, 64)
        assert all(torch.isfinite(tensor).all() for tensor in window.parameters(window.states[0]).values())
    return len(rank.windows), rank.unfinished


def main(times: int) -> None:
    """Print what is found after each kill."""
    for number in range(times):
        with tempfile.TemporaryDirectory() as folder:
            seconds = random.uniform(0.0, 1.0)
            killed(Path(folder), seconds)
            windows, unfinished = opened(Path(folder))
            print(f"{number + 1}: killed after {seconds:.3f} s, {windows} windows, in no index {unfinished}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
