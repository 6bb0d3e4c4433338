"""A conversation: a line is read and obeyed, what it changed is printed, until the person leaves."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module

from backprop_tui.lessons.lesson import Lesson
from backprop_tui.lessons.progress import offered
from backprop_tui.network.errors import NetworkError
from backprop_tui.session.files.recovery import Interrupted, Keeper, find
from backprop_tui.session.look import PLAIN, Look
from backprop_tui.session.session import Session
from backprop_tui.tui.commands.keymap import keymap
from backprop_tui.tui.commands.performing import perform, say
from backprop_tui.tui.commands.table import BY_NAME
from backprop_tui.tui.plain.asking import LEAVING
from backprop_tui.tui.plain.telling import beginning_words
from backprop_tui.tui.plain.terminal import STOPS, PlainTerminal
from backprop_tui.tui.plain.typed import MOVES, Typed, typed
from backprop_tui.tui.settings import AS_SHIPPED, Settings


def converse(
    session: Session,
    *,
    travel_to: int = 0,
    look: Look = PLAIN,
    run: bool = False,
    taught: tuple[Lesson, int | None] | None = None,
    kept: bool = False,
    settings: Settings = AS_SHIPPED,
) -> tuple[Session, int]:
    """Debug in lines on standard input and output, until the person leaves or the input ends.

    Args:
        session: what is debugged.
        travel_to: the time to go to first.
        look: how to look at it, as it was saved with the session.
        run: whether to run to the first breakpoint then.
        taught: the lesson to open, and its page; None: where the person was last.
        kept: whether the session is kept for after a kill, and those of killed programs are offered where
            standard input is a terminal.
        settings: the person's own.

    Returns:
        the session as the person left it, and the exit status.

    Raises:
        OSError: standard output cannot be written.
    """
    attended = sys.stdin.isatty()  # lines that are piped are commands, and answer no offer
    return Conversation(session, settings, kept=kept, attended=attended).hold(travel_to, look, run, taught)


def _read(prompt: str) -> str | None:
    """A line that a person typed, without its end; None where the input has ended.

    Where nobody sees what is typed, it is printed, so that what was done can be read.
    """
    if sys.stdin.isatty() and sys.stdout.isatty():
        with suppress(ImportError):
            import_module("readline")  # lets a person edit the line, and call back earlier ones
        try:
            return input(prompt)
        except EOFError:
            print()
            return None
    line = sys.stdin.readline()
    if not line:
        return None
    line = line.rstrip("\r\n")
    print(f"{prompt}{line}", flush=True)
    return line


class Conversation:
    """Reads, obeys and tells.

    Args:
        session: what is debugged.
        settings: the person's own.
        kept: whether the session is kept for after a kill.
        attended: whether somebody is there who can be offered the sessions of killed programs.
        read: gives the next line for a prompt; None where there is none.
        show: prints a line.
    """

    def __init__(
        self,
        session: Session,
        settings: Settings = AS_SHIPPED,
        *,
        kept: bool = False,
        attended: bool = True,
        read: Callable[[str], str | None] = _read,
        show: Callable[[str], object] = lambda line: print(line, flush=True),
    ) -> None:
        self._keys = keymap(settings.keys)
        self._terminal = PlainTerminal(session, show, settings, self._keys)
        self._terminal.attended = attended
        self._desk = self._terminal.desk
        self._keeper = Keeper() if kept else None
        self._attended = attended
        self._read = read
        self._print = show
        self._last = Typed("step")
        self._warned = False
        """Whether it was said after the last line that another interrupt leaves."""

    def hold(
        self, travel_to: int, look: Look, run: bool, taught: tuple[Lesson, int | None] | None
    ) -> tuple[Session, int]:
        """From the first line to the last."""
        terminal, desk = self._terminal, self._desk
        for line in beginning_words(desk.view):
            self._print(line)
        step, every, leave = map(desk.view.key, "s?q")
        self._print(
            f"Type a key or a command and enter: {step} runs the next statement, "
            f"{every} lists all, {leave} leaves."
        )

        def begin() -> None:
            desk.begin(desk.session, travel_to, run=run, look=look)
            if taught is not None:
                desk.teaching.begin(*taught)
            elif self._keeper and offered():
                terminal.offer_lesson()

        if self._go_on():
            terminal.settle()
        elif not terminal.over:
            terminal.settle(begin)
        while not terminal.over:
            self._keep()
            if terminal.asking is not None:
                self._print(terminal.asking.words)
            try:
                typed_line = self._read(
                    terminal.asking.prompt if terminal.asking else f"{desk.session.position}> "
                )
            except KeyboardInterrupt:
                self._interrupted()
                continue
            self._warned = False
            if typed_line is None:
                break
            self._obey(typed_line.strip())
        desk.stop()
        if self._keeper:
            self._keeper.close()
        return desk.session, 0

    def _interrupted(self) -> None:
        """An interrupt where nothing is under way: it may have been meant for what has just ended.

        Raises:
            KeyboardInterrupt: it is the second one, or nobody is there to be told.
        """
        if self._warned or not self._attended:
            raise KeyboardInterrupt
        self._print("")
        if self._terminal.asking is not None:
            self._terminal.answer("")
            return
        self._warned = True
        self._print(f"nothing is under way; {self._desk.view.key('q')} leaves, and so does {STOPS} again")

    def _obey(self, line: str) -> None:
        """Do what a line says, one command after the other, until one is stopped or asks something."""
        terminal = self._terminal
        if terminal.asking is not None:
            terminal.settle(partial(terminal.answer, line))
            return
        for one in typed(line, self._keys) if line else (self._last,):
            self._last = one if one.name in MOVES else self._last
            if not terminal.settle(partial(self._do, one)) or terminal.asking is not None or terminal.over:
                return

    def _do(self, one: Typed) -> None:
        command = BY_NAME.get(one.name)
        if command is not None and not one.argument:
            perform(command, self._desk)
        else:
            say(self._desk, one.name, one.argument)

    # Kept for after a kill

    def _keep(self) -> None:
        if self._keeper and self._desk.current.arrived:
            self._keeper.keep(self._desk.session, self._desk.looking.look)

    def _go_on(self) -> bool:
        """Offer the sessions of killed programs; tells whether the person goes on with one."""
        interrupted: list[Interrupted] = find() if self._keeper and self._attended else []
        for number, one in enumerate(interrupted, 1):
            self._print(f"  {number}  {one.title}, at {one.position}, {one.when:%Y-%m-%d %H:%M}")
        while interrupted:
            self._print(
                "These sessions were interrupted. "
                "A number goes on with one; an empty line with none; q leaves."
            )
            line = (self._read("number> ") or "").strip()
            if not line or line == "escape":
                return False
            if line in LEAVING:
                self._terminal.quit()
                return False
            if line.isdecimal() and 1 <= int(line) <= len(interrupted):
                chosen = interrupted[int(line) - 1]
                try:
                    opened = chosen.open()
                except NetworkError as error:
                    self._print(f"It cannot be opened: {error}")
                    continue
                if self._keeper:
                    self._keeper.go_on(chosen, opened.session)
                self._desk.open(opened)
                return True
            self._print(f"a number from 1 to {len(interrupted)}; found {line[:40]}")
        return False
