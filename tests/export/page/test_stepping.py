"""The page in a real browser: stepped by keys and buttons, on a phone, on paper, and without its script."""

from __future__ import annotations

import random
from base64 import b64decode
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace
from pages import FIGURES, HARM, written

from backprop_tui import Grain, Session, load
from backprop_tui.export.drawing.network import moment_svg

KEYS = dict(zip("snlfbue", Grain, strict=True))
SHOWN = """
  const position = document.querySelector('.position').innerText;
  const texts = {};
  for (const one of document.querySelectorAll('.net [data-slot]')) {
    const hidden = one.closest('.gradient')?.classList.contains('absent');
    texts[one.dataset.slot] = hidden ? '' : one.textContent;
  }
  return [position, texts];
"""
ROOM = "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"


@pytest.fixture
def page(tmp_path, browser):
    """Opens the page of a session, and leaves no error in the console."""

    def opened(session, width=1280, height=800, at="", **wanted):
        path = tmp_path / "page.html"
        written(path, session, **wanted)
        browser.open(path.as_uri() + at, width, height)
        return browser

    yield opened
    assert browser.errors() == []


def position(browser):
    """Where the page is, as the debugger writes it."""
    return as_position(browser.text(".position"))


def as_position(shown):
    words = shown.replace(",", "").split()
    return f"{words[1]}:{words[3]}"


def five_factors(browser):
    names = browser.run(
        "return [...document.querySelectorAll('.now th.factor')].map((one) => one.textContent)"
    )
    numbers = browser.run(
        "return [...document.querySelectorAll('.now td.number')].map((one) => one.textContent)"
    )
    return list(zip(names, numbers, strict=True))


FIVE = [
    ("∂L∂ao", "−0.3558"),
    ("∂ao∂zo", "0.2292"),
    ("∂zo∂ah", "0.7000"),
    ("∂ah∂zh", "0.2461"),
    ("∂zh∂w1", "0.5000"),
]


def test_f_b_and_shift_s_show_the_five_factors(page):
    browser = page(Session(load()), epochs=(0, 2))
    browser.keys("f", "b", "S")
    assert position(browser) == "0:14"
    assert five_factors(browser) == FIVE
    assert browser.text(".phase-now") == "◀ backward"
    assert browser.text(".now .result") == "−0.0070"
    status = browser.run("return document.querySelector('[role=status]').textContent")
    assert status.startswith(
        "epoch 0, step 14 of 19, backward: dL/dw1 = −0.0070. h's error signal times its input"
    )
    lit = (
        "return [...document.querySelectorAll('.net .lit, .net .read')].map((one) => one.dataset.part).sort()"
    )
    # The weight itself (line and label), and the way that leads to it.
    assert browser.run(lit) == sorted(
        ["w-1-0-0"] * 2 + ["unit-1-0", "unit-0-0", "loss", "unit-2-0"] + ["w-2-0-0"] * 2
    )


def test_buttons_do_the_same(page):
    browser = page(Session(load()))
    for grain, way in (("forward", 1), ("backward", 1), ("statement", -1)):
        browser.click(f"button[data-grain={grain}][data-way='{way}']")
    assert position(browser) == "0:14"
    assert five_factors(browser) == FIVE


@pytest.mark.parametrize("name", ["worked-example", "xor"])
def test_at_every_step_the_drawing_shows_what_the_debugger_shows(page, name):
    """Forwards and backwards, over three epochs: values, dashes, and brackets around what is stale."""
    session = Session(load(name))
    browser = page(session, epochs=(0, 2) if name == "worked-example" else None)
    last = int(browser.run("return document.querySelector('input').max"))
    assert last == {"worked-example": 57, "xor": 109}[name]
    times = [*range(last + 1), *range(last - 1, -1, -1)]
    seen = [browser.run(SHOWN), *browser.at_each("s" * last + "S" * last, SHOWN)]
    for time, (shown, texts) in zip(times, seen, strict=True):
        session.jump(time)
        assert as_position(shown) == session.position
        svg = ElementTree.fromstring(moment_svg(session.now))
        expected = {
            one.get("data-slot"): "".join(one.itertext()) for one in svg.iter() if one.get("data-slot")
        }
        assert texts == expected, session.position


def test_each_statement_is_shown_when_it_has_run(page):
    browser = page(Session(load()))
    visible = """return [...document.querySelectorAll('.calculation .statement')]
      .map((one) => [one.id, one.querySelector('.result').innerText.trim()])"""
    assert {text for _, text in browser.run(visible)} == {""}
    for step, shown in enumerate(browser.at_each("s" * 19, visible), 1):
        assert {at: text for at, text in shown if text} == {
            at: text for at, text in FIGURES.items() if int(at[2:]) <= step
        }
    now = browser.run("return document.querySelector('.calculation [aria-current]').id")
    assert now == "0:19"


@pytest.mark.parametrize("name", ["worked-example", "mazur", "softmax"])
def test_any_keys_lead_where_they_lead_in_the_debugger(page, name):
    session = Session(load(name))
    browser = page(session, epochs=(0, 1))
    end = 2 * session.program.statements
    rng = random.Random(7)
    for _ in range(60):
        key = rng.choice("snlfbueSNLFBUE")
        if key.islower():
            session.forward(KEYS[key])
        else:
            session.back(KEYS[key.lower()])
        session.jump(min(session.time, end))
        browser.keys(key)
        assert position(browser) == session.position, key


def test_other_keys(page):
    from selenium.webdriver.common.keys import Keys

    browser = page(Session(load()), epochs=(0, 2))
    for key, expected in (
        (" ", "0:1"),
        (Keys.ARROW_RIGHT, "0:2"),
        (Keys.ARROW_LEFT, "0:1"),
        (Keys.BACKSPACE, "0:0"),
        (Keys.END, "2:19"),
        ("e", "2:19"),
        (Keys.HOME, "0:0"),
        ("S", "0:0"),
    ):
        browser.keys(key)
        assert position(browser) == expected, key
    browser.keys("?")
    assert browser.run("return document.querySelector('.help').open")
    browser.keys("w")
    assert browser.run("return document.querySelector('.calculation .work').offsetHeight") > 0
    browser.keys("w")
    assert browser.run("return document.querySelector('.calculation .work').offsetHeight") == 0


def test_it_runs_by_itself_to_the_end_and_stops(page):
    browser = page(Session(load()))
    browser.keys("f", *("+" * 6), "r")
    browser.driver.implicitly_wait(0)
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser.driver, 10).until(lambda _: position(browser) == "0:19")
    pressed = "return document.querySelector('#run').getAttribute('aria-pressed')"
    WebDriverWait(browser.driver, 10).until(lambda _: browser.run(pressed) == "false")


def test_an_address_is_a_position(page):
    browser = page(Session(load()), at="#0:14")
    assert position(browser) == "0:14"
    browser.click(".calculation [id='0:6'] .step")
    assert position(browser) == "0:6"
    assert browser.run("return location.hash") == "#0:6"
    browser.run("document.querySelector('.calculation [id=\"0:3\"]').click()")
    assert position(browser) == "0:3"


def test_the_tables_of_values_follow(page):
    browser = page(Session(load()))
    browser.keys("f", "b")
    browser.click(".values summary")
    rows = browser.run("""return [...document.querySelectorAll('.values tr')]
      .map((row) => [...row.cells].map((one) => one.textContent).join(' '))""")
    assert "o 0.5935 0.6442 −0.3558 0.2292 −0.0816" in rows
    assert "w1 0.3000 −0.0070" in rows


IN_SIGHT = """
  const found = [...document.querySelectorAll('.now .sentence')];
  if (!found.length) return 'no sentence';
  const range = document.createRange();
  range.selectNodeContents(found[0]);
  for (const box of range.getClientRects())
    for (const [x, y] of [[box.left + 1, box.top + 1], [box.right - 1, box.bottom - 1]])
      if (!found[0].contains(document.elementFromPoint(x, y))) return found[0].textContent;
  return null;
"""
"""What is said of the step, where something lies over it or it is out of sight."""


@pytest.mark.parametrize("size", [(1400, 757), (1280, 720), (1024, 640), (390, 844)])
@pytest.mark.parametrize("name", ["xor", "vanishing"])
def test_what_a_step_means_is_always_in_sight(page, name, size):
    session = Session(load(name))
    browser = page(session, *size)
    last = int(browser.run("return document.querySelector('input').max"))
    session.jump(last)
    hidden = browser.at_each("s" * last, IN_SIGHT)
    assert hidden == [None] * last
    assert position(browser) == session.position


@pytest.mark.parametrize("size", [(1400, 757), (1280, 720)])
def test_in_a_window_the_whole_explanation_fits_above_the_keys(page, size):
    browser = page(Session(load("xor")), *size)
    browser.keys("f", "b", "S")
    card, keys, hidden, drawn = browser.run("""
      const now = document.querySelector('.now');
      const box = (one) => document.querySelector(one).getBoundingClientRect();
      const hidden = now.scrollHeight - now.clientHeight;
      return [box('.now').bottom, box('.keys').top, hidden, box('svg').height]""")
    assert card <= keys
    assert hidden <= 0
    assert drawn >= 200


def test_at_the_start_the_calculation_stands_at_its_heading(page):
    browser = page(Session(load("xor")), 1400, 757)
    top = "return document.querySelector('.calculation').scrollTop"
    assert browser.run(top) == 0
    browser.keys("f", "b")
    assert browser.run(top) > 0
    browser.keys("B")
    assert browser.run(top) == 0


@pytest.mark.parametrize("width", [320, 360, 400])
@pytest.mark.parametrize("name", ["worked-example", "mazur", "vanishing", "digits"])
def test_on_a_phone_nothing_is_wider_than_the_screen(page, name, width):
    browser = page(Session(load(name)), width, 740)
    for keys in ("", "f", "b", "S", "u"):
        browser.keys(*keys)
        scroll, client = browser.run(ROOM)
        assert scroll <= client == width, keys
    browser.keys("w")
    scroll, client = browser.run(ROOM)
    assert scroll <= client
    heights = (
        "return [...document.querySelectorAll('.keys button')].map((one) => one.getBoundingClientRect())"
    )
    for box in browser.run(heights):
        assert box["height"] >= 44
        assert 0 <= box["left"] < box["right"] <= width
        assert box["bottom"] <= 740


def test_dark_and_light(page):
    ground = "return getComputedStyle(document.body).backgroundColor"
    browser = page(Session(load()))
    browser.prefer(color_scheme="light")
    light = browser.run(ground)
    browser.prefer(color_scheme="dark")
    dark = browser.run(ground)
    assert light == "rgb(246, 247, 249)"
    assert dark == "rgb(14, 19, 27)"
    browser.click("#theme")
    assert browser.run(ground) == light
    browser.keys("t")
    assert browser.run(ground) == dark
    browser.driver.refresh()
    browser.prefer(color_scheme="light")
    assert browser.run(ground) == dark, "the choice is kept"
    browser.run("localStorage.clear()")


def test_nothing_moves_for_those_who_want_no_motion(page):
    browser = page(Session(load()), at="#0:14")
    moving = "return document.getAnimations().length"
    browser.prefer(reduced_motion="no-preference")
    assert browser.run(moving) > 0
    browser.prefer(reduced_motion="reduce")
    assert browser.run(moving) == 0


def test_paper_shows_the_whole_calculation(page):
    browser = page(Session(load()), epochs=(0, 2))
    browser.keys("s")
    browser.command("Emulation.setEmulatedMedia", media="print")
    seen = """return [...document.querySelectorAll('.calculation .statement')].map((one) =>
      [one.id, one.querySelector('.result').innerText.trim(), one.querySelector('.work').offsetHeight > 0,
       one.querySelector('.result b').checkVisibility({ visibilityProperty: true, opacityProperty: true }),
      ])"""
    rows = browser.run(seen)
    assert len(rows) == 57
    assert {at: text for at, text, _, _ in rows if at in FIGURES} == FIGURES
    assert all(work and visible for _, _, work, visible in rows)
    hidden = "return [...document.querySelectorAll('.live, .tools')].every((one) => !one.checkVisibility())"
    assert browser.run(hidden)
    browser.command("Emulation.setEmulatedMedia", media="")
    printed = b64decode(browser.command("Page.printToPDF", printBackground=True)["data"])
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page ") >= 5
    assert position(browser) == "0:1"


def test_without_its_script_the_page_is_the_whole_calculation(page):
    browser = page(Session(load()), epochs=(0, 2))
    browser.command("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.driver.refresh()

        def shown(selector):
            document = browser.command("DOM.getDocument", depth=0)["root"]["nodeId"]
            found = browser.command("DOM.querySelectorAll", nodeId=document, selector=selector)["nodeIds"]
            return sum(has_box(browser, node) for node in found), len(found)

        def comes_to_show(selector, expected):
            """A page that is loaded again may yet be replaced while it is asked for its nodes."""
            from selenium.common.exceptions import WebDriverException
            from selenium.webdriver.support.ui import WebDriverWait

            waiting = WebDriverWait(browser.driver, 10, ignored_exceptions=[WebDriverException])
            return waiting.until(lambda _: shown(selector) == expected)

        assert comes_to_show(".statement .result b", (57, 57))
        assert comes_to_show(".statement .work", (57, 57))
        assert shown(".live")[0] == 0
        assert comes_to_show(".net svg", (1, 1))
    finally:
        browser.command("Emulation.setScriptExecutionDisabled", value=False)


def has_box(browser, node):
    """Whether an element takes room on the page."""
    from selenium.common.exceptions import WebDriverException

    try:
        return browser.command("DOM.getBoxModel", nodeId=node)["model"]["height"] > 0
    except WebDriverException:
        return False


def test_a_harmful_title_does_nothing(page):
    browser = page(Session(replace(load(), title=HARM, about={"source": HARM})))
    browser.keys("f", "b", "S")
    assert browser.run("return [window.harmed ?? null, document.images.length, document.scripts.length]") == [
        None,
        0,
        1,
    ]
    assert browser.text("h1").startswith("</script></style></title><img src=x onerror=")
    assert position(browser) == "0:14"


@pytest.mark.parametrize("size", [(1024, 768), (1152, 800), (1160, 800), (1280, 720), (1920, 1080)])
def test_z_gives_the_drawing_the_whole_height_and_cuts_no_number(page, size):
    """As a room sees it: 2-4-1 beside the calculation has letters of seven pixels."""
    browser = page(Session(load("2-4-1", data="xor")), *size)
    browser.keys("f", "b", "S")
    seen = """
      const cut = document.querySelector('.now .scroll');
      const svg = document.querySelector('.net svg');
      const letters = svg.querySelector('.name').getBoundingClientRect().height;
      const calculation = document.querySelector('.calculation').offsetHeight;
      return [letters, cut.scrollWidth - cut.clientWidth, calculation]"""
    before, cut, calculation = browser.run(seen)
    assert cut <= 0
    assert calculation > 0
    browser.keys("z")
    larger, cut, calculation = browser.run(seen)
    assert larger >= 1.5 * before
    assert cut <= 0
    assert calculation == 0
    assert browser.run(IN_SIGHT) is None
    browser.run("document.querySelector('#larger').click()")
    assert browser.run(seen)[0] == before
