"""Random events, as a terminal sends them: keys, words, the mouse, pastes, and new sizes."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]

NAMED = {
    "space": " ",
    "enter": "\r",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "escape": "\x1b[27u",  # as new terminals send it: a bare escape would join what follows
    **{f"ctrl+{letter}": chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"},
}
"""Keys as a terminal sends them, where that is not their own character."""

ENDING = ("q", "ctrl+q")
"""Keys that end the program as they should."""
PALETTE = NAMED["ctrl+p"]
OVERLAYS = ("ctrl+p", "?", "m", "o", "g", ":", "X", "=", "ctrl+s")
OTHERS = ("enter", "escape", "tab", "delete", "pageup", "pagedown", "ctrl+c", "ctrl+u", "ctrl+w", "ctrl+k")
LETTERS = "abcdefghijklmnopqrstuvwxyzABCEFLNSU0123456789 .,-+*()<>=_|'\"[]{}#é−δ語"
"""What is typed for nothing: without what would lead a path out of its folder."""
SIZES = ((80, 24), (120, 40), (160, 50), (200, 60), (100, 34), (40, 12), (66, 14), (200, 20), (7, 3), (1, 1))
NAMES = (
    "w1",
    "w2",
    "b1",
    "w_h1_x1",
    "b_h2",
    "w_o1_h1",
    "x",
    "x1",
    "y",
    "a_h",
    "a_o1",
    "z_h",
    "learning_rate",
)
NUMBERS = ("0", "0.5", "-1.25", "3", "1e-3", "1e308", "-0", "nan", "1e400", "−2", "")
CONDITIONS = (
    *("loss < 0.01", "abs(dL_dw1) < 1e-4", "epoch == 3", "changed_sign(w1)", "not_finite", "dead"),
    *("phase backward", "unit h", "unit h1", "saturated", "loss > previous(loss)", "grad_norm > 10"),
    *("loss < b.loss", "b.dL_dw1 > dL_dw1", "c.loss < loss"),
    *("changed(loss)", "loss <", "((((", "1/0 > 1", "loss == nan", "a_o", "delta_o", "unit nothing"),
)
EXPRESSIONS = ("loss", "dL_dw1", "abs(dL_dz_h)", "previous(loss) - loss", "w1 / 0", "1e308 * 1e308", "x", "%")
PLACES = ("0", "3", "12:5", "0:7", "+2", "-1", "start", "end", "1:99999", "x", "-", "99999999999999", "2:0")
OPENED = (
    *(
        "xor",
        "softmax",
        "vanishing",
        "dead-relu",
        "2-3-2",
        "1-1-1",
        "4-16-16-3",
        "2-8-8-1",
        "mazur",
        "digits",
    ),
    *("nonsense", "nowhere.toml", "0-0", "99999999-1", "1", "2-"),
)
SAVED = ("one.toml", "two.toml", "one", "no-folder.toml", "two.toml")
SEARCHED = ("dL_dw1", "backward", "h", "−0.08", "update", "w", "nothing", "a_")
WORDS = (
    "theme",
    "log",
    "lesson",
    "lesson off",
    "lesson debugging-with-time-travel",
    "answer 0.5",
    "digits 6",
    "digits all",
    "digits 5",
    "help",
    "manage",
    "nonsense",
    "run",
    "escape",
)


COMPARED = (
    *("learning_rate=5", "learning_rate=0.05,0.5", "optimizer=adam", "activation=relu", "seed=1", "w1=0.5"),
    *(
        "off",
        "off",
        "without edits",
        "xor",
        "2-3-2",
        "learning_rate=",
        "=",
        "a_h=1",
        "seed=1,2,3,4",
        "nonsense",
    ),
)


class Event(NamedTuple):
    """What a terminal sends, the size that it takes, or a pause in which a person does nothing."""

    data: str = ""
    size: tuple[int, int] | None = None
    pause: float = 0.0


Burst = list[Event]


class Storm:
    """Random events, the same for the same seed."""

    def __init__(self, seed: int, *, spare_palette: bool = False, saving: bool = True) -> None:
        """A storm.

        Args:
            seed: where the random numbers start.
            spare_palette: whether the palette is closed by one key alone, and never by two at once.
            saving: whether sessions are saved.
        """
        self._random = random.Random(seed)
        self._size = (120, 40)
        self._spare_palette = spare_palette
        self._saving = saving
        self._keys = [key for key in table_of_keys() if key not in (*ENDING, "/", "ctrl+p", "ctrl+s")]

    def bursts(self, count: int) -> list[Burst]:
        """So many events, in bursts: what one burst holds comes at one moment."""
        bursts, events = [], 0
        while events < count:
            burst = self._burst()[: count - events]
            bursts.append(burst)
            events += len(burst)
        return bursts

    def _burst(self) -> Burst:
        if self._random.random() < 0.02:
            return self._palette()
        length = self._random.choice((1, 1, 2, 3, 5, 10, 10, 10, 20, 40))
        burst: Burst = []
        while len(burst) < length:
            burst += self._something()
        return burst

    def _something(self) -> Burst:
        kinds: tuple[Callable[[], Burst], ...] = (
            *(self._key, self._held, self._overlay, self._other, self._letters, self._line),
            *(self._mouse, self._mouse_drag, self._paste, self._resize),
        )
        (kind,) = self._random.choices(kinds, (50, 6, 5, 12, 5, 5, 12, 2, 1, 2))
        return kind()

    def _sent(self, *keys: str) -> Burst:
        return [Event(NAMED.get(key, key)) for key in keys]

    def _key(self) -> Burst:
        return self._sent(self._random.choice(self._keys))

    def _held(self) -> Burst:
        return self._sent(*[self._random.choice(self._keys)] * self._random.randint(2, 15))

    def _overlay(self) -> Burst:
        chosen = self._random.choice(OVERLAYS)
        if (chosen == "ctrl+p" and self._spare_palette) or (chosen == "ctrl+s" and not self._saving):
            return []
        return self._sent(chosen)

    def _other(self) -> Burst:
        return self._sent(self._random.choice(OTHERS))

    def _letters(self) -> Burst:
        return self._sent(*self._random.choices(LETTERS, k=self._random.randint(1, 8)))

    def _line(self) -> Burst:
        """A question, an answer typed to it, and enter; or a whole command line."""
        pick = self._random.choice
        line = pick(
            (
                f"g{pick(PLACES)}",
                f":goto {pick(PLACES)}",
                f":changes {pick(PLACES)}",
                f":run {pick(('1', '3', '7', '20', 'x'))}",
                f":set {pick(NAMES)} {pick(NUMBERS)}",
                f"={pick(NUMBERS)}",
                f":break {pick(CONDITIONS)}",
                f"X{pick(CONDITIONS)}",
                f":watch {pick(EXPRESSIONS)}",
                f":compare {pick(COMPARED)}",
                f"a{pick(COMPARED)}",
                f":other-run {pick('abcd')}",
                f":open {pick(OPENED)}",
                f"o{pick(OPENED)}",
                f"/{pick(SEARCHED)}",
                f":{pick(WORDS)}",
                f":save {pick(SAVED)}" if self._saving else ":",
            )
        )
        return self._sent("escape", *line, pick(("enter", "enter", "enter", "tab", "escape")))

    def _place(self) -> tuple[int, int]:
        width, height = self._size
        return self._random.randint(1, width), self._random.randint(1, height)

    def _mouse(self) -> Burst:
        """A click, a double click, the wheel, or a move."""
        x, y = self._place()
        button = self._random.choice((0, 0, 0, 0, 0, 1, 2, 4, 8, 16))
        click = [Event(f"\x1b[<{button};{x};{y}M"), Event(f"\x1b[<{button};{x};{y}m")]
        wheel = [Event(f"\x1b[<{self._random.choice((64, 65, 66, 67, 68))};{x};{y}M")]
        return self._random.choice((click, click, click + click, wheel, wheel * 5, [_move(35, x, y)]))

    def _mouse_drag(self) -> Burst:
        x, y = self._place()
        to_x, to_y = self._place()
        return [Event(f"\x1b[<0;{x};{y}M"), _move(32, to_x, to_y), Event(f"\x1b[<0;{to_x};{to_y}m")]

    def _paste(self) -> Burst:
        lines = (
            "w1 0.5",
            "loss < 0.01",
            "12:5",
            "xor",
            "two\nlines",
            "\t\r\n",
            "語" * 30,
            "x" * 5000,
            "\x00",
        )
        return [Event(f"\x1b[200~{self._random.choice(lines)}\x1b[201~")]

    def _resize(self) -> Burst:
        self._size = self._random.choice(
            (*SIZES, (self._random.randint(1, 220), self._random.randint(1, 70)))
        )
        return [Event(size=self._size)]

    def _palette(self) -> Burst:
        """The palette, something typed into it, and its end."""
        pick = self._random.choice
        typed = self._sent(*pick(("", "step", "th", "he", "dig", "zzz", "go", "1")))
        moved = self._sent(*self._random.choices(("down", "up", "pagedown"), k=self._random.randint(0, 4)))
        begun = [*self._sent("escape", "ctrl+p"), *typed, *moved]
        if self._spare_palette:
            pause = Event(pause=0.3)
            return [
                *begun,
                pause,
                *self._sent(pick(("enter", "escape"))),
                pause,
                *self._sent("escape"),
                pause,
            ]
        keys = self._random.choices(("enter", "escape", "ctrl+p", "s"), k=self._random.randint(1, 4))
        return [*begun, *self._sent(*keys)]


def _move(button: int, x: int, y: int) -> Event:
    return Event(f"\x1b[<{button};{x};{y}M")


def table_of_keys() -> list[str]:
    """Every key of the README's table."""
    text = (ROOT / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| (`.*?`) \|", text.partition("<!-- keys")[2].partition("<!-- /keys")[0], re.M)
    return [key for row in rows for key in re.findall(r"`([^`]+)`", row)]
