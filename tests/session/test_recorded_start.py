"""Where a recording is opened, and what is said there; of a recording as a network file, without PyTorch."""

from math import isfinite
from pathlib import Path

from msgspec.structs import replace

from backprop_tui.engine.quantities import Kind
from backprop_tui.network.files.library import find
from backprop_tui.session.recorded_start import opened, words
from backprop_tui.session.session import Session
from tests.scenes import VISITS


def test_it_is_opened_at_the_first_number_that_is_not_finite():
    session, time = opened(find(VISITS))
    session.jump(time)
    start = session.program.iteration_start(session.iteration_at())
    values = [session.run.readings.at(at) for at in range(start + 1, time + 1)]
    assert [isfinite(value) for value in values] == [True] * (len(values) - 1) + [False]
    assert session.network.iteration_label(session.iteration_at()) == "iteration 4,317"


def test_it_is_opened_at_the_first_number_that_float16_made_infinite():
    """A target of 310 makes a loss of more than 65504, where float16 ends; in float64 all is finite."""
    network = find(str(Path(__file__).parents[1] / "recordings" / "float16.toml"))
    assert network.recording is not None
    infinite = next(one.number for one in network.recording.iterations if not isfinite(one.loss))
    recording = replace(network.recording, reason="condition", when="not_finite", at=infinite)
    session, time = opened(replace(network, recording=recording))
    session.jump(time)
    assert session.network.iteration_label(session.iteration_at()) == f"iteration {infinite:,}"
    assert session.statement.quantity.kind is Kind.LOSS
    start = session.program.iteration_start(session.iteration_at())
    values = [session.run.readings.at(at) for at in range(start + 1, time + 1)]
    assert [abs(value) > 65504 for value in values] == [False] * (len(values) - 1) + [True]


def test_why_it_was_written_is_said_there_and_nowhere_else():
    network = find(VISITS)
    session, time = opened(network)
    said = "■ not_finite or grad_norm > 100: iteration 4,317 of the training"
    assert words(session, time) == said
    assert words(session, session.program.statements) == said
    assert words(session, 5) == ""
    assert words(session, session.program.backward_end(len(network.recording.iterations) - 2)) == ""
    assert words(Session(find()), 5) == ""


def test_examples_of_one_process_have_no_rank():
    assert find(VISITS).rank_of(3) is None
