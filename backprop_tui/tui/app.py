"""The Textual app: it hands keys to commands, keeps the session, and offers those of killed programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib import import_module
from threading import Thread
from typing import ClassVar

from textual import events
from textual.actions import ActionParseResult
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.dom import DOMNode
from textual.notifications import Notify, SeverityLevel
from textual.screen import Screen
from textual.theme import ThemeProvider

from backprop_tui.lessons.lesson import Lesson
from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError
from backprop_tui.session.files.saved_sessions import Opener
from backprop_tui.session.look import PLAIN, Look
from backprop_tui.session.session import Session
from backprop_tui.tui import on_demand
from backprop_tui.tui.colours.themes import OURS, STANDARD, domain_colours
from backprop_tui.tui.commands.keymap import in_force
from backprop_tui.tui.commands.performing import perform
from backprop_tui.tui.commands.table import COMMANDS
from backprop_tui.tui.guards.interpreter import QuickInterpreter
from backprop_tui.tui.guards.notices import Notice, forget_same
from backprop_tui.tui.guards.unanswerable import pages_through_nothing, unanswerable
from backprop_tui.tui.screens.debugger import DebuggerScreen
from backprop_tui.tui.settings import AS_SHIPPED, Settings
from backprop_tui.tui.widgets.pane import Pane

RESIZE_SECONDS = 0.1
"""So long after a new size the screen has it, whatever became of Textual's own timer."""
PRELOAD_SECONDS = 0.06
"""So long after the first frame that begins: the terminal has it by then."""


class BackpropApp(App[int]):
    """The debugger in a terminal."""

    TITLE = "backprop-tui"
    CSS_PATH = "styles.tcss"
    BINDINGS: ClassVar[list[BindingType]] = []
    _has_theme = False

    def __init__(
        self,
        session: Session | Network,
        theme: str | None = None,
        *,
        travel_to: int = 0,
        look: Look = PLAIN,
        run: bool = False,
        taught: tuple[Lesson, int | None] | None = None,
        interrupted: Callable[[], Sequence[on_demand.Interrupted]] | None = None,
        given: Mapping[str, Opener] | None = None,
        settings: Settings = AS_SHIPPED,
    ) -> None:
        """The debugger for a session, or for a fresh one of a network.

        Args:
            session: what is debugged.
            theme: the name of the theme; None: the one that is set, or else our dark one.
            travel_to: the time to go to first.
            look: how to look at it, as it was saved with the session.
            run: whether to run to the first breakpoint then.
            taught: the lesson to open beside it, and its page; None: where the person was last.
            interrupted: finds sessions of killed programs, to be offered; None where this one is not kept
                either.
            given: what can be opened by name beside the shipped networks and lessons; of several, the person
                is asked which.
            settings: the person's own.
        """
        super().__init__()
        self._keeper: on_demand.Keeper | None = None
        self._interrupted = interrupted
        self._taught = taught is not None
        self._interpreter = QuickInterpreter()
        self._debugger = DebuggerScreen(
            session if isinstance(session, Session) else Session(session),
            travel_to=travel_to,
            look=look,
            run=run,
            taught=taught,
            keep=self._keep,
            settings=settings,
        )
        self._debugger.desk.files.given = given or {}
        for ours in OURS:
            self.register_theme(ours)
        if self.no_color:
            for name in [name for name in self.available_themes if name.startswith("ansi")]:
                self.unregister_theme(name)
        theme = theme or settings.theme or STANDARD
        self._begin_with(theme if theme in self.available_themes else STANDARD)

    @property
    def session(self) -> Session:
        """What is being debugged."""
        return self._debugger.session

    @property
    def is_taught(self) -> bool:
        """Whether it was opened with a lesson beside it."""
        return self._taught

    def _begin_with(self, theme: str) -> None:
        """Take a theme before any style is made; set later, it would have them all made a second time."""
        self.set_reactive(App.theme, theme)
        self._has_theme = True
        self.stylesheet.set_variables(self.get_css_variables())
        dark = self.current_theme.dark
        self.set_class(dark, "-dark-mode", update=False)
        self.set_class(not dark, "-light-mode", update=False)
        self.set_class(True, f"-theme-{theme}", update=False)
        self._refresh_truecolor_filter(self.ansi_theme)  # made before there was a theme

    def get_default_screen(self) -> Screen[None]:
        """The debugger."""
        return self._debugger

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a message that goes by itself, once however often it is said; as ``App.notify``."""
        forget_same(self, message, title)
        lasts = self.NOTIFICATION_TIMEOUT if timeout is None else timeout
        self.post_message(Notify(Notice(message, title, severity, lasts, markup=markup)))

    def on_unmount(self) -> None:
        """A clean end leaves nothing to recover; after an error of ours the session can still be had."""
        self._interpreter.put_back()
        if self._exception is not None:
            return
        if self._keeper:
            self._keeper.close()

    def leave_kept(self) -> None:
        """Leave as a program that is killed: its session stays kept."""
        self._interrupted = self._keeper = None
        self.exit()

    def _offer(self) -> None:
        """Ask whether to go on with a session that was interrupted."""
        found = self._interrupted() if self._interrupted else ()

        def answered(chosen: on_demand.Interrupted | None) -> None:
            if chosen is None:
                return
            try:
                opened = chosen.open()
            except NetworkError as error:
                self.notify(str(error), title="It cannot be opened", severity="warning", markup=False)
                return
            self._keeper = self._keeper or on_demand.keeper()
            self._keeper.go_on(chosen, opened.session)
            self._debugger.desk.open(opened)

        if found:
            self.push_screen(on_demand.recover_screen(found), answered)
        elif len(self._debugger.desk.files.given) > 1 and not self._taught:
            self._debugger.desk.terminal.open_networks()
        elif self._interrupted and not self._taught and on_demand.is_first_start():
            self._debugger.desk.terminal.offer_lesson()

    def _keep(self, session: Session, look: Look) -> None:
        """Keep the session for after a kill."""
        if self._interrupted is None:
            return
        if self._keeper is None:
            self._keeper = on_demand.keeper()
        self._keeper.keep(session, look)

    async def on_event(self, event: events.Event) -> None:
        """Run a command at its key, so that keys which follow in the same moment find what it has opened."""
        if isinstance(event, events.InputEvent):
            if unanswerable(self, event):
                return
            if (
                isinstance(event, events.Key)
                and not event.is_forwarded
                and isinstance(self.screen, DebuggerScreen)
                and isinstance(self.focused, Pane | None)
                and self.screen.press(event.key)
            ):
                return
        await super().on_event(event)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run the action of a key; tells whether it is done with."""
        if pages_through_nothing(self, action):
            return True
        return await super().run_action(action, default_namespace, namespaces)

    def on_resize(self) -> None:
        """See to it that the screen is laid out for a new size.

        Textual 8.2 waits with a timer for further sizes, and leaves a timer out whose time has passed before
        it begins to wait: where the machine was busy elsewhere in that moment, it heard of no size any more.
        """
        if self._size is not None:
            self.set_timer(RESIZE_SECONDS, self._check_resize)

    def on_ready(self) -> None:
        """Once the first frame is out, load what the first keys will need."""
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        self._interpreter.switch_quickly()
        preload = Thread(target=_preload, args=(self._debugger.session, self._interpreter), daemon=True)
        self.set_timer(PRELOAD_SECONDS, preload.start)
        self.call_later(self._offer)

    def get_css_variables(self) -> dict[str, str]:
        """The theme's colours; none where Textual asks before there is one, which takes 3 ms of the start."""
        return super().get_css_variables() if self._has_theme else {}

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The domain's colours for themes that say nothing of them."""
        return domain_colours(self.current_theme)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: our table, then the choice of theme."""
        if isinstance(screen, DebuggerScreen):
            for command in COMMANDS:
                if command.name != "palette":
                    keys = ", ".join(screen.keymap.keys[command.name])
                    title = f"{command.title} ({keys})" if keys else command.title
                    yield SystemCommand(
                        title, in_force(command.help, screen.keymap), partial(perform, command, screen.desk)
                    )
        yield SystemCommand("Theme …", "Choose among all themes.", self.action_change_theme)

    def action_command_palette(self) -> None:
        """Every command by name."""
        if not on_demand.is_palette(self.screen):
            self.push_screen(on_demand.palette())

    def action_help_quit(self) -> None:
        """Tell who pressed ctrl+c, which leaves no such program, how it is left."""
        key = self._debugger.desk.view.key
        message = f"{key('q')} leaves the debugger, {key('escape')} stops what is under way"
        self.notify(message, title="Do you want to leave?", markup=False)

    def search_themes(self) -> None:
        """Choose among all themes."""
        self.push_screen(on_demand.palette(providers=[ThemeProvider], placeholder="Search for themes…"))


def _preload(session: Session, interpreter: QuickInterpreter) -> None:
    """Compute the first iteration, import what is needed soon, and collect garbage again, but seldom."""
    session.run.timeline.iteration(0)
    for name in on_demand.SOON_NEEDED:
        import_module(name)
    interpreter.collect_seldom()
