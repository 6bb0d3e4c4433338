"""Calculations as documents: published figures stand in them; what TeX says is computed by an own reader."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from itertools import pairwise

import pytest
from tex_reader import compute, squeezed

from backprop_tui.api import load
from backprop_tui.export.formats import Wanted
from backprop_tui.export.markdown.document import markdown
from backprop_tui.export.tex.document import tex_document
from backprop_tui.network.files import library
from backprop_tui.session.session import Session

FIGURES = {
    "z_h": "0.2500",
    "a_h": "0.5622",
    "z_o": "0.5935",
    "a_o": "0.6442",
    "L": "0.0633",
    "dL/da_o": "−0.3558",
    "da_o/dz_o": "0.2292",
    "dL/dz_o": "−0.0816",
    "dL/dw2": "−0.0459",
    "dL/db2": "−0.0816",
    "dL/da_h": "−0.0571",
    "da_h/dz_h": "0.2461",
    "dL/dz_h": "−0.0141",
    "dL/dw1": "−0.0070",
    "dL/db1": "−0.0141",
    "w2_new": "0.7229",
    "w1_new": "0.3035",
    "b2_new": "0.2408",
    "b1_new": "0.1070",
}
"""The worked example's figures as its article prints them, by the names on the left."""
LOCAL = {"dz_o/dw2": "0.5622", "dz_o/da_h": "0.7000", "dz_h/dw1": "0.5000"}
"""Its local derivatives, which are given or computed under another name."""


def document(writer, network, **wanted):
    return writer(Wanted(Session(network), **wanted).calculation)


def tex_of(identifier):
    """The TeX of an identifier on the left, written by hand from its parts."""
    name = re.sub(r"([wb])(\d)", r"\1_{\2}", re.sub(r"_(\w+)", r"_{\1}", identifier.removesuffix("_new")))
    if "/" in name:
        above, below = name.split("/")
        return rf"\frac{{\partial {above[1:]}}}{{\partial {below[1:]}}}"
    return f"{{{name}}}^{{\\text{{new}}}}" if identifier.endswith("_new") else name


def equations(text):
    """The equations of a document in TeX: left side and right sides, row by row."""
    found = []
    text = re.sub(
        r"\\(?:text\{\\scriptsize|resizebox\{[^}]*\}\{!\}\{)\$\\displaystyle (.*?)\$\}", r"\1", text
    )
    for block in re.findall(r"\\begin\{align\*\}\n(.*?)\n\\end\{align\*\}", text, re.DOTALL):
        for row in block.split(" \\\\\n"):
            row = re.sub(r" \\tag\{\d+\}", "", row).split(" && ")[0]
            left, _, right = row.partition("&")
            if left.strip():
                found.append((left.strip(), []))
            if right.startswith("= "):
                found[-1][1].extend(_sides(right[2:]))
            elif right:
                found[-1][1][-1] += " " + right.removeprefix(r"\quad ")
    return found


def _sides(text):
    """The sides of ``a = b = c``; the equals sign below a brace or after *with* is none of them."""
    parts, depth = [""], 0
    for piece in re.split(r"( = |[{}])", text):
        depth += {"{": 1, "}": -1}.get(piece, 0)
        if piece == " = " and depth == 0 and r"\text{with }" not in parts[-1]:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def test_every_figure_of_the_worked_example_stands_in_markdown():
    text = document(markdown, load())
    for name, figure in FIGURES.items():
        lines = [line for line in text.splitlines() if re.search(rf"^ *(\d+  )?{re.escape(name)} += ", line)]
        assert any(re.search(rf"= {re.escape(figure)}(    |$)", line) for line in lines), (name, lines)
    start = text.index("dL/dw1 = dL/da_o · da_o/dz_o · dz_o/da_h · da_h/dz_h · dz_h/dw1")
    chain = text[start:].split("```")[0].splitlines()
    places = [chain[0].index(name) for name in ("dL/da_o", "da_o/dz_o", "dz_o/da_h", "da_h/dz_h", "dz_h/dw1")]
    under = [chain[1][a - 1 : b - 1].strip("· ") for a, b in pairwise([*places, len(chain[1]) + 9])]
    assert under == ["−0.3558", "0.2292", "0.7000", "0.2461", "0.5000"]
    assert "reused" in chain[3]
    assert "dL/dz_o = −0.0816" in chain[3]
    for name, figure in LOCAL.items():
        assert any(name in line and figure in text for line in text.splitlines())


def test_every_figure_of_the_worked_example_stands_in_tex():
    text = document(tex_document, load())
    rows = {}
    for left, sides in equations(text):
        rows.setdefault(left, []).append(sides)
    for name, figure in FIGURES.items():
        results = [sides[-1] for sides in rows[tex_of(name)]]
        assert figure.replace("−", "-") in results, (name, results)
    chain = next(sides for sides in rows[tex_of("dL/dw1")] if "underbrace" in sides[0])
    order = [chain[0].index(tex_of(name)) for name in ("dL/da_o", "da_o/dz_o", "dz_o/da_h", "dz_h/dw1")]
    assert order == sorted(order)
    assert r"_{\frac{\partial L}{\partial z_{o}} = -0.0816 \text{ reused}}" in chain[0]
    factors = re.findall(r"-?\d\.\d{4}", chain[1])
    assert factors == ["-0.3558", "0.2292", "0.7000", "0.2461", "0.5000"]


def test_the_published_losses_stand_in_both():
    for writer in (markdown, tex_document):
        text = document(writer, load(), epochs=(0, 999), digits=6)
        for loss in ("0.063306", "0.001997", "0.000917", "0.000585", "0.000426"):
            assert loss in text


def published(table):
    """Every figure that a table of a network file has, as text."""
    if isinstance(table, str):
        return [table] if table else []
    parts = table.values() if hasattr(table, "values") else table
    return [figure for part in parts for figure in published(part)]


LATER = ("after", "_10000", "_300")
"""Figures that are of a later epoch, or of what the network's own calculation does not name."""


@pytest.mark.parametrize("name", ["mazur", "hmkcode", "udacity", "nielsen-easy", "nielsen-saturated"])
def test_published_digits_are_found_in_the_calculation(name):
    network = load(name)
    text = document(markdown, network, digits=None)
    found = [
        float(n.replace("−", "-")) for n in re.findall(r"−?\d+\.\d+(?:e[+−]\d+)?", text.replace("e-", "e−"))
    ]
    looked_for = 0
    for key, table in network.published.items():
        if any(word in key for word in LATER) or key.startswith(("lr_", "delta_w", "loss_per")):
            continue
        for figure in published(table):
            decimals = len(figure.partition(".")[2])
            wanted = abs(float(figure))
            assert any(abs(abs(n) - wanted) <= 0.500001 * 10**-decimals + 1e-15 for n in found), (key, figure)
            looked_for += 1
    assert looked_for


CASES = [
    ("worked-example", {}),
    ("mazur", {}),
    ("xor", {}),
    ("softmax", {}),
    ("vanishing", {}),
    ("dead-relu", {}),
    ("2-2-2", {"activation": "silu", "optimizer": "adam", "output": "softmax"}),
    ("2-3-1", {"activation": "gelu", "optimizer": "rmsprop"}),
    ("1-2-2-1", {"activation": "tanh", "optimizer": "adamw", "output": "identity"}),
]


@pytest.mark.parametrize(("name", "options"), CASES, ids=lambda case: str(case)[:40])
def test_what_tex_says_gives_the_results_that_stand_beside_it(name, options):
    """Each side of each equation is computed from the numbers and names that the document itself gives.

    What it does not give by name: means over a batch, the optimizer's state before, the number of the update,
    and the local derivatives of a chain, whose numbers stand below them.
    """
    network = load(name, **options)
    text = document(tex_document, network, digits=None)
    body, _, derivations = text.partition("Where the slopes come from")
    given = {}
    for what, names, numbers in re.findall(r"^(.*?) & (\$.*?) & (\$.*?) \\\\$", body, re.MULTILINE):
        symbols, texts = (cell[1:-1].split("$, $") for cell in (names, numbers))
        given[what] = {squeezed(one): compute(number) for one, number in zip(symbols, texts, strict=True)}
    values = {
        name: value for what, row in given.items() if "example" not in what for name, value in row.items()
    }
    computed, unknown = 0, set()
    for part in body.split(r"\subsubsection*{")[1:]:
        title = part.partition("}")[0]
        if title.startswith("Forward"):
            what = title.partition(", ")[2] or "example 0"
            values |= given[what]
            values[r"\sumy"] = sum(network.data.targets[int(what.split()[1])])
        for left, sides in equations(part):
            result = compute(sides[-1])
            for side in sides[:-1]:
                if "underbrace" in side:
                    continue
                try:
                    value = compute(side, values)
                except KeyError as missing:
                    unknown.add(missing.args[0])
                    continue
                assert value == pytest.approx(result, rel=1e-7, abs=1e-12), (left, side)
                computed += 1
            if "new" not in left:
                values[squeezed(left)] = result
    assert computed > 12
    assert derivations
    assert not {name for name in unknown if not re.search(r"overline|mathrm{old}|^t$|^.frac{.partialz", name)}


def test_numbers_put_in_are_read_back_with_four_digits_as_well():
    for left, sides in equations(document(tex_document, load("mazur")).partition("Where the slopes")[0]):
        numeric = [side for side in sides[:-1] if not re.search(r"[a-z]_|partial|eta|[A-Z]|sigmoid", side)]
        for side in numeric:
            assert compute(side) == pytest.approx(compute(sides[-1]), abs=4e-4), (left, side)


HOSTILE = r"""100% \of_{a} $x$ <b>&amp;|`*[x](y)# ~^ "q" – é Ł 漢 \input{/etc/passwd}"""


def hostile():
    """A network whose words mean something to every notation."""
    network = load("2-2-1")
    from msgspec.structs import replace

    layer = replace(network.layers[0], unit_names=("größe", "_漢"))
    about = {"source": HOSTILE, "errata": HOSTILE + " https://x.example/a_b%20c#d"}
    return replace(network, title=HOSTILE, about=about, layers=(layer, network.layers[1]))


def test_words_of_a_file_mean_nothing_to_markdown():
    text = document(markdown, hostile())
    head = text.splitlines()[0]
    assert re.sub(r"\\(.)", r"\1", head) == "# " + HOSTILE
    assert not re.search(r"(?<!\\)[<`*\[|]", head)


def test_values_set_by_hand_are_told_in_both():
    session = Session(load())
    session.go("0:5")
    session.set("w2", 0.5)
    calculation = Wanted(session).calculation
    text = markdown(calculation)
    assert "**Set by hand at 0:5:** `w2` = 0.5000" in text
    assert text.index("Set by hand") < text.index("dL/da_o   = ")
    assert "11  dL/da_h   = dL/dz_o·w2 = −0.0816·0.5000 = −0.0408" in text
    assert r"\textbf{Set by hand at 0:5:} $w_{2}$ $=$ $0.5000$" in tex_document(calculation)


def test_what_is_left_out_is_said_in_both():
    calculation = Wanted(Session(load("digits"))).calculation
    for text in (markdown(calculation), tex_document(calculation)):
        assert "Layer 1 has 32 units" in text
        assert "more statements of this pass are left out" in text
        assert "27 more" in text
    assert len(markdown(calculation)) < 120_000


LATEX = shutil.which("pdflatex")


def compiled(text, folder):
    """The lines of LaTeX's log that a person would want to know of."""
    path = folder / "work.tex"
    path.write_text(text, "utf-8")
    command = [LATEX, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", path.name]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
    log = (folder / "work.log").read_text("latin-1")
    assert done.returncode == 0, log[-2000:]
    assert (folder / "work.pdf").stat().st_size > 10_000
    return [line for line in log.splitlines() if re.search(r"^!|Warning|^Overfull|Missing character", line)]


@pytest.mark.skipif(LATEX is None, reason="LaTeX is not installed")
@pytest.mark.parametrize(
    ("name", "options", "digits"),
    [
        *(
            (name, {}, 4)
            for name in ("worked-example", "mazur", "vanishing", "softmax", "digits", "dead-relu")
        ),
        ("worked-example", {}, None),
        ("2-3-2", {"activation": "gelu", "output": "softmax", "optimizer": "adam"}, 9),
        ("16-16-16-4", {}, 9),
        ("3-8-8", {"output": "softmax"}, None),
        ("2-2-2", {"activation": "silu", "optimizer": "adamw"}, 6),
    ],
    ids=str,
)
def test_tex_compiles_without_a_warning(name, options, digits, tmp_path):
    assert not compiled(document(tex_document, load(name, **options), digits=digits), tmp_path)


@pytest.mark.skipif(LATEX is None, reason="LaTeX is not installed")
def test_words_of_a_file_mean_nothing_to_tex(tmp_path):
    text = document(tex_document, hostile())
    assert text.isascii()
    assert not [line for line in compiled(text, tmp_path) if "Overfull" not in line]


@pytest.mark.skipif(LATEX is None, reason="LaTeX is not installed")
def test_a_run_that_diverges_compiles(tmp_path):
    network = load("straight-line", learning_rate=1e200)
    text = document(tex_document, network, epochs=(0, 2))
    assert r"\mathrm{nan}" in text or r"\infty" in text
    assert not compiled(text, tmp_path)


def test_every_shipped_network_is_written_in_both():
    for name in library.names():
        calculation = Wanted(Session(load(name)), epochs=(0, 0) if name != "digits" else None).calculation
        for text in (markdown(calculation), tex_document(calculation)):
            assert "\0" not in text
            for step in calculation.steps:
                assert math.isfinite(step.explanation.value)
