"""What tests of both engines share: the numbers of an iteration and a state, and that all ways lead there."""

from __future__ import annotations

import numpy as np
import pytest

from backprop_tui.engine.training import Trainer
from backprop_tui.network.files.build import build

ENGINES = ("scalars", "arrays")
both = pytest.mark.parametrize("engine", ENGINES)


def trainer(network, engine):
    found = Trainer(network, engine)
    assert found.engine == engine
    return found


def state_arrays(state):
    memories = (*state.weight_state, *state.bias_state)
    return [
        *state.parameters.weights,
        *state.parameters.biases,
        *(array for memory in memories for array in memory.values()),
    ]


def quantities(iteration):
    back = iteration.backward
    return {
        "z": iteration.forward.z,
        "a": iteration.forward.a,
        "L": (iteration.forward.loss,),
        "dL_da": back.dL_da,
        "da_dz": back.da_dz,
        "delta": back.delta,
        "dL_dw": iteration.gradient.weights,
        "dL_db": iteration.gradient.biases,
    }


def assert_same_bits(one, other):
    assert one.updates == other.updates
    for first, second in zip(state_arrays(one), state_arrays(other), strict=True):
        assert first.shape == second.shape
        np.testing.assert_array_equal(first, second)


def assert_advancing_is_iterating(network, engine, count=7, givens=None, start=None):
    subject = trainer(network, engine)
    first = start or subject.initial_state()
    state, seen, iterations = first, [], []
    for number in range(count):
        iterations.append(subject.iterate(state, number, givens))
        seen += iterations[-1].forward.loss.tolist()
        state = iterations[-1].after
    for parts in ((count,), (1, count - 1), (count // 2, count - count // 2)):
        at_once, found, done = first, [], 0
        for part in parts:
            at_once, more = subject.advance(at_once, done, part, givens)
            found, done = found + more, done + part
        np.testing.assert_array_equal(found, seen)
        assert_same_bits(at_once, state)
    return iterations


def one_unit(activation, weight, x=1.0, y=0.0, loss="squared_error", **training):
    layer = {"units": 1, "activation": activation, "weights": [[weight]]}
    data = {"inputs": [[x], [x / 2]], "targets": [[y], [y]]}
    return build(
        {
            "network": {"inputs": 1, "layers": [layer]},
            "training": {"loss": loss, "batch_size": 1, **training},
            "data": data,
        }
    )
