"""A message that expires while it is being shown: Textual would count the ticks of its timer for ever."""

import asyncio
from time import time

from textual.widgets import Input
from textual.widgets._toast import Toast

from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.guards.notices import Notice
from backprop_tui.tui.screens.managing import ManageScreen


def test_an_expired_message_has_expired_and_still_has_some_time_left():
    old, new = Notice("old", raised_at=time() - 60.0), Notice("new", timeout=60.0)
    assert old.has_expired
    assert old.time_left > 0.0
    assert not new.has_expired
    assert 59.0 < new.time_left <= 60.0


async def test_its_toast_goes_and_the_app_goes_on():
    app = BackpropApp(find())
    async with app.run_test(size=(120, 40)) as pilot:
        await app.screen.mount(Toast(Notice("over", raised_at=time() - 5.0001)))
        await asyncio.wait_for(pilot.pause(0.3), 10.0)
        await pilot.press("s")
        assert app.session.time == 1


async def test_every_message_of_the_app_is_one_of_these():
    app = BackpropApp(find())
    async with app.run_test(size=(120, 40)) as pilot:
        app.screen.notify("that", title="this", severity="warning", markup=False)
        await pilot.pause()
        (one,) = list(app._notifications)
        assert isinstance(one, Notice)
        assert (one.message, one.title, one.severity, one.markup) == ("that", "this", "warning", False)
        assert one.timeout == app.NOTIFICATION_TIMEOUT


def shown(app):
    return [str(toast.render()) for toast in app.screen.query(Toast)]


async def test_of_a_line_only_the_last_refusal_is_shown_and_goes_with_it():
    app = BackpropApp(find())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        app.screen.notify("written", title="Exported", markup=False)
        await pilot.press("colon", *"frob", "enter")
        await pilot.pause()
        await pilot.press("ctrl+u", *"goto 1 2", "enter")
        await pilot.pause()
        assert len(shown(app)) == 2
        assert "Exported" in shown(app)[0]
        assert "1 2" in shown(app)[1], "not frob any more"
        await pilot.press("ctrl+u", *"goto 0:3", "enter")
        await pilot.pause()
        assert app.session.time == 3
        assert len(shown(app)) == 1, "what was said of no line stays its time"
        await pilot.press("colon", *"frob", "enter")
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert len(shown(app)) == 1


async def test_a_refusal_leaves_the_line_and_its_keys_to_be_seen():
    app = BackpropApp(find())
    async with app.run_test(size=(60, 20), notifications=True) as pilot:
        await pilot.press("p", "s", "plus", *"0,2", "enter")
        await pilot.pause()
        prompt = app.screen.query_one("#prompt", Input)
        assert prompt.value == "+0,2"
        (toast,) = app.screen.query(Toast)
        assert toast.region.area > 0
        assert not toast.region.overlaps(prompt.region)
        assert not toast.region.overlaps(app.screen.query_one("#keys").region)
        await pilot.press("escape")
        await pilot.pause()
        assert not shown(app), "the next question is another line"


async def test_what_is_said_again_is_shown_once_and_leaves_room_for_the_line_that_is_opened():
    app = BackpropApp(find())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        for _ in range(3):
            await pilot.press("c")
            await pilot.pause()
        assert len(shown(app)) == 1
        (toast,) = app.screen.query(Toast)
        low = toast.region.bottom
        await pilot.press("g")
        await pilot.pause()
        assert not toast.region.overlaps(app.screen.query_one("#prompt").region)
        await pilot.press("escape")
        await pilot.pause()
        assert toast.region.bottom == low


async def test_where_a_line_opens_a_list_messages_go_back_to_their_place_below():
    app = BackpropApp(find())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("colon", *"manage", "enter")
        await pilot.pause()
        assert isinstance(app.screen, ManageScreen)
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press("c")
        await pilot.pause()
        (toast,) = app.screen.query(Toast)
        assert toast.region.bottom == app.screen.query_one("#keys").region.y
