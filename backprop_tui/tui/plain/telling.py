"""What differs between two views, in words: what is printed after each line that was typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backprop_tui.lessons.prediction.judging import Verdict
from backprop_tui.lessons.prediction.mistakes.mistake import FAST
from backprop_tui.network.names import shown
from backprop_tui.tui.pictures.lesson.page import reader_of
from backprop_tui.tui.plain.panes import lesson_words, watch_words
from backprop_tui.tui.plain.words import derivation_words, passed_words, position_words, why_words
from backprop_tui.tui.view import View


def told(before: View, now: View, watched: Sequence[str]) -> Iterator[str]:
    """What became of *before*: a line a change; none where nothing changed that can be said.

    Args:
        before: the view that was told last.
        now: the view as it is.
        watched: what was watched then.
    """
    if now.session is not before.session:
        yield from beginning_words(now)
    elif now.time != before.time or now.session.run is not before.session.run:
        yield from _moved(before, now)
    yield from _verdict(before, now)
    if now.exploring and (now.spot, now.cursor) != (before.spot, before.cursor):
        yield from why_words(now)
    elif now.derives and not before.derives and now.explanation is not None:
        yield from derivation_words(now, now.explanation)
    elif now.term != before.term and now.origins:
        yield f"{now.key('enter')} goes to where {shown(now.origins[now.term].symbol)} was computed"
    if now.time != before.time or now.session.watches != watched:
        yield from watch_words(now)
    if now.digits != before.digits:
        yield "every digit" if now.digits is None else f"{now.digits} decimals"
    if now.predicting and not before.predicting:
        yield "predict: each step first asks for what it computes"
    reader, former = reader_of(now), reader_of(before)
    if reader is not None and former is not None and reader is not former and reader.page is former.page:
        yield from _answered(now)
    if now.running and now.running != before.running:
        yield now.running


def beginning_words(view: View) -> Iterator[str]:
    """What is debugged from now on."""
    network = view.session.network
    yield f"{network.title}, {network.shape}, {network.parameters:,} parameters"
    yield position_words(view)


def _moved(before: View, now: View) -> Iterator[str]:
    """Where the session went; a step on from where it was told last is told statement by statement."""
    if now.before == before.time and now.time != before.time:
        yield from passed_words(now)
        if now.time > before.time and now.time - before.time > 1:
            yield position_words(now)
    else:
        yield position_words(now)


def _verdict(before: View, now: View) -> Iterator[str]:
    verdict = now.verdict
    if isinstance(verdict, Verdict) and verdict is not before.verdict:
        said = f"{verdict.judgement(now.digits)} {verdict.words(now.digits)}"
        yield said.replace(FAST, " ").strip()


def _answered(now: View) -> Iterator[str]:
    """What came of an answer or a hint: the page as it is now, from its question on."""
    lines = [line for line in lesson_words(now) if line.strip()]
    yield from lines[-4:]
