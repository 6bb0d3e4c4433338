"""All parameters at a time are what each of them reads there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui.engine.quantities import Parameter
from backprop_tui.history.parameters_at import parameters_at
from backprop_tui.network.files.library import find
from backprop_tui.session.session import Session


def _one_by_one(session):
    network, now = session.network, session.now
    weights = [
        [[now.parameter(Parameter(n, u, i)).value for i in range(layer.inputs)] for u in range(layer.units)]
        for n, layer in enumerate(network.layers, 1)
    ]
    biases = [
        [now.parameter(Parameter(n, u, None)).value for u in range(layer.units)]
        for n, layer in enumerate(network.layers, 1)
    ]
    return weights, biases


@pytest.mark.parametrize("name", ["worked-example", "mazur", "xor", "softmax", "udacity"])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_they_are_what_each_parameter_reads(name, data):
    session = Session(find(name))
    whole = 3 * session.program.statements
    for _ in range(data.draw(st.integers(0, 2))):
        session.jump(data.draw(st.integers(0, whole)))
        layer = session.network.layers[-1]
        session.set(f"{session.names.parameter(len(session.network.layers), layer.units - 1, 0)}", 0.25)
    session.jump(data.draw(st.integers(0, whole)))
    weights, biases = _one_by_one(session)
    found = parameters_at(session.run, session.time)
    for ours, theirs in zip((*found.weights, *found.biases), (*weights, *biases), strict=True):
        assert np.array_equal(ours, theirs)
