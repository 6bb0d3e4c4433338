"""The help screen: the keys of the pane that has the focus, then every key, then the signs on the screen."""

from __future__ import annotations

from itertools import groupby
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from backprop_tui.tui.commands.keymap import SHIPPED, Keymap, in_force, textual_name
from backprop_tui.tui.commands.table import BY_NAME, COMMANDS
from backprop_tui.tui.pictures.help import PYTORCH_SIGNS, SIGNS, Group, Key, help_rows
from backprop_tui.tui.screens.overlay import Overlay, was_composed
from backprop_tui.tui.screens.toned_text import toned_text

_ARROWS = {"left": "←", "right": "→", "up": "↑", "down": "↓"}
_PANES = {
    "network": ("Network", "From unit to weight to unit.", ("select", "set", "watch", "break", "zoom")),
    "program": (
        "Program",
        "Up and down: from statement to statement.",
        ("select", "search", "next-match", "previous-match", "break", "zoom"),
    ),
    "chain": (
        "Chain rule",
        "Left and right: choose a term; up and down: scroll.",
        ("select", "walk-back", "watch", "zoom"),
    ),
    "values": ("Values", "Up and down: from line to line.", ("select", "changes", "set", "watch", "zoom")),
    "loss": (
        "Pictures",
        "Left and right: an epoch back or on.",
        ("picture", "previous-picture", "log", "zoom"),
    ),
}
"""The title of each pane, what arrows do there, and the commands that are most of use."""


class HelpScroll(VerticalScroll):
    """Scrolls at once, so that of keys which come in one moment each is obeyed."""

    def action_scroll_up(self) -> None:
        """Up a row."""
        self.scroll_relative(y=-1, animate=False, immediate=True)

    def action_scroll_down(self) -> None:
        """Down a row."""
        self.scroll_relative(y=1, animate=False, immediate=True)

    def action_page_up(self) -> None:
        """Up a page."""
        self.scroll_relative(y=-self.size.height, animate=False, immediate=True)

    def action_page_down(self) -> None:
        """Down a page."""
        self.scroll_relative(y=self.size.height, animate=False, immediate=True)

    def action_scroll_home(self) -> None:
        """To the first row."""
        self.scroll_home(animate=False, immediate=True)

    def action_scroll_end(self) -> None:
        """To the last row."""
        self.scroll_end(animate=False, immediate=True)


class HelpScreen(Overlay[None]):
    """Keys and signs."""

    DEFAULT_CSS = """
    HelpScreen {
        #help { scrollbar-gutter: stable; }
        #help-text { width: 1fr; height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss(None)", "Close", show=False),
    ]

    def __init__(self, keymap: Keymap = SHIPPED, *, from_pytorch: bool = False) -> None:
        """The help of the keys that are in force; with the signs of networks that come from PyTorch."""
        super().__init__()
        self._keymap, self._from_pytorch = keymap, from_pytorch
        for key in keymap.keys["help"]:  # what opened it closes it
            self._bindings.bind(textual_name(key), "dismiss(None)", show=False)

    def compose(self) -> ComposeResult:
        """One scrolling text."""
        with HelpScroll(id="help", classes="box") as scroll:
            scroll.border_title = "Help"
            scroll.border_subtitle = "↑ ↓ scroll · escape closes"
            yield Static(id="help-text")

    def on_mount(self) -> None:
        """The keys of the pane that had the focus come first."""
        below = self.app.screen_stack[-2].focused if len(self.app.screen_stack) > 1 else None
        pane = below.id if below is not None else None
        self._groups = help_groups(pane, self._keymap, from_pytorch=self._from_pytorch)

    def on_resize(self, event: events.Resize) -> None:
        """As many columns as fit."""
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        if self.closing or not was_composed(self):
            return
        text = self.query_one("#help-text", Static)
        width = text.container_size.width
        if width > 0:
            text.update(toned_text(help_rows(self._groups, width, self._keymap.spelt), text))


def help_groups(
    pane: str | None, keymap: Keymap = SHIPPED, *, from_pytorch: bool = False
) -> tuple[Group, ...]:
    """What the help says: of a pane, of all commands, and of the signs."""

    def entry(name: str) -> Key:
        command = BY_NAME[name]
        return Key("  ".join(keymap.keys[name]) or f":{name}", in_force(command.help, keymap))

    groups = [
        Group(title, tuple(entry(command.name) for command in commands))
        for title, commands in groupby(COMMANDS, key=lambda command: command.group)
    ]
    if pane in _PANES:
        title, arrows, names = _PANES[pane]
        groups.insert(0, Group(f"Here: {title}", (Key(_arrows(keymap), arrows), *map(entry, names))))
    return (*groups, SIGNS, *([PYTORCH_SIGNS] if from_pytorch else []))


def _arrows(keymap: Keymap) -> str:
    """The keys of the four directions."""
    return " ".join(keymap.spelt.get(key, sign) for key, sign in _ARROWS.items())
