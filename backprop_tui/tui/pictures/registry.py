"""The registry of pictures: what the pane of pictures can show, a row each.

A new picture is a file with its drawing, and a row here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from backprop_tui.engine.quantities import Kind, Parameter
from backprop_tui.network.description import Network
from backprop_tui.tui.pictures.charts.loss import loss_arrow, loss_picture, loss_pointed_at
from backprop_tui.tui.pictures.on_demand import drawing
from backprop_tui.tui.pictures.rows import Picture
from backprop_tui.tui.requests import Request
from backprop_tui.tui.view import View


class Figure(Struct, frozen=True):
    """One of the pictures that the pane can show; a ``Picture`` is its rows at one size."""

    name: str
    """As it is typed."""
    title: str
    """Shown above it."""
    draw: Callable[[View, int, int], Picture | None]
    """From a view, a width and a height to exactly that many cells; pure. None: it takes too long."""
    paint: Callable[[View, int, int], Iterator[Picture | None]] | None = None
    """What takes longer: pictures that are finer and finer, the last one whole; None in between."""
    arrow: Callable[[View, int, int], Request | None] = loss_arrow
    """What an arrow key asks for, from its steps to the right and down; by default, another epoch."""
    pointed_at: Callable[[View, int, int, int, int], Request | None] = lambda view, width, height, x, y: None
    """What a click asks for, from the size of the picture and the cell that was clicked."""

    @property
    def tells(self) -> bool:
        """Whether it tells what the next statements will compute."""
        return self.name in ("activation", "slice", "recorded")


def _figure(name: str, title: str, module: str, *, painted: bool = False, pointed_at: bool = False) -> Figure:
    """A picture whose module, loaded when it is first drawn, calls its functions by the picture's name."""
    picture = Figure(name, title, drawing(module, f"{name}_picture"))
    if painted:
        picture = replace(picture, paint=drawing(module, f"{name}_painted"))
    return replace(picture, pointed_at=drawing(module, f"{name}_pointed_at")) if pointed_at else picture


_layer_arrow = drawing("backprop_tui.tui.pictures.charts.layer_rows", "layer_arrow")

FIGURES: tuple[Figure, ...] = (
    Figure("loss", "Loss", loss_picture, pointed_at=loss_pointed_at),
    replace(
        _figure("flow", "Gradient flow", "backprop_tui.tui.pictures.charts.flow", pointed_at=True),
        arrow=_layer_arrow,
    ),
    _figure("activation", "Activation", "backprop_tui.tui.pictures.charts.activation"),
    _figure("slice", "Slice", "backprop_tui.tui.pictures.charts.slice", painted=True),
    _figure("surface", "Surface", "backprop_tui.tui.pictures.heat_maps.surface", painted=True),
    _figure("boundary", "Boundary", "backprop_tui.tui.pictures.heat_maps.boundary", painted=True),
    _figure("weights", "Weights", "backprop_tui.tui.pictures.charts.weights", painted=True),
)
"""The pictures that every network has, in the order in which they are gone through."""
OF_RECORDINGS: tuple[Figure, ...] = (
    replace(
        _figure(
            "recorded",
            "Recorded",
            "backprop_tui.tui.pictures.charts.recorded",
            painted=True,
            pointed_at=True,
        ),
        arrow=drawing("backprop_tui.tui.pictures.charts.recorded", "recorded_arrow"),
    ),
)
"""Those that only the recording of a training in PyTorch has; they come first."""

NAMES = tuple(figure.name for figure in FIGURES)
"""The names of the pictures that every network has, in that order."""
KNOWN = (*NAMES, *(figure.name for figure in OF_RECORDINGS))
"""The names of all pictures."""
AUTO = "auto"
"""Typed in place of a name: the picture that suits what is shown."""
_SUITING = {
    Kind.WEIGHTED_SUM: "activation",
    Kind.ACTIVATION: "activation",
    Kind.LOSS: "activation",
    Kind.ACTIVATION_GRADIENT: "activation",
    Kind.ACTIVATION_DERIVATIVE: "activation",
    Kind.DELTA: "flow",
    Kind.WEIGHT_GRADIENT: "slice",
    Kind.BIAS_GRADIENT: "slice",
    Kind.WEIGHT_UPDATE: "slice",
    Kind.BIAS_UPDATE: "slice",
}
"""The picture that suits a statement."""
_BY_NAME = {figure.name: figure for figure in (*FIGURES, *OF_RECORDINGS)}


def names_of(network: Network) -> tuple[str, ...]:
    """The names of the pictures that a network has, in the order in which they are gone through."""
    if network.recording is None:
        return NAMES
    return (*(figure.name for figure in OF_RECORDINGS), *NAMES)


def figure(view: View) -> Figure:
    """The picture that a view shows: the one that was chosen, where its network has it; else what suits."""
    chosen = view.picture if view.picture in names_of(view.session.network) else None
    return _BY_NAME[chosen or suiting(view)]


def suiting(view: View) -> str:
    """The name of the picture that suits what is shown.

    What a person points at comes first; then, at the end of an epoch or where runs are compared, the loss;
    then the statement. Where the loss over epochs would suit, a recording, which is one epoch, shows what was
    recorded.
    """
    if isinstance(view.spot, Parameter):
        return "slice"
    if view.spot is not None and view.spot.layer:
        return "activation"
    subject = view.subject
    if view.session.comparing.open and view.cursor is None:
        return "loss"
    if subject is None or (view.cursor is None and subject.step == view.session.program.statements):
        return "loss" if view.session.network.recording is None else "recorded"
    return _SUITING[subject.quantity.kind]
