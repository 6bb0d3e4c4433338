"""What a model's forward pass does, step by step, as torch.fx follows it: Linear layers and activations."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import fx, nn
from torch.nn import functional

from backprop_tui.pytorch.errors import PyTorchError, brief
from backprop_tui.pytorch.models.activations import BY_FUNCTION, BY_METHOD, BY_MODULE, ROWS, Row
from backprop_tui.pytorch.models.untouched import untouched

KNOWN = "a Linear layer, Flatten, Dropout in eval, or an activation: " + ", ".join(
    row.module.__name__ for row in ROWS
)
ELSEWHERE = 'submodule="…" takes a stack of these out of a larger model'
SWITCHED_OFF = "model.eval() switches it off"

DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout)
_SAME_NUMBERS = (torch.flatten, torch.reshape, torch.squeeze, torch.unsqueeze, torch.clone)
_SAME_NUMBERS_METHODS = ("flatten", "view", "reshape", "squeeze", "unsqueeze", "contiguous", "clone")


class Step(NamedTuple):
    """One step of the forward pass: a Linear layer, or an activation."""

    place: str
    """The module as PyTorch names it, as in ``model.3``."""
    said: str
    """What it is, for a message."""
    weight: Any = None
    """Of a Linear layer, of the shape (units, inputs); of an activation None."""
    bias: Any = None
    """Of the shape (units,), or None."""
    activation: Row | None = None


class Followed(NamedTuple):
    """What a model does with its inputs."""

    steps: tuple[Step, ...]
    inputs: Any
    """What came into the first Linear layer, of the shape (examples, inputs)."""
    output_shape: tuple[int, ...]


def unwrapped(model: Any) -> nn.Module:
    """The module itself, without what torch.compile and DataParallel wrap around it.

    Raises:
        PyTorchError: it is no module.

    """
    while True:
        inner = getattr(model, "_orig_mod", None)
        if inner is None and isinstance(model, (nn.DataParallel, nn.parallel.DistributedDataParallel)):
            inner = model.module
        if inner is None:
            break
        model = inner
    if not isinstance(model, nn.Module):
        raise PyTorchError("model", "a torch.nn.Module", brief(model))
    return model


def followed(model: nn.Module, inputs: Any, root: str = "model") -> Followed:
    """Follow the forward pass of *model*.

    Args:
        model: the module, which is run once with *inputs*, without gradients.
        inputs: a tensor, whose first dimensions count the examples.
        root: what the model is called in messages.

    Raises:
        PyTorchError: there is something in it that has no place in a network.

    """
    graph, defaults, steps = _steps(model, root)
    linear = next(node for node, step in steps if step.weight is not None)
    seen = _Seen(fx.GraphModule(model, graph), linear.args[0])
    arguments = [inputs if name is None else defaults[name] for name in _arguments(graph, defaults)]
    try:
        with torch.no_grad():
            output = seen.run(*arguments)
    except Exception as error:
        raise PyTorchError(
            "inputs", f"a tensor that {root} takes", str(error).strip().split("\n")[0][:200]
        ) from None
    _check_shapes(seen, steps)
    return Followed(tuple(step for _, step in steps), _rows(seen.entering), tuple(output.shape))


def steps_of(model: nn.Module, root: str = "model") -> tuple[Step, ...]:
    """The steps of the forward pass of *model*, which is not run.

    Raises:
        PyTorchError: as ``followed``, but for what only shapes tell.

    """
    return tuple(step for _, step in _steps(model, root)[2])


def _steps(model: nn.Module, root: str) -> tuple[fx.Graph, Mapping[str, Any], list[tuple[fx.Node, Step]]]:
    """The graph, its arguments that have defaults, and the steps, of which one is a Linear layer."""
    graph, defaults = _traced(model, root)
    path = list(_path(graph, root))
    steps = [
        (node, step) for node in reversed(path) if (step := _step(model, node, root, defaults)) is not None
    ]
    linears = [step for _, step in steps if step.weight is not None]
    if not linears:
        raise PyTorchError(root, "at least one Linear layer", type(model).__name__, hint=ELSEWHERE)
    _check_types(linears)
    return graph, defaults, steps


def _rows(tensor: Any) -> Any:
    return tensor.reshape(-1, tensor.shape[-1])


# The graph


class _Tracer(fx.Tracer):  # type: ignore[misc]
    """Follows a forward pass and remembers in which module it could not go on."""

    def __init__(self) -> None:
        super().__init__()
        self.stuck: tuple[str, nn.Module] | None = None

    def call_module(self, m: nn.Module, forward: Any, args: Any, kwargs: Any) -> Any:
        """As ``fx.Tracer``, without the hooks of a module: they are for numbers, of which there are none."""
        try:
            return super().call_module(m, m.forward, args, kwargs)
        except Exception:
            if self.stuck is None:
                self.stuck = (self.path_of_module(m), m)
            raise


def _traced(model: nn.Module, root: str) -> tuple[fx.Graph, Mapping[str, Any]]:
    """The graph of the forward pass, and its arguments that have defaults."""
    tracer = _Tracer()
    forward = inspect.signature(model.forward).parameters.values()
    defaults = {one.name: one.default for one in forward if one.default is not inspect.Parameter.empty}
    try:
        with untouched(model):
            return tracer.trace(model, defaults), defaults
    except Exception as error:
        path, module = tracer.stuck or ("", model)
        reason = str(error).strip().split("\n")[0][:160]
        raise PyTorchError(
            _named(root, path),
            "a forward pass that torch.fx can follow, without branches or loops on values",
            f"{type(module).__name__} ({reason})",
            hint=ELSEWHERE,
        ) from None


def _arguments(graph: fx.Graph, defaults: Mapping[str, Any]) -> Iterator[str | None]:
    """The arguments in their order: by name those with a default, the inputs as None."""
    for node in graph.nodes:
        if node.op == "placeholder":
            name = str(node.target).lstrip("*")
            known = name if name in defaults else name.rpartition("_")[0]
            yield known if known in defaults else None


def _path(graph: fx.Graph, root: str) -> Iterator[fx.Node]:
    """The steps from the output back to the inputs."""
    (output,) = [node for node in graph.nodes if node.op == "output"]
    node = output.args[0]
    if not isinstance(node, fx.Node):
        raise PyTorchError(root, "one tensor as its output", brief(node), hint=ELSEWHERE)
    while node.op != "placeholder":
        yield node
        before = node.args[0] if node.args else node.kwargs.get("input")
        if not isinstance(before, fx.Node):
            raise PyTorchError(_place(node, root), KNOWN, _said(node), hint=ELSEWHERE)
        node = before


# A step


def _step(model: nn.Module, node: fx.Node, root: str, defaults: Mapping[str, Any]) -> Step | None:
    """What a node of the graph does; None where its numbers stay as they are."""
    place = _place(node, root)
    if node.op == "call_module":
        return _of_module(place, model.get_submodule(str(node.target)))
    if node.op == "call_function" and node.target is functional.linear:
        return _of_linear_function(model, node, place)
    row = BY_FUNCTION.get(node.target) if node.op == "call_function" else BY_METHOD.get(str(node.target))
    if node.op in ("call_function", "call_method") and row is not None:
        given = {**dict(zip(row.options, node.args[1:], strict=False)), **node.kwargs}
        return _activation(place, row, f"{row.module.__name__} as a function", given)
    if node.op == "call_function" and node.target in _SAME_NUMBERS:
        return None
    if node.op == "call_method" and node.target in _SAME_NUMBERS_METHODS:
        return None
    if node.op == "call_function" and node.target is functional.dropout:
        given = {**dict(zip(("p", "training"), node.args[1:], strict=False)), **node.kwargs}
        if given.get("training", True) is False or given.get("p", 0.5) == 0.0:
            return None
        raise PyTorchError(place, "no dropout in training", "dropout", hint=SWITCHED_OFF)
    raise PyTorchError(place, KNOWN, _said(node), hint=ELSEWHERE)


def _of_module(place: str, module: nn.Module) -> Step | None:
    if isinstance(module, nn.Linear):
        return _linear(place, module)
    if isinstance(module, DROPOUTS):
        if not module.training or module.p == 0.0:
            return None
        raise PyTorchError(place, "no dropout in training", brief(module), hint=SWITCHED_OFF)
    if type(module) in (nn.Identity, nn.Flatten):
        return None
    row = BY_MODULE.get(type(module))
    if row is None:
        raise PyTorchError(place, KNOWN, brief(module), hint=ELSEWHERE)
    given = {name: getattr(module, name) for name in row.options}
    return _activation(place, row, brief(module), given)


def _linear(place: str, module: nn.Linear) -> Step:
    weight, bias = (module._parameters.get(name) for name in ("weight", "bias"))
    if weight is None or isinstance(weight, nn.parameter.UninitializedParameter):
        hint = "remove_parametrizations, remove_weight_norm or a first forward pass makes it one"
        raise PyTorchError(place, "a weight that is a parameter itself", brief(module), hint=hint)
    return Step(place, brief(module), weight, bias)


def _of_linear_function(model: nn.Module, node: fx.Node, place: str) -> Step:
    given = {**dict(zip(("input", "weight", "bias"), node.args, strict=False)), **node.kwargs}
    found: list[Any] = []
    for name in ("weight", "bias"):
        one = given.get(name)
        if isinstance(one, fx.Node) and one.op == "get_attr":
            path, _, attribute = str(one.target).rpartition(".")
            one = model.get_submodule(path)._parameters.get(attribute)
        if not (isinstance(one, nn.Parameter) or (one is None and name == "bias")):
            raise PyTorchError(place, f"a {name} that is a parameter itself", f"linear with {brief(one)}")
        found.append(one)
    return Step(place, "linear", *found)


def _activation(place: str, row: Row, said: str, given: Mapping[str, Any]) -> Step:
    """An activation, where its options are those that ours has."""
    for option, value in row.fixed.items():
        if given.get(option, value) != value:
            raise PyTorchError(place, f"{option}={value!r}, the only one there is here", said)
    return Step(place, said, activation=row._replace(fixed=dict(given)) if row.couples else row)


# Types and shapes


def _check_types(linears: Sequence[Step]) -> None:
    """Refuse layers whose numbers have another type than the first one's."""
    first = linears[0]
    for step in linears:
        for one in (step.weight, step.bias):
            if one is not None and one.dtype != first.weight.dtype:
                raise PyTorchError(step.place, f"{first.weight.dtype}, as in {first.place}", str(one.dtype))


class _Seen(fx.Interpreter):  # type: ignore[misc]
    """Runs the forward pass and keeps the shapes, and what comes into the first Linear layer."""

    def __init__(self, module: fx.GraphModule, entering: Any) -> None:
        super().__init__(module)
        self.shapes: dict[fx.Node, tuple[int, ...]] = {}
        self.entering: Any = None
        self._entering = entering

    def run_node(self, n: fx.Node) -> Any:
        """As ``fx.Interpreter``."""
        result = super().run_node(n)
        if isinstance(result, torch.Tensor):
            self.shapes[n] = tuple(result.shape)
            if n is self._entering:
                self.entering = result.detach().clone()
        return result


def _check_shapes(seen: _Seen, steps: Sequence[tuple[fx.Node, Step]]) -> None:
    """Refuse activations over another dimension than the units', and examples that are mixed up."""
    examples = _rows(seen.entering).shape[0]
    for node, step in steps:
        shape = seen.shapes[node]
        units = shape[-1] if shape else 1
        if step.activation is not None and step.activation.couples:
            dim = step.activation.fixed.get("dim")
            if dim not in (-1, len(shape) - 1):
                raise PyTorchError(step.place, "dim=-1, over the units", step.said)
        elif step.weight is not None and torch.Size(shape).numel() != examples * units:
            raise PyTorchError(step.place, "as many examples as the first layer has", f"the shape {shape}")


# Names


def _named(root: str, path: str) -> str:
    return f"{root}.{path}" if path else root


def _place(node: fx.Node, root: str) -> str:
    """The module in whose forward pass a node stands, or the module that it calls."""
    if node.op == "call_module":
        return _named(root, str(node.target))
    stack = node.meta.get("nn_module_stack") or {}
    paths = [path for path, _ in stack.values()] if stack else []
    return _named(root, str(paths[-1]) if paths else "")


def _said(node: fx.Node) -> str:
    """What a node does, by the name that a person knows."""
    target = node.target
    return str(target if isinstance(target, str) else getattr(target, "__name__", target)).strip("_")
