"""``backprop-tui check FOLDER``: what PyTorch recorded against its replay in float64, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Any

from msgspec.structs import replace

from backprop_tui.analysis.beside_pytorch.captions import (
    cause_words,
    coarsest,
    distinct_notes,
    length_unscaled,
    not_finite_words,
    note_words,
    rounded_in,
    scaled_words,
)
from backprop_tui.analysis.beside_pytorch.recorded import (
    Beside,
    IterationBeside,
    LayerBeside,
    iterations_beside,
    parameters_beside,
)
from backprop_tui.cli.output.json_lines import plain
from backprop_tui.cli.output.progress import progress
from backprop_tui.history.run import Run
from backprop_tui.network.description import Network
from backprop_tui.network.names import Names, shown


class RecordedCheck:
    """All that is compared, computed at once.

    Args:
        network: of a recording.

    """

    def __init__(self, network: Network) -> None:
        assert network.recording is not None
        self._network, self._recording = network, network.recording
        run = Run(network)
        count = len(self._recording.iterations)
        with progress("iteration", count) as bar:
            self.iterations: tuple[IterationBeside, ...] = _whole(iterations_beside(run), bar.show)
        self.layers: tuple[LayerBeside, ...] = _whole(parameters_beside(run), lambda _: None)

    @property
    def passed(self) -> bool:
        """Whether rounding explains every difference."""
        return all(one.within for one in self.iterations) and all(one.within for one in self.layers)

    def as_json(self) -> dict[str, Any]:
        """What is printed with ``--json``."""
        apart = [one.apart for beside in self.iterations for one in (beside.loss, beside.grad_norm)]
        apart += [one.relative for one in self.layers]
        return {
            "checked": len(apart),
            "max_relative_error": plain(max(apart, default=0.0)),
            "passed": self.passed,
            "iterations": [
                {
                    "iteration": one.recorded.number,
                    "loss": _beside(one.loss),
                    "grad_norm": _beside(one.grad_norm),
                    "passed": one.within,
                }
                for one in self.iterations
            ],
            "layers": [
                {
                    "layer": one.layer,
                    "before_iteration": self._number(one.place),
                    "parameter": self._name(one),
                    "pytorch": plain(one.pytorch),
                    "here": plain(one.here),
                    "apart": plain(one.relative),
                    "allowed": plain(one.allowed),
                    "passed": one.within,
                }
                for one in self.layers
            ],
            "said": list(self._recording.said),
            "notes": [
                {"note": text, "iteration": first, "count": count}
                for text, first, count in distinct_notes(self._network)
            ],
        }

    def lines(self) -> Iterator[str]:
        """What is printed: a table of the largest differences, and the verdict."""
        dtype = rounded_in(self._network)
        yield f"{self._network.title} {self._network.shape}, recorded in {dtype}: {self._span()}"
        yield ""
        yield f"{'':<22}{'PyTorch':>14} {'float64':>14} {'apart':>8}  {'allowed':>8}"
        for what, found in (
            ("loss", [one.loss for one in self.iterations]),
            ("length of gradient", [self._unscaled(one) for one in self.iterations]),
        ):
            place = _worst([(one.apart, one.allowed) for one in found])
            one = found[place]
            number = self._recording.iterations[place].number
            yield _row(what, one.pytorch, one.here, one.apart, one.allowed, f"iteration {number:,}")
        for layer in range(1, len(self._network.layers) + 1):
            of_layer = [one for one in self.layers if one.layer == layer]
            if of_layer:
                worst = of_layer[_worst([(one.relative, one.allowed) for one in of_layer])]
                where = f"{self._name(worst)} before iteration {self._number(worst.place):,}"
                numbers = worst.pytorch, worst.here, worst.relative, worst.allowed
                yield _row(f"parameters, layer {layer}", *numbers, where)
        yield ""
        yield self._verdict(coarsest(self._network))
        yield from filter(None, (not_finite_words(self.iterations), scaled_words(self._network)))
        yield from (note_words(*note) for note in distinct_notes(self._network))
        yield from self._recording.said

    def _span(self) -> str:
        first, last = self._recording.iterations[0].number, self._recording.iterations[-1].number
        return f"iteration {first:,}" if first == last else f"iterations {first:,} to {last:,}"

    def _unscaled(self, one: IterationBeside) -> Beside:
        """The lengths of a gradient without the factor of the loss."""
        theirs, here = (
            length_unscaled(self._network, one.place, length)
            for length in (one.grad_norm.pytorch, one.grad_norm.here)
        )
        return replace(one.grad_norm, pytorch=theirs, here=here)

    def _verdict(self, dtype: str) -> str:
        states, count = len({one.place for one in self.layers}), len(self.iterations)
        what = f"{count:,} iteration{'s' if count != 1 else ''}"
        if states:
            what += f" and {states} state{'s' if states != 1 else ''} of the parameters"
        what += " checked"
        more = f"by more than rounding to {dtype} explains"
        apart = [one.recorded.number for one in self.iterations if not one.within]
        layers = [one for one in self.layers if not one.within]
        if not apart and not layers:
            return f"{what}, all agree within what rounding to {dtype} explains"
        if apart:
            where = f"apart from iteration {apart[0]:,} on"
        else:
            number = self._number(layers[0].place)
            where = f"the parameters of layer {layers[0].layer} are apart before iteration {number:,}"
        return f"{what}: {where}, {more}: {cause_words(self._network, self.iterations, self.layers)}"

    def _number(self, place: int) -> int:
        return self._recording.iterations[0].number + place

    def _name(self, one: LayerBeside) -> str:
        return shown(Names(self._network).parameter(*one.parameter))


def _whole(work: Any, show: Any) -> Any:
    """What a generator comes to in the end."""
    while True:
        try:
            show(next(work))
        except StopIteration as end:
            return end.value


def _worst(found: Sequence[tuple[float, float]]) -> int:
    """Which difference is the largest beside what is allowed."""
    shares = [apart / allowed if allowed else apart for apart, allowed in found]
    return max(range(len(shares)), key=lambda at: shares[at] if shares[at] == shares[at] else -1.0)


def _row(what: str, theirs: float, here: float, apart: float, allowed: float, where: str) -> str:
    numbers = f"{_number(theirs):>14} {_number(here):>14} {apart:>8.1e}  {allowed:>8.1e}"
    return f"{what:<22}{numbers}  {where}"


def _number(value: float) -> str:
    return f"{value:.8g}" if isfinite(value) else f"{value}"


def _beside(one: Beside) -> dict[str, Any]:
    return {
        "pytorch": plain(one.pytorch),
        "here": plain(one.here),
        "apart": plain(one.apart),
        "allowed": plain(one.allowed),
    }
