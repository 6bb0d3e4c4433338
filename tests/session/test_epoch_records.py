"""Epochs as records, against training without a debugger and against a session that goes there."""

from __future__ import annotations

import math

import pytest

from backprop_tui import ConditionError, Session, epochs, load, train


def test_losses_are_those_of_training():
    network = load("xor", batch_size=2)
    records = list(epochs(network, 30))
    assert [record["epoch"] for record in records] == list(range(30))
    assert [record["loss"] for record in records] == [result.loss for result in train(network, 30)]
    assert all(list(record) == ["epoch", "loss"] for record in records)


@pytest.mark.parametrize(("count", "every"), [(0, 1), (1, 5), (11, 5), (12, 5), (10, 10), (3, 100)])
def test_the_epochs_are_those_that_train_yields(count, every):
    expected = [result.epoch for result in train(load(), count, every)]
    assert [record["epoch"] for record in epochs(load(), count, every)] == expected


def test_columns_are_what_a_session_reads_at_the_end_of_the_epoch():
    network, of = load("xor"), ["w_h1_x1", "grad_norm", "abs(delta_o)", "loss < 0.2"]
    session = Session(network)
    for record in epochs(network, 40, every=7, of=of):
        session.go(f"{record['epoch']}:{session.program.statements}")
        assert {name: record[name] for name in of} == {name: session.value(name) for name in of}
        assert list(record) == ["epoch", "loss", *of]
    weights = [result.parameters.weights[0][0, 0] for result in train(network, 40)]
    assert [record["w_h1_x1"] for record in epochs(network, 40, of="w_h1_x1")] == weights


def test_what_was_set_by_hand_counts_and_the_session_stays_where_it_is():
    session = Session(load())
    session.go("3")
    session.set("learning_rate", 5.0)
    records = list(epochs(session, 6, of=["learning_rate"]))
    assert session.position == "2:19"
    assert [record["learning_rate"] for record in records] == [0.5, 0.5, 5.0, 5.0, 5.0, 5.0]
    plain = [result.loss for result in train(load(), 6)]
    assert [record["loss"] for record in records][:4] == plain[:4]
    assert records[4]["loss"] < plain[4]


def test_runs_beside_it_may_be_named():
    session = Session(load())
    session.comparing.add("learning_rate=0.05")
    slow = [result.loss for result in train(load(learning_rate=0.05), 6)]
    assert [record["b.loss"] for record in epochs(session, 6, of=["b.loss"])] == slow


def test_a_run_that_diverges_goes_on():
    last = list(epochs(load("overshooting", learning_rate=1e200), 5, of=["w1"]))[-1]
    assert not math.isfinite(last["loss"]) or not math.isfinite(last["w1"])


def test_what_means_nothing_is_refused_at_once():
    with pytest.raises(ConditionError, match="did you mean"):
        epochs(load(), 10, of=["losss"])
    with pytest.raises(ValueError, match="every: expected at least 1, found 0"):
        epochs(load(), 10, every=0)


def test_a_data_frame_takes_them():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(epochs(load(), 100, every=10, of=["w1", "loss < 0.03"]))
    assert list(frame.columns) == ["epoch", "loss", "w1", "loss < 0.03"]
    assert len(frame) == 11
    assert [str(kind) for kind in frame.dtypes] == ["int64", "float64", "float64", "bool"]
    assert frame["loss"].is_monotonic_decreasing
