"""Networks from arrays: what NumPy understands is taken, what does not fit is refused by its argument."""

from __future__ import annotations

import numpy as np
import pytest

import backprop_tui
from backprop_tui import NetworkError, dense

W1, W2 = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]), np.array([[0.7, -0.8, 0.9]])
X, Y = np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]), np.array([1.0, 1.0, 0.0, 0.0])


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def refused(*arguments, **others):
    with pytest.raises(NetworkError) as caught:
        dense(*arguments, **{"inputs": X, "targets": Y, **others})
    return str(caught.value)


def test_training_is_what_numpy_computes_by_hand():
    b1, b2 = np.array([0.1, -0.1, 0.2]), np.array([0.05])
    network = dense(
        [W1, W2], [b1, b2], inputs=X, targets=Y, activations=["tanh", "sigmoid"], learning_rate=0.5
    )
    losses = [epoch.loss for epoch in backprop_tui.train(network, 20)]
    w1, w2, y, expected = W1, W2, Y[:, None], []
    for _ in range(20):
        a1 = np.tanh(X @ w1.T + b1)
        a2 = sigmoid(a1 @ w2.T + b2)
        expected.append(np.mean(0.5 * np.sum((y - a2) ** 2, axis=1)))
        d2 = (a2 - y) * a2 * (1 - a2)
        d1 = (d2 @ w2) * (1 - a1**2)
        w2, b2 = w2 - 0.5 * d2.T @ a1 / 4, b2 - 0.5 * d2.mean(axis=0)
        w1, b1 = w1 - 0.5 * d1.T @ X / 4, b1 - 0.5 * d1.mean(axis=0)
    np.testing.assert_allclose(losses, expected, rtol=1e-12)


def test_it_is_the_network_that_the_tables_of_a_file_describe():
    from_arrays = dense(
        [W1, W2],
        [None, [0.25]],
        inputs=X.astype(np.float32),
        targets=Y.astype(bool),
        activations="tanh",
        loss="mean_squared_error",
        optimizer={"name": "adam", "beta1": np.float64(0.5)},
        learning_rate=np.float32(0.25),
        batch_size=np.int64(2),
        shuffle=np.True_,
        seed=np.uint8(7),
        title="mine",
    )
    from_tables = backprop_tui.build(
        {
            "title": "mine",
            "network": {
                "inputs": 2,
                "layers": [
                    {"units": 3, "activation": "tanh", "weights": W1.tolist()},
                    {"units": 1, "activation": "tanh", "weights": W2.tolist(), "biases": [0.25]},
                ],
            },
            "training": {
                "loss": "mean_squared_error",
                "optimizer": {"name": "adam", "beta1": 0.5, "learning_rate": 0.25},
                "batch_size": 2,
                "shuffle": True,
                "seed": 7,
            },
            "data": {"inputs": X.tolist(), "targets": [[1.0], [1.0], [0.0], [0.0]]},
        }
    )
    assert from_arrays == from_tables
    assert isinstance(from_arrays.training.seed, int)


def test_a_whole_number_of_units_draws_as_a_file_does(tmp_path):
    network = dense([4, np.int64(1)], inputs=X, targets=Y, seed=3, initializer="he_normal")
    same = backprop_tui.load("2-4-1", data="xor", seed=3, initializer="he_normal")
    assert [layer.weights for layer in network.layers] == [layer.weights for layer in same.layers]
    backprop_tui.save(network, tmp_path / "saved.toml")
    assert backprop_tui.load(tmp_path / "saved.toml") == network


def test_one_input_and_one_output_may_be_given_without_a_second_axis():
    network = dense([2, 1], inputs=[0.0, 0.5, 1.0], targets=(0, 1, 0))
    assert network.data.inputs == ((0.0,), (0.5,), (1.0,))
    assert network.data.targets == ((0.0,), (1.0,), (0.0,))


def test_labels_become_one_hot():
    network = dense(
        [3], inputs=X, targets=np.array([0, 2, 1, 2]), activations="softmax", loss="cross_entropy"
    )
    assert network.data.targets == ((1, 0, 0), (0, 0, 1), (0, 1, 0), (0, 0, 1))


def test_lists_frames_and_tensors_are_arrays_too():
    expected = dense([W1, W2], inputs=X, targets=Y)
    assert dense([W1.tolist(), W2.tolist()], inputs=X.tolist(), targets=Y.tolist()) == expected
    assert dense([np.asfortranarray(W1), W2[:, ::-1][:, ::-1]], inputs=X[::-1][::-1], targets=Y) == expected


def test_tensors_of_torch_are_arrays_too():
    torch = pytest.importorskip("torch")
    parts = {"inputs": torch.tensor(X), "targets": torch.tensor(Y)}
    assert dense([torch.tensor(W1), torch.tensor(W2)], **parts) == dense([W1, W2], inputs=X, targets=Y)
    said = refused([torch.nn.Parameter(torch.tensor(W1)), W2])
    assert said.startswith("weights[0]: expected an array of numbers")
    assert "detach()" in said


def test_a_frame_of_pandas_is_an_array_too():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"p": X[:, 0], "q": X[:, 1], "y": Y})
    assert dense([W1, W2], inputs=frame[["p", "q"]], targets=frame["y"]) == dense(
        [W1, W2], inputs=X, targets=Y
    )
    frame["p"] = ["one", 2, 3, 4]
    assert refused([W1, W2], inputs=frame[["p", "q"]]).startswith(
        "inputs: expected an array of numbers, found one of dtype object"
    )


@pytest.mark.parametrize(
    ("arguments", "others", "said"),
    [
        (
            [[W1, np.ones((2, 4))]],
            {},
            "weights[1]: expected shape (2, 3), found shape (2, 4)",
        ),
        (
            [[W1.T, W2]],
            {},
            "weights[0]: expected shape (units, 2), found shape (2, 3) "
            "(a row a unit, a column an input: transpose it)",
        ),
        (
            [[W1, W2.T]],
            {},
            "weights[1]: expected shape (units, 3), found shape (3, 1) "
            "(a row a unit, a column an input: transpose it)",
        ),
        (
            [W1],
            {},
            "weights[0]: expected shape (units, 2), found shape (2,) "
            "(of each layer a matrix: a row a unit, a column an input)",
        ),
        ([[W1, W2], [np.zeros(2), None]], {}, "biases[0]: expected shape (3,), found shape (2,)"),
        ([[W1, W2], [np.zeros(3)]], {}, "biases: expected 2, one a layer, found 1"),
        ([[W1, [["a", "b", "c"]]]], {}, "weights[1]: expected an array of numbers, found one of dtype <U1"),
        ([[W1, W2 + 1j]], {}, "weights[1]: expected an array of numbers, found one of dtype complex128"),
        ([[W1, np.where(W2 < 0, np.nan, W2)]], {}, "weights[1][0][1]: expected a finite number, found nan"),
        ([[]], {}, "weights: expected at least one layer, found none"),
        ([3], {}, "weights: expected a list, an item a layer, found one int"),
        ([[0, 1]], {}, "weights[0]: expected at least 1, found 0"),
        ([[10**9, 1]], {}, "weights[0]: expected at most 4000000, found 1000000000"),
        ([[W1, W2]], {"inputs": X[:, :1]}, "weights[0]: expected shape (3, 1), found shape (3, 2)"),
        ([[W1, W2]], {"inputs": X[:, 0]}, "inputs: expected shape (examples, 2), found shape (4,)"),
        ([[W1, W2]], {"inputs": np.zeros((0, 2))}, "inputs: expected at least one example, found none"),
        ([[W1, W2]], {"targets": Y[:3]}, "targets: expected 4 rows, as many as inputs, found 3"),
        (
            [[W1, W2]],
            {"targets": np.ones((4, 2))},
            "targets: expected shape (examples, 1), found shape (4, 2)",
        ),
        (
            [[W1, 2]],
            {"targets": [0, 1, 2, 0]},
            "targets[2]: expected a label from 0 to 1, found 2.0 (or targets of shape (examples, 2))",
        ),
        (
            [[W1, W2]],
            {"targets": [2, 0, 0, 0], "loss": "binary_cross_entropy"},
            "targets[0][0]: expected between 0 and 1 for binary_cross_entropy, found 2.0",
        ),
        ([[W1, W2]], {"inputs": [[1, 2], [3]]}, "inputs: expected an array of numbers ("),
        ([[W1, W2]], {"activations": "tahn"}, "activations: expected one of identity, sigmoid"),
        ([[W1, W2]], {"activations": ["tanh", "tahn"]}, "activations[1]: expected one of identity, sigmoid"),
        ([[W1, W2]], {"activations": ["tanh"]}, "activations: expected 2, one a layer, found 1"),
        ([[W1, W2]], {"activations": [None, "tanh"]}, "activations[0]: expected text, found None"),
        ([[W1, W2]], {"loss": "mse"}, "loss: expected one of squared_error"),
        ([[W1, W2]], {"optimizer": "adm"}, "optimizer: expected one of sgd"),
        ([[W1, W2]], {"optimizer": {"name": "adam", "beta": 1}}, "optimizer: expected an option of adam"),
        ([[W1, W2]], {"optimizer": {"name": "adam", "beta1": 1}}, "optimizer.beta1: expected less than 1"),
        ([[W1, W2]], {"learning_rate": -1.0}, "learning_rate: expected at least 0, found -1.0"),
        ([[W1, W2]], {"learning_rate": "fast"}, 'learning_rate: expected a number, found "fast"'),
        ([[W1, W2]], {"batch_size": 0}, "batch_size: expected at least 1, found 0"),
        ([[W1, W2]], {"seed": 1.5}, "seed: expected a whole number, found 1.5"),
        ([[4, 1]], {"initializer": "xavier"}, "initializer: expected one of zeros"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_argument(arguments, others, said):
    assert refused(*arguments, **others).startswith(said)


def test_masked_numbers_are_not_taken_for_numbers():
    masked = np.ma.masked_array(X, mask=[[True, False]] + [[False, False]] * 3)
    assert (
        refused([W1, W2], inputs=masked)
        == "inputs: expected an array of numbers, found masked ones (fill them)"
    )
    assert dense([W1, W2], inputs=np.ma.masked_array(X), targets=Y).data.inputs[0] == (0.0, 1.0)
