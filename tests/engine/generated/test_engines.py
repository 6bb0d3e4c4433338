"""Both engines: each agrees with itself however it is asked, and with the other to the last few digits.

The bounds. Every quantity of an iteration is a sum or product of a few numbers that both engines round
alike but for the order of a sum and the last digit of exp, log and tanh: here 64 roundings (1.4e-14) relative
to the largest number in the same array, more where the loss divides by a small output. Updates are compared
for the same gradient, for an adaptive optimizer divides a gradient by its own size, and so makes a difference
of 1e-17 against 0 one of a whole step.
"""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from strategies import networks

from backprop_tui.engine.generated.quicker_engine import scalars_are_quicker
from backprop_tui.engine.reference import backward, forward, update
from backprop_tui.engine.training import Givens, Trainer
from backprop_tui.network.files import library
from backprop_tui.network.files.shapes import Options
from tests.engine.generated.both_engines import (
    assert_advancing_is_iterating,
    both,
    quantities,
    state_arrays,
    trainer,
)

ROUNDINGS = 64 * 2.0**-52


@both
@given(networks())
@settings(max_examples=50)
def test_advancing_is_iterating_to_the_last_bit(engine, network):
    assert_advancing_is_iterating(network, engine)


@both
@given(networks(), st.sampled_from([1e2, 1e200, -1e308]))
@settings(max_examples=25)
def test_so_it_is_where_numbers_overflow(engine, network, huge):
    """Where Python raises, the array engine takes that iteration over, however one gets there."""
    subject = trainer(network, engine)
    start = subject.initial_state()
    with np.errstate(all="ignore"):
        weights = (start.parameters.weights[0] * huge, *start.parameters.weights[1:])
    start = replace(start, parameters=replace(start.parameters, weights=weights))
    assert_advancing_is_iterating(network, engine, start=start)


@both
@given(networks(), st.floats(-3.0, 3.0), st.floats(0.0, 1.0), st.sampled_from([0.0, 1e-3, 2.0]))
@settings(max_examples=25)
def test_data_and_learning_rate_are_those_around(engine, network, x, y, learning_rate):
    subject = trainer(network, engine)
    given_ = subject.givens
    inputs, targets = given_.inputs.copy(), given_.targets.copy()
    inputs[0, 0], targets[-1, 0] = x, y
    settings = {**given_.settings, "learning_rate": learning_rate}
    givens = Givens(inputs, targets, settings, fixed=frozenset(settings))
    first, *_ = assert_advancing_is_iterating(network, engine, 3, givens)
    examples = subject.batch(0)
    assert np.array_equal(first.forward.a[0], inputs[examples])
    assert np.array_equal(first.targets, targets[examples])
    assert_agrees_with_the_passes(network, first, givens)


def assert_agrees_with_the_passes(network, iteration, givens):
    """With the plain array functions, quantity by quantity, each from the same start."""
    x, y = givens.inputs[iteration.examples], givens.targets[iteration.examples]
    parameters = iteration.before.parameters
    pass_ = forward(network, parameters, x, y)
    back, gradient = backward(network, parameters, pass_, y)
    expected = {
        "z": pass_.z,
        "a": pass_.a,
        "L": (pass_.loss,),
        "dL_da": back.dL_da,
        "da_dz": back.da_dz,
        "delta": back.delta,
        "dL_dw": gradient.weights,
        "dL_db": gradient.biases,
    }
    largest = max(
        (float(np.max(np.abs(array))) for arrays in expected.values() for array in arrays if array.size),
        default=0.0,
    )
    for name, arrays in quantities(iteration).items():
        for array, right in zip(arrays, expected[name], strict=True):
            assert array.shape == right.shape, name
            np.testing.assert_allclose(array, right, rtol=ROUNDINGS, atol=ROUNDINGS * largest, err_msg=name)
    after = update(network, iteration.before, iteration.gradient, givens.settings)
    for array, right in zip(state_arrays(iteration.after), state_arrays(after), strict=True):
        np.testing.assert_allclose(array, right, rtol=ROUNDINGS, atol=1e-300)


@both
@given(networks())
@settings(max_examples=80)
def test_an_iteration_is_that_of_the_plain_functions(engine, network):
    subject = trainer(network, engine)
    state = subject.initial_state()
    for number in range(3):
        iteration = subject.iterate(state, number)
        assert_agrees_with_the_passes(network, iteration, subject.givens)
        state = iteration.after


@both
def test_nothing_that_goes_in_or_came_out_is_changed(engine):
    subject = trainer(library.find("xor", Options(optimizer="adam")), engine)
    states = [subject.initial_state()]
    for number in range(3):
        states.append(subject.advance(states[-1], number, 1)[0])
        states.append(subject.iterate(states[-1], number).after)
    copies = [[array.copy() for array in state_arrays(state)] for state in states]
    subject.advance(states[0], 0, 50)
    subject.iterate(states[1], 0)
    for state, copied in zip(states, copies, strict=True):
        for array, copy in zip(state_arrays(state), copied, strict=True):
            assert np.array_equal(array, copy)


def test_small_networks_are_trained_number_by_number_and_large_ones_by_arrays():
    assert scalars_are_quicker(library.find())
    assert scalars_are_quicker(library.find("xor"))
    assert scalars_are_quicker(library.find("2-4-4-1", Options(batch_size=1)))
    assert not scalars_are_quicker(library.find("2-4-4-1", Options(batch_size=64, examples=64)))
    assert not scalars_are_quicker(library.find("16-16-16-4", Options(batch_size=1)))
    assert not scalars_are_quicker(library.find("64-32-10"))


@given(networks())
@settings(max_examples=20)
def test_the_choice_depends_on_the_description_alone(network):
    assert Trainer(network).engine == Trainer(replace(network)).engine
