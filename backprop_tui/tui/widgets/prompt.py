"""The line in which a person types: a command, or the argument of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from textual.events import Key
from textual.suggester import Suggester
from textual.widgets import Input

from backprop_tui.tui.desk.terminal import Line
from backprop_tui.tui.guards.notices import forget_refusals, leave_room, refuse

KEYS_ROWS = 1
"""Rows at the bottom that the keys take."""
ROWS = 3 + KEYS_ROWS
"""The same with the line above them."""
BORDER = 6
"""Cells of a border that its title and its keys leave free."""
BETWEEN_KEYS = "   "


class _Completer(Suggester):
    """Completes what is typed from what could be meant."""

    def __init__(self, candidates: Callable[[str], Sequence[str]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._candidates = candidates

    async def get_suggestion(self, value: str) -> str | None:
        """The first whole line that begins as typed."""
        return next((one for one in self._candidates(value) if one.startswith(value) and one != value), None)


class Prompt(Input):
    """Hidden until ``ask``; keeps what was said before, for the up and down arrows."""

    def __init__(
        self,
        complete: Callable[[str, str], Sequence[str]],
        answer: Callable[[str, str], object],
        leave: Callable[[], object],
        *,
        id: str,  # noqa: A002 (Textual's name for it)
    ) -> None:
        """A line that is not shown yet.

        Args:
            complete: gives what a line could be meant to become, of its verb and what is typed.
            answer: takes the verb and the line when it is finished, and closes it unless it is wrong.
            leave: closes the line unanswered.
            id: the name by which it is found.
        """
        super().__init__(
            id=id,
            select_on_focus=False,
            suggester=_Completer(lambda value: [] if self.line else complete(self.verb, value)),
        )
        self.verb = ""
        self.line: Line | None = None
        """The question that is asked; None where it is the argument of a command."""
        self.finishing = False
        """Whether what was typed is being read."""
        self._answer = answer
        self._said: list[str] = []
        self._place = 0
        self._keys: dict[str, Callable[[], object]] = {
            "enter": self._finish,
            "escape": lambda: self.line.leave() if self.line else leave(),
            "tab": self._complete,
            "up": lambda: self._recall(-1),
            "down": lambda: self._recall(1),
        }

    def ask(self, verb: str, title: str, example: str, value: str = "") -> None:
        """Show the line and let a person type.

        Args:
            verb: the command that the line is for; empty where it names one itself.
            title: shown above.
            example: shown while the line is empty.
            value: what stands there to begin with.
        """
        self._drop_line()
        self.verb = verb
        self.border_subtitle = ""
        self._show(title, example, value)

    def ask_line(self, line: Line) -> None:
        """Show the line and let a person answer a question."""
        self._drop_line()
        self.line = line
        self._show(line.title(""), line.example, "")
        self._ask_on("")

    def refuse(self, message: str, title: str) -> None:
        """Tell what is wrong with what was typed, at most until the line is finished again or closed."""
        refuse(self.app, message, title)

    def _show(self, title: str, example: str, value: str) -> None:
        forget_refusals(self.app)
        leave_room(self.screen, KEYS_ROWS if self.has_class("above") else ROWS)
        self.border_title = title
        self.placeholder = example
        self._put(value)
        self._place = len(self._said)
        self.add_class("asking")
        self.screen.set_focus(self)

    def _put(self, value: str) -> None:
        """Put a text in the place of what is typed."""
        self.value = value
        self.cursor_position = len(value)

    def watch_value(self, value: str) -> None:
        """What is asked depends on what is typed."""
        self._ask_on(value)

    def on_resize(self) -> None:
        """And on the room for it."""
        self._ask_on(self.value)

    def _ask_on(self, value: str) -> None:
        """Say what is asked once *value* has been typed, without what goes before where there is no room."""
        if not self.line:
            return
        room = self.app.size.width - BORDER
        title, keys = self.line.title(value), self.line.keys(value)
        forms = [title, title.partition(": ")[2], title.rpartition(". ")[2]]
        title = next((form for form in forms if form and len(form) <= room), forms[-1])
        while len(keys) > room and BETWEEN_KEYS in keys:
            keys = keys.rpartition(BETWEEN_KEYS)[0]
        self.border_title, self.border_subtitle = title, keys

    @property
    def asking(self) -> bool:
        """Whether the line is shown."""
        return self.has_class("asking")

    def close(self) -> None:
        """Hide the line."""
        self._drop_line()
        forget_refusals(self.app)
        leave_room(self.screen, KEYS_ROWS)
        self.remove_class("asking")

    def _drop_line(self) -> None:
        line, self.line = self.line, None
        if line:
            line.closed()

    def on_key(self, event: Key) -> None:
        """Obey the keys of a line at once, so that what is typed after them finds what they have done."""
        obey = self._meaning(event) if self.asking else partial(self._pass_on, event)
        if obey is not None:
            event.stop()
            event.prevent_default()
            obey()

    def _meaning(self, event: Key) -> Callable[[], object] | None:
        """What a key does other than to be typed; None: nothing."""
        key = event.character if event.character and event.is_printable else event.key
        text = self.line.press(self.value, key) if self.line else None
        return self._keys.get(event.key) if text is None else partial(self._put, text)

    def _pass_on(self, event: Key) -> None:
        """A key that was on its way when the line was closed goes to the pane that has the focus now."""
        if self.screen.focused is self:
            self.screen.set_focus(None)
        again = Key(event.key, event.character)
        again.set_sender(self.app)
        self.app.post_message(again)

    def _finish(self) -> None:
        text = self.value.strip()
        forget_refusals(self.app)
        self.finishing = True
        try:
            if self.line:
                self.line.answer(text)
                return
            if text and (not self._said or self._said[-1] != text):
                self._said.append(text)
            self._answer(self.verb, text)
        finally:
            self.finishing = False

    def _complete(self) -> None:
        """Take the completion that is shown."""
        if self._suggestion:
            self._put(self._suggestion)

    def _recall(self, direction: int) -> None:
        """What was said before (−1), or after that (1); answers to questions are not kept."""
        if self.line:
            return
        self._place = max(0, min(self._place + direction, len(self._said)))
        self._put(self._said[self._place] if self._place < len(self._said) else "")
