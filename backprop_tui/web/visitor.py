"""One visitor: the process that they look at, from the first byte to the last."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

LEAVING_SECONDS = 2.0
"""So long a process has to end by itself; then it is ended."""
LISTENING_SECONDS = 10.0
"""So long a process may take no key before it is given up."""
KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "NO_COLOR", "HOME", "USERPROFILE")
"""What a visitor's process has of the server's environment."""
_ROOT = Path(__file__).parents[2]


class Visitor(AppService):
    """A visitor's process. textual-serve knows how to talk to it; this says how it starts and ends.

    Args:
        networks: what it opens.
        write: sends bytes to the visitor's terminal.
        close: closes the connection.
    """

    def __init__(
        self,
        networks: Sequence[str],
        write: Callable[[bytes], Awaitable[None]],
        close: Callable[[], Awaitable[object]],
    ) -> None:
        super().__init__(
            "",
            write_bytes=write,
            write_str=_say_nothing,
            close=close,  # type: ignore[arg-type]
            download_manager=DownloadManager(),
        )
        self._networks = networks

    @property
    def process(self) -> Process | None:
        """The process, once it was started."""
        found: Process | None = self._process
        return found

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        """Start the process, without a shell in between."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "backprop_tui", "visit", "--", *self._networks),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=environment(os.environ, self._build_environment(width, height)),
        )
        self._process, self._stdin = process, process.stdin
        return process

    async def run(self) -> None:
        """Pass on what the process writes, until it ends; then the connection is of no use any more."""
        with suppress(ConnectionError):
            await super().run()
            await self.remote_close()

    async def on_meta(self, data: bytes) -> None:
        """The process says that it ends; to nothing else that it might ask of a browser is listened."""
        if b'"exit"' in data:
            await self.remote_close()

    async def tell(self, data: bytes) -> None:
        """Pass on what the visitor typed.

        Raises:
            TimeoutError: the process takes nothing any more.
        """
        await asyncio.wait_for(self.send_bytes(data), LISTENING_SECONDS)

    async def stop(self) -> None:
        """End the process, whatever it is doing."""
        task, self._task = self._task, None
        process = self.process
        if task is None or process is None:
            return
        with suppress(Exception):
            await asyncio.wait_for(self.send_meta({"type": "quit"}), LEAVING_SECONDS)
            await asyncio.wait_for(process.wait(), LEAVING_SECONDS)
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def environment(ours: Mapping[str, str], its: Mapping[str, str]) -> dict[str, str]:
    """The environment of a visitor's process.

    Args:
        ours: the server's.
        its: as textual-serve makes it, with the server's in it.
    """
    kept = {name: ours[name] for name in KEPT if name in ours}
    told = {name: value for name, value in its.items() if ours.get(name) != value}
    return {
        **kept,
        **told,
        "PYTHONPATH": str(_ROOT),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


async def _say_nothing(text: str) -> None:
    """Nothing but the terminal's bytes goes to the page."""
