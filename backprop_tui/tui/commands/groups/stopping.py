"""Breakpoints, watches, values set, and other runs beside this one."""

from __future__ import annotations

from backprop_tui.tui.commands.command import Command

_DEBUG = "Stop, watch and change"

STOPPING: tuple[Command, ...] = (
    Command(
        "break",
        ("x",),
        "Breakpoint here",
        "Stop wherever this statement runs; again: no more. With an argument, on what it says.",
        _DEBUG,
        lambda d: d.stops.break_here(),
        "break",
        "loss < 0.01   dL_dw1   phase backward   unit h",
        lambda d, text: d.stops.add_breakpoint(text),
    ),
    Command(
        "break-if",
        ("X",),
        "Breakpoint on a condition …",
        "Stop where a condition becomes true, at a phase, or at a unit.",
        _DEBUG,
        lambda d: d.terminal.ask("break-if"),
        argument="loss < 0.01   abs(dL_dw1) < 1e-4   changed_sign(w1)   not_finite",
        tell=lambda d, text: d.stops.add_breakpoint(text),
        asks=True,
    ),
    Command(
        "watch",
        ("w",),
        "Watch this",
        "Keep what you point at in sight; again: no more. With an argument, any expression.",
        _DEBUG,
        lambda d: d.stops.watch_this(),
        argument="dL_dw1   abs(dL_dz_h)   previous(loss) - loss",
        tell=lambda d, text: d.stops.add_watch(text),
    ),
    Command(
        "break-on-change",
        ("W",),
        "Break when the watch changes",
        "Stop when the latest watch changes; without one, what you point at.",
        _DEBUG,
        lambda d: d.stops.break_on_change(),
    ),
    Command(
        "set",
        ("=",),
        "Set a value …",
        "Set a weight, bias, input, target or learning_rate from here on.",
        _DEBUG,
        lambda d: d.edits.edit_this(),
        argument="w1 0.5   x 1   y 0   learning_rate 2",
        tell=lambda d, text: d.edits.set_value(text),
    ),
    Command("undo", ("ctrl+z",), "Undo", "Take back the last value set.", _DEBUG, lambda d: d.edits.undo()),
    Command("redo", ("ctrl+y",), "Redo", "Set it again.", _DEBUG, lambda d: d.edits.redo()),
    Command(
        "compare",
        ("a",),
        "Compare with another run …",
        "Another run beside this one, at the same position, that differs in what you say; off closes them.",
        _DEBUG,
        lambda d: d.terminal.ask("compare"),
        argument="learning_rate=5   learning_rate=0.05,5   optimizer=adam   w1=0.5   other.toml   off",
        tell=lambda d, text: d.comparisons.compare(text),
        asks=True,
        refused="Not compared",
    ),
    Command(
        "other-run",
        ("~",),
        "The other run",
        "Debug the other run, and back. With an argument: the run of that name.",
        _DEBUG,
        lambda d: d.comparisons.swap(),
        argument="a   b   c   d",
        tell=lambda d, text: d.comparisons.swap(text),
    ),
    Command(
        "manage",
        ("m",),
        "Manage",
        "List breakpoints, watches and values set; switch off, take away.",
        _DEBUG,
        lambda d: d.terminal.open_list(),
    ),
)
