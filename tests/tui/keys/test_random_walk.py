"""Any sequence of keys, clicks and sizes leaves the debugger running and its status line true."""

import random
import re

import pytest

from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.commands.table import COMMANDS
from backprop_tui.tui.screens.debugger import DebuggerScreen
from backprop_tui.tui.widgets.pane import Pane

NAMES = {"+": "plus", "-": "minus", "?": "question_mark", "~": "tilde"}
KEYS = [NAMES.get(key, key) for command in COMMANDS for key in command.keys if command.name != "quit"]
KEYS += [*"123:", "enter", "escape", "escape"]
SIZES = ((80, 24), (120, 40), (150, 50), (40, 12), (100, 34), (7, 3), (200, 20))


def status_is_true(screen):
    """Whether the status line tells the session's time, reckoned here anew."""
    line = screen.query_one("#status", Pane).render_line(0).text
    found = re.search(r"epoch (\d+)  step (\d+)/(\d+)", line)
    if screen.size.width < 60 or found is None:
        return screen.size.width < 60
    epoch, step, statements = map(int, found.groups())
    return epoch * statements + step == screen.session.time


@pytest.mark.parametrize(("seed", "network"), [(1, "1-1-1"), (2, "2-3-2"), (3, "1-9-1")])
async def test_a_random_walk(seed, network):
    walk = random.Random(seed)
    app = BackpropApp(find(network))
    done = []
    async with app.run_test(size=(120, 40)) as pilot:
        screen = app.screen
        assert isinstance(screen, DebuggerScreen)
        for _ in range(60):
            kind = walk.random()
            if kind < 0.1:
                done.append(walk.choice(SIZES))
                await pilot.resize_terminal(*done[-1])
            elif kind < 0.25:
                width, height = app.size
                done.append((walk.randrange(width), walk.randrange(height), "click"))
                await pilot.click(offset=done[-1][:2])
            else:
                done.append(walk.choice(KEYS))
                app.simulate_key(done[-1])
                await pilot.pause()
            assert app.is_running
            assert app._exception is None, done
        await pilot.press("escape", "escape", "escape")
        await pilot.resize_terminal(120, 40)
        await pilot.pause(0.05)
        assert app.screen is screen, done
        assert isinstance(screen, DebuggerScreen)
        assert status_is_true(screen), done
        assert len({id(pane.view) for pane in screen.query(Pane)}) == 1
        for pane in screen.query(Pane):
            lengths = {pane.render_line(y).cell_length for y in range(pane.size.height)}
            assert lengths <= {pane.size.width}, (pane.id, done)
        await pilot.press("1", *("p" if screen.view.predicting else ()))
        before = screen.session.time
        await pilot.press("s")
        assert screen.session.time == before + 1, done
