"""The drawing of a network as SVG: well formed, every number in its place, nothing over anything else."""

from __future__ import annotations

import re
import shutil
import subprocess
from itertools import combinations
from xml.etree import ElementTree

import pytest
from hypothesis import given
from msgspec.structs import replace
from strategies import networks

from backprop_tui import Grain, Session, load
from backprop_tui.export.drawing.lights import light
from backprop_tui.export.drawing.network import STYLE, moment_svg, network_svg
from backprop_tui.export.drawing.places import MOST_FLAT, MOST_LAYERS
from backprop_tui.network.files import library
from backprop_tui.network.files.build import build

SHAPES = (
    "1-1",
    "3-1",
    "1-4",
    "2-2-1",
    "3-3-3-2",
    "4-4-4",
    "2-8-8-1",
    "1-10-1",
    "30-12-3",
    "-".join(["1"] * 20),
)


def random_network(words):
    widths = [int(width) for width in words.split("-")]
    layers = [{"units": width, "activation": "tanh"} for width in widths[1:]]
    data = {"inputs": [[0.5] * widths[0]], "targets": [[0.5] * widths[-1]]}
    return build({"network": {"inputs": widths[0], "layers": layers}, "data": data})


def root(svg):
    return ElementTree.fromstring(svg)


def slots(svg):
    """The text at every address."""
    found = [
        (one.get("data-slot"), "".join(one.itertext())) for one in root(svg).iter() if one.get("data-slot")
    ]
    assert len(found) == len({slot for slot, _ in found}), "an address is given twice"
    return dict(found)


def test_the_worked_example_after_its_backward_pass():
    """The figures of the article, at the places of the units and weights that they belong to."""
    session = Session(load())
    session.forward(Grain.BACKWARD)
    assert slots(moment_svg(session.now)) == {
        "x-0": "0.5000",
        "z-1-0": "0.2500",
        "a-1-0": "0.5622",
        "delta-1-0": "−0.0141",
        "z-2-0": "0.5935",
        "a-2-0": "0.6442",
        "delta-2-0": "−0.0816",
        "y-0": "1.0000",
        "loss": "0.0633",
        "w-1-0-0": "0.3000",
        "dL-dw-1-0-0": "−0.0070",
        "b-1-0": "0.1000",
        "dL-db-1-0": "−0.0141",
        "w-2-0-0": "0.7000",
        "dL-dw-2-0-0": "−0.0459",
        "b-2-0": "0.2000",
        "dL-db-2-0": "−0.0816",
    }


def test_what_is_not_computed_is_a_dash_and_what_is_left_from_before_stands_in_brackets():
    session = Session(load())
    assert slots(moment_svg(session.now))["a-1-0"] == "–"
    session.forward(Grain.UPDATE)
    session.forward()
    now = slots(moment_svg(session.now))
    assert (now["z-1-0"], now["a-1-0"], now["w-1-0-0"]) == ("0.2588", "(0.5622)", "0.3035")


def test_digits():
    session = Session(load())
    session.forward(Grain.FORWARD)
    assert slots(moment_svg(session.now, digits=None))["a-1-0"] == "0.5621765008857981"


@pytest.mark.parametrize("name", library.names())
def test_every_shipped_network_can_be_drawn(name):
    session = Session(load(name))
    session.forward(Grain.FORWARD)
    drawn = slots(moment_svg(session.now))
    assert drawn["loss"] not in ("", "–")
    assert len(drawn) > 8


@given(networks())
def test_any_network_can_be_drawn(network):
    drawn = slots(network_svg(network))
    assert {f"x-{unit}" for unit in range(network.widths[0])} <= drawn.keys()


def test_it_says_what_is_left_out():
    network = random_network("30-12-3")
    text = " ".join(root(network_svg(network)).itertext())
    assert f"⋮ {30 - MOST_FLAT + 1} more" in text
    assert f"⋮ {12 - MOST_FLAT + 1} more" in text
    deep = random_network("-".join(["1"] * 20))
    assert f"⋯ {20 - MOST_LAYERS} layers" in " ".join(root(network_svg(deep)).itertext())


def test_chosen_units_are_drawn_and_the_others_counted():
    session = Session(random_network("30-12-3"))
    svg = moment_svg(session.now, units=[(3, 5, 29), (0, 11), (0, 1, 2)])
    parts = {one.get("data-part") for one in root(svg).iter()}
    assert {"unit-0-3", "unit-0-5", "unit-0-29", "unit-1-0", "unit-1-11", "w-1-11-29"} <= parts
    assert "unit-0-4" not in parts
    assert "⋮ 27 more" in " ".join(root(svg).itertext())


@pytest.mark.parametrize("words", SHAPES)
@pytest.mark.parametrize("digits", [4, 9, None])
def test_nothing_lies_over_anything_else(words, digits):
    """With room for every number in brackets, in the widest of the typefaces (DejaVu Sans)."""
    session = Session(random_network(words))
    session.forward(Grain.BACKWARD)
    svg = root(moment_svg(session.now, digits=digits))
    _, _, width, height = map(float, svg.get("viewBox").split())
    boxes = [box for text in svg.iter("{http://www.w3.org/2000/svg}text") if (box := extent(text))]
    assert len(boxes) > 5
    for text, left, top, right, bottom in boxes:
        assert left >= 0, text
        assert top >= 0, text
        assert right <= width, (text, right, width)
        assert bottom <= height, (text, bottom, height)
    for one, other in combinations(boxes, 2):
        apart = one[3] <= other[1] or other[3] <= one[1] or one[4] <= other[2] or other[4] <= one[2]
        assert apart, (one, other)


DEJAVU = {
    ".": 0.318,
    ",": 0.318,
    "−": 0.838,
    "-": 0.361,
    "(": 0.39,
    ")": 0.39,
    " ": 0.318,
    "⋮": 0.4,
    "⋯": 1.0,
}
"""How wide signs of DejaVu Sans are, in the size of the letters; digits are 0.636."""


def extent(text):
    """A text with the box that its ink fills."""
    size, words = float(text.get("font-size", 12)), "".join(text.itertext())
    if "long" in text.get("class", ""):
        size = 10.0
    width = 0.0
    for span in (text, *text):
        own = float(span.get("font-size", size))
        width += own * sum(DEJAVU.get(sign, 0.636) for sign in span.text or "") + float(span.get("dx", 0))
    x, y = float(text.get("x")), float(text.get("y"))
    left = x - {"middle": width / 2, "end": width, None: 0.0}[text.get("text-anchor")]
    return (words, left, y - 0.73 * size, left + width, y + 0.02 * size) if words else None


def test_a_title_is_text_and_nothing_else():
    network = replace(load(), title="</title></svg><script>alert(1)</script>")
    drawn = root(network_svg(network))
    assert drawn.find("{http://www.w3.org/2000/svg}title").text.startswith(
        "The network </title></svg><script>"
    )
    assert not list(drawn.iter("{http://www.w3.org/2000/svg}script"))


def test_a_page_gives_it_its_own_style():
    assert "<style>" in network_svg(load())
    assert "<style>" not in network_svg(load(), standalone=False)
    rules = STYLE.read_text("utf-8")
    selectors = re.findall(r"^\s*([^@{}\n][^{}]*)\{", rules, re.MULTILINE)
    assert selectors
    for selector in selectors:
        assert all(one.strip().startswith(".backprop-drawing ") for one in selector.split(",")), selector


@pytest.mark.parametrize(
    ("move", "lit", "read"),
    [
        ("0:1", {"unit-1-0"}, {"w-1-0-0", "b-1-0", "unit-0-0"}),
        ("0:2", {"unit-1-0"}, set()),
        ("0:5", {"loss"}, {"unit-2-0"}),
        ("0:6", {"unit-2-0"}, {"loss"}),
        ("0:11", {"unit-1-0"}, {"w-2-0-0", "unit-2-0"}),
        ("0:14", {"w-1-0-0"}, {"unit-1-0", "unit-0-0", "loss", "unit-2-0", "w-2-0-0"}),
        ("0:15", {"b-1-0"}, {"unit-1-0", "loss", "unit-2-0", "w-2-0-0"}),
        ("0:16", {"w-2-0-0"}, set()),
    ],
)
def test_what_a_statement_lights(move, lit, read):
    session = Session(load())
    session.go(move)
    found = light(session.network, session.statement)
    assert (set(found.lit), set(found.read)) == (lit, read)


@pytest.mark.skipif(shutil.which("rsvg-convert") is None, reason="rsvg-convert is not installed")
@pytest.mark.parametrize("name", ["worked-example", "mazur", "digits"])
def test_a_plain_renderer_of_svg_takes_it(tmp_path, name):
    session = Session(load(name))
    session.forward(Grain.BACKWARD)
    done = subprocess.run(
        ["rsvg-convert", "--format=png", "--output", tmp_path / "drawn.png"],
        input=moment_svg(session.now).encode(),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "drawn.png").read_bytes().startswith(b"\x89PNG")


def test_a_browser_measures_no_text_over_another(tmp_path, browser):
    """What the typefaces of this machine really take."""
    for number, words in enumerate(SHAPES):
        session = Session(random_network(words))
        session.forward(Grain.BACKWARD)
        (tmp_path / f"{number}.svg").write_text(moment_svg(session.now), "utf-8")
        browser.open(tmp_path / f"{number}.svg")
        assert browser.run(OVER) == [], words


OVER = """
  const texts = [...document.querySelectorAll('text')].filter((one) => one.textContent);
  const found = texts.map((one) => {
    const box = one.getBoundingClientRect(), free = box.height * 0.2;
    return [one.textContent, box.left, box.top + free, box.right, box.bottom - free];
  });
  return found.flatMap((one, index) => found.slice(index + 1)
    .filter((other) => one[1] < other[3] && other[1] < one[3] && one[2] < other[4] && other[2] < one[4])
    .map((other) => one[0] + " over " + other[0]));
"""
