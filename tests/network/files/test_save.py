"""Saving: what is read again is the very same, to the last bit, and a file is never half written."""

from __future__ import annotations

import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from strategies import documents

from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files import library, toml, written_network
from backprop_tui.network.files.build import build
from backprop_tui.network.files.shapes import Options

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def again(network, tmp_path, name="again.toml"):
    path = tmp_path / name
    toml.dump(network, path)
    return toml.load(path)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def small(**others):
    raw = {
        "network": {"inputs": 2, "layers": [{"units": 1, "activation": "tanh"}]},
        "data": {"inputs": [[0.0, 1.0]], "targets": [[1.0]]},
    }
    return raw | others


@given(documents())
def test_any_network_comes_back(tmp_path, document):
    network = build(document)
    assert again(network, tmp_path) == network


@given(st.lists(FLOATS, min_size=5, max_size=5))
def test_numbers_come_back_to_the_last_bit(tmp_path, numbers):
    a, b, c, d, e = numbers
    layer = {"units": 1, "activation": "tanh", "weights": [[a, b]], "biases": [c]}
    network = build(
        small(network={"inputs": 2, "layers": [layer]}, data={"inputs": [[d, e]], "targets": [[a]]})
    )
    found = again(network, tmp_path)
    before = [*network.layers[0].weights[0], *network.layers[0].biases, *network.data.inputs[0]]
    after = [*found.layers[0].weights[0], *found.layers[0].biases, *found.data.inputs[0]]
    assert [number.hex() for number in after] == [number.hex() for number in before]


@pytest.mark.parametrize("number", [-0.0, 5e-324, 1.7976931348623157e308, 1e22, 1e-7, 0.1, 2**53 + 2.0])
def test_awkward_numbers_come_back(tmp_path, number):
    network = build(small(data={"inputs": [[number, 1.0]], "targets": [[1.0]]}))
    assert again(network, tmp_path).data.inputs[0][0].hex() == number.hex()


@pytest.mark.parametrize("name", library.names())
def test_every_shipped_network_comes_back(tmp_path, name):
    network = library.shipped(name)
    assert again(network, tmp_path) == network


LAYER = {"units": 2, "activation": "relu"}


@pytest.mark.parametrize(
    "layer",
    [
        LAYER,
        {**LAYER, "initializer": "xavier_uniform"},
        {**LAYER, "initializer": "he_normal"},
        {**LAYER, "initializer": {"name": "uniform", "low": -0.1, "high": 2}},
        {**LAYER, "biases": [0.1, 0.2]},
        {**LAYER, "biases": [0.0, 0.0]},
        {**LAYER, "frozen": ["biases", "weights"]},
        {**LAYER, "units": ["left", "größer"]},
        {**LAYER, "weight_names": [["p", "q"], ["r", "s"]], "bias_names": ["t", "u"]},
    ],
)
def test_a_layer_is_kept_as_it_was_given(tmp_path, layer):
    raw = small(
        network={"inputs": ["left_in", "right_in"], "layers": [layer]},
        data={"inputs": [[0.0, 1.0]], "targets": [[1.0, 0.0]]},
        training={"seed": 3},
    )
    network = build(raw)
    path = tmp_path / "net.toml"
    toml.dump(network, path)
    assert toml.load(path) == network
    written = toml.read_toml(path)["network"]["layers"][0]
    assert written.keys() == layer.keys()
    assert written.get("initializer") == layer.get("initializer")


@pytest.mark.parametrize(
    "others",
    [
        {"title": 'With "quotes", \\ and tabs\tand ü'},
        {"about": {"source": "a book", "teaches": 'it\'s "this"', "errata": "line\nbreak"}},
        {"about": {"published": {"a_h": "0.5622", "deep": {"dL/dw 2": ["-0.0459", ["1"]], "n": 10000}}}},
        {"training": {"optimizer": {"name": "sgd", "momentum": 0.9, "nesterov": True, "learning_rate": 1}}},
        {"training": {"optimizer": {"name": "rmsprop", "centered": False}}},
        {"training": {"batch_size": 3, "shuffle": True, "seed": 2**63 - 1, "loss": "binary_cross_entropy"}},
        {"training": {"reduction": "sum", "loss": "given_gradient"}},
        {"pytorch": {"dtype": "bfloat16", "loss": "MSELoss"}},
        {"data": {"generator": "spirals"}},
        {"data": {"generator": "moons", "examples": 7, "noise": 0}},
    ],
)
def test_everything_else_comes_back(tmp_path, others):
    network = build(small(**others))
    assert again(network, tmp_path) == network


def test_published_digits_are_kept_as_text(tmp_path):
    network = build(small(about={"published": {"a_h": "0.5620"}}))
    assert again(network, tmp_path).published == {"a_h": "0.5620"}


@pytest.mark.parametrize("value", [0.5, [0.5], {"deep": {"er": 1.5}}, 10**40])
def test_published_digits_must_be_text(value):
    with pytest.raises(NetworkError) as caught:
        build(small(about={"published": {"a_h": value}}))
    assert caught.value.place.startswith("about.published.a_h")


@pytest.mark.parametrize("relative", [True, False])
def test_a_csv_file_is_found_from_wherever_the_network_is_saved(tmp_path, relative):
    home, other = tmp_path / "home", tmp_path / "other" / "deep"
    home.mkdir()
    other.mkdir(parents=True)
    (home / "points.csv").write_text("x,kind\n1,a\n2,b\n")
    csv = "points.csv" if relative else str(home / "points.csv")
    raw = {
        "network": {"inputs": 1, "layers": [{"units": 1, "activation": "sigmoid"}]},
        "data": {"csv": csv, "target_columns": ["kind"]},
    }
    network = build(raw, home)
    assert network.data.targets == ((0.0,), (1.0,))
    toml.dump(network, home / "net.toml")
    assert toml.read_toml(home / "net.toml")["data"]["csv"] == csv
    toml.dump(toml.load(home / "net.toml"), other / "net.toml")
    written = toml.read_toml(other / "net.toml")["data"]["csv"]
    assert written == ("../../home/points.csv" if relative else csv)
    assert toml.load(other / "net.toml") == network


def test_a_matrix_is_written_a_row_a_line():
    layer = {"units": 2, "activation": "relu", "weights": [[0.5, -1], [1e-9, 3]], "biases": [0, 1]}
    data = {"inputs": [[0, 1]], "targets": [[1, 0]]}
    lines = written_network.text(
        build(small(network={"inputs": 2, "layers": [layer]}, data=data))
    ).splitlines()
    start = lines.index("weights = [")
    assert lines[start + 1 : start + 4] == ["    [0.5, -1.0],", "    [1e-09, 3.0],", "]"]
    assert "inputs = [[0.0, 1.0]]" in lines


def test_a_session_is_written_below_and_read_again(tmp_path):
    session = {"position": "3:4", "edits": [{"at": "0:1", "name": "w1", "value": 0.25}]}
    network = build(small())
    toml.dump(network, tmp_path / "s.toml", session=session)
    assert toml.read_toml(tmp_path / "s.toml")["session"] == session
    assert toml.load(tmp_path / "s.toml") == network


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "net.toml"
    path.write_text("precious")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NetworkError, match="no space left on device") as caught:
        toml.dump(build(small()), path)
    assert caught.value.source == str(path)
    assert path.read_text() == "precious"
    assert names(tmp_path) == ["net.toml"]


def test_an_existing_file_is_replaced_with_its_mode_and_through_a_link(tmp_path):
    path, link = tmp_path / "net.toml", tmp_path / "link.toml"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    network = build(small())
    toml.dump(network, link)
    assert link.is_symlink()
    assert toml.load(path) == network
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert names(tmp_path) == ["link.toml", "net.toml"]


@pytest.mark.parametrize("name", [".", "none/net.toml", "x" * 300, "a\0b"])
def test_a_place_that_cannot_be_written_is_refused(tmp_path, name):
    with pytest.raises(NetworkError) as caught:
        toml.dump(build(small()), tmp_path / name)
    assert "file" in str(caught.value)
    assert names(tmp_path) == []


def test_what_could_not_be_read_again_is_not_written(tmp_path):
    network = library.find("600-400-1", Options(initializer="normal"))
    given = replace(network, layers=tuple(replace(layer, origin=None) for layer in network.layers))
    with pytest.raises(NetworkError, match="at most 4 MiB"):
        toml.dump(given, tmp_path / "large.toml")
    assert names(tmp_path) == []
    assert again(network, tmp_path) == network
