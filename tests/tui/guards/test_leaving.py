"""While the debugger is being left nothing fails: keys and what jobs have found come to nobody."""

from textual.events import Key

from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.screens.debugger import DebuggerScreen
from backprop_tui.tui.settings import Settings


async def test_what_a_job_asks_once_the_screen_has_gone_is_asked_of_nobody():
    app = BackpropApp(find())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = app.screen
        assert isinstance(screen, DebuggerScreen)
        await pilot.press("q")
    terminal = screen.desk.terminal
    terminal.ask("goto")
    terminal.offer_lesson()
    terminal.open_lesson()
    screen.desk.predicting.toggle()
    screen.desk.moving.travel(*screen.desk.moving.last)
    assert not terminal.close_prompt()


async def test_a_key_that_comes_back_from_a_pane_after_the_last_screen_is_dropped():
    app = BackpropApp(find())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f", "q")
    assert not app.screen_stack
    key = Key("k", "k")
    key._set_forwarded()
    await app.on_event(key)


async def test_a_page_that_is_turned_once_the_panes_have_gone_is_shown_to_nobody():
    app = BackpropApp(find())
    async with app.run_test(size=(120, 40)) as pilot:
        screen = app.screen
        assert isinstance(screen, DebuggerScreen)
        screen.desk.teaching.open("")
        await pilot.pause(0.3)
        assert screen.desk.view.reader is not None
        await screen.query_one("#lesson").remove()
        screen.desk.teaching.turn(-1)
        screen.desk.looking.look_at("lesson")
        await pilot.press("q")


async def test_who_presses_ctrl_c_is_told_the_keys_that_are_in_force():
    for own, key in ((Settings(), "q"), (Settings(keys={"quit": ("f10",)}), "f10")):
        app = BackpropApp(find(), settings=own)
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("ctrl+c")
            assert [one.message for one in app._notifications] == [
                f"{key} leaves the debugger, escape stops what is under way"
            ]
            await pilot.press(key)
        assert not app.screen_stack
