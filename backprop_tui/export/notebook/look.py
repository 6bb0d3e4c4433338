"""The look of what a notebook shows: light or dark as the notebook is, else as the reader's system is."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from backprop_tui.export.drawing.network import STYLE

_DARK_NOTEBOOKS = ('[data-jp-theme-light="false"]', ".vscode-dark")
"""The marks of a dark notebook: JupyterLab's (also in pages that nbconvert makes), and VS Code's."""
_NO_LIGHT_NOTEBOOK = 'body:not([data-jp-theme-light="true"],.vscode-light)'
_MEDIA = "@media (prefers-color-scheme:dark){"


@cache
def style() -> str:
    """The rules, in a ``<style>`` element; all of them are for what stands inside ``.backprop``."""
    text = Path(__file__).with_name("notebook.css").read_text("utf-8")
    drawing, _, drawing_dark = STYLE.read_text("utf-8").partition(_MEDIA)
    light, _, dark = text.partition("/* dark */")
    dark = dark.strip() + "\n" + drawing_dark.rstrip().removesuffix("}").strip()
    rules = [light.strip(), drawing.strip(), _MEDIA, _within(_NO_LIGHT_NOTEBOOK, dark), "}"]
    rules += [_within(mark, dark) for mark in _DARK_NOTEBOOKS]
    return "<style>" + "\n".join(rules) + "</style>"


def _within(mark: str, rules: str) -> str:
    """The rules for what stands in something that has a mark."""
    return re.sub(r"(?<=[,}\n])(?=\.backprop)|^(?=\.backprop)", f"{mark} ", rules)
