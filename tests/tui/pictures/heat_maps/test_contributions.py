"""The largest terms of a unit's sums, against all terms sorted one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import networks

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.history.edits import Settable, Target
from backprop_tui.history.readings import Freshness
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find
from backprop_tui.program.boundaries import Grain
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.heat_maps.contributions import contributions, largest

MOST = 3


def biggest(terms):
    """The sizes of the largest products of some terms, the largest first."""
    return sorted((abs(product) for *_, product in terms), reverse=True)[:MOST]


def all_of_z(session, layer, unit):
    """Every term of a weighted sum, read one by one."""
    names = session.names
    terms = []
    for i in range(session.network.widths[layer - 1]):
        a = (
            session.now.read(Quantity(Kind.ACTIVATION, layer - 1, i)).value
            if layer > 1
            else session.now.input(i)
        )
        w = session.now.parameter(Parameter(layer, unit, i)).value
        terms.append((names.unit(layer - 1, i), a, w, a * w))
    b = session.now.parameter(Parameter(layer, unit, None)).value
    return [*terms, (names.bias(layer, unit), b, None, b)]


def all_of_dL_da(session, layer, unit):
    """Every term of a hidden unit's dL/da, read one by one."""
    terms = []
    for k in range(session.network.widths[layer + 1]):
        delta = session.now.read(Quantity(Kind.DELTA, layer + 1, k)).value
        w = session.now.parameter(Parameter(layer + 1, k, unit)).value
        terms.append((f"δ_{session.names.unit(layer + 1, k)}", delta, w, delta * w))
    return terms


def agree(found, expected):
    assert [abs(term.product) for term in found.terms] == biggest(expected)
    assert {tuple(term) for term in found.terms} <= set(expected)
    assert len(found.terms) + found.others == len(expected)


@given(networks(units=6), st.data())
def test_the_terms_of_a_weighted_sum(network, data):
    session = Session(network)
    for _ in range(data.draw(st.integers(1, 12))):
        session.forward(Grain.STATEMENT)
        subject = session.statement
        if subject.kind is not Kind.WEIGHTED_SUM:
            continue
        _, layer, unit, _ = subject.quantity
        found = contributions(session, layer, unit, subject.kind, MOST)
        agree(found, all_of_z(session, layer, unit))
        assert found.total.value == session.now.read(subject.quantity).value


@given(networks(units=6))
def test_the_terms_of_an_error_that_comes_down(network):
    session = Session(network)
    session.forward(Grain.BACKWARD)
    for layer in range(1, len(network.layers)):
        for unit in range(network.widths[layer]):
            found = contributions(session, layer, unit, Kind.DELTA, MOST)
            agree(found, all_of_dL_da(session, layer, unit))
            assert (
                found.total.value == session.now.read(Quantity(Kind.ACTIVATION_GRADIENT, layer, unit)).value
            )


@given(networks(units=6))
def test_the_largest_gradients_of_a_unit(network):
    session = Session(network)
    session.forward(Grain.BACKWARD)
    for layer in range(1, len(network.widths)):
        for unit in range(network.widths[layer]):
            found = contributions(session, layer, unit, Kind.BIAS_GRADIENT, MOST)
            below = range(network.widths[layer - 1])
            all_of_them = [
                session.now.read(Quantity(Kind.WEIGHT_GRADIENT, layer, unit, i)).value for i in below
            ]
            sizes = sorted(map(abs, all_of_them), reverse=True)[:MOST]
            assert [abs(term.product) for term in found.terms] == sizes
            assert all(term.left == found.total.value for term in found.terms)


@given(networks(units=6))
def test_the_largest_changes_of_a_unit(network):
    session = Session(network)
    session.forward(Grain.UPDATE)
    for layer in range(1, len(network.widths)):
        if network.layers[layer - 1].frozen_weights:
            continue
        for unit in range(network.widths[layer]):
            found = contributions(session, layer, unit, Kind.WEIGHT_UPDATE, MOST)
            below = range(network.widths[layer - 1])
            changes = [
                session.now.parameter(Parameter(layer, unit, i)).value
                - session.now.parameter_before(Parameter(layer, unit, i)).value
                for i in below
            ]
            assert [abs(term.product) for term in found.terms] == sorted(map(abs, changes))[::-1][:MOST]
            assert all(term.right == term.left + term.product for term in found.terms)


def test_nothing_is_said_before_it_is_computed():
    session = Session(find("3-4-3"))
    assert contributions(session, 1, 0, None, MOST) is None
    session.forward(Grain.STATEMENT)
    assert contributions(session, 0, 0, None, MOST) is None
    assert contributions(session, 1, 0, Kind.WEIGHTED_SUM, MOST) is not None
    assert contributions(session, 1, 1, Kind.WEIGHTED_SUM, MOST) is None
    session.forward(Grain.BACKWARD)
    session.forward(Grain.STATEMENT)
    assert session.now.read(Quantity(Kind.WEIGHTED_SUM, 1, 1)).freshness is not Freshness.CURRENT
    assert contributions(session, 1, 1, None, MOST) is None, "what is left from before is no sum of now"


def test_a_weight_that_is_set_later_does_not_change_the_terms_of_before():
    raw = {
        "network": {
            "inputs": 2,
            "layers": [{"units": 1, "activation": "identity", "weights": [[2.0, 3.0]], "biases": [0.5]}],
        },
        "data": {"inputs": [[1.0, 10.0]], "targets": [[0.0]]},
    }
    session = Session(build(raw))
    session.forward(Grain.STATEMENT)
    session.edit(Settable(Target.PARAMETER, Parameter(1, 0, 1)), 50.0)
    session.edit(Settable(Target.INPUT, unit=0), -7.0)
    found = contributions(session, 1, 0, Kind.WEIGHTED_SUM, MOST)
    assert [tuple(term) for term in found.terms] == [
        ("x2", 10.0, 3.0, 30.0),
        ("x1", 1.0, 2.0, 2.0),
        ("b1" if session.network.widths == (1, 1) else "b_o", 0.5, None, 0.5),
    ]
    assert found.total.value == 32.5


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=200), st.integers(1, 6))
def test_the_largest_are_chosen_in_order_of_size_ties_by_place(numbers, most):
    expected = sorted(range(len(numbers)), key=lambda i: (-abs(numbers[i]), i))[:most]
    found = largest(np.array(numbers, dtype=float), most)
    assert [abs(numbers[i]) for i in found] == [abs(numbers[i]) for i in expected]
    if len(numbers) <= 16 * most:
        assert found == expected


@pytest.mark.parametrize("size", [5, 500])
def test_what_is_not_a_number_comes_first(size):
    products = np.ones(size)
    products[3] = np.nan
    assert largest(products, 2)[0] == 3


def test_a_weight_that_is_set_on_the_way_back_counts_from_then_on():
    session = Session(find("3-4-3"))
    session.forward(Grain.FORWARD)
    session.edit(Settable(Target.PARAMETER, Parameter(2, 1, 0)), 50.0)
    session.jump(session.program.next_time(Quantity(Kind.ACTIVATION_GRADIENT, 1, 0), session.time))
    expected = all_of_dL_da(session, 1, 0)
    assert 50.0 in [w for _, _, w, _ in expected]
    session.edit(Settable(Target.PARAMETER, Parameter(2, 1, 0)), -1.0)
    found = contributions(session, 1, 0, Kind.ACTIVATION_GRADIENT, MOST)
    agree(found, expected)
