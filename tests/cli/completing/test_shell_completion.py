"""Completion at the tab key, in the shells themselves."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from backprop_tui.cli.main import COMMANDS, main
from backprop_tui.lessons import library as lessons
from backprop_tui.network.files import library
from backprop_tui.network.rules.activations import ACTIVATIONS
from backprop_tui.network.rules.optimizers import OPTIMIZERS
from backprop_tui.tui.colours.themes import names as themes
from backprop_tui.tui.commands.table import COMMANDS as KEYS

ROOT = Path(__file__).parents[3]
ASK = """
source "$SCRIPT"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_backprop_tui_completion backprop-tui 2> /dev/null
printf '%s\\n' "${COMPREPLY[@]}"
"""
"""What bash itself does at the tab key; the words are split as it splits them."""


def script(shell):
    result = CliRunner().invoke(main, ["completion", shell])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def folder(tmp_path):
    """A folder with the program in it, and some files."""
    program = tmp_path / "bin" / "backprop-tui"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m backprop_tui "$@"\n')
    program.chmod(0o755)
    here = tmp_path / "here"
    here.mkdir()
    for name in ("mine.toml", "with blank.toml", "points.csv"):
        (here / name).touch()
    return here


def environment(folder, **more):
    path = f"{folder.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "HOME": str(folder.parent), "TERM": "xterm", **more}


def bash(folder, *words):
    """What bash offers for the last of some words."""
    path = folder.parent / "script.bash"
    path.write_text(script("bash"))
    done = subprocess.run(
        ["bash", "--norc", "-c", ASK, "bash", "backprop-tui", *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(folder, SCRIPT=str(path)),
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split("\n")[:-1]


def begins(words, start):
    return [word for word in words if word.startswith(start)]


needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


@needs_bash
def test_the_first_word_is_a_command_a_network_or_a_file(folder):
    offered = bash(folder, "")
    assert {name for name in COMMANDS if not main.get_command(None, name).hidden} <= set(offered)
    assert set(library.names()) <= set(offered)
    assert "mine.toml" in offered
    assert not any("blank" in word for word in offered)
    assert bash(folder, "tra") == ["trace", "train"]
    assert bash(folder, "wor") == begins(library.names(), "wor")


@needs_bash
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["train", "xo"], begins(library.names(), "xo")),
        (["check", "why-"], begins(lessons.names(), "why-")),
        (["lesson", ""], [*lessons.names(), "mine.toml"]),
        (["train", "--optim"], ["--optimizer"]),
        (["--posit"], ["--position"]),
        (["xor", "--activation", "s"], begins(ACTIVATIONS, "s")),
        (["--activation", "=", "ta"], ["tanh"]),
        (["trace", "--digits", ""], ["4", "6", "9", "all"]),
        (["train", "--optimizer", ""], list(OPTIMIZERS)),
        (["--no-config", "wor"], begins(library.names(), "wor")),
        (["--no-config", "tra"], ["trace", "train"]),
        (["screenshot", "--theme", "backprop-p"], ["backprop-projector"]),
        (["compare", "--with", "optimizer", "=", "adam"], begins(OPTIMIZERS, "adam")),
        (["config", "theme", "=", "backprop"], begins(themes(), "backprop")),
        (["config", "keys.step"], [f"keys.{key.name}=" for key in KEYS if key.name.startswith("step")]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["train", "xor", "zzz"], []),
    ],
)
def test_what_bash_offers(folder, words, offered):
    assert bash(folder, *words) == offered or (words[-1] == "zzz" and bash(folder, *words) in ([], [""]))


class Typed:
    """A shell in a terminal, in which one types."""

    def __init__(self, folder, *command):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment(folder, PS1="> "))
        self.text = ""

    def type(self, keys):
        os.write(self.terminal, keys.encode())

    def reads(self, wanted, seconds=20.0):
        """Wait until something stands on the terminal; what has come since the last such call."""
        end = time.monotonic() + seconds
        while wanted not in self.text and time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.2)[0]:
                read = os.read(self.terminal, 65536).decode(errors="replace")
                self.text += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", read)
        assert wanted in self.text, self.text
        text, self.text = self.text, ""
        return text

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.process, 0)


@needs_bash
def test_bash_completes_what_is_typed(folder):
    (folder / "script").write_text(script("bash"))
    shell = Typed(folder, "bash", "--norc", "--noprofile", "-i")
    try:
        shell.type("source ./script; bind 'set enable-bracketed-paste off'; echo re''ady\n")
        shell.reads("ready")
        shell.type("backprop-tui exam\t")
        shell.reads("examples ")
        shell.type("\x15echo '<'; backprop-tui train ./poi\t")
        shell.reads("./points.csv ")
        shell.type("\x15backprop-tui config keys.zo\t")
        shell.reads("keys.zoom=")
        shell.type("Z; exit\n")
        shell.reads("keys.zoom  ")
    finally:
        shell.close()


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_completes_what_is_typed(folder):
    functions = folder / "functions"
    functions.mkdir()
    (functions / "_backprop-tui").write_text(script("zsh"))
    shell = Typed(folder, "zsh", "-f", "-i")
    try:
        shell.type("fpath=(./functions $fpath); autoload -U compinit; compinit -D -u; echo re''ady\n")
        shell.reads("ready")
        shell.type("backprop-tui exam\t")
        shell.reads("examples ")
        shell.type("\x15backprop-tui --activation=ta\t")
        shell.reads("--activation=tanh")
        shell.type("\x15backprop-tui train worked-\t")
        shell.reads("worked-example")
        shell.type("\x15exit\n")
    finally:
        shell.close()


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("backprop-tui tra", ["trace", "train"]),
        ("backprop-tui train xo", begins(library.names(), "xo")),
        ("backprop-tui --activation=ta", ["--activation=tanh"]),
        ("backprop-tui lesson why-d", begins(lessons.names(), "why-d")),
        ("backprop-tui train ./poi", ["./points.csv"]),
    ],
)
def test_what_fish_offers(folder, line, offered):
    (folder / "script").write_text(script("fish"))
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"source ./script; complete --do-complete '{line}'"],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(folder),
        check=True,
    )
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == sorted(offered)


def test_each_script_is_made_for_this_program():
    for shell in ("bash", "zsh", "fish"):
        text = script(shell)
        assert "_BACKPROP_TUI_COMPLETE" in text
        assert "backprop-tui" in text


def test_another_shell_is_refused():
    result = CliRunner().invoke(main, ["completion", "tcsh"])
    assert result.exit_code == 2
    assert "'bash', 'zsh', 'fish'" in result.stderr


def test_each_option_that_takes_a_file_or_a_name_completes_it():
    for name in COMMANDS:
        for parameter in main.get_command(None, name).params:
            if parameter.metavar in ("FILE", "CHANGE", "LESSON") or parameter.name == "network":
                assert parameter._custom_shell_complete is not None, (
                    f"{name}: {parameter.name} wants shell_complete=… from cli/completing/candidates.py"
                )
