"""The statements of an epoch as records: all of them, in order, with the fields of the contract."""

import json
import math

import pytest
from hypothesis import given, settings
from plain import run as plain_run
from strategies import networks

from backprop_tui.network.files import library
from backprop_tui.session.records.trace import explanations, json_number, record
from backprop_tui.session.session import Session

FIELDS = [
    *("epoch", "example", "step", "phase", "kind", "layer", "unit", "input"),
    *("symbol", "formula", "terms", "value"),
]


def records(network, epoch=0):
    return [record(*one) for one in explanations(Session(network), epoch)]


def compare(network, epoch):
    session = Session(network)
    orders = [session.run.timeline.trainer.order(e).tolist() for e in range(epoch + 1)]
    expected = [row for row in plain_run(network, epoch + 1, orders) if row.epoch == epoch]
    got = records(network, epoch)
    assert len(got) == len(expected)
    for one, row in zip(got, expected, strict=True):
        assert list(one) == FIELDS
        place = (one["epoch"], one["step"], one["example"], one["kind"])
        assert place == (row.epoch, row.step, row.example, row.kind)
        assert (one["layer"], one["unit"], one["input"]) == (row.layer, row.unit, row.input)
        assert one["value"] == pytest.approx(row.value, rel=1e-6, abs=1e-7)
        assert all(list(term) == ["symbol", "value"] for term in one["terms"])
        assert all(term["value"] is not None for term in one["terms"])
        symbols = [term["symbol"] for term in one["terms"]]
        assert len(symbols) == len(set(symbols))
        assert json.loads(json.dumps(one)) == one


@pytest.mark.parametrize("name", ["worked-example", "xor"])
@pytest.mark.parametrize("epoch", [0, 1, 7])
def test_shipped_networks_are_traced_as_plain_loops_run(name, epoch):
    compare(library.find(name), epoch)


@given(networks(layers=2, units=3, examples=3))
@settings(max_examples=25)
def test_random_networks_are_traced_as_plain_loops_run(network):
    compare(network, 1)


def test_the_worked_examples_names_and_terms():
    got = records(library.find())
    assert [one["symbol"] for one in got] == [
        *("z_h", "a_h", "z_o", "a_o", "L", "dL_da_o", "da_o_dz_o", "dL_dz_o", "dL_dw2", "dL_db2"),
        *("dL_da_h", "da_h_dz_h", "dL_dz_h", "dL_dw1", "dL_db1", "w2", "b2", "w1", "b1"),
    ]
    assert [term["symbol"] for term in got[0]["terms"]] == ["w1", "x", "b1"]
    assert [term["value"] for term in got[0]["terms"]] == [0.3, 0.5, 0.1]
    update = {term["symbol"]: term["value"] for term in got[15]["terms"]}
    assert update == {
        "w2": 0.7,
        "learning_rate": 0.5,
        "dL_dw2": pytest.approx(-0.045851404744315157, rel=1e-15),
    }


def test_xor_goes_example_by_example_and_ends_in_one_update():
    got = records(library.find("xor"))
    phases = [(one["example"], one["phase"]) for one in got]
    turns = [pair for n, pair in enumerate(phases) if n == 0 or phases[n - 1] != pair]
    one = ["forward", "loss", "backward"]
    assert turns == [(n, phase) for n in range(4) for phase in one] + [(None, "update")]
    assert [one["step"] for one in got] == list(range(1, len(got) + 1))
    assert len(got) == 4 * (6 + 1 + 6 + 12) + 9


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (0.1, "0.1"),
        (0.06330635480524958, "0.06330635480524958"),
        (math.nan, '"nan"'),
        (math.inf, '"inf"'),
        (-math.inf, '"-inf"'),
    ],
)
def test_numbers_keep_their_precision_and_others_become_text(value, text):
    assert json.dumps(json_number(value)) == text
