"""The program being debugged: one epoch of training as a straight line of small assignments.

Nothing lists the statements. An epoch is a row of iterations, an iteration is a block of statements for each
example of its batch followed by the update, and a block's layout depends on the widths of the layers alone;
so the statement at any index, and the index of any statement, is a little arithmetic.

Time is counted in statements from the very start: at time t, the first t statements have run. A person
writes it as ``epoch:step``. The end of epoch E and the start of the next are one moment, ``E:N``.

In a softmax layer each a needs every z, and each delta needs every dL/da. So all its z come before its a, and
all its dL/da before the rest of the layer's backward statements.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from msgspec import Struct

from backprop_tui.engine.quantities import Kind, Phase, Quantity
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Offsets, np


class Grain(StrEnum):
    """How far one move goes."""

    STATEMENT = "statement"
    UNIT = "unit"
    LAYER = "layer"
    FORWARD = "forward"
    BACKWARD = "backward"
    UPDATE = "update"
    EPOCH = "epoch"


MOST_STATEMENTS = 256
"""How many statements a program remembers, those asked for over and over among them."""

_BACKWARD = (Kind.ACTIVATION_GRADIENT, Kind.ACTIVATION_DERIVATIVE, Kind.DELTA)
"""What a unit computes in the backward pass before its gradients."""


class Statement(NamedTuple):
    """One assignment, at one place in time."""

    time: int
    """The time at which it has just run, from 1."""
    epoch: int
    step: int
    """Its number in the epoch, from 1."""
    iteration: int
    """The iteration it belongs to, counted from 0 through all epochs."""
    slot: int | None
    """Which example of the batch it is for, from 0; None in the update."""
    quantity: Quantity

    @property
    def kind(self) -> Kind:
        """What sort of quantity it computes."""
        return self.quantity.kind

    @property
    def phase(self) -> Phase:
        """The part of the iteration it stands in."""
        return self.quantity.phase


class _LayerPlan(Struct, frozen=True):
    """Where a layer's statements lie: offsets from the block's start (forward, backward) or the update's."""

    number: int
    units: int
    inputs: int
    couples: bool
    forward: int
    backward: int
    update: int
    updates_weights: int
    updates_bias: int

    @property
    def per_unit(self) -> int:
        """Statements of one unit in the backward pass: dL/da, da/dz, delta, its weights, its bias."""
        return self.inputs + 4

    @property
    def updates(self) -> int:
        """Statements of one unit in the update."""
        return self.updates_weights + self.updates_bias


class Program:
    """The statements of a network's training, addressed in time and memory that do not grow with them."""

    def __init__(self, network: Network) -> None:
        layers = network.layers
        self.batch_size = network.batch_size
        self.examples = len(network.data)
        self.iterations_per_epoch = -(-self.examples // self.batch_size)

        self._forward = sum(2 * layer.units for layer in layers)
        forward_ends = list(accumulate((2 * layer.units for layer in layers), initial=0))
        backward_sizes = [layer.units * (layer.inputs + 4) for layer in layers]
        self._block = self._forward + 1 + sum(backward_sizes)
        update_sizes = [
            layer.units * (layer.inputs * (not layer.frozen_weights) + (not layer.frozen_biases))
            for layer in layers
        ]
        self._update = sum(update_sizes)
        self._plans = tuple(
            _LayerPlan(
                number=index + 1,
                units=layer.units,
                inputs=layer.inputs,
                couples=layer.activation.couples,
                forward=forward_ends[index],
                backward=self._forward + 1 + sum(backward_sizes[index + 1 :]),
                update=sum(update_sizes[index + 1 :]),
                updates_weights=0 if layer.frozen_weights else layer.inputs,
                updates_bias=0 if layer.frozen_biases else 1,
            )
            for index, layer in enumerate(layers)
        )
        self._iteration = self.batch_size * self._block + self._update
        self.statements = self.examples * self._block + self.iterations_per_epoch * self._update
        """How many statements an epoch has."""
        self._seen = (0, 0, 0, self.batch_length(0))
        """The index asked about last, with its iteration, where that starts and how many examples it has."""
        self._statements: dict[int, Statement] = {}

    # Places in time

    def position(self, time: int) -> tuple[int, int]:
        """The epoch and step of a time, the end of an epoch rather than the start of the next."""
        if time <= 0:
            return 0, 0
        epoch, step = divmod(time - 1, self.statements)
        return epoch, step + 1

    def time(self, epoch: int, step: int) -> int:
        """The time of a position."""
        return epoch * self.statements + step

    def iteration_start(self, iteration: int) -> int:
        """The time at which an iteration starts."""
        epoch, number = divmod(iteration, self.iterations_per_epoch)
        return epoch * self.statements + number * self._iteration

    def iteration_at(self, index: int) -> int:
        """The iteration to which the statement that runs at time *index* belongs."""
        epoch, offset = divmod(index, self.statements)
        return epoch * self.iterations_per_epoch + min(
            offset // self._iteration, self.iterations_per_epoch - 1
        )

    def batch_length(self, iteration: int) -> int:
        """How many examples an iteration uses."""
        if iteration % self.iterations_per_epoch == self.iterations_per_epoch - 1:
            return self.examples - (self.iterations_per_epoch - 1) * self.batch_size
        return self.batch_size

    def scope_start(self, time: int) -> int:
        """The start of the example's block in which the last statement before *time* lies.

        In the update it is the block of the batch's last example, whose values are still the latest.
        """
        if time <= 0:
            return 0
        _, start, length = self._around(time - 1)
        return start + min((time - 1 - start) // self._block, length - 1) * self._block

    def place_in_scope(self, quantity: Quantity) -> int | None:
        """How far after the start of its scope a quantity is computed, from 1; None: nowhere (frozen)."""
        offset = self._offset(quantity)
        if offset is None:
            return None
        return offset + 1 + (self._block if quantity.phase is Phase.UPDATE else 0)

    def _around(self, index: int) -> tuple[int, int, int]:
        """The iteration of the statement at *index*, where it starts, and how many examples it has."""
        seen = self._seen
        if seen[0] != index:
            iteration = self.iteration_at(index)
            seen = (index, iteration, self.iteration_start(iteration), self.batch_length(iteration))
            self._seen = seen
        return seen[1:]

    def _place(self, index: int) -> tuple[int, int | None, int]:
        """Iteration start, slot (None in the update) and offset from the block's or the update's start."""
        _, start, blocks = self._around(index)
        slot, offset = divmod(index - start, self._block)
        if slot >= blocks:
            return start, None, index - start - blocks * self._block
        return start, slot, offset

    @property
    def layout(self) -> tuple[int, int, int]:
        """How many statements a forward pass, an example's whole block and an update have."""
        return self._forward, self._block, self._update

    def place_in_epoch(self, index: int) -> tuple[int, int | None, int]:
        """Iteration, slot (None in the update) and offset in the block of an epoch's statement, from 0."""
        _, slot, offset = self._place(index)
        return self.iteration_at(index), slot, offset

    # Statements

    def statement(self, index: int) -> Statement:
        """The statement that runs at time *index*, after which it is *index* + 1."""
        found = self._statements.get(index)
        if found is None:
            if len(self._statements) >= MOST_STATEMENTS:
                self._statements.clear()
            found = self._statements[index] = self._statement(index)
        return found

    def _statement(self, index: int) -> Statement:
        _, slot, offset = self._place(index)
        quantity = self._updated(offset) if slot is None else self._computed(offset)
        epoch, step = self.position(index + 1)
        return Statement(index + 1, epoch, step, self.iteration_at(index), slot, quantity)

    def _computed(self, offset: int) -> Quantity:
        if offset == self._forward:
            return Quantity(Kind.LOSS)
        if offset < self._forward:
            plan = next(plan for plan in reversed(self._plans) if plan.forward <= offset)
            rest = offset - plan.forward
            if plan.couples:
                kind, unit = divmod(rest, plan.units)
            else:
                unit, kind = divmod(rest, 2)
            return Quantity(Kind.ACTIVATION if kind else Kind.WEIGHTED_SUM, plan.number, unit)
        plan = next(plan for plan in self._plans if plan.backward <= offset)
        rest = offset - plan.backward
        if plan.couples:
            if rest < plan.units:
                return Quantity(Kind.ACTIVATION_GRADIENT, plan.number, rest)
            unit, place = divmod(rest - plan.units, plan.per_unit - 1)
            place += 1
        else:
            unit, place = divmod(rest, plan.per_unit)
        if place < 3:
            return Quantity(_BACKWARD[place], plan.number, unit)
        if place - 3 < plan.inputs:
            return Quantity(Kind.WEIGHT_GRADIENT, plan.number, unit, place - 3)
        return Quantity(Kind.BIAS_GRADIENT, plan.number, unit)

    def _updated(self, offset: int) -> Quantity:
        plan = next(plan for plan in self._plans if plan.updates and plan.update <= offset)
        unit, place = divmod(offset - plan.update, plan.updates)
        if place < plan.updates_weights:
            return Quantity(Kind.WEIGHT_UPDATE, plan.number, unit, place)
        return Quantity(Kind.BIAS_UPDATE, plan.number, unit)

    def _offset(self, quantity: Quantity) -> int | None:
        """Where a quantity is computed, from its block's (or the update's) start; None: nowhere (frozen)."""
        kind, layer, unit, below = quantity
        if kind is Kind.LOSS:
            return self._forward
        assert layer is not None
        assert unit is not None
        plan = self._plans[layer - 1]
        if kind in (Kind.WEIGHTED_SUM, Kind.ACTIVATION):
            later = kind is Kind.ACTIVATION
            return plan.forward + (later * plan.units + unit if plan.couples else 2 * unit + later)
        if kind is Kind.WEIGHT_UPDATE:
            assert below is not None
            return plan.update + unit * plan.updates + below if plan.updates_weights else None
        if kind is Kind.BIAS_UPDATE:
            return plan.update + unit * plan.updates + plan.updates_weights if plan.updates_bias else None
        if kind is Kind.WEIGHT_GRADIENT:
            place = 3 + (below or 0)
        else:
            place = 3 + plan.inputs if kind is Kind.BIAS_GRADIENT else _BACKWARD.index(kind)
        if not plan.couples:
            return plan.backward + unit * plan.per_unit + place
        if place == 0:
            return plan.backward + unit
        return plan.backward + plan.units + unit * (plan.per_unit - 1) + place - 1

    def offsets(self, kind: Kind, layer: int) -> Offsets:
        """Where a layer's quantities of a kind are computed, from the start of their example's block.

        Those of the update count from the update's start. The shape is (units,), of weights (units, inputs),
        of the loss (). Frozen parameters have the place that they would have.
        """
        if kind is Kind.LOSS:
            return np.array(self._forward)
        plan = self._plans[layer - 1]
        start = self._offset(Quantity(kind, layer, 0, 0)) or 0
        if kind in (Kind.WEIGHTED_SUM, Kind.ACTIVATION):
            stride = 1 if plan.couples else 2
        elif kind in (Kind.WEIGHT_UPDATE, Kind.BIAS_UPDATE):
            stride = plan.updates
        elif plan.couples:
            stride = 1 if kind is Kind.ACTIVATION_GRADIENT else plan.per_unit - 1
        else:
            stride = plan.per_unit
        places = start + stride * np.arange(plan.units)
        if kind in (Kind.WEIGHT_GRADIENT, Kind.WEIGHT_UPDATE):
            return places[:, None] + np.arange(plan.inputs)
        return places

    def last_time(self, quantity: Quantity, time: int) -> int | None:
        """The latest time, no later than *time*, at which a quantity had just been computed; None: never."""
        found = self.latest(quantity, time)
        return None if found is None else found[0]

    def latest(self, quantity: Quantity, time: int) -> tuple[int, int, int | None] | None:
        """The same with the iteration and the slot in which that was."""
        offset = self._offset(quantity)
        if offset is None or time <= 0:
            return None
        iteration, start, length = self._around(time - 1)
        in_update = quantity.phase is Phase.UPDATE
        while True:
            if in_update:
                found = start + length * self._block + offset + 1
                if found <= time:
                    return found, iteration, None
            else:
                slot = min((time - 1 - start - offset) // self._block, length - 1)
                if slot >= 0:
                    return start + slot * self._block + offset + 1, iteration, slot
            iteration -= 1
            if iteration < 0:
                return None
            start, length = self.iteration_start(iteration), self.batch_length(iteration)

    def next_time(self, quantity: Quantity, time: int) -> int | None:
        """The first time after *time* at which a quantity will just have been computed; None: never."""
        offset = self._offset(quantity)
        if offset is None:
            return None
        iteration = self.iteration_at(time)
        while True:
            start, length = self.iteration_start(iteration), self.batch_length(iteration)
            if quantity.phase is Phase.UPDATE:
                found = start + length * self._block + offset + 1
                if found > time:
                    return found
            else:
                slot = max(0, -(-(time - start - offset) // self._block))
                if slot < length:
                    return start + slot * self._block + offset + 1
            iteration += 1

    # Boundaries

    def next_boundary(self, grain: Grain, time: int) -> int:
        """The first boundary of *grain* after *time*."""
        if grain is Grain.STATEMENT:
            return time + 1
        if grain is Grain.EPOCH:
            return (time // self.statements + 1) * self.statements
        if grain in (Grain.UNIT, Grain.LAYER):
            return self._tile(time, grain)[1]
        iteration = self.iteration_at(time)
        if grain is Grain.UPDATE:
            return self.iteration_start(iteration + 1)
        first = self._forward + 1 if grain is Grain.FORWARD else self._block
        start = self.iteration_start(iteration)
        slot = max(0, (time - start - first) // self._block + 1)
        if slot < self.batch_length(iteration):
            return start + slot * self._block + first
        return self.iteration_start(iteration + 1) + first

    def previous_boundary(self, grain: Grain, time: int) -> int:
        """The last boundary of *grain* before *time*; 0, the very start, is one of every grain."""
        if time <= 1:
            return 0
        if grain is Grain.STATEMENT:
            return time - 1
        if grain is Grain.EPOCH:
            return (time - 1) // self.statements * self.statements
        if grain in (Grain.UNIT, Grain.LAYER):
            return self._tile(time - 1, grain)[0]
        iteration = self.iteration_at(time - 1)
        start = self.iteration_start(iteration)
        if grain is Grain.UPDATE:
            return start
        first = self._forward + 1 if grain is Grain.FORWARD else self._block
        slot = min(-(-(time - start - first) // self._block) - 1, self.batch_length(iteration) - 1)
        if slot >= 0:
            return start + slot * self._block + first
        if iteration == 0:
            return 0
        before = self.iteration_start(iteration - 1)
        return before + (self.batch_length(iteration - 1) - 1) * self._block + first

    def _tile(self, index: int, grain: Grain) -> tuple[int, int]:
        """Start and end of the unit's or layer's statements among which the one at time *index* is."""
        statement = self.statement(index)
        _, _, offset = self._place(index)
        block = index - offset
        phase, layer, unit = statement.phase, statement.quantity.layer, statement.quantity.unit
        if layer is None or unit is None:
            return index, index + 1
        plan = self._plans[layer - 1]
        shared = plan.units if plan.couples else 0
        if phase is Phase.FORWARD:
            first, size = plan.forward, 1 if plan.couples else 2
        elif phase is Phase.BACKWARD:
            first, size = plan.backward, plan.per_unit - 1 if plan.couples else plan.per_unit
        else:
            first, size, shared = plan.update, plan.updates, 0
        if grain is Grain.LAYER:
            return block + first, block + first + shared + plan.units * size
        if offset - first < shared:
            unit = 0
        low = first + shared + unit * size
        return block + (first if unit == 0 else low), block + low + size
