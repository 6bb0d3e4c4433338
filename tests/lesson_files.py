"""Lesson files for the tests."""

from pathlib import Path

TWO_PAGES = """
title = "Why deep sigmoids learn slowly"
network = "vanishing"

[[pages]]
text = \"\"\"
The error signal of the last layer is **{delta_o}**. Press `n` and watch it shrink.\"\"\"
position = "0:20"
select = "o"
picture = "flow"

[[pages]]
text = "What is the slope of h7's sigmoid here?"
[pages.question]
answer = "da_dz_h7_1"          # an expression as in breakpoints; never a typed figure
hint = "a(1 − a)"
choices = ["a_h7_1", "da_dz_h7_1", "w7"]   # optional; left out: typed in, right to the digits shown
"""
"""The example of the design."""

ONE_PAGE = """
title = "t"
network = "worked-example"
[[pages]]
text = "x is {x}"
"""


def written(folder: Path, text: str, name: str = "lesson.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path
