"""Elements of SVG and HTML as text; whatever is written into them is escaped here."""

from __future__ import annotations

from html import escape

Attribute = str | float | bool | None


def attributes(**given: Attribute) -> str:
    """Attributes, each after a blank; ``_`` stands for ``-``, a last one is left out (``class_``).

    Those that are None or False are left out; True stands for one without a value.

    >>> attributes(class_="unit", data_part='"h"', hidden=True, id=None)
    ' class="unit" data-part="&quot;h&quot;" hidden'
    """
    written = ""
    for name, value in given.items():
        if value is None or value is False:
            continue
        written += " " + name.removesuffix("_").replace("_", "-")
        if value is not True:
            written += f'="{escape(_text(value))}"'
    return written


def element(tag: str, content: str | None, /, **given: Attribute) -> str:
    """An element around what is markup already; None: one without content, closed at once."""
    opened = f"<{tag}{attributes(**given)}"
    return f"{opened}/>" if content is None else f"{opened}>{content}</{tag}>"


def words(text: str) -> str:
    """Text as markup."""
    return escape(text, quote=False)


def _text(value: str | float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
