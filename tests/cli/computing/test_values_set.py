"""What was set by hand in a saved session counts for every command, or it is said that it does not."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner

from backprop_tui.cli.main import main
from backprop_tui.engine.epochs import run as run_epochs
from backprop_tui.history.edited_epochs import EditedRun
from backprop_tui.network.files.library import find
from backprop_tui.network.files.toml import dump
from backprop_tui.session.files.saved_sessions import save_session
from backprop_tui.session.session import Session

COUNTS = "1 value set by hand in the saved session counts\n"
LEFT_OUT = "1 value set by hand in the saved session is left out\n"


def invoke(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def lines(*arguments):
    return [json.loads(line) for line in invoke(*arguments).stdout.splitlines()]


@pytest.fixture
def w1_is_5(tmp_path):
    """A session in which w1 was set to 5 at the very start, and a network that has that weight by itself."""
    session = Session(find())
    session.set("w1", 5.0)
    saved, written = tmp_path / "session.toml", tmp_path / "network.toml"
    save_session(session, saved)
    dump(find(), written)
    text = written.read_text("utf-8")
    assert text.count("[[0.3]]") == 1
    written.write_text(text.replace("[[0.3]]", "[[5.0]]"), "utf-8")
    return saved, written


@pytest.mark.parametrize(
    "command", [("train", "--epochs", 50, "--log-every", 7), ("trace",), ("trace", "--epoch", 3), ("flow",)]
)
def test_a_weight_set_at_the_start_is_as_good_as_one_in_the_file(w1_is_5, command):
    saved, written = w1_is_5
    name, *options = command
    assert lines(name, saved, *options, "--json") == lines(name, written, *options, "--json")
    assert lines(name, saved, *options, "--json") != lines(name, *options, "--json")


@pytest.mark.parametrize(("command", "said"), [("train", COUNTS), ("trace", COUNTS), ("check", LEFT_OUT)])
def test_it_is_said_whether_it_counts(w1_is_5, command, said):
    saved, written = w1_is_5
    assert invoke(command, saved).stderr == said
    assert invoke(command, written).stderr == ""


def test_a_script_says_that_it_has_none_of_it(w1_is_5, tmp_path):
    assert invoke("export", w1_is_5[0], "-o", tmp_path / "net.py").stderr == LEFT_OUT
    assert invoke("export", w1_is_5[0], "-o", tmp_path / "work.json").stderr == ""
    exported = json.loads((tmp_path / "work.json").read_text("utf-8"))
    assert exported["statements"] == lines("trace", w1_is_5[0], "--json")


@pytest.mark.parametrize("batch_size", [1, 2, 4])
def test_an_epoch_is_the_same_with_a_value_that_was_set_to_what_it_was(batch_size, tmp_path):
    text = f"""[network]
inputs = 2
[[network.layers]]
units = 3
activation = "tanh"
[[network.layers]]
units = 2
activation = "sigmoid"
[training]
batch_size = {batch_size}
shuffle = true
[training.optimizer]
name = "adam"
learning_rate = 0.05
[data]
generator = "moons"
examples = 7
"""
    (tmp_path / "net.toml").write_text(text, "utf-8")
    network = find(str(tmp_path / "net.toml"))
    session = Session(network)
    session.set("learning_rate", 0.05)
    for every in (1, 3, 50):
        edited = [one for one in EditedRun(session.run, 12, every).results() if one is not None]
        plain = list(run_epochs(network, 12, every))
        assert [one.epoch for one in edited] == [one.epoch for one in plain]
        for one, other in zip(edited, plain, strict=True):
            assert one.loss == other.loss
            assert np.array_equal(one.predictions, other.predictions)
            for ours, theirs in zip(one.parameters.weights, other.parameters.weights, strict=True):
                assert np.array_equal(ours, theirs)


def test_a_value_set_later_counts_from_there_on(tmp_path):
    session = Session(find())
    session.go("3:7")
    session.set("learning_rate", 5.0)
    save_session(session, tmp_path / "session.toml")
    *logged, final = lines("train", tmp_path / "session.toml", "--epochs", 8, "--log-every", 1, "--json")
    before = lines("train", "--epochs", 8, "--log-every", 1, "--json")
    assert logged[:4] == before[:4]  # the update of epoch 3 is the first with it
    assert all(one["loss"] < other["loss"] for one, other in zip(logged[4:], before[4:8], strict=True))
    session.go("8")
    assert final["layers"][0]["weights"] == [[session.value("w1")]]
    assert (final["loss"], final["epochs"]) == (logged[-1]["loss"], 8)


@pytest.mark.parametrize("every", [1, 5, 200])
def test_a_value_that_makes_a_sum_overflow_is_found_in_its_epoch(tmp_path, every):
    session = Session(find())
    session.go("3")
    session.set("x", 1e308)
    session.set("w1", 1e308)
    save_session(session, tmp_path / "session.toml")
    arguments = ("train", tmp_path / "session.toml", "--epochs", 20, "--log-every", every)
    result = invoke(*arguments)
    assert result.stderr.splitlines()[1:] == ["diverged in epoch 3, example 0: z_h is inf"]
    stopped = invoke(*arguments, "--stop-at-divergence", "--json")
    assert stopped.exit_code == 1
    assert json.loads(stopped.stdout.splitlines()[-1])["epochs"] == 4


def test_a_value_that_makes_a_sum_overflow_for_one_epoch_alone_is_found():
    session = Session(find())
    session.go("3")
    session.set("w1", 1e308)
    session.set("x", 1e308)
    session.go("4")
    session.set("w1", 0.3)
    session.set("x", 0.5)
    found = [*EditedRun(session.run, 40, 20).results()][-1]
    assert math.isfinite(found.loss)
    assert (found.divergence.epoch, found.divergence.name) == (3, "z_h")
