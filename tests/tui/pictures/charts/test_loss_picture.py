"""The loss chart: the curve where the losses are, the mark where one is, words where there is no curve."""

from math import inf, isfinite, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from views import SIZES, exact, view_of, views, worked

from backprop_tui.network.files.build import build
from backprop_tui.tui.pictures.charts.loss import (
    epochs_done,
    epochs_recorded,
    loss_chart,
    loss_picture,
    thinned,
)
from backprop_tui.tui.pictures.rows import Tone, plain

N = 19
"""Statements in an epoch of the worked example."""


@given(views(), SIZES)
def test_the_chart_has_the_size_of_its_pane(view, size):
    assert exact(loss_picture(view, *size), *size)


@pytest.mark.parametrize("log_scale", [False, True])
@pytest.mark.parametrize("epochs", [2, 3, 10, 1000])
@pytest.mark.parametrize("size", [(20, 5), (21, 6), (58, 11), (130, 40)])
def test_a_curve_of_any_length_has_the_size_of_its_pane(epochs, size, log_scale):
    view = worked(epochs * N, log_scale=log_scale)
    assert exact(loss_picture(view, *size), *size)
    assert loss_chart(view, *size) is not None


def heights(chart):
    """The rows in which a chart has dots, by column, from the left."""
    columns = [[] for _ in range(chart.left, chart.right + 1)]
    for y, row in enumerate(chart.rows):
        for x, character in enumerate(row[chart.left : chart.right + 1]):
            if "\u2800" < character <= "\u28ff":
                columns[x].append(y)
    return columns


@pytest.mark.parametrize("log_scale", [False, True])
def test_a_falling_loss_is_a_falling_curve_from_the_first_column_to_the_last(log_scale):
    columns = heights(loss_chart(worked(100 * N, log_scale=log_scale), 58, 11))
    assert all(columns), "there is a dot in every column"
    middles = [sum(rows) / len(rows) for rows in columns]
    assert middles == sorted(middles)
    assert min(columns[0]) == 0
    assert max(columns[-1]) > 6


def test_the_logarithmic_scale_shows_what_the_plain_one_hides():
    plain_curve = heights(loss_chart(worked(1000 * N), 58, 11))
    log_curve = heights(loss_chart(worked(1000 * N, log_scale=True), 58, 11))
    assert any(log_curve)
    middle = len(plain_curve) // 2
    assert max(plain_curve[middle]) - max(plain_curve[-1]) in (0, -1), "flat"
    assert max(log_curve[-1]) - max(log_curve[middle]) >= 1, "still falling"


def test_the_axis_names_the_first_and_the_last_epoch_and_the_largest_loss():
    rows = plain(loss_picture(worked(201 * N), 58, 11))
    assert rows[-1].split() == ["0", "100", "200"]
    assert rows[0].startswith("0.0633┤")


@pytest.mark.parametrize("epochs", [2, 3, 40, 1000])
def test_the_ends_of_the_chart_are_the_first_and_the_last_epoch(epochs):
    chart = loss_chart(worked(epochs * N), 58, 11)
    assert chart.epoch_at(chart.left) == 0
    assert chart.epoch_at(chart.right) == epochs - 1
    found = [chart.epoch_at(column) for column in range(chart.left, chart.right + 1)]
    assert found == sorted(found)


def test_the_mark_is_where_one_is_and_the_rest_lies_ahead():
    view = worked(101 * N)
    assert loss_chart(view, 58, 11).mark == loss_chart(view, 58, 11).right
    view.session.jump(51 * N)
    view = view.but(time=view.session.time)
    chart = loss_chart(view, 58, 11)
    assert epochs_recorded(view) == 101
    assert abs(chart.mark - (chart.left + chart.right) / 2) <= 1
    assert chart.epoch_at(chart.mark) == pytest.approx(50, abs=1)
    marked = [row for row in loss_picture(view, 58, 11) if any(tone is Tone.STRONG for _, tone in row)]
    assert len(marked) == 9, "the mark crosses the whole field"


@pytest.mark.parametrize(("time", "done"), [(0, 0), (1, 0), (18, 0), (19, 1), (20, 1), (37, 1), (38, 2)])
def test_an_epoch_counts_once_it_is_over(time, done):
    view = worked(time)
    assert epochs_done(view) == epochs_recorded(view) == done


def test_nothing_is_shown_of_an_epoch_before_it_is_over():
    assert "0.0633" not in "".join(plain(loss_picture(worked(18), 58, 11)))
    assert plain(loss_picture(worked(19), 58, 11))[0].strip() == "epoch 0: loss 0.0633"
    view = worked(19)
    view.session.jump(18)
    assert "0.0633" not in "".join(plain(loss_picture(view.but(time=18), 58, 11)))


LOSSES = st.lists(st.floats(0, 1e6) | st.sampled_from([nan, inf, 1.7e308]), max_size=400)


@given(LOSSES, st.integers(1, 60))
def test_thinning_keeps_points_of_the_curve_and_its_extremes(losses, width):
    xs, ys = thinned(losses, width)
    assert len(xs) == len(ys) <= max(2 * width, 2)
    assert xs == sorted(xs)
    assert all(isfinite(y) and losses[int(x)] == y for x, y in zip(xs, ys, strict=True))
    finite = [loss for loss in losses if isfinite(loss)]
    if finite:
        assert max(ys) == max(finite)
    if finite and len(finite) == len(losses):
        assert min(ys) == min(finite)


@given(st.lists(st.floats(0.5, 1e6) | st.just(nan), min_size=30, max_size=200))
def test_thinning_leaves_no_finite_stretch_without_a_point(losses):
    xs, _ = thinned(losses, 8)
    step = len(losses) / 8
    for column in range(8):
        places = range(int(column * step), int((column + 1) * step))
        if any(isfinite(losses[place]) for place in places):
            assert any(column * step - 1 <= x <= (column + 1) * step for x in xs)


DIVERGING = {
    "network": {
        "inputs": 1,
        "layers": [{"units": 1, "activation": "identity", "weights": [[1.0]], "biases": [0.0]}],
    },
    "data": {"inputs": [[10.0]], "targets": [[-10.0]]},
    "training": {"optimizer": {"name": "sgd", "learning_rate": 100.0}},
}


def test_divergence_is_told_with_the_epoch_in_which_it_came():
    network = build(DIVERGING)
    view = view_of(network)
    view.session.jump(200 * view.session.program.statements)
    view = view.but(time=view.session.time)
    losses = view.session.run.timeline.losses
    first = next(epoch for epoch in range(200) if not isfinite(losses[epoch]))
    text = "\n".join(plain(loss_picture(view, 58, 11)))
    assert f"diverged: not finite from epoch {first}" in text


@pytest.mark.parametrize("log_scale", [False, True])
@pytest.mark.parametrize("size", [(20, 5), (58, 11)])
def test_a_diverging_curve_can_be_drawn_after_every_epoch(size, log_scale):
    view = view_of(build(DIVERGING), log_scale=log_scale)
    statements = view.session.program.statements
    for epoch in range(1, 160, 3):
        view.session.jump(epoch * statements)
        assert exact(loss_picture(view.but(time=view.session.time), *size), *size)


def test_a_loss_of_zero_can_be_drawn_on_both_scales():
    raw = DIVERGING | {"data": {"inputs": [[1.0]], "targets": [[1.0]]}}
    for log_scale in (False, True):
        view = view_of(build(raw), log_scale=log_scale)
        view.session.jump(5 * view.session.program.statements)
        assert exact(loss_picture(view.but(time=view.session.time), 58, 11), 58, 11)
