"""What is loaded when it is first wanted: the prompt, the screens over the debugger, and the keeper.

Here and in few other places the screen imports late, so that the first frame waits for none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from backprop_tui.lessons.lesson import Lesson
from backprop_tui.network.description import Network
from backprop_tui.session.files.opened import Opened
from backprop_tui.session.files.saved_sessions import Opener
from backprop_tui.session.session import Session
from backprop_tui.tui.commands.keymap import Keymap

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen

    from backprop_tui.session.files.recovery import Interrupted as Interrupted
    from backprop_tui.session.files.recovery import Keeper as Keeper
    from backprop_tui.tui.screens.overlay import Overlay
    from backprop_tui.tui.screens.palette import Palette
    from backprop_tui.tui.widgets.lesson_pane import LessonPane as LessonPane
    from backprop_tui.tui.widgets.offer_line import OfferLine as OfferLine
    from backprop_tui.tui.widgets.prompt import Prompt as Prompt

SOON_NEEDED = (
    "backprop_tui.tui.pictures.explanation.page",
    "backprop_tui.session.files.recovery",
    "backprop_tui.tui.widgets.prompt",
    "backprop_tui.analysis.marks",
    "backprop_tui.analysis.mark_words",
    "backprop_tui.tui.pictures.charts.activation",
    "backprop_tui.tui.pictures.charts.slice",
    "backprop_tui.tui.pictures.charts.flow",
    "plotext",
    "backprop_tui.stops.breakpoints",
    "backprop_tui.tui.screens.help",
    "backprop_tui.tui.screens.palette",
    "backprop_tui.tui.screens.managing",
    "backprop_tui.tui.screens.opening",
    "backprop_tui.tui.screens.recovering",
)
"""What a person's first keys need, to be loaded once the first frame is out."""


def prompt(
    session: Callable[[], Session],
    themes: Sequence[str],
    answer: Callable[[str, str], object],
    leave: Callable[[], object],
) -> Prompt:
    """The line in which a person types; names are completed from *session*'s network and the themes."""
    from backprop_tui.tui.commands.completion import completions
    from backprop_tui.tui.widgets.prompt import Prompt

    def complete(verb: str, text: str) -> list[str]:
        return completions(session(), verb, text, themes)

    return Prompt(complete, answer, leave, id="prompt")


def lesson_pane(there: Callable[[], object]) -> LessonPane:
    """The page of a lesson; calls *there* once it is on the screen."""
    from backprop_tui.tui.widgets.lesson_pane import LessonPane

    return LessonPane(there, id="lesson")


def offer_line() -> OfferLine:
    """The line that offers the first lesson."""
    from backprop_tui.tui.widgets.offer_line import OfferLine

    return OfferLine(id="offer")


def is_first_start() -> bool:
    """Whether the debugger has never been opened before; from now on it has."""
    from backprop_tui.lessons.progress import offered

    return offered()


def help_screen(keymap: Keymap, *, from_pytorch: bool) -> Overlay[None]:
    """Every key in force, and what the signs mean."""
    from backprop_tui.tui.screens.help import HelpScreen

    return HelpScreen(keymap, from_pytorch=from_pytorch)


def palette(**options: Any) -> Palette:
    """Every command by name, or what the options say."""
    from backprop_tui.tui.screens.palette import Palette

    return Palette(**options)


def is_palette(screen: Screen[Any]) -> bool:
    """Whether a screen is the palette."""
    from backprop_tui.tui.screens.palette import Palette

    return isinstance(screen, Palette)


def open_screen(given: Mapping[str, Opener]) -> Overlay[Network | Lesson | Opened | None]:
    """The choice of another network, or of a lesson; *given* ones come first."""
    from backprop_tui.tui.screens.opening import OpenScreen

    return OpenScreen(given)


def manage_screen(
    session: Session, remove_edit: Callable[[int, Callable[[], None]], None], keymap: Keymap
) -> Overlay[None]:
    """The list of breakpoints, watches and edits."""
    from backprop_tui.tui.screens.managing import ManageScreen

    return ManageScreen(session, remove_edit, keymap)


def recover_screen(interrupted: Sequence[Interrupted]) -> Overlay[Interrupted | None]:
    """The offer to go on with sessions that were interrupted."""
    from backprop_tui.tui.screens.recovering import RecoverScreen

    return RecoverScreen(interrupted)


def screen_of(app: App[Any], title: str) -> Any:
    """What is on the screen, as a ``Screen`` of cells."""
    from backprop_tui.tui.screen_cells import screen_of

    return screen_of(app, title)


def keeper() -> Keeper:
    """Keeps the session for after a kill."""
    from backprop_tui.session.files.recovery import Keeper

    return Keeper()


def interrupted_sessions() -> list[Interrupted]:
    """The sessions of killed programs."""
    from backprop_tui.session.files.recovery import find

    return find()
