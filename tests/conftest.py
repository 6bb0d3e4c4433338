"""What all tests share."""

import os
import signal

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
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=1000, derandomize=False)
settings.load_profile("quick")
