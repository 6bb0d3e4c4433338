"""Writes the README's key list from the table of commands: ``python -m tests.readme_keys``."""

from __future__ import annotations

import re
from pathlib import Path

from backprop_tui.tui.commands.table import COMMANDS

README = Path(__file__).parent.parent / "README.md"
_BLOCK = re.compile(r"(<!-- keys:[^\n]*-->\n)(.*?)(<!-- /keys -->)", re.DOTALL)


def key_list() -> str:
    """The table, a group a section."""
    lines = ["| key | does |", "| --- | --- |"]
    group = ""
    for command in COMMANDS:
        if command.group != group:
            group = command.group
            lines.append(f"| | **{group}** |")
        keys = " ".join(f"`{key}`" for key in command.keys)
        lines.append(f"| {keys} | {command.help} |")
    return "\n".join(lines) + "\n"


def with_keys(readme: str) -> str:
    """The README with its key list brought up to date."""
    return _BLOCK.sub(lambda match: match[1] + key_list() + match[3], readme)


if __name__ == "__main__":
    README.write_text(with_keys(README.read_text("utf-8")), "utf-8")
