"""The timeline: whatever the way to an iteration, its state is that of running straight to it, to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import networks

from backprop_tui.engine.training import Trainer
from backprop_tui.history import checkpoints
from backprop_tui.history import timeline as timelines
from backprop_tui.history.timeline import Timeline
from backprop_tui.network.files import library
from backprop_tui.network.files.build import build


def arrays(state):
    memories = [array for memory in (*state.weight_state, *state.bias_state) for array in memory.values()]
    return [*state.parameters.weights, *state.parameters.biases, *memories]


def same(one, other):
    return one.updates == other.updates and all(
        a.tobytes() == b.tobytes() for a, b in zip(arrays(one), arrays(other), strict=True)
    )


def straight(network, iterations):
    """The states before iterations 0, 1, 2 … and each epoch's mean loss."""
    trainer = Trainer(network)
    states, losses, epoch = [trainer.initial_state()], [], []
    for number in range(iterations):
        iteration = trainer.iterate(states[-1], number)
        states.append(iteration.after)
        epoch += iteration.forward.loss.tolist()
        if (number + 1) % trainer.iterations_per_epoch == 0:
            with np.errstate(all="ignore"):
                losses.append(float(np.mean(epoch)))
            epoch = []
    return states, losses


@given(networks(layers=2, units=2), st.lists(st.integers(0, 150), min_size=1, max_size=12), st.integers(1, 5))
@settings(max_examples=25)
def test_jumping_about_on_a_small_budget_equals_running_straight(network, jumps, budget):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoints, "MOST", budget)
        timeline = Timeline(network)
        states, losses = straight(network, max(jumps))
        for number in jumps:
            assert same(timeline.state(number), states[number])
            assert same(timeline.iteration(number).before, states[number])
        np.testing.assert_allclose(list(timeline.losses)[: len(losses)], losses, rtol=1e-12)


def adam_xor():
    layers = [{"units": 2, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}]
    data = {"inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0], [1], [1], [0]]}
    training = {"batch_size": 3, "shuffle": True, "seed": 5, "optimizer": {"name": "adam"}}
    return build({"network": {"inputs": 2, "layers": layers}, "training": training, "data": data})


def test_hundreds_of_iterations_with_three_checkpoints(monkeypatch):
    monkeypatch.setattr(checkpoints, "MOST", 3)
    network = adam_xor()
    timeline = Timeline(network)
    states, _ = straight(network, 700)
    for number in (700, 3, 699, 350, 351, 349, 0, 1, 512, 511, 255, 700):
        assert same(timeline.state(number), states[number])
        assert len(timeline.checkpoints.states) <= 3


def test_a_replay_never_runs_more_iterations_than_the_checkpoints_are_apart(monkeypatch):
    monkeypatch.setattr(checkpoints, "MOST", 16)
    timeline = Timeline(adam_xor())
    timeline.state(1000)
    ran = []
    advance = timeline.trainer.advance
    monkeypatch.setattr(
        timeline.trainer,
        "advance",
        lambda state, number, count, around: (ran.append(count), advance(state, number, count, around))[1],
    )
    for number in range(0, 1000, 13):
        ran.clear()
        timeline.state(number)
        assert sum(ran) <= 2 * 1000 / 16


def test_checkpoints_stay_within_their_budget_of_bytes(monkeypatch):
    monkeypatch.setattr(checkpoints, "BYTES", 20_000)
    timeline = Timeline(adam_xor())
    timeline.state(6000)
    assert sum(state.nbytes for state in timeline.checkpoints.states.values()) <= 20_000
    assert len(timeline.checkpoints.states) > 10


def test_an_interrupted_run_is_whole_up_to_where_it_got(monkeypatch):
    monkeypatch.setattr(timelines, "SLICE_SECONDS", -1.0)
    network = adam_xor()
    timeline = Timeline(network)
    reached = [number for number, _ in zip(timeline.running_to(100), range(40), strict=False)]
    assert reached == list(range(1, 41))
    states, _ = straight(network, 60)
    assert same(timeline.state(20), states[20])
    assert same(timeline.state(60), states[60])


def test_an_epochs_loss_is_known_once_it_has_been_run_whole():
    timeline = Timeline(library.find("xor"))
    timeline.state(0)
    assert list(timeline.losses) == []
    timeline.state(3)
    _, losses = straight(library.find("xor"), 3)
    assert list(timeline.losses) == pytest.approx(losses, rel=1e-15)
    timeline.state(1)
    assert len(timeline.losses) == 3


def test_divergence_is_no_warning():
    layer = {"units": 1, "activation": "identity", "weights": [[1.0]]}
    network = build({"network": {"inputs": 1, "layers": [layer]},
                     "training": {"optimizer": {"learning_rate": 1e100}},
                     "data": {"inputs": [[1.3e154]] * 3, "targets": [[0.0]] * 3}})  # fmt: skip
    timeline = Timeline(network)
    timeline.state(5)
    assert len(timeline.losses) == 5
    assert not np.isfinite(timeline.losses[-1])


def test_a_replay_yields_and_goes_on_where_it_was_stopped(monkeypatch):
    network = adam_xor()
    timeline = Timeline(network)
    timeline.state(200)
    states, _ = straight(network, 200)
    monkeypatch.setattr(timelines, "SLICE_SECONDS", -1.0)
    timeline._at_once = 1
    stopped = [number for _, number in zip(range(10), timeline.going_to(63), strict=False)]
    assert stopped == list(range(1, 11))
    assert next(timeline.going_to(63)) == 11
    assert same(timeline.state(63), states[63])
    assert same(timeline.state(20), states[20])


def test_another_thread_may_ask_at_any_moment_while_it_runs(monkeypatch):
    """Asked wherever something is put down: whatever has been said to be there is there."""
    timeline = Timeline(library.find("xor"), budget=1)
    asked = []

    def asking(function):
        def ask_and_do(*arguments):
            asked.extend(map(timeline.at_hand, range(timeline._frontier + 2)))
            return function(*arguments)

        return ask_and_do

    timeline.checkpoints._kept = (1, {})
    monkeypatch.setattr(timeline.checkpoints, "keep", asking(timeline.checkpoints.keep))
    monkeypatch.setattr(timeline, "_record", asking(timeline._record))
    for _ in timeline.running_to(40):
        pass
    assert len(asked) > 100
    assert timeline.state(40).updates == 40
