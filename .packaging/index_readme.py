"""The README as a package index shows it, where a path of the repository means nothing.

Its links and pictures get whole addresses, from the patterns ``files`` and ``pictures`` of
``[tool.hatch.metadata.hooks.custom]`` in pyproject.toml. Without a pattern a link is its words alone, and in
place of a picture stands what it shows: nothing on the page is broken.
"""

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_FENCED = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
_VERSION = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)


class ReadmeForIndex(MetadataHookInterface):
    """Puts the README into the package's metadata."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Add the field ``readme``."""
        root = Path(self.root)
        version = _VERSION.search(Path(root, "backprop_tui", "__init__.py").read_text("utf-8"))
        assert version
        patterns = {name: self.config.get(name, "") for name in ("files", "pictures")}
        text = for_index(Path(root, "README.md").read_text("utf-8"), version[1], **patterns)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


def for_index(text: str, version: str, files: str = "", pictures: str = "") -> str:
    """The text with whole addresses in its links; code is left as it is.

    Args:
        text: Markdown.
        version: what ``{version}`` in a pattern stands for.
        files: the address of a file, with ``{path}``; empty: there is none.
        pictures: that of a picture.
    """

    def whole(link: re.Match[str]) -> str:
        picture, words, path = link.groups()
        if re.match(r"[a-z]+:|#", path):
            return link[0]
        if pattern := pictures if picture else files:
            return f"{picture}[{words}]({pattern.format(path=path, version=version)})"
        return f"*{words}*" if picture else words

    return "".join(part if part.startswith("```") else _LINK.sub(whole, part) for part in _FENCED.split(text))
