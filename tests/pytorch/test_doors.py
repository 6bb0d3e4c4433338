"""PyTorch is an extra: nothing imports it before it is asked for, and where it is missing that is said."""

import subprocess
import sys

import pytest

MISSING = """
import sys
sys.modules["torch"] = None
import backprop_tui
for call in (
    lambda: backprop_tui.from_torch(None, None, None, None),
    lambda: backprop_tui.to_torch(backprop_tui.load()),
    lambda: backprop_tui.to_torch_training(backprop_tui.load()),
):
    try:
        call()
    except backprop_tui.NetworkError as error:
        print(error)
"""

UNASKED = """
import sys
import backprop_tui
backprop_tui.from_torch, backprop_tui.to_torch, backprop_tui.to_torch_training
list(backprop_tui.train(backprop_tui.load(), 3))
assert "torch" not in sys.modules
"""


def ran(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stderr, done.returncode) == ("", 0)
    return done.stdout


def test_where_pytorch_is_missing_it_is_said_with_the_command():
    assert ran(MISSING).splitlines() == [
        f"{name}: expected PyTorch, which is not installed (pip install torch)"
        for name in ("from_torch", "to_torch", "to_torch_training")
    ]


def test_nothing_imports_pytorch_before_it_is_asked_for():
    assert ran(UNASKED) == ""


def test_a_saved_network_from_pytorch_is_one_like_any_other(tmp_path):
    torch = pytest.importorskip("torch")
    import backprop_tui

    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1, bias=False))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    x, y = torch.tensor([[0.0, 1.0], [1.0, 0.5]]), torch.tensor([[1.0], [0.0]])
    loss = torch.nn.MSELoss(reduction="sum")
    for _ in range(3):
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()
    path = tmp_path / "taken.toml"
    network = backprop_tui.from_torch(model, loss, x, y, optimizer)
    backprop_tui.save(network, path)
    assert backprop_tui.load(path) == network
    for command in (["train", "--epochs", "3"], ["trace"], ["check"], ["flow"]):
        done = subprocess.run(
            [sys.executable, "-m", "backprop_tui", command[0], str(path), *command[1:]],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert (done.stderr, done.returncode) == ("", 0)
    session = backprop_tui.Session(network)
    session.forward(backprop_tui.Grain.UPDATE)
    words = "\\n".join(one.formula() for one in backprop_tui.statements(network))
    assert "sum" in words or session.explain() is not None
