"""The debugger's own options, and session files as NETWORK: what is passed on, and what is refused before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from backprop_tui.cli.main import main
from backprop_tui.network.files import library
from backprop_tui.network.files.toml import load, read_toml
from backprop_tui.session.files.recovery import Keeper
from backprop_tui.session.files.saved_sessions import save_session
from backprop_tui.session.look import PLAIN, Look
from backprop_tui.session.session import Session
from backprop_tui.stops.breakpoints import Breakpoint

STEPS = 19
"""Statements an epoch of the worked example, as its source counts them."""


class Terminal:
    """What says that it is a terminal."""

    def __init__(self, inner):
        self._inner = inner

    def __getattr__(self, name):
        return getattr(self._inner, name)

    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def state(monkeypatch, tmp_path):
    monkeypatch.setenv("BACKPROP_TUI_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def opened(monkeypatch):
    """Runs the command in a terminal; what the debugger was opened with."""
    calls = []

    class App:
        return_code = 0

        def __init__(self, session, **others):
            self.session = session
            calls.append({"session": session, **others})

        def leave_kept(self):
            raise AssertionError

        def run(self):
            return 0

    def run(*arguments):
        monkeypatch.setitem(sys.modules, "backprop_tui.tui.app", SimpleNamespace(BackpropApp=App))
        monkeypatch.setattr(sys, "stdin", Terminal(sys.stdin))
        monkeypatch.setattr(sys, "stdout", Terminal(sys.stdout))
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments], standalone_mode=False)
        assert ended.value.code == 0
        (call,) = calls
        return SimpleNamespace(**call)

    return run


def refused(*arguments):
    """What is said on stderr; without a terminal, so that the screen cannot open."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert isinstance(result.exception, SystemExit), result.exception
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("backprop-tui: ")
    return line.removeprefix("backprop-tui: ")


@pytest.fixture
def lesson(tmp_path):
    session = Session(library.shipped("worked-example"))
    session.go("30:19")
    session.go("3:5")
    session.set("w1", 0.5)
    session.go("12:5")
    session.stopping.add("dL_dw1")
    session.stopping.switch(0)
    session.watching.add("loss")
    path = tmp_path / "lesson.toml"
    save_session(session, path, Look(digits=9, others={"lower": "values"}))
    return path


# Passed on


def test_without_options_the_worked_example_opens_at_its_start(opened):
    call = opened()
    assert call.session.network == library.shipped("worked-example")
    assert (call.session.time, call.session.latest, call.travel_to) == (0, 0, 0)
    assert (call.session.breakpoints, call.session.watches, call.session.edits) == ([], [], ())
    assert (call.look, call.run, list(call.interrupted())) == (PLAIN, False, [])


def test_options_reach_the_debugger(opened):
    call = opened(
        *("2-4-1", "--seed", "3", "--position", "12:5", "--run"),
        *("--break", "loss<0.01", "--break", "phase update", "--watch", "dL_dw_h1_x1", "--watch", "loss"),
    )
    assert call.session.network.training.seed == 3
    assert call.travel_to == 12 * call.session.program.statements + 5
    assert call.session.time == 0
    assert call.session.breakpoints == [Breakpoint("loss<0.01"), Breakpoint("phase update")]
    assert call.session.stopping.marks
    assert call.session.watches == ["dL_dw_h1_x1", "loss"]
    assert call.run is True


@pytest.mark.parametrize(
    ("position", "time"), [("12", 12 * STEPS), ("0:19", 19), ("end", 0), ("+2", 2 * STEPS), ("-3", 0)]
)
def test_a_position_is_typed_as_on_the_screen(opened, position, time):
    assert opened("--position", position).travel_to == time


def test_a_session_file_opens_as_it_was_saved(opened, lesson):
    call = opened(lesson)
    assert (call.travel_to, call.session.latest) == (12 * STEPS + 5, 31 * STEPS)
    assert [edit.value for edit in call.session.edits] == [0.5]
    assert call.session.breakpoints == [Breakpoint("dL_dw1", enabled=False)]
    assert call.session.watches == ["loss"]
    assert call.look == Look(digits=9, others={"lower": "values"})


@pytest.mark.parametrize(
    ("position", "time"),
    [("end", 31 * STEPS), ("+2", 14 * STEPS + 5), ("-2", 10 * STEPS + 5), ("1:2", STEPS + 2), ("start", 0)],
)
def test_options_add_to_what_was_saved(opened, lesson, position, time):
    call = opened(lesson, "--position", position, "--break", "loss < 0.01", "--watch", "z_h", "--run")
    assert (call.travel_to, call.session.time) == (time, 0)
    assert [one.text for one in call.session.breakpoints] == ["dL_dw1", "loss < 0.01"]
    assert call.session.watches == ["loss", "z_h"]


def test_interrupted_sessions_are_offered(opened, lesson, state):
    keeper = Keeper(state)
    keeper.keep(Session(library.find("2-4-1")))
    session = Session(library.find("2-4-1"))
    session.go("1:2")
    keeper.keep(session)
    for path in list(state.iterdir()):  # as a killed process leaves them: nobody holds them
        path.with_name("1-1." + path.name.partition(".")[2]).write_bytes(path.read_bytes())
    (one,) = opened(lesson).interrupted()
    assert one.position == "1:2"


def test_save_writes_the_network_without_the_session(opened, lesson, tmp_path):
    opened(lesson, "--save", tmp_path / "plain.toml")
    assert "session" not in read_toml(tmp_path / "plain.toml")
    assert load(tmp_path / "plain.toml") == load(lesson)


# Refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--position", "noon"], "--position: 'noon' is no position: try 12, 12:17"),
        (["--position", "3:20"], "--position: an epoch has 19 steps, not 20"),
        (["--position", "1000000001"], "--position: at most 1,000,000,000 epochs"),
        (["--position", "9" * 5000], "--position: '9999"),
        (["--position", ""], "--position: '' is no position"),
        (["--position", "\x1b[2J"], "--position: "),
        (
            ["--break", "losss < 1"],
            '--break: expected a breakpoint, found "losss < 1" (nothing is called losss',
        ),
        (["--break", "loss"], '--break: expected a breakpoint, found "loss"'),
        (["--break", "z_h", "--break", ""], "--break: expected a breakpoint"),
        (["--break", "__import__('os').system('true')"], "--break: expected a breakpoint"),
        (["--break", "(" * 5000], "--break: expected a breakpoint"),
        (["--watch", "dL_dw9"], '--watch: expected an expression, found "dL_dw9" (nothing is called dL_dw9'),
        (["--watch", "loss; loss"], "--watch: expected an expression"),
        (["--run"], "--run: expected a breakpoint to run to, found none"),
        (["2-4-1", "--break", "dL_dw1"], "--break: expected a breakpoint"),
        (["nowhere.toml", "--run"], "nowhere.toml: expected a network file, found no such file"),
        (["--position", "1:2"], "the debugger needs a terminal"),
        (["--break", "loss<1", "--watch", "z_h", "--run"], "the debugger needs a terminal"),
    ],
)
def test_a_wrong_option_is_refused_in_one_line(arguments, message):
    assert refused(*arguments).startswith(message)


def test_to_run_a_breakpoint_must_be_switched_on(lesson):
    assert refused(lesson, "--run").startswith("--run: expected a breakpoint")


def test_a_wrong_session_is_refused_with_file_and_place(lesson):
    lesson.write_text(lesson.read_text().replace('set = "w1"', 'set = "w7"'))
    assert refused(lesson) == (
        f"{lesson}: session.edits[0].set: expected a weight, a bias, an input, a target or learning_rate, "
        'found "w7" (there are x, y, b1, w1, b2, w2)'
    )


def test_from_a_shell_a_wrong_breakpoint_ends_with_status_2():
    done = subprocess.run(
        [sys.executable, "-m", "backprop_tui", "--break", "losss<1"],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("backprop-tui: --break: ")
    assert len(done.stderr.splitlines()) == 1


# The other commands


@pytest.mark.parametrize("arguments", [["train", "--epochs", "2"], ["trace", "--json"], ["check", "--json"]])
def test_other_commands_begin_at_the_start(lesson, arguments):
    command, *options = arguments
    plain, saved = (
        CliRunner().invoke(main, [command, *network, *options]) for network in ([], [str(lesson)])
    )
    assert saved.exit_code == 0
    assert saved.stdout == plain.stdout


def test_a_check_does_not_mind_a_session_of_another_version(lesson):
    lesson.write_text(lesson.read_text().replace("version = 1", "version = 2"))
    done = CliRunner().invoke(main, ["check", str(lesson), "--json"])
    assert json.loads(done.stdout)["passed"] is True
    assert "session.version: expected 1" in refused(lesson)


def test_the_commands_stay_quick_to_import():
    program = (
        "import sys, backprop_tui.cli.main; "
        "print([name for name in ('numpy', 'textual', 'msgspec', 'platformdirs') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
