"""``ctrl+e`` and ``:export``: a file is written in a thread, and every key goes on meanwhile."""

from __future__ import annotations

import re

import pytest

from backprop_tui.api import load
from backprop_tui.network.errors import NetworkError
from backprop_tui.session.session import Session
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.screens.debugger import DebuggerScreen


def desk(app):
    screen = app.screen_stack[0]
    assert isinstance(screen, DebuggerScreen)
    return screen.desk


async def written(app, pilot):
    for _ in range(400):
        await pilot.pause(0.02)
        if not desk(app).exports.busy:
            return
    raise AssertionError("still writing")


async def type_line(pilot, text):
    for character in text:
        await pilot.press(
            {":": "colon", " ": "space", ".": "full_stop", "/": "slash", "_": "underscore", "-": "minus"}.get(
                character, character
            )
        )
    await pilot.press("enter")


async def test_the_iteration_at_hand_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = BackpropApp(Session(load()))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("e", "e", "f", "ctrl+e")
        await type_line(pilot, "work.md")
        await written(app, pilot)
        assert "## Epoch 2" in (tmp_path / "work.md").read_text("utf-8")
        await pilot.press("colon")
        await type_line(pilot, "export two.md 0:1")
        await written(app, pilot)
        assert re.findall(r"^## Epoch (\d)", (tmp_path / "two.md").read_text("utf-8"), re.MULTILINE) == [
            "0",
            "1",
        ]
        assert desk(app).session.position == "2:5"


async def test_the_whole_epoch_with_the_digits_that_are_shown(tmp_path):
    app = BackpropApp(Session(load("xor", batch_size=2)))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("d")
        desk(app).exports.write(f"{tmp_path / 'a b.md'} epoch")
        await written(app, pilot)
    text = (tmp_path / "a b.md").read_text("utf-8")
    assert len(re.findall("^## Epoch 0, iteration", text, re.MULTILINE)) == 2
    assert re.search(r"= −?\d\.\d{6}$", text, re.MULTILINE)


async def test_what_cannot_be_written_is_told_and_nothing_ends(tmp_path):
    app = BackpropApp(Session(load()))
    warned = []
    async with app.run_test(size=(100, 30)) as pilot:
        desk(app).terminal.warn = lambda message, title: warned.append((message, title))
        desk(app).exports.write(str(tmp_path / "nowhere" / "work.md"))
        await written(app, pilot)
        await pilot.pause()
        await pilot.press("colon")
        await type_line(pilot, "export work.doc")
        await pilot.press("escape", "s")
        assert desk(app).session.position == "0:1"
    assert [title for _, title in warned] == ["Not exported", "Not exported"]
    assert "expected a file that can be written" in warned[0][0]
    assert "a name that ends in .md" in warned[1][0]


async def test_keys_go_on_and_what_is_set_meanwhile_does_not_count(tmp_path):
    session = Session(load("digits"))
    app = BackpropApp(session)
    path = tmp_path / "work.json"
    async with app.run_test(size=(100, 30)) as pilot:
        desk(app).exports.write(f"{path} 0:0")
        session.set("b_o1", 3.0)
        await pilot.press("s", "s", "s")
        assert session.position == "0:3"
        await written(app, pilot)
    assert path.exists()
    assert session.edits
    assert '"statements"' in path.read_text("utf-8")


async def test_escape_stops_an_export(tmp_path):
    app = BackpropApp(Session(load("digits")))
    path = tmp_path / "losses.csv"
    async with app.run_test(size=(100, 30)) as pilot:
        desk(app).exports.write(f"{path} 0:5000")
        await pilot.pause(0.1)
        assert desk(app).exports.busy
        await pilot.press("escape")
        assert not desk(app).exports.busy
        await pilot.pause(0.2)
    assert not path.exists()


@pytest.mark.parametrize("text", ["~nobody-of-that-name/x.md", "x"])
async def test_names_that_are_none(text, tmp_path):
    app = BackpropApp(Session(load()))
    warned = []
    async with app.run_test(size=(80, 24)) as pilot:
        desk(app).terminal.warn = lambda message, title: warned.append(message)
        await pilot.press("colon")
        desk(app).terminal.close_prompt()
        from backprop_tui.tui.commands.performing import say

        assert not say(desk(app), "export", text)
    assert len(warned) == 1


async def test_the_screen_is_written_without_the_prompt(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = BackpropApp(Session(load()))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f", "b", "S")
        for name in ("screen.txt", "screen.svg", "screen.png"):
            await pilot.press("ctrl+e")
            await type_line(pilot, name)
            for _ in range(400):
                await pilot.pause(0.02)
                if (tmp_path / name).exists():
                    break
    text = (tmp_path / "screen.txt").read_text("utf-8")
    for factor in ("−0.3558", "0.2292", "0.7000", "0.2461", "0.5000", "−0.0070", "step 14/19"):
        assert factor in text
    assert "screen.txt" not in text
    assert "<svg" in (tmp_path / "screen.svg").read_text("utf-8")
    assert (tmp_path / "screen.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("x.gif", 'found ".gif"'),
        ("x", "found no ending"),
        ("x.cast", "backprop-tui screenshot writes it"),
        ("x.svg epoch", "no epochs: a picture is of the screen as it is"),
    ],
)
async def test_what_is_no_file_of_the_screen_is_refused(tmp_path, line, told):
    app = BackpropApp(Session(load()))
    async with app.run_test(size=(100, 30)):
        with pytest.raises(NetworkError) as raised:
            desk(app).exports.write(str(tmp_path / line))
    assert told in str(raised.value)
    assert not list(tmp_path.iterdir())


async def test_a_script_of_a_persons_own_is_replaced_only_when_that_is_asked_for_twice(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "train.py"
    mine.write_text("import torch\n", "utf-8")
    app = BackpropApp(Session(load()))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("ctrl+e")
        await type_line(pilot, "train.py")
        await written(app, pilot)
        assert mine.read_text("utf-8") == "import torch\n"
        await pilot.press("enter")
        await written(app, pilot)
        assert "backpropagation" in mine.read_text("utf-8")
        mine.unlink()
        mine.write_text("", "utf-8")
        await pilot.press("ctrl+e")  # it is a file of ours now
        await type_line(pilot, "train.py")
        await written(app, pilot)
        assert "backpropagation" in mine.read_text("utf-8")
