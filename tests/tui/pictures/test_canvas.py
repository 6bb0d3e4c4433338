"""The grid of cells: nothing is drawn outside it, lines are whole, text lies over dots."""

from hypothesis import given
from hypothesis import strategies as st
from views import exact

from backprop_tui.tui.pictures.canvas import Canvas
from backprop_tui.tui.pictures.rows import Tone, plain

PLACES = st.tuples(st.integers(-5, 25), st.integers(-5, 15))


@given(
    st.integers(1, 20), st.integers(1, 10), st.lists(st.tuples(PLACES, st.text(alphabet="ab日 ", max_size=9)))
)
def test_text_lands_where_it_is_put_and_nowhere_else(width, height, puts):
    canvas = Canvas(width, height)
    cells = {(x, y): " " for x in range(width) for y in range(height)}
    for (x, y), text in puts:
        canvas.put(x, y, text, Tone.TEXT)
        for index, character in enumerate(text):
            if (x + index, y) in cells:
                cells[x + index, y] = "?" if character == "日" else character
    assert exact(canvas.picture(), width, height)
    rows = plain(canvas.picture())
    assert rows == ["".join(cells[x, y] for x in range(width)) for y in range(height)]


@given(st.integers(1, 20), st.integers(1, 10), PLACES, PLACES, st.booleans(), st.booleans())
def test_lines_stay_inside(width, height, start, end, dotted, heavy):
    canvas = Canvas(width, height)
    canvas.line(start, end, Tone.POSITIVE, dotted=dotted, heavy=heavy)
    picture = canvas.picture()
    assert exact(picture, width, height)
    assert all(c == " " or "\u2800" < c <= "\u28ff" for row in plain(picture) for c in row)


def dots(canvas):
    """The dots that are set, in dots from the upper left."""
    bits = {0: (0, 0), 1: (0, 1), 2: (0, 2), 3: (1, 0), 4: (1, 1), 5: (1, 2), 6: (0, 3), 7: (1, 3)}
    found = set()
    for y, row in enumerate(plain(canvas.picture())):
        for x, character in enumerate(row):
            for bit, (right, down) in bits.items():
                if character != " " and (ord(character) - 0x2800) >> bit & 1:
                    found.add((2 * x + right, 4 * y + down))
    return found


def line(start, end, **looks):
    canvas = Canvas(30, 12)
    canvas.line(start, end, Tone.TEXT, **({"dotted": False, "heavy": False} | looks))
    return dots(canvas)


INSIDE = st.tuples(st.integers(0, 29), st.integers(0, 11))


@given(INSIDE, INSIDE)
def test_a_line_goes_from_cell_to_cell_without_a_gap(start, end):
    drawn = line(start, end)
    cells = {(x // 2, y // 4) for x, y in drawn}
    assert {start, end} <= cells
    reached, border = set(), {min(drawn)}
    while border:
        reached |= border
        border = {(x + i, y + j) for x, y in border for i in (-1, 0, 1) for j in (-1, 0, 1)} & drawn - reached
    assert reached == drawn


@given(INSIDE, INSIDE)
def test_dotted_is_less_and_heavy_is_more_than_a_plain_line(start, end):
    whole = line(start, end)
    assert line(start, end, dotted=True) <= whole <= line(start, end, heavy=True)
    if len(whole) > 4:
        assert len(line(start, end, dotted=True)) < len(whole) < len(line(start, end, heavy=True))


def test_text_lies_over_lines():
    canvas = Canvas(12, 3)
    canvas.line((0, 0), (11, 2), Tone.TEXT, dotted=False, heavy=True)
    canvas.put(2, 1, "0.5622", Tone.STRONG)
    canvas.line((0, 2), (11, 0), Tone.TEXT, dotted=False, heavy=True)
    assert plain(canvas.picture())[1][2:8] == "0.5622"


def test_lines_leave_cells_free_and_text_does_not():
    canvas = Canvas(10, 2)
    canvas.line((0, 0), (9, 0), Tone.TEXT, dotted=False, heavy=False)
    assert canvas.free(0, 0, 10)
    canvas.put(4, 0, "a", Tone.TEXT)
    assert not canvas.free(0, 0, 10)
    assert canvas.free(5, 0, 5)
    assert not canvas.free(8, 1, 3), "two cells are left of the edge"
    assert not canvas.free(0, 2, 1)
    assert not canvas.free(-1, 0, 1)
