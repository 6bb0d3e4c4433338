"""``screenshot``: a picture of the debugger, from the command line."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pyte
import pytest
from click.testing import CliRunner

from backprop_tui.cli.main import main
from backprop_tui.network import reach
from backprop_tui.session.files.recovery import FOLDER_VARIABLE


@pytest.fixture(autouse=True)
def _state(tmp_path, monkeypatch):
    """A state folder of the test's own; what a command gives up, this process has again afterwards."""
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "state"))
    monkeypatch.setattr(reach, "_reach", reach._Reach())
    monkeypatch.chdir(tmp_path)


def run(*words: str):
    return CliRunner().invoke(main, ["screenshot", *words])


def refused(*words: str) -> str:
    done = run(*words)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


def test_one_command_writes_every_kind(tmp_path):
    names = ["x.svg", "x.txt", "x.html", "x.png", "x.cast"]
    done = run("--press", "f,b,S", "--size", "100x32", *(word for name in names for word in ("-o", name)))
    assert (done.exit_code, done.output) == (0, "")
    text = (tmp_path / "x.txt").read_text("utf-8")
    for factor in ("−0.3558", "0.2292", "0.7000", "0.2461", "0.5000", "−0.0070"):
        assert factor in text
    assert "step 14/19" in text
    root = ElementTree.parse(tmp_path / "x.svg").getroot()
    (told,) = (one.text for one in root if one.tag.endswith("desc"))
    assert told + "\n" == text
    assert (tmp_path / "x.png").read_bytes()[16:24] == b"".join(
        (2 * pixels).to_bytes(4, "big") for pixels in (100 * 9 + 24, 32 * 18 + 24)
    )
    assert "step 14/19" in (tmp_path / "x.html").read_text("utf-8")
    header, *events = map(json.loads, (tmp_path / "x.cast").read_text("utf-8").splitlines())
    terminal = pyte.Screen(header["width"], header["height"])
    for _, kind, data in events:
        if kind == "o":
            pyte.Stream(terminal).feed(data)
    assert [line.rstrip() for line in terminal.display] == text.splitlines()
    assert [data for _, kind, data in events if kind == "m"] == ["f", "b", "S"]
    assert not (tmp_path / "state").exists(), "nothing is kept"


def test_where_and_how_it_looks(tmp_path):
    assert run("xor", "--position", "12:5", "--theme", "light", "-o", "x.svg").exit_code == 0
    text = (tmp_path / "x.svg").read_text("utf-8")
    assert "epoch 12  step 5/" in text
    assert '<rect width="1104" height="744" rx="8" fill="#f7f8fa"/>' in text


@pytest.mark.parametrize("words", [("units-that-died",), ("--lesson", "units-that-died")])
def test_a_lesson_at_its_page(tmp_path, words):
    assert run(*words, "--page", "2", "--press", "]", "-o", "x.txt").exit_code == 0
    assert "3 of " in (tmp_path / "x.txt").read_text("utf-8")
    assert not (tmp_path / "state").exists(), "how far one has come is not touched"


def test_animated(tmp_path):
    assert (
        run("--press", "s,s,S", "--pause", "0.5", "--animate", "--size", "80x24", "-o", "x.svg").exit_code
        == 0
    )
    text = (tmp_path / "x.svg").read_text("utf-8")
    assert text.count("@keyframes") == 3
    assert "2.5s step-end infinite" in text, "three halves, and the last one a whole second"


def test_no_colour_is_honoured(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert run("-o", "x.svg").exit_code == 0
    assert "#56b4e9" not in (tmp_path / "x.svg").read_text("utf-8")


WRONG = {
    "--press f,hoem": "--press key 2: expected a key, as in f,b,S or ctrl+z, found ",
    "--press q": '--press key 1: expected a key that leaves the debugger open, found "q"',
    "--size 12": '--size: expected columns and rows as in 120x40, from 20x5 to 500x200, found "12"',
    "--theme lihgt": '--theme: expected the name of a theme, found "lihgt" (did you mean light?)',
    "-o x.gif": "x.gif: expected a name that ends in .svg or .png or .html or .txt or .cast, found",
    "-o missing/x.svg": "missing/x.svg: expected a file that can be written, found no such file",
    "--animate -o x.png": "--animate: expected a FILE.svg to be animated, found none",
    "--page 2": "--page: expected a lesson, found a network (say which: --lesson NAME)",
    "units-that-died --page 99": "--page: expected 1 to ",
    "units-that-died --position 3": "--position: expected a network, found a lesson",
    "units-that-died --lesson units-that-died": "--lesson: expected one lesson, found",
    "--lesson nobody": "--lesson: nobody: expected a lesson file or the name of a shipped",
    "--position 1:99": "--position: ",
    "nothing-here": "nothing-here: expected a network file",
}


@pytest.mark.parametrize("line", WRONG)
def test_what_is_wrong_is_told_in_one_line(tmp_path, line):
    words = line.split()
    message = refused(*words, *(() if "-o" in words else ("-o", "x.svg")))
    assert message.startswith(f"backprop-tui: {WRONG[line]}")
    assert message.count("\n") == 1
    assert not (tmp_path / "x.svg").exists()
