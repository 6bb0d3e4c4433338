"""The form of what a recording says in JSON, so that a damaged file is told from one of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import msgspec

Number = float | Literal["nan", "inf", "-inf"]
"""JSON has no numbers that are not finite."""
Whole = Annotated[int, msgspec.Meta(ge=0)]


class Layer(TypedDict):
    """A layer of the model that was recorded."""

    place: str
    weight: str
    bias: str | None
    activation: str
    activation_place: str
    frozen: list[bool]


class Loss(TypedDict):
    """The loss module."""

    kind: str
    shown: str
    own: NotRequired[bool]
    options: dict[str, Any]
    weights: list[str]


class About(TypedDict):
    """What was recorded."""

    model: str
    optimizer: str
    dtypes: list[str]
    when: NotRequired[str]
    world: NotRequired[int | None]
    title: NotRequired[str]
    started: NotRequired[float | None]
    loss: Loss
    layers: NotRequired[list[Layer]]
    refused: NotRequired[str]
    refusal: NotRequired[dict[str, str]]


class Entry(TypedDict):
    """A window, as the index has it."""

    file: Annotated[str, msgspec.Meta(pattern=r"^window-\d+\.safetensors$")]
    reason: str
    said: NotRequired[str]
    iteration: Whole
    first: Whole
    last: Whole
    bytes: Whole
    examples: NotRequired[list[list[Whole]]]
    states: NotRequired[list[Whole]]
    started: NotRequired[float | None]
    written: NotRequired[float | None]


class Index(TypedDict):
    """``index.json``."""

    recording: int
    rank: Whole
    about: About
    windows: list[Entry]


class Pass(TypedDict):
    """A forward pass of the model; what it was given is made of nodes, each with one key: its sort."""

    arguments: dict[str, Any]
    keywords: dict[str, Any]
    targets: dict[str, Any]
    dtype: NotRequired[str]
    shape: NotRequired[list[Whole]]
    loss: Number
    scale: Number
    direct: NotRequired[bool]


class Row(TypedDict):
    """An iteration."""

    iteration: Whole
    loss: Number
    grad_norm: Number
    grad_norm_at_step: Number | None
    scaled_uniformly: NotRequired[bool | None]
    groups: list[dict[str, Any]]
    stepped: bool
    skipped: NotRequired[Whole]
    attempt: NotRequired[Whole]
    passes: list[Pass]
    given_up: NotRequired[list[Pass]]
    notes: list[str]


class Group(TypedDict):
    """The options of a parameter group, and which parameters are in it."""

    params: list[Whole]
    param_names: NotRequired[list[str]]


class State(TypedDict):
    """What of the optimizer's state is no tensor."""

    iteration: Whole
    groups: list[Group]
    values: dict[int, dict[str, Any]]


class Description(TypedDict):
    """A window, as its own header has it."""

    iterations: list[Row]
    states: list[State]


def require_index(found: object) -> None:
    """Refuse what is no index.

    Raises:
        ValueError: it is none; the message says where.

    """
    msgspec.convert(found, Index)


def require_description(found: object, shapes: Mapping[str, object]) -> None:
    """Refuse what does not describe a window.

    Args:
        found: the description.
        shapes: the tensors that are in the file, by name.

    Raises:
        ValueError: it is none, or names a tensor that is not there; the message says where.

    """
    description = msgspec.convert(found, Description, str_keys=True)
    for row in description["iterations"]:
        for one in (*row["passes"], *row.get("given_up", ())):
            for node in (one["arguments"], one["keywords"], one["targets"]):
                _require_node(node, shapes)
    _require_parameters([state["iteration"] for state in description["states"]], shapes)


def _require_parameters(states: Sequence[int], shapes: Mapping[str, object]) -> None:
    found: dict[str, dict[str, object]] = {str(state): {} for state in states}
    for name, shape in shapes.items():
        sort, _, rest = name.partition("/")
        state, _, parameter = rest.partition("/")
        if sort == "parameters":
            found.setdefault(state, {})[parameter] = shape
    first = next(iter(found.values()), {})
    if any(one != first for one in found.values()):
        raise ValueError("the parameters before one iteration are others than before another")


def _require_node(node: Any, shapes: Mapping[str, object]) -> None:
    if not isinstance(node, dict) or len(node) != 1:
        raise ValueError(f"{str(node)[:40]} describes nothing that was given")
    ((sort, value),) = node.items()
    if sort == "tensor":
        if value not in shapes:
            raise ValueError(f"there is no tensor {str(value)[:40]}")
    elif sort in ("tuple", "list") and isinstance(value, list):
        for one in value:
            _require_node(one, shapes)
    elif sort == "dict" and isinstance(value, dict):
        for one in value.values():
            _require_node(one, shapes)
    elif sort not in ("value", "missing"):
        raise ValueError(f"{sort[:40]} is no sort of what can be given")
