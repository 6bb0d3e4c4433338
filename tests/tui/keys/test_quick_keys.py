"""Keys that come quicker than the screen: each does what it means, none is lost."""

from time import sleep

from textual import events

from backprop_tui.history import timeline as timelines
from backprop_tui.network.files.library import find
from backprop_tui.program.boundaries import Grain
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.screens.debugger import DebuggerScreen
from backprop_tui.tui.view import Node
from tests.tui.keys.seen import (
    LARGE,
    SMALL,
    debugger,
    opened,
    position,
    say,
    session,
    settled,
    text,
    warnings,
)


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


async def test_moves_typed_while_a_longer_one_is_under_way_add_up(monkeypatch):
    monkeypatch.setattr(timelines, "SLICE_SECONDS", -1.0)
    app = BackpropApp(find("2-3-1"))
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press(*"eeeeuE")
        await settled(pilot, lambda: not debugger(app).desk.jobs.busy)
        assert session(app).position == "3:" + str(session(app).program.statements)
        desk, here = debugger(app).desk, session(app).time
        desk.moving.travel(Grain.EPOCH, 1)
        desk.moving.travel(Grain.EPOCH, 1)
        assert desk.moving.heading == here + 2 * session(app).program.statements
        desk.jobs.stop()
        assert desk.moving.heading == session(app).time < here + 2 * session(app).program.statements


async def test_edits_and_moves_typed_while_an_edit_is_being_computed_are_not_lost(monkeypatch):
    app = BackpropApp(find("2-3-1"))
    async with app.run_test(size=LARGE) as pilot:
        await say(pilot, "goto 60:3")
        await settled(pilot, lambda: not debugger(app).desk.jobs.busy)
        session(app).jump(3)
        session(app).set("b_h1", 0.5)
        session(app).set("b_h2", 0.25)
        session(app).jump(session(app).program.time(60, 3))
        debugger(app).desk.current.update()
        await pilot.pause()
        monkeypatch.setattr(timelines, "SLICE_SECONDS", -1.0)
        advance = timelines.Timeline._advance
        monkeypatch.setattr(timelines.Timeline, "_advance", lambda *which: sleep(0.002) or advance(*which))
        desk, here = debugger(app).desk, session(app).time
        desk.edits.undo()
        desk.jobs.stop()
        assert len(session(app).edits) == 2, "escape gives the change up"
        desk.edits.undo()
        assert len(session(app).edits) == 2, "nothing has changed yet"
        desk.moving.travel(Grain.STATEMENT, 1)
        assert len(session(app).edits) == 1
        await settled(pilot, lambda: not desk.jobs.busy)
        assert session(app).time == here + 1
        desk.edits.undo()
        desk.edits.redo()
        desk.edits.undo()
        await settled(pilot, lambda: not desk.jobs.busy)
        assert session(app).edits == ()


async def test_keys_typed_in_one_moment_reach_what_they_are_meant_for():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        for key in ("g", "5", "enter", "s", "s", "colon", "x", "escape", "s", "colon", "j", "enter", "S"):
            event = events.Key(key, key if len(key) == 1 else None)
            event.set_sender(app)
            app.post_message(event)
        await settled(pilot, lambda: session(app).position == "5:3")
        await settled(pilot, lambda: debugger(app)._terminal.prompt.value == "jS")
        assert len(warnings(app)) == 1, "j is no command, and the line stays open"


async def test_what_is_typed_in_the_list_of_networks_goes_into_its_line():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("o", *"2-3-1", "enter")
        await settled(pilot, lambda: session(app).network.shape == "2-3-1")


async def test_the_chart_can_be_drawn_while_the_run_goes_on(monkeypatch):
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await say(pilot, "goto 40")
        session(app).run.timeline = type(session(app).run.timeline)(
            session(app).network
        )  # nothing has been run yet
        monkeypatch.setattr(timelines, "SLICE_SECONDS", 0.002)
        await say(pilot, "goto 300000")
        await settled(pilot, lambda: not debugger(app).desk.jobs.busy)
        assert session(app).position == "299999:19"
