"""Statements and losses as data: what ``trace`` and ``train`` print, and what other readers make of it."""

from __future__ import annotations

import csv
import json

import pytest
from click.testing import CliRunner

from backprop_tui.api import export_to, load
from backprop_tui.cli.main import main
from backprop_tui.export import records
from backprop_tui.network.errors import NetworkError
from backprop_tui.session.session import Session


def printed(*arguments):
    result = CliRunner().invoke(main, list(map(str, arguments)))
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("name", ["worked-example", "xor", "softmax", "dead-relu"])
def test_json_has_the_very_records_that_trace_prints(name, tmp_path):
    path = tmp_path / "work.json"
    export_to(load(name), path, epochs="2:3")
    found = json.loads(path.read_text("utf-8"))
    assert found["statements"] == [
        *printed("trace", name, "--epoch", 2, "--json"),
        *printed("trace", name, "--epoch", 3, "--json"),
    ]
    trained = {
        line["epoch"]: line["loss"]
        for line in printed("train", name, "--epochs", 4, "--log-every", 1, "--json")
        if "epoch" in line
    }
    assert {one["epoch"]: one["loss"] for one in found["losses"]} == {2: trained[2], 3: trained[3]}
    assert found["left_out"] == []


def test_csv_has_every_statement_with_every_digit(tmp_path):
    path = tmp_path / "work.csv"
    export_to(load("xor"), path, position="5")
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    traced = printed("trace", "xor", "--epoch", 5, "--json")
    assert len(rows) == len(traced)
    for row, one in zip(rows, traced, strict=True):
        assert float(row["value"]) == one["value"]
        for name in ("epoch", "example", "step", "layer", "unit", "input"):
            assert row[name] == ("" if one[name] is None else str(one[name]))
        assert (row["symbol"], row["formula"], row["kind"]) == (one["symbol"], one["formula"], one["kind"])


def test_csv_of_epochs_has_the_published_losses(tmp_path):
    path = tmp_path / "losses.csv"
    export_to(load(), path, epochs=1000)
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    assert [int(row["epoch"]) for row in rows] == list(range(1000))
    losses = [f"{float(rows[epoch]['loss']):.6f}" for epoch in (0, 200, 400, 600, 800)]
    assert losses == ["0.063306", "0.001997", "0.000917", "0.000585", "0.000426"]


def test_a_run_that_diverges_is_valid_json(tmp_path):
    path = tmp_path / "work.json"
    export_to(load("straight-line", learning_rate=1e200), path, epochs=4)

    def refuse(word):
        raise AssertionError(word)

    found = json.loads(path.read_text("utf-8"), parse_constant=refuse)
    assert {one["value"] for one in found["statements"]} & {"nan", "inf", "-inf"}


def test_too_many_statements_are_summarised_in_json_and_refused_in_csv(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "MOST_RECORDS", 1000)
    network = load("digits")
    export_to(network, tmp_path / "work.json")
    found = json.loads((tmp_path / "work.json").read_text("utf-8"))
    assert 50 < len(found["statements"]) < 300
    assert "Layer 1 has 32 units" in found["left_out"][0]
    with pytest.raises(
        NetworkError, match=r"work\.csv: expected at most 1,000 statements, found 86,282"
    ) as caught:
        export_to(network, tmp_path / "work.csv")
    assert "--epochs" in caught.value.hint
    assert not (tmp_path / "work.csv").exists()
    export_to(network, tmp_path / "work.csv", epochs=1)
    assert len((tmp_path / "work.csv").read_text("utf-8").splitlines()) == 2


def test_values_set_by_hand_count(tmp_path):
    session = Session(load())
    session.go("0:5")
    session.set("w2", 0.5)
    export_to(session, tmp_path / "work.json")
    found = json.loads((tmp_path / "work.json").read_text("utf-8"))
    values = {one["symbol"]: one["value"] for one in found["statements"]}
    assert values["dL_da_h"] == pytest.approx(0.5 * values["dL_dz_o"])
