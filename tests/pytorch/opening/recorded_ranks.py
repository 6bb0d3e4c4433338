"""Small trainings of one rank and of several, recorded in one process."""

import json

import torch
from torch import nn

import backprop_tui


def train(folder, times=30, *, keep=6, when="", spoil=None, write_at=(), stop=None, rank=0, examples=4):
    """Record a small training as one rank of it, with batches of its own."""
    torch.manual_seed(3)
    model, loss = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)), nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    torch.manual_seed(100 + rank)
    with backprop_tui.record(folder, model, loss, optimizer, keep=keep, when=when) as recorder:
        for number in range(times):
            inputs, targets = torch.randn(examples, 3), torch.randn(examples, 2)
            if spoil == number:
                inputs[0, 0] = torch.nan
            optimizer.zero_grad()
            loss(model(inputs), targets).backward()
            if stop == number:
                raise RuntimeError("the loss is not finite")
            optimizer.step()
            if number in write_at:
                recorder.write()
    return model


def numbers(found):
    return [one.number for one in found.iterations]


def trained_together(folder, ranks=4, *, steps=8, keep=6, short=None, when=""):
    """Ranks in one process: every rank's recorder sees its own batches, the gradient is averaged over all.

    As DistributedDataParallel does it, which ``test_torchrun`` runs; here what they wrote is then harmed.
    """
    torch.manual_seed(8)
    one, loss = nn.Linear(3, 2), nn.MSELoss()
    batches = [
        [(torch.randn(3 if (at, rank) == short else 4, 3), torch.randn(1, 2)) for rank in range(ranks)]
        for at in range(steps)
    ]
    for rank in range(ranks):
        model = nn.Linear(3, 2)
        model.load_state_dict(one.state_dict())
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        with backprop_tui.record(
            folder / str(rank), model, loss, optimizer, keep=keep, when=when
        ) as recorder:
            recorder._folder.about["world"] = ranks
            for at in range(steps):
                optimizer.zero_grad()
                others = average(model, loss, [batches[at][other] for other in range(ranks) if other != rank])
                handles = [
                    parameter.register_hook(lambda mine, theirs=theirs: (mine + theirs) / ranks)
                    for parameter, theirs in zip(model.parameters(), others, strict=True)
                ]
                inputs, targets = batches[at][rank]
                loss(model(inputs), targets.expand(len(inputs), 2)).backward()
                for handle in handles:
                    handle.remove()
                optimizer.step()
        (folder / str(rank) / "rank-0000").rename(folder / f"rank-{rank:04d}")
        (folder / str(rank)).rmdir()
        changed(folder, rank, lambda index, rank=rank: index.update(rank=rank))
    return batches


def average(model, loss, batches):
    """The sum of the gradients of other ranks, which no hook sees."""
    values = [
        nn.functional.mse_loss(
            nn.functional.linear(inputs, *model.parameters()), targets.expand(len(inputs), 2)
        )
        for inputs, targets in batches
    ]
    return torch.autograd.grad(sum(values), list(model.parameters())) if values else [0.0, 0.0]


def changed(folder, rank, change):
    path = folder / f"rank-{rank:04d}" / "index.json"
    index = json.loads(path.read_text())
    change(index)
    path.write_text(json.dumps(index))
