"""Names for a program's text: those of the network where they are safe, each used once."""

from __future__ import annotations

import builtins
from keyword import iskeyword, issoftkeyword
from unicodedata import normalize


class Identifiers:
    """Gives every wanted name an identifier of its own.

    A network file from a stranger may name its units and parameters: what is no identifier, a word of Python,
    one of the program's own names or taken already gets a ``_`` and, if need be, a number.
    """

    def __init__(self, taken: frozenset[str]) -> None:
        self._taken = set(taken)

    def unique(self, wanted: str) -> str:
        """An identifier like *wanted*, which none had before."""
        name = wanted = self._safe(wanted)
        number = 1
        while name in self._taken:
            name = f"{wanted}_{'' if number == 1 else number}"
            number += 1
        self._taken.add(name)
        return name

    def _safe(self, wanted: str) -> str:
        name = normalize("NFKC", wanted)  # as Python itself reads identifiers
        if not name.isidentifier():
            name = "".join(c if f"_{c}".isidentifier() else "_" for c in name)
            name = name if name.isidentifier() else f"v{name}"
        if name.startswith("_"):
            name = f"v{name}"
        if iskeyword(name) or issoftkeyword(name) or hasattr(builtins, name):
            name += "_"
        return name
