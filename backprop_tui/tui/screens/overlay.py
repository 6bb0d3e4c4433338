"""An overlay: a screen that lies over the debugger, and closes once."""

from __future__ import annotations

from typing import Any, TypeVar

from textual.await_complete import AwaitComplete
from textual.events import Event, Mount
from textual.screen import ModalScreen, Screen

Result = TypeVar("Result")


class Overlay(ModalScreen[Result]):
    """A modal screen that is dismissed once, whatever arrives while it closes.

    Keys that were pressed in the same moment are still on their way to it; a second dismissal would take
    away the screen beneath.
    """

    DEFAULT_CSS = """
    Overlay {
        align: center middle;
        & > .box {
            width: 92%;
            max-width: 150;
            height: 90%;
            border: round $key;
            border-title-color: $key;
            border-title-style: bold;
            border-subtitle-color: $muted;
            background: $surface;
            padding: 0 1;
        }
        & > .box, .box OptionList, .box VerticalScroll {
            scrollbar-size-vertical: 1;
            scrollbar-background: $surface;
            scrollbar-background-hover: $surface;
            scrollbar-color: $pane-border;
        }
        .box OptionList { height: 1fr; border: none; padding: 0; background: $surface; }
        .box OptionList:focus { background-tint: $foreground 0%; }
        .box OptionList > .option-list--option { padding: 0 1; }
        .box OptionList > .option-list--option-highlighted {
            color: $background;
            background: $key;
            text-style: bold;
        }
    }
    """
    closing = False
    """Whether it has been dismissed."""
    _begun = False
    """Whether all that lies in it is there: what lies in its boxes comes later than the boxes."""

    async def on_event(self, event: Event) -> None:
        """Nothing begins in an overlay that was opened just before the app is left: see ``was_composed``."""
        if not isinstance(event, Mount):
            await super().on_event(event)
        elif was_composed(self):
            await super().on_event(event)
            self._begun = True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only closing it can be asked for before its widgets are there, and after they are gone."""
        there = self._begun and was_composed(self) and self.is_attached
        return action == "dismiss" or (there and not self.closing)

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Close, and pass *result* to the screen that opened it; the second call does nothing."""
        if self.closing or not self.is_active:  # dismissed beneath another, it would take that one away
            return nothing()
        self.closing = True
        return super().dismiss(result)


def was_composed(screen: Screen[Any]) -> bool:
    """Whether a screen that is being mounted has its widgets: Textual gives none once the app is left."""
    return bool(screen.children)


def nothing() -> AwaitComplete:
    """What a dismissal gives that has nothing to do."""
    done: AwaitComplete = AwaitComplete.nothing()  # type: ignore[no-untyped-call]
    return done
