"""Lessons, their questions, and predicting."""

from __future__ import annotations

from backprop_tui.tui.commands.command import Command

_LEARN = "Learn"

LEARNING: tuple[Command, ...] = (
    Command(
        "next-page",
        ("]",),
        "Next page",
        "The next page of the lesson; without a lesson, the first one, where you were last.",
        _LEARN,
        lambda d: d.teaching.turn(1),
    ),
    Command(
        "previous-page", ("[",), "Previous page", "The page before.", _LEARN, lambda d: d.teaching.turn(-1)
    ),
    Command(
        "answer",
        ("A",),
        "Answer the question …",
        "Answer what the lesson's page asks: with the choice pointed at, or by typing a number.",
        _LEARN,
        lambda d: d.teaching.answer(),
        argument="a number, as 0.25 or -3e-4, or arithmetic, as 0.5*(1 - 0.5)",
        tell=lambda d, text: d.teaching.answer(text),
        asks=True,
    ),
    Command(
        "hint", ("h",), "Hint", "A hint for what the lesson's page asks.", _LEARN, lambda d: d.teaching.hint()
    ),
    Command(
        "lesson",
        ("H",),
        "Lesson",
        "To the lesson's page and back. With an argument: open that lesson, or a file; off closes it.",
        _LEARN,
        lambda d: d.teaching.look(),
        argument="why-deep-layers-learn-slowly   my-lesson.toml   off",
        tell=lambda d, text: d.teaching.open(text),
        refused="Not opened",
    ),
    Command(
        "predict",
        ("p",),
        "Predict",
        "Predict: each step first asks for the sign and the size of what it computes; again: no more.",
        _LEARN,
        lambda d: d.predicting.toggle(),
    ),
)
