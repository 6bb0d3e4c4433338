"""The MLP of a transformer block: a stack within a larger model, the gradient that came back as its loss."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from backprop_tui import check, from_torch  # noqa: E402
from backprop_tui.engine.training import Trainer  # noqa: E402


class Block(nn.Module):
    """Attention and an MLP, each with a norm before it and a way around it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(width, 2, batch_first=True)
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.mlp = nn.Sequential(
            nn.Linear(width, 3 * width), nn.GELU(), nn.Dropout(0.0), nn.Linear(3 * width, width)
        )

    def forward(self, x: Any) -> Any:
        y = self.norms[0](x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        y = self.mlp(self.norms[1](x))
        y += x  # in place: what came out of the stack must still be looked at
        return y


class Transformer(nn.Module):
    """Guesses a class for each place of a sequence; dropout and running means change with every pass."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(11, 8)
        self.dropout = nn.Dropout(0.1)
        self.norm = nn.BatchNorm1d(8)
        self.encoder = Block(8)
        self.head = nn.Linear(8, 11)

    def forward(self, tokens: Any) -> Any:
        x = self.dropout(self.embedding(tokens))
        x = self.norm(x.transpose(1, 2)).transpose(1, 2)
        return self.head(self.encoder(x))


def next_token(logits: Any, tokens: Any) -> Any:
    return nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())


def test_the_mlp_of_a_transformer_block_has_autograds_gradients() -> None:
    torch.manual_seed(3)
    model = Transformer().double()
    tokens = torch.randint(11, (3, 5))
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(4):
        optimizer.zero_grad()
        next_token(model(tokens), tokens).backward()
        optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    buffers = {name: one.clone() for name, one in model.named_buffers()}
    random = torch.random.get_rng_state()

    network = from_torch(model, next_token, tokens, tokens, optimizer, submodule="encoder.mlp")

    assert all(one.grad is None for one in model.parameters())
    assert all(torch.equal(one, buffers[name]) for name, one in model.named_buffers())
    assert torch.equal(torch.random.get_rng_state(), random)
    assert network.shape == "8-24-8"
    assert len(network.data) == 15
    assert network.training.loss_name == "given_gradient"
    assert network.training.start is not None
    assert network.training.start.updates == 4
    assert network.title == "Transformer.encoder.mlp"
    assert check(network).passed

    next_token(model(tokens), tokens).backward()  # the same dropout: the random numbers are where they were
    trainer = Trainer(network)
    ours = trainer.iterate(trainer.initial_state(), 0)
    mlp = model.encoder.mlp
    for number, linear in enumerate((mlp[0], mlp[3])):
        for mine, theirs in (
            (ours.gradient.weights[number], linear.weight.grad),
            (ours.gradient.biases[number], linear.bias.grad),
        ):
            np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-9 * float(theirs.abs().max()))
    optimizer.step()
    for number, linear in enumerate((mlp[0], mlp[3])):
        np.testing.assert_allclose(ours.after.parameters.weights[number], linear.weight.detach(), rtol=1e-8)
        np.testing.assert_allclose(ours.after.parameters.biases[number], linear.bias.detach(), rtol=1e-8)


def test_the_arguments_of_a_larger_model_may_be_several() -> None:
    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.part = nn.Sequential(nn.Linear(2, 2), nn.Tanh())

        def forward(self, x: Any, scale: Any) -> Any:
            return self.part(x) * scale

    model, x, scale = Two().double(), torch.ones(3, 2, dtype=torch.float64), torch.tensor(2.0).double()
    wanted = [[2.0, 2.0]] * 3
    for inputs in ((x, scale), {"x": x, "scale": scale}):
        network = from_torch(model, lambda a, y: a.sum(), inputs, None, submodule="part")
        assert [list(row) for row in network.data.targets] == wanted


def test_parameters_that_one_group_trains_may_be_taken_out() -> None:
    model = nn.Sequential(nn.Sequential(nn.Linear(2, 2)), nn.Sequential(nn.Linear(2, 2)))
    groups = [{"params": model[0].parameters(), "lr": 0.5}, {"params": model[1].parameters()}]
    optimizer = torch.optim.SGD(groups, lr=0.25)
    x = torch.randn(3, 2)
    for name, rate in (("0", 0.5), ("1", 0.25)):
        network = from_torch(model, nn.MSELoss(), x, x, optimizer, submodule=name)
        assert network.training.learning_rate == rate
