"""A storm in process: random events, and every so often every number compared with a fresh debugger's."""

from __future__ import annotations

import asyncio
import json
import random
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from traceback import extract_tb, format_list
from typing import Any, NamedTuple

from backprop_tui.tui.screens.debugger import DebuggerScreen
from tests.robustness.events import Event, Storm
from tests.robustness.screens import (
    Screen,
    debugger,
    own_folder,
    running,
    scrolled_alike,
    told,
    without_toasts,
)

NETWORKS = (
    *(
        "worked-example",
        "xor",
        "2-8-8-1",
        "16-16-16-4",
        "digits --examples 40",
        "784-128-10",
        "vanishing",
        "dead-relu",
    ),
    *("softmax", "exploding", "mazur", "1-1"),
)
_LAST = 80
"""How many events before a death are told."""


class Round(NamedTuple):
    """What a storm over one network came to."""

    events: int
    checks: int
    left: int
    """How often the program was left as it can be, and started again."""
    seconds: float


class StormError(AssertionError):
    """The debugger died, or showed something wrong."""

    def __init__(self, message: str, network: str, events: Sequence[Event]) -> None:
        super().__init__(message)
        self.network = network
        self.events = list(events)
        """All that came to this debugger, with the waits between."""


def storm(network: str, seed: int, events: int, *, every: int = 1000, spare_palette: bool = False) -> Round:
    """Send random events to a debugger on *network*, and check it after every so many.

    Raises:
        StormError: it died, or a row of the screen differs from that of a fresh debugger.
    """
    with own_folder() as folder:
        return asyncio.run(_Storming(network, seed, folder, spare_palette).through(events, every))


def replayed(network: str, events: Sequence[Event]) -> BaseException | None:
    """What goes wrong when these events come to a fresh debugger, the check at the end included."""

    async def replay(storming: _Storming) -> None:
        async with running(debugger(*network.split())) as screen:
            await screen.still()
            for event in events:
                await storming.send(screen, event)
            if screen.runs:
                await screen.answered()
                await storming.check(screen)

    with own_folder() as folder:
        try:
            asyncio.run(replay(_Storming(network, 0, folder, True)))
        except Exception as error:
            return error
    return None


def write(error: StormError, path: Path) -> None:
    """Keep what led to a failure."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"network": error.network, "events": error.events}), "utf-8")


def read(path: Path) -> tuple[str, list[Event]]:
    """The network and the events of a failure that was kept."""
    kept = json.loads(path.read_text("utf-8"))
    return kept["network"], [
        Event(data, size and (size[0], size[1]), pause) for data, size, pause in kept["events"]
    ]


def shrunk(network: str, events: Sequence[Event]) -> list[Event]:
    """As few of the events as still make the same error."""
    wanted = _sort(replayed(network, events))
    kept, size = list(events), len(events) // 2
    while size:
        place = 0
        while place < len(kept):
            fewer = kept[:place] + kept[place + size :]
            if _sort(replayed(network, fewer)) == wanted:
                kept = fewer
            else:
                place += size
        size //= 2
    return kept


def _sort(error: BaseException | None) -> tuple[type, str]:
    return type(error), str(error).partition("\n")[0].lstrip("0123456789")


class _Storming:
    """One storm."""

    def __init__(self, network: str, seed: int, folder: Path, spare_palette: bool) -> None:
        self._network = network
        self._seed = seed
        self._storm = Storm(seed, spare_palette=spare_palette)
        self._random = random.Random(seed)
        self._folder = folder
        self._sent: list[Event] = []
        self._done = self._checks = self._left = 0

    async def through(self, events: int, every: int) -> Round:
        start = perf_counter()
        while self._done < events:
            self._sent.clear()
            try:
                async with running(debugger(*self._network.split())) as screen:
                    while screen.runs and self._done < events:
                        await self._rage(screen, min(every, events - self._done))
                        if screen.runs:
                            await self.check(screen)
                self._left += self._done < events
            except Exception as error:
                raise StormError(self._story(error), self._network, self._sent) from error
        return Round(self._done, self._checks, self._left, perf_counter() - start)

    async def _rage(self, screen: Screen, events: int) -> None:
        for burst in self._storm.bursts(events):
            for event in burst:
                await self.send(screen, event)
            self._done += len(burst)
            if self._random.random() < 0.9:
                await self.send(screen, Event(pause=self._random.choice((0, 0, 0, 0, 0, 0, 0, 0.002, 0.02))))
            if not screen.runs:
                return
        await screen.answered()

    async def send(self, screen: Screen, event: Event) -> None:
        """Let an event come, or wait."""
        self._sent.append(event)
        if event.data or event.size:
            screen.feed(event)
        elif screen.runs:
            await screen.answered(event.pause)

    async def check(self, screen: Screen) -> None:
        """Compare the screen with itself painted anew, and with a fresh debugger of the same session."""
        await self._let_go(screen)
        if not screen.runs:  # the last key left it
            return
        self._checks += 1
        screen.type("v")  # what is compared with is not saved: after a second time at most, nothing is
        saved = await self._save(screen)
        if saved["session"].get("look", {}).get("changes"):
            screen.type("v")
            saved = await self._save(screen)
        panes = [self._random.choice("345"), self._random.choice("12345")]
        screen.type(*panes)
        await screen.still()
        without_toasts(screen.app)
        await screen.still()
        shown = screen.rows()
        screen.repaint()
        await screen.still()
        _same(shown, screen.rows(), "painted anew")
        async with running(debugger(str(self._folder / "check.toml")), screen.size) as fresh:
            await fresh.still()
            fresh.type("end")
            await fresh.still()
            fresh.type(":", *f"goto {saved['session']['position']}", "enter")
            await fresh.still()
            fresh.type(*panes)
            await fresh.still()
            scrolled_alike(screen, fresh)
            await fresh.still()
            _same(shown, fresh.rows(), "of a fresh debugger")

    async def _let_go(self, screen: Screen) -> None:
        """Close whatever lies over the debugger, and stop whatever runs."""
        if min(screen.size[0] // 80, screen.size[1] // 24) < 1:
            screen.feed(Event(size=(120, 40)))
        for _ in range(10):
            screen.type("escape")
            await screen.answered(0.01)
            if len(screen.app.screen_stack) == 1:
                break
        screen.type("escape", "escape")  # a line that was open below is one still
        await screen.still()
        debugging = screen.app.screen_stack[0]
        if isinstance(debugging, DebuggerScreen) and debugging.view.predicting:
            screen.type("p")  # questions and their score are not saved
        if isinstance(debugging, DebuggerScreen) and debugging.view.reader is not None:
            screen.type(":", *"lesson off", "enter")  # what was answered on a page is not, either
        screen.type("escape", "escape")
        await screen.still()

    async def _save(self, screen: Screen) -> dict[str, Any]:
        path = self._folder / "check.toml"
        path.unlink(missing_ok=True)
        screen.type(":", *f"save {path}", "enter")
        await screen.still()
        with suppress(FileNotFoundError):
            return tomllib.loads(path.read_text("utf-8"))
        raise AssertionError(f"not saved:\n{told(screen.rows())}")

    def _story(self, error: BaseException) -> str:
        last = [event.size or event.data or "…" for event in self._sent[-_LAST:]]
        where = "".join(format_list(extract_tb(error.__traceback__)[-3:]))
        return (
            f"{type(error).__name__}: {error}\n{where}network {self._network}, seed {self._seed}, after "
            f"{self._done} events ({len(self._sent)} in this debugger), the last of them: {last!r}"
        )


def _same(shown: Sequence[str], wanted: Sequence[str], whose: str) -> None:
    differing = [(y, a, b) for y, (a, b) in enumerate(zip(shown, wanted, strict=True)) if a != b]
    lines = [f"row {y}\n  shown    {a}\n  {whose:8} {b}" for y, a, b in differing]
    assert not differing, f"{len(differing)} rows differ from those {whose}:\n" + "\n".join(lines)
