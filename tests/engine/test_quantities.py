"""Quantities and parameters name one another."""

from backprop_tui.engine.quantities import Kind, Parameter, Phase, Quantity


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
