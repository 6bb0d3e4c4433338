"""A click on a line that a list had a moment ago, and has no more, does nothing."""

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
