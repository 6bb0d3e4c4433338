"""Numbers that are none come back as they were, and a full disk ends no training and harms no window."""

import errno
import math
import os
import random
import warnings
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.network.errors import NetworkError  # noqa: E402
from backprop_tui.pytorch.opening.recordings import Recording  # noqa: E402
from backprop_tui.pytorch.recording.written import files as recorded_files  # noqa: E402

ODD = [math.nan, math.inf, -math.inf, -0.0, 5e-324, 1e-45, 3.4e38]


def parts():
    torch.manual_seed(4)
    model = nn.Linear(7, 1)
    return model, nn.MSELoss(), torch.optim.SGD(model.parameters(), lr=0.01)


def step(model, loss, optimizer, x=None):
    optimizer.zero_grad()
    loss(model(torch.randn(3, 7) if x is None else x), torch.zeros(3, 1)).backward()
    optimizer.step()


def same_bits(one, other):
    return one.dtype == other.dtype and one.numpy().tobytes() == other.numpy().tobytes()


def test_what_is_no_number_is_written_and_read_back_to_the_bit(tmp_path):
    model, loss, optimizer = parts()
    x = torch.tensor([ODD, ODD[::-1], [1.0] * 7])
    with torch.no_grad():
        model.weight.copy_(torch.tensor(ODD))
    before = model.weight.detach().clone()
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=3):
        step(model, loss, optimizer, x)
        after = model.weight.detach().clone()
    (rank,) = Recording.open(tmp_path).ranks
    for window in rank.windows:
        (batch,) = window.batches(0)
        assert same_bits(batch.arguments[0], x)
        assert same_bits(window.parameters(0)["weight"], before)
        assert math.isnan(batch.loss)
        (row,) = window.iterations
        assert row["loss"] == row["grad_norm"] == row["grad_norm_at_step"] == "nan"
    assert same_bits(rank.windows[-1].parameters(1)["weight"], after)
    assert rank.windows[0].reason == "condition"


@pytest.mark.filterwarnings("ignore:the recording will not open as a network")
@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_an_infinite_loss_or_length_keeps_its_sign(tmp_path, value):
    class Loss(nn.Module):
        def forward(self, output, wanted):
            return (output - wanted).sum() * value

    model, _, optimizer = parts()
    with torch.no_grad():
        model.weight.fill_(1.0)
        model.bias.fill_(1.0)
    with backprop_tui.record(tmp_path, model, Loss(), optimizer, keep=3, when="") as recorder:
        optimizer.zero_grad()
        recorder._loss(model(torch.ones(3, 7)), torch.zeros(3, 1)).backward()
        optimizer.step()
    (rank,) = Recording.open(tmp_path).ranks
    row = rank.windows[0].iterations[-1]
    assert float(row["loss"]) == value
    assert row["grad_norm"] == "inf"


def full(monkeypatch, what):
    def refuse(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if what == "sync":
        monkeypatch.setattr(os, "fsync", refuse)
    elif what == "window":
        monkeypatch.setattr(recorded_files.safetensors_torch, "save_file", refuse)
    else:
        monkeypatch.setattr(recorded_files, "write_index", refuse)


@pytest.mark.parametrize("what", ["sync", "window", "index"])
def test_a_full_disk_warns_once_a_window_and_harms_nothing(tmp_path, monkeypatch, what):
    def trained(folder, fails):
        made = parts()
        if folder is None:
            for _ in range(12):
                step(*made)
            return made[0]
        with backprop_tui.record(folder, *made, keep=3, when="iteration == 6") as recorder:
            for number in range(12):
                if number == 3:
                    recorder.write()
                    if fails:
                        full(monkeypatch, what)
                step(*made)
                if number == 8:
                    with pytest.raises(NetworkError, match="no space left on device: expected a file that"):
                        recorder.write()
        return made[0]

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = trained(tmp_path, True)
    monkeypatch.undo()
    assert ["No space left" in str(one.message) for one in caught] == [True, True]  # the condition, the end
    (rank,) = Recording.open(tmp_path).ranks
    (window,) = rank.windows
    assert (window.missing, window.last, len(window.batches(2))) == ("", 2, 1)
    assert all(path.suffix != ".tmp" for path in window.path.parent.iterdir())
    assert all(
        torch.equal(*pair) for pair in zip(model.parameters(), trained(None, False).parameters(), strict=True)
    )
    made = parts()
    with backprop_tui.record(tmp_path, *made, keep=3):
        step(*made)
    (rank,) = Recording.open(tmp_path).ranks
    assert [one.path.name[7:13] for one in rank.windows] == ["000000", "000001"]
    assert [one.missing for one in rank.windows] == ["", ""]
    assert rank.unfinished == ()


SAID = "Error while serializing: I/O error: No space left on device (os error 28)"
"""What safetensors says of a full disk."""


def test_half_a_window_left_by_a_full_disk_is_removed(tmp_path, monkeypatch):
    made = parts()
    save = recorded_files.safetensors_torch.save_file

    def half(tensors, path, **options):
        save(tensors, path, **options)
        os.truncate(path, Path(path).stat().st_size // 2)
        raise recorded_files.safetensors.SafetensorError(SAID)

    with backprop_tui.record(tmp_path, *made, keep=3, when="") as recorder:
        step(*made)
        monkeypatch.setattr(recorded_files.safetensors_torch, "save_file", half)
        with pytest.raises(NetworkError, match=r": no space left on device: "):
            recorder.write()
        assert [one.name for one in (tmp_path / "rank-0000").iterdir()] == ["index.json"]
        monkeypatch.undo()
        recorder.write()


def test_a_damaged_file_is_refused_in_one_line_or_opens(tmp_path):
    """Bytes of the index or of a window are changed at random: a person is told, never with a traceback."""
    folder, rng = tmp_path / "run", random.Random(4)
    model, loss = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2)), nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    with backprop_tui.record(folder, model, loss, optimizer, keep=4, when=""):
        for _ in range(6):
            optimizer.zero_grad()
            loss(model(torch.randn(3, 2)), torch.randn(3, 2)).backward()
            optimizer.step()
    rank = folder / "rank-0000"
    for name in ("index.json", "window-000000.safetensors"):
        path = rank / name
        whole = path.read_bytes()
        header = len(whole) if name == "index.json" else 8 + int.from_bytes(whole[:8], "little")
        refused = []
        for _ in range(150):
            damaged = bytearray(whole)
            for _ in range(rng.choice((1, 1, 3))):
                damaged[rng.randrange(8, header)] = rng.choice(b'az09"{[]:,_')
            path.write_bytes(damaged)
            for opened in (folder, rank / "window-000000.safetensors"):
                try:
                    backprop_tui.load(str(opened))
                except NetworkError as error:
                    refused.append(str(error))
        assert 20 < len(refused) < 300
        assert not any("\n" in said for said in refused)
        path.write_bytes(whole)
    assert backprop_tui.load(str(folder)).shape == "2-3-2"
