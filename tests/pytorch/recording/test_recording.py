"""Recording changes nothing, keeps what a replay takes, and leaves whole files whatever happens."""

import random
from copy import deepcopy

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.network.errors import NetworkError  # noqa: E402
from backprop_tui.pytorch.opening.recordings import Recording  # noqa: E402
from backprop_tui.stops.conditions import ConditionError  # noqa: E402
from tests.pytorch.recording import recorded_process  # noqa: E402

OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01, momentum=0.5),
}


def parts(optimizer="adam", dtype=torch.float32):
    torch.manual_seed(4)
    model = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 3)).to(dtype)
    return model, nn.CrossEntropyLoss(), OPTIMIZERS[optimizer](model.parameters())


def step(model, loss, optimizer, *, passes=1, clip=None, scheduler=None):
    optimizer.zero_grad()
    dtype = model[0].weight.dtype
    found = 0.0
    for _ in range(passes):
        x, classes = torch.randn(6, 5, dtype=dtype), torch.randint(0, 3, (6,))
        value = loss(model(x), classes) / passes
        found += value.item()
        value.backward()
        x.zero_()  # a loop may use its memory again
    if clip:
        nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    if scheduler:
        scheduler.step()
    with torch.no_grad():
        loss(model(x), classes)  # a validation, which is none of the training
    return found


def only_window(folder):
    (rank,) = Recording.open(folder).ranks
    (window,) = rank.windows
    return window


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("options", [{}, {"passes": 3}, {"clip": 0.1}], ids=str)
def test_nothing_of_the_training_changes_to_the_bit(tmp_path, optimizer, options):
    def trained(folder):
        made = parts(optimizer)
        if folder is None:
            losses = [step(*made, **options) for _ in range(25)]
        else:
            with backprop_tui.record(folder, *made, keep=7, when="loss < 1.05") as recorder:
                losses = [step(*made, **options) for _ in range(25)]
                recorder.write()
        state = [value for kept in made[2].state.values() for value in kept.values()]
        return losses, [*made[0].parameters(), *state], torch.get_rng_state()

    bare, recorded = trained(None), trained(tmp_path)
    assert bare[0] == recorded[0]
    assert torch.equal(bare[2], recorded[2])
    for one, other in zip(bare[1], recorded[1], strict=True):
        assert torch.equal(one, other) if isinstance(one, torch.Tensor) else one == other


def replayed(window, optimizer, clip=None):
    """The losses and gradient norms of a window by plain PyTorch, and the model at its end."""
    model, loss, optimizer = parts(optimizer, next(iter(window.parameters(window.states[0]).values())).dtype)
    model.load_state_dict(window.parameters(window.states[0]))
    optimizer.load_state_dict(window.optimizer_state(window.states[0]))
    for one in window.iterations:
        if one["iteration"] in window.states:
            kept = window.parameters(one["iteration"])
            assert all(torch.equal(kept[name], tensor) for name, tensor in model.named_parameters())
        for group, options in zip(optimizer.param_groups, one["groups"], strict=True):
            group["lr"] = options["lr"]
        optimizer.zero_grad()
        for batch in window.batches(one["iteration"]):
            value = loss(model(*batch.arguments, **batch.keywords), *batch.targets)
            assert value.item() == batch.loss
            (value * batch.scale).backward()
        squares = sum(float((p.grad.double() ** 2).sum()) for p in model.parameters())
        assert squares**0.5 == pytest.approx(one["grad_norm"], rel=1e-2 if p_half(model) else 1e-5)
        if clip:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
    return model


def p_half(model):
    return model[0].weight.dtype == torch.bfloat16


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
def test_a_window_replays_in_plain_pytorch_to_the_bit(tmp_path, optimizer, dtype):
    made = parts(optimizer, dtype)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(made[2], 0.95)
    with backprop_tui.record(tmp_path, *made, keep=10, when=""):
        for _ in range(33):
            step(*made, scheduler=scheduler)
    window = only_window(tmp_path)
    assert window.states[0] == window.first <= 23
    assert (window.last, window.states[-1], window.reason) == (32, 33, "end")
    model = replayed(window, optimizer)
    end = window.parameters(33)
    for (name, one), other in zip(model.named_parameters(), made[0].parameters(), strict=True):
        assert torch.equal(one, other)
        assert torch.equal(one, end[name])


def test_gradients_added_up_over_passes_are_kept_with_their_shares(tmp_path):
    made = parts()
    with backprop_tui.record(tmp_path, *made, keep=4, when=""):
        losses = [step(*made, passes=4) for _ in range(6)]
    window = only_window(tmp_path)
    assert [one.scale for one in window.batches(5)] == [0.25] * 4
    assert window.iterations[-1]["loss"] == pytest.approx(losses[-1], rel=1e-6)
    replayed(window, "adam")


def test_clipping_is_seen(tmp_path):
    made = parts()
    with backprop_tui.record(tmp_path, *made, keep=4, when=""):
        for _ in range(6):
            step(*made, clip=0.05)
    window = only_window(tmp_path)
    for one in window.iterations:
        assert one["grad_norm"] > 0.06
        assert one["grad_norm_at_step"] == pytest.approx(0.05, rel=1e-3)
    replayed(window, "adam", clip=0.05)


@pytest.mark.parametrize("keep", [1, 2, 3, 10])
def test_the_ring_holds_the_last_iterations_and_no_more_than_it_must(tmp_path, keep):
    made = parts()
    with backprop_tui.record(tmp_path, *made, keep=keep, when="") as recorder:
        for count in range(1, 40):
            step(*made)
            kept = [one.number for one in recorder._ring.iterations]
            assert kept == list(range(kept[0], count))
            assert min(keep, count) <= len(kept) <= keep + (keep + 1) // 2
            assert recorder._ring.states[0].number == kept[0]
            assert len(recorder._ring.states) <= 4


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("keep", [100, 7])
def test_what_is_kept_in_memory_that_is_used_again_is_what_was_there(tmp_path, optimizer, keep):
    model, loss, made = parts(optimizer)
    before, batches = [], []
    with backprop_tui.record(tmp_path, model, loss, made, keep=keep, when="") as recorder:
        for count in range(320):
            before.append(deepcopy((model.state_dict(), made.state_dict()["state"])))
            batches.append((torch.randn(6, 5), torch.randint(0, 3, (6,))))
            made.zero_grad()
            loss(model(batches[-1][0]), batches[-1][1]).backward()
            made.step()
            if count in {160, 211, 249, 250, 318}:
                recorder.write()
    for window in Recording.open(tmp_path).ranks[0].windows:
        for number in set(window.states) & set(range(320)):
            found = window.parameters(number), window.optimizer_state(number)["state"]
            torch.testing.assert_close(found, before[number], rtol=0, atol=0)
        for number in range(window.iterations[0]["iteration"], window.iterations[-1]["iteration"] + 1):
            (batch,) = window.batches(number)
            assert all(map(torch.equal, (*batch.arguments, *batch.targets), batches[number]))


def test_a_condition_writes_when_it_becomes_true_and_the_end_does_not_take_it_away(tmp_path):
    made = parts("sgd")
    with backprop_tui.record(tmp_path, *made, keep=5):
        for number in range(30):
            if number == 12:
                with torch.no_grad():
                    made[0][0].weight[0, 0] = torch.nan
            step(*made)
    (rank,) = Recording.open(tmp_path).ranks
    first, end = rank.windows
    assert (first.reason, first.iteration, end.reason, end.iteration) == ("condition", 12, "end", 29)
    assert [float(one["loss"]) == float(one["loss"]) for one in first.iterations[-2:]] == [True, False]
    assert rank.about["when"] == "not_finite or grad_norm > 100"


@pytest.mark.parametrize("error", [ValueError("nan!"), KeyboardInterrupt()], ids=["error", "interrupt"])
def test_an_exception_writes_with_the_step_that_was_not_made(tmp_path, error):
    model, loss, optimizer = parts()

    def interrupted():
        with backprop_tui.record(tmp_path, model, loss, optimizer, keep=5):
            for _ in range(8):
                step(model, loss, optimizer)
            optimizer.zero_grad()
            loss(model(torch.full((2, 5), torch.nan)), torch.tensor([0, 1])).backward()
            raise error

    with pytest.raises(type(error)):
        interrupted()
    window = only_window(tmp_path)
    assert (window.reason, window.last) == ("exception", 8)
    assert not window.iterations[-1]["stepped"]
    assert window.batches(8)[0].arguments[0].isnan().all()
    assert all(torch.equal(window.parameters(8)[name], one) for name, one in model.named_parameters())
    step(model, loss, optimizer)  # the hooks are gone
    assert only_window(tmp_path).last == 8


def test_passes_that_led_to_no_update_are_left_out(tmp_path):
    model, loss, optimizer = parts()
    with backprop_tui.record(tmp_path, model, loss, optimizer, keep=5, when=""):
        optimizer.zero_grad()
        loss(model(torch.ones(1, 5)), torch.tensor([0])).backward()  # given up, as a gradient scaler does
        loss(model(torch.ones(1, 5)), torch.tensor([0]))  # only looked at
        step(model, loss, optimizer)
        optimizer.step()  # the gradient of before once more
        loss(model(torch.ones(1, 5)), torch.tensor([0])).backward()  # on top of it
        optimizer.step()
        backprop_tui.from_torch(model, loss, torch.ones(2, 5), torch.tensor([0, 1]))
    window = only_window(tmp_path)
    assert [len(one["passes"]) for one in window.iterations] == [1, 0, 1]
    assert window.batches(0)[0].arguments[0].shape == (6, 5)
    assert [one["notes"] for one in window.iterations] == [
        ["1 attempt was given up before, without an update"],
        ["an update without a backward pass through the loss"],
        ["the gradient of an earlier update was not cleared before"],
    ]


def test_later_runs_add_to_a_folder(tmp_path):
    for _ in range(2):
        made = parts()
        with backprop_tui.record(tmp_path, *made, keep=2, when=""):
            step(*made)
    (rank,) = Recording.open(tmp_path).ranks
    assert [window.path.name[7:13] for window in rank.windows] == ["000000", "000001"]


def test_a_window_that_is_cut_or_gone_says_so(tmp_path):
    made = parts()
    with backprop_tui.record(tmp_path, *made, keep=2, when="") as recorder:
        step(*made)
    (path,) = recorder.windows
    path.write_bytes(path.read_bytes()[:-10])
    assert "bytes" in only_window(tmp_path).missing
    path.unlink()
    with pytest.raises(NetworkError, match=r"window-000000\.safetensors is missing"):
        only_window(tmp_path).batches(0)
    with pytest.raises(NetworkError, match="expected a folder that record wrote"):
        Recording.open(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"model": 3}, "model: 3: expected a module"),
        ({"loss": nn.functional.cross_entropy}, "loss: <function cross_entropy.*a loss module can be"),
        ({"loss": nn.MSELoss(reduction="none")}, r'MSELoss\(reduction="none"\): expected the reduction mean'),
        ({"optimizer": None}, "optimizer: None: expected an optimizer of torch.optim"),
        ({"optimizer": torch.optim.SGD([torch.zeros(1)], lr=1)}, "1 of others"),
        ({"keep": 0}, "keep: 0: expected a number of iterations"),
    ],
)
def test_what_cannot_be_recorded_is_refused_by_name(tmp_path, change, said):
    model, loss, optimizer = parts()
    given = {"model": model, "loss": loss, "optimizer": optimizer, **change}
    with pytest.raises(NetworkError, match=said):
        backprop_tui.record(tmp_path / "new", **given)
    assert not (tmp_path / "new").exists()


def test_lbfgs_and_a_file_in_the_place_of_the_folder_are_refused(tmp_path):
    model, loss, optimizer = parts()
    with pytest.raises(NetworkError, match="LBFGS: expected one update a step"):
        backprop_tui.record(tmp_path, model, loss, torch.optim.LBFGS(model.parameters()))
    (tmp_path / "file").write_text("")
    with pytest.raises(NetworkError, match="expected a folder to record in"):
        backprop_tui.record(tmp_path / "file", model, loss, optimizer).__enter__()


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("w1 > 3", "column 1: w1 is not known while recording (there are loss, grad_norm, iteration"),
        ("lost > 3", "column 1: lost is not known while recording (did you mean loss?)"),
        ("loss > 1 and dead(h1)", "column 14: dead is not known while recording"),
        ("loss", "column 1: this is a number: compare it with something (as in loss > 0)"),
        ("loss >", "column 7: expected a number, a name or '(', found the end"),
    ],
)
def test_a_condition_over_what_takes_a_replay_is_refused(tmp_path, when, said):
    with pytest.raises(ConditionError) as error:
        backprop_tui.record(tmp_path, *parts(), when=when)
    assert str(error.value).startswith(said)


@pytest.mark.parametrize(
    ("when", "at"),
    [
        ("iteration == 4", 4),
        ("iteration/2 - 1 >= 2 and not iteration < 7", 7),
        ("change(iteration) == 1", 1),
        ("previous(previous(iteration)) == 3", 5),
        ("learning_rate < 0.01*0.5**2.5", 3),
        ("-iteration + max(2, 3) < 0", 4),
    ],
)
def test_conditions_are_those_of_breakpoints(tmp_path, when, at):
    made = parts()
    scheduler = torch.optim.lr_scheduler.ExponentialLR(made[2], 0.5)
    with backprop_tui.record(tmp_path, *made, keep=2, when=when):
        for _ in range(9):
            step(*made, scheduler=scheduler)
    (rank,) = Recording.open(tmp_path).ranks
    assert (rank.windows[0].reason, rank.windows[0].iteration) == ("condition", at)


def test_after_kill_9_what_was_written_opens(tmp_path):
    for number in range(3):
        recorded_process.killed(tmp_path / str(number), random.uniform(0.05, 0.4))
        windows, unfinished = recorded_process.opened(tmp_path / str(number))
        assert len(unfinished) <= 2, (windows, unfinished)
