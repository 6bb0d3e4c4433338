"""The server: a page, and behind it a connection and a process for each visitor."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import textual_serve
from aiohttp import WSMsgType, web
from msgspec import Struct

from backprop_tui.network.errors import NetworkError, described
from backprop_tui.web.visitor import Visitor

OURS = Path(__file__).parent / "static"
TERMINAL = Path(textual_serve.__file__).parent / "static"
MOST_MESSAGE_BYTES = 1 << 16
WIDTHS, HEIGHTS = (10, 400), (5, 150)
FONT_SIZES = (8, 40)
IDLE, FULL, GONE = 4000, 4001, 1001
"""The codes with which a connection is closed: nothing was typed, no place is free, the server ends."""
_HOST = re.compile(r"[\w.:\[\]-]+", re.ASCII)
_KINDS = {".css": "text/css", ".js": "text/javascript", ".ttf": "font/ttf", ".png": "image/png"}


class Terms(Struct, frozen=True):
    """What is served, and to how many for how long."""

    networks: tuple[str, ...]
    host: str
    visitors: int
    idle: float
    """Seconds without a key after which a visit ends."""

    @property
    def is_loopback(self) -> bool:
        """Whether this machine alone can reach it."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether a name or an address means this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def listening(host: str, port: int) -> socket.socket:
    """A socket at which visitors arrive.

    Raises:
        NetworkError: the address is none of this machine's, or the port is taken.
    """
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError):
        raise NetworkError("--host", "an address of this machine", described(host)) from None
    try:
        return socket.create_server((str(address[0]), int(address[1])), family=family)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        place = "--port" if port else "--host"
        raise NetworkError(place, f"a place to listen at, as {host} port {port}", reason) from None


class Server:
    """Serves the debugger.

    Args:
        terms: what, and to how many.
    """

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self._visits: dict[web.WebSocketResponse, Visitor | None] = {}
        self.app = web.Application(client_max_size=MOST_MESSAGE_BYTES)
        self.app.add_routes(
            [
                web.get("/", self._page),
                web.get("/visit", self._visit),
                web.get("/page/{name}", self._ours),
                web.get("/terminal/{folder}/{name}", self._terminals),
            ]
        )
        self.app.middlewares.append(self._guarded)
        self.app.on_shutdown.append(self._close)

    # Files

    @web.middleware
    async def _guarded(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Answer only those who called this server by its name, and let pages load from nowhere else."""
        if self.terms.is_loopback and not _is_here(request.host, self.terms.host):
            raise web.HTTPForbidden(text="this server answers to its own name alone")
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_headers(request.host))
        return response

    async def _page(self, request: web.Request) -> web.Response:
        size = _within(request.query.get("fontsize"), FONT_SIZES, 16)
        text = (OURS / "page.html").read_text("utf-8").replace("FONT_SIZE", str(size))
        return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def _ours(self, request: web.Request) -> web.Response:
        return _file(OURS, request.match_info["name"], ("page.css", "page.js"))

    async def _terminals(self, request: web.Request) -> web.Response:
        folder, name = request.match_info["folder"], request.match_info["name"]
        known = tuple(path.relative_to(TERMINAL).as_posix() for path in TERMINAL.rglob("*") if path.is_file())
        return _file(TERMINAL, f"{folder}/{name}", known)

    # Visits

    async def _visit(self, request: web.Request) -> web.WebSocketResponse:
        """One visit, from the page's connection to its end."""
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden(text="only this server's own page may connect")
        connection = web.WebSocketResponse(heartbeat=15, max_msg_size=MOST_MESSAGE_BYTES)
        if len(self._visits) >= self.terms.visitors:
            await connection.prepare(request)
            words = f"All {self.terms.visitors} places are taken. Try again later."
            await connection.close(code=FULL, message=words.encode())
            return connection
        self._visits[connection] = None
        try:
            await connection.prepare(request)
            visitor = Visitor(self.terms.networks, connection.send_bytes, connection.close)
            self._visits[connection] = visitor
            width = _within(request.query.get("width"), WIDTHS, 80)
            height = _within(request.query.get("height"), HEIGHTS, 24)
            try:
                await visitor.start(width, height)
                await self._listen(connection, visitor)
            finally:
                await asyncio.shield(visitor.stop())
        finally:
            del self._visits[connection]
        return connection

    async def _listen(self, connection: web.WebSocketResponse, visitor: Visitor) -> None:
        """Pass on what the visitor does, until they leave or do nothing for too long."""
        loop = asyncio.get_running_loop()
        touched = loop.time()
        while True:
            try:
                rest = touched + self.terms.idle - loop.time()
                message = await connection.receive(timeout=max(rest, 0.001))
            except TimeoutError:
                words = f"The visit has ended: no key came for {_spoken(self.terms.idle)}."
                await connection.close(code=IDLE, message=words.encode())
                return
            if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
                return
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                if await _passed_on(message.data, connection, visitor):
                    touched = loop.time()
            except TimeoutError:
                words = "The visit has ended: the debugger answered no more."
                await connection.close(code=IDLE, message=words.encode())
                return

    async def _close(self, app: web.Application) -> None:
        """The server ends, and with it every visit."""
        visits = list(self._visits.items())
        for connection, _ in visits:
            with suppress(Exception):
                await connection.close(code=GONE, message=b"The server has ended.")
        await asyncio.gather(*(visitor.stop() for _, visitor in visits if visitor is not None))


async def _passed_on(text: str, connection: web.WebSocketResponse, visitor: Visitor) -> bool:
    """Do what a message of the page says; tells whether the visitor did something. Others are left out."""
    try:
        kind, *rest = json.loads(text)
        data = rest[0] if rest else None
    except (ValueError, TypeError, RecursionError):
        return False
    match kind, data:
        case "stdin", str():
            await visitor.tell(data.encode("utf-8", "replace"))
            return True
        case "resize", {"width": int() as width, "height": int() as height}:
            await visitor.set_terminal_size(_between(width, WIDTHS), _between(height, HEIGHTS))
        case "ping", str():
            await connection.send_json(["pong", data[:40]])
        case "focus", _:
            await visitor.focus()
        case "blur", _:
            await visitor.blur()
    return False


def _is_here(host: str, ours: str) -> bool:
    """Whether a browser that asked for this host meant this machine: another name may be a trick."""
    name = urlsplit(f"//{host}").hostname or ""
    return name == ours or is_loopback(name)


def _headers(host: str) -> Mapping[str, str]:
    """Nothing is loaded from anywhere else, and no page is taken for what it is not."""
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        f"img-src 'self' data:; connect-src 'self'{sockets}; base-uri 'none'; form-action 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


def _file(folder: Path, name: str, known: tuple[str, ...]) -> web.Response:
    """A file of those that are known."""
    kind = _KINDS.get(Path(name).suffix)
    if name not in known or kind is None:
        raise web.HTTPNotFound
    return web.Response(body=(folder / name).read_bytes(), content_type=kind)


def _within(text: str | None, limits: tuple[int, int], otherwise: int) -> int:
    return _between(int(text), limits) if text and text.isdecimal() and len(text) < 7 else otherwise


def _between(number: int, limits: tuple[int, int]) -> int:
    return min(max(number, limits[0]), limits[1])


def _spoken(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:g} seconds"
    return f"{seconds / 60:.0f} minutes"
