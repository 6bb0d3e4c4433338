"""The identifiers: those of the textbook, and as the screen shows them."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.build import build
from backprop_tui.network.names import RESERVED, Names, shown
from backprop_tui.stops import words
from backprop_tui.stops.functions import FUNCTIONS


def names(*widths, **first_layer):
    layers = [{"units": width, "activation": "tanh"} for width in widths[1:]]
    layers[0] |= first_layer
    data = {"inputs": [[0.0] * widths[0]], "targets": [[0.0] * widths[-1]]}
    return Names(build({"network": {"inputs": widths[0], "layers": layers}, "data": data}))


def test_one_unit_a_layer_has_the_textbooks_names():
    n = names(1, 1, 1)
    assert [n.unit(0, 0), n.unit(1, 0), n.unit(2, 0)] == ["x", "h", "o"]
    assert [n.a(0, 0), n.z(1, 0), n.a(1, 0), n.z(2, 0), n.a(2, 0)] == ["x", "z_h", "a_h", "z_o", "a_o"]
    assert [n.weight(1, 0, 0), n.bias(1, 0), n.weight(2, 0, 0), n.bias(2, 0)] == ["w1", "b1", "w2", "b2"]
    assert [n.dL_da(2, 0), n.da_dz(2, 0), n.delta(2, 0)] == ["dL_da_o", "da_o_dz_o", "dL_dz_o"]
    assert n.target(0) == "y"


def test_several_units_are_numbered_from_one():
    n = names(2, 2, 2)
    assert [n.unit(layer, unit) for layer in range(3) for unit in range(2)] == [
        *("x1", "x2", "h1", "h2", "o1", "o2")
    ]
    assert n.weight(1, 0, 1) == "w_h1_x2"
    assert n.weight(2, 1, 0) == "w_o2_h1"
    assert n.bias(1, 1) == "b_h2"
    assert [n.target(0), n.target(1)] == ["y1", "y2"]


def test_one_output_keeps_its_plain_name_beside_numbered_ones():
    n = names(2, 2, 1)
    assert [n.unit(2, 0), n.target(0), n.weight(2, 0, 1), n.bias(2, 0)] == ["o", "y", "w_o_h2", "b_o"]


def test_several_hidden_layers_are_numbered_too():
    n = names(2, 3, 2, 1)
    assert n.unit(2, 0) == "h2_1"
    assert n.unit(1, 2) == "h1_3"
    assert n.weight(2, 0, 2) == "w_h2_1_h1_3"
    assert n.da_dz(2, 0) == "da_h2_1_dz_h2_1"


def test_without_a_hidden_layer_there_are_inputs_and_outputs():
    n = names(3, 1)
    assert [n.unit(0, 2), n.unit(1, 0), n.weight(1, 0, 2)] == ["x3", "o", "w_o_x3"]


def test_a_file_may_name_things_itself():
    n = names(1, 2, 1, units=["left", "right"], weight_names=[["alpha"], ["beta"]], bias_names=["bl", "br"])
    assert [n.unit(1, 0), n.z(1, 1), n.weight(1, 1, 0), n.bias(1, 0)] == ["left", "z_right", "beta", "bl"]
    assert n.weight(2, 0, 1) == "w_o_right"


@pytest.mark.parametrize(
    ("identifier", "screen"),
    [
        ("dL_dw2", "dL/dw2"),
        ("dL_da_o", "dL/da_o"),
        ("dL_dw_h1_x2", "dL/dw_h1_x2"),
        ("da_o_dz_o", "da_o/dz_o"),
        ("da_h2_1_dz_h2_1", "da_h2_1/dz_h2_1"),
        ("mean_dL_dw1", "mean dL/dw1"),
        ("learning_rate", "η"),
        ("z_h", "z_h"),
        ("w1", "w1"),
        ("L", "L"),
    ],
)
def test_derivatives_are_shown_as_fractions(identifier, screen):
    assert shown(identifier) == screen


def test_no_two_things_share_a_name():
    n = names(3, 4, 2, 2)
    widths = (3, 4, 2, 2)
    everything = [n.a(0, unit) for unit in range(3)] + [n.target(unit) for unit in range(2)]
    for layer in (1, 2, 3):
        for unit in range(widths[layer]):
            everything += [n.z(layer, unit), n.a(layer, unit), n.bias(layer, unit)]
            everything += [n.dL_da(layer, unit), n.da_dz(layer, unit), n.delta(layer, unit)]
            everything += [n.weight(layer, unit, below) for below in range(widths[layer - 1])]
            everything += ["dL_d" + n.parameter(layer, unit, i) for i in (None, *range(widths[layer - 1]))]
    assert len(everything) == len(set(everything))
    assert all(name.isidentifier() for name in everything)


@pytest.mark.parametrize("name", ["loss", "learning_rate", "if", "L", "phase"])
@pytest.mark.parametrize("where", ["units", "weight_names", "bias_names", "inputs"])
def test_no_word_of_the_debugger_can_be_given_as_a_name(name, where):
    assert where in str(refused(where, name))


@pytest.mark.parametrize("name", ["z_o", "a_o", "dL_da_o", "da_o_dz_o", "dL_dz_o", "y"])
@pytest.mark.parametrize("where", ["weight_names", "bias_names", "inputs"])
def test_no_name_of_something_computed_can_be_given(name, where):
    assert where in str(refused(where, name))


def refused(where, name):
    layer = {"units": 1, "activation": "sigmoid"}
    network = {"inputs": 1, "layers": [layer]}
    given = {"units": [name], "weight_names": [[name]], "bias_names": [name], "inputs": [name]}[where]
    (network if where == "inputs" else layer)[where] = given
    with pytest.raises(NetworkError) as error:
        build({"network": network, "data": {"inputs": [[1.0]], "targets": [[0.0]]}})
    return error.value


def test_every_word_of_conditions_is_reserved():
    assert {*words.WORDS, *FUNCTIONS} <= RESERVED


WORDS = [
    "a",
    "b",
    "a_b",
    "b_a",
    "z_a",
    "h1",
    "h2",
    "o",
    "x1",
    "y",
    "w_a_b",
    "w_o_a",
    "b_a_b",
    "dL_da",
    "dL_dz_o",
]


@given(st.data())
def test_given_names_are_refused_where_two_things_would_share_one(data):
    def some(count):
        return data.draw(
            st.one_of(st.none(), st.lists(st.sampled_from(WORDS), min_size=count, max_size=count))
        )

    inputs, units, weights, biases = some(2), some(2), some(4), some(2)
    plain = {"units": 2, "activation": "tanh"}
    layer = plain | {"units": units or 2}
    if weights:
        layer["weight_names"] = [weights[:2], weights[2:]]
    if biases:
        layer["bias_names"] = biases
    rest = {"data": {"inputs": [[0.0, 0.0]], "targets": [[0.0]]}}
    above = {"units": 1, "activation": "tanh"}
    unchecked = build({"network": {"inputs": 2, "layers": [plain, above]}, **rest})
    first = replace(
        unchecked.layers[0],
        unit_names=tuple(units or ()),
        weight_names=(tuple(weights[:2]), tuple(weights[2:])) if weights else (),
        bias_names=tuple(biases or ()),
    )
    unchecked = replace(unchecked, layers=(first, unchecked.layers[1]), input_names=tuple(inputs or ()))
    document = {"network": {"inputs": inputs or 2, "layers": [layer, above]}, **rest}
    if shared_names(Names(unchecked)):
        with pytest.raises(NetworkError, match="a name of its own"):
            build(document)
    else:
        assert build(document) == unchecked


def shared_names(n):
    """Every name that two things of a 2-2-1 network have, by looking at each two of them."""
    units = [(1, 0), (1, 1), (2, 0)]
    places = [(*unit, below) for unit in units for below in (0, 1, None)]
    things = [n.unit(0, 0), n.unit(0, 1), n.target(0), *(n.unit(*unit) for unit in units)]
    things += [name(*unit) for unit in units for name in (n.z, n.a, n.da_dz, n.delta, n.dL_da)]
    things += [n.parameter(*place) for place in places]
    things += ["dL_d" + n.parameter(*place) for place in places]
    return {one for one, other in combinations(things, 2) if one == other}
