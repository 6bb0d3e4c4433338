"""The debugger without a terminal: keys are pressed, and its screen is taken once it has come to rest."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from time import monotonic

from textual.pilot import Pilot
from textual.widgets import Input

from backprop_tui.export.screen.animation import Frame
from backprop_tui.export.screen.cells import Screen
from backprop_tui.network.errors import NetworkError, described
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.screens.debugger import DebuggerScreen
from backprop_tui.tui.shots.keys import Press
from backprop_tui.tui.shots.screen import screen_of
from backprop_tui.tui.widgets.panes import PicturePane

LOOK_SECONDS = 0.03
"""So long between two looks at a screen that is still changing."""
MOST_SECONDS = 60.0
"""So long a screen may go on changing; what runs by itself never rests."""


TYPED_SECONDS = 0.12
"""So long a letter is shown that is part of a text."""


async def screens(
    app: BackpropApp,
    presses: Sequence[Press],
    size: tuple[int, int],
    title: str = "",
    *,
    each: bool = False,
    notices: bool = True,
) -> AsyncIterator[Screen]:
    """Press keys, and give what is then on the screen.

    Args:
        app: the debugger, not yet run.
        presses: the keys.
        size: of the screen, in columns and rows.
        title: of the pictures.
        each: whether to give the screen before the first key, and after each one; else the last alone.
        notices: whether notices over the panes are shown.

    Raises:
        NetworkError: a key has ended the debugger.
    """
    async with app.run_test(size=size, notifications=notices) as pilot:
        await begun(pilot)
        await at_rest(pilot)
        if each or not presses:
            yield screen_of(app, title)
        for number, press in enumerate(presses, 1):
            await pilot.press(press.key)
            if not app.is_running or app.return_value is not None or app._exit:
                place = f"--press key {number}"
                raise NetworkError(place, "a key that leaves the debugger open", described(press.key))
            if each or number == len(presses):
                await at_rest(pilot)
                yield screen_of(app, title)


async def begun(pilot: Pilot[int]) -> None:
    """Wait until the lesson that is to be open is."""
    app = pilot.app
    assert isinstance(app, BackpropApp)
    while app.is_taught and not app.query("#lesson"):
        await pilot.pause(LOOK_SECONDS)


async def at_rest(pilot: Pilot[int]) -> None:
    """Wait for what is computed and painted in threads and after the frame; no cursor blinks."""
    app = pilot.app
    screen = app.screen_stack[0]
    assert isinstance(screen, DebuggerScreen)
    await pilot.pause()
    for line in app.screen.query(Input):
        line.cursor_blink = False
    end = monotonic() + MOST_SECONDS
    shown, before = screen_of(app), None
    while monotonic() < end:
        pane, desk = screen.query_one(PicturePane), screen.desk
        if desk.jobs.repeating:
            break
        if not (pane.painter.busy or desk.jobs.busy or desk.comparisons.busy) and shown == before:
            break
        await pilot.pause(LOOK_SECONDS)
        shown, before = screen_of(app), shown


async def taken(
    app: BackpropApp,
    presses: Sequence[Press],
    size: tuple[int, int],
    *,
    each: bool = False,
    pause: float = 1.0,
) -> list[Frame]:
    """The screens as frames: one for each key, or the last alone.

    Args:
        app: the debugger, not yet run.
        presses: the keys.
        size: of the screen, in columns and rows.
        each: whether there is a frame before the first key, and one after each.
        pause: seconds for which each is shown; a text is typed quickly, and the last one stays twice as long.

    Raises:
        NetworkError: a key has ended the debugger.
    """
    title = f"backprop-tui: {app.session.network.title}"
    shown = [screen async for screen in screens(app, presses, size, title, each=each)]
    keys = ["", *(press.key for press in presses)][-len(shown) :]
    typed = [False, *(press.typed for press in presses)]
    quick = [one and other for one, other in zip(typed, [*typed[1:], False], strict=True)][-len(shown) :]
    seconds = [min(pause, TYPED_SECONDS) if one else pause for one in quick]
    seconds[-1] = 2 * pause
    return [Frame(*one) for one in zip(shown, seconds, keys, strict=True)]
