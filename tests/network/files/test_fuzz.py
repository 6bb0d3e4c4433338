"""Wrong files of every sort: refused with place, found and expected, quickly, and never by a traceback."""

from __future__ import annotations

import copy
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import documents

from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files import written_network
from backprop_tui.network.files.build import build
from backprop_tui.network.files.toml import MOST_BYTES, load, parse

GOOD = {
    "title": "a title",
    "about": {"source": "s", "teaches": "t", "errata": "e", "published": {"L": "0.1"}},
    "network": {
        "inputs": 2,
        "layers": [
            {
                "units": 2,
                "activation": "sigmoid",
                "weights": [[0.1, 0.2], [0.3, 0.4]],
                "biases": [0.1, 0.1],
                "frozen": ["biases"],
                "weight_names": [["p", "q"], ["r", "s"]],
                "bias_names": ["t", "u"],
            },
            {"units": 1, "activation": "tanh", "initializer": {"name": "uniform", "low": -1.0, "high": 1.0}},
        ],
    },
    "training": {
        "loss": "squared_error",
        "batch_size": 1,
        "shuffle": True,
        "seed": 3,
        "optimizer": {"name": "sgd", "learning_rate": 0.5, "momentum": 0.9, "nesterov": True},
    },
    "data": {"inputs": [[0.0, 1.0]], "targets": [[1.0]]},
}
MADE = {**GOOD, "data": {"generator": "moons", "examples": 5, "noise": 0.1}}
READ = {**GOOD, "data": {"csv": "points.csv", "input_columns": ["a", "b"], "target_columns": ["c"]}}
REQUIRED = {
    "network",
    "data",
    "network.inputs",
    "network.layers",
    "network.layers[0].units",
    "network.layers[1].units",
    "network.layers[0].activation",
    "network.layers[1].activation",
    "network.layers[1].initializer.name",
    "data.inputs",
    "data.targets",
    "data.target_columns",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    (folder / "points.csv").write_text("a,b,c\n1,2,3\n4,5,6\n")
    return folder


def places(value, place=""):
    """Every field of a document, tables included, as a place and the keys that lead there."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        here = f"{place}[{key}]" if isinstance(key, int) else f"{place}.{key}".lstrip(".")
        yield here, (key,)
        for deeper, path in places(item, here):
            yield deeper, (key, *path)


def changed(document, path, change):
    """A copy in which *change* has been made to the table (or list) that holds the last key."""
    document = copy.deepcopy(document)
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    change(holder, path[-1])
    return document


FIELDS = [
    pytest.param(document, place, path, id=f"{kind}-{place}")
    for kind, document in (("given", GOOD), ("made", MADE), ("read", READ))
    for place, path in places(document)
    if (kind == "given" or place.startswith("data.")) and not place.startswith("about.published.")
]
NAMED = [field for field in FIELDS if isinstance(field.values[2][-1], str)]


def outcome(function, *arguments):
    """The refusal, one printable line; None where there is none. Any other exception fails the test."""
    try:
        function(*arguments)
    except NetworkError as refused:
        error = refused
    else:
        return None
    assert error.expected
    assert len(str(error)) < 600
    assert str(error).isprintable()
    return error


def refusal(document, folder):
    error = outcome(build, document, folder)
    assert error is not None
    return error


@pytest.mark.parametrize("document", [GOOD, MADE, READ], ids=["given", "made", "read"])
def test_the_originals_are_right(document, folder):
    assert build(document, folder).widths == (2, 2, 1)


@pytest.mark.parametrize(("document", "place", "path"), NAMED)
def test_a_misspelt_field_is_told_its_right_name(document, place, path, folder):
    def misspell(holder, key):
        holder[key[:-1] + "x" + key[-1]] = holder.pop(key)

    error = refusal(changed(document, path, misspell), folder)
    assert path[-1] in str(error)
    assert "did you mean " + path[-1] in str(error) or path[-1] == "name"


@pytest.mark.parametrize(("document", "place", "path"), NAMED)
def test_a_missing_field_is_refused_exactly_where_it_is_needed(document, place, path, folder):
    lacking = changed(document, path, lambda holder, key: holder.pop(key))
    needed = place in REQUIRED or place in ("data.generator", "data.csv")
    if place == "training.optimizer.momentum":  # nesterov needs it
        needed = True
    if not needed:
        build(lacking, folder)
        return
    error = refusal(lacking, folder)
    assert error.place.startswith(place.split(".")[0])


WRONG = [
    [],
    {},
    [[]],
    [[[0.5]]],
    True,
    False,
    "nonsense",
    "",
    "\x1b[31m\n\x00",
    "x" * 100_000,
    0,
    -1,
    0.5,
    10**12,
    10**30,
    10**400,
    -(10**400),
    float("nan"),
    float("inf"),
    float("-inf"),
    1e308,
    {"name": "nonsense"},
    {"": {}},
    [None],
    None,
    ["a", 1],
    parse("a = 1979-05-27T07:32:00Z")["a"],
    parse("a = 07:32:00")["a"],
]


@pytest.mark.parametrize(("document", "place", "path"), FIELDS)
def test_no_value_of_any_kind_makes_a_traceback(document, place, path, folder):
    refused = 0
    for value in WRONG:
        wrong = changed(document, path, lambda holder, key, value=value: holder.__setitem__(key, value))
        error = outcome(build, wrong, folder)
        refused += error is not None
        top = re.split(r"[.\[:]", place)[0]
        assert error is None or re.split(r"[.\[:]", error.place)[0] in (top, "data", "")
    assert refused >= len(WRONG) // 3


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("network", "inputs"), 10**12, "network.inputs"),
        (("network", "layers", 0, "units"), 10**12, "network.layers[0].units"),
        (("network", "layers", 0, "units"), 3_000_000, "network.layers[0].units"),
        (("network", "layers", 0, "units"), -(10**400), "network.layers[0].units"),
        (("network", "layers", 0, "weights"), [[0.1, 0.2]], "network.layers[0].weights"),
        (("network", "layers", 0, "weights"), [[0.1, 0.2], [0.3]], "network.layers[0].weights[1]"),
        (("network", "layers", 0, "weights"), [[0.1, 0.2], [0.3, "x"]], "network.layers[0].weights[1][1]"),
        (("network", "layers", 0, "weights"), [[0.1, 10**400], [0, 0]], "network.layers[0].weights[0][1]"),
        (("network", "layers", 0, "biases", 1), float("inf"), "network.layers[0].biases[1]"),
        (("network", "layers", 0, "frozen", 0), "bias", "network.layers[0].frozen[0]"),
        (("network", "layers", 0, "activation"), "sigmod", "network.layers[0].activation"),
        (("network", "layers", 1, "initializer", "low"), 2.0, "network.layers[1].initializer.low"),
        (("network", "layers", 1, "initializer", "low"), [1], "network.layers[1].initializer.low"),
        (("network", "layers", 1, "initializer", "low"), -1e308, "network.layers[1].initializer.low"),
        (("network", "layers", 1, "initializer", "name"), 3, "network.layers[1].initializer.name"),
        (("training", "seed"), -1, "training.seed"),
        (("training", "batch_size"), 0, "training.batch_size"),
        (("training", "optimizer", "learning_rate"), 10**400, "training.optimizer.learning_rate"),
        (("training", "optimizer", "learning_rate"), "fast", "training.optimizer.learning_rate"),
        (("training", "optimizer", "learning_rate"), [0.5], "training.optimizer.learning_rate"),
        (("training", "optimizer", "nesterov"), 1, "training.optimizer.nesterov"),
        (("data", "inputs", 0), [0.0], "data.inputs[0]"),
        (("data", "targets", 0, 0), "one", "data.targets[0][0]"),
    ],
)
def test_a_wrong_value_is_refused_at_its_place(path, value, place, folder):
    error = refusal(changed(GOOD, path, lambda holder, key: holder.__setitem__(key, value)), folder)
    assert error.place == place
    assert error.found


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**25), 10**25),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["relu", "xor", "adam", "weights", 10**400]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(documents(layers=2, units=2, examples=2), st.data())
def test_a_changed_network_is_built_or_refused(document, data):
    for _ in range(data.draw(st.integers(1, 3))):
        _, path = data.draw(st.sampled_from(list(places(document))))
        value = data.draw(VALUES)
        document = changed(document, path, lambda holder, key, value=value: holder.__setitem__(key, value))
    outcome(build, document)


@given(st.dictionaries(st.sampled_from(["network", "data", "training", "title", "about", "x"]), VALUES))
def test_any_document_is_built_or_refused(document):
    with pytest.raises(NetworkError):
        build(document)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(tmp_path, content):
    path = tmp_path / "net.toml"
    path.write_bytes(content)
    with pytest.raises(NetworkError):
        load(path)


@given(documents(layers=2, units=2, examples=2), st.data())
def test_a_file_with_a_few_bytes_changed_is_read_or_refused(tmp_path, document, data):
    content = bytearray(written_network.text(build(document)).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(
            st.sampled_from(
                [b"", b"[", b"]", b'"', b"=", b"9", b".", b"-", b"e", b"\n", b"\x00", b"\xff", b"{"]
            )
        )
    path = tmp_path / "net.toml"
    path.write_bytes(bytes(content))
    error = outcome(load, path)
    assert error is None or error.source == str(path)


@given(st.data())
def test_a_csv_file_of_anything_is_read_or_refused(tmp_path, data):
    pieces = st.sampled_from(
        ["a", "b", "c", ",", ",", "\n", "\r", "1", "-2.5", '"', " ", "é", "\x00", ";", "nan"]
    )
    content = data.draw(st.one_of(st.lists(pieces, max_size=40).map("".join).map(str.encode), st.binary()))
    (tmp_path / "points.csv").write_bytes(b"a,b,c\n" * data.draw(st.booleans()) + content)
    document = {**READ, "data": {"csv": "points.csv", "target_columns": ["c"]}}
    error = outcome(build, document, tmp_path)
    assert error is None or error.place.startswith("data.")


LARGE = {
    "50 MB": b"a = 1\n" * 9_000_000,
    "7 MB": b"a = [" + b"1," * 3_500_000 + b"]",
    "one byte too many": b"#" * (MOST_BYTES + 1),
    "nested lists": b"a = " + b"[" * 1_000_000,
    "nested tables": b"a = " + b"{a=" * 300_000,
    "a long dotted key": b"a." * 1_000_000 + b"a = 1",
    "a long header": b"[" + b"a." * 1_000_000 + b"a]",
    "a long quoted key": b"'a' . " * 300_000 + b"a = 1",
    "a long inner key": b"x = {" + b"a." * 1_000_000 + b"a = 1}",
    "many digits": b"a = " + b"9" * 1_000_000,
    "many hexadecimal digits": b"a = 0x" + b"f" * 1_000_000,
    "many quotes": b'"' * 1_000_001,
    "one long word": b"a" * MOST_BYTES,
    "the same key twice": b"a = 1\na = 2",
    "the same table twice": b"[a]\n[a]",
    "the same option twice": b"[training]\nseed = 1\nseed = 2\n",
    "half a character": b'a = "\xc3',
    "utf-16": "title = 'x'".encode("utf-16"),
}


@pytest.mark.parametrize("content", LARGE.values(), ids=LARGE)
def test_a_monstrous_file_is_refused(tmp_path, content):
    path = tmp_path / "net.toml"
    path.write_bytes(content)
    with pytest.raises(NetworkError) as caught:
        load(path)
    assert len(str(caught.value)) < 500 + len(str(path))


@pytest.mark.parametrize("number", ["1e400", "-1e400", "inf", "nan", "0x" + "f" * 5000, "9" * 400])
@pytest.mark.parametrize(
    "field", ["units", "weights", "biases", "learning_rate", "seed", "examples", "noise"]
)
def test_a_number_beyond_all_numbers_is_refused(tmp_path, number, field):
    fields = {"units": "1", "weights": "[[1.0, 1.0]]", "biases": "[0.0]"}
    others = {"learning_rate": "0.1", "seed": "0", "examples": "4", "noise": "0.0"}
    number = {"weights": f"[[1.0, {number}]]", "biases": f"[{number}]"}.get(field, number)
    fields, others = (
        {key: number if key == field else text for key, text in t.items()} for t in (fields, others)
    )
    path = tmp_path / "net.toml"
    path.write_text(
        "[network]\ninputs = 2\n[[network.layers]]\nactivation = 'tanh'\n"
        + "".join(f"{key} = {text}\n" for key, text in fields.items())
        + f"[training]\nseed = {others['seed']}\noptimizer.learning_rate = {others['learning_rate']}\n"
        + f"[data]\ngenerator = 'xor'\nexamples = {others['examples']}\nnoise = {others['noise']}\n"
    )
    with pytest.raises(NetworkError) as caught:
        load(path)
    assert field in caught.value.place
