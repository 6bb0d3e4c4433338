"""Shells that complete the program's words: click's, which ask the parser, with three things put right.

A value that is joined to its option by ``=`` is completed too; and bash adds no blank to a word that has to
go on, as ``keys.zoom=`` has; and zsh completes the second time too.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

_END_OF_BASH = "    return 0\n"
_NO_BLANK = """\
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
        compopt -o nospace
    fi

"""


class _Joined(ShellComplete):
    """Completes ``--theme=no`` as a whole: click gives the value alone, which would stand for all of it."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        option, equals, value = incomplete.partition("=")
        if not (equals and option.startswith("--")):
            return super().get_completions(args, incomplete)
        found = super().get_completions([*args, option], value)
        return [CompletionItem(f"{option}={one.value}", one.type, one.help) for one in found]


class Bash(_Joined, BashComplete):
    """Bash, which takes ``=`` for a word of its own, and wants only what comes after it."""

    source_template = BashComplete.source_template.replace(_END_OF_BASH, _NO_BLANK + _END_OF_BASH)
    _behind = 0
    """Characters of the word that bash does not take for part of it."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words, put together again around ``=``."""
        args, incomplete = super().get_completion_args()
        words: list[str] = []
        glued = False
        for word in (*args, incomplete):
            if words and (word == "=" or glued):
                words[-1] += word
            else:
                words.append(word)
            glued = word == "="
        incomplete = words.pop()
        self._behind = incomplete.rfind("=") + 1
        return words, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """The part of a word that bash is waiting for."""
        return super().format_completion(CompletionItem(item.value[self._behind :], item.type))


class Zsh(_Joined, ZshComplete):
    """Zsh, which loads its script as the body of a function: called again, it has to complete again."""

    source_template = ZshComplete.source_template.replace(
        "$zsh_eval_context[-1] == loadautofunc", "$funcstack[1] == _%(prog_name)s"
    )


class Fish(_Joined, FishComplete):
    """Fish."""


SHELLS: Mapping[str, type[ShellComplete]] = MappingProxyType({"bash": Bash, "zsh": Zsh, "fish": Fish})


def register() -> None:
    """Let click answer these shells in this way."""
    for name, shell in SHELLS.items():
        add_completion_class(shell, name)


def script(shell: str, program: click.Command, name: str, variable: str) -> str:
    """What a shell is to read, to complete a program's words from then on.

    Args:
        shell: its name.
        program: whose words.
        name: that of the program.
        variable: the environment variable by which the shell asks the program.
    """
    options: dict[str, Any] = {}
    return SHELLS[shell](program, options, name, variable).source()
