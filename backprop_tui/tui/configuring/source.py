"""Where the settings of a person are read from.

Every start of the debugger comes by here, so that what reads the file is loaded only where there is one.
"""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct
from platformdirs import user_config_path

from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.tui.settings import AS_SHIPPED, Settings

_reading = lazy_module("backprop_tui.tui.configuring.reading")  # of use only where there is a file

VARIABLE = "BACKPROP_TUI_CONFIG"
"""The environment variable that names another file."""
FILE = "config.toml"


class Source(Struct, frozen=True):
    """A file of settings, or none."""

    path: Path | None
    """None: nothing is read."""
    named_by: str = ""
    """What names it; empty where it is the usual one, which need not be there."""

    @property
    def is_there(self) -> bool:
        """Whether there is a file to be read; one that was named has to be there, and counts as such."""
        if self.path is None:
            return False
        if self.named_by:
            return True
        try:
            self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except (OSError, ValueError):
            return True  # and reading it says what is wrong
        return True

    def settings(self) -> Settings:
        """What is set.

        Raises:
            NetworkError: the file cannot be read, or something in it is wrong; it names the place.
        """
        if not self.is_there:
            return AS_SHIPPED
        found: Settings = _reading.read(self.path)
        return found


NO_FILE = Source(None, "--no-config")
"""Nothing is read."""


def usual() -> Source:
    """The file that the environment names, or else the one in the user's folder of settings."""
    if named := os.environ.get(VARIABLE):
        return Source(Path(named), VARIABLE)
    try:
        return Source(user_config_path("backprop-tui", appauthor=False) / FILE)
    except RuntimeError:  # the user has no home
        return Source(None)
