"""Rows are exactly as wide as they should be, whatever the text."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from backprop_tui.tui.pictures.rows import Tone, filled, fitted, plain, row_width, shortened, wrapped

TEXTS = st.text(alphabet="ab ─⣀–日本語é", max_size=30)
SPANS = st.lists(st.tuples(TEXTS, st.sampled_from([Tone.TEXT, Tone.NOW, Tone.FAINT])), max_size=6)


@given(SPANS, st.integers(0, 60))
def test_a_fitted_row_takes_exactly_its_width(spans, width):
    row = fitted(spans, width)
    assert row_width(row) == width == cell_len("".join(plain([row])))
    assert all(text for text, _ in row)
    assert all(one[1] is not two[1] for one, two in pairwise(row)), "neighbours are merged"


@given(SPANS)
def test_a_row_with_room_keeps_its_text(spans):
    text = "".join(text for text, _ in spans)
    (kept,) = plain([fitted(spans, cell_len(text) + 3)])
    assert kept == text + "   "


@given(SPANS)
def test_every_character_keeps_its_tone(spans):
    def toned(row):
        return [(character, tone) for text, tone in row for character in text]

    width = row_width(spans)
    assert toned(fitted(spans, width)) == toned(spans)


def test_a_character_of_two_cells_is_not_cut_in_half():
    assert plain([fitted([("a日本", Tone.TEXT)], 4)]) == ["a日…"]
    assert plain([fitted([("a日本", Tone.TEXT)], 3)]) == ["a …"]


def test_what_is_cut_ends_with_an_ellipsis_but_for_blanks():
    assert plain([fitted([("1.2345", Tone.TEXT)], 4)]) == ["1.2…"]
    assert plain([fitted([("1.23  ", Tone.TEXT), ("4", Tone.MUTED)], 4)]) == ["1.23"]


@given(st.lists(SPANS, max_size=5), st.integers(1, 20), st.integers(0, 8))
def test_a_filled_picture_has_its_height(rows, width, height):
    picture = filled(rows, width, height)
    assert [row_width(row) for row in picture] == [width] * height


@given(TEXTS, st.integers(-3, 40))
def test_a_shortened_text_fits_and_says_that_it_was_cut(text, width):
    short = shortened(text, width)
    assert cell_len(short) <= max(0, width)
    if cell_len(text) <= width:
        assert short == text
    elif width > 0:
        assert short.endswith("…")
        assert text.startswith(short[:-1].rstrip())


@given(st.text(alphabet="abc de", max_size=80), st.integers(10, 40))
def test_wrapping_keeps_every_word(text, width):
    rows = wrapped(text, width, Tone.MUTED)
    assert all(row_width(row) <= width for row in rows)
    assert "".join("".join(plain(rows)).split()) == "".join(text.split())
