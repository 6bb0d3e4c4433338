"""Loops as people write them, recorded and opened beside what PyTorch itself computed in them."""

import json
import math
import os
import stat
import warnings

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.engine.training import Trainer  # noqa: E402
from backprop_tui.network.errors import NetworkError  # noqa: E402
from backprop_tui.pytorch.opening.recordings import Recording  # noqa: E402
from backprop_tui.session.files.saved_sessions import find_session  # noqa: E402


def parts(kind="SGD", **options):
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3))
    optimizer = getattr(torch.optim, kind)(model.parameters(), **{"lr": 0.1, **options})
    return model, nn.CrossEntropyLoss(), optimizer


def batch(examples=8):
    return torch.randn(examples, 4), torch.randint(0, 3, (examples,))


def length(model):
    return math.hypot(*(float(one.grad.double().norm()) for one in model.parameters()))


def by_value(model):
    nn.utils.clip_grad_value_(model.parameters(), 0.02)


def with_noise(model):
    for one in model.parameters():
        one.grad += 0.1 * torch.randn_like(one.grad)


def past_the_count(model):
    """As many loops of reinforcement learning do, here where the first layer's gradient alone is cut."""
    model[0].weight.grad.data.clamp_(-0.001, 0.001)


def by_norm(model):
    nn.utils.clip_grad_norm_(model.parameters(), 0.05)


@pytest.mark.parametrize("change", [by_value, with_noise, past_the_count, by_norm])
def test_a_gradient_that_was_not_scaled_as_a_whole_is_said_to_be_approximate(tmp_path, change):
    model, loss, optimizer = parts()
    ratios, one_factor = [], []
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=10, when=""):
        for _ in range(4):
            optimizer.zero_grad()
            x, y = batch()
            loss(model(x), y).backward()
            before, found = length(model), [one.grad.clone() for one in model.parameters()]
            change(model)
            ratios.append(length(model) / before)
            one_factor.append(
                all(
                    torch.allclose(old * ratios[-1], new.grad, rtol=1e-3, atol=1e-6)
                    for old, new in zip(found, model.parameters(), strict=True)
                )
            )
            optimizer.step()
    recording = backprop_tui.from_recording(tmp_path).recording
    for one, as_a_whole in zip(recording.iterations, one_factor, strict=True):
        assert any("element by element" in note for note in one.notes) == (not as_a_whole)
        assert any("was scaled by" in note for note in one.notes) == as_a_whole
    assert any("element by element" in line for line in recording.said) == (change is not by_norm)
    schedule = backprop_tui.from_recording(tmp_path).training.schedule
    assert schedule["gradient_scale"] == pytest.approx(ratios, rel=1e-5)


def test_a_write_through_data_that_bites_once_is_noticed_where_it_does(tmp_path):
    model, loss, optimizer = parts(lr=0.0)
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=60, when=""):
        for number in range(60):
            optimizer.zero_grad()
            x, y = batch()
            (loss(model(x), y) * (1000.0 if number == 33 else 1.0)).backward()
            model[0].weight.grad.data.clamp_(-2.0, 2.0)
            optimizer.step()
    iterations = backprop_tui.from_recording(tmp_path).recording.iterations
    touched = [one.number for one in iterations if one.grad_norm_at_step != one.grad_norm]
    assert touched == [33]
    assert any("element by element" in note for note in iterations[33].notes)


@pytest.mark.parametrize(("kind", "options"), [("SGD", {"momentum": 0.9}), ("Adam", {}), ("AdamW", {})])
def test_a_step_with_a_closure_is_recorded_with_the_gradient_that_the_closure_made(tmp_path, kind, options):
    model, loss, optimizer = parts(kind, **options)
    losses, lengths = [], []
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=20):
        for _ in range(9):
            x, y = batch()

            def closure(x=x, y=y):
                optimizer.zero_grad()
                value = loss(model(x), y)
                value.backward()
                losses.append(value.item())
                lengths.append(length(model))
                nn.utils.clip_grad_norm_(model.parameters(), 0.2)
                return value

            optimizer.step(closure)
    network = backprop_tui.from_recording(tmp_path)
    rows = network.recording.iterations
    assert [one.loss for one in rows] == losses
    assert [one.grad_norm for one in rows] == pytest.approx(lengths, rel=1e-5)
    assert [one.grad_norm_at_step for one in rows] == pytest.approx(
        [min(0.2, one) for one in lengths], rel=1e-3
    )
    trainer = Trainer(network)
    state = trainer.initial_state()
    for number in range(len(rows)):
        state = trainer.iterate(state, number).after
    for ours, module in zip(state.parameters.weights, (model[0], model[2]), strict=True):
        assert torch.allclose(torch.as_tensor(ours), module.weight.detach().double(), rtol=1e-4, atol=1e-5)


def test_a_function_in_the_place_of_the_loss_is_warned_of_and_is_no_loss_of_zero(tmp_path):
    model, loss, optimizer = parts()

    def trained(when, folder):
        lengths = []
        with backprop_tui.record(folder, model, loss, optimizer, keep=5, when=when) as recorder:
            for _ in range(4):
                optimizer.zero_grad()
                x, y = batch()
                functional.cross_entropy(model(x), y).backward()
                lengths.append(length(model))
                optimizer.step()
            return lengths, len(recorder.windows)

    for number, when in enumerate(("loss < 0.01", "loss != 1", "not_finite")):
        with pytest.warns(UserWarning, match="CrossEntropyLoss, was not called before the first") as warned:
            assert trained(when, tmp_path / str(number))[1] == 0
        assert len(warned) == 1
        assert warned[0].filename == __file__
    with pytest.warns(UserWarning, match="call that module in the loop"):
        lengths, windows = trained("grad_norm > 1e-6", tmp_path / "length")
    assert windows == 1
    (rank,) = Recording.open(tmp_path / "length").ranks
    kept = [one["grad_norm"] for one in rank.windows[-1].iterations]
    assert kept == pytest.approx(lengths, rel=1e-5)
    with pytest.raises(NetworkError, match="call in the loop the loss module that record was given"):
        backprop_tui.from_recording(tmp_path / "length")


@pytest.mark.parametrize("change", [lambda a: a.squeeze(-1), lambda a: a.view(-1)], ids=["squeeze", "view"])
def test_a_loss_of_something_else_than_the_output_is_warned_of_once(tmp_path, change):
    torch.manual_seed(1)
    model, loss = nn.Linear(4, 1), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def trained():
        with backprop_tui.record(tmp_path, model, loss, optimizer, keep=5):
            for _ in range(3):
                optimizer.zero_grad()
                loss(change(model(torch.randn(5, 4))), torch.randn(5)).backward()
                optimizer.step()

    with pytest.warns(
        UserWarning, match="MSELoss was given something else than the model's output"
    ) as warned:
        trained()
    assert len(warned) == 1
    with pytest.raises(NetworkError, match=r"squeeze, into the model, or give the targets the shape"):
        backprop_tui.from_recording(tmp_path)


def trained_and(ending, folder):
    """Six updates, and then something else; what PyTorch had for the last of them."""
    model, loss, optimizer = parts()
    found = 0.0
    with backprop_tui.record(folder, model, loss, optimizer, keep=20):
        for _ in range(6):
            optimizer.zero_grad()
            x, y = batch()
            value = loss(model(x), y)
            value.backward()
            optimizer.step()
            found = value.item()
        ending(model, loss)
    return found


def validated(model, loss):
    loss(model(batch(40)[0]), torch.zeros(40, dtype=torch.int64))  # no_grad was forgotten


def interrupted(model, loss):
    validated(model, loss)
    raise KeyboardInterrupt


def raised(model, loss):
    loss(model(torch.ones(7, 4)), torch.zeros(7, dtype=torch.int64))
    raise ValueError("this batch is not to be learned from")


def endless(model, loss):
    loss(model(torch.full((2, 4), torch.nan)), torch.tensor([0, 1]))
    raise KeyboardInterrupt


@pytest.mark.parametrize("ending", [validated, interrupted])
def test_a_pass_that_was_only_looked_at_is_no_iteration_of_its_own(tmp_path, ending):
    try:
        last = trained_and(ending, tmp_path)
    except KeyboardInterrupt:
        last = None
    rows = backprop_tui.from_recording(tmp_path).recording.iterations
    assert [one.number for one in rows] == list(range(6))
    assert last in (None, rows[-1].loss)
    assert all("no update was made" not in one.notes for one in rows)


def test_the_batch_that_made_the_loop_raise_an_error_is_kept(tmp_path):
    with pytest.raises(ValueError, match="not to be learned from"):
        trained_and(raised, tmp_path)
    last = backprop_tui.from_recording(tmp_path).recording.iterations[-1]
    assert (last.number, sum(count for _, count in last.ranks)) == (6, 7)
    assert last.notes == ("no backward pass was made", "no update was made")


def test_a_pass_whose_loss_is_not_finite_stays_where_the_training_ended_by_it(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        trained_and(endless, tmp_path)
    recording = backprop_tui.from_recording(tmp_path).recording
    assert math.isnan(recording.iterations[-1].loss)
    assert len(recording.iterations) == 7
    assert recording.iterations[-1].notes == ("no backward pass was made", "no update was made")
    assert "gradient_scale" not in backprop_tui.from_recording(tmp_path).training.schedule


def test_an_attempt_that_made_the_condition_true_is_what_is_opened(tmp_path):
    model, loss, optimizer = parts()
    spoilt = None
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=20):
        for number in range(6):
            optimizer.zero_grad()
            x, y = batch(8 if number != 3 else 5)
            if number == 3:
                x[1, 2], spoilt = math.nan, x
            value = loss(model(x), y)
            value.backward()
            if not math.isfinite(value.item()):
                continue
            optimizer.step()
    opened = find_session(str(tmp_path))
    session, recording = opened.session, opened.session.network.recording
    assert (recording.reason, recording.at) == ("condition", 3)
    last = recording.iterations[-1]
    assert (last.number, math.isnan(last.loss), sum(count for _, count in last.ranks)) == (3, True, 5)
    assert "no update was made" in last.notes
    assert any("given up and made the condition true" in line for line in recording.said)
    inputs = torch.tensor(session.network.data.inputs)[-5:]
    assert torch.equal(inputs.isnan(), spoilt.isnan())
    assert torch.equal(inputs.nan_to_num(), spoilt.double().nan_to_num())
    assert max(recording.states) == 3, "of this attempt there is no update"
    session.jump(opened.wanted)
    assert session.iteration_at() == 3
    assert math.isnan(session.explain().value)


def test_an_attempt_that_was_given_up_is_said_where_it_is_not_what_is_opened(tmp_path):
    model, loss, optimizer = parts()
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=20, when=""):
        for number in range(4):
            optimizer.zero_grad()
            x, y = batch(5)
            value = loss(model(x * (math.nan if number == 2 else 1.0)), y)
            value.backward()
            if math.isfinite(value.item()):
                optimizer.step()
    notes = backprop_tui.from_recording(tmp_path).recording.iterations[2].notes
    assert any("of 5 examples with the loss nan: its batch is in the file" in one for one in notes)


def test_an_optimizer_of_another_model_is_refused():
    model, loss, _ = parts()
    _, _, of_another = parts()
    with pytest.raises(NetworkError, match="optimizer: 4 of others: expected parameters of the model"):
        backprop_tui.from_torch(model, loss, *batch(), of_another)
    assert backprop_tui.from_torch(model, loss, *batch(), torch.optim.SGD(model[2].parameters(), lr=1))


@pytest.mark.skipif(os.name == "nt", reason="modes are of other systems")
@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077])
def test_who_may_read_a_window_is_as_of_any_new_file(tmp_path, mask):
    before = os.umask(mask)
    try:
        trained_and(lambda *_: None, tmp_path)
        (tmp_path / "plain").write_text("")
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(one.stat().st_mode) for one in (tmp_path / "rank-0000").iterdir()}
    assert modes == {stat.S_IMODE((tmp_path / "plain").stat().st_mode)} == {0o666 & ~mask}


def test_a_training_that_ended_before_its_first_write_says_so(tmp_path):
    trained_and(lambda *_: None, tmp_path)
    index = tmp_path / "rank-0000" / "index.json"
    index.write_text(json.dumps({**json.loads(index.read_text()), "windows": []}))
    with pytest.raises(NetworkError, match="the training ended before its first write"):
        backprop_tui.from_recording(tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"loss": nn.HuberLoss()}, "loss: HuberLoss"),
        ({"loss": nn.NLLLoss()}, "expected LogSoftmax at the end"),
        ({"kind": "NAdam"}, "optimizer: NAdam: expected one of SGD"),
        ({"kind": "Adam", "amsgrad": True}, "optimizer: amsgrad=True: expected Adam without amsgrad"),
    ],
)
def test_record_says_at_once_what_will_not_open(tmp_path, change, said):
    loss = change.pop("loss", None)
    made = parts(**change)
    with pytest.warns(UserWarning, match=f"will not open as a network: .*{said}"):
        backprop_tui.record(tmp_path, made[0], loss or made[1], made[2])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        backprop_tui.record(tmp_path, *parts())
