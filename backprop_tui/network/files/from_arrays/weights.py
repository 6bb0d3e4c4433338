"""Weights from and to files of arrays: NumPy's ``.npz``, and safetensors.

Of each layer a file holds ``h.weight``, of the shape (units, inputs), and ``h.bias``, of the shape (units,),
by the layer's name. Nothing that could run code is read: no pickle. An array's type and shape are looked at
before its numbers are, so that a stranger's file takes no more memory than the weights that fit.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zipfile import ZipFile

from msgspec import Struct
from msgspec.structs import replace

from backprop_tui.network.description import Network
from backprop_tui.network.errors import MISSING, NetworkError, described, one_of
from backprop_tui.network.files.demands import require_finite
from backprop_tui.network.files.from_arrays.arrays import numbers_of, require_shape
from backprop_tui.network.lazy_module import lazy_module
from backprop_tui.network.lazy_numpy import Array, np
from backprop_tui.network.names import Names
from backprop_tui.network.whole_files import put

safetensors = lazy_module("safetensors")
safetensors_numpy = lazy_module("safetensors.numpy")

Shapes = Mapping[str, tuple[int, ...]]
"""The names of the arrays that are wanted, with their shapes."""
Arrays = Mapping[str, Array]

_FLOATS_AND_INTEGERS = ("F64", "F32", "F16", "I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8")
"""The types of safetensors that NumPy has."""


def load_weights(network: Network, path: str | Path, layers: Sequence[str] | None = None) -> Network:
    """The network with the weights and biases of a file, ``.npz`` or ``.safetensors``.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from backprop_tui import Session, load, load_weights, save_weights
    >>> session = Session(load("xor"))
    >>> session.go("1000")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_weights(session, Path(folder, "trained.npz"))
    ...     trained = load_weights(load("xor"), Path(folder, "trained.npz"))
    >>> bool((Session(trained).W["o"] == session.W["o"]).all())
    True

    Args:
        network: what the weights are for; all else of it stays.
        path: a file with an array ``h.weight`` of the shape (units, inputs) and one ``h.bias`` of the shape
            (units,) of each layer, by its name: ``h`` and ``o``, or ``h1``, ``h2`` … ``o``.
        layers: what the layers are called in the file instead, from the first above the input: ``["0", "2"]``
            for ``torch.nn.Sequential``. Other arrays in it are left alone then.

    Raises:
        NetworkError: the file cannot be read, an array is missing or is none of the network's, its shape
            does not fit, or a number is not finite: the message names the array; or the package for it is
            missing.
    """
    path = Path(path)
    names = _names(network, layers)
    shapes = {
        name: shape
        for pair, layer in zip(names, network.layers, strict=True)
        for name, shape in zip(pair, ((layer.units, layer.inputs), (layer.units,)), strict=True)
    }
    try:
        found = _read(path, shapes, strict=layers is None)
    except NetworkError as error:
        raise error.from_source(str(path)) from None
    return replace(
        network,
        layers=tuple(
            replace(
                layer,
                weights=tuple(map(tuple, found[weight].tolist())),
                biases=tuple(found[bias].tolist()),
                origin=None,
                given_biases=True,
            )
            for layer, (weight, bias) in zip(network.layers, names, strict=True)
        ),
    )


def write_weights(
    network: Network, weights: Sequence[Array], biases: Sequence[Array], path: str | Path
) -> None:
    """Write weights and biases, by the ending of the file's name; replaces it whole or not at all.

    Args:
        network: the network, for the layers' names.
        weights: of each layer, of the shape (units, inputs).
        biases: of each layer, of the shape (units,).
        path: where to.

    Raises:
        NetworkError: there is no such format, the package for it is missing, or the file cannot be written.

    """
    path = Path(path)
    arrays: dict[str, Array] = {}
    for (weight, bias), matrix, vector in zip(_names(network), weights, biases, strict=True):
        arrays |= {weight: np.ascontiguousarray(matrix), bias: np.ascontiguousarray(vector)}
    written = _format(path).written
    put(path, lambda: written(arrays))


def _names(network: Network, layers: Sequence[str] | None = None) -> list[tuple[str, str]]:
    """The names of each layer's weights and biases."""
    if layers is None:
        layers = Names(network).layers[1:]
    elif isinstance(layers, str) or len(layers) != len(network.layers):
        found = described(layers) if isinstance(layers, str) else f"{len(layers)}"
        raise NetworkError("layers", f"{len(network.layers)} names, one a layer", found)
    return [(f"{layer}.weight", f"{layer}.bias") for layer in layers]


# Reading


def _read(path: Path, shapes: Shapes, *, strict: bool) -> Arrays:
    """The arrays that are wanted, checked."""
    format_ = _format(path)
    if path.is_dir():
        raise NetworkError("", "a file of weights", "a folder")
    try:
        arrays = format_.read(path, shapes, strict)
    except NetworkError:
        raise
    except FileNotFoundError:
        raise NetworkError("", "a file of weights", "no such file") from None
    except Exception as error:  # whatever a damaged file makes zipfile, zlib, NumPy or safetensors raise
        hint = "".join(c if c.isprintable() else "?" for c in (str(error) or type(error).__name__)[:200])
        raise NetworkError(
            "", f"a file as {path.suffix} says", "another or a damaged one", hint=hint
        ) from None
    numbers = {name: numbers_of(name, array) for name, array in arrays.items()}
    for name, array in numbers.items():
        for number, row in enumerate(array if array.ndim == 2 else [array]):
            require_finite(f"{name}[{number}]" if array.ndim == 2 else name, row.tolist())
    return numbers


def _require_names(there: Collection[str], shapes: Shapes, *, strict: bool) -> None:
    for name, shape in shapes.items():
        if name not in there:
            hint = "it holds " + (", ".join(sorted(there)[:8]) or "nothing")
            hint += "; layers=… says what they are called" if strict else ""
            raise NetworkError(name, f"an array of shape {shape}", MISSING.value, hint=hint)
    more = sorted(set(there) - set(shapes))
    if strict and more:
        raise NetworkError("", one_of(shapes), described(more[0]), hint="layers=… says what they are called")


def _require(name: str, shape: Sequence[int], expected: tuple[int, ...], dtype: str, *, fits: bool) -> None:
    require_shape(name, shape, expected)
    if not fits:
        raise NetworkError(name, "an array of numbers", f"one of dtype {dtype}")


def _read_npz(path: Path, shapes: Shapes, strict: bool) -> Arrays:
    found: dict[str, Array] = {}
    with ZipFile(path) as archive:
        _require_names([name.removesuffix(".npy") for name in archive.namelist()], shapes, strict=strict)
        for name, expected in shapes.items():
            with archive.open(f"{name}.npy") as member:
                version = np.lib.format.read_magic(member)
                header = {
                    (1, 0): np.lib.format.read_array_header_1_0,
                    (2, 0): np.lib.format.read_array_header_2_0,
                }[version]
                shape, _, dtype = header(member)
            _require(name, shape, expected, str(dtype), fits=dtype.kind in "fiu")
            with archive.open(f"{name}.npy") as member:
                found[name] = np.lib.format.read_array(member, allow_pickle=False)
    return found


def _read_safetensors(path: Path, shapes: Shapes, strict: bool) -> Arrays:
    found: dict[str, Array] = {}
    with safetensors.safe_open(path, framework="numpy") as file:
        _require_names(file.keys(), shapes, strict=strict)
        for name, expected in shapes.items():
            part = file.get_slice(name)
            dtype = part.get_dtype()
            _require(name, part.get_shape(), expected, dtype, fits=dtype in _FLOATS_AND_INTEGERS)
            found[name] = file.get_tensor(name)
    return found


# Writing


def _npz(arrays: Arrays) -> bytes:
    file = BytesIO()
    named: dict[str, Any] = dict(arrays)
    np.savez(file, **named)
    return file.getvalue()


def _safetensors(arrays: Arrays) -> bytes:
    written: bytes = safetensors_numpy.save(dict(arrays))
    return written


class Format(Struct, frozen=True):
    """A kind of file of arrays."""

    written: Callable[[Arrays], bytes]
    read: Callable[[Path, Shapes, bool], Arrays]
    """(path, what is wanted, whether there may be nothing else) → the arrays."""
    package: str
    """What it takes beside NumPy is in this package, and in the extra of the same name."""


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        ".npz": Format(_npz, _read_npz, ""),
        ".safetensors": Format(_safetensors, _read_safetensors, "safetensors"),
    }
)
"""The kinds of files, by their endings."""


def _format(path: Path) -> Format:
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        ending = described(path.suffix) if path.suffix else "no ending"
        raise NetworkError("", "a name that ends in " + " or ".join(FORMATS), ending, source=str(path))
    if found.package and find_spec(found.package) is None:
        hint = f'pip install "backprop-tui[{found.package}]"'
        raise NetworkError("", f"the package {found.package}", MISSING.value, hint=hint, source=str(path))
    return found
