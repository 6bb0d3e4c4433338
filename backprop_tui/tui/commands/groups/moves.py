"""The rows of the moves: forwards and back by each grain."""

from __future__ import annotations

from backprop_tui.program.boundaries import Grain
from backprop_tui.tui.commands.command import Command, Run

_FORWARDS = "Forwards in time"
_BACK = "Back in time"

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
    return lambda d: d.moving.travel(grain, direction)


def moves() -> tuple[Command, ...]:
    """All moves forwards, then all moves back."""
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
