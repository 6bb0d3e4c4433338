"""The command line itself: its commands, its help, and what it says without a terminal."""

import re
from importlib import import_module
from pathlib import Path

import click
import pytest

from backprop_tui import __version__, cli
from backprop_tui.cli.main import COMMANDS, main
from backprop_tui.network.files import library
from backprop_tui.network.files.datasets.generators import GENERATORS
from backprop_tui.network.rules.activations import ACTIVATIONS
from backprop_tui.network.rules.initializers import INITIALIZERS
from backprop_tui.network.rules.losses import LOSSES
from backprop_tui.network.rules.optimizers import OPTIMIZERS
from tests.cli.commands import command, json_lines, run


def test_the_examples_are_listed_with_their_source():
    listed = json_lines(run("examples", "--json").stdout)
    assert [line["name"] for line in listed] == list(library.names())
    assert listed[0]["name"] == "worked-example"
    assert all(line["source"] for line in listed)
    text = run("examples").stdout
    assert all(line["name"] in text for line in listed)


def test_the_help_of_an_option_names_every_value_it_takes():
    words = " ".join(run("train", "--help").stdout.split())
    for option, names in (
        ("--data", GENERATORS),
        ("--activation", ACTIVATIONS),
        ("--loss", LOSSES),
        ("--optimizer", OPTIMIZERS),
        ("--initializer", INITIALIZERS),
    ):
        own = words.partition(f" {option} ")[2].partition(" --")[0]
        assert f"There are {', '.join(names)}." in own
        assert own.count("There are") == 1


def test_every_command_that_the_help_names_is_in_its_list():
    help_ = run("--help").stdout
    text, _, listed = help_.partition("Commands:")
    names = {line.split()[0] for line in listed.splitlines() if line.strip()}
    assert "debug" in names
    assert set(re.findall(r"`backprop-tui ([a-z]+)", " ".join(text.split()))) <= names


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["train", "--help"], ["trace", "-h"]])
def test_help_is_given(arguments):
    result = run(*arguments)
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage:")


def test_a_command_is_a_row_and_a_file_of_its_name():
    for name, place in COMMANDS.items():
        assert place.rpartition(".")[2] == name
        assert getattr(import_module(place), name).name == name
    folder = Path(cli.__file__).parent
    files = {".".join(path.relative_to(folder).with_suffix("").parts) for path in folder.rglob("*.py")}
    with_commands = {
        f"backprop_tui.cli.{file}"
        for file in files
        for found in vars(import_module(f"backprop_tui.cli.{file}")).values()
        if isinstance(found, click.Command) and found is not main
    }
    assert with_commands == {*COMMANDS.values()}


def test_the_version_is_told():
    assert __version__ in run("--version").stdout


def test_without_a_terminal_the_debugger_says_what_would_work():
    done = command()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "terminal" in done.stderr
