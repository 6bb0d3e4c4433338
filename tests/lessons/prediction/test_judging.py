"""Every statement of any network can be asked and judged: right to two digits, never with a wrong sign."""

from math import floor, isfinite, log10

import plain
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import irregular, networks

from backprop_tui.engine.quantities import Kind, Phase, Quantity
from backprop_tui.history.run import Run
from backprop_tui.lessons.prediction.agreement import agrees
from backprop_tui.lessons.prediction.judging import judged, unanswered
from backprop_tui.lessons.prediction.question import question
from backprop_tui.lessons.typed import TypedError
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find
from backprop_tui.program.boundaries import Grain, next_boundary

MOST_STATEMENTS = 250


def questions(network, epochs=2):
    """The question of every single statement of some epochs."""
    run = Run(network)
    end = min(run.program.time(epochs, 0), MOST_STATEMENTS)
    return [question(run, Grain.STATEMENT, time, time + 1) for time in range(end)]


def writings(value):
    """Ways to write a value that is not 0, right to two digits or more."""
    place = 1 - floor(log10(abs(value)))
    rounded = f"{value:.1e}"
    yield rounded
    yield f"{value:.2e}"
    yield f"{value:.5e}"
    yield repr(value)
    yield rounded.replace("-", "−")
    yield rounded.replace("e", "E")
    yield f"{abs(value):.1e}" if value > 0 else f"-({abs(value):.1e})"
    yield f"  {value:.1e} "
    yield f"{value * 2:.17g} / 2"
    if 0 < place < 12:
        yield f"{value:.{place}f}"
        yield ("-" if value < 0 else "+") + f"{abs(value):.{place + 2}f}".removeprefix("0")


def is_right(asked, text):
    return judged(asked, text.strip(), 4).right


@pytest.mark.parametrize("seed", range(20))
def test_every_statement_of_irregular_networks(seed):
    network = irregular(seed)
    asked = questions(network)
    kinds = {one.statement.kind for one in asked}
    assert kinds == set(Kind)
    rows = plain.run(network, 2)
    for one, row in zip(asked, rows, strict=False):
        assert one.value == pytest.approx(row.value, rel=1e-9, abs=1e-12)
        assert one.answerable
        if not one.value or abs(one.value) < 1e-300:
            continue
        for text in writings(one.value):
            assert is_right(one, text), text
            assert not is_right(one, f"-({text})"), text
        assert not is_right(one, "0")
        far = one.value * 1.2
        assert not is_right(one, repr(far)) or agrees(far, one.as_shown(4)), (
            "it is right as the screen shows it"
        )


@settings(max_examples=20)
@given(networks(), st.sampled_from([4, 6, 9, None]))
def test_any_network(network, digits):
    for one in questions(network):
        if not one.answerable:
            assert not isfinite(one.value)
            continue
        value = one.value
        if value == 0:
            assert judged(one, "0", digits).right
            assert judged(one, "0.000", digits).right
            assert not judged(one, "0.1", digits).right
            assert not judged(one, "-1e-9", digits).right
            assert not judged(one, "+", digits).right
            assert not judged(one, "−", digits).right
        else:
            assert judged(one, f"{value:.1e}", digits).right
            for wrong in (f"{-value:.1e}", f"{-value!r}", "0"):
                found = judged(one, wrong, digits)
                assert found.right is False
                assert found.judgement(digits)
                assert found.words(digits)


@pytest.mark.parametrize("seed", range(20))
def test_a_careful_calculation_with_the_numbers_on_the_screen_is_right(seed):
    """Products and sums as a person with a pocket calculator finds them, from four decimals each."""
    network = irregular(seed)
    for one in questions(network):
        quantity, run, time = one.statement.quantity, one.run, one.statement.time

        def seen(wanted, run=run, time=time):
            return round(run.readings.read(wanted, time).value, 4)

        kind, layer, unit, below = quantity
        if kind is Kind.WEIGHT_GRADIENT and layer > 1:
            found = seen(Quantity(Kind.DELTA, layer, unit)) * seen(
                Quantity(Kind.ACTIVATION, layer - 1, below)
            )
        elif kind is Kind.BIAS_GRADIENT:
            found = seen(Quantity(Kind.DELTA, layer, unit))
        else:
            continue
        size = abs(found)
        if found * one.value > 0 and size > 1e-3 and abs(seen(Quantity(Kind.DELTA, layer, unit))) > 1e-3:
            assert judged(one, f"{found:.3g}", 4).right


def test_not_a_number_and_infinite_values_cannot_be_asked():
    network = build(
        {
            "network": {
                "inputs": 1,
                "layers": [{"units": 1, "activation": "identity", "weights": [[1e300]], "biases": [0.0]}] * 2,
            },
            "data": {"inputs": [[1e10]], "targets": [[0.0]]},
        }
    )
    found = [one.answerable for one in questions(network, 1)]
    assert not all(found)
    assert [isfinite(one.value) for one in questions(network, 1)] == found


def test_what_is_said():
    run = Run(find())
    asked = question(run, Grain.STATEMENT, 8, 9)
    assert asked.words == "Next: dL/dw2, the gradient"
    assert judged(asked, "−0.046", 4).judgement(4) == "Right: it is −0.0459."
    wrong = judged(asked, "-0.2", 4)
    assert wrong.judgement(4) == "You said −0.2; it is −0.0459."
    assert wrong.words(4).replace("\xa0", " ") == "You left out the slope factor da_o/dz_o = 0.2292."
    assert wrong.words(6).replace("\xa0", " ").endswith("0.229214.")
    computed = judged(asked, "-0.3558*0.5622", 4)
    assert computed.judgement(4) == "You said −0.2000; it is −0.0459."
    assert unanswered(asked).judgement(4) == "It is −0.0459; not scored."
    assert unanswered(asked).right is None
    with pytest.raises(TypedError):
        judged(asked, "dL_dw2", 4)
    far = judged(asked, "123", 4)
    assert far.words(4) == "The sign is the other one already, and no usual slip leads to the size."
    far = judged(asked, "-123", 4)
    assert far.words(4) == "No usual slip leads there: compare your numbers with those below."


def test_why_a_product_is_zero():
    network = build(
        {
            "network": {
                "inputs": 1,
                "layers": [
                    {"units": 1, "activation": "relu", "weights": [[-1.0]], "biases": [0.0]},
                    {"units": 1, "activation": "identity", "weights": [[1.0]], "biases": [0.5]},
                ],
            },
            "data": {"inputs": [[1.0]], "targets": [[2.0]]},
        }
    )
    said = {one.symbol: judged(one, "+", 4) for one in questions(network, 1) if one.value == 0}
    assert {"dL/dz_h", "dL/dw1", "dL/dw2"} <= said.keys()
    assert said["dL/dz_h"].judgement(4) == "You said positive; it is 0.0000."
    assert said["dL/dz_h"].words(4).replace("\xa0", " ") == "A factor of it is 0: da_h/dz_h = 0.0000."
    assert said["dL/dw2"].words(4).replace("\xa0", " ") == "A factor of it is 0: a_h = 0.0000."


@settings(max_examples=20)
@given(networks(), st.sampled_from(sorted(Grain)), st.data())
def test_steps_larger_than_a_statement_ask_for_one_of_it(network, grain, data):
    run = Run(network)
    start = data.draw(st.integers(0, 2 * run.program.statements))
    end = next_boundary(run.program, grain, start)
    asked = question(run, grain, start, end)
    assert start < asked.statement.time <= end == asked.end
    last = run.program.statement(end - 1)
    if asked.statement != last:
        assert grain is Grain.UNIT
        assert last.phase is Phase.BACKWARD
        assert asked.statement.quantity == Quantity(Kind.DELTA, last.quantity.layer, last.quantity.unit)
    elif grain is Grain.UNIT and last.phase is Phase.BACKWARD:
        signal = run.program.last_time(Quantity(Kind.DELTA, last.quantity.layer, last.quantity.unit), end)
        assert signal is None or signal <= start or last.kind is Kind.DELTA
    assert asked.symbol in asked.words
    assert asked.words.startswith("Next: ") == (end == start + 1)


@pytest.mark.parametrize(
    ("grain", "start", "words"),
    [
        (Grain.STATEMENT, 0, "Next: z_h, the weighted sum of h"),
        (Grain.UNIT, 0, "After this unit: a_h, the activation of h"),
        (Grain.FORWARD, 0, "After the forward pass: L, the loss (y = 1)"),
        (Grain.FORWARD, 4, "Next: L, the loss (y = 1)"),
        (Grain.STATEMENT, 5, "Next: dL/da_o, how the loss changes with a_o (y = 1)"),
        (Grain.STATEMENT, 6, "Next: da_o/dz_o, the slope of o's sigmoid"),
        (Grain.UNIT, 5, "In this unit: dL/dz_o, the error signal of o"),
        (Grain.UNIT, 8, "After this unit: dL/db2, the gradient"),
        (Grain.LAYER, 10, "After this layer: dL/db1, the gradient"),
        (Grain.BACKWARD, 0, "After the backward pass: dL/db1, the gradient"),
        (Grain.UPDATE, 0, "After the update: b1, its new value (η = 0.5)"),
        (Grain.EPOCH, 0, "After the epoch: b1, its new value (η = 0.5)"),
    ],
)
def test_what_is_asked_of_the_worked_example(grain, start, words):
    run = Run(find())
    assert question(run, grain, start, next_boundary(run.program, grain, start)).words == words


def test_of_several_examples_the_loss_says_which():
    run = Run(find("xor"))
    end = next_boundary(run.program, Grain.FORWARD, run.program.layout.block)
    asked = question(run, Grain.FORWARD, run.program.layout.block, end)
    assert asked.words == "After the forward pass: L, the loss of example 1 (y = 1)"
