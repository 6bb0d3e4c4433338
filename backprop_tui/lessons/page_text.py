"""The text of a page: Markdown with live numbers, as blocks of pieces that a writer can set.

>>> blocks("The error signal is **{delta_o}**.")[0].pieces
(Piece(text='The error signal is '), Piece(live='delta_o', strong=True), Piece(text='.'))
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import Struct
from msgspec.structs import replace

from backprop_tui.network.errors import NetworkError, described

_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_DECIMALS = re.compile(r"\s*:\s*(\d{1,2})$", re.ASCII)
_FIRST, _MOST = 0xE000, 6000
"""While Markdown is read, an expression is one private character: its own * and _ are no markup."""
_PRIVATE = re.compile(f"[{chr(_FIRST)}-{chr(0xF8FF)}]")


class Piece(Struct, frozen=True, omit_defaults=True, repr_omit_defaults=True):
    """A run of text in one style, or a live number."""

    text: str = ""
    live: str = ""
    """The expression of a live number."""
    decimals: int | None = None
    """How many decimals of it are shown, whatever is chosen: ``{w1:2}``; None: as many as are chosen."""
    strong: bool = False
    emphasis: bool = False
    code: bool = False


Pieces = tuple[Piece, ...]


class Block(Struct, frozen=True):
    """A paragraph, heading, item of a list, line of code, row of a table, or rule."""

    kind: str
    """``paragraph``, ``heading``, ``item``, ``code``, ``row``, ``head`` or ``rule``."""
    pieces: Pieces = ()
    cells: tuple[Pieces, ...] = ()
    """Of a table's row."""
    mark: str = ""
    """Of an item, what stands before it."""
    depth: int = 0
    """How deep it lies in lists."""
    quoted: bool = False
    opens: bool = True
    """Whether it is set apart from what stands above it."""


def expressions(text: str) -> list[str]:
    """The expressions of the live numbers in a text, in their order.

    Raises:
        NetworkError: a brace stands alone, or there are too many.
    """
    return [_DECIMALS.sub("", one) for one in _taken_out(text)[1]]


def _taken_out(text: str) -> tuple[str, list[str]]:
    """*text* with a private character in the place of each expression, and the expressions."""
    found: list[str] = []

    def put(match: re.Match[str]) -> str:
        whole = match[0]
        if whole in ("{{", "}}"):
            return whole[0]
        if match[1] is None or not match[1].strip():
            line = text.count("\n", 0, match.start()) + 1
            raise NetworkError(
                "", "an expression in braces, as {loss}", f"{described(whole)} in line {line}",
                hint="{{ and }} are braces",
            )  # fmt: skip
        found.append(match[1].strip())
        return chr(_FIRST + len(found) - 1)

    put_in = _BRACES.sub(put, _PRIVATE.sub(" ", text))
    if len(found) > _MOST:
        raise NetworkError("", f"at most {_MOST:,} live numbers", f"{len(found):,}")
    return put_in, found


def blocks(text: str) -> tuple[Block, ...]:
    """The blocks of a page's text.

    Raises:
        NetworkError: as ``expressions``.
    """
    markdown, found = _taken_out(text)
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.disable(["link", "image", "autolink", "entity", "reference"])
    return tuple(_Blocks(found).of(reader.parse(markdown)))


class _Blocks:
    """Walks through the tokens of Markdown."""

    def __init__(self, found: list[str]) -> None:
        self._found = found
        self._lists: list[list[Any]] = []
        """The lists around: the number of the next item, or None where they are not numbered."""
        self._quotes = 0
        self._fresh = ""
        """The mark of an item that has just begun."""
        self._first = False
        """Whether that item is the first of its list."""
        self._cells: list[Pieces] = []
        self._within = ""

    def of(self, tokens: list[Token]) -> Iterator[Block]:
        for token in tokens:
            yield from self._block(token)

    def _block(self, token: Token) -> Iterator[Block]:
        match token.type:
            case "bullet_list_open":
                self._lists.append([None])
                self._first = True
            case "ordered_list_open":
                self._lists.append([int(token.attrGet("start") or 1)])
                self._first = True
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "list_item_open":
                number = self._lists[-1][0]
                self._fresh = "•" if number is None else f"{number}."
                if number is not None:
                    self._lists[-1][0] += 1
            case "blockquote_open":
                self._quotes += 1
            case "blockquote_close":
                self._quotes -= 1
            case "heading_open" | "thead_open" | "tbody_open":
                self._within = token.type.removesuffix("_open")
            case "heading_close":
                self._within = ""
            case "tr_open":
                self._cells = []
            case "tr_close":
                kind = "head" if self._within == "thead" else "row"
                yield self._made(kind, cells=tuple(self._cells), opens=kind == "head")
            case "table_close":
                self._within = ""
            case "inline":
                yield from self._inline(token)
            case "fence" | "code_block":
                for number, line in enumerate(token.content.rstrip("\n").split("\n")):
                    yield self._made("code", pieces=self._pieces(line, code=True), opens=number == 0)
            case "hr":
                yield self._made("rule")

    def _inline(self, token: Token) -> Iterator[Block]:
        pieces = tuple(self._spans(token.children or []))
        if self._within in ("thead", "tbody"):
            self._cells.append(pieces)
        elif self._within == "heading":
            yield self._made("heading", pieces=pieces)
        elif self._lists:
            mark, self._fresh = self._fresh, ""
            opens, self._first = self._first and len(self._lists) == 1, False
            yield self._made("item", pieces=pieces, mark=mark, depth=len(self._lists), opens=opens)
        else:
            yield self._made("paragraph", pieces=pieces)

    def _made(self, kind: str, **what: Any) -> Block:
        return Block(kind, quoted=self._quotes > 0, **what)

    def _spans(self, children: list[Token]) -> Iterator[Piece]:
        strong = emphasis = 0
        for child in children:
            match child.type:
                case "strong_open":
                    strong += 1
                case "strong_close":
                    strong -= 1
                case "em_open":
                    emphasis += 1
                case "em_close":
                    emphasis -= 1
                case "softbreak":
                    yield Piece(" ")
                case "hardbreak":
                    yield Piece("\n")
                case "code_inline":
                    yield from self._pieces(child.content, code=True)
                case _:
                    for piece in self._pieces(child.content):
                        yield replace(piece, strong=strong > 0, emphasis=emphasis > 0)

    def _pieces(self, text: str, *, code: bool = False) -> Pieces:
        """Text with the live numbers where they stood."""
        pieces: list[Piece] = []
        start = 0
        for match in _PRIVATE.finditer(text):
            if match.start() > start:
                pieces.append(Piece(text[start : match.start()], code=code))
            live = self._found[ord(match[0]) - _FIRST]
            decimals = _DECIMALS.search(live)
            pieces.append(
                Piece(
                    live=_DECIMALS.sub("", live), decimals=int(decimals[1]) if decimals else None, code=code
                )
            )
            start = match.end()
        if text[start:]:
            pieces.append(Piece(text[start:], code=code))
        return tuple(pieces)
