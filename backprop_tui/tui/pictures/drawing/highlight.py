"""What a statement lights: the unit or the weights that it is about, in the colour of its phase."""

from __future__ import annotations

from msgspec import Struct

from backprop_tui.engine.quantities import Kind, Parameter, Phase
from backprop_tui.program.statements import Statement
from backprop_tui.tui.pictures.rows import Tone
from backprop_tui.tui.view import PHASE_TONES, Node


class Light(Struct, frozen=True):
    """What the subject lights: units and edges, in which phase."""

    phase: Phase | None
    nodes: frozenset[Node]
    edges: frozenset[Parameter]
    unit: Node | None = None
    """The unit whose edges from below (forward) or from above (backward) are all lit."""

    def lights(self, edge: Parameter) -> bool:
        """Whether an edge is lit."""
        if edge in self.edges:
            return True
        if self.unit is None:
            return False
        if self.phase is Phase.FORWARD:
            return (edge.layer, edge.unit) == self.unit
        return (edge.layer - 1, edge.below) == self.unit

    @property
    def tone(self) -> Tone:
        """The colour of its phase."""
        return PHASE_TONES[self.phase] if self.phase else Tone.STRONG


def light(statement: Statement | None, layers: int, outputs: int) -> Light:
    """What a statement lights up."""
    if statement is None:
        return Light(None, frozenset(), frozenset())
    kind, layer, unit, _ = statement.quantity
    if kind is Kind.LOSS:
        return Light(Phase.LOSS, frozenset(Node(layers, k) for k in range(min(outputs, 100))), frozenset())
    assert layer is not None
    assert unit is not None
    node = Node(layer, unit)
    phase = statement.phase
    if kind is Kind.WEIGHTED_SUM or (kind is Kind.ACTIVATION_GRADIENT and layer < layers):
        return Light(phase, frozenset([node]), frozenset(), node)
    parameter = statement.quantity.parameter
    return Light(phase, frozenset([node]), frozenset([parameter] if parameter else []))
