"""Files that are written whole: whatever happens, either the old or the new one is there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from backprop_tui.network.errors import NetworkError
from backprop_tui.network.reach import demand_files


def put(path: Path, made: Callable[[], bytes]) -> None:
    """Write a file.

    Args:
        path: where to.
        made: makes what is to be written.

    Raises:
        NetworkError: the file cannot be written, or *made* raised it; its source is the path.

    """
    source = str(path)
    try:
        demand_files()
        if path.is_dir():
            raise NetworkError("", "a file to write", "a folder")
        if path.exists() and not path.is_file():  # a pipe or a device
            path.write_bytes(made())
        else:
            _replace(path.resolve(), made())
    except NetworkError as error:
        raise error.from_source(source) from None
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NetworkError("", "a file that can be written", reason.lower(), source=source) from None


def _replace(path: Path, content: bytes) -> None:
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
