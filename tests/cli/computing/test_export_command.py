"""``export``: which iteration is written, from which words, and what is refused."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from backprop_tui.api import export_to, load, save
from backprop_tui.cli.main import main
from backprop_tui.export.formats import FORMATS
from backprop_tui.network.errors import NetworkError
from backprop_tui.program.positions import PositionError
from backprop_tui.session.session import Session


def run(*arguments):
    return CliRunner().invoke(main, ["export", *map(str, arguments)])


def written(path, *arguments):
    result = run(*arguments, "-o", path)
    assert (result.exit_code, result.output) == (0, "")
    return path.read_text("utf-8")


@pytest.mark.parametrize("ending", FORMATS)
def test_one_command_each(ending, tmp_path):
    assert len(written(tmp_path / f"work{ending}")) > 1000
    assert [one.name for one in tmp_path.iterdir()] == [f"work{ending}"]


@pytest.mark.parametrize("ending", [".md", ".tex", ".html"])
def test_how_many_epochs_are_in_it_is_told_where_not_all_are(ending, tmp_path):
    path = tmp_path / f"work{ending}"
    result = run("--epochs", 300, "-o", path)
    assert (result.exit_code, result.stdout) == (0, "")
    first, left_out = map(
        int, re.findall(r"the first (\d+) and the last .* the (\d+) between", result.stderr)[0]
    )
    assert first + left_out + 1 == 300
    if ending == ".md":
        assert len(re.findall(r"^## Epoch \d+$", path.read_text("utf-8"), re.MULTILINE)) == first + 1
    assert run("--epochs", 3, "-o", path).output == ""
    assert run("--epochs", 300, "-o", tmp_path / "work.csv").output == ""


@pytest.mark.parametrize(
    ("position", "title"),
    [
        ("0", "Epoch 0"),
        ("3:5", "Epoch 3"),
        ("3:0", "Epoch 3"),
        ("3", "Epoch 3"),
        ("2:19", "Epoch 2"),
        ("+4", "Epoch 4"),
    ],
)
def test_the_iteration_in_which_a_position_lies(position, title, tmp_path):
    text = written(tmp_path / "work.md", "--position", position)
    assert re.findall("^## (Epoch.*)", text, re.MULTILINE) == [title]


def test_a_position_in_an_epoch_of_several_iterations(tmp_path):
    text = written(tmp_path / "work.md", "xor", "--batch-size", "1", "--position", "2:40")
    assert re.findall("^## (Epoch.*)", text, re.MULTILINE) == ["Epoch 2, iteration 2 of 4"]


@pytest.mark.parametrize(("epochs", "found"), [("3", [0, 1, 2]), ("1:2", [1, 2]), ("4:4", [4])])
def test_epochs(epochs, found, tmp_path):
    text = written(tmp_path / "work.md", "--epochs", epochs)
    assert [int(one) for one in re.findall(r"^## Epoch (\d+)", text, re.MULTILINE)] == found
    assert "## Losses" in text


def test_digits(tmp_path):
    assert "= 0.562177\n" in written(tmp_path / "a.md", "--digits", "6")
    assert "= 0.5621765008857981\n" in written(tmp_path / "b.md", "--digits", "all")


def test_a_saved_session_is_written_where_it_stands_with_what_was_set(tmp_path):
    session = Session(load())
    session.go("2:7")
    session.set("w1", 0.9)
    save(session, tmp_path / "mine.toml")
    text = written(tmp_path / "work.md", tmp_path / "mine.toml")
    assert "## Epoch 2" in text
    assert "Set by hand at 2:7:** `w1` = 0.9000" in text
    text = written(tmp_path / "work.md", tmp_path / "mine.toml", "--position", "-1")
    assert "## Epoch 1" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("-o", "x.md", "--epochs", "3:1"),
            "--epochs: expected how many epochs, or the first and the last as 0:2",
        ),
        (("-o", "x.md", "--epochs", "three"), 'found "three"'),
        (("-o", "x.md", "--epochs", "0"), 'found "0"'),
        (("-o", "x.md", "--epochs", "9" * 15), "--epochs: expected"),
        (("-o", "x.md", "--position", "0:99"), "--position: an epoch has 19 steps, not 99"),
        (
            ("-o", "x.md", "--position", "1", "--epochs", "2"),
            "--position: expected a position or epochs, not both",
        ),
        (
            ("-o", "x.py", "--position", "1"),
            "--position: expected no position: a script trains from the start",
        ),
        (("-o", "x.py", "--epochs", "0:2"), "--epochs: expected how many epochs the script trains"),
        (("-o", "x.md", "--log-every", "2"), "--log-every: expected a script"),
        (("-o", "x.md", "--digits", "40"), "'40' is not one of '4', '6', '9', 'all'"),
        (("-o", "x.doc"), "x.doc: expected a name that ends in .md or .tex"),
        (("-o", "x"), "x: expected a name that ends in .md or .tex"),
        (("-o", "nowhere/x.md"), "nowhere/x.md: expected a file that can be written"),
    ],
)
def test_mistakes_are_answered_by_one_message(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert not list(tmp_path.iterdir())


def test_from_python(tmp_path):
    session = Session(load())
    session.go("3:4")
    export_to(session, tmp_path / "here.json")
    assert json.loads((tmp_path / "here.json").read_text("utf-8"))["statements"][0]["epoch"] == 3
    export_to(session, tmp_path / "there.json", position="1:4")
    assert json.loads((tmp_path / "there.json").read_text("utf-8"))["statements"][0]["epoch"] == 1
    assert session.position == "3:4"
    with pytest.raises(PositionError):
        export_to(load(), tmp_path / "x.md", position="0:77")
    with pytest.raises(NetworkError):
        export_to(load(), tmp_path / "x.md", epochs=True)


def test_an_existing_file_stays_where_the_new_one_cannot_be_written(tmp_path):
    path = tmp_path / "work.md"
    path.write_text("mine")
    assert run("-o", path, "--position", "0:77").exit_code == 2
    assert path.read_text() == "mine"
    assert written(path).startswith("# worked example")
