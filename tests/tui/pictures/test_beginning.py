"""The first minute: what is suggested leads on, holds true, and is gone after the first update."""

import re

import pytest
from hypothesis import given
from views import SIZES, exact, numbers_in, view_of, views, words

from backprop_tui.history.readings import Freshness
from backprop_tui.network.files.library import find
from backprop_tui.program.boundaries import Grain
from backprop_tui.session.session import Session
from backprop_tui.tui.commands.table import COMMANDS
from backprop_tui.tui.pictures.charts.loss import loss_picture
from backprop_tui.tui.pictures.explanation.beginning import next_key
from backprop_tui.tui.pictures.explanation.picture import chain_rule_picture
from backprop_tui.tui.pictures.rows import plain
from backprop_tui.tui.view import View

GRAINS = {"s": Grain.STATEMENT, "f": Grain.FORWARD, "b": Grain.BACKWARD, "u": Grain.UPDATE, "e": Grain.EPOCH}
NETWORKS = ["worked-example", "xor", "softmax", "1-1", "2-4-3", "one-linear-neuron"]


def suggested(view):
    """The key that is suggested; empty where none is."""
    return (re.match(r"next (\w):", next_key(view)[1]) or ["", ""])[1]


@pytest.mark.parametrize("name", NETWORKS)
def test_pressing_what_is_suggested_leads_to_the_end_of_the_first_update(name):
    session = Session(find(name))
    session.forward(Grain.FORWARD)
    keys = []
    while key := suggested(View(session, session.time)):
        keys.append(key)
        before = session.time
        session.forward(GRAINS[key])
        assert session.time > before
        assert len(keys) < 30
    assert keys[0] == "b"
    assert keys[-2:] == ["u", "e"]
    assert session.time > session.program.iteration_start(1)


@pytest.mark.parametrize("name", NETWORKS)
def test_from_any_statement_of_the_first_iteration_it_leads_on_in_few_words(name):
    session = Session(find(name))
    end = session.program.iteration_start(1)
    for time in range(1, end + 1):
        session.time = session.latest = 0
        session.jump(time)
        long, short = next_key(View(session, time))
        assert suggested(View(session, time))
        assert suggested(View(session, time)) in long
        assert len(short) <= 34
        assert len(long) <= 56
    session.jump(end + 1)
    assert next_key(View(session, end + 1)) == ("", "")
    session.jump(end - 1)
    assert next_key(View(session, end - 1)) == ("", ""), "also on the way back"


def test_every_key_that_is_named_has_a_command():
    keys = {key for command in COMMANDS for key in command.keys}
    rows = plain(chain_rule_picture(view_of(find()), 40, 9))
    named = [row.split()[0] for row in rows if row.startswith("  ") and row.strip()]
    assert named == ["f", "b", "u", "s"]
    assert {*named, "S", "F", "B", "U", "?"} <= keys


@pytest.mark.parametrize(("width", "height"), [(40, 9), (58, 9)])
def test_the_start_says_what_to_press_and_why(width, height):
    rows = [words(row) for row in plain(chain_rule_picture(view_of(find()), width, height))]
    assert rows[0] == "Nothing has been computed yet."
    assert "Press f first" in rows[1]
    assert "f forward: from input to loss" in rows
    assert "b backward: the error is sent back" in rows


# The picture of the loss before there is a curve


@pytest.mark.parametrize("name", [*NETWORKS, "digits", "straight-line", "mazur"])
@pytest.mark.parametrize(("width", "height"), [(40, 9), (58, 11), (118, 36)])
def test_the_examples_are_shown_and_nothing_that_has_not_been_computed(name, width, height):
    view = view_of(find(name))
    network, session = view.session.network, view.session
    rows = plain(loss_picture(view, width, height))
    given = {view.text(value) for row in (*network.data.inputs, *network.data.targets) for value in row}
    numbers = {text for text in numbers_in(rows) if re.search(r"\d", text)}
    assert numbers
    assert numbers <= given
    first = next(row for row in rows if "→" in row and "." in row)
    left, _, right = first.partition("→")
    assert words(left).split()[0] == view.text(network.data.inputs[0][0])
    assert words(right).split()[0] == view.text(network.data.targets[0][0])
    assert session.now.loss.freshness is Freshness.ABSENT
    assert any(row.startswith(" L = ") for row in rows)
    assert "f computes it" in " ".join(rows)


def test_a_value_that_was_set_by_hand_is_shown():
    view = view_of(find("xor"))
    view.session.set("x1", 7.5)
    assert "7.5000" in " ".join(plain(loss_picture(view, 58, 11)))


@given(views(), SIZES)
def test_it_has_the_size_of_its_pane(view, size):
    view.session.jump(0)
    assert exact(loss_picture(view.but(time=0, spot=None, cursor=None), *size), *size)


def test_a_view_from_before_a_jump_to_the_start_can_still_be_drawn():
    session = Session(find())
    session.forward()
    view = View(session, session.time)
    session.jump(0)  # a resize may draw the view before the one that follows is shown
    assert next_key(view)[0].startswith("f runs")
