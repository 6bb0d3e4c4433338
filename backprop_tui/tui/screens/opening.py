"""The screen that opens another network or a lesson: a shipped one, a file, or a shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from backprop_tui.lessons import library
from backprop_tui.lessons.checking import demand_shown
from backprop_tui.lessons.lesson import Lesson
from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.library import examples, find
from backprop_tui.session.files.opened import Opened
from backprop_tui.session.files.saved_sessions import Opener
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.drawing.network import network_picture
from backprop_tui.tui.pictures.rows import Picture
from backprop_tui.tui.screens.overlay import Overlay, was_composed
from backprop_tui.tui.screens.shipped import (
    Shipped,
    about_rows,
    head_rows,
    lesson_head_rows,
    lesson_rows,
    list_line,
    matching,
)
from backprop_tui.tui.screens.toned_text import toned_text
from backprop_tui.tui.view import View
from backprop_tui.tui.widgets.choice_lists import Options
from backprop_tui.tui.widgets.pane import Pane

LIST_WIDTH = 33
"""Cells of a line of the list; the longest name with its shape fits."""


class Sketch(Pane):
    """The drawing of the network that is highlighted, as it is at the start."""

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The drawing."""
        return network_picture(view, width, height)


class OpenScreen(Overlay[Network | Lesson | Opened | None]):
    """Gives the network or the lesson that a person chooses, or None.

    What is typed filters the list. Where it is a network's name, a shape or a file, *enter* opens that; else
    what is highlighted.
    """

    DEFAULT_CSS = """
    OpenScreen {
        #open { max-width: 130; max-height: 40; }
        #open-name { border: none; height: 1; padding: 0; background: $surface; }
        #open-name:focus { background-tint: $foreground 0%; }
        #open-error { color: $wrong; height: auto; }
        #open-choice { height: 1fr; border-top: solid $pane-border; }
        #open-list { width: 36; height: auto; }
        #open-about { width: 1fr; height: 1fr; border-left: solid $pane-border; padding: 0 0 0 1; }
        #open-about.-nothing > * { visibility: hidden; }
        #open-head, #open-words { width: 1fr; height: auto; }
        #open-sketch { height: 14; margin: 1 0; background: $surface; }
        #open-scroll { height: 1fr; scrollbar-gutter: stable; }
        &.-low #open-sketch { height: 8; margin: 0; }
        &.-tiny #open-about { display: none; }
        &.-tiny #open-list { width: 1fr; }
    }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (66, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", show=False),
        Binding("enter", "choose", "Open", show=False),
        Binding("down", "move('cursor_down')", "Next", show=False),
        Binding("up", "move('cursor_up')", "Previous", show=False),
        Binding("pagedown", "move('page_down')", "Page down", show=False),
        Binding("pageup", "move('page_up')", "Page up", show=False),
    ]

    def __init__(self, given: Mapping[str, Opener] | None = None) -> None:
        """A choice of what is shipped, and before it of what is given."""
        super().__init__()
        self._given = given or {}
        taught = [Shipped(one.name, one.pages[0].network, one) for one in library.lessons()]
        self._here = [Shipped(name, opened().session.network) for name, opened in self._given.items()]
        self._networks = [Shipped(*one) for one in examples() if one[0] not in self._given]
        self._shipped = [*self._here, *taught, *self._networks]
        self._by_name = {one.name: one for one in self._shipped}
        self._listed, self._filter = self._shipped, ""
        """What the list shows, and for which words."""
        self._filled = False
        self._early: list[events.Key] = []
        """What was typed before there was a line for it."""
        self._moved = False
        """Whether a person moved in the list since the last letter was typed."""

    def compose(self) -> ComposeResult:
        """What to type, what is wrong with it, what is shipped, and what of that is highlighted."""
        with Vertical(id="open", classes="box") as box:
            box.border_title = "Open a network or a lesson"
            box.border_subtitle = "↑ ↓ choose · enter open · escape cancel"
            yield Input(placeholder="type to filter, or a file, or a shape such as 2-4-1", id="open-name")
            yield Static("", id="open-error")
            with Horizontal(id="open-choice"):
                yield Options(id="open-list")
                with Vertical(id="open-about"):
                    yield Static(id="open-head")
                    sketch = Sketch(id="open-sketch")
                    sketch.show(View(Session(self._networks[0].network)))
                    yield sketch
                    with VerticalScroll(id="open-scroll", can_focus=False):
                        yield Static(id="open-words")

    def on_mount(self) -> None:
        """What is typed goes into the line; arrows move in the list."""
        self.query_one(OptionList).can_focus = False
        self.query_one(Input).focus()
        self._complain("")
        self._fill()
        self._filled = True
        for event in self._early:
            if event.key == "enter":
                self.action_choose()
            else:
                self.on_key(event)

    def on_resize(self, event: events.Resize) -> None:
        """Words are broken to the new width."""
        self.call_after_refresh(self._describe)

    def _complain(self, words: str) -> None:
        error = self.query_one("#open-error", Static)
        error.display = bool(words)
        error.update(Text(words))

    # The list

    @on(Input.Changed, "#open-name")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self.closing:
            return
        self._moved = False
        self._complain("")
        self._fill()

    def _fill(self) -> None:
        kept = self.query_one(OptionList)
        self._filter = self.query_one(Input).value.strip()
        self._listed = matching(self._shipped, self._filter)
        kept.clear_options()
        for heading, group in (
            ("here", [one for one in self._listed if one in self._here]),
            ("lessons", [one for one in self._listed if one.lesson is not None]),
            ("networks", [one for one in self._listed if one in self._networks]),
        ):
            if not self._filter and (group or heading != "here"):
                kept.add_option(Option(Text(heading, "dim"), disabled=True))
            kept.add_options([Option(list_line(one, LIST_WIDTH), id=one.name) for one in group])
        if self._listed:
            first = self._listed[0] if self._filter else [*self._here, *self._networks][0]
            kept.highlighted = kept.get_option_index(first.name)
        else:
            kept.add_option(Option(Text("none of the shipped ones", "dim"), disabled=True))
        self._describe()

    def action_move(self, action: str) -> None:
        """Go through the list."""
        kept = self.query_one(OptionList)
        if self._listed and kept.size.height:
            self._moved = True
            getattr(kept, f"action_{action}")()

    # What is highlighted

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._describe()

    def _chosen(self) -> Shipped | None:
        """What is highlighted; None where none matches."""
        kept = self.query_one(OptionList)
        place = kept.highlighted
        if place is None or place >= kept.option_count:
            return None
        return self._by_name.get(kept.get_option_at_index(place).id or "")

    def _describe(self) -> None:
        if self.closing or not was_composed(self):
            return
        chosen, about = self._chosen(), self.query_one("#open-about")
        about.set_class(chosen is None, "-nothing")
        width = about.scrollable_content_region.width
        if chosen is None or not width:
            return
        head, words = self.query_one("#open-head", Static), self.query_one("#open-words", Static)
        lesson = chosen.lesson
        rows = head_rows(chosen.network, width) if lesson is None else lesson_head_rows(lesson, width)
        head.update(toned_text(rows, head))
        rows = about_rows(chosen.network, width - 2) if lesson is None else lesson_rows(lesson, width - 2)
        words.update(toned_text(rows, words))
        sketch = self.query_one(Sketch)
        if sketch.view is None or sketch.view.session.network is not chosen.network:
            sketch.show(View(Session(chosen.network)))

    # Choosing

    @on(Input.Submitted, "#open-name")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_choose()

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id is not None:
            self._open(event.option_id)

    def on_key(self, event: events.Key) -> None:
        """What is typed before the line has the focus goes into it; before it is there, once it is."""
        printable = event.is_printable and event.character is not None
        if self.closing or not (printable or (event.key == "enter" and not self._filled)):
            return
        event.stop()
        if self._filled:
            self.query_one(Input).insert_text_at_cursor(event.character or "")
        else:
            self._early.append(event)

    def action_choose(self) -> None:
        """Open what was typed; where it names nothing, or a person moved in the list, what is highlighted."""
        typed = self.query_one(Input).value.strip()
        if typed != self._filter:  # the line has changed, and the list not yet
            self._moved = False
            self._fill()
        chosen = self._chosen()
        if chosen is not None and (self._moved or not typed):
            self._open(chosen.name)
        elif typed:
            self._open(typed, chosen)

    def _open(self, argument: str, instead: Shipped | None = None) -> None:
        found: Network | Lesson
        if argument in self._given:
            self.dismiss(self._given[argument]())
            return
        try:
            found = shown_lesson(argument) if library.is_lesson(argument) else find(argument)
        except NetworkError as error:
            if instead is None:
                self._complain(str(error))
                return
            found = instead.lesson or instead.network
        self.dismiss(found)


def shown_lesson(argument: str) -> Lesson:
    """The lesson of a name or a file, of which every page can be shown.

    Raises:
        NetworkError: it is none.
    """
    lesson = library.find(argument)
    demand_shown(lesson)
    return lesson
