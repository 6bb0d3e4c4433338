"""What a person is asked in lines: the argument of a command, a prediction, which of a list to take away."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Protocol

from backprop_tui.tui.commands.keymap import Keymap
from backprop_tui.tui.commands.performing import say
from backprop_tui.tui.commands.table import BY_NAME
from backprop_tui.tui.desk.desk import Desk
from backprop_tui.tui.desk.set_by_person import kept
from backprop_tui.tui.desk.terminal import Line
from backprop_tui.tui.plain.typed import named

LEAVING = frozenset({"q", "quit", "escape", ":q", ":quit"})
"""What leaves a question without an answer, beside an empty line."""


class Asking(Protocol):
    """A question that the next line answers."""

    @property
    def prompt(self) -> str:
        """What stands before the answer, so that it is not taken for a command."""

    @property
    def left_by(self) -> Container[str]:
        """What leaves it without an answer, beside an empty line."""

    @property
    def words(self) -> str:
        """What is asked, and what an answer looks like."""

    def take(self, text: str) -> bool:
        """Take a line; tells whether the question is done with, else it is asked again."""

    def leave(self) -> object:
        """Go on without an answer."""


class Argument:
    """Asks for the argument of a command.

    Args:
        desk: what the command acts on.
        name: the command's; empty: a whole command line.
        value: what stands there to begin with: a name whose value is asked for.
        keys: those in force.
    """

    def __init__(self, desk: Desk, name: str, value: str, keys: Keymap) -> None:
        self._desk = desk
        self._keys = keys
        self._name = name
        self._value = value.strip()
        self.prompt = f"{name or 'command'}> "
        self.left_by = LEAVING if name else ("escape",)  # q is a command

    @property
    def words(self) -> str:
        """The command's title, and examples."""
        command = BY_NAME.get(self._name)
        title = command.title.removesuffix(" …") if command else "Command"
        example = " or ".join((command.argument if command else "goto 12:5").split("   "))
        what = f" of {self._value}" if self._value and self._name == "set" else ""
        out = "q" if self._name else "escape"
        return f"{title}{what}? For example {example}. An empty line or {out}: nothing."

    def take(self, text: str) -> bool:
        """Run the command; a line that it refuses is to be corrected."""
        if not self._name:
            return say(self._desk, *named(text, self._keys))
        if self._value and len(text.split()) == 1:
            text = f"{self._value} {text}"
        return say(self._desk, self._name, text.strip())

    def leave(self) -> None:
        """Nothing is done."""


class Answer:
    """Asks what somebody else wants to know, letter by letter where that matters.

    Args:
        line: the question.
    """

    prompt = "answer> "
    left_by = LEAVING

    def __init__(self, line: Line) -> None:
        self._line = line
        self._text = ""

    @property
    def words(self) -> str:
        """What is asked now, and what may be typed."""
        keys = ", ".join(self._line.keys(self._text).split("   ")).replace("escape", "an empty line")
        example = "" if self._text else f" {self._line.example}".replace("    ", ", ")
        title = self._line.title(self._text)
        return f"{title}{example}{'' if title.endswith('?') and not example else '.'} {keys}"

    def take(self, text: str) -> bool:
        """A single key is what it is in any terminal; anything else is the answer.

        Whoever asks closes the question once it is answered, so it is never done with here.
        """
        if len(text) == 1 and (pressed := self._line.press(self._text, text)) is not None:
            self._text = pressed
        else:
            self._line.answer(self._text + text.removeprefix(self._text))
        return False

    def leave(self) -> None:
        """Whoever asks goes on without an answer."""
        self._line.leave()

    def closed(self) -> None:
        """It is asked no more."""
        self._line.closed()


class TakeAway:
    """Asks which of the breakpoints, watches and values to switch or to take away.

    Args:
        desk: whose they are.
        show: prints lines.
    """

    prompt = "number> "
    left_by = LEAVING
    words = "A number takes one away; off 1 switches a breakpoint off or on. An empty line or q: done."

    def __init__(self, desk: Desk, show: Callable[[str], object]) -> None:
        self._desk = desk
        self._show = show
        self.list()

    def list(self) -> None:
        """Print all of them."""
        for number, one in enumerate(kept(self._desk.session), 1):
            self._show(f"  {number}  {one.word} {one.words}")

    def take(self, text: str) -> bool:
        """Do it, and print what is left."""
        sort, _, rest = text.rpartition(" ")
        lines = list(kept(self._desk.session))
        if not rest.isdecimal() or not 1 <= int(rest) <= len(lines) or sort not in ("", "off"):
            self._show(f"a number from 1 to {len(lines)}, or off and a number; found {text[:40]}")
            return False
        one = lines[int(rest) - 1]
        session = self._desk.session
        if sort:
            if one.sort == "break":
                session.stopping.switch(one.index)
            else:
                self._show("only a breakpoint is switched off")
        elif one.sort == "break":
            session.stopping.remove(one.index)
        elif one.sort == "watch":
            session.watching.remove(one.index)
        else:
            self._desk.edits.remove(one.index, lambda: self._desk.current.update())
            return True
        self._desk.current.update()
        self.list()
        return not any(kept(session))

    def leave(self) -> None:
        """Nothing more is done."""
