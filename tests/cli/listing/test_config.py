"""``config``, and the settings as commands take them."""

import json
import os
import subprocess
import sys
import tomllib

import pytest

from backprop_tui.cli import launch
from backprop_tui.tui.commands.table import COMMANDS
from backprop_tui.tui.configuring.source import VARIABLE
from backprop_tui.tui.settings import AS_SHIPPED
from tests.cli.commands import run


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "folder" / "config.toml"
    path.parent.mkdir()
    monkeypatch.setenv(VARIABLE, str(path))
    return path


@pytest.fixture
def opened(monkeypatch):
    """The settings with which the debugger would have been opened."""
    found = []
    monkeypatch.setattr(launch, "debug", lambda *_, settings=None, **__: found.append(settings))
    return found


def said(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def refused(*arguments):
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    return result.stderr


def test_it_prints_the_file_and_where_each_value_comes_from(file):
    file.write_text('theme = "nord"\n[keys]\nzoom = "Z"\nlog = []\n')
    lines = [line.split() for line in said("config").splitlines()]
    assert lines[0] == [str(file), "(named", "by", f"{VARIABLE})"]
    assert ["theme", "nord", "set"] in lines
    assert ["digits", "4", "as", "shipped"] in lines
    assert ["zoom", "Z", "set"] in lines
    assert ["log", "none", "set"] in lines
    assert ["step", "s", "space", "as", "shipped"] in lines
    assert {line[0] for line in lines if line} >= {command.name for command in COMMANDS}


def test_as_json_it_is_one_object(file):
    file.write_text('digits = 9\n[keys]\nstep = ["j", "space"]\n')
    (line,) = said("config", "--json").splitlines()
    found = json.loads(line)
    assert (found["path"], found["exists"], found["named_by"]) == (str(file), True, VARIABLE)
    assert found["digits"] == {"value": 9, "from": "file"}
    assert found["theme"] == {"value": "backprop-dark", "from": "shipped"}
    assert found["keys"]["step"] == {"value": ["j", "space"], "from": "file"}
    assert found["keys"]["quit"] == {"value": ["q"], "from": "shipped"}


def test_init_writes_a_file_that_changes_nothing(file):
    file.parent.rmdir()
    said("config", "--init")
    text = file.read_text("utf-8")
    assert tomllib.loads(text) == {"keys": {}}
    for command in COMMANDS:
        assert f"\n# {command.name} = " in text
    assert json.loads(said("config", "--json"))["theme"]["from"] == "shipped"
    assert "expected no file there yet, found one" in refused("config", "--init")
    assert file.read_text("utf-8") == text


def test_each_line_of_that_file_holds_once_its_sign_is_taken_away(file):
    said("config", "--init")
    lines = file.read_text("utf-8").splitlines()
    settings = [line for line in lines if line.startswith("# ") and " = " in line]
    assert len(settings) == 4 + len(COMMANDS)
    file.write_text("\n".join(line[2:] if line in settings else line for line in lines), "utf-8")
    found = json.loads(said("config", "--json"))
    assert found["speed"] == {"value": 2.0, "from": "file"}
    for command in COMMANDS:
        assert found["keys"][command.name] == {"value": list(command.keys), "from": "file"}


def test_values_are_set_and_taken_out_and_all_else_stays(file):
    file.write_text('# mine\ntheme = "nord"  # cold\n\n[keys]  # my keys\nzoom = "Z"\n')
    said("config", "digits=6", "keys.step=j", "theme=dracula", 'keys.log=["ctrl+l", "Y"]', "keys.forward=[]")
    text = file.read_text("utf-8")
    assert tomllib.loads(text) == {
        "theme": "dracula",
        "digits": 6,
        "keys": {"zoom": "Z", "step": "j", "log": ["ctrl+l", "Y"], "forward": []},
    }
    assert text.startswith("# mine\n")
    assert "[keys]  # my keys\n" in text
    said("config", "digits=", "theme=", "keys.step=", "keys.log=", "keys.forward=")
    assert file.read_text("utf-8") == '# mine\n\n[keys]  # my keys\nzoom = "Z"\n'


@pytest.mark.parametrize("there", ["", "[keys]\n", 'theme = "nord"\n', "[keys]\n\n[keys.x]\n"])
def test_a_value_is_set_wherever_there_is_no_line_for_it(file, there):
    if "[keys.x]" in there:
        file.write_text(there)
        assert "keys" in refused("config", "digits=6")
        assert file.read_text() == there
        return
    file.write_text(there)
    said("config", "keys.zoom=Z", "speed=16")
    assert tomllib.loads(file.read_text()) == {**tomllib.loads(there), "speed": 16, "keys": {"zoom": "Z"}}


def test_what_was_set_is_printed_and_where(file):
    printed = said("config", "digits=6", 'keys.step=["j", "space"]', "keys.log=[]")
    assert printed == (
        f"digits  6  set in {file}\nkeys.step  j  space  set in {file}\nkeys.log  none  set in {file}\n"
    )
    assert said("config", "digits=") == f"digits  4  as shipped: taken out of {file}\n"
    assert len(said("config").splitlines()) > len(COMMANDS)
    assert json.loads(said("config", "digits=9", "--json"))["digits"] == {"value": 9, "from": "file"}


@pytest.mark.parametrize(("first", "second"), [("step", "step-back"), ("step-back", "step")])
def test_of_two_commands_for_a_key_the_one_that_was_set_last_is_named(file, first, second):
    said("config", f"keys.{first}=j")
    message = refused("config", f"keys.{second}=j")
    assert (
        f"{file}: keys.{second}: expected a key that no other command has, found j (j is {first}'s" in message
    )
    assert f"keys.{second}=j keys.{first}=…" in message
    said("config", f"keys.{second}=j", f"keys.{first}=k")  # as it says


@pytest.mark.parametrize("keys", ["j,space", "j space", "[j, space]", "j, space"])
def test_several_keys_written_in_a_row_are_told_how_it_is_done(file, keys):
    message = refused("config", f"keys.step={keys}")
    wanted = message.partition("several keys are a list: '")[2].partition("'")[0]
    said("config", wanted)
    assert tomllib.loads(file.read_text("utf-8")) == {"keys": {"step": ["j", "space"]}}


def test_two_values_for_one_setting_are_refused(file):
    assert "keys.step: expected one value, found two (several keys are a list: " in refused(
        "config", "keys.step=j", "keys.step=k"
    )
    assert "digits: expected one value, found two" in refused("config", "digits=4", "digits=6")
    assert not file.exists()


def test_after_init_a_value_stands_below_its_explanation(file):
    said("config", "--init")
    said("config", "theme=backprop-light", "keys.zoom=Z")
    lines = file.read_text("utf-8").splitlines()
    assert lines[lines.index('theme = "backprop-light"') - 1] == '# theme = "backprop-dark"'
    assert lines[lines.index('zoom = "Z"') - 1].startswith('# zoom = ["z"]')


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("thme=nord", "did you mean theme?"),
        ("theme=nrd", "did you mean nord?"),
        ("theme", "NAME=VALUE"),
        ("digits=5", "expected one of 4, 6, 9"),
        ("keys.stpe=j", "did you mean keys.step?"),
        ("keys.step=f", "f is forward's; give forward another key first"),
        ("keys.quit=[]", "the debugger has to be left"),
    ],
)
def test_what_cannot_be_set_is_refused_and_nothing_written(file, change, message):
    assert message in refused("config", change)
    assert not file.exists()


def test_lines_of_another_form_are_left_to_the_person(file):
    file.write_text('keys = { zoom = "Z" }\n')
    assert "change it by hand" in refused("config", "keys.step=j")
    assert file.read_text() == 'keys = { zoom = "Z" }\n'


@pytest.mark.parametrize(
    "command", [["config"], ["trace"], ["flow"], ["lesson"], ["xor"], ["debug"], ["--config"]]
)
def test_a_mistake_is_refused_with_its_place_and_the_way_round(file, command):
    file.write_text('theme = "nrd"\n')
    if command == ["--config"]:
        command = ["--config", file, "xor"]
    message = refused(*command)
    assert message.startswith(f"backprop-tui: {file}: theme: expected one of backprop-dark, ")
    assert message.endswith('found "nrd" (did you mean nord?); --no-config goes on without this file\n')


@pytest.mark.parametrize(
    "words",
    [
        ["--no-config"],
        ["--no-config", "xor"],
        ["xor", "--no-config"],
        ["debug", "--no-config"],
        ["lesson", "--no-config"],
    ],
)
def test_without_the_file_the_debugger_opens(file, opened, words):
    file.write_text('theme = "nrd"\n')
    run(*words)
    assert opened == [AS_SHIPPED]


@pytest.mark.parametrize(
    ("words", "theme"),
    [
        (["--theme", "projector"], "backprop-projector"),
        (["xor", "--theme", "backprop-projector"], "backprop-projector"),
        (["debug", "--theme=nord"], "nord"),
        (["lesson", "--theme", "light"], "backprop-light"),
        (["lesson"], "backprop-red-green"),
    ],
)
def test_a_theme_for_one_time_comes_before_the_one_that_is_set(file, opened, words, theme):
    file.write_text('theme = "backprop-red-green"\ndigits = 6\n')
    run(*words)
    assert [(settings.theme, settings.digits) for settings in opened] == [(theme, 6)]
    assert file.read_text() == 'theme = "backprop-red-green"\ndigits = 6\n'


def test_a_theme_that_there_is_not_is_refused_with_the_nearest(file):
    file.write_text("")
    assert refused("xor", "--theme", "projecter") == (
        'backprop-tui: --theme: expected the name of a theme, found "projecter" (did you mean projector?)\n'
    )


def test_what_needs_no_settings_reads_none(file):
    file.write_text("nonsense")
    for command in (
        ["train", "--epochs", "1"],
        ["check"],
        ["examples"],
        ["lessons"],
        ["compare", "--with", "seed=2", "--epochs", "1"],
    ):
        said(*command)
    assert len(said("trace", "--json").splitlines()) == 19
    said("trace", "--digits", "6")
    said("flow", "--json")


def test_another_file_is_read_where_it_is_named(file, opened, tmp_path):
    file.write_text("nonsense")
    other = tmp_path / "other.toml"
    other.write_text("digits = 9\n")
    for words in (
        ["--config", other],
        ["--config", other, "xor"],
        ["xor", "--config", other],
        [f"--config={other}", "lesson"],
    ):
        run(*words)
    assert [settings.digits for settings in opened] == [9] * 4
    assert "found no such file" in refused("--config", tmp_path / "none.toml", "xor")


def test_trace_and_flow_show_the_digits_that_are_set(file):
    file.write_text("")
    plain, flow = said("trace"), said("flow")
    assert "z_h = w1·x + b1 = 0.3000·0.5000 + 0.1000 = 0.2500\n" in plain
    file.write_text("digits = 6\n")
    assert "0.300000·0.500000 + 0.100000 = 0.250000\n" in said("trace")
    assert said("trace", "--digits", "4") == plain
    assert said("flow") == said("flow", "--digits", "6") != flow == said("flow", "--digits", "4")
    file.write_text('digits = "all"\n')
    assert "0.3·0.5 + 0.1 = 0.25\n" in said("trace")


def test_what_is_agreed_does_not_change_with_settings(file):
    file.write_text("")
    before = [
        said("trace", "--json"),
        said("flow", "--json"),
        said("train", "--epochs", "3", "--log-every", "1"),
    ]
    file.write_text('digits = "all"\npicture = "slice"\n')
    assert before == [
        said("trace", "--json"),
        said("flow", "--json"),
        said("train", "--epochs", "3", "--log-every", "1"),
    ]


def test_a_network_named_alone_takes_the_settings_too(file):
    """It opens without the parser of the command line."""
    file.write_text("digits = 5\n")
    done = subprocess.run(
        [sys.executable, "-m", "backprop_tui", "xor"], capture_output=True, text=True, env=dict(os.environ)
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f'backprop-tui: {file}: digits: expected one of 4, 6, 9, "all", found 5; '
        "--no-config goes on without this file\n"
    )
