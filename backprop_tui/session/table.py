"""The ``[session]`` table of a file: written from a session, and read back into an equal one.

Reading and writing have the same limits, so whatever can be saved can be opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeVar

from backprop_tui.history.edits import Edit, Settable, Target, name_of, settable
from backprop_tui.network.description import Network
from backprop_tui.network.errors import MISSING, NetworkError, described, nearest
from backprop_tui.network.files.demands import finite_number
from backprop_tui.program.identifiers import Identifiers
from backprop_tui.program.positions import MOST_EPOCHS, Position, PositionError
from backprop_tui.session.look import PLAIN, Look
from backprop_tui.session.session import Session
from backprop_tui.stops.on_demand import breakpoints, conditions


class Opened(NamedTuple):
    """A session that was read."""

    session: Session
    """At the very start: nothing has been run. Its ``latest`` is the one that was saved."""
    wanted: int
    """The time at which it was saved: travel there."""
    look: Look
    """How the person looked at it."""


VERSION = 1
"""The version of the table that is written, and the only one that is read."""
MOST = 1000
"""Edits, breakpoints and watches that a session may have, each."""
_FIELDS = ("version", "position", "latest", "edits", "breakpoints", "watches", "look")
_CAN_BE_SET = "a weight, a bias, an input, a target or learning_rate"
_Item = TypeVar("_Item")


def to_table(session: Session, look: Look = PLAIN) -> dict[str, object]:
    """The ``[session]`` table of a session; what was undone is not kept.

    Args:
        session: what to keep.
        look: how the person looks at it.

    Raises:
        NetworkError: it has more edits, breakpoints or watches than a file may hold.

    """
    table: dict[str, object] = {
        "version": VERSION,
        "position": session.position,
        "latest": str(session.program.position(session.latest)),
    }
    if session.edits:
        table["edits"] = [_edit_table(session, edit) for edit in _few("edits", session.edits)]
    if session.breakpoints:
        table["breakpoints"] = [
            {"on": one.text, "enabled": one.enabled, "hits": one.hits}
            for one in _few("breakpoints", session.breakpoints)
        ]
    if session.watches:
        table["watches"] = list(_few("watches", session.watches))
    if looked := look.table():
        table["look"] = Look.read("session.look", looked).table()
    return table


def _few(what: str, items: Iterable[_Item]) -> list[_Item]:
    found = list(items)
    if len(found) > MOST:
        raise NetworkError(f"session.{what}", f"at most {MOST:,} {what}", f"{len(found):,}")
    return found


def _edit_table(session: Session, edit: Edit) -> dict[str, object]:
    table: dict[str, object] = {
        "at": str(session.program.position(edit.time)),
        "set": name_of(edit.sets, session.names),
        "to": edit.value,
    }
    if edit.sets.target in (Target.INPUT, Target.TARGET):
        table["example"] = edit.example
    return table


# Reading


def restore(network: Network, table: object, source: str = "") -> Opened:
    """The session that a ``[session]`` table describes; an empty one, a fresh session. Runs nothing.

    Args:
        network: what the session is about.
        table: the table, as it was read.
        source: the file, for the message.

    Raises:
        NetworkError: something in it is wrong; it names the place.

    """
    session = Session(network)
    if table == {}:
        return Opened(session, 0, PLAIN)
    try:
        return _Reader(session).opened(table)
    except NetworkError as error:
        raise error.from_source(source) from None


class _Reader:
    """Reads a table into a fresh session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._identifiers = Identifiers(session.network)

    def opened(self, given: object) -> Opened:
        if not isinstance(given, dict):
            raise NetworkError("session", "a table", described(given))
        _check_version(given.get("version", MISSING))
        table = _table("session", given, _FIELDS, ())
        session = self._session
        wanted = self._time("session.position", table.get("position", "0:0"))
        latest = self._time("session.latest", table["latest"]) if "latest" in table else wanted
        if latest < wanted:
            expected = f"no earlier than the position, {table['position']}"
            raise NetworkError("session.latest", expected, described(table["latest"]))
        edits = _items("session.edits", table, self._edit)
        stops = _items("session.breakpoints", table, self._breakpoint)
        watches = _items("session.watches", table, self._watch)
        _different("session.breakpoints", [one.text for one in stops])
        _different("session.watches", watches)
        look = Look.read("session.look", table.get("look", {}))
        session.latest = latest
        if edits:
            session.editing.replace(tuple(edits))
        session.stopping.replace(stops)
        session.watching.watches = watches
        return Opened(session, wanted, look)

    def _time(self, place: str, given: object) -> int:
        position = Position.parse(given) if isinstance(given, str) else None
        if position is None:
            raise NetworkError(place, 'a position such as "12:5", epoch and step', described(given))
        program = self._session.program
        try:
            return program.reachable(position)
        except PositionError:
            far = position.step <= program.statements
            expected = (
                f"at most {MOST_EPOCHS:,} epochs" if far else f"at most {program.statements} steps an epoch"
            )
            raise NetworkError(place, expected, described(given)) from None

    def _edit(self, place: str, given: object) -> Edit:
        table = _table(place, given, ("at", "set", "to", "example"), ("at", "set", "to"))
        time = self._time(f"{place}.at", table["at"])
        sets = self._settable(f"{place}.set", table["set"])
        value = finite_number(f"{place}.to", table["to"])
        if sets.target is Target.LEARNING_RATE and value < 0:
            raise NetworkError(f"{place}.to", "at least 0", value)
        example = self._session.run.readings.example(time)
        if "example" in table:
            if sets.target not in (Target.INPUT, Target.TARGET):
                raise NetworkError(f"{place}.example", "one only where an input or a target is set", "one")
            rows = len(self._session.network.data)
            example = _whole(f"{place}.example", table["example"], rows - 1)
        return Edit(time, sets, value, example)

    def _settable(self, place: str, given: object) -> Settable:
        """What a name stands for."""
        word = _text(place, given, _CAN_BE_SET)
        known = self._identifiers
        if found := settable(known, word):
            return found
        if known.resolve(word):
            raise NetworkError(place, _CAN_BE_SET, described(word), hint=f"{word} is computed")
        words = [one for one in known.sample() if settable(known, one)]
        hint = nearest(word, [*words, "learning_rate"]) or "there are " + ", ".join(words[:8])
        raise NetworkError(place, _CAN_BE_SET, described(word), hint=hint)

    def _breakpoint(self, place: str, given: object) -> breakpoints.Breakpoint:
        table = _table(place, given, ("on", "enabled", "hits"), ("on",))
        text = _text(f"{place}.on", table["on"], "a breakpoint")
        enabled = table.get("enabled", True)
        if not isinstance(enabled, bool):
            raise NetworkError(f"{place}.enabled", "true or false", described(enabled))
        hits = _whole(f"{place}.hits", table.get("hits", 0), 2**63 - 1)
        try:
            return breakpoints.Breakpoint.parse(text, self._session.network, enabled=enabled, hits=hits)
        except conditions.ConditionError as error:
            raise misunderstood(f"{place}.on", "a breakpoint", text, error) from None

    def _watch(self, place: str, given: object) -> str:
        text = _text(place, given, "an expression")
        try:
            return conditions.parse_expression(text, self._session.network).text
        except conditions.ConditionError as error:
            raise misunderstood(place, "an expression", text, error) from None


def misunderstood(place: str, expected: str, text: str, error: conditions.ConditionError) -> NetworkError:
    """The error of a condition as that of the place where the condition stands."""
    hint = f"{error.message}, column {error.column}" + (f"; {error.hint}" if error.hint else "")
    return NetworkError(place, expected, described(text), hint=hint)


# Fields


def _check_version(version: object) -> None:
    if version == VERSION and not isinstance(version, bool | float):
        return
    newer = isinstance(version, int) and version > VERSION
    hint = "a newer backprop-tui wrote it" if newer else ""
    raise NetworkError(
        "session.version", f"{VERSION}, the one version there is", described(version), hint=hint
    )


def _table(place: str, given: object, fields: Sequence[str], required: Sequence[str]) -> dict[str, object]:
    if not isinstance(given, dict):
        raise NetworkError(place, "a table", described(given))
    for word in given:
        if word not in fields:
            hint = nearest(str(word), fields) or "it may have " + ", ".join(fields)
            raise NetworkError(place, "a known field", described(word), hint=hint)
    for field in required:
        if field not in given:
            raise NetworkError(f"{place}.{field}", "a value", MISSING)
    return given


def _items(place: str, table: dict[str, object], read: Callable[[str, object], _Item]) -> list[_Item]:
    name = place.rpartition(".")[2]
    given = table.get(name, [])
    if not isinstance(given, list):
        raise NetworkError(place, "a list", described(given))
    return [read(f"{place}[{number}]", item) for number, item in enumerate(_few(name, given))]


def _different(place: str, texts: list[str]) -> None:
    first: dict[str, int] = {}
    for number, text in enumerate(texts):
        if text in first:
            hint = f"the same as {place}[{first[text]}]"
            raise NetworkError(f"{place}[{number}]", "each only once", described(text), hint=hint)
        first[text] = number


def _text(place: str, given: object, expected: str) -> str:
    if not isinstance(given, str):
        raise NetworkError(place, f"{expected}, as text", described(given))
    return given


def _whole(place: str, given: object, most: int) -> int:
    if not isinstance(given, int) or isinstance(given, bool):
        raise NetworkError(place, "a whole number", described(given))
    if not 0 <= given <= most:
        raise NetworkError(place, f"0 to {most}", described(given))
    return given
