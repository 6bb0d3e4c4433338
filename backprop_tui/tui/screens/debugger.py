"""The debugger's screen: lays out the panes, shows the view in them, and routes keys, lines and clicks."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingsMap
from textual.containers import Container
from textual.reactive import Reactive
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from backprop_tui.lessons.lesson import Lesson
from backprop_tui.session.look import PLAIN, Look
from backprop_tui.session.session import Session
from backprop_tui.tui.commands.command import Command
from backprop_tui.tui.commands.keymap import keymap, textual_name
from backprop_tui.tui.commands.performing import perform
from backprop_tui.tui.commands.table import BY_NAME
from backprop_tui.tui.desk.desk import Desk
from backprop_tui.tui.screens.pane_compositor import PaneCompositor
from backprop_tui.tui.screens.textual_terminal import TextualTerminal
from backprop_tui.tui.settings import AS_SHIPPED, Settings
from backprop_tui.tui.view import View
from backprop_tui.tui.widgets.bars import KeysLine, StatusLine, WatchLines
from backprop_tui.tui.widgets.messages import Asked
from backprop_tui.tui.widgets.pane import Pane
from backprop_tui.tui.widgets.panes import ChainRulePane, NetworkPane, PicturePane, ProgramPane, ValuesPane

KEEP_SECONDS = 0.03
"""So long after a frame the session is kept: once the frame is out, and once for a burst of keys."""


def _binding(key: str, command: Command) -> Binding:
    """What runs a command where its key does not come by ``press``: before the start."""
    return Binding(
        key, f"command('{command.name}')", command.title, tooltip=command.help, id=command.name, show=False
    )


class DebuggerScreen(Screen[None]):
    """Five panes, a status line, watches, a prompt and the keys."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """As Textual's, without the whole screen being painted again where the focus moves: the widgets are."""

    HORIZONTAL_BREAKPOINTS = [
        (0, "-tiny"),
        (66, "-narrow"),
        (90, "-medium"),
        (108, "-wide"),
        (150, "-huge"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (14, "-low"), (34, "-tall"), (46, "-high")]

    def __init__(
        self,
        session: Session,
        *,
        travel_to: int = 0,
        look: Look = PLAIN,
        run: bool = False,
        taught: tuple[Lesson, int | None] | None = None,
        keep: Callable[[Session, Look], None] = lambda session, look: None,
        settings: Settings = AS_SHIPPED,
    ) -> None:
        """A screen for *session*.

        Args:
            session: what is debugged.
            travel_to: the time to go to first.
            look: how to look at it.
            run: whether to run to the first breakpoint then.
            taught: the lesson to open beside it, and its page; None: where the person was last.
            keep: called with session and look after every command, to keep them for after a kill.
            settings: the person's own.
        """
        super().__init__()
        self._compositor = self._frames = PaneCompositor()
        self.keymap = keymap(settings.keys)
        """The keys in force."""
        self._by_key = {textual_name(key): command for key, command in self.keymap.by_key.items()}
        self._given_up = {textual_name(key) for key in self.keymap.spelt} - self._by_key.keys()
        """Keys that mean nothing any more, though some would to Textual: tab, ctrl+p."""
        own = BindingsMap([_binding(key, command) for key, command in self._by_key.items()])
        self._bindings = BindingsMap.merge([self._bindings, own])
        self._terminal = TextualTerminal(
            self, session, lambda: self._show(), self._gather, settings, self.keymap
        )
        self.desk: Desk = self._terminal.desk
        """What commands act on."""
        self._start = (travel_to, run, look)
        self._taught = taught
        self._keep = keep
        self._keeping: Timer | None = None
        self._panes: tuple[Pane, ...] = ()

    @property
    def session(self) -> Session:
        """What is being debugged."""
        return self.desk.session

    @property
    def view(self) -> View:
        """What the panes show."""
        return self.desk.view

    # Laying out

    def compose(self) -> ComposeResult:
        """The panes in their grid, in the order in which tab goes through them."""
        self._fit_layout()
        yield StatusLine(id="status")
        with Container(id="panes"):
            yield NetworkPane(id="network")
            yield ProgramPane(id="program")
            yield ChainRulePane(id="chain")
            yield ValuesPane(id="values")
            yield PicturePane(id="loss")
        yield WatchLines(id="watches")
        yield KeysLine(id="keys")

    def _fit_layout(self) -> None:
        """The classes that the size will give, before anything is laid out for no size."""
        for dimension, breakpoints in (
            (self.app.size.width, self.HORIZONTAL_BREAKPOINTS),
            (self.app.size.height, self.VERTICAL_BREAKPOINTS),
        ):
            self.add_class([name for least, name in breakpoints if dimension >= least][-1])

    def on_mount(self) -> None:
        """Show the start, then go where the session is to go on."""
        self._gather()
        next(pane for pane in self._panes if pane.can_focus and pane.display).focus()
        travel_to, run, look = self._start
        self.desk.begin(self.session, travel_to, run=run, look=look)
        if self._taught is not None:
            self.desk.teaching.begin(*self._taught)

    def on_screen_resume(self) -> None:
        """Keep Textual from painting a frame that it has just laid out and painted once more, 17 ms later."""
        self.call_next(self._settle_with, self._frames.whole)

    def _settle_with(self, frames: int) -> None:
        if self._frames.whole > frames:
            self._repaint_required = False

    def _gather(self) -> None:
        """All panes there are, to be shown the view."""
        self._panes = tuple(self.query(Pane))

    def on_unmount(self) -> None:
        """End what is being done in a thread."""
        self.desk.stop()

    # Showing

    def _show(self) -> None:
        """Show the view: in all panes, or in the status line alone as long as the rest is being computed."""
        view, busy = self.desk.view, self.desk.jobs.busy
        behind = busy and not view.session.now.reached
        for pane in self._panes:
            if not behind or isinstance(pane, StatusLine):
                pane.show(view)
        # Textual would hear of them after a new layout, as there is after `g`, and paint them 17 ms later.
        self._dirty_widgets |= self._compositor.visible_widgets.keys() & self._panes
        if self.desk.current.arrived and not busy and self._keeping is None:
            self._keeping = self.set_timer(KEEP_SECONDS, self._keep_now)

    def _keep_now(self) -> None:
        self._keeping = None
        self._keep(self.session, self.desk.looking.look)

    # Routing

    def press(self, key: str) -> bool:
        """Run the command of a key, as Textual names it; tells whether that was all."""
        if not (self._panes and self.is_mounted):
            return False
        command = self._by_key.get(key)
        if command is not None:
            perform(command, self.desk)
        return command is not None or key in self._given_up

    def action_command(self, name: str) -> None:
        """Run a command of the table; where the screen is still being mounted, right after that."""
        if self.is_mounted:
            perform(BY_NAME[name], self.desk)
        else:
            self.call_later(perform, BY_NAME[name], self.desk)

    @on(Asked)
    def _asked(self, event: Asked) -> None:
        event.stop()
        if event.session is self.session:
            self.desk.pointing.do(event.request)
