"""The debugger in lines as a program: piped, in a terminal that can do little, interrupted and killed."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def run(*arguments, typed="", **environment):
    return subprocess.run(
        [sys.executable, "-m", "backprop_tui", *arguments],
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
        check=False,
    )


def test_lines_can_be_piped(tmp_path):
    done = run("xor", "--plain", typed="f\nq\n", BACKPROP_TUI_STATE=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "0:0> f" in done.stdout
    assert done.stdout.rstrip().endswith("> q")


@pytest.mark.parametrize("line_after", ["q", "open xor", ""])
def test_an_export_is_waited_for(tmp_path, line_after):
    path = tmp_path / "work.md"
    lines = f"export {path} 0:9\n{line_after}"
    done = run("xor", "--plain", typed=lines, BACKPROP_TUI_STATE=str(tmp_path / "state"))
    told = f"Exported: {path}\n"
    assert re.search(rf"> export {path} 0:9\n(… .* ctrl\+c stops\n)*{told}", done.stdout)
    assert path.read_text("utf-8").startswith("# XOR\n")  # and it is there whole or not at all


def test_in_an_ascii_locale_formulas_are_spelt_out(tmp_path):
    done = run("--plain", typed="s\n", BACKPROP_TUI_STATE=str(tmp_path), PYTHONIOENCODING="ascii")
    assert "z_h = w1*x + b1 = 0.3000*0.5000 + 0.1000 = 0.2500" in done.stdout


def test_a_full_disk_is_told(tmp_path):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "backprop_tui", "--plain"],
            input="s\n",
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "BACKPROP_TUI_STATE": str(tmp_path)},
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.startswith("backprop-tui: standard output cannot be written")


def _in_a_terminal(tmp_path, *arguments):
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "dumb", "BACKPROP_TUI_STATE": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "backprop_tui", *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environment,
        close_fds=True,
    )
    os.close(slave)
    return process, master


def _until(master, words):
    """What was printed up to *words*."""
    seen = b""
    end = time.monotonic() + 60
    while words not in seen and time.monotonic() < end:
        if select.select([master], [], [], 0.1)[0]:
            seen += os.read(master, 4096)
    assert words in seen, seen
    return seen


def test_a_dumb_terminal_gets_lines_without_any_escape_sequence_and_a_kill_loses_nothing(tmp_path):
    process, master = _in_a_terminal(tmp_path)
    seen = _until(master, b"0:0> ")
    os.write(master, b"f\n")
    seen += _until(master, b"0:5> ")
    os.write(master, b"s\n")
    seen += _until(master, b"0:6> ")
    assert b"0.6442" in seen
    assert b"\x1b[" not in seen.replace(b"\x1b[?2004h", b"").replace(b"\x1b[?2004l", b"")
    process.kill()
    process.wait()
    os.close(master)
    process, master = _in_a_terminal(tmp_path)
    assert b"worked example, at 0:6" in _until(master, b"number> ")
    os.write(master, b"1\n")
    _until(master, b"0:6> ")
    os.write(master, b"q\n")
    assert process.wait(60) == 0
    os.close(master)


def test_sessions_of_killed_programs_are_offered_to_nobody_who_pipes_lines(tmp_path):
    process, master = _in_a_terminal(tmp_path)
    _until(master, b"0:0> ")
    os.write(master, b"f\n")
    _until(master, b"0:5> ")
    process.kill()
    process.wait()
    os.close(master)
    done = run("--plain", typed="f\nb\nq\ns\n", BACKPROP_TUI_STATE=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "interrupted" not in done.stdout
    assert done.stdout.endswith("0:15> q\n")
    process, master = _in_a_terminal(tmp_path)  # to whom it is offered still
    assert b"q leaves" in _until(master, b"number> ")
    os.write(master, b"q\n")
    assert process.wait(60) == 0
    os.close(master)
    process, master = _in_a_terminal(tmp_path)
    _until(master, b"number> ")
    os.write(master, b"escape\n")
    _until(master, b"0:0> ")
    os.write(master, b"q\n")
    assert process.wait(60) == 0
    os.close(master)


def _interrupt_at_prompt(process):
    time.sleep(0.5)  # what comes between the prompt and readline's waiting is seen with the next key only
    process.send_signal(signal.SIGINT)


def test_a_search_that_does_not_end_says_what_stops_it_and_is_stopped(tmp_path):
    process, master = _in_a_terminal(tmp_path)
    _until(master, b"0:0> ")
    os.write(master, b"break loss < 0\n")
    _until(master, b"0:0> ")
    os.write(master, b"c s s\n")
    _until(master, b"ctrl+c stops")
    process.send_signal(signal.SIGINT)
    assert b"stopped" in _until(master, b"0:0> ")  # and nothing else of the line is done
    _interrupt_at_prompt(process)
    assert b"ctrl+c again" in _until(master, b"0:0> ")  # which may have come a moment too late
    os.write(master, b"s\n")
    assert b"0.2500" in _until(master, b"0:1> ")
    os.write(master, b"g\n")
    _until(master, b"goto> ")
    _interrupt_at_prompt(process)
    _until(master, b"0:1> ")
    _interrupt_at_prompt(process)
    _until(master, b"0:1> ")
    _interrupt_at_prompt(process)
    assert process.wait(60) == 130
    os.close(master)


def test_a_search_in_piped_lines_is_stopped_as_well(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "backprop_tui", "--plain"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "BACKPROP_TUI_STATE": str(tmp_path)},
    )
    process.stdin.write("break loss < 0\nc\ns\n")
    process.stdin.close()
    while "ctrl+c stops" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert "0:0> s\nforward, epoch 0\n" in process.stdout.read()
    assert process.wait(60) == 0
    process.stdout.close()
