"""``from_torch``, ``to_torch``, ``record`` and ``from_recording``; PyTorch is imported when one is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from backprop_tui.network.description import Network
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.pytorch.errors import require_pytorch, require_safetensors

recorded_network = lazy_module("backprop_tui.pytorch.opening.from_recording")
recorder = lazy_module("backprop_tui.pytorch.recording.recorder")
reading = lazy_module("backprop_tui.pytorch.models.reading")
writing = lazy_module("backprop_tui.pytorch.models.writing")


class TorchTraining(NamedTuple):
    """What ``from_torch`` takes: a model, its loss, all examples, and the optimizer in the state it is in.

    >>> from backprop_tui import load, to_torch_training
    >>> made = to_torch_training(load("xor"))
    >>> made.loss(made.model(made.inputs), made.targets).item() > 0.0
    True
    """

    model: Any
    loss: Any
    inputs: Any
    targets: Any
    optimizer: Any


def from_torch(
    model: Any,
    loss: Any,
    inputs: Any,
    targets: Any,
    optimizer: Any = None,
    submodule: str | None = None,
    *,
    batch_size: int | None = None,
) -> Network:
    """The network that a PyTorch model is, trained on some examples from where its training stands.

    >>> import torch
    >>> from torch import nn
    >>> from backprop_tui import check, from_torch
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2))
    >>> optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    >>> inputs, classes = torch.randn(4, 2), torch.tensor([0, 1, 1, 0])
    >>> network = from_torch(model, nn.CrossEntropyLoss(), inputs, classes, optimizer)
    >>> network.shape, network.training.loss_name, check(network).passed
    ('2-3-2', 'cross_entropy', True)

    A model is a stack of Linear layers, each with one of our activations or none: nested Sequential, or a
    module whose forward pass torch.fx can follow. Flatten, and Dropout in eval, are left out. Nothing of the
    model is changed. Its numbers are taken as float64; the network remembers their dtype.

    Args:
        model: the module.
        loss: MSELoss, BCELoss, BCEWithLogitsLoss, CrossEntropyLoss, or NLLLoss after LogSoftmax, with the
            reduction mean or sum; with *submodule* any function of the model's output and the targets.
        inputs: the examples, a tensor of the shape (examples, inputs), or what Flatten makes so; of more
            dimensions, all but the last one count examples. With *submodule* what the larger model takes: a
            tensor, a tuple or a dictionary of arguments.
        targets: as the loss takes them; labels become one-hot.
        optimizer: SGD, Adagrad, RMSprop, Adam or AdamW, whose options and state the network goes on from;
            left out, SGD with PyTorch's defaults.
        submodule: the name of a stack within the model, as in ``"encoder.mlp"``. The model runs once: what
            came into the stack is the examples, and the gradient g that came back to its outputs stands in
            for the loss, L = Σ g·a.
        batch_size: examples an update; left out, all.

    Returns:
        the network, whose first iteration has the numbers that PyTorch would have in float64.

    Raises:
        NetworkError: something cannot be taken over; the message names the module and says what would do.
    """
    require_pytorch("from_torch")
    found: Network = reading.network_of(model, loss, inputs, targets, optimizer, submodule, batch_size)
    return found


def to_torch(network: Network) -> Any:
    """The PyTorch module of a network: a Sequential of Linear layers and activations.

    >>> from backprop_tui import load, to_torch
    >>> to_torch(load("2-3-1", activation="tanh"))[0]
    Linear(in_features=2, out_features=3, bias=True)

    Before an entropy its outputs are logits, as PyTorch's losses want them, unless it came from a model that
    ended in Sigmoid or LogSoftmax. Frozen parameters need no gradient; biases that are frozen and not given
    are none.

    Args:
        network: the network; its weights are those before the first update.

    Returns:
        the module, with the dtype that the network had in PyTorch; else in float64.

    Raises:
        NetworkError: PyTorch is not installed.
    """
    require_pytorch("to_torch")
    return writing.module_of(network)


def to_torch_training(network: Network) -> TorchTraining:
    """Everything that training a network in PyTorch takes: the arguments of ``from_torch``.

    >>> from backprop_tui import from_torch, load, to_torch_training
    >>> network = load("xor", optimizer="adam")
    >>> from_torch(*to_torch_training(network)).layers == network.layers
    True

    Args:
        network: the network.

    Returns:
        the model, the loss, all inputs and targets, and the optimizer with its options and in its state;
        of options that change the first, since PyTorch's optimizers have no schedule.

    Raises:
        NetworkError: PyTorch is not installed.
    """
    require_pytorch("to_torch_training")
    return TorchTraining(*writing.training_of(network))


def record(
    folder: str | Path,
    model: Any,
    loss: Any,
    optimizer: Any,
    keep: int = 100,
    when: str = "not_finite or grad_norm > 100",
) -> Any:
    """A flight recorder for a training in PyTorch, around the unchanged loop.

    >>> import tempfile, torch
    >>> from torch import nn
    >>> from backprop_tui import record
    >>> model, loss = nn.Linear(2, 1), nn.MSELoss()
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with record(folder, model, loss, optimizer, keep=10) as recorder:
    ...         for _ in range(25):
    ...             optimizer.zero_grad()
    ...             loss(model(torch.randn(4, 2)), torch.randn(4, 1)).backward()
    ...             optimizer.step()
    ...     recorder.iteration, [path.name for path in recorder.windows]
    (25, ['window-000000.safetensors'])

    It listens by hooks and changes no number of the training. In memory it keeps the last iterations: what
    the model and the loss were given, the loss, the length of the gradient, and parameters with the
    optimizer's state often enough to replay each of them. Passes without gradients are left out. It writes
    when the condition becomes true, at the end, on an exception, and on ``recorder.write()``. A file is whole
    or not there; earlier ones stay. It warns where the folder will not open as a network, and says why: at
    once of the model, the loss and the optimizer, at the first update of how the loop calls them.

    Args:
        folder: where it writes, each process in a folder of its own rank.
        model: the module that the loop calls.
        loss: the loss module that the loop calls with the model's output.
        optimizer: what updates the model; not LBFGS.
        keep: how many iterations; up to half as many before them are kept to replay from.
        when: a condition as of breakpoints, over loss, grad_norm, iteration, learning_rate and not_finite;
            empty for none.

    Returns:
        the recorder, to be entered by ``with``.

    Raises:
        NetworkError: something cannot be recorded; the message says what would do.
        ConditionError: *when* means nothing here.
    """
    require_pytorch("record")
    require_safetensors("record")
    return recorder.Recorder(Path(folder), model, loss, optimizer, keep, when)


def from_recording(folder: str | Path) -> Network:
    """The network that replays what ``record`` kept of a training in PyTorch.

    >>> import tempfile, torch
    >>> from torch import nn
    >>> from backprop_tui import from_recording, record
    >>> model, loss = nn.Linear(2, 1), nn.MSELoss()
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with record(folder, model, loss, optimizer, keep=2):
    ...         for _ in range(6):
    ...             optimizer.zero_grad()
    ...             loss(model(torch.randn(4, 2)), torch.randn(4, 1)).backward()
    ...             optimizer.step()
    ...     network = from_recording(folder)
    >>> network.shape, network.batch_size, [one.number for one in network.recording.iterations]
    ('2-1', 4, [4, 5])

    Its parameters and the optimizer's state are those before the first iteration that was kept. Its one epoch
    is what was kept: the batches in their order, each with the learning rate and the scaling of the gradient
    that it had. Of several ranks a batch is the union of theirs, and the gradient their mean, as in
    DistributedDataParallel. ``network.recording`` has what PyTorch computed, and what is missing or inexact.

    Args:
        folder: what ``record`` was given, in it the folder of one rank, or in that the file of a window: then
            it is what was kept around the time at which that was written.

    Returns:
        the network, in float64.

    Raises:
        NetworkError: there is no recording, or the model, the loss or the optimizer has no place in a
            network; the message names it.
    """
    require_pytorch("from_recording")
    require_safetensors("from_recording")
    found: Network = recorded_network.network_of(Path(folder))
    return found
