"""The palette: every command by name, and the choice of themes."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette
from textual.events import Event, Mount
from textual.message import Message
from textual.widgets import Button, Input, LoadingIndicator, OptionList

from backprop_tui.tui.screens.overlay import nothing, was_composed
from backprop_tui.tui.widgets.choice_lists import CommandOptions


class Palette(CommandPalette):
    """Textual's palette, which closes once and runs one command, however often *enter* is pressed.

    Textual 8.2 dismisses the palette at every *enter* that arrives while it closes, and so takes away the
    screen beneath.
    """

    closing = False
    """Whether it has been dismissed."""

    def compose(self) -> ComposeResult:
        """Textual's, with a list in which one can click while it changes."""
        for widget in super().compose():
            yield CommandOptions() if isinstance(widget, CommandList) else widget

    async def on_event(self, event: Event) -> None:
        """Look for no commands where the app is being left."""
        if not isinstance(event, Mount) or was_composed(self):
            await super().on_event(event)

    def _watch__list_visible(self) -> None:
        """Show or hide the list, where it is still there."""
        if self.query(CommandList):
            super()._watch__list_visible()

    async def _watch__show_busy(self) -> None:
        """Show that commands are being looked for, where that is still to be seen: Textual tells it late."""
        if self.query(LoadingIndicator):
            await super()._watch__show_busy()

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close; does nothing the second time."""
        if self.closing or not self.is_active:
            return nothing()
        self.closing = True
        self.workers.cancel_node(self)
        return super().dismiss(result)

    @on(Input.Changed)
    @on(Input.Submitted)
    @on(Button.Pressed)
    @on(OptionList.OptionSelected)
    def _choose_once(self, event: Message) -> None:
        """Nothing more is looked for in a palette that is closing, nor chosen from it."""
        if self.closing:
            event.stop()
            event.prevent_default()
