"""Keys as a person writes them."""

from __future__ import annotations

import pytest

from backprop_tui.network.errors import NetworkError
from backprop_tui.tui.commands.keymap import SHIPPED, textual_name
from backprop_tui.tui.commands.table import COMMANDS
from backprop_tui.tui.shots.keys import pressed


def names(text: str) -> list[str]:
    return [press.key for press in pressed(text)]


def by_key(key: str):
    """The command of a key as a terminal sends it: Textual calls punctuation by its name."""
    from textual.keys import _character_to_key

    by_key = {textual_name(key): command for key, command in SHIPPED.by_key.items()}
    return by_key.get(_character_to_key(key) if len(key) == 1 and not key.isalnum() else key)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_key_of_the_readmes_table_is_understood(command):
    for key in command.keys:
        (found,) = names("comma" if key == "," else key)
        assert by_key(found) is command


def test_keys_are_separated_by_commas():
    assert names("f,b,S") == ["f", "b", "S"]
    assert names(" f , ctrl+z,  shift+tab ") == ["f", "ctrl+z", "shift+tab"]
    assert names("") == []


def test_digits_and_what_stands_in_quotes_is_typed():
    assert names("g,200,enter") == ["g", "2", "0", "0", "enter"]
    assert names(':,"run 1,0",enter') == [":", "r", "u", "n", "space", "1", ",", "0", "enter"]
    assert [press.typed for press in pressed('g,20,"a",enter')] == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("esc", "escape"),
        ("ESCAPE", "escape"),
        ("Ctrl+Z", "ctrl+z"),
        ("shift+s", "S"),
        ("pgdn", "pagedown"),
        ("del", "delete"),
        ("ctrl+shift+up", "ctrl+shift+up"),
        ("alt+x", "alt+x"),
        ("question_mark", "question_mark"),
        ("f1", "f1"),
    ],
)
def test_other_names(written, meant):
    assert names(written) == [meant]


@pytest.mark.parametrize(
    ("written", "place", "found", "hint"),
    [
        ("f,entre", "--press key 2", '"entre"', "did you mean enter?"),
        ("f,,b", "--press key 2", "nothing", "the comma is written comma"),
        ("f,b,", "--press key 3", "nothing", "the comma"),
        ("hello world", "--press key 1", '"hello world"', "text to type stands in quotes"),
        ("hyper+x", "--press key 1", '"hyper+x"', ""),
        ("ctrl+ctrl+x", "--press key 1", '"ctrl+ctrl+x"', ""),
        ("<any>", "--press key 1", '"<any>"', ""),
        ('g,"12', "--press", "", "quotation mark"),
        ("s," * 10_001, "--press", "more", "at most 10,000 keys"),
    ],
)
def test_what_is_no_key_is_refused_with_its_place(written, place, found, hint):
    with pytest.raises(NetworkError) as raised:
        pressed(written)
    assert raised.value.place == place
    assert found in str(raised.value)
    assert hint in str(raised.value)
