"""What is slow to load is loaded when it is first needed, not before the first frame."""

import subprocess
import sys


def loaded(module, *wanted):
    """Which of some modules a fresh process has loaded after importing *module*."""
    program = f"import sys, {module}; print(*(name for name in {wanted!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_app_does_not_load_plotext():
    assert loaded("backprop_tui.tui.app", "plotext", "textual") == ["textual"]


def test_pictures_need_no_screen():
    pictures = (
        "tables.listing",
        "drawing.network",
        "explanation",
        "tables.values",
        "charts.loss",
        "status_and_keys",
    )
    modules = ", ".join(f"backprop_tui.tui.pictures.{name}" for name in pictures)
    assert loaded(modules, "textual", "plotext") == []
