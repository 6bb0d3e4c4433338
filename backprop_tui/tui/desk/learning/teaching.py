"""Teaching: a lesson is opened beside the debugger, its pages are turned, and its questions answered.

Turning to a page takes the debugger there: to the page's network, runs beside, position, selection and
picture, without the values that a person has set. Redo sets those again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from msgspec.structs import replace

from backprop_tui.engine.quantities import Parameter, Quantity
from backprop_tui.lessons import library
from backprop_tui.lessons.checking import demand_shown, staged
from backprop_tui.lessons.lesson import Lesson, Page
from backprop_tui.lessons.progress import progress_of, remember
from backprop_tui.lessons.reader import Reader
from backprop_tui.lessons.stage import Selection, Stage
from backprop_tui.network.errors import NetworkError
from backprop_tui.network.files.library import find
from backprop_tui.session.session import Session
from backprop_tui.tui.background.jobs import Jobs
from backprop_tui.tui.desk.current_view import CurrentView
from backprop_tui.tui.desk.terminal import LESSON, Terminal
from backprop_tui.tui.pictures.lesson.page import reader_of
from backprop_tui.tui.view import Node


class Teaching:
    """Shows a lesson, page by page.

    Args:
        current: the view.
        jobs: what is under way.
        terminal: shows the pages.
        begin: debugs another session from now on.
    """

    def __init__(
        self, current: CurrentView, jobs: Jobs, terminal: Terminal, begin: Callable[[Session], None]
    ) -> None:
        self._current = current
        self._jobs = jobs
        self._terminal = terminal
        self._begin = begin
        self._stage: Stage | None = None
        """That of the page at hand."""

    @property
    def reader(self) -> Reader | None:
        """The page at hand; None where no lesson is open."""
        return reader_of(self._current.view)

    @property
    def _lists(self) -> str:
        """The key that lists lessons."""
        return self._current.view.key("o")

    # Opening and closing

    def open(self, text: str) -> None:
        """Open a lesson by its name or file where one was last; of ``off``, close it.

        Raises:
            NetworkError: there is none, or it cannot be shown.
        """
        if text == "off":
            self.close()
            return
        lesson = library.find(text or None)
        demand_shown(lesson)
        self.begin(lesson)

    def begin(self, lesson: Lesson, index: int | None = None) -> None:
        """Show a lesson.

        Args:
            lesson: which.
            index: the page; None: where the person was last, and of a lesson that they have read, the first.
        """
        come = progress_of(lesson)
        last = len(lesson.pages) - 1
        if index is None:
            index = come.page if come.page < last else 0
        solved = frozenset(one for one in come.solved if one <= last)
        self._turn_to(Reader(lesson, min(index, last), {}, {}, solved=solved))

    def go_on(self, name: str, index: int, onward: Callable[[], object]) -> None:
        """Show the page at which a session was saved, then go *onward*; the debugger stays where it is."""
        try:
            lesson = library.find(name)
            demand_shown(lesson)
        except NetworkError as error:
            self._terminal.warn(str(error), "The lesson cannot be opened")
            onward()
            return
        last = len(lesson.pages) - 1
        solved = frozenset(one for one in progress_of(lesson).solved if one <= last)
        reader = Reader(lesson, max(0, min(index, last)), {}, {}, solved=solved)
        self._turn_to(reader, travel=False, onward=onward)

    def close(self) -> None:
        """Close the lesson; the debugger stays where it is."""
        if self.reader is None:
            self._current.say(f"no lesson is open: {self._lists} lists them")
            return
        self._stage = None
        self._current.update(reader=None, running=f"lesson closed: {self._lists} lists lessons")
        self._terminal.close_lesson()

    def look(self) -> None:
        """Look at the lesson's page; again, where it lies over others, at these."""
        if self.reader is None:
            self.open("")
        elif self._terminal.pane == LESSON:
            self._terminal.look_at("chain")
        else:
            self._terminal.look_at(LESSON)

    # Turning pages

    def turn(self, direction: int) -> None:
        """To the next (1) or the previous (−1) page; without a lesson, open one.

        The first one takes the place of the worked example; of anything else only where a person chooses so.
        """
        reader = self.reader
        if reader is None:
            if self._is_untouched():
                self.open("")
            else:
                self._current.say("a lesson takes the place of what is open: choose one")
                self._terminal.open_networks()
            return
        index = reader.index + direction
        if not 0 <= index < len(reader.lesson.pages):
            self._terminal.look_at(LESSON)
            end = f"the end; {self._lists} lists more lessons"
            self._current.say("this is the first page" if direction < 0 else end)
            return
        self._turn_to(replace(reader, index=index))

    def _is_untouched(self) -> bool:
        """Whether the session is the one that the debugger opens by itself, with nothing set in it."""
        session = self._current.session
        touched = session.edits or session.breakpoints or session.watches or session.comparing.open
        return not touched and session.network == find()

    def _turn_to(
        self, reader: Reader, *, travel: bool = True, onward: Callable[[], object] = lambda: None
    ) -> None:
        """Show a page, once its numbers have been computed and the debugger is there.

        Args:
            reader: at the page.
            travel: whether the debugger goes there.
            onward: called then.
        """
        page = reader.page
        stage = staged(reader.lesson, reader.index)
        self._jobs.supersede()
        if travel:
            self._prepare_session(page)
        session = self._current.session

        def work() -> Generator[int, None, None]:
            yield from stage.preparing()
            if travel:
                yield from session.preparing(stage.time)

        def done(result: object) -> None:
            self._stage = stage
            shown = reader.turned(reader.index, stage)
            if travel:
                before = session.time
                session.arrive(stage.time)
                self._current.moved(before, "")
                self._current.update(reader=shown, **_looked_at(session, page, stage.selection))
            else:
                self._current.update(reader=shown)
            self._terminal.open_lesson()
            self._terminal.call_soon(lambda: remember(reader.lesson, reader.index, shown.solved))
            onward()

        stop = self._current.view.key("escape")
        self._jobs.start(
            work(),
            done,
            lambda first, reached, seconds: f"… turning the page: iteration {reached:,}  {stop} stops",
            leads_to=stage.time if travel else None,
        )

    def _prepare_session(self, page: Page) -> None:
        """The page's network, without values set by hand, and the runs beside."""
        session = self._current.session
        comparing = session.comparing
        if comparing.home.network is not page.network or comparing.debugged is not comparing.home:
            session = Session(page.network)
            self._begin(session)
            comparing = session.comparing
        while session.edits:
            session.editing.undo()
        beside = [one.change.words for one in comparing.variants[1:] if one.change is not None]
        wanted = Session(page.network).comparing
        for words in page.compare:
            wanted.add(words)
        if beside != [one.change.words for one in wanted.variants[1:] if one.change is not None]:
            session.arrive(0)
            if comparing.open:
                comparing.clear()
            for words in page.compare:
                comparing.add(words)

    # Questions

    def answers(self) -> bool:
        """Answer where the page has the focus and asks something; tells whether it did."""
        reader = self.reader
        if self._terminal.pane != LESSON or reader is None or reader.question is None or reader.is_solved:
            return False
        self.answer()
        return True

    def answer(self, text: str = "") -> None:
        """Answer the page's question: with what was typed, with the choice pointed at, or by typing.

        Raises:
            TypedError: it is no number.
        """
        reader, stage = self.reader, self._stage
        digits = self._current.view.digits
        if reader is None or stage is None or reader.question is None:
            self._current.say(
                "this page asks nothing" if reader else f"no lesson is open: {self._lists} lists them"
            )
            return
        if reader.options(digits):
            self.choose(reader.pointed)
        elif text:
            self._show(reader.typed(text, stage, digits))
        else:
            self._terminal.ask("answer")

    def choose(self, choice: int) -> None:
        """Answer with a choice."""
        reader = self.reader
        if reader is not None and not reader.is_solved:
            self._show(reader.chosen(choice, self._current.view.digits))

    def point(self, choice: int) -> None:
        """Point at a choice."""
        reader = self.reader
        if reader is not None:
            self._current.update(reader=reader.pointing(choice))

    def hint(self) -> None:
        """Show the hint of the page's question."""
        reader = self.reader
        if reader is None or reader.question is None or not reader.question.hint:
            self._current.say("there is no hint here")
            return
        self._current.update(reader=reader.with_hint())

    def _show(self, reader: Reader) -> None:
        self._current.update(reader=reader)
        remember(reader.lesson, reader.index, reader.solved)


def _looked_at(session: Session, page: Page, selection: Selection | None) -> dict[str, object]:
    """What a page points at and which picture it shows, as changes of the view."""
    changes: dict[str, object] = {"picture": None if page.picture == "auto" else page.picture}
    match selection:
        case Parameter():
            changes["spot"] = selection
        case Quantity():
            program = session.program
            scope = program.scope_start(session.time)
            last = program.last_time(selection, session.time)
            time = last if last is not None and last > scope else program.next_time(selection, session.time)
            if time is not None and time != session.time:
                changes["cursor"] = program.statement(time - 1)
        case (layer, unit):
            changes["spot"] = Node(layer, unit)
    return changes
