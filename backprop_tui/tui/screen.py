"""The debugger's screen: one mutable view; commands change it, panes show it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input

from backprop_tui.debugger.numbers import DIGITS
from backprop_tui.debugger.program import Grain
from backprop_tui.debugger.session import PositionError, Session
from backprop_tui.network.description import Network
from backprop_tui.tui.commands import BY_NAME, COMMANDS
from backprop_tui.tui.help import HelpScreen
from backprop_tui.tui.opening import OpenScreen
from backprop_tui.tui.view import View
from backprop_tui.tui.widgets.pane import Pane
from backprop_tui.tui.widgets.panes import (
    ChainRulePane,
    Followed,
    FramedPane,
    KeysLine,
    LossPane,
    NetworkPane,
    Pointed,
    ProgramPane,
    StatusLine,
    ValuesPane,
    Wanted,
)

PANES = ("network", "program", "chain", "values", "loss")
"""The panes in the order in which tab goes through them."""
SPEEDS = (0.25, 128.0)
"""The slowest and the fastest a run goes, in moves a second."""
MOST_FRAMES = 30.0
"""A faster run makes several moves a frame."""

_KEYS = {"+": "plus", "-": "minus", "?": "question_mark"}


class DebuggerScreen(Screen[None]):
    """Five panes, a status line and the keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            ",".join(_KEYS.get(key, key) for key in command.keys),
            f"command('{command.name}')",
            command.title,
            tooltip=command.help,
            id=command.name,
            show=False,
        )
        for command in COMMANDS
    ]
    HORIZONTAL_BREAKPOINTS = [
        (0, "-tiny"),
        (66, "-narrow"),
        (90, "-medium"),
        (108, "-wide"),
        (150, "-huge"),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (14, "-low"), (34, "-tall"), (46, "-high")]

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.session = Session(network)
        self.view = View(self.session)
        self._last_move = (Grain.STATEMENT, 1)
        self._speed = 2.0
        self._runner: Timer | None = None
        self._journey: Iterator[int] | None = None
        self._pending = False
        self._asked_from = "network"
        """The pane that had the focus before the prompt."""

    def compose(self) -> ComposeResult:
        """The panes in their grid, in the order in which tab goes through them."""
        yield StatusLine(id="status")
        with Container(id="panes"):
            yield NetworkPane(id="network")
            yield ProgramPane(id="program")
            yield ChainRulePane(id="chain")
            yield ValuesPane(id="values")
            yield LossPane(id="loss")
        yield Input(id="prompt", placeholder="12   12:17   +100   -5   start   end")
        yield KeysLine(id="keys")

    def on_mount(self) -> None:
        """Show the start."""
        self.query_one("#prompt").border_title = "Go to"
        self.query_one("#network").focus()
        self._show()

    # Showing

    def update(self, **changes: object) -> None:
        """Change the view; however many changes a burst of keys makes, it is shown once."""
        self.view = self.view.but(time=self.session.time, **changes)
        if not self._pending:
            self._pending = True
            self.call_next(self._show)

    def _show(self) -> None:
        self._pending = False
        for pane in self.query(Pane):
            pane.show(self.view)

    def action_command(self, name: str) -> None:
        """Run a command of the table."""
        BY_NAME[name].run(self)

    # Time

    def travel(self, grain: Grain, direction: int) -> None:
        """Move by one boundary of *grain*, forwards (1) or back (−1)."""
        self._last_move = (grain, direction)
        self._stop()
        self._move(grain, direction)

    def _move(self, grain: Grain, direction: int) -> None:
        program, time = self.session.program, self.session.time
        where = (
            program.next_boundary(grain, time) if direction > 0 else program.previous_boundary(grain, time)
        )
        self._travel_to(where)

    def go_to(self, time: int) -> None:
        """Go to a time."""
        self._stop()
        self._travel_to(time)

    def go_to_latest(self) -> None:
        """Go to the latest position reached."""
        self.go_to(self.session.latest)

    def _travel_to(self, time: int) -> None:
        """Go there at once, or, where that takes long, a slice at a time with progress shown."""
        self._journey = self.session.jumping(time)
        self._continue()

    def _continue(self) -> None:
        if self._journey is None:
            return
        reached = next(self._journey, None)
        if reached is None:
            self._journey = None
            self.update(spot=None, cursor=None, running=self._run_words())
        else:
            self.update(running=f"… epoch {reached:,}  escape stops")
            self.set_timer(0.001, self._continue)

    def ask_where(self) -> None:
        """Ask for a position."""
        prompt = self.query_one("#prompt", Input)
        if self.focused is not None and self.focused.id in PANES:
            self._asked_from = self.focused.id
        prompt.value = ""
        prompt.add_class("asking")
        prompt.focus()

    @on(Input.Submitted, "#prompt")
    def _answered(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            time = self.session.target(event.value) if event.value.strip() else None
        except PositionError as error:
            self.notify(str(error), title="No such position", severity="warning")
            return
        self._close_prompt()
        if time is not None:
            self.go_to(time)

    def _close_prompt(self) -> None:
        self.query_one("#prompt").remove_class("asking")
        self.query_one(f"#{self._asked_from}").focus()

    # Running by itself

    def run_or_pause(self) -> None:
        """Repeat the last move by itself; again: pause."""
        if self._runner is not None or self._journey is not None:
            self._stop()
            self.update(running="")
        else:
            self._start_runner()
            self.update(running=self._run_words())

    def change_speed(self, factor: float) -> None:
        """Run faster or slower."""
        self._speed = min(max(self._speed * factor, SPEEDS[0]), SPEEDS[1])
        if self._runner is not None:
            self._start_runner()
        self.update(running=self._run_words() or f"speed {self._speed:g}/s")

    def _start_runner(self) -> None:
        if self._runner is not None:
            self._runner.stop()
        self._runner = self.set_interval(1 / min(self._speed, MOST_FRAMES), self._tick)

    def _tick(self) -> None:
        if self._journey is not None:
            return
        for _ in range(max(1, round(self._speed / MOST_FRAMES))):
            self._move(*self._last_move)
            if self._journey is not None:
                break
        if self._last_move[1] < 0 and self.session.time == 0:
            self.run_or_pause()

    def _run_words(self) -> str:
        if self._runner is None:
            return ""
        grain, direction = self._last_move
        return f"{'▶' if direction > 0 else '◀'} running: {grain} {self._speed:g}/s"

    def _stop(self) -> None:
        self._journey = None
        if self._runner is not None:
            self._runner.stop()
            self._runner = None
        if self.view.running:
            self.view = self.view.but(running="")

    # Exploring

    def arrow(self, right: int, down: int) -> None:
        """What an arrow does in the pane that has the focus; elsewhere, in the drawing."""
        pane = self.focused if isinstance(self.focused, FramedPane) else self.query_one(NetworkPane)
        match pane.arrow(self.view, right, down):
            case Pointed() as pointed:
                self._pointed(pointed)
            case Followed() as followed:
                self._followed(followed)
            case Wanted() as wanted:
                self._wanted(wanted)

    def go_to_selection(self) -> None:
        """Go to the moment at which what the person points at is computed."""
        subject = self.view.subject
        if self.view.exploring and subject is not None:
            self.go_to(subject.time)

    def let_go(self) -> None:
        """Stop pointing, running, travelling or asking."""
        if self.query_one("#prompt").has_class("asking"):
            self._close_prompt()
        self._stop()
        self.update(spot=None, cursor=None, running="")

    @on(Pointed)
    def _pointed(self, event: Pointed) -> None:
        self.update(spot=event.spot, cursor=None)

    @on(Followed)
    def _followed(self, event: Followed) -> None:
        self.update(cursor=event.statement, spot=None)

    @on(Wanted)
    def _wanted(self, event: Wanted) -> None:
        self.go_to(event.moment)

    # Looking

    def next_digits(self) -> None:
        """The next choice of digits."""
        place = DIGITS.index(self.view.digits)
        self.update(digits=DIGITS[(place + 1) % len(DIGITS)])

    def toggle_log_scale(self) -> None:
        """The loss on the other scale."""
        self.update(log_scale=not self.view.log_scale)

    def look_at(self, pane: str) -> None:
        """Focus a pane; where there is room for one of three, show it."""
        self.query_one("#prompt").remove_class("asking")
        if pane in ("chain", "values", "loss"):
            self.set_class(pane == "values", "lower-values")
            self.set_class(pane == "loss", "lower-loss")
        self.query_one(f"#{pane}").focus()
        self.call_after_refresh(self._show)

    def next_pane(self, direction: int) -> None:
        """Focus the next or the previous pane, showing it where it was hidden."""
        here = PANES.index(self.focused.id) if self.focused and self.focused.id in PANES else 0
        self.look_at(PANES[(here + direction) % len(PANES)])

    def toggle_theme(self) -> None:
        """Our other theme."""
        self.app.theme = "backprop-light" if self.app.current_theme.dark else "backprop-dark"

    def open_palette(self) -> None:
        """Every command by name."""
        self.app.action_command_palette()

    def open_network(self) -> None:
        """Choose another network; the debugger starts anew with it."""

        def chosen(network: Network | None) -> None:
            if network is not None:
                self.session = Session(network)
                self.view = View(self.session, digits=self.view.digits)
                self.update()

        self._stop()
        self.app.push_screen(OpenScreen(), chosen)

    def open_help(self) -> None:
        """Keys and signs."""
        self.app.push_screen(HelpScreen())
