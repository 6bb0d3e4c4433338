"""The text of a page: what Markdown's own definition says, with live numbers in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.lessons.page_text import Piece, blocks, expressions
from backprop_tui.network.errors import NetworkError


def plain(block):
    return "".join(piece.text or f"<{piece.live}>" for piece in block.pieces)


def test_expressions_stand_where_they_were_written_in_the_style_around_them():
    (paragraph,) = blocks("a **b {w1 * w2} c** `{x}` *{y}*")
    assert plain(paragraph) == "a b <w1 * w2> c <x> <y>"
    strong = [piece for piece in paragraph.pieces if piece.strong]
    assert [piece.live for piece in strong if piece.live] == ["w1 * w2"]
    assert Piece(live="x", code=True) in paragraph.pieces
    assert Piece(live="y", emphasis=True) in paragraph.pieces


def test_stars_and_underscores_inside_braces_are_no_markup():
    assert expressions("{a_h * w2} and {b * c} and {dL_dw1}") == ["a_h * w2", "b * c", "dL_dw1"]
    (paragraph,) = blocks("{a_h * w2} and {b * c}")
    assert not any(piece.emphasis for piece in paragraph.pieces)


def test_doubled_braces_are_braces():
    (paragraph,) = blocks("{{ {x} }}")
    assert plain(paragraph) == "{ <x> }"


@pytest.mark.parametrize("text", ["a {", "}", "a {b", "{}", "{ }", "{a{b}}", "x\ny } z"])
def test_a_brace_that_stands_alone_is_refused_with_its_line(text):
    with pytest.raises(NetworkError) as caught:
        blocks(text)
    assert f"line {text[: max(text.find('}'), 0)].count(chr(10)) + 1}" in str(caught.value)
    assert "{loss}" in str(caught.value)


def test_lists_quotes_headings_rules_and_tables():
    found = blocks("# Title\n\n- one\n- two\n  1. deep\n\n> said\n\n---\n\n| a | b |\n|---|---|\n| {x} | 2 |")
    assert [(one.kind, one.mark, one.depth, one.quoted) for one in found] == [
        ("heading", "", 0, False),
        ("item", "•", 1, False),
        ("item", "•", 1, False),
        ("item", "1.", 2, False),
        ("paragraph", "", 0, True),
        ("rule", "", 0, False),
        ("head", "", 0, False),
        ("row", "", 0, False),
    ]
    assert found[-1].cells == ((Piece(live="x"),), (Piece("2"),))


def test_code_keeps_its_lines_and_columns():
    found = blocks("```\na   = {x}\n    = 2\n```")
    assert [plain(one) for one in found] == ["a   = <x>", "    = 2"]
    assert [one.opens for one in found] == [True, False]


def test_links_images_and_html_are_only_text():
    (paragraph,) = blocks("[a](file:///etc/passwd) ![b](c) <b>bold</b> <http://d>")
    assert plain(paragraph) == "[a](file:///etc/passwd) ![b](c) <b>bold</b> <http://d>"


@given(st.text(alphabet="ab{}*_`#-|>\n 1.\ue000~[]()<!", max_size=80))
def test_any_text_is_set_or_refused(text):
    try:
        found = blocks(text)
    except NetworkError:
        return
    assert len([piece for one in found for piece in one.pieces if piece.live]) <= len(expressions(text))


def test_decimals_may_be_asked_for():
    (paragraph,) = blocks("{w1:2} {a_h / w1 : 0} {x}")
    assert [(one.live, one.decimals) for one in paragraph.pieces if one.live] == [
        ("w1", 2),
        ("a_h / w1", 0),
        ("x", None),
    ]
    assert expressions("{w1:2} {a_h / w1 : 0} {x}") == ["w1", "a_h / w1", "x"]
