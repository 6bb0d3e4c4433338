"""What cannot be taken over from PyTorch, said by the name of the module."""

from __future__ import annotations

from importlib import import_module

from backprop_tui.network.errors import NetworkError


class PyTorchError(NetworkError):
    """Something in a PyTorch model, its loss or its optimizer has no place in a network.

    The attributes are those of ``NetworkError``: ``place`` is the module as PyTorch names it (``model.3``) or
    the argument, ``found`` what is there, ``expected`` and ``hint`` what would do.

    >>> from backprop_tui.pytorch.errors import PyTorchError
    >>> print(PyTorchError("model.3", "a Linear layer", "Conv2d(3, 8)", hint="submodule= takes a stack out"))
    model.3: Conv2d(3, 8): expected a Linear layer (submodule= takes a stack out)
    """

    def __str__(self) -> str:
        said = ": ".join(part for part in (self.source, self.place, self.found) if part)
        hint = f" ({self.hint})" if self.hint else ""
        return f"{said + ': ' if said else ''}expected {self.expected}{hint}"


def require_pytorch(what: str) -> None:
    """Make sure that PyTorch is there; *what* is the function that needs it.

    Raises:
        PyTorchError: it is not installed.

    """
    try:
        import_module("torch")
    except ImportError:
        raise PyTorchError(what, "PyTorch, which is not installed", hint="pip install torch") from None


def require_safetensors(what: str) -> None:
    """Make sure that safetensors is there; *what* is the function that needs it.

    Raises:
        PyTorchError: it is not installed.

    """
    try:
        import_module("safetensors")
    except ImportError:
        hint = 'pip install "backprop-tui[torch]"'
        raise PyTorchError(what, "safetensors, which is not installed", hint=hint) from None


def brief(thing: object, limit: int = 80) -> str:
    """A module or a value as PyTorch shows it, on one line of at most *limit* characters."""
    text = " ".join(repr(thing).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
