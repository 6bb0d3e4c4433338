"""What is imported before the first frame: nothing that the frame does not need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

OPENED = """
import json, sys
from unittest.mock import patch

import backprop_tui.tui.app as app
from backprop_tui.__main__ import main
from textual.app import App

run = App.run

def first_frame(self):
    status = self.screen.query_one("#status")
    print(status.render_line(0).text, json.dumps(sorted(sys.modules)), sep="|")
    self.exit()

app.BackpropApp._settle = first_frame
app.BackpropApp.run = lambda self: run(self, headless=True, size=(120, 40))
with patch("sys.stdin.isatty", lambda: True), patch("sys.stdout.isatty", lambda: True):
    main()
"""
"""Opens the debugger without a terminal, and ends it where its first frame is out."""

PACKAGES = {"backprop_tui", "textual", "rich", "platformdirs", "typing_extensions", "msgspec"}
"""Textual, what every program with it imports, and what reads the network file."""

OURS = {
    "network": "batch_places description errors files later_rows lazy_module lazy_numpy names notebook "
    "random_numbers reach rules whole_files",
    "engine": "equations iteration quantities reference state training",
    "program": "boundaries chain_rule explanations facts formulas identifiers layout number_text positions "
    "statements",
    "history": "checkpoints edited_iteration edits facts_of_run layer_readings moment readings run timeline",
    "session": "changes comparing editing files.opened files.saved_sessions look present_numbers searching "
    "session stopping watching",
    "stops": "on_demand",
    "tui": "app arrows background colours commands configuring desk guards on_demand pictures requests "
    "screens settings view widgets",
}
"""Of ours: the description and its file, the statements, the explanations in the listing, the screen.

Files, and rooms of which each file may be.
"""


def imported(tmp_path: Path, *arguments: str) -> tuple[str, set[str]]:
    """The status line of the first frame, and every module that was imported by then."""
    done = subprocess.run(
        [sys.executable, "-c", OPENED, *arguments],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "BACKPROP_TUI_STATE": str(tmp_path),
            "BACKPROP_TUI_CONFIG": "",
            "XDG_CONFIG_HOME": str(tmp_path),
        },
        check=True,
    )
    status, _, modules = done.stdout.strip().splitlines()[-1].partition("|")
    return status, set(json.loads(modules))


def bare() -> set[str]:
    """What a fresh interpreter has of packages that are not of the standard library."""
    code = "import json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return packages(set(json.loads(done.stdout)))


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules} - set(sys.stdlib_module_names)


@pytest.mark.parametrize("network", ["worked-example", "xor", "2-4-1", "digits", "784-128-10"])
def test_a_network_opens_without_numpy_plotext_and_engine(tmp_path, network):
    status, modules = imported(tmp_path, network)
    assert "epoch 0  step 0/" in status
    assert packages(modules) - bare() <= PACKAGES
    assert not {name for name in modules if name.startswith("textual.widgets._markdown")}


@pytest.mark.parametrize("network", ["worked-example", "xor", "2-8-8-1"])
def test_of_our_own_modules_only_these_are_imported(tmp_path, network):
    _, modules = imported(tmp_path, network)
    for layer, names in OURS.items():
        found = {
            name.partition(f".{layer}.")[2] for name in modules if name.startswith(f"backprop_tui.{layer}.")
        }
        allowed = names.split()
        more = {
            one
            for one in found
            if not any(f"{one}.".startswith(f"{a}.") or a.startswith(f"{one}.") for a in allowed)
        }
        assert not more, layer


def test_what_reads_settings_is_imported_where_there_are_any(tmp_path):
    _, modules = imported(tmp_path)
    assert {name for name in modules if ".configuring" in name} == {
        "backprop_tui.tui.configuring",
        "backprop_tui.tui.configuring.source",
    }
