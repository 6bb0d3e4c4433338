"""Which kinds of file a network can be exported to, by their endings."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from backprop_tui.export.script import script
from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError, described

Writer = Callable[[Network, int, int], str]
"""(network, epochs, log every) → the text of the file."""

FORMATS: Mapping[str, Writer] = MappingProxyType({".py": script})
"""What each ending stands for."""


def export(network: Network, path: str | Path, *, epochs: int = 1000, log_every: int = 200) -> None:
    """Write a network as another kind of file, by the ending of its name.

    ``.py`` is a script that trains it and prints what ``train`` prints, and needs this program no more. An
    existing file is replaced at one moment.

    Args:
        network: what to write.
        path: where to.
        epochs: how many epochs the script trains.
        log_every: how far apart the epochs are of which it prints a line.

    Raises:
        NetworkError: there is no such format, or the file cannot be written.

    """
    path = Path(path)
    try:
        write = FORMATS.get(path.suffix.lower())
        if write is None:
            expected = "a name that ends in " + " or ".join(FORMATS)
            raise NetworkError("", expected, described(path.suffix) if path.suffix else "no ending")
        if path.is_dir():
            raise NetworkError("", "a file to write", "a folder")
        _put(path, write(network, epochs, log_every).encode("utf-8"))
    except NetworkError as error:
        raise error.from_source(str(path)) from None
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NetworkError("", "a file that can be written", reason.lower(), source=str(path)) from None


def _put(path: Path, content: bytes) -> None:
    """Write a file so that whatever happens, the old or the new one is there whole."""
    if path.exists() and not path.is_file():  # a pipe or a device
        path.write_bytes(content)
        return
    path = path.resolve()
    temporary = path.with_name(f".{path.name[:100]}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            temporary.chmod(path.stat().st_mode & 0o7777)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
