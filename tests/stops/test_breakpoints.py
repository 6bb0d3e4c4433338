"""What a breakpoint may be, what it tells, and what is refused."""

import pytest

from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.network.files import library
from backprop_tui.stops.breakpoints import Breakpoint, understood
from backprop_tui.stops.conditions import Condition, ConditionError
from tests.stops.walking import one_weight


def test_what_is_written_means_statements_or_a_condition():
    network = library.find(None)
    assert understood("dL/dw1", network) == (Quantity(Kind.WEIGHT_GRADIENT, 1, 0, 0),)
    assert understood(" w1 ", network) == (Quantity(Kind.WEIGHT_UPDATE, 1, 0, 0),)
    assert Breakpoint.parse("phase update", network).quantities(network) == (
        Quantity(Kind.WEIGHT_UPDATE, 2, 0, 0),
    )
    assert [quantity.kind for quantity in Breakpoint("unit h").quantities(network)] == [
        *(Kind.WEIGHTED_SUM, Kind.ACTIVATION_GRADIENT, Kind.WEIGHT_UPDATE)
    ]
    condition = understood("w1 > 0.31", network)
    assert isinstance(condition, Condition)
    assert Breakpoint("w1 > 0.31").quantities(network) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dL_dw2", "stops where dL/dw2 is computed"),
        ("phase backward", "stops where a backward pass begins"),
        ("unit h", "stops where work at unit h begins, in each phase"),
        ("loss < 0.01", "stops when loss < 0.01 becomes true"),
    ],
)
def test_a_breakpoint_tells_what_it_does(text, words):
    network = library.find(None)
    assert Breakpoint.parse(f"  {text} ", network).describe(network) == words


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("phase bakward", "column 7: no phase is called bakward (did you mean backward?)"),
        ("unit q", "column 6: no unit is called q"),
        ("unit x", "column 6: x is an input: nothing is computed there"),
        ("1 < 2", "column 1: this never changes: name something that the program computes"),
        ("w1 * 2", "column 1: this is a number: compare it with something (as in w1 * 2 > 0)"),
        ("x", "column 1: x (given with each example) is a number: compare it with something (as in x > 0)"),
        ("dL_dw3", "column 1: nothing is called dL_dw3 (did you mean dL_dw2?)"),
        ("", "column 1: expected a condition, found nothing"),
    ],
)
def test_what_means_nothing_is_refused(text, message):
    with pytest.raises(ConditionError) as error:
        Breakpoint.parse(text, library.find(None))
    assert str(error.value) == message


def test_a_frozen_parameter_is_never_computed():
    with pytest.raises(ConditionError, match="b1 is frozen: no statement computes it"):
        Breakpoint.parse("b1", one_weight(1.0))
