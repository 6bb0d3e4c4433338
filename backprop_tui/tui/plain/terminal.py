"""The terminal that the desk knows, in lines: notices and answers are printed, questions asked in words."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby, islice
from time import monotonic
from typing import Any

from backprop_tui.lessons import library as lessons
from backprop_tui.network.files import library as networks
from backprop_tui.session.session import Session
from backprop_tui.tui import arrows
from backprop_tui.tui.commands.keymap import Keymap, in_force
from backprop_tui.tui.commands.table import COMMANDS
from backprop_tui.tui.desk.desk import Desk
from backprop_tui.tui.desk.terminal import LESSON, PANES, Line
from backprop_tui.tui.pictures.lesson.page import reader_of
from backprop_tui.tui.pictures.registry import figure
from backprop_tui.tui.plain.asking import Answer, Argument, Asking, TakeAway
from backprop_tui.tui.plain.panes import MOST_LINES, SAID, drawn_words
from backprop_tui.tui.plain.telling import told
from backprop_tui.tui.plain.waiting import Waiting
from backprop_tui.tui.requests import Mark, Request
from backprop_tui.tui.settings import Settings
from backprop_tui.tui.view import View

PROGRESS_AFTER = 0.3
"""Seconds after which it is said what is under way, and that it can be stopped ..."""
PROGRESS_AGAIN = 10.0
"""... and after which it is said how far it has come; then after twice as many, and so on."""
STOPS = "ctrl+c"
"""What stops it: where lines are waited for, no key is read meanwhile."""


class PlainTerminal:
    """Does for a desk what a terminal does, without a place on a screen for anything.

    Args:
        session: what is debugged.
        show: prints a line.
        settings: the person's own.
        keys: those in force.
    """

    attended = True
    theme = ""
    themes = ()

    def __init__(
        self, session: Session, show: Callable[[str], object], settings: Settings, keys: Keymap
    ) -> None:
        self._print = show
        self._keys = keys
        self._waiting = Waiting()
        self.call_soon = self._waiting.call_soon
        self.every = self._waiting.every
        self.pane = "program"
        self.asking: Asking | None = None
        """What the next line answers; None: it is a command."""
        self.over = False
        """Whether the person has left."""
        self._panes: list[str] = []
        """What is to be said of the view once the commands at hand are done."""
        self.desk = Desk(session, self, settings, keys.spelt)
        self._told = self.desk.view
        self._watched = session.watches
        """What was watched when it was told last: a view has the session as it is now."""
        self._progress_at = self._progress_pause = PROGRESS_AGAIN
        """When progress is said next, and how long after that again."""

    # Telling

    def settle(self, doing: Callable[[], object] = lambda: None) -> bool:
        """Do what was typed, wait until nothing is under way, then tell what has changed.

        An interrupt stops what is under way.

        Returns:
            whether it was not stopped.
        """
        desk = self.desk
        self._progress_at, self._progress_pause = monotonic() + PROGRESS_AFTER, PROGRESS_AGAIN
        try:
            doing()
            self._waiting.settle(
                lambda: desk.jobs.busy or desk.comparisons.busy or desk.exporting, self._tell_under_way
            )
            self.tell()
        except KeyboardInterrupt:
            desk.stop()
            self._print("stopped")
            self.tell()
            return False
        finally:
            self._told = desk.current.view = desk.view.but(running="")  # said; what comes again is said again
        return True

    def _tell_under_way(self) -> None:
        """While moves are repeated, each is told as it is made; of what takes long, how far it has come."""
        view = self.desk.view
        if self.desk.jobs.repeating:
            if view.time != self._told.time:
                self.tell()
        elif view.running.startswith("…") and monotonic() >= self._progress_at:
            self._print(self._in_lines(view.running))
            self._progress_at = monotonic() + self._progress_pause
            self._progress_pause *= 2

    def _in_lines(self, words: str) -> str:
        """Words that say which key stops something, with what stops it here."""
        return words.replace(f"{self.desk.view.key('escape')} stops", f"{STOPS} stops")

    def tell(self) -> None:
        """Print how the view differs from the one that was told last, and the panes that were asked for."""
        before, self._told = self._told, self.desk.view
        watched, self._watched = self._watched, self._told.session.watches
        for line in told(before, self._told, watched):
            self._print(line)
        panes, self._panes = self._panes, []
        for pane in dict.fromkeys(panes):
            self._say_pane(pane)

    def _say_pane(self, pane: str, most: int | None = MOST_LINES) -> None:
        lines = SAID[pane](self.desk.view)
        for line in islice(lines, most):
            self._print(line)
        left = sum(1 for _ in lines)
        if left:
            self._print(f"… {left:,} lines more: {self.desk.view.key('z')} says all")

    def show_soon(self) -> None:
        """It is told once the commands at hand are done."""

    def show(self) -> None:
        """The same."""

    def inform(self, message: str, title: str) -> None:
        """A notice."""
        self._print(f"{title}: {message}")

    def warn(self, message: str, title: str) -> None:
        """A notice of what is wrong."""
        self._print(f"{title}: {message}")

    # Panes

    def look_at(self, pane: str) -> None:
        """Say what a pane shows, once the commands at hand are done."""
        self.pane = pane
        self._panes.append(pane)

    def bring_into_sight(self, pane: str) -> None:
        """What changed in it is told in any case; of a picture that was chosen, what it shows."""
        if pane == "loss":
            self._panes.append(pane)

    def toggle_zoom(self) -> None:
        """Say the whole pane; draw the picture."""
        if self.pane == "loss":
            self._print(f"picture: {figure(self.desk.view).title}")
            for line in drawn_words(self.desk.view):
                self._print(line)
        else:
            self._say_pane(self.pane, None)

    def leave_zoom(self) -> None:
        """Nothing is zoomed."""

    def arrow(self, view: View, right: int, down: int) -> Request | None:
        """What an arrow asks for in the pane that was said last; elsewhere, in the drawing."""
        if self.pane == LESSON and (reader := reader_of(view)) is not None:
            options = reader.options(view.digits)
            return Mark(max(0, min(reader.pointed + (right or down), len(options) - 1))) if options else None
        if self.pane == "loss":
            return figure(view).arrow(view, right, down)
        if self.pane == "program" and down:
            return arrows.in_program(view, right, down)
        if self.pane == "chain" and right:
            return arrows.in_chain_rule(view, right, down)
        return arrows.in_network(view, right, down)

    def toggle_theme(self) -> None:
        """There are no colours."""
        self._print("there are no colours here")

    def open_lesson(self) -> None:
        """Say the page of a lesson."""
        self.look_at(LESSON)

    def close_lesson(self) -> None:
        """It is said no more."""
        if self.pane == LESSON:
            self.pane = PANES[0]

    def offer_lesson(self) -> None:
        """Say that there is a first lesson."""
        self._print(f"New here? {self.desk.view.key(']')} opens the first lesson, page by page.")

    def close_offer(self) -> bool:
        """There is nothing to close."""
        return False

    # Typing

    def ask(self, name: str, value: str = "") -> None:
        """Let the next line be the argument of a command."""
        self._put(Argument(self.desk, name, value, self._keys))

    def ask_line(self, line: Line) -> None:
        """Let the next line be the answer to a question."""
        self._put(Answer(line))

    def _put(self, asking: Asking) -> None:
        self.close_prompt()
        self.asking = asking

    def close_prompt(self) -> bool:
        """No longer ask; tells whether it did."""
        asking, self.asking = self.asking, None
        if isinstance(asking, Answer):
            asking.closed()
        return asking is not None

    def answer(self, text: str) -> None:
        """Take a line as the answer to what is asked; an empty one goes on without, and so does ``q``."""
        asking = self.asking
        assert asking is not None
        if not text or text in asking.left_by:
            asking.leave()
            if self.asking is asking:
                self.close_prompt()
        elif asking.take(text) and self.asking is asking:
            self.close_prompt()

    # Lists

    def open_help(self) -> None:
        """Every key with what it does."""
        self._print("Type keys, one or several in a line, or a command by its name; an empty line repeats.")
        for title, commands in groupby(COMMANDS, key=lambda command: command.group):
            self._print(title)
            for command in commands:
                keys = " or ".join(self._keys.keys[command.name])
                words = self._in_lines(in_force(command.help, self._keys))
                self._print(f"  {keys or '–'}, {command.name}: {words}")

    open_palette = open_help

    def open_networks(self) -> None:
        """The shipped lessons and networks; the next line opens one, a file, or a shape."""
        self._print("lessons")
        for name in lessons.names():
            self._print(f"  {name}: {lessons.find(name).title}")
        self._print("networks")
        for name, network in networks.examples():
            self._print(f"  {name}: {network.shape}. {network.about.get('teaches', '')}")
        self.ask("open")

    def open_list(self) -> None:
        """The breakpoints, watches and values set."""
        session = self.desk.session
        if not (session.breakpoints or session.watches or session.edits):
            x, w, sets = map(self.desk.view.key, "xw=")
            self._print(f"nothing yet: {x} sets a breakpoint, {w} a watch, {sets} a value")
        else:
            self._put(TakeAway(self.desk, self._print))

    def show_to(self, taker: Callable[[Any], object]) -> None:
        """There is no screen to be given."""
        self.warn("there is no picture without a screen: backprop-tui screenshot makes one", "No screen")

    def quit(self) -> None:
        """Leave."""
        self.over = True
