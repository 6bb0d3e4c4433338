"""The command line. A command is a file of its own and a row here.

Here the command line imports late: a command's file, once the command is named.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from types import MappingProxyType
from typing import Any, NoReturn

import click

from backprop_tui import __version__
from backprop_tui.cli.configured import config_options
from backprop_tui.cli.output.streams import BROKEN_PIPE, INTERRUPTED, refuse
from backprop_tui.cli.taken_word import misspelt_command, take
from backprop_tui.network.errors import NetworkError

PROGRAM = "backprop-tui"
ASKED_BY_SHELL = "_BACKPROP_TUI_COMPLETE"
"""The environment variable by which a shell asks what a word could become; click answers."""

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "check": "backprop_tui.cli.computing.check",
        "compare": "backprop_tui.cli.computing.compare",
        "completion": "backprop_tui.cli.completing.completion",
        "config": "backprop_tui.cli.listing.config",
        "debug": "backprop_tui.cli.opening.debug",
        "examples": "backprop_tui.cli.listing.examples",
        "export": "backprop_tui.cli.computing.export",
        "flow": "backprop_tui.cli.computing.flow",
        "lesson": "backprop_tui.cli.opening.lesson",
        "lessons": "backprop_tui.cli.listing.lessons",
        "screenshot": "backprop_tui.cli.opening.screenshot",
        "serve": "backprop_tui.cli.opening.serve",
        "trace": "backprop_tui.cli.computing.trace",
        "train": "backprop_tui.cli.computing.train",
        "visit": "backprop_tui.cli.opening.visit",
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
        place = self._behind_own(ctx, args)
        completes = ctx.resilient_parsing and place == len(args)  # a word that may yet be any
        if not completes and (place == len(args) or args[place] not in COMMANDS):
            if place < len(args):
                take(ctx, args[place])
            args = [*args[:place], "debug", *args[place:]]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """Commands, and what the debugger takes, which need not be named: networks and its options."""
        found = super().shell_complete(ctx, incomplete)
        debugger = self.get_command(ctx, "debug")
        assert debugger is not None
        with debugger.make_context("debug", [], parent=ctx, resilient_parsing=True) as inner:
            if not incomplete.startswith("-"):
                argument = next(one for one in debugger.params if isinstance(one, click.Argument))
                more = argument.shell_complete(inner, incomplete)
                # Where a shell is to look for files, it forgets all words.
                return [*found, *(item for item in more if not found or item.type == "plain")]
            known = {item.value for item in found}
            own = debugger.shell_complete(inner, incomplete)
            return [*found, *(item for item in own if item.value not in known)]

    def _behind_own(self, ctx: click.Context, args: list[str]) -> int:
        """The place of the first word that is not an option of the group's own, nor the value of one."""
        takes_value = {
            name: isinstance(option, click.Option) and not option.is_flag
            for option in self.get_params(ctx)
            for name in option.opts
        }
        place = 0
        while place < len(args) and (name := args[place].partition("=")[0]) in takes_value:
            place += 2 if takes_value[name] and "=" not in args[place] else 1
        return min(place, len(args))

    def make_context(self, *arguments: Any, **others: Any) -> click.Context:
        with _our_endings():
            return super().make_context(*arguments, **others)

    def invoke(self, ctx: click.Context) -> Any:
        with _our_endings():
            try:
                return super().invoke(ctx)
            except click.UsageError as error:
                raise misspelt_command() or error from None


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
@config_options
def main() -> None:
    """A step-through debugger for backpropagation.

    `backprop-tui [NETWORK]` opens the debugger. NETWORK is a network file (TOML), the name of a shipped
    network (see `backprop-tui examples`) or a shape such as 2-4-1; left out, the worked example.

    Every command that takes a NETWORK also takes options that change it (see `backprop-tui train --help`):
    `backprop-tui 2-4-1 --data moons --activation tanh` or `backprop-tui --learning-rate 5`.

    A file that the debugger saved opens where it was saved. `backprop-tui debug --help` lists what else the
    debugger takes: where to start, breakpoints, watches, a theme. Theme, digits and keys are yours to choose:
    see `backprop-tui config`.
    """


def read() -> NoReturn:
    """Read the command line, do what it says, and end the process."""
    if ASKED_BY_SHELL in os.environ:
        import_module("backprop_tui.cli.completing.shells").register()
    try:
        sys.exit(main(prog_name=PROGRAM, complete_var=ASKED_BY_SHELL, standalone_mode=False))
    except click.ClickException as error:
        with suppress(OSError):  # a message that cannot be written is left out
            error.show(sys.stderr)
        sys.exit(error.exit_code)
