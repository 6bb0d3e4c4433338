"""Pointing at numbers, and where they come from."""

from __future__ import annotations

from backprop_tui.tui.commands.command import Command

_EXPLORE = "Explore"

EXPLORING: tuple[Command, ...] = (
    Command(
        "right",
        ("right",),
        "Explore to the right",
        "From a unit to a weight of the next layer, and on to its unit.",
        _EXPLORE,
        lambda d: d.pointing.arrow(1, 0),
    ),
    Command(
        "left",
        ("left",),
        "Explore to the left",
        "From a unit to a weight of its own, and on to the unit before.",
        _EXPLORE,
        lambda d: d.pointing.arrow(-1, 0),
    ),
    Command(
        "up",
        ("up",),
        "Explore upwards",
        "The unit, weight or line above.",
        _EXPLORE,
        lambda d: d.pointing.arrow(0, -1),
    ),
    Command(
        "down",
        ("down",),
        "Explore downwards",
        "The unit, weight or line below.",
        _EXPLORE,
        lambda d: d.pointing.arrow(0, 1),
    ),
    Command(
        "select",
        ("enter",),
        "Why this number?",
        "To where what you point at was computed, then to its first term …; a slope is derived first.",
        _EXPLORE,
        lambda d: d.pointing.go_to_selection(),
    ),
    Command(
        "walk-back",
        ("backspace",),
        "Back on the trail",
        "Back to where enter came from; without a trail, back one statement.",
        _EXPLORE,
        lambda d: d.moving.walk_back(),
    ),
    Command(
        "changes",
        ("v",),
        "What changed",
        "In the table of values: what the last move changed, or what differs from a position.",
        _EXPLORE,
        lambda d: d.looking.compare(),
        argument="12:5",
        tell=lambda d, text: d.looking.compare_with(text),
    ),
    Command(
        "escape",
        ("escape",),
        "Let go",
        "Stop pointing, running, travelling or exporting.",
        _EXPLORE,
        lambda d: d.let_go(),
    ),
)
