"""Where to go, and what goes there by itself."""

from __future__ import annotations

from backprop_tui.tui.commands.command import Command

_PLACES = "Go to"
_RUN = "Run by itself"

PLACES: tuple[Command, ...] = (
    Command(
        "start",
        ("home",),
        "Go to the start",
        "The very start, with the same weights.",
        _PLACES,
        lambda d: d.moving.go_to(0),
    ),
    Command(
        "end",
        ("end",),
        "Go to the end",
        "The latest position reached.",
        _PLACES,
        lambda d: d.moving.go_to_latest(),
    ),
    Command(
        "goto",
        ("g",),
        "Go to a position …",
        "To a position: 12 is an epoch, 12:17 a step of it, +100 and -5 count epochs; or iteration 3.",
        _PLACES,
        lambda d: d.terminal.ask("goto"),
        "go to",
        "12   12:17   +100   -5   iteration 3   start   end",
        lambda d, text: d.moving.go_to_position(text),
        asks=True,
    ),
    Command(
        "continue",
        ("c",),
        "Continue to the next breakpoint",
        "On to the next breakpoint; escape stops the search.",
        _PLACES,
        lambda d: d.moving.to_stop(1),
        "continue",
    ),
    Command(
        "continue-back",
        ("C",),
        "Continue to the previous breakpoint",
        "Back to the previous breakpoint.",
        _PLACES,
        lambda d: d.moving.to_stop(-1),
    ),
    Command(
        "search",
        ("/",),
        "Search the listing …",
        "Find a statement by symbol, phase, unit or value.",
        _PLACES,
        lambda d: d.terminal.ask("search"),
        argument="dL_dw1   backward   h   −0.0816",
        tell=lambda d, text: d.listing.seek(text),
        asks=True,
    ),
    Command(
        "next-match",
        (".",),
        "Next match",
        "The next match of the search.",
        _PLACES,
        lambda d: d.listing.seek_again(1),
    ),
    Command(
        "previous-match",
        (",",),
        "Previous match",
        "The match before.",
        _PLACES,
        lambda d: d.listing.seek_again(-1),
    ),
)

RUNNING: tuple[Command, ...] = (
    Command(
        "run",
        ("r",),
        "Run and pause",
        "Repeat the last move by itself, forwards or back; again: pause.",
        _RUN,
        lambda d: d.running.run_or_pause(),
        "run",
        "1000 (epochs on from here)",
        lambda d, text: d.moving.run_epochs(text),
    ),
    Command("faster", ("+",), "Run faster", "Twice as fast.", _RUN, lambda d: d.running.change_speed(2.0)),
    Command("slower", ("-",), "Run slower", "Half as fast.", _RUN, lambda d: d.running.change_speed(0.5)),
)
