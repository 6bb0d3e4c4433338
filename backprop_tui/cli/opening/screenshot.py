"""``backprop-tui screenshot``: a picture of the debugger after some keys."""

from __future__ import annotations

import asyncio

import click

from backprop_tui.cli.completing import candidates
from backprop_tui.cli.options import session_or_lesson_options, time_of
from backprop_tui.cli.output.streams import refuse
from backprop_tui.export.screen import endings
from backprop_tui.lessons import checking, library
from backprop_tui.lessons.lesson import Lesson
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.reach import give_up_state
from backprop_tui.session.files.opened import Opened
from backprop_tui.session.look import PLAIN
from backprop_tui.session.session import Session
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.shots.keys import pressed
from backprop_tui.tui.shots.looks import size_named, theme_named
from backprop_tui.tui.shots.shooting import taken


@click.command()
@session_or_lesson_options
@click.option(
    "--press",
    "keys",
    default="",
    metavar="KEYS",
    help="The keys pressed before, with commas between them: f,b,S or g,200,enter. A text to be typed stands "
    'in double quotes: :,"run 10",enter. The comma itself is the key `comma`.',
)
@click.option("--size", default="120x40", show_default=True, metavar="WxH", help="Columns and rows.")
@click.option(
    "--theme",
    default=None,
    shell_complete=candidates.themes,
    metavar="NAME",
    help="dark, light, or any theme that `ctrl+p` offers; left out, dark. NO_COLOR is honoured.",
)
@click.option("--position", metavar="EPOCH:STEP", help="Where to start: 12, 12:5 or end.")
@click.option(
    "--lesson",
    metavar="LESSON",
    shell_complete=candidates.lessons,
    help="A lesson to open, by its name or file.",
)
@click.option("--page", type=int, metavar="N", help="Its page; left out, the first.")
@click.option(
    "--pause",
    type=click.FloatRange(0.05, 60),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="How long each key's screen is shown in FILE.cast, or with --animate.",
)
@click.option("--animate", is_flag=True, help="Let FILE.svg show the screen after each key, over and over.")
@click.option(
    "-o",
    "paths",
    metavar="FILE",
    required=True,
    multiple=True,
    shell_complete=candidates.files,
    help="The file to write; its ending says of what kind: " + " ".join(endings.WRITERS) + ". "
    "Can be given several times.",
)
def screenshot(
    found: Opened | Lesson,
    keys: str,
    size: str,
    theme: str | None,
    position: str | None,
    lesson: str | None,
    page: int | None,
    pause: float,
    animate: bool,
    paths: tuple[str, ...],
) -> None:
    """Write a picture of the debugger after some keys.

    FILE.svg, FILE.png and FILE.html are the screen as it looks, FILE.txt is its text, and FILE.cast plays
    key after key in a terminal player (an asciicast). NETWORK may be a lesson as well. Nothing is kept of
    what the keys do, but for the files that they save.
    """
    kinds = [endings.ending_of(path) for path in paths]
    if animate and ".svg" not in kinds:
        refuse("--animate: expected a FILE.svg to be animated, found none")
    give_up_state()
    app = _app(found, theme_named(theme or "dark"), position, lesson, page)
    each = animate or ".cast" in kinds
    frames = asyncio.run(taken(app, pressed(keys), size_named(size), each=each, pause=pause))
    for path in paths:
        endings.write(frames, path, animate=animate)


def _app(
    found: Opened | Lesson, theme: str, position: str | None, lesson: str | None, page: int | None
) -> BackpropApp:
    """The debugger at its start, with the lesson that is asked for."""
    taught = found if isinstance(found, Lesson) else None
    if lesson is not None:
        if taught is not None:
            refuse(f"--lesson: expected one lesson, found {taught.name} as well")
        try:
            taught = library.find(lesson)
        except NetworkError as error:
            refuse(f"--lesson: {error}")
    if taught is None:
        assert isinstance(found, Opened)
        if page is not None:
            refuse("--page: expected a lesson, found a network (say which: --lesson NAME)")
        time = found.wanted if position is None else time_of(found, position)
        return BackpropApp(found.session, theme, travel_to=time, look=found.look)
    checking.demand_shown(taught)
    if position is not None:
        refuse("--position: expected a network, found a lesson, whose page says where it is")
    if not 1 <= (page or 1) <= len(taught.pages):
        refuse(f"--page: expected 1 to {len(taught.pages)}, found {page}")
    index = (page or 1) - 1
    opened = Opened(Session(taught.pages[index].network), 0, PLAIN)
    return BackpropApp(opened.session, theme, taught=(taught, index))
