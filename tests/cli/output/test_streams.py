"""Output that cannot be written: one message, a status, no traceback. Each test runs the real program."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")
COMMAND = f"{sys.executable} -m backprop_tui"
SAID = "backprop-tui: standard output cannot be written: {}\n"

needs_full_disk = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")

PRINTING = (
    "train",
    "train --json",
    "train --log-every 1 --epochs 5000",
    "trace",
    "trace 784-9-2 --json",
    "check",
    "check --json",
    "flow",
    "examples",
    "--help",
    "train --help",
    "--version",
)


def shell(line, tmp_path, **environment):
    """Run a line of bash in an empty folder; ``backprop-tui`` is the program."""
    done = subprocess.run(
        ["bash", "-c", line.replace("backprop-tui", COMMAND)],
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        cwd=tmp_path,
        env={**os.environ, "BACKPROP_TUI_STATE": str(tmp_path / "state"), **environment},
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


# A full disk


@needs_full_disk
@pytest.mark.parametrize("command", PRINTING)
def test_a_full_disk_is_told_in_one_line(command, tmp_path):
    assert shell(f"backprop-tui {command} > /dev/full", tmp_path) == (
        2,
        "",
        SAID.format("no space left on device"),
    )


@needs_full_disk
@pytest.mark.parametrize("command", ["train --help", "trace"])
def test_so_it_is_where_the_output_is_ascii(command, tmp_path):
    ended = shell(f"backprop-tui {command} > /dev/full", tmp_path, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert ended == (2, "", SAID.format("no space left on device"))


@needs_full_disk
@pytest.mark.parametrize("command", ["train", "trace", "check", "export -o net.py", "debug"])
def test_a_file_that_has_no_room_is_named(command, tmp_path):
    status, printed, said = shell(f"backprop-tui {command} --save /dev/full", tmp_path)
    assert (status, printed) == (2, "")
    assert said == (
        "backprop-tui: /dev/full: expected a file that can be written, found no space left on device\n"
    )


@needs_full_disk
def test_an_export_that_has_no_room_is_named(tmp_path):
    (tmp_path / "net.py").symlink_to(FULL)
    status, printed, said = shell("backprop-tui export -o net.py", tmp_path)
    assert (status, printed) == (2, "")
    assert (
        said == "backprop-tui: net.py: expected a file that can be written, found no space left on device\n"
    )


@needs_full_disk
@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("no-such-network", 2),
        ("train no-such-network", 2),
        ("train --no-such-option", 2),
        ("train --output identity --learning-rate 1e300 --stop-at-divergence", 1),
        ("train --output identity --learning-rate 1e300", 0),
    ],
)
@pytest.mark.parametrize("errors", ["2> /dev/full", "2>&-"])
def test_a_message_that_cannot_be_written_is_left_out(command, status, errors, tmp_path):
    """What is printed and the status are as with it."""
    expected = shell(f"backprop-tui {command}", tmp_path)
    assert expected[0] == status
    assert expected[2] != ""
    assert shell(f"backprop-tui {command} {errors}", tmp_path) == (status, expected[1], "")


# A reader that leaves


@pytest.mark.parametrize(
    "command",
    [
        "train --epochs 9999 --log-every 1",
        "trace --json",
        "check",
        "examples",
        "--help",
        "train -h",
        "--version",
    ],
)
def test_a_reader_that_takes_nothing_ends_it_silently(command, tmp_path):
    line = f"(sleep 0.5; backprop-tui {command}) | true; echo ${{PIPESTATUS[0]}}"
    assert shell(line, tmp_path) == (0, "141\n", "")


@pytest.mark.parametrize("command", ["train --epochs 100000000 --log-every 1", "trace 784-99-2"])
def test_a_reader_that_takes_one_line_ends_it_silently(command, tmp_path):
    status, printed, said = shell(f"backprop-tui {command} | head -1; echo ${{PIPESTATUS[0]}}", tmp_path)
    assert (status, said) == (0, "")
    assert printed.splitlines()[0].lower().startswith("epoch 0")
    assert printed.splitlines()[1:] == ["141"]


# Streams that are closed from the start


@pytest.mark.parametrize("command", PRINTING)
def test_closed_output_is_told_in_one_line(command, tmp_path):
    assert shell(f"backprop-tui {command} >&-", tmp_path) == (2, "", SAID.format("bad file descriptor"))


def test_a_command_that_prints_nothing_needs_no_output(tmp_path):
    assert shell("backprop-tui export -o net.py >&-", tmp_path) == (0, "", "")
    assert shell(f"{sys.executable} net.py", tmp_path)[1] == shell("backprop-tui train", tmp_path)[1]


@pytest.mark.parametrize("command", ["train", "trace", "check --json", "examples"])
def test_no_command_but_the_debugger_needs_the_other_streams(command, tmp_path):
    expected = shell(f"backprop-tui {command}", tmp_path)
    assert expected[0] == 0
    assert shell(f"backprop-tui {command} <&- 2>&-", tmp_path) == expected


@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&-"])
def test_the_debugger_without_a_stream_says_what_would_work(closed, tmp_path):
    status, printed, said = shell(f"backprop-tui {closed}", tmp_path)
    assert (status, printed) == (2, "")
    assert (
        said
        == "backprop-tui: the debugger needs a terminal; without one, try: --plain, train, trace, check\n"
    )


def test_with_no_stream_at_all_the_status_tells(tmp_path):
    assert shell("backprop-tui train <&- >&- 2>&-", tmp_path) == (2, "", "")
    assert shell("backprop-tui <&- >&- 2>&-", tmp_path) == (2, "", "")
