"""Runs over epochs: those that skip, diverge or are stopped."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import networks

from backprop_tui.engine.epochs import Run, run
from backprop_tui.network.files import library
from backprop_tui.network.files.build import build


@given(networks(), st.integers(1, 12), st.integers(1, 6))
@settings(max_examples=30)
def test_a_run_that_skips_has_the_same_results(network, epochs, every):
    whole = list(run(network, epochs))
    some = list(run(network, epochs, every))
    wanted = [epoch for epoch in range(epochs) if epoch % every == 0 or epoch == epochs - 1]
    assert [result.epoch for result in some] == wanted
    for result in some:
        other = whole[result.epoch]
        np.testing.assert_array_equal(result.loss, other.loss)
        np.testing.assert_array_equal(result.predictions, other.predictions)
        assert repr(result.divergence) == repr(other.divergence), "it may be nan, which equals nothing"
        for one, two in zip(result.parameters.weights, other.parameters.weights, strict=True):
            np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("learning_rate", [2.5, 3.0, 11.0])
def test_divergence_between_the_wanted_epochs_is_found_where_it_is(learning_rate):
    """w ← w·(1 − η): it grows by a known factor, so the epoch of the overflow is known too."""
    layer = {
        "units": 1,
        "activation": "identity",
        "weights": [[1.0]],
        "frozen": ["biases"],
    }
    data = {"inputs": [[1.0]], "targets": [[0.0]]}
    training = {"optimizer": {"learning_rate": learning_rate}}
    network = build({"network": {"inputs": 1, "layers": [layer]}, "training": training, "data": data})
    *_, last = run(network, 3000, 1000)
    # The square of the error overflows once (η − 1)^(2·epoch) is 2^1024.
    growth, epoch = Fraction(learning_rate - 1.0) ** 2, 0
    while growth**epoch < 2**1024:
        epoch += 1
    assert (last.divergence.name, last.divergence.epoch) == ("L", epoch)


@pytest.mark.parametrize("turns", [0, 1, 2, 5])
def test_a_run_that_is_stopped_knows_its_last_whole_epoch(turns):
    network = library.find("xor")
    subject = Run(network, 10**9, 10**9)
    for _, _ in zip(range(turns), subject.results(), strict=False):
        pass
    last = subject.last_whole()
    if turns == 0:
        assert last is None
        return
    *_, expected = run(network, last.epoch + 1, 10**9)
    assert last.epoch >= turns - 1
    assert (last.loss, subject.done) == (expected.loss, last.epoch + 1)
    assert np.array_equal(last.predictions, expected.predictions)
    assert np.array_equal(last.parameters.weights[0], expected.parameters.weights[0])
