"""The README says what the program does."""

from __future__ import annotations

import re
import tomllib

from click.testing import CliRunner

from backprop_tui.cli import main
from backprop_tui.network.build import build
from tests.readme_keys import README, with_keys

TEXT = README.read_text("utf-8")


def test_its_key_list_is_that_of_the_table_of_commands() -> None:
    assert with_keys(TEXT) == TEXT, "run: python -m tests.readme_keys"


def test_its_network_file_is_one() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert build(tomllib.loads(example)).shape == "2-2-1"


def test_its_console_session_is_true() -> None:
    (session,) = re.findall(r"```console\n\$ backprop-tui ([^\n]*)\n(.*?)```", TEXT, re.DOTALL)
    command, printed = session
    assert CliRunner().invoke(main, command.split()).stdout == printed


def test_its_pictures_are_there() -> None:
    pictures = re.findall(r"\]\((screenshots/[^)]*)\)", TEXT)
    assert pictures
    for picture in pictures:
        assert (README.parent / picture).is_file()
