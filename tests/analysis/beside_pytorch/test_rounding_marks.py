"""What float16 made 0 or infinite is marked, and nothing else: held against the numbers that PyTorch had."""

import pytest

torch = pytest.importorskip("torch")
import numpy as np  # noqa: E402
from torch import nn  # noqa: E402

from backprop_tui import Kind, from_torch  # noqa: E402
from backprop_tui.analysis.beside_pytorch.rounding_marks import lost_gradients, lost_signals, rounding_marks  # noqa: E402
from backprop_tui.analysis.marks import Mark  # noqa: E402
from backprop_tui.engine.quantities import Parameter, Quantity  # noqa: E402
from backprop_tui.session.session import Session  # noqa: E402
from tests.analysis.beside_pytorch.recorded_trainings import recorded  # noqa: E402


def tiny_batches(dtype, examples, targets):
    """Inputs of different small sizes, so that some gradients are too small for float16."""
    torch.manual_seed(3)
    sizes = 10.0 ** -torch.linspace(3, 7, 8)
    return [
        (
            (torch.randn(examples, 8) * sizes).half().to(dtype),
            (targets * torch.randn(examples, 2)).half().to(dtype),
        )
        for _ in range(3)
    ]


def linear(dtype=torch.float16):
    torch.manual_seed(4)
    model = nn.Sequential(nn.Linear(8, 2)).to(dtype)
    nn.init.zeros_(model[0].bias)
    return model


@pytest.mark.parametrize("examples", [1, 4])
@pytest.mark.parametrize("kind", ["float16", "autocast", "scaled"])
def test_gradients_that_became_0_are_exactly_those_that_are_marked(tmp_path, kind, examples):
    dtype = torch.float16 if kind == "float16" else torch.float32
    autocast = None if kind == "float16" else torch.float16
    scale = 256.0 if kind == "scaled" else 1.0
    batches = tiny_batches(dtype, examples, 0.05 / scale)
    trained = recorded(
        tmp_path, linear(dtype), batches, autocast=autocast, loss_scale=scale, unscale=scale > 1.0
    )
    session = Session(trained.network)
    counted = 0
    for place, (weights, biases) in enumerate(trained.gradients):
        (lost,) = lost_gradients(session.run, place)
        exact = session.run.timeline.iteration(place).gradient
        assert (exact.weights[0] != 0.0).all()
        assert np.array_equal(lost.weights.underflow, weights.numpy() == 0.0)
        assert np.array_equal(lost.biases.underflow, biases.numpy() == 0.0)
        assert not lost.weights.overflow.any()
        counted += int(lost.weights.underflow.sum())
        for unit in range(2):
            for below in range(8):
                told = explained_update(session, place, Parameter(1, unit, below))
                became_0 = float(weights[unit, below]) == 0.0
                assert ("gradient 0; it is" in told.warning) is became_0, told.warning
                if became_0:
                    assert told.warning == told.notes[0]
    assert counted > 3


def explained_update(session, place, parameter):
    """The explanation of a parameter's update in an iteration, once it has run."""
    program = session.program
    time = program.next_time(parameter.update, program.iteration_start(place))
    session.jump(time)
    return session.explain()


def test_the_words_are_those_of_the_number_that_pytorch_had(tmp_path):
    """δ in PyTorch is that of the mean over 2 examples: half of ours."""
    model = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1)).half()
    with torch.no_grad():
        model[0].weight.fill_(1.0)
        model[0].bias.fill_(0.0)
        model[1].weight.fill_(2.0**-14)
        model[1].bias.fill_(0.0)
    inputs, targets = torch.tensor([[1.0], [2.0]]).half(), torch.tensor([[2.0**-13], [2.0**-4]]).half()
    trained = recorded(tmp_path, model, [(inputs, targets)])
    session = Session(trained.network)
    assert lost_signals(session.run, 0) == {1: Mark.UNDERFLOW}
    delta = Quantity(Kind.DELTA, 1, 0)
    session.jump(session.program.next_time(delta, 0))
    there = 2 * (2.0**-14 - 2.0**-13) / 2 * 2.0**-14
    assert abs(there) < 2.0**-25
    told = session.explain()
    assert told.value == 2 * there
    assert told.warning == (
        "float16 made this 0; it is −3.7e−9: −7.5e−9 here, times 1/2 for the mean over 2 examples"
    )
    assert told.notes[0] == told.warning
    session.jump(session.program.next_time(delta, session.time))  # of the second example it is large enough
    assert session.explain().warning == ""
    assert rounding_marks(session.run, session.time) == {}


def test_a_mark_comes_with_the_number_that_it_is_of(tmp_path):
    """z of 300 · 300 is beyond 65504, in one example of two."""
    model = nn.Sequential(nn.Linear(1, 1), nn.ReLU(), nn.Linear(1, 1)).half()
    with torch.no_grad():
        for layer in (model[0], model[2]):
            layer.weight.fill_(300.0)
            layer.bias.fill_(0.0)
    seen = {}
    model[0].register_forward_hook(lambda module, given, output: seen.setdefault("z", output.clone()))
    inputs = torch.tensor([[1.0], [300.0]]).half()
    trained = recorded(tmp_path, model, [(inputs, torch.zeros(2, 1).half())])
    assert torch.isinf(seen["z"]).flatten().tolist() == [False, True]
    session = Session(trained.network)
    start = session.program.next_time(Quantity(Kind.WEIGHTED_SUM, 1, 0), session.program.layout.block)
    assert rounding_marks(session.run, 1) == {}  # z of 300 in the first example
    assert rounding_marks(session.run, start)[1, 0] is Mark.OVERFLOW
    session.jump(start)
    assert session.explain().warning == "float16 made this inf; it is 9.0e+4"
    first = session.program.next_time(Quantity(Kind.WEIGHTED_SUM, 2, 0), 0)  # 300 · 300 again
    assert rounding_marks(session.run, first) == {(2, 0): Mark.OVERFLOW}


def test_a_step_that_is_too_short_is_told(tmp_path):
    """A weight of 1 in float16 has its neighbours 0.001 and 0.0005 away: a step of 1e−5 leaves it."""
    model = nn.Sequential(nn.Linear(1, 1)).half()
    with torch.no_grad():
        model[0].weight.fill_(1.0)
        model[0].bias.fill_(0.0)
    batches = [(torch.ones(1, 1).half(), torch.full((1, 1), 0.5).half())] * 2
    trained = recorded(tmp_path, model, batches, lr=1e-5)
    assert model[0].weight.item() == 1.0
    assert model[0].bias.item() != 0.0
    session = Session(trained.network)
    told = explained_update(session, 0, Parameter(1, 0, 0))
    assert told.warning == (
        "float16 left this as it was: its numbers lie 9.8e−4 apart here, and the step is −1.0e−5"
    )
    assert explained_update(session, 0, Parameter(1, 0, None)).warning == ""


def test_a_subnormal_number_is_told_by_its_digits(tmp_path):
    model = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1)).half()
    with torch.no_grad():
        for layer in model:
            layer.bias.fill_(0.0)
        model[0].weight.fill_(2.0**-10)
        model[1].weight.fill_(1.0)
    batch = (torch.full((1, 1), 1.3 * 2.0**-13).half(), torch.ones(1, 1).half())
    trained = recorded(tmp_path, model, [batch], lr=0.0)
    session = Session(trained.network)
    session.jump(session.program.next_time(Quantity(Kind.WEIGHTED_SUM, 1, 0), 0))
    told = session.explain()
    assert told.warning == ""
    with torch.no_grad():
        made = model[0](torch.full((1, 1), 1.3 * 2.0**-13).half()).item()
    assert made == 3 * 2.0**-24
    assert told.notes[0] == "float16 made this 1.8e−7, with few digits left; it is 1.5e−7"


def test_without_a_recording_a_half_model_is_told_of_too():
    model = nn.Sequential(nn.Linear(1, 1)).half()
    with torch.no_grad():
        model[0].weight.fill_(300.0)
        model[0].bias.fill_(0.0)
    network = from_torch(model, nn.MSELoss(), torch.full((1, 1), 300.0).half(), torch.zeros(1, 1).half())
    session = Session(network)
    session.jump(1)
    assert session.explain().warning == "float16 made this inf; it is 9.0e+4"
    assert rounding_marks(session.run, 1) == {(1, 0): Mark.OVERFLOW}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_ordinary_models_are_left_alone(dtype):
    model = nn.Sequential(nn.Linear(1, 1)).to(dtype)
    network = from_torch(
        model, nn.MSELoss(), torch.full((1, 1), 1e-30).to(dtype), torch.zeros(1, 1).to(dtype)
    )
    session = Session(network)
    for time in range(1, session.program.statements + 1):
        session.jump(time)
        assert session.explain().warning == ""
        assert not set(rounding_marks(session.run, time).values()) & {Mark.UNDERFLOW, Mark.OVERFLOW}
