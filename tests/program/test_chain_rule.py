"""The chain rule written out: the sum of its path products is the gradient."""

from math import prod

import pytest
from hypothesis import given, settings
from strategies import networks

from backprop_tui.engine.quantities import Kind
from backprop_tui.network.files import library
from backprop_tui.network.files.build import build
from backprop_tui.program.chain_rule import MOST_PATHS
from backprop_tui.session.session import Session


def chain_at(session, step):
    session.jump(step)
    return session.explain().chain


def test_the_long_chain_of_the_worked_example_in_full():
    chain = chain_at(Session(library.find()), 14)
    (path,) = chain.paths
    assert [factor.symbol for factor in path.factors] == [
        *("dL/da_o", "da_o/dz_o", "dz_o/da_h", "da_h/dz_h", "dz_h/dw1")
    ]
    assert [factor.equals for factor in path.factors] == ["", "", "w2", "", "x"]
    values = [-0.35582679720687027, 0.2292140875963711, 0.7, 0.24613408273759835, 0.5]
    assert [factor.term.value for factor in path.factors] == pytest.approx(values, rel=1e-15)
    assert [factor.reused for factor in path.factors] == [True, True, False, False, False]
    assert path.value == pytest.approx(-0.007026187862560153, rel=1e-15)
    first, second = path.signals
    assert (first.first, first.last, first.term.symbol, first.term.reused) == (0, 1, "dL_dz_o", True)
    assert (second.first, second.last, second.term.symbol) == (0, 3, "dL_dz_h")
    assert not chain.recursive


def test_the_short_chain_and_the_bias_of_the_worked_example():
    session = Session(library.find())
    (path,) = chain_at(session, 9).paths
    assert [factor.symbol for factor in path.factors] == ["dL/da_o", "da_o/dz_o", "dz_o/dw2"]
    assert path.factors[-1].equals == "a_h"
    assert not any(factor.reused for factor in path.factors)
    (path,) = chain_at(session, 15).paths
    assert path.factors[-1].symbol == "dz_h/db1"
    assert path.factors[-1].term.value == 1.0


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5, 6, 7, 16, 19])
def test_other_statements_have_no_chain(step):
    assert chain_at(Session(library.find()), step) is None


def close(value):
    return pytest.approx(value, rel=1e-8, abs=1e-10)


def chains_hold(network, epochs=1):
    session = Session(network)
    seen = 0
    for time in range(1, epochs * session.program.statements + 1):
        session.jump(time)
        explanation = session.explain()
        chain = explanation.chain
        if chain is None:
            continue
        seen += 1
        assert sum(path.value for path in chain.paths) == close(explanation.value), explanation.formula()
        assert len(chain.paths) <= MOST_PATHS
        assert len({tuple(f.symbol for f in path.factors) for path in chain.paths}) == len(chain.paths)
        for path in chain.paths:
            for signal in path.signals:
                factors = path.factors[signal.first : signal.last + 1]
                assert prod(f.term.value for f in factors) == close(signal.term.value)
        assert all(factor.symbol != own(explanation) for path in chain.paths for factor in path.factors)
    return seen


def own(explanation):
    """How a factor would be called that is the quantity itself."""
    return explanation.formula().split(" = ")[0]


@given(networks(layers=3, units=3, examples=2))
@settings(max_examples=50)
def test_the_sum_of_the_paths_is_the_gradient(network):
    chains_hold(network, epochs=2)


@pytest.mark.parametrize(
    "layers",
    [
        [(1, "tanh"), (2, "softmax"), (2, "identity")],
        [(2, "tanh"), (2, "softmax"), (2, "softmax")],
        [(2, "softmax"), (2, "tanh"), (2, "softmax")],
        [(1, "tanh"), (5, "tanh"), (1, "tanh")],
        [(1, "tanh"), (1, "softmax"), (1, "tanh")],
    ],
    ids=str,
)
def test_softmax_layers_on_the_way_are_not_counted_twice(layers):
    """The error signal of a softmax unit sums up all that lies above it already."""
    rows = [{"units": units, "activation": activation} for units, activation in layers]
    data = {"inputs": [[0.5, -1.0]], "targets": [[0.3, 0.9][: layers[-1][0]]]}
    network = build({"network": {"inputs": 2, "layers": rows}, "training": {"seed": 1}, "data": data})
    assert chains_hold(network) > 3


def test_paths_are_as_many_as_there_are_ways_up():
    rows = [{"units": units, "activation": "tanh"} for units in (1, 2, 2)]
    data = {"inputs": [[0.5]], "targets": [[0.3, 0.9]]}
    session = Session(build({"network": {"inputs": 1, "layers": rows}, "data": data}))
    counts = {}
    for index in range(session.program.statements):
        session.jump(index + 1)
        explanation = session.explain()
        if explanation.statement.kind is Kind.WEIGHT_GRADIENT:
            counts[explanation.statement.quantity.layer] = explanation.chain.count
    assert counts == {3: 1, 2: 2, 1: 4}


def test_more_paths_than_are_written_out_are_one_product_with_a_sum_in_it():
    rows = [{"units": units, "activation": "tanh"} for units in (1, 3, 2)]
    data = {"inputs": [[0.5]], "targets": [[0.3, 0.9]]}
    session = Session(build({"network": {"inputs": 1, "layers": rows}, "data": data}))
    session.jump(next(
        s.time
        for s in map(session.program.statement, range(session.program.statements))
        if s.kind is Kind.WEIGHT_GRADIENT and s.quantity.layer == 1
    ))  # fmt: skip
    chain = session.explain().chain
    assert chain.count == 6
    assert chain.recursive
    assert [factor.symbol for factor in chain.paths[0].factors] == [
        "dL/da_h1_1",
        "da_h1_1/dz_h1_1",
        "dz_h1_1/dw_h1_1_x",
    ]


def test_a_factor_not_computed_yet_leaves_the_product_open():
    session = Session(library.find())
    session.jump(6)
    path = session.explain(session.program.statement(13)).chain.paths[0]
    assert [factor.term.value is None for factor in path.factors] == [False, True, False, True, False]
    assert path.value is None
