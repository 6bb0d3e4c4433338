"""The verdict of a prediction stands above the explanation of what was asked, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from views import exact, worked

from backprop_tui.history.run import Run
from backprop_tui.lessons.prediction.judging import judged, unanswered
from backprop_tui.lessons.prediction.question import question
from backprop_tui.network.files.library import find
from backprop_tui.program.boundaries import Grain
from backprop_tui.program.number_text import DIGITS
from backprop_tui.tui.pictures.explanation.picture import chain_rule_picture, explanation_rows
from backprop_tui.tui.pictures.explanation.verdict import verdict_rows
from backprop_tui.tui.pictures.rows import Tone, plain
from backprop_tui.tui.pictures.status_and_keys import status_row


def seen(said, time=9, **looks):
    """The worked example after an answer about the statement that ends at *time*."""
    asked = question(Run(find()), Grain.STATEMENT, time - 1, time)
    verdict = judged(asked, said, 4) if said else unanswered(asked)
    return worked(time, verdict=verdict, **looks)


@pytest.mark.parametrize(
    ("said", "rows"),
    [
        ("-0.046", [" ✓ Right: it is −0.0459."]),
        ("", [" · It is −0.0459; not scored."]),
        (
            "-0.2",
            [
                " ✗ You said −0.2; it is −0.0459. You",
                " left out the slope factor",
                " da_o/dz_o = 0.2292.",
            ],
        ),
    ],
)
def test_one_to_three_rows(said, rows):
    assert plain(verdict_rows(seen(said), 40)) == rows


@given(st.sampled_from(["-0.046", "-0.2", "0.046", "77", ""]), st.integers(20, 130), st.sampled_from(DIGITS))
def test_at_any_width_and_with_any_digits_all_words_are_there(said, width, digits):
    view = seen(said, digits=digits)
    rows = verdict_rows(view, width)
    assert all(cell_len(row) <= width for row in plain(rows))
    text = "".join(plain(rows)).replace("\xa0", " ")
    judgement, words = view.verdict.judgement(digits), view.verdict.words(digits).replace("\xa0", " ")
    sign = text.strip()[0]
    assert sign in "✓✗·"
    assert "".join(text.split()) == "".join(f"{sign}{judgement}{words}".split())
    bold = "".join(part for row in rows for part, tone in row if tone is not Tone.TEXT)
    assert "".join(bold.split()) == "".join(f"{sign}{judgement}".split())


@given(st.integers(20, 130), st.integers(1, 30))
def test_the_explanation_stands_below(width, height):
    view, without = seen("-0.2"), worked(9)
    above = verdict_rows(view, width)
    rows = explanation_rows(view, width, height)
    assert rows[: len(above)] == above
    assert rows[len(above) :] == explanation_rows(without, width, height - len(above))
    assert exact(chain_rule_picture(view, width, height), width, height)


def test_of_another_statement_nothing_is_said():
    view = seen("-0.2")
    other = view.but(cursor=view.session.program.statement(5))
    assert verdict_rows(other, 60) == []
    assert plain(explanation_rows(other, 60, 12))[0].startswith(" dL/da_o")


@given(st.integers(1, 200), st.integers(1, 60))
def test_the_status_line_keeps_the_score(width, time):
    row = status_row(worked(time, predicting="15/16 · streak 13"), width)
    assert exact((row,), width, 1)
    if width >= 50:
        assert "predict 15/16 · streak 13" in plain([row])[0]
        assert "step" in plain([row])[0]
