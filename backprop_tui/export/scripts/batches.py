"""The batches of an epoch in a script, and the optimizer's options that change from one to the next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backprop_tui.network.description import Network

WORDS = ("number", "start", "length", "BATCHES")
"""The variables that these lines use."""


def loop(network: Network, examples: str) -> Iterator[str]:
    """The head of the loop over an epoch's batches; *examples* is the variable of the data."""
    if network.training.batches:
        yield "start = 0"
        yield f"for number, length in enumerate({list(network.training.batches)!r}):"
    elif network.training.schedule:
        yield f"for number, start in enumerate(range(0, len({examples}), {network.batch_size})):"
    else:
        yield f"for start in range(0, len({examples}), {network.batch_size}):"


def part_of(network: Network) -> str:
    """Which examples are the batch's."""
    return f"start : start + {'length' if network.training.batches else network.batch_size}"


def onward(network: Network) -> Iterator[str]:
    """What ends a batch."""
    if network.training.batches:
        yield "start += length"


def given_options(network: Network, names: Mapping[str, str]) -> Iterator[str]:
    """The optimizer's options, each by its variable; of those that change, a list of all."""
    training = network.training
    for option, name in names.items():
        if option in training.schedule:
            yield f"{name}_each = {list(training.schedule[option])!r}"
        else:
            yield f"{name} = {training.settings[option]!r}"


def scheduled_lines(network: Network, names: Mapping[str, str]) -> Iterator[str]:
    """What sets those that change, in each iteration."""
    for option, name in names.items():
        if option in network.training.schedule:
            yield f"{name} = {name}_each[number]"
