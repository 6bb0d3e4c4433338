"""Gradients that go elsewhere, or come otherwise: what the optimizer took is opened, or it is said."""

import math

import pytest
from click.testing import CliRunner

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

import backprop_tui  # noqa: E402
from backprop_tui.cli.main import main  # noqa: E402
from backprop_tui.network.errors import NetworkError  # noqa: E402
from tests.pytorch.recording.unusual_loops import drawn, parts, replay, step, trained  # noqa: E402


def against_its_own_gradient(model, loss, optimizer):
    """An adversarial example: a gradient for the inputs alone, and then the update."""
    optimizer.zero_grad()
    x, y = drawn()
    (slope,) = torch.autograd.grad(loss(model(x.requires_grad_()), y), x)
    value = loss(model((x + 0.1 * slope.sign()).detach()), y)
    value.backward()
    optimizer.step()
    return value.item()


def by_hand(model, loss, optimizer):
    x, y = drawn()
    value = loss(model(x), y)
    gradients = torch.autograd.grad(0.5 * value, list(model.parameters()))
    for one, gradient in zip(model.parameters(), gradients, strict=True):
        one.grad = gradient
    optimizer.step()
    return value.item()


def with_a_penalty_of_nothing(model, loss, optimizer):
    """Two backward passes, the first for the inputs: the way of a gradient penalty."""
    optimizer.zero_grad()
    x, y = drawn()
    value = loss(model(x.requires_grad_()), y)
    (slope,) = torch.autograd.grad(value, x, create_graph=True)
    (value + 0.0 * slope.square().sum()).backward()
    optimizer.step()
    return value.item()


@pytest.mark.parametrize("way", [against_its_own_gradient, by_hand, with_a_penalty_of_nothing])
def test_only_what_comes_to_the_parameters_counts(tmp_path, way):
    losses, network = trained(tmp_path, way)
    assert [one.loss for one in network.recording.iterations] == losses
    assert replay(network) == list(range(6))
    scale = dict(network.training.schedule).get("gradient_scale", [1.0] * 6)
    assert scale == pytest.approx([0.5 if way is by_hand else 1.0] * 6)
    assert not any(one.loss is None for one in network.recording.iterations)


def test_a_gradient_that_the_loop_pieces_together_is_not_guessed(tmp_path):
    def pieced(model, loss, optimizer):
        found = []
        for _ in range(2):
            x, y = drawn()
            found.append(torch.autograd.grad(loss(model(x), y), list(model.parameters())))
        for one, first, second in zip(model.parameters(), *found, strict=True):
            one.grad = torch.where(first * second > 0, first + second, 0.0)
        optimizer.step()

    with (
        pytest.warns(UserWarning, match="no backward pass went through it"),
        pytest.raises(NetworkError, match="an update without a backward pass through the loss"),
    ):
        trained(tmp_path, pieced)


def test_losses_that_are_weighted_are_said_to_be(tmp_path):
    def weighted(model, loss, optimizer):
        optimizer.zero_grad()
        first, second = drawn(), drawn()
        (loss(model(first[0]), first[1]) + 0.25 * loss(model(second[0]), second[1])).backward()
        optimizer.step()

    recording = trained(tmp_path, weighted)[1].recording
    assert {note for one in recording.iterations for note in one.notes} == {
        "the losses of its passes are weighted, and their examples count alike here"
    }
    assert any("before 6 updates passes were weighed otherwise than here" in line for line in recording.said)


def test_gradients_that_pile_up_are_told_of_at_once(tmp_path):
    def forgetful(model, loss, optimizer):
        x, y = drawn()
        loss(model(x), y).backward()
        optimizer.step()

    recording = trained(tmp_path, forgetful)[1].recording
    (said,) = recording.said
    assert said.startswith("before 5 updates the gradient of an earlier one was not cleared: from the first")


def test_a_gradient_that_the_loop_makes_finite_is_told_and_the_replay_begins_after_it(tmp_path):
    numbers = iter(range(8))

    def rescued(model, loss, optimizer):
        optimizer.zero_grad()
        x, y = drawn()
        x[1, 2] = math.nan if next(numbers) == 4 else 1.0
        loss(model(x), y).backward()
        for one in model.parameters():
            torch.nan_to_num_(one.grad, 0.0)
        optimizer.step()

    network = trained(tmp_path, rescued, 8)[1]
    assert replay(network) == [5, 6, 7]
    assert any("a gradient that the loop had made finite" in line for line in network.recording.said)
    model, loss, optimizer = parts()
    numbers = iter(range(8))
    with backprop_tui.record(tmp_path / "asked", model, loss, optimizer):
        for _ in range(8):
            rescued(model, loss, optimizer)
    recording = backprop_tui.from_recording(tmp_path / "asked").recording
    assert (recording.at, recording.iterations[-1].number) == (4, 4)
    assert any("the gradient was not finite and was made so" in line for line in recording.said)


def test_two_losses_of_one_output_are_two_passes(tmp_path):
    """Mixup, or a teacher beside the labels: exact where both weigh the same."""

    def two(model, loss, optimizer):
        optimizer.zero_grad()
        x, y = drawn()
        found = model(x)
        first, second = loss(found, y), loss(found, y.flip(0))
        (0.5 * first + 0.5 * second).backward()
        optimizer.step()
        return (first.item() + second.item()) / 2

    losses, network = trained(tmp_path, two)
    assert [one.loss for one in network.recording.iterations] == pytest.approx(losses, rel=1e-15)
    assert replay(network) == list(range(6))
    assert not any(one.notes for one in network.recording.iterations)


def test_attempts_that_a_fused_optimizer_refuses_are_counted_once(tmp_path):
    torch.manual_seed(2)
    model, loss = nn.Linear(4, 3), nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**20)
    with backprop_tui.record(tmp_path, model, loss, optimizer, when=""):
        for number in range(6):
            optimizer.zero_grad()
            x = torch.full((2, 4), 1e30 if number < 3 else 1.0)
            scaler.scale(loss(model(x), torch.zeros(2, 3))).backward()
            scaler.step(optimizer)
            scaler.update()
    first, *others = backprop_tui.from_recording(tmp_path).recording.iterations
    counted = [note for note in first.notes if note.endswith("without an update")]
    assert counted == ["3 attempts were given up before, without an update"]
    assert not any(one.notes for one in others)


def test_a_loss_without_a_backward_pass_is_not_compared_with_a_gradient(tmp_path):
    made = parts()

    def broken():
        with backprop_tui.record(tmp_path, *made, when=""):
            for _ in range(4):
                step(*made)
            x, y = drawn()
            made[1](made[0](x), y)
            raise ValueError("lost")

    with pytest.raises(ValueError, match="lost"):
        broken()
    done = CliRunner().invoke(main, ["check", str(tmp_path)])
    assert done.exit_code == 0
    assert "iteration 4: no backward pass was made" in done.output
    assert "the loss was multiplied" not in done.output


def test_micro_batches_of_other_sizes_come_to_the_loss_of_the_whole(tmp_path):
    def in_parts(model, loss, optimizer):
        optimizer.zero_grad()
        whole = 0.0
        for examples in (4, 4, 2):
            x, y = drawn(examples)
            value = loss(model(x), y) * examples / 10
            value.backward()
            whole += value.item()
        optimizer.step()
        return whole

    losses, network = trained(tmp_path, in_parts)
    assert [one.loss for one in network.recording.iterations] == pytest.approx(losses, rel=1e-14)
    assert replay(network) == list(range(6))
    assert CliRunner().invoke(main, ["check", str(tmp_path)]).exit_code == 0
