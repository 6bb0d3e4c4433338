"""Choosing among pictures, and one pane over the whole screen: what keys and the mouse do."""

from __future__ import annotations

import asyncio

import pytest
from textual.geometry import Offset

from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.pictures.registry import NAMES
from backprop_tui.tui.widgets.pane import Pane
from backprop_tui.tui.widgets.panes import PicturePane
from tests.scenes import typed
from tests.tui.keys.seen import LARGE, PANES, SMALL, visible


def title(app):
    return str(app.screen_stack[0].query_one(PicturePane).border_title)


def text(app, pane="loss"):
    widget = app.screen_stack[0].query_one(f"#{pane}", Pane)
    return "\n".join(widget.render_line(y).text for y in range(widget.size.height))


async def test_i_goes_through_all_pictures_and_back():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("e", "e")
        await pilot.pause()
        assert title(app) == "Loss"
        seen = []
        for _ in NAMES:
            await pilot.press("i")
            await pilot.pause()
            seen.append(title(app))
        assert len(set(seen)) == len(NAMES)
        assert seen[-1] == "Loss"
        await pilot.press("I")
        await pilot.pause()
        assert title(app) == seen[-2]


@pytest.mark.parametrize("name", NAMES)
async def test_a_picture_by_name_at_both_sizes(name):
    for size in (SMALL, LARGE):
        app = BackpropApp(find("xor"))
        async with app.run_test(size=size) as pilot:
            await pilot.press("e", "e", "colon", *typed(f"picture {name}"), "enter")
            await pilot.pause()
            assert "loss" in visible(app)
            for _ in range(100):
                if "computing" not in text(app):
                    break
                await asyncio.sleep(0.02)
            assert text(app).strip()
            assert "computing" not in text(app)


async def test_a_name_that_there_is_not_is_refused_with_the_nearest():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("colon", *typed("picture flaw"), "enter")
        await pilot.pause()
        assert any("did you mean flow?" in str(one.message) for one in app._notifications)


async def test_the_picture_follows_the_statement_until_one_is_chosen():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        seen = []
        for key in ("s", "f", "s", "s", "s", "s"):
            await pilot.press(key)
            await pilot.pause()
            seen.append(title(app))
        assert seen == ["Activation", "Activation", "Activation", "Activation", "Gradient flow", "Slice"]
        await pilot.press("i")
        await pilot.pause()
        chosen = title(app)
        await pilot.press("s", "s", "s")
        await pilot.pause()
        assert title(app) == chosen
        await pilot.press("colon", *typed("picture auto"), "enter", "f")
        await pilot.pause()
        assert title(app) == "Activation"


async def test_what_is_pointed_at_has_its_picture():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("b", "1", "left")
        await pilot.pause()
        assert title(app) == "Activation"
        await pilot.press("left")
        await pilot.pause()
        assert title(app) == "Slice"


async def test_z_shows_one_pane_over_the_whole_screen_and_back():
    for size in (SMALL, LARGE):
        app = BackpropApp(find())
        async with app.run_test(size=size) as pilot:
            await pilot.press("f")
            before = visible(app)
            for key, pane in zip("12345", PANES, strict=True):
                await pilot.press(key, "z")
                await pilot.pause()
                assert visible(app) == {pane}
                region = app.screen_stack[0].query_one(f"#{pane}").region
                assert region.size == (size[0], size[1] - 2)
                await pilot.press("z")
                await pilot.pause()
                assert pane in visible(app)
            await pilot.press("3")
            await pilot.pause()
            assert visible(app) == before


async def test_while_zoomed_another_pane_takes_its_place_and_escape_ends_it():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("z", "tab")
        await pilot.pause()
        assert visible(app) == {"program"}
        await pilot.press("5")
        await pilot.pause()
        assert visible(app) == {"loss"}
        await pilot.press("s", "escape")
        await pilot.pause()
        assert visible(app) == set(PANES)


async def test_a_double_click_zooms():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        pane = app.screen_stack[0].query_one("#values")
        at = Offset(pane.region.x + 5, pane.region.y + 3)
        await pilot.click(offset=(at.x, at.y), times=2)
        await pilot.pause()
        assert visible(app) == {"values"}
        await pilot.click(offset=(10, 5), times=2)
        await pilot.pause()
        assert visible(app) == set(PANES)


async def test_the_picture_that_was_chosen_is_saved_with_the_session(tmp_path):
    path = tmp_path / "lesson.toml"
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("e", "colon", *typed("picture weights"), "enter")
        await pilot.press("colon", *typed(f"save {path}"), "enter")
        await pilot.pause()
    assert 'picture = "weights"' in path.read_text("utf-8")
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("colon", *typed(f"open {path}"), "enter")
        await pilot.pause()
        assert title(app) == "Weights"
