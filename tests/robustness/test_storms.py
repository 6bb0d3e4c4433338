"""Any keys, clicks, pastes and sizes leave the debugger running, and every number as a fresh one shows it."""

import sys

import pytest

from tests.robustness.events import Event, table_of_keys
from tests.robustness.storm import replayed, storm
from tests.robustness.terminal_storm import terminal_storm

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is one of POSIX")


@pytest.mark.parametrize(
    ("network", "seed"), [("worked-example", 1), ("xor", 2), ("digits --examples 40", 3)]
)
def test_a_storm_leaves_every_number_as_a_fresh_debugger_shows_it(network: str, seed: int) -> None:
    done = storm(network, seed, 1000, every=250)
    assert done.events == 1000
    assert done.checks > 0


def test_a_storm_in_a_real_terminal_leaves_the_program_alive() -> None:
    terminal_storm("worked-example", 5, 500)


def test_the_storm_knows_the_keys() -> None:
    keys = table_of_keys()
    assert len(keys) > 50
    assert {"s", "S", "space", "ctrl+z", "shift+tab", "?", "/"} <= set(keys)


@pytest.mark.parametrize(
    "typed",
    [
        "\x10\r\r\r",
        "\x10\x10\x1b[27u\x1b[27u",
        "o\r\r\r",
        "o\x1b[27u\x1b[27us",
        "m\x1b[27u\x1b[27u",
        "mmm",
        "?\x1b[27u\x1b[27u\x1b[27u",
        "=\t\x1b[27u\x1b[27uw",
    ],
)
def test_what_is_typed_in_one_moment_closes_an_overlay_once(typed: str) -> None:
    assert replayed("xor", [Event(typed)]) is None
    assert replayed("xor", [Event(key) for key in typed.replace("\x1b[27u", "\x00").split("\x00")]) is None


@pytest.mark.parametrize("opener", ["\x10", "o", "m", "?", ":", "\x13"])
def test_what_is_typed_after_q_does_not_matter(opener: str) -> None:
    error = replayed("xor", [Event(f"q{opener}")])
    assert "not saved" in str(error) or error is None  # it is left before it could be saved


def test_a_page_key_in_a_list_without_room_does_nothing() -> None:
    narrow = [Event("sxm"), Event(size=(3, 50)), Event(pause=0.3), Event("\x1b[5~")]
    assert replayed("xor", narrow) is None


@pytest.mark.parametrize("opener", ["w\t", ":", "g"])
def test_a_line_that_was_left_by_escape_and_a_click_takes_what_is_typed_next(opener: str) -> None:
    left = [Event(opener), Event("\x1b[27u"), Event("\x1b[<0;44;12M"), Event("\x1b[<0;44;12m")]
    assert replayed("xor", left) is None


LEFT_TWICE = (":goto 3\r\r\r:goto 4\r", "g\x1b[27u\x1b[27u:goto 4\r", ":x\r\r\x1b[27u\x1b[27u")


@pytest.mark.parametrize("typed", LEFT_TWICE)
def test_a_line_that_was_left_twice_in_one_moment_takes_what_is_typed_next(typed: str) -> None:
    assert replayed("xor", [Event(typed)]) is None


def test_a_click_on_a_message_that_is_going_does_nothing() -> None:
    """The same as in Textual: the message is off the tree and still on the screen."""
    messages = [Event("c"), Event("c"), Event(pause=0.2)]
    clicks = [Event(f"\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m") for y in range(30, 39) for x in (100, 115)] * 10
    assert replayed("xor", messages + clicks) is None


def test_what_is_pointed_at_while_another_network_is_opened_is_let_go() -> None:
    wheel = Event("\x1b[<65;20;8M")
    opened = [Event(":open 1-1"), Event(pause=0.1), wheel, wheel, Event("\r"), wheel, Event(pause=0.2)]
    assert replayed("2-8-8-1", [*opened, Event("\r")]) is None
