"""What all tests share."""

import gc
import os
import signal
import sys
from collections.abc import Iterator
from itertools import count

import pytest
from browser import browser, running_browser
from hypothesis import HealthCheck, settings

__all__ = ["browser", "running_browser"]

for _name in ("SIGINT", "SIGHUP"):
    # Tests that run in the background ignore these, and the programs that they start inherit it.
    _number = getattr(signal, _name, None)
    if _number is not None and signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.default_int_handler if _name == "SIGINT" else signal.SIG_DFL)

os.environ["BACKPROP_TUI_CONFIG"] = os.devnull  # the settings of whoever runs the tests are none of theirs

settings.register_profile(
    "quick",
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("brief", settings.get_profile("quick"), max_examples=10)
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=1000, derandomize=False)
settings.load_profile("quick")


_numbers = count()


@pytest.fixture(autouse=True)
def _state_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions and how far one has come in lessons: those of one test, not of whoever runs them."""
    folder = tmp_path_factory.getbasetemp() / f"state-{next(_numbers)}"
    monkeypatch.setenv("BACKPROP_TUI_STATE", str(folder))


@pytest.fixture(autouse=True)
def _interpreter_as_it_was() -> Iterator[None]:
    """Whatever a test has run, the settings of the process are those before it."""
    before = sys.getswitchinterval(), gc.get_threshold(), gc.isenabled(), gc.get_freeze_count()
    yield
    assert (sys.getswitchinterval(), gc.get_threshold(), gc.isenabled(), gc.get_freeze_count()) == before
