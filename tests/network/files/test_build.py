"""From a document to a network: what is accepted, what it becomes, and what is refused at which place."""

import copy
import math

import numpy as np
import pytest
from hypothesis import given
from strategies import documents

from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.build import MOST_LAYERS, MOST_PARAMETERS, build
from backprop_tui.network.rules.initializers import INITIALIZERS

BASE = {
    "title": "two layers",
    "network": {
        "inputs": 2,
        "layers": [
            {"units": 2, "activation": "sigmoid", "weights": [[0.1, 0.2], [0.3, 0.4]], "biases": [0.5, 0.6]},
            {"units": 1, "activation": "tanh", "weights": [[1.0, -1.0]], "biases": [0.0]},
        ],
    },
    "training": {"loss": "squared_error", "optimizer": {"name": "sgd", "learning_rate": 0.5}},
    "data": {"inputs": [[0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], "targets": [[1.0], [0.0], [1.0]]},
}
NOTHING = object()


def changed(path, value, base=BASE):
    """BASE with another value at a path such as ``network.layers.0.weights``; NOTHING takes it out."""
    document = copy.deepcopy(base)
    *way, last = [int(word) if word.isdigit() else word for word in path.split(".")]
    table = document
    for word in way:
        table = table[word]
    if value is NOTHING:
        del table[last]
    else:
        table[last] = value
    return document


def refusal(document):
    with pytest.raises(NetworkError) as caught:
        build(document)
    return caught.value


def test_everything_given_is_kept():
    network = build(BASE)
    assert network.title == "two layers"
    assert network.shape == "2-2-1"
    assert network.widths == (2, 2, 1)
    assert network.parameters == 9
    assert network.layers[0].weights == ((0.1, 0.2), (0.3, 0.4))
    assert network.layers[0].biases == (0.5, 0.6)
    assert network.layers[1].activation.name == "tanh"
    assert network.training.learning_rate == 0.5
    assert network.data.inputs == ((0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
    assert len(network.data) == 3


def test_what_is_left_out_has_its_default():
    document = copy.deepcopy(BASE)
    del document["training"], document["title"]
    del document["network"]["layers"][0]["biases"]
    network = build(document)
    assert network.title == "2-2-1"
    assert network.layers[0].biases == (0.0, 0.0)
    assert network.training.loss_name == "squared_error"
    assert network.training.optimizer_name == "sgd"
    assert network.training.learning_rate == 0.001
    assert network.batch_size == 3
    assert not network.training.shuffle


@pytest.mark.parametrize(("given_size", "size"), [(1, 1), (2, 2), (3, 3), (64, 3)])
def test_a_batch_is_no_larger_than_the_data(given_size, size):
    assert build(changed("training.batch_size", given_size)).batch_size == size


def test_whole_numbers_do_where_numbers_are_asked_for():
    network = build(changed("network.layers.0.weights", [[1, 2], [3, 4]]))
    assert network.layers[0].weights == ((1.0, 2.0), (3.0, 4.0))
    assert all(isinstance(w, float) for row in network.layers[0].weights for w in row)


def test_units_and_inputs_may_have_names():
    document = changed("network.inputs", ["cat", "dog"])
    document["network"]["layers"][0]["units"] = ["left", "right"]
    network = build(document)
    assert network.input_names == ("cat", "dog")
    assert network.layers[0].unit_names == ("left", "right")
    assert network.shape == "2-2-1"


def test_frozen_parameters_are_marked():
    network = build(changed("network.layers.0.frozen", ["biases"]))
    assert [layer.frozen_biases for layer in network.layers] == [True, False]
    assert not any(layer.frozen_weights for layer in network.layers)


def drawn(initializer, units=100, inputs=50, seed=0):
    layer = {"units": units, "activation": "tanh"} | ({"initializer": initializer} if initializer else {})
    data = {"inputs": [[0.0] * inputs], "targets": [[0.0] * units]}
    network = {"inputs": inputs, "layers": [layer]}
    return np.array(build({"network": network, "training": {"seed": seed}, "data": data}).layers[0].weights)


@pytest.mark.parametrize(
    ("initializer", "mean", "deviation", "bound"),
    [
        ("zeros", 0.0, 0.0, 0.0),
        ("constant", 0.5, 0.0, 0.5),
        ({"name": "constant", "value": 2}, 2.0, 0.0, 2.0),
        ("uniform", 0.0, 1.0 / math.sqrt(12.0), 0.5),
        ({"name": "uniform", "low": -1.0, "high": 3.0}, 1.0, 4.0 / math.sqrt(12.0), 3.0),
        ("normal", 0.0, 0.5, math.inf),
        ({"name": "normal", "mean": 3.0, "std": 0.1}, 3.0, 0.1, math.inf),
        ("xavier_uniform", 0.0, math.sqrt(2.0 / 150.0), math.sqrt(6.0 / 150.0)),
        ("xavier_normal", 0.0, math.sqrt(2.0 / 150.0), math.inf),
        ("he_uniform", 0.0, math.sqrt(2.0 / 50.0), math.sqrt(6.0 / 50.0)),
        ("he_normal", 0.0, math.sqrt(2.0 / 50.0), math.inf),
        (None, 0.0, math.sqrt(2.0 / 150.0), math.sqrt(6.0 / 150.0)),
    ],
)
def test_weights_are_drawn_from_the_distribution_asked_for(initializer, mean, deviation, bound):
    """5000 draws: the standard error of the mean is deviation/71."""
    weights = drawn(initializer)
    assert weights.shape == (100, 50)
    assert float(weights.mean()) == pytest.approx(mean, abs=deviation / 14 + 1e-15)
    assert float(weights.std()) == pytest.approx(deviation, rel=0.06, abs=1e-15)
    assert float(np.abs(weights).max()) <= bound


def test_every_initializer_is_tested():
    assert set(INITIALIZERS) == {
        *("zeros", "constant", "uniform", "normal", "xavier_uniform", "xavier_normal"),
        *("he_uniform", "he_normal"),
    }


def test_the_seed_decides_the_weights():
    assert np.array_equal(drawn("normal", seed=1), drawn("normal", seed=1))
    assert not np.array_equal(drawn("normal", seed=1), drawn("normal", seed=2))


def test_changing_one_layer_leaves_the_weights_of_the_others_alone():
    def third(units, initializer):
        layers = [{"units": 2, "activation": "tanh"} for _ in range(4)]
        layers[0] |= {"units": units, "initializer": initializer}
        data = {"inputs": [[0.0]], "targets": [[0.0, 0.0]]}
        return build({"network": {"inputs": 1, "layers": layers}, "data": data}).layers[2].weights

    assert third(2, "normal") == third(5, "zeros")


def test_layers_draw_different_weights():
    layers = [{"units": 2, "activation": "tanh"} for _ in range(2)]
    data = {"inputs": [[0.0, 0.0]], "targets": [[0.0, 0.0]]}
    network = build({"network": {"inputs": 2, "layers": layers}, "data": data})
    assert network.layers[0].weights != network.layers[1].weights


@given(documents())
def test_any_document_of_the_tables_is_built_as_it_stands(document):
    before = copy.deepcopy(document)
    network = build(document)
    assert document == before
    for table, layer in zip(document["network"]["layers"], network.layers, strict=True):
        assert [list(row) for row in layer.weights] == table["weights"]
        assert list(layer.biases) == table["biases"]
        assert layer.activation_name == table["activation"]
        assert layer.frozen_weights == ("weights" in table.get("frozen", []))
    assert [list(row) for row in network.data.inputs] == document["data"]["inputs"]
    assert network.training.optimizer_name == document["training"]["optimizer"]["name"]


# What is refused: (path changed, new value, place named, words of the message)
LAYER = "network.layers.0"
PLACE = "network.layers[0]"
REFUSED = [
    ("network", NOTHING, "network", "nothing"),
    ("data", NOTHING, "data", "nothing"),
    ("network", 5, "network", "a table"),
    ("network.inputs", NOTHING, "network.inputs", "nothing"),
    ("network.inputs", 0, "network.inputs", "at least 1, found 0"),
    ("network.inputs", -3, "network.inputs", "at least 1, found -3"),
    ("network.inputs", "two", "network.inputs", 'found "two"'),
    ("network.inputs", True, "network.inputs", "found true"),
    ("network.inputs", 1.5, "network.inputs", "1.5"),
    ("network.inputs", [], "network.inputs", "at least one name"),
    ("network.inputs", ["a", "a b"], "network.inputs[1]", '"a b"'),
    ("network.inputs", ["1st", "b"], "network.inputs[0]", '"1st"'),
    ("network.inputs", ["a" * 17, "b"], "network.inputs[0]", "16"),
    ("network.inputs", ["a", "a"], "network.inputs", '"a"'),
    ("network.inputs", ["y", "b"], "network.inputs", '"y"'),
    ("network.layers", NOTHING, "network.layers", "nothing"),
    ("network.layers", [], "network.layers", "at least one layer"),
    ("network.layers", [BASE["network"]["layers"][0]] * (MOST_LAYERS + 1), "network.layers", "at most 200"),
    ("network.layrs", [], "network", "layers"),
    (f"{LAYER}.units", NOTHING, f"{PLACE}.units", "nothing"),
    (f"{LAYER}.units", 3, f"{PLACE}.weights", "3 rows (a row per unit), found 2"),
    (f"{LAYER}.units", 10**9, f"{PLACE}.units", "4000000"),
    (f"{LAYER}.units", MOST_PARAMETERS, f"{PLACE}.units", "parameters"),
    (f"{LAYER}.activation", NOTHING, f"{PLACE}.activation", "nothing"),
    (f"{LAYER}.activation", "sigmiod", f"{PLACE}.activation", "did you mean sigmoid"),
    (f"{LAYER}.activation", "swoosh", f"{PLACE}.activation", "one of identity, sigmoid"),
    (f"{LAYER}.activation", 3, f"{PLACE}.activation", "expected text, found 3"),
    (f"{LAYER}.weights", [[0.1, 0.2]], f"{PLACE}.weights", "2 rows (a row per unit), found 1"),
    (
        f"{LAYER}.weights",
        [[0.1, 0.2], [0.3]],
        f"{PLACE}.weights[1]",
        "2 numbers (a column per input), found 1",
    ),
    (f"{LAYER}.weights", [[0.1, 0.2], [0.3, "x"]], f"{PLACE}.weights[1][1]", 'a number, found "x"'),
    (f"{LAYER}.weights", [[0.1, 0.2], [0.3, True]], f"{PLACE}.weights[1][1]", "true"),
    (
        f"{LAYER}.weights",
        [[0.1, 0.2], [math.nan, 0.3]],
        f"{PLACE}.weights[1][0]",
        "a finite number, found nan",
    ),
    (
        f"{LAYER}.weights",
        [[0.1, 0.2], [0.3, math.inf]],
        f"{PLACE}.weights[1][1]",
        "a finite number, found inf",
    ),
    (f"{LAYER}.weights", [0.1, 0.2], f"{PLACE}.weights[0]", "a list, found 0.1"),
    (f"{LAYER}.weights", 0.1, f"{PLACE}.weights", "a list"),
    (f"{LAYER}.biases", [0.1], f"{PLACE}.biases", "2 numbers (one per unit), found 1"),
    (f"{LAYER}.biases", [0.1, math.nan], f"{PLACE}.biases[1]", "a finite number"),
    (f"{LAYER}.bises", [0.1, 0.1], PLACE, "did you mean biases"),
    (f"{LAYER}.initializer", "zeros", f"{PLACE}.initializer", "either weights or an initializer"),
    (f"{LAYER}.frozen", ["weight"], f"{PLACE}.frozen[0]", "did you mean weights"),
    (f"{LAYER}.frozen", "weights", f"{PLACE}.frozen", "a list"),
    (f"{LAYER}.weight_names", [["a", "b"]], f"{PLACE}.weight_names", "2 rows"),
    (f"{LAYER}.weight_names", [["a", "b"], ["c"]], f"{PLACE}.weight_names[1]", "2 names"),
    (f"{LAYER}.weight_names", [["a", "b"], ["c", "a"]], f"{PLACE}.weight_names", '"a"'),
    (f"{LAYER}.bias_names", ["a"], f"{PLACE}.bias_names", "2 names"),
    (f"{LAYER}.bias_names", ["L", "b"], f"{PLACE}.bias_names[0]", '"L"'),
    ("training.loss", "square_error", "training.loss", "did you mean squared_error"),
    ("training.epochs", 5, "training", "a known field"),
    ("training.batch_size", 0, "training.batch_size", "at least 1, found 0"),
    ("training.batch_size", "all", "training.batch_size", "a whole number"),
    ("training.shuffle", "yes", "training.shuffle", "true or false"),
    ("training.seed", -1, "training.seed", "at least 0, found -1"),
    ("training.seed", 2**63, "training.seed", "at most 9223372036854775807"),
    ("training.seed", 2**64, "training.seed", "at most 9223372036854775807"),
    ("training.optimizer", {"name": "sgdd"}, "training.optimizer.name", "did you mean sgd"),
    ("training.optimizer", {"name": True}, "training.optimizer.name", "true"),
    ("training.optimizer", {"learning_rat": 0.1}, "training.optimizer", "did you mean learning_rate"),
    ("training.optimizer", {"learning_rate": "fast"}, "training.optimizer.learning_rate", '"fast"'),
    ("training.optimizer", {"learning_rate": -0.1}, "training.optimizer.learning_rate", "at least 0"),
    ("training.optimizer", {"learning_rate": math.nan}, "training.optimizer.learning_rate", "finite"),
    (
        "training.optimizer",
        {"learning_rate": True},
        "training.optimizer.learning_rate",
        "a number, found true",
    ),
    ("training.optimizer", {"name": "adam", "beta1": 1.0}, "training.optimizer.beta1", "less than 1"),
    ("training.optimizer", {"name": "sgd", "beta1": 0.9}, "training.optimizer", "an option of sgd"),
    ("training.optimizer", {"nesterov": 1}, "training.optimizer.nesterov", "true or false"),
    ("training.optimizer", {"nesterov": True}, "training.optimizer.momentum", "more than 0"),
    ("training.optimizer", "sgd", "training.optimizer", "a table"),
    ("training.reduction", "sums", "training.reduction", "did you mean sum"),
    ("training.start", {}, "training.start.updates", "nothing"),
    ("training.start", {"updates": -1}, "training.start.updates", "at least 0, found -1"),
    ("training.start", {"updates": 1, "layer": []}, "training.start", "did you mean layers"),
    ("training.start", {"updates": 1, "layers": [{}]}, "training.start.layers", "one per layer, found 1"),
    (
        "training.start",
        {"updates": 1, "layers": [{"weights": {"m": [[0.0]]}}, {}]},
        "training.start.layers[0]",
        "what sgd keeps",
    ),
    ("pytorch", {"dtype": "float8"}, "pytorch.dtype", "one of float64"),
    ("pytorch", {"types": "float32"}, "pytorch", "a known field"),
    ("data.inputs", NOTHING, "data.inputs", "nothing"),
    ("data.targets", NOTHING, "data.targets", "nothing"),
    ("data.inputs", [], "data.inputs", "at least one example"),
    ("data.inputs", [[0.0, 1.0]], "data.targets", "1 rows"),
    ("data.inputs", [[0.0, 1.0], [1.0], [1.0, 1.0]], "data.inputs[1]", "2 numbers"),
    ("data.inputs", [[0.0, 1.0], [1.0, "b"], [1.0, 1.0]], "data.inputs[1][1]", '"b"'),
    ("data.inputs", [[0.0, 1.0], [1.0, math.inf], [1.0, 1.0]], "data.inputs[1][1]", "finite"),
    ("data.targets", [[0.0], [1.0, 2.0], [0.0]], "data.targets[1]", "1 numbers"),
    ("data.targets", [[0.0], [math.nan], [0.0]], "data.targets[1][0]", "finite"),
    ("data.target", [[0.0]], "data", "did you mean targets"),
    ("titel", "x", "", "did you mean title"),
    ("title", 3, "title", "text"),
    ("title", "x" * 1001, "title", "at most 1000"),
]


@pytest.mark.parametrize(
    ("path", "value", "place", "words"), REFUSED, ids=[f"{row[0]}-{n}" for n, row in enumerate(REFUSED)]
)
def test_a_wrong_document_is_refused_at_the_place(path, value, place, words):
    error = refusal(changed(path, value))
    assert error.place == place
    assert words in str(error)
    assert error.expected
    assert "\n" not in str(error)
    assert len(str(error)) < 400


@pytest.mark.parametrize(
    ("initializer", "place", "words"),
    [
        ("xavier_unifrom", "initializer", "did you mean xavier_uniform"),
        ({"low": 1.0}, "initializer.name", "nothing"),
        ({"name": "zero"}, "initializer.name", "did you mean zeros"),
        ({"name": "uniform", "lo": 1.0}, "initializer", "did you mean low"),
        ({"name": "uniform", "low": "a"}, "initializer.low", '"a"'),
        ({"name": "uniform", "low": 1.0, "high": 0.0}, "initializer.low", "at most high"),
        ({"name": "normal", "std": -1.0}, "initializer.std", "at least 0"),
        ({"name": "normal", "mean": math.inf}, "initializer.mean", "finite"),
        (7, "initializer", "7"),
    ],
)
def test_a_wrong_initializer_is_refused(initializer, place, words):
    document = changed(f"{LAYER}.weights", NOTHING)
    document["network"]["layers"][0]["initializer"] = initializer
    error = refusal(document)
    assert error.place == f"{PLACE}.{place}"
    assert words in str(error)


@pytest.mark.parametrize(
    ("loss", "activation"), [("binary_cross_entropy", "sigmoid"), ("cross_entropy", "softmax")]
)
@pytest.mark.parametrize("target", [-0.1, 1.5])
def test_targets_of_an_entropy_lie_between_0_and_1(loss, activation, target):
    document = changed("training.loss", loss)
    document["network"]["layers"][1]["activation"] = activation
    build(document)
    document["data"]["targets"][2][0] = target
    error = refusal(document)
    assert error.place == "data.targets[2][0]"
    assert loss in error.expected


def test_an_error_says_found_and_expected_separately():
    error = refusal(changed(f"{LAYER}.activation", "sigmiod"))
    assert error.found == '"sigmiod"'
    assert error.expected.startswith("one of identity")
    assert error.hint == "did you mean sigmoid?"
    assert str(error.from_source("net.toml")).startswith(
        "net.toml: network.layers[0].activation: expected one of"
    )


def test_large_numbers_are_finite_though_their_sum_is_not():
    network = build(changed(f"{LAYER}.weights", [[1.7e308, 1.7e308], [-1.7e308, 1.0]]))
    assert network.layers[0].weights[0] == (1.7e308, 1.7e308)


def test_the_first_number_that_is_not_finite_is_named_though_others_make_up_for_it():
    error = refusal(changed(f"{LAYER}.weights", [[0.1, 0.2], [math.inf, -math.inf]]))
    assert (error.place, error.found) == (f"{PLACE}.weights[1][0]", "inf")
    error = refusal(changed("data.inputs", [[0.0, 1.0], [0.5, -math.inf], [math.inf, -math.inf]]))
    assert (error.place, error.found) == ("data.inputs[1][1]", "-inf")


def test_the_first_target_out_of_range_is_named_among_rows_that_repeat():
    document = changed("training.loss", "binary_cross_entropy")
    document["network"]["layers"][1]["activation"] = "sigmoid"
    document["data"] = {"inputs": [[0.0, 1.0]] * 6, "targets": [[1.0], [0.0], [1.0], [1.5], [-2.0], [1.5]]}
    error = refusal(document)
    assert (error.place, error.found) == ("data.targets[3][0]", "1.5")


def test_momentum_is_there_in_every_iteration_or_in_none():
    document = changed("training.batch_size", 1)
    document["training"]["schedule"] = {"momentum": [0.0, 0.9, 0.9]}
    error = refusal(document)
    assert (error.place, error.expected) == ("training.schedule.momentum", "0 in every iteration or in none")
    document["training"]["schedule"] = {"momentum": [0.5, 0.9, 0.9]}
    assert build(document).training.settings["momentum"] == 0.5


def test_only_what_was_recorded_has_a_learning_rate_that_is_not_finite():
    document = changed("training.batch_size", 1)
    document["training"]["schedule"] = {"learning_rate": [0.1, math.nan, math.inf]}
    assert refusal(document).place == "training.schedule.learning_rate[1]"
    iterations = [{"number": number, "loss": 0.1, "grad_norm": 0.1} for number in range(3)]
    document["recording"] = {"iterations": iterations}
    assert math.isnan(build(document).training.schedule["learning_rate"][1])
    document["training"]["optimizer"]["learning_rate"] = math.nan
    assert build(document).training.options.keys() == {"learning_rate"}
    del document["recording"]
    assert refusal(document).place == "training.optimizer.learning_rate"
