"""Many debuggers in one process, one after the other: nothing of them stays."""

from __future__ import annotations

import asyncio
import gc
import os
from pathlib import Path

from tests.robustness.screens import Screen, debugger, own_folder, running

NETWORKS = ("worked-example", "xor", "2-8-8-1", "vanishing", "softmax", "4-16-16-3")
KEYS = ("f", "b", "u", "e", "e", "S", "n", "x", "w", "v", "v", "d", "y", *"12345", "right", "enter", "ctrl+z")
LINES = ("set learning_rate 0.25", "goto 12:3", "watch loss", "break loss < 0.0001")
HELD = ("Timeline", "Session", "Run", "Trainer", "View")
"""The classes whose objects go with their debugger; of the first two there is one while it runs."""


def held() -> dict[str, int]:
    """How many objects of these classes there are after a collection."""
    gc.collect()
    gc.collect()
    found = dict.fromkeys(HELD, 0)
    for one in gc.get_objects():
        name = type(one).__name__
        if name in found and type(one).__module__.startswith("backprop_tui."):
            found[name] += 1
    return found


def memory() -> int:
    """The memory that this process has resident, in bytes."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def opened_and_closed(number: int) -> dict[str, int]:
    """Open a debugger, step, edit, draw and close it; gives what was held while it ran."""

    async def use() -> dict[str, int]:
        async with running(debugger(NETWORKS[number % len(NETWORKS)])) as screen:
            await screen.still()
            screen.type(*KEYS)
            await screen.still()
            await _say(screen)
            screen.type("?")
            await screen.still()
            screen.type("escape", "m")
            await screen.still()
            screen.type("escape")
            await screen.still()
            return held()

    with own_folder():
        return asyncio.run(use())


async def _say(screen: Screen) -> None:
    for line in LINES:
        screen.type("escape", ":", *line, "enter")
        await screen.still()
