"""The screen that opens another network: a shipped one, a file, or a shape."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.library import examples, find
from backprop_tui.tui.screens.overlay import Overlay


class OpenScreen(Overlay[Network | None]):
    """Gives the network that a person chooses, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", show=False),
        Binding("down", "app.focus_next", "To the list", show=False),
    ]

    def compose(self) -> ComposeResult:
        """What to type, what is wrong with it, and what is shipped."""
        with Vertical(id="open") as box:
            box.border_title = "Open a network"
            box.border_subtitle = "escape cancels"
            yield Input(
                placeholder="a network file, a shape such as 2-4-1, or choose below",
                id="open-name",
                select_on_focus=False,
            )
            yield Static("", id="open-error")
            yield OptionList(*(Option(_described(name, network), id=name) for name, network in examples()))

    def on_mount(self) -> None:
        """Most people choose from the list."""
        self.query_one(OptionList).focus()

    @on(Input.Submitted, "#open-name")
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self._open(event.value.strip())

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        typed = self.query_one(Input).value.strip()
        if typed or event.option_id is not None:
            self._open(typed or str(event.option_id))

    def on_key(self, event: events.Key) -> None:
        """What is typed while the list has the focus goes into the line."""
        if event.is_printable and event.character:
            event.stop()
            line = self.query_one(Input)
            line.value += event.character
            line.cursor_position = len(line.value)
            line.focus()

    def _open(self, argument: str) -> None:
        try:
            network = find(argument)
        except NetworkError as error:
            self.query_one("#open-error", Static).update(Text(str(error)))
            return
        self.dismiss(network)


def _described(name: str, network: Network) -> Text:
    text = Text()
    text.append(name, "bold")
    text.append(f"  {network.shape}", "dim")
    for key, style in (("teaches", ""), ("source", "dim italic"), ("errata", "italic")):
        if network.about.get(key):
            label = "errata: " if key == "errata" else ""
            text.append(f"\n  {label}{network.about[key]}", style)
    return text
