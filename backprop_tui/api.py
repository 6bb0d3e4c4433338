"""What a script or a notebook uses: ``import backprop_tui``.

A network comes from ``load`` (a file, a shipped name or a shape) or ``build`` (a document); everything
else takes a network. Nothing here is computed until it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from backprop_tui.engine.epochs import EpochResult, run
from backprop_tui.engine.gradient_check import GradientCheck, check_gradients
from backprop_tui.engine.training import Trainer
from backprop_tui.network.description import Network
from backprop_tui.network.files.build import build as build_document
from backprop_tui.network.files.library import find
from backprop_tui.network.files.shapes import Options
from backprop_tui.network.files.toml import dump
from backprop_tui.program.explanations.explanation import Explanation
from backprop_tui.session.session import Session
from backprop_tui.session.trace import explanations


def load(network: str | Path | None = None, **options: Any) -> Network:
    """The network that a NETWORK argument of the command line means.

    Args:
        network: a network file, the name of a shipped network, or a shape such as ``"2-4-1"``; left out,
            the worked example.
        options: as on the command line, with ``_`` for ``-``: ``data``, ``activation``, ``output``,
            ``loss``, ``optimizer``, ``learning_rate``, ``batch_size``, ``seed``, ``initializer``,
            ``examples``, ``noise``.

    Raises:
        NetworkError: it means none, or what it means is wrong; the message names the place.
        TypeError: there is no such option.
    """
    return find(None if network is None else str(network), Options(**options))


def build(document: Mapping[str, Any]) -> Network:
    """The network that a document describes: the tables of a network file as nested dictionaries.

    Raises:
        NetworkError: something in it is wrong; the message names the place.
    """
    return build_document(document)


def save(network: Network, path: str | Path) -> None:
    """Write a network file that ``load`` reads back to the last bit; replaces the file whole or not at all.

    Raises:
        NetworkError: the file cannot be written.
    """
    dump(network, Path(path))


def statements(network: Network, epoch: int = 0) -> Iterator[Explanation]:
    """Every statement of an epoch in order, each with its formula, numbers, terms and meaning."""
    for explanation, _ in explanations(Session(network), epoch):
        yield explanation


def train(network: Network, epochs: int, every: int = 1) -> Iterator[EpochResult]:
    """Train; yields loss, predictions of the shape (examples, outputs) and parameters of an epoch.

    Args:
        network: what to train.
        epochs: how many.
        every: yield epoch 0, every so many further ones, and the last; the others run the quicker for it.
    """
    return run(network, epochs, every)


def export_to(network: Network, path: str | Path, *, epochs: int = 1000, log_every: int = 200) -> None:
    """Write the network as another kind of file, by the ending of its name; replaces it whole or not at all.

    ``.py`` is a script that trains it and prints what the command ``train`` prints, on its own.

    Raises:
        NetworkError: there is no such format, or the file cannot be written.
    """
    from backprop_tui.export.formats import export

    export(network, path, epochs=epochs, log_every=log_every)


def check(network: Network) -> GradientCheck:
    """Compare every gradient at the initial parameters with a central difference."""
    return check_gradients(Trainer(network))


def debug(network: Network | str | Path | None = None) -> None:
    """Open the debugger in this terminal.

    Raises:
        NetworkError: as ``load``.
    """
    from backprop_tui.tui.app import BackpropApp

    BackpropApp(network if isinstance(network, Network) else load(network)).run()
