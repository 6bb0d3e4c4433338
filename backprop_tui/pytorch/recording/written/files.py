"""The files of a recording: whole ones only, the index last.

A folder has one folder a rank, ``rank-0000``, with ``index.json`` and a file ``window-000000.safetensors``
for each time that something was written. A window's description is in its own header, so it is whole or not
there.
"""

from __future__ import annotations

import json
import math
import os
import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from backprop_tui.network.files.recording_folders import INDEX as INDEX
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.pytorch.errors import PyTorchError
from backprop_tui.pytorch.recording.written.form import require_index

safetensors = lazy_module("safetensors")
safetensors_torch = lazy_module("safetensors.torch")

FORMAT = 1


def rank_folder(folder: Path, rank: int) -> Path:
    """Where a rank writes; it needs no other rank for that."""
    return folder / f"rank-{rank:04d}"


def window_name(number: int) -> str:
    """The file of a window."""
    return f"window-{number:06d}.safetensors"


def replaced(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file under another name, make sure that it is on the disk, and only then give it its own.

    Whatever writes it, who may read it is as of any new file.

    Raises:
        OSError: it cannot be written; what was there is still there.

    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
    try:
        temporary.touch()
        mode = stat.S_IMODE(temporary.stat().st_mode)
        write(temporary)
        temporary.chmod(mode)
        _on_disk(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _on_disk(path.parent)


def clear_away(place: Path) -> None:
    """Remove what processes that were killed while they wrote have left, if they are no longer there.

    A window that the index does not name stays: it is whole, and a later one will take its name.
    """
    for path in place.glob(".tmp??????"):  # safetensors' own, which do not say whose they are
        path.unlink(missing_ok=True)
    for path in place.glob(".*.tmp"):
        process = path.name.split(".")[-3]
        if not process.isdigit() or int(process) == os.getpid() or not _runs(int(process)):
            path.unlink(missing_ok=True)


def _runs(process: int) -> bool:
    """Whether there is such a process; where that cannot be asked, there is."""
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _on_disk(path: Path) -> None:
    if os.name == "nt" and path.is_dir():  # folders cannot be opened there
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_index(place: Path, index: Mapping[str, Any]) -> None:
    """Write a rank's index.

    Raises:
        OSError: it cannot be written.

    """
    replaced(place / INDEX, lambda path: path.write_text(json_text(index), encoding="utf-8"))


def read_index(place: Path) -> dict[str, Any]:
    """A rank's index.

    Raises:
        PyTorchError: there is none, or it is none of ours.

    """
    path = place / INDEX
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PyTorchError("", "a recording", f"no {INDEX}", source=str(place)) from None
    except (OSError, ValueError) as error:
        raise PyTorchError("", "an index that can be read", str(error)[:100], source=str(path)) from None
    if not isinstance(found, dict) or found.get("recording") != FORMAT:
        raise PyTorchError("", f"a recording of the form {FORMAT}", "something else", source=str(path))
    try:
        require_index(found)
    except ValueError as error:
        raise PyTorchError("", "an index that can be read", str(error)[:100], source=str(path)) from None
    return found


def write_window(path: Path, tensors: Mapping[str, Any], description: Mapping[str, Any]) -> int:
    """Write a window.

    Returns:
        its bytes.

    Raises:
        OSError: it cannot be written.

    """
    whole = {name: tensor.contiguous() for name, tensor in tensors.items()}
    metadata = {"window": json_text(description)}
    try:
        replaced(path, lambda one: safetensors_torch.save_file(whole, str(one), metadata=metadata))
    except safetensors.SafetensorError as error:
        raise OSError(_of_system(str(error))) from None
    return path.stat().st_size


def _of_system(said: str) -> str:
    """What the system said, of the words that safetensors puts around it."""
    found = re.search(r"I/O error: (.+?)(?: \(os error \d+\))?$", said)
    return found[1] if found else said


def json_text(what: Any) -> str:
    """*what* as JSON, in which numbers that are not finite are the texts nan, inf and -inf."""
    return json.dumps(_plain(what), allow_nan=False)


def _plain(what: Any) -> Any:
    if isinstance(what, float) and not math.isfinite(what):
        return str(what)
    if isinstance(what, Mapping):
        return {str(key): _plain(value) for key, value in what.items()}
    return [_plain(one) for one in what] if isinstance(what, (list, tuple)) else what
