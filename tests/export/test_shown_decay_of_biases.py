"""What is shown, listed, written and predicted of a bias that is not decayed, beside a weight that is.

By hand, with x = 2, y = ½, w = 0.4 and b = 0.2: a = 1, dL/dw = 1 and dL/db = ½. With η = ½ and a decay of 0.1
the weight becomes 0.4 − ½(1 + 0.04) = −0.12 and the bias 0.2 − ½·½ = −0.05; decayed it would be −0.06.
"""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import backprop_tui
from backprop_tui import save
from backprop_tui.cli.main import main
from backprop_tui.engine.training import Trainer
from backprop_tui.history.run import Run
from backprop_tui.lessons.prediction.judging import judged
from backprop_tui.lessons.prediction.question import question
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.build import build
from backprop_tui.program.boundaries import Grain

OPTIMIZER = {"name": "sgd", "learning_rate": 0.5, "weight_decay": 0.1, "decay_biases": False}


def document(**optimizer: Any) -> dict[str, Any]:
    layer = {"units": 1, "activation": "identity", "weights": [[0.4]], "biases": [0.2]}
    return {
        "network": {"inputs": 1, "layers": [layer]},
        "training": {"loss": "squared_error", "optimizer": {**OPTIMIZER, **optimizer}},
        "data": {"inputs": [[2.0]], "targets": [[0.5]]},
    }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "net.toml"
    save(build(document()), path)
    return path


def said(*arguments: Any) -> str:
    done = CliRunner().invoke(main, [str(one) for one in arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_listing_has_the_decay_of_the_weight_alone(file: Path) -> None:
    weight, bias = [json.loads(line) for line in said("trace", file, "--json").splitlines()][-2:]
    assert (weight["symbol"], bias["symbol"]) == ("w1", "b1")
    assert weight["value"] == pytest.approx(-0.12, rel=1e-14)
    assert bias["value"] == pytest.approx(-0.05, rel=1e-14)
    assert "weight_decay" in {one["symbol"] for one in weight["terms"]}
    assert {one["symbol"] for one in bias["terms"]} == {"b1", "learning_rate", "dL_db1"}
    assert bias["formula"] == "b1 = b1 − η·dL/db1"


def test_the_explanation_says_why(file: Path) -> None:
    session = backprop_tui.Session(backprop_tui.load(file))
    session.jump(session.program.statements)
    bias = session.explain()
    session.jump(session.time - 1)
    weight = session.explain()
    assert [one.symbol for one in weight.working] == ["g"]
    assert bias.working == ()
    assert bias.notes[-1] == "Biases are not decayed here: decay_biases is false."
    assert weight.notes == bias.notes[:-1]


@pytest.mark.parametrize(
    ("name", "line"), [("adam", "g"), ("adagrad", "g"), ("rmsprop", "g"), ("adamw", "decayed")]
)
def test_each_optimizer_leaves_its_line_of_the_decay_out(name: str, line: str) -> None:
    session = backprop_tui.Session(build(document(name=name)))
    session.jump(session.program.statements)
    bias = [one.symbol for one in session.explain().working]
    session.jump(session.time - 1)
    assert [one.symbol for one in session.explain().working] == [line, *bias]


@pytest.mark.parametrize(
    ("ending", "weight", "bias"),
    [
        (
            "md",
            "dL/dw1 + weight_decay·w1 = 1.0000 + 0.1000·0.4000 = 1.0400",
            "b1 − η·dL/db1 = 0.2000 − 0.5000",
        ),
        (
            "tex",
            r"\frac{\partial L}{\partial w_{1}} + \text{weight decay} \cdot w_{1}",
            r"b_{1} - \eta \cdot \frac{\partial L}{\partial b_{1}} = 0.2000 - 0.5000 \cdot 0.5000 = -0.0500",
        ),
        ("html", "the weights, not the biases", "−0.0500"),
        ("csv", "-0.12", "-0.0499999"),
    ],
)
def test_documents_have_both(file: Path, tmp_path: Path, ending: str, weight: str, bias: str) -> None:
    said("export", file, "-o", tmp_path / f"net.{ending}")
    text = (tmp_path / f"net.{ending}").read_text("utf-8")
    assert weight in text
    assert bias in text
    assert "decay_biases" not in text
    if ending != "csv":
        assert "the weights, not the biases" in text


def test_where_nothing_is_said_of_biases_nothing_is_shown_of_it(tmp_path: Path) -> None:
    usual = document()
    del usual["training"]["optimizer"]["decay_biases"]
    save(build(usual), tmp_path / "net.toml")
    for ending in ("md", "tex", "html", "py", "json"):
        said("export", tmp_path / "net.toml", "-o", tmp_path / f"net.{ending}")
        text = (tmp_path / f"net.{ending}").read_text("utf-8")
        assert "decay_biases" not in text
        assert "not the biases" not in text
    said("train", tmp_path / "net.toml", "--epochs", 1, "--save", tmp_path / "saved.toml")
    assert "decay_biases" not in (tmp_path / "saved.toml").read_text("utf-8")


def wide(name: str) -> dict[str, Any]:
    """A network large enough to be trained by whole arrays."""
    draw = np.random.default_rng(4)
    widths = (30, 40, 20)
    layers = [
        {
            "units": above,
            "activation": "tanh",
            "weights": draw.normal(size=(above, below)).tolist(),
            "biases": draw.normal(size=above).tolist(),
        }
        for below, above in pairwise(widths)
    ]
    return {
        "network": {"inputs": 30, "layers": layers},
        "training": {
            "loss": "mean_squared_error",
            "batch_size": 2,
            "optimizer": {"name": name, "learning_rate": 0.01, "weight_decay": 0.5, "decay_biases": False},
        },
        "data": {"inputs": draw.normal(size=(3, 30)).tolist(), "targets": draw.normal(size=(3, 20)).tolist()},
    }


@pytest.mark.parametrize("name", ["sgd", "rmsprop", "adamw"])
@pytest.mark.parametrize(("size", "engine"), [("small", "scalars"), ("wide", "arrays")])
def test_scripts_print_what_is_trained(tmp_path: Path, name: str, size: str, engine: str) -> None:
    given = document(name=name) if size == "small" else wide(name)
    save(build(given), tmp_path / "net.toml")
    assert Trainer(build(given)).engine == engine
    how = ("--epochs", "12", "--log-every", "5")
    said("export", tmp_path / "net.toml", "-o", tmp_path / "net.py", *how)
    done = subprocess.run(
        [sys.executable, tmp_path / "net.py"], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == said("train", tmp_path / "net.toml", *how)


@pytest.mark.parametrize("decay", [(0.0, 0.5), (0.5, 0.0)])
@pytest.mark.parametrize(("size", "engine"), [("small", "scalars"), ("wide", "arrays")])
def test_scripts_have_decay_that_begins_or_ends_within_an_epoch(
    tmp_path: Path, size: str, engine: str, decay: tuple[float, float]
) -> None:
    given = document() if size == "small" else wide("sgd")
    given["training"] |= {
        "batch_size": 1 if size == "small" else 2,
        "schedule": {"weight_decay": list(decay)},
    }
    if size == "small":
        given["data"] = {"inputs": [[0.2], [0.1]], "targets": [[0.5], [0.7]]}
    save(build(given), tmp_path / "net.toml")
    assert Trainer(build(given)).engine == engine
    how = ("--epochs", "4", "--log-every", "1")
    said("export", tmp_path / "net.toml", "-o", tmp_path / "net.py", *how)
    done = subprocess.run(
        [sys.executable, tmp_path / "net.py"], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == said("train", tmp_path / "net.toml", *how)
    if size == "small":  # by hand, with the decay of the weight alone
        w, b, losses = 0.4, 0.2, []
        for _ in range(4):
            total = 0.0
            for x, y, share in zip((0.2, 0.1), (0.5, 0.7), decay, strict=True):
                error = w * x + b - y
                total += error * error / 2.0
                w, b = w - 0.5 * (error * x + share * w), b - 0.5 * error
            losses.append(total / 2.0)
        printed = [line.split(", ")[1] for line in done.stdout.splitlines()[:-1]]
        assert printed == [f"Loss: {loss:.6f}" for loss in losses]


def test_to_decay_the_bias_as_well_is_a_mistake_with_words_of_its_own() -> None:
    run = Run(build(document()))
    found = judged(question(run, Grain.STATEMENT, 9, 10), "-0.06", 4)
    assert "Only weights are decayed here" in found.words(4)


@pytest.mark.parametrize("wrong", [0, 1, 0.0, "false"])
def test_anything_but_true_or_false_is_refused_with_its_place(wrong: Any) -> None:
    with pytest.raises(NetworkError, match=r"training\.optimizer\.decay_biases: expected true or false"):
        build(document(decay_biases=wrong))


def test_a_misspelt_name_is_refused_with_the_right_one() -> None:
    with pytest.raises(NetworkError, match="decay_biases"):
        build(document(decay_bias=False))


def test_it_does_not_change_within_an_epoch() -> None:
    given = document()
    given["training"]["schedule"] = {"decay_biases": [1.0]}
    with pytest.raises(NetworkError, match=r"training\.schedule"):
        build(given)


def test_in_a_comparison_the_bias_is_decayed_and_the_weight_goes_as_before() -> None:
    session = backprop_tui.Session(build(document()))
    (label,) = session.comparing.add("decay_biases=true")
    trainer = Trainer(session.comparing.networks[label])
    after = trainer.iterate(trainer.initial_state(), 0).after.parameters
    assert after.biases[0][0] == pytest.approx(-0.06, rel=1e-14)
    assert after.weights[0][0, 0] == pytest.approx(-0.12, rel=1e-14)


def test_a_value_set_within_the_update_keeps_the_decay_to_the_weight() -> None:
    session = backprop_tui.Session(build(document()))
    session.jump(session.program.statements - 2)
    session.set("w1", 0.8)
    session.set("learning_rate", 0.25)
    session.jump(session.program.statements)
    assert session.value("w1") == pytest.approx(0.8 - 0.25 * (1.0 + 0.08), rel=1e-14)
    assert session.value("b1") == pytest.approx(0.2 - 0.25 * 0.5, rel=1e-14)


def test_of_arrays() -> None:
    inputs, targets = np.array([[2.0]]), np.array([[0.5]])
    network = backprop_tui.dense(
        [np.array([[0.4]])],
        [np.array([0.2])],
        inputs=inputs,
        targets=targets,
        activations=["identity"],
        optimizer=OPTIMIZER,
    )
    assert not network.training.decays_biases
