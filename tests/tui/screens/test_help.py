"""The help over the debugger: the pane's keys first, scrolled by keys that come at once, closed once."""

import pytest
from textual import events
from textual.widgets import Static

from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.desk.terminal import PANES
from backprop_tui.tui.screens.debugger import DebuggerScreen
from backprop_tui.tui.screens.help import HelpScreen, help_groups

SIZES = [(30, 8), (80, 24), (120, 40), (160, 50)]


def lines(app):
    return app.screen.query_one("#help-text", Static).content.plain.splitlines()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("number", range(1, 6))
async def test_the_keys_of_the_pane_that_has_the_focus_come_first(number, size):
    app = BackpropApp(find())
    async with app.run_test(size=size) as pilot:
        await pilot.press(str(number))
        await pilot.pause()
        pane = app.focused.id
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        assert pane in PANES
        assert lines(app)[2].startswith(help_groups(pane)[0].title)
        text = app.screen.query_one("#help-text")
        assert max(map(len, lines(app)[2:])) <= text.container_size.width


async def test_pages_that_are_turned_at_once_are_turned_one_after_the_other():
    app = BackpropApp(find())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        scroll = app.screen.query_one("#help")
        while not scroll.max_scroll_y:
            await pilot.pause(0.02)
        for key in ("pagedown", "pagedown", "down", "down", "up"):
            event = events.Key(key, None)
            event.set_sender(app)
            app.post_message(event)
        await pilot.pause(0.1)
        assert scroll.scroll_offset.y == 2 * scroll.size.height + 1
        await pilot.press("home")
        assert scroll.scroll_offset.y == 0
        await pilot.press("end", "pageup", "end")
        assert scroll.scroll_offset.y == scroll.max_scroll_y > 0


async def test_its_columns_follow_the_size_of_the_terminal():
    app = BackpropApp(find())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        narrow = len(lines(app))
        await pilot.resize_terminal(160, 50)
        await pilot.pause()
        await pilot.pause()
        assert len(lines(app)) <= narrow / 2
        await pilot.press("escape")
        assert isinstance(app.screen, DebuggerScreen)
