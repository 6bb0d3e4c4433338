"""The debugger in a terminal: what keys and the mouse do, and what is then on the screen."""

import re

from textual import events
from textual.geometry import Size
from textual.widgets import OptionList

from backprop_tui.engine.quantities import Parameter
from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.pictures.charts.loss import loss_chart
from backprop_tui.tui.screens.debugger import DebuggerScreen
from backprop_tui.tui.screens.help import HelpScreen
from backprop_tui.tui.view import Node
from backprop_tui.tui.widgets.pane import Pane

SMALL, LARGE = (80, 24), (120, 40)
PANES = ("network", "program", "chain", "values", "loss")


def debugger(app):
    """The debugger's screen, whatever lies over it."""
    return next(screen for screen in app.screen_stack if isinstance(screen, DebuggerScreen))


def rows(app, pane):
    """The rows of text that a pane shows."""
    widget = debugger(app).query_one(f"#{pane}", Pane)
    return [widget.render_line(y).text for y in range(widget.size.height)]


def text(app, pane):
    return "\n".join(rows(app, pane))


def visible(app):
    """The panes that take room on the screen."""
    return {pane for pane in PANES if debugger(app).query_one(f"#{pane}").region.area}


def position(app):
    return debugger(app).session.position


async def opened(pilot, *keys):
    await pilot.press(*keys)
    await pilot.pause()


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


async def test_a_burst_of_keys_is_shown_once_and_none_is_lost(monkeypatch):
    shown = []
    show = DebuggerScreen._show
    monkeypatch.setattr(DebuggerScreen, "_show", lambda screen: (shown.append(1), show(screen)))
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.pause()
        shown.clear()
        for _ in range(200):
            app.simulate_key("s")
        for _ in range(200):
            await pilot.pause()
            if debugger(app).session.time == 200:
                break
        assert position(app) == "10:10"
        assert "epoch 10  step 10/19" in text(app, "status")
        assert len(shown) < 20


async def test_a_burst_of_arrows_loses_none():
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, "s", "2")
        for _ in range(10):
            app.simulate_key("down")
        for _ in range(20):
            await pilot.pause()
        assert debugger(app).view.cursor.step == 11
        await opened(pilot, "home", "1", "left")
        for key in ("left", "left", "right", "right", "right", "right"):
            app.simulate_key(key)
        for _ in range(20):
            await pilot.pause()
        assert debugger(app).view.spot == Node(2, 0)


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


# Any size


def crossed(app):
    """Rows of visible panes that do not have the width of their pane."""
    found = []
    for pane in debugger(app).query(Pane):
        if pane.region.area:
            lengths = {pane.render_line(y).cell_length for y in range(pane.size.height)}
            found += [(pane.id, length) for length in lengths if length != pane.size.width]
    return found


async def test_the_statement_just_run_stays_in_sight_when_the_terminal_shrinks_and_grows():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, "u")
        for size in (SMALL, (80, 14), (100, 20), LARGE, (80, 16)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert any(row.startswith("▶ ") for row in rows(app, "program")), size
            assert all(row.strip() for row in rows(app, "program")[:22]), "no row is wasted"


async def test_panes_that_appear_show_the_present():
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, "b")
        await pilot.resize_terminal(*LARGE)
        await pilot.pause()
        assert visible(app) == set(PANES)
        assert "−0.0816" in text(app, "values")
        assert "L over b1" in text(app, "loss")


async def test_a_storm_of_sizes():
    app = BackpropApp(find("2-4-1"))
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, "b")
        for size in ((1, 1), (200, 60), (2, 50), (300, 3), (17, 9), (89, 33), (108, 34), (150, 46), (90, 5)):
            await pilot.resize_terminal(*size)
            await pilot.press("s")
            assert crossed(app) == []
        await pilot.resize_terminal(*LARGE)
        await pilot.pause()
        session = debugger(app).session
        assert f"epoch {session.epoch}  step {session.step}/" in text(app, "status")
        assert visible(app) == set(PANES)


async def test_a_command_that_comes_while_the_screen_is_being_mounted_is_run_after_it():
    class Early(DebuggerScreen):
        def on_mount(self):
            super().on_mount()
            assert not self.is_mounted
            assert not self.press("g"), "it goes the way of bindings"
            self.action_command("goto")

    app = BackpropApp(find())
    app._debugger = Early(app._debugger.session)
    async with app.run_test(size=LARGE) as pilot:
        await pilot.pause()
        await opened(pilot, "3", "enter")
        assert position(app) == "2:19", "the start of epoch 3, by its name"


async def test_the_values_of_another_network_are_shown_from_the_first():
    app = BackpropApp(find("2-8-8-1"))
    async with app.run_test(size=LARGE) as pilot:
        await opened(pilot, "4", *["down"] * 80)
        assert rows(app, "values")[0].split()[0] != "unit"
        await opened(pilot, "colon", *"open", "space", *"xor", "enter")
        assert rows(app, "values")[0].split()[0] == "unit"
        assert "x1" in rows(app, "values")[1]


async def test_a_size_is_heard_of_where_a_timer_of_textual_never_fires(monkeypatch):
    """Textual's timers do not where the process was held up before they began to wait."""
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.pause()
        set_timer = app.set_timer

        def held_up(delay, callback=None, **options):
            return set_timer(delay, callback, **{**options, "pause": delay < 0.01})

        monkeypatch.setattr(app, "set_timer", held_up)
        for size in (SMALL, LARGE, SMALL):
            app._driver._size = size
            app.post_message(events.Resize(Size(*size), Size(*size)))
            await pilot.pause(0.3)
            assert app.screen._compositor.size == Size(*size)
