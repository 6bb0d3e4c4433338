"""Backpropagation is a program; this is its debugger.

>>> import backprop_tui
>>> network = backprop_tui.load()  # the worked example
>>> session = backprop_tui.Session(network)
>>> session.forward(backprop_tui.Grain.BACKWARD)
>>> session.back()
>>> print(session.position, session.explain().formula())
0:14 dL/dw1 = dL/dz_h·x
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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
    from backprop_tui.network.files.dense import dense
    from backprop_tui.network.files.weights import load_weights
    from backprop_tui.program.boundaries import Grain
    from backprop_tui.program.explanations.explanation import Explanation
    from backprop_tui.program.positions import PositionError
    from backprop_tui.pytorch.doors import from_torch, to_torch, to_torch_training
    from backprop_tui.session.editing import EditError
    from backprop_tui.session.epoch_records import epochs
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
    "from_torch",
    "load",
    "load_weights",
    "open_session",
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
    "backprop_tui.network.files.dense": "dense",
    "backprop_tui.network.files.weights": "load_weights",
    "backprop_tui.program.boundaries": "Grain",
    "backprop_tui.program.explanations.explanation": "Explanation",
    "backprop_tui.program.positions": "PositionError",
    "backprop_tui.pytorch.doors": "from_torch to_torch to_torch_training",
    "backprop_tui.session.editing": "EditError",
    "backprop_tui.session.epoch_records": "epochs",
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


def _cell(what: object) -> str:
    """What a notebook shows of it, written by a module that is imported only then."""
    written: str = import_module("backprop_tui.export.notebook.cell").cell(what)
    return written
