"""The names that a file gives to units and parameters: fit to be written, and none of them twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError, described
from backprop_tui.network.names import RESERVED, Names

_NAME = r"[^\W\d]\w{0,15}\Z"


def given_names(place: str, names: Sequence[str]) -> tuple[str, ...]:
    """Names, each fit to be one."""
    fits = re.compile(_NAME).match
    for number, name in enumerate(names):
        if not fits(name):
            raise NetworkError(
                f"{place}[{number}]",
                "a name of at most 16 letters, digits and _, a letter first",
                described(name),
            )
        if name in RESERVED:
            hint = "this word is the debugger's own"
            raise NetworkError(f"{place}[{number}]", "another name", described(name), hint=hint)
    return tuple(names)


def weight_names(
    place: str, names: list[list[str]] | None, units: int, inputs: int
) -> tuple[tuple[str, ...], ...]:
    """The names of a layer's weights, a row a unit; empty where none are given."""
    if names is None:
        return ()
    if len(names) != units:
        raise NetworkError(place, f"{units} rows, a row per unit", f"{len(names)}")
    for number, row in enumerate(names):
        if len(row) != inputs:
            raise NetworkError(f"{place}[{number}]", f"{inputs} names, one per input", f"{len(row)}")
    return tuple(given_names(f"{place}[{number}]", row) for number, row in enumerate(names))


def bias_names(place: str, names: list[str] | None, units: int) -> tuple[str, ...]:
    """The names of a layer's biases; empty where none are given."""
    if names is None:
        return ()
    if len(names) != units:
        raise NetworkError(place, f"{units} names, one per unit", f"{len(names)}")
    return given_names(place, names)


def require_unambiguous(network: Network) -> None:
    """No two things share a name, and none has the name of something computed."""
    given = [(row.unit_names, row.weight_names, row.bias_names) for row in network.layers]
    if not network.input_names and not any(any(names) for names in given):
        return
    names, widths = Names(network), network.widths
    parameters = [
        names.parameter(layer, unit, below)
        for layer in range(1, len(widths))
        for unit in range(widths[layer])
        for below in (*range(widths[layer - 1]), None)
    ]
    units = [names.unit(layer, unit) for layer, width in enumerate(widths) for unit in range(width)]
    targets = [names.target(unit) for unit in range(widths[-1])]
    computed = [*_computed(names, widths), *("dL_d" + name for name in parameters)]
    every = [*parameters, *units, *targets, *computed]
    if len(set(every)) < len(every):
        _refuse_the_second(names, widths, dict.fromkeys(targets, "a target"), computed)


def _refuse_the_second(
    names: Names, widths: Sequence[int], seen: dict[str, str], computed: Iterable[str]
) -> None:
    """Name the first thing whose name another has already."""
    seen |= dict.fromkeys(computed, "something computed")

    def claim(name: str, place: str) -> None:
        if name in seen:
            raise NetworkError(
                place, "a name of its own", described(name), hint=f"it names {seen[name]} already"
            )
        seen[name] = place

    for layer, width in enumerate(widths):
        place = f"network.layers[{layer - 1}]" if layer else "network"
        for unit in range(width):
            claim(names.unit(layer, unit), f"{place}.units" if layer else "network.inputs")
            if layer:
                claim(names.bias(layer, unit), f"{place}.bias_names")
                for below in range(widths[layer - 1]):
                    claim(names.weight(layer, unit, below), f"{place}.weight_names")


def _computed(names: Names, widths: Sequence[int]) -> Iterator[str]:
    """The identifiers of everything that statements compute for a unit alone."""
    for layer in range(1, len(widths)):
        for unit in range(widths[layer]):
            yield names.z(layer, unit)
            yield names.a(layer, unit)
            yield names.dL_da(layer, unit)
            yield names.da_dz(layer, unit)
            yield names.delta(layer, unit)
