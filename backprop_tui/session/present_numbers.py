"""What a session gives of its present moment for people who know NumPy: z, a, delta, W, b, and so on."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from backprop_tui.engine.quantities import Kind
from backprop_tui.history.moment import Moment
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.network.lazy_numpy import Array

if TYPE_CHECKING:
    from backprop_tui.session import layer_arrays
    from backprop_tui.session.layer_arrays import Gradients, LayerArrays
else:
    layer_arrays = lazy_module("backprop_tui.session.layer_arrays")


class Numbers:
    """What ``Session`` gives of its present moment.

    Layers have names, ``x``, ``h`` and ``o``, or ``h1``, ``h2`` … where there are several hidden ones, and
    numbers from 0, the input. Values are those of the example that is being worked on. What has not been
    computed yet is NaN; what is left from an earlier example is still there, and
    ``session.a.current("h")`` tells which is of the present one.
    """

    @property
    @abstractmethod
    def now(self) -> Moment:
        """The run at the present time."""

    @property
    def z(self) -> LayerArrays:
        """The pre-activations of each layer, of the shape (units,): ``session.z["h"]``."""
        return layer_arrays.of_units(self.now, Kind.WEIGHTED_SUM)

    @property
    def a(self) -> LayerArrays:
        """The activations, of the shape (units,); ``session.a["x"]`` are the inputs."""
        return layer_arrays.of_units(self.now, Kind.ACTIVATION)

    @property
    def y(self) -> Array:
        """The targets, of the shape (outputs,)."""
        return layer_arrays.targets(self.now)

    @property
    def dL_da(self) -> LayerArrays:
        """The derivatives of the loss by the activations, of the shape (units,)."""
        return layer_arrays.of_units(self.now, Kind.ACTIVATION_GRADIENT)

    @property
    def da_dz(self) -> LayerArrays:
        """The slopes of the activation functions, of the shape (units,); of softmax the diagonal."""
        return layer_arrays.of_units(self.now, Kind.ACTIVATION_DERIVATIVE)

    @property
    def delta(self) -> LayerArrays:
        """The error signals dL/dz, of the shape (units,)."""
        return layer_arrays.of_units(self.now, Kind.DELTA)

    @property
    def W(self) -> LayerArrays:
        """The weights, of the shape (units, inputs); in an update some are new and the others old."""
        return layer_arrays.weights(self.now)

    @property
    def b(self) -> LayerArrays:
        """The biases, of the shape (units,)."""
        return layer_arrays.biases(self.now)

    @property
    def dW(self) -> LayerArrays:
        """The gradients of the weights, of the shape (units, inputs), for the example."""
        return layer_arrays.of_units(self.now, Kind.WEIGHT_GRADIENT)

    @property
    def db(self) -> LayerArrays:
        """The gradients of the biases, of the shape (units,), for the example."""
        return layer_arrays.of_units(self.now, Kind.BIAS_GRADIENT)

    @property
    def mean_dW(self) -> LayerArrays:
        """The same averaged over the batch, which the update takes; NaN until its last example has them."""
        return layer_arrays.mean_gradients(self.now, Kind.WEIGHT_GRADIENT)

    @property
    def mean_db(self) -> LayerArrays:
        """The gradients of the biases averaged over the batch."""
        return layer_arrays.mean_gradients(self.now, Kind.BIAS_GRADIENT)

    @property
    def gradients(self) -> Gradients:
        """The gradient of every parameter by name, for the example: ``session.gradients["dL/dw1"]``."""
        return layer_arrays.Gradients(self.now)
