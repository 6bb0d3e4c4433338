"""``train``, ``check`` and ``trace`` from outside, as a user or a script runs them."""

from __future__ import annotations

import json
import math
import os
import select
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import documents

from backprop_tui.cli.main import main
from backprop_tui.engine.epochs import run
from backprop_tui.network.files.build import build
from backprop_tui.network.files.toml import load
from backprop_tui.session.session import Session

COMMAND = [sys.executable, "-m", "backprop_tui"]


def invoke(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def lines(*arguments):
    result = invoke(*arguments)
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_json_keeps_the_contract():
    *logged, final = lines("train", "2-3-1", "--epochs", 5, "--log-every", 2, "--json")
    assert [set(line) for line in logged] == [{"epoch", "loss", "predictions"}] * 3
    assert [line["epoch"] for line in logged] == [0, 2, 4]
    assert set(final) == {"final", "epochs", "loss", "predictions", "layers"}
    assert (final["final"], final["epochs"]) == (True, 5)
    assert [set(layer) for layer in final["layers"]] == [{"weights", "biases"}] * 2
    assert [len(layer["weights"]) for layer in final["layers"]] == [3, 1]
    assert [len(layer["weights"][0]) for layer in final["layers"]] == [2, 3]
    assert [len(layer["biases"]) for layer in final["layers"]] == [3, 1]
    assert (final["loss"], final["predictions"]) == (logged[-1]["loss"], logged[-1]["predictions"])
    squares = [(y - a) ** 2 for y, (a,) in zip((0, 1, 1, 0), final["predictions"], strict=True)]
    assert final["loss"] == pytest.approx(sum(squares) / 8)


def test_json_has_every_digit_of_the_worked_example():
    (first, final) = lines("train", "--epochs", 1, "--json")
    assert first["loss"] == pytest.approx(0.06330635480524958, rel=1e-15)
    assert first["predictions"] == [[pytest.approx(0.6441732027931297, rel=1e-15)]]
    hidden, output = final["layers"]
    assert hidden["weights"][0][0] == pytest.approx(0.30351309393128006, rel=1e-15)
    assert output["biases"][0] == pytest.approx(0.24078025733205588, rel=1e-15)


def test_check_and_trace_keep_the_contract():
    (summary,) = lines("check", "2-3-1", "--json")
    assert set(summary) == {"checked", "max_relative_error", "passed"}
    assert (summary["checked"], summary["passed"]) == (13, True)
    statements = lines("trace", "--json")
    assert len(statements) == 19
    fields = ["epoch", "example", "step", "phase", "kind", "layer", "unit", "input"]
    fields += ["symbol", "formula", "terms", "value"]
    assert all(list(statement) == fields for statement in statements)
    assert all(set(term) == {"symbol", "value"} for statement in statements for term in statement["terms"])
    assert [statement["step"] for statement in statements] == list(range(1, 20))


def test_the_first_line_of_a_sine_shape_follows_from_its_weights():
    (_, final) = lines("train", "1-1", "--initializer", "zeros", "--epochs", 1, "--json")
    xs = [-1 + 2 * n / 19 for n in range(20)]
    ys = [math.sin(math.pi * x) for x in xs]
    assert final["loss"] == pytest.approx(sum(y * y for y in ys) / 40)
    slope = 0.5 * sum(x * y for x, y in zip(xs, ys, strict=True)) / 20
    assert final["layers"][0]["weights"] == [[pytest.approx(slope)]]


def test_options_change_a_shipped_network_and_save_writes_it_untrained(tmp_path):
    path = tmp_path / "net.toml"
    assert invoke("train", "--learning-rate", 0.1, "--epochs", 3, "--save", path).exit_code == 0
    network = load(path)
    assert network.training.learning_rate == 0.1
    assert network.layers[0].weights == ((0.3,),)
    assert invoke("train", path).stdout == invoke("train", "--learning-rate", 0.1).stdout


@pytest.mark.parametrize("command", ["train", "trace", "check", "debug"])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["2-2-1", "--loss", "square"], "--loss: expected one of squared_error"),
        (["--learning-rate", "nan"], "--learning-rate: expected a finite number"),
        (["none.toml"], "none.toml: expected a network file, found no such file"),
        (["2-2-1", "--save", "none/net.toml"], "expected a file that can be written"),
    ],
)
def test_what_is_wrong_is_told_in_one_line_with_status_2(command, arguments, words):
    result = invoke(command, *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


# Divergence

DIVERGING = ("train", "--output", "identity", "--learning-rate", "1e300")


def test_a_run_that_diverges_goes_on_and_writes_no_numbers_as_text():
    result = invoke(*DIVERGING, "--epochs", 4, "--log-every", 1, "--json")
    assert result.exit_code == 0
    assert result.stderr == "diverged in epoch 1, example 0: L is inf\n"
    records = [json.loads(line, parse_constant=pytest.fail) for line in result.stdout.splitlines()]
    assert [record["loss"] for record in records][1:] == ["inf", "nan", "nan", "nan"]
    assert records[-1]["layers"][0] == {"weights": [["nan"]], "biases": ["nan"]}
    assert records[-1]["epochs"] == 4


def test_a_run_can_stop_where_it_diverges():
    result = invoke(*DIVERGING, "--epochs", 400, "--stop-at-divergence", "--json")
    assert result.exit_code == 1
    assert "diverged in epoch 1" in result.stderr
    assert "stopped after epoch 1\n" in result.stderr
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert [record.get("epoch") for record in records] == [0, 1, None]
    assert records[-1]["epochs"] == 2


def first_by_statements(network, epochs):
    """The first statement whose value is not finite, found one statement at a time."""
    session = Session(network)
    for _ in range(epochs * session.program.statements):
        session.forward()
        value = session.now.value_of(session.statement)
        if value is not None and not math.isfinite(value):
            example = None if session.statement.slot is None else session.now.example
            return session.epoch, session.run.symbol(session.statement.quantity), example
    return None


@given(documents(layers=2, units=3, examples=2), st.sampled_from([1e100, 1e200, 1e308]))
@settings(max_examples=80)
def test_the_first_quantity_that_overflows_is_the_first_in_the_listing(document, learning_rate):
    document["training"]["optimizer"] = {"name": "sgd", "learning_rate": learning_rate}
    document["training"].pop("start", None)  # another optimizer's
    network = build(document)
    *_, last = run(network, 4)
    found, first = last.divergence, first_by_statements(network, 4)
    if first is not None and first[0] < (found.epoch if found else 4):
        assert first[1].startswith("dL_da")  # of a 0 that an entropy goes on from exactly: delta is finite
        return
    assert (found and (found.epoch, found.name, found.example)) == first
    assert found is None or not math.isfinite(found.value)


@pytest.mark.parametrize(
    ("weights", "x", "y", "name"),
    [
        ((1e200, 1e200), 1.0, 0.0, "z_o"),
        ((1e308, 1.0), 10.0, 0.0, "z_h"),
        ((1e200, 1.0), 1.0, 0.0, "L"),
        ((1e-300, 1.0), 1e300, -1e9, "dL_dw1"),
        ((1.0, 1e-300), 1.0, 1e100, None),
    ],
)
def test_an_overflow_is_found_where_it_arises(weights, x, y, name):
    tables = [{"units": 1, "activation": "identity", "weights": [[weight]]} for weight in weights]
    data = {"inputs": [[x]], "targets": [[y]]}
    network = build({"network": {"inputs": 1, "layers": tables}, "data": data})
    (result,) = run(network, 1)
    found = result.divergence
    assert (found and (found.epoch, found.name, found.example)) == (name and (0, name, 0))


@pytest.mark.parametrize(
    ("activation", "x", "weight", "name"),
    [
        ("sigmoid", 1e308, 1e308, "z_h"),
        ("tanh", 1e200, 1e200, "z_h"),
        ("relu", 1e200, -1e200, "z_h"),
        ("sigmoid", 1e150, 1e150, None),
        ("identity", 1e100, 1e-100, None),
    ],
)
@pytest.mark.parametrize("epochs", [1, 500])
def test_a_sum_that_overflows_is_named_where_no_loss_shows_it(tmp_path, activation, x, weight, name, epochs):
    path = tmp_path / "net.toml"
    path.write_text(
        f"""[network]
inputs = 1
[[network.layers]]
units = 1
activation = "{activation}"
weights = [[{weight}]]
[[network.layers]]
units = 1
activation = "sigmoid"
weights = [[0.0]]
frozen = ["weights"]
[data]
inputs = [[{x}]]
targets = [[0.5]]
"""
    )
    result = invoke("train", path, "--epochs", epochs, "--json")
    assert [json.loads(line)["loss"] for line in result.stdout.splitlines()] == [0.0] * len(
        result.stdout.splitlines()
    )
    sign = "-" if weight < 0 else ""
    assert result.stderr == (f"diverged in epoch 0, example 0: {name} is {sign}inf\n" if name else "")
    assert invoke("train", path, "--stop-at-divergence").exit_code == bool(name)


def test_a_sum_that_overflows_in_an_epoch_that_nobody_asked_for_is_found_there():
    layer = {"units": 1, "activation": "sigmoid", "weights": [[0.0]], "biases": [0.0]}
    network = build(
        {
            "network": {"inputs": 1, "layers": [layer]},
            "training": {"optimizer": {"learning_rate": 1.5e308}},
            "data": {"inputs": [[3.0]], "targets": [[1.0]]},
        }
    )
    # dL/dw = (0.5 − 1)·0.25·3, so w becomes 5.6e307, and z = 3 w + b more than there are numbers for
    *_, last = run(network, 300, 200)
    assert last.loss == 0.0
    assert (last.divergence.epoch, last.divergence.name, last.divergence.value) == (1, "z_o", math.inf)


# Processes


def start(*arguments, **streams):
    return subprocess.Popen([*COMMAND, *arguments], stdin=subprocess.DEVNULL, text=True, **streams)


@pytest.mark.parametrize("as_json", [False, True])
def test_ctrl_c_stops_after_the_last_whole_epoch(as_json):
    arguments = [
        "train",
        "--epochs",
        "100000000",
        "--log-every",
        "90000000",
        *(["--json"] if as_json else []),
    ]
    with start(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        first = process.stdout.readline()
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    epoch = int(errors.removeprefix("stopped after epoch "))
    assert errors == f"stopped after epoch {epoch}\n"
    assert epoch > 0
    assert rest.count("\n") == 1
    if as_json:
        assert (json.loads(first)["epoch"], json.loads(rest)["epoch"]) == (0, epoch)
    else:
        assert rest.startswith(f"Epoch {epoch}, Loss: 0.0")


@pytest.mark.parametrize(
    "command", [["train", "--log-every", "1", "--epochs", "1000000"], ["trace", "784-9-2"]]
)
def test_a_reader_that_leaves_ends_it_quietly(command):
    with start(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
    assert errors == ""
    assert process.returncode == 141


def on_a_terminal(*arguments):
    """Run with stderr a terminal and stdout a pipe; what each received."""
    master, terminal = os.openpty()
    with start(*arguments, stdout=subprocess.PIPE, stderr=terminal) as process:
        os.close(terminal)
        shown = b""
        while True:
            ready, _, _ = select.select([master], [], [], 0.05)
            try:
                piece = os.read(master, 65536) if ready else b""
            except OSError:
                break
            shown += piece
            if not piece and process.poll() is not None:
                break
        printed = process.stdout.read()
    os.close(master)
    assert process.returncode == 0
    return printed, shown.decode()


def test_a_terminal_gets_a_bar_that_goes_and_a_pipe_the_lines_alone():
    arguments = ("train", "8-64-64-4", "--epochs", "30000", "--log-every", "30000")
    printed, shown = on_a_terminal(*arguments)
    assert "/30000" in shown
    assert shown.endswith("\x1b[2K")
    assert "\x1b" not in printed
    plain = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=True)
    assert (plain.stdout, plain.stderr) == (printed, "")


def test_a_check_that_takes_its_time_has_a_bar_too():
    arguments = ("check", "digits", "--examples", "600")
    printed, shown = on_a_terminal(*arguments)
    assert "gradient" in shown
    assert "/2410" in shown
    assert shown.endswith("\x1b[2K")
    assert printed.startswith("2410 gradients checked, all agree")


def test_a_check_stopped_by_hand_ends_quietly():
    with start("check", "1000-900-100", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        time.sleep(2.5)
        process.send_signal(signal.SIGINT)
        printed, errors = process.communicate(timeout=30)
    assert (process.returncode, printed, errors) == (130, "", "")


def test_an_output_that_knows_only_ascii_gets_ascii():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    for arguments in (["trace"], ["trace", "--json"]):
        done = subprocess.run([*COMMAND, *arguments], capture_output=True, env=environment, check=True)
        assert done.stdout.isascii()
        assert done.stdout.count(b"\n") >= 19
        assert done.stderr == b""


def test_the_commands_start_without_what_they_do_not_need():
    heavy = ["numpy", "textual", "rich", "msgspec", "plotext", "tomllib", "json"]
    program = f"import sys, backprop_tui.cli.main; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
