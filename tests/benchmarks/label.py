"""The reference: a bare Textual app with one label, which tells how many keys it has heard."""

from __future__ import annotations

from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Label


class LabelApp(App[None]):
    """One label."""

    keys = 0

    def compose(self) -> ComposeResult:
        """The label."""
        yield Label("heard 0 keys")

    def on_key(self, event: events.Key) -> None:
        """Tell of one more."""
        self.keys += 1
        self.query_one(Label).update(f"heard {self.keys} keys")


if __name__ == "__main__":
    LabelApp().run()
