"""``backprop-tui`` and ``python -m backprop_tui``.

A plain NETWORK opens at once; whatever else a command line says, ``cli`` reads.
"""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line."""
    words = sys.argv[1:]
    collecting = gc.isenabled()
    gc.disable()  # starting makes no garbage; the debugger collects again once its first frame is out
    if len(words) < 2 and all(map(_is_network, words)):
        from backprop_tui.cli.launch import debug, opened

        try:
            debug(opened(words[0] if words else None))
        except KeyboardInterrupt:
            sys.exit(130)
    if collecting:
        gc.enable()
    from backprop_tui.cli.main import main as read

    read(prog_name="backprop-tui")


def _is_network(word: str) -> bool:
    """Whether a word can only mean a network: a file, a shape or the name of a shipped one."""
    from backprop_tui.network.files.library import names
    from backprop_tui.network.files.shapes import is_shape

    return word.endswith(".toml") or is_shape(word) or word in names()


if __name__ == "__main__":
    main()
