"""The language of conditions, imported with the first breakpoint or watch.

It takes 15 ms to import, and opening the debugger needs none of it. So what the first frame needs of
room ``session``, and the command ``debug``, take these from here; all others import them as usual.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backprop_tui.network.lazy_module import lazy_module

__all__ = ["breakpoints", "condition_values", "conditions", "search"]

if TYPE_CHECKING:
    from backprop_tui.stops import breakpoints, condition_values, conditions, search
else:
    breakpoints = lazy_module("backprop_tui.stops.breakpoints")
    condition_values = lazy_module("backprop_tui.stops.condition_values")
    conditions = lazy_module("backprop_tui.stops.conditions")
    search = lazy_module("backprop_tui.stops.search")
