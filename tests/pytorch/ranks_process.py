"""What torchrun runs: a training with DistributedDataParallel that records, rank by rank, and what was true.

``python -m torch.distributed.run --standalone --nproc-per-node 2 ranks_process.py FOLDER SCENARIO …``
writes ``FOLDER/SCENARIO`` and, beside the recording, ``truth-0000.pt``: what this rank itself saw.
"""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

TIMES = 14
"""Updates of a training."""
SHORT = 11
"""The update at which batches are uneven, or a rank is killed or raises."""
EXAMPLES = 5


def run(
    folder: Path, ranks: int, *scenarios: str, script: str = __file__
) -> subprocess.CompletedProcess[str]:
    """Train with so many processes, and wait for them."""
    root = Path(__file__).parent.parent.parent
    environment = {**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(ranks)]
    return subprocess.run(
        [*launcher, script, str(folder), *scenarios],
        env=environment,
        cwd=root,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def made(dtype):
    """The model as every rank makes it, with its loss and optimizer."""
    import torch
    from torch import nn

    torch.manual_seed(11)
    model = nn.Sequential(nn.Linear(6, 10), nn.Tanh(), nn.Linear(10, 3)).to(dtype)
    return model, nn.CrossEntropyLoss(), torch.optim.Adam(model.parameters(), lr=0.01)


def train(folder: Path, scenario: str) -> None:
    """One scenario on this rank."""
    import torch
    import torch.distributed as together
    from torch.nn.parallel import DistributedDataParallel

    import backprop_tui

    rank, world = together.get_rank(), together.get_world_size()
    dtype = torch.float64 if scenario == "float64" else torch.float32
    model, loss, optimizer = made(dtype)
    whole = model if scenario in ("apart", "apart clipped", "by hand") else DistributedDataParallel(model)
    passes = 3 if scenario == "accumulate" else 1
    torch.manual_seed(100 + rank)
    truth = []
    recorder = backprop_tui.record(folder / scenario, whole, loss, optimizer, keep=6, when="")
    with recorder:
        for number in range(TIMES):
            optimizer.zero_grad()
            losses = []
            examples = 2 if scenario == "uneven" and number == SHORT and rank == world - 1 else EXAMPLES
            for at in range(passes):
                inputs, classes = torch.randn(examples, 6, dtype=dtype), torch.randint(0, 3, (examples,))
                alone = whole.no_sync() if at < passes - 1 else contextlib.nullcontext()
                with alone:
                    value = loss(whole(inputs), classes) / passes
                    losses.append(value.item() * passes)
                    if scenario == "killed" and number == SHORT and rank == world - 1:
                        os.kill(os.getpid(), signal.SIGKILL)
                    if scenario == "raised" and number == SHORT and rank == world - 1:
                        raise ValueError("this batch is not to be learned from")
                    value.backward()
            if scenario == "by hand":
                for one in model.parameters():
                    together.all_reduce(one.grad)
                    one.grad /= world
            gradients = {name: one.grad.clone() for name, one in model.named_parameters()}
            truth.append({"losses": losses, "gradients": gradients})
            if scenario.endswith("clipped"):
                torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)
            optimizer.step()
            if number == 8 and scenario == "killed":
                recorder.write()
    torch.save(truth, folder / scenario / f"truth-{rank:04d}.pt")
    together.barrier()


def main() -> None:
    """As torchrun calls it."""
    import torch
    import torch.distributed as together

    torch.set_num_threads(1)
    together.init_process_group("gloo")
    folder, *scenarios = sys.argv[1:]
    for scenario in scenarios:
        train(Path(folder), scenario)
    together.destroy_process_group()


if __name__ == "__main__":
    main()
