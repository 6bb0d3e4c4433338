"""Sessions saved, interrupted or ended by an error of ours: another program goes on."""

import os
import subprocess
import sys

from textual.widgets import OptionList

from backprop_tui.network.files.library import find
from backprop_tui.session.files import recovery
from backprop_tui.session.files.saved_sessions import find_session
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.screens.recovering import RecoverScreen
from tests.tui.keys.seen import (
    LARGE,
    debugger,
    parameters,
    say,
    session,
    settled,
    warnings,
)


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


async def test_a_file_of_a_persons_own_is_replaced_only_when_that_is_asked_for_twice(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text('title = "mine"  # by hand\n', "utf-8")
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await say(pilot, f"save {mine}")
        assert mine.read_text("utf-8") == 'title = "mine"  # by hand\n'
        assert warnings(app) == [
            f"{mine}: expected a name that is free, found a file (the same once more replaces it)"
        ]
        await pilot.press("enter")
        assert "[session]" in mine.read_text("utf-8")
        await pilot.press("s", "ctrl+s")  # to its own file as often as one likes
        assert 'position = "0:1"' in mine.read_text("utf-8")


async def test_a_saved_session_is_replaced_by_another(tmp_path):
    path = tmp_path / "lesson.toml"
    for position in ("0:3", "0:5"):
        app = BackpropApp(find())
        async with app.run_test(size=LARGE) as pilot:
            await say(pilot, f"goto {position}", f"save {path}")
            assert not warnings(app)
        assert f'position = "{position}"' in path.read_text("utf-8")
