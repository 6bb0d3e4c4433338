"""Printing lines and refusals, whatever the streams are: in any encoding, closed, or on a full disk."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import NoReturn

from backprop_tui.cli.ascii_spelling import spelt

REFUSED = 2
"""The exit status where something a person gave cannot be used, or the output cannot be written."""
INTERRUPTED = 130
"""The exit status after ctrl+c, as a shell has it."""
BROKEN_PIPE = 141
"""The exit status where the reader of the output has gone, as a shell has it."""


def write(line: str) -> None:
    """Print a line at once.

    Raises:
        OSError: it cannot be written; ``output_failed`` answers that.
    """
    if sys.stdout is None:
        refuse("the output cannot be written: it is closed")
    sys.stdout.write(spelt(line, sys.stdout.encoding) + "\n")
    sys.stdout.flush()


def tell(line: str) -> None:
    """Print a line on stderr, beside the output; where that cannot be written, nothing."""
    if sys.stderr is not None:
        with suppress(OSError):
            print(spelt(line, sys.stderr.encoding), file=sys.stderr, flush=True)


def refuse(message: str) -> NoReturn:
    """Say in one line what is wrong, and end with status 2."""
    tell("backprop-tui: " + "".join(c if c.isprintable() else "?" for c in message))
    sys.exit(REFUSED)


def output_failed(error: OSError) -> NoReturn:
    """End the program, as its output cannot be written: quietly where the reader has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # so that Python does not try to flush the rest
    if isinstance(error, BrokenPipeError):
        sys.exit(BROKEN_PIPE)
    refuse(f"the output cannot be written: {(error.strerror or str(error)).lower()}")
