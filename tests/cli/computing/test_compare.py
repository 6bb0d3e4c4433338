"""``compare``: the table and the JSON hold what ``train`` of each network prints."""

from __future__ import annotations

import json

import pytest

from backprop_tui.network.files.library import find
from backprop_tui.session.files.saved_sessions import save_session
from backprop_tui.session.session import Session
from tests.cli.commands import run

EPOCHS = ["--epochs", "30", "--log-every", "7"]


def trained(*arguments):
    """Epochs and losses that ``train`` prints as JSON."""
    rows = [json.loads(line) for line in run("train", *arguments, *EPOCHS, "--json").stdout.splitlines()]
    return {row["epoch"]: row["loss"] for row in rows if "epoch" in row}


CHANGES = {
    "learning_rate=5": ("--learning-rate", "5"),
    "optimizer=adam": ("--optimizer", "adam"),
    "activation=tanh": ("--activation", "tanh"),
    "seed=4": ("--seed", "4"),
    "initializer=zeros": ("--initializer", "zeros"),
    "optimizer=rmsprop learning_rate=0.1": ("--optimizer", "rmsprop", "--learning-rate", "0.1"),
}


@pytest.mark.parametrize("network", ["worked-example", "xor", "2-3-2", "1-2-1"])
def test_json_is_what_train_says_of_each(network):
    words = list(CHANGES)
    for some in (words[:3], words[3:]):
        options = [word for one in some for word in ("--with", one)]
        rows = [
            json.loads(line)
            for line in run("compare", network, *options, *EPOCHS, "--json").stdout.splitlines()
        ]
        assert [row["epoch"] for row in rows] == [0, 7, 14, 21, 28]
        expected = {"as given": trained(network)} | {one: trained(network, *CHANGES[one]) for one in some}
        for row in rows:
            assert list(row) == ["epoch", "runs"]
            assert [list(one) for one in row["runs"]] == [["name", "loss"]] * 4
            assert {one["name"]: one["loss"] for one in row["runs"]} == {
                name: losses[row["epoch"]] for name, losses in expected.items()
            }


def test_the_table_is_aligned_and_ends_with_the_last_epoch_and_a_sentence():
    done = run("compare", "--with", "learning_rate=0.05,5", "--epochs", "1000", "--log-every", "400")
    assert done.exit_code == 0
    head, *rows, empty, last = done.stdout.splitlines()
    assert head.split() == ["epoch", "a", "as", "given", "b", "learning_rate=0.05", "c", "learning_rate=5"]
    assert [row.split()[0] for row in rows] == ["0", "400", "800", "999"]
    assert {len(row) for row in rows} == {len(head)}
    assert rows[0].split()[1:] == ["0.063306"] * 3
    assert [row.split()[1] for row in rows] == ["0.063306", "0.000917", "0.000426", "0.000334"]
    assert empty == ""
    # 0.000334 over 0.000029, before they are rounded
    assert last == "lowest in the end: learning_rate=5, 0.000029, 11.6 times lower than as given"


def test_a_run_that_diverges_says_so():
    done = run(
        "compare", "overshooting", "--with", "learning_rate=0.1", "--epochs", "2000", "--log-every", "1500"
    )
    assert "as given diverged in epoch 876" in done.stdout.splitlines()[-1]
    lines = run("compare", "overshooting", "--with", "w1=1", "--epochs", 1501, "--log-every", 1500, "--json")
    runs = json.loads(lines.stdout.splitlines()[1])["runs"]
    assert {one["loss"] for one in runs} <= {"nan", "inf", "-inf"}


def test_what_makes_no_difference_is_named():
    loss = json.loads(run("train", "--epochs", 30, "--json").stdout.splitlines()[-1])["loss"]
    done = run("compare", "--with", "learning_rate=0.5", *EPOCHS)
    assert done.stdout.splitlines()[-2:] == [
        f"no difference in the end: as given and learning_rate=0.5 have the same loss, {loss:.6f}",
        "learning_rate=0.5 makes no difference: in every epoch its loss is that of as given",
    ]
    done = run(
        "compare", "xor", "--with", "seed=3 activation=sigmoid", "--with", "learning_rate=0.1", *EPOCHS
    )
    assert done.stdout.splitlines()[-2].startswith(
        "lowest in the end: as given and seed=3 activation=sigmoid alike, "
    )
    assert done.stdout.splitlines()[-1].startswith("seed=3 activation=sigmoid makes no difference: ")
    done = run("compare", "--with", "learning_rate=5", *EPOCHS)
    assert "no difference" not in done.stdout
    assert done.stderr == ""


def test_what_makes_no_difference_breaks_no_json():
    done = run("compare", "--with", "learning_rate=0.5", *EPOCHS, "--json")
    assert [set(json.loads(line)) for line in done.stdout.splitlines()] == [{"epoch", "runs"}] * 5
    assert (
        done.stderr == "learning_rate=0.5 makes no difference: in every epoch its loss is that of as given\n"
    )


def test_all_that_can_differ_is_listed_and_can():
    done = run("compare", "--with", "optimizer=adam foo=3")
    assert done.exit_code == 2
    for name in (
        "learning_rate",
        "seed",
        "beta1, beta2, eps, weight_decay, decay_biases of adam",
        "w1=0.5",
        "file",
    ):
        assert name in done.stderr
    own = "momentum, dampening, nesterov, weight_decay, decay_biases of sgd"
    assert own in run("compare", "--with", "foo=3").stderr
    for change in (
        "momentum=0.5",
        "nesterov=true momentum=0.5",
        "weight_decay=0.1 decay_biases=false",
        "w1=0.5",
        "x=1",
        "worked-example",
    ):
        assert run("compare", "--with", change, "--epochs", 1).exit_code == 0
    for wrong in ("nesterov=1", "decay_biases=no"):
        said = run("compare", "--with", wrong).stderr
        assert f'{wrong.partition("=")[0]}: expected true or false, found "' in said


def test_values_set_in_a_saved_session_count(tmp_path):
    session = Session(find())
    session.set("learning_rate", 5.0)
    session.comparing.add("without edits")
    save_session(session, tmp_path / "lesson.toml")
    done = run("compare", tmp_path / "lesson.toml", "--with", "w1=0.5", *EPOCHS, "--json")
    last = {one["name"]: one["loss"] for one in json.loads(done.stdout.splitlines()[-1])["runs"]}
    assert last["without edits"] == trained()[28]
    assert last["as edited"] < last["without edits"]
    assert set(last) == {"as edited", "without edits", "w1=0.5"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "nothing to compare with: say what differs, as in --with learning_rate=5"),
        (("--with", "learning_rate=fast"), '--with: learning_rate: expected a number, found "fast"'),
        (("--with", "a_h=3"), "--with: a_h is computed: set a weight"),
        (
            ("--with", "xor"),
            "--with: xor: network.layers: expected 1-1-1 as in the network beside it, found 2-2-1",
        ),
        (("--with", "seed=1,2,3,4"), "--with: expected at most 3 more runs beside this one, found 4"),
        (
            ("--with", "seed=1", "--with", "seed=1"),
            "--with: expected something that no run beside differs in yet",
        ),
        (("nowhere.toml", "--with", "seed=1"), "nowhere.toml: expected a network file, found no such file"),
    ],
)
def test_what_is_wrong_is_one_message_and_exit_2(arguments, message):
    done = run("compare", *arguments)
    assert done.exit_code == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"backprop-tui: {message}")
