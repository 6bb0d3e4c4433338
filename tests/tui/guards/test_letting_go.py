"""What a debugger has used is gone when it ends: its runs, and the settings of the interpreter."""

import asyncio
import gc
import sys
from weakref import ref

import pytest

from backprop_tui.network.files.library import find
from backprop_tui.program.boundaries import Grain
from backprop_tui.session.session import Session
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.guards.interpreter import QuickInterpreter
from backprop_tui.tui.pictures import on_demand
from backprop_tui.tui.pictures.drawing.network import geometry, network_picture
from backprop_tui.tui.pictures.explanation.picture import chain_rule_picture
from backprop_tui.tui.pictures.registry import FIGURES
from backprop_tui.tui.pictures.status_and_keys import status_row
from backprop_tui.tui.pictures.tables.changes import changes_picture
from backprop_tui.tui.pictures.tables.listing import program_picture
from backprop_tui.tui.pictures.tables.values import values_picture
from backprop_tui.tui.screens.debugger import DebuggerScreen
from backprop_tui.tui.view import View

NETWORKS = ("worked-example", "xor", "2-8-8-1", "digits", "1-9-1")


def watched(session):
    """Weak references to all that belongs to a session's runs."""
    runs = [session.run] + ([session.editing.baseline] if session.editing.baseline else [])
    return [ref(thing) for run in runs for thing in (run, run.timeline, run.program)]


def alive(watching):
    gc.collect()
    gc.collect()
    return [thing() for thing in watching if thing() is not None]


def drawn(session):
    """A moment of a session in every picture."""
    view = View(session, session.time)
    for width, height in ((80, 20), (40, 10)):
        network_picture(view, width, height)
        geometry(view, width, height)
        program_picture(view, width, height)
        chain_rule_picture(view, width, height)
        values_picture(view, width, height)
        changes_picture(view, 0, width, height, 0)
        status_row(view, width)
        on_demand.watches_picture(view, width, 4)
        for figure in FIGURES:
            figure.draw(view, width, height)


@pytest.mark.parametrize("network", NETWORKS)
def test_pictures_keep_no_run_alive(network):
    watching = []
    for _ in range(4):
        session = Session(find(network))
        session.watching.add("loss")
        session.stopping.add("loss < 0.1")
        for grain in (Grain.BACKWARD, Grain.UPDATE, Grain.EPOCH, Grain.EPOCH, Grain.EPOCH, Grain.FORWARD):
            session.forward(grain)
            drawn(session)
        watching += watched(session)
        session.set("learning_rate", 0.25)
        session.forward(Grain.EPOCH)
        drawn(session)
        watching += watched(session)
        session.editing.undo()
        drawn(session)
        watching += watched(session)
    del session
    assert alive(watching) == []


async def used(network):
    """A debugger from start to end, and all of its runs."""
    app = BackpropApp(find(network))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = app.screen
        assert isinstance(screen, DebuggerScreen)
        await pilot.press(*"feenlwxv", "left", "enter", "1", "v")
        watching = watched(screen.session)
        screen.desk.edits.set_value("learning_rate 0.25")
        await pilot.press(*"ebsu")
        watching += watched(screen.session)
        await pilot.press("ctrl+z", *"ey", "c", "escape")
    return watching


async def test_twenty_debuggers_in_one_process_leave_no_run_behind():
    watching = []
    before = sys.getswitchinterval()
    for number in range(20):
        # in a task of its own: Textual's context holds its app
        watching += await asyncio.create_task(used(NETWORKS[number % len(NETWORKS)]))
        assert sys.getswitchinterval() == before
    assert len(watching) > 100
    assert alive(watching) == []


async def test_a_network_opened_in_the_place_of_another_lets_its_run_go():
    app = BackpropApp(find())
    watching = []
    async with app.run_test(size=(120, 40)) as pilot:
        for network in NETWORKS:
            await pilot.press(*"bes")
            watching += watched(app.session)
            assert isinstance(app.screen, DebuggerScreen)
            app.screen.desk.files.open(network)
            await pilot.pause(0.1)
        await pilot.press("s")
        await pilot.pause(0.1)
        assert alive(watching) == []


def test_the_settings_of_the_interpreter_are_put_back():
    before = sys.getswitchinterval(), gc.get_threshold()
    gc.disable()
    try:

        async def uses(pilot):
            for _ in range(200):
                await pilot.pause(0.01)
                if gc.isenabled():
                    break
            assert gc.isenabled()
            assert sys.getswitchinterval() < before[0]
            await pilot.press("q")

        BackpropApp(find()).run(headless=True, auto_pilot=uses)
        assert not gc.isenabled()
        assert (sys.getswitchinterval(), gc.get_threshold()) == before
        assert gc.get_freeze_count() == 0
    finally:
        gc.enable()


def test_one_made_while_another_runs_puts_back_what_it_found_when_it_ran():
    before = sys.getswitchinterval()
    first = QuickInterpreter()
    first.switch_quickly()
    second = QuickInterpreter()
    first.put_back()
    assert sys.getswitchinterval() == before
    second.switch_quickly()
    assert sys.getswitchinterval() < before
    second.put_back()
    assert sys.getswitchinterval() == before


def test_what_comes_after_the_end_changes_nothing():
    before = sys.getswitchinterval(), gc.get_threshold(), gc.isenabled()
    late = QuickInterpreter()
    late.put_back()
    late.switch_quickly()
    gc.disable()
    try:
        late.collect_seldom()
        assert not gc.isenabled()
    finally:
        gc.enable()
    assert (sys.getswitchinterval(), gc.get_threshold(), gc.isenabled()) == before
