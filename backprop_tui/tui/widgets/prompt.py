"""The line in which a person types: a command, or the argument of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Key
from textual.suggester import Suggester
from textual.widgets import Input

from backprop_tui.tui.widgets.messages import Said


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

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "earlier", show=False),
        Binding("down", "later", show=False),
        Binding("tab", "complete", show=False),
    ]

    def __init__(self, complete: Callable[[str, str], Sequence[str]], *, id: str) -> None:  # noqa: A002
        super().__init__(
            id=id, select_on_focus=False, suggester=_Completer(lambda value: complete(self.verb, value))
        )
        self.verb = ""
        self._said: list[str] = []
        self._held: list[Key] | None = None
        """Keys that came after a line was finished and before it was answered; None while one is typed."""
        self._place = 0

    def ask(self, verb: str, title: str, example: str, value: str = "") -> None:
        """Show the line and let a person type.

        Args:
            verb: the command that the line is for; empty where it names one itself.
            title: shown above.
            example: shown while the line is empty.
            value: what stands there to begin with.
        """
        self.verb = verb
        self.border_title = title
        self.placeholder = example
        self.value = value
        self.cursor_position = len(value)
        self._place = len(self._said)
        self.add_class("asking")
        self.screen.set_focus(self)

    @property
    def asking(self) -> bool:
        """Whether the line is shown."""
        return self.has_class("asking")

    def close(self) -> None:
        """Hide the line."""
        self.remove_class("asking")

    async def action_submit(self) -> None:
        """Tell what was typed."""
        text = self.value.strip()
        if text and (not self._said or self._said[-1] != text):
            self._said.append(text)
        self._held = []
        self.post_message(Said(self.verb, text))

    async def on_key(self, event: Key) -> None:
        """End the line at once, and hold what is typed after it: it may be meant for the panes."""
        if self._held is not None:
            self._held.append(event)
        elif event.key == "escape":
            self._held = []
            return
        elif event.key == "enter":
            await self.action_submit()
        else:
            return
        event.stop()
        event.prevent_default()

    def release(self) -> None:
        """The line was answered: let go of the keys held, to whoever has the focus now."""
        held, self._held = self._held or [], None
        for event in held:
            again = Key(event.key, event.character)
            again.set_sender(self.app)
            self.app.post_message(again)

    def action_complete(self) -> None:
        """Take the completion that is shown."""
        if self._suggestion:
            self.value = self._suggestion
            self.cursor_position = len(self.value)

    def action_earlier(self) -> None:
        """What was said before."""
        self._recall(-1)

    def action_later(self) -> None:
        """What was said after that."""
        self._recall(1)

    def _recall(self, direction: int) -> None:
        self._place = max(0, min(self._place + direction, len(self._said)))
        self.value = self._said[self._place] if self._place < len(self._said) else ""
        self.cursor_position = len(self.value)
