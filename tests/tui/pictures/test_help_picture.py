"""The help: in as many columns as fit, the pane's keys first, every sign, nothing cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.tui.desk.terminal import PANES
from backprop_tui.tui.pictures.help import COLUMN, Group, Key, help_rows
from backprop_tui.tui.pictures.marks import MARKS, RECORDED_MARKS
from backprop_tui.tui.pictures.rows import plain, row_width
from backprop_tui.tui.screens.help import help_groups


def headings(lines, groups):
    """Where each group's heading stands: its line and its column."""
    return {
        group.title: next(
            (y, line.index(f"{group.title} ─")) for y, line in enumerate(lines) if f"{group.title} ─" in line
        )
        for group in groups
    }


@pytest.mark.parametrize(("width", "columns"), [(66, 1), (90, 1), (106, 2), (145, 3), (200, 4)])
def test_as_many_columns_as_fit(width, columns):
    groups = help_groups("network")
    places = headings(plain(help_rows(groups, width)), groups)
    starts = {x for _, x in places.values()}
    assert len(starts) == columns
    if columns > 1:
        assert min(b - a for a, b in zip(sorted(starts), sorted(starts)[1:], strict=False)) >= COLUMN


@pytest.mark.parametrize("pane", PANES)
@pytest.mark.parametrize("width", [66, 106, 145])
def test_the_keys_of_the_focused_pane_come_first_and_the_signs_last(pane, width):
    groups = help_groups(pane)
    places = headings(plain(help_rows(groups, width)), groups)
    first, last = groups[0].title, groups[-1].title
    assert first.startswith("Here: ")
    assert min(places.values()) == places[first]
    assert max(places.items(), key=lambda item: (item[1][1], item[1][0]))[0] == last == "Signs and words"


def test_the_marks_of_units_and_layers_are_explained():
    text = "\n".join(plain(help_rows(help_groups(None), 80)))
    for mark in MARKS.values():
        assert mark.sign in text
        assert f"{mark.word}: " in text


@pytest.mark.parametrize("from_pytorch", [False, True])
def test_marks_of_networks_from_pytorch_are_explained_where_they_may_be_seen(from_pytorch):
    text = "\n".join(plain(help_rows(help_groups(None, from_pytorch=from_pytorch), 80)))
    for mark in RECORDED_MARKS.values():
        assert (f"{mark.sign} " in text and f"{mark.word}: " in text) is from_pytorch


WORDS = st.text(alphabet="abc [/]δ", min_size=1, max_size=60).filter(lambda text: bool(text.split()))


@given(
    st.lists(st.tuples(st.text("abc", min_size=1, max_size=9), WORDS), min_size=1, max_size=20),
    st.integers(1, 4),
    st.integers(30, 220),
)
def test_nothing_is_lost_and_nothing_is_wider_than_the_screen(entries, parts, width):
    groups = [Group(f"G{n}", tuple(Key(*entry) for entry in entries[n::parts])) for n in range(parts)]
    rows = help_rows([group for group in groups if group.entries], width)
    assert all(row_width(row) <= width for row in rows[2:])
    letters = sorted("".join(plain(rows[2:])).replace("─", "").replace("G", "").split())
    assert "".join(sorted("".join(letters))) == "".join(
        sorted(
            "".join(str(n) for n, group in enumerate(groups) if group.entries)
            + "".join("".join((keys + words).split()) for keys, words in entries)
        )
    )
