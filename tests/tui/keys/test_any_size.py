"""A terminal of any size, and one that changes: nothing is lost and nothing stays behind."""

from textual import events
from textual.geometry import Size

from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.screens.debugger import DebuggerScreen
from backprop_tui.tui.widgets.pane import Pane
from tests.tui.keys.seen import LARGE, PANES, SMALL, debugger, opened, position, rows, text, visible


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
