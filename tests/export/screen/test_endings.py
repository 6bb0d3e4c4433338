"""Files of the screen by their endings."""

from __future__ import annotations

import sys
from html.parser import HTMLParser

import pytest

from backprop_tui.export.screen.animation import Frame
from backprop_tui.export.screen.cells import Run, Screen, Style
from backprop_tui.export.screen.endings import WRITERS, write
from backprop_tui.network.errors import NetworkError

STYLE = Style("#d8dee9", "#0e131b")
SHOWN = Screen(
    ((Run("<b>&amp; δ", STYLE, 10),), (Run("─ 0.25    ", STYLE, 10),)), 10, STYLE.color, STYLE.ground, "<t>"
)


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.words = [], [], {}

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_data(self, data):
        tag = self.tags[-1] if self.tags else ""
        self.words[tag] = self.words.get(tag, "") + data


def test_text_is_the_screens_rows(tmp_path):
    write([Frame(SHOWN, 1)], tmp_path / "x.txt")
    assert (tmp_path / "x.txt").read_text("utf-8") == "<b>&amp; δ\n─ 0.25\n"


def test_a_page_has_the_text_to_be_selected_and_needs_nothing_else(tmp_path):
    write([Frame(SHOWN, 1)], tmp_path / "x.HTML")
    text = (tmp_path / "x.HTML").read_text("utf-8")
    page = Page()
    page.feed(text)
    assert page.words["pre"].strip("\n") == "<b>&amp; δ\n─ 0.25"
    assert page.words["title"].strip() == "<t>"
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert not [one for one in page.attributes if one[0] in ("src", "href") or one[0].startswith("on")]
    assert "url(" not in text
    assert ("aria-hidden", "true") in page.attributes, "the same words are not read aloud twice"


def test_png_says_what_to_install_where_its_library_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(NetworkError) as raised:
        write([Frame(SHOWN, 1)], tmp_path / "x.png")
    assert str(raised.value).endswith('(pip install "backprop-tui[png]")')
    assert str(raised.value).startswith(str(tmp_path / "x.png"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["x.pdf", "x", "x.svgz", "svg"])
def test_another_ending_is_refused(tmp_path, name):
    with pytest.raises(NetworkError) as raised:
        write([Frame(SHOWN, 1)], tmp_path / name)
    assert all(ending in str(raised.value) for ending in WRITERS)
    assert name in str(raised.value)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "x.svg"
    path.mkdir()
    with pytest.raises(NetworkError, match="a file to write, found a folder"):
        write([Frame(SHOWN, 1)], path)
