"""What train, trace and check print: the published figures, and those of plain loops."""

from types import MappingProxyType

import plain
import pytest
from msgspec.structs import replace

from backprop_tui.network import description
from backprop_tui.network.files import library
from backprop_tui.network.rules.activations import ACTIVATIONS
from tests.article import PRINTED as ARTICLE_PRINTED
from tests.cli.commands import GOOD, command, json_lines, run

# train


def test_training_the_worked_example_prints_exactly_these_six_lines():
    result = run("train", "--epochs", 1000, "--log-every", 200)
    assert result.exit_code == 0
    assert result.stdout == ARTICLE_PRINTED
    assert result.stderr == ""


def test_the_same_from_a_shell():
    done = command("train", "--epochs", 1000, "--log-every", 200)
    assert (done.returncode, done.stdout, done.stderr) == (0, ARTICLE_PRINTED, "")


def test_the_worked_example_has_a_name_too():
    assert run("train", "worked-example").stdout == ARTICLE_PRINTED


def outcomes(network, epochs):
    """Loss and predictions of each epoch, and the last parameters, by plain loops."""
    rows = list(plain.run(network, epochs))
    results = []
    for epoch in range(epochs):
        losses = [row.value for row in rows if row.epoch == epoch and row.kind == "loss"]
        outputs = [
            row
            for row in rows
            if row.epoch == epoch and row.kind == "activation" and row.layer == len(network.layers)
        ]
        predictions = [[row.value for row in outputs if row.example == e] for e in range(len(losses))]
        results.append((sum(losses) / len(losses), predictions))
    return results, {row.key: row.value for row in rows if row.slot is None and row.epoch == epochs - 1}


def test_xor_as_json_agrees_with_plain_loops_after_a_hundred_epochs():
    lines = json_lines(run("train", "xor", "--epochs", 100, "--log-every", 33, "--json").stdout)
    expected, last = outcomes(library.find("xor"), 100)
    *logged, final = lines
    assert [set(line) for line in logged] == [{"epoch", "loss", "predictions"}] * 4
    assert [line["epoch"] for line in logged] == [0, 33, 66, 99]
    for line in logged:
        loss, predictions = expected[line["epoch"]]
        assert line["loss"] == pytest.approx(loss, rel=1e-10)
        assert [row[0] for row in line["predictions"]] == pytest.approx(
            [p[0] for p in predictions], rel=1e-10
        )
    assert list(final) == ["final", "epochs", "loss", "predictions", "layers"]
    assert final["final"] is True
    assert final["epochs"] == 100
    assert final["loss"] == logged[-1]["loss"]
    assert final["predictions"] == logged[-1]["predictions"]
    for (_, layer, unit, below), value in last.items():
        numbers = final["layers"][layer - 1]
        got = numbers["biases"][unit] if below is None else numbers["weights"][unit][below]
        assert got == pytest.approx(value, rel=1e-10)


def test_several_predictions_are_told_in_file_order():
    lines = run("train", "xor", "--epochs", 1).stdout.splitlines()
    ((loss, predictions),) = outcomes(library.find("xor"), 1)[0]
    shown = ", ".join(f"{p[0]:.6f}" for p in predictions)
    assert lines == [f"Epoch 0, Loss: {loss:.6f}, Predictions: {shown}", f"Final predictions: {shown}"]


def test_shuffled_examples_are_still_predicted_in_file_order(file):
    options = "[training]\nshuffle = true\nbatch_size = 2\n\n[training.optimizer]"
    path = file(GOOD.replace("[training.optimizer]", options).replace("0.5\n\n[data]", "0.0\n\n[data]"))
    ordered = file(GOOD.replace("0.5\n\n[data]", "0.0\n\n[data]"), "ordered.toml")
    shuffled, plainly = (
        json_lines(run("train", one, "--epochs", 5, "--json").stdout)[-1]["predictions"]
        for one in (path, ordered)
    )
    assert shuffled[0] != plainly[1]
    for one, other in zip(shuffled, plainly, strict=True):
        assert one == pytest.approx(other, rel=1e-12)


def test_divergence_is_written_as_text_and_told_on_stderr(file):
    path = file(
        GOOD.replace('"tanh"', '"identity"')
        .replace('"sigmoid"', '"identity"')
        .replace("= 0.5\n", "= 1e200\n")
    )
    result = run("train", path, "--epochs", 6, "--log-every", 1, "--json")
    assert result.exit_code == 0
    final = json_lines(result.stdout)[-1]
    assert final["loss"] == "nan"
    assert final["layers"][0]["weights"][0][0] in ("nan", "inf", "-inf")
    assert "diverged" in result.stderr
    assert "nan" in run("train", path, "--epochs", 6).stdout


# trace


def test_the_worked_example_is_traced_in_nineteen_statements():
    lines = json_lines(run("trace", "--json").stdout)
    assert [line["step"] for line in lines] == list(range(1, 20))
    rows = list(plain.run(library.find(), 1))
    for line, row in zip(lines, rows, strict=True):
        place = (line["epoch"], line["example"], line["kind"], line["layer"], line["unit"], line["input"])
        assert place == (row.epoch, row.example, row.kind, row.layer, row.unit, row.input)
        assert line["value"] == pytest.approx(row.value, rel=1e-14)
    assert lines[8] == {
        "epoch": 0,
        "example": 0,
        "step": 9,
        "phase": "backward",
        "kind": "weight_gradient",
        "layer": 2,
        "unit": 0,
        "input": 0,
        "symbol": "dL_dw2",
        "formula": "dL/dw2 = dL/dz_o·a_h",
        "terms": [
            {"symbol": "dL_dz_o", "value": pytest.approx(-0.08156051466411174, rel=1e-15)},
            {"symbol": "a_h", "value": pytest.approx(0.5621765008857981, rel=1e-15)},
        ],
        "value": pytest.approx(-0.045851404744315157, rel=1e-15),
    }


def test_xor_is_traced_example_by_example_then_updated():
    lines = json_lines(run("trace", "xor", "--json", "--epoch", 99).stdout)
    rows = [row for row in plain.run(library.find("xor"), 100) if row.epoch == 99]
    assert len(lines) == len(rows) == 109
    for line, row in zip(lines, rows, strict=True):
        assert (line["step"], line["example"], line["kind"]) == (row.step, row.example, row.kind)
        assert line["value"] == pytest.approx(row.value, rel=1e-10)
    assert {line["phase"] for line in lines if line["example"] is None} == {"update"}


PRINTED = [
    *("0.2500", "0.5622", "0.5935", "0.6442", "0.0633", "−0.3558", "0.2292", "−0.0816", "−0.0459", "−0.0816"),
    *("−0.0571", "0.2461", "−0.0141", "−0.0070", "−0.0141", "0.7229", "0.2408", "0.3035", "0.1070"),
]


def test_the_trace_as_text_shows_the_printed_figures():
    lines = run("trace").stdout.splitlines()
    statements = [line for line in lines if not line.startswith("epoch")]
    assert [line.rsplit(" = ", 1)[1] for line in statements] == PRINTED
    assert [line.split()[0] for line in statements] == [str(n) for n in range(1, 20)]
    assert "epoch 0, forward, example 0" in lines
    assert "epoch 0, update" in lines
    assert statements[5].endswith("dL/da_o = −(y − a_o) = −(1.0000 − 0.6442) = −0.3558")


def test_later_epochs_are_traced_too():
    first, later = run("trace").stdout, run("trace", "--epoch", 12).stdout
    assert later.startswith("epoch 12, forward, example 0")
    assert first != later


def test_a_terminal_without_unicode_gets_an_answer():
    done = command("trace", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    done = command("trace", "--json", PYTHONIOENCODING="ascii")
    assert len(json_lines(done.stdout)) == 19


# check


@pytest.mark.parametrize("name", sorted({*library.names()} - {"digits"}))  # too many examples to wait for
def test_shipped_networks_pass_the_check(name):
    result = run("check", name, "--json")
    assert result.exit_code == 0
    (line,) = json_lines(result.stdout)
    assert list(line) == ["checked", "max_relative_error", "passed"]
    assert line["passed"] is True
    assert line["checked"] > 0
    assert line["max_relative_error"] <= 1e-6


def test_the_check_as_text():
    result = run("check")
    assert result.exit_code == 0
    assert result.stdout.startswith("4 gradients checked, all agree")


def test_a_wrong_derivative_fails_the_check(monkeypatch):
    wrong = replace(ACTIVATIONS["sigmoid"], derivative=lambda z, a: a * (1.0 + a))
    monkeypatch.setattr(description, "ACTIVATIONS", MappingProxyType({**ACTIVATIONS, "sigmoid": wrong}))
    for name in ("worked-example", "xor"):
        result = run("check", name)
        assert result.exit_code == 1
        assert "disagree" in result.stdout
    assert "dL/dw1" in run("check").stdout
    (line,) = json_lines(run("check", "--json").stdout)
    assert line["passed"] is False
    assert line["max_relative_error"] > 0.1


def test_where_a_loss_is_no_number_check_says_so_beside_its_figures(tmp_path):
    path = tmp_path / "tanh.toml"
    path.write_text(
        "[network]\ninputs = 1\n[[network.layers]]\nunits = 1\nactivation = 'tanh'\n"
        "weights = [[-1.0]]\nbiases = [0.0]\n[training]\nloss = 'binary_cross_entropy'\n"
        "[training.optimizer]\nname = 'sgd'\n[data]\ninputs = [[0.5]]\ntargets = [[1.0]]\n",
        "utf-8",
    )
    result = run("check", path)
    assert result.exit_code == 1
    assert "2 disagree" in result.stdout
    assert result.stderr.startswith("a loss is not finite, so there is nothing to compare with")
    assert not run("check").stderr
