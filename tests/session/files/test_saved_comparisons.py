"""Runs side by side are saved with the session, and kept for after a kill."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import networks

from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.library import find
from backprop_tui.network.files.toml import dump
from backprop_tui.network.files.written_network import text
from backprop_tui.session.files.recovery import Keeper
from backprop_tui.session.files.recovery import find as interrupted
from backprop_tui.session.files.saved_sessions import load_session, save_session
from backprop_tui.session.files.table import restore, to_table
from backprop_tui.session.session import Session


def state(session: Session) -> Any:
    """All that belongs to a comparison."""
    comparing = session.comparing
    runs = [(one.name, one.words, one.network, one.editing.made) for one in comparing.variants]
    labels, debugged = dict(comparing.labels), comparing.debugged.name
    return runs, labels, debugged, session.breakpoints, session.watches, session.position


def losses(session: Session) -> Any:
    return {name: list(run.timeline.losses) for name, run in session.comparing.runs.items()}


@given(networks(layers=2, units=2, examples=3), st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_opened_is_what_was_saved(network: Any, data: st.DataObject) -> None:
    session = Session(network)
    length = 2 * session.program.statements
    session.jump(data.draw(st.integers(0, length)))
    if data.draw(st.booleans()):
        session.set("learning_rate", 0.125)
    target = session.names.target(0)
    choices = ["learning_rate=5", "optimizer=adam beta1=0.5", "seed=3", f"{target}=0.5", "without edits"]
    for words in data.draw(st.lists(st.sampled_from(choices), min_size=1, max_size=3, unique=True)):
        session.comparing.add(words)
        session.jump(data.draw(st.integers(0, length)))
    if data.draw(st.booleans()):
        session.comparing.swap()
        if data.draw(st.booleans()):
            session.set(target, 0.25)
    session.stopping.add("loss < b.loss")
    session.watching.add("b.loss - loss")
    home = session.comparing.home.network
    table = tomllib.loads(text(home, session=to_table(session)))["session"]
    opened, wanted, _ = restore(home, table)
    opened.jump(wanted)
    session.jump(session.time)
    assert state(opened) == state(session)
    assert to_table(opened) == to_table(session)
    assert str(losses(opened)) == str(losses(session))


def test_words_alone_are_a_word_in_the_file(tmp_path: Any) -> None:
    session = Session(find())
    session.comparing.add("learning_rate=0.05,5")
    save_session(session, tmp_path / "lesson.toml")
    table = tomllib.loads((tmp_path / "lesson.toml").read_text())["session"]
    assert table["compare"] == ["learning_rate=0.05", "learning_rate=5"]
    assert "debugged" not in table
    assert "compare" not in to_table(Session(find()))


def test_another_network_is_saved_whole(tmp_path: Any) -> None:
    dump(find("2-2-1"), tmp_path / "other.toml")
    session = Session(find("xor"))
    session.comparing.add(str(tmp_path / "other.toml"))
    session.comparing.swap()
    save_session(session, tmp_path / "lesson.toml")
    (tmp_path / "other.toml").unlink()
    opened = load_session(tmp_path / "lesson.toml").session
    assert state(opened) == state(session)
    assert opened.network.title == session.network.title


def test_a_large_network_is_read_from_its_file_again(tmp_path: Any) -> None:
    dump(find("60-40-1"), tmp_path / "other.toml")
    session = Session(find("60-40-1"))
    session.comparing.add(str(tmp_path / "other.toml"))
    save_session(session, tmp_path / "lesson.toml")
    table = tomllib.loads((tmp_path / "lesson.toml").read_text())["session"]
    assert table["compare"] == [{"change": str(tmp_path / "other.toml"), "edits": []}]
    assert state(load_session(tmp_path / "lesson.toml").session) == state(session)


@pytest.mark.parametrize(
    ("compare", "place"),
    [
        ("b", "session.compare: expected a list"),
        ([3], "session.compare[0]: expected a table, found 3"),
        (["seed"], 'session.compare[0]: expected what differs, found "seed"'),
        (["seed=1", "seed=1"], "session.compare[1]: expected each only once"),
        (["seed=1,2"], "session.compare[0]: expected what differs"),
        (["seed=1", "seed=2", "seed=3", "seed=4"], "session.compare: expected at most 3, found more"),
        ([{"at": "0:1"}], "session.compare[0].change: expected a value, found nothing"),
        ([{"change": "x", "network": {}}], "session.compare[0]: expected what differs"),
        ([{"change": "w1=1", "at": "0:99"}], "session.compare[0].at: expected at most 19 steps an epoch"),
        ([{"change": "seed=1", "edits": [{}]}], "session.compare[0].edits[0].at: expected a value"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(compare: Any, place: str) -> None:
    with pytest.raises(NetworkError) as error:
        restore(find(), {"version": 1, "compare": compare})
    assert str(error.value).startswith(place)


def test_the_debugged_run_is_one_of_them() -> None:
    with pytest.raises(NetworkError) as error:
        restore(find(), {"version": 1, "compare": ["seed=1"], "debugged": "c"})
    assert str(error.value) == 'session.debugged: expected one of a, b, found "c"'


def test_it_is_kept_for_after_a_kill(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(find())
    keeper = Keeper(tmp_path)
    keeper.keep(session)
    session.comparing.add("learning_rate=5")
    session.jump(40)
    keeper.keep(session)
    session.comparing.swap()
    session.set("w1", 2.0)
    keeper.keep(session)
    assert keeper.problem == ""
    monkeypatch.setattr("backprop_tui.session.files.recovery.is_running", lambda *_: False)
    (one,) = interrupted(tmp_path)
    opened = one.open()
    opened.session.jump(opened.wanted)
    assert state(opened.session) == state(session)
