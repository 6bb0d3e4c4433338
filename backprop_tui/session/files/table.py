"""The ``[session]`` table of a file: written from a session, and read back into an equal one.

Reading and writing have the same limits, so whatever can be saved can be opened.
"""

from __future__ import annotations

from backprop_tui.history.edits import Edit, Settable, Target, name_of, settable
from backprop_tui.history.moment import Moment
from backprop_tui.network.description import Network
from backprop_tui.network.errors import MISSING, BackpropError, NetworkError, described, nearest, one_of
from backprop_tui.network.files.demands import finite_number
from backprop_tui.program.identifiers import Identifiers
from backprop_tui.program.positions import MOST_EPOCHS, Position, PositionError
from backprop_tui.session.changes import changes, whole_network, with_network
from backprop_tui.session.comparing import NAMES, Variant
from backprop_tui.session.files.fields import MOST as MOST
from backprop_tui.session.files.fields import all_different, few, items_of, table_of, text_of, whole_of
from backprop_tui.session.files.opened import Opened
from backprop_tui.session.look import PLAIN, Look
from backprop_tui.session.session import Session
from backprop_tui.stops.on_demand import breakpoints, conditions

VERSION = 1
"""The version of the table that is written, and the only one that is read."""
_FIELDS = (
    "version",
    "position",
    "latest",
    "edits",
    "compare",
    "debugged",
    "other",
    "breakpoints",
    "watches",
    "look",
)
_CAN_BE_SET = "a weight, a bias, an input, a target or learning_rate"


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
    if edits := session.comparing.home.editing.made:
        table["edits"] = [_edit_table(session, edit) for edit in few("edits", edits)]
    if session.comparing.open:
        table["compare"] = [_variant_table(session, one) for one in session.comparing.variants[1:]]
        if session.comparing.debugged is not session.comparing.home:
            table["debugged"] = session.comparing.debugged.name
        if (other := session.comparing.other) is not session.comparing.others[0] and other:
            table["other"] = other.name
    if session.breakpoints:
        table["breakpoints"] = [
            {"on": one.text, "enabled": one.enabled, "hits": one.hits}
            for one in few("breakpoints", session.breakpoints)
        ]
    if session.watches:
        table["watches"] = list(few("watches", session.watches))
    if looked := look.table():
        table["look"] = Look.read("session.look", looked).table()
    return table


def _edit_table(session: Session, edit: Edit) -> dict[str, object]:
    table: dict[str, object] = {
        "at": str(session.program.position(edit.time)),
        "set": name_of(edit.sets, session.names),
        "to": edit.value,
    }
    if edit.sets.target in (Target.INPUT, Target.TARGET):
        table["example"] = edit.example
    return table


def _variant_table(session: Session, one: Variant) -> str | dict[str, object]:
    """A run beside: the words alone where they say it all."""
    change, made = one.change, one.editing.made
    assert change is not None
    if (
        not change.edits
        and not change.from_file
        and made == one.edits_of(session.comparing.home.editing.made)
    ):
        return one.words
    table: dict[str, object] = {"change": one.words}
    if change.edits:
        table["at"] = str(session.program.position(change.edits[0].time))
    if (whole := whole_network(change)) is not None:
        table["network"] = whole
    table["edits"] = [_edit_table(session, edit) for edit in few("edits", made)]
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
        table = table_of("session", given, _FIELDS, ())
        session = self._session
        wanted = self._time("session.position", table.get("position", "0:0"))
        latest = self._time("session.latest", table["latest"]) if "latest" in table else wanted
        if latest < wanted:
            expected = f"no earlier than the position, {table['position']}"
            raise NetworkError("session.latest", expected, described(table["latest"]))
        if edits := items_of("session.edits", table, self._edit):
            session.editing.replace(tuple(edits))
        self._compare(table)
        stops = items_of("session.breakpoints", table, self._breakpoint)
        watches = items_of("session.watches", table, self._watch)
        all_different("session.breakpoints", [one.text for one in stops])
        all_different("session.watches", watches)
        look = Look.read("session.look", table.get("look", {}))
        session.latest = latest
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
        table = table_of(place, given, ("at", "set", "to", "example"), ("at", "set", "to"))
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
            example = whole_of(f"{place}.example", table["example"], rows - 1)
        return Edit(time, sets, value, example)

    def _settable(self, place: str, given: object) -> Settable:
        """What a name stands for."""
        word = text_of(place, given, _CAN_BE_SET)
        known = self._identifiers
        if found := settable(known, word):
            return found
        if known.resolve(word):
            raise NetworkError(place, _CAN_BE_SET, described(word), hint=f"{word} is computed")
        words = [one for one in known.sample() if settable(known, one)]
        hint = nearest(word, [*words, "learning_rate"]) or "there are " + ", ".join(words[:8])
        raise NetworkError(place, _CAN_BE_SET, described(word), hint=hint)

    def _compare(self, table: dict[str, object]) -> None:
        """Put the runs beside that were there, and debug the one that was debugged."""
        comparing = self._session.comparing
        words = items_of("session.compare", table, self._variant)
        all_different("session.compare", words)
        names = [one.name for one in comparing.variants]
        debugged = text_of("session.debugged", table.get("debugged", names[0]), "the name of a run")
        other = text_of("session.other", table.get("other", ""), "the name of a run")
        for field, name in (("debugged", debugged), ("other", other)):
            if name and name not in names:
                raise NetworkError(f"session.{field}", one_of(names), described(name))
        comparing.replace(comparing.variants, debugged, other)

    def _variant(self, place: str, given: object) -> str:
        comparing = self._session.comparing
        fields = ("change", "at", "network", "edits")
        alone = {"change": given} if isinstance(given, str) else given
        table = table_of(place, alone, fields, ("change",))
        words = text_of(f"{place}.change", table["change"], "what differs, as in learning_rate=5")
        if len(comparing.variants) == len(NAMES):
            raise NetworkError("session.compare", f"at most {len(NAMES) - 1}", "more")
        time = self._time(f"{place}.at", table.get("at", "0:0"))
        try:
            if "network" in table:
                found = [with_network(words, table["network"], comparing.home.network)]
            else:
                found = changes(words, Moment(comparing.home.run, time), 1)
        except BackpropError as error:
            raise NetworkError(place, "what differs", described(words), hint=str(error)) from None
        variant = comparing.made(NAMES[len(comparing.variants)], found[0])
        if "edits" in table:
            variant.editing.replace(tuple(items_of(f"{place}.edits", table, self._edit)))
        comparing.replace((*comparing.variants, variant), comparing.debugged.name)
        return variant.words

    def _breakpoint(self, place: str, given: object) -> breakpoints.Breakpoint:
        table = table_of(place, given, ("on", "enabled", "hits"), ("on",))
        text = text_of(f"{place}.on", table["on"], "a breakpoint")
        enabled = table.get("enabled", True)
        if not isinstance(enabled, bool):
            raise NetworkError(f"{place}.enabled", "true or false", described(enabled))
        hits = whole_of(f"{place}.hits", table.get("hits", 0), 2**63 - 1)
        try:
            network, beside = self._session.network, self._session.comparing.networks
            return breakpoints.Breakpoint.parse(text, network, enabled=enabled, hits=hits, beside=beside)
        except conditions.ConditionError as error:
            raise misunderstood(f"{place}.on", "a breakpoint", text, error) from None

    def _watch(self, place: str, given: object) -> str:
        text = text_of(place, given, "an expression")
        try:
            networks = self._session.comparing.networks
            return conditions.parse_expression(text, self._session.network, networks).text
        except conditions.ConditionError as error:
            raise misunderstood(place, "an expression", text, error) from None


def misunderstood(place: str, expected: str, text: str, error: conditions.ConditionError) -> NetworkError:
    """The error of a condition as that of the place where the condition stands."""
    hint = f"{error.message}, column {error.column}" + (f"; {error.hint}" if error.hint else "")
    return NetworkError(place, expected, described(text), hint=hint)


def _check_version(version: object) -> None:
    if version == VERSION and not isinstance(version, bool | float):
        return
    newer = isinstance(version, int) and version > VERSION
    hint = "a newer backprop-tui wrote it" if newer else ""
    raise NetworkError(
        "session.version", f"{VERSION}, the one version there is", described(version), hint=hint
    )
