"""Models that do what few do, and what calls them without training them."""

import subprocess
import sys
from copy import deepcopy

import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.network.errors import NetworkError  # noqa: E402
from backprop_tui.pytorch.recording.described_model import described_model  # noqa: E402
from tests.pytorch.recording.unusual_loops import drawn, parts, replay, step, trained  # noqa: E402

# What calls the model without training it


@pytest.mark.parametrize("each", [False, True], ids=["grad", "vmap"])
def test_a_loop_of_transforms_goes_on_as_without_a_recorder(tmp_path, each):
    def trained(folder):
        model, loss, optimizer = parts()

        def of(parameters, x, y):
            return loss(torch.func.functional_call(model, parameters, (x,)), y)

        derived = torch.func.grad(of)
        if each:
            derived = torch.func.vmap(derived, (None, 0, 0))

        def go():
            for _ in range(3):
                known = {name: one.detach() for name, one in model.named_parameters()}
                found = derived(known, *drawn())
                for name, one in model.named_parameters():
                    one.grad = found[name].mean(0) if each else found[name]
                optimizer.step()

        if folder is None:
            go()
        else:
            with (
                pytest.warns(UserWarning, match="was not called before the first update"),
                backprop_tui.record(folder, model, loss, optimizer, when="grad_norm > 1e-9"),
            ):
                go()
        return list(model.parameters())

    assert all(map(torch.equal, trained(None), trained(tmp_path)))
    with pytest.raises(NetworkError, match="an update without a backward pass through the loss"):
        backprop_tui.from_recording(tmp_path)


def test_a_checkpoint_around_the_model_is_one_pass(tmp_path):
    from torch.utils.checkpoint import checkpoint

    model, loss, optimizer = parts()
    losses = []
    with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
        for _ in range(4):
            optimizer.zero_grad()
            x, y = drawn()
            value = loss(checkpoint(model, x, use_reentrant=False), y)
            value.backward()
            losses.append(value.item())
            optimizer.step()
    rows = backprop_tui.from_recording(tmp_path).recording.iterations
    assert [one.loss for one in rows] == losses
    assert not any(one.notes for one in rows)


def test_a_checkpoint_that_hides_the_model_is_warned_of_with_what_would_do(tmp_path):
    from torch.utils.checkpoint import checkpoint

    def trained(reentrant):
        model, loss, optimizer = parts()
        with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
            for _ in range(3):
                optimizer.zero_grad()
                x, y = drawn()
                loss(checkpoint(model, x.requires_grad_(), use_reentrant=reentrant), y).backward()
                optimizer.step()

    with pytest.warns(UserWarning, match="has to be one with use_reentrant=False"):
        trained(True)
    trained(False)
    assert len(backprop_tui.from_recording(tmp_path).recording.iterations) == 3


# Models that do what few do


class Squeezed(nn.Module):
    """The remedy that is named where a loop squeezes between the model and the loss."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 1)).double()

    def forward(self, x):
        return self.layers(x).squeeze(-1)


@pytest.mark.parametrize("kind", [nn.MSELoss, nn.BCEWithLogitsLoss])
def test_a_squeeze_within_the_model_opens_as_is_promised(tmp_path, kind):
    torch.manual_seed(2)
    model, loss = Squeezed(), kind()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
        for _ in range(4):
            optimizer.zero_grad()
            loss(model(torch.randn(5, 4).double()), torch.rand(5).double()).backward()
            optimizer.step()
    assert replay(backprop_tui.from_recording(tmp_path)) == [0, 1, 2, 3]


def test_a_dropout_that_is_switched_on_later_is_named(tmp_path):
    torch.manual_seed(2)
    model, loss = nn.Sequential(nn.Linear(4, 5), nn.Dropout(0.5), nn.Linear(5, 1)).eval(), nn.MSELoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    def go(times):
        for _ in range(times):
            optimizer.zero_grad()
            loss(model(torch.randn(5, 4)), torch.rand(5, 1)).backward()
            optimizer.step()

    with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
        go(3)
        model.train()
        with pytest.warns(
            UserWarning, match="a Dropout was on, and what it dropped is not recorded"
        ) as warned:
            go(3)
        assert len(warned) == 1
    with pytest.raises(NetworkError, match=r"iteration 5: a Dropout was on.*\(train without it, as with p=0"):
        backprop_tui.from_recording(tmp_path)


class Stateful(nn.Module):
    """It counts its calls in two ways, draws numbers and keeps what it computed."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(4, 5), nn.Tanh())
        self.last = nn.Linear(5, 3)
        self.calls, self.hidden = 0, None
        self.register_buffer("counted", torch.zeros(()))

    def forward(self, x):
        self.calls += 1
        self.counted += 1
        torch.rand(2)
        self.hidden = self.inner(x)
        return self.last(self.hidden)


def test_a_model_is_followed_without_a_trace_in_it():
    model, seen = Stateful(), []
    model.inner.register_forward_hook(lambda *given: seen.append(given))
    model.inner.register_forward_pre_hook(lambda *given: seen.append(given))
    before = torch.get_rng_state()
    layers = described_model(model, nn.MSELoss())["layers"]
    assert [one["place"] for one in layers] == ["model.inner.0", "model.last"]
    assert (model.calls, model.hidden, model.counted.item(), seen) == (0, None, 0.0, [])
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
def test_a_compiled_function_with_the_model_and_the_loss_in_it_is_recorded(tmp_path):
    model, loss, optimizer = parts()

    @torch.compile(backend="eager")
    def both(x, y):
        return loss(model(x), y)

    losses = []
    with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
        for _ in range(4):
            optimizer.zero_grad()
            value = both(*drawn())
            value.backward()
            losses.append(value.item())
            optimizer.step()
    network = backprop_tui.from_recording(tmp_path)
    assert [one.loss for one in network.recording.iterations] == losses
    assert replay(network) == [0, 1, 2, 3]


def test_a_model_that_is_saved_whole_is_loaded_without_this_package_and_listens_no_more(tmp_path):
    model, loss, optimizer = parts()
    with backprop_tui.record(tmp_path / "recorded", model, loss, optimizer, when=""):
        step(model, loss, optimizer)
        torch.save([model, loss], tmp_path / "both.pt")
        expected = model(torch.ones(4).double())
    program = (
        "import sys, torch; sys.modules['backprop_tui'] = None\n"
        "model, loss = torch.load(sys.argv[1], weights_only=False)\n"
        "given = model(torch.ones(4).double())\n"
        "loss(given, given.detach() + 2.0).backward()\n"
        "print(given.tolist())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "both.pt")], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(expected.tolist())


def test_a_copy_of_the_model_that_trains_as_well_is_none_of_what_is_recorded(tmp_path):
    def one_update(model, loss, optimizer):
        inner = deepcopy(model)
        steps = torch.optim.SGD(inner.parameters(), lr=0.3)
        for _ in range(3):
            x, y = drawn()
            deepcopy(loss)(inner(x), y).backward()
            steps.step()
            inner(x)  # of which no loss is computed
        return step(model, loss, optimizer)

    losses, network = trained(tmp_path, one_update)
    assert [one.loss for one in network.recording.iterations] == losses
    assert replay(network) == list(range(6))
    assert not any(one.notes for one in network.recording.iterations)
