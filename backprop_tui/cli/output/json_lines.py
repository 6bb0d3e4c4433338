"""What commands print for programs: a JSON object a line."""

from __future__ import annotations

import json
import sys
from typing import Any

from backprop_tui.cli.output.streams import say, shows_unicode
from backprop_tui.session.records.trace import json_number


def say_json(record: object) -> None:
    """Print an object as a line of JSON, with escapes where the output is not UTF-8."""
    say(json.dumps(record, ensure_ascii=not shows_unicode(sys.stdout), allow_nan=False))


def plain(value: Any) -> Any:
    """Arrays as lists, and every number as one that JSON can hold."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [plain(item) for item in value]
    return json_number(value)
