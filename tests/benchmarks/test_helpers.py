"""The benchmark's own tools: its statistics, its screen, and a program in a pseudo-terminal."""

import math
import sys

import pytest

from tests.benchmarks.measures import interleaved, median, p95, quantile, slope
from tests.benchmarks.position import Trail
from tests.benchmarks.report import Table, Verdict, markdown, text
from tests.benchmarks.screen import Screen
from tests.benchmarks.terminal import Burst, DiedError, Program

ECHO = """
import sys, tty
tty.setraw(0)
print("ready", end="", flush=True)
while (key := sys.stdin.read(1)) != "q":
    print(f"\\x1b[2;3H<{key}>", end="", flush=True)
"""
OUTPUT = (
    "\x1b[?1049h\x1b[?25l\x1b[2J\x1b[1;1H"
    "\x1b[38;2;1;2;3mδ −0.0816 日本\x1b[0m\x1b[2;5Hfive\r\nnext\tstop"
    "\x1b[3;3H\x1b[Kgone\x1b[1A\x1b[2Dup\x1b]0;title\x07"
    "\x1b[4;1Hfull row!!wraps\x1b[1;3H\x1b[1K\x1b[6;2H\x1b[3X"
)


def test_quantiles_are_those_of_the_definition():
    assert median([3, 1, 2]) == 2
    assert median([4, 1, 3, 2]) == 2.5
    assert quantile([0, 10], 0.25) == 2.5
    assert p95(list(range(101))) == 95
    assert math.isnan(median([]))


def test_the_slope_is_the_power():
    sizes = [1.0, 10.0, 1e3, 1e6]
    assert slope(sizes, [7 * x**0.5 for x in sizes]) == pytest.approx(0.5)
    assert slope(sizes, [3.0] * 4) == pytest.approx(0.0)
    assert math.isnan(slope([2.0, 2.0], [1.0, 2.0]))


def test_contestants_take_turns_and_are_counted_a_repetition():
    turns = []
    times = interleaved({name: lambda count, name=name: turns.append(name) for name in "ab"}, 3, 1e-9)
    assert turns[-6:] == ["a", "b"] * 3
    assert {name: len(taken) for name, taken in times.items()} == {"a": 3, "b": 3}


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_the_screen_agrees_with_another_terminal(size):
    pyte = pytest.importorskip("pyte")
    theirs = pyte.Screen(20, 6)
    pyte.ByteStream(theirs).feed(OUTPUT.encode())
    ours = Screen(20, 6)
    data = OUTPUT.encode()
    for start in range(0, len(data), size):
        ours.feed(data[start : start + size])
    assert ours.text() == "\n".join(theirs.display)


def test_a_burst_ends_with_its_last_byte():
    burst = Burst(1.0, [(1.25, b"ab"), (1.251, b"c"), (1.5, b"d")])
    assert (burst.seconds, burst.size, burst.frames()) == (0.5, 4, 2)
    assert Burst(1.0, []).seconds is None
    assert Burst(0.0, [(0.0, b"\x1b[?2026l"), (0.0, b"\x1b[?2026l")]).frames() == 2


def test_a_trail_tells_when_a_time_was_first_shown():
    trail = Trail(shown=[(0.1, 5), (0.2, 9), (0.3, 9)])
    assert [trail.arrival(time) for time in (4, 6, 9, 10)] == [0.1, 0.2, 0.2, None]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_program_in_a_terminal_is_heard_and_always_ends():
    with Program([sys.executable, "-c", ECHO], (20, 5)) as program:
        program.until("ready")
        assert program.press(b"x", quiet=0.2).size
        assert program.screen.row(1)[2:5] == "<x>"
        with pytest.raises(DiedError, match="ready"):
            program.until("never", limit=0.05)
    assert program._process.returncode is not None


def test_numbers_and_tables_as_people_read_them():
    assert [text(x) for x in (None, 12345, 0.5, 123.4, 2.2e-16, math.nan)] == [
        "–",
        "12,345",
        "0.500",
        "123",
        "2.2e-16",
        "–",
    ]
    assert markdown(Table("T", ("a", "b"), [(1, "x|y")], ("n",))).splitlines()[2:5] == [
        "| a | b |",
        "| --- | --- |",
        "| 1 | x\\|y |",
    ]
    assert Verdict("w", 1.0, 1.0).met
    assert not Verdict("w", math.nan, 1.0).met
