"""A screen as a PNG picture: our SVG, rendered by resvg (extra ``png``)."""

from __future__ import annotations

import importlib

from backprop_tui.export.screen.cells import Screen
from backprop_tui.export.screen.svg import svg
from backprop_tui.network.errors import NetworkError

EXTRA = 'pip install "backprop-tui[png]"'


def png(screen: Screen, scale: float = 2.0) -> bytes:
    """The screen as PNG.

    Args:
        screen: what to draw.
        scale: how many pixels each pixel of the SVG becomes.

    Raises:
        NetworkError: the library that renders it is not installed.
    """
    try:
        resvg = importlib.import_module("resvg_py")
    except ImportError:
        raise NetworkError("", "the extra png, which draws it", "none installed", hint=EXTRA) from None
    return bytes(resvg.svg_to_bytes(svg_string=svg(screen), zoom=scale, monospace_family="DejaVu Sans Mono"))
