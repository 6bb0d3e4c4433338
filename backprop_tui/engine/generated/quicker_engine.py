"""The engine of a network: the quicker of the two, by an estimate from nothing but its description.

The constants are microseconds on one core (Python 3.11, NumPy 2.4, x86-64). They were fitted to the times of
both engines, the best of five runs each, for ten shapes from 1-1 to 16-16-4 with batches of 1, 4 and 16, sgd
and adam, sigmoid and relu. The fit is within a factor of two of each, and where the engines cross either is
good. On other machines both move together.
"""

from __future__ import annotations

from backprop_tui.engine.generated.array_engine import ArrayEngine
from backprop_tui.engine.generated.scalar_engine import ScalarEngine
from backprop_tui.engine.generated.tracing.expressions import UntraceableError, slow_path
from backprop_tui.engine.iteration import Batches, Engine, RunsIterations
from backprop_tui.network.description import Network

A_LAYER = 5.0
"""What a layer costs in whole arrays, for calls of NumPy alone: such small arrays cost nothing themselves."""
AN_ITERATION = 3.0
AN_EXAMPLE = 0.1
"""In single numbers, as all below."""
A_UNIT = 0.12
A_WEIGHT = 0.06
AN_UPDATE = 0.01
"""Of one parameter; for each array of optimizer state add:"""
A_STATE = 0.12
ARRAYS_OF_A_STATE = 1.5
"""The same for all parameters in whole arrays."""
MARGIN = 1.2
"""How much quicker single numbers have to be: their text takes longer to compile."""


def engine_of(network: Network, batches: Batches, wanted: Engine | None = None) -> RunsIterations:
    """The engine that runs a network's iterations.

    Args:
        network: the description.
        batches: the examples of each iteration.
        wanted: which engine; None takes the quicker one. Where a function of the network cannot be written in
            single numbers it is the engine of whole arrays in any case, with a warning.
    """
    arrays = ArrayEngine(network, batches)
    if wanted == "scalars" or (wanted is None and scalars_are_quicker(network)):
        try:
            return ScalarEngine(network, batches, arrays)
        except UntraceableError as error:
            slow_path(network, error)
    return arrays


def scalars_are_quicker(network: Network) -> bool:
    """Whether single numbers are quicker than whole arrays."""
    states = len(network.training.optimizer.state_names(network.training.settings))
    return MARGIN * _scalars(network, states) < _arrays(network, states)


def _scalars(network: Network, states: int) -> float:
    units = sum(network.widths[1:])
    example = AN_EXAMPLE + A_UNIT * units + A_WEIGHT * (network.parameters - units)
    return network.batch_size * example + network.parameters * (AN_UPDATE + A_STATE * states)


def _arrays(network: Network, states: int) -> float:
    return AN_ITERATION + A_LAYER * len(network.layers) + ARRAYS_OF_A_STATE * states
