"""Wrong files, names and options are refused in one line, with status 2."""

import os

import pytest

from tests.cli.commands import GOOD, command, run

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
    (
        "option of another program",
        ("learning_rate", "lr"),
        "training.optimizer",
        "did you mean learning_rate",
    ),
    ("units not whole", ("units = 1", "units = 1.0"), f"{LAYER}.units", "a whole number or a list of names"),
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


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["trian", "xor"], "the command train?"),
        (["exort"], "the command export?"),
        (["trian", "--epochs", "3"], "the command train?"),
        (["xro"], "xor?"),
        (["debug", "trian"], None),
    ],
)
def test_a_misspelt_command_is_taken_for_a_network_and_the_command_is_named(words, meant):
    result = run(*words)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert (f"(did you mean {meant})" in result.stderr) if meant else "did you mean" not in result.stderr


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
