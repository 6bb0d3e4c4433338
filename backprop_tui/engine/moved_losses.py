"""The loss with one parameter moved, for many parameters at once: forward passes that share what stays.

Moving a weight of a layer changes the z of one of its units and nothing below. So each pass starts from the
pass at rest: that unit's z and a are computed anew, the next layer's z change by the change of a times one
column of its weights, and from there on the pass is computed in full, for the examples in which anything
has changed. Nothing here knows a derivative.
"""

from __future__ import annotations

from backprop_tui.engine.equations import loss
from backprop_tui.engine.reference import Forward
from backprop_tui.engine.state import Parameters
from backprop_tui.network.description import Network
from backprop_tui.network.lazy_numpy import Array, Indices, Marks, np


class MovedLosses:
    """The losses near one point of parameter space.

    A case is one parameter and one example. Arrays of a layer have the shape (units, examples) at rest and
    (units, moves, cases) moved. A bias is the weight of an input that is 1. Layers count from 0 here.

    Args:
        network: the description.
        parameters: the point.
        pass_: the forward pass there.
        y: targets, of the shape (examples, outputs).

    """

    def __init__(self, network: Network, parameters: Parameters, pass_: Forward, y: Array) -> None:
        self._network = network
        self._parameters = parameters
        self._z = [np.ascontiguousarray(z.T) for z in pass_.z]
        self._a = [np.vstack([a.T, np.ones(len(a))]) for a in pass_.a]
        self._rest = pass_.loss
        self._y = np.ascontiguousarray(y.T)
        self._last = len(network.layers) - 1
        self._finite = all(bool(np.isfinite(array).all()) for array in (*self._z, *self._a))

    def numbers(self, layer: int) -> int:
        """How many numbers the largest array holds for one parameter of *layer* and one move."""
        below, *widths = self._network.widths[layer:]
        most = max(widths if self._starts_whole(layer) else widths[1:]) * len(self._rest)
        return most if self._finite else max(most, below + 1)

    def losses(self, layer: int, units: Indices, belows: Indices, offsets: Array) -> tuple[Array, Marks]:
        """The loss of every example, with one parameter moved at a time.

        Args:
            layer: whose weights they are.
            units: the unit of each parameter, of the shape (parameters,).
            belows: the input of each; one past the last for the bias.
            offsets: how far each is moved, of the shape (moves, parameters).

        Returns:
            the losses, of the shape (moves, parameters, examples), and whether the move brought some z to
            another side of a kink of its activation, of the shape (moves, parameters).

        """
        with np.errstate(all="ignore"):
            rest = self._z[layer][units]
            z = self._moved(layer, units, belows, offsets)
            crossed: Marks = np.any(self._crosses(layer, z[None], rest[None, None]), axis=-1)
            losses = np.empty(z.shape)
            losses[:] = self._rest
            if self._starts_whole(layer):
                parameters, examples = np.nonzero((z != rest).any(axis=0))
                z = self._among_the_others(layer, units[parameters], examples, z[:, parameters, examples])
            else:
                change = self._activation(layer, z[None])[0] - self._a[layer + 1][units]
                parameters, examples = np.nonzero((change != 0.0).any(axis=0))
                layer += 1
                columns = self._parameters.weights[layer].take(units[parameters], axis=1)
                z = columns[:, None] * change[:, parameters, examples]
                z += _of(self._z[layer], examples)
            if len(examples):
                losses[:, parameters, examples], sides = self._upwards(layer, z, examples)
                moves, cases = np.nonzero(sides)
                crossed[moves, parameters[cases]] = True
            return losses, crossed

    def _moved(self, layer: int, units: Indices, belows: Indices, offsets: Array) -> Array:
        """The z of the units whose parameters are moved, of the shape (moves, parameters, examples)."""
        if self._finite:
            return self._z[layer][units] + offsets[..., None] * self._a[layer][belows]
        rows = np.column_stack((self._parameters.weights[layer], self._parameters.biases[layer]))
        there = np.tile(rows[units], (len(offsets), 1, 1))
        there[:, np.arange(len(units)), belows] += offsets
        return np.asarray(there @ self._a[layer])

    def _starts_whole(self, layer: int) -> bool:
        """Whether the whole layer has to be computed where one of its units has moved."""
        return layer == self._last or self._network.layers[layer].activation.couples or not self._finite

    def _among_the_others(self, layer: int, units: Indices, examples: Indices, moved: Array) -> Array:
        """The z of a whole layer, in each case that of one unit replaced."""
        z = np.empty((len(self._z[layer]), *moved.shape))
        z[:] = _of(self._z[layer], examples)
        z[units, :, np.arange(len(units))] = moved.T
        return z

    def _upwards(self, layer: int, z: Array, examples: Indices) -> tuple[Array, Marks]:
        """From the z of a layer to the losses and the kinks crossed, both of the shape (moves, cases)."""
        crossed = self._crosses(layer, z, _of(self._z[layer], examples))
        while layer < self._last:
            a = self._activation(layer, z)
            layer += 1
            z = self._weighted_sums(layer, a, examples)
            crossed |= self._crosses(layer, z, _of(self._z[layer], examples))
        network, shape = self._network, z.shape[1:]
        y = np.tile(self._y.take(examples, axis=1), len(z[0])).T
        rows = z.reshape(len(z), -1).T
        a = (
            rows if network.fused_loss else network.layers[layer].activation.value(rows)
        )  # which takes z alone
        return loss(network, y, rows, a).reshape(shape), crossed

    def _activation(self, layer: int, z: Array) -> Array:
        a = self._network.layers[layer].activation.value(z.reshape(len(z), -1).T)
        return a.T.reshape(z.shape)

    def _weighted_sums(self, layer: int, a: Array, examples: Indices) -> Array:
        """The z of *layer* from the a below: the same to the bit where nothing has changed."""
        weights, shape = self._parameters.weights[layer], (-1, *a.shape[1:])
        if not self._finite:
            z = weights @ a.reshape(len(a), -1) + self._parameters.biases[layer][:, None]
            return z.reshape(shape)
        change = a - _of(self._a[layer][:-1], examples)
        z = (weights @ change.reshape(len(a), -1)).reshape(shape)
        z += _of(self._z[layer], examples)
        return z

    def _crosses(self, layer: int, z: Array, rest: Array) -> Marks:
        """Where any unit's z stands on another side of a kink than at rest: one axis less than *z*."""
        crossed = np.zeros(z.shape[1:], dtype=bool)
        for kink in self._network.layers[layer].activation.kinks:
            crossed |= ((z > kink) != (rest > kink)).any(axis=0)
            crossed |= ((z < kink) != (rest < kink)).any(axis=0)
        return crossed


def _of(array: Array, examples: Indices) -> Array:
    """A layer's numbers at rest for some examples, to stand beside those of every move."""
    return array.take(examples, axis=1)[:, None]
