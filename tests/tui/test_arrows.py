"""Walking about with the arrows: every unit and weight can be reached, and a step can be taken back."""

from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.engine.quantities import Parameter
from backprop_tui.tui.arrows import neighbour
from backprop_tui.tui.view import Node

ARROWS = ((1, 0), (-1, 0), (0, 1), (0, -1))
WIDTHS = st.lists(st.integers(1, 5), min_size=2, max_size=5)


def spots(widths):
    """Every unit and parameter there is."""
    units = {Node(layer, unit) for layer, count in enumerate(widths) for unit in range(count)}
    return units | {
        Parameter(layer, unit, below)
        for layer in range(1, len(widths))
        for unit in range(widths[layer])
        for below in (*range(widths[layer - 1]), None)
    }


@given(WIDTHS)
def test_arrows_stay_within_the_network(widths):
    known = spots(widths)
    assert all(neighbour(widths, spot, *arrow) in known for spot in known for arrow in ARROWS)


@given(WIDTHS)
def test_everything_can_be_reached_from_anywhere(widths):
    reached, border = set(), {Node(1, 0)}
    while border:
        reached |= border
        border = {neighbour(widths, spot, *arrow) for spot in border for arrow in ARROWS} - reached
    assert reached == spots(widths)


@given(WIDTHS)
def test_up_and_down_undo_one_another_away_from_the_ends(widths):
    for spot in spots(widths):
        below = neighbour(widths, spot, 0, 1)
        assert below == spot or neighbour(widths, below, 0, -1) == spot


@given(WIDTHS)
def test_left_and_right_lead_from_unit_to_weight_to_unit(widths):
    for spot in spots(widths):
        for right in (1, -1):
            found = neighbour(widths, spot, right, 0)
            at_the_end = isinstance(spot, Node) and spot.layer == (len(widths) - 1 if right > 0 else 0)
            assert at_the_end == (found == spot)
            assert at_the_end or type(found) is not type(spot)


def test_through_the_worked_example():
    widths, spot, walked = (1, 1, 1), Node(0, 0), []
    for _ in range(5):
        spot = neighbour(widths, spot, 1, 0)
        walked.append(spot)
    assert walked == [Parameter(1, 0, 0), Node(1, 0), Parameter(2, 0, 0), Node(2, 0), Node(2, 0)]
    assert neighbour(widths, Parameter(1, 0, 0), 0, 1) == Parameter(1, 0, None), (
        "below a unit's weights lies its bias"
    )
    assert neighbour(widths, Parameter(1, 0, None), -1, 0) == Node(0, 0)
