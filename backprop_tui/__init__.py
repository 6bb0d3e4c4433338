"""Backpropagation is a program; this is its debugger.

>>> import backprop_tui
>>> network = backprop_tui.load()                       # the worked example
>>> for statement in backprop_tui.statements(network):
...     print(statement.formula(), "=", statement.value)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backprop_tui.api import build, check, debug, export_to, load, save, statements, train
    from backprop_tui.network.description import Network
    from backprop_tui.network.errors import NetworkError
    from backprop_tui.program.boundaries import Grain
    from backprop_tui.session.session import Session

__version__ = "0.1.0"

__all__ = [
    "Grain",
    "Network",
    "NetworkError",
    "Session",
    "__version__",
    "build",
    "check",
    "debug",
    "export_to",
    "load",
    "save",
    "statements",
    "train",
]

_PLACES = {
    "Grain": "backprop_tui.program.boundaries",
    "Network": "backprop_tui.network.description",
    "NetworkError": "backprop_tui.network.errors",
    "Session": "backprop_tui.session.session",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for only then, so that the command line starts quickly."""
    if name not in __all__:
        raise AttributeError(f"module 'backprop_tui' has no attribute {name!r}")
    value = getattr(import_module(_PLACES.get(name, "backprop_tui.api")), name)
    globals()[name] = value
    return value
