"""The README says what the program does."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

from click.testing import CliRunner

from backprop_tui.cli.main import main
from backprop_tui.network.files.build import build
from backprop_tui.tui.colours.themes import OURS
from backprop_tui.tui.configuring.reading import checked
from tests.readme_keys import README, with_keys

TEXT = README.read_text("utf-8")


def test_its_key_list_is_that_of_the_table_of_commands() -> None:
    assert with_keys(TEXT) == TEXT, "run: python -m tests.readme_keys"


def test_its_network_file_is_one() -> None:
    lesson, settings, example, changing, start = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert build(tomllib.loads(example)).shape == "2-2-1"
    with_momentum = example.replace("learning_rate = 0.5", "learning_rate = 0.5\nmomentum = 0.9")
    begun = build(tomllib.loads(with_momentum + start)).training.start
    assert begun is not None
    assert begun.updates == 30
    changed = tomllib.loads(example)
    changed["training"].pop("batch_size", None)
    changed["data"] = {name: rows * 2 for name, rows in changed["data"].items()}
    changed["training"] |= tomllib.loads(changing)["training"]
    assert build(changed).training.batches == (2, 1, 1)
    assert build(changed).training.schedule["gradient_scale"] == (1.0, 0.31, 1.0)
    assert "pages" in tomllib.loads(lesson), "tests/lessons tries it"
    assert checked(tomllib.loads(settings)).keys["zoom"] == ("f2",)


def test_its_themes_are_ours_and_each_is_said_for_whom() -> None:
    section = TEXT.split("\n## Your own set-up\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `backprop-")]
    named = [name for row in rows for name in re.findall("`([^`]+)`", row.split("|")[1])]
    assert named == [theme.name for theme in OURS]


def test_its_console_sessions_are_true() -> None:
    sessions = re.findall(r"```console\n\$ backprop-tui ([^\n]*)\n(.*?)```", TEXT, re.DOTALL)
    assert {command.split()[0] for command, _ in sessions} == {"train", "compare", "flow"}
    for command, printed in sessions:
        assert CliRunner().invoke(main, command.split()).stdout == printed


def test_its_python_example_runs() -> None:
    (example, *_) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "z_h = w1·x + b1 = 0.25"
    assert lines[-2] == "True"
    assert lines[-1].startswith("0:14 ")


def test_its_shape_is_understood() -> None:
    for line in re.findall(r"^backprop-tui (2-4-1 .*|worked-example .*)$", TEXT, re.MULTILINE):
        arguments = line.split("#")[0].split()
        if "--save" not in arguments:
            assert CliRunner().invoke(main, ["train", *arguments, "--epochs", "1"]).exit_code == 0


def test_its_pictures_are_there() -> None:
    pictures = re.findall(r"\]\((screenshots/[^)]*)\)", TEXT)
    assert pictures
    for picture in pictures:
        assert (README.parent / picture).is_file()
