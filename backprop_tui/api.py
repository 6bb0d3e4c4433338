"""What a script or a notebook uses: ``import backprop_tui``.

A network comes from ``load`` (a file, a shipped name or a shape) or ``build`` (a document). ``Session``
debugs it; everything else takes a network. Nothing is computed until it is asked for. Numbers are float64.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from backprop_tui.engine.epochs import EpochResult, run
from backprop_tui.engine.gradient_check import GradientCheck, check_gradients
from backprop_tui.engine.state import Parameters, initial_state
from backprop_tui.engine.training import Trainer
from backprop_tui.export import formats
from backprop_tui.history.parameters_at import parameters_at
from backprop_tui.network.description import Network
from backprop_tui.network.files.build import build as build_document
from backprop_tui.network.files.from_arrays.weights import write_weights
from backprop_tui.network.files.library import find, names
from backprop_tui.network.files.recording_folders import is_recording
from backprop_tui.network.files.shapes import Options, is_shape
from backprop_tui.network.files.toml import dump, read_toml
from backprop_tui.program.explanations.explanation import Explanation
from backprop_tui.session.files import saved_sessions
from backprop_tui.session.records import trace
from backprop_tui.session.session import Session
from backprop_tui.tui import run_debugger
from backprop_tui.tui.configuring.source import usual


def load(network: str | Path | None = None, **options: Any) -> Network:
    """The network that a NETWORK argument of the command line means.

    A file that the debugger saved holds a session as well, with the values that were set: a warning says that
    it is left out; ``open_session`` opens it.

    >>> from backprop_tui import load
    >>> load("2-4-1", data="xor", seed=3).parameters
    17

    Args:
        network: a network file, the name of a shipped network, a shape such as ``"2-4-1"``, or a folder that
            ``record`` wrote; left out, the worked example.
        options: as on the command line, with ``_`` for ``-``: ``data``, ``activation``, ``output``,
            ``loss``, ``optimizer``, ``learning_rate``, ``batch_size``, ``seed``, ``initializer``,
            ``examples``, ``noise``.

    Raises:
        NetworkError: it means none, or what it means is wrong; the message names the place.
        TypeError: there is no such option.
    """
    found = find(None if network is None else str(network), Options(**options))
    if network is not None and _holds_session(str(network)):
        warnings.warn(
            f"{network} holds a session, which load leaves out: open_session opens it", stacklevel=2
        )
    return found


def open_session(network: str | Path | None = None, **options: Any) -> Session:
    """A session of what a NETWORK argument means; of a file that the debugger saved, where it was saved.

    >>> from backprop_tui import open_session
    >>> session = open_session("worked-example", learning_rate=1.0)
    >>> session.position
    '0:0'

    Args:
        network: as for ``load``.
        options: as for ``load``.

    Raises:
        NetworkError: as ``load``, or something in the file's ``[session]`` is wrong.
        TypeError: there is no such option.
    """
    argument = None if network is None else str(network)
    opened = saved_sessions.find_session(argument, Options(**options))
    opened.session.jump(opened.wanted)
    return opened.session


def _holds_session(argument: str) -> bool:
    """Whether what a NETWORK argument means is a file with a ``[session]``."""
    if is_shape(argument) or argument in names() or is_recording(argument):
        return False
    return "session" in read_toml(Path(argument))


def build(document: Mapping[str, Any]) -> Network:
    """The network that a document describes: the tables of a network file as nested dictionaries.

    >>> from backprop_tui import build
    >>> network = build(
    ...     {
    ...         "network": {
    ...             "inputs": 1,
    ...             "layers": [{"units": 1, "activation": "tanh", "weights": [[0.5]], "biases": [0.0]}],
    ...         },
    ...         "data": {"inputs": [[1.0], [2.0]], "targets": [[0.0], [1.0]]},
    ...     }
    ... )
    >>> network.shape
    '1-1'

    Args:
        document: the tables. ``weights`` has a row a unit and a column an input; ``inputs`` and ``targets``
            have a row an example.

    Raises:
        NetworkError: something in it is wrong; the message names the place.
    """
    return build_document(document)


def save(what: Network | Session, path: str | Path) -> None:
    """Write a network, or a session with its network, to a file; replaces it whole or not at all.

    ``load`` reads the very same network back, to the last bit, and ``open_session`` the very same session.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from backprop_tui import load, save
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(load("xor"), Path(folder, "mine.toml"))
    ...     load(Path(folder, "mine.toml")) == load("xor")
    True

    Args:
        what: what to write.
        path: where to, as a TOML file.

    Raises:
        NetworkError: the file cannot be written.
    """
    if isinstance(what, Session):
        saved_sessions.save_session(what, path)
    else:
        dump(what, path)


def save_weights(what: Network | Session, path: str | Path, *, parameters: Parameters | None = None) -> None:
    """Write weights and biases as arrays, by the ending of the name; replaces the file whole or not at all.

    ``.npz`` is NumPy's own; ``.safetensors`` takes ``pip install "backprop-tui[safetensors]"``.
    ``load_weights`` reads both.

    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from backprop_tui import load, save_weights
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_weights(load("xor"), Path(folder, "xor.npz"))
    ...     with np.load(Path(folder, "xor.npz")) as arrays:
    ...         print({name: arrays[name].shape for name in arrays})
    {'h.weight': (2, 2), 'h.bias': (2,), 'o.weight': (1, 2), 'o.bias': (1,)}

    Args:
        what: a network; or a session, whose weights are those of its position.
        path: where to.
        parameters: of the network, other weights than its own, as ``train`` yields them.

    Raises:
        NetworkError: there is no such format, its package is missing, or the file cannot be written.
    """
    network = what.network if isinstance(what, Session) else what
    if parameters is None:
        if isinstance(what, Session):
            parameters = parameters_at(what.run, what.time)
        else:
            parameters = initial_state(network).parameters
    write_weights(network, parameters.weights, parameters.biases, path)


def statements(network: Network, epoch: int = 0) -> Iterator[Explanation]:
    """Every statement of an epoch in order, each with its formula, numbers, terms and meaning.

    >>> from backprop_tui import load, statements
    >>> for statement in statements(load()):
    ...     if statement.symbol in ("dL_dz_o", "dL_dw2"):
    ...         print(statement.formula(), "=", round(statement.value, 4))
    dL/dz_o = dL/da_o·da_o/dz_o = -0.0816
    dL/dw2 = dL/dz_o·a_h = -0.0459

    Args:
        network: whose training.
        epoch: which epoch, from 0; those before it are trained first.

    Yields:
        an ``Explanation`` a statement; its ``value`` is a number, its ``terms`` are names with numbers.
    """
    for explanation, _ in trace.explanations(Session(network), epoch):
        yield explanation


def train(network: Network, epochs: int, every: int = 1) -> Iterator[EpochResult]:
    """Train for some epochs, without a debugger.

    >>> from backprop_tui import load, train
    >>> for epoch in train(load(), 1000, every=999):
    ...     print(epoch.epoch, f"{epoch.loss:.6f}", epoch.predictions.round(6))
    0 0.063306 [[0.644173]]
    999 0.000334 [[0.974146]]

    Args:
        network: what to train.
        epochs: how many.
        every: yield epoch 0, every so many further ones, and the last; the others run the quicker for it.

    Yields:
        of an epoch the mean loss, the predictions in file order, of the shape (examples, outputs), and the
        parameters after its last update. A run that diverges goes on and says where it did.
    """
    return run(network, epochs, every)


def check(network: Network) -> GradientCheck:
    """Compare every gradient at the initial parameters with a central difference.

    >>> from backprop_tui import check, load
    >>> result = check(load("xor"))
    >>> result.checked, result.passed
    (9, True)

    Args:
        network: whose gradients, of the loss averaged over all examples.

    Returns:
        whether all agree, the largest relative error, and each parameter's two gradients.
    """
    return check_gradients(Trainer(network))


def export_to(
    what: Network | Session,
    path: str | Path,
    *,
    position: str | None = None,
    epochs: int | str | None = None,
    digits: int | None = 4,
    log_every: int | None = None,
) -> None:
    """Write a worked calculation, its numbers, or the network as another kind of file, by the ending.

    ``.md`` and ``.tex`` are an iteration worked out with every number, ``.html`` the same as a page that is
    stepped with the debugger's keys; ``.json`` and ``.csv`` are its statements as data; ``.py`` is a script
    that trains the network and prints what the command ``train`` prints, on its own. An existing file is
    replaced whole or not at all.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from backprop_tui import export_to, load
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export_to(load(), Path(folder, "work.md"), position="3:5")
    ...     export_to(load(), Path(folder, "net.py"), epochs=100)
    ...     "dL_dz_o = dL_da_o * da_o_dz_o" in Path(folder, "net.py").read_text()
    True

    Args:
        what: a network, or a session with the values that were set by hand.
        path: where to.
        position: one in the iteration that is written, as ``"12:5"``; left out, the first, or that of the
            session.
        epochs: write whole epochs: the first so many, or as ``"0:2"`` the first and the last. How many epochs
            a script trains; left out, 1000.
        digits: decimals in a document; None for all.
        log_every: how far apart the epochs are of which a script prints a line; left out, 200.

    Raises:
        NetworkError: there is no such format, what is asked for does not go together, or the file cannot be
            written.
        PositionError: *position* means none.
    """
    session = what if isinstance(what, Session) else Session(what)
    wanted = formats.wanted(
        session, path, position=position, epochs=epochs, digits=digits, log_every=log_every
    )
    formats.export(wanted, path)


def debug(what: Session | Network | str | Path | None = None) -> Session:
    """Open the debugger in this terminal; returns when the person leaves it.

    >>> from backprop_tui import Session, debug, load
    >>> session = Session(load())
    >>> session.go("3:7")
    >>> session = debug(session)

    Args:
        what: a session, which is debugged where it is; a network; or what ``open_session`` takes.

    Returns:
        the session as the person left it.

    Raises:
        NetworkError: as ``open_session``, or something in the person's own settings is wrong.
    """
    if isinstance(what, Session):
        session = what
    else:
        session = Session(what) if isinstance(what, Network) else open_session(what)
    left, _ = run_debugger(session, travel_to=session.time, settings=usual().settings())
    return left
