"""The terminal that the desk knows, made with Textual: notices, focus, prompt, overlays, theme and time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual.screen import Screen

from backprop_tui.lessons.lesson import Lesson
from backprop_tui.network.description import Network
from backprop_tui.session.files.opened import Opened
from backprop_tui.session.session import Session
from backprop_tui.tui import on_demand
from backprop_tui.tui.colours.themes import DARK, LIGHT, names
from backprop_tui.tui.commands.keymap import SHIPPED, Keymap
from backprop_tui.tui.commands.performing import said
from backprop_tui.tui.commands.table import BY_NAME
from backprop_tui.tui.desk.desk import Desk
from backprop_tui.tui.desk.terminal import LESSON, PANES, Line
from backprop_tui.tui.guards.notices import keep_refusals
from backprop_tui.tui.requests import Request
from backprop_tui.tui.settings import AS_SHIPPED, Settings
from backprop_tui.tui.view import View
from backprop_tui.tui.widgets.framed_pane import FramedPane
from backprop_tui.tui.widgets.panes import NetworkPane

LOWER = ("chain", "values", "loss", LESSON)
"""The panes of which a small screen shows one."""
OVER_THE_TOP = ("answer",)
"""The commands for which a person types above the panes: the page that asks is below."""


class TextualTerminal:
    """Does for a desk what only a screen can do.

    Args:
        screen: the debugger's.
        session: what is debugged.
        show: shows the desk's view.
        gather: called after a pane has come or gone.
        settings: the person's own.
        keys: those in force.
    """

    attended = True

    def __init__(
        self,
        screen: Screen[None],
        session: Session,
        show: Callable[[], None],
        gather: Callable[[], None],
        settings: Settings = AS_SHIPPED,
        keys: Keymap = SHIPPED,
    ) -> None:
        self._screen = screen
        self._show = show
        self._gather = gather
        self._lesson: on_demand.LessonPane | None = None
        self._offer: on_demand.OfferLine | None = None
        self._pending = False
        """Whether the view is about to be shown."""
        self._prompt: on_demand.Prompt | None = None
        self._asked_from = PANES[0]
        """The pane that had the focus before the prompt."""
        self._keymap = keys
        self._last: dict[bool, str] = {}
        """The dark (True) and the light theme from which the person has gone to the other."""
        self.desk = Desk(session, self, settings, keys.spelt)

    # Showing

    def show_soon(self) -> None:
        """Show the view once the commands at hand are done; however many changes they make, once."""
        if not self._pending:
            self._pending = True
            self._screen.call_next(self.show)

    def show(self) -> None:
        """Show the view now."""
        self._pending = False
        self._show()

    def inform(self, message: str, title: str) -> None:
        """A notice."""
        self._screen.notify(message, title=title, markup=False)

    def warn(self, message: str, title: str) -> None:
        """A notice of what is wrong; of a line that is being read, above it."""
        if self._prompt is not None and self._prompt.finishing:
            self._prompt.refuse(message, title)
            return
        self._screen.notify(message, title=title, severity="warning", markup=False)

    # Panes

    @property
    def pane(self) -> str:
        """The pane that has the focus, or had it before the prompt."""
        focused = self._screen.focused
        return focused.id if focused is not None and focused.id in (*PANES, LESSON) else self._asked_from

    def look_at(self, pane: str) -> None:
        """Focus a pane; where there is room for one of three, show it."""
        wanted = next(iter(self._screen.query(f"#{pane}")), None)
        if wanted is None:  # the app is being left: panes go before the screen does
            return
        if self._prompt is not None:
            self._prompt.close()
        self._choose_lower(pane)
        if self._zoomed:
            self._screen.query(FramedPane).remove_class("zoomed")
            wanted.add_class("zoomed")
        self._screen.set_focus(wanted)
        self._screen.call_after_refresh(self.show)

    def bring_into_sight(self, pane: str) -> None:
        """Where there is room for one of three panes, show this one; the focus stays where it can."""
        focused = self._screen.focused
        small = not (focused is not None and self._screen.query_one(f"#{pane}").display)
        if self._zoomed or (small and self.pane in LOWER):
            self.look_at(pane)
        else:
            self._choose_lower(pane)
            self._screen.call_after_refresh(self.show)

    def _choose_lower(self, pane: str) -> None:
        if pane in LOWER:
            self._screen.set_class(pane == "values", "lower-values")
            self._screen.set_class(pane == "loss", "lower-loss")
            self._screen.set_class(pane == LESSON, "lower-lesson")

    @property
    def _zoomed(self) -> bool:
        return self._screen.has_class("zoom")

    def toggle_zoom(self) -> None:
        """Show the pane that has the focus over the whole screen, or all panes again."""
        self._screen.toggle_class("zoom")
        self.look_at(self.pane)

    def leave_zoom(self) -> None:
        """Show all panes again."""
        if self._zoomed:
            self.toggle_zoom()

    def arrow(self, view: View, right: int, down: int) -> Request | None:
        """What an arrow asks for in the pane that has the focus; elsewhere, in the drawing."""
        focused = self._screen.focused
        pane = focused if isinstance(focused, FramedPane) else self._screen.query_one(NetworkPane)
        return pane.arrow(view, right, down)

    @property
    def theme(self) -> str:
        """The name of the theme."""
        return self._screen.app.theme

    @theme.setter
    def theme(self, name: str) -> None:
        if name in self._screen.app.available_themes:
            self._screen.app.theme = name

    @property
    def themes(self) -> Sequence[str]:
        """The names of all themes, ours first."""
        return tuple(name for name in names() if name in self._screen.app.available_themes)

    def toggle_theme(self) -> None:
        """A light theme in the place of a dark one, and back; of each kind the one that was there last."""
        app = self._screen.app
        now = app.current_theme
        self._last[now.dark] = now.name
        own = app.available_themes.get(self.desk.settings.theme or "")
        ours = LIGHT if now.dark else DARK
        self.theme = self._last.get(not now.dark) or (own if own and own.dark is not now.dark else ours).name

    def open_lesson(self) -> None:
        """Show the page of a lesson beside the panes; where there is no room, over the lower ones."""
        if self._left:
            return
        if self._lesson is None:
            self._lesson = on_demand.lesson_pane(self._lesson_is_there)
            self._lesson.show(self.desk.view)
            self._screen.query_one("#panes").mount(self._lesson, after="#program")
            self._screen.add_class("lesson")
            self.close_offer()
            self._choose_lower(LESSON)
        else:
            self.look_at(LESSON)

    def _lesson_is_there(self) -> None:
        self._gather()
        if self._lesson is not None:
            self.look_at(LESSON)

    def close_lesson(self) -> None:
        """Take it away."""
        if self._lesson is None:
            return
        lesson, self._lesson = self._lesson, None
        if self._screen.focused is lesson or self._asked_from == LESSON:
            self._asked_from = PANES[0]
        self._screen.remove_class("lesson", "lower-lesson")
        if self._zoomed and lesson.has_class("zoomed"):
            self._screen.remove_class("zoom")
        self._screen.set_focus(next(self._screen.query_one(f"#{pane}") for pane in PANES))
        lesson.remove()
        self._screen.call_after_refresh(self._gather)
        self._screen.call_after_refresh(self.show)

    def offer_lesson(self) -> None:
        """Offer the first lesson in a line of its own, until it is opened or declined."""
        if self._offer is None and self._lesson is None and not self._left:
            self._offer = on_demand.offer_line()
            self._offer.show(self.desk.view)
            self._screen.mount(self._offer, before="#keys")

    def close_offer(self) -> bool:
        """Offer it no longer; tells whether it was offered."""
        offer, self._offer = self._offer, None
        if offer is not None:
            offer.remove()
        return offer is not None

    @property
    def _left(self) -> bool:
        """Whether the app is being left: what a job has found then is shown to nobody."""
        return not self._screen.is_attached

    # Typing

    @property
    def prompt(self) -> on_demand.Prompt:
        """The line in which a person types; it is made when it is first wanted."""
        if self._prompt is None:
            self._prompt = on_demand.prompt(
                lambda: self.desk.session, self.themes, self._answer, self.desk.pointing.let_go
            )
            self._screen.mount(self._prompt, before="#keys")
        return self._prompt

    def ask(self, name: str, value: str = "") -> None:
        """Let a person type the argument of a command; of no name, a whole command line."""
        if self._left:
            return
        self._asked_from = self.pane
        command = BY_NAME.get(name)
        self.prompt.set_class(name in OVER_THE_TOP, "above")
        title = command.title.removesuffix(" …") if command else "Command"
        self.prompt.ask(name, title, command.argument if command else "goto 12:5", value)

    def ask_line(self, line: Line) -> None:
        """Let a person answer a question."""
        if self._left:
            return
        self._asked_from = self.pane
        self.prompt.remove_class("above")
        self.prompt.ask_line(line)

    def _answer(self, verb: str, text: str) -> None:
        """Do what a person typed; a line that is wrong stays, to be corrected, as does one that it opens."""
        if said(self.desk, verb, text, self._keymap):
            keep_refusals(self._screen.app)
            if self.prompt.line is None:
                self.close_prompt()

    def close_prompt(self) -> bool:
        """No longer ask; tells whether it did."""
        if self._prompt is None or not self._prompt.asking:
            return False
        self._prompt.close()
        self._screen.set_focus(self._screen.query_one(f"#{self._asked_from}"))
        return True

    # What lies over the panes

    def open_help(self) -> None:
        """Keys and signs."""
        from_pytorch = self.desk.session.network.pytorch is not None
        self._screen.app.push_screen(on_demand.help_screen(self._keymap, from_pytorch=from_pytorch))

    def open_palette(self) -> None:
        """Every command by name."""
        self._screen.app.action_command_palette()

    def open_networks(self) -> None:
        """Choose another network, with which the debugger starts anew, or a lesson."""

        def chosen(found: Network | Lesson | Opened | None) -> None:
            if isinstance(found, Opened):
                self.desk.open(found)
            elif isinstance(found, Network):
                self.desk.begin(Session(found))
            elif found is not None:
                self.desk.teaching.begin(found)

        self.desk.jobs.pause()
        self._screen.app.push_screen(on_demand.open_screen(self.desk.files.given), chosen)

    def open_list(self) -> None:
        """The list of breakpoints, watches and edits."""
        self.desk.jobs.pause()
        listed = on_demand.manage_screen(self.desk.session, self.desk.edits.remove, self._keymap)
        self._screen.app.push_screen(listed, lambda _: self.desk.current.update())

    def quit(self) -> None:
        """Leave the debugger."""
        self._screen.app.exit()

    def show_to(self, taker: Callable[[Any], object]) -> None:
        """Give what is on the screen, once it is painted without the prompt."""
        title = f"backprop-tui: {self.desk.session.network.title}"

        def painted() -> None:
            self._screen.call_after_refresh(lambda: taker(on_demand.screen_of(self._screen.app, title)))

        self._screen.call_after_refresh(painted)

    # Time

    def call_soon(self, action: Callable[[], object]) -> None:
        """Call *action* in the interface's thread; may be called from any."""
        self._screen.call_later(action)

    def every(self, seconds: float, action: Callable[[], object]) -> Callable[[], object]:
        """Call *action* each so many seconds, until what is given back is called."""
        return self._screen.set_interval(seconds, action).stop
