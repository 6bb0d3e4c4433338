"""How a picture of the debugger looks: the size of its screen and its theme, as a person writes them."""

from __future__ import annotations

import re

from textual.theme import BUILTIN_THEMES

from backprop_tui.network.errors import NetworkError, described, nearest
from backprop_tui.tui.colours.themes import OURS

_SIZE = re.compile(r"(\d{1,4})[x×](\d{1,4})", re.ASCII)
LEAST, MOST = (20, 5), (500, 200)
_SHORT = {theme.name.removeprefix("backprop-"): theme.name for theme in OURS}


def size_named(text: str) -> tuple[int, int]:
    """Columns and rows of a size such as ``120x40``.

    Raises:
        NetworkError: it is none.
    """
    found = _SIZE.fullmatch(text)
    size = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (LEAST[0] <= size[0] <= MOST[0] and LEAST[1] <= size[1] <= MOST[1]):
        least, most = (f"{width}x{height}" for width, height in (LEAST, MOST))
        raise NetworkError(
            "--size", f"columns and rows as in 120x40, from {least} to {most}", described(text)
        )
    return size


def theme_named(text: str) -> str:
    """The name of a theme: ours, which may be called ``dark`` and ``light``, or one of Textual's.

    Raises:
        NetworkError: there is none of that name.
    """
    names = [*_SHORT, *(theme.name for theme in OURS), *BUILTIN_THEMES]
    if text not in names:
        hint = nearest(text, names) or "there are " + ", ".join(names)
        raise NetworkError("--theme", "the name of a theme", described(text), hint=hint)
    return _SHORT.get(text, text)
