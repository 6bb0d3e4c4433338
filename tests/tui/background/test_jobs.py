"""Long work without a screen: at once, in a thread, stopped, superseded, told of, and never lost."""

from queue import Empty, Queue
from threading import Event, get_ident

import pytest

from backprop_tui.tui.background.jobs import ESTIMATE_AFTER, Jobs, time_left


class Loop:
    """A thread's queue of calls, as an event loop has one, and timers that a test lets tick."""

    def __init__(self):
        self.calls = Queue()
        self.told = []
        self.timers = []
        self.jobs = Jobs(self.calls.put, self.every, self.told.append)

    def every(self, seconds, action):
        timer = (seconds, action)
        self.timers.append(timer)
        return lambda: self.timers.remove(timer)

    def run_until(self, happened):
        """Make the calls that other threads ask for, as they come."""
        while not happened():
            self.calls.get(timeout=5)()

    def rest(self):
        """Make the calls that are waiting."""
        while True:
            try:
                self.calls.get(timeout=0.05)()
            except Empty:
                return


@pytest.fixture
def loop():
    return Loop()


def counting(count, result="done", went_on=None, threads=None):
    """Work of so many steps; after the first it waits for *went_on*, where there is one."""
    for step in range(count):
        if threads is not None:
            threads.append(get_ident())
        yield step
        if went_on is not None:
            assert went_on.wait(5)
    return result


def no_words(first, reached, seconds):
    return ""


def test_what_one_step_finishes_is_done_at_once(loop):
    found = []
    loop.jobs.start(counting(0), found.append, no_words)
    assert found == ["done"]
    assert not loop.jobs.busy
    assert loop.calls.empty(), "no thread was needed"


def test_what_takes_longer_goes_on_in_a_thread_and_ends_in_the_callers(loop):
    threads, ended = [], []
    work = counting(4, "far", threads=threads)
    loop.jobs.start(work, lambda result: ended.append((result, get_ident())), no_words, leads_to=7)
    assert loop.jobs.working
    assert loop.jobs.leads_to == 7
    assert ended == []
    loop.run_until(lambda: ended)
    assert ended == [("far", get_ident())]
    assert threads[0] == get_ident()
    assert set(threads[1:]) != {get_ident()}
    assert not loop.jobs.busy
    assert loop.jobs.leads_to is None


def test_what_is_stopped_is_not_delivered_and_its_work_is_closed(loop):
    went_on, closed, found = Event(), Event(), []

    def work():
        try:
            yield from counting(1000, went_on=went_on)
        finally:
            closed.set()

    loop.jobs.start(work(), found.append, no_words)
    loop.jobs.stop()
    went_on.set()
    assert closed.wait(5)
    loop.rest()
    assert found == []
    assert not loop.jobs.busy
    assert loop.told[-1] == ""


def test_what_was_done_just_before_it_was_stopped_is_not_delivered(loop):
    found = []
    loop.jobs.start(counting(2), found.append, no_words)
    finished = loop.calls.get(timeout=5)
    loop.jobs.stop()
    finished()
    assert found == []


def test_a_new_job_takes_the_place_of_the_one_before(loop):
    went_on, found = Event(), []
    loop.jobs.start(counting(3, "first", went_on), found.append, no_words, leads_to=1)
    loop.jobs.start(counting(3, "second", went_on), found.append, no_words, leads_to=2)
    assert loop.jobs.leads_to == 2
    went_on.set()
    loop.run_until(lambda: found)
    loop.rest()
    assert found == ["second"]


def test_a_job_may_start_the_next_one_when_it_is_done(loop):
    found = []
    loop.jobs.start(
        counting(2), lambda result: loop.jobs.start(counting(2, "then"), found.append, no_words), no_words
    )
    loop.run_until(lambda: found)
    assert found == ["then"]


def edit(loop, made, went_on):
    """A change whose consequences take long to compute."""
    loop.jobs.supersede()

    def change():
        made.append("changed")

    loop.jobs.start(counting(3, went_on=went_on), lambda result: change(), no_words, owes=change)


def test_a_change_is_made_once_when_its_work_is_done(loop):
    made, went_on = [], Event()
    edit(loop, made, went_on)
    assert made == []
    went_on.set()
    loop.run_until(lambda: made)
    loop.rest()
    assert made == ["changed"]
    loop.jobs.supersede()
    assert made == ["changed"]


def test_a_change_that_is_followed_by_other_work_is_made_at_once_and_once(loop):
    made, went_on, found = [], Event(), []
    edit(loop, made, went_on)
    edit(loop, made, went_on)
    assert made == ["changed"]
    loop.jobs.supersede()
    assert made == ["changed", "changed"]
    loop.jobs.start(counting(2), found.append, no_words)
    went_on.set()
    loop.run_until(lambda: found)
    loop.rest()
    assert made == ["changed", "changed"]


def test_a_change_is_given_up_only_where_everything_is_stopped(loop):
    made, went_on = [], Event()
    edit(loop, made, went_on)
    loop.jobs.pause()
    assert loop.jobs.working, "a pause leaves it"
    loop.jobs.stop()
    went_on.set()
    loop.rest()
    assert made == []


def test_a_pause_ends_what_owes_nothing(loop):
    loop.jobs.repeat(0.5, list)
    loop.jobs.start(counting(2), list, no_words)
    loop.jobs.pause()
    assert not loop.jobs.busy
    assert loop.timers == []


def test_progress_is_told_in_words(loop, monkeypatch):
    monkeypatch.setattr("backprop_tui.tui.background.jobs.TELL_SECONDS", 0.0)
    found = []
    loop.jobs.start(
        counting(5), found.append, lambda first, reached, seconds: f"{first}–{reached} {seconds >= 0}"
    )
    loop.run_until(lambda: found)
    assert loop.told
    assert all(words.startswith("0–") and words.endswith("True") for words in loop.told)


def test_progress_of_work_that_was_superseded_is_not_told(loop, monkeypatch):
    monkeypatch.setattr("backprop_tui.tui.background.jobs.TELL_SECONDS", 0.0)
    loop.jobs.start(counting(5), list, lambda *progress: "old")
    late = loop.calls.get(timeout=5)
    loop.jobs.stop()
    loop.told.clear()
    late()
    loop.rest()
    assert loop.told == []


def failing(steps):
    yield from range(steps)
    raise ArithmeticError


@pytest.mark.parametrize("steps", [0, 3])
def test_an_error_of_the_work_is_raised_in_the_callers_thread(loop, steps):
    def worked():
        loop.jobs.start(failing(steps), list, no_words)
        loop.run_until(lambda: not loop.jobs.busy)

    with pytest.raises(ArithmeticError):
        worked()
    assert not loop.jobs.busy


def test_an_action_is_repeated_until_stopped_and_there_is_one_at_a_time(loop):
    ticks = []
    loop.jobs.repeat(0.5, lambda: ticks.append("slow"))
    loop.jobs.repeat(0.25, lambda: ticks.append("quick"))
    ((seconds, tick),) = loop.timers
    tick()
    assert (seconds, ticks) == (0.25, ["quick"])
    assert loop.jobs.repeating
    assert not loop.jobs.working
    loop.jobs.supersede()
    assert loop.timers == []
    assert not loop.jobs.busy


@pytest.mark.parametrize(
    ("first", "reached", "target", "seconds", "words"),
    [
        (0, 10, 100, 1.0, "9 s left"),
        (50, 60, 100, 1.0, "4 s left"),
        (0, 999, 1000, 1.0, "1 s left"),
        (0, 1, 1000, 1.0, "17 min left"),
        (0, 1, 100_000, 1.0, "28 h left"),
        (0, 10, 100, ESTIMATE_AFTER / 2, ""),
        (5, 5, 100, 1.0, ""),
        (0, 100, 100, 1.0, ""),
    ],
)
def test_the_rest_is_estimated_from_what_was_done(first, reached, target, seconds, words):
    assert time_left(first, reached, target, seconds) == words
