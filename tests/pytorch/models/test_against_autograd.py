"""Networks from PyTorch against autograd in float64: every number of the captured iteration, and later ones.

The models are drawn from numbers (``random_models``), trained in their own type, taken over, and then trained
on in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from backprop_tui import Grain, Session, from_torch  # noqa: E402
from backprop_tui.engine.training import Trainer  # noqa: E402
from backprop_tui.network.description import Network  # noqa: E402

from .random_models import (  # noqa: E402
    DTYPES,
    FUNCTIONS,
    LOSSES,
    MODULES,
    OPTIMIZERS,
    Drawn,
    drawn,
    in_float64,
    step,
)

MODELS = 200
A_TEST = 20
FURTHER = 5


@cache
def model(seed: int) -> tuple[Drawn, Network]:
    given = drawn(seed)
    before = {name: one.detach().clone() for name, one in given.model.state_dict().items()}
    network = from_torch(given.model, given.loss, given.inputs, given.targets, given.optimizer)
    for name, one in given.model.state_dict().items():
        assert torch.equal(one, before[name])
    return given, network


def close(ours: Any, theirs: Any, tolerance: float) -> None:
    """Within a share of the array's largest number."""
    theirs = np.asarray(theirs.detach(), dtype=np.float64)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(
        ours, theirs, rtol=tolerance, atol=tolerance * max(1e-3, float(np.abs(theirs).max()))
    )


class Pass:
    """One pass of the model in its own type, with what came out of each Linear layer."""

    def __init__(self, given: Drawn) -> None:
        self.z: list[Any] = []
        self.a: list[Any] = []
        self.linears = [one for one in given.model.modules() if isinstance(one, torch.nn.Linear)]
        hooks = [one.register_forward_hook(self._see) for one in self.linears]
        self.loss = given.loss(given.model(given.inputs), given.targets)
        for hook in hooks:
            hook.remove()
        self.a = [*self.a[1:], FUNCTIONS[given.activations[-1]](self.z[-1])]
        if self.loss.requires_grad:
            self.loss.backward()

    def _see(self, module: Any, given: Any, output: Any) -> None:
        self.a.append(given[0])
        if output.requires_grad:
            output.retain_grad()
        self.z.append(output)

    def each(self) -> Iterator[tuple[int, Any]]:
        return enumerate(self.linears)


def compare(given: Drawn, network: Network, tolerance: float) -> None:
    """z, a, error signals and gradients of the first iteration."""
    ours, theirs = (trainer := Trainer(network)).iterate(trainer.initial_state(), 0), Pass(given)
    assert [layer.activation_name for layer in network.layers] == list(given.activations)
    examples = len(given.inputs)
    for number, linear in theirs.each():
        close(ours.forward.z[number], theirs.z[number], tolerance)
        close(ours.forward.a[number + 1], theirs.a[number], tolerance)
        divisor = 1 if given.loss.reduction == "sum" else examples
        if theirs.z[number].grad is not None:
            close(ours.backward.delta[number] / divisor, theirs.z[number].grad, tolerance)
        if linear.weight.grad is not None:
            close(ours.gradient.weights[number], linear.weight.grad, tolerance)
        if linear.bias is not None:
            close(ours.gradient.biases[number], linear.bias.grad, tolerance)
    total = ours.forward.loss.sum() if given.loss.reduction == "sum" else ours.forward.loss.mean()
    assert total == pytest.approx(theirs.loss.item(), rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("first", range(0, MODELS, A_TEST))
def test_every_number_of_the_captured_iteration_is_autograds(first: int) -> None:
    for seed in range(first, first + A_TEST):
        given, network = model(seed)
        compare(in_float64(given), network, 1e-9)


@pytest.mark.parametrize("first", range(0, MODELS, A_TEST))
def test_parameters_after_further_steps_are_pytorchs(first: int) -> None:
    for seed in range(first, first + A_TEST):
        given, network = model(seed)
        other = in_float64(given)
        step(other.model, other.loss, other.inputs, other.targets, other.optimizer, FURTHER)
        trainer = Trainer(network)
        state, _ = trainer.advance(trainer.initial_state(), 0, FURTHER)
        linears = [one for one in other.model.modules() if isinstance(one, torch.nn.Linear)]
        for number, linear in enumerate(linears):
            close(state.parameters.weights[number], linear.weight, 1e-8)
            if linear.bias is not None:
                close(state.parameters.biases[number], linear.bias, 1e-8)
            else:
                assert not state.parameters.biases[number].any()


def test_the_length_of_the_gradient_is_what_clipping_goes_by() -> None:
    for seed in range(0, MODELS, 10):
        given, network = model(seed)
        other = in_float64(given)
        Pass(other)
        moving = [one for one in other.model.parameters() if one.requires_grad]
        norm = torch.nn.utils.clip_grad_norm_(moving, 1.0)
        session = Session(network)
        session.forward(Grain.BACKWARD)
        while session.now.upcoming.phase != "update" and moving:
            session.forward(Grain.BACKWARD)
        if moving:
            assert session.value("grad_norm") == pytest.approx(norm.item(), rel=1e-9)


def test_in_float32_pytorch_has_the_same_numbers_as_far_as_it_has_digits() -> None:
    """Its numbers have 24 bits; sums of a few terms through at most four layers lose some of them."""
    checked = 0
    for seed in range(MODELS):
        given, network = model(seed)
        if given.dtype == torch.float32:
            compare(given, network, 2**-24 * 2**11)
            checked += 1
    assert checked > 50


def test_the_models_have_everything() -> None:
    all_given = [model(seed)[0] for seed in range(MODELS)]
    assert {one.dtype for one in all_given} == set(DTYPES)
    assert {type(one.loss).__name__ for one in all_given} == set(LOSSES)
    assert {(type(one.loss).__name__, one.loss.reduction) for one in all_given} == {
        (loss, reduction) for loss in LOSSES for reduction in ("mean", "sum")
    }
    assert {one.optimizer_name for one in all_given if one.steps} == set(OPTIMIZERS)
    assert {one.optimizer_name for one in all_given if not one.steps} == set(OPTIMIZERS)
    assert {name for one in all_given for name in one.activations} == set(MODULES)
    assert {len(one.activations) for one in all_given} == {1, 2, 3, 4}
    assert {bias for one in all_given for bias in one.biased} == {True, False}
    assert {len(one.inputs.shape) for one in all_given} == {2, 3}
    assert {type(one.model).__name__ for one in all_given} == {"Sequential", "Functional"}
    assert any(not one.requires_grad for given in all_given for one in given.model.parameters())
    remembered = {network.pytorch.dtype for _, network in map(model, range(MODELS)) if network.pytorch}
    assert remembered == {"float64", "float32", "bfloat16", "float16"}
