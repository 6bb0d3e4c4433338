"""The mappings behind those: an array for each layer, and the gradient of any parameter by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from backprop_tui.engine.quantities import Kind, Parameter
from backprop_tui.history.arrays_at import ArrayAt, array_at, mean_gradient_at
from backprop_tui.history.layer_readings import inputs
from backprop_tui.history.moment import Moment
from backprop_tui.history.parameters_at import parameters_at
from backprop_tui.network.errors import BackpropError, described, nearest
from backprop_tui.network.lazy_numpy import Array, Marks, np
from backprop_tui.program.identifiers import Identifiers

OfLayer = Callable[[Moment, int], ArrayAt]
"""What reads the array of a layer."""


class UnknownNameError(BackpropError, KeyError):
    """A network has no layer or number of that name."""

    def __str__(self) -> str:
        return str(self.args[0])


class LayerArrays(Mapping[str, Array]):
    """One sort of number of a moment: an array a layer, by the layer's name or number.

    Layers are named as their units are: ``x``, ``h``, ``o``, and ``h1``, ``h2`` where there are several
    hidden ones; their numbers count from 0, the input. What has not been computed yet is NaN, and what is
    left from an earlier example is still there, as on the screen in brackets; ``current`` tells which is
    which. Arrays cannot be written to: ``Session.set`` sets a value. They stay those of their moment when the
    session moves.
    """

    def __init__(self, now: Moment, read: OfLayer, first: int = 1) -> None:
        """Nothing is read yet.

        Args:
            now: the moment.
            read: reads the array of a layer.
            first: the first layer that has one: 0 the input, 1 the one above it.
        """
        self._now = now
        self._read = read
        self._names = now.run.names.layers
        self._first = first

    def __getitem__(self, layer: str | int) -> Array:
        values = self._at(layer).values
        values.setflags(write=False)
        return values

    def __iter__(self) -> Iterator[str]:
        return iter(self._names[self._first :])

    def __len__(self) -> int:
        return len(self._names) - self._first

    def __repr__(self) -> str:
        return repr(dict(self))

    def current(self, layer: str | int) -> Marks:
        """Which numbers of a layer are of the present example, as an array of its shape."""
        return self._at(layer).current

    def _at(self, layer: str | int) -> ArrayAt:
        names = self._names
        if isinstance(layer, str) and layer in names[self._first :]:
            number = names.index(layer)
        elif isinstance(layer, int) and self._first <= layer < len(names):
            number = layer
        else:
            found = described(layer) if isinstance(layer, str) else repr(layer)
            raise UnknownNameError(f"there is no layer {found} here: there are {', '.join(self)}")
        return self._read(self._now, number)


class Gradients(Mapping[str, float]):
    """The gradients of all parameters at a moment, for the present example: ``gradients["dL_dw1"]``.

    Names are those of the listing, ``dL_dw1`` or as on the screen ``dL/dw1``; the parameter's own is
    understood, too. What has not been computed yet is NaN; what is left from an earlier example stays.
    """

    def __init__(self, now: Moment) -> None:
        self._now = now
        self._identifiers = Identifiers(now.run.network)

    def __getitem__(self, name: str) -> float:
        word = name.replace("dL/d", "dL_d")
        parameter = self._parameter(word)
        if parameter is None:
            gradients = [one for one in self._identifiers.sample() if one.startswith("dL_d")]
            hint = nearest(word, filter(self._parameter, gradients)) or f"a name is as {next(iter(self))}"
            raise UnknownNameError(f"there is no gradient {described(name)}: {hint}")
        value = self._now.read(parameter.gradient).value
        return float("nan") if value is None else value

    def _parameter(self, word: str) -> Parameter | None:
        """The parameter whose name, or whose gradient's, it is."""
        source = self._identifiers.resolve(word)
        return source.quantity.parameter if source and source.quantity else None

    def __iter__(self) -> Iterator[str]:
        names, widths = self._now.run.names, self._now.run.network.widths
        for layer in range(1, len(widths)):
            for unit in range(widths[layer]):
                for parameter in Parameter.of_unit(layer, unit, widths[layer - 1]):
                    yield "dL_d" + names.parameter(*parameter)

    def __len__(self) -> int:
        return self._now.run.network.parameters

    def __repr__(self) -> str:
        return repr(dict(self))


def of_units(now: Moment, kind: Kind) -> LayerArrays:
    """A quantity that a forward or backward pass computes; activations begin with the inputs."""

    def read(now: Moment, layer: int) -> ArrayAt:
        return array_at(now.run, now.time, kind, layer) if layer else _all_current(inputs(now).values)

    return LayerArrays(now, read, first=0 if kind is Kind.ACTIVATION else 1)


def mean_gradients(now: Moment, kind: Kind) -> LayerArrays:
    """Gradients averaged over the batch."""
    return LayerArrays(now, lambda now, layer: mean_gradient_at(now.run, now.time, kind, layer))


def weights(now: Moment) -> LayerArrays:
    """The weights, known at any time."""
    return LayerArrays(
        now, lambda now, layer: _all_current(parameters_at(now.run, now.time).weights[layer - 1])
    )


def biases(now: Moment) -> LayerArrays:
    """The biases, known at any time."""
    return LayerArrays(
        now, lambda now, layer: _all_current(parameters_at(now.run, now.time).biases[layer - 1])
    )


def targets(now: Moment) -> Array:
    """The targets of the example that is being worked on, of the shape (outputs,)."""
    values = np.array([now.target(unit) for unit in range(now.run.network.widths[-1])])
    values.setflags(write=False)
    return values


def _all_current(values: Sequence[float | None] | Array) -> ArrayAt:
    copied = np.array(values, dtype=np.float64)
    return ArrayAt(copied, np.ones(copied.shape, dtype=bool))
