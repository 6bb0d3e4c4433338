"""Weights from and to files of arrays, read and written by NumPy and by safetensors themselves as well."""

from __future__ import annotations

import contextlib
import pickle
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import backprop_tui
from backprop_tui import NetworkError, Session, dense, load, load_weights, save_weights

RANDOM = np.random.default_rng(5)
NETWORK = load("3-4-2-1", seed=1)
ARRAYS = {
    "h1.weight": RANDOM.normal(size=(4, 3)),
    "h1.bias": RANDOM.normal(size=4),
    "h2.weight": RANDOM.normal(size=(2, 4)),
    "h2.bias": RANDOM.normal(size=2),
    "o.weight": RANDOM.normal(size=(1, 2)),
    "o.bias": RANDOM.normal(size=1),
}


@pytest.fixture(params=[".npz", ".safetensors"])
def write(request, tmp_path):
    """Writes arrays with the format's own library; returns the path."""
    path = tmp_path / f"weights{request.param}"
    if request.param == ".npz":
        return lambda arrays: np.savez(path, **arrays) or path
    own = pytest.importorskip("safetensors.numpy")
    return lambda arrays: own.save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, path) or path


def refused(path, network=NETWORK, **others):
    with pytest.raises(NetworkError) as caught:
        load_weights(network, path, **others)
    return str(caught.value).removeprefix(f"{path}: ")


def test_what_numpy_and_safetensors_write_is_read(write):
    network = load_weights(NETWORK, write(ARRAYS))
    session = Session(network)
    for name in ("h1", "h2", "o"):
        np.testing.assert_array_equal(session.W[name], ARRAYS[f"{name}.weight"])
        np.testing.assert_array_equal(session.b[name], ARRAYS[f"{name}.bias"])
    assert (network.training, network.data) == (NETWORK.training, NETWORK.data)


def test_a_network_that_was_read_is_saved_with_its_weights(write, tmp_path):
    network = load_weights(NETWORK, write(ARRAYS))
    backprop_tui.save(network, tmp_path / "net.toml")
    assert backprop_tui.load(tmp_path / "net.toml") == network


def test_what_is_written_is_read_by_numpy(tmp_path):
    save_weights(load("xor"), tmp_path / "xor.npz")
    with np.load(tmp_path / "xor.npz", allow_pickle=False) as found:
        assert list(found) == ["h.weight", "h.bias", "o.weight", "o.bias"]
        np.testing.assert_array_equal(found["h.weight"], load("xor").layers[0].weights)
        assert found["o.bias"].dtype == np.float64


def test_what_is_written_is_read_by_safetensors_and_torch(tmp_path):
    pytest.importorskip("safetensors")
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file

    network = dense(
        [[[0.1, 0.2], [0.3, 0.4]], [[0.5, -0.6]]], [None, [0.25]], inputs=np.eye(2), targets=[1, 0]
    )
    save_weights(network, tmp_path / "net.safetensors")
    found = load_file(tmp_path / "net.safetensors")
    model = torch.nn.Sequential(
        torch.nn.Linear(2, 2), torch.nn.Sigmoid(), torch.nn.Linear(2, 1), torch.nn.Sigmoid()
    )
    model = model.double()
    renamed = {name.replace("h.", "0.").replace("o.", "2."): tensor for name, tensor in found.items()}
    model.load_state_dict(renamed)
    (epoch,) = backprop_tui.train(network, 1)
    np.testing.assert_allclose(model(torch.eye(2).double()).detach().numpy(), epoch.predictions, rtol=1e-14)


@pytest.mark.parametrize("ending", [".npz", ".safetensors"])
def test_the_weights_of_a_position_go_there_and_back_to_the_last_bit(tmp_path, ending):
    if ending == ".safetensors":
        pytest.importorskip("safetensors")
    session = Session(load("xor"))
    session.go("7:3")
    session.set("b_o", 0.3125)
    path = tmp_path / f"w{ending}"
    save_weights(session, path)
    read = load_weights(load("xor"), path)
    for name in ("h", "o"):
        np.testing.assert_array_equal(Session(read).W[name], session.W[name])
        np.testing.assert_array_equal(Session(read).b[name], session.b[name])
    assert read.layers[1].biases == (0.3125,)


def test_the_parameters_of_a_training_are_written(tmp_path):
    network = load("xor")
    *_, last = backprop_tui.train(network, 50)
    save_weights(network, tmp_path / "w.npz", parameters=last.parameters)
    again = load_weights(network, tmp_path / "w.npz")
    *_, whole = backprop_tui.train(network, 51)
    (next_one,) = backprop_tui.train(again, 1)
    assert next_one.loss == whole.loss


def test_layers_of_another_name_are_said(write):
    renamed = {
        name.replace("h1", "0").replace("h2", "2").replace("o.", "4."): a for name, a in ARRAYS.items()
    }
    path = write({**renamed, "steps": np.array(3)})
    assert load_weights(NETWORK, path, layers=["0", "2", "4"]) == load_weights(
        NETWORK, path, layers=("0", "2", "4")
    )
    session = Session(load_weights(NETWORK, path, layers=["0", "2", "4"]))
    np.testing.assert_array_equal(session.W[2], ARRAYS["h2.weight"])
    assert refused(path).startswith(
        "h1.weight: expected an array of shape (4, 3), found nothing "
        "(it holds 0.bias, 0.weight, 2.bias, 2.weight, 4.bias, 4.weight, steps; layers=… says"
    )
    assert refused(path, layers=["0", "2"]) == "layers: expected 3 names, one a layer, found 2"


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int64, np.int8])
def test_other_numbers_become_float64(write, dtype):
    arrays = {name: np.ones_like(array, dtype=dtype) for name, array in ARRAYS.items()}
    assert load_weights(NETWORK, write(arrays)).layers[2].weights == ((1.0, 1.0),)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"h2.weight": np.ones((4, 2))}, "h2.weight: expected shape (2, 4), found shape (4, 2)"),
        ({"h2.bias": np.ones((2, 1))}, "h2.bias: expected shape (2,), found shape (2, 1)"),
        ({"o.weight": np.array([[1.0, np.inf]])}, "o.weight[0][1]: expected a finite number, found inf"),
        ({"o.bias": np.array([np.nan])}, "o.bias[0]: expected a finite number, found nan"),
        ({"o.bias": np.array([True])}, "o.bias: expected an array of numbers, found one of dtype "),
        (
            {"o.more": np.ones(1)},
            "expected one of h1.weight, h1.bias, h2.weight, h2.bias, o.weight, o.bias, found",
        ),
        ({"o.bias": None}, "o.bias: expected an array of shape (1,), found nothing (it holds h1.bias"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(write, change, said):
    arrays = {name: array for name, array in {**ARRAYS, **change}.items() if array is not None}
    assert refused(write(arrays)).startswith(said)


def test_no_pickle_is_read(tmp_path):
    class Trap:
        def __reduce__(self):
            return (sys.exit, ("code of a stranger ran",))

    trap = np.empty(1, dtype=object)
    trap[0] = Trap()
    np.savez(tmp_path / "w.npz", **{**ARRAYS, "o.bias": trap})
    assert refused(tmp_path / "w.npz") == "o.bias: expected an array of numbers, found one of dtype object"
    (tmp_path / "p.npz").write_bytes(pickle.dumps(Trap()))
    assert refused(tmp_path / "p.npz").startswith(
        "expected a file as .npz says, found another or a damaged one"
    )


def test_a_bomb_is_not_unpacked(tmp_path):
    """Sixteen gigabytes of zeros in a small file: its shape is refused before its numbers are read."""
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in ARRAYS.items():
            with archive.open(f"{name}.npy", "w") as file:
                shape = (2**31, 3) if name == "h1.weight" else array.shape
                header = {"descr": "<f8", "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(file, header)
                file.write(array.tobytes())
    assert refused(path) == "h1.weight: expected shape (4, 3), found shape (2147483648, 3)"


@pytest.mark.parametrize("ending", [".npz", ".safetensors"])
@given(
    damage=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8)
)
def test_a_damaged_file_is_refused_or_read(tmp_path_factory, ending, damage):
    if ending == ".safetensors":
        pytest.importorskip("safetensors")
    path = tmp_path_factory.mktemp("damaged") / f"w{ending}"
    save_weights(NETWORK, path)
    content = bytearray(path.read_bytes())
    for place, byte in damage:
        content[int(place * len(content))] = byte
    for cut in (len(content), len(content) // 2, 0):
        path.write_bytes(content[:cut])
        with contextlib.suppress(NetworkError):
            load_weights(NETWORK, path)


def test_where_there_is_no_file_or_no_such_format(tmp_path):
    assert refused(tmp_path / "none.npz") == "expected a file of weights, found no such file"
    (tmp_path / "folder.npz").mkdir()
    assert refused(tmp_path / "folder.npz") == "expected a file of weights, found a folder"
    assert refused(tmp_path / "w.pt") == 'expected a name that ends in .npz or .safetensors, found ".pt"'
    with pytest.raises(NetworkError, match="no ending"):
        save_weights(NETWORK, tmp_path / "weights")
    with pytest.raises(NetworkError, match="expected a file that can be written"):
        save_weights(NETWORK, tmp_path / "nowhere" / "w.npz")


def test_a_missing_package_is_said_with_the_command_that_installs_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    with pytest.raises(NetworkError) as caught:
        save_weights(NETWORK, tmp_path / "w.safetensors")
    assert caught.value.hint == 'pip install "backprop-tui[safetensors]"'
    assert "expected the package safetensors, found nothing" in str(caught.value)
