"""Network files: TOML in, a network out."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from backprop_tui.network.build import build
from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError

MOST_BYTES = 8 * 2**20


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


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file.

    Raises:
        NetworkError: as ``load``.

    """
    try:
        if path.is_dir():
            raise NetworkError("", "a network file", "a folder")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise NetworkError("", "a network file", "no such file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NetworkError("", "a file that can be read", reason.lower()) from None
    if len(content) > MOST_BYTES:
        raise NetworkError("", f"at most {MOST_BYTES >> 20} MiB", "more", hint="large data fits a CSV file")
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise NetworkError("", "TOML in UTF-8", f"the byte 0x{content[error.start]:02x}") from None
    except RecursionError:
        raise NetworkError("", "TOML", "tables or lists nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError, and numbers with thousands of digits
        raise NetworkError("", "TOML", hint=str(error)[:200]) from None
