"""A small training whose loop a test writes, and its replay held against what PyTorch had."""

import numpy as np
import pytest
import torch
from torch import nn

import backprop_tui
from backprop_tui.engine.training import Trainer


def parts(kind="SGD", **options):
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3)).double()
    optimizer = getattr(torch.optim, kind)(model.parameters(), **{"lr": 0.1, **options})
    return model, nn.MSELoss(), optimizer


def drawn(examples=6):
    return torch.randn(examples, 4).double(), torch.randn(examples, 3).double()


def step(model, loss, optimizer):
    optimizer.zero_grad()
    x, y = drawn()
    value = loss(model(x), y)
    value.backward()
    optimizer.step()
    return value.item()


def replay(network):
    """Require that the replay comes to the losses and parameters that PyTorch had; give their numbers."""
    recording, trainer = network.recording, Trainer(network)
    state, compared = trainer.initial_state(), 0
    for place, one in enumerate(recording.iterations):
        compared += same_parameters(state, recording.states.get(place))
        iteration = trainer.iterate(state, place)
        assert iteration.forward.loss.mean() == pytest.approx(one.loss, rel=1e-12, nan_ok=True)
        state = iteration.after
    compared += same_parameters(state, recording.states.get(len(recording.iterations)))
    assert compared
    return [one.number for one in recording.iterations]


def same_parameters(state, theirs):
    if theirs is None:
        return False
    within = {"rtol": 1e-11, "atol": 1e-12, "equal_nan": True}
    for ours, weights in zip(state.parameters.weights, theirs.weights, strict=True):
        assert np.allclose(ours, weights[:], **within)
    for ours, biases in zip(state.parameters.biases, theirs.biases, strict=True):
        assert np.allclose(ours, biases, **within)
    return True


def trained(folder, one_update, times=6, **options):
    """Train so often by a function, recorded; what it gave and the network."""
    model, loss, optimizer = parts(**options)
    with backprop_tui.record(folder, model, loss, optimizer, when=""):
        losses = [one_update(model, loss, optimizer) for _ in range(times)]
    return losses, backprop_tui.from_recording(folder)
