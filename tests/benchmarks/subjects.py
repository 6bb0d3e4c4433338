"""What is measured: the networks, the terminal sizes, and the programs to start."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.library import find
from backprop_tui.program.statements import Program as Statements
from tests.benchmarks.terminal import Program

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent
NORMAL = (120, 40)
SIZES = ((80, 24), NORMAL, (200, 60))


@dataclass(frozen=True)
class Subject:
    """A network by the name that the tables give it, and by the one that the command line takes."""

    name: str
    argument: str

    @property
    def network(self) -> Network:
        """The network itself."""
        return _found(self.argument)

    @property
    def statements(self) -> Statements:
        """Its program."""
        return Statements(self.network)

    def moments(self) -> dict[str, int]:
        """Times in the midst of each pass of the first example, or of the first update."""
        layout = self.statements.layout
        forward, block, update = layout.forward, layout.block, layout.update
        first_update = block * self.statements.batch_length(0)
        return {
            "forward": max(1, forward // 2),
            "backward": (forward + 1 + block) // 2,
            "update": first_update + max(1, update // 2),
        }


@cache
def _found(argument: str) -> Network:
    return find(argument)


WORKED_EXAMPLE = Subject("1-1-1 worked example", "worked-example")
XOR = Subject("2-2-1 xor", "xor")
DIGITS = Subject("64-32-10 digits", "digits")
LARGE = Subject("784-128-10", "784-128-10")
ALL = (
    WORKED_EXAMPLE,
    XOR,
    Subject("2-8-8-1", "2-8-8-1"),
    Subject("16-16-16-4", "16-16-16-4"),
    DIGITS,
    LARGE,
)


FEW = (WORKED_EXAMPLE, ALL[3], LARGE)
"""A small, a middling and a large one, where there is little time."""


def present(subjects: tuple[Subject, ...], remarks: list[str]) -> list[Subject]:
    """Those that there are; of the others it is remarked."""
    found = []
    for subject in subjects:
        try:
            _ = subject.network
        except NetworkError as error:
            remarks.append(f"{subject.name} is left out: {error}")
        else:
            found.append(subject)
    return found


class Stage:
    """Where programs are started: a folder of bytecode and folders of state, all gone in the end."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._folder = Path(self._stack.enter_context(TemporaryDirectory(prefix="backprop-tui-benchmark-")))
        self._count = 0

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *anything: object) -> None:
        self._stack.close()

    def _environment(self) -> dict[str, str]:
        self._count += 1
        state = self._folder / f"state-{self._count}"
        state.mkdir()
        (state / "lessons.json").write_text('{"offered": true}', "ascii")  # not the very first start
        return {
            "BACKPROP_TUI_STATE": str(state),
            "PYTHONPYCACHEPREFIX": str(self._folder / "bytecode"),
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPATH": str(ROOT),
            "XDG_CONFIG_HOME": str(self._folder / "config"),
        }

    def debugger(self, argument: str, size: tuple[int, int] = NORMAL, *options: str) -> Program:
        """The debugger, started as its installed command does it."""
        start = "import sys; from backprop_tui.__main__ import main; sys.exit(main())"
        command = [sys.executable, "-P", "-c", start, argument, *options]
        return Program(command, size, self._environment())

    def warm(self) -> None:
        """Fill the folder of bytecode: start each program once, and let the debugger draw its first chart."""
        with self.debugger(WORKED_EXAMPLE.argument) as ours, self.label() as label:
            label.until(LABEL_READY)
            ours.until(READY)
            ours.settle()
            ours.press(b"e", quiet=1.0, patience=5.0)

    def label(self, size: tuple[int, int] = NORMAL) -> Program:
        """The bare app."""
        return Program([sys.executable, "-P", str(FOLDER / "label.py")], size, self._environment())

    def pudb(self, size: tuple[int, int] = NORMAL) -> Program | None:
        """The reference debugger with a program that it has begun; None where it is not installed."""
        if find_spec("pudb") is None:
            return None
        settings = self._folder / "config" / "pudb"
        settings.mkdir(parents=True, exist_ok=True)
        (settings / "pudb.cfg").write_text("[pudb]\nseen_welcome = z\nprompt_on_quit = False\n", "ascii")
        command = [sys.executable, "-P", "-m", "pudb.run", str(FOLDER / "stepped.py")]
        return Program(command, size, self._environment())


READY = r"\? help"
"""What the footer ends with, once the debugger's first frame is whole."""
LABEL_READY = r"heard \d+ keys"
PUDB_READY = r"learning_rate"
