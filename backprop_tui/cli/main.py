"""The command line. A command is a file of its own and a row here.

This is the one place of the command line's that imports late: a command's file, once the command is named.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from types import MappingProxyType
from typing import Any, NoReturn

import click

from backprop_tui import __version__
from backprop_tui.cli.streams import BROKEN_PIPE, INTERRUPTED, refuse
from backprop_tui.network.errors import NetworkError

PROGRAM = "backprop-tui"

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "check": "backprop_tui.cli.check",
        "compare": "backprop_tui.cli.compare",
        "debug": "backprop_tui.cli.debug",
        "examples": "backprop_tui.cli.examples",
        "export": "backprop_tui.cli.export",
        "flow": "backprop_tui.cli.flow",
        "lesson": "backprop_tui.cli.lesson",
        "lessons": "backprop_tui.cli.lessons",
        "screenshot": "backprop_tui.cli.screenshot",
        "trace": "backprop_tui.cli.trace",
        "train": "backprop_tui.cli.train",
    }
)
"""The file of each command, which has the command by its name; help lists them in this order."""


class _Commands(click.Group):
    """Opens the debugger where no command is named: ``backprop-tui my-network.toml``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        return None if place is None else getattr(import_module(place), cmd_name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = [name for option in self.get_params(ctx) for name in option.opts]
        if not args or (args[0] not in COMMANDS and args[0] not in own):
            args = ["debug", *args]
        return super().parse_args(ctx, args)

    def make_context(self, *arguments: Any, **others: Any) -> click.Context:
        with _our_endings():
            return super().make_context(*arguments, **others)

    def invoke(self, ctx: click.Context) -> Any:
        with _our_endings():
            return super().invoke(ctx)


@contextmanager
def _our_endings() -> Iterator[None]:
    """End by what click would end in its own way, with a blank line or another status."""
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.exit(BROKEN_PIPE)
    except NetworkError as error:
        refuse(str(error))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name=PROGRAM)
def main() -> None:
    """A step-through debugger for backpropagation.

    `backprop-tui [NETWORK]` opens the debugger. NETWORK is a network file (TOML), the name of a shipped
    network (see `backprop-tui examples`) or a shape such as 2-4-1; left out, the worked example.

    Every command that takes a NETWORK also takes options that change it (see `backprop-tui train --help`):
    `backprop-tui 2-4-1 --data moons --activation tanh` or `backprop-tui --learning-rate 5`.

    A file that the debugger saved opens where it was saved. `backprop-tui debug --help` lists what else the
    debugger takes: where to start, breakpoints and watches.
    """


def read() -> NoReturn:
    """Read the command line, do what it says, and end the process."""
    try:
        sys.exit(main(prog_name=PROGRAM, standalone_mode=False))
    except click.ClickException as error:
        with suppress(OSError):  # a message that cannot be written is left out
            error.show(sys.stderr)
        sys.exit(error.exit_code)
