"""The command line: which commands there are. Each is loaded when it is asked for: all start quickly."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import MappingProxyType
from typing import Any

import click

from backprop_tui import __version__
from backprop_tui.cli.printing import INTERRUPTED, output_failed

_COMMANDS = ("debug", "train", "trace", "check", "export", "examples")
COMMANDS: Mapping[str, str] = MappingProxyType(
    {name: f"backprop_tui.cli.commands.{name}" for name in _COMMANDS}
)
"""The module of each command, which holds it under its own name."""


class Commands(click.Group):
    """Loads the command that is named; where none is, opens the debugger: ``backprop-tui my.toml``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name]), cmd_name)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command that opens the debugger where none is named."""
        own = [name for option in self.get_params(ctx) for name in option.opts]
        if not args or (args[0] not in COMMANDS and args[0] not in own):
            args = ["debug", *args]
        with _ending_properly():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _ending_properly():
            return super().invoke(ctx)


@contextmanager
def _ending_properly() -> Iterator[None]:
    """End without a traceback after ctrl+c, and where the output cannot be written.

    Commands answer errors of the files that they read and write: any other is the output's.
    """
    try:
        yield
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except OSError as error:
        output_failed(error)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="backprop-tui")
def main() -> None:
    """A step-through debugger for backpropagation.

    `backprop-tui [NETWORK]` opens the debugger. NETWORK is a network file (TOML), the name of a shipped
    network (see `backprop-tui examples`) or a shape such as 2-4-1; left out, the worked example.

    Every command that takes a NETWORK also takes options that change it (see `backprop-tui train --help`):
    `backprop-tui 2-4-1 --data moons --activation tanh` or `backprop-tui --learning-rate 5`.

    A file that the debugger saved opens where it was saved. `backprop-tui debug --help` lists what else the
    debugger takes: where to start, breakpoints and watches.
    """
