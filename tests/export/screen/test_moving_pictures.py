"""Several screens as one file: an animated SVG and an asciicast, played by others' rules."""

from __future__ import annotations

import json
import re

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.export.screen.animation import Frame, animated_svg
from backprop_tui.export.screen.cast import cast
from backprop_tui.export.screen.cells import Run, Screen, Style
from tests.export.screen.drawn_cells import painted

INK, PAPER, SIZE = "#d8dee9", "#0e131b", (12, 4)
STYLES = [
    Style(INK, PAPER),
    Style("#ff0000", PAPER, bold=True),
    Style(INK, "#1b2431", underline=True),
    Style("#00ff00", PAPER, italic=True, reverse=True),
]
LINES = st.lists(
    st.tuples(st.text("ab1 ─▶δ", min_size=SIZE[0], max_size=SIZE[0]), st.sampled_from(STYLES)),
    min_size=SIZE[1],
    max_size=SIZE[1],
)


def screen(lines) -> Screen:
    rows = tuple((Run(text[:5], style, 5), Run(text[5:], STYLES[0], 7)) for text, style in lines)
    return Screen(rows, SIZE[0], INK, PAPER, "played")


FRAMES = st.lists(st.tuples(LINES, st.sampled_from([0.5, 1.0, 2.0])), min_size=1, max_size=4).map(
    lambda shown: [
        Frame(screen(lines), seconds, f"k{n}" if n else "") for n, (lines, seconds) in enumerate(shown)
    ]
)


def set_letters(one: Screen):
    """The letters of a screen that are set, by their cells."""
    return {
        (x, y): character
        for y, row in enumerate(one.rows)
        for x, character in enumerate("".join(run.text for run in row))
        if character not in " ─"
    }


@given(FRAMES)
def test_at_any_moment_the_animation_shows_that_frame(frames):
    text = animated_svg(frames)
    whole = sum(frame.seconds for frame in frames)
    begins = {
        name: float(share) / 100 * whole
        for name, share in re.findall(
            r"@keyframes (\w+)\{0%\{visibility:hidden\}([\d.]+)%,to\{visibility:visible", text
        )
    }
    assert len(begins) == len(frames) - 1
    assert {float(seconds) for seconds in re.findall(r"animation:\w+ ([\d.]+)s step-end infinite", text)} <= {
        whole
    }
    start = 0.0
    for frame in frames:
        now = start + frame.seconds / 2
        shown = {name for name, begin in begins.items() if begin <= now}
        letters = {place: one[0] for place, one in painted(text, shown=shown).letters.items()}
        assert letters == set_letters(frame.screen)
        start += frame.seconds


@given(FRAMES)
def test_without_animation_it_shows_the_last_frame(frames):
    letters = {place: one[0] for place, one in painted(animated_svg(frames)).letters.items()}
    assert letters == set_letters(frames[-1].screen)


def test_a_frame_says_only_what_changed():
    lines = [("abc", STYLES[0])] * 4
    same = [(text.ljust(12), style) for text, style in lines]
    other = [*same[:3], ("changed".ljust(12), STYLES[1])]
    one, two = (animated_svg([Frame(screen(same), 1), Frame(screen(after), 1)]) for after in (same, other))
    assert one.count("<text") == 4
    assert two.count("<text") == 6, "the last row's two words"


def test_people_who_want_no_motion_have_none():
    frames = [Frame(screen([("a".ljust(12), style)] * 4), 1) for style in STYLES]
    assert "prefers-reduced-motion:reduce" in animated_svg(frames)
    assert "<style>" not in animated_svg(frames[:1])


@given(FRAMES)
def test_a_terminal_that_plays_the_cast_shows_the_frames(frames):
    header, *events = map(json.loads, cast(frames).splitlines())
    assert header["version"] == 2
    assert (header["width"], header["height"]) == SIZE
    terminal = pyte.Screen(*SIZE)
    stream = pyte.Stream(terminal)
    shown, marks, seconds = [], [], 0.0
    for at, kind, data in events:
        assert at >= seconds
        seconds = at
        if kind == "o":
            stream.feed(data)
            shown.append((at, [line.rstrip() for line in terminal.display]))
        else:
            assert kind == "m"
            marks.append((at, data))
    starts = [sum(frame.seconds for frame in frames[:number]) for number in range(len(frames) + 1)]
    assert [at for at, _ in shown] == pytest.approx(starts)
    assert [lines for _, lines in shown[:-1]] == [list(frame.screen.lines) for frame in frames]
    assert marks == [
        (pytest.approx(at), frame.key) for at, frame in zip(starts, frames, strict=False) if frame.key
    ]
    last = frames[-1].screen
    for y, row in enumerate(last.rows):
        cell, style = terminal.buffer[y][0], row[0].style
        assert (f"#{cell.fg}", f"#{cell.bg}") == (style.color, style.ground)
        assert (cell.bold, cell.italics, cell.underscore, cell.reverse) == (
            style.bold,
            style.italic,
            style.underline,
            style.reverse,
        )
    assert terminal.cursor.hidden


def test_the_header_has_what_players_ask_for():
    header = json.loads(cast([Frame(screen([("a".ljust(12), STYLES[0])] * 4), 1)]).splitlines()[0])
    assert header["title"] == "played"
    assert re.fullmatch(r"#[0-9a-f]{6}", header["theme"]["fg"])
    assert len(header["theme"]["palette"].split(":")) == 16
