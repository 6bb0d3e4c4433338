"""One table of commands: whole, without a double, and the source of bindings, help, palette and README."""

import re
from collections import Counter
from pathlib import Path

import pytest

from backprop_tui.network.files.library import find
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.commands.table import BY_NAME, COMMANDS, FOOTER
from backprop_tui.tui.pictures.help import help_rows
from backprop_tui.tui.pictures.rows import plain
from backprop_tui.tui.screens.debugger import DebuggerScreen
from backprop_tui.tui.screens.help import help_groups

README = Path(__file__).parents[3] / "README.md"

DESIGNED = """\
step s space, step-back S, walk-back backspace, continue c, continue-back C, search /, break x,
watch w, set =, undo ctrl+z, redo ctrl+y, command :, save ctrl+s, unit n, unit-back N, layer l,
layer-back L, forward f, forward-back F, backward b, backward-back B, update u, update-back U, epoch
e, epoch-back E, start home, end end, goto g, run r, faster +, slower -, left left, right right, up
up, down down, select enter, digits d, next-pane tab, network-pane 1, program-pane 2, chain-pane 3,
values-pane 4, loss-pane 5, palette ctrl+p, help ?, open o,
quit q"""
"""Commands of the debugger with the keys that people know them by."""


@pytest.mark.parametrize("designed", DESIGNED.replace("\n", " ").split(", "))
def test_the_keys_people_know(designed):
    name, *keys = designed.split()
    assert BY_NAME[name].keys == tuple(keys)


def test_names_titles_and_keys_are_unique():
    for things in (
        [command.name for command in COMMANDS],
        [command.title for command in COMMANDS],
        [key for command in COMMANDS for key in command.keys],
    ):
        assert [thing for thing, count in Counter(things).items() if count > 1] == []


def test_every_command_says_what_it_does():
    for command in COMMANDS:
        assert command.keys
        assert command.title
        assert command.help.endswith("."), command.name
        assert command.group


def test_groups_stand_together():
    groups = [command.group for command in COMMANDS]
    assert [group for index, group in enumerate(groups) if group not in groups[:index]] == [
        group for index, group in enumerate(groups) if index == 0 or groups[index - 1] != group
    ]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_key_is_bound_to_its_command(command):
    bound = {
        key: binding
        for key, bindings in DebuggerScreen(find())._bindings.key_to_bindings.items()
        for binding in bindings
    }
    names = {"+": "plus", "-": "minus", "?": "question_mark", "=": "equals_sign", "/": "slash"}
    names |= {":": "colon", ".": "full_stop", ",": "comma", "~": "tilde"}
    names |= {"[": "left_square_bracket", "]": "right_square_bracket"}
    for key in command.keys:
        binding = bound[names.get(key, key)]
        assert binding.action == f"command('{command.name}')"
        assert (binding.id, binding.tooltip) == (command.name, command.help)


def test_the_help_names_every_command_with_its_keys():
    lines = plain(help_rows(help_groups(None), 80))
    entries: list[tuple[list[str], str]] = []
    for line in lines:
        keys, words = line[:11].split(), line[11:].strip()
        if keys:
            entries.append((keys, words))
        elif words:
            entries[-1] = (entries[-1][0], f"{entries[-1][1]} {words}")
    for command in COMMANDS:
        (keys,) = [keys for keys, words in entries if words == command.help]
        assert keys == list(command.keys)
    assert {command.group for command in COMMANDS} <= {line.split(" ─")[0] for line in lines}


def test_the_palette_offers_every_command():
    app = BackpropApp(find())
    offered = [(entry.title, entry.help) for entry in app.get_system_commands(DebuggerScreen(find()))]
    for command in COMMANDS:
        titles = [title for title, text in offered if text == command.help]
        if command.name == "palette":
            assert titles == []
        else:
            (title,) = titles
            assert title.startswith(command.title)
            assert all(key in title for key in command.keys)


def test_the_footer_shows_commands_of_the_table():
    assert FOOTER
    for key, label, _ in FOOTER:
        (command,) = [command for command in COMMANDS if command.keys[0] == key]
        assert command.footer == label


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_readme_names_every_key(command):
    section = README.read_text("utf-8").split("\n## Keys\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    (row,) = [row for row in rows if f"`{command.keys[0]}`" in row.split("|")[1]]
    assert re.findall("`([^`]+)`", row.split("|")[1]) == list(command.keys)


def test_a_session_is_not_offered_to_be_saved_under_the_name_of_a_lesson():
    """`backprop-tui lesson lesson.toml` opens another kind of file."""
    assert BY_NAME["save"].argument == "session.toml"
