"""A new activation, loss or optimizer needs nothing but its row, in both engines."""

from __future__ import annotations

import math

import numpy as np
import pytest
from msgspec.structs import replace

from backprop_tui.engine.generated.tracing.expressions import SlowPathWarning
from backprop_tui.engine.training import Trainer
from backprop_tui.network.rules import activations, losses, optimizers
from backprop_tui.network.rules.activations import ACTIVATIONS
from tests.engine.generated.both_engines import (
    assert_same_bits,
    both,
    one_unit,
    trainer,
)


def rows_with(monkeypatch, module, table, row):
    monkeypatch.setattr(module, table, {**getattr(module, table), row.name: row})
    for place in ("backprop_tui.network.description", "backprop_tui.network.files.build"):
        monkeypatch.setattr(f"{place}.{table}", getattr(module, table))


@both
def test_a_new_activation_needs_nothing_but_its_row(monkeypatch, engine):
    """softsign: a = z/(1 + |z|), da/dz = 1/(1 + |z|)²."""
    row = replace(
        ACTIVATIONS["tanh"],
        name="softsign",
        value=lambda z: z / (1.0 + np.abs(z)),
        derivative=lambda z, a: 1.0 / np.square(1.0 + np.abs(z)),
    )
    rows_with(monkeypatch, activations, "ACTIVATIONS", row)
    network = one_unit("softsign", 1.0, y=0.25, optimizer={"learning_rate": 0.5})
    subject = trainer(network, engine)
    after, found = subject.advance(subject.initial_state(), 0, 1)
    # z = 1, a = 1/2, L = ½(1/4)², dL/dz = (1/4)(1/4), w = 1 − ½/16
    assert found == [pytest.approx(1 / 32, rel=1e-15)]
    assert after.parameters.weights[0].item() == pytest.approx(1 - 1 / 32, rel=1e-15)


@both
def test_a_new_loss_needs_nothing_but_its_row(monkeypatch, engine):
    """log cosh of the error: dL/da = tanh(a − y)."""
    row = replace(
        losses.LOSSES["squared_error"],
        name="log_cosh",
        value=lambda y, a: np.sum(np.log(np.cosh(a - y)), axis=-1),
        gradient=lambda y, a: np.tanh(a - y),
    )
    rows_with(monkeypatch, losses, "LOSSES", row)
    network = one_unit("identity", 1.0, loss="log_cosh", optimizer={"learning_rate": 1.0})
    subject = trainer(network, engine)
    after, found = subject.advance(subject.initial_state(), 0, 1)
    assert found == [pytest.approx(math.log(math.cosh(1.0)), rel=1e-15)]
    assert after.parameters.weights[0].item() == pytest.approx(1 - math.tanh(1.0), rel=1e-15)


@both
def test_a_new_optimizer_needs_nothing_but_its_row(monkeypatch, engine):
    """One whose last line needs what an earlier one overwrites: p ← p − η·(g + m before), m ← g."""

    def rule(p, g, memory, t, o):
        return [
            optimizers.Line("m", "g", g + 0.0),
            optimizers.Line("new", "p − η(g + m)/t", p - o["learning_rate"] * (g + memory["m"]) / t),
        ]

    row = replace(optimizers.OPTIMIZERS["adam"], name="late", rule=rule, state_names=lambda o: ("m",))
    rows_with(monkeypatch, optimizers, "OPTIMIZERS", row)
    network = one_unit("identity", 1.0, optimizer={"name": "late", "learning_rate": 0.5})
    subject = trainer(network, engine)
    after, _ = subject.advance(subject.initial_state(), 0, 2)
    # g1 = 1·1, for bias and weight alike: both are moved by ½; then z = ½·½ − ½ at x = ½
    w, b = 0.5, -0.5
    g = w / 2 + b
    assert after.parameters.weights[0].item() == pytest.approx(w - 0.5 * (g / 2 + 1.0) / 2, rel=1e-15)
    assert after.parameters.biases[0].item() == pytest.approx(b - 0.5 * (g + 1.0) / 2, rel=1e-15)


def test_a_row_that_cannot_be_traced_is_computed_all_the_same(monkeypatch):
    """A branch on the numbers: no text, so the plain functions do it, to the same result, and it is said."""
    tanh = ACTIVATIONS["tanh"]

    def value(z):
        return np.tanh(z) if (z < 1e9).all() else z

    rows_with(monkeypatch, activations, "ACTIVATIONS", replace(tanh, name="branching", value=value))
    branching, plain = one_unit("branching", 1.0), one_unit("tanh", 1.0)
    subject = Trainer(branching, "scalars")
    with pytest.warns(SlowPathWarning, match="branching, squared_error or sgd cannot be followed"):
        assert subject.engine == "arrays"
    with pytest.warns(SlowPathWarning, match="it is run as it is"):
        after, found = subject.advance(subject.initial_state(), 0, 5)
    expected = Trainer(plain, "arrays")
    right, losses_ = expected.advance(expected.initial_state(), 0, 5)
    assert found == losses_
    assert_same_bits(after, right)
