"""Runs side by side: each is a fresh session of the changed network, wherever they stand together."""

from __future__ import annotations

import copy
import doctest
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import documents, networks

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.history.moment import Moment
from backprop_tui.history.run import Run
from backprop_tui.network.errors import BackpropError, NetworkError
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find, names
from backprop_tui.network.files.shapes import Options
from backprop_tui.network.rules.optimizers import OPTIMIZERS
from backprop_tui.session import comparing as module
from backprop_tui.session.comparing import following, progress
from backprop_tui.session.session import Session
from backprop_tui.stops.conditions import ConditionError

BENDING = ("sigmoid", "tanh", "relu", "identity", "softplus", "softmax")


def everything(run: Run, time: int) -> list[str]:
    """Every value that can be read of a run at a time, to the last bit."""
    now = Moment(run, time)
    kinds = ("weighted_sum", "activation", "activation_gradient", "activation_derivative", "delta")
    found: list[Any] = [now.loss.value, now.learning_rate, now.example]
    for layer in range(1, len(run.network.widths)):
        for unit in range(run.network.widths[layer]):
            found += [now.read(Quantity(Kind(kind), layer, unit)).value for kind in kinds]
            for parameter in Parameter.of_unit(layer, unit, run.network.widths[layer - 1]):
                found += [now.parameter(parameter).value, now.read(parameter.gradient).value]
    return [value.hex() if isinstance(value, float) else str(value) for value in found]


@st.composite
def changed(draw: st.DrawFn) -> tuple[dict[str, Any], str, dict[str, Any], tuple[str, float] | None]:
    """A document, what differs, the document in which it does, and what is set by hand."""
    raw = draw(documents(layers=2, units=2, examples=3))
    other, hidden = copy.deepcopy(raw), raw["network"]["layers"][:-1]
    optimizer = other["training"]["optimizer"]
    sort = draw(st.sampled_from(["learning_rate", "optimizer", "activation", "seed", "option", "edit"]))
    if sort == "activation" and hidden:
        name = draw(st.sampled_from(BENDING))
        for layer in other["network"]["layers"][:-1]:
            layer["activation"] = name
        return raw, f"activation={name}", other, None
    if sort == "optimizer":
        name = draw(st.sampled_from(sorted(set(OPTIMIZERS) - {optimizer["name"]})))
        other["training"]["optimizer"] = {"name": name}
        other["training"].pop("start", None)  # what another kept is none of its own
        other["training"].get("schedule", {}).pop("learning_rate", None)
        return raw, f"optimizer={name}", other, None
    if sort == "seed":
        other["training"]["seed"] = 7
        return raw, "seed=7", other, None
    if sort == "option":
        optimizer["weight_decay"] = 0.25
        if draw(st.booleans()):
            optimizer["decay_biases"] = False
            return raw, "weight_decay=0.25 decay_biases=false", other, None
        return raw, "weight_decay=0.25", other, None
    if sort == "edit":
        return raw, "y=0.25" if raw["network"]["layers"][-1]["units"] == 1 else "y1=0.25", other, ("y", 0.25)
    optimizer["learning_rate"] = 1.5
    other["training"].get("schedule", {}).pop("learning_rate", None)
    return raw, "learning_rate=1.5", other, None


@given(changed(), st.data())
@settings(max_examples=60, deadline=None)
def test_a_run_beside_is_a_fresh_session_of_the_changed_network(case: Any, data: st.DataObject) -> None:
    raw, words, other, edit = case
    session = Session(build(raw))
    length = 3 * session.program.statements
    at = data.draw(st.integers(0, length))
    session.jump(at)
    assert session.comparing.add(words) == ["b"]
    for time in data.draw(st.lists(st.integers(0, length), min_size=1, max_size=6)):
        session.jump(time)
        fresh = Session(build(other))
        if edit:
            fresh.jump(at)
            fresh.set(words.partition("=")[0], edit[1])
        fresh.jump(time)
        beside = session.comparing.runs["b"]
        assert everything(beside, time) == everything(fresh.run, time)
        assert list(beside.timeline.losses)[: len(fresh.run.timeline.losses)] == list(
            fresh.run.timeline.losses
        ) or any(loss != loss for loss in fresh.run.timeline.losses)
        assert progress(beside, time, session.latest).ready


@given(changed(), st.data())
@settings(max_examples=30, deadline=None)
def test_to_swap_twice_is_to_do_nothing(case: Any, data: st.DataObject) -> None:
    raw, words, _, _ = case
    session = Session(build(raw))
    length = 2 * session.program.statements
    session.jump(data.draw(st.integers(0, length)))
    if data.draw(st.booleans()):
        session.set("learning_rate", 0.25)
    session.comparing.add(words)
    session.stopping.add("loss > b.loss")

    def state() -> Any:
        now = session.network, session.run, session.time, session.edits, session.latest
        return (
            *now,
            session.comparing.labels,
            session.comparing.debugged.name,
            session.comparing.other.name,
            session.breakpoints,
            everything(session.run, session.time),
        )

    before, beside = state(), session.comparing.runs["b"]
    assert session.comparing.swap().name == "b"
    assert session.run is beside
    assert session.comparing.other.name == "a"
    assert session.comparing.swap().name == "a"
    assert state() == before


def test_its_example_is_true() -> None:
    assert doctest.testmod(module).failed == 0


def test_several_values_are_several_runs() -> None:
    session = Session(find())
    assert session.comparing.add("learning_rate=0.05,0.5,5") == ["b", "c", "d"]
    assert list(session.comparing.labels.values()) == [
        *("as given", "learning_rate=0.05", "learning_rate=0.5", "learning_rate=5")
    ]
    session.jump(50 * session.program.statements)
    losses = {name: run.timeline.losses[49] for name, run in session.comparing.runs.items()}
    assert losses["c"] == losses["a"]
    assert losses["d"] < losses["a"] < losses["b"]
    with pytest.raises(NetworkError, match="at most 3 runs"):
        session.comparing.add("seed=3")


@pytest.mark.parametrize("network", [*names(), "2-3-1", "784-16-10"])
def test_a_rate_stands_beside_whatever_the_network_and_its_examples_come_from(network: str) -> None:
    session = Session(find(network))
    assert session.comparing.add("learning_rate=0.125") == ["b"]
    assert session.comparing.runs["b"].network == find(network, Options(learning_rate=0.125))


def test_another_file_of_the_same_shape_keeps_the_names(tmp_path: Any) -> None:
    path = tmp_path / "other.toml"
    path.write_text(
        """
[network]
inputs = ["input"]
[[network.layers]]
units = ["first"]
activation = "tanh"
weights = [[1.0]]
[[network.layers]]
units = 1
activation = "sigmoid"
weights = [[-1.0]]
[data]
inputs = [[2.0]]
targets = [[0.0]]
"""
    )
    session = Session(find())
    assert session.comparing.add(str(path)) == ["b"]
    session.comparing.swap()
    assert (session.names.a(1, 0), session.now.input(0)) == ("a_h", 2.0)
    session.jump(2)
    assert session.now.read(Quantity(Kind.ACTIVATION, 1, 0)).value == pytest.approx(0.9640275800758169)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("xor", "xor: network.layers: expected 1-1-1 as in the network beside it, found 2-2-1"),
        ("adam", 'expected what differs, found "adam" (did you mean optimizer=adam?)'),
        ("half", "expected what differs, as in learning_rate=5, or another network's file or name, found "),
        ("learning_rat", 'name, found "learning_rat" (did you mean learning_rate?)'),
        ("mazr", "mazr: expected a network file, the name of a shipped network or a shape such as 2-4-1"),
        ("nowhere.toml", "nowhere.toml: expected a network file, found no such file"),
        ("", "expected what differs, as in learning_rate=5, found nothing"),
        ("learning_rate=", 'expected a name and a value, as in learning_rate=5, found "learning_rate="'),
        ("learning_rate", "learning_rate: expected a value, as in learning_rate=5, found none"),
        ("momentum", "momentum: expected a value, as in momentum=5, found none"),
        ("decay_biases", "decay_biases: expected a value, as in decay_biases=true, found none"),
        ("optimizer", "optimizer: expected a value, as in optimizer=sgd, found none"),
        ("w1", "w1: expected a value, as in w1=5, found none"),
        ("momentum=true", 'momentum: expected a number, found "true"'),
        ("learning_rate=fast", 'learning_rate: expected a number, found "fast"'),
        ("learning_rate=-1", "learning_rate: expected at least 0, found -1.0"),
        ("seed=0.5", 'seed: expected a whole number, found "0.5"'),
        ("momentum=x", 'momentum: expected a number, found "x"'),
        ("a_h=3", "a_h is computed: set a weight, a bias, an input, a target or learning_rate"),
        ("w1=nan", "expected a finite number, found nan"),
        ("seed=1,2,3,4", "expected at most 3 more runs beside this one, found 4"),
        ("learning_rat=5", 'expected what can differ, found "learning_rat" (did you mean learning_rate?)'),
        ("optimizer=adm", 'found "adm" (did you mean adam?)'),
    ],
)
def test_what_is_wrong_is_said_with_what_would_be_right(words: str, message: str) -> None:
    session = Session(find())
    with pytest.raises(BackpropError) as error:
        session.comparing.add(words)
    assert message in str(error.value)
    assert not session.comparing.open


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (("data", "inputs"), "data: expected 1 examples as in the network beside it, found 2 examples"),
        (("network", "layers"), "network.layers[0].frozen: expected nothing as in the network beside it"),
    ],
)
def test_another_program_is_refused_with_its_place(tmp_path: Any, path: Any, found: str) -> None:
    from backprop_tui.network.files.toml import dump
    from backprop_tui.network.files.written_network import document_of

    raw = document_of(find())
    if path[0] == "data":
        raw["data"] = {"inputs": [[0.0], [1.0]], "targets": [[0.0], [1.0]]}
    else:
        raw["network"]["layers"][0]["frozen"] = ["biases"]
    dump(build(raw), tmp_path / "other.toml")
    with pytest.raises(NetworkError) as error:
        Session(find()).comparing.add(str(tmp_path / "other.toml"))
    assert found in str(error.value)


def test_the_run_without_edits_stands_beside_by_itself_until_another_is_asked_for() -> None:
    session = Session(find())
    session.jump(60)
    session.set("w1", 2.0)
    assert session.comparing.labels == {"a": "as edited", "b": "without edits"}
    assert not session.comparing.open
    fresh = Session(find())
    session.jump(90)
    fresh.jump(90)
    assert everything(session.comparing.runs["b"], 90) == everything(fresh.run, 90)
    session.editing.undo()
    assert session.comparing.labels == {"a": "as given"}
    session.editing.redo()
    session.comparing.add("learning_rate=5")
    assert session.comparing.labels == {"a": "as edited", "b": "learning_rate=5"}
    session.comparing.add("without edits")
    assert everything(session.comparing.runs["c"], 90) == everything(fresh.run, 90)


def test_to_name_the_run_without_edits_keeps_it() -> None:
    session = Session(find())
    session.set("w1", 2.0)
    session.stopping.add("b.loss < loss")
    session.editing.undo()
    assert session.comparing.open
    session.comparing.swap()
    assert session.comparing.debugged.name == "b"
    assert session.edits == ()


def test_values_set_by_hand_come_along_and_go_on_in_the_run_that_is_debugged() -> None:
    session = Session(find())
    session.jump(30)
    session.set("b1", 1.0)
    session.comparing.add("learning_rate=5")
    fresh = Session(find(None))
    session.jump(70)
    assert session.comparing.now["b"].set_by_hand == session.now.set_by_hand
    session.comparing.swap()
    session.set("w1", 0.0)
    assert session.comparing.labels == {"a": "as edited", "b": "learning_rate=5, edited"}
    session.comparing.swap()
    assert len(session.edits) == 1
    assert fresh.edits == ()


def test_to_close_is_to_go_on_with_the_run_that_is_debugged() -> None:
    session = Session(find())
    session.comparing.add("learning_rate=5")
    session.stopping.add("loss < b.loss")
    session.stopping.add("loss < 0.01")
    session.watching.add("loss / b.loss")
    session.comparing.swap()
    session.comparing.clear()
    assert session.network.training.learning_rate == 5.0
    assert session.comparing.labels == {"a": "as given"}
    assert [one.text for one in session.breakpoints] == ["loss < 0.01"]
    assert session.watches == []
    with pytest.raises(ConditionError, match="column 8: no run is called b"):
        session.stopping.add("loss < b.loss")
    with pytest.raises(NetworkError, match="a run beside"):
        session.comparing.swap()


@given(networks(layers=2, units=2, examples=3), st.data())
@settings(max_examples=20, deadline=None)
def test_following_in_slices_comes_to_the_same(network: Any, data: st.DataObject) -> None:
    time = data.draw(st.integers(0, 3 * Session(network).program.statements))
    run = Run(network)
    assert all(isinstance(reached, int) for reached in following(run, time, time))
    assert progress(run, time, time).ready
    assert everything(run, time) == everything(Run(network), time)
