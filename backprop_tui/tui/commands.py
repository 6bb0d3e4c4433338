"""The one table of commands. Bindings, footer, help, palette and the README's key list are made from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from backprop_tui.program.boundaries import Grain

if TYPE_CHECKING:
    from backprop_tui.tui.screens.debugger import DebuggerScreen

Run = Callable[["DebuggerScreen"], None]


class Command(Struct, frozen=True):
    """Something a person can tell the debugger."""

    name: str
    keys: tuple[str, ...]
    """As people write them; the first is shown."""
    title: str
    help: str
    group: str
    run: Run
    footer: str = ""
    """Its label in the footer; empty where it is not shown there."""
    argument: str = ""
    """What may be typed after its name, by example; empty where nothing may."""
    tell: Callable[[DebuggerScreen, str], None] | None = None
    """Run it with what was typed."""
    asks: bool = False
    """Whether without an argument it asks for one."""


_FORWARDS = "Forwards in time"
_BACK = "Back in time"
_PLACES = "Go to"
_RUN = "Run by itself"
_EXPLORE = "Explore"
_DEBUG = "Stop, watch and change"
_LOOK = "Look"

_GRAINS = (
    (Grain.STATEMENT, ("s", "space"), ("S",), "step", "one statement"),
    (Grain.UNIT, ("n",), ("N",), "unit", "one unit: all of a neuron's statements in this phase"),
    (Grain.LAYER, ("l",), ("L",), "layer", "one layer"),
    (Grain.FORWARD, ("f",), ("F",), "forward", "the end of a forward pass, loss included"),
    (Grain.BACKWARD, ("b",), ("B",), "backward", "the end of a backward pass"),
    (Grain.UPDATE, ("u",), ("U",), "update", "the end of an update"),
    (Grain.EPOCH, ("e",), ("E",), "epoch", "the end of an epoch"),
)


def _travel(grain: Grain, direction: int) -> Run:
    return lambda d: d.driver.travel(grain, direction)


def _moves() -> tuple[Command, ...]:
    forwards, back = [], []
    for grain, keys, reverse_keys, label, what in _GRAINS:
        run_on, run_back = _travel(grain, 1), _travel(grain, -1)
        to = "" if what.startswith("one") else "to "
        forwards.append(
            Command(label, keys, f"{label.capitalize()}", f"Forwards {to}{what}.", _FORWARDS, run_on, label)
        )
        footer_back = "back" if grain is Grain.STATEMENT else ""
        back.append(
            Command(
                f"{label}-back",
                reverse_keys,
                f"{label.capitalize()} back",
                f"Back {to}{what}.",
                _BACK,
                run_back,
                footer_back,
            )
        )
    return (*forwards, *back)


COMMANDS: tuple[Command, ...] = (
    *_moves(),
    Command(
        "start",
        ("home",),
        "Go to the start",
        "The very start, with the same weights.",
        _PLACES,
        lambda d: d.driver.go_to(0),
    ),
    Command(
        "end",
        ("end",),
        "Go to the end",
        "The latest position reached.",
        _PLACES,
        lambda d: d.driver.go_to_latest(),
    ),
    Command(
        "goto",
        ("g",),
        "Go to a position …",
        "12 is an epoch, 12:17 a step of it, +100 and -5 count epochs.",
        _PLACES,
        lambda d: d.ask("goto"),
        "go to",
        "12   12:17   +100   -5   start   end",
        lambda d, text: d.driver.go_to(d.session.time_of(text)),
        asks=True,
    ),
    Command(
        "continue",
        ("c",),
        "Continue to the next breakpoint",
        "On to the next breakpoint; escape stops the search.",
        _PLACES,
        lambda d: d.driver.search(1),
        "continue",
    ),
    Command(
        "continue-back",
        ("C",),
        "Continue to the previous breakpoint",
        "Back to the previous breakpoint.",
        _PLACES,
        lambda d: d.driver.search(-1),
    ),
    Command(
        "search",
        ("/",),
        "Search the listing …",
        "A statement by symbol, phase, unit or value.",
        _PLACES,
        lambda d: d.ask("search"),
        argument="dL_dw1   backward   h   −0.0816",
        tell=lambda d, text: d.seek(text),
        asks=True,
    ),
    Command(
        "next-match",
        (".",),
        "Next match",
        "The next match of the search.",
        _PLACES,
        lambda d: d.seek_again(1),
    ),
    Command(
        "previous-match",
        (",",),
        "Previous match",
        "The match before.",
        _PLACES,
        lambda d: d.seek_again(-1),
    ),
    Command(
        "run",
        ("r",),
        "Run and pause",
        "Repeat the last move by itself, forwards or back; again: pause.",
        _RUN,
        lambda d: d.driver.run_or_pause(),
        "run",
        "1000 (epochs on from here)",
        lambda d, text: d.driver.go_to(d.session.time_of(f"+{text.removeprefix('+')}")),
    ),
    Command("faster", ("+",), "Run faster", "Twice as fast.", _RUN, lambda d: d.driver.change_speed(2.0)),
    Command("slower", ("-",), "Run slower", "Half as fast.", _RUN, lambda d: d.driver.change_speed(0.5)),
    Command(
        "right",
        ("right",),
        "Explore to the right",
        "From a unit to a weight of the next layer, and on to its unit.",
        _EXPLORE,
        lambda d: d.arrow(1, 0),
    ),
    Command(
        "left",
        ("left",),
        "Explore to the left",
        "From a unit to a weight of its own, and on to the unit before.",
        _EXPLORE,
        lambda d: d.arrow(-1, 0),
    ),
    Command(
        "up",
        ("up",),
        "Explore upwards",
        "The unit, weight or line above.",
        _EXPLORE,
        lambda d: d.arrow(0, -1),
    ),
    Command(
        "down",
        ("down",),
        "Explore downwards",
        "The unit, weight or line below.",
        _EXPLORE,
        lambda d: d.arrow(0, 1),
    ),
    Command(
        "select",
        ("enter",),
        "Why this number?",
        "To where what you point at was computed; again: to where its first term was, and so on.",
        _EXPLORE,
        lambda d: d.go_to_selection(),
    ),
    Command(
        "walk-back",
        ("backspace",),
        "Back on the trail",
        "Back to where enter came from; without a trail, back one statement.",
        _EXPLORE,
        lambda d: d.driver.walk_back(),
    ),
    Command(
        "changes",
        ("v",),
        "What changed",
        "In the table of values: what the last move changed, or what differs from a position.",
        _EXPLORE,
        lambda d: d.compare(),
        argument="12:5",
        tell=lambda d, text: d.compare_with(text),
    ),
    Command(
        "escape",
        ("escape",),
        "Let go",
        "Stop pointing, running or travelling.",
        _EXPLORE,
        lambda d: d.let_go(),
    ),
    Command(
        "break",
        ("x",),
        "Breakpoint here",
        "Stop wherever this statement runs; again: no more. With an argument, on what it says.",
        _DEBUG,
        lambda d: d.editor.break_here(),
        "break",
        "loss < 0.01   dL_dw1   phase backward   unit h",
        lambda d, text: d.editor.add_breakpoint(text),
    ),
    Command(
        "break-if",
        ("X",),
        "Breakpoint on a condition …",
        "Stop where a condition becomes true, at a phase, or at a unit.",
        _DEBUG,
        lambda d: d.ask("break"),
        argument="loss < 0.01   abs(dL_dw1) < 1e-4   changed_sign(w1)   not_finite",
        tell=lambda d, text: d.editor.add_breakpoint(text),
        asks=True,
    ),
    Command(
        "watch",
        ("w",),
        "Watch this",
        "Keep what you point at in sight; again: no more. With an argument, any expression.",
        _DEBUG,
        lambda d: d.editor.watch_this(),
        argument="dL_dw1   abs(dL_dz_h)   previous(loss) - loss",
        tell=lambda d, text: d.editor.add_watch(text),
    ),
    Command(
        "break-on-change",
        ("W",),
        "Break when the watch changes",
        "Stop when the latest watch changes; without one, what you point at.",
        _DEBUG,
        lambda d: d.editor.break_on_change(),
    ),
    Command(
        "set",
        ("=",),
        "Set a value …",
        "Set a weight, bias, input, target or learning_rate from here on.",
        _DEBUG,
        lambda d: d.editor.edit_this(),
        argument="w1 0.5   x 1   y 0   learning_rate 2",
        tell=lambda d, text: d.editor.set_value(text),
    ),
    Command("undo", ("ctrl+z",), "Undo", "Take back the last value set.", _DEBUG, lambda d: d.editor.undo()),
    Command("redo", ("ctrl+y",), "Redo", "Set it again.", _DEBUG, lambda d: d.editor.redo()),
    Command(
        "manage",
        ("m",),
        "Manage",
        "List breakpoints, watches and values set; switch off, take away.",
        _DEBUG,
        lambda d: d.editor.manage(),
    ),
    Command(
        "digits",
        ("d",),
        "Digits",
        "Show 4 digits as on paper, 6, 9, or every digit there is.",
        _LOOK,
        lambda d: d.next_digits(),
        "digits",
        "4   6   9   all",
        lambda d, text: d.show_digits(text),
    ),
    Command(
        "log",
        ("y",),
        "Loss scale",
        "The loss on a logarithmic or a plain scale.",
        _LOOK,
        lambda d: d.toggle_log_scale(),
    ),
    Command("network-pane", ("1",), "Network", "To the drawing.", _LOOK, lambda d: d.look_at("network")),
    Command("program-pane", ("2",), "Program", "To the listing.", _LOOK, lambda d: d.look_at("program")),
    Command("chain-pane", ("3",), "Chain rule", "To the explanation.", _LOOK, lambda d: d.look_at("chain")),
    Command("values-pane", ("4",), "Values", "To the table of values.", _LOOK, lambda d: d.look_at("values")),
    Command("loss-pane", ("5",), "Loss", "To the loss chart.", _LOOK, lambda d: d.look_at("loss")),
    Command("next-pane", ("tab",), "Next pane", "To the next pane.", _LOOK, lambda d: d.next_pane(1)),
    Command(
        "previous-pane",
        ("shift+tab",),
        "Previous pane",
        "To the pane before.",
        _LOOK,
        lambda d: d.next_pane(-1),
    ),
    Command(
        "theme",
        ("t",),
        "Light or dark",
        "Switch between our light and dark theme.",
        _LOOK,
        lambda d: d.toggle_theme(),
    ),
    Command(
        "open",
        ("o",),
        "Open a network …",
        "Another network: a shipped one, a file, or a shape such as 2-4-1.",
        _LOOK,
        lambda d: d.open_network(),
        "open",
        "xor   my-network.toml   2-4-1",
        lambda d, text: d.open_argument(text),
    ),
    Command(
        "save",
        ("ctrl+s",),
        "Save the session",
        "Network, position, values set, breakpoints and watches in one file.",
        _LOOK,
        lambda d: d.save(),
        argument="lesson.toml",
        tell=lambda d, text: d.save_as(text),
    ),
    Command(
        "command",
        (":",),
        "Command line …",
        "Any command by name, with its argument.",
        _LOOK,
        lambda d: d.ask(""),
    ),
    Command("palette", ("ctrl+p",), "Palette", "Every command by name.", _LOOK, lambda d: d.open_palette()),
    Command(
        "help", ("?",), "Help", "Every key, and what the signs mean.", _LOOK, lambda d: d.open_help(), "help"
    ),
    Command("quit", ("q",), "Quit", "Leave the debugger.", _LOOK, lambda d: d.app.exit(), "quit"),
)

BY_NAME = {command.name: command for command in COMMANDS}

_RANKS = {
    "help": 9,
    "continue": 6,
    "break": 5,
    "goto": 4,
    "run": 3,
    "quit": 2,
    "layer": 1,
    "open": 1,
    "digits": 0,
}

FOOTER = tuple(
    (command.keys[0], command.footer, _RANKS.get(command.name, 8)) for command in COMMANDS if command.footer
)
"""Keys and labels of the footer with a rank; where there is no room, the lowest rank goes first."""
