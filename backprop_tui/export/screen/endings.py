"""Which kinds of picture the screen can be written as, by the ending of a file's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from backprop_tui.export.screen.animation import Frame, animated_svg
from backprop_tui.export.screen.cast import cast
from backprop_tui.export.screen.cells import Screen
from backprop_tui.export.screen.html import html
from backprop_tui.export.screen.png import png
from backprop_tui.export.screen.svg import svg
from backprop_tui.network.errors import NetworkError, described
from backprop_tui.network.whole_files import put


def text(frames: Sequence[Frame]) -> bytes:
    """The last screen as text."""
    return ("\n".join(frames[-1].screen.lines) + "\n").encode()


Writer = Callable[[Sequence[Frame]], bytes]

WRITERS: Mapping[str, Writer] = MappingProxyType(
    {
        ".svg": lambda frames: svg(frames[-1].screen).encode(),
        ".png": lambda frames: png(frames[-1].screen),
        ".html": lambda frames: html(frames[-1].screen).encode(),
        ".txt": text,
        ".cast": lambda frames: cast(frames).encode(),
    }
)
"""What each ending stands for: the last of some screens, or in ``.cast`` all of them."""


SHOWN = (".svg", ".png", ".txt")
"""The endings that mean the screen wherever files are written; ``.html`` is a calculation there."""


def ending_of(path: str | Path) -> str:
    """The ending of a file's name.

    Raises:
        NetworkError: no picture is written under it.
    """
    ending = Path(path).suffix.lower()
    if ending not in WRITERS:
        found = described(Path(path).suffix) if ending else "no ending"
        raise NetworkError("", "a name that ends in " + " or ".join(WRITERS), found, source=str(path))
    return ending


def write(frames: Sequence[Frame], path: str | Path, *, animate: bool = False) -> None:
    """Write screens to a file, by the ending of its name; it is replaced whole or not at all.

    Args:
        frames: screens of one size, with how long each is shown.
        path: where to.
        animate: whether ``.svg`` shows one after another.

    Raises:
        NetworkError: there is no such format, what it needs is not installed, or the file cannot be written.
    """
    ending = ending_of(path)
    writer = WRITERS[ending]
    if animate and ending == ".svg":
        put(Path(path), lambda: animated_svg(frames).encode())
    else:
        put(Path(path), lambda: writer(frames))


def write_screen(screen: Screen, path: str | Path) -> None:
    """Write one screen to a file.

    Raises:
        NetworkError: as ``write``.
    """
    write([Frame(screen, 1.0)], path)
