"""JSON, an object a line."""

from __future__ import annotations

import json
import sys
from typing import Any

from backprop_tui.cli.printing import write
from backprop_tui.session.trace import json_number


def write_json(record: object) -> None:
    """Print a record as one line of JSON, in ASCII where the output is not in UTF-8."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    write(json.dumps(record, ensure_ascii=encoding not in ("utf-8", "utf8"), allow_nan=False))


def plain(value: Any) -> Any:
    """Arrays as lists, and every number as one that JSON can hold."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [plain(item) for item in value]
    return json_number(value)
