"""The SVG shows the very cells of the screen, in every renderer."""

from __future__ import annotations

import shutil
import subprocess
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.export.screen.cells import Run, Screen, Style
from backprop_tui.export.screen.glyphs import shapes
from backprop_tui.export.screen.svg import svg
from tests.export.screen.drawn_cells import HEIGHT, WIDTH, painted
from tests.export.screen.pixels import pixels

INK, PAPER = "#d8dee9", "#0e131b"
COLORS = st.sampled_from(["#ff0000", "#00ff00", "#1b2431", INK, PAPER])
STYLES = st.builds(
    Style,
    COLORS,
    COLORS,
    bold=st.booleans(),
    italic=st.booleans(),
    underline=st.booleans(),
    reverse=st.booleans(),
)
TEXTS = st.text("ab <>&\"'0.5δ−▶·  ", min_size=1, max_size=8)


def screen(*rows: list[tuple[str, Style]]) -> Screen:
    runs = tuple(tuple(Run(text, style, len(text)) for text, style in row) for row in rows)
    width = max(sum(run.width for run in row) for row in runs)
    return Screen(runs, width, INK, PAPER, "a <title> & more")


def line(text: str, style: Style = Style(INK, PAPER)) -> list[tuple[str, Style]]:  # noqa: B008
    return [(text, style)]


@given(st.lists(st.lists(st.tuples(TEXTS, STYLES), min_size=1, max_size=4), min_size=1, max_size=4))
def test_every_letter_stands_in_its_cell_with_its_colours(rows):
    canvas = painted(svg(screen(*rows)))
    expected = {}
    for y, row in enumerate(rows):
        x = 0
        for text, style in row:
            ink, paper = (style.ground, style.color) if style.reverse else (style.color, style.ground)
            for character in text:
                if character != " ":
                    expected[x, y] = (character, ink, style.bold, style.italic)
                # Between the letters and the underline lies the ground alone.
                assert (canvas.color_at((x + 0.5) * WIDTH, y * HEIGHT + 1) or PAPER) == paper
                under = canvas.color_at((x + 0.5) * WIDTH, y * HEIGHT + 16.5) or PAPER
                assert under == (ink if style.underline else paper)
                x += 1
    assert canvas.letters == expected


def test_dim_text_lies_between_its_colour_and_the_ground():
    canvas = painted(svg(screen(line("x", Style("#ffffff", "#000000", dim=True)))))
    color = canvas.letters[0, 0][1]
    assert "#303030" < color < "#d0d0d0"


def test_letters_of_two_cells_take_two():
    text = svg(Screen(((Run("文a", Style(INK, PAPER), 3),),), 3, INK, PAPER))
    letters = painted(text).letters
    assert letters[0, 0][0] == "文"
    assert letters[2, 0][0] == "a"


def test_words_alike_in_looks_but_apart_in_ground_are_set_as_one():
    one, other = Style(INK, "#111111"), Style(INK, "#222222")
    text = svg(screen([("ab", one), ("cd", other)]))
    assert text.count("<text") == 1
    assert 'textLength="36"' in text


def test_it_is_xml_whatever_the_text_is_and_has_no_outside_reference():
    nasty = "]]>\x00\x1b\ud800<script>alert(1)</script>&\u202e"
    text = svg(Screen(((Run(nasty, Style(INK, PAPER), len(nasty)),),), len(nasty), INK, PAPER, nasty))
    root = ElementTree.fromstring(text)
    assert not [one for one in root.iter() if one.tag.rpartition("}")[2] in ("script", "image", "use", "a")]
    assert text.count("http") == 1, "the name of the format alone"
    assert "href" not in text
    assert "url(" not in text


def test_it_says_its_text_to_those_who_do_not_see_it():
    root = ElementTree.fromstring(svg(screen(line("z  0.25"), line(" a"))))
    told = {one.tag.rpartition("}")[2]: one.text for one in root}
    assert root.get("role") == "img"
    assert told["title"] == "a <title> & more"
    assert told["desc"] == "z  0.25\n a"


# Lines, blocks and dots

TO_THE_RIGHT = "─━┌┍┎┏└┕┖┗├┝┞┟┠┡┢┣┬┭┮┯┰┱┲┳┴┵┶┷┸┹┺┻┼┽┾┿╀╁╂╃╄╅╆╇╈╉╊╋═╒╓╔╘╙╚╞╟╠╤╥╦╧╨╩╪╫╬╶╺╼╾╭╰"
TO_THE_LEFT = "─━┐┑┒┓┘┙┚┛┤┥┦┧┨┩┪┫┬┭┮┯┰┱┲┳┴┵┶┷┸┹┺┻┼┽┾┿╀╁╂╃╄╅╆╇╈╉╊╋═╕╖╗╛╜╝╡╢╣╤╥╦╧╨╩╪╫╬╴╸╼╾╮╯"
DOWNWARDS = "│┃┌┍┎┏┐┑┒┓├┝┞┟┠┡┢┣┤┥┦┧┨┩┪┫┬┭┮┯┰┱┲┳┼┽┾┿╀╁╂╃╄╅╆╇╈╉╊╋║╒╓╔╕╖╗╞╟╠╡╢╣╤╥╦╪╫╬╷╻╽╿╭╮"
UPWARDS = "│┃└┕┖┗┘┙┚┛├┝┞┟┠┡┢┣┤┥┦┧┨┩┪┫┴┵┶┷┸┹┺┻┼┽┾┿╀╁╂╃╄╅╆╇╈╉╊╋║╘╙╚╛╜╝╞╟╠╡╢╣╧╨╩╪╫╬╵╹╽╿╰╯"


@pytest.mark.parametrize(
    "code", [*range(0x2500, 0x2504), *range(0x250C, 0x254C), *range(0x2550, 0x256D), *range(0x2574, 0x2580)]
)
def test_a_line_touches_the_edges_that_its_character_shows(code):
    character = chr(code)
    boxes = painted(svg(screen(line(character)))).boxes
    touched = {
        "right": any(x + width == WIDTH for _, x, y, width, height in boxes),
        "left": any(x == 0 for _, x, y, width, height in boxes),
        "down": any(y + height == HEIGHT for _, x, y, width, height in boxes),
        "up": any(y == 0 for _, x, y, width, height in boxes),
    }
    assert touched == {
        "right": character in TO_THE_RIGHT,
        "left": character in TO_THE_LEFT,
        "down": character in DOWNWARDS,
        "up": character in UPWARDS,
    }


def test_lines_meet_from_cell_to_cell():
    canvas = painted(svg(screen(line("┌───┐"), line("│   │"), line("└───┘"))))
    for x in range(round(0.5 * WIDTH), round(4.5 * WIDTH)):
        assert canvas.color_at(x + 0.25, 9.5) == INK
        assert canvas.color_at(x + 0.25, 2 * HEIGHT + 9.5) == INK
    for y in range(10, 2 * HEIGHT + 9):
        assert canvas.color_at(4.5, y + 0.25) == INK
        assert canvas.color_at(4 * WIDTH + 4.5, y + 0.25) == INK
    assert len(canvas.boxes) == 4, "each side is one box"
    assert canvas.letters == {}


def test_heavy_lines_are_heavier_and_double_ones_two():
    def thickness(character):
        boxes = painted(svg(screen(line(character)))).boxes
        return sorted(height for *_, height in boxes)

    assert thickness("─") == [1]
    assert thickness("━") == [3]
    assert thickness("═") == [1, 1]


@pytest.mark.parametrize(
    ("character", "share"),
    [
        ("█", 1),
        ("▄", 1 / 2),
        ("▀", 1 / 2),
        ("▌", 1 / 2),
        ("▐", 1 / 2),
        ("▁", 1 / 8),
        ("▇", 7 / 8),
        ("▏", 1 / 8),
        ("▔", 1 / 8),
        ("▖", 1 / 4),
        ("▚", 1 / 2),
        ("▟", 3 / 4),
    ],
)
def test_a_block_fills_its_share_of_the_cell(character, share):
    boxes = painted(svg(screen(line(character)))).boxes
    assert sum(width * height for *_, width, height in boxes) == pytest.approx(share * WIDTH * HEIGHT)


def test_shades_are_mixed_with_the_ground():
    style = Style("#ffffff", "#000000")
    shades = [painted(svg(screen(line(one, style)))).color_at(4, 9) for one in "░▒▓█"]
    assert shades == ["#404040", "#808080", "#bfbfbf", "#ffffff"]


def test_a_dot_of_braille_stands_where_its_bit_says():
    # Unicode 16, section 21.1: dots 1 to 3 and 7 down the left, 4 to 6 and 8 down the right.
    places = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
    for bit, (column, row) in enumerate(places):
        ((_, x, y),) = painted(svg(screen(line(chr(0x2800 + (1 << bit)))))).strokes
        assert (x // (WIDTH / 2), y // (HEIGHT / 4)) == (column, row)
    assert len(shapes("⣿")) == 8


# As renderers paint it


def columns_with_ink(rows, y, ground):
    """The cells of a text row that have any other colour than the ground's."""
    return {
        (x - 12) // WIDTH
        for line in rows[12 + y * HEIGHT : 12 + (y + 1) * HEIGHT]
        for x, pixel in enumerate(line)
        if max(abs(one - other) for one, other in zip(pixel, ground, strict=True)) > 70
    }


SAMPLE = screen(
    line("one two  three   four    0.2500  −0.0816  δ w1·x   end"),
    line("╭─ box ─╮  ▶ go   ┏━━┓  ████ ▁▂▃  ⣿⣿          12345  |"),
)


def check_columns(png: bytes):
    rows = pixels(png)
    assert (len(rows[0]), len(rows)) == (SAMPLE.width * WIDTH + 24, 2 * HEIGHT + 24)
    for y, text in enumerate(SAMPLE.lines):
        found = columns_with_ink(rows, y, (0x0E, 0x13, 0x1B))
        blank = {x for x, character in enumerate(text) if character == " "}
        assert not found & blank, "nothing is painted where the screen is blank"
        assert {x for x, character in enumerate(text) if character not in " .·"} <= found


@pytest.mark.skipif(shutil.which("rsvg-convert") is None, reason="rsvg-convert is not installed")
def test_columns_line_up_in_a_plain_renderer():
    done = subprocess.run(["rsvg-convert"], input=svg(SAMPLE).encode(), capture_output=True, check=True)
    check_columns(done.stdout)


def test_columns_line_up_in_the_renderer_of_png():
    from backprop_tui.export.screen.png import png

    check_columns(png(SAMPLE, 1.0))
