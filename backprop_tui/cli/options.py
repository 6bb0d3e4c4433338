"""The options that commands share: NETWORK with what changes it, and ``--json``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, TypeVar

import click

from backprop_tui.cli.completing import candidates
from backprop_tui.cli.launch import opened
from backprop_tui.cli.output.streams import refuse, tell
from backprop_tui.lessons.lesson import Lesson
from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.library import find
from backprop_tui.network.files.shapes import Options
from backprop_tui.network.files.toml import dump, exists
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.program.positions import PositionError
from backprop_tui.session.files.opened import Opened
from backprop_tui.session.files.saved_sessions import find_session
from backprop_tui.session.session import Session

library = lazy_module("backprop_tui.lessons.library")  # only `check` and `lesson` look for lessons


class _NamingOption(click.Option):
    """An option whose help names the values that it takes, from the tables, once the help is asked for."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        record = super().get_help_record(ctx)
        names = ", ".join(candidates.values(self.name or ""))
        return (record[0], f"{record[1]} There are {names}.") if record else None


Command = TypeVar("Command", bound=Callable[..., Any])

_CHANGES: dict[str, tuple[Any, str]] = {
    "data": (
        str,
        "The data: the name of a generator, or a CSV file whose last columns are the targets.",
    ),
    "activation": (str, "The activation of the hidden layers."),
    "output": (str, "The activation of the output layer, one of the same."),
    "loss": (str, "The loss."),
    "optimizer": (
        str,
        "The optimizer; one that is not the network's own starts with its default options.",
    ),
    "learning_rate": (float, "The learning rate."),
    "batch_size": (int, "Examples per batch; left out for a shape, all examples."),
    "seed": (int, "The seed of all random numbers."),
    "initializer": (str, "Draw all weights anew with this initializer."),
    "examples": (int, "How many examples the generator of the data makes."),
    "noise": (float, "How much noise it adds to them, as a standard deviation."),
}

_NAMED = ("data", "activation", "loss", "optimizer", "initializer")
"""The options whose values have names."""

as_json: Callable[..., Any] = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
plain_option: Callable[..., Any] = click.option(
    "--plain",
    is_flag=True,
    help="Debug in lines: type a key or a command and enter. For screen readers, dumb terminals and scripts.",
)
"""The option ``--json``; passes ``as_json``."""


def network_or_lesson_options(command: Command) -> Command:
    """NETWORK, and the options that change it or make one of a shape; passes the description, first.

    Where NETWORK is the name or the file of a lesson, it passes that. Of a saved session the network alone is
    taken; where something was set by hand in it, it is said that it is left out.
    """
    return _with_network(command, _network_or_lesson)


def session_options(command: Command) -> Command:
    """The same; passes what was opened, first.

    That is the session of a file that has one, and else a fresh one.
    """
    return _with_network(command, opened)


def session_or_lesson_options(command: Command) -> Command:
    """The same; passes a lesson where NETWORK is the name or the file of one."""
    return _with_network(command, _session_or_lesson)


def time_of(opened: Opened, position: str) -> int:
    """The time that ``--position`` names; +100 is meant from where the session was saved."""
    return _of_position(opened, lambda: opened.session.time_of(position))


def iteration_of(opened: Opened, position: str | None) -> int:
    """The iteration in which that position lies; likewise. None: where the session was saved."""
    return _of_position(opened, lambda: opened.session.iteration_at(position))


def tell_of_values_set(session: Session, *, counted: bool) -> None:
    """Say on standard error whether what was set by hand in a saved session counts; nothing of nothing.

    Args:
        session: as it was opened.
        counted: whether it does.
    """
    count = len(session.run.edits)
    if count:
        values = "1 value" if count == 1 else f"{count} values"
        verb = "counts" if count == 1 else "count"
        left_out = "is left out" if count == 1 else "are left out"
        tell(f"{values} set by hand in the saved session {verb if counted else left_out}")


def _of_position(opened: Opened, found: Callable[[], int]) -> int:
    session = opened.session
    session.time = opened.wanted
    try:
        return found()
    except PositionError as error:
        refuse(f"--position: {error}")
    finally:
        session.time = 0


def _with_network(
    command: Command, found: Callable[[str | None, dict[str, Any], str | None], Any]
) -> Command:
    @wraps(command)
    def wrapped(*arguments: Any, network: str | None, save: str | None, **others: Any) -> Any:
        changes = {name: others.pop(name) for name in _CHANGES}
        return command(found(network, changes, save), *arguments, **others)

    decorated: Any = wrapped
    for name, (kind, text) in reversed(_CHANGES.items()):
        decorated = click.option(
            "--" + name.replace("_", "-"),
            name,
            cls=_NamingOption if name in _NAMED else click.Option,
            type=kind,
            help=text,
            shell_complete=candidates.completing(name),
        )(decorated)
    decorated = click.option(
        "--save",
        metavar="FILE",
        shell_complete=candidates.files,
        help="Also write the network, as it is before any training, to a network file, replacing it.",
    )(decorated)
    either = found in (_network_or_lesson, _session_or_lesson)
    complete = candidates.networks_and_lessons if either else candidates.networks
    return click.argument("network", required=False, shell_complete=complete)(decorated)  # type: ignore[no-any-return]


def _network_or_lesson(name: str | None, changes: dict[str, Any], save: str | None) -> Network | Lesson:
    if name is not None and library.is_lesson(name):
        return _lesson(name, changes, save)
    options = Options(**changes)
    network = find(name, options)
    if save is not None:
        dump(network, save)
    if name is not None and network.recording is None and exists(name):
        with suppress(NetworkError):  # a session that cannot be read is no matter here
            tell_of_values_set(find_session(name, options).session, counted=False)
    return network


def _session_or_lesson(name: str | None, changes: dict[str, Any], save: str | None) -> Opened | Lesson:
    if name is None or not library.is_lesson(name):
        return opened(name, changes, save)
    return _lesson(name, changes, save)


def _lesson(name: str, changes: dict[str, Any], save: str | None) -> Lesson:
    for option, value in {**changes, "save": save}.items():
        if value is not None:
            refuse(f"--{option.replace('_', '-')}: expected a network that it changes, found a lesson")
    return library.find(name)  # type: ignore[no-any-return]
