"""The table of runs side by side: every number is that of its run, and every line is found again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from views import views

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.network.files.library import find
from backprop_tui.program.number_text import number
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.rows import plain
from backprop_tui.tui.pictures.status_and_keys import status_row
from backprop_tui.tui.pictures.tables.comparison import Comparison
from backprop_tui.tui.view import Node, View


def compared(name=None, words="learning_rate=5", time=120):
    session = Session(find(name))
    session.comparing.add(words)
    session.jump(time)
    return View(session, session.time)


def rows(view, width=90):
    table = Comparison(view)
    return plain(table.picture(width, table.length, 0))


def test_the_rows_of_the_worked_example_are_those_of_two_sessions():
    view = compared()
    fresh = Session(find(None))
    other = Session(view.session.comparing.runs["b"].network)
    fresh.jump(120)
    other.jump(120)
    head, *lines = rows(view)
    assert head.split() == ["a", "as", "given", "b", "learning_rate=5", "b/a"]
    found = {line.split()[0]: [cell.strip("()") for cell in line.split()[1:]] for line in lines}
    assert list(found)[:3] == ["L", "z_h", "a_h"]
    assert len(found) == 1 + 2 * 5 + 4 * 2
    for name, cells in found.items():
        if name == "L":
            quantity = Quantity(Kind.LOSS)
        elif name in ("w1", "w2", "b1", "b2"):
            parameter = Parameter(int(name[1]), 0, 0 if name[0] == "w" else None)
            values = [one.now.parameter(parameter).value for one in (fresh, other)]
            assert cells[:2] == [number(value) for value in values]
            continue
        else:
            quantity = next(
                one.quantity
                for one in map(fresh.program.statement, range(19))
                if view.name(one.quantity) == name
            )
        values = [one.now.read(quantity).value for one in (fresh, other)]
        assert cells == [number(value) for value in (*values, values[1] / values[0])], name


def test_after_a_swap_the_columns_are_the_other_way_round():
    view = compared()
    before = [line.split() for line in rows(view)[1:]]
    view.session.comparing.swap()
    after = [line.split() for line in rows(View(view.session, view.time))[1:]]
    assert [(line[0], *line[2:0:-1]) for line in before] == [tuple(line[:3]) for line in after]


def test_what_is_not_at_hand_is_not_shown():
    view = compared()
    view.session.comparing.add("learning_rate=1")
    view.session.comparing.swap("c")
    view.session.comparing.swap("a")
    head, *lines = rows(View(view.session, view.time))
    assert "c computing …" in head
    assert {line.split()[2] for line in lines} == {"–"}
    status = "".join(text for text, _ in status_row(View(view.session, view.time), 120))
    assert "  c …" in status
    view.session.jump(view.time)
    assert "computing" not in rows(View(view.session, view.time))[0]


@pytest.mark.parametrize("name", ["worked-example", "xor", "2-3-4-2"])
def test_every_line_is_found_again(name):
    view = compared(name)
    table = Comparison(view)
    assert table.spot_at(0) is table.spot_at(1) is None
    spots = [table.spot_at(line) for line in range(2, table.length)]
    units = [spot for spot in spots if isinstance(spot, Node)]
    assert len(units) == 5 * sum(view.session.network.widths[1:])
    assert len(spots) - len(units) == 2 * view.session.network.parameters
    for index in range(view.session.program.layout.block):
        quantity = view.session.program.statement(index).quantity
        line = table.line_of(quantity)
        shown = rows(view)[line].split()[0]
        assert view.name(quantity).startswith(shown.removesuffix("…"))


@given(view=views(), width=st.integers(1, 130), height=st.integers(1, 30), data=st.data())
@settings(max_examples=60, deadline=None)
def test_it_has_exactly_its_size(view, width, height, data):
    view.session.comparing.add(data.draw(st.sampled_from(["learning_rate=5", "seed=4", "optimizer=adamw"])))
    if data.draw(st.booleans()):
        view.session.jump(view.time)
    if data.draw(st.booleans()):
        view.session.comparing.swap()
    table = Comparison(view)
    top = data.draw(st.integers(0, table.length))
    picture = table.picture(width, height, top)
    assert len(picture) == height
    assert all(sum(cell_len(text) for text, _ in row) == width for row in picture)
    line = table.subject_line()
    assert line is None or 0 < line < table.length
