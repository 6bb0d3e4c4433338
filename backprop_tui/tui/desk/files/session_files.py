"""Session files: what is being debugged is saved, and another file or network opened in its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from backprop_tui.network.errors import NetworkError
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.network.reach import demand_files
from backprop_tui.session.files.opened import Opened
from backprop_tui.session.files.saved_sessions import Opener, find_session, save_session
from backprop_tui.tui.desk.current_view import CurrentView
from backprop_tui.tui.desk.files.replacing import Replacing, is_saved_session
from backprop_tui.tui.desk.looking import Looking
from backprop_tui.tui.desk.terminal import Terminal

_lessons = lazy_module("backprop_tui.lessons.library")  # most sessions open none


class SessionFiles:
    """Saves and opens."""

    def __init__(
        self,
        current: CurrentView,
        looking: Looking,
        terminal: Terminal,
        begin: Callable[[Opened], None],
        teach: Callable[[str], None],
        replacing: Replacing,
    ) -> None:
        self._current = current
        self._looking = looking
        self._terminal = terminal
        self._begin = begin
        self._teach = teach
        self._replacing = replacing
        self.given: Mapping[str, Opener] = {}
        """What can be opened by name beside the shipped networks and lessons."""
        self.file: Path | None = None
        """Where the session was saved or opened; None as long as it has no file of its own."""

    def save(self) -> None:
        """Save to the session's file, or ask for one.

        Raises:
            NetworkError: no file can be written.
        """
        demand_files()
        if self.file is None:
            self._terminal.ask("save")
        else:
            self.save_as(str(self.file))

    def save_as(self, text: str) -> None:
        """Save to a file, in the place of a saved session; of another file, when asked for twice.

        Raises:
            NetworkError: it cannot be written, or is to be asked for again.
        """
        demand_files()
        try:
            path = Path(text).expanduser()
        except RuntimeError as error:  # ~somebody who is not there
            raise NetworkError("", "a file to write", str(error).lower()) from None
        if path != self.file and not is_saved_session(path):
            self._replacing.demand(path)
        save_session(self._current.session, path, self._looking.look)
        self._replacing.wrote(path)
        self.file = path
        self._terminal.inform(str(path), "Session saved")

    def open(self, text: str) -> None:
        """Open what a NETWORK argument means, or a lesson.

        Raises:
            NetworkError: it means none, or what it means is wrong.
        """
        if text in self.given:
            self._begin(self.given[text]())
            return
        if _lessons.is_lesson(text):
            self._teach(text)
            return
        opened = find_session(text)
        self._begin(opened)
        if text.endswith(".toml") and opened.wanted:
            self.file = Path(text)
