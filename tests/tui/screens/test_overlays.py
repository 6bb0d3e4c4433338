"""Every screen that lies over the debugger closes once, whatever arrives in the same moment."""

import asyncio
import random
from datetime import datetime

import pytest
from textual import events
from textual.containers import Vertical
from textual.widgets import OptionList, Static

from backprop_tui.network.files.library import find
from backprop_tui.session.files.recovery import Interrupted
from backprop_tui.session.files.saved_sessions import save_session
from backprop_tui.session.session import Session
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.screens.debugger import DebuggerScreen
from backprop_tui.tui.screens.opening import OpenScreen
from backprop_tui.tui.screens.overlay import Overlay
from backprop_tui.tui.screens.palette import Palette
from tests.tui.keys.seen import debugger, settled

CHARACTERS = {"space": " ", "colon": ":", "question_mark": "?", "equals_sign": "=", "slash": "/"}


def burst(app, *keys):
    """Keys that come in one moment: none waits for what the one before it does."""
    for key in keys:
        event = events.Key(key, key if len(key) == 1 else CHARACTERS.get(key))
        event.set_sender(app)
        app.post_message(event)


async def alive(app, pilot):
    """The debugger is there, and nothing over it; a key does what it says."""
    await settled(pilot, lambda: app._exception is not None or app.screen is debugger(app))
    assert app._exception is None
    assert app.is_running
    screen = debugger(app)
    screen._terminal.close_prompt()
    await pilot.pause()
    screen.query_one("#network").focus()
    before = screen.session.time
    await pilot.press("s")
    assert screen.session.time == before + 1


OPENERS = ("ctrl+p", "o", "m", "question_mark", "g", "colon")
ENDS = (
    ("enter", "enter"),
    ("enter", "enter", "enter", "enter"),
    ("escape", "escape"),
    ("escape", "enter"),
    ("enter", "escape"),
    ("escape", "escape", "enter", "enter", "escape"),
    ("down", "enter", "enter"),
    ("q", "escape", "enter"),
    ("enter", "ctrl+p", "escape", "escape"),
)


def listed(app):
    """Whether the palette offers something, so that enter chooses it."""
    return isinstance(app.screen, Palette) and app.screen.query_one(OptionList).option_count > 5


@pytest.mark.parametrize("whole", [False, True], ids=["at-once", "once-it-is-whole"])
@pytest.mark.parametrize("opener", OPENERS)
async def test_an_overlay_closes_once(opener, whole):
    app = BackpropApp(find())
    async with app.run_test(size=(80, 24)) as pilot:
        for end in ENDS:
            if "q" in end and opener in ("g", "colon"):
                continue  # it would be typed, and the next key opens nothing
            burst(app, opener)
            if whole:
                await pilot.pause(0.1)
            burst(app, *end)
            await pilot.pause(0.1)
            while app.screen is not debugger(app):
                burst(app, "escape")
                await pilot.pause(0.05)
            await alive(app, pilot)


@pytest.mark.parametrize("ends", [2, 3, 5])
async def test_the_palette_runs_what_was_chosen_once(ends):
    app = BackpropApp(find())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p", *"Layer (l")
        await settled(pilot, lambda: app.screen.query_one(OptionList).option_count)
        await pilot.pause(0.2)
        burst(app, *["enter"] * ends)
        await settled(pilot, lambda: debugger(app).session.position != "0:0")
        await pilot.pause(0.1)
        assert debugger(app).session.position == "0:2"
        await alive(app, pilot)


async def test_the_choice_of_themes_closes_once():
    app = BackpropApp(find())
    async with app.run_test(size=(80, 24)) as pilot:
        for end in (("enter", "enter"), ("enter", "escape", "enter"), ("escape", "enter", "enter")):
            app.action_change_theme()
            await settled(pilot, lambda: listed(app))
            burst(app, "down", *end)
            await pilot.pause(0.1)
            await alive(app, pilot)


@pytest.mark.parametrize("over", ["palette", "list"])
async def test_a_click_beside_it_and_enter_close_it_once(over):
    app = BackpropApp(find())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+p" if over == "palette" else "m")
        await settled(pilot, lambda: listed(app) or over == "list")
        for _ in range(2):
            await pilot._post_mouse_events([events.MouseDown, events.MouseUp, events.Click], offset=(1, 30))
            burst(app, "enter", "escape", "enter")
        await pilot.pause(0.1)
        await alive(app, pilot)


def interrupted(tmp_path, count):
    """Sessions whose processes are gone."""
    session = Session(find())
    session.go("3:5")
    found = []
    for number in range(count):
        network, kept = tmp_path / f"{number}.network.toml", tmp_path / f"{number}.session.toml"
        save_session(Session(find()), network)
        save_session(session, kept)
        found.append(Interrupted("worked example", "3:5", datetime.now().astimezone(), network, kept))
    return found


@pytest.mark.parametrize(
    "keys",
    [
        ("enter", "enter"),
        ("enter", "escape", "enter", "d"),
        ("escape", "escape", "enter"),
        ("d", "d", "d", "d", "enter"),
        ("d", "enter", "enter", "d"),
        ("d", "d", "escape", "d", "enter"),
    ],
    ids="-".join,
)
async def test_the_offer_to_go_on_is_answered_once(keys, tmp_path):
    found = interrupted(tmp_path, 2)
    app = BackpropApp(find(), interrupted=lambda: found)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, lambda: isinstance(app.screen, Overlay))
        await pilot.pause(0.05)
        burst(app, *keys)
        await pilot.pause(0.2)
        await alive(app, pilot)


async def test_an_interrupted_session_is_thrown_away_only_where_it_is_asked_for_twice(tmp_path):
    found = interrupted(tmp_path, 2)
    app = BackpropApp(find(), interrupted=lambda: found)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot, lambda: isinstance(app.screen, Overlay))
        for keys, left in ((("d",), 2), (("down",), 2), (("d",), 2), (("d",), 1), (("d",), 1)):
            await pilot.press(*keys)
            await pilot.pause()
            assert len(list(tmp_path.glob("*.session.toml"))) == left
        assert not found[1].session_file.exists()
        await pilot.press("enter")
        await settled(pilot, lambda: app.screen is debugger(app))
        assert debugger(app).session.position == "3:5"


@pytest.mark.parametrize("seed", range(3))
async def test_a_storm_of_keys_over_overlays(seed):
    storm = random.Random(seed)
    keys = [
        *OPENERS,
        *["enter", "escape"] * 3,
        "down",
        "up",
        "tab",
        "d",
        "space",
        "f",
        "equals_sign",
        "slash",
    ]
    app = BackpropApp(find())
    async with app.run_test(size=(80, 24)) as pilot:
        pressed = []
        for _ in range(60):
            pressed.append([storm.choice(keys) for _ in range(10)])
            burst(app, *pressed[-1])
            await pilot.pause(storm.choice([0.0, 0.0, 0.05]))
            assert app._exception is None, pressed
            if not app.is_running:
                return  # the palette's own way out
        for _ in range(3):
            burst(app, "escape")
            await pilot.pause(0.1)
        await alive(app, pilot)


async def test_an_overlay_beneath_another_stays_until_that_is_gone():
    """An *enter* on its way to the choice of networks comes after the palette has been opened over it."""
    app = BackpropApp(find())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("o")
        await pilot.pause()
        beneath = app.screen
        assert isinstance(beneath, OpenScreen)
        app.action_command_palette()
        await pilot.pause()
        assert app.screen is not beneath
        beneath.action_choose()
        await pilot.pause()
        assert beneath in app.screen_stack
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is beneath
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, DebuggerScreen)


class Late(Static):
    """A widget that is there later than the box around it."""

    may_come = asyncio.Event()

    async def on_event(self, event):
        if isinstance(event, events.Compose):
            await self.may_come.wait()
        await super().on_event(event)


class Boxed(Overlay[None]):
    """A box with something in it that takes its time, and an action that looks for that."""

    BINDINGS = (("d", "take", "Take"),)
    taken = 0

    def compose(self):
        with Vertical():
            yield Late("late", id="late")

    def action_take(self):
        self.query_one("#late")
        self.taken += 1


async def test_nothing_is_asked_of_an_overlay_whose_boxes_are_empty_yet():
    app = BackpropApp(find())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        Late.may_come = asyncio.Event()
        over = Boxed()
        app.push_screen(over)
        while not (app.screen is over and over.children):
            await asyncio.sleep(0.01)
        burst(app, "d")
        await asyncio.sleep(0.05)
        asked = over.check_action("take", ())
        Late.may_come.set()
        assert (asked, app._exception) == (False, None)
        await settled(pilot, lambda: over.check_action("take", ()))
        burst(app, "d")
        await settled(pilot, lambda: over.taken > 0)
        over.dismiss(None)
        await alive(app, pilot)


@pytest.mark.parametrize("told", ["_show_busy", "_list_visible"])
async def test_what_textual_tells_a_palette_that_is_gone_does_nothing(told):
    """As it comes where *escape* is pressed while commands are still being looked for."""
    app = BackpropApp(find())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause(0.2)
        palette = app.screen
        await palette.query("*").remove()
        setattr(palette, told, not getattr(palette, told))
        await pilot.pause(0.1)
        assert app.is_running
        assert app.return_code is None


async def test_a_palette_may_be_opened_while_the_one_before_is_still_being_removed():
    app = BackpropApp(find())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause()
        before = app.screen
        before.dismiss()
        app.action_command_palette()
        await pilot.pause(0.2)
        assert isinstance(app.screen, Palette)
        assert app.screen is not before
        assert app.return_code is None
