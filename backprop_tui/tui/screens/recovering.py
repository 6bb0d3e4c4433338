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


class RecoverScreen(Overlay[Interrupted | None]):
    """Offers the sessions of programs that were killed; gives the one chosen, or None."""

    DEFAULT_CSS = """
    RecoverScreen #recover { max-width: 100; max-height: 16; height: 12; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Later", show=False),
        Binding("delete,d", "discard", "Throw away", show=False),
    ]

    def __init__(self, interrupted: Sequence[Interrupted]) -> None:
        super().__init__()
        self._interrupted = {str(number): one for number, one in enumerate(interrupted)}
        """What is still offered, by the name of its line."""

    def compose(self) -> ComposeResult:
        """What there is."""
        with Vertical(id="recover", classes="box") as box:
            box.border_title = "Interrupted: go on where you were?"
            box.border_subtitle = "enter go on · d throw away · escape later"
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
        if event.option_id in self._interrupted:  # else it was thrown away meanwhile
            self.dismiss(self._interrupted[event.option_id])

    def action_discard(self) -> None:
        """Throw the highlighted one away."""
        option = self.query_one(OptionList).highlighted_option
        if option is not None and option.id in self._interrupted and not self.closing:
            self._interrupted.pop(option.id).discard()
            self._fill()
