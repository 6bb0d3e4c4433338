"""Breakpoints, watches and values set by hand: what keys do, and what the screen says of it."""

import pytest
from textual.widgets import OptionList

from backprop_tui.engine.quantities import Parameter
from backprop_tui.network.files.library import find
from backprop_tui.session.session import Session
from backprop_tui.stops.search import searching
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.screens.managing import ManageScreen
from tests.tui.keys.seen import LARGE, debugger, line, parameters, row, say, say_to, session, settled, text
from tests.tui.keys.worked_example import START, losses, trained

# Breakpoints


async def test_a_breakpoint_on_the_statement_just_run_stands_in_the_listing_until_taken_away():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("f", "S", "x")
        await pilot.pause()
        assert [one.text for one in session(app).breakpoints] == ["a_o"]
        assert line(app, "a_o").startswith("●")
        await pilot.press("u", "c")
        await settled(pilot, lambda: not debugger(app).desk.jobs.busy)
        assert session(app).position == "1:4"
        await pilot.press("x")
        await pilot.pause()
        assert session(app).breakpoints == []
        assert "●" not in line(app, "a_o")


async def test_a_condition_stops_in_the_first_epoch_in_which_it_holds():
    first = next(epoch for epoch, loss in enumerate(losses(2000)) if loss < 0.01)
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await say(pilot, "break loss < 0.01")
        await pilot.press("c")
        await settled(pilot, lambda: not debugger(app).desk.jobs.busy)
        assert session(app).position == f"{first}:5"
        assert "loss < 0.01" in text(app, "status")
        assert session(app).now.loss.value == pytest.approx(losses(first + 1)[-1], rel=1e-9)
        assert session(app).breakpoints[0].hits == 1
        await say(pilot, f"goto {first + 40}:3")
        await pilot.press("C")
        await settled(pilot, lambda: not debugger(app).desk.jobs.busy)
        assert session(app).position == f"{first}:5"


async def test_a_search_without_end_answers_keys_and_can_be_stopped():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("f")
        await say(pilot, "break loss < -1")
        await pilot.press("c", "d")
        assert debugger(app).desk.jobs.busy
        assert debugger(app).view.digits == 6
        assert "0.644173" in line(app, "a_o")
        assert "escape stops" in text(app, "status")
        await pilot.press("escape")
        assert not debugger(app).desk.jobs.busy
        assert session(app).position == "0:5"
        await pilot.press("s")
        assert session(app).position == "0:6"


async def test_without_a_breakpoint_continue_stays_and_says_so():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("f", "c")
        assert session(app).position == "0:5"
        assert any("x sets one" in one.message for one in app._notifications)


async def test_the_list_switches_breakpoints_and_takes_things_away():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        screen = debugger(app)
        say_to(app, "break", "dL_dw1")
        say_to(app, "watch", "w1 + w2")
        say_to(app, "set", "w1 w2 3")  # the name that stood there already is left
        await pilot.press("m")
        assert isinstance(app.screen, ManageScreen)
        kept = app.screen.query_one(OptionList)
        lines = [str(kept.get_option_at_index(index).prompt) for index in range(kept.option_count)]
        assert len(lines) == 3
        assert "computed" in lines[0]
        assert "w1 + w2" in lines[1]
        assert lines[2].endswith("w2 = 3.0")
        await pilot.press("space")
        assert not session(app).breakpoints[0].enabled
        await pilot.press("d", "d", "d")
        assert (session(app).breakpoints, session(app).watches, session(app).edits) == ([], [], ())
        await pilot.press("escape")
        assert app.screen is screen
        assert parameters(app)["w2"] == 0.7


# Watches


async def test_a_watch_shows_its_value_now_and_before():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        assert "◇" not in text(app, "watches")
        await say(pilot, "goto 1:5")
        await pilot.press("w")
        await pilot.pause()
        first, second = losses(2)
        words = row(app, "watches", "◇").split()
        assert words[words.index("before") - 1] == f"{second:.4f}"
        assert words[words.index("before") + 1] == f"{first:.4f}"
        await pilot.press("W")
        name = session(app).watches[0]
        assert [one.text for one in session(app).breakpoints] == [f"changed({name})"]
        await pilot.press("w")
        await pilot.pause()
        assert session(app).watches == []


def test_a_watch_that_changes_in_every_epoch_stops_the_run_in_every_epoch():
    here = Session(find())
    here.stopping.add("changed(loss)")
    stops = []
    for _ in range(3):
        search = searching(here.run, here.time, here.breakpoints, 1, until=10)
        stop = ended(search)
        if stop is not None:
            here.jump(stop.time)
            stops.append(here.position)
    assert stops == ["1:5", "2:5", "3:5"]


def ended(work):
    """The result of a generator."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


# Values set by hand


async def test_a_weight_set_after_the_backward_pass_changes_what_follows():
    plain = trained(START)
    by_hand = {name: value - 0.5 * plain["gradients"][name] for name, value in (START | {"w2": 3.0}).items()}
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("b")
        debugger(app).desk.current.update(spot=Parameter(2, 0, 0))
        await pilot.pause()
        await pilot.press("equals_sign")
        prompt = debugger(app)._terminal.prompt
        assert prompt.value == "w2 "
        await pilot.press("end", "3", "enter")
        assert parameters(app) == START | {"w2": 3.0}
        assert session(app).position == "0:15"
        await pilot.press("u")
        assert parameters(app) == pytest.approx(by_hand, rel=1e-12)
        await pilot.press("f")
        assert session(app).now.loss.value == pytest.approx(trained(by_hand)["loss"], rel=1e-12)
        await pilot.press("ctrl+z")
        assert session(app).now.loss.value == pytest.approx(trained(plain["new"])["loss"], rel=1e-12)
        await pilot.press("ctrl+y")
        assert session(app).now.loss.value == pytest.approx(trained(by_hand)["loss"], rel=1e-12)
        await pilot.press("home", "end")
        assert session(app).now.loss.value == pytest.approx(trained(by_hand)["loss"], rel=1e-12)


async def test_a_learning_rate_set_at_the_start():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await say(pilot, "set learning_rate 5")
        await pilot.press("u")
        assert parameters(app) == pytest.approx(trained(START, rate=5.0)["new"], rel=1e-12)
