"""Saved sessions: what is opened is what was saved, without running anything."""

from __future__ import annotations

import copy

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
from backprop_tui.network.files.written_network import text
from backprop_tui.program.identifiers import Identifiers
from backprop_tui.program.positions import MOST_EPOCHS
from backprop_tui.session.files import table
from backprop_tui.session.files.saved_sessions import find_session, load_session, save_session
from backprop_tui.session.files.table import restore, to_table
from backprop_tui.session.look import PLAIN, Look
from backprop_tui.session.session import Session
from backprop_tui.stops.breakpoints import Breakpoint
from tests.session.files.lesson_table import LESSON, STEPS, TABLE, lesson


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
