"""The networks that are shipped, and the one door through which every NETWORK argument comes."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from backprop_tui.network.build import build
from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError, nearest
from backprop_tui.network.files import load

WORKED_EXAMPLE = "worked-example"


def _shipped() -> dict[str, Traversable]:
    folder = files("backprop_tui.network") / "examples"
    return {
        entry.name.removesuffix(".toml"): entry
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    }


def names() -> tuple[str, ...]:
    """The names of the shipped networks, the worked example first."""
    return tuple(sorted(_shipped(), key=lambda name: (name != WORKED_EXAMPLE, name)))


def shipped(name: str) -> Network:
    """A shipped network.

    Raises:
        KeyError: there is none of that name.

    """
    import tomllib

    return build(tomllib.loads(_shipped()[name].read_text("utf-8")))


def examples() -> Iterator[tuple[str, Network]]:
    """Every shipped network with its name, the worked example first."""
    for name in names():
        yield name, shipped(name)


def find(argument: str | None = None) -> Network:
    """The network that a NETWORK argument means: nothing, a shipped name, or a file.

    Raises:
        NetworkError: it means none.

    """
    if argument is None:
        return shipped(WORKED_EXAMPLE)
    known = names()
    if argument in known:
        return shipped(argument)
    if not Path(argument).exists() and not _looks_like_a_file(argument):
        raise NetworkError(
            "",
            "a network file or the name of a shipped network",
            "neither",
            hint=nearest(argument, known) or "shipped are " + ", ".join(known),
            source=argument,
        )
    return load(argument)


def _looks_like_a_file(argument: str) -> bool:
    return "/" in argument or "\\" in argument or argument.endswith(".toml")
