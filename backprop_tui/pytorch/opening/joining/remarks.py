"""What is said of ranks: each sentence once, with the ranks that it holds for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class Remarks:
    """Sentences, each with the ranks that it holds for."""

    def __init__(self, lines: Iterable[str] = (), others: Remarks | None = None) -> None:
        self._found: dict[str, list[int]] = {line: [] for line in lines}
        for text, ranks in others._found.items() if others else ():
            self._found[text] = list(ranks)

    def add(self, text: str, rank: int | None = None) -> None:
        """Say it, of a rank or of all."""
        ranks = self._found.setdefault(text, [])
        if rank is not None and rank not in ranks:
            ranks.append(rank)

    def lines(self, everyone: int = 0) -> tuple[str, ...]:
        """Each once, with its ranks before it, except where these are *everyone*."""
        return tuple(
            f"{ranks_named(ranks)}: {text}" if ranks and len(ranks) != everyone else text
            for text, ranks in self._found.items()
        )


def ranks_named(ranks: Sequence[int]) -> str:
    """``rank 3``, ``ranks 0 to 2 and 5``."""
    parts: list[str] = []
    ordered = sorted(ranks)
    start = 0
    for at, rank in enumerate(ordered):
        if at + 1 == len(ordered) or ordered[at + 1] != rank + 1:
            first = ordered[start]
            if at - start >= 2:
                parts.append(f"{first} to {rank}")
            else:
                parts.extend(str(one) for one in ordered[start : at + 1])
            start = at + 1
    listed = ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]
    return f"rank{'s' if len(ordered) > 1 else ''} {listed}"
