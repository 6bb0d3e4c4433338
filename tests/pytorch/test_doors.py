"""PyTorch is an extra: nothing imports it before it is asked for, and where it is missing that is said."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

MISSING = """
import sys
sys.modules["torch"] = None
import backprop_tui
for call in (
    lambda: backprop_tui.from_torch(None, None, None, None),
    lambda: backprop_tui.to_torch(backprop_tui.load()),
    lambda: backprop_tui.record("nowhere", None, None, None),
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
backprop_tui.from_torch, backprop_tui.record, backprop_tui.to_torch, backprop_tui.to_torch_training
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
        for name in ("from_torch", "to_torch", "record", "to_torch_training")
    ]


def test_nothing_imports_pytorch_before_it_is_asked_for():
    assert ran(UNASKED) == ""


def test_the_readmes_example_runs(tmp_path, monkeypatch):
    torch = pytest.importorskip("torch")
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(import torch\n.*?)```", readme, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    space = {}
    exec(example, space)  # noqa: S102 - what the README says
    assert torch.equal(space["again"][0].weight, space["model"][0].weight)
    assert space["network"].training.start.updates == 30
    (recording,) = re.findall(r"```python\n(with backprop_tui\.record.*?)```", readme, re.DOTALL)
    exec(recording, space)  # noqa: S102
    assert (tmp_path / "flight" / "rank-0000" / "window-000000.safetensors").is_file()
    (refused,) = re.findall(r"```\n(model\.1: .*)\n```", readme)
    with pytest.raises(ValueError, match=re.escape(refused)):
        space["backprop_tui"].from_torch(
            torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Dropout()), None, torch.ones(1, 1), None
        )


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
    updates = [one for one in backprop_tui.statements(network) if one.statement.quantity.phase == "update"]
    assert "added up" in updates[0].sentence
    values = {line.symbol: line.value for line in updates[0].working}
    assert values["m_hat"] == pytest.approx(values["m"] / (1.0 - 0.9**4), rel=1e-14)  # the fourth update
