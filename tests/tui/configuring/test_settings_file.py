"""Settings are read from a file; each mistake is refused with file, place, what was found and expected."""

import os
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.keys import Keys, _character_to_key
from textual.theme import BUILTIN_THEMES

from backprop_tui.network.errors import NetworkError
from backprop_tui.tui.commands.keymap import SHIPPED, keymap, textual_name
from backprop_tui.tui.commands.table import COMMANDS
from backprop_tui.tui.configuring.key_names import NAMED, key_name
from backprop_tui.tui.configuring.reading import checked
from backprop_tui.tui.configuring.source import NO_FILE, VARIABLE, Source, usual
from backprop_tui.tui.configuring.table import BY_NAME
from backprop_tui.tui.settings import AS_SHIPPED, Settings

WHOLE = """
theme = "nord"
digits = "all"
picture = "slice"
speed = 8

[keys]
step = ["j", "space"]
zoom = "Z"
log = []
"""


@pytest.fixture
def written(tmp_path):
    def write(text: str) -> Source:
        path = tmp_path / "config.toml"
        path.write_text(text, "utf-8")
        return Source(path)

    return write


def test_every_setting_is_read(written):
    assert written(WHOLE).settings() == Settings(
        theme="nord",
        digits="all",
        picture="slice",
        speed=8.0,
        keys={"step": ("j", "space"), "zoom": ("Z",), "log": ()},
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "[keys]\n"])
def test_what_is_not_said_is_as_shipped(written, text):
    assert written(text).settings() == AS_SHIPPED


MISTAKES = {
    "unknown setting": ('thme = "nord"', "", '"thme"', "did you mean theme?"),
    "unknown table": ("[key]\nstep = 'j'", "", '"key"', "did you mean keys?"),
    "unknown theme": ('theme = "nordd"', "theme", '"nordd"', "did you mean nord?"),
    "theme of another type": ("theme = 3", "theme", "3", ""),
    "unknown picture": ('picture = "slices"', "picture", '"slices"', "did you mean slice?"),
    "digits of another number": ("digits = 5", "digits", "5", ""),
    "digits as text": ('digits = "4"', "digits", '"4"', ""),
    "digits as a truth": ("digits = true", "digits", "true", ""),
    "speed too high": ("speed = 1000", "speed", "1000", ""),
    "speed that is no number": ("speed = nan", "speed", "nan", ""),
    "speed beyond all floats": (f"speed = {10**400}", "speed", "an integer too large to print", ""),
    "speed as text": ('speed = "fast"', "speed", '"fast"', ""),
    "speed as a truth": ("speed = true", "speed", "true", ""),
    "keys that are no table": ("keys = 'j'", "keys", '"j"', ""),
    "unknown command": ("[keys]\nstpe = 'j'", "keys", '"stpe"', "did you mean step?"),
    "key of another type": ("[keys]\nstep = 5", "keys.step", "5", ""),
    "key in a list of another type": ("[keys]\nstep = ['j', 5]", "keys.step[1]", "5", ""),
    "unknown key": ("[keys]\nstep = 'entre'", "keys.step", '"entre"', "did you mean enter?"),
    "empty key": ("[keys]\nstep = ''", "keys.step", '""', "a character, or as in enter"),
    "letter with shift": ("[keys]\nstep = 'shift+j'", "keys.step", '"shift+j"', "write J"),
    "a key that is another": (
        "[keys]\nstep = 'ctrl+i'",
        "keys.step",
        '"ctrl+i"',
        "a terminal sends tab for it",
    ),
    "the terminal's key": ("[keys]\nstep = 'ctrl+c'", "keys.step", '"ctrl+c"', "it is the terminal's"),
    "twice in one list": ("[keys]\nstep = ['j', 'j']", "keys.step[1]", '"j"', ""),
    "another command's": (
        "[keys]\nstep = 'f'",
        "keys.step",
        "f",
        "f is forward's; give forward another key first",
    ),
    "both set to one": (
        "[keys]\nstep = 'j'\nforward = 'j'",
        "keys.step",
        "j",
        "j is forward's; in this file, too",
    ),
    "no way out": ("[keys]\nquit = []", "keys.quit", "none", ""),
    "too many keys": ("[keys]\nstep = ['1','2','3','4','5','6','7','8','9']", "keys.step", "9", ""),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_refused_by_file_and_place(written, name):
    text, place, found, hint = MISTAKES[name]
    source = written(text)
    with pytest.raises(NetworkError) as refused:
        source.settings()
    error = refused.value
    assert (error.source, error.place, error.found) == (str(source.path), place, found)
    assert error.hint.startswith(hint)
    assert error.expected
    assert "\n" not in str(error)


def test_text_that_is_no_toml_is_refused_with_its_line(written):
    source = written("theme = 'nord'\ndigits 4\n")
    with pytest.raises(NetworkError, match=r"expected TOML .*line 2") as refused:
        source.settings()
    assert refused.value.source == str(source.path)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes(b"theme = '\xff'")
    with pytest.raises(NetworkError, match="TOML in UTF-8, found the byte 0xff"):
        Source(path).settings()


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(NetworkError, match="expected a file of settings, found a folder"):
        Source(tmp_path).settings()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_cannot_be_read_is_refused(written):
    source = written(WHOLE)
    source.path.chmod(0)
    with pytest.raises(NetworkError, match="permission denied"):
        source.settings()


@pytest.mark.skipif(
    not Path("/proc/self/mem").exists(), reason="needs a file that nobody can read from its start"
)
def test_a_file_that_fails_while_it_is_read_is_refused():
    with pytest.raises(NetworkError, match="expected a file that can be read, found input/output error"):
        Source(Path("/proc/self/mem")).settings()


def test_the_usual_file_need_not_be_there(tmp_path):
    assert Source(tmp_path / "none" / "config.toml").settings() == AS_SHIPPED
    (tmp_path / "file").write_text("")
    assert Source(tmp_path / "file" / "config.toml").settings() == AS_SHIPPED
    assert NO_FILE.settings() == AS_SHIPPED


def test_a_file_that_was_named_has_to_be_there(tmp_path):
    with pytest.raises(NetworkError, match="expected a file of settings, found no such file"):
        Source(tmp_path / "config.toml", VARIABLE).settings()


def test_the_environment_names_another_file(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "mine.toml"))
    assert usual() == Source(tmp_path / "mine.toml", VARIABLE)
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert usual().named_by == ""
    assert usual().path.name == "config.toml"


def test_keys_can_be_swapped(written):
    keys = written("[keys]\nstep = 'f'\nforward = ['s', 'ctrl+K', ' ']").settings().keys
    assert keys == {"step": ("f",), "forward": ("s", "ctrl+k", "space")}
    swapped = keymap(keys)
    assert swapped.by_key["f"].name == "step"
    assert swapped.by_key["space"].name == "forward"
    assert swapped.spelt == {"s": "f", "space": "f", "f": "s"}


def test_a_command_without_a_key_is_named_by_how_it_is_typed():
    assert keymap({"zoom": ()}).spelt == {"z": ":zoom"}


def test_every_key_of_the_table_has_a_name_and_can_be_written():
    for command in COMMANDS:
        for key in command.keys:
            assert key_name("", key) == key
    assert len(SHIPPED.by_key) == sum(len(command.keys) for command in COMMANDS)
    assert SHIPPED.spelt == {}


def test_keys_have_the_names_that_textual_gives_them():
    known = {key.value for key in Keys} | {"space", *(f"f{number}" for number in range(1, 13))}
    assert set(NAMED) <= known | {"shift+tab"}
    for character in string.printable:
        if character.isprintable() and character != " ":
            assert textual_name(key_name("", character)) == _character_to_key(character)


def test_every_theme_of_textual_can_be_chosen(written):
    for name in BUILTIN_THEMES:
        assert written(f'theme = "{name}"').settings().theme == name


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([*NAMED, "f", "s"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
TABLES = st.dictionaries(st.sampled_from([*BY_NAME, "thme", ""]), VALUES, max_size=4)
KEY_TABLES = st.dictionaries(st.sampled_from([command.name for command in COMMANDS]), VALUES, max_size=6)


@given(TABLES, KEY_TABLES)
def test_whatever_stands_there_is_read_or_refused(table, keys):
    for one in (table, {"keys": keys}):
        try:
            found = checked(one)
        except NetworkError:
            continue
        in_force = keymap(found.keys)
        assert sorted(in_force.by_key) == sorted(key for theirs in in_force.keys.values() for key in theirs)


def test_a_path_is_never_taken_for_text(tmp_path):
    """A file with an odd name is named whole, on one line."""
    path = Path(tmp_path, "a: b.toml")
    path.write_text("digits = 5")
    with pytest.raises(NetworkError) as refused:
        Source(path).settings()
    assert str(refused.value) == f'{path}: digits: expected one of 4, 6, 9, "all", found 5'
