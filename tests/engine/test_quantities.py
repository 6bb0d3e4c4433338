"""Quantities and parameters name one another, and find themselves in arrays."""

from itertools import count, product

import numpy as np
from msgspec.structs import replace

from backprop_tui.engine.quantities import Kind, Parameter, Phase, Quantity
from backprop_tui.engine.state import Parameters, TrainingState, initial_state
from backprop_tui.network.files import library

SHAPES = ((3, 2), (2, 3))
"""Units and inputs of each layer of 2-3-2."""


def test_a_parameter_names_its_gradient_and_its_new_value():
    weight, bias = Parameter(2, 1, 0), Parameter(2, 1, None)
    assert weight.gradient == Quantity(Kind.WEIGHT_GRADIENT, 2, 1, 0)
    assert weight.update == Quantity(Kind.WEIGHT_UPDATE, 2, 1, 0)
    assert bias.gradient == Quantity(Kind.BIAS_GRADIENT, 2, 1, None)
    assert bias.update == Quantity(Kind.BIAS_UPDATE, 2, 1, None)
    assert (weight.is_bias, bias.is_bias) == (False, True)


def test_a_quantity_names_the_parameter_that_it_is_about():
    for parameter in (Parameter(1, 0, 0), Parameter(3, 2, None)):
        assert parameter.gradient.parameter == parameter
        assert parameter.update.parameter == parameter
        assert (parameter.gradient.phase, parameter.update.phase) == (Phase.BACKWARD, Phase.UPDATE)
    for kind in (Kind.WEIGHTED_SUM, Kind.ACTIVATION, Kind.ACTIVATION_GRADIENT, Kind.DELTA):
        assert Quantity(kind, 1, 0).parameter is None
    assert Quantity(Kind.LOSS).parameter is None


def test_a_parameter_finds_itself_among_all_others():
    """Every weight and bias in turn, in arrays that hold a number of its own for each."""
    network = library.find("2-3-2")
    numbers = count()
    weights = tuple(np.array([[float(next(numbers)) for _ in range(n)] for _ in range(m)]) for m, n in SHAPES)
    biases = tuple(np.array([float(next(numbers)) for _ in range(m)]) for m, _ in SHAPES)
    state = TrainingState(
        Parameters(weights, biases), tuple({"v": -w} for w in weights), tuple({"v": -b} for b in biases)
    )
    for layer, (units, inputs) in enumerate(SHAPES, 1):
        assert (network.layers[layer - 1].units, network.layers[layer - 1].inputs) == (units, inputs)
        for unit in range(units):
            found = list(Parameter.of_unit(layer, unit, inputs))
            assert found == [Parameter(layer, unit, below) for below in [*range(inputs), None]]
            assert [one.number(inputs) for one in found] == list(range(inputs + 1))
            expected = [*weights[layer - 1][unit].tolist(), float(biases[layer - 1][unit])]
            assert [state.parameters.value(one) for one in found] == expected
            assert [state.optimizer_state(one) for one in found] == [{"v": -value} for value in expected]


def test_one_parameter_is_replaced_and_no_other():
    parameters = initial_state(library.find("2-3-2")).parameters
    everything = [
        one
        for n, (m, k) in enumerate(SHAPES, 1)
        for unit in range(m)
        for one in Parameter.of_unit(n, unit, k)
    ]
    before = [parameters.value(one) for one in everything]
    for place, parameter in enumerate(everything):
        changed = parameters.replaced(parameter, 7.5)
        assert [changed.value(one) for one in everything] == [*before[:place], 7.5, *before[place + 1 :]]
        assert [parameters.value(one) for one in everything] == before


def test_a_frozen_parameter_is_what_the_layer_says():
    layer = library.find().layers[0]
    for weights, biases in product((False, True), repeat=2):
        frozen = replace(layer, frozen_weights=weights, frozen_biases=biases)
        network = replace(library.find(), layers=(frozen, library.find().layers[1]))
        assert Parameter(1, 0, 0).frozen(network) == weights
        assert Parameter(1, 0, None).frozen(network) == biases
