"""Network files: read as they stand, and refused with file, place, found and expected."""

import pytest

from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.toml import MOST_BYTES, load

GOOD = """
title = "Two inputs"

[network]
inputs = 2

[[network.layers]]
units = 2
activation = "sigmoid"
weights = [[0.1, 0.2], [0.3, 0.4]]
biases = [0.1, 0.1]
frozen = ["biases"]

[training]
loss = "squared_error"
batch_size = 4
shuffle = true
seed = 3

[training.optimizer]
name = "adam"
learning_rate = 0.5

[data]
inputs = [[0.0, 1.0], [1, 0]]
targets = [[1.0, 0], [0.0, 1.0]]
"""


@pytest.fixture
def write(tmp_path):
    def written(content, name="network.toml"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return written


def refusal(path):
    with pytest.raises(NetworkError) as caught:
        load(path)
    return caught.value


def test_a_file_is_read_as_it_stands(write):
    network = load(write(GOOD))
    assert network.title == "Two inputs"
    assert network.layers[0].weights == ((0.1, 0.2), (0.3, 0.4))
    assert network.layers[0].frozen_biases
    assert network.training.optimizer_name == "adam"
    assert network.training.learning_rate == 0.5
    assert network.training.shuffle
    assert network.training.seed == 3
    assert network.batch_size == 2
    assert network.data.inputs == ((0.0, 1.0), (1.0, 0.0))


def test_a_path_may_be_text(write):
    assert load(str(write(GOOD))).shape == "2-2"


def test_a_byte_order_mark_or_windows_lines_do_no_harm(write):
    assert load(write(GOOD.replace("\n", "\r\n"))).shape == "2-2"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe\x00", "UTF-8"),
        (b'title = "\xe9"', "UTF-8"),
        ("title = ", "TOML"),
        ("[network\n", "TOML"),
        ("a = 1\na = 2", "TOML"),
        ("a = " + "9" * 5000, "TOML"),
        ("a = " + "[" * 100_000, "TOML"),
        ("", "network"),
        ("title = 'only a title'", "network"),
        ("\x00", "TOML"),
        (b"#" * (MOST_BYTES + 1), f"at most {MOST_BYTES >> 20} MiB"),
    ],
    ids=["bytes", "latin-1", "cut", "unclosed", "twice", "huge", "deep", "empty", "title", "nul", "large"],
)
def test_a_file_that_is_no_network_is_refused(write, content, words):
    path = write(content)
    error = refusal(path)
    assert error.source == str(path)
    assert str(error).startswith(f"{path}: ")
    assert words in str(error)
    assert "expected" in str(error)
    assert "\n" not in str(error)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    missing = refusal(tmp_path / "absent.toml")
    assert (missing.expected, missing.found) == ("a network file", "no such file")
    assert str(tmp_path / "absent.toml") in str(missing)
    folder = refusal(tmp_path)
    assert (folder.expected, folder.found) == ("a network file", "a folder")


def test_a_name_no_system_would_take_is_refused():
    assert "expected" in str(refusal("a\0b.toml"))
    assert "expected" in str(refusal("x" * 5000 + ".toml"))


@pytest.mark.parametrize(
    ("old", "new", "place", "found", "expected", "hint"),
    [
        (
            '"sigmoid"',
            '"sigmiod"',
            "network.layers[0].activation",
            '"sigmiod"',
            "sigmoid",
            "did you mean sigmoid",
        ),
        ("[0.3, 0.4]", "[0.3]", "network.layers[0].weights[1]", "1", "2 numbers", ""),
        ("[[0.1, 0.2], [0.3, 0.4]]", "[[0.1, 0.2]]", "network.layers[0].weights", "1", "2 rows", ""),
        ("0.4]", '"0.4"]', "network.layers[0].weights[1][1]", '"0.4"', "a number", ""),
        ("0.4]", "nan]", "network.layers[0].weights[1][1]", "nan", "a finite number", ""),
        ("0.4]", "1979-05-27]", "network.layers[0].weights[1][1]", "1979", "a number", ""),
        ("units = 2", "unit = 2", "network.layers[0]", '"unit"', "a known field", "did you mean units"),
        ("units = 2\n", "", "network.layers[0].units", "nothing", "a value", ""),
        ("inputs = [[0.0, 1.0], [1, 0]]", "inputs = []", "data.inputs", "none", "at least one example", ""),
        ("[data]", "[dta]", "", '"dta"', "a known field", "did you mean data"),
        ("seed = 3", "seed = 3.5", "training.seed", "3.5", "a whole number", ""),
    ],
)
def test_what_is_wrong_is_named_with_file_place_found_and_expected(
    write, old, new, place, found, expected, hint
):
    assert GOOD.count(old) == 1
    path = write(GOOD.replace(old, new))
    error = refusal(path)
    assert (error.source, error.place) == (str(path), place)
    assert found in error.found
    assert expected in error.expected
    assert hint in error.hint
    for word in (str(path), place, error.found, error.expected):
        assert word in str(error)
