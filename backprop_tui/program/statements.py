"""The program being debugged: one epoch of training as a straight line of small assignments.

The statements are never listed. An epoch is a row of iterations, and an iteration is a block of statements
for each example of its batch followed by the update (``layout``). So the statement at an index, and the index
of a statement, are found by arithmetic.

Time is counted in statements from the very start: at time t, the first t statements have run. A person
writes it as ``epoch:step``. The end of epoch E and the start of the next are one moment, ``E:N``.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from backprop_tui.engine.quantities import Kind, Phase, Quantity
from backprop_tui.network.description import Network
from backprop_tui.program.layout import Layout
from backprop_tui.program.positions import MOST_EPOCHS, Position, PositionError

MOST_STATEMENTS = 256
"""How many statements a program caches."""


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


class Program:
    """The statements of a network's training; finding one takes the same time and memory at any size."""

    def __init__(self, network: Network) -> None:
        self.layout = Layout(network)
        """Where the statements of an iteration lie."""
        self._block = self.layout.block
        self.batch_size = network.batch_size
        self.examples = len(network.data)
        self._batches = network.batches
        self.iterations_per_epoch = self._batches.count

        self._iteration = self.batch_size * self._block + self.layout.update
        self._starts = (
            [self._start_in_epoch(number) for number in range(self.iterations_per_epoch)]
            if network.training.batches
            else ()
        )
        """Where each iteration of an epoch starts, where its batches are not alike."""
        self.statements = self.examples * self._block + self.iterations_per_epoch * self.layout.update
        """How many statements an epoch has."""
        self._seen = (0, 0, 0, self.batch_length(0))
        """The index asked about last, with its iteration, where that starts and how many examples it has."""
        self._statements: dict[int, Statement] = {}

    # Places in time

    def position(self, time: int) -> Position:
        """The position of a time, the end of an epoch rather than the start of the next."""
        if time <= 0:
            return Position(0, 0)
        epoch, step = divmod(time - 1, self.statements)
        return Position(epoch, step + 1)

    def time(self, epoch: int, step: int) -> int:
        """The time of a position."""
        return epoch * self.statements + step

    def reachable(self, position: Position) -> int:
        """The time of a position that somebody wrote.

        Raises:
            PositionError: an epoch has fewer steps, or it is beyond ``MOST_EPOCHS``.

        """
        if position.step > self.statements:
            raise PositionError(f"an epoch has {self.statements} steps, not {position.step}")
        time = self.time(*position)
        if time > MOST_EPOCHS * self.statements:
            raise PositionError(f"at most {MOST_EPOCHS:,} epochs")
        return time

    def iteration_start(self, iteration: int) -> int:
        """The time at which an iteration starts."""
        epoch, number = divmod(iteration, self.iterations_per_epoch)
        return epoch * self.statements + self._start_in_epoch(number)

    def _start_in_epoch(self, number: int) -> int:
        return self._batches.start(number) * self._block + number * self.layout.update

    def iteration_at(self, index: int) -> int:
        """The iteration to which the statement that runs at time *index* belongs."""
        epoch, offset = divmod(index, self.statements)
        if self._starts:
            return epoch * self.iterations_per_epoch + bisect_right(self._starts, offset) - 1
        return epoch * self.iterations_per_epoch + min(
            offset // self._iteration, self.iterations_per_epoch - 1
        )

    def batch_length(self, iteration: int) -> int:
        """How many examples an iteration uses."""
        return self._batches.length(iteration % self.iterations_per_epoch)

    def backward_end(self, iteration: int) -> int:
        """The time at which the last backward pass of an iteration is over."""
        return self.iteration_start(iteration) + self.batch_length(iteration) * self._block

    def iterations_by(self, time: int) -> int:
        """How many iterations are over at a time."""
        if time <= 0:
            return 0
        last = self.iteration_at(time - 1)
        return last + 1 if time == self.iteration_start(last + 1) else last

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
        offset = self.layout.offset(quantity)
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
        quantity = self.layout.updated(offset) if slot is None else self.layout.computed(offset)
        epoch, step = self.position(index + 1)
        return Statement(index + 1, epoch, step, self.iteration_at(index), slot, quantity)

    def last_time(self, quantity: Quantity, time: int) -> int | None:
        """The latest time, no later than *time*, at which a quantity had just been computed; None: never."""
        found = self.latest(quantity, time)
        return None if found is None else found[0]

    def latest(self, quantity: Quantity, time: int) -> tuple[int, int, int | None] | None:
        """The same with the iteration and the slot in which that was."""
        offset = self.layout.offset(quantity)
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
        offset = self.layout.offset(quantity)
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
