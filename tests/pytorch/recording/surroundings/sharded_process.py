"""What torchrun runs: a training whose parameters lie on several processes, bare and recorded.

``python -m torch.distributed.run --standalone --nproc-per-node 2 sharded_process.py FOLDER KIND …`` writes
``FOLDER/KIND``, and ``truth-0000.pt`` in it: of both the losses and the last numbers, and what was warned of.
"""

import subprocess
import sys
import warnings
from pathlib import Path

from tests.pytorch import ranks_process

KINDS = ("fully_shard", "FullyShardedDataParallel", "tensor_parallel")
TIMES = 7


def run(folder: Path, ranks: int = 2) -> subprocess.CompletedProcess[str]:
    """Train in every kind with so many processes, and wait for them."""
    return ranks_process.run(folder, ranks, script=__file__)


def sharded(kind):
    """A model, a part of whose parameters this process has."""
    import torch
    import torch.distributed as together
    from torch import nn
    from torch.distributed.device_mesh import init_device_mesh

    torch.manual_seed(11)
    model = nn.Sequential(nn.Linear(6, 10), nn.Tanh(), nn.Linear(10, 3))
    mesh = init_device_mesh("cpu", (together.get_world_size(),))
    if kind == "fully_shard":
        from torch.distributed.fsdp import fully_shard

        for layer in (model[0], model[2]):
            fully_shard(layer, mesh=mesh)
        fully_shard(model, mesh=mesh)
    elif kind == "tensor_parallel":
        from torch.distributed.tensor.parallel import ColwiseParallel, RowwiseParallel, parallelize_module

        parallelize_module(model, mesh, {"0": ColwiseParallel(), "2": RowwiseParallel()})
    else:
        from torch.distributed.fsdp import FullyShardedDataParallel

        model = FullyShardedDataParallel(model, device_id=torch.device("cpu"), use_orig_params=True)
    return model


def train(kind, folder):
    """The losses, and this process's part of the parameters at the end; recorded where there is a folder."""
    import contextlib

    import torch
    from torch import nn

    import backprop_tui

    model, loss = sharded(kind), nn.CrossEntropyLoss()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    torch.manual_seed(100)
    recording = contextlib.nullcontext()
    if folder is not None:
        recording = backprop_tui.record(folder, model, loss, optimizer, keep=4, when="loss < 1 or not_finite")
    losses = []
    with recording:
        for _ in range(TIMES):
            optimizer.zero_grad()
            value = loss(model(torch.randn(5, 6)), torch.randint(0, 3, (5,)))
            value.backward()
            losses.append(value.item())
            optimizer.step()
    ends = {name: one.detach() for name, one in model.named_parameters()}
    return losses, {
        name: one.to_local() if hasattr(one, "to_local") else one.clone() for name, one in ends.items()
    }


def main() -> None:
    """As torchrun calls it."""
    import torch
    import torch.distributed as together

    torch.set_num_threads(1)
    together.init_process_group("gloo")
    for kind in KINDS:
        place = Path(sys.argv[1]) / kind
        bare = train(kind, None)
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            recorded = train(kind, place)
        ours = [str(one.message) for one in warned if "recording" in str(one.message)]
        torch.save((bare, recorded, ours), place / f"truth-{together.get_rank():04d}.pt")
    together.destroy_process_group()


if __name__ == "__main__":
    main()
