"""Saved sessions: what is opened is what was saved, and a wrong table is refused with its place."""

from __future__ import annotations

import copy
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import networks

from backprop_tui.engine.quantities import Parameter
from backprop_tui.engine.training import Trainer
from backprop_tui.history.edits import Edit, Settable, Target
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files import library
from backprop_tui.network.files.build import build
from backprop_tui.network.files.shapes import Options
from backprop_tui.network.files.toml import parse
from backprop_tui.network.files.written_network import text
from backprop_tui.program.identifiers import Identifiers
from backprop_tui.program.positions import MOST_EPOCHS
from backprop_tui.session.files import table
from backprop_tui.session.files.saved_sessions import find_session, load_session, save_session
from backprop_tui.session.files.table import restore, to_table
from backprop_tui.session.look import PLAIN, Look
from backprop_tui.session.session import Session
from backprop_tui.stops.breakpoints import Breakpoint

LESSON = """
[network]
inputs = 2

[[network.layers]]
units = 2
activation = "tanh"
weights = [[0.1, 0.2], [0.3, 0.4]]

[[network.layers]]
units = 1
activation = "sigmoid"
weights = [[0.5, -0.5]]

[training]
batch_size = 1

[training.optimizer]
learning_rate = 0.5

[data]
inputs = [[0.0, 1.0], [1.0, 0.0]]
targets = [[1.0], [0.0]]

[session]
version = 1
position = "12:5"
latest = "30:66"
watches = ["dL_do", "loss * 2"]
"""
"""Written by hand."""
STEPS = 2 * (2 * 3 + 1 + (3 + 3) + 2 * (3 + 3) + 9)
"""Two examples a batch of one: z and a of 3 units; L; dL/da, da/dz, delta of the output, its 2 weights and
bias; the same of 2 hidden units; 9 updates."""

TABLE: dict[str, Any] = {
    "version": 1,
    "position": "12:5",
    "latest": f"30:{STEPS}",
    "edits": [
        {"at": "3:5", "set": "w_h1_x2", "to": 0.5},
        {"at": "1:0", "set": "b_o", "to": -1},
        {"at": "2:40", "set": "x2", "to": 2.5, "example": 1},
        {"at": "2:40", "set": "y", "to": 0.25, "example": 0},
        {"at": "0:0", "set": "learning_rate", "to": 0.0},
    ],
    "breakpoints": [
        {"on": "loss < 0.01", "enabled": False, "hits": 3},
        {"on": "dL_dw_o_h1", "enabled": True, "hits": 0},
        {"on": "phase backward"},
    ],
    "watches": ["dL_dw_h1_x1", "abs(z_o) + 1"],
    "look": {"digits": "all", "log_scale": True, "lower": "values", "speed": -3},
}


def lesson():
    return build({key: value for key, value in parse(LESSON).items() if key != "session"})


def state(session):
    return (
        session.network,
        session.position,
        session.latest,
        session.edits,
        session.breakpoints,
        session.watches,
        session.stopping.marks,
    )


def numbers(session):
    """Every parameter and loss at the session's moment, to the last bit."""
    parameters = [
        session.now.parameter(Parameter(number, unit, below)).value.hex()
        for number, layer in enumerate(session.network.layers, 1)
        for unit in range(layer.units)
        for below in (None, *range(layer.inputs))
    ]
    loss = session.now.loss.value
    return parameters, None if loss is None else loss.hex()


# What is opened is what was saved


def test_a_table_written_by_hand_means_what_it_says():
    session, wanted, look = restore(lesson(), copy.deepcopy(TABLE), "lesson.toml")
    assert session.program.statements == STEPS
    assert (session.time, wanted, session.latest) == (0, 12 * STEPS + 5, 31 * STEPS)
    assert session.edits == (
        Edit(3 * STEPS + 5, Settable(Target.PARAMETER, Parameter(1, 0, 1)), 0.5, 0),
        Edit(STEPS, Settable(Target.PARAMETER, Parameter(2, 0, None)), -1.0, 1),
        Edit(2 * STEPS + 40, Settable(Target.INPUT, unit=1), 2.5, 1),
        Edit(2 * STEPS + 40, Settable(Target.TARGET, unit=0), 0.25, 0),
        Edit(0, Settable(Target.LEARNING_RATE), 0.0, 0),
    )
    assert session.breakpoints == [
        Breakpoint("loss < 0.01", False, 3),
        Breakpoint("dL_dw_o_h1"),
        Breakpoint("phase backward"),
    ]
    assert session.watches == ["dL_dw_h1_x1", "abs(z_o) + 1"]
    assert look.table() == TABLE["look"]


def test_the_edits_of_a_table_act_as_if_they_were_made_by_hand():
    by_hand = Session(lesson())
    for place, name, value in (("3:5", "w_h1_x2", 0.5), ("1:0", "b_o", -1.0), ("0:0", "learning_rate", 0.25)):
        by_hand.go(place)
        by_hand.set(name, value)
    by_hand.go("12:5")
    edits = [
        {"at": "3:5", "set": "w_h1_x2", "to": 0.5},
        {"at": "1:0", "set": "b_o", "to": -1},
        {"at": "0:0", "set": "η", "to": 0.25},
    ]
    opened = restore(lesson(), {"version": 1, "position": "12:5", "edits": edits})
    opened.session.jump(opened.wanted)
    assert state(opened.session) == state(by_hand)
    assert numbers(opened.session) == numbers(by_hand)


@st.composite
def sessions(draw):
    session = Session(draw(networks(layers=2, units=3, examples=3)))
    known = Identifiers(session.network)
    settable = [
        word
        for word in known.sample()
        if (source := known.resolve(word)) and source.what in ("parameter", "input", "target")
    ]
    most = 3 * session.program.statements
    for _ in range(draw(st.integers(0, 4))):
        session.jump(draw(st.integers(0, most)))
        name = draw(st.sampled_from([*settable, "learning_rate"]))
        value = draw(st.floats(allow_nan=False, allow_infinity=False))
        session.set(name, abs(value) if name == "learning_rate" else value)
    session.jump(draw(st.integers(0, most)))
    computed = [word for word in known.sample() if word.startswith(("z_", "dL_d"))]
    conditions = ["loss < 0.01", "not_finite", "phase loss", "unit o" if known.unit("o") else "unit o1"]
    for text_ in draw(st.lists(st.sampled_from([*computed, *conditions]), max_size=4)):
        session.stopping.add(text_)
    for index in range(len(session.breakpoints)):
        for _ in range(draw(st.integers(0, 3))):
            session.stopping.count_hit(session.breakpoints[index])
        if draw(st.booleans()):
            session.stopping.switch(index)
    for text_ in draw(st.lists(st.sampled_from([*computed, "grad_norm / 2", "max(L, epoch)"]), max_size=4)):
        session.watching.add(text_)
    return session


def looked(table):
    """A look that holds what a table says, right or wrong."""
    known = {name: value for name, value in table.items() if name in Look.__struct_fields__}
    return Look(**known, others={name: value for name, value in table.items() if name not in known})


LOOKS = st.fixed_dictionaries(
    {},
    optional={
        "digits": st.sampled_from([4, 6, 9, "all"]),
        "log_scale": st.booleans(),
        "lower": st.text(st.characters(exclude_categories=["C", "Z"]), max_size=8),
        "zoom_2": st.integers(-(2**63) + 1, 2**63 - 1),
    },
)


@given(sessions(), LOOKS)
def test_any_session_comes_back(tmp_path, session, look):
    path = tmp_path / "lesson.toml"
    save_session(session, path, looked(look))
    opened = load_session(path)
    assert opened.session.time == 0
    assert opened.look.table() == look
    opened.session.jump(opened.wanted)
    assert state(opened.session) == state(session)
    assert numbers(opened.session) == numbers(session)
    assert to_table(opened.session, opened.look) == to_table(session, looked(look))


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5))
def test_numbers_come_back_to_the_last_bit(tmp_path, values):
    session = Session(lesson())
    for value in [*values, -0.0, 5e-324, 1.7976931348623157e308]:
        session.set("b_o", value)
    save_session(session, tmp_path / "lesson.toml")
    found = load_session(tmp_path / "lesson.toml").session.edits
    assert [edit.value.hex() for edit in found] == [edit.value.hex() for edit in session.edits]


def test_names_of_the_file_s_own_come_back(tmp_path):
    layer = {
        "units": ["rate", "größe"],
        "activation": "tanh",
        "weight_names": [["p", "q"], ["r", "s"]],
        "bias_names": ["t", "u"],
    }
    network = build(
        {
            "network": {"inputs": ["ξ", "weight"], "layers": [layer]},
            "data": {"inputs": [[0.0, 1.0]], "targets": [[1.0, 0.0]]},
        }
    )
    session = Session(network)
    for sets in (
        Settable(Target.LEARNING_RATE),
        Settable(Target.INPUT, unit=0),
        Settable(Target.INPUT, unit=1),
        Settable(Target.TARGET, unit=1),
        Settable(Target.PARAMETER, Parameter(1, 1, 0)),
        Settable(Target.PARAMETER, Parameter(1, 0, None)),
    ):
        session.edit(sets, 0.75)
    session.stopping.add("dL_dr")
    save_session(session, tmp_path / "lesson.toml")
    assert load_session(tmp_path / "lesson.toml").session.edits == session.edits


def test_what_was_undone_is_not_kept(tmp_path):
    session = Session(lesson())
    session.set("b_o", 1.0)
    session.set("b_o", 2.0)
    session.editing.undo()
    save_session(session, tmp_path / "lesson.toml")
    found = load_session(tmp_path / "lesson.toml").session
    assert [edit.value for edit in found.edits] == [1.0]
    assert found.editing.redo() is None


def test_a_network_file_opens_as_a_fresh_session(tmp_path):
    (tmp_path / "net.toml").write_text(LESSON.partition("[session]")[0])
    opened = load_session(tmp_path / "net.toml")
    assert state(opened.session) == state(Session(lesson()))
    assert (opened.wanted, opened.look) == (0, PLAIN)


def test_what_is_left_out_is_as_at_the_start():
    opened = restore(lesson(), {"version": 1})
    assert state(opened.session) == state(Session(lesson()))
    assert (opened.wanted, opened.look) == (0, PLAIN)


def test_without_a_latest_position_it_is_the_position():
    assert restore(lesson(), {"version": 1, "position": "2:3"}).session.latest == 2 * STEPS + 3


def test_an_input_edited_without_an_example_is_that_of_the_moment():
    # Each example has half of the steps; after the first step of epoch 1, example 0 is at work.
    halves = {f"1:{STEPS // 2}": 0, f"1:{STEPS // 2 + 1}": 1, "1:1": 0, f"1:{STEPS}": 1, "0:0": 0}
    for place, example in halves.items():
        table = {"version": 1, "edits": [{"at": place, "set": "x1", "to": 1}]}
        assert restore(lesson(), table).session.edits[0].example == example


@pytest.mark.parametrize("look", [{"place": 1.5}, {"place": None}, {"Place": 1}, {"digits": 5}])
def test_a_look_that_could_not_be_opened_is_not_saved(tmp_path, look):
    with pytest.raises(NetworkError):
        save_session(Session(lesson()), tmp_path / "lesson.toml", looked(look))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("many", [1000, 1001])
@pytest.mark.parametrize("what", ["edits", "breakpoints", "watches"])
def test_both_ways_there_are_at_most_a_thousand(tmp_path, what, many):
    session = Session(lesson())
    if what == "edits":
        session.editing.replace(
            tuple(Edit(n, Settable(Target.PARAMETER, Parameter(1, 0, 0)), float(n)) for n in range(many))
        )
        items = [{"at": f"0:{n % STEPS}", "set": "b_o", "to": n} for n in range(many)]
    elif what == "breakpoints":
        session.stopping.replace(Breakpoint(f"loss < {n}") for n in range(many))
        items = [{"on": f"loss < {n}"} for n in range(many)]
    else:
        session.watching.watches = [f"loss + {n}" for n in range(many)]
        items = [f"loss + {n}" for n in range(many)]
    for attempt in (lambda: to_table(session), lambda: restore(lesson(), {"version": 1, what: items})):
        if many > 1000:
            with pytest.raises(NetworkError, match=rf"session\.{what}: expected at most 1,000 {what}"):
                attempt()
        else:
            attempt()


# Nothing is run


@pytest.fixture
def no_training(monkeypatch):
    def refuse(*arguments):
        raise AssertionError("something was run")

    monkeypatch.setattr(Trainer, "iterate", refuse)


def test_opening_runs_nothing_however_far_the_session_had_come(no_training, tmp_path):
    last = f"{MOST_EPOCHS - 1}:{STEPS}"
    table = {**TABLE, "position": last, "latest": last}
    table["edits"] = [{**edit, "at": last} for edit in TABLE["edits"]] + TABLE["edits"]
    path = tmp_path / "lesson.toml"
    path.write_text(text(lesson(), session=table))
    opened = load_session(path)
    assert opened.wanted == opened.session.latest == MOST_EPOCHS * STEPS
    assert len(opened.session.edits) == 10


# Refusals


def changed(*path, to):
    table = copy.deepcopy(TABLE)
    holder = table
    for key in path[:-1]:
        holder = holder[key]
    if to is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = to
    return table


WRONG = [
    (("version",), None, "session.version", "1, the one version", "nothing"),
    (("version",), 2, "session.version", "1, the one version", "found 2 (a newer backprop-tui wrote it)"),
    (("version",), True, "session.version", "1, the one version", "true"),
    (("version",), 1.0, "session.version", "1, the one version", "1.0"),
    (("version",), "1", "session.version", "1, the one version", '"1"'),
    (("positon",), "1:2", "session", "a known field", "did you mean position?"),
    (("position",), "12", "session.position", 'a position such as "12:5"', '"12"'),
    (("position",), "+3", "session.position", "a position", '"+3"'),
    (("position",), "-1:2", "session.position", "a position", '"-1:2"'),
    (("position",), "١:٢", "session.position", "a position", '"١:٢"'),
    (("position",), "1:2\n", "session.position", "a position", '"1:2?"'),
    (("position",), 12.5, "session.position", "a position", "12.5"),
    (("position",), f"0:{STEPS + 1}", "session.position", f"at most {STEPS} steps", f'"0:{STEPS + 1}"'),
    (("position",), "1000000000:1", "session.position", "at most 1,000,000,000 epochs", "found"),
    (("position",), "9" * 20 + ":1", "session.position", "at most 1,000,000,000 epochs", "found"),
    (("position",), "9" * 9999 + ":1", "session.position", "a position", "999"),
    (("latest",), "12:4", "session.latest", "no earlier than the position, 12:5", '"12:4"'),
    (("edits",), {}, "session.edits", "a list", "a table"),
    (("edits", 0), "w1", "session.edits[0]", "a table", '"w1"'),
    (("edits", 1, "too"), 1, "session.edits[1]", "a known field", "did you mean to?"),
    (("edits", 1, "set"), None, "session.edits[1].set", "a value", "nothing"),
    (("edits", 0, "at"), "3:500", "session.edits[0].at", f"at most {STEPS} steps", '"3:500"'),
    (("edits", 0, "at"), "1000000000:5", "session.edits[0].at", "1,000,000,000 epochs", "found"),
    (("edits", 0, "set"), "w_h1_x3", "session.edits[0].set", "a weight, a bias", "did you mean w_h1_x2?"),
    (("edits", 0, "set"), "learning_rat", "session.edits[0].set", "a bias", "did you mean learning_rate?"),
    (("edits", 0, "set"), "z_b_o1", "session.edits[0].set", "a bias", "did you mean b_o?"),
    (("edits", 0, "set"), "z_o", "session.edits[0].set", "a bias", "z_o is computed"),
    (("edits", 0, "set"), "loss", "session.edits[0].set", "a bias", '"loss"'),
    (("edits", 0, "set"), "__import__('os')", "session.edits[0].set", "a bias", "__import__"),
    (("edits", 0, "set"), 3, "session.edits[0].set", "a bias", "found 3"),
    (("edits", 0, "to"), float("nan"), "session.edits[0].to", "a finite number", "nan"),
    (("edits", 0, "to"), float("-inf"), "session.edits[0].to", "a finite number", "-inf"),
    (("edits", 0, "to"), 10**400, "session.edits[0].to", "a 64-bit float", "too large to print"),
    (("edits", 0, "to"), True, "session.edits[0].to", "a number", "true"),
    (("edits", 0, "to"), "0.5", "session.edits[0].to", "a number", '"0.5"'),
    (("edits", 4, "to"), -0.5, "session.edits[4].to", "at least 0", "-0.5"),
    (("edits", 2, "example"), 2, "session.edits[2].example", "0 to 1", "found 2"),
    (("edits", 2, "example"), -1, "session.edits[2].example", "0 to 1", "found -1"),
    (("edits", 2, "example"), False, "session.edits[2].example", "a whole number", "false"),
    (("edits", 0, "example"), 0, "session.edits[0].example", "an input or a target", "found one"),
    (("breakpoints",), "loss", "session.breakpoints", "a list", '"loss"'),
    (("breakpoints", 0, "on"), None, "session.breakpoints[0].on", "a value", "nothing"),
    (("breakpoints", 0, "on"), "losss < 1", "session.breakpoints[0].on", "a breakpoint", "mean loss?"),
    (("breakpoints", 0, "on"), "loss <", "session.breakpoints[0].on", "a breakpoint", "column 7"),
    (("breakpoints", 0, "on"), "exec(1)", "session.breakpoints[0].on", "a breakpoint", "no function"),
    (("breakpoints", 0, "on"), "(" * 999, "session.breakpoints[0].on", "a breakpoint", "50 deep"),
    (("breakpoints", 0, "on"), "1" * 10**6, "session.breakpoints[0].on", "a breakpoint", "1000 characters"),
    (("breakpoints", 0, "on"), 1, "session.breakpoints[0].on", "a breakpoint, as text", "found 1"),
    (("breakpoints", 0, "enabled"), 1, "session.breakpoints[0].enabled", "true or false", "found 1"),
    (("breakpoints", 0, "hits"), -1, "session.breakpoints[0].hits", "0 to", "found -1"),
    (("breakpoints", 0, "hits"), 2**63, "session.breakpoints[0].hits", "0 to", "found"),
    (("breakpoints", 0, "hits"), 1.5, "session.breakpoints[0].hits", "a whole number", "1.5"),
    (("breakpoints", 1, "on"), " loss < 0.01", "session.breakpoints[1]", "only once", "breakpoints[0]"),
    (("watches",), "loss", "session.watches", "a list", '"loss"'),
    (("watches", 0), "dL_dw_h1_x9", "session.watches[0]", "an expression", "did you mean dL_dw_h1_x"),
    (("watches", 0), "().__class__", "session.watches[0]", "an expression", "column"),
    (("watches", 0), ["loss"], "session.watches[0]", "an expression, as text", "a list of 1"),
    (("watches", 1), "dL_dw_h1_x1", "session.watches[1]", "only once", "session.watches[0]"),
    (("look",), 4, "session.look", "a table", "found 4"),
    (("look", "digits"), 5, "session.look.digits", 'one of 4, 6, 9, "all"', "found 5"),
    (("look", "digits"), 4.0, "session.look.digits", "one of", "4.0"),
    (("look", "digits"), True, "session.look.digits", "one of", "true"),
    (("look", "digits"), [4], "session.look.digits", "one of", "a list of 1"),
    (("look", "log_scale"), "yes", "session.look.log_scale", "true or false", '"yes"'),
    (("look", "changes"), 1, "session.look.changes", "true or false", "found 1"),
    (("look", "pane"), 4, "session.look.pane", "text of at most", "found 4"),
    (("look", "theme"), "a\x1b[2J", "session.look.theme", "text of at most", "?"),
    (("look", "lower"), 0.5, "session.look.lower", "text of at most", "0.5"),
    (("look", "lower"), "a\x1b[2J", "session.look.lower", "text of at most", "?"),
    (("look", "lower"), "a" * 1001, "session.look.lower", "text of at most", "aaa"),
    (("look", "speed"), 2**64, "session.look.speed", "a whole number", "found"),
    (("look", "a b"), 1, "session.look", "small letters", '"a b"'),
]


@pytest.mark.parametrize(("path", "to", "place", "expected", "found"), WRONG)
def test_a_wrong_table_is_refused_with_its_place(path, to, place, expected, found):
    with pytest.raises(NetworkError) as caught:
        restore(lesson(), changed(*path, to=to), "lesson.toml")
    error = caught.value
    assert (error.source, error.place) == ("lesson.toml", place)
    assert expected in str(error)
    assert found in str(error)
    assert len(str(error)) < 500
    assert str(error).isprintable()


@pytest.mark.parametrize("table", [3, "x", [], None, [{}]])
def test_what_is_no_table_is_refused(table):
    with pytest.raises(NetworkError, match=r"^x: session: expected a table"):
        restore(lesson(), table, "x")


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=12),
        st.dates(),
        st.sampled_from(
            ["0:0", "12:5", "w_h1_x1", "loss", "z_o > 1", "y", "all", "unit h1", "phase x", "1:"]
        ),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def outcome(function, *arguments):
    """What it gives, or how it refuses; anything else that is raised fails the test."""
    try:
        return function(*arguments)
    except NetworkError as error:
        return error


def places(value):
    """Every place in a nested value, as the holder and the key."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from places(item)


@given(st.data())
def test_any_changed_table_is_opened_or_refused(data):
    table = copy.deepcopy(TABLE)
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(list(places(table))))
        change = data.draw(st.sampled_from(["replace", "delete", "add"]))
        if change == "replace":
            holder[key] = data.draw(VALUES)
        elif change == "delete":
            del holder[key]
        elif isinstance(holder, dict):
            holder[data.draw(st.text(max_size=8))] = data.draw(VALUES)
        if not table:
            return
    error = outcome(restore, lesson(), table, "lesson.toml")
    if isinstance(error, NetworkError):
        assert error.source == "lesson.toml"
        assert error.place.startswith("session")


@given(st.dictionaries(st.sampled_from([*TABLE, "x"]), VALUES, min_size=1))
def test_any_table_is_opened_or_refused(table):
    table["version"] = 1
    error = outcome(restore, lesson(), table)
    assert not isinstance(error, NetworkError) or error.place.startswith("session")


def test_a_file_cut_anywhere_is_refused_or_opens_as_far_as_it_is_whole(tmp_path):
    path = tmp_path / "lesson.toml"
    session, wanted, look = restore(lesson(), copy.deepcopy(TABLE))
    session.jump(wanted)
    save_session(session, path, look)
    whole = path.read_bytes()
    opened = 0
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        found = outcome(load_session, path)
        if isinstance(found, NetworkError):
            assert found.source == str(path)
            continue
        opened += 1
        assert found.session.network == session.network
        said = tomllib.loads(whole[:length].decode()).get("session", {})
        assert found.wanted == (wanted if "position" in said else 0)
        assert found.session.edits == (session.edits if "edits" in said else ())
        assert found.session.breakpoints == (session.breakpoints if "breakpoints" in said else [])
        assert found.session.watches == (session.watches if "watches" in said else [])
        assert found.look.table() == said.get("look", {})
    assert opened > 10


# What NETWORK means


def test_what_is_no_file_means_a_fresh_session():
    for argument in (None, "worked-example", "2-4-1"):
        opened = find_session(argument, Options(learning_rate=0.125))
        assert opened.session.network == library.find(argument, Options(learning_rate=0.125))
        assert (opened.wanted, opened.session.edits, opened.look) == (0, (), PLAIN)


def test_a_file_s_session_is_checked_against_the_network_that_options_make_of_it(tmp_path):
    path = tmp_path / "lesson.toml"
    path.write_text(text(lesson(), session=TABLE))
    opened = find_session(str(path), Options(learning_rate=0.125))
    assert opened.session.network.training.learning_rate == 0.125
    assert opened.wanted == 12 * STEPS + 5
    with pytest.raises(NetworkError) as caught:
        find_session(str(path), Options(data="circles", examples=1))
    assert str(caught.value).startswith(f"{path}: session.latest: expected at most {STEPS // 2} steps")
    with pytest.raises(NetworkError, match=r"^--batch-size: expected at least 1"):
        find_session(str(path), Options(batch_size=0))


@pytest.mark.parametrize("argument", ["nowhere.toml", "worked-exampel", "a\x00b.toml", "x" * 5000, "."])
def test_what_means_nothing_is_refused_as_for_every_command(argument):
    with pytest.raises(NetworkError) as caught:
        find_session(argument)
    with pytest.raises(NetworkError) as other:
        library.find(argument)
    assert str(caught.value) == str(other.value)


def test_the_version_is_the_one_that_is_written():
    assert to_table(Session(lesson()))["version"] == table.VERSION == 1
