"""Looking: digits, scale, theme, what is compared, and which pane has the focus."""

from __future__ import annotations

from typing import Any, cast

from backprop_tui.network.errors import nearest
from backprop_tui.program.number_text import DIGITS
from backprop_tui.session.editing import EditError
from backprop_tui.session.look import Digits, Look
from backprop_tui.tui.desk.current_view import CurrentView
from backprop_tui.tui.desk.terminal import LESSON, PANES, Terminal
from backprop_tui.tui.pictures.registry import AUTO, KNOWN, figure, names_of


class Looking:
    """Changes how the session is looked at."""

    def __init__(self, current: CurrentView, terminal: Terminal) -> None:
        self._current = current
        self._terminal = terminal

    @property
    def look(self) -> Look:
        """How the person looks at the session, as it is saved with it."""
        view = self._current.view
        reader: Any = view.reader
        return Look(
            digits=cast(Digits, view.digits or "all"),
            log_scale=view.log_scale,
            changes=view.compare == "last",
            pane=self._terminal.pane,
            picture=view.picture,
            theme=self._terminal.theme,
            lesson=reader.lesson.name if reader else None,
            page=reader.index + 1 if reader else None,
        )

    def next_digits(self) -> None:
        """The next choice of digits."""
        place = DIGITS.index(self._current.view.digits)
        self._current.update(digits=DIGITS[(place + 1) % len(DIGITS)])

    def show_digits(self, text: str) -> None:
        """So many digits, or ``all``.

        Raises:
            EditError: *text* is none of the choices.
        """
        choices = {"all" if digits is None else str(digits): digits for digits in DIGITS}
        if text not in choices:
            raise EditError(f"digits are {', '.join(choices)}; found {text[:20]}")
        self._current.update(digits=choices[text])

    def compare(self) -> None:
        """Show what the last move changed, in the table of values; again: the table itself."""
        self._current.update(compare=None if self._current.view.compare else "last")
        if self._current.view.compare:
            self.look_at("values")

    def compare_with(self, text: str) -> None:
        """Show what differs from a position.

        Raises:
            PositionError: *text* means none.
        """
        self._current.update(compare=self._current.session.time_of(text))
        self.look_at("values")

    def toggle_log_scale(self) -> None:
        """The loss on the other scale."""
        self._current.update(log_scale=not self._current.view.log_scale)

    def show_picture(self, name: str) -> None:
        """A picture by its name; of ``auto``, the one that suits what is shown.

        Raises:
            EditError: there is none of the name.
        """
        names = names_of(self._current.view.session.network)
        if name in KNOWN and name not in names:
            raise EditError(f"the picture {name} is of a training that was recorded in PyTorch")
        if name != AUTO and name not in names:
            near = nearest(name, names)
            raise EditError(f"no picture {name[:20]} ({near or 'there are ' + ', '.join((*names, AUTO))})")
        self._current.update(picture=None if name == AUTO else name)
        self.look_at("loss")

    def next_picture(self, direction: int) -> None:
        """The next or the previous picture; the first time, its pane where it is out of sight."""
        names = names_of(self._current.view.session.network)
        place = names.index(figure(self._current.view).name)
        self._current.update(picture=names[(place + direction) % len(names)])
        self._terminal.bring_into_sight("loss")

    def look_at(self, pane: str) -> None:
        """Give a pane the focus; where there is room for one of three, show it."""
        self._terminal.look_at(pane)

    def next_pane(self, direction: int) -> None:
        """The next or the previous pane."""
        panes = (*PANES, LESSON) if self._current.view.reader else PANES
        here = panes.index(self._terminal.pane)
        self.look_at(panes[(here + direction) % len(panes)])

    def toggle_theme(self) -> None:
        """A light theme in the place of a dark one, and back."""
        self._terminal.toggle_theme()

    def show_theme(self, name: str) -> None:
        """A theme by its name.

        Raises:
            EditError: there is none of the name.
        """
        themes = self._terminal.themes
        if not themes:
            raise EditError("themes are of the screen; there are no colours here")
        if name not in themes:
            near = nearest(name, themes) or "there are " + ", ".join(themes)
            raise EditError(f"no theme {name[:30]} ({near})")
        self._terminal.theme = name
        self._terminal.inform(f"To keep it: backprop-tui config theme={name}", f"Theme {name}")
