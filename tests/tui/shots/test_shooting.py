"""The screen is read off as it is, once it has come to rest."""

from __future__ import annotations

import asyncio
import html
import re
from collections import defaultdict

import pytest
from colour_vision import contrast, rgb

from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.screen_cells import screen_of
from backprop_tui.tui.shots.keys import pressed
from backprop_tui.tui.shots.shooting import at_rest, screens, taken


def shown(keys: str, network: str | None = None, size=(120, 40), theme="backprop-dark"):
    async def run():
        app = BackpropApp(find(network), theme)
        return [one async for one in screens(app, pressed(keys), size)]

    (screen,) = asyncio.run(run())
    return screen


def words_of(svg: str) -> list[str]:
    """The rows of Textual's own picture, by the heights at which it sets its text."""
    rows = defaultdict(list)
    for x, y, text in re.findall(r'<text class="[^"]*" x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>', svg):
        rows[float(y)].append((float(x), html.unescape(text)))
    lines = ["".join(text for _, text in sorted(row)).replace("\xa0", "") for _, row in sorted(rows.items())]
    return ["".join(line.split()) for line in lines]


@pytest.mark.parametrize("keys", ["f,b,S", "question_mark", "o", 'f,x,:,"goto 12:5"'])
def test_it_is_what_textual_itself_paints(keys):
    async def both():
        app = BackpropApp(find())
        async with app.run_test(size=(100, 30)) as pilot:
            await pilot.press(*(press.key for press in pressed(keys)))
            await at_rest(pilot)
            return screen_of(app), app.export_screenshot()

    screen, picture = asyncio.run(both())
    assert (screen.width, screen.height) == (100, 30)
    assert all(sum(run.width for run in row) == 100 for row in screen.rows)
    ours = ["".join(line.split()) for line in screen.lines]
    assert [line for line in ours if line] == [line for line in words_of(picture)[-len(ours) :] if line]


def test_f_b_S_shows_the_five_factors():
    text = "\n".join(shown("f,b,S").lines)
    for factor in ("−0.3558", "0.2292", "0.7000", "0.2461", "0.5000", "−0.0070"):
        assert factor in text
    assert "step 14/19" in text


def test_what_is_computed_in_threads_is_waited_for():
    lines = shown("g,20000,enter").lines
    assert "epoch 19999" in lines[0]
    screen = shown(':,"picture boundary",enter', "xor")
    assert len({run.style.ground for row in screen.rows for run in row}) > 6, "the plane is painted"


def test_light_and_no_colour(monkeypatch):
    light = shown("f", theme="backprop-light")
    assert light.ground == "#f7f8fa"
    assert {run.style.ground for row in light.rows for run in row} & {"#f7f8fa"}
    monkeypatch.setenv("NO_COLOR", "1")
    plain = shown("f")
    colors = {color for row in plain.rows for run in row for color in (run.style.color, run.style.ground)}
    assert all(color[1:3] == color[3:5] == color[5:] for color in colors), "greys"
    assert any(run.style.bold for row in plain.rows for run in row)


@pytest.mark.parametrize(("theme", "ground"), [("ansi-light", "#f7f8fa"), ("ansi-dark", "#0e131b")])
def test_a_picture_of_the_terminals_own_colours_can_be_read_on_its_ground(theme, ground):
    screen = shown('f,b,S,:,"picture surface",enter', "xor", theme=theme)
    assert screen.ground == ground
    runs = [run for row in screen.rows for run in row if run.text.strip()]
    assert sum(run.width for run in runs if run.style.paper == ground) > 0.8 * sum(run.width for run in runs)
    for run in runs:
        assert contrast(rgb(run.style.ink), rgb(run.style.paper)) >= 4.5, run
    shades = {character for run in runs for character in run.text} & set("░▒▓█")
    assert len(shades) >= 3, "the surface has its shades"


def test_each_key_is_a_frame_and_typing_is_quick():
    frames = asyncio.run(taken(BackpropApp(find()), pressed("f,g,12,enter"), (80, 24), each=True, pause=2))
    assert [frame.key for frame in frames] == ["", "f", "g", "1", "2", "enter"]
    assert [frame.seconds for frame in frames[:3]] == [2, 2, 2]
    assert frames[3].seconds < 0.5, "between two digits"
    assert [frame.seconds for frame in frames[4:]] == [2, 4]
    assert "step 0/19" in frames[0].screen.lines[0]
    assert "epoch 11" in frames[-1].screen.lines[0]


def test_a_key_that_ends_the_debugger_is_refused():
    with pytest.raises(NetworkError) as raised:
        shown("f,q,b")
    assert raised.value.place == "--press key 2"
