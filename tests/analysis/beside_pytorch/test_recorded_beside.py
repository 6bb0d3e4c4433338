"""What PyTorch recorded beside float64: losses, gradients and parameters are within what its type allows."""

import math

import pytest

torch = pytest.importorskip("torch")
from msgspec.structs import replace  # noqa: E402
from torch import nn  # noqa: E402

from backprop_tui.analysis.beside_pytorch import recorded as beside  # noqa: E402
from backprop_tui.analysis.beside_pytorch.recorded import Beside  # noqa: E402
from backprop_tui.engine.quantities import Parameter  # noqa: E402
from backprop_tui.history.run import Run  # noqa: E402
from tests.analysis.beside_pytorch.recorded_trainings import drawn, mlp, recorded  # noqa: E402


def told(work):
    """What a generator gives at its end."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


TYPES = [
    (torch.float32, None, 1e-5),
    (torch.bfloat16, None, 0.2),
    (torch.float16, None, 0.02),
    (torch.float32, torch.bfloat16, 0.2),
    (torch.float32, torch.float16, 0.02),
    (torch.float64, None, 1e-12),
]
"""Of the parameters, of autocast, and what is never allowed."""


@pytest.mark.parametrize(
    ("dtype", "autocast", "coarse", "optimizer"),
    [(*row, name) for name in ("SGD", "Adam") for row in TYPES if (row[0], name) != (torch.float16, "Adam")],
    ids=str,
)
def test_a_replay_is_within_what_the_type_allows(tmp_path, dtype, autocast, coarse, optimizer):
    trained = recorded(
        tmp_path, mlp(dtype), drawn(25, dtype=dtype), autocast=autocast, optimizer=optimizer, lr=0.01
    )
    run = Run(trained.network)
    found = told(beside.iterations_beside(run))
    assert [one.place for one in found] == list(range(25))
    assert beside.first_apart(found) is None
    assert all(one.loss.allowed < coarse and one.grad_norm.allowed < coarse for one in found)
    for one, gradients in zip(found, trained.gradients, strict=True):
        length = math.sqrt(sum(float((part.double() ** 2).sum()) for part in gradients))
        assert one.grad_norm.here == pytest.approx(length, rel=one.grad_norm.allowed)
    layers = told(beside.parameters_beside(run))
    assert {one.layer for one in layers} == {1, 2}
    assert {one.place for one in layers} >= {0, 25}
    assert all(one.within for one in layers), layers
    assert all(one.difference == 0.0 for one in layers if one.place == 0)
    if dtype != torch.float64:
        assert any(one.difference > 0.0 for one in layers)


def test_adam_in_float16_parts_at_its_first_update(tmp_path):
    """Its ε of 1e-8 and squares of small gradients are 0 there, and 0/0 is no number."""
    trained = recorded(tmp_path, mlp(torch.float16), drawn(4, dtype=torch.float16), optimizer="Adam")
    found = told(beside.iterations_beside(Run(trained.network)))
    assert found[0].within
    assert math.isnan(found[1].loss.pytorch)
    assert math.isfinite(found[1].loss.here)
    assert beside.first_apart(found).place == 1


@pytest.mark.parametrize("options", [{"clip": 0.3}, {"loss_scale": 1024.0, "unscale": True}, {}], ids=str)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_gradients_are_compared_as_pytorch_had_them(tmp_path, options, reduction):
    trained = recorded(tmp_path, mlp(), drawn(6), loss=nn.MSELoss(reduction=reduction), lr=0.005, **options)
    for one in told(beside.iterations_beside(Run(trained.network))):
        assert one.within
        assert one.grad_norm.here == pytest.approx(one.recorded.grad_norm, rel=1e-5)


def test_where_they_part_is_found(tmp_path):
    trained = recorded(tmp_path, mlp(), drawn(10))
    recording = trained.network.recording
    iterations = list(recording.iterations)
    iterations[6] = replace(iterations[6], loss=iterations[6].loss * 1.0001)
    iterations[8] = replace(iterations[8], grad_norm=float("nan"))
    changed = replace(trained.network, recording=replace(recording, iterations=tuple(iterations)))
    found = told(beside.iterations_beside(Run(changed)))
    assert [one.place for one in found if not one.within] == [6, 8]
    assert beside.first_apart(found).place == 6
    assert (found[6].loss.within, found[6].grad_norm.within) == (False, True)
    assert found[8].grad_norm.apart == math.inf


@pytest.mark.parametrize("where", [(0, 4, 2), (1, 2, 7), (1, 0, None)])
def test_a_changed_parameter_is_found(tmp_path, where):
    layer, unit, below = where
    trained = recorded(tmp_path, mlp(), drawn(10))
    recording = trained.network.recording
    last = max(recording.states)
    state = recording.states[last]
    matrix = [[list(row) for row in rows] for rows in state.weights]
    biases = [list(row) for row in state.biases]
    row, at = (biases[layer], unit) if below is None else (matrix[layer][unit], below)
    row[at] += 1e-4
    other = type(state)(tuple(tuple(map(tuple, rows)) for rows in matrix), tuple(map(tuple, biases)))
    changed = replace(trained.network, recording=replace(recording, states={**recording.states, last: other}))
    found = told(beside.parameters_beside(Run(changed)))
    (apart,) = [one for one in found if not one.within]
    assert (apart.place, apart.parameter) == (last, Parameter(layer + 1, unit, below))
    assert apart.difference == pytest.approx(1e-4, rel=0.01)
    assert apart.pytorch == row[at]


def test_what_was_computed_is_kept_when_stopped(tmp_path):
    run = Run(recorded(tmp_path, mlp(), drawn(8)).network)
    work = beside.iterations_beside(run)
    while next(work) < 3:
        pass
    assert [one.place for one in beside.beside_already(run)] == [0, 1, 2]
    assert len(told(beside.iterations_beside(run))) == 8


@pytest.mark.parametrize(
    ("pytorch", "here", "apart"),
    [
        (1.0, 1.0, 0.0),
        (2.0, 1.0, 0.5),
        (0.0, 0.0, 0.0),
        (math.nan, math.inf, 0.0),
        (math.nan, 1.0, math.inf),
        (1.0, math.inf, math.inf),
    ],
)
def test_how_far_apart(pytorch, here, apart):
    assert Beside(pytorch, here, 0.1).apart == apart
    assert Beside(pytorch, here, 0.1).within is (apart <= 0.1)
