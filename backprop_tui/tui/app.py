"""The application."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from importlib import import_module
from threading import Thread
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.screen import Screen

from backprop_tui.network.description import Network
from backprop_tui.tui.commands import COMMANDS
from backprop_tui.tui.screen import DebuggerScreen
from backprop_tui.tui.themes import DEFAULTS, OURS


class BackpropApp(App[int]):
    """The debugger in a terminal."""

    TITLE = "backprop-tui"
    CSS_PATH = "styles.tcss"
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, network: Network, theme: str = "backprop-dark") -> None:
        super().__init__()
        self._network = network
        for ours in OURS:
            self.register_theme(ours)
        self.theme = theme
        if self.no_color:
            for name in [name for name in self.available_themes if name.startswith("ansi")]:
                self.unregister_theme(name)

    def get_default_screen(self) -> Screen[None]:
        """The debugger."""
        return DebuggerScreen(self._network)

    def on_ready(self) -> None:
        """Once the first frame is out, load what the first chart will need."""
        Thread(target=import_module, args=("plotext",), daemon=True).start()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The domain's colours for themes that are not ours."""
        colours = self.current_theme.to_color_system().generate()
        return {name: _resolved(value, colours) for name, value in DEFAULTS.items()}

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: our table, then the choice of theme."""
        if isinstance(screen, DebuggerScreen):
            for command in COMMANDS:
                if command.name != "palette":
                    keys = ", ".join(command.keys)
                    yield SystemCommand(
                        f"{command.title} ({keys})", command.help, partial(command.run, screen)
                    )
        yield SystemCommand("Theme …", "Choose among all themes.", self.action_change_theme)


def _resolved(value: str, colours: dict[str, str]) -> str:
    """*value* with the theme's colour in the place of its name."""
    name, _, share = value.removeprefix("$").partition(" ")
    return f"{colours[name]} {share}".strip()
