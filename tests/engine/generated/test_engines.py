"""Both engines: each agrees with itself however it is asked, and with the other to the last few digits.

The bounds. Every quantity of an iteration is a sum or product of a few numbers that both engines round
alike but for the order of a sum and the last digit of exp, log and tanh: here 64 roundings (1.4e-14) relative
to the largest number in the same array, more where the loss divides by a small output. Updates are compared
for the same gradient, for an adaptive optimizer divides a gradient by its own size, and so makes a difference
of 1e-17 against 0 one of a whole step.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from strategies import documents, networks

from backprop_tui.engine.epochs import Run, run
from backprop_tui.engine.generated.quicker_engine import scalars_are_quicker
from backprop_tui.engine.generated.tracing.expressions import SlowPathWarning
from backprop_tui.engine.reference import backward, forward, update
from backprop_tui.engine.training import Givens, Trainer
from backprop_tui.network.files import library
from backprop_tui.network.files.build import build
from backprop_tui.network.files.shapes import Options
from backprop_tui.network.rules import activations, losses, optimizers
from backprop_tui.network.rules.activations import ACTIVATIONS

ENGINES = ("scalars", "arrays")
ROUNDINGS = 64 * 2.0**-52
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


# Where Python raises


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


def test_a_sigmoid_of_a_very_negative_z_is_0_in_both():
    """math.exp raises there, and the limit is 0."""
    network = one_unit("sigmoid", -2000.0)
    for engine in ENGINES:
        (result,) = run_with(engine, network, 1)
        assert result.predictions.tolist() == [[0.0], [0.0]]
        assert result.loss == 0.0


def run_with(engine, network, epochs):
    subject = Trainer(network, engine)
    state = subject.initial_state()
    for epoch in range(epochs):
        state, found, outputs = subject.epoch(state, epoch)
        yield Result(found.tolist(), outputs, state)


class Result:
    def __init__(self, found, predictions, state):
        self.losses, self.predictions, self.state = found, predictions, state
        self.loss = sum(found) / len(found)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
@pytest.mark.parametrize("weight", [1e308, -1e308, 1e5, -1e5])
def test_extremes_agree(activation, weight):
    """Also inf and nan: a condition in the text hides none."""
    network = one_unit(activation, weight, x=3.0, y=0.5)
    results = [list(run_with(engine, network, 3)) for engine in ENGINES]
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one.predictions, other.predictions, rtol=1e-13)
        np.testing.assert_allclose(one.losses, other.losses, rtol=1e-13)


@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_not_a_number_stays_one(activation):
    """Through value and slope, as IEEE 754 has it; max and comparisons in Python would lose it."""
    network = one_unit(activation, 1.0)
    for engine in ENGINES:
        subject = Trainer(network, engine)
        given_ = subject.givens
        givens = Givens(np.full_like(given_.inputs, math.nan), given_.targets, given_.settings)
        iteration = subject.iterate(subject.initial_state(), 0, givens)
        for name, arrays in quantities(iteration).items():
            flat = name == "da_dz" and activation == "identity"
            assert flat or name == "dL_da" or all(np.isnan(array).all() for array in arrays), (engine, name)
        assert np.isnan(iteration.after.parameters.weights[0]).all()


def test_a_run_in_which_every_other_iteration_raises_goes_through_both_engines():
    """The first example's z is far below where exp overflows, the second's is not."""
    layer = {"units": 1, "activation": "sigmoid", "weights": [[1.0]]}
    data = {"inputs": [[-800.0], [1.0], [-900.0]], "targets": [[0.5], [0.25], [0.5]]}
    training = {"batch_size": 1, "optimizer": {"learning_rate": 1e-3}}
    network = build({"network": {"inputs": 1, "layers": [layer]}, "training": training, "data": data})
    iterations = assert_advancing_is_iterating(network, "scalars", 10)
    outputs = [float(iteration.forward.a[-1][0, 0]) for iteration in iterations]
    assert outputs[0] == outputs[2] == 0.0
    assert outputs[1] == pytest.approx(1 / (1 + math.exp(-1.0)), rel=1e-15)


# The tables


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


# Names


NAMES = ["losses", "batch", "t", "t1", "seen", "__debug__", "state", "len", "exp", "math", "ﬁ", "fi", "²x"]


@given(documents(layers=2, units=3), st.permutations(NAMES), st.sampled_from(["inputs", "units", "weights"]))
@settings(max_examples=40)
def test_a_files_names_change_no_number(document, names, what):
    plain_network = build(document)
    network, layers = document["network"], document["network"]["layers"]
    if what == "inputs":
        network["inputs"] = names[: network["inputs"]]
    elif what == "units":
        layers[0]["units"] = names[: layers[0]["units"]]
    else:
        rows = layers[0]["weights"]
        wide = [f"{name}{number}"[-16:] for name in names for number in (5, 6)]
        layers[0]["weight_names"] = [[wide.pop() for _ in row] for row in rows]
    try:
        named = build(document)
    except ValueError:  # a name that the debugger itself refuses
        return
    results = [trainer(one, "scalars") for one in (named, plain_network)]
    (one, first), (other, second) = (subject.advance(subject.initial_state(), 0, 4) for subject in results)
    np.testing.assert_array_equal(first, second)
    assert_same_bits(one, other)


def test_no_name_can_smuggle_code_in():
    """Names that no file may have, given in Python: each becomes an identifier and nothing more."""
    from backprop_tui.engine.generated.scalar_text import scalar_text

    evil = [
        "x = exit()",
        "x\nraise SystemExit",
        "import os;",
        '"""',
        "lambda: 0",
        "",
        "a.b",
        "x#",
        "None",
        "é²",
    ]
    layer = {"units": 1, "activation": "tanh", "weights": [[0.1] * len(evil)]}
    data = {"inputs": [[1.0] * len(evil)], "targets": [[1.0]]}
    plain_network = build({"network": {"inputs": len(evil), "layers": [layer]}, "data": data})
    network = replace(plain_network, input_names=tuple(evil))
    for name in scalar_text(network).inputs:
        assert name.isidentifier()
    results = [trainer(one, "scalars") for one in (network, plain_network)]
    (_, first), (_, second) = (subject.advance(subject.initial_state(), 0, 3) for subject in results)
    assert first == second


# The choice


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


# Runs


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
