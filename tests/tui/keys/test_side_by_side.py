"""Runs side by side in the debugger: opened, swapped, closed, and never in the way of a key."""

import threading

import pytest

from backprop_tui.network.files.library import find
from backprop_tui.session import comparing as module
from backprop_tui.session.session import Session
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.commands.completion import completions
from backprop_tui.tui.desk import comparisons
from backprop_tui.tui.screens.debugger import DebuggerScreen
from backprop_tui.tui.screens.textual_terminal import TextualTerminal
from backprop_tui.tui.widgets.pane import Pane
from tests.scenes import typed

LARGE = (120, 40)


def line(text):
    return ("colon", *typed(text), "enter")


def desk(app):
    screen = app.screen_stack[0]
    assert isinstance(screen, DebuggerScreen)
    return screen.desk


def rows(app, name):
    pane = app.screen_stack[0].query_one(f"#{name}", Pane)
    return [pane.render_line(y).text.rstrip() for y in range(pane.size.height)]


async def still(app, pilot):
    await pilot.pause()
    while desk(app).comparisons.busy:
        await pilot.pause(0.01)
    await pilot.pause()


async def test_opened_swapped_and_closed_by_keys():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("a", *typed("learning_rate=5"), "enter", "g", "5", "0", "enter")
        await still(app, pilot)
        session = app.session
        assert rows(app, "values")[0].split() == ["a", "as", "given", "b", "learning_…", "b/a"]
        losses = {name: now.loss.value for name, now in session.comparing.now.items()}
        shown = f"L a {losses['a']:.4f}  b {losses['b']:.4f}"
        assert rows(app, "status")[0].endswith(shown)
        assert "b learning_rate=5" in rows(app, "loss")[0]
        await pilot.press("tilde", "f")
        await still(app, pilot)
        assert session.network.training.learning_rate == 5.0
        assert rows(app, "values")[0].split()[:2] == ["b", "learning_…"]
        assert session.position == "50:5"
        await pilot.press("tilde", "S")
        await still(app, pilot)
        assert (session.position, session.network.training.learning_rate) == ("50:4", 0.5)
        await pilot.press(*line("compare off"))
        await still(app, pilot)
        assert not session.comparing.open
        assert rows(app, "values")[0].split()[0] == "unit"


async def test_the_status_line_tells_what_came_of_it():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press(*line("compare off"))
        assert rows(app, "status")[0].endswith("no run is open beside this one")
        await pilot.press(*line("compare learning_rate=0.05,5"))
        assert rows(app, "status")[0].endswith("beside: b learning_rate=0.05, c learning_rate=5")
        await pilot.press(*line("other-run c"))
        assert rows(app, "status")[0].endswith("debugging c: learning_rate=5")
        await pilot.press(
            "X", *typed("loss"), "space", "less_than_sign", "space", *typed("a.loss"), "enter", "c"
        )
        await still(app, pilot)
        assert "loss < a.loss: loss is" in rows(app, "status")[0]
        await pilot.press("m")
        await pilot.pause()
        await pilot.press("escape", *line("compare off"))
        assert rows(app, "status")[0].endswith("comparison closed")
        assert [one.message for one in app._notifications] == ["loss < a.loss"]


@pytest.mark.parametrize("text", ["adam", "xor", "learning_rate=", "off off", "a_h=3", "seed=1,2,3,4"])
async def test_what_is_refused_is_told_and_the_line_stays(text):
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press(*line(f"compare {text}"))
        await pilot.pause()
        assert not app.session.comparing.open
        terminal = desk(app).terminal
        assert isinstance(terminal, TextualTerminal)
        assert terminal.prompt.asking


async def test_a_key_does_not_wait_for_a_run_beside(monkeypatch):
    """The run beside is held up; the debugged one is stepped, and read, all the while."""
    go_on = threading.Event()
    follow = module.following

    def held_up(run, time, latest):
        while not go_on.wait(0.001):
            yield 0
        yield from follow(run, time, latest)

    monkeypatch.setattr(module, "following", held_up)
    monkeypatch.setattr(comparisons, "QUICK", 0)
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press(*line("compare learning_rate=5"), "s", "f", "e", "e", "S")
        await pilot.pause()
        assert app.session.position == "1:18"
        head, *lines = rows(app, "values")
        assert "computing" in head
        assert rows(app, "status")[0].endswith("b …")
        assert any(one.split()[1] not in ("–", "") for one in lines if one.split())
        await pilot.press("r", "escape")
        assert desk(app).comparisons.busy
        go_on.set()
        await still(app, pilot)
        assert "computing" not in rows(app, "values")[0]
        fresh = Session(app.session.comparing.runs["b"].network)
        fresh.jump(app.session.time)
        assert rows(app, "status")[0].endswith(f"b {fresh.now.loss.value:.4f}")


async def test_another_network_has_no_runs_beside():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press(*line("compare learning_rate=5"), *line("open xor"))
        await pilot.pause()
        assert app.session.comparing.labels == {"a": "as given"}


@pytest.mark.parametrize(
    ("typed_so_far", "expected"),
    [
        ("compare learn", "compare learning_rate="),
        ("compare optimizer=ad", "compare optimizer=adagrad"),
        ("compare optimizer=adam learn", "compare optimizer=adam learning_rate="),
        ("compare activation=tanh,rel", "compare activation=tanh,relu"),
        ("compare of", "compare off"),
        ("compare w1", "compare w1="),
        ("compare mome", "compare momentum="),
        ("compare without", "compare without edits"),
        ("other-run b", "other-run b"),
        ("break loss < b.lo", "break loss < b.loss"),
    ],
)
def test_a_line_is_completed(typed_so_far, expected):
    session = Session(find())
    session.comparing.add("learning_rate=5")
    assert expected in completions(session, "", typed_so_far)
