"""The offer of the first lesson: in whatever width, what each of its two keys does is said."""

import pytest
from views import view_of

from backprop_tui.network.files.library import find
from backprop_tui.tui.pictures.rows import plain
from backprop_tui.tui.widgets.offer_line import offer_row


@pytest.mark.parametrize("width", [120, 80, 66, 60, 50, 40, 32])
def test_it_is_never_cut(width):
    (text,) = plain([offer_row(view_of(find(), 0), width)])
    assert len(text) <= width
    words = text.split()
    assert words[words.index("]") + 1 :][:3] in (
        ["opens", "the", "first"],
        ["the", "first", "lesson"],
        ["first", "lesson", "escape"],
    )
    assert words[words.index("escape") + 1].startswith("no")
