"""Files cut off, with bytes flipped, and of random bytes: each is opened, or refused in one line."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import backprop_tui
from tests.robustness.screens import own_folder, said

LIMIT = 20
"""Seconds in which a file is opened or refused."""
TOKENS = (
    *(
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "=",
        ",",
        ".",
        '"',
        "'",
        '"""',
        "#",
        "\n",
        " ",
        "-",
        "+",
        "_",
        "\\u0041",
    ),
    *("0", "1", "2", "0.5", "1e400", "nan", "inf", "0x", "9" * 30, "true", "1979-05-27", "é", "\x00", "\x1b"),
    *("network", "layers", "units", "inputs", "weights", "biases", "activation", "data", "targets", "csv"),
    *("training", "optimizer", "session", "version", "position", "edits", "look", "sigmoid", "xor", "title"),
)
TEXT = """\
title = "A session"
[network]
inputs = 2
[[network.layers]]
units = 2
activation = "tanh"
weights = [[0.1, 0.2], [0.3, -0.4]]
biases = [0.1, 0.1]
[[network.layers]]
units = 1
activation = "sigmoid"
initializer = "xavier_uniform"
[training]
loss = "squared_error"
batch_size = 2
shuffle = true
seed = 3
[training.optimizer]
name = "adam"
learning_rate = 0.5
[data]
inputs = [[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]]
targets = [[1.0], [0.0], [1.0]]
"""
CSV = b'x,y,label\n1,2,red\n3.5,-4,"blue"\n0,1e-3,red\n'
WITH_CSV = """\
[network]
inputs = 2
[[network.layers]]
units = 2
activation = "softmax"
[training]
loss = "cross_entropy"
[data]
csv = "points.csv"
target_columns = ["label"]
"""


class Count(NamedTuple):
    """How many files there were."""

    opened: int = 0
    refused: int = 0

    def __add__(self, other: Count) -> Count:  # type: ignore[override]
        return Count(self.opened + other.opened, self.refused + other.refused)


class DamageError(AssertionError):
    """Something else than an opened file or one line and status 2."""


def truncated() -> Count:
    """A session file cut off at every byte."""
    with own_folder() as folder:
        content = a_session(folder)
        return _sum(opened(folder, content[:length]) for length in range(len(content)))


def flipped(count: int, seed: int) -> Count:
    """A session file with one to four random bytes changed, so many times."""
    by = random.Random(seed)
    with own_folder() as folder:
        content = a_session(folder)
        return _sum(opened(folder, _flipped(content, by), real=by.random() < 0.002) for _ in range(count))


def random_networks(count: int, seed: int) -> Count:
    """Network files of random bytes, of random words, and right ones with such words among them."""
    by = random.Random(seed)
    with own_folder() as folder:
        return _sum(opened(folder, _random_network(by), real=by.random() < 0.002) for _ in range(count))


def random_tables(count: int, seed: int) -> Count:
    """CSV files of the same sorts, beside a network file that names them."""
    by = random.Random(seed)
    with own_folder() as folder:
        found = Count()
        for _ in range(count):
            (folder / "points.csv").write_bytes(_random_table(by))
            found += opened(folder, WITH_CSV.encode(), real=by.random() < 0.002)
            found += _judged(b"points.csv", "2-3-2", "--data", "points.csv")
        return found


def a_session(folder: Path) -> bytes:
    """The file of a session with everything in it."""
    path = folder / "whole.toml"
    path.write_text(TEXT, "utf-8")
    session = backprop_tui.open_session(path)
    session.go("2:30")
    session.set(session.names.parameter(1, 0, 0), 0.25)
    session.set("learning_rate", 0.125)
    session.go("1:7")
    for text in ("loss < 0.01", "phase backward"):
        session.stopping.add(text)
    for text in ("loss", "previous(loss) - loss"):
        session.watching.add(text)
    backprop_tui.save(session, path)
    with path.open("a", encoding="utf-8") as file:
        file.write(
            '\n[session.look]\ndigits = 6\nlog_scale = true\npane = "values"\ntheme = "backprop-light"\n'
        )
    assert said(str(path)).app is not None
    return path.read_bytes()


def opened(folder: Path, content: bytes, *, real: bool = False) -> Count:
    """Open a file of this content, and perhaps train it by the real command.

    Raises:
        DamageError: it is neither opened nor refused, or not in time.
    """
    (folder / "file.toml").write_bytes(content)
    if real:
        _really(folder, content)
    return _judged(content, "file.toml")


def _judged(content: bytes, *words: str) -> Count:
    with _in_time(content):
        outcome = said(*words)
    if outcome.app is not None and outcome.status == 0:
        return Count(opened=1)
    one_line = outcome.errors.count("\n") == 1 and outcome.errors.startswith("backprop-tui: ")
    if outcome.status != 2 or not one_line or outcome.output:
        raise DamageError(f"{outcome}\nof {content!r}")
    return Count(refused=1)


def _really(folder: Path, content: bytes) -> None:
    command = [sys.executable, "-m", "backprop_tui", "train", "file.toml", "--epochs", "2"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)
    if done.returncode not in (0, 2) or b"Traceback" in done.stderr:
        raise DamageError(f"{done}\nof {content!r}")


@contextmanager
def _in_time(content: bytes) -> Iterator[None]:
    def too_long(number: int, frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(LIMIT)
    try:
        yield
    except Exception as error:
        raise DamageError(f"{type(error).__name__}: {error}\nof {content!r}") from error
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _sum(counts: Iterator[Count]) -> Count:
    found = Count()
    for count in counts:
        found += count
    return found


def _flipped(content: bytes, by: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(by.choice((1, 1, 1, 2, 4))):
        place = by.randrange(len(changed))
        changed[place] = by.choice((changed[place] ^ (1 << by.randrange(8)), by.randrange(256)))
    return bytes(changed)


def _random_network(by: random.Random) -> bytes:
    match by.randrange(4):
        case 0:
            return by.randbytes(by.randrange(300))
        case 1:
            return "".join(by.choices(TOKENS, k=by.randrange(60))).encode()
        case 2:
            return _strewn(TEXT, by).encode()
        case _:
            lines = TEXT.splitlines(keepends=True)
            by.shuffle(lines)
            return "".join(lines[: by.randrange(len(lines) + 1)]).encode()


def _random_table(by: random.Random) -> bytes:
    match by.randrange(4):
        case 0:
            return by.randbytes(by.randrange(300))
        case 1:
            return b"x,y,label\n" + by.randbytes(by.randrange(60))
        case 2:
            return _flipped(CSV, by)
        case _:
            return _strewn(CSV.decode(), by).encode()


def _strewn(text: str, by: random.Random) -> str:
    """A text with words put in and taken out."""
    for _ in range(by.randint(1, 5)):
        place = by.randrange(len(text) + 1)
        text = text[:place] + by.choice(TOKENS) * by.randint(0, 2) + text[place + by.randint(0, 6) :]
    return text
