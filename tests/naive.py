"""Conditions the slow way: every name's value listed at every time, each expression worked out on them.

An expression is made together with its text, so that nothing here reads what the package's parser reads.
"""

from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from backprop_tui.network.description import Network
from backprop_tui.network.names import shown
from backprop_tui.session.session import Session

EPOCHS = 3
STEEPEST = {"sigmoid": 0.25, "tanh": 1.0, "softmax": 0.25}


@dataclass
class Listed:
    """An expression's text, its value at each time from 0, and the times at which it is computed."""

    text: str
    values: list
    events: set


class Lists:
    """Everything that a run of a few epochs computes, listed."""

    def __init__(self, network: Network, epochs: int = EPOCHS) -> None:
        self.session = session = Session(network)
        self.end = session.program.time(epochs, 0)
        trainer = session.run.timeline.trainer
        session.jump(self.end)
        self.statements = [session.program.statement(index) for index in range(self.end)]
        self.computed = [session.run.readings.at(statement.time) for statement in self.statements]
        self.iterations = [
            session.run.timeline.iteration(number) for number in range(epochs * trainer.iterations_per_epoch)
        ]
        self.numbers: dict[str, Listed] = {}
        self.truths: dict[str, Listed] = {}
        self._list_quantities()
        self._list_positions()
        self._list_batches()
        self._list_tests()

    def _by_events(self, name, first, events):
        """A name with the values that *events* (a value a time) give it one after another."""
        value, values = first, []
        for time in range(self.end + 1):
            value = events.get(time, value)
            values.append(value)
        return Listed(name, values, set(events))

    def _list_quantities(self):
        session = self.session
        found: dict[str, dict[int, float]] = {}
        for statement, value in zip(self.statements, self.computed, strict=True):
            found.setdefault(session.run.symbol(statement.quantity), {})[statement.time] = value
        first = {}
        for number, layer in enumerate(session.network.layers, 1):
            for unit in range(layer.units):
                first[session.names.bias(number, unit)] = layer.biases[unit]
                for below in range(layer.inputs):
                    first[session.names.weight(number, unit, below)] = layer.weights[unit][below]
        for name in {**first, **found}:
            self.numbers[name] = self._by_events(name, first.get(name), found.get(name, {}))

    def _list_positions(self):
        per_epoch = self.session.program.statements
        epoch, step, iteration, example = {}, {}, {}, {}
        before = None
        for statement in self.statements:
            time = statement.time
            step[time] = statement.step
            if statement.step == 1:
                epoch[time] = (time - 1) // per_epoch
            place = (statement.iteration, statement.slot)
            if statement.slot is not None and place != before:
                example[time] = int(self.iterations[place[0]].examples[place[1]])
                if before is None or before[0] != place[0]:
                    iteration[time] = statement.iteration
            before = place if statement.slot is not None else (statement.iteration, -1)
        start = int(self.iterations[0].examples[0])
        self.numbers["epoch"] = self._by_events("epoch", 0, epoch)
        self.numbers["step"] = self._by_events("step", 0, step)
        self.numbers["iteration"] = self._by_events("iteration", 0, iteration)
        self.numbers["example"] = self._by_events("example", start, example)
        names, data = self.session.names, self.session.network.data
        for rows, count, naming in (
            (data.inputs, len(data.inputs[0]), lambda unit: names.unit(0, unit)),
            (data.targets, len(data.targets[0]), names.target),
        ):
            for unit in range(count):
                given = {time: rows[row][unit] for time, row in example.items()}
                self.numbers[naming(unit)] = self._by_events(naming(unit), rows[start][unit], given)

    def _list_batches(self):
        loss, norm, dead, losses = {}, {}, {}, []
        network = self.session.network
        dead_of: dict[str, dict[int, bool]] = {}
        for index, statement in enumerate(self.statements):
            if statement.kind == "loss":
                losses.append(self.computed[index])
                if len(losses) == len(network.data):
                    loss[statement.time] = self.session.run.timeline.losses[statement.epoch]
                    with np.errstate(all="ignore"):
                        assert loss[statement.time] == _close(np.mean(losses))
                    losses = []
            later = self.statements[index + 1].iteration if index + 1 < self.end else -1
            last_slot = statement.slot == self.session.program.batch_length(statement.iteration) - 1
            following = self.statements[index + 1] if index + 1 < self.end else None
            over = following is None or following.phase == "update" or later != statement.iteration
            if statement.phase == "backward" and last_slot and over:
                iteration = self.iterations[statement.iteration]
                arrays = [
                    array
                    for of_weights, of_biases, layer in zip(
                        iteration.gradient.weights, iteration.gradient.biases, network.layers, strict=True
                    )
                    for array, frozen in (
                        (of_weights, layer.frozen_weights),
                        (of_biases, layer.frozen_biases),
                    )
                    if not frozen
                ]
                with np.errstate(all="ignore"):
                    # Rounded after each: of Python's floats, sum() carries what is lost from 3.12 on.
                    norm[statement.time] = math.sqrt(sum(np.vdot(a, a) for a in arrays))
                    flat = math.sqrt(sum(float(g) * float(g) for a in arrays for g in a.ravel()))
                    assert norm[statement.time] == _close(flat)
                units = [
                    (self.session.names.unit(number, unit), all(row[unit] == 0 for row in table))
                    for number, table in enumerate(iteration.backward.da_dz, 1)
                    for unit in range(table.shape[1])
                ]
                dead[statement.time] = any(is_dead for _, is_dead in units)
                for name, is_dead in units:
                    dead_of.setdefault(name, {})[statement.time] = is_dead
        self.numbers["loss"] = self._by_events("loss", None, loss)
        self.numbers["grad_norm"] = self._by_events("grad_norm", None, norm)
        scheduled = network.training.schedule.get("learning_rate", ())
        rate = scheduled[0] if scheduled else network.training.settings["learning_rate"]
        rates, examples, layout = {}, 0, self.session.program.layout
        for number, iteration in enumerate(self.iterations if scheduled else (), 1):
            examples += len(iteration.examples)
            rates[examples * layout.block + number * layout.update] = scheduled[number % len(scheduled)]
        self.numbers["learning_rate"] = self._by_events("learning_rate", rate, rates)
        self.truths["dead"] = self._by_events("dead", False, dead)
        for name, events in dead_of.items():
            self.truths[f"dead({name})"] = self._by_events(f"dead({name})", False, events)

    def _list_tests(self):
        network = self.session.network
        wrong = {t: not math.isfinite(value) for t, value in enumerate(self.computed, 1)}
        self.truths["not_finite"] = self._by_events("not_finite", False, wrong)
        single: dict[str, dict[int, bool]] = {}
        any_one: dict[int, bool] = {}
        latest: dict[str, bool] = {}
        for statement, value in zip(self.statements, self.computed, strict=True):
            if statement.kind != "activation_derivative":
                continue
            _, layer, unit, _ = statement.quantity
            steepest = STEEPEST.get(network.layers[layer - 1].activation_name)
            if steepest is None:
                continue
            name = self.session.names.unit(layer, unit)
            latest[name] = value < steepest / 100
            single.setdefault(name, {})[statement.time] = latest[name]
            any_one[statement.time] = any(latest.values())
        if single:
            self.truths["saturated"] = self._by_events("saturated", False, any_one)
        for name, events in single.items():
            self.truths[f"saturated({name})"] = self._by_events(f"saturated({name})", False, events)

    # Expressions

    def previous(self, inner: Listed) -> Listed:
        values, before = [], None
        for time, _ in enumerate(inner.values):
            if time in inner.events:
                before = inner.values[time - 1]
            values.append(before)
        return Listed(f"previous({inner.text})", values, inner.events)

    def constant(self, value: float) -> Listed:
        return Listed(repr(value) if value >= 0 else f"({value!r})", [value] * (self.end + 1), set())

    def number(self, data, depth: int) -> Listed:
        """A random expression with a number for value."""
        sort = data.draw(st.integers(0, 6 if depth else 2))
        if sort <= 1:
            listed = self.numbers[data.draw(st.sampled_from(sorted(self.numbers)))]
            text = shown(listed.text) if data.draw(st.booleans()) else listed.text
            return Listed(text, listed.values, listed.events)
        if sort == 2:
            return self.constant(data.draw(st.sampled_from([0.0, 0.5, 1.0, 3.0, -0.25])))
        if sort == 3:
            sign = data.draw(st.sampled_from(["+", "-", "*"]))
            return _both(f" {sign} ", self.number(data, depth - 1), self.number(data, depth - 1))
        if sort == 4:
            inner = self.number(data, depth - 1)
            name, function = data.draw(st.sampled_from([("abs", abs), ("-", operator.neg)]))
            values = [None if value is None else function(value) for value in inner.values]
            return Listed(f"{name}({inner.text})", values, inner.events)
        inner = self.number(data, depth - 1)
        if not inner.events and inner.text not in self.numbers:
            inner = self.numbers["loss"]
        if sort == 5:
            return self.previous(inner)
        change = _both(" - ", inner, self.previous(inner))
        return Listed(f"change({inner.text})", change.values, change.events)

    def truth(self, data, depth: int) -> Listed:
        """A random condition."""
        sort = data.draw(st.integers(0, 5 if depth else 1))
        if sort == 0:
            return self.truths[data.draw(st.sampled_from(sorted(self.truths)))]
        if sort == 1:
            return self.comparison(data, depth)
        if sort == 2:
            inner = self.truth(data, depth - 1)
            return Listed(f"not ({inner.text})", [not value for value in inner.values], inner.events)
        if sort == 3:
            inner = self.number(data, depth - 1)
            if not inner.events and inner.text not in self.numbers:
                inner = self.numbers["a_o"] if "a_o" in self.numbers else self.numbers["L"]
            word, differ = data.draw(st.sampled_from([("changed", _differ), ("changed_sign", _turned)]))
            pairs = zip(inner.values, self.previous(inner).values, strict=True)
            values = [a is not None and b is not None and differ(a, b) for a, b in pairs]
            return Listed(f"{word}({inner.text})", values, inner.events)
        one, other = self.truth(data, depth - 1), self.truth(data, depth - 1)
        pairs = list(zip(one.values, other.values, strict=True))
        if sort == 4:
            return Listed(
                f"({one.text}) and ({other.text})", [a and b for a, b in pairs], one.events | other.events
            )
        return Listed(
            f"({one.text}) or ({other.text})", [a or b for a, b in pairs], one.events | other.events
        )

    def comparison(self, data, depth: int) -> Listed:
        left = self.number(data, depth - 1) if depth else self.numbers[data.draw(_from(self.numbers))]
        worth = sorted({value for value in left.values if value is not None and value == value})
        bounds = [float(value) for value in worth if abs(value) < 1e6] or [0.0]
        if depth and data.draw(st.booleans()):
            right = self.number(data, depth - 1)
        else:
            right = self.constant(data.draw(st.sampled_from(bounds)))
        sign, compare = data.draw(st.sampled_from(sorted(_SIGNS.items())))
        pairs = zip(left.values, right.values, strict=True)
        values = [a is not None and b is not None and compare(a, b) for a, b in pairs]
        return Listed(f"{left.text} {sign} {right.text}", values, left.events | right.events)


def stops(listed: Listed) -> list[int]:
    """The times at which a condition becomes true; what asks for a change, each time there is one."""
    anew = listed.events if listed.text.startswith(("changed(", "changed_sign(")) else ()
    pairs = enumerate(pairwise(listed.values), 1)
    return [time for time, (a, b) in pairs if b and (not a or time in anew)]


_SIGNS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def _from(table):
    return st.sampled_from(sorted(table))


def _close(value):
    class Close:
        def __eq__(self, other):
            same = math.isclose(value, other, rel_tol=1e-9, abs_tol=1e-12)
            return same or not (math.isfinite(value) and math.isfinite(other))

        __hash__ = None

    return Close()


def _differ(a, b):
    return a != b and not (a != a and b != b)


def _sign(value):
    return (value > 0) - (value < 0)


def _turned(a, b):
    return a == a and b == b and _sign(a) != _sign(b)


def _both(sign, one, other):
    work = {"+": operator.add, "-": operator.sub, "*": operator.mul}[sign.strip()]
    pairs = zip(one.values, other.values, strict=True)
    values = [None if a is None or b is None else work(float(a), float(b)) for a, b in pairs]
    return Listed(f"({one.text}{sign}{other.text})", values, one.events | other.events)
