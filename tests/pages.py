"""Pages that step, as tests write and read them: by a parser that knows nothing of how they are written."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from backprop_tui.export import formats
from backprop_tui.session.session import Session

VOID = ("br", "hr", "img", "input", "link", "meta")
FIGURES = {
    "0:1": "0.2500",
    "0:2": "0.5622",
    "0:3": "0.5935",
    "0:4": "0.6442",
    "0:5": "0.0633",
    "0:6": "−0.3558",
    "0:7": "0.2292",
    "0:8": "−0.0816",
    "0:9": "−0.0459",
    "0:10": "−0.0816",
    "0:11": "−0.0571",
    "0:12": "0.2461",
    "0:13": "−0.0141",
    "0:14": "−0.0070",
    "0:15": "−0.0141",
    "0:16": "0.7229",
    "0:17": "0.2408",
    "0:18": "0.3035",
    "0:19": "0.1070",
}
"""The article's results, by the position at which each is computed."""
HARM = '</script></style></title><img src=x onerror="window.harmed=1"><script>window.harmed=1</script>\'&amp;'
"""A title that would do something if it were more than text."""


def written(path: Path, session: Session, **wanted) -> str:
    """A page in a file, written as ``export`` does it."""
    formats.export(formats.Wanted(session, **wanted), path)
    return path.read_text("utf-8")


class Element:
    """An element with its attributes, and what is in it."""

    def __init__(self, tag: str, attributes: dict[str, str | None], above: Element | None) -> None:
        self.tag, self.attributes, self.above = tag, attributes, above
        self.inside: list[Element | str] = []

    def __iter__(self):
        """It and all elements in it, in order."""
        yield self
        for one in self.inside:
            if isinstance(one, Element):
                yield from one

    @property
    def text(self) -> str:
        """All its text, each run of blanks as one."""
        return " ".join("".join(self._texts()).split())

    def _texts(self):
        for one in self.inside:
            yield one if isinstance(one, str) else "".join(one._texts())

    @property
    def classes(self) -> list[str]:
        return (self.attributes.get("class") or "").split()

    def find(self, tag: str | None = None, **attributes: str) -> list[Element]:
        """The elements in it of that kind; ``class_`` is one of its classes."""
        return [one for one in self if one is not self and _is(one, tag, attributes)]

    def within(self, tag: str) -> Element | None:
        """The nearest element of that kind around it."""
        one = self.above
        while one is not None and one.tag != tag:
            one = one.above
        return one


def _is(one, tag, attributes):
    wanted = dict(attributes)
    kind = wanted.pop("class_", None)
    return (
        (tag is None or one.tag == tag)
        and (kind is None or kind in one.classes)
        and all(one.attributes.get(name.replace("_", "-")) == value for name, value in wanted.items())
    )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {}, None)
        self.open = [self.root]

    def handle_starttag(self, tag, attrs):
        one = self._add(tag, attrs)
        if tag not in VOID:
            self.open.append(one)

    def handle_startendtag(self, tag, attrs):
        self._add(tag, attrs)

    def _add(self, tag, attrs):
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute is given twice: {attrs}"
        one = Element(tag, dict(attrs), self.open[-1])
        self.open[-1].inside.append(one)
        return one

    def handle_endtag(self, tag):
        assert self.open[-1].tag == tag, f"</{tag}> where {self.open[-1].tag} is open"
        self.open.pop()

    def handle_data(self, data):
        self.open[-1].inside.append(data)


def parsed(text: str) -> Element:
    """The root of a page; every element that is opened has to be closed in order."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == [reader.root], f"not closed: {[one.tag for one in reader.open[1:]]}"
    return reader.root
