"""A person's own settings: keys do what they are set to, and every text names those that are in force."""

import pytest
from textual.widgets import OptionList

from backprop_tui.lessons import library
from backprop_tui.network.files.library import find
from backprop_tui.session.look import Look
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.commands.keymap import SHIPPED_KEYS, keymap
from backprop_tui.tui.commands.table import COMMANDS
from backprop_tui.tui.pictures.explanation.beginning import beginning_rows, next_key
from backprop_tui.tui.pictures.help import help_rows
from backprop_tui.tui.pictures.lesson.page import page
from backprop_tui.tui.pictures.rows import Tone, plain
from backprop_tui.tui.screens.help import HelpScreen, help_groups
from backprop_tui.tui.screens.managing import ManageScreen
from backprop_tui.tui.settings import Settings
from backprop_tui.tui.widgets.pane import Pane

OTHERS = {
    name: (chr(0x3B1 + place) if place < 17 else chr(0x430 + place),)
    for place, name in enumerate(SHIPPED_KEYS)
}
"""Every command has a letter that is not Latin."""
ALL_OTHER = Settings(keys=OTHERS)


def app(settings, network=None, **others):
    return BackpropApp(find(network), settings=settings, **others)


def shown(app):
    """All panes that are on the screen, as (text, tone) in one list."""
    return [span for pane in app.screen.query(Pane) if pane.display for row in pane._picture for span in row]


def words(app):
    return "".join(text for text, _ in shown(app))


async def test_a_command_answers_its_new_key_and_no_longer_the_old_one():
    opened = app(Settings(keys={"forward": ("j", "ctrl+k"), "log": ("f",), "zoom": ()}))
    async with opened.run_test() as pilot:
        await pilot.press("f")
        assert (opened.session.time, opened.screen.view.log_scale) == (0, True)
        await pilot.press("j")
        assert opened.session.time == 5
        await pilot.press("S", "ctrl+k", "z")
        assert opened.session.time == 5
        assert not opened.screen.has_class("zoom")


async def test_keys_can_change_places():
    opened = app(Settings(keys={"forward": ("b",), "backward": ("f",)}))
    async with opened.run_test() as pilot:
        await pilot.press("b")
        assert opened.session.time == 5
        await pilot.press("f")
        assert opened.session.now.phase == "backward"


async def test_a_key_that_was_given_up_does_nothing_of_textuals_either():
    opened = app(Settings(keys={"next-pane": ("f2",), "palette": ("f3",), "quit": ("Q",)}))
    async with opened.run_test() as pilot:
        before = opened.screen.focused
        await pilot.press("tab", "ctrl+p", "q")
        await pilot.pause()
        assert (opened.screen.focused, len(opened.screen_stack)) == (before, 1)
        await pilot.press("f2")
        assert opened.screen.focused is not before
        await pilot.press("f3")
        await pilot.pause()
        assert len(opened.screen_stack) == 2


async def test_characters_of_other_names_are_found():
    opened = app(Settings(keys={"step": ("!", "@", "_", "é", "\\")}))
    async with opened.run_test() as pilot:
        await pilot.press("exclamation_mark", "at", "underscore", "é", "backslash")
        assert opened.session.time == 5


async def test_every_key_that_a_pane_names_is_in_force():
    opened = app(ALL_OTHER)
    keymap = opened._debugger.keymap
    shipped = {key for keys in SHIPPED_KEYS.values() for key in keys}
    press = lambda name: {"ё": "ё"}.get(keymap.keys[name][0], keymap.keys[name][0])  # noqa: E731
    async with opened.run_test(size=(140, 45)) as pilot:
        for moves in ((), ("forward",), ("backward", "step-back"), ("update",), ("epoch",)):
            for name in moves:
                await pilot.press(press(name))
            await pilot.pause()
            named = {text.strip() for text, tone in shown(opened) if tone is Tone.KEY}
            assert named
            assert not named & shipped
        assert "enter:" not in words(opened)


def test_the_first_rows_and_the_next_key_name_those_in_force():
    view = app(ALL_OTHER)._debugger.view
    text = "\n".join(plain(beginning_rows(view, 60)))
    first, then, last = (OTHERS[name][0] for name in ("forward", "backward", "update"))
    assert f"Press {first} first, then {then}, then {last}." in text
    assert "Shift" not in text
    view.session.forward()
    assert next_key(view.but(time=1))[1] == f"next {first}: forward to the loss"


def test_the_help_lists_the_keys_in_force():
    keys = keymap({"step": ("j",), "escape": ("Q",), "right": ("L2"[0],), "layer-back": ("K",), "zoom": ()})
    text = "\n".join(plain(help_rows(help_groups("network", keys), 80, keys.spelt)))
    lines = [line.split() for line in text.splitlines()]
    assert ["j", "Forwards", "one", "statement."] in lines
    assert "j runs a statement, S takes it back." in text
    assert any(line[:1] == [":zoom"] for line in lines)
    assert "Q stops the search" in text
    assert "← L ↑ ↓" in text
    assert not any(line[:2] == ["s", "space"] for line in lines)


async def test_help_palette_and_list_are_of_the_keys_in_force():
    opened = app(ALL_OTHER)
    async with opened.run_test(size=(140, 45)) as pilot:
        titles = {one.title for one in opened.get_system_commands(opened.screen)}
        for command in COMMANDS:
            if command.name != "palette":
                assert f"{command.title} ({OTHERS[command.name][0]})" in titles
        await pilot.press(OTHERS["help"][0])
        assert isinstance(opened.screen, HelpScreen)
        await pilot.press(OTHERS["help"][0])
        await pilot.pause()
        assert not isinstance(opened.screen, HelpScreen), "what opened it closes it"
        await pilot.press(OTHERS["manage"][0])
        await pilot.pause()
        assert isinstance(opened.screen, ManageScreen)
        listed = str(opened.screen.query_one(OptionList).get_option_at_index(0).prompt)
        assert listed == (
            f"Nothing yet: {OTHERS['break'][0]} sets a breakpoint, {OTHERS['watch'][0]} a watch, "
            f"{OTHERS['set'][0]} a value."
        )
        await pilot.press(OTHERS["manage"][0])
        await pilot.pause()
        assert not isinstance(opened.screen, ManageScreen)


async def test_a_lesson_says_which_keys_stand_for_those_that_it_names():
    lesson = library.find("the-math-behind-backpropagation")
    place, key = next(
        (place, key) for place, one in enumerate(lesson.pages) for key in "fbus" if f"`{key}`" in one.text
    )
    name = next(name for name, keys in SHIPPED_KEYS.items() if key in keys)
    opened = app(Settings(keys={name: ("j",)}), taught=(lesson, place))
    async with opened.run_test(size=(120, 40)) as pilot:
        while not opened.screen.query("#lesson"):
            await pilot.pause(0.02)
        await pilot.pause()
        text = "\n".join(plain(page(opened.screen.view, 40).rows))
        assert f"Your keys: j for {key}." in text
        own = app(Settings(), taught=(lesson, place))
    async with own.run_test(size=(120, 40)) as pilot:
        while not own.screen.query("#lesson"):
            await pilot.pause(0.02)
        assert "Your keys" not in "\n".join(plain(page(own.screen.view, 40).rows))


async def test_digits_picture_speed_and_theme_are_those_that_are_set():
    opened = app(Settings(theme="nord", digits="all", picture="slice", speed=16.0))
    async with opened.run_test() as pilot:
        view = opened.screen.view
        assert (view.digits, view.picture, opened.theme) == (None, "slice", "nord")
        await pilot.press("plus")
        assert opened.screen.view.running == "speed 32/s"


async def test_of_a_saved_session_its_digits_hold_and_not_its_theme():
    look = Look(digits=6, picture="flow", theme="backprop-light")
    opened = app(Settings(theme="nord", digits=9, picture="slice"), look=look)
    async with opened.run_test():
        view = opened.screen.view
        assert (view.digits, view.picture, opened.theme) == (6, "flow", "nord")
    opened = app(Settings(digits=9), look=look)
    async with opened.run_test():
        assert opened.theme == "backprop-light"


async def test_a_theme_of_the_terminals_own_colours_gives_way_where_there_are_to_be_none(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    opened = app(Settings(theme="ansi-dark"))
    async with opened.run_test():
        assert opened.theme == "backprop-dark"


@pytest.mark.parametrize("name", ["predict"])
async def test_the_key_that_ends_predicting_is_the_one_in_force(name):
    opened = app(Settings(keys={name: ("j",)}))
    async with opened.run_test() as pilot:
        await pilot.press("f", "j", "s")
        await pilot.pause()
        prompt = opened.screen.query_one("#prompt")
        assert "j: no more questions" in str(prompt.border_subtitle)
        await pilot.press("j")
        await pilot.pause()
        assert not opened.screen.view.predicting
