"""Data from CSV files and generators, against values worked out by hand and closed forms."""

from __future__ import annotations

from math import cos, hypot, pi, sin

import numpy as np
import pytest

from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.build import build
from backprop_tui.network.files.datasets.csv_file import MOST_CSV_BYTES
from backprop_tui.network.files.datasets.generators import GENERATORS


def network(data, inputs=2, outputs=1, folder=None, seed=0):
    layers = [{"units": outputs, "activation": "sigmoid"}]
    raw = {"network": {"inputs": inputs, "layers": layers}, "data": data, "training": {"seed": seed}}
    return build(raw, folder)


def refusal(data, inputs=2, outputs=1, folder=None):
    with pytest.raises(NetworkError) as caught:
        network(data, inputs, outputs, folder)
    return caught.value


@pytest.fixture
def csv(tmp_path):
    def written(content, name="points.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path

    return written


# CSV


def test_columns_are_taken_by_name_in_the_order_asked_for(csv):
    folder = csv("id,x1,y,x2\na,1,0.5,2\nb,3,-4e2,4\n")
    data = {"csv": "points.csv", "input_columns": ["x2", "x1"], "target_columns": ["y"]}
    found = network(data, folder=folder).data
    assert found.inputs == ((2.0, 1.0), (4.0, 3.0))
    assert found.targets == ((0.5,), (-400.0,))


def test_without_input_columns_all_others_are_inputs(csv):
    folder = csv("y2,x1,y1,x2\n1,2,3,4\n")
    found = network({"csv": "points.csv", "target_columns": ["y1", "y2"]}, 2, 2, folder).data
    assert found.inputs == ((2.0, 4.0),)
    assert found.targets == ((3.0, 1.0),)


def test_a_mark_at_the_start_blank_lines_quotes_and_other_line_ends_are_read(csv):
    folder = csv(b'\xef\xbb\xbf"x, left", y\r\n 1 ,"2"\r\n\r\n3,4\r\n\r\n')
    found = network({"csv": "points.csv", "target_columns": ["y"]}, 1, 1, folder).data
    assert (found.inputs, found.targets) == (((1.0,), (3.0,)), ((2.0,), (4.0,)))


def test_an_absolute_path_needs_no_folder(csv, tmp_path):
    csv("x,y\n1,2\n")
    found = network({"csv": str(tmp_path / "points.csv"), "target_columns": ["y"]}, 1, 1).data
    assert found.inputs == ((1.0,),)


@pytest.mark.parametrize(
    ("labels", "outputs", "targets"),
    [
        (["dog", "cat", "emu", "cat"], 3, [(0, 1, 0), (1, 0, 0), (0, 0, 1), (1, 0, 0)]),
        (["dog", "cat", "dog"], 1, [(1,), (0,), (1,)]),
        (["dog", "cat", "dog"], 2, [(0, 1), (1, 0), (0, 1)]),
        (["10", "9", "2.0", "2"], 3, [(0, 0, 1), (0, 1, 0), (1, 0, 0), (1, 0, 0)]),
        (["0.25", "1"], 1, [(0.25,), (1,)]),
    ],
    ids=["one-hot", "0 and 1", "two units", "numbers in order", "numbers for one unit"],
)
def test_labels_become_targets(csv, labels, outputs, targets):
    folder = csv("x,kind\n" + "".join(f"{n},{label}\n" for n, label in enumerate(labels)))
    found = network({"csv": "points.csv", "target_columns": ["kind"]}, 1, outputs, folder).data
    assert found.targets == tuple(tuple(map(float, row)) for row in targets)


@pytest.mark.parametrize(
    ("content", "extra", "words"),
    [
        ("x1,x2,y\n1,2,3\n4,oops,6\n", {}, ["row 3, column x2", "a number", '"oops"']),
        ("x1,x2,y\n1,,3\n", {}, ["row 2, column x2", "an empty cell"]),
        ("x1,x2,y\n1,2,\n", {}, ["row 2, column y", "an empty cell"]),
        ("x1,x2,y\n1,nan,3\n", {}, ["row 2, column x2", "a finite number", "nan"]),
        ("x1,x2,y\n1,1e999,3\n", {}, ["row 2, column x2", "a finite number", "1e999"]),
        ("x1,x2,y\n1,1_0,3\n", {}, ["row 2, column x2", "a number", "1_0"]),
        ("x1,x2,y\n1,2,3\n1,2\n", {}, ["row 3", "3 cells", "found 2"]),
        ("x1,x2,y\n1,2,3\n1,2,c\n", {}, ["row 3, column y", "a number", '"c"']),
        ("x1,x2,y\n1,2,a\n1,2,b\n1,2,c\n", {}, ["data.target_columns", "2 labels", '"a", "b", "c"']),
        ("x1,x2,y\n", {}, ["at least one example"]),
        ("", {}, ["a line that names the columns", "an empty file"]),
        ("1,2,3\n4,5,6\n", {}, ["row 1", "the names of the columns", "only numbers"]),
        ("x1;x2;y\n1;2;3\n", {}, ["row 1", "separated by commas"]),
        ("0,5;1\n0,25;0\n", {}, ["row 1", "separated by commas, numbers with a point", '"0,5;1"']),
        ("0,5\t1,5\t2\n0,25\t0\t1\n", {}, ["row 1", "numbers with a point"]),
        ("x1,x1,y\n1,2,3\n", {}, ["row 1", "once", '"x1" twice']),
        ('x1,x2,y\n1,"2,3\n', {}, ["row 2", "CSV"]),
        (b"x1,x2,y\n1,2,\xff\n", {}, ["row 2", "UTF-8", "0xff"]),
        ("x1,y\n1,2\n", {}, ["2 input columns", "found 1", 'the file has "x1", "y"']),
        ("x1,x2,y\n1,2,3\n", {"target_columns": ["z"]}, ["data.target_columns[0]", '"z"', "the file has"]),
        (
            "x1,x2,goal\n1,2,3\n",
            {"target_columns": ["gaol"]},
            ["data.target_columns[0]", "did you mean goal?"],
        ),
        ("x1,x2,y\n1,2,3\n", {"target_columns": []}, ["data.target_columns", "at least one column"]),
        ("x1,x2,y\n1,2,3\n", {"target_columns": None}, ["data.target_columns", "nothing"]),
        ("x1,x2,y\n1,2,3\n", {"target_columns": ["y", "y"]}, ["data.target_columns[1]", "once"]),
        ("x1,x2,y\n1,2,3\n", {"input_columns": ["x1", "y"]}, ["data.input_columns[1]", "no target", '"y"']),
        ("x1,x2,y\n1,2,3\n", {"input_columns": ["x1"]}, ["data.input_columns", "2 input columns", "found 1"]),
    ],
)
def test_a_csv_file_that_does_not_fit_is_refused(csv, content, extra, words):
    folder = csv(content)
    data = {"csv": "points.csv", "target_columns": ["y"]} | extra
    message = str(refusal({key: value for key, value in data.items() if value is not None}, folder=folder))
    for word in words:
        assert word in message
    assert message.startswith("data.")


@pytest.mark.parametrize("name", ["none.csv", ".", "", "a\0b", "x" * 5000, "/dev/zero"])
def test_a_csv_path_that_is_no_file_is_refused(tmp_path, name):
    error = refusal({"csv": name, "target_columns": ["y"]}, folder=tmp_path)
    assert error.place.startswith("data.csv")


def test_a_csv_file_that_is_too_large_is_refused(csv):
    folder = csv(b"x,y\n" + b"1,2\n" * (MOST_CSV_BYTES // 4))
    assert "16 MiB" in str(refusal({"csv": "points.csv", "target_columns": ["y"]}, 1, folder=folder))


# One way to give data


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({}, "data.inputs"),
        ({"inputs": [[0.0, 1.0]]}, "data.targets"),
        ({"targets": [[0.0]]}, "data.inputs"),
        ({"inputs": [[0.0, 1.0]], "targets": [[0.0]], "generator": "xor"}, "data.generator"),
        ({"csv": "points.csv", "generator": "xor"}, "data.generator"),
        ({"targets": [[0.0]], "csv": "points.csv"}, "data.csv"),
        ({"inputs": [[0.0, 1.0]], "targets": [[0.0]], "noise": 0.1}, "data.noise"),
        ({"inputs": [[0.0, 1.0]], "targets": [[0.0]], "examples": 3}, "data.examples"),
        ({"generator": "xor", "target_columns": ["y"]}, "data.target_columns"),
        ({"generator": "xor", "input_columns": ["y"]}, "data.input_columns"),
        ({"generator": "xro"}, "data.generator"),
        ({"generator": "xor", "examples": 0}, "data.examples"),
        ({"generator": "xor", "examples": 10**12}, "data.examples"),
        ({"generator": "xor", "examples": 10**400}, "data.examples"),
        ({"generator": "xor", "noise": -0.1}, "data.noise"),
        ({"generator": "xor", "noise": float("nan")}, "data.noise"),
        ({"generator": "xor", "noise": 1e300}, "data.noise"),
    ],
)
def test_data_that_are_not_given_in_exactly_one_way_are_refused(data, place):
    assert refusal(data).place == place


def test_a_misspelt_generator_is_told_the_nearest():
    assert "did you mean spirals?" in str(refusal({"generator": "spiral"}))


@pytest.mark.parametrize(
    ("name", "inputs", "outputs", "words"),
    [
        ("xor", 3, 1, "2 inputs for xor, found 3"),
        ("sine", 2, 1, "1 input for sine, found 2"),
        ("sine", 1, 2, "1 output unit for sine, found 2"),
        ("moons", 2, 3, "1 or 2 output units for moons, found 3"),
    ],
)
def test_a_generator_that_does_not_fit_the_network_is_refused(name, inputs, outputs, words):
    error = refusal({"generator": name}, inputs, outputs)
    assert error.place == "data.generator"
    assert words in str(error)


def test_entropies_refuse_what_a_generator_makes_outside_0_to_1():
    raw = {
        "network": {"inputs": 1, "layers": [{"units": 1, "activation": "sigmoid"}]},
        "training": {"loss": "binary_cross_entropy"},
        "data": {"generator": "sine"},
    }
    with pytest.raises(NetworkError, match="targets between 0 and 1"):
        build(raw)


# Generators

TRUTH = {"and": (0, 0, 0, 1), "or": (0, 1, 1, 1), "xor": (0, 1, 1, 0)}
CORNERS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))


@pytest.mark.parametrize("name", TRUTH)
def test_logic_is_its_truth_table(name):
    found = network({"generator": name}).data
    assert found.inputs == CORNERS
    assert found.targets == tuple((float(y),) for y in TRUTH[name])
    repeated = network({"generator": name, "examples": 6, "noise": 0.0}, outputs=2).data
    assert repeated.inputs == CORNERS + CORNERS[:2]
    assert repeated.targets == tuple((1.0 - y, float(y)) for y in (*TRUTH[name], *TRUTH[name][:2]))


def test_sine_is_the_sine():
    found = network({"generator": "sine", "examples": 9}, inputs=1).data
    assert [x for (x,) in found.inputs] == pytest.approx([-1 + n / 4 for n in range(9)])
    assert [y for (y,) in found.targets] == pytest.approx([sin(pi * x) for (x,) in found.inputs], abs=1e-15)


def points_by_class(name, classes, examples, noise=0.0):
    outputs = 1 if classes == 2 else classes
    data = network({"generator": name, "examples": examples, "noise": noise}, outputs=outputs).data
    labels = [int(row[0]) if outputs == 1 else row.index(1.0) for row in data.targets]
    assert all(sum(row) == 1.0 for row in data.targets if outputs > 1)
    assert labels == [n % classes for n in range(examples)]
    return [[x for x, label in zip(data.inputs, labels, strict=True) if label == k] for k in range(classes)]


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_circles_are_circles(classes):
    for number, points in enumerate(points_by_class("circles", classes, 30)):
        assert [hypot(*p) for p in points] == pytest.approx([1 - number / classes] * len(points))
        assert np.mean(points, axis=0) == pytest.approx([0, 0], abs=1e-12)


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_blobs_are_about_the_corners_of_a_polygon(classes):
    for number, points in enumerate(points_by_class("blobs", classes, 20)):
        angle = 2 * pi * number / classes
        for point in points:
            assert point == pytest.approx((cos(angle), sin(angle)))


def test_moons_are_half_circles_about_two_centres():
    upper, lower = points_by_class("moons", 2, 40)
    assert all(hypot(x, y) == pytest.approx(1) and y >= -1e-12 for x, y in upper)
    assert all(hypot(x - 1, y - 0.5) == pytest.approx(1) and y <= 0.5 + 1e-12 for x, y in lower)
    assert upper[0] == pytest.approx((1, 0))
    assert upper[-1] == pytest.approx((-1, 0))


@pytest.mark.parametrize("classes", [2, 3])
def test_spiral_arms_are_each_other_turned(classes):
    first, *others = points_by_class("spirals", classes, 30)
    assert [hypot(*p) for p in first] == pytest.approx(np.linspace(0.1, 1, len(first)))
    for number, arm in enumerate(others, 1):
        c, s = cos(2 * pi * number / classes), sin(2 * pi * number / classes)
        turned = [(c * x - s * y, s * x + c * y) for x, y in first]
        assert np.array(arm) == pytest.approx(np.array(turned))


@pytest.mark.parametrize("name", sorted(GENERATORS))
def test_the_seed_alone_decides(name):
    row = GENERATORS[name]
    inputs = row.inputs or 3

    def made(seed):
        data = {"generator": name, "noise": 0.1, "examples": 12}
        return network(data, inputs, row.outputs or 1, seed=seed).data

    assert made(1) == made(1)
    assert made(1) != made(2)


@pytest.mark.parametrize("name", ["circles", "blobs", "xor"])
def test_noise_has_the_standard_deviation_asked_for(name):
    still = network({"generator": name, "examples": 4000, "noise": 0.0}).data
    noisy = network({"generator": name, "examples": 4000, "noise": 0.2}).data
    assert noisy.targets == still.targets
    difference = np.array(noisy.inputs) - np.array(still.inputs)
    assert np.mean(difference) == pytest.approx(0, abs=0.01)  # 4.5 standard errors
    assert np.std(difference) == pytest.approx(0.2, rel=0.05)


def test_weights_and_examples_come_from_streams_of_their_own():
    raw = {
        "network": {"inputs": 2, "layers": [{"units": 4, "activation": "tanh", "initializer": "normal"}]},
        "data": {"inputs": [[0.0, 0.0]], "targets": [[0.0] * 4]},
    }
    given = build(raw)
    made = build(raw | {"data": {"generator": "random"}})
    assert given.layers == made.layers


@pytest.mark.parametrize("examples", [1, 2, 3, 7])
@pytest.mark.parametrize("name", sorted(GENERATORS))
def test_any_number_of_examples_can_be_made(name, examples):
    row = GENERATORS[name]
    data = network({"generator": name, "examples": examples}, row.inputs or 5, row.outputs or 1).data
    assert len(data.inputs) == len(data.targets) == examples
    assert np.isfinite(data.inputs).all()
