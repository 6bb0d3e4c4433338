"""Curves of runs side by side: each with its name at its end, and told apart without colours."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from views import views

from backprop_tui.network.files.library import find
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.charts.loss import loss_chart, loss_picture, loss_pointed_at
from backprop_tui.tui.pictures.rows import Tone, plain
from backprop_tui.tui.view import View


def compared(words, epochs, name=None, **looks):
    session = Session(find(name))
    session.comparing.add(words)
    session.jump(epochs * session.program.statements)
    return View(session, session.time, **looks)


def ends(rows):
    """The row at which each letter stands at the right."""
    return {row.rstrip()[-1]: y for y, row in enumerate(rows) if row.rstrip()[-1:] in set("abcd")}


@pytest.mark.parametrize("log_scale", [False, True])
def test_each_curve_ends_at_its_letter_in_the_order_of_the_losses(log_scale):
    view = compared("learning_rate=0.05,1,5", 60, log_scale=log_scale)
    rows = plain(loss_picture(view, 70, 20))
    for name, words in {"a": "as given", "b": "learning_rate=0.05", "d": "learning_rate=5"}.items():
        assert f"{name} {words}" in " ".join(rows[:2])
    found = ends(rows[2:])
    losses = {name: run.timeline.losses[59] for name, run in view.session.comparing.runs.items()}
    assert sorted(found, key=found.get) == sorted(losses, key=lambda name: -losses[name])


def test_they_are_told_apart_without_colours():
    """In a legend each curve's piece has dots of its own."""
    view = compared("learning_rate=0.05,1,5", 20)
    legend = " ".join(plain(loss_picture(view, 120, 20))[:2])
    pieces = {legend[place - 4 : place - 1] for place in (legend.index(f" {one} ") + 1 for one in "abcd")}
    assert len(pieces) == 4


@pytest.mark.parametrize("others", ["0.05", "0.05,1", "0.05,1,5"])
def test_a_legend_names_every_run_however_little_room_there_is(others):
    view = compared(f"learning_rate={others}", 3)
    for width, height in itertools.product(range(36, 90), range(6, 14)):
        rows = plain(loss_picture(view, width, height))
        named = re.findall(r"[\u2800-\u28ff] ([a-d]) ", "\n".join(rows))
        assert named in ([], sorted(view.session.comparing.runs))
        assert named or height < 7


def test_a_run_that_diverges_says_when_and_leaves_the_others_to_be_seen():
    view = compared("learning_rate=0.1", 1000, "overshooting")
    rows = plain(loss_picture(view, 70, 14))
    assert "a as given, diverged in epoch 876  ⠤⠤⠀ b learning_rate=0.1" in rows[0]
    found = ends(rows[1:])
    assert (found["a"], found["b"]) == (0, 10)


def test_a_click_goes_to_the_epoch_below_it():
    view = compared("learning_rate=5", 101)
    chart = loss_chart(view, 70, 14)
    program = view.session.program
    for column, epoch in ((chart.left, 0), (chart.right, 100)):
        request = loss_pointed_at(view, 70, 14, column, 5)
        assert request.time == program.time(epoch + 1, 0)
    assert loss_pointed_at(view, 70, 14, 69, 5) is None


def test_what_lies_ahead_is_faint():
    view = compared("learning_rate=5", 100)
    view.session.start()
    tones = {
        tone for row in loss_picture(View(view.session, 0), 70, 14)[2:] for text, tone in row if "⠒" in text
    }
    assert tones <= {Tone.FAINT}


def test_the_run_without_edits_is_one_of_them():
    session = Session(find())
    session.set("w1", 3.0)
    session.jump(20 * session.program.statements)
    rows = plain(loss_picture(View(session, session.time), 70, 14))
    assert "a as edited" in rows[0]
    assert "b without edits" in rows[0]
    assert set(ends(rows[1:])) == {"a", "b"}


@given(view=views(), width=st.integers(1, 130), height=st.integers(1, 40), data=st.data())
@settings(max_examples=60, deadline=None)
def test_it_has_exactly_its_size(view, width, height, data):
    view.session.comparing.add(data.draw(st.sampled_from(["learning_rate=5", "seed=4", "optimizer=adamw"])))
    view.session.jump(data.draw(st.integers(0, 4 * view.session.program.statements)))
    if data.draw(st.booleans()):
        view.session.comparing.swap()
    view = View(view.session, view.session.time, log_scale=data.draw(st.booleans()))
    picture = loss_picture(view, width, height)
    assert len(picture) == height
    assert all(sum(cell_len(text) for text, _ in row) == width for row in picture)
