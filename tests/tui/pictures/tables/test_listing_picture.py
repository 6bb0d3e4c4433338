"""The listing: every statement on one line, headings between, the worked example's figures beside them."""

import pytest
from hypothesis import given
from strategies import networks
from views import NAMED, SIZES, exact, some_networks, view_of, views, words, worked

from backprop_tui.engine.quantities import Phase
from backprop_tui.history.facts_of_run import FactsOfRun, NamesOfRun
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find
from backprop_tui.program.explanations.explain import explain
from backprop_tui.program.number_text import DIGITS, number
from backprop_tui.session.session import Session
from backprop_tui.tui.pictures.rows import Tone, plain
from backprop_tui.tui.pictures.tables.listing import Listing, program_picture
from backprop_tui.tui.view import Node, View


def expected_lines(session):
    """An epoch's listing written down statement by statement."""
    lines, section = [], None
    for index in range(session.program.statements):
        statement = session.program.statement(index)
        phase = Phase.FORWARD if statement.phase is Phase.LOSS else statement.phase
        here = (phase, statement.iteration, statement.slot)
        if here != section:
            lines.append(here)
            section = here
        lines.append(index + 1)
    return lines


@given(some_networks())
def test_the_listing_has_every_statement_once_and_headings_where_they_belong(network):
    session = Session(network)
    listing = Listing(session)
    lines = expected_lines(session)
    assert listing.length() == len(lines)
    assert [listing.at(line) for line in range(len(lines))] == lines
    for step in range(1, session.program.statements + 1):
        assert listing.at(listing.line_of(step)) == step


def batches(examples, size, frozen=()):
    layer = {"units": 2, "activation": "tanh", "frozen": list(frozen)}
    return build(
        {
            "network": {"inputs": 1, "layers": [layer]},
            "data": {"inputs": [[float(n)] for n in range(examples)], "targets": [[0.0, 1.0]] * examples},
            "training": {"batch_size": size},
        }
    )


@pytest.mark.parametrize(("examples", "size"), [(1, 1), (3, 1), (3, 2), (4, 2), (5, 4), (3, 3)])
@pytest.mark.parametrize("frozen", [(), ("weights",), ("weights", "biases")])
def test_batches_a_short_last_one_among_them(examples, size, frozen):
    session = Session(batches(examples, size, frozen))
    lines = expected_lines(session)
    listing = Listing(session)
    assert [listing.at(line) for line in range(listing.length())] == lines
    assert [listing.line_of(step) for step in range(1, session.program.statements + 1)] == [
        line for line, what in enumerate(lines) if isinstance(what, int)
    ]


def test_headings_name_example_and_batch():
    rows = plain(program_picture(view_of(batches(3, 2)), 60, 70))
    headings = [words(row.replace("─", " ")) for row in rows if row.startswith("─")]
    assert headings == [
        *("▶ forward example 0", "◀ backward example 0", "▶ forward example 1", "◀ backward example 1"),
        *("▲ update batch 1/2", "▶ forward example 2", "◀ backward example 2", "▲ update batch 2/2"),
    ]


@given(views(), SIZES)
def test_the_listing_has_the_size_of_its_pane(view, size):
    last = Listing(view.session).length()
    for top in (0, last // 2, max(0, last - size[1]), last + 3):
        assert exact(program_picture(view, size[0], size[1], top), *size)


@given(views(networks(layers=2, units=2, examples=2)))
def test_only_the_statement_just_run_bears_its_mark(view):
    listing = Listing(view.session)
    rows = plain(program_picture(view, 100, listing.length()))
    marked = [line for line, row in enumerate(rows) if row.startswith("▶")]
    assert marked == ([listing.line_of(view.session.step)] if view.time else [])


@given(views(networks(layers=2, units=2, examples=2)))
def test_what_has_not_run_reads_as_unknown_and_what_has_run_does_not(view):
    listing = Listing(view.session)
    rows = plain(program_picture(view, 140, listing.length()))
    for line, row in enumerate(rows):
        step = listing.at(line)
        if isinstance(step, int):
            assert row.rstrip().endswith(" –") == (step > view.session.step)


THE_WORKED_EXAMPLE = """\
─ ▶ forward
1 z_h = w1·x + b1 0.2500
2 a_h = sigmoid(z_h) 0.5622
3 z_o = w2·a_h + b2 0.5935
4 a_o = sigmoid(z_o) 0.6442
5 L = ½(y − a_o)² 0.0633
─ ◀ backward
6 dL/da_o = −(y − a_o) −0.3558
7 da_o/dz_o = a_o(1 − a_o) 0.2292
8 dL/dz_o = dL/da_o·da_o/dz_o −0.0816
9 dL/dw2 = dL/dz_o·a_h −0.0459
10 dL/db2 = dL/dz_o·1 −0.0816
11 dL/da_h = dL/dz_o·w2 −0.0571
12 da_h/dz_h = a_h(1 − a_h) 0.2461
13 dL/dz_h = dL/da_h·da_h/dz_h −0.0141
14 dL/dw1 = dL/dz_h·x −0.0070
15 dL/db1 = dL/dz_h·1 −0.0141
─ ▲ update
16 w2 = w2 − η·dL/dw2 0.7229
17 b2 = b2 − η·dL/db2 0.2408
18 w1 = w1 − η·dL/dw1 0.3035
19 b1 = b1 − η·dL/db1 0.1070""".splitlines()


def listing_at(time):
    rows = plain(program_picture(worked(time), 60, 22))
    return [words(row.rstrip("─ ") if row.startswith("─") else row) for row in rows]


def test_the_worked_example_with_every_published_figure():
    *before, last = listing_at(19)
    assert [*before, last.removeprefix("▶ ")] == THE_WORKED_EXAMPLE


@pytest.mark.parametrize("time", range(19))
def test_figures_appear_one_by_one(time):
    for line, whole in zip(listing_at(time), THE_WORKED_EXAMPLE, strict=True):
        if whole.startswith("─"):
            assert line == whole
            continue
        step, right = int(whole.split()[0]), whole.rsplit(" ", 1)[0]
        assert line.removeprefix("▶ ") == (whole if step <= time else f"{right} –")
        assert line.startswith("▶") == (step == time)


def test_the_next_epoch_starts_with_nothing_known():
    assert [line.endswith("–") for line in listing_at(20) if "=" in line] == [False] + [True] * 18


def test_what_is_pointed_at_is_marked_beside_the_statement_just_run():
    view = worked(5, spot=Node(1, 0))
    picture = program_picture(view, 60, 22)
    (pointed,) = [row for row in plain(picture) if row.startswith("›")]
    assert "a_h" in pointed
    assert "0.5622" in pointed
    tones = {row[0][1] for row in picture if row[0][0].startswith(("▶", "›"))}
    assert tones == {Tone.NOW, Tone.CURSOR}


@pytest.mark.parametrize("width", [36, 40, 58, 100])
def test_values_are_in_sight_however_long_the_names_are(width):
    view = view_of(build(NAMED), 3)
    listing = Listing(view.session)
    rows = plain(program_picture(view, width, listing.length()))
    lines = [row for line, row in enumerate(rows) if isinstance(listing.at(line), int)]
    for index, row in enumerate(lines):
        value = words(row).split()[-1]
        assert value == "–" if index >= 3 else "." in value, row


def test_a_listing_of_many_thousand_lines_is_drawn_where_one_looks():
    view = view_of(find("40-30-2"), 1)
    last = Listing(view.session).length()
    (row,) = plain(program_picture(view, 60, 1, last - 1))
    assert words(row).startswith(f"{view.session.program.statements} b_h30 =")


@given(networks())
def test_a_formula_without_numbers_is_that_of_the_explanation(network):
    run = Session(network).run
    for time in range(run.program.layout.block + run.program.layout.update):
        statement = run.program.statement(time)
        named, valued = (
            explain(facts, 3).expression.symbolic()
            for facts in (NamesOfRun(run, statement), FactsOfRun(run, statement, 0))
        )
        assert named == valued


@pytest.mark.parametrize("digits", DIGITS)
def test_no_number_is_cut(digits):
    session = Session(find("vanishing"))
    session.jump(session.time_of("299:73"))
    values = [session.run.readings.at(session.program.time(299, step)) for step in range(1, 74)]
    listing = Listing(session)
    places = [at for at in range(listing.length()) if not isinstance(listing.at(at), tuple)]
    for width in range(1, 100):
        rows = plain(program_picture(View(session, session.time, digits), width, listing.length()))
        assert {len(row) for row in rows} == {width}
        for value, place in zip(values, places, strict=True):
            told = rows[place].split()[-1:]
            whole = {number(value, shown) for shown in (digits, *range(9))}
            assert width < 14 or told[0] in whole or told[0].endswith("…"), (width, rows[place])
