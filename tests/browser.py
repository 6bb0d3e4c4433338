"""A real browser without a window, for tests of pages: Chromium, driven by its own driver through Selenium.

A test that takes the fixture ``browser`` is skipped where Chromium, its driver or Selenium is not installed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
DRIVER = "chromedriver"
QUIET = (
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)


def program() -> str | None:
    """Where Chromium is; None where it is not installed."""
    return next((found for name in CHROMIUM if (found := shutil.which(name))), None)


class Browser:
    """A page in a browser, as tests look at it."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, page: Path | str, width: int = 1280, height: int = 800) -> None:
        """Show a file, or an address, at a size of the page itself in pixels."""
        self.errors()
        self.resize(width, height)
        self.driver.get(page.resolve().as_uri() if isinstance(page, Path) else page)
        # Before its first frame a page is given no keys.
        self.driver.execute_async_script(
            "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()))"
        )

    def resize(self, width: int, height: int) -> None:
        """Another size of the page, as a phone has it; narrower than a window can be."""
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def prefer(self, **features: str) -> None:
        """What a person prefers: ``color_scheme="dark"``, ``reduced_motion="reduce"``."""
        wanted = [
            {"name": f"prefers-{name.replace('_', '-')}", "value": value} for name, value in features.items()
        ]
        self.command("Emulation.setEmulatedMedia", features=wanted)

    def command(self, name: str, **parameters: Any) -> Any:
        """A command of the browser's own protocol."""
        return self.driver.execute_cdp_cmd(name, parameters)

    def keys(self, *keys: str) -> None:
        """Press keys, one after the other, wherever the focus is."""
        from selenium.webdriver.common.action_chains import ActionChains

        chain = ActionChains(self.driver, duration=0)
        for key in keys:
            chain.send_keys(key)
        chain.perform()

    def at_each(self, keys: str, script: str) -> list[Any]:
        """The value of a piece of JavaScript after each of many keys, which the page is given in one go.

        The address stays as it is: a browser lets a page change it only so often, and warns.
        """
        pressing = f"""
          const read = () => {{ {script} }};
          const kept = history.replaceState;
          history.replaceState = () => {{}};
          try {{
            return [...arguments[0]].map((key) => {{
              document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {{ key, bubbles: true }}));
              return read();
            }});
          }} finally {{
            history.replaceState = kept;
          }}"""
        found: list[Any] = self.run(pressing, keys)
        return found

    def run(self, script: str, *arguments: Any) -> Any:
        """The value of a piece of JavaScript, ``return`` included."""
        return self.driver.execute_script(script, *arguments)

    def text(self, selector: str) -> str:
        """The text that is to be seen in the first element of that kind."""
        found: str = self.driver.find_element("css selector", selector).text
        return found

    def click(self, selector: str) -> None:
        """Click on the first element of that kind."""
        self.driver.find_element("css selector", selector).click()

    def errors(self) -> list[str]:
        """What was written to the console as a warning or an error since the last time, refusals included."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] != "INFO"]


@pytest.fixture(scope="session")
def running_browser() -> Iterator[Browser]:
    """One browser for all tests of a process; ``browser`` is what a test takes."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="Selenium is not installed")
    chromium, driver = program(), shutil.which(DRIVER)
    if chromium is None or driver is None:
        pytest.skip("Chromium and its driver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for word in QUIET:
        options.add_argument(word)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.add_argument("--no-sandbox")  # Chromium's does not work for root
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield Browser(started)
    finally:
        started.quit()


@pytest.fixture
def browser(running_browser: Browser) -> Iterator[Browser]:
    """A browser with nothing in it, of which nothing is set."""
    running_browser.driver.get("about:blank")
    running_browser.prefer()
    running_browser.errors()
    yield running_browser
    running_browser.driver.get("about:blank")
