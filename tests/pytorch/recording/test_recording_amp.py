"""Gradient scalers, clipping of either sort, autocast and compiled models while they are recorded."""

import math

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.pytorch.opening.recordings import Recording  # noqa: E402


def parts(make=torch.optim.SGD, **options):
    torch.manual_seed(4)
    model = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 3))
    return model, nn.CrossEntropyLoss(), make(model.parameters(), lr=0.01, **options)


def batch(value=None):
    x = torch.randn(6, 5) if value is None else torch.full((6, 5), value)
    return x, torch.randint(0, 3, (6,))


def only_window(folder):
    (rank,) = Recording.open(folder).ranks
    (window,) = rank.windows
    return window


def length(model):
    return math.sqrt(sum(float((one.grad.double() ** 2).sum()) for one in model.parameters()))


def test_of_a_scaler_the_scale_and_both_lengths_are_kept(tmp_path):
    model, loss, optimizer = parts()
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    norms = []
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=5) as recorder:
        for _ in range(4):
            optimizer.zero_grad()
            x, classes = batch()
            scaler.scale(loss(model(x), classes)).backward()
            norms.append(length(model))
            scaler.step(optimizer)
            scaler.update()
        assert recorder.windows == ()  # 1,024 times a length of 1 is not more than 100
    for one, norm in zip(only_window(tmp_path).iterations, norms, strict=True):
        (given,) = one["passes"]
        assert given["scale"] == one["grad_scale"] == 1024.0
        assert one["grad_norm"] == pytest.approx(norm, rel=1e-5)
        assert one["grad_norm_at_step"] == pytest.approx(norm / 1024.0, rel=1e-5)
        assert one["scaled_uniformly"] is True


@pytest.mark.filterwarnings("ignore:CrossEntropyLoss was given something else")
def test_with_a_scaler_the_condition_is_over_the_gradient_itself(tmp_path):
    model, loss, optimizer = parts()
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**16)
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=5, when="grad_norm > 1") as recorder:
        for factor in (1.0, 1.0, 1e3):
            optimizer.zero_grad()
            x, classes = batch()
            scaler.scale(loss(model(x) * factor, classes)).backward()
            true = length(model) / 2.0**16
            scaler.step(optimizer)
            scaler.update()
            assert bool(recorder.windows) == (true > 1.0)
    assert true > 1.0


@pytest.mark.parametrize("fused", [False, True])
def test_a_step_that_a_scaler_skips_is_kept_beside_the_next(tmp_path, fused):
    model, loss, optimizer = parts(torch.optim.Adam, fused=fused)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    before = {}
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=9) as recorder:
        for number in range(6):
            before[recorder.iteration] = {
                name: one.detach().clone() for name, one in model.named_parameters()
            }
            optimizer.zero_grad()
            x, classes = batch()
            value = scaler.scale(loss(model(x), classes))
            if number == 2:
                skipped, value = x, value * torch.tensor(1e38)  # the gradient overflows; the loss does not
            value.backward()
            assert all(bool(one.grad.isfinite().all()) for one in model.parameters()) == (number != 2)
            scaler.step(optimizer)
            scaler.update()
        assert recorder.iteration == 5
        assert recorder.windows == ()
    window = only_window(tmp_path)
    assert [one["iteration"] for one in window.iterations] == list(range(5))
    assert [one["stepped"] for one in window.iterations] == [True] * 5
    assert [one["skipped"] for one in window.iterations] == [0, 0, 1, 0, 0]
    assert [one["grad_scale"] for one in window.iterations] == [1024.0] * 2 + [512.0] * 3
    row = window.iterations[2]
    assert row["notes"] == ["1 attempt was given up before, without an update"]
    (given,) = row["given_up"]
    assert given["loss"] < 10.0
    (argument,) = given["arguments"]["tuple"]
    with window._open() as file:
        assert torch.equal(file.get_tensor(argument["tensor"]), skipped)
    for number in window.states[:-1]:
        for name, kept in window.parameters(number).items():
            assert torch.equal(before[number][name], kept)


def test_a_model_that_is_lost_is_written_though_a_scaler_skips_every_step(tmp_path):
    model, loss, optimizer = parts()
    scaler = torch.amp.GradScaler("cpu")
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=5) as recorder:
        for number in range(40):
            if number == 4:
                with torch.no_grad():
                    model[0].weight[0, 0] = math.nan
            optimizer.zero_grad()
            x, classes = batch()
            scaler.scale(loss(model(x), classes)).backward()
            scaler.step(optimizer)
            scaler.update()
        assert len(recorder.windows) == 1
        assert len(recorder._current.given_up) == 8  # and not all of them
    (rank,) = Recording.open(tmp_path).ranks
    first = rank.windows[0]
    assert (first.reason, first.iteration) == ("condition", 4)
    assert first.iterations[-1]["skipped"] == 1
    assert first.iterations[-1]["given_up"][0]["loss"] == "nan"
    assert rank.windows[-1].iterations[-1]["skipped"] == 35


CLIPS = {
    "norm": (lambda model: nn.utils.clip_grad_norm_(model.parameters(), 0.05), True),
    "norm that is not reached": (lambda model: nn.utils.clip_grad_norm_(model.parameters(), 1e3), True),
    "value": (lambda model: nn.utils.clip_grad_value_(model.parameters(), 0.03), False),
    "one layer": (lambda model: nn.utils.clip_grad_norm_(model[0].parameters(), 0.01), False),
    "nothing": (lambda model: None, None),
    "replaced": (lambda model: [setattr(p, "grad", p.grad * 0.5) for p in model.parameters()], True),
}


@pytest.mark.parametrize("how", CLIPS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
@pytest.mark.parametrize("passes", [1, 3])
def test_clipping_by_norm_is_told_from_clipping_by_value(tmp_path, how, dtype, passes):
    model, loss, optimizer = parts()
    model.to(dtype)
    clip, uniformly = CLIPS[how]
    norms = []
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=5, when=""):
        for _ in range(3):
            optimizer.zero_grad(set_to_none=passes == 1)
            for _ in range(passes):
                x, classes = batch()
                loss(model(x.to(dtype)), classes).backward()
            norms.append((length(model), clip(model) and None, length(model)))
            optimizer.step()
    for one, (before, _, after) in zip(only_window(tmp_path).iterations, norms, strict=True):
        tolerance = 1e-5 if dtype != torch.bfloat16 else 1e-3
        assert one["grad_norm"] == pytest.approx(before, rel=tolerance)
        assert one["grad_norm_at_step"] == pytest.approx(after, rel=tolerance)
        assert one["scaled_uniformly"] is uniformly
        assert len(one["passes"]) == passes
        assert not one["notes"]


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
@pytest.mark.parametrize("size", [1e-20, 1.0, 1e4, 1e25])
def test_lengths_neither_overflow_nor_vanish(tmp_path, dtype, size):
    if dtype == torch.float16:
        size = max(1e-4, min(size, 3e4))
    model, loss, optimizer = parts()
    model.to(dtype)
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=5, when="") as recorder:
        loss(model(batch()[0].to(dtype)), batch()[1]).backward()
        for one in model.parameters():
            one.grad = torch.full_like(one, size)
        optimizer.step()
    count = sum(one.numel() for one in model.parameters())
    (row,) = only_window(tmp_path).iterations
    expected = math.sqrt(count) * float(torch.tensor(size, dtype=dtype))
    assert row["grad_norm_at_step"] == pytest.approx(expected, rel=1e-5)
    assert recorder.iteration == 1


@pytest.mark.parametrize("which", ["compiled", "original"])
def test_a_compiled_model_is_recorded_like_the_model(tmp_path, which):
    def trained(folder, compiled):
        model, loss, optimizer = parts()
        torch._dynamo.reset()
        called = torch.compile(model, backend="eager") if compiled else model
        recorded = called if which == "compiled" else model
        with backprop_tui.record(folder, recorded, loss, optimizer, keep=5, when=""):
            for number in range(4):
                torch.manual_seed(number)
                optimizer.zero_grad()
                x, classes = batch()
                loss(called(x), classes).backward()
                optimizer.step()
        return only_window(folder), model

    (plain, one), (window, other) = trained(tmp_path / "a", False), trained(tmp_path / "b", True)
    for p, q in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(p, q)
    for number in range(4):
        (left,), (right,) = plain.batches(number), window.batches(number)
        assert torch.equal(left.arguments[0], right.arguments[0])
        assert left.loss == right.loss
    for name, tensor in plain.parameters(4).items():
        assert torch.equal(tensor, window.parameters(4)[name])


def test_a_compiled_model_that_does_not_call_the_hooks_is_warned_of(tmp_path):
    torch._dynamo.reset()
    model, loss, optimizer = parts()
    compiled = torch.compile(model, backend="eager")
    compiled(batch()[0])  # hooks that come after it was compiled are not looked for
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=5, when=""):
        optimizer.zero_grad()
        with pytest.warns(UserWarning, match="of a compiled model, record what torch.compile gave"):
            value = loss(compiled(batch()[0]), batch()[1])
        value.backward()
        optimizer.step()
        loss(compiled(batch()[0]), batch()[1]).backward()  # said once
        optimizer.step()
    assert [len(one["passes"]) for one in only_window(tmp_path).iterations] == [0, 0]
