"""Damaged lesson files are refused with a message, or read: never another error, and never for ever."""

import random
import signal
from contextlib import contextmanager

import pytest
from lesson_files import TWO_PAGES

from backprop_tui.lessons import library
from backprop_tui.lessons.checking import demand_shown
from backprop_tui.lessons.lesson_files import read_lesson
from backprop_tui.network.errors import NetworkError

SHIPPED = (library.FOLDER / f"{library.names()[0]}.toml").read_bytes()


@contextmanager
def at_most(seconds):
    """Fail where something takes longer."""

    def late(number, frame):
        raise TimeoutError(f"longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def opened(path, content):
    path.write_bytes(content)
    try:
        demand_shown(read_lesson(path))
    except NetworkError as error:
        message = str(error)
        assert len(message) < 1000
        assert message.isprintable() or "\n" not in message
        return False
    return True


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no alarm")
def test_cut_off_at_every_byte(tmp_path):
    content = TWO_PAGES.strip().encode()
    with at_most(120):
        found = [opened(tmp_path / "l.toml", content[:end]) for end in range(len(content) + 1)]
    assert not found[0]
    assert found[-1]


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no alarm")
def test_bytes_flipped_at_random(tmp_path):
    chance = random.Random(7)
    with at_most(300):
        for _ in range(400):
            content = bytearray(TWO_PAGES.encode() if chance.random() < 0.8 else SHIPPED)
            for _ in range(chance.choice((1, 1, 2, 8))):
                content[chance.randrange(len(content))] = chance.randrange(256)
            opened(tmp_path / "l.toml", bytes(content))


def test_random_bytes(tmp_path):
    chance = random.Random(11)
    for size in (0, 1, 10, 1000, 100_000):
        assert not opened(tmp_path / "l.toml", chance.randbytes(size))
