"""The status line and the footer: exactly as wide as the screen, true, and whole words only."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from views import NAMED, exact, view_of, views, words, worked

from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find
from backprop_tui.program.number_text import DIGITS, number
from backprop_tui.session.session import Session
from backprop_tui.tui.commands.table import FOOTER, LESSON_FOOTER
from backprop_tui.tui.pictures.rows import Tone, plain, row_width
from backprop_tui.tui.pictures.status_and_keys import footer_row, status_row
from backprop_tui.tui.view import View


def status(view, width=120):
    return plain([status_row(view, width)])[0]


@given(views(), st.integers(1, 200))
def test_both_lines_are_as_wide_as_the_screen(view, width):
    assert exact((status_row(view, width), footer_row(FOOTER, width)), width, 2)


@given(views())
def test_the_status_line_says_where_we_are(view):
    epoch, step, statements = map(int, re.search(r"epoch (\d+)  step (\d+)/(\d+)", status(view)).groups())
    assert statements == view.session.program.statements
    assert epoch * statements + step == view.time
    assert step > 0 or view.time == 0, "the end of an epoch, not the start of the next"


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (0, "worked example 1-1-1 epoch 0 step 0/19 L –"),
        (4, "worked example 1-1-1 epoch 0 step 4/19 ▶ forward L –"),
        (5, "worked example 1-1-1 epoch 0 step 5/19 ● loss L 0.0633"),
        (9, "worked example 1-1-1 epoch 0 step 9/19 ◀ backward L 0.0633"),
        (19, "worked example 1-1-1 epoch 0 step 19/19 ▲ update L 0.0633"),
        (21, "worked example 1-1-1 epoch 1 step 2/19 ▶ forward L (0.0633)"),
    ],
)
def test_the_worked_example(time, expected):
    assert words(status(worked(time))) == expected


def test_of_several_examples_it_says_which():
    assert "example 0 of 3" in status(view_of(build(NAMED), 1))
    assert "example 0 " in status(view_of(build(NAMED), 1), 80)


def test_where_there_is_little_room_the_title_goes_first():
    narrow = status(worked(9), 50)
    assert "epoch 0  step 9/19  ◀ backward  L 0.0633" in narrow
    assert "worked example" not in narrow


KEYS = [("s", "step", 9), ("n", "unit", 1), ("?", "help", 8)]


@given(st.integers(0, 60))
def test_the_footer_drops_whole_keys_the_least_important_first(width):
    text = plain([footer_row(KEYS, width)])[0]
    shown = [label for _, label, _ in KEYS if label in text]
    assert shown in ([], ["step"], ["step", "help"], ["step", "unit", "help"])
    assert words(text) == " ".join(f"{key} {label}" for key, label, _ in KEYS if label in shown)


def test_the_footer_shows_all_there_is_where_it_fits():
    width = sum(cell_len(key) + cell_len(label) + 3 for key, label, _ in FOOTER) + 1
    text = plain([footer_row(FOOTER, width)])[0]
    assert all(label in text for _, label, _ in FOOTER)


@pytest.mark.parametrize("digits", DIGITS)
@pytest.mark.parametrize(("name", "position"), [("vanishing", "299:72"), ("xor", "12:60")])
def test_no_number_is_cut(name, position, digits):
    session = Session(find(name))
    session.jump(session.time_of(position))
    shown = View(session, session.time, digits)
    whole = set("".join(text for text, _ in status_row(shown, 200)).split())
    whole |= {number(session.now.loss.value, fewer) for fewer in range(10)}
    for width in range(1, 200):
        row = "".join(text for text, _ in status_row(shown, width))
        assert len(row) == width
        assert {word for word in row.split() if not word.endswith("…")} <= whole, row


@pytest.mark.parametrize(
    ("width", "shown"),
    [(80, "] A H f b u S ?"), (60, "] A H f S ?"), (40, "] A H ?"), (24, "] H"), (14, "]")],
)
def test_while_a_lesson_is_open_what_its_pages_ask_for_stays(width, shown):
    row = footer_row(LESSON_FOOTER, width)
    assert row_width(row) == width
    assert [text.strip() for text, tone in row if tone is Tone.KEY] == shown.split()
