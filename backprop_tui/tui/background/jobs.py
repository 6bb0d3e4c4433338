"""Jobs: work that may take long is done at once, goes on in a thread, or is superseded.

A job is a generator that works for some milliseconds at each step. What its first step does not finish goes
on in a thread, so that every key is answered meanwhile. There is one job at a time: a new one takes the place
of the one before. A job that stands for a change a person has made *owes* that change: where other work
follows before the job is done, the change is made at once, so that none is lost.

Nothing here knows a screen: the screen passes in three functions.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextvars import copy_context
from threading import Thread
from time import perf_counter
from typing import Any

from backprop_tui.network.reach import most_seconds

Work = Generator[int, None, Any]
"""Yields how far it has come; returns its result."""
Action = Callable[[], object]
Words = Callable[[int, int, float], str]
"""Tells progress in words: from what the work yielded first and last, and the seconds since it began."""

TELL_SECONDS = 0.1
"""How often progress is told."""
ESTIMATE_AFTER = 0.3
"""Seconds after which the rest of the work is estimated."""


class Job:
    """One piece of work under way."""

    def __init__(
        self, work: Work, done: Callable[[Any], None], words: Words, leads_to: int | None, owes: Action | None
    ) -> None:
        self.work = work
        self.done = done
        self.words = words
        self.leads_to = leads_to
        self.owes = owes
        self.first = self.reached = 0
        self.began = perf_counter()


class Jobs:
    """Does one job at a time, and repeats one action.

    Args:
        call_soon: calls a function later in the thread that starts the jobs; may be called from any thread.
        every: calls a function again and again, each so many seconds, until what it returns is called.
        tell: takes progress in words; empty words where nothing is under way any more.
    """

    def __init__(
        self,
        call_soon: Callable[[Action], object],
        every: Callable[[float, Action], Action],
        tell: Callable[[str], object],
    ) -> None:
        self._call_soon = call_soon
        self._every = every
        self._tell = tell
        self._job: Job | None = None
        """The job at hand; a thread ends where its own is another."""
        self._end_repetition: Action | None = None

    # What is under way

    @property
    def working(self) -> bool:
        """Whether a job is under way."""
        return self._job is not None

    @property
    def repeating(self) -> bool:
        """Whether an action is being repeated."""
        return self._end_repetition is not None

    @property
    def busy(self) -> bool:
        """Whether there is anything that ``stop`` would end."""
        return self.working or self.repeating

    @property
    def leads_to(self) -> int | None:
        """Where the job at hand leads, as ``start`` was told; None without a job or where it was not told."""
        return None if self._job is None else self._job.leads_to

    # Beginning

    def start(
        self,
        work: Work,
        done: Callable[[Any], None],
        words: Words,
        *,
        leads_to: int | None = None,
        owes: Action | None = None,
    ) -> None:
        """Do *work*, then pass its result to *done*; it takes the place of the job at hand.

        Args:
            work: what is to be done; each of its steps takes milliseconds.
            done: called in the thread that called ``start``, unless the job ends before: at once where the
                first step is enough.
            words: what to tell of progress.
            leads_to: where the job leads, so that a next move can start from there.
            owes: a change that must not be lost where other work follows before this is done.
        """
        job = self._job = Job(work, done, words, leads_to, owes)
        try:
            job.first = job.reached = next(work)
        except StopIteration as end:
            self._finish(job, end.value)
        except BaseException:
            self._job = None
            raise
        else:
            Thread(target=copy_context().run, args=(self._go_on, job), name="job", daemon=True).start()

    def repeat(self, seconds: float, action: Action) -> None:
        """Repeat *action* each so many seconds, in place of what was repeated before."""
        self._stop_repeating()
        self._end_repetition = self._every(seconds, action)

    # Ending

    def stop(self) -> None:
        """End everything; a change that a job owes is given up."""
        self._job = None
        self._stop_repeating()
        self._tell("")

    def supersede(self) -> None:
        """Other work follows: a change that is owed is made at once, everything else ends."""
        owes = self._job and self._job.owes
        self.stop()
        if owes:
            owes()

    def pause(self) -> None:
        """End everything but a job that owes a change."""
        if self._job is None or self._job.owes is None:
            self.stop()
        else:
            self._stop_repeating()

    def _stop_repeating(self) -> None:
        if self._end_repetition is not None:
            self._end_repetition()
            self._end_repetition = None

    # In the thread of a job

    def _go_on(self, job: Job) -> None:
        """The rest of a job's work, until it is done or superseded."""
        told = job.began
        try:
            while job is self._job:
                job.reached = next(job.work)
                if perf_counter() - job.began > most_seconds():
                    self._call_soon(lambda: self._give_up(job))
                    break
                if perf_counter() - told >= TELL_SECONDS:
                    told = perf_counter()
                    self._call_soon(lambda: self._tell_progress(job))
            job.work.close()
        except StopIteration as end:
            result = end.value
            self._call_soon(lambda: self._finish(job, result))
        except Exception as error:
            failure = error
            self._call_soon(lambda: self._fail(job, failure))

    # Back in the thread that began it

    def _tell_progress(self, job: Job) -> None:
        if job is self._job:
            self._tell(job.words(job.first, job.reached, perf_counter() - job.began))

    def _give_up(self, job: Job) -> None:
        """A job that takes longer than it may is ended; what it owes is given up."""
        if job is self._job:
            self.stop()
            self._tell(f"given up: it takes more than {most_seconds():g} s, and no more are given here")

    def _finish(self, job: Job, result: Any) -> None:
        if job is self._job:
            self._job = None
            job.done(result)

    def _fail(self, job: Job, error: Exception) -> None:
        """An error of the work is raised where it was begun."""
        if job is self._job:
            self._job = None
            raise error


def time_left(first: int, reached: int, target: int, seconds: float) -> str:
    """How long the rest will take, in words; empty as long as that cannot be estimated.

    Args:
        first: how far the work had come when it began.
        reached: how far it has come.
        target: where it ends.
        seconds: how long it has taken so far.
    """
    if seconds <= ESTIMATE_AFTER or not first < reached < target:
        return ""
    rest = seconds * (target - reached) / (reached - first)
    if rest < 90:
        return f"{max(1, round(rest))} s left"
    return f"{round(rest / 60)} min left" if rest < 5400 else f"{round(rest / 3600)} h left"
