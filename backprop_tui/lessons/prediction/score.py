"""The score of predictions."""

from __future__ import annotations

from msgspec import Struct


class Score(Struct, frozen=True):
    """How many predictions were right, of how many, and how many in a row just now."""

    right: int = 0
    asked: int = 0
    streak: int = 0

    def after(self, right: bool) -> Score:
        """The score with one more prediction."""
        return Score(self.right + right, self.asked + 1, self.streak + 1 if right else 0)

    def __str__(self) -> str:
        streak = f" · streak {self.streak}" if self.streak > 1 else ""
        return f"{self.right}/{self.asked}{streak}"
