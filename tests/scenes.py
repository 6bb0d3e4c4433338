"""The scenes: what the snapshot tests compare and what the pictures in ``screenshots/`` show.

``python -m tests.scenes`` writes the pictures, those of the README among them.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from textual.pilot import Pilot

from backprop_tui.export.screen import endings
from backprop_tui.export.screen.animation import Frame
from backprop_tui.lessons import library
from backprop_tui.network.files.library import find
from backprop_tui.session.files.recovery import FOLDER_VARIABLE
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.shots.keys import Press
from backprop_tui.tui.shots.shooting import at_rest, begun, taken

SCREENSHOTS = Path(__file__).parent.parent / "screenshots"
NOT_FINITE = ("colon", *"break", "space", *"not", "underscore", *"finite", "enter", "c")
RECORDINGS = Path(__file__).parent / "recordings"
"""Of trainings in PyTorch, as network files, which need no PyTorch."""
VISITS = str(RECORDINGS / "visits.toml")
"""The training of the README whose loss becomes nan: an input is the logarithm of 0."""
RECORDED = str(RECORDINGS / "float16.toml")
"""What PyTorch recorded of a training in float16; a target of 310 makes a loss infinite."""
SIZES = ((80, 24), (120, 40), (160, 50))
LOOKS = ("dark", "light", "no-color")
MOMENTS = {
    "at-rest": (),
    "mid-forward": ("s", "s", "s"),
    "mid-backward": ("f", "s", "s", "s", "s"),
    "after-update": ("u",),
    "after-200-epochs": ("g", "2", "0", "0", "enter"),
}


DIGITS = {
    "mid-forward": ("n", "n", "n", "n", "n"),
    "mid-backward": ("f", "l", *"nnnnnnnnn"),
}


@dataclass(frozen=True)
class Scene:
    """A network, the keys pressed, and how it is looked at."""

    name: str
    keys: tuple[str, ...]
    network: str | None = None
    size: tuple[int, int] = (120, 40)
    look: str = "dark"
    """``no-color``, or the name of a theme of ours without ``backprop-``."""
    lesson: str | None = None
    """The lesson that is open, ..."""
    page: int = 1
    """... at this page."""

    def app(self) -> BackpropApp:
        """The debugger, before the keys."""
        with mock.patch.dict(os.environ):
            os.environ.pop("NO_COLOR", None)
            if self.look == "no-color":
                os.environ["NO_COLOR"] = "1"
            dark = "backprop-dark"
            theme = dark if self.look == "no-color" else f"backprop-{self.look}"
            taught = None if self.lesson is None else (library.find(self.lesson), self.page - 1)
            return BackpropApp(find(self.network), theme, taught=taught)


def _worked_example() -> list[Scene]:
    return [
        Scene(f"{moment}-{width}x{height}-{look}", keys, size=(width, height), look=look)
        for moment, keys in MOMENTS.items()
        for width, height in SIZES
        for look in LOOKS
    ]


def typed(text: str) -> list[str]:
    """The keys of a text, by the names that Textual gives them."""
    names = {
        " ": "space",
        "/": "slash",
        ".": "full_stop",
        "-": "minus",
        "_": "underscore",
        "=": "equals_sign",
        ",": "comma",
    }
    return [names.get(character, character) for character in text]


def _picture(name: str, network: str | None, *keys: str) -> list[Scene]:
    """A picture of the registry at every size in every look."""
    line = ("colon", *typed(f"picture {name}"), "enter")
    return [
        Scene(f"{name}-{width}x{height}-{look}", (*keys, *line), network, (width, height), look)
        for width, height in SIZES
        for look in LOOKS
    ]


COMPARED = ("colon", *typed("compare learning_rate=0.05,5"), "enter", "g", *"60", "colon", "6", "enter")
"""Three learning rates side by side, in the midst of an epoch."""

ANIMATED = Scene("stepping", ("s", "s", "s", "f", "F", "f", "b", "u", "B", "S"), size=(112, 40))
"""What the README shows of stepping forwards and back."""

PICTURES = (
    ANIMATED,
    Scene("first-look", ("f", "n", "s", "s")),
    Scene("chain-rule", ("b", "S")),
    Scene("after-200-epochs", ("g", "2", "0", "0", "enter")),
    Scene("xor", ("f", "b", "f", "n", "n", "s"), network="xor"),
    Scene("digits", ("f", "l", *"nnnnnnnnnnnn"), network="digits"),
    Scene("small", ("b", "S"), size=(80, 24)),
    Scene("light", ("b", "u", "f", "n"), look="light"),
    replace(_picture("flow", "vanishing", "b")[3], name="gradient-flow"),
    replace(_picture("slice", "overshooting", "b", "S")[3], name="slice"),
    replace(_picture("boundary", "xor", "g", "2", "0", "0", "enter")[3], name="boundary"),
    Scene("side-by-side", COMPARED),
    Scene("nan", NOT_FINITE, VISITS),
    Scene("lesson", (), lesson="the-math-behind-backpropagation", page=9),
    Scene("debugging", ("f", "x", "b", "w", "equals_sign", "3", "enter", *"eeeeeeeeeeee", *"cII")),
)
"""What ``screenshots/`` holds."""


SHOWN = (
    *_picture("loss", "overshooting", "g", "9", "enter"),
    *_picture("flow", "vanishing", "b"),
    *_picture("activation", "saturated-sigmoid", "b", "S", "S", "S"),
    *_picture("slice", "overshooting", "b", "S"),
    *_picture("surface", None, "g", "2", "0", "0", "enter"),
    *_picture("boundary", "xor", "g", "2", "0", "0", "enter"),
    *_picture("weights", None, "g", "2", "0", "0", "enter"),
    *_picture("recorded", RECORDED, "g", "0", "colon", *"6523", "enter"),
)
"""Every picture that the pane of pictures can show."""

SCENES = (
    *SHOWN,
    *(Scene(f"compare-120x40-{look}", COMPARED, look=look) for look in LOOKS[1:]),
    Scene("compare-80x24", (*COMPARED, "4"), size=(80, 24)),
    Scene("compare-the-other", (*COMPARED, "tilde", "5", "y", "z")),
    Scene(
        "compare-boundary",
        (
            *("colon", *typed("compare activation=tanh"), "enter", "g", *"5000", "enter"),
            *("colon", *typed("picture boundary"), "enter", "z"),
        ),
        "straight-line",
        (80, 24),
    ),
    Scene(
        "compare-diverging",
        ("colon", *typed("compare learning_rate=0.1"), "enter", "g", *"1000", "enter", "5"),
        "overshooting",
    ),
    Scene(
        "boundary-of-one-input",
        (*"g99", "enter", "colon", *"picture", "space", *"boundary", "enter"),
        "straight-line",
    ),
    Scene(
        "flow-exploding-zoomed",
        ("b", "colon", *"picture", "space", *"flow", "enter", "z"),
        "exploding",
        (80, 24),
    ),
    Scene("slice-crawling", ("b", "S", "colon", *"picture", "space", *"slice", "enter"), "crawling"),
    Scene("saturated-unit", ("f", *"nn", "S", "4"), "saturated-sigmoid"),
    *_worked_example(),
    *(replace(scene, name=f"picture-{scene.name}") for scene in PICTURES if scene is not ANIMATED),
    Scene("xor-mid-backward-80x24", ("f", "n", "n", "s"), network="xor", size=(80, 24)),
    Scene("xor-mid-backward-160x50", ("f", "n", "n", "s"), network="xor", size=(160, 50)),
    *(
        Scene(f"{shape}-{width}x{height}", ("f", "n", "n", "n"), network=shape, size=(width, height))
        for shape in ("2-2-1", "3-4-3", "2-8-8-1", "4-16-16-3")
        for width, height in SIZES[:2]
    ),
    *(
        Scene(f"digits-{moment}-{width}x{height}", keys, network="digits", size=(width, height))
        for moment, keys in DIGITS.items()
        for width, height in SIZES[:2]
    ),
    *(
        Scene(f"784-128-10-{width}x{height}", ("n", "n", "n"), network="784-128-10", size=(width, height))
        for width, height in SIZES[:2]
    ),
    Scene("digits-light", ("f", "l", "n", "n"), network="digits", look="light"),
    Scene("digits-no-color", ("l", "n", "n"), network="digits", look="no-color"),
    Scene("digits-200x60", ("f", "l", *"nnnnnnnnn"), network="digits", size=(200, 60)),
    Scene("softmax", ("f", "s", "s", "s", "s", "s"), network="softmax"),
    Scene("vanishing", ("b",), network="vanishing"),
    *(
        Scene(f"vanishing-{width}x{height}-{look}", ("f", *"nnnns"), "vanishing", (width, height), look)
        for (width, height), look in ((SIZES[1], "dark"), (SIZES[0], "dark"), (SIZES[1], "no-color"))
    ),
    Scene("vanishing-80x24-light", ("f", *"nnnns"), "vanishing", SIZES[0], "light"),
    Scene("vanishing-160x50", ("f", *"nnnns"), "vanishing", SIZES[2]),
    Scene("exploding", ("f", *"nnnns"), "exploding"),
    Scene("edges-2-8-8-1-160x50", ("f", *"nnnssss"), "2-8-8-1", SIZES[2]),
    Scene("edges-16-16-16-4-no-color", ("f", *"nnnssss"), "16-16-16-4", look="no-color"),
    Scene("edges-mazur", ("n",), "mazur"),
    Scene("edges-xor-light", ("f", "b", "f", "n", "n", "s"), "xor", look="light"),
    Scene("deep-and-narrow", ("f", "n", "n", "n"), "2-3-3-3-3-3-2"),
    *(
        Scene(
            f"lesson-{width}x{height}-{look}",
            ("A",),
            size=(width, height),
            look=look,
            lesson="why-deep-layers-learn-slowly",
            page=3,
        )
        for width, height in SIZES
        for look in LOOKS
    ),
    Scene("lesson-compared", (), lesson="steps-too-long-too-short", page=4),
    Scene("lesson-softmax-80x24", (), size=SIZES[0], lesson="softmax-and-cross-entropy", page=5),
    Scene("lesson-adam", (), lesson="from-momentum-to-adam", page=5),
    Scene("lesson-typed", ("A",), lesson="the-math-behind-backpropagation", page=10, size=SIZES[0]),
    Scene("open-a-lesson", ("o", "up", "up")),
    Scene("open", ("o",)),
    Scene("open-light", ("o", *"vani"), look="light"),
    Scene("open-80x24-no-color", ("o", "down", "down", "down"), size=SIZES[0], look="no-color"),
    Scene("help-160x50-light", ("3", "question_mark"), size=SIZES[2], look="light"),
    Scene("help-80x24-no-color", ("question_mark",), size=SIZES[0], look="no-color"),
    Scene("manage", ("f", "x", "b", "w", "equals_sign", "3", "enter", "m")),
    Scene("exploring-a-weight", ("b", "left", "left", "left", "left")),
    Scene("predict-asks-80x24", ("f", "s", "s", "s", "p", "s"), size=SIZES[0]),
    Scene("predict-wrong", ("f", "s", "s", "s", "p", "s", "minus", *typed("0.2"), "enter")),
    Scene("predict-right-80x24", ("f", "p", "n", "minus", *typed("0.081"), "enter"), size=SIZES[0]),
    Scene("every-digit", ("f", "d", "d", "d")),
    Scene("help", ("question_mark",)),
    Scene("values-80x24", ("b", "4"), size=(80, 24)),
    Scene("loss-80x24", ("g", "2", "0", "enter", "5"), size=(80, 24)),
    Scene("what-changed", ("e", "e", "v"), size=(100, 30)),
    Scene("tiny", ("f",), size=(30, 8)),
    *(
        Scene(f"theme-{name}-{look}", keys, network, look=look)
        for look in ("red-green", "blue-yellow", "projector")
        for name, network, keys in (
            ("chain-rule", None, ("b", "S")),
            ("compared", None, COMPARED),
            ("heat", "digits", DIGITS["mid-backward"]),
        )
    ),
    Scene("theme-nord", ("colon", *typed("theme nord"), "enter", "b", "S")),
    Scene(
        "theme-projector-boundary",
        (*"g200", "enter", "colon", *typed("picture boundary"), "enter"),
        "xor",
        look="projector",
    ),
)
"""Every scene that is compared."""


async def play(scene: Scene, pilot: Pilot[int]) -> None:
    """Press the keys, and wait until the screen has come to rest."""
    await begun(pilot)
    await pilot.press(*scene.keys)
    await at_rest(pilot)


async def frames(scene: Scene, *, each: bool = False) -> list[Frame]:
    """The scene as a picture, or as one after each key."""
    presses = [Press(key) for key in scene.keys]
    return await taken(scene.app(), presses, scene.size, each=each, pause=1.2)


def main() -> None:
    """Write the pictures."""
    SCREENSHOTS.mkdir(exist_ok=True)
    with TemporaryDirectory() as state, mock.patch.dict(os.environ, {FOLDER_VARIABLE: state}):
        for scene in PICTURES:
            path = SCREENSHOTS / f"{scene.name}.svg"
            animate = scene is ANIMATED
            endings.write(asyncio.run(frames(scene, each=animate)), path, animate=animate)
            sys.stdout.write(f"{path.name}\n")


if __name__ == "__main__":
    main()
