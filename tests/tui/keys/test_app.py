"""The debugger in a terminal: what keys do to time and to the looks, and what is then on the screen."""

import re

from textual.widgets import OptionList

from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.screens.debugger import DebuggerScreen
from backprop_tui.tui.screens.help import HelpScreen
from backprop_tui.tui.widgets.pane import Pane
from tests.tui.keys.seen import (
    LARGE,
    PANES,
    SMALL,
    debugger,
    opened,
    position,
    rows,
    text,
    visible,
)

# Time


async def test_the_passes_show_the_published_figures_and_walk_back():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        assert "0.2500" not in text(app, "network")
        await opened(pilot, "f")
        assert all(figure in text(app, "network") for figure in ("0.2500", "0.5622", "0.5935", "0.6442"))
        assert "step 5/19  ● loss  L 0.0633" in text(app, "status")
        await opened(pilot, "b")
        factors = [re.sub(" +", "", row) for row in rows(app, "chain")[:2]]
        assert factors == [
            "dL/db1=dL/da_o·da_o/dz_o·dz_o/da_h·da_h/dz_h·dz_h/db1",
            "=−0.3558·0.2292·0.7000·0.2461·1.0000",
        ]
        await opened(pilot, "u")
        assert all(f"{name} {new}" in text(app, "network") for name, new in UPDATED.items())
        back = []
        for key in "UBFS":
            await pilot.press(key)
            back.append(position(app))
        assert back == ["0:0", "0:0", "0:0", "0:0"]
        assert "0.2500" not in text(app, "network")


UPDATED = {"w1": "0.3035", "w2": "0.7229", "b1": "0.1070", "b2": "0.2408"}


async def test_shift_undoes_from_a_boundary():
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        found = []
        for key in ("f", "f", "F", "b", "b", "B", "u", "u", "U", "s", "space", "S", "backspace", "e", "E"):
            await pilot.press(key)
            found.append(position(app))
        assert found == [
            *("0:5", "1:5", "0:5", "0:15", "1:15", "0:15", "0:19", "1:19", "0:19"),
            *("1:1", "1:2", "1:1", "0:19", "1:19", "0:19"),
        ]


async def test_going_to_a_position():
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        prompt = debugger(app)._terminal.prompt
        await pilot.press("g")
        assert prompt.region.area
        await pilot.press(*"12:5", "enter")
        assert position(app) == "12:5"
        assert not prompt.has_class("asking")
        assert "epoch 12  step 5/19" in text(app, "status")
        await pilot.press("g", *"1:99", "enter")
        assert position(app) == "12:5"
        assert "19 steps" in " ".join(notice.message for notice in app._notifications)
        assert prompt.has_class("asking"), "so that it can be corrected"
        await opened(pilot, "escape", "s", "home")
        assert not prompt.has_class("asking")
        assert position(app) == "0:0"
        await pilot.press("end")
        assert position(app) == "12:6"


async def test_tab_does_not_leave_an_open_question_behind():
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        prompt = debugger(app)._terminal.prompt
        await opened(pilot, "g", "1", "tab")
        assert prompt.has_focus == prompt.has_class("asking")


async def test_a_long_journey_can_be_stopped_and_keeps_the_place():
    app = BackpropApp(find("1-1-1"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("f", "g")
        debugger(app)._terminal.prompt.value = "999999999"
        await pilot.press("enter")
        assert "escape stops" in text(app, "status")
        await opened(pilot, "escape")
        assert position(app) == "0:5"
        assert "escape stops" not in text(app, "status")
        await pilot.press("s")
        assert position(app) == "0:6"


async def test_running_and_pausing():
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("n", *"++++", "r")
        assert "▶ running: unit 32/s" in text(app, "status")
        for _ in range(100):
            if debugger(app).session.time > 8:
                break
            await pilot.pause(0.02)
        assert debugger(app).session.time > 8
        await opened(pilot, "r")
        here = debugger(app).session.time
        assert "running" not in text(app, "status")
        await pilot.pause(0.1)
        assert debugger(app).session.time == here


async def test_running_backwards_ends_at_the_start():
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("f", "S", *"++++++", "r")
        for _ in range(100):
            if position(app) == "0:0":
                break
            await pilot.pause(0.02)
        await pilot.pause(0.1)
        assert position(app) == "0:0"
        assert "running" not in text(app, "status")


# Looking


async def test_all_five_panes_in_a_large_terminal():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        assert visible(app) == set(PANES)
        for number, pane in enumerate(PANES, 1):
            await pilot.press(str(number))
            assert app.focused.id == pane
            assert visible(app) == set(PANES)
        await pilot.press("tab")
        assert app.focused.id == "network"
        await pilot.press("shift+tab")
        assert app.focused.id == "loss"


async def test_one_of_three_lower_panes_in_a_small_terminal():
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        assert visible(app) == {"network", "program", "chain"}
        await pilot.press("b")
        for number, pane, lower in (
            *((4, "values", "values"), (5, "loss", "loss"), (2, "program", "loss")),
            *((1, "network", "loss"), (3, "chain", "chain")),
        ):
            await opened(pilot, str(number))
            assert app.focused.id == pane
            assert visible(app) == {"network", "program", lower}
        for pane in ("values", "loss", "network", "program", "chain"):
            await opened(pilot, "tab")
            assert app.focused.id == pane
            assert pane in visible(app)
        await opened(pilot, "4")
        assert "−0.0816" in text(app, "values"), "a pane that was hidden shows the present"


async def test_digits():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("f", "S")
        for figure in ("0.6442", "0.644173", "0.644173203", "0.6441732027931297", "0.6442"):
            line = next(row for row in rows(app, "program") if "a_o " in row)
            assert line.split()[-1] == figure
            await pilot.press("d")


async def test_themes():
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("f", "t")
        assert app.theme == "backprop-light"
        await pilot.press("t")
        assert app.theme == "backprop-dark"
        for theme in app.available_themes:
            app.theme = theme
            await pilot.pause()
            pane = debugger(app).query_one("#program", Pane)
            for y in range(pane.size.height):
                for segment in pane.render_line(y):
                    style = segment.style
                    seen = style.color is None or style.color.is_default or style.color != style.bgcolor
                    assert seen, (theme, segment.text)


async def test_no_color(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, "b", "left")
        looks = [segment.style for strip in app.screen._compositor.render_strips() for segment in strip]
        colours = [
            colour.get_truecolor() for style in looks for colour in (style.color, style.bgcolor) if colour
        ]
        assert colours
        assert all(red == green == blue for red, green, blue in colours)
        assert "▶ 15" in text(app, "program")


async def test_no_color_leaves_no_theme_in_which_nothing_can_be_read(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("f")
        for theme in sorted(app.available_themes):
            if "ansi" in theme or theme.startswith("backprop"):
                app.theme = theme
                await pilot.pause()
                strips = app.screen._compositor.render_strips()
                looks = [segment.style for strip in strips for segment in strip if segment.text.strip()]
                assert any(style.color != style.bgcolor for style in looks), theme


async def test_help():
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("f", "question_mark")
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("s", "u")
        assert position(app) == "0:5", "keys under the help do nothing"
        await pilot.press("escape")
        assert isinstance(app.screen, DebuggerScreen)
        await pilot.press("s")
        assert position(app) == "0:6"


async def test_the_palette_runs_a_command():
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("ctrl+p", *"Layer (l")
        for _ in range(50):
            await pilot.pause(0.02)
            if app.screen.query_one("OptionList", OptionList).option_count:
                break
        await pilot.press("enter")
        for _ in range(50):
            await pilot.pause(0.02)
            if isinstance(app.screen, DebuggerScreen) and position(app) != "0:0":
                break
        assert position(app) == "0:2"
        assert "step 2/19" in text(app, "status")


async def test_quitting():
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("q")
    assert not app.is_running


async def test_another_network_is_opened_and_shown_from_its_start():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("b", "o")
        app.screen.query_one("#open-name").focus()
        await pilot.press(*"2-3-1", "enter")
        await pilot.pause()
        assert debugger(app).session.network.shape == "2-3-1"
        assert position(app) == "0:0"
        assert "2-3-1" in text(app, "status")
        assert "w_h1_x1" in text(app, "program")
        assert "h3" in text(app, "values")
        await opened(pilot, "f")
        assert "● loss" in text(app, "status")
