"""Modules that are imported at their first use: what the first frame does not need is loaded later."""

from __future__ import annotations

from importlib import import_module
from typing import Any


class LazyModule:
    """Stands for a module; each of its names is looked up there once."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        found = getattr(import_module(self._name), name)
        setattr(self, name, found)
        return found


def lazy_module(name: str) -> Any:
    """A stand-in for the module of that name, which it imports when one of its names is asked for."""
    return LazyModule(name)
