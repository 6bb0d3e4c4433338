"""The shipped networks: published figures are reproduced digit by digit, our own show what they claim.

Every published figure turned out to be rounded, none truncated: a computed value may differ from the printed
one by half a unit of its last printed place, and by no more.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import exp
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from backprop_tui.engine.epochs import EpochResult, run
from backprop_tui.engine.gradient_check import check_gradients
from backprop_tui.engine.reference import Forward, forward
from backprop_tui.engine.state import TrainingState
from backprop_tui.engine.training import Iteration, Trainer
from backprop_tui.network.files.library import names, shipped

PUBLISHED = ("hmkcode", "mazur", "nielsen-easy", "nielsen-saturated", "one-linear-neuron", "udacity")
OUR_OWN = (
    "crawling",
    "dead-relu",
    "digits",
    "exploding",
    "overshooting",
    "saturated-sigmoid",
    "softmax",
    "straight-line",
    "symmetric",
    "vanishing",
)

# What Mazur's errata says: the key, and what follows from the method instead.
CORRECTED: dict[str, Any] = {
    "loss_after": "0.291027774",
    "loss_after_10000": "0.0000351019",
    "a_after_10000": ["0.015913620", "0.984064274"],
}


def about(name: str) -> dict[str, Any]:
    """The file's own ``[about]``."""
    text = (files("backprop_tui.network.files") / "examples" / f"{name}.toml").read_text("utf-8")
    table: dict[str, Any] = tomllib.loads(text)["about"]
    return table


@cache
def first_iteration(name: str) -> Iteration:
    trainer = Trainer(shipped(name))
    return trainer.iterate(trainer.initial_state(), 0)


@cache
def after(name: str, updates: int) -> Forward:
    """The forward pass after so many updates."""
    trainer = Trainer(shipped(name))
    state: TrainingState = trainer.initial_state()
    for number in range(updates):
        state = trainer.iterate(state, number).after
    return forward(trainer.network, state.parameters, trainer.inputs, trainer.targets)


def epochs(name: str, count: int) -> list[EpochResult]:
    return list(run(shipped(name), count))


def computed(name: str, key: str) -> Any:
    """What the engine computes for a published figure: a number, or arrays layer by layer."""
    iteration = first_iteration(name)
    pass_, back, gradient = iteration.forward, iteration.backward, iteration.gradient
    new = iteration.after.parameters
    rate = shipped(name).training.learning_rate
    match key.split("_"):
        case ["z"]:
            return [z[0] for z in pass_.z]
        case ["a"]:
            return [a[0] for a in pass_.a[1:]]
        case ["loss"]:
            return pass_.loss[0]
        case ["loss", "per", "output"]:
            return 0.5 * (iteration.targets[0] - pass_.a[-1][0]) ** 2
        case ["neg", "dA"]:
            return [-d[0] for d in back.dL_da]
        case ["act", "deriv"]:
            return [d[0] for d in back.da_dz]
        case ["delta"]:
            return [d[0] for d in back.delta]
        case ["neg", "delta"]:
            return [-d[0] for d in back.delta]
        case ["dW"]:
            return gradient.weights
        case ["db"]:
            return gradient.biases
        case ["lr", "dW"]:
            return [rate * slope for slope in gradient.weights]
        case ["delta", "w"]:
            return [-rate * slope for slope in gradient.weights]
        case ["new", "W"]:
            return new.weights
        case ["new", "b"]:
            return new.biases
        case ["loss", "after", *count]:
            return after(name, int(*count or (1,))).loss[0]
        case ["a", "after"]:
            return [a[0] for a in after(name, 1).a[1:]]
        case ["a", "after", count]:
            return after(name, int(count)).a[-1][0]
    raise AssertionError(f"nobody knows what {key} is")


def paired(printed: Any, values: Any, place: str) -> Iterator[tuple[str, str, float]]:
    """Every printed figure with its place and the computed value; the shapes must be the same."""
    if isinstance(printed, str):
        assert np.ndim(values) == 0, place
        if printed:
            yield place, printed, float(values)
        return
    assert len(printed) == len(values), place
    for number, (text, value) in enumerate(zip(printed, values, strict=True)):
        yield from paired(text, value, f"{place}[{number}]")


def rounds_to(value: float, printed: str) -> bool:
    """Whether *value* lies within half a unit of the last place of *printed*."""
    text = Decimal(printed)
    exponent = text.as_tuple().exponent
    assert isinstance(exponent, int)
    return abs(Decimal(value) - text) <= Decimal((0, (5,), exponent - 1))


def figures() -> list[tuple[str, str, Any]]:
    """Every published key but those of the errata, which have tests of their own."""
    return [
        (name, key, printed)
        for name in PUBLISHED
        for key, printed in about(name)["published"].items()
        if not (name == "mazur" and key in CORRECTED)
    ]


def test_all_of_these_are_shipped() -> None:
    assert set(names()) == {"worked-example", "xor", *PUBLISHED, *OUR_OWN}
    assert names()[0] == "worked-example"


@pytest.mark.parametrize("name", names())
def test_each_says_where_it_is_from_and_what_it_teaches(name: str) -> None:
    network = shipped(name)
    assert network.about["source"]
    assert 20 < len(network.about["teaches"]) <= 110
    assert network.title
    assert ("http" in network.about["source"]) == (name in (*PUBLISHED, "digits", "exploding"))


def test_half_a_unit_is_allowed_and_no_more() -> None:
    assert rounds_to(0.125, "0.12")
    assert rounds_to(0.125, "0.13")
    assert not rounds_to(0.1251, "0.12")
    assert not rounds_to(0.1249, "0.13")
    assert rounds_to(-7.9799999999999995, "-7.98")
    assert not rounds_to(7.98, "-7.98")


@pytest.mark.parametrize(("name", "key", "printed"), figures())
def test_every_published_digit_is_reproduced(name: str, key: str, printed: Any) -> None:
    pairs = list(paired(printed, computed(name, key), key))
    assert pairs
    assert [pair for pair in pairs if not rounds_to(pair[2], pair[1])] == []


def test_as_many_figures_are_compared_as_the_articles_print() -> None:
    """So that none is lost by an empty text; counted by hand."""
    count = {
        name: sum(
            len(list(paired(printed, computed(name, key), key)))
            for key, printed in about(name)["published"].items()
        )
        for name in PUBLISHED
    }
    assert count == {
        "hmkcode": 20,
        "mazur": 21,
        "nielsen-easy": 2,
        "nielsen-saturated": 2,
        "one-linear-neuron": 6,
        "udacity": 7,
    }


@pytest.mark.parametrize("key", CORRECTED)
def test_mazurs_errata_differ_from_the_method_as_stated(key: str) -> None:
    printed = about("mazur")["published"][key]
    values = computed("mazur", key)
    wrong, right = paired(printed, values, key), paired(CORRECTED[key], values, key)
    assert [pair for pair in wrong if rounds_to(pair[2], pair[1])] == []
    assert [pair for pair in right if not rounds_to(pair[2], pair[1])] == []


def test_mazurs_errata_name_every_figure() -> None:
    errata = about("mazur")["errata"]
    assert shipped("mazur").about["errata"] == errata
    for key, corrected in CORRECTED.items():
        for table in (about("mazur")["published"][key], corrected):
            assert all(text in errata for text in ([table] if isinstance(table, str) else table))


def _mazur_by_hand(updates: int) -> tuple[float, float, float]:
    """Loss and outputs where the hidden layer's gradients use output weights that are already updated."""

    def sigmoid(z: float) -> float:
        return 1 / (1 + exp(-z))

    i1, i2, t1, t2, rate = 0.05, 0.10, 0.01, 0.99, 0.5
    w1, w2, w3, w4, w5, w6, w7, w8 = 0.15, 0.20, 0.25, 0.30, 0.40, 0.45, 0.50, 0.55
    for update in range(updates + 1):
        h1, h2 = sigmoid(w1 * i1 + w2 * i2 + 0.35), sigmoid(w3 * i1 + w4 * i2 + 0.35)
        o1, o2 = sigmoid(w5 * h1 + w6 * h2 + 0.60), sigmoid(w7 * h1 + w8 * h2 + 0.60)
        if update == updates:
            break
        d1, d2 = (o1 - t1) * o1 * (1 - o1), (o2 - t2) * o2 * (1 - o2)
        w5, w6, w7, w8 = w5 - rate * d1 * h1, w6 - rate * d1 * h2, w7 - rate * d2 * h1, w8 - rate * d2 * h2
        e1, e2 = (d1 * w5 + d2 * w7) * h1 * (1 - h1), (d1 * w6 + d2 * w8) * h2 * (1 - h2)
        w1, w2, w3, w4 = w1 - rate * e1 * i1, w2 - rate * e1 * i2, w3 - rate * e2 * i1, w4 - rate * e2 * i2
    return ((o1 - t1) ** 2 + (o2 - t2) ** 2) / 2, o1, o2


def test_mazurs_errata_come_from_output_weights_that_were_already_updated() -> None:
    published = about("mazur")["published"]
    assert rounds_to(_mazur_by_hand(1)[0], published["loss_after"])
    _, o1, o2 = _mazur_by_hand(10_000)
    assert rounds_to(o1, published["a_after_10000"][0])
    assert rounds_to(o2, published["a_after_10000"][1])


def test_mazurs_last_loss_is_that_of_one_update_before() -> None:
    assert rounds_to(float(after("mazur", 9_999).loss[0]), about("mazur")["published"]["loss_after_10000"])


@pytest.mark.parametrize("name", sorted({*names()} - {"digits"}))  # which is checked on fewer examples
def test_every_gradient_agrees_with_a_central_difference(name: str) -> None:
    network = shipped(name)
    result = check_gradients(Trainer(network))
    assert result.checked == network.parameters
    assert result.passed, result.disagreeing


# Our own


def test_straight_line_stays_one_and_ends_at_the_best() -> None:
    results = epochs("straight-line", 3000)
    for result in results[::50]:
        steps = np.diff(result.predictions[:, 0])
        np.testing.assert_allclose(steps, steps[0], rtol=0.0, atol=1e-12)
    # By least squares: y = x − 1/8, whose errors on x = 0, ¼, ½, ¾, 1 are ±1/8 (three) and 1/16 (two).
    x = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    np.testing.assert_allclose(results[-1].predictions[:, 0], x - 1 / 8, rtol=0.0, atol=1e-9)
    assert results[-1].loss == pytest.approx(7 / 1280, rel=1e-9)
    assert results[0].loss > 5 * results[-1].loss


def test_overshooting_multiplies_the_error_by_minus_one_and_a_half() -> None:
    results = epochs("overshooting", 40)
    errors = [4.0 - result.predictions[0, 0] for result in results]
    np.testing.assert_allclose(errors, [(-1.5) ** epoch for epoch in range(40)], rtol=1e-9)
    assert all(earlier.loss < later.loss for earlier, later in pairwise(results))


def test_crawling_keeps_more_than_a_third_of_its_loss() -> None:
    results = epochs("crawling", 1001)
    assert results[1000].loss == pytest.approx(0.5 * 0.9995**2000, rel=1e-9)
    assert 1 / 3 < results[1000].loss / results[0].loss < 0.4
    quick = replace(shipped("crawling").training, options={"learning_rate": 0.2})
    assert list(run(replace(shipped("crawling"), training=quick), 2))[1].loss < 1e-30


def test_saturated_sigmoid_passes_almost_nothing_on() -> None:
    iteration = first_iteration("saturated-sigmoid")
    same, too = iteration.backward.dL_da[0][0]
    assert same == too
    saturated, awake = iteration.gradient.weights[0][:, 0]
    slopes = [s * (1 - s) for s in (1 / (1 + exp(-10.0)), 1 / (1 + exp(-0.5)))]
    assert saturated / awake == pytest.approx(slopes[0] / slopes[1], rel=1e-9)
    assert saturated / awake < 1e-3
    start, end = shipped("saturated-sigmoid").layers[0].weights, epochs("saturated-sigmoid", 1000)[-1]
    moved = np.abs(end.parameters.weights[0] - np.array(start))[:, 0]
    assert moved[0] < 1e-4
    assert moved[1] > 0.1


def test_dead_relu_has_gradients_of_exactly_zero_and_never_moves() -> None:
    trainer = Trainer(shipped("dead-relu"))
    state = start = trainer.initial_state()
    losses = []
    for number in range(300):
        iteration = trainer.iterate(state, number)
        slopes = iteration.gradient
        assert slopes.weights[0][1, 0] == slopes.biases[0][1] == slopes.weights[1][0, 1] == 0.0
        assert np.all(iteration.forward.z[0][:, 1] < 0)
        assert np.any(iteration.backward.dL_da[0][:, 1] != 0)
        losses.append(float(np.mean(iteration.forward.loss)))
        state = iteration.after
    assert state.parameters.weights[0][1, 0] == start.parameters.weights[0][1, 0]
    assert state.parameters.biases[0][1] == start.parameters.biases[0][1]
    assert state.parameters.weights[0][0, 0] != start.parameters.weights[0][0, 0]
    assert losses[-1] < 1e-3 * losses[0]


def test_vanishing_leaves_the_first_of_eight_layers_almost_nothing() -> None:
    iteration = first_iteration("vanishing")
    assert len(iteration.backward.delta) == 8
    slopes = [abs(float(slope[0, 0])) for slope in iteration.gradient.weights]
    assert slopes == sorted(slopes)
    assert slopes[0] / slopes[-1] < 1e-4
    deltas = [abs(float(delta[0, 0])) for delta in iteration.backward.delta]
    assert all(below < above / 4 for below, above in pairwise(deltas))
    moved = [abs(float(w[0, 0]) - 1.0) for w in epochs("vanishing", 300)[-1].parameters.weights]
    assert moved[0] < 1e-3 < 0.1 < moved[-1]


def test_exploding_grows_two_and_a_half_fold_a_layer_and_spoils_the_loss() -> None:
    iteration = first_iteration("exploding")
    deltas = [float(delta[0, 0]) for delta in iteration.backward.delta]
    slopes = [float(slope[0, 0]) for slope in iteration.gradient.weights]
    # All z are 0, so every slope is 1/4 and every weight 10; every a below is 1/2, the input too.
    assert deltas == pytest.approx([-0.1 / 4 * 2.5**above for above in range(7, -1, -1)], rel=1e-12)
    assert slopes == pytest.approx([delta / 2 for delta in deltas], rel=1e-12)
    results = epochs("exploding", 100)
    assert results[0].loss == pytest.approx(0.005, rel=1e-12)
    assert all(result.loss > 10 * results[0].loss for result in results[1:])


def test_softmax_with_cross_entropy_has_the_error_signal_a_minus_y() -> None:
    trainer = Trainer(shipped("softmax"))
    state = trainer.initial_state()
    for number in range(20):
        iteration = trainer.iterate(state, number)
        z = iteration.forward.z[0]
        shares = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(
            iteration.backward.delta[0], shares - trainer.targets, rtol=0.0, atol=1e-15
        )
        state = iteration.after
    results = epochs("softmax", 301)
    assert results[300].loss < 0.02 * results[0].loss
    assert results[300].predictions.argmax(axis=1).tolist() == trainer.targets.argmax(axis=1).tolist()


def test_symmetric_weights_never_separate_and_a_nudge_separates_them() -> None:
    network = shipped("symmetric")
    results = epochs("symmetric", 3000)
    for result in results[::25]:
        first, second = result.parameters.weights[0]
        assert first.tolist() == second.tolist()
        assert len(set(result.parameters.biases[0].tolist())) == 1
        assert len(set(result.parameters.weights[1][0].tolist())) == 1
    # One hidden unit with equal weights rises or falls with x1 + x2; of all such outputs 0, 2/3, 2/3, 2/3 is
    # the best on XOR (isotonic regression), with a mean ½(y − a)² of 1/12.
    assert min(result.loss for result in results) > 1 / 12
    assert results[-1].loss < results[0].loss
    nudged = replace(network.layers[0], weights=((0.6, 0.5), (0.5, 0.5)))
    last = list(run(replace(network, layers=(nudged, network.layers[1])), 3000))[-1]
    assert last.loss < 1e-3
    assert np.max(np.abs(last.parameters.weights[0][0] - last.parameters.weights[0][1])) > 1.0
