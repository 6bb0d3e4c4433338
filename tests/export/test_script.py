"""Exported scripts, run by themselves in a fresh process: they print what ``train`` prints."""

from __future__ import annotations

import ast
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from msgspec.structs import replace
from strategies import networks

from backprop_tui.api import export_to
from backprop_tui.cli.main import main
from backprop_tui.export.scripts.script import script
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files import library
from backprop_tui.network.files.build import build
from backprop_tui.network.files.toml import dump
from tests.article import PRINTED

EPOCHS = ("--epochs", "12", "--log-every", "5")


def invoke(*arguments: object) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.stderr
    return result.stdout


def printed_by(path: Path) -> str:
    """What a script prints where nothing but Python and its libraries is to be had."""
    done = subprocess.run([sys.executable, "-I", path], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout


def imports(text: str) -> set[str]:
    """The modules that a script imports."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
    return found


def test_the_worked_example_prints_the_published_lines(tmp_path):
    path = tmp_path / "net.py"
    assert invoke("export", "-o", path) == ""
    assert printed_by(path) == PRINTED
    assert imports(path.read_text("utf-8")) == {"math"}


def test_it_is_written_as_a_person_would_write_it():
    lines = [line.strip() for line in script(library.find()).splitlines()]
    start = lines.index("z_h = w1 * x + b1")
    assert lines[start + 1 : start + 3] == ["a_h = 1.0 / (1.0 + exp(-z_h))", "z_o = w2 * a_h + b2"]
    names = "dL_da_o da_o_dz_o dL_dz_o dL_dw2 dL_db2 dL_da_h da_h_dz_h dL_dz_h dL_dw1 dL_db1 w2 b2 w1 b1"
    first = lines.index("dL_da_o = -t1")
    assigned = [line.split(" = ")[0] for line in lines[first : first + 15] if " = " in line]
    assert assigned == names.split()


# One of each sort: in a single process each, for a process costs time.
CASES = [
    ("xor",),
    ("dead-relu",),
    ("softmax",),
    ("exploding",),
    ("overshooting",),
    ("straight-line",),
    ("2-3-2", "--activation", "gelu", "--output", "softmax", "--optimizer", "rmsprop", "--batch-size", "3"),
    ("2-4-3", "--activation", "leaky_relu", "--optimizer", "adamw", "--batch-size", "1"),
    ("8-12-8-3", "--activation", "relu", "--optimizer", "adam", "--batch-size", "5"),
    ("3-40-2", "--activation", "gelu", "--loss", "binary_cross_entropy", "--optimizer", "adagrad"),
    ("2-30-3", "--activation", "elu", "--output", "softmax", "--optimizer", "rmsprop"),
    ("6-30-3", "--activation", "softplus", "--output", "softplus", "--loss", "mean_squared_error"),
]


@pytest.mark.parametrize("arguments", CASES, ids=lambda arguments: arguments[0])
def test_a_script_prints_what_train_prints(arguments, tmp_path):
    path = tmp_path / "net.py"
    invoke("export", *arguments, "-o", path, *EPOCHS)
    assert printed_by(path) == invoke("train", *arguments, *EPOCHS)


def run_here(text: str) -> str:
    """The same in this process, which is quicker."""
    printed: list[str] = []
    space = {"__name__": "__main__", "print": printed.append}
    exec(compile(text, "<script>", "exec"), space)  # noqa: S102 - what is tested
    return "".join(f"{line}\n" for line in printed)


@pytest.mark.parametrize("name", library.names())
def test_every_shipped_network(name):
    epochs = 1 if name == "digits" else 12
    text = script(library.shipped(name), epochs, 5)
    assert run_here(text) == invoke("train", name, "--epochs", epochs, "--log-every", 5)


@pytest.mark.parametrize("quicker", [True, False], ids=["scalars", "arrays"])
@given(networks())
@settings(max_examples=40)
def test_random_networks(quicker, network):
    """Shuffled, in batches, with frozen parts; both ways in which a script is written."""
    with pytest.MonkeyPatch.context() as patch, Folder() as folder:
        patch.setattr(
            "backprop_tui.engine.generated.quicker_engine.scalars_are_quicker", lambda network: quicker
        )
        text = script(network, 5, 2)
        assert imports(text) <= ({"math", "numpy"} if network.training.shuffle or not quicker else {"math"})
        dump(network, folder / "net.toml")
        printed = invoke("train", folder / "net.toml", "--epochs", 5, "--log-every", 2)
    try:
        here = run_here(text)
    except (ArithmeticError, ValueError):
        assert quicker  # as the script's own first lines say
        return
    assert here == printed


class Folder:
    """A folder of one example's own."""

    def __enter__(self) -> Path:
        import tempfile

        self._made = tempfile.TemporaryDirectory()
        return Path(self._made.__enter__())

    def __exit__(self, *error: object) -> None:
        self._made.__exit__(None, None, None)


def test_neither_title_nor_names_can_smuggle_code_in():
    evil = ["x = exit()", "x\nraise SystemExit", "import os;", '"""', "print", "EPOCHS", "main", "decimal"]
    layer = {"units": 1, "activation": "tanh", "weights": [[0.1] * len(evil)]}
    data = {"inputs": [[1.0] * len(evil)], "targets": [[1.0]]}
    plain = build({"network": {"inputs": len(evil), "layers": [layer]}, "data": data})
    title = 'harmless"""; raise SystemExit("evil") #\\" # coding: utf-7'
    network = replace(plain, input_names=tuple(evil), title=title)
    assert run_here(script(network, 3, 1)) == run_here(script(plain, 3, 1))


def test_a_number_that_overflows_goes_on_as_inf_with_numpy():
    layers = [{"units": 40, "activation": "identity", "weights": [[1e200]] * 40}]
    layers.append({"units": 1, "activation": "identity", "weights": [[1e200] * 40]})
    network = build(
        {"network": {"inputs": 1, "layers": layers}, "data": {"inputs": [[1.0]] * 9, "targets": [[0.0]] * 9}}
    )
    first, *_ = run_here(script(network, 2, 1)).splitlines()
    assert first.startswith("Epoch 0, Loss: inf, Predictions: inf, inf")


# The file


def test_another_ending_is_refused_in_one_line(tmp_path):
    for name in ("net.doc", "net", "net.py.bak"):
        result = CliRunner().invoke(main, ["export", "-o", str(tmp_path / name)])
        assert result.exit_code == 2
        assert "expected a name that ends in" in result.stderr
        assert ".py" in result.stderr
        assert result.stderr.count("\n") == 1
        assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_refused_in_one_line(tmp_path):
    for path in (tmp_path / "none" / "net.py", tmp_path / "folder.py"):
        (tmp_path / "folder.py").mkdir(exist_ok=True)
        result = CliRunner().invoke(main, ["export", "-o", str(path)])
        assert result.exit_code == 2
        assert "expected a file" in result.stderr
        assert result.stderr.count("\n") == 1


def test_an_existing_file_is_replaced_and_keeps_its_mode(tmp_path):
    path = tmp_path / "net.py"
    path.write_text("old")
    path.chmod(0o755)
    link = tmp_path / "link.py"
    link.symlink_to(path)
    export_to(library.find(), link, epochs=3)
    assert link.is_symlink()
    assert "EPOCHS = 3\n" in path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o755
    assert {entry.name for entry in tmp_path.iterdir()} == {"link.py", "net.py"}


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "net.py"
    path.write_text("old")
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(NetworkError, match="no space left"):
        export_to(library.find(), path)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["net.py"]
