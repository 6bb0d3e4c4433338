"""The command line: every command with its argument, what it completes, and lines that are wrong."""

import pytest

from backprop_tui.engine.quantities import Parameter
from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.commands.table import COMMANDS
from backprop_tui.tui.settings import Settings
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
                *("watch 1 +", "changes z", "open nowhere", f"save {tmp_path}/no/such/folder.toml"),
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
