"""Sessions that outlive their process: each is kept in the user's state folder until it ends cleanly.

A session has two files there, named after its process and start time: the network, written once, and the
``[session]`` table, replaced after every command. Neither is synced to the disk: they survive a killed
process, not a power failure. The running process holds a lock on the network file, which the system releases
however the process ends; so a new process with the same number is not mistaken for it.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from time import time, time_ns

from msgspec import Struct
from platformdirs import user_state_path
from tomli_w import dumps

from backprop_tui.network.description import Network
from backprop_tui.network.errors import MISSING, NetworkError
from backprop_tui.network.files.library import read_file
from backprop_tui.network.files.toml import file_content, read_toml
from backprop_tui.network.reach import has_state
from backprop_tui.program.positions import Position
from backprop_tui.session.files.opened import Opened
from backprop_tui.session.files.process_locks import is_running, locked
from backprop_tui.session.files.table import restore, to_table
from backprop_tui.session.look import PLAIN, Look
from backprop_tui.session.session import Session

FOLDER_VARIABLE = "BACKPROP_TUI_STATE"
"""The environment variable that names another folder."""
MOST_KEPT = 20
"""How many sessions of processes that are gone are kept; the oldest are removed."""
PATIENCE = 60.0
"""Seconds for which a network file without a session file is left alone: its session may just begin."""

_NAME = re.compile(r"(?P<stem>(?P<process>\d{1,10})-\d{1,20})\.(?:network\.toml|session\.toml|tmp)", re.ASCII)


def state_folder() -> Path:
    """Where sessions are kept; it need not be there yet.

    Raises:
        RuntimeError: the user has no home, or this process keeps nothing.

    """
    if not has_state():
        raise RuntimeError("this process keeps nothing")
    if given := os.environ.get(FOLDER_VARIABLE):
        return Path(given).absolute()
    return user_state_path("backprop-tui", appauthor=False)


class Keeper:
    """Keeps the running session in files, so that it can be recovered when the process is killed.

    Its methods never raise: where a file cannot be written, ``problem`` says why.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """Nothing is written yet; *folder* is the user's state folder where it is left out."""
        self.problem = ""
        """Why the session is not kept any more; empty as long as it is."""
        self._folder = folder
        self._network: Network | None = None
        self._stem: Path | None = None
        self._lock: int | None = None
        self._kept = b""
        self._former: tuple[Interrupted, Network] | None = None
        self._closed = False

    def go_on(self, interrupted: Interrupted, session: Session) -> None:
        """Let *session*, which was opened from an interrupted one, take its place as soon as it is kept."""
        self._former = interrupted, session.comparing.home.network

    def keep(self, session: Session, look: Look = PLAIN) -> None:
        """Write the session's present state; called after every command.

        A session in which nothing has happened yet is not written. A session of another network replaces the
        former one.
        """
        if self.problem or self._closed:
            return
        try:
            self._keep(session, look)
        except (OSError, ValueError, RuntimeError) as error:
            reason = (getattr(error, "strerror", None) or str(error)).lower()
            self.problem = f"if this program is killed, the session is lost: it cannot be kept ({reason})"

    def close(self) -> None:
        """Remove the files, since the session has ended normally; nothing is written from here on."""
        self._closed = True
        self._remove()
        if self._former:
            self._former[0].discard()

    def _keep(self, session: Session, look: Look) -> None:
        network = session.comparing.home.network
        if network is not self._network:
            self._remove()
            started = session.latest or session.edits or session.comparing.open
            if not (started or session.breakpoints or session.watches):
                return
            self._begin(network)
        content = dumps({"title": network.title, "session": to_table(session, look)}).encode()
        if content != self._kept:
            self._write("session.toml", content)
            self._kept = content

    def _begin(self, network: Network) -> None:
        folder = (self._folder or state_folder()).resolve()
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        self._stem = folder / f"{os.getpid()}-{time_ns()}"
        self._write("network.toml", file_content(network, folder), lock=True)
        self._network = network
        if self._former and self._former[1] is network:
            with suppress(OSError):
                self._former[0].move(self._path("session.toml"))
                self._former = None

    def _write(self, ending: str, content: bytes, *, lock: bool = False) -> None:
        temporary, path = self._path("tmp"), self._path(ending)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(temporary, flags, 0o600), "wb") as file:
            file.write(content)
        if lock and sys.platform != "win32":
            self._lock = locked(temporary)
        temporary.replace(path)
        if lock and sys.platform == "win32":  # where an open file cannot be moved
            self._lock = locked(path)

    def _path(self, ending: str) -> Path:
        assert self._stem is not None
        return self._stem.with_name(f"{self._stem.name}.{ending}")

    def _remove(self) -> None:
        if self._lock is not None:
            with suppress(OSError):
                os.close(self._lock)
        if self._stem is not None:
            for ending in ("session.toml", "network.toml", "tmp"):
                with suppress(OSError):
                    self._path(ending).unlink(missing_ok=True)
        self._network = self._stem = self._lock = None
        self._kept = b""


class Interrupted(Struct, frozen=True):
    """A session whose process is gone."""

    title: str
    """The network's."""
    position: str
    when: datetime
    """When it was last kept, in local time."""
    network_file: Path
    session_file: Path

    def open(self) -> Opened:
        """The session, as ``load_session`` gives it.

        Where a person goes on with it, ``Keeper.go_on`` sees to it that it is not offered again; where the
        person does not want it, call ``discard``.

        Raises:
            NetworkError: its files are gone or damaged.

        """
        _, network = read_file(self.network_file)
        try:
            table = read_toml(self.session_file).get("session", MISSING)
        except NetworkError as error:
            raise error.from_source(str(self.session_file)) from None
        return restore(network, table, str(self.session_file))

    def move(self, session_file: Path) -> None:
        """Move it to where its network is already: it is there once at any moment.

        Raises:
            OSError: its files are gone, or not to be moved.
        """
        self.session_file.replace(session_file)
        self.network_file.unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove it."""
        for path in (self.session_file, self.network_file):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def find(folder: Path | None = None) -> list[Interrupted]:
    """The sessions whose processes are gone, the newest first; at most ``MOST_KEPT``.

    Older ones are removed, and so are the incomplete files of processes that were killed while they started
    or ended. Other files are left alone.
    """
    try:
        folder = (folder or state_folder()).resolve()
        files = _ours(folder)
    except (OSError, RuntimeError):
        return []
    gone = [
        stem
        for stem in {name.partition(".")[0] for name in files}
        if not is_running(folder / f"{stem}.network.toml", int(stem.partition("-")[0]))
    ]
    begun = {stem for stem in gone if f"{stem}.session.toml" in files and f"{stem}.network.toml" in files}
    for name, written in files.items():
        stem = name.partition(".")[0]
        if stem in gone and stem not in begun and written < time() - PATIENCE:
            with suppress(OSError):
                (folder / name).unlink()
    newest = sorted(begun, key=lambda stem: (files[f"{stem}.session.toml"], stem), reverse=True)
    found = [_interrupted(folder, stem, files[f"{stem}.session.toml"]) for stem in newest]
    for one in found[MOST_KEPT:]:
        one.discard()
    return [one for one in found[:MOST_KEPT] if one.position]


def _ours(folder: Path) -> dict[str, float]:
    """The names of all sessions' files, with when they were written."""
    files: dict[str, float] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if _NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with suppress(FileNotFoundError):  # one that another process just replaced
                    files[entry.name] = entry.stat(follow_symlinks=False).st_mtime
    return files


def _interrupted(folder: Path, stem: str, written: float) -> Interrupted:
    """What the recovery offer shows of a session; without a position where its file is damaged."""
    network, session = folder / f"{stem}.network.toml", folder / f"{stem}.session.toml"
    title = position = ""
    with suppress(NetworkError):
        raw = read_toml(session)
        table = raw.get("session")
        found = table.get("position") if isinstance(table, dict) else None
        position = found if isinstance(found, str) and Position.parse(found) else ""
        title = "".join(c if c.isprintable() else "?" for c in str(raw.get("title", ""))[:200])
    return Interrupted(title, position, datetime.fromtimestamp(written).astimezone(), network, session)
