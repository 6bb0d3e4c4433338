"""What a person has set for every session in a file of their own: theme, digits, picture, speed and keys."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from backprop_tui.session.look import Digits

Keys = tuple[str, ...]
"""The keys of a command as people write them; the first is shown."""


class Settings(Struct, frozen=True):
    """A person's own choices; None where they made none. The names are those of the file."""

    theme: str | None = None
    digits: Digits | None = None
    """Decimals shown."""
    picture: str | None = None
    """The picture at the start; ``auto``, the one that suits what is shown."""
    speed: float | None = None
    """Moves a second of a run by itself."""
    keys: Mapping[str, Keys] = {}
    """The keys of commands that have other ones than the table of commands says, by the command's name."""

    @property
    def decimals(self) -> int | None:
        """``digits`` as numbers are written with: None is every digit, and 4 where nothing was chosen."""
        return 4 if self.digits is None else None if self.digits == "all" else self.digits


AS_SHIPPED = Settings()
"""Nothing is set."""
