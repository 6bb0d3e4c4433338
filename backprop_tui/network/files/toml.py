"""Network files: TOML in, a network out, and back to the last bit."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backprop_tui.network.description import Network, Recording
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.build import build
from backprop_tui.network.files.recording_folders import is_recording
from backprop_tui.network.files.written_network import text
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.network.reach import demand_files, has_files
from backprop_tui.network.whole_files import put

tomli_w = lazy_module("tomli_w")  # 6 ms to import, and opening a network does not need it

MOST_BYTES = 4 * 2**20
"""What a network file may have; the parser takes up to a second for a mebibyte."""

MOST_WRITTEN_OUT = 20_000
"""Numbers of a recording that a file repeats; where there are more it says where the folder is."""
RECORDED = "recorded"
"""The only field, beside ``session``, of a file that says so."""

MOST_PARTS = 16
"""Of a dotted key: the parser's time grows with the square of their number."""
_LONG_KEY = rf"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{MOST_PARTS}}}"""


def load(path: str | Path) -> Network:
    """The network in a TOML file.

    Raises:
        NetworkError: the file cannot be read, is not TOML, or describes no network; it names the place.

    """
    path = Path(path)
    try:
        return build(read_toml(path), path.parent)
    except NetworkError as error:
        raise error.from_source(str(path)) from None


def exists(path: str | Path) -> bool:
    """Whether there is a file or folder of that name; False as well where no file could have it."""
    try:
        return has_files() and Path(path).exists()
    except (OSError, ValueError):
        return False


def read_toml(path: Path, what: str = "a network file") -> dict[str, Any]:
    """The tables of a TOML file.

    Args:
        path: where it is.
        what: what it is to be, for the message.

    Raises:
        NetworkError: as ``load``.

    """
    demand_files()
    try:
        if path.is_dir():
            hint = "of folders, one that record wrote" if what == "a network file" else ""
            raise NetworkError("", what, "a folder", hint=hint)
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise NetworkError("", what, "no such file") from None
    except (OSError, ValueError) as error:
        if isinstance(error, NetworkError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise NetworkError("", "a file that can be read", reason.lower()) from None
    if len(content) > MOST_BYTES:
        raise NetworkError("", f"at most {MOST_BYTES >> 20} MiB", "more", hint="large data fits a CSV file")
    try:
        return parse(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NetworkError("", "TOML in UTF-8", f"the byte 0x{content[error.start]:02x}") from None


def parse(content: str) -> dict[str, Any]:
    """The tables of a TOML document.

    Raises:
        NetworkError: it is not TOML.

    """
    if any(line.count(".") >= MOST_PARTS and re.search(_LONG_KEY, line) for line in content.split("\n")):
        raise NetworkError("", f"keys of at most {MOST_PARTS} parts", "a longer one")
    try:
        return tomllib.loads(content)
    except RecursionError:
        raise NetworkError("", "TOML", "tables or lists nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError, and numbers with thousands of digits
        message = "".join(c if c.isprintable() else "?" for c in str(error)[:200])
        raise NetworkError("", "TOML", hint=message) from None


def dump(network: Network, path: str | Path, *, session: Mapping[str, object] | None = None) -> None:
    """Write a network as a file from which ``load`` makes the very same network.

    An existing file is replaced atomically: whatever happens, either the old or the new one is there.

    Args:
        network: what to write.
        path: where to.
        session: a ``[session]`` table to put below it.

    Raises:
        NetworkError: the file cannot be written, or would be too large to be read again.

    """
    path = Path(path)
    put(path, lambda: file_content(network, path.parent, session=session))


def file_content(network: Network, folder: Path, *, session: Mapping[str, object] | None = None) -> bytes:
    """What a file of a network holds: all of it, or of a large recording where its folder is.

    Args:
        network: what to write.
        folder: where the file will be.
        session: a ``[session]`` table to put below it.

    Raises:
        NetworkError: it would be too large to be read again.

    """
    recording = network.recording
    if recording is not None and _numbers(network) > MOST_WRITTEN_OUT and _is_as_recorded(recording):
        place = Path(os.path.relpath(recording.folder, folder.absolute())).as_posix()
        table: dict[str, object] = {RECORDED: place} | ({"session": session} if session else {})
        said: str = tomli_w.dumps(table)
        return said.encode("utf-8")
    written = text(network, folder, session=session).encode("utf-8")
    if len(written) > MOST_BYTES:
        found = f"a larger one of {len(written) / 2**20:.1f} MiB"
        raise NetworkError("", f"a network of at most {MOST_BYTES >> 20} MiB", found)
    return written


def _numbers(network: Network) -> int:
    return network.parameters + len(network.data) * (network.widths[0] + network.widths[-1])


def _is_as_recorded(recording: Recording) -> bool:
    """Whether the folder is there that makes the very same network: its states are those of no document."""
    return bool(recording.states) and is_recording(recording.folder)
