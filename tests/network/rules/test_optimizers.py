"""The optimizers: their updates derived again by hand, and against plain loops over many updates."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain import updated
from strategies import optimizers

from backprop_tui.network.rules.optimizers import OPTIMIZERS, options_for, outcome

GRADIENTS = [0.5, -1.5, 0.25]


def settings_of(table):
    row = OPTIMIZERS[table["name"]]
    given_options = {key: float(value) for key, value in table.items() if key != "name"}
    return {name: option.default for name, option in row.options.items()} | given_options


def trail(name, start, gradients, **options):
    """A parameter after each update."""
    row, settings = OPTIMIZERS[name], settings_of({"name": name, **options})
    p = np.array([[start]])
    memory = row.initial_state_of(p, settings)
    values = []
    for t, g in enumerate(gradients, 1):
        p, memory = outcome(row.rule(p, np.array([[g]]), memory, t, settings), memory)
        values.append(float(p[0, 0]))
    return values


def test_the_table_has_the_optimizers_of_the_design_with_pytorchs_defaults():
    assert sorted(OPTIMIZERS) == ["adagrad", "adam", "adamw", "rmsprop", "sgd"]
    defaults = {name: {k: o.default for k, o in row.options.items()} for name, row in OPTIMIZERS.items()}
    adam = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
    decayed = {name: options.pop("decay_biases") for name, options in defaults.items()}
    assert decayed == dict.fromkeys(OPTIMIZERS, 1.0), "which PyTorch says by groups of parameters"
    assert defaults == {
        "sgd": {"learning_rate": 1e-3, "momentum": 0, "dampening": 0, "nesterov": 0, "weight_decay": 0},
        "adagrad": {"learning_rate": 1e-2, "lr_decay": 0, "weight_decay": 0, "eps": 1e-10},
        "rmsprop": {
            "learning_rate": 1e-2,
            "alpha": 0.99,
            "eps": 1e-8,
            "weight_decay": 0,
            "momentum": 0,
            "centered": 0,
        },
        "adam": {"learning_rate": 1e-3, "weight_decay": 0, **adam},
        "adamw": {"learning_rate": 1e-3, "weight_decay": 0.01, **adam},
    }


def test_plain_descent():
    assert trail("sgd", 1.0, [0.5, -1.5], learning_rate=0.1) == pytest.approx([0.95, 1.1])


def test_momentum():
    # v: 0.5; 0.9·0.5 − 1.5 = −1.05
    values = trail("sgd", 1.0, [0.5, -1.5], learning_rate=0.1, momentum=0.9)
    assert values == pytest.approx([1.0 - 0.05, 0.95 + 0.105])


def test_dampening_takes_a_share_off_each_gradient_but_the_first():
    # v: 0.5; 0.9·0.5 − 0.25·1.5 = 0.075
    values = trail("sgd", 1.0, [0.5, -1.5], learning_rate=0.1, momentum=0.9, dampening=0.75)
    assert values == pytest.approx([0.95, 0.95 - 0.0075])


def test_nesterov():
    # steps: 0.5 + 0.9·0.5 = 0.95; −1.5 + 0.9·(−1.05) = −2.445
    values = trail("sgd", 1.0, [0.5, -1.5], learning_rate=0.1, momentum=0.9, nesterov=True)
    assert values == pytest.approx([1.0 - 0.095, 0.905 + 0.2445])


def test_weight_decay_adds_to_the_gradient():
    # gradients: 0.5 + 0.1·1 = 0.6; 0.5 + 0.1·0.94 = 0.594
    values = trail("sgd", 1.0, [0.5, 0.5], learning_rate=0.1, weight_decay=0.1)
    assert values == pytest.approx([0.94, 0.94 - 0.0594])


def test_adagrad():
    # s: 9, 25; steps 0.1·3/3 and 0.1·4/5
    assert trail("adagrad", 1.0, [3.0, 4.0], learning_rate=0.1, eps=0.0) == pytest.approx([0.9, 0.82])


def test_adagrads_learning_rate_decays_from_the_second_update_on():
    values = trail("adagrad", 1.0, [3.0, 4.0], learning_rate=0.1, lr_decay=1.0, eps=0.0)
    assert values == pytest.approx([0.9, 0.9 - 0.05 * 0.8])


def test_rmsprop():
    # v: 0.75·16 = 12 with alpha 0.25; then 0.25·12 + 0.75·4 = 6
    values = trail("rmsprop", 1.0, [4.0, 2.0], learning_rate=0.1, alpha=0.25, eps=1.0)
    first = 1.0 - 0.1 * 4.0 / (math.sqrt(12.0) + 1.0)
    assert values == pytest.approx([first, first - 0.1 * 2.0 / (math.sqrt(6.0) + 1.0)])


def test_rmsprop_centered_with_momentum():
    # v = 12, m = 3: root √3; then v = 6, m = 0.75 + 1.5 = 2.25: root √0.9375
    values = trail(
        "rmsprop", 1.0, [4.0, 2.0], learning_rate=0.1, alpha=0.25, eps=0.0, centered=True, momentum=0.5
    )
    b1 = 4.0 / math.sqrt(3.0)
    b2 = 0.5 * b1 + 2.0 / math.sqrt(0.9375)
    assert values == pytest.approx([1.0 - 0.1 * b1, 1.0 - 0.1 * b1 - 0.1 * b2])


def test_adams_first_step_is_the_learning_rate_whatever_the_gradient():
    for g in (1e-3, 7.0, -250.0):
        assert trail("adam", 1.0, [g], learning_rate=0.1, eps=0.0)[0] == pytest.approx(
            1.0 - math.copysign(0.1, g), rel=1e-12
        )


def test_adams_second_step():
    # m: 0.5·1 = 0.5, 0.25 + 0.5·3 = 1.75, /0.75; v: 0.25·1, 0.75·0.25 + 0.25·9 = 2.4375, /0.4375
    values = trail("adam", 1.0, [1.0, 3.0], learning_rate=0.1, beta1=0.5, beta2=0.75, eps=0.0)
    assert values == pytest.approx([0.9, 0.9 - 0.1 * (1.75 / 0.75) / math.sqrt(2.4375 / 0.4375)])


def bias_trail(name, start, gradients, **options):
    """The values of a bias over its updates, with the names of the first update's lines."""
    row = OPTIMIZERS[name]
    settings = options_for({k: o.default for k, o in row.options.items()} | options, bias=True)
    p, values = np.array([start]), []
    state, names = row.initial_state_of(p, settings), []
    for t, g in enumerate(gradients, 1):
        lines = row.rule(p, np.array([g]), state, t, settings)
        names = names or [line.name for line in lines]
        p, state = outcome(lines, state)
        values.append(float(p[0]))
    return values, names


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_bias_that_is_not_decayed_goes_its_way_without_weight_decay(name):
    decayed, usual = bias_trail(name, 1.0, [0.5, -0.25, 0.125], weight_decay=0.3)
    spared, names = bias_trail(name, 1.0, [0.5, -0.25, 0.125], weight_decay=0.3, decay_biases=0.0)
    plain = trail(name, 1.0, [0.5, -0.25, 0.125], weight_decay=0.0)
    assert spared == pytest.approx(plain, rel=1e-15)
    assert spared != pytest.approx(decayed, rel=1e-6)
    assert [one for one in usual if one not in ("g", "decayed")] == names, "the line of the decay is left out"
    assert usual != names


def test_single_biases_in_closed_form():
    # sgd: 1 − 0.1·0.5, a step of the gradient alone; adamw: the first step is the learning rate
    assert bias_trail("sgd", 1.0, [0.5, 0.5], learning_rate=0.1, weight_decay=0.1, decay_biases=0.0)[0] == (
        pytest.approx([0.95, 0.9], rel=1e-15)
    )
    options = {"learning_rate": 0.1, "weight_decay": 0.5, "eps": 0.0}
    assert bias_trail("adamw", 1.0, [7.0], **options, decay_biases=0.0)[0] == pytest.approx([0.9], rel=1e-15)
    assert bias_trail("adamw", 1.0, [7.0], **options)[0] == pytest.approx([0.95 - 0.1], rel=1e-15)
    # adam: with the decay in the gradient the sign may turn: 0.5·1 − 0.25 > 0, without it −0.25 < 0
    options = {"learning_rate": 0.1, "weight_decay": 0.5, "eps": 0.0}
    assert bias_trail("adam", 1.0, [-0.25], **options)[0] == pytest.approx([0.9], rel=1e-15)
    assert bias_trail("adam", 1.0, [-0.25], **options, decay_biases=0.0)[0] == pytest.approx([1.1], rel=1e-15)


def test_adamw_shrinks_the_parameter_itself():
    decayed = trail("adamw", 1.0, [1.0], learning_rate=0.1, weight_decay=0.5, eps=0.0)[0]
    assert decayed == pytest.approx(1.0 * (1.0 - 0.05) - 0.1)
    assert trail("adamw", 1.0, GRADIENTS, weight_decay=0.0) == trail("adam", 1.0, GRADIENTS)


@given(optimizers(), st.lists(st.floats(-10, 10), min_size=1, max_size=8), st.floats(-3, 3))
def test_many_updates_agree_with_plain_loops(table, gradients, start):
    name, options = table["name"], {key: value for key, value in table.items() if key != "name"}
    p, memory, expected = start, {}, []
    for t, g in enumerate(gradients, 1):
        p = updated(name, settings_of(table), p, g, memory, t)
        expected.append(p)
    assert trail(name, start, gradients, **options) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(optimizers())
def test_a_whole_layer_is_updated_as_its_numbers_are(table):
    row, settings = OPTIMIZERS[table["name"]], settings_of(table)
    p, g = np.array([[1.0, -2.0], [0.5, 0.0]]), np.array([[0.1, 0.2], [-0.3, 0.0]])
    state = row.initial_state_of(p, settings)
    whole, _ = outcome(row.rule(p, g, state, 1, settings), state)
    for index in np.ndindex(p.shape):
        one, slope = np.array([p[index]]), np.array([g[index]])
        alone, _ = outcome(row.rule(one, slope, row.initial_state_of(one, settings), 1, settings), {})
        assert whole[index] == alone[0]


@given(optimizers())
def test_the_arrays_that_go_in_are_left_alone(table):
    row, settings = OPTIMIZERS[table["name"]], settings_of(table)
    p, g = np.array([1.0, -2.0]), np.array([0.5, 0.25])
    memory = row.initial_state_of(p, settings)
    before = {name: array.copy() for name, array in memory.items()}
    outcome(row.rule(p, g, memory, 1, settings), memory)
    assert p.tolist() == [1.0, -2.0]
    assert g.tolist() == [0.5, 0.25]
    assert all(np.array_equal(memory[name], before[name]) for name in before)
    assert row.rule(p, g, memory, 1, settings)[-1].name == "new"
