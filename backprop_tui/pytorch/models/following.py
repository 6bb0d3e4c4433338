"""What a model's forward pass does, step by step, as torch.fx follows it: Linear layers and activations."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import fx, nn

from backprop_tui.pytorch.errors import PyTorchError, brief
from backprop_tui.pytorch.models.steps import ELSEWHERE, KNOWN, Step, named, place_of, said_of, step_of
from backprop_tui.pytorch.models.untouched import untouched


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
    steps = [(node, step) for node in reversed(path) if (step := step_of(model, node, root)) is not None]
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
            named(root, path),
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
            raise PyTorchError(place_of(node, root), KNOWN, said_of(node), hint=ELSEWHERE)
        node = before


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
