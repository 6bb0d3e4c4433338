"""What cannot be printed as it is: on a full disk, to a closed pipe, in an encoding without some signs."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

import backprop_tui
from backprop_tui.cli.ascii_spelling import keep_columns, spelt

COMMAND = [sys.executable, "-m", "backprop_tui"]
FULL = Path("/dev/full")
ASCII = {"LC_ALL": "C", "PYTHONIOENCODING": "", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

full_disk = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")

PRINTING = [
    ["train"],
    ["train", "--json"],
    ["trace"],
    ["trace", "--json"],
    ["check"],
    ["check", "--json"],
    ["examples"],
    ["examples", "--json"],
    ["--help"],
    ["train", "--help"],
    ["--version"],
]


@full_disk
@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_a_full_disk_is_answered_in_one_line(arguments):
    with FULL.open("wb") as full:
        done = subprocess.run([*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr == "backprop-tui: the output cannot be written: no space left on device\n"


@full_disk
@pytest.mark.parametrize("arguments", [["export", "-o"], ["train", "--epochs", "1", "--save"]], ids=" ".join)
def test_a_file_on_a_full_disk_is_answered_in_one_line(arguments, tmp_path):
    path = tmp_path / "full.py"
    path.symlink_to(FULL)
    done = subprocess.run([*COMMAND, *arguments, str(path)], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"backprop-tui: {path}: ")
    assert "no space left on device" in done.stderr


@full_disk
def test_a_refusal_that_cannot_be_printed_ends_with_its_status():
    with FULL.open("wb") as full:
        assert subprocess.run([*COMMAND, "nothing-of-that-name"], stderr=full).returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="pipes differ")
@pytest.mark.parametrize("arguments", [["trace", "digits"], ["train", "--log-every", "1"]], ids=" ".join)
def test_a_closed_pipe_ends_the_program_quietly(arguments):
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


@pytest.mark.skipif(sys.platform == "win32", reason="there is no shell that closes a stream")
def test_a_closed_output_is_told():
    done = subprocess.run(
        ["sh", "-c", '"$0" -m backprop_tui trace >&-', sys.executable], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (2, "backprop-tui: the output cannot be written: it is closed\n")


@pytest.mark.parametrize("network", ["worked-example", "softmax", "mazur"])
def test_an_ascii_locale_gets_formulas_that_can_be_read(network):
    done = subprocess.run(
        [*COMMAND, "trace", network], capture_output=True, env={**os.environ, **ASCII}, check=True
    )
    assert done.stderr == b""
    printed = done.stdout.decode("ascii")
    assert "?" not in printed
    assert "\\" not in printed
    plain = subprocess.run(
        [*COMMAND, "trace", network],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=True,
    )
    sums = [line for line in plain.stdout.decode("utf-8").splitlines() if "·" in line and "−" not in line]
    for line in sums[:20]:
        if line.replace("·", "*").isascii():
            assert line.replace("·", "*") in printed.splitlines()


def test_what_the_worked_example_says_in_ascii():
    done = subprocess.run([*COMMAND, "trace"], capture_output=True, env={**os.environ, **ASCII}, check=True)
    lines = done.stdout.decode("ascii").splitlines()
    assert "     1  z_h = w1*x + b1 = 0.3000*0.5000 + 0.1000 = 0.2500" in lines
    assert "     6  dL/da_o = -(y - a_o) = -(1.0000 - 0.6442) = -0.3558" in lines


def test_signs_are_spelt_only_where_the_encoding_lacks_them():
    assert spelt("δ·w → Σ … ½Σ(y−a)²", "utf-8") == "δ·w → Σ … ½Σ(y−a)²"
    assert spelt("δ·w → Σ …", "ascii") == "delta*w -> sum ..."
    assert spelt("½(y − a)²", "ascii") == "1/2 (y - a)^2"
    assert spelt("a·b − c", "latin-1") == "a·b - c"
    assert spelt("中", "ascii") == "\\u4e2d"
    assert spelt("\udcff", "utf-8") == "\\udcff"


def test_every_sign_that_formulas_are_made_of_has_a_spelling():
    package = Path(backprop_tui.__file__).parent
    files = [*package.glob("network/rules/*.py"), *package.glob("program/**/*.py")]
    signs = {sign for path in files for sign in path.read_text("utf-8") if not sign.isascii()}
    assert len(signs) > 10
    assert not [sign for sign in signs if "\\" in spelt(sign, "ascii")]


def test_a_screen_keeps_its_columns():
    picture = "╭─ Network ─╮│ δ −0.1 → …│╰─━┃█⣿中"
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    keep_columns(stream)
    stream.write(picture)
    stream.flush()
    assert stream.buffer.getvalue() == b"+- Network -+| d -0.1 > .|+--|####"
