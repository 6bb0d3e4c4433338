"""The application."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from importlib import import_module
from threading import Thread
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.screen import Screen

from backprop_tui.debugger.recovery import Interrupted, Keeper
from backprop_tui.debugger.session import Session
from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError
from backprop_tui.tui.commands import COMMANDS
from backprop_tui.tui.opening import RecoverScreen
from backprop_tui.tui.screen import DebuggerScreen
from backprop_tui.tui.themes import DEFAULTS, OURS


class BackpropApp(App[int]):
    """The debugger in a terminal."""

    TITLE = "backprop-tui"
    CSS_PATH = "styles.tcss"
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(
        self,
        session: Session | Network,
        theme: str = "backprop-dark",
        *,
        travel_to: int = 0,
        look: Mapping[str, object] | None = None,
        run: bool = False,
        interrupted: Sequence[Interrupted] | None = None,
    ) -> None:
        """The debugger for a session, or for a fresh one of a network.

        Args:
            session: what is debugged.
            theme: the name of the theme.
            travel_to: the time to go to first.
            look: digits and scale, as they were saved with the session.
            run: whether to run to the first breakpoint then.
            interrupted: sessions of killed programs, to be offered; None where this one is not kept either.
        """
        super().__init__()
        self._keeper = Keeper() if interrupted is not None else None
        self._interrupted = interrupted or ()
        self._resumed: Interrupted | None = None
        self._debugger = DebuggerScreen(
            session if isinstance(session, Session) else Session(session),
            travel_to=travel_to,
            look=look,
            run=run,
            keep=self._keeper.keep if self._keeper else lambda session, look: None,
        )
        for ours in OURS:
            self.register_theme(ours)
        self.theme = theme
        if self.no_color:
            for name in [name for name in self.available_themes if name.startswith("ansi")]:
                self.unregister_theme(name)

    def get_default_screen(self) -> Screen[None]:
        """The debugger."""
        return self._debugger

    def on_unmount(self) -> None:
        """A clean end leaves nothing to recover."""
        if self._keeper:
            self._keeper.close()
        if self._resumed:
            self._resumed.discard()

    def _offer(self) -> None:
        """Ask whether to go on with a session that was interrupted."""

        def answered(chosen: Interrupted | None) -> None:
            if chosen is None:
                return
            try:
                opened = chosen.open()
            except NetworkError as error:
                self.notify(str(error), title="It cannot be opened", severity="warning", markup=False)
                return
            self._debugger.begin(opened.session, opened.wanted, look=opened.look)
            self._resumed = chosen

        if self._interrupted:
            self.push_screen(RecoverScreen(self._interrupted), answered)

    def on_ready(self) -> None:
        """Once the first frame is out, load what the first chart will need."""
        Thread(target=import_module, args=("plotext",), daemon=True).start()
        self._offer()

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
