"""What a test of the screen sees of the debugger, and how it waits."""

import re

from backprop_tui.engine.quantities import Parameter
from backprop_tui.tui.commands import performing
from backprop_tui.tui.screens.debugger import DebuggerScreen
from backprop_tui.tui.widgets.pane import Pane

SMALL, LARGE = (80, 24), (120, 40)
PANES = ("network", "program", "chain", "values", "loss")


def debugger(app):
    """The debugger's screen, whatever lies over it."""
    return next(screen for screen in app.screen_stack if isinstance(screen, DebuggerScreen))


def rows(app, pane):
    """The rows of text that a pane shows."""
    widget = debugger(app).query_one(f"#{pane}", Pane)
    return [widget.render_line(y).text for y in range(widget.size.height)]


def text(app, pane):
    return "\n".join(rows(app, pane))


def visible(app):
    """The panes that take room on the screen."""
    return {pane for pane in PANES if debugger(app).query_one(f"#{pane}").region.area}


def position(app):
    return debugger(app).session.position


async def opened(pilot, *keys):
    await pilot.press(*keys)
    await pilot.pause()


def session(app):
    return debugger(app).session


def row(app, pane, part):
    return next(line for line in text(app, pane).splitlines() if part in line)


def line(app, symbol):
    """The row of the listing that computes something."""
    return next(row for row in text(app, "program").splitlines() if re.search(rf"\d {symbol} +=", row))


def parameters(app):
    here = session(app)
    return {
        "w1": here.now.parameter(Parameter(1, 0, 0)).value,
        "b1": here.now.parameter(Parameter(1, 0, None)).value,
        "w2": here.now.parameter(Parameter(2, 0, 0)).value,
        "b2": here.now.parameter(Parameter(2, 0, None)).value,
    }


def say_to(app, name, argument):
    """Run a command as typed; tells whether it could be."""
    return performing.say(debugger(app).desk, name, argument)


async def say(pilot, *lines):
    """Type lines into the command line."""
    for line in lines:
        await pilot.press("colon")
        debugger(pilot.app)._terminal.prompt.value = line
        await pilot.press("enter")
    await pilot.pause()


async def settled(pilot, done):
    for _ in range(500):
        await pilot.pause(0.01)
        if done():
            return
    raise AssertionError("it did not come about")


def warnings(app):
    return [one.message for one in app._notifications if one.severity == "warning"]
