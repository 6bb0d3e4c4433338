"""The commands: what they print, in which form, and how they refuse."""

import json
import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

import click
import plain
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from backprop_tui import __version__, cli
from backprop_tui.cli.main import COMMANDS, main
from backprop_tui.network import description
from backprop_tui.network.files import library
from backprop_tui.network.files.datasets.generators import GENERATORS
from backprop_tui.network.rules.activations import ACTIVATIONS
from backprop_tui.network.rules.initializers import INITIALIZERS
from backprop_tui.network.rules.losses import LOSSES
from backprop_tui.network.rules.optimizers import OPTIMIZERS

SIX_LINES = """\
Epoch 0, Loss: 0.063306, Prediction: 0.644173
Epoch 200, Loss: 0.001997, Prediction: 0.936796
Epoch 400, Loss: 0.000917, Prediction: 0.957166
Epoch 600, Loss: 0.000585, Prediction: 0.965799
Epoch 800, Loss: 0.000426, Prediction: 0.970806
Final prediction: 0.974146
"""

GOOD = """
[network]
inputs = 2

[[network.layers]]
units = 2
activation = "tanh"
weights = [[0.1, 0.2], [0.3, 0.4]]

[[network.layers]]
units = 1
activation = "sigmoid"
weights = [[0.5, -0.5]]

[training.optimizer]
learning_rate = 0.5

[data]
inputs = [[0.0, 1.0], [1.0, 0.0]]
targets = [[1.0], [0.0]]
"""


def run(*arguments):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def command(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "backprop_tui", *map(str, arguments)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        stdin=subprocess.DEVNULL,
        check=False,
    )


def json_lines(text):
    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]


@pytest.fixture
def file(tmp_path):
    def written(content=GOOD, name="network.toml"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


# train


def test_training_the_worked_example_prints_exactly_these_six_lines():
    result = run("train", "--epochs", 1000, "--log-every", 200)
    assert result.exit_code == 0
    assert result.stdout == SIX_LINES
    assert result.stderr == ""


def test_the_same_from_a_shell():
    done = command("train", "--epochs", 1000, "--log-every", 200)
    assert (done.returncode, done.stdout, done.stderr) == (0, SIX_LINES, "")


def test_the_worked_example_has_a_name_too():
    assert run("train", "worked-example").stdout == SIX_LINES


def outcomes(network, epochs):
    """Loss and predictions of each epoch, and the last parameters, by plain loops."""
    rows = list(plain.run(network, epochs))
    results = []
    for epoch in range(epochs):
        losses = [row.value for row in rows if row.epoch == epoch and row.kind == "loss"]
        outputs = [
            row
            for row in rows
            if row.epoch == epoch and row.kind == "activation" and row.layer == len(network.layers)
        ]
        predictions = [[row.value for row in outputs if row.example == e] for e in range(len(losses))]
        results.append((sum(losses) / len(losses), predictions))
    return results, {row.key: row.value for row in rows if row.slot is None and row.epoch == epochs - 1}


def test_xor_as_json_agrees_with_plain_loops_after_a_hundred_epochs():
    lines = json_lines(run("train", "xor", "--epochs", 100, "--log-every", 33, "--json").stdout)
    expected, last = outcomes(library.find("xor"), 100)
    *logged, final = lines
    assert [set(line) for line in logged] == [{"epoch", "loss", "predictions"}] * 4
    assert [line["epoch"] for line in logged] == [0, 33, 66, 99]
    for line in logged:
        loss, predictions = expected[line["epoch"]]
        assert line["loss"] == pytest.approx(loss, rel=1e-10)
        assert [row[0] for row in line["predictions"]] == pytest.approx(
            [p[0] for p in predictions], rel=1e-10
        )
    assert list(final) == ["final", "epochs", "loss", "predictions", "layers"]
    assert final["final"] is True
    assert final["epochs"] == 100
    assert final["loss"] == logged[-1]["loss"]
    assert final["predictions"] == logged[-1]["predictions"]
    for (_, layer, unit, below), value in last.items():
        numbers = final["layers"][layer - 1]
        got = numbers["biases"][unit] if below is None else numbers["weights"][unit][below]
        assert got == pytest.approx(value, rel=1e-10)


def test_several_predictions_are_told_in_file_order():
    lines = run("train", "xor", "--epochs", 1).stdout.splitlines()
    ((loss, predictions),) = outcomes(library.find("xor"), 1)[0]
    shown = ", ".join(f"{p[0]:.6f}" for p in predictions)
    assert lines == [f"Epoch 0, Loss: {loss:.6f}, Predictions: {shown}", f"Final predictions: {shown}"]


def test_shuffled_examples_are_still_predicted_in_file_order(file):
    options = "[training]\nshuffle = true\nbatch_size = 2\n\n[training.optimizer]"
    path = file(GOOD.replace("[training.optimizer]", options).replace("0.5\n\n[data]", "0.0\n\n[data]"))
    ordered = file(GOOD.replace("0.5\n\n[data]", "0.0\n\n[data]"), "ordered.toml")
    shuffled, plainly = (
        json_lines(run("train", one, "--epochs", 5, "--json").stdout)[-1]["predictions"]
        for one in (path, ordered)
    )
    assert shuffled[0] != plainly[1]
    for one, other in zip(shuffled, plainly, strict=True):
        assert one == pytest.approx(other, rel=1e-12)


def test_divergence_is_written_as_text_and_told_on_stderr(file):
    path = file(
        GOOD.replace('"tanh"', '"identity"')
        .replace('"sigmoid"', '"identity"')
        .replace("= 0.5\n", "= 1e200\n")
    )
    result = run("train", path, "--epochs", 6, "--log-every", 1, "--json")
    assert result.exit_code == 0
    final = json_lines(result.stdout)[-1]
    assert final["loss"] == "nan"
    assert final["layers"][0]["weights"][0][0] in ("nan", "inf", "-inf")
    assert "diverged" in result.stderr
    assert "nan" in run("train", path, "--epochs", 6).stdout


# trace


def test_the_worked_example_is_traced_in_nineteen_statements():
    lines = json_lines(run("trace", "--json").stdout)
    assert [line["step"] for line in lines] == list(range(1, 20))
    rows = list(plain.run(library.find(), 1))
    for line, row in zip(lines, rows, strict=True):
        place = (line["epoch"], line["example"], line["kind"], line["layer"], line["unit"], line["input"])
        assert place == (row.epoch, row.example, row.kind, row.layer, row.unit, row.input)
        assert line["value"] == pytest.approx(row.value, rel=1e-14)
    assert lines[8] == {
        "epoch": 0,
        "example": 0,
        "step": 9,
        "phase": "backward",
        "kind": "weight_gradient",
        "layer": 2,
        "unit": 0,
        "input": 0,
        "symbol": "dL_dw2",
        "formula": "dL/dw2 = dL/dz_o·a_h",
        "terms": [
            {"symbol": "dL_dz_o", "value": pytest.approx(-0.08156051466411174, rel=1e-15)},
            {"symbol": "a_h", "value": pytest.approx(0.5621765008857981, rel=1e-15)},
        ],
        "value": pytest.approx(-0.045851404744315157, rel=1e-15),
    }


def test_xor_is_traced_example_by_example_then_updated():
    lines = json_lines(run("trace", "xor", "--json", "--epoch", 99).stdout)
    rows = [row for row in plain.run(library.find("xor"), 100) if row.epoch == 99]
    assert len(lines) == len(rows) == 109
    for line, row in zip(lines, rows, strict=True):
        assert (line["step"], line["example"], line["kind"]) == (row.step, row.example, row.kind)
        assert line["value"] == pytest.approx(row.value, rel=1e-10)
    assert {line["phase"] for line in lines if line["example"] is None} == {"update"}


PRINTED = [
    *("0.2500", "0.5622", "0.5935", "0.6442", "0.0633", "−0.3558", "0.2292", "−0.0816", "−0.0459", "−0.0816"),
    *("−0.0571", "0.2461", "−0.0141", "−0.0070", "−0.0141", "0.7229", "0.2408", "0.3035", "0.1070"),
]


def test_the_trace_as_text_shows_the_printed_figures():
    lines = run("trace").stdout.splitlines()
    statements = [line for line in lines if not line.startswith("epoch")]
    assert [line.rsplit(" = ", 1)[1] for line in statements] == PRINTED
    assert [line.split()[0] for line in statements] == [str(n) for n in range(1, 20)]
    assert "epoch 0, forward, example 0" in lines
    assert "epoch 0, update" in lines
    assert statements[5].endswith("dL/da_o = −(y − a_o) = −(1.0000 − 0.6442) = −0.3558")


def test_later_epochs_are_traced_too():
    first, later = run("trace").stdout, run("trace", "--epoch", 12).stdout
    assert later.startswith("epoch 12, forward, example 0")
    assert first != later


def test_a_terminal_without_unicode_gets_an_answer():
    done = command("trace", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    done = command("trace", "--json", PYTHONIOENCODING="ascii")
    assert len(json_lines(done.stdout)) == 19


# check


@pytest.mark.parametrize("name", sorted({*library.names()} - {"digits"}))  # too many examples to wait for
def test_shipped_networks_pass_the_check(name):
    result = run("check", name, "--json")
    assert result.exit_code == 0
    (line,) = json_lines(result.stdout)
    assert list(line) == ["checked", "max_relative_error", "passed"]
    assert line["passed"] is True
    assert line["checked"] > 0
    assert line["max_relative_error"] <= 1e-6


def test_the_check_as_text():
    result = run("check")
    assert result.exit_code == 0
    assert result.stdout.startswith("4 gradients checked, all agree")


def test_a_wrong_derivative_fails_the_check(monkeypatch):
    wrong = replace(ACTIVATIONS["sigmoid"], derivative=lambda z, a: a * (1.0 + a))
    monkeypatch.setattr(description, "ACTIVATIONS", MappingProxyType({**ACTIVATIONS, "sigmoid": wrong}))
    for name in ("worked-example", "xor"):
        result = run("check", name)
        assert result.exit_code == 1
        assert "disagree" in result.stdout
    assert "dL/dw1" in run("check").stdout
    (line,) = json_lines(run("check", "--json").stdout)
    assert line["passed"] is False
    assert line["max_relative_error"] > 0.1


# examples, help


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


# What is refused

LAYER = "network.layers[1]"
WRONG = [
    ("unknown activation", ('"sigmoid"', '"sigmiod"'), f"{LAYER}.activation", "did you mean sigmoid"),
    (
        "text for a number",
        ("-0.5]]", '"-0.5"]]'),
        f"{LAYER}.weights[0][1]",
        'expected a number, found "-0.5"',
    ),
    ("nan weight", ("-0.5]]", "nan]]"), f"{LAYER}.weights[0][1]", "expected a finite number, found nan"),
    ("short row", ("[[0.5, -0.5]]", "[[0.5]]"), f"{LAYER}.weights[0]", "expected 2 numbers"),
    ("rows missing", ("[[0.5, -0.5]]", "[]"), f"{LAYER}.weights", "expected 1 rows"),
    ("flat weights", ("[[0.5, -0.5]]", "[0.5, -0.5]"), f"{LAYER}.weights[0]", "expected a list"),
    ("empty data", ("[[0.0, 1.0], [1.0, 0.0]]", "[]"), "data.inputs", "expected at least one example"),
    ("data missing", ("[data]", "[dat]"), "", "did you mean data"),
    ("misspelt field", ("units = 1", "untis = 1"), LAYER, "did you mean units"),
    ("missing field", ("units = 1\n", ""), f"{LAYER}.units", "found nothing"),
    ("wide example", ("[1.0, 0.0]]", "[1.0]]"), "data.inputs[1]", "expected 2 numbers"),
    ("target missing", ("[[1.0], [0.0]]", "[[1.0]]"), "data.targets", "expected 2 rows"),
    (
        "option misspelt",
        ("learning_rate", "learning_rte"),
        "training.optimizer",
        "did you mean learning_rate",
    ),
]


@pytest.mark.parametrize("name", ["train", "trace", "check", None])
@pytest.mark.parametrize(("edit", "place", "words"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_wrong_file_is_refused_in_one_line(file, name, edit, place, words):
    assert GOOD.count(edit[0]) == 1
    path = file(GOOD.replace(*edit))
    result = run(*([name] if name else []), path)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"backprop-tui: {path}: {place}")
    assert result.stderr.count("\n") == 1
    assert words in result.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "UTF-8"),
        ("[network", "TOML"),
        ("", "network"),
        (b"\x89PNG\r\n\x1a\n", "UTF-8"),
        ("a = " + "[" * 10_000, "TOML"),
        ("a = 1" + "0" * 9999, "expected"),
    ],
    ids=["bytes", "cut", "empty", "picture", "deep", "long number"],
)
def test_what_is_no_network_file_is_refused_in_one_line(file, content, words):
    path = file(content)
    result = run("train", path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"backprop-tui: {path}: ")
    assert result.stderr.count("\n") == 1
    assert words in result.stderr


@pytest.mark.parametrize(
    "name", ["absent.toml", "no/such/file", "worked-exmaple", "xro", "", "a\nb", "a\0b", "."]
)
def test_a_name_that_means_nothing_is_refused_in_one_line(name):
    result = run("train", name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("backprop-tui: ")
    assert result.stderr.count("\n") == 1
    assert "expected" in result.stderr


def test_the_nearest_shipped_name_is_offered():
    assert "did you mean worked-example" in run("check", "worked-exmaple").stderr


def test_from_a_shell_there_is_no_traceback_either(file, tmp_path):
    for argument in (file("[network"), tmp_path, tmp_path / "absent.toml"):
        done = command("trace", argument)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1
        assert str(argument) in done.stderr


def test_an_unreadable_file_is_refused(file):
    path = file()
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert run("train", path).exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "--epochs", "0"],
        ["train", "--epochs", "many"],
        ["train", "--log-every", "0"],
        ["trace", "--epoch", "-1"],
        ["trace", "--nonsense"],
        ["check", "worked-example", "xor"],
        ["--nonsense"],
    ],
)
def test_wrong_options_end_with_status_2(arguments):
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error" in result.stderr
