"""How signs beyond ASCII are spelt where the output's encoding cannot hold them: the one table of spellings.

A formula reads ``1/2*(y - a)^2`` there in place of ``½(y − a)²``. Only what an encoding lacks is spelt out:
Latin-1 keeps ``½``, ``·`` and ``²``.
"""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from types import MappingProxyType

ERRORS = "backprop-tui-spelt"
"""The name by which a stream asks for these spellings: ``stream.reconfigure(errors=ERRORS)``."""

_EQUAL_LENGTH = {
    "\N{NO-BREAK SPACE}": " ",
    # arithmetic
    "·": "*",
    "×": "x",
    "−": "-",
    "–": "-",
    "∂": "d",
    **dict.fromkeys("≡≈", "="),
    "′": "'",
    "″": '"',
    "∘": "o",
    "⋮": ":",
    "‹": "<",
    "›": ">",
    # lines, corners and shades
    **dict.fromkeys("─━┄┅┈┉╌╍╶╺╴╸╼╾", "-"),
    **dict.fromkeys("│┃┆┇┊┋║╎╏╵╷╹╻╽╿", "|"),
    **dict.fromkeys(map(chr, (*range(0x250C, 0x254C), *range(0x2552, 0x2571))), "+"),  # corners and crossings
    "═": "=",
    **dict.fromkeys("▁▂", "_"),
    **dict.fromkeys("▃▄▅", "="),
    **dict.fromkeys("▆▇█▓■", "#"),
    "▒": "+",
    "░": ".",
    # marks
    **dict.fromkeys("▲▴", "^"),
    **dict.fromkeys("▼▾", "v"),
    **dict.fromkeys("▶▸", ">"),
    "◀": "<",
    **dict.fromkeys("●◆•", "*"),
    **dict.fromkeys("○◇◌◐", "o"),
    "✎": "=",
    "✓": "+",
    **dict.fromkeys("✗✕", "x"),
    "∅": "0",
    # Braille cells by how many of their dots are set
    **{chr(0x2800 + dots): " .:#"[min(3, (dots.bit_count() + 2) // 3)] for dots in range(256)},
}
_LONGER = {
    "²": "^2",
    "³": "^3",
    "±": "+-",
    "∞": "inf",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "→": "->",
    "←": "<-",
    "↑": "up",
    "↓": "down",
    "⇧": "shift",
    "…": "...",
    "‖": "||",
}
_WORDS = {
    "Σ": "sum",
    "√": "sqrt",
    "Δ": "Delta",
    "δ": "delta",
    "η": "eta",
    "π": "pi",
    "Φ": "Phi",
    "φ": "phi",
}
"""Set off by a space from a letter or digit beside them: ``sum y``, ``sqrt 2``, and yet ``delta_h``."""
_HALF = "½"

SPELLINGS: Mapping[str, str] = MappingProxyType({_HALF: "1/2", **_EQUAL_LENGTH, **_LONGER, **_WORDS})
"""Every sign that the package prints, and some more, in ASCII."""


def register() -> None:
    """Make the spellings known as ``ERRORS``, for encoding and for streams."""
    codecs.register_error(ERRORS, _spell_out)


def spelt(text: str, encoding: str = "ascii") -> str:
    """*text* as an encoding can hold it; a character without a spelling becomes its escape, never ``?``.

    >>> spelt("L = ½(y − a)² = ½·Σy")
    'L = 1/2*(y - a)^2 = 1/2*sum y'
    """
    register()
    return text.encode(encoding, ERRORS).decode(encoding)


def escaped(character: str) -> str:
    r"""A character as an escape, such as ``\u4e2d``; a byte that was no text of its encoding as ``\xff``."""
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how Python keeps such a byte
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def _spell_out(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object
    return "".join(_spelling(text, index) for index in range(error.start, error.end)), error.end


def _spelling(text: str, index: int) -> str:
    character, before, after = text[index], text[index - 1 : index], text[index + 1 : index + 2]
    if character == _HALF:
        return "1/2*" if after.isalnum() or after in ("(", "√") else "1/2"
    if character in _WORDS:
        left, right = (" " if beside.isalnum() and beside.isascii() else "" for beside in (before, after))
        return left + _WORDS[character] + right
    return SPELLINGS.get(character) or escaped(character)
