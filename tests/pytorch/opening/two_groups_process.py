"""What torchrun runs: DistributedDataParallel with two groups of parameters and a schedule, recorded.

``python -m torch.distributed.run --standalone --nproc-per-node 2 two_groups_process.py FOLDER NAME …`` writes
``FOLDER/NAME``, with ``model.pt`` in it: the parameters at last.
"""

import sys
from pathlib import Path

TIMES = 14


def main() -> None:
    """As torchrun calls it."""
    import torch
    import torch.distributed as together
    from torch import nn
    from torch.nn.parallel import DistributedDataParallel

    import backprop_tui
    from tests.pytorch.two_groups import OPTIMIZERS, groups, stack

    torch.set_num_threads(1)
    together.init_process_group("gloo")
    rank, (folder, *names) = together.get_rank(), sys.argv[1:]
    for name in names:
        model, loss = stack(), nn.MSELoss()
        whole = DistributedDataParallel(model)
        optimizer = OPTIMIZERS[name](groups(whole))
        schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
        torch.manual_seed(100 + rank)
        with backprop_tui.record(Path(folder) / name, whole, loss, optimizer, keep=6, when=""):
            for _ in range(TIMES):
                x, y = torch.randn(5, 4, dtype=torch.float64), torch.randn(5, 2, dtype=torch.float64)
                optimizer.zero_grad()
                loss(whole(x), y).backward()
                optimizer.step()
                schedule.step()
        if not rank:
            torch.save(model.state_dict(), Path(folder) / name / "model.pt")
        together.barrier()
    together.destroy_process_group()


if __name__ == "__main__":
    main()
