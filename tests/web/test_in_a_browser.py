"""The debugger in a real browser: what its terminal is sent is read as a terminal reads it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from time import monotonic, sleep

import pyte
import pytest
from browser import Browser

from tests.web.visits import PATIENCE, Served, served

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes in /proc")
LISTEN = """
window.received = [];
const Before = window.WebSocket;
window.WebSocket = class extends Before {
  constructor(...address) {
    super(...address);
    this.addEventListener("message", (event) => {
      if (typeof event.data !== "string") window.received.push(Array.from(new Uint8Array(event.data)));
    });
  }
};
"""
"""Keeps what the page's terminal is sent, beside it."""


class Page:
    """The page in the browser's present tab."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.screen = pyte.Screen(200, 60)
        self._stream = pyte.ByteStream(self.screen)

    def open(self, server: Served) -> None:
        self.browser.command("Page.addScriptToEvaluateOnNewDocument", source=LISTEN)
        self.browser.open(server.url, 1280, 800)

    def see(self, *words: str) -> str:
        """Wait until all of some words are on the terminal's screen."""
        end = monotonic() + PATIENCE
        while True:
            for message in self.browser.run("return window.received.splice(0)"):
                self._stream.feed(re.sub(rb"\x1b\[[?>=][0-9;]*[a-zA-Z$]+[a-z]?", b"", bytes(message)))
            text = "\n".join(self.screen.display)
            if all(word in text for word in words):
                return text
            assert monotonic() < end, f"{words} are not on the screen:\n{text}"
            sleep(0.05)


def ink(browser: Browser) -> int:
    """How many different colours the terminal's canvas shows, as the browser paints it."""
    import base64

    from tests.export.screen.pixels import pixels

    picture = browser.command(
        "Page.captureScreenshot", clip={"x": 0, "y": 0, "width": 640, "height": 100, "scale": 1}
    )
    return len({pixel for row in pixels(base64.b64decode(picture["data"])) for pixel in row})


def test_keys_step_in_the_page(browser, tmp_path):
    with served(tmp_path) as server:
        page = Page(browser)
        page.open(server)
        page.see("worked example", "step 0/19")
        browser.keys("f", "b", "S")
        page.see("step 14/19", "−0.3558", "0.2292", "0.7000", "0.2461", "0.5000", "−0.0070")
        end = monotonic() + PATIENCE
        while ink(browser) < 20:
            assert monotonic() < end, "the terminal is painted"
        assert browser.run("return document.title") == "backprop-tui"
        assert not browser.run("return document.querySelector('#ended').offsetParent")
        # A browser without a graphics card says once that it paints in software.
        assert [line for line in browser.errors() if "WebGL" not in line and "GPU" not in line] == []
        server.wait_for_children(1)
        browser.driver.get("about:blank")
        assert server.wait_for_children(0) == [], "closing the page ends its process"


def test_two_tabs_are_two_visitors(browser, tmp_path):
    with served(tmp_path) as server:
        one, other = Page(browser), Page(browser)
        one.open(server)
        one.see("step 0/19")
        first = browser.driver.current_window_handle
        browser.driver.switch_to.new_window("tab")
        try:
            other.open(server)
            other.see("step 0/19")
            browser.keys("f")
            other.see("step 5/19")
            server.wait_for_children(2)
        finally:
            browser.driver.close()
            browser.driver.switch_to.window(first)
        server.wait_for_children(1)
        browser.keys("s")
        assert "step 5/19" not in one.see("step 1/19")


def test_the_page_says_why_a_visit_has_ended_and_begins_another(browser, tmp_path):
    with served(tmp_path) as server:
        page = Page(browser)
        page.open(server)
        page.see("step 0/19")
        browser.keys("q")
        end = monotonic() + PATIENCE
        while browser.text("#why") != "The debugger was closed.":
            assert monotonic() < end
        assert browser.run("return document.activeElement.id") == "again", "enter begins another"
        browser.click("#again")
        Page(browser).see("step 0/19")


def test_nothing_is_loaded_from_elsewhere(browser, tmp_path):
    with served(tmp_path) as server:
        page = Page(browser)
        page.open(server)
        page.see("step 0/19")
        loaded = browser.run("return performance.getEntriesByType('resource').map((one) => one.name)")
        assert len(loaded) >= 4
        assert all(name.startswith((server.url, "data:")) for name in loaded), loaded
        assert browser.run("return document.fonts.check('16px \"Roboto Mono\"')")


def test_the_files_are_those_of_the_package():
    static = Path(__file__).parents[2] / "backprop_tui/web/static"
    assert {path.name for path in static.iterdir()} == {"page.html", "page.css", "page.js"}
