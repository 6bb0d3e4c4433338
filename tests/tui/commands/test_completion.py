"""What a line that is being typed could become."""

import pytest

from backprop_tui.network.files.library import find
from backprop_tui.session.session import Session
from backprop_tui.tui.commands.completion import completions


@pytest.fixture(scope="module")
def worked():
    return Session(find())


def test_nothing_typed_offers_nothing(worked):
    assert completions(worked, "", "") == []
    assert completions(worked, "break", "") == []


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("dig", ["digits"]),
        ("cont", ["continue", "continue-back"]),
        ("go", ["goto"]),
        ("zzz", []),
        ("Go", []),
    ],
)
def test_the_first_word_is_a_command(worked, typed, names):
    assert completions(worked, "", typed) == names


def test_the_shipped_networks_follow_open(worked):
    assert "open xor" in completions(worked, "", "open x")
    assert "xor" in completions(worked, "open", "x")


def test_names_of_the_network_follow_commands_that_take_them(worked):
    for verb in ("break", "break-if", "watch", "set", "search"):
        assert f"{verb} dL_dw1" in completions(worked, "", f"{verb} dL_dw")
        assert "dL_dw1" in completions(worked, verb, "dL_dw")


def test_commands_that_take_no_names_offer_none(worked):
    for typed in ("goto 1", "digits 6", "save w", "quit w", "nothing w"):
        assert completions(worked, "", typed) == []


@pytest.mark.parametrize("before", ["loss < 0.1 and ", "abs(", "w1*", "w1+", "w1-", "w1/", "w1>", "w1<=", ""])
def test_the_word_being_typed_is_completed_and_what_stands_before_is_kept(worked, before):
    assert f"{before}dL_dw2" in completions(worked, "break", f"{before}dL_dw")
    assert f"break {before}dL_dw2" in completions(worked, "", f"break {before}dL_dw")


def test_functions_are_offered_with_their_bracket(worked):
    assert completions(worked, "break", "changed_s") == ["changed_sign("]


def test_every_completion_goes_on_from_what_was_typed(worked):
    for verb, typed in (
        ("", "s"),
        ("", "watch a"),
        ("break", "w"),
        ("set", "b"),
        ("", "dig"),
    ):
        found = completions(worked, verb, typed)
        assert found
        assert all(line.startswith(typed) for line in found), typed


def test_names_are_those_of_the_network_at_hand(worked):
    other = Session(find("2-2-1"))
    assert completions(worked, "set", "w2") == ["w2"]
    assert "w2" not in completions(other, "set", "w") or "w2_11" in completions(other, "set", "w")


def test_networks_that_begin_otherwise_are_not_offered(worked):
    assert completions(worked, "open", "xo") == ["xor"]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("decay", ["compare decay_biases="]),
        ("decay_biases=", ["compare decay_biases=true", "compare decay_biases=false"]),
        ("decay_biases=f", ["compare decay_biases=false"]),
        ("nesterov=t", ["compare nesterov=true"]),
        ("momentum=0", []),
    ],
)
def test_of_an_option_that_is_on_or_off_both_are_offered(worked, typed, offered):
    assert completions(worked, "", f"compare {typed}") == offered
