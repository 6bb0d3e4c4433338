"""How things show themselves in a notebook: each asks here, and the rooms above say how."""

from __future__ import annotations

from collections.abc import Callable

Writer = Callable[[object], str]


class ShownInNotebooks:
    """A thing that notebooks show as HTML."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        """Its HTML; None where nobody has said how to write it: a notebook then shows the text."""
        return None if _said.writer is None else _said.writer(self)


class _Said:
    writer: Writer | None = None


_said = _Said()


def shows(writer: Writer) -> None:
    """Say how everything shows itself."""
    _said.writer = writer
