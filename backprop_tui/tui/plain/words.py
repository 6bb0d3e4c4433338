"""What a view says in words: where it is, what has been computed on the way there, and why."""

from __future__ import annotations

from collections.abc import Iterator

from backprop_tui.history.readings import Freshness, Reading
from backprop_tui.network.names import shown
from backprop_tui.program.chain_rule import Chain
from backprop_tui.program.explanations.explanation import Explanation
from backprop_tui.session.comparing import progress
from backprop_tui.tui.pictures.waiting import said
from backprop_tui.tui.view import MOST_TERMS, View

MOST_STATEMENTS = 24
"""Of a move over more statements than these, it is said how many there were, and the last one."""


def position_words(view: View) -> str:
    """Epoch, step, phase, example and loss: ``epoch 0, step 3 of 19, forward, loss not computed yet``."""
    session = view.session
    now, program = session.now, session.program
    label = session.network.iteration_label(program.iteration_at(max(0, session.time - 1)))
    words = [label or f"epoch {session.epoch}", f"step {session.step} of {program.statements}"]
    if now.phase is not None:
        words.append(str(now.phase))
    if program.examples > 1:
        words.append(f"example {now.example} of {program.examples}")
        if (rank := session.network.rank_of(now.example)) is not None:
            words.append(f"rank {rank}")
    if now.loss.value is not None:
        words.append(f"loss {value_words(view, now.loss)}")
    for one in session.comparing.others:
        if progress(one.run, view.time, view.time).at_hand:
            there = session.comparing.now[one.name].loss
            words.append(f"{one.name} ({session.comparing.labels[one.name]}) loss {value_words(view, there)}")
    if view.predicting:
        words.append(f"predicted {view.predicting}")
    return ", ".join(words)


def value_words(view: View, reading: Reading) -> str:
    """A reading: its number, whether it is stale, or that it has not been computed yet."""
    if reading.freshness is Freshness.ABSENT:
        return "not computed yet"
    stale = ", stale" if reading.freshness is Freshness.STALE else ""
    return f"{view.text(reading.value)}{stale}"


def passed_words(view: View) -> Iterator[str]:
    """What the latest move did: each statement that ran, or which were taken back."""
    session = view.session
    count = view.time - view.before
    if count < 0:
        yield f"back {_statements(-count)}, to {position_words(view)}"
        return
    if count > MOST_STATEMENTS:
        yield f"{_statements(count)} ran, the last of them:"
    first = view.before if count <= MOST_STATEMENTS else view.time - 1
    heading = ""
    for time in range(first, view.time):
        statement = session.program.statement(time)
        above = f"{statement.phase}, epoch {statement.epoch}"
        if statement.slot is not None and session.program.examples > 1:
            above += f", example {session.run.readings.example(time + 1)}"
        if above != heading:
            yield above
            heading = above
        explained = session.explain(statement, MOST_TERMS)
        if explained is not None:
            yield f"{statement.step}  {equation_words(view, explained)}"


def _statements(count: int) -> str:
    return "1 statement" if count == 1 else f"{count:,} statements"


def equation_words(view: View, explained: Explanation) -> str:
    """A statement on one line: formula, numbers put in, result."""
    formula, numbers = explained.formula(), explained.expression.numeric(view.digits)
    result = view.text(explained.value)
    return f"{formula} = {result}" if numbers in (result, "") else f"{formula} = {numbers} = {result}"


def why_words(view: View) -> Iterator[str]:
    """The explanation of what the view shows: the sentence, the equation, the lines on the way, the chain."""
    explained = view.explanation
    if explained is None:
        spot = "an input: it is given" if view.exploring else "nothing has been computed yet"
        yield f"{spot}; {view.key('s')} runs the next statement"
        return
    statement = explained.statement
    when = f"epoch {statement.epoch}, step {statement.step}, {statement.phase}"
    if explained.value is None:
        when += ", not computed yet"
    yield f"{shown(explained.symbol)}, {when}"
    yield said(view, explained.sentence)
    for line in explained.working:
        yield f"{shown(line.symbol)} = {line.expression.symbolic()} = {view.text(line.value)}"
    yield equation_words(view, explained)
    if explained.also is not None:
        yield f"that is {explained.also.symbolic()} = {explained.also.numeric(view.digits)}"
    if explained.chain is not None:
        yield from _chain_words(view, explained, explained.chain)
    yield from explained.notes
    if view.derives:
        yield from derivation_words(view, explained)
    elif view.derivable:
        yield f"{view.key('enter')} derives this slope line by line"
    yield from _origin_words(view)


def _chain_words(view: View, explained: Explanation, chain: Chain) -> Iterator[str]:
    symbol = shown(explained.symbol)
    if chain.recursive:
        yield f"{chain.count:,} paths lead to the loss; dL/da adds them up"
    elif len(chain.paths) > 1:
        yield f"chain rule: {symbol} is a sum over {len(chain.paths)} paths to the loss"
    for number, path in enumerate(chain.paths, 1):
        product = "·".join(factor.symbol for factor in path.factors)
        yield f"chain rule: {symbol} = {product}" if len(chain.paths) == 1 else f"path {number}: {product}"
        for factor in path.factors:
            name = f"{factor.symbol} = {factor.equals}" if factor.equals else factor.symbol
            reused = ", reused" if factor.reused else ""
            yield f"  factor {name} = {view.text(factor.term.value)}{reused}"
        for signal in path.signals:
            factors = "·".join(factor.symbol for factor in path.factors[signal.first : signal.last + 1])
            yield f"  {factors} = {shown(signal.term.symbol)} = {view.text(signal.term.value)}"
        if len(chain.paths) > 1:
            yield f"  product {view.text(path.value)}"


def derivation_words(view: View, explained: Explanation) -> Iterator[str]:
    """Where the formula of a slope comes from, line by line."""
    left = ""
    for line in explained.derivation:
        left = line.left or left
        yield f"{left} = {line.right}  ({line.why})"
    yield equation_words(view, explained)


def _origin_words(view: View) -> Iterator[str]:
    """Where the terms come from: enter goes there."""
    origins = view.origins
    if not origins or view.derivable:
        return
    chosen = min(view.term, len(origins) - 1)
    others = [shown(one.symbol) for number, one in enumerate(origins) if number != chosen]
    words = f"{view.key('enter')} goes to where {shown(origins[chosen].symbol)} was computed"
    yield words + (f"; {view.key('right')} chooses {', '.join(others)}" if others else "")
