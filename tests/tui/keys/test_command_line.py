"""The command line: every command with its argument, what it completes, and lines that are wrong."""

import pytest

from backprop_tui.engine.quantities import Parameter
from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.commands.table import COMMANDS
from tests.tui.keys.seen import LARGE, debugger, say, say_to, session, settled, text, warnings
from tests.tui.keys.worked_example import losses

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
        assert len(warnings(app)) == count + 2
        await pilot.press("escape", "s")
        assert session(app).position == "0:1"
        assert not session(app).breakpoints
        assert not session(app).edits


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


async def test_what_is_typed_goes_on_from_the_name_that_stands_there():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        debugger(app).desk.current.update(spot=Parameter(2, 0, 0))
        await pilot.pause()
        await pilot.press("equals_sign", "3")
        assert debugger(app)._terminal.prompt.value == "w2 3"


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
