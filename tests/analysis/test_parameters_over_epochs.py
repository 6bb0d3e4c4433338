"""Parameters over epochs: the values that a straight run has after each epoch, without running it again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import networks

from backprop_tui.analysis.parameters_over_epochs import epochs_shown, parameters_over_epochs, reading
from backprop_tui.engine.epochs import run as straight
from backprop_tui.engine.quantities import Parameter
from backprop_tui.engine.training import Trainer
from backprop_tui.history.run import Run
from backprop_tui.network.files.library import find


@settings(max_examples=20)
@given(networks(), st.integers(0, 12), st.integers(1, 9))
def test_the_values_are_those_of_a_straight_run(network, passed, points):
    first, last = Parameter(1, 0, 0), Parameter(len(network.layers), 0, None)
    found = parameters_over_epochs(Run(network), (first, last), passed, points)
    initial = Trainer(network).initial_state().parameters
    after = [initial, *(result.parameters for result in straight(network, passed))] if passed else [initial]
    assert found.epochs.tolist() == epochs_shown(passed, points)
    for parameter, row in zip(found.parameters, found.values, strict=True):
        assert row.tolist() == [after[epochs].value(parameter) for epochs in found.epochs]


@given(st.integers(0, 10**6), st.integers(1, 300))
def test_the_epochs_shown_are_few_and_reach_from_the_start_to_the_latest(passed, points):
    shown = epochs_shown(passed, points)
    assert shown == sorted(set(shown))
    assert shown[0] == 0
    assert shown[-1] == passed
    assert len(shown) <= points + 2
    if len(shown) > 2:
        stride = shown[1]
        assert stride & (stride - 1) == 0
        assert shown[:-1] == list(range(0, shown[-2] + 1, stride))


def test_a_long_run_is_read_off_its_checkpoints():
    """After 100,000 epochs the points are checkpoints, but for the latest: next to nothing runs again."""
    run = Run(find("worked-example"))
    for _ in run.timeline.running_to(100_000):
        pass
    advanced, advance = [], run.timeline.trainer.advance
    run.timeline.trainer.advance = lambda state, number, count, givens=None: (
        advanced.append(count),
        advance(state, number, count, givens),
    )[1]
    found = parameters_over_epochs(run, (Parameter(1, 0, 0),), 100_000)
    assert len(found.epochs) > 64
    assert sum(advanced) <= run.timeline.checkpoints.spacing


def test_what_was_read_is_not_read_again_and_not_kept_for_ever():
    run, weight = Run(find("xor")), Parameter(1, 0, 0)
    for passed in range(300):
        parameters_over_epochs(run, (weight,), passed, points=8)
    assert len(run.shelves["parameters over epochs"][weight]) <= 4 * 8 + 2
    run.timeline.trainer.advance = run.timeline.trainer.iterate = pytest.fail
    again = parameters_over_epochs(run, (weight,), 299, points=8)
    assert again.epochs[-1] == 299


def test_reading_can_be_stopped_and_goes_on_where_it_was():
    run, weight = Run(find("xor")), Parameter(1, 0, 0)
    work = reading(run, (weight,), 50, points=16)
    for _ in range(5):
        next(work)
    work.close()
    kept = dict(run.shelves["parameters over epochs"][weight])
    assert kept
    whole = parameters_over_epochs(run, (weight,), 50, points=16)
    assert kept.items() <= dict(zip(whole.epochs.tolist(), whole.values[0].tolist(), strict=True)).items()


def test_what_another_thread_forgets_meanwhile_is_not_missed():
    """A reading of many points is nearly done when one of few points forgets what it does not need."""
    run, parameters = Run(find()), (Parameter(1, 0, 0), Parameter(2, 0, 0))
    expected = parameters_over_epochs(Run(find()), parameters, 200).values
    many = reading(run, parameters, 200)
    done = 0
    while done < 101:
        done = next(many)
    parameters_over_epochs(run, parameters, 200, points=2)
    found = yield_from(many)
    assert (found.values == expected).all()


def yield_from(work):
    """What a generator returns in the end."""
    while True:
        try:
            next(work)
        except StopIteration as ended:
            return ended.value
