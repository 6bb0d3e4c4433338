"""Locks on files that tell whether a process is still running: the system releases them when it ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_LOCKED_BYTE = 2**30


def locked(path: Path) -> int | None:
    """A lock on a file for as long as this process lives; None where the file system has none."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        _lock(descriptor, exclusive=True)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def is_running(path: Path, process: int) -> bool:
    """Whether the process that has locked a file is still running.

    Args:
        path: the file.
        process: the number of the process, for where there is no lock to ask.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return _process_runs(process)
    except OSError:
        return True  # not ours to judge
    try:
        _lock(descriptor, exclusive=False)
    except (BlockingIOError, PermissionError):
        return True
    except OSError:  # a file system without locks
        return _process_runs(process)
    finally:
        os.close(descriptor)
    return False


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int, *, exclusive: bool) -> None:
        """Lock a byte far behind the end, so that the file itself can be read."""
        os.lseek(descriptor, _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _process_runs(process: int) -> bool:
        """Windows tells by the lock alone; ``os.kill`` would end the process."""
        return False

else:
    import fcntl

    def _lock(descriptor: int, *, exclusive: bool) -> None:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)

    def _process_runs(process: int) -> bool:
        try:
            os.kill(process, 0)
        except (ProcessLookupError, OverflowError):
            return False
        except OSError:
            return True
        return True
