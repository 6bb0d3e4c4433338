"""What is written to the terminal, piece by piece, adds up to what the screen shows."""

import pytest
from textual._compositor import Compositor

from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.screens.pane_compositor import PaneCompositor, RowsUpdate
from tests.benchmarks.screen import Screen

SIZE = (120, 40)
STEPS = ("s", "s", "f", "S", "u", "e", "s", "E", "i", "i", "down", "end", "home")


class Terminal:
    """A terminal that is sent every update."""

    def __init__(self, app, monkeypatch):
        self.app, self.short, self.long = app, 0, 0
        self.screen = Screen(*SIZE)
        for name in ("render_partial_update", "render_full_update"):
            self._listen(name, getattr(PaneCompositor, name), monkeypatch)

    def _listen(self, name, render, monkeypatch):
        def listening(compositor, *arguments, **options):
            update = render(compositor, *arguments, **options)
            if update is not None:
                self.short += isinstance(update, RowsUpdate)
                self.long += not isinstance(update, RowsUpdate)
                self.screen.feed(update.render_segments(self.app.console).encode())
            return update

        monkeypatch.setattr(PaneCompositor, name, listening)

    def is_up_to_date(self):
        shown = Compositor.render_strips(self.app.screen._compositor)
        return self.screen.text().splitlines() == [strip.text for strip in shown]


@pytest.mark.parametrize("network", ["worked-example", "16-16-16-4", "digits"])
async def test_the_terminal_shows_what_the_screen_shows(network, monkeypatch):
    app = BackpropApp(find(network))
    terminal = Terminal(app, monkeypatch)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        before = terminal.long
        for key in STEPS:
            await pilot.press(key)
            await pilot.pause()
            assert terminal.is_up_to_date(), key
        assert terminal.short >= len(STEPS) - 3
        assert terminal.long - before <= 1


async def test_what_lies_over_panes_stays_over_them(monkeypatch):
    app = BackpropApp(find("2-8-8-1"))
    terminal = Terminal(app, monkeypatch)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("s")
        app.notify("a notice that covers a pane\n" * 9, title="Notice", timeout=60)
        await pilot.pause(0.1)
        for keys in ("s", "f", "b", ":", "w", "a", "escape", "tab", "s"):
            await pilot.press(keys)
            await pilot.pause()
            assert "a notice that covers a pane" in terminal.screen.text()
            assert terminal.is_up_to_date(), keys
        app.clear_notifications()
        await pilot.pause(0.1)
        before = terminal.short
        await pilot.press("s")
        await pilot.pause()
        assert terminal.short > before
        assert terminal.is_up_to_date()
