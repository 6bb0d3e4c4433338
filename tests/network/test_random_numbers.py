"""Numbers drawn without NumPy are NumPy's, to the bit: so are weights, examples and their order."""

from __future__ import annotations

import subprocess
import sys
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.network import random_numbers
from backprop_tui.network.files.datasets.generators import STREAM
from backprop_tui.network.files.library import find
from backprop_tui.network.random_numbers import RandomNumbers, UniformRows, permutation
from backprop_tui.network.rules.initializers import INITIALIZERS, draw

SEEDS = st.lists(st.one_of(st.integers(0, 9), st.integers(0, 2**63 - 1)), min_size=1, max_size=7)
SHAPES = [(1, 1), (3, 2), (2, 50), (128, 784)]
BY_NUMPY = {
    "zeros": lambda g, s: np.zeros(s),
    "constant": lambda g, s: np.full(s, 0.5),
    "uniform": lambda g, s: g.uniform(-0.5, 0.5, s),
    "normal": lambda g, s: g.normal(0.0, 0.5, s),
    "xavier_uniform": lambda g, s: g.uniform(-sqrt(6.0 / sum(s)), sqrt(6.0 / sum(s)), s),
    "xavier_normal": lambda g, s: g.normal(0.0, sqrt(2.0 / sum(s)), s),
    "he_uniform": lambda g, s: g.uniform(-sqrt(6.0 / s[1]), sqrt(6.0 / s[1]), s),
    "he_normal": lambda g, s: g.normal(0.0, sqrt(2.0 / s[1]), s),
}


@given(SEEDS, st.floats(-10.0, 0.0), st.floats(0.0, 10.0), st.integers(0, 40))
def test_uniform_numbers(seeds, low, high, count):
    expected = np.random.default_rng(seeds).uniform(low, high, count)
    assert np.array(RandomNumbers(*seeds).uniform(low, high, count)).tobytes() == expected.tobytes()


@given(SEEDS, st.lists(st.tuples(st.sampled_from(["uniform", "normal"]), st.integers(0, 9)), max_size=6))
def test_one_after_another(seeds, asked):
    ours, numpys = RandomNumbers(*seeds), np.random.default_rng(seeds)
    for kind, count in asked:
        assert getattr(ours, kind)(0.5, 2.0, count) == getattr(numpys, kind)(0.5, 2.0, count).tolist()


@given(SEEDS, st.integers(0, 200))
def test_orders(seeds, count):
    assert permutation(seeds, count) == np.random.default_rng(seeds).permutation(count).tolist()


@pytest.mark.parametrize("count", [random_numbers.FEW, random_numbers.FEW + 1])
def test_orders_of_many(count):
    assert permutation([3, 0, 1], count) == np.random.default_rng([3, 0, 1]).permutation(count).tolist()


def test_so_many_that_numpy_draws_them():
    count = random_numbers.MANY + 1
    ours, numpys = RandomNumbers(5, 6), np.random.default_rng([5, 6])
    for size in (3, count, 3):
        assert ours.uniform(-1.0, 1.0, size) == numpys.uniform(-1.0, 1.0, size).tolist()


@pytest.mark.parametrize("name", INITIALIZERS)
@pytest.mark.parametrize("seed", [0, 7, 2**32 + 1])
def test_weights(name, seed):
    for layer, shape in enumerate(SHAPES, 1):
        found = draw(name, {}, shape, seed, layer)
        expected = BY_NUMPY[name](np.random.default_rng([seed, layer]), shape)
        assert np.array(found).tobytes() == expected.tobytes()
        assert all(type(value) is float for unit in found for value in unit)


def test_examples_drawn_at_random():
    data = find("5-3-2").data
    expected = np.random.default_rng([0, STREAM]).uniform(-1.0, 1.0, (4, 5))
    assert np.array(data.inputs).tobytes() == expected.tobytes()


def test_drawing_imports_no_numpy():
    code = "import sys; from backprop_tui.network.files.library import find; find('digits'); find('2-4-1')"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; print('numpy' in sys.modules)"], capture_output=True
    )
    assert done.stdout.strip() == b"False"


@given(SEEDS, st.integers(1, 30), st.integers(1, 9), st.data())
def test_rows_that_are_drawn_when_they_are_wanted(seeds, count, length, data):
    rows = UniformRows(tuple(seeds), -0.5, 2.0, (count, length))
    expected = tuple(map(tuple, np.random.default_rng(seeds).uniform(-0.5, 2.0, (count, length)).tolist()))
    for at in data.draw(st.lists(st.integers(-count, count - 1), max_size=4)):
        assert rows[at] == expected[at]
    for outside in (count, -count - 1):
        with pytest.raises(IndexError):
            rows[outside]
    assert np.array(rows, dtype=np.float64).tobytes() == np.array(expected).tobytes()
    assert (len(rows), rows[:2], tuple(rows), rows[-1]) == (count, expected[:2], expected, expected[-1])
    same = UniformRows(tuple(seeds), -0.5, 2.0, (count, length))
    assert rows == expected == same == rows
    assert hash(rows) == hash(expected)
    assert repr(rows) == repr(expected)
    assert rows != (*expected[:-1], (7.0,))
