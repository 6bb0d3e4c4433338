"""``flow``: the table, its caption, positions and refusals; its numbers are proved in tests/analysis."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from backprop_tui.analysis.beside_pytorch.rounding_marks import lost_signals
from backprop_tui.analysis.gradient_flow import gradient_flow
from backprop_tui.analysis.marks import Mark
from backprop_tui.cli.computing.flow import flow_of, lines, record
from backprop_tui.cli.main import main
from backprop_tui.history.run import Run
from backprop_tui.network.description import PyTorch
from backprop_tui.network.files.library import find
from backprop_tui.session.files.saved_sessions import save_session
from backprop_tui.session.session import Session

OVERSHOOTING = ["overshooting", "--position", "4000"]


def flow(*arguments):
    result = CliRunner().invoke(main, ["flow", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_the_table_of_vanishing():
    done = flow("vanishing")
    assert done.exit_code == 0
    head, *rows, empty, caption = done.stdout.splitlines()
    assert head.split() == [
        "layer",
        "‖δ‖",
        "×",
        "weights",
        "×",
        "slopes",
        "=",
        "factor",
        "product",
        "saturated",
        "dead",
    ]
    assert [row.split()[0] for row in rows] == list("87654321")
    assert [row.endswith("vanishing") for row in rows] == [False] * 4 + [True] * 4
    assert rows[0].split()[3:7] == ["0.0766", "–", "–", "–"]
    assert rows[-1].split()[3:8] == ["2.35e−06", "1.0000", "0.2350", "0.2350", "3.07e−05"]
    assert empty == ""
    assert caption == "the slope factors shrink the error signal 4.4-fold a layer; the weights do not"
    assert len({row.find(" sigmoid") for row in rows}) == 1
    assert max(map(len, (head, *rows))) <= 100


def test_json_has_a_line_a_layer_and_nothing_else():
    rows = [json.loads(line) for line in flow("exploding", "--json").stdout.splitlines()]
    assert [row["layer"] for row in rows] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert rows[0] == {
        "layer": 8,
        "delta_norm": pytest.approx(0.025),
        "weight_factor": None,
        "slope_factor": None,
        "factor": None,
        "product": 1.0,
        "saturated": 0.0,
        "dead": 0.0,
        "verdict": None,
    }
    assert rows[-1]["verdict"] == "exploding"


def test_numbers_that_json_has_not_are_words():
    (row,) = [json.loads(line) for line in flow(*OVERSHOOTING, "--json").stdout.splitlines()]
    assert row["delta_norm"] in ("nan", "inf")
    assert flow(*OVERSHOOTING).stdout.splitlines()[-1].endswith("its size cannot be compared")


@pytest.mark.parametrize(
    ("position", "iteration"),
    [
        ("0", 0),
        ("0:1", 0),
        ("end", 0),
        ("start", 0),
        ("3", 3),
        ("3:0", 3),
        ("3:19", 3),
        ("3:1", 3),
        ("+2", 2),
    ],
)
def test_the_iteration_in_which_the_position_lies(position, iteration):
    network = find("worked-example")
    run = Run(network)
    for _ in run.timeline.going_to(iteration):
        pass
    expected = gradient_flow(network, run.timeline.iteration(iteration))
    rows = [json.loads(line) for line in flow("--position", position, "--json").stdout.splitlines()]
    assert [row["delta_norm"] for row in rows] == [row.delta_norm for row in expected]


def test_a_saved_session_is_followed_with_its_edits_and_its_end(tmp_path):
    session = Session(find("vanishing"))
    session.go("0:3")
    session.set("w8", 0.0)
    session.go("5")
    path = tmp_path / "edited.toml"
    save_session(session, path)
    first = [json.loads(line) for line in flow(path, "--json").stdout.splitlines()]
    assert first[1]["weight_factor"] == 0.0
    assert first[1]["slope_factor"] == "nan"
    end, fifth = (flow(path, "--position", place, "--json").stdout for place in ("end", "4"))
    assert end == fifth


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--position", "3:20"], "--position: an epoch has 19 steps, not 20"),
        (["--position", "soon"], "--position: 'soon' is no position"),
        (["no-such-network"], "no-such-network: expected a network file"),
    ],
)
def test_refusals(arguments, message):
    done = flow(*arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"backprop-tui: {message}")
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_the_iteration_of_a_recording_is_named_by_its_number():
    recorded = Path(__file__).parents[2] / "recordings" / "float16.toml"
    network = find(str(recorded))
    run = Run(network)
    for _ in run.timeline.going_to(5):
        pass
    expected = gradient_flow(network, run.timeline.iteration(5))
    named = flow(recorded, "--position", f"iteration {network.first_iteration + 5:,}", "--json").stdout
    assert [json.loads(line)["delta_norm"] for line in named.splitlines()] == [
        row.delta_norm for row in expected
    ]
    refused = flow(recorded, "--position", "iteration 5")
    assert refused.exit_code == 2
    assert "--position: there are iterations 4,277 to 4,320, and not 5" in refused.stderr


def test_a_trace_of_a_recording_names_the_iterations_of_the_training():
    recorded = Path(__file__).parents[2] / "recordings" / "float16.toml"
    result = CliRunner().invoke(main, ["trace", str(recorded)])
    headings = [line for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert headings[0] == "iteration 4,277, forward, example 0"
    numbers = [heading.split(", ")[0] for heading in headings]
    assert list(dict.fromkeys(numbers)) == [f"iteration {number:,}" for number in range(4277, 4321)]
    records = CliRunner().invoke(main, ["trace", str(recorded), "--json"]).stdout.splitlines()
    assert [json.loads(records[0])["iteration"], json.loads(records[-1])["iteration"]] == [4277, 4320]
    assert "iteration" not in json.loads(CliRunner().invoke(main, ["trace", "--json"]).stdout.splitlines()[0])


def test_what_the_type_in_pytorch_lost_is_told():
    network = replace(find("1-" + "2-" * 11 + "1"), pytorch=PyTorch("float16", "MSELoss"))
    session = Session(network)
    found = flow_of(session, 0, lambda iteration: None)
    deltas = session.run.timeline.iteration(0).backward.delta
    zeros = [bool((np.float16(delta / len(network.data)) == 0).any()) for delta in deltas][::-1]
    assert True in zeros
    assert False in zeros
    lost = lost_signals(session.run, 0)
    _, *rows, _, _ = lines(network, found, 4, lost)
    assert ["underflow" in row for row in rows] == zeros
    assert [record(row, network, lost)["lost"] == "underflow" for row in found] == zeros
    assert "lost" not in record(found[0], find("xor"), {})


def test_the_command_tells_what_was_lost_of_the_iteration_it_shows(monkeypatch):
    recorded = Path(__file__).parents[2] / "recordings" / "float16.toml"
    found = {43: {1: Mark.UNDERFLOW}}
    monkeypatch.setattr("backprop_tui.cli.computing.flow.lost_signals", lambda run, at: found.get(at, {}))
    for place, lost in (("iteration 4320", "underflow"), ("iteration 4277", None)):
        told = flow(recorded, "--position", place, "--json").stdout.splitlines()
        assert [json.loads(row)["lost"] for row in told] == [None, lost]
        _, *rows, _, _ = flow(recorded, "--position", place).stdout.splitlines()
        assert [row.endswith("underflow") for row in rows] == [False, lost is not None]
