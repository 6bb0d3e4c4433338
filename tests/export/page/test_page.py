"""The page that steps, as a document: complete, sound, self-contained, harmless whatever a network says."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from itertools import pairwise

import pytest
from msgspec.structs import replace
from pages import FIGURES, HARM, parsed, written

from backprop_tui import Grain, Session, load
from backprop_tui.export.page.move_ends import stops
from backprop_tui.export.page.page import HERE
from backprop_tui.network.files import library

FULL = (
    "0.5621765008857981",
    "0.5935235506200587",
    "0.6441732027931297",
    "0.06330635480524958",
    "−0.35582679720687027",
    "0.2292140875963711",
    "−0.08156051466411174",
    "−0.045851404744315157",
    "−0.05709236026487821",
    "0.24613408273759835",
    "−0.007026187862560153",
    "−0.014052375725120306",
    "0.7229257023721576",
    "0.30351309393128006",
    "0.24078025733205588",
    "0.10702618786256016",
)
"""The same with every digit."""


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """The worked example over its first three epochs."""
    return written(tmp_path_factory.mktemp("page") / "page.html", Session(load()), epochs=(0, 2))


@pytest.fixture(scope="module")
def page(text):
    return parsed(text)


def test_every_figure_of_the_article_stands_in_it(page):
    found = {
        one.attributes["id"]: one.find("span", class_="result")[0].text
        for one in page.find("li", class_="statement")
    }
    assert len(found) == 3 * 19
    assert {position: found[position] for position in FIGURES} == FIGURES


def test_every_digit_stands_in_it_when_asked_for(tmp_path):
    text = written(tmp_path / "page.html", Session(load()), digits=None)
    for figure in FULL:
        assert figure in text, figure


def test_the_five_factors_are_a_table_with_what_is_reused_marked(page):
    statement = next(one for one in page.find("li") if one.attributes.get("id") == "0:14")
    (table,) = statement.find("table", class_="chain")
    factors = table.find("th", class_="factor")
    assert [one.text for one in factors] == ["∂L∂ao", "∂ao∂zo", "∂zo∂ah", "∂ah∂zh", "∂zh∂w1"]
    assert ["reused" in one.classes for one in factors] == [True, True, False, False, False]
    numbers = [one.text for one in table.find("td", class_="number")]
    assert numbers == ["−0.3558", "0.2292", "0.7000", "0.2461", "0.5000"]
    assert [one.text for one in table.find("td", class_="equals")] == ["", "", "w2", "", "x"]
    signals = table.find("td", class_="signal")
    assert [(one.text, one.attributes["colspan"]) for one in signals] == [
        ("∂L∂zo −0.0816 reused", "2"),
        ("∂L∂zh −0.0141", "4"),
    ]
    assert table.find("td", class_="product")[0].text == "= −0.0070"


def test_the_given_values_stand_in_it(page):
    given = {
        one.attributes["data-given"]: one.text for one in page.find("td") if "data-given" in one.attributes
    }
    assert given == {
        "x-0": "0.5000",
        "y-0": "1.0000",
        "w-1-0-0": "0.3000",
        "b-1-0": "0.1000",
        "w-2-0-0": "0.7000",
        "b-2-0": "0.2000",
    }


def test_three_epochs_of_the_worked_example_take_less_than_300_kilobytes(text):
    assert len(text.encode("utf-8")) < 300_000


def test_ids_are_unique_and_every_link_leads_to_one(page):
    ids = [one.attributes["id"] for one in page if "id" in one.attributes]
    assert len(set(ids)) == len(ids)
    targets = {one.attributes["href"] for one in page.find("a")}
    assert targets
    assert {target.removeprefix("#") for target in targets} <= set(ids)
    for one in page:
        for name in ("aria-labelledby", "aria-describedby", "for"):
            assert one.attributes.get(name) is None or one.attributes[name] in ids


def test_nothing_is_fetched(page, text):
    for one in page:
        for name in ("src", "href", "action", "data", "poster", "srcset", "xlink:href", "background"):
            found = one.attributes.get(name)
            assert found is None or found.startswith(("#", "data:")), (one.tag, name, found)
        assert one.tag not in ("img", "iframe", "object", "embed", "base", "form", "audio", "video")
        assert one.tag != "link" or one.attributes["rel"] == "icon"
    addresses = set(re.findall(r"[a-z]+://[^\s'\"<>]*", text))
    assert addresses == {"http://www.w3.org/2000/svg"}
    style, script = (HERE.joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    assert not re.search(r"@import|url\(|@font-face", style)
    assert not re.search(
        r"\b(fetch|import|XMLHttpRequest|WebSocket|eval|Function|innerHTML|document\.write)\b", script
    )


def test_its_policy_names_the_style_and_the_script_that_stand_in_it(page):
    (policy,) = (
        one for one in page.find("meta") if one.attributes.get("http-equiv") == "Content-Security-Policy"
    )
    directives = dict(part.strip().split(" ", 1) for part in policy.attributes["content"].split(";"))
    assert directives["default-src"] == "'none'"
    for tag, name in (("style", "style-src"), ("script", "script-src")):
        (one,) = page.find(tag)
        digest = b64encode(sha256("".join(one.inside).encode("utf-8")).digest()).decode()
        assert directives[name] == f"'sha256-{digest}'"
    assert not any(
        "style" in one.attributes or any(name.startswith("on") for name in one.attributes) for one in page
    )


def test_whatever_a_network_says_is_text(tmp_path):
    network = replace(load("xor"), title=HARM, about={"source": HARM, "errata": HARM})
    page = parsed(written(tmp_path / "page.html", Session(network)))
    assert len(page.find("script")) == len(page.find("style")) == 1
    assert not page.find("img")
    assert page.find("h1")[0].text == " ".join(HARM.split())
    assert [one.text for one in page.find("dd")].count(" ".join(HARM.split())) == 2


@pytest.mark.parametrize("name", library.names())
def test_every_shipped_network_makes_a_sound_page(tmp_path, name):
    page = parsed(written(tmp_path / "page.html", Session(load(name))))
    rows = page.find("li", class_="statement")
    times = [int(one.attributes["data-time"]) for one in rows]
    assert times == sorted(set(times))
    assert all(one.find("span", class_="result")[0].text for one in rows)
    parts = {one.attributes["data-part"] for one in page if "data-part" in one.attributes}
    lit = {part for one in rows for part in one.attributes["data-lit"].split()}
    assert lit & parts
    ids = [one.attributes["id"] for one in page if "id" in one.attributes]
    assert len(set(ids)) == len(ids)


def test_a_large_network_says_what_is_left_out(tmp_path):
    page = parsed(written(tmp_path / "page.html", Session(load("digits"))))
    left_out = " ".join(one.text for one in page.find("p", class_="left-out"))
    assert "Layer 1 has 32 units" in left_out
    assert "more statements of this pass are left out" in left_out
    assert any(re.fullmatch(r"⋮ \d+ more", one.text) for one in page.find("text"))


def test_what_a_person_set_is_told_where_it_was_set(tmp_path):
    session = Session(load())
    session.go("0:8")
    session.set("w1", 0.45)
    page = parsed(written(tmp_path / "page.html", session))
    (told,) = page.find("p", class_="by-hand")
    assert told.text == "Set by hand at 0:8: w1 = 0.4500"
    (value,) = told.find("b")
    assert (value.attributes["data-given"], value.attributes["data-from"]) == ("w-1-0-0", "8")
    row = told.above
    following = row.above.inside[row.above.inside.index(row) + 1]
    assert following.attributes["id"] == "0:9"


def test_a_screen_reader_finds_its_way(page):
    assert page.find("html")[0].attributes["lang"] == "en"
    for landmark in ("header", "main", "footer"):
        assert len(page.find(landmark)) == 1
    levels = [int(one.tag[1]) for one in page if re.fullmatch(r"h[1-6]", one.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    (status,) = page.find(role="status")
    assert status.attributes["aria-live"] == "polite"
    for button in page.find("button"):
        assert button.attributes["type"] == "button"
        assert button.attributes.get("aria-label") or button.text
    assert page.find("input")[0].attributes["aria-label"]
    assert page.find("svg")[0].attributes["role"] == "img"
    assert page.find("svg")[0].find("title")[0].text == "The network worked example, 1-1-1"
    for table in page.find("table"):
        assert "derivation" in table.classes or table.find("th")
        assert all(one.attributes.get("scope") in ("row", "col") for one in table.find("th"))


@pytest.mark.parametrize("name", ["worked-example", "xor", "softmax", "mazur"])
@pytest.mark.parametrize("grain", list(Grain))
def test_moves_end_where_those_of_the_debugger_end(name, grain):
    session = Session(load(name))
    end = session.program.statements * 2
    found = stops(session.program, range(1, end + 1), grain)
    walked = [0]
    while session.time < end:
        session.forward(grain)
        walked.append(session.time)
    assert found == [*(time for time in walked if time < end), end], "the end of the page is one as well"


@pytest.mark.parametrize(
    "block", re.findall(r"\{([^{}]*--ground:[^{}]*)\}", HERE.joinpath("page.css").read_text("utf-8"))
)
def test_text_can_be_read_in_every_theme(block):
    """WCAG AA: 4.5 to 1, also on the grounds that mark what just happened."""
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})\b", block))
    grounds = [colours[name] for name in ("ground", "paper", "raised") if name in colours]
    for name in ("text", "muted", "forward", "loss", "backward", "update", "reused"):
        for ground in grounds:
            assert contrast(colours[name], ground) >= 4.5, (name, ground)
        if f"{name}-ground" in colours:
            assert contrast(colours[name], colours[f"{name}-ground"]) >= 4.5, name
            assert contrast(colours["text"], colours[f"{name}-ground"]) >= 4.5, name


def contrast(one, other):
    """As WCAG 2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
