"""The diagnosis names the mistake: each is planted here, computed with plain loops from the definitions."""

from math import exp, isfinite, log, sqrt

import plain
import pytest
from strategies import irregular

from backprop_tui.engine.quantities import Kind, Quantity
from backprop_tui.history.run import Run
from backprop_tui.lessons.prediction.agreement import agrees
from backprop_tui.lessons.prediction.judging import judged
from backprop_tui.lessons.prediction.mistakes.diagnosing import diagnosed, mistakes
from backprop_tui.lessons.prediction.question import question
from backprop_tui.network.files.library import find
from backprop_tui.program.boundaries import Grain

SEEDS = range(40)
NOISE = 1e-12
"""Less than this is what rounding leaves of 0."""


class Lists:
    """One epoch in lists: what training is like when the second epoch begins, and what is computed then."""

    def __init__(self, network):
        self.network = network
        rows = list(plain.run(network, 2))
        self.rows = [row for row in rows if row.epoch == 1]
        iteration = self.rows[0].iteration
        self.rows = [row for row in self.rows if row.iteration == iteration]
        self.weights = [[list(row) for row in layer.weights] for layer in network.layers]
        self.biases = [list(layer.biases) for layer in network.layers]
        for row in rows:
            if row.iteration < iteration:
                self._update(row, self.weights, self.biases)
        self.new_weights = [[list(row) for row in layer] for layer in self.weights]
        self.new_biases = [list(layer) for layer in self.biases]
        for row in self.rows:
            self._update(row, self.new_weights, self.new_biases)
        self.values = {(row.slot, *row.key): row.value for row in self.rows}
        self.before = {}
        for row in rows:
            if row.iteration < iteration:
                self.before[row.key] = row.value
        self.batch = sorted({row.slot for row in self.rows if row.slot is not None})
        self.examples = {row.slot: row.example for row in self.rows}

    @staticmethod
    def _update(row, weights, biases):
        if row.kind == "weight_update":
            weights[row.layer - 1][row.unit][row.input] = row.value
        elif row.kind == "bias_update":
            biases[row.layer - 1][row.unit] = row.value

    def of(self, row, kind, layer, unit, below=None):
        if kind == "activation" and layer == 0:
            return self.network.data.inputs[row.example][unit]
        return self.values[row.slot, kind, layer, unit, below]

    def all_of(self, row, kind, layer):
        return [self.of(row, kind, layer, unit) for unit in range(self.network.widths[layer])]


def weighted_sum(t, row):
    layer, unit = row.layer, row.unit
    a, w, b = t.all_of(row, "activation", layer - 1), t.weights[layer - 1], t.biases[layer - 1][unit]
    shares = [v * i for v, i in zip(w[unit], a, strict=True)]
    yield "bias left out", sum(shares)
    yield "bias subtracted", sum(shares) - b
    yield "activation taken", t.of(row, "activation", layer, unit)
    yield "weight left out", sum(a) + b
    if len(a) > 1:
        for share in shares:
            yield "one input left out", sum(shares) - share + b
            yield "only one input", share + b
    for other in range(len(w)):
        if other != unit:
            yield "weight of another edge", sum(v * i for v, i in zip(w[other], a, strict=True)) + b
    if len(a) == len(w):
        yield "transposed weights", sum(w[k][unit] * a[k] for k in range(len(a))) + b
    if layer > 1:
        z = t.all_of(row, "weighted_sum", layer - 1)
        yield "z in the place of a", sum(v * i for v, i in zip(w[unit], z, strict=True)) + b


def activation(t, row):
    name = t.network.layers[row.layer - 1].activation_name
    z = t.of(row, "weighted_sum", row.layer, row.unit)
    yield "activation left out", z
    yield "derivative taken", t.of(row, "activation_derivative", row.layer, row.unit)
    if name == "softmax":
        yield "not divided by the sum", exp(z)
    else:
        yield "minus left out", plain.activate(name, [-z])[0]
    if name == "sigmoid":
        yield "not turned over", 1 + exp(-z)
        yield "1 + left out", exp(z)
    for other in ("sigmoid", "tanh"):
        if other != name:
            yield "another activation", plain.activate(other, [z])[0]
    for unit, a in enumerate(t.all_of(row, "activation", row.layer)):
        if unit != row.unit:
            yield "another unit", a


def loss(t, row):
    last = len(t.network.layers)
    a, y = t.all_of(row, "activation", last), t.network.data.targets[row.example]
    name, n = t.network.training.loss_name, len(a)
    pairs = list(zip(y, a, strict=True))
    if name == "squared_error":
        yield "½ left out", sum((u - v) ** 2 for u, v in pairs)
        yield "not squared", sum(u - v for u, v in pairs) / 2
        yield "difference taken", sum(u - v for u, v in pairs)
    if name == "mean_squared_error":
        yield "½ too much", row.value / 2
        yield "difference taken", sum(v - u for u, v in pairs)
    if name == "binary_cross_entropy":
        yield "half left out", -sum(u * log(v) for u, v in pairs) / n
    if name == "cross_entropy":
        yield "logarithm left out", sum(u * v for u, v in pairs)
        yield "logarithm to base 10", row.value / log(10)
    for other in ("squared_error", "mean_squared_error"):
        if other != name:
            yield "another loss", plain.loss(other, y, a)
    if n > 1:
        for pair in pairs:
            yield "one output alone", plain.loss(name, *([one] for one in pair))


def activation_gradient(t, row):
    layer, unit = row.layer, row.unit
    last = len(t.network.layers)
    yield "slope too much", t.of(row, "delta", layer, unit)
    if layer == last:
        a, y = t.of(row, "activation", layer, unit), t.network.data.targets[row.example][unit]
        n = t.network.widths[-1]
        yield "loss taken", t.values[row.slot, "loss", None, None, None]
        match t.network.training.loss_name:
            case "squared_error":
                yield "2 too much", 2 * (a - y)
            case "mean_squared_error":
                yield "2 left out", (a - y) / n
                if n > 1:
                    yield "not averaged", 2 * (a - y)
            case "binary_cross_entropy":
                yield "denominator left out", (a - y) / n
            case "cross_entropy":
                yield "not divided by a", -y
        return
    delta, g = t.all_of(row, "delta", layer + 1), t.all_of(row, "activation_gradient", layer + 1)
    w, new = t.weights[layer], t.new_weights[layer]
    above = range(len(delta))
    yield "slope left out", sum(g[k] * w[k][unit] for k in above)
    yield "weight left out", sum(delta)
    yield "new weights", sum(delta[k] * new[k][unit] for k in above)
    if len(delta) > 1:
        for k in above:
            yield "one path alone", delta[k] * w[k][unit]
            yield "one path left out", sum(delta[j] * w[j][unit] for j in above if j != k)
        yield "paths averaged", row.value / len(delta)
    for other in range(t.network.widths[layer]):
        if other != unit:
            yield "weight of another edge", sum(delta[k] * w[k][other] for k in above)
    if len(delta) == t.network.widths[layer] > 1:
        yield "transposed weights", sum(delta[k] * w[unit][k] for k in above)


def activation_derivative(t, row):
    name = t.network.layers[row.layer - 1].activation_name
    z, a = t.of(row, "weighted_sum", row.layer, row.unit), t.of(row, "activation", row.layer, row.unit)
    yield "activation for slope", a
    if name in ("sigmoid", "softmax"):
        yield "1 − a alone", 1 - a
        yield "z in the place of a", z * (1 - z)
    if name == "tanh":
        yield "not squared", 1 - a
        yield "z in the place of a", 1 - z * z
    if name != "softmax":
        yield "slope at a", plain.slope(name, a)
    for other in ("sigmoid", "tanh"):
        if other != name:
            yield "another activation", plain.slope(other, z)


def delta(t, row):
    layer, unit = row.layer, row.unit
    last, name = len(t.network.layers), t.network.layers[layer - 1].activation_name
    g = t.of(row, "activation_gradient", layer, unit)
    d = t.of(row, "activation_derivative", layer, unit)
    yield "slope left out", g
    for other, signal in enumerate(t.all_of(row, "delta", layer)):
        if other != unit:
            yield "another unit", signal
    pair = t.network.training.loss_name, name
    if layer == last and pair in (("binary_cross_entropy", "sigmoid"), ("cross_entropy", "softmax")):
        yield "slope too much", row.value * d
        return
    if name == "softmax":
        yield "one path alone", g * d
        return
    yield "dL/da left out", d
    if layer < last:
        signals, w = t.all_of(row, "delta", layer + 1), t.weights[layer]
        gradients = t.all_of(row, "activation_gradient", layer + 1)
        yield "weight left out", sum(signals) * d
        yield "slope left out", sum(one * w[k][unit] for k, one in enumerate(gradients)) * d
    if name == "sigmoid":
        yield "activation for slope", g * t.of(row, "activation", layer, unit)
        yield "1 − a alone", g * (1 - t.of(row, "activation", layer, unit))


def weight_gradient(t, row):
    layer, unit, below = row.layer, row.unit, row.input
    signal, a = t.of(row, "delta", layer, unit), t.of(row, "activation", layer - 1, below)
    yield "slope left out", t.of(row, "activation_gradient", layer, unit) * a
    yield "input left out", signal
    yield "weight in the place of the input", signal * t.weights[layer - 1][unit][below]
    if layer > 1:
        yield "z in the place of a", signal * t.of(row, "weighted_sum", layer - 1, below)
    for other in range(t.network.widths[layer - 1]):
        if other != below:
            yield "wrong input", signal * t.of(row, "activation", layer - 1, other)
    yield "wrong input", signal * t.of(row, "activation", layer, unit)
    yield from _gradient(t, row, a)


def bias_gradient(t, row):
    signal = t.of(row, "delta", row.layer, row.unit)
    yield "slope left out", t.of(row, "activation_gradient", row.layer, row.unit)
    for a in t.all_of(row, "activation", row.layer - 1):
        yield "input too much", signal * a
    yield "bias too much", signal * t.biases[row.layer - 1][row.unit]
    yield from _gradient(t, row, 1.0)


def _gradient(t, row, a):
    for other, signal in enumerate(t.all_of(row, "delta", row.layer)):
        if other != row.unit:
            yield "another error signal", signal * a
    if row.layer < len(t.network.layers):
        for signal in t.all_of(row, "delta", row.layer + 1):
            yield "another error signal", signal * a
    if len(t.batch) > 1:
        yield "averaged over examples", row.value / len(t.batch)
    yield "learning rate too early", -t.network.training.settings["learning_rate"] * row.value


def update(t, row):
    layer, unit, below = row.layer, row.unit, row.input
    settings, name = dict(t.network.training.settings), t.network.training.optimizer_name
    old = t.biases[layer - 1][unit] if below is None else t.weights[layer - 1][unit][below]
    kind = row.kind.replace("update", "gradient")
    gradients = [t.values[slot, kind, layer, unit, below] for slot in t.batch]
    mean, rate = sum(gradients) / len(gradients), settings["learning_rate"]
    step = old - row.value
    if below is None and not settings["decay_biases"]:
        decayed = mean + settings["weight_decay"] * old
        settings["weight_decay"] = 0.0
        if name == "sgd" and not settings["momentum"]:
            yield "bias decayed", old - rate * decayed
    yield "step added", old + step
    yield "step alone", step
    yield "gradient alone", mean
    yield "not updated", old
    yield "learning rate left out", old - step / rate
    yield "plain step", old - rate * mean
    if len(t.batch) > 1 and name == "sgd" and not settings["momentum"]:
        decay = settings["weight_decay"] * old
        yield "one example alone", old - rate * (gradients[-1] + decay)
        yield "not averaged", old - rate * (sum(gradients) + decay)
    if name == "sgd" and not settings["momentum"] and settings["weight_decay"]:
        yield "weight_decay left out", old - rate * mean
    if name == "adagrad":
        decayed = mean + settings["weight_decay"] * old
        number = row.iteration + 1
        rate /= 1 + (number - 1) * settings["lr_decay"]
        yield "memory left out", old - rate * decayed / (sqrt(decayed**2) + settings["eps"])


PLANTED = {
    "weighted_sum": weighted_sum,
    "activation": activation,
    "loss": loss,
    "activation_gradient": activation_gradient,
    "activation_derivative": activation_derivative,
    "delta": delta,
    "weight_gradient": weight_gradient,
    "bias_gradient": bias_gradient,
    "weight_update": update,
    "bias_update": update,
}


def planted(t, row):
    """Every mistake planted in a statement, with its name."""
    yield "sign forgotten", -row.value
    yield "decimal point slipped", row.value * 10
    yield "decimal point slipped", row.value / 10
    if row.slot == 0 and row.key in t.before:
        yield "stale value", t.before[row.key]
    yield from PLANTED[row.kind](t, row)


def statement_of(run, row):
    return run.program.statement(run.program.time(row.epoch, row.step) - 1)


def test_each_planted_mistake_is_named():
    named, all_planted = set(), set()
    for seed in SEEDS:
        network = irregular(seed)
        run, lists = Run(network), Lists(network)
        for row in lists.rows:
            statement = statement_of(run, row)
            for name, value in planted(lists, row):
                if not isfinite(value) or abs(value) < NOISE or agrees(value, row.value):
                    continue
                found = diagnosed(run, statement, value)
                assert found is not None, (seed, statement, name)
                assert found.name == name or agrees(found.value, value, 6), (seed, statement, name, found)
                all_planted.add((row.kind, name))
                if found.name == name:
                    named.add((row.kind, name))
    assert all_planted - named == set(), "by its own name where no other mistake has the same value"
    assert len(all_planted) > 90


@pytest.mark.parametrize("seed", range(0, 40, 4))
def test_a_planted_mistake_is_named_when_it_is_typed_to_two_digits(seed):
    """With few digits another common mistake may be as near; then that one is named."""
    network = irregular(seed)
    run, lists = Run(network), Lists(network)
    for row in lists.rows:
        statement = statement_of(run, row)
        for name, value in planted(lists, row):
            if not isfinite(value) or abs(value) < NOISE:
                continue
            said = float(f"{value:.1e}")
            if agrees(said, row.value):
                continue
            found = diagnosed(run, statement, said)
            assert found is not None, (statement, name)
            assert found.name == name or agrees(said, found.value, 2), (statement, name, found)


def test_no_mistake_leads_to_the_right_value():
    for seed in range(20):
        network = irregular(seed)
        run = Run(network)
        for time in range(min(120, run.program.time(2, 0))):
            statement = run.program.statement(time)
            value = run.readings.at(time + 1)
            for one in mistakes(run, statement):
                assert isfinite(one.value)
                assert not agrees(one.value, value, 9)
                assert one.advice


def words(network, step, text):
    run = Run(find(network))
    found = judged(question(run, Grain.STATEMENT, step - 1, step), text, 4)
    return found.words(4).replace("\xa0", " ")


@pytest.mark.parametrize(
    ("step", "text", "advice"),
    [
        (1, "0.15", "You left out the bias b1 = 0.1000."),
        (2, "0.25", "That is z_h = 0.2500: its sigmoid is still to be taken."),
        (5, "0.13", "You left out the ½."),
        (6, "0.36", "The size is right, the sign is not: the prediction is below its target."),
        (7, "0.64", "That is a_o = 0.6442 itself: the slope is made of it."),
        (8, "-0.36", "You left out the slope factor da_o/dz_o = 0.2292."),
        (9, "-0.2", "You left out the slope factor da_o/dz_o = 0.2292."),
        (9, "0.2", "You left out the slope factor da_o/dz_o = 0.2292. And the sign is the other one."),
        (9, "-0.082", "You left out what came in along the weight: a_h = 0.5622."),
        (9, "-0.46", "The digits are right; the decimal point has slipped to the right."),
        (10, "-0.046", "A bias has no input: its chain ends in 1, not in a_h = 0.5622."),
        (11, "-0.024", "You used w1 = 0.3000; the error comes back along w2 = 0.7000."),
        (11, "0.057", "The size is right, the sign is not: dL/dz_o = −0.0816 and w2 = 0.7000."),
        (16, "0.677", "The step is taken off w2: against the gradient, not along it."),
        (16, "0.746", "You left out the learning rate η = 0.5000."),
    ],
)
def test_the_words_of_the_worked_example(step, text, advice):
    assert words(None, step, text) == advice


def test_a_number_of_many_digits_is_no_mistake_that_is_only_near():
    statement = Run(find()).program.statement(8)
    for said, name in ((-0.2, "slope left out"), (-0.20001, "slope left out"), (-0.2043, None)):
        found = diagnosed(Run(find()), statement, said)
        assert (found and found.name) == name


def test_many_units_are_diagnosed_as_quickly():
    run = Run(find("784-128-10"))
    for quantity in (
        Quantity(Kind.WEIGHTED_SUM, 1, 60),
        Quantity(Kind.ACTIVATION_GRADIENT, 1, 60),
        Quantity(Kind.DELTA, 2, 3),
        Quantity(Kind.WEIGHT_GRADIENT, 1, 60, 300),
        Quantity(Kind.WEIGHT_UPDATE, 2, 3, 60),
    ):
        time = run.program.next_time(quantity, 0)
        assert len(mistakes(run, run.program.statement(time - 1))) < 300
