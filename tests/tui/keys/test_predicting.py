"""Predict in the debugger: what is asked, how it is answered, and what is then on the screen."""

import re

import pytest
from textual import events

from backprop_tui.engine.quantities import Kind
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.widgets.pane import Pane
from tests.scenes import typed
from tests.tui.keys.seen import LARGE, SMALL, debugger, position
from tests.tui.test_imports import loaded

DEAD = {
    "network": {
        "inputs": 1,
        "layers": [
            {"units": 1, "activation": "relu", "weights": [[-1.0]], "biases": [0.0]},
            {"units": 1, "activation": "identity", "weights": [[1.0]], "biases": [0.5]},
        ],
    },
    "data": {"inputs": [[1.0]], "targets": [[2.0]]},
}
"""A hidden unit whose activation and slope are 0."""
DIVERGING = {
    "network": {
        "inputs": 1,
        "layers": [{"units": 1, "activation": "identity", "weights": [[1e200]], "biases": [0.0]}] * 2,
    },
    "data": {"inputs": [[1.0]], "targets": [[0.0]]},
}
"""A network whose second weighted sum is infinite, and whose gradients are not numbers."""


def text(app, pane):
    widget = debugger(app).query_one(f"#{pane}", Pane)
    return "\n".join(widget.render_line(y).text.rstrip() for y in range(widget.size.height))


def words(app):
    """What the chain-rule pane says, in one line."""
    return " ".join(text(app, "chain").split())


def prompt(app):
    return debugger(app)._terminal.prompt


def score(app):
    found = re.search(r"predict (\d+/\d+(?: · streak \d+)?)", text(app, "status"))
    return found and found[1]


async def pressed(pilot, *keys):
    await pilot.press(*keys)
    await pilot.pause()


def key_of(name, app):
    """A key as a terminal sends it."""
    character = {"minus": "-", "full_stop": ".", "enter": "\r", "escape": "\x1b"}.get(name, name)
    event = events.Key(name, character)
    event.set_sender(app)
    return event


def answered(said):
    return [*typed(said), "enter"]


async def test_a_sign_a_size_and_the_verdict():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pressed(pilot, "f", "p")
        assert score(app) == "0/0"
        await pressed(pilot, "s")
        assert position(app) == "0:5", "it is asked before it is shown"
        assert prompt(app).asking
        assert "dL/da_o, how the loss changes with a_o (y = 1). Its sign" in str(prompt(app).border_title)
        assert "0.3558" not in text(app, "program")
        await pressed(pilot, "minus")
        assert prompt(app).value == "−"
        assert "How large?" in str(prompt(app).border_title)
        await pressed(pilot, *answered("0.35"))
        assert not prompt(app).asking
        assert position(app) == "0:6"
        assert words(app).startswith("✓ Right: it is −0.3558. dL/da_o = −(y − a_o)")
        assert score(app) == "1/1"
        await pressed(pilot, "s", *answered("0.23"))
        assert score(app) == "2/2 · streak 2", "a sign that is left out is positive"
        await pressed(pilot, "s", *answered("-0.36"))
        assert position(app) == "0:8"
        assert words(app).startswith(
            "✗ You said −0.36; it is −0.0816. You left out the slope factor da_o/dz_o = 0.2292. dL/dz_o ="
        )
        assert score(app) == "2/3"
        await pressed(pilot, "d", "d")
        assert "it is −0.081560515. You left out the slope factor da_o/dz_o = 0.229214088." in words(app)
        await pressed(pilot, "p", "s")
        assert score(app) is None
        assert position(app) == "0:9"
        assert "✗" not in words(app)


async def test_a_wrong_sign_is_never_right_and_0_is_a_sign():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pressed(pilot, "f", "p", "s", "plus", *answered("0.36"))
        assert "✗ You said 0.36; it is −0.3558. The size is right, the sign is not" in words(app)
        await pressed(pilot, "s", *answered("0"))
        assert "✗ You said 0; it is 0.2292." in words(app)
        await pressed(pilot, "s", "up", "down", *answered("0.082"))
        assert words(app).startswith("✓"), "arrows are signs as well, and the last sign counts"
        assert score(app) == "1/3"


async def test_a_sign_alone_is_no_answer_and_is_told_so():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pressed(pilot, "f", "p", "s", "minus", "enter")
        assert [one.message for one in app._notifications] == [
            "Its size as well: two significant digits are enough."
        ]
        assert prompt(app).asking
        await pressed(pilot, *answered("0.36"))
        assert score(app) == "1/1"


async def test_escape_shows_the_answer_unscored():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pressed(pilot, "p", "f", "escape")
        assert position(app) == "0:5"
        assert words(app).startswith("· It is 0.0633; not scored.")
        await pressed(pilot, "escape")
        assert words(app).startswith("L = "), "escape lets go of it"
        assert score(app) == "0/0"
        await pressed(pilot, "s", "minus", "0", "escape", "s")
        assert position(app) == "0:6"
        assert prompt(app).asking, "the next step asks again"


@pytest.mark.parametrize("before", [(), ("minus",)])
async def test_p_ends_it_from_within_a_question(before):
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pressed(pilot, "f", "p", "s", "minus", *answered("0.36"), "s", *before, "p")
        assert not prompt(app).asking
        assert position(app) == "0:7", "the step that was asked for has run"
        assert score(app) is None
        assert "predicted 1/1" in text(app, "status")
        await pressed(pilot, "s", "n")
        assert position(app) == "0:10"


async def test_only_steps_forwards_are_asked():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pressed(pilot, "p", "g", *"1:3", "enter")
        assert position(app) == "1:3"
        await pressed(pilot, *"SNLFBUE")
        assert position(app) == "0:0"
        await pressed(pilot, "end", "home", "colon", *typed("break loss < 0.06"), "enter", "c")
        assert position(app) == "1:5"
        await pressed(pilot, "C", "g", *"7:2", "enter", "s", "escape", "r")
        for _ in range(100):
            if debugger(app).session.time > 7 * 19 + 3:
                break
            await pilot.pause(0.02)
        await pressed(pilot, "r")
        assert debugger(app).session.time > 7 * 19 + 3
        assert not prompt(app).asking
        assert score(app) == "0/0"


@pytest.mark.parametrize(
    ("key", "asked", "end", "answer"),
    [
        ("n", "After this unit: a_h, the activation of h", "0:2", "0.56"),
        ("l", "After this layer: a_h", "0:2", "0.56"),
        ("f", "After the forward pass: L, the loss", "0:5", "0.063"),
        ("b", "After the backward pass: dL/db1", "0:15", "-0.014"),
        ("u", "After the update: b1", "0:19", "0.11"),
        ("e", "After the epoch: b1", "0:19", "0.11"),
    ],
)
async def test_a_larger_step_asks_one_question(key, asked, end, answer):
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        await pressed(pilot, "p", key)
        assert asked in str(prompt(app).border_title)
        assert position(app) == "0:0"
        await pressed(pilot, *answered(answer))
        assert position(app) == end
        assert words(app).startswith("✓")
        assert score(app) == "1/1"


async def test_on_the_way_back_a_unit_asks_for_its_error_signal():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pressed(pilot, "f", "p", "n")
        assert "In this unit: dL/dz_o, the error signal of o" in str(prompt(app).border_title)
        await pressed(pilot, *answered("-0.36"))
        assert position(app) == "0:10"
        assert debugger(app).view.subject.kind is Kind.DELTA, "the panes show what was asked"
        assert "✗ You said −0.36; it is −0.0816. You left out the slope factor" in words(app)
        await pressed(pilot, "2", "up")
        assert "✗" not in words(app), "of another statement nothing was said"


async def test_an_exact_0_has_no_size():
    app = BackpropApp(build(DEAD))
    async with app.run_test(size=LARGE) as pilot:
        await pressed(pilot, "n", "S", "p", "s", "plus")
        assert position(app) == "0:2"
        assert "✗ You said positive; it is 0.0000." in words(app)
        await pressed(pilot, "S", "s", *answered("0"))
        assert "✓ Right: it is 0.0000." in words(app)
        assert score(app) == "1/2"


async def test_what_is_no_number_is_not_asked():
    app = BackpropApp(build(DIVERGING))
    async with app.run_test(size=LARGE) as pilot:
        await pressed(pilot, "n", "p", "s")
        assert position(app) == "0:3"
        assert not prompt(app).asking
        assert "z_o is inf: not asked" in text(app, "status")
        await pressed(pilot, "b")
        assert position(app) == "0:15"
        assert "not asked" in text(app, "status")
        assert score(app) == "0/0"


async def test_what_is_typed_wrongly_stays_to_be_corrected():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pressed(pilot, "f", "p", "s", *"snlfbuexwq", "enter")
        assert prompt(app).value == "", "letters are no answer, and do not step"
        assert prompt(app).asking
        for wrong, said in (("-0,36", "write -0.36 with a point"), ("-dL_da_o", "numbers only")):
            prompt(app).value = wrong
            await pressed(pilot, "enter")
            assert prompt(app).asking
            assert prompt(app).value == wrong
            (notice,) = app._notifications
            assert said in notice.message
        assert position(app) == "0:5"
        prompt(app).value = "-(1 - 0.6442)"
        await pressed(pilot, "enter")
        assert words(app).startswith("✓ Right: it is −0.3558.")


async def test_keys_typed_at_once_are_all_obeyed():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("f")
        for key in ("p", "s", *answered("-0.36"), "s", *answered("0.23"), "s", "escape", "p", "s", "s"):
            app.post_message(key_of(key, app))
        await pilot.pause()
        await pilot.pause(0.1)
        assert position(app) == "0:10"
        assert "predicted 2/2" not in text(app, "status"), "a step has been run since"
        assert score(app) is None


async def test_from_the_command_line():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pressed(pilot, "colon", *"predict", "enter", "colon", *"step", "enter")
        assert prompt(app).asking
        assert "z_h, the weighted sum of h" in str(prompt(app).border_title)
        await pressed(pilot, *answered("0.25"))
        assert score(app) == "1/1"
        await pressed(pilot, "colon", *"predict", "enter", "s")
        assert position(app) == "0:2"
        await pressed(pilot, "g", "up")
        assert prompt(app).value == "predict", "answers are not recalled"


async def test_another_network_begins_without_questions():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pressed(pilot, "p", "s", *answered("0.25"), "colon", *typed("open xor"), "enter", "s")
        assert score(app) is None
        assert position(app) == "0:1"
        await pressed(pilot, "p")
        assert score(app) == "0/0"


async def test_the_verdict_comes_into_sight():
    app = BackpropApp(find())
    async with app.run_test(size=SMALL) as pilot:
        await pressed(pilot, "f", "4", "p", "s")
        assert not debugger(app).query_one("#chain").display
        await pressed(pilot, *answered("-0.36"))
        assert debugger(app).query_one("#chain").display
        assert words(app).startswith("✓")
        await pilot.resize_terminal(30, 8)
        await pressed(pilot, "s", *answered("0.5"))
        assert position(app) == "0:7"


async def test_no_picture_tells_the_answer():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pressed(pilot, "f", "p")
        assert "0.3558" in text(app, "loss"), "the slope of the loss over the prediction"
        await pressed(pilot, "s")
        assert all(
            "0.3558" not in text(app, pane) for pane in ("network", "program", "chain", "values", "loss")
        )
        assert "Answer first" in text(app, "loss")
        await pressed(pilot, *answered("-0.36"))
        assert "Answer first" not in text(app, "loss")
        await pressed(pilot, "s")
        debugger(app)._terminal.look_at("loss")
        await pilot.pause()
        assert "Answer first" not in text(app, "loss"), "nothing is asked any more"


async def test_a_large_network():
    app = BackpropApp(find("784-128-10"))
    async with app.run_test(size=LARGE) as pilot:
        await pressed(pilot, "p")
        for key in "snfnbu":
            await pressed(pilot, key)
            for _ in range(200):
                if prompt(app).asking:
                    break
                await pilot.pause(0.02)
            assert prompt(app).asking
            await pressed(pilot, *answered("0.123"))
        session = debugger(app).session
        assert session.time == session.program.iteration_start(1)
        assert score(app).endswith("/6")


async def test_a_long_way_to_the_answer_can_be_stopped():
    app = BackpropApp(find("digits"))
    async with app.run_test(size=LARGE) as pilot:
        session = debugger(app).session
        await pressed(pilot, "p")
        debugger(app).desk.predicting.ask("epoch", 10_000 * session.program.statements)
        await pilot.pause()
        assert "escape stops" in text(app, "status")
        await pressed(pilot, "escape")
        assert "escape stops" not in text(app, "status")
        assert not prompt(app).asking
        assert position(app) == "0:0"


def test_nothing_of_it_is_loaded_before_it_is_asked_for():
    late = ("lessons.prediction", "tui.desk.predicting", "tui.pictures.verdict")
    wanted = [f"backprop_tui.{name}" for name in late]
    assert loaded("backprop_tui.tui.app", *wanted) == []


@pytest.mark.parametrize(
    ("width", "asked"),
    [
        (80, "After the backward pass: dL/db1, the gradient. Its sign: + or −? ─"),
        (60, "─ dL/db1, the gradient. Its sign: + or −? ─"),
        (50, "─ dL/db1, the gradient. Its sign: + or −? ─"),
        (44, "─ Its sign: + or −? ─"),
        (30, "─ Its sign: + or −? ─"),
    ],
)
async def test_what_is_asked_can_be_read_in_any_width(width, asked):
    app = BackpropApp(find("vanishing"))
    async with app.run_test(size=(width, 16)) as pilot:
        await pressed(pilot, "f", "p", "b")
        row = app.screen._compositor.render_strips()[prompt(app).region.y].text
        assert asked in row
        keys = app.screen._compositor.render_strips()[prompt(app).region.bottom - 1].text
        assert "enter: answer" in keys
        assert "…" not in row + keys
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert prompt(app).border_title.startswith("After the backward pass: dL/db1")
