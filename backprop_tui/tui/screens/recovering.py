"""The screen that offers to go on with sessions of programs that were killed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from backprop_tui.session.files.recovery import Interrupted
from backprop_tui.tui.screens.overlay import Overlay
from backprop_tui.tui.widgets.choice_lists import Options

KEYS = "enter go on · d throw away · escape later"
SURE = "d again throws it away · escape keeps it"


class RecoverScreen(Overlay[Interrupted | None]):
    """Offers the sessions of programs that were killed; gives the one chosen, or None."""

    DEFAULT_CSS = """
    RecoverScreen #recover { max-width: 100; max-height: 16; height: 12; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Later", show=False),
        Binding("delete,d", "discard", "Throw away", show=False),
        # before the list has it, which would choose a moment later
        Binding("enter", "go_on", "Go on", show=False, priority=True),
    ]

    def __init__(self, interrupted: Sequence[Interrupted]) -> None:
        super().__init__()
        self._interrupted = {str(number): one for number, one in enumerate(interrupted)}
        """What is still offered, by the name of its line."""
        self._asked: str | None = None
        """Which is thrown away at the next key: one key alone may have been meant for the debugger."""

    def compose(self) -> ComposeResult:
        """What there is."""
        with Vertical(id="recover", classes="box") as box:
            box.border_title = "Interrupted: go on where you were?"
            box.border_subtitle = KEYS
            yield Options()

    def on_mount(self) -> None:
        """Fill the list."""
        self._fill()

    def _fill(self) -> None:
        kept = self.query_one(OptionList)
        kept.clear_options()
        for name, one in self._interrupted.items():
            when = f"  {one.when:%Y-%m-%d %H:%M}"
            kept.add_option(Option(Text.assemble((one.title, "bold"), f"  at {one.position}", when), id=name))
        if not self._interrupted:
            self.dismiss(None)
        kept.highlighted = 0
        kept.focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_go_on()

    def action_go_on(self) -> None:
        """Go on with the highlighted one."""
        option = self.query_one(OptionList).highlighted_option
        if option is not None and option.id in self._interrupted and not self.closing:
            self.dismiss(self._interrupted[option.id])

    @on(OptionList.OptionHighlighted)
    def _pointed(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option_id != self._asked:
            self._ask(None)

    def _ask(self, name: str | None) -> None:
        self._asked = name
        self.query_one("#recover").border_subtitle = KEYS if name is None else SURE

    def action_discard(self) -> None:
        """Throw the highlighted one away, where it is asked for twice."""
        option = self.query_one(OptionList).highlighted_option
        if option is None or option.id not in self._interrupted or self.closing:
            return
        if self._asked != option.id:
            self._ask(option.id)
            return
        self._interrupted.pop(option.id).discard()
        self._ask(None)
        self._fill()
