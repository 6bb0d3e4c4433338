"""Finding one's way: searching the listing, the trail, and what changed."""

import pytest

from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from tests.tui.keys.seen import LARGE, debugger, row, say, session, settled, text
from tests.tui.keys.worked_example import START, trained


async def test_searching_the_listing_goes_round():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("b", "slash", *"dL_dw1", "enter")
        await settled(pilot, lambda: debugger(app).view.cursor is not None)

        def found():
            return session(app).run.symbol(debugger(app).view.cursor.quantity)

        assert found() == "dL_dw1"
        assert session(app).position == "0:15"
        await say(pilot, "search backward")
        phase = []
        for key in ("full_stop", "full_stop", "comma"):
            phase.append(debugger(app).view.cursor.step)
            await pilot.press(key)
            await pilot.pause()
        phase.append(debugger(app).view.cursor.step)
        assert phase == [15, 6, 7, 6], "the backward pass is steps 6 to 15; we were at 14"


async def test_the_trail_leads_back_to_where_it_began():
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await say(pilot, "goto 0:14")
        statement = session(app).statement
        assert session(app).run.symbol(statement.quantity) == "dL_dw1"
        been = [14]
        for _ in range(2):
            await pilot.press("enter")
            been.append(session(app).time)
        assert session(app).run.symbol(session(app).program.statement(been[1] - 1).quantity) == "dL_dz_h"
        assert been[0] > been[1] > been[2]
        await pilot.press("backspace")
        assert session(app).time == been[1]
        await pilot.press("backspace")
        assert session(app).time == been[0]
        await pilot.press("backspace")
        assert session(app).time == 13


async def test_what_changed_is_listed_with_old_and_new_and_change():
    new = trained(START)["new"]
    app = BackpropApp(find())
    async with app.run_test(size=LARGE) as pilot:
        await pilot.press("b", "u", "v")
        await pilot.pause()
        for name, old in START.items():
            words = row(app, "values", f" {name} ").replace("│", " ").replace("−", "-").split()
            assert words[0] == name
            assert [float(word) for word in words[1:4]] == pytest.approx(
                [old, new[name], new[name] - old], abs=0.00006
            )
        assert "since 0:15" in text(app, "values")
        assert "a_h" not in text(app, "values"), "what an update leaves alone"
        await pilot.press("v")
        await pilot.pause()
        assert "since 0:15" not in text(app, "values")
