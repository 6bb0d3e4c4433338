"""Backpropagation is a program; this is its debugger.

**A network** comes from ``load`` (a file, a shipped name, a shape), ``dense`` (arrays) or ``build`` (tables):

>>> import backprop_tui
>>> network = backprop_tui.load()  # the worked example; or "net.toml", "xor", "2-4-1"
>>> x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
>>> mine = backprop_tui.dense([8, 1], inputs=x, targets=y, seed=3)
>>> network.shape, mine.shape
('1-1-1', '2-8-1')

**Its statements** are what is computed, in order, each with formula, numbers and meaning:

>>> *_, last = backprop_tui.statements(network)
>>> last.formula(), round(last.value, 4)
('b1 = b1 − η·dL/db1', 0.107)

**A session** debugs it: forwards and backwards by any grain, to any position, with values set on the way:

>>> session = backprop_tui.Session(network)
>>> session.forward(backprop_tui.Grain.BACKWARD)
>>> session.back()
>>> print(session.position, session.explain().formula())
0:14 dL/dw1 = dL/dz_h·x

**Its numbers** are arrays by layer (``x``, ``h``, ``o``; of several hidden ones ``h1``, ``h2`` …):
``z``, ``a``, ``y``, ``dL_da``, ``da_dz``, ``delta``, ``W``, ``b``, ``dW``, ``db`` of the example at work, and
``mean_dW``, ``mean_db`` of the batch; or numbers by name. What has not been computed yet is NaN:

>>> session.z["h"], session.W["o"].shape, round(session.gradients["dL/dw1"], 4)
(array([0.25]), (1, 1), -0.007)
>>> bool((session.dW["o"] == session.delta["o"][:, None] * session.a["h"]).all())
True
>>> session.gradients["dL/db1"], session.value("a_o*(1 - a_o) > 0.2")
(nan, True)
>>> _ = session.set("w1", 0.5)  # from here on

**Training** without a debugger yields results, or records that ``pandas.DataFrame`` takes:

>>> [round(epoch.loss, 4) for epoch in backprop_tui.train(network, 1000, every=500)]
[0.0633, 0.0007, 0.0003]
>>> [list(record) for record in backprop_tui.epochs(network, 2, of=["w1", "grad_norm"])][0]
['epoch', 'loss', 'w1', 'grad_norm']
>>> backprop_tui.check(network).passed  # every gradient against a central difference
True

``save`` and ``open_session`` keep a network or a session in a file, ``save_weights`` and ``load_weights``
weights in ``.npz`` or safetensors, ``export_to`` writes documents and scripts, and ``debug`` opens the
debugger. In a notebook networks, sessions, statements and checks show themselves. What a person can get wrong
raises a ``BackpropError``.
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backprop_tui.network.files import recording_folders

if TYPE_CHECKING:
    from backprop_tui.api import (
        build,
        check,
        debug,
        export_to,
        load,
        open_session,
        save,
        save_weights,
        statements,
        train,
    )
    from backprop_tui.engine.epochs import EpochResult
    from backprop_tui.engine.gradient_check import GradientCheck
    from backprop_tui.engine.quantities import Kind, Parameter, Phase, Quantity
    from backprop_tui.network.description import Network
    from backprop_tui.network.errors import BackpropError, NetworkError
    from backprop_tui.network.files.from_arrays.dense import dense
    from backprop_tui.network.files.from_arrays.weights import load_weights
    from backprop_tui.program.boundaries import Grain
    from backprop_tui.program.explanations.explanation import Explanation
    from backprop_tui.program.positions import PositionError
    from backprop_tui.pytorch.doors import from_recording, from_torch, record, to_torch, to_torch_training
    from backprop_tui.session.editing import EditError
    from backprop_tui.session.records.epoch_records import epochs
    from backprop_tui.session.session import Session
    from backprop_tui.stops.conditions import ConditionError

__version__ = "0.1.0"

__all__ = [
    "BackpropError",
    "ConditionError",
    "EditError",
    "EpochResult",
    "Explanation",
    "GradientCheck",
    "Grain",
    "Kind",
    "Network",
    "NetworkError",
    "Parameter",
    "Phase",
    "PositionError",
    "Quantity",
    "Session",
    "__version__",
    "build",
    "check",
    "debug",
    "dense",
    "epochs",
    "export_to",
    "from_recording",
    "from_torch",
    "load",
    "load_weights",
    "open_session",
    "record",
    "save",
    "save_weights",
    "statements",
    "to_torch",
    "to_torch_training",
    "train",
]

_PLACES = {
    "backprop_tui.api": "build check debug export_to load open_session save save_weights statements train",
    "backprop_tui.engine.epochs": "EpochResult",
    "backprop_tui.engine.gradient_check": "GradientCheck",
    "backprop_tui.engine.quantities": "Kind Parameter Phase Quantity",
    "backprop_tui.network.description": "Network",
    "backprop_tui.network.errors": "BackpropError NetworkError",
    "backprop_tui.network.files.from_arrays.dense": "dense",
    "backprop_tui.network.files.from_arrays.weights": "load_weights",
    "backprop_tui.program.boundaries": "Grain",
    "backprop_tui.program.explanations.explanation": "Explanation",
    "backprop_tui.program.positions": "PositionError",
    "backprop_tui.pytorch.doors": "from_recording from_torch record to_torch to_torch_training",
    "backprop_tui.session.editing": "EditError",
    "backprop_tui.session.records.epoch_records": "epochs",
    "backprop_tui.session.session": "Session",
    "backprop_tui.stops.conditions": "ConditionError",
}
_PLACE = {name: place for place, names in _PLACES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """Import what is asked for only then, so that the command line starts quickly."""
    if name not in _PLACE:
        raise AttributeError(f"module 'backprop_tui' has no attribute {name!r}")
    import_module("backprop_tui.network.notebook").shows(_cell)
    value = getattr(import_module(_PLACE[name]), name)
    globals()[name] = value
    return value


def _recorded(folder: Path) -> Any:
    """The network of a recording, read by a module that is imported only then."""
    return import_module("backprop_tui.pytorch.doors").from_recording(folder)


recording_folders.reads(_recorded)


def _cell(what: object) -> str:
    """What a notebook shows of it, written by a module that is imported only then."""
    written: str = import_module("backprop_tui.export.notebook.cell").cell(what)
    return written
