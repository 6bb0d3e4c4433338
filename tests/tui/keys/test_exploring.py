"""Pointing at numbers, with arrows and with the mouse: all panes show what is pointed at."""

import re

from textual import events

from backprop_tui.engine.quantities import Parameter
from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.pictures.charts.loss import loss_chart
from backprop_tui.tui.view import Node
from backprop_tui.tui.widgets.pane import Pane
from tests.tui.keys.seen import (
    LARGE,
    SMALL,
    debugger,
    opened,
    position,
    rows,
    text,
)

# Exploring


def subjects(app):
    """What each pane says it is about, read off its rows."""
    pointed = [row for row in rows(app, "program") if row.startswith("›")]
    mark = pointed or [row for row in rows(app, "program") if row.startswith("▶")]
    return re.findall(r"^[▶›]\s+(?:\d+ )?(\S+)", mark[0])[0], text(app, "chain").split()[0]


async def test_all_panes_show_the_same_subject():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("b", "1")
        for key, expected in (
            (None, "dL/db1"),
            ("left", "dL/dz_h"),
            ("right", "dL/dw2"),
            ("right", "dL/dz_o"),
            ("escape", "dL/db1"),
            ("S", "dL/dw1"),
        ):
            await pilot.press(*([key] if key else []))
            await pilot.pause()
            assert subjects(app) == (expected, expected)
            views = {id(pane.view) for pane in debugger(app).query(Pane)}
            assert len(views) == 1


async def test_arrows_select_and_enter_travels():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("u", "1", "right", "right")
        assert debugger(app).view.spot == Parameter(2, 0, 0)
        await pilot.press("left", "down")
        assert debugger(app).view.spot == Node(1, 0)
        await pilot.press("enter")
        assert position(app) == "0:13", "δ of h is the latest of it"
        await pilot.press("enter")
        assert position(app) == "0:11", "its first term, dL/da_h, was computed there"
        await pilot.press("backspace")
        assert position(app) == "0:13"
        await pilot.press("backspace")
        assert position(app) == "0:19", "where the trail began"


async def test_arrows_in_the_listing_move_its_cursor_and_enter_travels():
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, "f", "2", "up", "up")
        (pointed,) = [row for row in rows(app, "program") if row.startswith("›")]
        assert "z_o" in pointed
        await opened(pilot, "enter")
        assert position(app) == "0:3"
        for _ in range(3):
            await pilot.press("down")
        assert debugger(app).view.cursor.step == 6
        assert any(row.startswith("›") for row in rows(app, "program")), "in sight"


async def test_arrows_in_the_table_and_in_the_chart():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, "g", "9", "enter", "e", "4")
        pointed = []
        for key in ("up", "up", "up", "up", "up", "down"):
            await pilot.press(key)
            pointed.append(debugger(app).view.spot)
        assert pointed == [
            *(
                Parameter(1, 0, 0),
                Parameter(2, 0, None),
                Parameter(2, 0, 0),
                Node(2, 0),
                Node(1, 0),
                Node(2, 0),
            )
        ], "over the heading and the target"
        await opened(pilot, "5", "left")
        assert position(app) == "8:19"
        await opened(pilot, "right", "right", "right")
        assert position(app) == "9:19", "the latest"


async def test_selecting_an_input_keeps_the_statement_just_run_in_sight():
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, "u", "1", *["left"] * 4)
        assert debugger(app).view.spot == Node(0, 0)
        assert "is given" in text(app, "chain")
        assert any(row.startswith("▶ ") for row in rows(app, "program"))


# The mouse


def place(app, pane, what):
    """Where a text stands in a pane, from the pane's corner, frame included."""
    for y, row in enumerate(rows(app, pane)):
        if what in row:
            return row.index(what) + 2, y + 1
    raise AssertionError(f"{what} is not in the pane {pane}")


async def test_a_click_selects_a_unit_or_a_weight():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, "f")
        await pilot.click("#network", offset=place(app, "network", "0.2500"))
        assert debugger(app).view.spot == Node(1, 0)
        x, y = place(app, "network", "─▶")
        await pilot.click("#network", offset=(x, y))
        assert debugger(app).view.spot == Parameter(1, 0, 0)


async def test_a_click_on_a_line_of_the_table_selects_it():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.click("#values", offset=place(app, "values", "b2"))
        assert debugger(app).view.spot == Parameter(2, 0, None)


async def test_a_click_on_a_line_of_the_listing_and_a_second_one():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        where = place(app, "program", "dL/dw2")
        await pilot.click("#program", offset=where)
        assert debugger(app).view.cursor.step == 9
        assert "dL/dw2" in text(app, "chain")
        assert position(app) == "0:0"
        await pilot.click("#program", offset=where)
        await pilot.pause()
        assert position(app) == "0:9"
        await pilot.click("#program", offset=(4, 1))
        assert debugger(app).view.cursor is None, "a heading is no statement"


async def test_the_wheel_scrolls_the_listing():
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        first = rows(app, "program")
        await pilot._post_mouse_events([events.MouseScrollDown], "#program", offset=(5, 5))
        scrolled = rows(app, "program")
        assert scrolled[:-2] == first[2:], "22 lines in 20 rows: by two"
        assert "b1 " in scrolled[-1]
        await pilot._post_mouse_events([events.MouseScrollUp], "#program", offset=(5, 5))
        assert rows(app, "program") == first


async def test_a_click_in_the_chart_goes_to_that_epoch():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, "g", *"40", "enter", "5")
        pane = debugger(app).query_one("#loss", Pane)
        chart = loss_chart(pane.view, *pane.size)
        for column, expected in ((chart.left, 0), (chart.right, 39), ((chart.left + chart.right) // 2, 20)):
            await pilot.click("#loss", offset=(column + 1, 4))
            await pilot.pause()
            epoch, step = map(int, position(app).split(":"))
            assert step == 19
            assert abs(epoch - expected) <= 1
            assert rows(app, "loss")[1][column - 1 : column + 2].strip(), "the mark is under the pointer"
