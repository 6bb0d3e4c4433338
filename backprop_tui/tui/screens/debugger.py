"""The debugger's screen: one mutable view; commands change it, panes show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.timer import Timer

from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError
from backprop_tui.program.number_text import DIGITS
from backprop_tui.program.positions import PositionError
from backprop_tui.session.editing import EditError
from backprop_tui.session.listing_search import finding
from backprop_tui.session.session import Session
from backprop_tui.tui.commands import BY_NAME, COMMANDS
from backprop_tui.tui.completion import completions
from backprop_tui.tui.driver import Driver
from backprop_tui.tui.editor import Editor
from backprop_tui.tui.view import View
from backprop_tui.tui.widgets.messages import Followed, Pointed, Said, TermChosen, Wanted
from backprop_tui.tui.widgets.pane import Pane
from backprop_tui.tui.widgets.panes import (
    ChainRulePane,
    FramedPane,
    KeysLine,
    LossPane,
    NetworkPane,
    ProgramPane,
    StatusLine,
    ValuesPane,
    WatchLines,
)

if TYPE_CHECKING:
    from backprop_tui.tui.widgets.prompt import Prompt

PANES = ("network", "program", "chain", "values", "loss")
"""The panes in the order in which tab goes through them."""

KEEP_SECONDS = 0.03
"""So long after a frame the session is kept: once the frame is out, and once for a burst of keys."""

_KEYS = {
    "+": "plus",
    "-": "minus",
    "?": "question_mark",
    "=": "equals_sign",
    "/": "slash",
    ":": "colon",
    ".": "full_stop",
    ",": "comma",
}
_BY_KEY = {_KEYS.get(key, key): command for command in COMMANDS for key in command.keys}
_REFUSALS = (PositionError, EditError, NetworkError)


class DebuggerScreen(Screen[None]):
    """Five panes, a status line, watches, a prompt and the keys."""

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

    session: Session
    driver: Driver
    editor: Editor

    def __init__(
        self,
        session: Session,
        *,
        travel_to: int = 0,
        look: Mapping[str, object] | None = None,
        run: bool = False,
        keep: Callable[[Session, Mapping[str, object]], None] = lambda session, look: None,
    ) -> None:
        """A screen for *session*.

        Args:
            session: what is debugged.
            travel_to: the time to go to first.
            look: digits and scale, as ``look`` gives them.
            run: whether to run to the first breakpoint then.
            keep: called with session and look after every command, to keep them for after a kill.
        """
        super().__init__()
        self.session = session
        self.view = View(session)
        self.driver = Driver(self)
        self.editor = Editor(self)
        self._start = (travel_to, run)
        self._started = False
        self._look = look or {}
        self._keep = keep
        self._file: Path | None = None
        self._sought = ""
        self._pending = False
        self._panes: tuple[Pane, ...] = ()
        self._keeping: Timer | None = None
        self._prompt: Prompt | None = None
        self._asked_from = "network"
        """The pane that had the focus before the prompt."""

    def compose(self) -> ComposeResult:
        """The panes in their grid, in the order in which tab goes through them."""
        self._fit_layout()
        yield StatusLine(id="status")
        with Container(id="panes"):
            yield NetworkPane(id="network")
            yield ProgramPane(id="program")
            yield ChainRulePane(id="chain")
            yield ValuesPane(id="values")
            yield LossPane(id="loss")
        yield WatchLines(id="watches")
        yield KeysLine(id="keys")

    def on_unmount(self) -> None:
        """Whatever still runs in a thread ends."""
        self.driver.abandon()

    def _fit_layout(self) -> None:
        """The classes that the size will give, before anything is laid out for no size."""
        for dimension, breakpoints in (
            (self.app.size.width, self.HORIZONTAL_BREAKPOINTS),
            (self.app.size.height, self.VERTICAL_BREAKPOINTS),
        ):
            self.add_class([name for least, name in breakpoints if dimension >= least][-1])

    def on_mount(self) -> None:
        """Show the start, then go where the session is to go on."""
        self._panes = tuple(self.query(Pane))
        next(pane for pane in self._panes if pane.can_focus and pane.display).focus()
        self.begin(self.session, *self._start, self._look)

    def begin(
        self,
        session: Session,
        travel_to: int = 0,
        run: bool = False,
        look: Mapping[str, object] | None = None,
    ) -> None:
        """Debug *session* from now on."""
        self.driver.stop()
        self.driver.trail.clear()
        self._file, self._sought = None, ""
        self.session = session
        digits = (look or {}).get("digits", self.view.digits or "all")
        self.view = View(
            session,
            digits=digits if digits in DIGITS and isinstance(digits, int) else None if digits == "all" else 4,
            log_scale=bool((look or {}).get("log_scale", self.view.log_scale)),
            compare="last" if (look or {}).get("changes") is True else None,
        )
        if (theme := (look or {}).get("theme")) in self.app.available_themes:
            self.app.theme = str(theme)
        if (pane := (look or {}).get("pane")) in PANES:
            self.look_at(str(pane))
        self._show()
        self._started = not travel_to
        if travel_to:
            self.driver.go_to(travel_to)
        if run:
            self.driver.search(1)

    # Showing

    def update(self, **changes: object) -> None:
        """Change the view; however many changes a burst of keys makes, it is shown once."""
        self.view = self.view.but(time=self.session.time, **changes)
        if not self._pending:
            self._pending = True
            self.call_next(self._show)

    def moved(self, before: int, message: str) -> None:
        """The session went from time *before* to where it is now."""
        self._started = True
        self.update(spot=None, cursor=None, term=0, before=before, running=message)

    def _show(self) -> None:
        self._pending = False
        behind = self.driver.busy and not self.session.now.at_hand
        for pane in self._panes:
            if not behind or isinstance(pane, StatusLine):
                pane.show(self.view)
        if self._started and not self.driver.busy and self._keeping is None:
            self._keeping = self.set_timer(KEEP_SECONDS, self._keep_now)

    def _keep_now(self) -> None:
        self._keeping = None
        self._keep(self.session, self.look)

    @property
    def look(self) -> dict[str, object]:
        """How the person looks at the session, as it is saved with it: digits, scale, pane and theme."""
        pane = self.focused.id if self.focused is not None and self.focused.id in PANES else self._asked_from
        return {
            "digits": self.view.digits or "all",
            "log_scale": self.view.log_scale,
            "changes": self.view.compare == "last",
            "pane": pane or "network",
            "theme": self.app.theme,
        }

    # Commands

    def press(self, key: str) -> bool:
        """Run the command of a key, as Textual names it; tells whether there is one."""
        command = _BY_KEY.get(key)
        if command is not None:
            command.run(self)
        return command is not None

    def action_command(self, name: str) -> None:
        """Run a command of the table."""
        BY_NAME[name].run(self)

    def ask(self, name: str, value: str = "") -> None:
        """Let a person type the argument of a command; of none, a whole command line."""
        if self.focused is not None and self.focused.id in PANES:
            self._asked_from = self.focused.id
        command = BY_NAME.get(name)
        title = command.title.removesuffix(" …") if command else "Command"
        self.prompt.ask(name, title, command.argument if command else "goto 12:5", value)

    @property
    def prompt(self) -> Prompt:
        """The line in which a person types; it is made when it is first wanted."""
        if self._prompt is None:
            from backprop_tui.tui.widgets.prompt import Prompt

            self._prompt = Prompt(self._complete, id="prompt")
            self.mount(self._prompt, before="#keys")
        return self._prompt

    def _complete(self, verb: str, text: str) -> list[str]:
        return completions(self.session, verb, text)

    @on(Said)
    def _said(self, event: Said) -> None:
        event.stop()
        name, text = event.verb, event.text
        if not name and text:
            name, _, text = text.partition(" ")
        if self.say(name, text.strip()):
            self._close_prompt()
        self.prompt.release()

    def say(self, name: str, text: str) -> bool:
        """Run a command with an argument, as typed; tells whether it could be."""
        command = BY_NAME.get(name)
        if not name or (not text and command is not None and command.argument and command.asks):
            return True
        if command is None:
            from backprop_tui.network.errors import nearest

            hint = nearest(name, BY_NAME) or "? lists them"
            self.refuse(f"{name[:40]} ({hint})", "No such command")
            return False
        if not text:
            command.run(self)
            return True
        if command.tell is None:
            self.refuse(f"{name} takes no argument", "Too much said")
            return False
        from backprop_tui.stops.conditions import ConditionError

        try:
            command.tell(self, text)
        except (*_REFUSALS, ConditionError) as error:
            title = "No such position" if isinstance(error, PositionError) else "Not understood"
            self.refuse(str(error), title)
            return False
        return True

    def refuse(self, message: str, title: str) -> None:
        """Say what is wrong."""
        self.notify(message, title=title, severity="warning", markup=False)

    def _close_prompt(self) -> None:
        self.prompt.close()
        self.set_focus(self.query_one(f"#{self._asked_from}"))

    # Sessions

    def save(self) -> None:
        """Save to the session's file, or ask for one."""
        if self._file is None:
            self.ask("save")
        else:
            self.say("save", str(self._file))

    def save_as(self, text: str) -> None:
        """Save to a file."""
        from backprop_tui.session.saved_sessions import save_session

        try:
            path = Path(text).expanduser()
        except RuntimeError as error:  # ~somebody who is not there
            raise NetworkError("", "a file to write", str(error).lower()) from None
        save_session(self.session, path, self.look)
        self._file = path
        self.notify(str(path), title="Session saved", markup=False)

    def open_argument(self, text: str) -> None:
        """Open what a NETWORK argument means."""
        from backprop_tui.session.saved_sessions import find_session

        opened = find_session(text)
        self.begin(opened.session, opened.wanted, look=opened.look)
        if text.endswith(".toml") and opened.wanted:
            self._file = Path(text)

    # Searching the listing

    def seek(self, text: str) -> None:
        """Put the cursor on the next statement that matches."""
        self._sought = text
        self.seek_again(1)

    def seek_again(self, direction: int) -> None:
        """To the next (1) or the previous (−1) match."""
        if not self._sought:
            self.ask("search")
            return
        subject = self.view.subject
        start = subject.step if subject else 0 if direction > 0 else 1
        program, epoch = self.session.program, self.session.epoch

        def found(step: int | None) -> None:
            if step is None:
                self.update(running=f"no {self._sought}")
            else:
                cursor = program.statement(program.time(epoch, step - 1))
                self.update(cursor=cursor, spot=None, term=0, running=f"/{self._sought}")

        self.driver.stop()
        self.driver.drive(
            finding(self.session, self._sought, start, direction, self.view.digits),
            found,
            lambda first, reached, seconds: f"… looking for {self._sought}  escape stops",
        )

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
            case TermChosen(term):
                self.update(term=term)

    def go_to_selection(self) -> None:
        """Go to where the selection, or else the chosen term of what is shown, was computed."""
        subject = self.view.subject
        if self.view.exploring and subject is not None and subject.time != self.session.time:
            self.driver.follow(subject.time)
            return
        origins = self.view.origins
        quantity = origins[min(self.view.term, len(origins) - 1)].quantity if origins else None
        if quantity is None or subject is None:
            return
        time = self.session.program.last_time(quantity, subject.time - 1)
        if time is not None:
            self.driver.follow(time)

    def let_go(self) -> None:
        """Stop pointing, running, travelling or asking."""
        if self._prompt is not None and self._prompt.asking:
            self._close_prompt()
            self.prompt.release()
        self.driver.stop()
        self.update(spot=None, cursor=None, term=0, running="")

    @on(Pointed)
    def _pointed(self, event: Pointed) -> None:
        self.update(spot=event.spot, cursor=None, term=0)

    @on(Followed)
    def _followed(self, event: Followed) -> None:
        self.update(cursor=event.statement, spot=None, term=0)

    @on(Wanted)
    def _wanted(self, event: Wanted) -> None:
        self.driver.go_to(event.moment)

    # Looking

    def next_digits(self) -> None:
        """The next choice of digits."""
        place = DIGITS.index(self.view.digits)
        self.update(digits=DIGITS[(place + 1) % len(DIGITS)])

    def show_digits(self, text: str) -> None:
        """So many digits, or ``all``."""
        choices = {"all" if digits is None else str(digits): digits for digits in DIGITS}
        if text not in choices:
            raise EditError(f"digits are {', '.join(choices)}; found {text[:20]}")
        self.update(digits=choices[text])

    def compare(self) -> None:
        """Show what the last move changed, in the table of values; again: the table itself."""
        self.update(compare=None if self.view.compare else "last")
        if self.view.compare:
            self.look_at("values")

    def compare_with(self, text: str) -> None:
        """Show what differs from a position."""
        self.update(compare=self.session.time_of(text))
        self.look_at("values")

    def toggle_log_scale(self) -> None:
        """The loss on the other scale."""
        self.update(log_scale=not self.view.log_scale)

    def look_at(self, pane: str) -> None:
        """Focus a pane; where there is room for one of three, show it."""
        if self._prompt is not None:
            self._prompt.close()
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
        from backprop_tui.tui.screens.opening import OpenScreen

        def chosen(network: Network | None) -> None:
            if network is not None:
                self.begin(Session(network))

        self.driver.stop()
        self.app.push_screen(OpenScreen(), chosen)

    def open_help(self) -> None:
        """Keys and signs."""
        from backprop_tui.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen())
