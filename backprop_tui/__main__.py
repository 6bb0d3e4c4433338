"""``backprop-tui`` and ``python -m backprop_tui``.

A plain NETWORK opens at once; whatever else a command line says, ``cli`` reads.
"""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line.

    The parser is imported only where there is something to parse: a network named alone opens without it.
    """
    words = sys.argv[1:]
    collecting = gc.isenabled()
    gc.disable()  # starting makes no garbage; the debugger collects again once its first frame is out
    if len(words) < 2:
        from backprop_tui.cli.launch import debug, is_network, opened

        if all(map(is_network, words)):
            try:
                debug(opened(words[0] if words else None))
            except KeyboardInterrupt:
                sys.exit(130)
    if collecting:
        gc.enable()
    from backprop_tui.cli.main import main as read

    read(prog_name="backprop-tui")


if __name__ == "__main__":
    main()
