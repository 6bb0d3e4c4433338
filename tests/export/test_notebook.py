"""What notebooks show: the figures of the article, well formed, by itself, escaped, light and dark."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from backprop_tui import Grain, Session, build, check, dense, load, statements

OUTSIDE = re.compile(
    r"""(?:src|href|data|action)\s*=|url\(|@import|<script|\son\w+\s*=|javascript:""", re.IGNORECASE
)


def at(place, network=None):
    session = Session(network or load())
    session.go(place)
    return session


def shown(what) -> str:
    html = what._repr_html_()
    assert html is not None
    return html


def read(what):
    """The words of its HTML, which has to be well formed, without its rules."""
    tree = ElementTree.fromstring(shown(what))
    for style in tree.findall("style"):
        tree.remove(style)
    return re.sub(r"\s+", " ", " ".join(tree.itertext()))


@pytest.mark.parametrize(
    ("symbol", "figures"),
    [
        ("z_h", "0.3000 0.5000 0.1000 0.2500"),
        ("a_h", "0.5622"),
        ("z_o", "0.7000 0.5622 0.2000 0.5935"),
        ("a_o", "0.6442"),
        ("L", "0.0633"),
        ("dL_da_o", "−0.3558"),
        ("da_o_dz_o", "0.6442 0.2292"),
        ("dL_dz_o", "−0.3558 0.2292 −0.0816"),
        ("dL_dw2", "−0.3558 0.2292 0.5622 −0.0459"),
        ("dL_da_h", "−0.0816 0.7000 −0.0571"),
        ("da_h_dz_h", "0.5622 0.2461"),
        ("dL_dw1", "−0.3558 0.2292 0.7000 0.2461 0.5000 −0.0070"),
        ("dL_db1", "−0.0141"),
    ],
)
def test_the_article_s_figures_stand_in_its_statements(symbol, figures):
    (statement,) = (one for one in statements(load()) if one.symbol == symbol)
    words = read(statement).replace("− ", "−")
    for figure in figures.split():
        assert figure in words, words


def test_the_new_values_stand_in_the_update():
    updates = [read(one) for one in statements(load()) if one.statement.phase == "update"]
    for new, words in zip(("0.7229", "0.2408", "0.3035", "0.1070"), updates, strict=True):
        assert new in words
    assert all("new" in words for words in updates)


def test_what_is_reused_is_marked():
    (gradient,) = (one for one in statements(load()) if one.symbol == "dL_dw1")
    tree = ElementTree.fromstring(shown(gradient))
    marked = [
        " ".join("".join(one.itertext()).split()) for one in tree.iter() if one.get("class") == "reused"
    ]
    assert any("0.3558" in one for one in marked)
    assert any("0.2292" in one for one in marked)
    assert not any("0.7000" in one or "0.2461" in one for one in marked)


def test_a_network_is_drawn_with_its_weights():
    words = read(load())
    for number in ("0.3000", "0.7000", "0.1000", "0.2000", "1-1-1", "4 parameters", "squared_error", "η 0.5"):
        assert number in words
    assert "0.5622" not in words, "nothing has been computed yet"


def test_a_session_is_shown_at_its_position():
    session = at("0:14")
    words = read(session)
    for part in ("epoch 0, step 14/19", "backward", "0.5622", "−0.0816", "−0.0070", "0.2461"):
        assert part in words
    session.start()
    assert "epoch 0, step 0/19" in read(session)
    assert "0.5622" not in read(session)


def test_a_check_says_whether_all_agree_and_lists_the_worst():
    words = read(check(load("xor")))
    assert "✓ 9 gradients agree" in words
    assert "and 1 more" in words
    assert "layer 1, unit 1, bias" in words
    wrong = check(load())
    numeric = wrong.numeric.copy()
    numeric[0] += 1.0
    errors = wrong.relative_errors.copy()
    errors[0] = 1.0
    damaged = dataclasses.replace(wrong, numeric=numeric, relative_errors=errors)
    assert "✗ 1 of 4 gradients disagree" in read(damaged)


TITLE = '</style></div><script>alert("x")</script><img src=x onerror=alert(1)>'


def everything():
    named = build(
        {
            "title": TITLE,
            "network": {
                "inputs": ["größe"],
                "layers": [
                    {"units": ["ja"], "activation": "sigmoid", "weights": [[0.5]], "weight_names": [["k"]]}
                ],
            },
            "data": {"inputs": [[1.0]], "targets": [[1.0]]},
        }
    )
    yield named
    yield at("0:7", named)
    for network in (load(), load("xor"), load("softmax"), load("vanishing"), load("digits"), load("2-3-3-2")):
        yield network
        yield check(load("xor"))
        session = Session(network)
        for _ in range(3):
            session.forward(Grain.LAYER)
            yield session
        session.forward(Grain.BACKWARD)
        yield session
        yield session.explain()
    yield at("1:0", load("2-2-1", optimizer="adam", learning_rate=1e200))


def test_it_is_well_formed_refers_to_nothing_outside_and_runs_nothing():
    for what in everything():
        html = shown(what)
        ElementTree.fromstring(html)
        bare = html.replace('xmlns="http://www.w3.org/2000/svg"', "").replace(TITLE, "")
        assert not OUTSIDE.search(re.sub(r"&lt;.*?&gt;", "", bare)), what
        assert "http" not in bare
        assert len(html) < 120_000


def test_what_a_person_named_is_escaped():
    (network, session, *_) = everything()
    for what in (network, session):
        assert "<script" not in shown(what)
        assert "<img" not in shown(what)
        assert 'alert("x")' in read(what)


def test_every_statement_of_every_kind_is_shown():
    for network in (
        load("2-2-2", activation="tanh", loss="cross_entropy"),
        load("xor", optimizer="adamw", batch_size=3),
    ):
        for statement in statements(network):
            words = read(statement)
            assert f"epoch 0, step {statement.statement.step}" in words


def test_nothing_of_it_is_imported_before_it_is_shown():
    code = """
import sys, backprop_tui
network = backprop_tui.load()
assert not [name for name in sys.modules if "export.notebook" in name or "export.drawing" in name]
assert network._repr_html_().startswith("<div")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_where_nobody_says_how_a_notebook_shows_the_text():
    code = """
from backprop_tui.network.files.library import find
assert find()._repr_html_() is None
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_all_that_the_issue_names_have_it():
    network = dense([1], inputs=[0.0], targets=[1.0])
    for what in (network, Session(network), next(statements(network)), check(network)):
        assert shown(what).startswith('<div class="backprop')


@pytest.mark.parametrize(
    ("marked", "system", "dark"),
    [
        ('data-jp-theme-light="true"', "light", False),
        ('data-jp-theme-light="true"', "dark", False),
        ('data-jp-theme-light="false"', "light", True),
        ('class="vscode-dark"', "light", True),
        ('class="vscode-light"', "dark", False),
        ("", "light", False),
        ("", "dark", True),
    ],
)
def test_a_browser_shows_it_light_or_dark_as_the_notebook_is(browser, tmp_path, marked, system, dark):
    page = tmp_path / "page.html"
    body = f"<body {marked}>{shown(at('0:14'))}{shown(load())}"
    page.write_text(f"<!doctype html><meta charset=utf-8><title>t</title>{body}", "utf-8")
    browser.prefer(color_scheme=system)
    browser.open(page)

    def luminance(selector, what):
        style = f"return getComputedStyle(document.querySelector('{selector}')).{what}"
        return sum(map(int, re.findall(r"\d+", browser.run(style))[:3])) / 765

    assert (luminance(".backprop", "backgroundColor") < 0.5) is dark
    for selector, what in (
        (".backprop", "color"),
        (".backprop-drawing text", "fill"),
        (".backprop .phase", "color"),
    ):
        assert abs(luminance(selector, what) - luminance(".backprop", "backgroundColor")) > 0.3
    assert (luminance(".backprop-drawing .frame", "fill") < 0.5) is dark
    assert browser.run("return document.querySelector('math').getBoundingClientRect().height") > 15
    assert browser.errors() == []


def test_a_real_notebook_shows_it(tmp_path):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    cells = [
        "import backprop_tui as b",
        "b.load()",
        "s = b.Session(b.load()); s.go('0:14'); s",
        "b.check(b.load())",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown_there = [cell.outputs[0].data["text/html"] for cell in notebook.cells[1:]]
    assert shown_there[1] == shown(at("0:14"))
    assert all(html.startswith('<div class="backprop') for html in shown_there)
