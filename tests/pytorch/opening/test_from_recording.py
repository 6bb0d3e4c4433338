"""A recording is a network: its replay comes to what PyTorch recorded, and it opens like any other."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.cli.main import main  # noqa: E402
from backprop_tui.engine.quantities import Kind  # noqa: E402
from backprop_tui.engine.training import Trainer  # noqa: E402
from backprop_tui.network.errors import NetworkError  # noqa: E402
from backprop_tui.session.files.saved_sessions import find_session  # noqa: E402
from tests.pytorch import ranks_process  # noqa: E402
from tests.pytorch.opening import nan_story  # noqa: E402

OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01, momentum=0.5),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.05),
}
WAYS = {
    "plainly": {},
    "accumulated": {"passes": 3},
    "added up": {"passes": 2, "averaged": False},
    "clipped": {"clip": 0.1},
    "on a schedule": {"schedule": True},
    "in batches of many lengths": {"lengths": (6, 4, 1)},
}


def recorded(
    folder,
    optimizer="adam",
    *,
    passes=1,
    averaged=True,
    clip=None,
    schedule=False,
    lengths=(6,),
    dtype=torch.float64,
    loss=None,
    steps=33,
    keep=10,
    when="",
):
    """A training of so many steps; gives the model as it is in the end."""
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 3)).to(dtype)
    made = OPTIMIZERS[optimizer](model.parameters())
    scheduler = torch.optim.lr_scheduler.ExponentialLR(made, 0.9)
    loss = loss or nn.CrossEntropyLoss()
    with backprop_tui.record(folder, model, loss, made, keep=keep, when=when):
        for number in range(steps):
            made.zero_grad()
            for _ in range(passes):
                x = torch.randn(lengths[number % len(lengths)], 5, dtype=dtype)
                y = torch.randint(0, 3, (len(x),))
                if not isinstance(loss, nn.CrossEntropyLoss):
                    y = nn.functional.one_hot(y, 3).to(dtype)
                (loss(model(x), y) / (passes if averaged else 1)).backward()
            if clip:
                nn.utils.clip_grad_norm_(model.parameters(), clip)
            made.step()
            if schedule:
                scheduler.step()
    return model


def replayed(network):
    """Every iteration of the epoch."""
    trainer = Trainer(network)
    state = trainer.initial_state()
    for number in range(len(network.recording.iterations)):
        iteration = trainer.iterate(state, number)
        yield iteration
        state = iteration.after


def close(network, within):
    """Whether the replay comes to the recorded losses and parameters."""
    recording, last = network.recording, None
    for place, (iteration, one) in enumerate(zip(replayed(network), recording.iterations, strict=True)):
        assert iteration.forward.loss.mean() == pytest.approx(one.loss, rel=within, abs=within)
        same_parameters(iteration.before.parameters, recording.states.get(place), within)
        last = iteration
    same_parameters(last.after.parameters, recording.states[len(recording.iterations)], within)


def same_parameters(ours, theirs, within):
    if theirs is None:
        return
    for layer in range(len(theirs.weights)):
        assert np.allclose(ours.weights[layer], np.array(theirs.weights[layer][:]), rtol=within, atol=within)
        assert np.allclose(ours.biases[layer], theirs.biases[layer], rtol=within, atol=within)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_replay_is_the_training(tmp_path, optimizer, way):
    recorded(tmp_path, optimizer, **WAYS[way])
    network = backprop_tui.from_recording(tmp_path)
    assert len(network.recording.iterations) >= 10
    assert network.recording.iterations[-1].number == 32
    close(network, 1e-12)


@pytest.mark.parametrize("loss", [nn.MSELoss(), nn.BCEWithLogitsLoss(), nn.MSELoss(reduction="sum")], ids=str)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32], ids=str)
def test_the_replay_of_other_losses_and_types(tmp_path, loss, dtype):
    recorded(tmp_path, "adam", loss=loss, dtype=dtype, clip=0.5, schedule=True)
    network = backprop_tui.from_recording(tmp_path)
    assert network.pytorch.dtype == str(dtype).removeprefix("torch.")
    if loss.reduction == "mean":
        close(network, 1e-12 if dtype == torch.float64 else 1e-5)
    else:
        losses = [iteration.forward.loss.sum() for iteration in replayed(network)]
        theirs = [one.loss for one in network.recording.iterations]
        assert losses == pytest.approx(theirs, rel=1e-12 if dtype == torch.float64 else 1e-5)


def test_a_recorded_network_is_written_to_a_file_and_read_again(tmp_path):
    recorded(tmp_path / "run", "sgd", clip=0.1, schedule=True, lengths=(6, 4, 1))
    network = backprop_tui.from_recording(tmp_path / "run")
    backprop_tui.save(network, tmp_path / "net.toml")
    again = backprop_tui.load(tmp_path / "net.toml")
    assert again.training == network.training
    assert again.recording.iterations == network.recording.iterations
    assert [i.forward.loss.tolist() for i in replayed(again)] == [
        i.forward.loss.tolist() for i in replayed(network)
    ]


def test_the_epoch_that_was_recorded_is_trained_where_nothing_else_is_said(tmp_path):
    recorded(tmp_path / "run", "sgd")
    run, script = str(tmp_path / "run"), tmp_path / "run.py"
    trained = CliRunner().invoke(main, ["train", run])
    written = CliRunner().invoke(main, ["export", run, "-o", str(script)])
    assert (trained.exit_code, written.exit_code) == (0, 0)
    done = subprocess.run([sys.executable, script], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == trained.stdout
    assert len([line for line in done.stdout.splitlines() if line.startswith("Epoch")]) == 1
    theirs = backprop_tui.from_recording(run).recording.iterations
    mean = sum(one.loss for one in theirs) / len(theirs)
    told = json.loads(CliRunner().invoke(main, ["train", run, "--json"]).stdout.splitlines()[0])
    assert told["loss"] == pytest.approx(mean, rel=1e-12)


@pytest.fixture(scope="module")
def together(tmp_path_factory):
    """Recordings of two ranks under torchrun."""
    folder = tmp_path_factory.mktemp("together")
    done = ranks_process.run(folder, 2, "float64", "accumulate", "clipped", "uneven")
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


@pytest.mark.parametrize("scenario", ["float64", "accumulate", "clipped"])
def test_the_replay_of_several_ranks_is_their_training(together, scenario):
    network = backprop_tui.from_recording(together / scenario)
    assert network.title == "Sequential"
    close(network, 1e-12 if scenario == "float64" else 1e-5)
    passes = 3 if scenario == "accumulate" else 1
    each = passes * ranks_process.EXAMPLES
    assert network.batch_size == 2 * each
    assert {one.ranks for one in network.recording.iterations} == {((0, each), (1, each))}
    assert [network.rank_of(example) for example in (0, each - 1, each, 2 * each)] == [0, 0, 1, 0]
    for place, iteration in enumerate(replayed(network)):
        number = network.recording.iterations[place].number
        saw = torch.load(together / scenario / "truth-0001.pt")[number]["gradients"]
        for layer, name in enumerate(("0", "2")):
            assert np.allclose(iteration.gradient.weights[layer], saw[f"{name}.weight"], rtol=1e-5, atol=1e-6)


def test_uneven_ranks_are_said(together):
    network = backprop_tui.from_recording(together / "uneven")
    assert network.training.batches
    (said,) = network.recording.said
    assert "uneven batches" in said
    noted = [one.number for one in network.recording.iterations if one.notes]
    assert noted == [ranks_process.SHORT]


def test_a_session_of_a_large_recording_says_where_the_folder_is(tmp_path):
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(300, 40), nn.ReLU(), nn.Linear(40, 3))
    made, loss = torch.optim.Adam(model.parameters()), nn.CrossEntropyLoss()
    with backprop_tui.record(tmp_path / "run", model, loss, made, keep=4, when=""):
        for _ in range(9):
            made.zero_grad()
            loss(model(torch.randn(8, 300)), torch.randint(0, 3, (8,))).backward()
            made.step()
    session = backprop_tui.open_session(tmp_path / "run")
    session.go("0:500")
    session.set("b_h1", 0.25)
    session.stopping.add("grad_norm > 9")
    kept = tmp_path / "files" / "kept.toml"
    kept.parent.mkdir()
    backprop_tui.save(session, kept)
    assert kept.stat().st_size < 2000
    again = backprop_tui.open_session(kept)
    assert (again.position, again.edits, again.breakpoints) == ("0:500", session.edits, session.breakpoints)
    again.go("1")
    session.go("1")
    assert (again.W["o"] == session.W["o"]).all()
    assert again.network.recording.states.keys() == session.network.recording.states.keys()
    changed = backprop_tui.open_session(str(kept), learning_rate=0.5).network
    assert changed.training.learning_rate == 0.5
    kept.write_text('recorded = "elsewhere"\n', "utf-8")
    with pytest.raises(NetworkError, match="recorded"):
        backprop_tui.load(str(kept))


# The story of the README


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """A training whose loss becomes nan after step 4,317, recorded."""
    folder = tmp_path_factory.mktemp("story") / "run"
    losses = nan_story.train(folder)
    first = next(number for number, loss in enumerate(losses) if not math.isfinite(loss))
    assert first == nan_story.STEP + 1
    return folder


def test_the_nan_is_opened_where_it_began(story):
    opened = find_session(str(story))
    session = opened.session
    assert session.network.recording.at == nan_story.STEP
    assert [one.text for one in session.breakpoints] == ["not_finite or grad_norm > 100"]
    session.jump(opened.wanted)
    statement = session.statement
    assert (statement.kind, statement.quantity.layer) == (Kind.WEIGHTED_SUM, 1)
    assert math.isinf(session.explain().value)
    # the cause: an input of that example is the logarithm of 0
    finite, endless = session.a["x"]
    assert math.isfinite(finite)
    assert endless == -math.inf
    label = session.network.iteration_label(session.iteration_at())
    assert label == "iteration 4,317"
    before = session.program.time(0, 0)
    values = [
        session.run.readings.at(time)
        for time in range(before + 1, session.time)
        if session.program.iteration_at(time) == session.iteration_at()
    ]
    assert values
    assert all(map(math.isfinite, values)), "nothing before it was infinite or not a number"


def test_from_the_end_of_the_batch_the_search_goes_back_to_it(story):
    opened = find_session(str(story))
    session = opened.session
    session.jump(session.program.backward_end(session.network.recording.at - session.network.first_iteration))
    found = None
    for _ in range(500):
        stop = yielded(session.stopping.searching(session.run, session.time, -1))
        if stop is None:
            break
        session.jump(stop.time)
        found = stop.time
    assert found == opened.wanted


def yielded(search):
    while True:
        try:
            next(search)
        except StopIteration as end:
            return end.value


def test_its_commands_take_the_folder(story, tmp_path):
    def said(*arguments):
        result = CliRunner().invoke(main, [str(one) for one in arguments])
        assert result.exit_code == 0, result.output
        return result.stdout

    losses = [one.loss for one in backprop_tui.load(str(story)).recording.iterations]
    assert said("train", story, "--epochs", "1").startswith(f"Epoch 0, Loss: {sum(losses) / len(losses):.6f}")
    said("export", story, "-o", tmp_path / "story.md")
    assert "Iteration 4,317 of the training" in (tmp_path / "story.md").read_text("utf-8")
    trace = [json.loads(line) for line in said("trace", story, "--json").splitlines()]
    assert trace[0]["symbol"] == "z_h1"
    assert "layer" in said("flow", story)


def test_what_is_no_recording_is_said(tmp_path):
    with pytest.raises(NetworkError, match="folder"):
        backprop_tui.load(str(tmp_path))
    (tmp_path / "rank-0000").mkdir()
    with pytest.raises(NetworkError, match="recording"):
        backprop_tui.load(str(tmp_path))


class Crossed(nn.Module):
    """A model with a branch on values."""

    def __init__(self):
        super().__init__()
        self.one, self.other = nn.Linear(5, 3), nn.Linear(5, 3)

    def forward(self, x):
        return self.one(x) if x.sum() > 0 else self.other(x)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Linear(8, 3)), "model.1: BatchNorm1d"),
        (nn.Sequential(nn.Linear(5, 8), nn.Dropout(0.5), nn.Linear(8, 3)), "model.1: Dropout"),
        (Crossed(), "torch.fx can follow"),
    ],
    ids=["batch norm", "dropout in training", "branches"],
)
def test_a_model_that_cannot_be_followed_is_recorded_and_named_when_it_is_opened(tmp_path, model, said):
    made = torch.optim.SGD(model.parameters(), lr=0.1)
    loss = nn.CrossEntropyLoss()
    with pytest.warns(UserWarning, match="the recording will not open as a network") as warned:
        recorder = backprop_tui.record(tmp_path, model, loss, made, keep=3)
    (warning,) = warned
    assert warning.filename == __file__
    with recorder:
        for _ in range(5):
            made.zero_grad()
            loss(model(torch.randn(4, 5)), torch.randint(0, 3, (4,))).backward()
            made.step()
    with pytest.raises(NetworkError) as caught:
        backprop_tui.from_recording(tmp_path)
    assert said in str(caught.value)
    assert str(caught.value).removeprefix(f"{tmp_path}: ") in str(warning.message)  # the same from the start
    assert str(caught.value).count("expected") == 1
    assert "submodule" not in str(caught.value)
    assert "eval() switches" not in str(caught.value)
    result = CliRunner().invoke(main, ["train", str(tmp_path)])
    assert (result.exit_code, "Traceback" in result.output) == (2, False)


# check FOLDER


def checked(folder):
    result = CliRunner().invoke(main, ["check", str(folder), "--json"])
    text = CliRunner().invoke(main, ["check", str(folder)])
    assert text.exit_code == result.exit_code
    return result.exit_code, json.loads(result.stdout), text.stdout


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16], ids=str)
def test_check_finds_that_a_recording_and_its_replay_agree(tmp_path, dtype):
    recorded(tmp_path, "sgd", dtype=dtype, clip=0.5)
    status, found, text = checked(tmp_path)
    assert (status, found["passed"]) == (0, True)
    assert found["checked"] == 2 * len(found["iterations"]) + len(found["layers"])
    epsilon = torch.finfo(dtype).eps
    assert found["max_relative_error"] < 50 * epsilon
    assert {one["layer"] for one in found["layers"]} == {1, 2}
    assert "all agree within what rounding to" in text


def test_check_names_the_layer_in_which_pytorch_did_something_else(tmp_path):
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 3))
    made, loss = torch.optim.SGD(model.parameters(), lr=0.05), nn.CrossEntropyLoss()
    with backprop_tui.record(tmp_path, model, loss, made, keep=10, when=""):
        for number in range(40):
            made.zero_grad()
            loss(model(torch.randn(6, 5)), torch.randint(0, 3, (6,))).backward()
            made.step()
            if number == 34:
                model[2].weight.data[1, 4] += 0.01  # behind the recorder's back, which looks at the first 20
    status, found, text = checked(tmp_path)
    assert (status, found["passed"]) == (1, False)
    apart = [one for one in found["layers"] if not one["passed"]]
    assert apart[0]["layer"] == 2
    assert apart[0]["parameter"] == "w_o2_h5"
    assert apart[0]["before_iteration"] >= 35
    first = next(one["iteration"] for one in found["iterations"] if not one["passed"])
    assert first == 35
    assert "apart from iteration 35 on" in text
    assert "rounding to float32" in text


def test_check_says_what_made_a_gradient_another_one(tmp_path):
    """Gradients that pile up are no rounding; the note says what they are, and how often it was so."""
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 3))
    made, loss = torch.optim.SGD(model.parameters(), lr=0.05), nn.CrossEntropyLoss()
    with backprop_tui.record(tmp_path, model, loss, made, keep=4, when=""):
        for _ in range(12):
            loss(model(torch.randn(6, 5)), torch.randint(0, 3, (6,))).backward()
            made.step()
    status, found, text = checked(tmp_path)
    assert status == 1
    assert "apart from iteration 8 on" in text
    assert text.count("something else than this loss changed the gradient") == 1
    (note,) = found["notes"]
    assert (note["iteration"], note["count"]) == (8, 4)
    assert f"iteration 8 and 3 more: {note['note']}" in text


def test_check_names_the_type_that_rounded_and_shows_lengths_without_the_scale(tmp_path):
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 3))
    made, loss = torch.optim.SGD(model.parameters(), lr=0.05), nn.CrossEntropyLoss()
    lengths = []
    with backprop_tui.record(tmp_path, model, loss, made, keep=4, when=""):
        for _ in range(4):
            made.zero_grad()
            with torch.autocast("cpu", torch.float16):
                value = loss(model(torch.randn(6, 5)), torch.randint(0, 3, (6,)))
            (value * 4096.0).backward()
            lengths.append(float(torch.cat([one.grad.ravel() for one in model.parameters()]).norm()))
            for one in model.parameters():
                one.grad /= 4096.0
            made.step()
    _, found, text = checked(tmp_path)
    assert "recorded in float32, float16 under autocast" in text
    assert "within what rounding to float16 under autocast explains" in text
    assert "the loss was multiplied by 4,096" in text
    shown = float(next(line for line in text.splitlines() if line.startswith("length")).split()[3])
    assert any(shown == pytest.approx(length / 4096.0, rel=1e-4) for length in lengths)
    kept = [one["grad_norm"]["pytorch"] for one in found["iterations"]]
    assert kept == pytest.approx(lengths, rel=1e-4)  # in JSON as PyTorch had them


def test_check_of_the_story_agrees_up_to_the_number_that_is_none(story):
    status, found, text = checked(story)
    assert (status, found["passed"]) == (0, True)
    assert found["iterations"][-1]["grad_norm"]["pytorch"] == "nan"
    last = found["iterations"][-1]["iteration"]
    assert f"not finite in both from iteration {last:,} on" in text
