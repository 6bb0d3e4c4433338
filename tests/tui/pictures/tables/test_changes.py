"""What differs between two moments: every value that does, and no iteration computed twice for it."""

from __future__ import annotations

import math

import pytest

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.history.moment import Moment
from backprop_tui.network.files.library import find
from backprop_tui.network.files.shapes import Options
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.rows import plain
from backprop_tui.tui.pictures.tables.changes import changes_length, changes_picture
from backprop_tui.tui.view import View


def within(session, iteration, ran):
    """A time within an iteration, so that some values are of the one before."""
    return session.program.iteration_start(iteration) + ran


def test_iterations_are_computed_once_though_both_moments_lie_within_one(monkeypatch):
    session = Session(find("digits", Options(examples=40)))
    since = within(session, 9, session.program.layout.forward + 100)
    session.jump(within(session, 4, session.program.layout.forward + 100))
    computed = []
    original = session.run.timeline._run

    def counted(state, number):
        computed.append(number)
        return original(state, number)

    monkeypatch.setattr(session.run.timeline, "_run", counted)
    view = View(session, session.time)
    for top in (0, 100, 0):
        assert changes_length(view, since) > 1000
        assert len(plain(changes_picture(view, since, 100, 30, top))) == 30
    assert sorted(computed) == [3, 4, 8, 9]


@pytest.mark.parametrize(
    ("network", "then", "now"), [("xor", 30, 200), ("worked-example", 0, 19), ("softmax", 44, 3)]
)
def test_each_value_that_differs_has_a_row_and_no_other(network, then, now):
    session = Session(find(network))
    session.jump(now)
    view, before = View(session, now), Moment(session.run, then)
    expected = [] if before.loss.value == session.now.loss.value else ["L"]
    for layer, width in enumerate(session.network.widths[1:], 1):
        for unit in range(width):
            named = [
                (view.name(Quantity(Kind(kind), layer, unit)), Quantity(Kind(kind), layer, unit))
                for kind in (
                    "weighted_sum",
                    "activation",
                    "activation_gradient",
                    "activation_derivative",
                    "delta",
                )
            ]
            for name, quantity in named:
                if before.read(quantity).value != session.now.read(quantity).value:
                    expected.append(name)
            for one in Parameter.of_unit(layer, unit, session.network.widths[layer - 1]):
                if before.read(one.gradient).value != session.now.read(one.gradient).value:
                    expected.append(view.name(one.gradient))
                old, new = before.parameter(one).value, session.now.parameter(one).value
                if old != new and not (math.isnan(old) and math.isnan(new)):
                    expected.append(session.names.parameter(*one))
    shown = plain(changes_picture(view, then, 90, len(expected) + 1, 0))
    assert [line.split()[0] for line in shown[1:]] == expected
    assert changes_length(view, then) == len(shown)
    assert plain(changes_picture(view, then, 90, 3, 2))[0] == shown[2]
