"""Networks from shapes and options: what is chosen where nothing is said, and what options change."""

from __future__ import annotations

import pytest

from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.library import find
from backprop_tui.network.files.shapes import Options


def refusal(argument, **options):
    with pytest.raises(NetworkError) as caught:
        find(argument, Options(**options))
    return caught.value


def test_a_shape_has_its_widths_and_the_defaults():
    network = find("2-4-3-1")
    assert network.widths == (2, 4, 3, 1)
    assert [layer.activation_name for layer in network.layers] == ["sigmoid"] * 3
    assert network.training.loss_name == "squared_error"
    assert (network.training.optimizer_name, network.training.learning_rate) == ("sgd", 0.5)
    assert network.data.targets == ((0.0,), (1.0,), (1.0,), (0.0,))


@pytest.mark.parametrize(
    ("shape", "data", "output"),
    [
        ("2-3-1", "xor", "sigmoid"),
        ("2-3-2", "xor", "sigmoid"),
        ("2-3-4", "blobs", "sigmoid"),
        ("1-3-1", "sine", "identity"),
        ("3-2-1", "random", "sigmoid"),
        ("16-16-4", "random", "sigmoid"),
        ("2-1", "xor", "sigmoid"),
        ("784-30-10", "random", "sigmoid"),
    ],
)
def test_a_shape_gets_data_that_fit_and_an_output_that_reaches_them(shape, data, output):
    network = find(shape)
    assert network.data.origin["generator"] == data
    assert network.layers[-1].activation_name == output


def test_every_option_is_heard():
    options = Options(
        data="moons",
        activation="tanh",
        output="identity",
        loss="mean_squared_error",
        optimizer="adam",
        learning_rate=0.25,
        batch_size=5,
        seed=7,
        initializer="he_normal",
        examples=12,
        noise=0.3,
    )
    network = find("2-4-4-1", options)
    assert [layer.activation_name for layer in network.layers] == ["tanh", "tanh", "identity"]
    assert network.training.loss_name == "mean_squared_error"
    assert (network.training.optimizer_name, network.training.learning_rate) == ("adam", 0.25)
    assert (network.training.batch_size, network.training.seed) == (5, 7)
    assert network.layers[0].origin.initializer == "he_normal"
    assert dict(network.data.origin) == {"generator": "moons", "examples": 12, "noise": 0.3}


def test_the_cross_entropy_and_softmax_bring_each_other():
    for options in (Options(output="softmax"), Options(loss="cross_entropy")):
        network = find("2-4-3", options)
        assert network.layers[-1].activation_name == "softmax"
        assert network.training.loss_name == "cross_entropy"


def test_another_optimizer_starts_from_its_own_defaults():
    assert find("2-2-1", Options(optimizer="adam")).training.learning_rate == 0.001
    assert find("worked-example", Options(optimizer="rmsprop")).training.learning_rate == 0.01
    assert find("worked-example", Options(optimizer="sgd")).training.learning_rate == 0.5


def test_options_change_only_their_field():
    original, changed = find(None), find(None, Options(learning_rate=0.1))
    assert changed.training.learning_rate == 0.1
    assert changed.layers == original.layers
    assert changed.data == original.data
    changed = find(None, Options(activation="relu", loss="mean_squared_error"))
    assert [layer.activation_name for layer in changed.layers] == ["relu", "sigmoid"]
    assert [layer.weights for layer in changed.layers] == [layer.weights for layer in original.layers]
    assert changed.training.options == original.training.options


def test_an_initializer_draws_weights_anew():
    layers = find(None, Options(initializer="zeros")).layers
    assert [layer.weights for layer in layers] == [((0.0,),), ((0.0,),)]
    assert [layer.biases for layer in layers] == [((0.1),), ((0.2),)]


def test_options_change_a_file(tmp_path):
    path = tmp_path / "net.toml"
    (tmp_path / "points.csv").write_text("x,y\n1,2\n3,4\n")
    path.write_text(
        '[network]\ninputs = 1\n[[network.layers]]\nunits = ["out"]\nactivation = "identity"\n'
        '[data]\ncsv = "points.csv"\ntarget_columns = ["y"]\n'
    )
    network = find(str(path), Options(learning_rate=0.2, batch_size=1))
    assert network.training.learning_rate == 0.2
    assert network.data.inputs == ((1.0,), (3.0,))
    assert find(str(path), Options(data="sine")).data.origin["generator"] == "sine"


def test_the_last_columns_of_a_csv_file_are_the_targets(tmp_path, monkeypatch):
    (tmp_path / "points.csv").write_text("a,b,kind\n1,2,x\n3,4,y\n5,6,z\n")
    monkeypatch.chdir(tmp_path)
    network = find("2-5-3", Options(data="points.csv"))
    assert network.data.inputs == ((1.0, 2.0), (3.0, 4.0), (5.0, 6.0))
    assert network.data.targets == ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    (tmp_path / "other.csv").write_text("a,b,c\n1,2,30\n")
    network = find("1-5-2", Options(data="other.csv"))
    assert network.data.targets == ((2.0, 30.0),)
    assert network.layers[-1].activation_name == "identity"


@pytest.mark.parametrize(
    ("argument", "options", "place", "words"),
    [
        ("2-2-1", {"loss": "squared"}, "--loss", "did you mean squared_error?"),
        ("2-2-1", {"optimizer": "adma"}, "--optimizer", "did you mean adam?"),
        ("2-2-1", {"activation": "rely"}, "--activation", "did you mean relu?"),
        ("2-2-1", {"output": "sofmax"}, "--output", "did you mean softmax?"),
        ("2-2-1", {"initializer": "he"}, "--initializer", "he_uniform"),
        ("2-2-1", {"data": "mons"}, "--data", "did you mean moons?"),
        ("2-2-1", {"data": "none.csv"}, "--data", "no such file"),
        ("2-2-1", {"data": ""}, "--data", "a generator or a CSV file"),
        ("3-2-1", {"data": "xor"}, "--data", "2 inputs"),
        ("2-2-1", {"learning_rate": -1.0}, "--learning-rate", "at least 0"),
        ("2-2-1", {"learning_rate": float("inf")}, "--learning-rate", "finite"),
        ("2-2-1", {"batch_size": 0}, "--batch-size", "at least 1"),
        ("2-2-1", {"seed": -1}, "--seed", "at least 0"),
        ("2-2-1", {"seed": 10**30}, "--seed", "at most"),
        ("2-2-1", {"examples": 0}, "--examples", "at least 1"),
        ("2-2-1", {"noise": -1.0}, "--noise", "from 0"),
        ("2-1", {"activation": "tanh"}, "--activation", "a hidden layer"),
        (None, {"examples": 4}, "--examples", "generator"),
        (None, {"loss": "nil"}, "--loss", "one of"),
        ("2-0-1", {}, "network.layers[0].units", "at least 1"),
        ("0-1", {}, "network.inputs", "at least 1"),
        ("2-" + "9" * 12 + "-1", {}, "network.layers[0].units", "at most"),
        ("2-" + "9" * 5000 + "-1", {}, "", "5000 digits"),
        ("-".join(["1"] * 500), {}, "", "at most 200 layers"),
        ("3000-3000-1", {}, "network.layers[0].units", "4,000,000 parameters"),
        ("2x2x1", {}, "", "a shape such as 2-4-1"),
        ("2-", {}, "", "a shape such as 2-4-1"),
        ("a" * 5000, {}, "", "a shape such as 2-4-1"),
        ("\ud800", {}, "", "a shape such as 2-4-1"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_the_option(argument, options, place, words):
    error = refusal(argument, **options)
    assert error.place.split(":")[0] == place
    assert words in str(error)
    assert len(str(error)) < 600


def test_a_csv_file_of_other_columns_is_refused(tmp_path, monkeypatch):
    (tmp_path / "points.csv").write_text("a,b,c,d\n1,2,3,4\n")
    monkeypatch.chdir(tmp_path)
    error = refusal("1-2-2", data="points.csv")
    assert error.place == "--data"
    assert "of 1 input column, then 2 targets, or 1 column of labels, found 4 columns" in str(error)


def test_a_wrong_file_is_named_with_options_too(tmp_path):
    path = tmp_path / "net.toml"
    path.write_text("[network]\ninputs = 1\nlayers = []\n[data]\n")
    assert str(refusal(str(path), seed=1)).startswith(f"{path}: network.layers: ")
    assert str(refusal(str(path), data="xor")).startswith(f"{path}: network.layers: ")
