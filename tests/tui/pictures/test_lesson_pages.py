"""Pages of lessons, set: every shipped page fits beside the panes and over the lower ones, and is whole."""

from functools import cache
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui.lessons import library
from backprop_tui.lessons.checking import staged
from backprop_tui.lessons.page_text import blocks
from backprop_tui.lessons.reader import Reader
from backprop_tui.network.errors import NetworkError
from backprop_tui.program.number_text import number
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.explanation.picture import chain_rule_picture
from backprop_tui.tui.pictures.lesson.page import INSIDE as SIZES
from backprop_tui.tui.pictures.lesson.page import lesson_picture, page
from backprop_tui.tui.pictures.lesson.typesetting import set_blocks
from backprop_tui.tui.pictures.registry import FIGURES
from backprop_tui.tui.pictures.rows import plain, row_width
from backprop_tui.tui.view import View

PAGES = [(name, index) for name in library.names() for index in range(len(library.find(name).pages))]


@cache
def reader_at(name, index):
    lesson = library.find(name)
    stage = staged(lesson, index)
    for _ in stage.preparing():
        pass
    return Reader(lesson, index, {}, {}).turned(index, stage)


def view_of(reader, digits=4):
    return View(Session(reader.page.network), digits=digits, reader=reader)


def text_of(rows):
    return " ".join(" ".join(plain(rows)).split())


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize(("name", "index"), PAGES)
def test_every_shipped_page_fits_without_scrolling(name, index, size):
    width, height = size
    rows = page(view_of(reader_at(name, index)), width).rows
    assert len(rows) <= height, f"{len(rows)} rows of {height}:\n" + "\n".join(plain(rows))
    assert [line for line in plain(rows) if len(line) > width] == []


@pytest.mark.parametrize(
    ("name", "index", "picture", "sentence", "caption"),
    [
        ("the-math-behind-backpropagation", 5, "slice", "w2 will go up", "L over w2: slope"),
        ("why-deep-layers-learn-slowly", 2, "flow", "error signal", "the slope factors shrink it"),
    ],
)
def test_no_words_answer_what_a_page_asks_until_it_is_answered(name, index, picture, sentence, caption):
    """The pages ask whether w2 should grow, and which of the two factors shrinks the error signal."""
    reader = reader_at(name, index)
    session = Session(reader.page.network)
    session.go(reader.page.position)
    (chosen,) = [one for one in FIGURES if one.name == picture]
    for solved in (False, True):
        if solved:
            (right,) = [place for place, option in enumerate(reader.options(4)) if option.right]
            reader = reader.chosen(right, 4)
            assert reader.is_solved
        view = View(session, session.time, spot=None, reader=reader)
        explained = text_of(chain_rule_picture(view, 60, 20))
        seen = text_of(chosen.draw(view, 78, 20))
        assert (view.explanation.sentence in explained) is solved
        assert (sentence in explained, caption in seen) == (solved, solved)
        assert ("Answer first." in explained) is ("Answer first." in seen) is (not solved)


def test_where_a_number_is_asked_nothing_is_hidden():
    reader = reader_at("why-deep-layers-learn-slowly", 1)
    session = Session(reader.page.network)
    session.go("0:27")
    assert not reader.is_solved
    assert reader.question is not None
    assert "Answer first." not in text_of(
        chain_rule_picture(View(session, session.time, reader=reader), 60, 20)
    )


@pytest.mark.parametrize("digits", [4, 6, 9, None])
@pytest.mark.parametrize(("name", "index"), PAGES)
def test_every_number_and_every_word_of_a_page_is_shown(name, index, digits):
    reader = reader_at(name, index)
    shown = text_of(page(view_of(reader, digits), 200).rows)
    for block in blocks(reader.page.text):
        for piece in (*block.pieces, *chain(*block.cells)):
            value = reader.values[piece.live] if piece.live else True
            assert value is not None
            if not isinstance(value, bool):
                assert number(value, digits if piece.decimals is None else piece.decimals) in shown
            for word in piece.text.split():
                assert word in shown


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_a_hint_and_a_verdict_can_be_read_to_the_end(size):
    width, height = size
    for name, index in PAGES:
        reader = reader_at(name, index)
        if reader.question is None or not reader.options(4):
            continue
        wrong = next(place for place, one in enumerate(reader.options(4)) if not one.right)
        answered = reader.chosen(wrong, 4)
        rows = page(view_of(answered), width).rows
        assert "Try again" in text_of(rows)
        if reader.question.hint:
            last = blocks(reader.question.hint)[-1].pieces[-1]
            said = last.text or reader.text_of(last.live, 4)
            assert said.split()[-1] in text_of(rows[-4:])
        picture = lesson_picture(view_of(answered), width, height, max(0, len(rows) - height))
        assert plain(picture)[min(len(rows), height) - 1].strip() == plain(rows)[-1].strip()


PARTS = [
    *("word", "**strong**", "`code x`", "{w1}", "\n\n", "\n- item", "\n1. first", "\n> quoted", "—", "ß"),
    *("\n# Head\n", "\n\n| a | b |\n|---|---|\n| {w1} | 2 |\n\n", "\n\n| a |\n|---|\n\n"),
    *("\n```\n{w1}  = 1\n```\n", "\n---\n"),
]


@given(
    st.lists(
        st.sampled_from(PARTS),
        min_size=1,
        max_size=30,
    ),
    st.integers(12, 90),
)
@settings(deadline=None, max_examples=200)
def test_no_row_is_wider_than_asked_for_and_no_word_is_lost(parts, width):
    text = " ".join(parts)
    try:
        found = blocks(text)
    except NetworkError:
        return
    rows = set_blocks(found, lambda one: "0.3000", width)
    assert all(row_width(row) <= width for row in rows)
    shown = "".join("".join(plain(rows)).split())
    assert shown.count("0.3000") == text.count("{w1}")
    assert shown.count("word") == text.count("word")
    assert shown.count("strong") == text.count("strong")
