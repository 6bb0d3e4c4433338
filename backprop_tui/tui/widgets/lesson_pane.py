"""The pane of a lesson: the page at hand, which scrolls where it is longer than the pane."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content

from backprop_tui.lessons.reader import Reader
from backprop_tui.tui.pictures.lesson.page import TITLE_IN_FRAME, lesson_picture, page, reader_of
from backprop_tui.tui.pictures.rows import Picture
from backprop_tui.tui.requests import Mark, Request, Take
from backprop_tui.tui.view import View
from backprop_tui.tui.widgets.framed_pane import FramedPane


class LessonPane(FramedPane):
    """The page of the lesson that is open."""

    TITLE = "Lesson"
    zooms_inside = False

    def __init__(self, there: Callable[[], object], *, id: str) -> None:  # noqa: A002 (Textual's name for it)
        super().__init__(id=id)
        self._there = there
        """Called once it is on the screen."""
        self._page: tuple[object, int] | None = None
        """The lesson and the number of the page that is shown."""
        self._said: object = None
        """What the page says of an answer."""
        self._title = ""

    def on_mount(self) -> None:
        """Tell that it is there, after it has been laid out."""
        self.call_after_refresh(self._there)

    def picture(self, view: View, width: int, height: int) -> Picture:
        """The page, from where it is scrolled to."""
        return lesson_picture(view, width, height, self.top)

    def length(self, view: View) -> int:
        """How many rows the page has."""
        return len(page(view, self.extent.width).rows)

    def show(self, view: View) -> None:
        """Show the page under the lesson's title."""
        super().show(view)
        self._tell_place()

    def _tell_title(self, reader: Reader) -> None:
        """In the frame: the lesson's title, and where there is room the page's."""
        title = reader.lesson.title
        if self.extent.width >= TITLE_IN_FRAME and reader.page.title:
            title = f"{title} · {reader.page.title}"
        if title != self._title:
            self._title = title
            self.border_title = Content(title)  # as it is: a bracket is no markup

    def turn_to(self, view: View) -> None:
        """A new page is shown from its top; what becomes of an answer, and a hint, stand at its end."""
        reader = reader_of(view)
        at = None if reader is None else (reader.lesson, reader.index)
        said = None if reader is None else (reader.answer, reader.hinted)
        if at != self._page:
            self._page, self._said, self.top = at, said, 0
        elif said != self._said:
            self._said, self.top = said, self.length(view)
        self._show_from(self.top)

    def _tell_place(self) -> None:
        """In the frame: the page's number, what turns it, and whether there is more of it."""
        reader = None if self.view is None else reader_of(self.view)
        if self.view is None or reader is None or not self.extent:
            return
        self._tell_title(reader)
        more = self.length(self.view) > self.top + self.extent.height
        number, pages = reader.index + 1, len(reader.lesson.pages)
        key = self.view.key
        back, onward = f"{key('[')} back", f"{key(']')} next"
        keys = (
            f"{self.view.keys.get('down', '↓')} more"
            if more
            else f"{back}  {onward}"
            if 1 < number < pages
            else onward
            if number == 1
            else back
        )
        others = (
            f"{key('3')} chain rule  {key('5')} picture  {key('H')} back here · "
            if self.extent.width >= TITLE_IN_FRAME
            else ""
        )
        self.tell(f"{others}{number} of {pages} · {keys}")

    def arrow(self, view: View, right: int, down: int) -> Request | None:
        """Point at the next choice of a question; without one, scroll."""
        reader = reader_of(view)
        options = reader.options(view.digits) if reader is not None and not reader.is_solved else ()
        if reader is None or not options:
            self.scroll_by(down)
            return None
        pointed = max(0, min(reader.pointed + (right or down), len(options) - 1))
        row = page(view, self.extent.width).choices[pointed][0]
        self.keep_in_sight(row)
        return Mark(pointed)

    def pointed_at(self, view: View, x: int, y: int) -> Request | None:
        """Answer with the choice that was clicked."""
        for choice, (row, first, last) in page(view, self.size.width).choices.items():
            if row == self.top + y and first <= x < last:
                return Take(choice)
        return None
