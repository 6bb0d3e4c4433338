"""Standard output and standard error as the commands use them: full, closed, abandoned or without Unicode.

The whole program runs inside ``run``. If a stream fails or ctrl+c is pressed, the program ends with an exit
status and at most one message, and without a traceback.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from types import FrameType
from typing import Literal, NoReturn, TextIO

from backprop_tui.cli.output import spellings

REFUSED = 2
"""The exit status where something is wrong with what was asked for, or the output cannot be written."""
INTERRUPTED = 130
"""The exit status after ctrl+c, as a shell has it."""
BROKEN_PIPE = 141
"""The exit status where the reader of the output has gone, as a shell has it."""


def run(program: Callable[[], object]) -> NoReturn:
    """Run the program and end the process with its exit status.

    Standard output that cannot be written is named in one message (status 2); a reader of it that has gone
    is not worth a word (141), and neither is ctrl+c (130). A message that cannot be written is left out.
    """
    _prepare()
    interrupts = _Interrupts()
    status: object = 0
    try:
        try:
            program()
        except SystemExit as ending:
            status = ending.code
        except KeyboardInterrupt:
            status = INTERRUPTED
        except ImportError:
            if not interrupts.came:
                raise
            status = INTERRUPTED  # so a compiled module ends that was interrupted while it was imported
        sys.stdout.flush()
    except BrokenPipeError:
        status = BROKEN_PIPE
    except OSError as error:
        if error.filename is not None:  # of a file: the code that opened it should have caught this
            raise
        tell(f"backprop-tui: standard output cannot be written: {(error.strerror or str(error)).lower()}")
        status = REFUSED
    finally:
        interrupts.put_back()
        _give_up_what_is_left(sys.stdout)
        _give_up_what_is_left(sys.stderr)
    sys.exit(status)  # type: ignore[arg-type]


def say(line: str) -> None:
    """Print a line, at once."""
    print(line, flush=True)


def as_printed(text: str) -> str:
    """*text* as standard output will have it: a table is aligned by that."""
    return spellings.spelt(text, sys.stdout.encoding or "utf-8")


def tell(message: str) -> None:
    """Print a message on standard error, if that can be written."""
    with suppress(OSError):
        print(message, file=sys.stderr, flush=True)


def refuse(message: str) -> NoReturn:
    """Tell in one line what is wrong, and end with status 2."""
    tell("backprop-tui: " + "".join(c if c.isprintable() else spellings.escaped(c) for c in message))
    sys.exit(REFUSED)


def shows_unicode(stream: TextIO | None) -> bool:
    """Whether a stream is there, and its encoding has every character."""
    return stream is not None and (stream.encoding or "utf-8").lower().startswith("utf")


class _Interrupts:
    """Remembers that ctrl+c was pressed."""

    def __init__(self) -> None:
        self.came = False
        self._before = signal.getsignal(signal.SIGINT)
        if self._before is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._note)

    def put_back(self) -> None:
        """As it was before."""
        if signal.getsignal(signal.SIGINT) == self._note:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        raise KeyboardInterrupt


def _prepare() -> None:
    """Spell out what an encoding lacks, and put something in the place of streams that are closed."""
    spellings.register()
    if sys.stdin is None:
        sys.stdin = _nothing(os.O_RDONLY, "r")
    if sys.stdout is None:  # open for reading: it fails as a closed one does, and only when it is written
        sys.stdout = _nothing(os.O_RDONLY, "w")
    if sys.stderr is None:
        sys.stderr = _nothing(os.O_WRONLY, "w")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=spellings.ERRORS)


def _nothing(flags: int, mode: Literal["r", "w"]) -> TextIO:
    return os.fdopen(os.open(os.devnull, flags), mode, encoding="utf-8")


def _give_up_what_is_left(stream: TextIO) -> None:
    """Drop what a stream cannot write, or the interpreter would try again as it shuts down."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
