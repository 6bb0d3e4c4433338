"""The shipped networks, and the network that a NETWORK argument means."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError, described, nearest
from backprop_tui.network.files import shapes
from backprop_tui.network.files.build import build
from backprop_tui.network.files.recording_folders import is_recording, read_recording
from backprop_tui.network.files.shapes import NOTHING, Options
from backprop_tui.network.files.toml import RECORDED, exists, parse, read_toml

WORKED_EXAMPLE = "worked-example"


def _shipped() -> dict[str, Path]:
    folder = Path(__file__).parent / "examples"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def names() -> tuple[str, ...]:
    """The names of the shipped networks, the worked example first."""
    return tuple(sorted(_shipped(), key=lambda name: (name != WORKED_EXAMPLE, name)))


def shipped(name: str) -> Network:
    """A shipped network.

    Raises:
        KeyError: there is none of that name.

    """
    return build(_document(name))


def _document(name: str) -> dict[str, Any]:
    return parse(_shipped()[name].read_text("utf-8"))


def examples() -> Iterator[tuple[str, Network]]:
    """Every shipped network with its name, the worked example first."""
    for name in names():
        yield name, shipped(name)


def find(argument: str | None = None, options: Options = NOTHING) -> Network:
    """The network that a NETWORK argument means: nothing, a shipped name, a shape, a file or a recording.

    Args:
        argument: what was typed; None: the worked example.
        options: what was said beside it, in place of what the network says itself.

    Raises:
        NetworkError: it means none, or what it means is wrong.

    """
    if argument is None:
        argument = WORKED_EXAMPLE
    if not argument.strip():
        raise NetworkError(
            "", "a network file, the name of a shipped network or a shape such as 2-4-1", "nothing"
        )
    if shapes.is_shape(argument):
        return shapes.from_shape(argument, options)
    known = names()
    if argument not in known and is_recording(argument):
        recorded: Network = read_recording(argument)
        return shapes.changed(recorded, options) if options else recorded
    if argument in known:
        return shapes.overridden(_document(argument), options) if options else shipped(argument)
    if not could_be_meant(argument):
        raise NetworkError(
            "",
            "a network file, the name of a shipped network or a shape such as 2-4-1",
            "none of them",
            hint=nearest(argument, known) or "shipped are " + ", ".join(known),
            source=argument[:80],
        )
    return read_file(Path(argument), options)[1]


def could_be_meant(argument: str) -> bool:
    """Whether a word can mean a network: a shape, a shipped name, or what is there or written like a file."""
    return (
        shapes.is_shape(argument)
        or argument in names()
        or _looks_like_a_file(argument)
        or exists(argument)
        or is_recording(argument)
    )


def read_file(path: Path, options: Options = NOTHING) -> tuple[dict[str, Any], Network]:
    """The tables of a network file, and the network that they describe with some options.

    Raises:
        NetworkError: the file cannot be read, or something in it or in the options is wrong.

    """
    try:
        raw = read_toml(path)
        if RECORDED in raw:
            return raw, _at(path.parent, raw, options)
        return raw, shapes.overridden(raw, options, path.parent) if options else build(raw, path.parent)
    except NetworkError as error:
        raise error if error.place.startswith("--") else error.from_source(str(path)) from None


def _at(folder: Path, raw: dict[str, Any], options: Options) -> Network:
    """The network of a file that says where a recording is."""
    place = raw[RECORDED]
    others = sorted(set(raw) - {RECORDED, "session"})
    if others:
        raise NetworkError(others[0], f"nothing beside {RECORDED} and session", "it")
    if not isinstance(place, str) or not is_recording(str(folder / place)):
        raise NetworkError(RECORDED, "the folder of a recording", described(place))
    recorded: Network = read_recording(str(folder / place))
    return shapes.changed(recorded, options) if options else recorded


def _looks_like_a_file(argument: str) -> bool:
    return "/" in argument or "\\" in argument or argument.endswith(".toml")
