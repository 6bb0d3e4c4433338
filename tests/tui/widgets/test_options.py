"""Lists: a click on a line that is there no more does nothing, and none is too narrow to be shown."""

import pytest
from rich.style import Style
from textual.app import App
from textual.command import CommandList
from textual.events import Click
from textual.widgets import OptionList

from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.widgets.choice_lists import CommandOptions, Options


def clicked(widget, option):
    return Click(widget, 1, 1, 0, 0, 1, False, False, False, 1, 1, Style.from_meta({"option": option}))


@pytest.mark.parametrize("sort", [Options, CommandOptions])
async def test_only_what_is_there_is_chosen(sort):
    chosen = []

    class Choice(App):
        def compose(self):
            yield sort("first", "second")

        def on_option_list_option_selected(self, event):
            chosen.append(event.option_index)

    app = Choice()
    async with app.run_test() as pilot:
        options = app.query_one(OptionList)
        for line in (1, 2, 7, 0):
            options.post_message(clicked(options, line))
        await pilot.pause(0.05)
    assert chosen == [1, 0]


async def test_the_palette_has_such_a_list():
    app = BackpropApp(find())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+p")
        await pilot.pause(0.1)
        assert isinstance(app.screen.query_one(CommandList), CommandOptions)


@pytest.mark.parametrize("key", ["ctrl+p", "o", "m"])
@pytest.mark.parametrize("width", range(1, 12))
async def test_no_list_is_too_narrow_for_its_words(key, width):
    app = BackpropApp(find())
    async with app.run_test(size=(width, 24)) as pilot:
        for pressed in ("x", key, "down"):
            await pilot.press(pressed)
            await pilot.pause(0.05)
        assert app.screen.query_one(OptionList).option_count
