"""What recording costs a training in PyTorch: a loop bare and recorded in turn, and what the ring holds."""

from __future__ import annotations

import gc
import tempfile
import warnings
from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from statistics import fmean
from time import perf_counter
from typing import Any, NamedTuple

from backprop_tui.pytorch.doors import record
from tests.benchmarks import rivals
from tests.benchmarks.measures import median, seconds
from tests.benchmarks.report import Cell, Section, Table, Verdict
from tests.benchmarks.subjects import Stage

MEBIBYTE = 2**20
BATCH = 64
KEEP = 100
REACH = 1.05
SMALL, DEEP = (784, 128, 10), (512,) * 7
NAMES = {SMALL: "784-128-10", DEEP: "6 layers of 512"}
BLOCK = {SMALL: 12, DEEP: 3}
"""Steps that one of the two makes before it is the other's turn."""


class Loop(NamedTuple):
    """A training that goes on for so many steps each time."""

    model: Any
    loss: Any
    optimizer: Any
    steps: Callable[[int], None]


def measure(stage: Stage, quick: bool) -> Section:
    """Each loop on one thread; bare, recorded, bare, with the least hooks: neighbours give ratios."""
    section = Section("recording")
    if not rivals.installed("torch"):
        section.remarks.append("torch is not installed: nothing to record")
        return section
    torch = import_module("torch")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    rows: list[tuple[Cell, ...]] = []
    try:
        for shape in (SMALL, DEEP):
            for kind in ("SGD", "Adam", "as people write it"):
                row, ratio = _row(torch, shape, kind, quick)
                rows.append(row)
                section.verdicts.append(Verdict(f"recorded ÷ bare, {NAMES[shape]}, {kind}", ratio, REACH))
    finally:
        torch.set_num_threads(threads)
    columns = (
        "model",
        "loop",
        "bare µs a step",
        "recorded µs",
        "recorded ÷ bare",
        "least ÷ bare",
        "bare ÷ bare",
        "ring MiB",
        "KiB an iteration",
        "a state KiB",
        "a write ms",
        "window MiB",
    )
    notes = (
        f"Float32, batch {BATCH}, one thread, {KEEP} iterations kept (up to {KEEP + KEEP // 2} in memory), "
        "the condition as it is left out. Bare and recorded steps of one model take turns; medians.",
        "SGD and Adam: zero_grad, forward, cross-entropy, backward, step; batches are cut from one tensor.",
        "As people write it: Adam, a DataLoader that shuffles, and loss.item() each step.",
        "least: hooks that copy each batch and read each gradient and loss once, and do nothing else.",
        "bare ÷ bare: the block after a recorded one by the one before it: what the clock makes of the same.",
        "ring: batches, parameters and optimizer states in memory. A write includes fsync.",
    )
    section.tables.append(Table("A recorded training step", columns, rows, notes))
    return section


def _row(torch: Any, shape: tuple[int, ...], kind: str, quick: bool) -> tuple[tuple[Cell, ...], float]:
    loop = _loop(torch, shape, kind)
    rounds = (30 if quick else 150) if shape == SMALL else (20 if quick else 80)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        recorder = record(folder, loop.model, loop.loss, loop.optimizer, keep=KEEP)
        with recorder:
            loop.steps(KEEP * 3)  # until the ring is full and its memory is used again
            held = _held(recorder)
            bare, recorded, ratios, least, noise = _in_turn(loop, recorder, BLOCK[shape], rounds)
            written = seconds(recorder.write)
            size = recorder.windows[-1].stat().st_size
        cells = (median(bare) * 1e6, median(recorded) * 1e6, median(ratios), median(least), median(noise))
        sizes = (
            held.whole / MEBIBYTE,
            held.iteration / 1024,
            held.state / 1024,
            written * 1e3,
            size / MEBIBYTE,
        )
    return (NAMES[shape], kind, *cells, *sizes), median(ratios)


def _in_turn(loop: Loop, recorder: Any, block: int, rounds: int) -> tuple[list[float], ...]:
    """Seconds a step, bare and recorded; and of each round recorded ÷ bare, least ÷ bare, bare ÷ bare."""
    hooks = _LeastHooks(loop)

    def taken() -> float:
        loop.steps(1)  # the first after a change comes to code that was not used for a while
        start = perf_counter()
        loop.steps(block)
        return (perf_counter() - start) / block

    bare, recorded, ratios, least, noise = [], [], [], [], []
    gc.collect()
    gc.freeze()
    try:
        for _ in range(rounds):
            gc.collect()
            recorder._stop_listening()
            loop.steps(1)
            before = taken()
            _goes_on(recorder)
            between = taken()
            recorder._stop_listening()
            after = taken()
            with hooks:
                hooked = taken()
            last = taken()
            _goes_on(recorder)
            bare += [before, after]
            recorded.append(between)
            ratios.append(between / fmean((before, after)))
            least.append(hooked / fmean((after, last)))
            noise.append(after / before)
    finally:
        gc.unfreeze()
    return bare, recorded, ratios, least, noise


def _goes_on(recorder: Any) -> None:
    """Record again, as if the bare steps had been none: else they are noticed, and the replay begins anew."""
    recorder._listen()
    recorder._beginnings._counts, recorder._beginnings._kept = [], []


class _LeastHooks:
    """What any recorder of each batch and each gradient's length pays, by PyTorch's hooks."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._ring: list[Any] = [None] * (KEEP + KEEP // 2)
        """Memory that is used again, as long as a recorder's."""
        self._at = 0
        self._handles: list[Any] = []

    def __enter__(self) -> None:
        model, loss, optimizer, _ = self._loop
        self._handles = [
            model.register_forward_pre_hook(self._copy),
            loss.register_forward_hook(self._read),
            optimizer.register_step_pre_hook(self._measure),
        ]

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()

    def _copy(self, _: Any, arguments: tuple[Any, ...]) -> None:
        free = self._ring[self._at]
        self._ring[self._at] = arguments[0].clone() if free is None else free.copy_(arguments[0])
        self._at = (self._at + 1) % len(self._ring)

    def _read(self, _: Any, __: Any, value: Any) -> None:
        value.item()
        value.grad_fn.register_prehook(self._went_back)

    def _went_back(self, _: Any) -> None:
        """That a backward pass begins."""

    def _measure(self, optimizer: Any, *_: Any) -> None:
        for group in optimizer.param_groups:
            for one in group["params"]:
                flat = one.grad.view(-1)
                flat.dot(flat).item()


def _loop(torch: Any, shape: tuple[int, ...], kind: str) -> Loop:
    nn = torch.nn
    torch.manual_seed(20)
    layers = [layer for below, units in pairwise(shape) for layer in (nn.Linear(below, units), nn.ReLU())]
    model, loss = nn.Sequential(*layers[:-1]), nn.CrossEntropyLoss()
    made = torch.optim.SGD if kind == "SGD" else torch.optim.Adam
    optimizer = made(model.parameters(), lr=1e-3)
    inputs, classes = torch.randn(64 * BATCH, shape[0]), torch.randint(0, shape[-1], (64 * BATCH,))

    def cut() -> Any:
        while True:
            for at in range(0, len(inputs), BATCH):
                yield inputs[at : at + BATCH], classes[at : at + BATCH]

    def loaded() -> Any:
        data = torch.utils.data.TensorDataset(inputs, classes)
        loader = torch.utils.data.DataLoader(data, batch_size=BATCH, shuffle=True)
        while True:
            yield from loader

    told = kind not in ("SGD", "Adam")
    batches = loaded() if told else cut()

    def steps(count: int) -> None:
        total = 0.0
        for _ in range(count):
            x, wanted = next(batches)
            optimizer.zero_grad()
            value = loss(model(x), wanted)
            value.backward()
            optimizer.step()
            if told:
                total += value.item()

    return Loop(model, loss, optimizer, steps)


class Held(NamedTuple):
    """Bytes of tensors."""

    whole: int
    iteration: int
    state: int


def _held(recorder: Any) -> Held:
    """What the ring holds now."""
    iterations = [
        sum(tensor.nbytes for one in iteration.passes for tensor in (*one.arguments, *one.targets))
        for iteration in recorder._ring.iterations
    ]
    states = [
        sum(tensor.nbytes for tensor in (*state.parameters.values(), *state.tensors.values()))
        for state in recorder._ring.states
    ]
    free = sum(tensor.nbytes for some in recorder._copies._free.values() for tensor in some)
    return Held(sum(iterations) + sum(states) + free, iterations[-1], states[-1])
