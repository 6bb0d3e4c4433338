"""The list of breakpoints, watches and edits, to switch off or take away."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from backprop_tui.session.session import Session
from backprop_tui.tui.commands.keymap import SHIPPED, Keymap, textual_name
from backprop_tui.tui.desk.set_by_person import kept
from backprop_tui.tui.screens.overlay import Overlay
from backprop_tui.tui.widgets.choice_lists import Options


class ManageScreen(Overlay[None]):
    """Everything a person set, a line each."""

    DEFAULT_CSS = """
    ManageScreen #manage { max-width: 100; max-height: 16; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,m,q", "dismiss(None)", "Close", show=False),
        Binding("space", "switch", "On and off", show=False),
        Binding("delete,d", "remove", "Take away", show=False),
    ]

    def __init__(
        self,
        session: Session,
        remove_edit: Callable[[int, Callable[[], None]], None],
        keymap: Keymap = SHIPPED,
    ) -> None:
        """The list of a session.

        Args:
            session: whose list it is.
            remove_edit: takes one of its edits away, which may take long, and then calls back.
            keymap: the keys in force.
        """
        super().__init__()
        self._session = session
        self._remove_edit = remove_edit
        self._keymap = keymap
        for key in keymap.keys["manage"]:  # what opened it closes it
            self._bindings.bind(textual_name(key), "dismiss(None)", show=False)

    def compose(self) -> ComposeResult:
        """One list."""
        with Vertical(id="manage", classes="box") as box:
            box.border_title = "Breakpoints, watches and edits"
            box.border_subtitle = "space on and off · d take away · escape closes"
            yield Options(id="kept")

    def on_mount(self) -> None:
        """Fill the list."""
        self._fill(0)

    def _fill(self, highlighted: int) -> None:
        options = self.query_one(OptionList)
        lines = [
            (f"{one.sort}-{one.index}", _line(one.sign, one.word, one.words)) for one in kept(self._session)
        ]
        options.clear_options()
        options.add_options([Option(text, id=name) for name, text in lines])
        if not lines:
            x, w, sets = (self._keymap.spelt.get(key, key) for key in "xw=")
            empty = f"Nothing yet: {x} sets a breakpoint, {w} a watch, {sets} a value."
            options.add_option(Option(Text(empty), disabled=True))
        else:
            options.highlighted = min(highlighted, len(lines) - 1)
        options.focus()

    def _chosen(self) -> tuple[str, int] | None:
        option = self.query_one(OptionList).highlighted_option
        if option is None or option.id is None:
            return None
        sort, _, index = option.id.partition("-")
        return sort, int(index)

    def action_switch(self) -> None:
        """Switch a breakpoint off or on."""
        chosen = self._chosen()
        if chosen and chosen[0] == "break":
            self._session.stopping.switch(chosen[1])
            self._fill(self.query_one(OptionList).highlighted or 0)

    def action_remove(self) -> None:
        """Take away what is highlighted."""
        match self._chosen():
            case ("break", index):
                self._session.stopping.remove(index)
            case ("watch", index):
                self._session.watching.remove(index)
            case ("edit", index):
                self._remove_edit(index, self._refill)
                return
        self._refill()

    def _refill(self) -> None:
        if self.is_attached:
            self._fill(self.query_one(OptionList).highlighted or 0)


def _line(sign: str, sort: str, words: str) -> Text:
    """A line of the list: its sign, what sort of thing it is, and what it says."""
    return Text.assemble((f"{sign} {sort:<7}", "bold"), words)
