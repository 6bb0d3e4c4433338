"""Reading a file of settings: every value is checked, and a mistake is refused by its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backprop_tui.network.errors import NetworkError, described, nearest, one_of
from backprop_tui.network.files.toml import read_toml
from backprop_tui.tui.configuring.table import BY_NAME
from backprop_tui.tui.settings import Settings


def read(path: Path) -> Settings:
    """What a file says.

    Raises:
        NetworkError: the file cannot be read, or something in it is wrong; it names file and place.
    """
    try:
        return checked(read_toml(path, "a file of settings"))
    except NetworkError as error:
        raise error.from_source(str(path)) from None


def checked(table: dict[str, Any]) -> Settings:
    """The settings that the tables of a file say.

    Raises:
        NetworkError: something in them is wrong; it names the place.
    """
    found: dict[str, Any] = {}
    for name, value in table.items():
        setting = BY_NAME.get(name)
        if setting is None:
            raise NetworkError("", one_of(BY_NAME), described(name), hint=nearest(name, BY_NAME))
        found[name] = setting.read(name, value)
    return Settings(**found)
