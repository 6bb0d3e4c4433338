"""``backprop-tui`` and ``python -m backprop_tui``.

A plain NETWORK opens at once, without the command line's parser; whatever else a command line says, ``cli``
reads. What either needs is imported when it is known which.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

from backprop_tui.cli.output import streams


def main() -> NoReturn:
    """Run the command line, and end the process."""
    streams.run(_program)


def _program() -> None:
    words = sys.argv[1:]
    collecting = gc.isenabled()
    gc.disable()  # starting makes no garbage; the debugger collects again once its first frame is out
    if len(words) < 2 and "_BACKPROP_TUI_COMPLETE" not in os.environ and all(map(_is_network, words)):
        from backprop_tui.cli.launch import debug, opened

        debug(opened(words[0] if words else None))
    if collecting:
        gc.enable()
    from backprop_tui.cli.main import read

    read()


def _is_network(word: str) -> bool:
    """Whether a word can only mean a network: a file, a shape or the name of a shipped one."""
    from backprop_tui.network.files.library import names
    from backprop_tui.network.files.shapes import is_shape

    return word.endswith(".toml") or is_shape(word) or word in names()


if __name__ == "__main__":
    main()
