"""A server as a person starts it, and visitors who speak its protocol without a browser."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from time import monotonic, sleep

import aiohttp
import pyte

PATIENCE = 60.0
ROOT = Path(__file__).parents[2]


class Served:
    """A running server."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url

    def children(self) -> list[int]:
        """Its visitors' processes."""
        number = self.process.pid
        found = Path(f"/proc/{number}/task/{number}/children").read_text().split()
        return [int(one) for one in found]

    def wait_for_children(self, count: int) -> list[int]:
        end = monotonic() + PATIENCE
        while len(found := self.children()) != count:
            assert monotonic() < end, f"{len(found)} processes, not {count}"
            sleep(0.05)
        return found


@contextmanager
def served(folder: Path, *words: str) -> Iterator[Served]:
    """A server in a folder, which ends with the test."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    for name in ("TEXTUAL_DRIVER", "NO_COLOR"):
        environment.pop(name, None)
    process = subprocess.Popen(
        [sys.executable, "-m", "backprop_tui", "serve", "--port", "0", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env=environment,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        url = re.search(r"http://\S+/", line)
        assert url is not None, line + process.stdout.read()
        yield Served(process, url[0])
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()
        process.stdout.close()


class Visit:
    """One connection, and what its terminal shows."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse, size: tuple[int, int]) -> None:
        self.connection = connection
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self.bytes = 0

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    async def say(self, *message: object) -> None:
        await self.connection.send_str(json.dumps(message))

    async def type(self, text: str) -> None:
        """Type letter by letter, as a terminal sends it."""
        for letter in text:
            await self.say("stdin", letter)

    async def see(self, *words: str) -> str:
        """Wait until all of some words are on the screen."""
        end = monotonic() + PATIENCE
        while not all(word in self.text for word in words):
            rest = end - monotonic()
            assert rest > 0, f"{words} are not on the screen:\n{self.text}"
            assert await self.take(rest), f"the server has closed the connection:\n{self.text}"
        return self.text

    async def take(self, seconds: float) -> bool:
        """Take one message; tells whether the connection is still there."""
        try:
            message = await self.connection.receive(timeout=seconds)
        except TimeoutError:
            return True
        if message.type is aiohttp.WSMsgType.BINARY:
            self.bytes += len(message.data)
            # pyte takes this private mode for a graphic rendition.
            self._stream.feed(re.sub(rb"\x1b\[[?>=][0-9;]*[a-zA-Z$]+[a-z]?", b"", message.data))
        return message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT)

    async def end(self) -> tuple[int | None, str]:
        """Wait until the server closes; its code."""
        end = monotonic() + PATIENCE
        while monotonic() < end:
            message = await self.connection.receive(timeout=PATIENCE)
            if message.type is aiohttp.WSMsgType.CLOSE:
                return int(message.data), str(message.extra or "")
            if message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING):
                return self.connection.close_code, ""
        raise AssertionError("the connection is still open")


@asynccontextmanager
async def visit(server: Served, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Visit]:
    """A visitor of a server."""
    address = f"{server.url}visit?width={size[0]}&height={size[1]}"
    async with aiohttp.ClientSession() as session, session.ws_connect(address, autoclose=False) as connection:
        yield Visit(connection, size)
