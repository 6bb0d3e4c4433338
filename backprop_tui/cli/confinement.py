"""A process for one visitor in a browser: what it gives up before the first key reaches it.

The network files that it was started with have been read by then. Three walls stand between a visitor and the
machine: whatever asks for a file is refused with a line that says so (``network/reach.py``); the
interpreter itself opens no file but its own modules, and starts nothing; the system lets it write none.
"""

from __future__ import annotations

import os
import select
import sys
import sysconfig
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

from backprop_tui.network import reach

REFUSAL = "this debugger is served to a browser: no file of the machine that it runs on is read or written"
MOST_PARAMETERS = 250_000
"""Of a network that a visitor opens."""
MOST_SECONDS = 30.0
"""Of one journey, search or edit."""
MOST_BYTES = 1 << 30
"""Of memory, where the system can limit it."""

_ENDS = frozenset(
    {
        "os.chdir",
        "os.chmod",
        "os.chown",
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.kill",
        "os.link",
        "os.mkdir",
        "os.posix_spawn",
        "os.remove",
        "os.rename",
        "os.rmdir",
        "os.spawn",
        "os.startfile",
        "os.symlink",
        "os.system",
        "os.truncate",
        "os.utime",
        "pty.spawn",
        "shutil.rmtree",
        "socket.bind",
        "socket.connect",
        "subprocess.Popen",
        "webbrowser.open",
    }
)
"""What Python announces before it does it, and what a visitor's process never does."""
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def confine() -> None:
    """Give up files, processes and most of the machine's time and memory, for good."""
    for name in ("numpy", "plotext", "backprop_tui.stops.breakpoints"):
        import_module(name)  # libraries may look around the machine as they are loaded
    reach.give_up_files(REFUSAL)
    reach.take_at_most(MOST_PARAMETERS, MOST_SECONDS)
    with suppress(OSError):
        os.chdir(Path.cwd().anchor)
    _limit()
    sys.addaudithook(_guard(_own_folders()))
    if hasattr(select, "poll"):
        Thread(target=_end_with_server, daemon=True, name="server-watch").start()


def _limit() -> None:
    """Limits that the system keeps; there are none on Windows."""
    try:
        resource = import_module("resource")
    except ImportError:
        return
    limits = [(resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)]
    if sys.platform == "linux":
        limits.append((resource.RLIMIT_DATA, MOST_BYTES))
    for which, most in limits:
        with suppress(OSError, ValueError):
            resource.setrlimit(which, (most, most))


def _own_folders() -> tuple[str, ...]:
    """Where the program's modules are, and Python's."""
    paths = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    for module in map(import_module, ("backprop_tui", "textual", "numpy", "rich")):
        paths.add(str(Path(module.__file__ or "").parent))
    paths.add(sysconfig.get_config_var("DESTSHARED"))
    return tuple(os.path.realpath(path) + os.sep for path in paths if path)


def _guard(folders: tuple[str, ...]) -> Any:
    """Refuses what is announced: files that are not in these folders, and everything in ``_ENDS``."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            if isinstance(path, int):
                return
            writes = (isinstance(mode, str) and set(mode) & set("wax+")) or (flags or 0) & _WRITES
            if writes or not _is_within(path, folders):
                raise PermissionError(1, "not for visitors")
        elif event in ("os.listdir", "os.scandir"):
            if not _is_within(arguments[0], folders):
                raise PermissionError(1, "not for visitors")
        elif event in _ENDS:
            raise PermissionError(1, "not for visitors")

    return hook


def _is_within(path: object, folders: tuple[str, ...]) -> bool:
    try:
        text = os.fsdecode(path)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return (os.path.realpath(text) + os.sep).startswith(folders)


def _end_with_server() -> None:
    """Wait for the server to be gone, however it ended: nobody reads what is written then."""
    watch = select.poll()
    watch.register(0, 0)
    if any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in watch.poll()):
        os._exit(1)
