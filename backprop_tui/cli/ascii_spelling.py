"""Text for a stream that does not know every character: signs of mathematics are spelt, never lost."""

from __future__ import annotations

import codecs
import unicodedata
from typing import TextIO

_SPELT = {
    "·": "*",
    "×": "*",
    "−": "-",
    "–": "-",
    "±": "+-",
    "→": "->",
    "…": "...",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "‖": "||",
    "½": "1/2 ",
    "²": "^2",
    "′": "'",
    "″": "''",
    "√": "sqrt",
    "Σ": "sum",
    "∂": "d",
    "Δ": "Delta",
    "δ": "delta",
    "η": "eta",
    "Φ": "Phi",
    "φ": "phi",
    "π": "pi",
    "σ": "sigma",
}
_SIGNS = {
    "−": "-",
    "→": ">",
    "▶": ">",
    "◀": "<",
    "↑": "^",
    "↓": "v",
    "▲": "^",
    "▼": "v",
    "…": ".",
    "·": "*",
    "×": "*",
    "–": "-",
    "—": "-",
    "●": "*",
    "○": "o",
    "•": "*",
    "Σ": "S",
    "√": "V",
    "Δ": "D",
    "δ": "d",
    "η": "n",
    "‖": "|",
}
"""Signs of the screen by one character each."""
_HANDLER = "backprop_tui.spelt"
_CELL_HANDLER = "backprop_tui.cells"


def spelt(text: str, encoding: str | None) -> str:
    """*text* with each character that *encoding* lacks spelt in ASCII: ``·`` as ``*``, ``δ`` as ``delta``.

    Characters that have no spelling are escaped, as in a string of Python.
    """
    return text.encode(encoding or "utf-8", _HANDLER).decode(encoding or "utf-8")


def _spelling(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    ascii_text = "".join(_SPELT.get(c) or c.encode("ascii", "backslashreplace").decode() for c in missing)
    return ascii_text, error.end


def keep_columns(stream: TextIO) -> None:
    """Have a terminal's stream show what its encoding lacks by ASCII of the same width, box by box."""
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(errors=_CELL_HANDLER)


def _cells(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_cell, error.object[error.start : error.end])), error.end


def _cell(character: str) -> str:
    if character in _SIGNS:
        return _SIGNS[character]
    if unicodedata.combining(character):
        return ""
    name = unicodedata.name(character, "")
    if name.startswith("BOX DRAWINGS"):
        return {"HORIZONTAL": "-", "VERTICAL": "|"}.get(name.split()[-1], "+") if " AND " not in name else "+"
    return "##" if unicodedata.east_asian_width(character) in "WF" else "#"


codecs.register_error(_HANDLER, _spelling)
codecs.register_error(_CELL_HANDLER, _cells)
