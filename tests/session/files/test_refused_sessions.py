"""A wrong table of a session is refused with its place, whatever is wrong; anything else opens."""

from __future__ import annotations

import copy
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.network.errors import NetworkError
from backprop_tui.session.files.saved_sessions import load_session, save_session
from backprop_tui.session.files.table import restore
from tests.session.files.lesson_table import STEPS, TABLE, lesson


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
