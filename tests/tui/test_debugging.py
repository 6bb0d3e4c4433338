"""Breakpoints, watches, values set by hand, the command line and sessions: what keys and lines do."""

import os
import re
import subprocess
import sys
from math import exp
from time import sleep

import pytest
from textual import events
from textual.widgets import OptionList

from backprop_tui.engine.quantities import Parameter
from backprop_tui.history import timeline as timelines
from backprop_tui.network.files.library import find
from backprop_tui.program.boundaries import Grain
from backprop_tui.session.files import recovery
from backprop_tui.session.files.saved_sessions import find_session
from backprop_tui.session.session import Session
from backprop_tui.stops.search import searching
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.commands import performing
from backprop_tui.tui.commands.table import COMMANDS
from backprop_tui.tui.screens.debugger import DebuggerScreen
from backprop_tui.tui.screens.managing import ManageScreen
from backprop_tui.tui.screens.recovering import RecoverScreen
from backprop_tui.tui.settings import Settings
from backprop_tui.tui.widgets.pane import Pane

LARGE = (120, 40)
START = {"w1": 0.3, "b1": 0.1, "w2": 0.7, "b2": 0.2}


def trained(parameters, rate=0.5, x=0.5, y=1.0):
    """One epoch of the worked example by the textbook: what each symbol is; new parameters with a prime."""
    w1, b1, w2, b2 = (parameters[name] for name in START)
    a_h = 1 / (1 + exp(-(w1 * x + b1)))
    a_o = 1 / (1 + exp(-(w2 * a_h + b2)))
    delta_o = (a_o - y) * a_o * (1 - a_o)
    delta_h = delta_o * w2 * a_h * (1 - a_h)
    gradients = {"w1": delta_h * x, "b1": delta_h, "w2": delta_o * a_h, "b2": delta_o}
    return {
        "loss": (a_o - y) ** 2 / 2,
        "gradients": gradients,
        "new": {name: parameters[name] - rate * gradients[name] for name in START},
    }


def losses(count):
    parameters, found = START, []
    for _ in range(count):
        epoch = trained(parameters)
        found.append(epoch["loss"])
        parameters = epoch["new"]
    return found


def debugger(app):
    return next(screen for screen in app.screen_stack if isinstance(screen, DebuggerScreen))


def session(app):
    return debugger(app).session


def text(app, pane):
    widget = debugger(app).query_one(f"#{pane}", Pane)
    return "\n".join(widget.render_line(y).text for y in range(widget.size.height))


def row(app, pane, part):
    return next(line for line in text(app, pane).splitlines() if part in line)


def line(app, symbol):
    """The row of the listing that computes something."""
    return next(row for row in text(app, "program").splitlines() if re.search(rf"\d {symbol} +=", row))


def parameters(app):
    here = session(app)
    return {
        "w1": here.now.parameter(Parameter(1, 0, 0)).value,
        "b1": here.now.parameter(Parameter(1, 0, None)).value,
        "w2": here.now.parameter(Parameter(2, 0, 0)).value,
        "b2": here.now.parameter(Parameter(2, 0, None)).value,
    }


def say_to(app, name, argument):
    """Run a command as typed; tells whether it could be."""
    return performing.say(debugger(app).desk, name, argument)


async def say(pilot, *lines):
    """Type lines into the command line."""
    for line in lines:
        await pilot.press("colon")
        debugger(pilot.app)._terminal.prompt.value = line
        await pilot.press("enter")
    await pilot.pause()


async def settled(pilot, done):
    for _ in range(500):
        await pilot.pause(0.01)
        if done():
            return
    raise AssertionError("it did not come about")


def warnings(app):
    return [one.message for one in app._notifications if one.severity == "warning"]


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


# Wrong lines


async def test_a_wrong_line_warns_and_stays_to_be_corrected(tmp_path):
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        for count, wrong in enumerate(
            (
                *("break loss <", "break lost < 1", "set nothing 1", "set w1 many", "set w1", "set a_o 1"),
                *("set w1 nan", "set learning_rate -1", "digits 5", "goto x", "run many", "step 3"),
                *("watch 1 +", "changes x", "open nowhere", f"save {tmp_path}/no/such/folder.toml"),
            ),
            1,
        ):
            name, _, argument = wrong.partition(" ")
            assert not say_to(app, name, argument), wrong
            await pilot.pause()
            assert len(warnings(app)) == count, wrong
        prompt = debugger(app)._terminal.prompt
        for wrong in ("nonsense", "break loss <"):
            await pilot.press("escape")
            await say(pilot, wrong)
            assert prompt.asking
            assert prompt.value == wrong
            assert len(warnings(app)) == count + 1, "of a line typed, the last alone"
        await pilot.press("escape", "s")
        assert session(app).position == "0:1"
        assert not session(app).breakpoints
        assert not session(app).edits


async def test_on_the_command_line_a_key_takes_its_argument_as_its_command_does():
    app = BackpropApp(find(), settings=Settings(keys={"goto": ("j",)}))
    async with app.run_test(size=LARGE) as pilot:
        for line in ("j 0:5", "X loss < 0.01", "w dL_dw1", "= w1 0.5", "a learning_rate=5", "d 6", "i flow"):
            await say(pilot, line)
            assert not debugger(app)._terminal.prompt.asking, line
        assert session(app).position == "0:5"
        assert [one.text for one in session(app).breakpoints] == ["loss < 0.01"]
        assert list(session(app).watches) == ["dL_dw1"]
        assert [edit.value for edit in session(app).edits] == [0.5]
        assert "learning_rate=5" in session(app).comparing.labels.values()
        assert (debugger(app).view.digits, debugger(app).view.picture) == (6, "flow")
        await say(pilot, "g 0:7")
        assert warnings(app)[-1].startswith("g ("), "that key was given to nothing"
        assert session(app).position == "0:5"


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("a half", "Not compared"),
        ("open nowhere", "Not opened"),
        ("lesson nowhere", "Not opened"),
        ("save /no/such/folder/at/all.toml", "Not saved"),
        ("goto x", "No such position"),
        ("break lost", "Not understood"),
    ],
)
async def test_what_is_refused_is_said_above_the_reason(line, title):
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await say(pilot, line)
        assert [one.title for one in app._notifications] == [title]


async def test_the_line_for_a_condition_says_so():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("X")
        prompt = debugger(app)._terminal.prompt
        assert prompt.border_title == "Breakpoint on a condition"
        await pilot.press(*"loss < 0.01", "enter")
        assert [one.text for one in session(app).breakpoints] == ["loss < 0.01"]


async def test_a_home_that_does_not_exist_is_a_wrong_line_too():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        assert not say_to(app, "save", "~no-such-user/lesson.toml")
        await pilot.pause()
        assert warnings(app)


async def test_every_command_can_be_said_without_an_argument():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        for command in COMMANDS:
            if command.name not in ("quit", "palette", "help", "open"):
                say_to(app, command.name, "")
                await pilot.pause()
                if app.screen is not debugger(app):
                    app.pop_screen()
        debugger(app).desk.pointing.let_go()
        assert not warnings(app)


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


async def test_what_is_typed_goes_on_from_the_name_that_stands_there():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        debugger(app).desk.current.update(spot=Parameter(2, 0, 0))
        await pilot.pause()
        await pilot.press("equals_sign", "3")
        assert debugger(app)._terminal.prompt.value == "w2 3"


async def test_a_learning_rate_set_at_the_start():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await say(pilot, "set learning_rate 5")
        await pilot.press("u")
        assert parameters(app) == pytest.approx(trained(START, rate=5.0)["new"], rel=1e-12)


# Finding one's way


async def test_searching_the_listing_goes_round():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("b", "slash", *"dL_dw1", "enter")
        await settled(pilot, lambda: debugger(app).view.cursor is not None)

        def found():
            return session(app).run.symbol(debugger(app).view.cursor.quantity)

        assert found() == "dL_dw1"
        assert session(app).position == "0:15"
        await say(pilot, "search backward")
        phase = []
        for key in ("full_stop", "full_stop", "comma"):
            phase.append(debugger(app).view.cursor.step)
            await pilot.press(key)
            await pilot.pause()
        phase.append(debugger(app).view.cursor.step)
        assert phase == [15, 6, 7, 6], "the backward pass is steps 6 to 15; we were at 14"


async def test_the_trail_leads_back_to_where_it_began():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await say(pilot, "goto 0:14")
        statement = session(app).statement
        assert session(app).run.symbol(statement.quantity) == "dL_dw1"
        been = [14]
        for _ in range(2):
            await pilot.press("enter")
            been.append(session(app).time)
        assert session(app).run.symbol(session(app).program.statement(been[1] - 1).quantity) == "dL_dz_h"
        assert been[0] > been[1] > been[2]
        await pilot.press("backspace")
        assert session(app).time == been[1]
        await pilot.press("backspace")
        assert session(app).time == been[0]
        await pilot.press("backspace")
        assert session(app).time == 13


async def test_what_changed_is_listed_with_old_and_new_and_change():
    new = trained(START)["new"]
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("b", "u", "v")
        await pilot.pause()
        for name, old in START.items():
            words = row(app, "values", f" {name} ").replace("│", " ").replace("−", "-").split()
            assert words[0] == name
            assert [float(word) for word in words[1:4]] == pytest.approx(
                [old, new[name], new[name] - old], abs=0.00006
            )
        assert "since 0:15" in text(app, "values")
        assert "a_h" not in text(app, "values"), "what an update leaves alone"
        await pilot.press("v")
        await pilot.pause()
        assert "since 0:15" not in text(app, "values")


# The command line


async def test_the_command_line_takes_every_command_with_its_argument():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await say(pilot, "digits 6", "goto 12:5")
        assert debugger(app).view.digits == 6
        assert session(app).position == "12:5"
        assert f"{losses(13)[-1]:.6f}" in text(app, "status")
        await say(pilot, "run 100")
        await settled(pilot, lambda: not debugger(app).desk.jobs.busy)
        assert session(app).position == "112:5"
        assert session(app).now.loss.value == pytest.approx(losses(113)[-1], rel=1e-9)
        await say(pilot, "open xor")
        assert session(app).network.title == find("xor").title
        assert session(app).position == "0:0"


async def test_the_prompt_recalls_and_completes():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        prompt = debugger(app)._terminal.prompt
        await say(pilot, "digits 6", "digits 9")
        await pilot.press("colon", "up")
        assert prompt.value == "digits 9"
        await pilot.press("up")
        assert prompt.value == "digits 6"
        await pilot.press("down", "down")
        assert prompt.value == ""
        await pilot.press(*"watch dL_dw")
        await settled(pilot, lambda: prompt._suggestion)
        await pilot.press("tab")
        assert prompt.asking
        assert prompt.value in ("watch dL_dw1", "watch dL_dw2")
        await pilot.press("enter")
        assert session(app).watches == [prompt.value.removeprefix("watch ")]


# Sessions


async def test_a_saved_session_goes_on_in_another_program(tmp_path):
    path = tmp_path / "lesson.toml"
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await say(
            pilot, "break loss < 0.01", "watch w1 + w2", "goto 3:15", "set w2 3", "digits 9", f"save {path}"
        )
        assert not warnings(app)
        kept = session(app)
    opened = find_session(str(path))
    again = BackpropApp(opened.session, travel_to=opened.wanted, look=opened.look)
    async with again.run_test(size=LARGE) as pilot:
        await settled(pilot, lambda: not debugger(again).desk.jobs.busy)
        here = session(again)
        assert here.position == "3:15"
        assert [one.text for one in here.breakpoints] == ["loss < 0.01"]
        assert here.watches == ["w1 + w2"]
        assert here.edits == kept.edits
        assert len(here.edits) == 1
        assert debugger(again).view.digits == 9
        assert parameters(again)["w2"] == 3.0


async def test_saving_after_opening_another_network_spares_the_former_file(tmp_path):
    path = tmp_path / "lesson.toml"
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await say(pilot, f"save {path}")
        before = path.read_bytes()
        await say(pilot, "open xor")
        await pilot.press("ctrl+s")
        assert path.read_bytes() == before
        assert debugger(app)._terminal.prompt.asking


KILLED = """
import os, signal
from backprop_tui.session.files.recovery import Keeper
from backprop_tui.session.session import Session
from backprop_tui.network.files.library import find

session = Session(find())
session.go("7:5")
session.set("w2", 3.0)
Keeper().keep(session)
os._exit(9)
"""


async def test_an_interrupted_session_is_offered_and_goes_on(tmp_path, monkeypatch):
    monkeypatch.setenv("BACKPROP_TUI_STATE", str(tmp_path / "state"))
    subprocess.run([sys.executable, "-c", KILLED], env=dict(os.environ), check=False)
    found = recovery.find()
    assert [one.position for one in found] == ["7:5"]
    app = BackpropApp(find("xor"), interrupted=lambda: found)
    async with app.run_test(size=LARGE) as pilot:
        await settled(pilot, lambda: isinstance(app.screen, RecoverScreen) and app.screen.is_mounted)
        offered = app.screen.query_one(OptionList).get_option_at_index(0)
        assert "worked example  at 7:5" in str(offered.prompt)
        await pilot.press("enter")
        await settled(pilot, lambda: session(app).position == "7:5")
        assert session(app).network.title == "worked example"
        assert parameters(app)["w2"] == 3.0


# Keys that come quicker than the screen


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


def test_an_error_of_ours_keeps_the_session_for_the_next_start(tmp_path, monkeypatch):
    monkeypatch.setenv("BACKPROP_TUI_STATE", str(tmp_path / "state"))
    app = BackpropApp(find(), interrupted=list)

    async def fails(pilot):
        await pilot.press("b")
        await pilot.pause(0.2)
        debugger(app).call_later(lambda: 1 // 0)
        await pilot.pause(0.1)

    app.run(headless=True, size=LARGE, auto_pilot=fails)
    assert app.return_code == 1
    assert list((tmp_path / "state").glob("*.session.toml"))
