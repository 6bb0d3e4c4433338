"""The choice of networks: what is typed filters, what is highlighted is described, all as plain text."""

import pytest
from rich.text import Text
from textual import events
from textual.widgets import Input, OptionList, Static

from backprop_tui.lessons import library as lessons
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import examples, find, names
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.pictures.rows import plain
from backprop_tui.tui.screens.debugger import DebuggerScreen
from backprop_tui.tui.screens.opening import OpenScreen, Sketch
from backprop_tui.tui.screens.shipped import Shipped, about_rows, head_rows, matching

SHIPPED = [Shipped(*one) for one in examples()]


def listed(app):
    kept = app.screen.query_one(OptionList)
    return [kept.get_option_at_index(place).id for place in range(kept.option_count)]


EVERYTHING = [None, *lessons.names(), None, *names()]
"""Lessons and networks, each under a heading."""


def words(app, name):
    content = app.screen.query_one(name, Static).content
    return content.plain if isinstance(content, Text) else str(content)


def drawn(app):
    sketch = app.screen.query_one(Sketch)
    return "\n".join(sketch.render_line(y).text for y in range(sketch.size.height))


def network(app):
    return next(screen for screen in app.screen_stack if isinstance(screen, DebuggerScreen)).session.network


@pytest.mark.parametrize("one", SHIPPED, ids=lambda one: one.name)
def test_each_is_found_by_its_name_its_title_and_its_shape(one):
    for typed in (one.name, one.network.title, one.network.shape, one.network.title.upper()):
        assert one in matching(SHIPPED, typed)
    assert matching(SHIPPED, one.name)[0].name == one.name


def test_every_word_must_match_and_none_is_all():
    assert [one.name for one in matching(SHIPPED, "")] == list(names())
    assert matching(SHIPPED, "xor nonsense") == []
    assert matching(SHIPPED, "  Vanish ")[0].name == "vanishing"


@pytest.mark.parametrize("one", SHIPPED, ids=lambda one: one.name)
@pytest.mark.parametrize("width", [20, 44, 80])
def test_the_description_says_all_that_the_file_says(one, width):
    text = " ".join(" ".join(plain(head_rows(one.network, width) + about_rows(one.network, width))).split())
    squeezed = text.replace(" ", "")
    for said in (one.network.title, one.network.shape, *one.network.about.values()):
        if said in one.network.about.values() and said not in {
            one.network.about.get(key) for key in ("teaches", "source", "errata")
        }:
            continue
        assert said.replace(" ", "").replace("\n", "") in squeezed
    assert all(len(line) <= width for line in plain(about_rows(one.network, width)) if "/" not in line)


async def test_typing_filters_and_what_is_highlighted_is_described():
    app = BackpropApp(find())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("o")
        await pilot.pause()
        assert listed(app) == EVERYTHING
        assert "worked example" in words(app, "#open-head")
        await pilot.press(*"vani")
        await pilot.pause()
        assert listed(app) == ["vanishing"]
        assert "A gradient that vanishes" in words(app, "#open-head")
        assert "What it teaches" in words(app, "#open-words")
        assert "our own" in words(app, "#open-words")
        assert "h4_1" in drawn(app)
        await pilot.press(*["backspace"] * 4, "down", "down")
        await pilot.pause()
        assert listed(app) == EVERYTHING
        title = SHIPPED[2].network.title
        assert title in words(app, "#open-head")
        await pilot.press("enter")
        await pilot.pause()
        assert network(app).title == title


@pytest.mark.parametrize("size", [(30, 8), (50, 14), (80, 24), (120, 40), (160, 50)])
async def test_it_is_usable_at_any_size(size):
    app = BackpropApp(find())
    async with app.run_test(size=size) as pilot:
        await pilot.press("o", *"xor")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, OpenScreen)
        assert listed(app) == ["xor"]
        for each in screen.query("*"):
            if each.display and each.size:
                assert each.region.right <= size[0] + 1
        await pilot.press("enter")
        await pilot.pause()
        assert network(app).shape == "2-2-1"


@pytest.mark.parametrize("typed", ["2-4-1", "xor", "vani"])
@pytest.mark.parametrize("size", [(30, 8), (80, 24)])
async def test_keys_typed_at_once_are_obeyed(typed, size):
    app = BackpropApp(find())
    async with app.run_test(size=size) as pilot:
        for key in ("o", *typed, "enter"):
            event = events.Key("minus" if key == "-" else key, key if len(key) == 1 else None)
            event.set_sender(app)
            app.post_message(event)
        for _ in range(200):
            await pilot.pause(0.02)
            if network(app).shape != "1-1-1":
                break
        assert network(app) == find({"vani": "vanishing"}.get(typed, typed))
        assert isinstance(app.screen, DebuggerScreen)


async def test_a_shape_is_opened_though_a_shipped_one_has_it_too():
    app = BackpropApp(find())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("o", *"2-2-1", "enter")
        await pilot.pause()
        assert network(app).title != find("xor").title
        assert network(app).shape == "2-2-1"


async def test_after_the_arrows_enter_opens_what_is_highlighted():
    app = BackpropApp(find())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("o", *"2-2-1", "down", "up")
        await pilot.pause()
        first = listed(app)[0]
        await pilot.press("enter")
        await pilot.pause()
        assert network(app) == find(first)


async def test_what_is_wrong_is_said_in_plain_text_and_the_line_stays(tmp_path):
    path = tmp_path / "[bold]x[link=a].toml"
    path.write_text("title = 1")
    app = BackpropApp(find())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("o")
        app.screen.query_one(Input).value = str(path)
        await pilot.pause()
        assert listed(app) == [None], "a line that says that none matches"
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, OpenScreen)
        assert "[bold]x[link=a].toml" in words(app, "#open-error")
        await pilot.press("backspace")
        await pilot.pause()
        assert not app.screen.query_one("#open-error").display
        await pilot.press("escape")
        assert isinstance(app.screen, DebuggerScreen)


def test_what_a_file_says_is_never_markup():
    network = build(
        {
            "title": "[red]T[/red] [@click=app.quit]x[/]",
            "about": {"teaches": "[b]all[/b] [link=http://x]y[/]", "source": "[/]", "errata": "[reverse]"},
            "network": {"inputs": 1, "layers": [{"units": 1, "activation": "sigmoid"}]},
            "data": {"inputs": [[1.0]], "targets": [[1.0]]},
        }
    )
    text = " ".join(plain(head_rows(network, 80) + about_rows(network, 80)))
    for said in (network.title, *network.about.values()):
        assert said in text
    assert [one.name for one in matching([Shipped("[b]", network)], "[b]all")] == ["[b]"]
