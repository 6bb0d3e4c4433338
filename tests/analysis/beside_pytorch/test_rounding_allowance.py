"""What rounding is allowed to do: torch's float32 beside its float64 from the same parameters."""

import math

import pytest

torch = pytest.importorskip("torch")
from msgspec.structs import replace  # noqa: E402
from torch import nn  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.analysis.beside_pytorch import recorded as beside  # noqa: E402
from backprop_tui.history.run import Run  # noqa: E402

LOSSES = ("CrossEntropyLoss", "NLLLoss", "BCELoss", "BCEWithLogitsLoss", "MSELoss")


def told(work):
    """What a generator gives at its end."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def fitted(name, size, hidden=nn.Tanh):
    """A model, its loss, inputs and targets of its own making, so that its loss is about *size*."""
    torch.manual_seed(3)
    classes = name in ("CrossEntropyLoss", "NLLLoss")
    layers = [nn.Linear(6, 16), hidden(), nn.Linear(16, 2 if classes else 1)]
    layers += {"NLLLoss": [nn.LogSoftmax(1)], "BCELoss": [nn.Sigmoid()]}.get(name, [])
    model, loss, inputs = nn.Sequential(*layers), getattr(nn, name)(), torch.randn(256, 6)
    with torch.no_grad():
        if name == "MSELoss":
            inputs = inputs[:32]
            return model, loss, inputs, model(inputs) + size**0.5 * torch.randn(32, 1)
        z = model[:3](inputs)
        margin = z[:, 1] - z[:, 0] if classes else z[:, 0]
        far = margin.abs().argsort(descending=True)[:32]
        inputs, right = inputs[far], margin[far] > 0
        targets = right.long() if classes else right.float()[:, None]
        while loss(model(inputs), targets) > size:
            model[2].weight *= 1.05
            model[2].bias *= 1.05
    return model, loss, inputs, targets


def in_both(model, loss, inputs, targets):
    """Loss and length of the gradient in float32, and from the same parameters in float64."""
    found = []
    for dtype in (torch.float32, torch.float64):
        model.to(dtype).zero_grad()
        kept = targets if targets.dtype == torch.int64 else targets.to(dtype)
        value = loss(model(inputs.to(dtype)), kept)
        value.backward()
        gradient = torch.cat([one.grad.double().ravel() for one in model.parameters()])
        found.append((float(value.detach()), float(gradient.norm())))
    model.to(torch.float32)
    return found


def recorded(folder, parts, *, count=1, loss_of=lambda value, model: value, gradient_by=1.0, adam=False):
    """Some updates from there, recorded; *loss_of* is differentiated, and its gradient multiplied."""
    model, loss, inputs, targets = parts
    optimizer = (
        torch.optim.Adam(model.parameters(), 0.01) if adam else torch.optim.SGD(model.parameters(), 1e-3)
    )
    hooks = [
        one.register_hook(lambda grad: grad * gradient_by) for one in model.parameters() if gradient_by != 1
    ]
    with backprop_tui.record(folder, model, loss, optimizer, keep=200, when=""):
        for number in range(count):
            rows = slice(None) if count == 1 else slice(8 * (number % 4), 8 * (number % 4) + 8)
            optimizer.zero_grad()
            loss_of(loss(model(inputs[rows]), targets[rows]), model).backward()
            optimizer.step()
    for hook in hooks:
        hook.remove()
    return backprop_tui.from_recording(folder)


@pytest.mark.parametrize("size", [0.3, 1e-2, 1e-3, 1e-4, 1e-6])
@pytest.mark.parametrize("name", LOSSES)
def test_float32_is_within_float64_whatever_the_size_of_the_loss(tmp_path, name, size):
    parts = fitted(name, size)
    (loss, norm), (exact_loss, exact_norm) = in_both(*parts)
    (found,) = told(beside.iterations_beside(Run(recorded(tmp_path, parts))))
    assert found.loss.here == pytest.approx(exact_loss, rel=1e-9)
    assert found.grad_norm.here == pytest.approx(exact_norm, rel=1e-9)
    assert found.loss.pytorch == loss
    assert found.grad_norm.pytorch == pytest.approx(norm, rel=1e-6)
    assert found.within, found
    # the allowance is of the size of an epsilon beside the loss, not of anything
    assert found.loss.allowed < 100 * 2**-23 * (
        1 + 1 / math.sqrt(loss) if name == "MSELoss" else 1 + 20 / loss
    )


@pytest.mark.parametrize("size", [0.3, 1e-2])
@pytest.mark.parametrize("name", LOSSES)
def test_a_gradient_that_is_off_by_a_thousandth_is_found(tmp_path, name, size):
    network = recorded(tmp_path, fitted(name, size), gradient_by=1.001)
    (found,) = told(beside.iterations_beside(Run(network)))
    assert (found.loss.within, found.grad_norm.within) == (True, False)
    assert found.grad_norm.apart == pytest.approx(1e-3, rel=0.1)


@pytest.mark.parametrize("size", [0.3, 3e-2])
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_that_is_off_by_a_thousandth_is_found(tmp_path, name, size):
    network = recorded(tmp_path, fitted(name, size))
    (one,) = network.recording.iterations
    for factor in (1.001, 0.999):
        iterations = (replace(one, loss=one.loss * factor),)
        changed = replace(network, recording=replace(network.recording, iterations=iterations))
        (found,) = told(beside.iterations_beside(Run(changed)))
        assert (found.loss.within, found.grad_norm.within) == (False, True)


@pytest.mark.parametrize("name", LOSSES)
def test_a_term_that_was_added_to_the_loss_is_found(tmp_path, name):
    def penalized(value, model):
        return value + 1e-3 * sum((one**2).sum() for one in model.parameters())

    network = recorded(tmp_path, fitted(name, 1e-2), loss_of=penalized)
    (found,) = told(beside.iterations_beside(Run(network)))
    assert not found.grad_norm.within


@pytest.mark.parametrize("hidden", [nn.Tanh, nn.ReLU], ids=lambda one: one.__name__)
@pytest.mark.parametrize("adam", [False, True], ids=["SGD", "Adam"])
@pytest.mark.parametrize("name", LOSSES)
def test_a_healthy_training_agrees_to_its_end(tmp_path, name, adam, hidden):
    """Adam divides by gradients that are nearly 0, and a ReLU at its corner has one slope or the other."""
    network = recorded(tmp_path, fitted(name, 1e-4, hidden), count=40, adam=adam)
    run = Run(network)
    assert beside.first_apart(told(beside.iterations_beside(run))) is None
    assert all(one.within for one in told(beside.parameters_beside(run)))
