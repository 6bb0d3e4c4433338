"""``backprop-tui completion``: what a shell is to read, to complete commands, options and names."""

from __future__ import annotations

import click

from backprop_tui.cli.completing import shells
from backprop_tui.cli.output.streams import say

VARIABLE = "_BACKPROP_TUI_COMPLETE"
"""The environment variable by which the shell asks: ``ASKED_BY_SHELL`` of the command line."""


@click.command()
@click.argument("shell", type=click.Choice(tuple(shells.SHELLS)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a script that completes commands, options, networks, lessons, themes and files at the tab key.

    \b
    bash:  backprop-tui completion bash > ~/.local/share/bash-completion/completions/backprop-tui
    zsh:   backprop-tui completion zsh > ~/.zfunc/_backprop-tui    (a folder of your fpath)
    fish:  backprop-tui completion fish > ~/.config/fish/completions/backprop-tui.fish

    It takes effect in the next shell. What can be completed is asked of the program itself.
    """  # noqa: D301 (click's sign for lines that stay as they are)
    root = ctx.find_root()
    say(shells.script(shell, root.command, "backprop-tui", VARIABLE).rstrip("\n"))
