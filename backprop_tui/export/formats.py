"""Which kinds of file a network can be exported to, by their endings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from backprop_tui.export.script import script
from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError, described
from backprop_tui.network.files.toml import put

Writer = Callable[[Network, int, int], str]
"""(network, epochs, log every) → the text of the file."""

FORMATS: Mapping[str, Writer] = MappingProxyType({".py": script})
"""What each ending stands for."""


def export(network: Network, path: str | Path, *, epochs: int = 1000, log_every: int = 200) -> None:
    """Write a network as another kind of file, by the ending of its name.

    ``.py`` is a script that trains it and prints what ``train`` prints, without this program. An existing
    file is replaced whole or not at all.

    Args:
        network: what to write.
        path: where to.
        epochs: how many epochs the script trains.
        log_every: how far apart the epochs are of which it prints a line.

    Raises:
        NetworkError: there is no such format, or the file cannot be written.

    """
    path = Path(path)
    write = FORMATS.get(path.suffix.lower())
    if write is None:
        expected = "a name that ends in " + " or ".join(FORMATS)
        found = described(path.suffix) if path.suffix else "no ending"
        raise NetworkError("", expected, found, source=str(path))
    put(path, lambda: write(network, epochs, log_every).encode("utf-8"))
