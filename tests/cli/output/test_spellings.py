"""Output that is not Unicode: every sign is spelt out, and none becomes a question mark."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
from click.testing import CliRunner

import backprop_tui
from backprop_tui.cli.main import COMMANDS, main
from backprop_tui.cli.output.spellings import SPELLINGS, escaped, spelt

PACKAGE = Path(backprop_tui.__file__).parent
ASCII = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def run(*arguments, encoding="ascii"):
    """The real program, with an output that has one encoding; status, output and errors in that."""
    done = subprocess.run(
        [sys.executable, "-m", "backprop_tui", *arguments],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **ASCII, "PYTHONIOENCODING": encoding},
        check=False,
    )
    return done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding)


# The table


def signs_in_code(path):
    """The characters beyond ASCII in a file's string literals, docstrings aside."""
    tree = ast.parse(path.read_text("utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield from (character for character in node.value if not character.isascii())


def signs_in_networks(path):
    return (character for character in path.read_text("utf-8") if not character.isascii())


def test_every_sign_of_the_package_has_a_spelling():
    rooms = [
        PACKAGE / "export" / name for name in ("notation", "drawing", "screen")
    ]  # written to files alone
    files = [path for path in PACKAGE.rglob("*.py") if not {*rooms} & {*path.parents}]
    networks = [*PACKAGE.rglob("*.toml")]
    assert len(files) > 100
    assert len(networks) > 10
    found = {*chain(*map(signs_in_code, files)), *chain(*map(signs_in_networks, networks))}
    assert found >= set("·−½Σδ²√–…▶╭█")
    assert sorted(found - SPELLINGS.keys()) == []


@pytest.mark.parametrize("sign", sorted(SPELLINGS))
def test_a_spelling_is_ascii_and_no_question_mark(sign):
    assert len(sign) == 1
    assert not sign.isascii()
    assert SPELLINGS[sign].isascii()
    assert SPELLINGS[sign].isprintable()
    assert "?" not in SPELLINGS[sign]
    assert SPELLINGS[sign]


# The sentences

FORMULAS = [
    ("z_h = w1·x + b1", "z_h = w1*x + b1"),
    ("L = ½(y − a_o)² = ½(1.0000 − 0.6442)²", "L = 1/2*(y - a_o)^2 = 1/2*(1.0000 - 0.6442)^2"),
    ("½·z·(1 + erf(z/√2))", "1/2*z*(1 + erf(z/sqrt 2))"),
    ("a_h·Σy", "a_h*sum y"),
    ("½Σ(y − a)²", "1/2*sum(y - a)^2"),
    ("Σ 12 more", "sum 12 more"),
    ("√(v − m²)", "sqrt(v - m^2)"),
    ("η·g/(√s + eps)", "eta*g/(sqrt s + eps)"),
    ("η_t·g", "eta_t*g"),
    ("δ_h2_1", "delta_h2_1"),
    ("sin 2πx", "sin 2 pi x"),
    ("∂a_j/∂z_i", "da_j/dz_i"),
    ("z·Φ(z), φ = Φ′", "z*Phi(z), phi = Phi'"),
    ("U(±√(6/inputs))", "U(+-sqrt(6/inputs))"),
    ("≤ 3, ≥ 4, ≠ 5, 8 × 8", "<= 3, >= 4, != 5, 8 x 8"),
    ("0.5, … 92 more", "0.5, ... 92 more"),
    ("│ x │─▶│ h │", "| x |->| h |"),
]


@pytest.mark.parametrize(("text", "expected"), FORMULAS)
def test_a_formula_reads_well_in_ascii(text, expected):
    assert spelt(text) == expected


def test_latin_1_keeps_what_it_has():
    text = "½(y − a)² ≤ 3·Σ"
    assert spelt(text, "latin-1") == "½(y - a)² <= 3·sum"
    assert spelt(text, "utf-8") == text


def test_what_has_no_spelling_is_escaped():
    assert spelt("größe 中") == r"gr\xf6\xdfe \u4e2d"
    assert escaped("\udcff") == r"\xff"
    assert spelt("caf\udce9", "utf-8") == r"caf\xe9"


# The program


TRACES = (
    ["trace"],
    ["trace", "xor", "--optimizer", "adam"],
    ["trace", "softmax", "--optimizer", "rmsprop"],
    ["trace", "2-2-2", "--activation", "gelu", "--output", "softmax", "--loss", "cross_entropy"],
    ["flow", "vanishing"],
    ["examples"],
    ["train", "8-4", "--data", "random", "--examples", "40", "--epochs", "1"],
    ["check"],
)


@pytest.mark.parametrize("arguments", TRACES, ids=" ".join)
def test_the_program_prints_ascii_for_ascii(arguments):
    status, printed, said = run(*arguments)
    assert (status, said) == (0, "")
    assert printed.isascii()
    assert "\\" not in printed
    _, unicode, _ = run(*arguments, encoding="utf-8")
    assert printed.count("?") == unicode.count("?")
    assert printed.split() == spelt(unicode).split()  # a table is as wide as it needs to be


@pytest.mark.parametrize("arguments", TRACES, ids=" ".join)
def test_and_latin_1_for_latin_1(arguments):
    _, printed, said = run(*arguments, encoding="latin-1")
    _, unicode, _ = run(*arguments, encoding="utf-8")
    assert said == ""
    assert printed.split() == spelt(unicode, "latin-1").split()


def test_numbers_and_formulas_can_be_read_in_ascii():
    _, printed, _ = run("trace")
    assert "     5  L = 1/2*(y - a_o)^2 = 1/2*(1.0000 - 0.6442)^2 = 0.0633\n" in printed
    assert "     9  dL/dw2 = dL/dz_o*a_h = -0.0816*0.5622 = -0.0459\n" in printed


def test_a_table_is_aligned_in_ascii():
    _, printed, _ = run("flow", "vanishing")
    heading, first, *_ = printed.splitlines()
    end = heading.index("||delta||") + len("||delta||")
    assert first[:end].split()[-1] == first.split()[3]
    assert first[end] == " "


@pytest.mark.parametrize("arguments", [["trace"], ["train"], ["examples"], ["check"]], ids=" ".join)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_json_stays_the_same_json(arguments, encoding):
    _, printed, _ = run(*arguments, "--json", encoding=encoding)
    _, unicode, _ = run(*arguments, "--json", encoding="utf-8")
    assert printed.isascii()
    assert list(map(json.loads, printed.splitlines())) == list(map(json.loads, unicode.splitlines()))


@pytest.mark.parametrize("arguments", [["größe"], ["train", "größe"]], ids=" ".join)
def test_a_message_shows_what_was_typed(arguments):
    """As text where the output has the characters, else as the bytes that came."""
    status, printed, said = run(*arguments)
    assert (status, printed) == (2, "")
    assert said.startswith(r"backprop-tui: gr\xc3\xb6\xc3\x9fe: expected ")
    assert said.count("\n") == 1


def test_a_usage_error_is_ascii_too():
    status, _, said = run("train", "--größe")
    assert status == 2
    assert said.isascii()
    assert "?" not in said


def test_help_is_ascii_by_itself():
    """Click writes it, and not in our spellings."""
    runner = CliRunner()
    for arguments in ([], *([name] for name in COMMANDS)):
        text = runner.invoke(main, [*arguments, "--help"]).stdout
        assert text.startswith("Usage:")
        assert text.isascii(), re.findall(r".*[^\x00-\x7f].*", text)
