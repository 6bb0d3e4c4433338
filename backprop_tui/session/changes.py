"""Changes: what differs in a run beside the debugged one, as a person says it.

``learning_rate=5``, ``optimizer=adam beta1=0.5``, ``seed=0,1,2`` (three of them), ``w1=0.5`` (set at the
present time), another network of the same shape, or ``without edits``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from math import prod

from msgspec import Struct
from msgspec.structs import replace

from backprop_tui.history.edits import Edit, settable
from backprop_tui.history.moment import Moment
from backprop_tui.network.description import Network
from backprop_tui.network.errors import NetworkError, described, nearest
from backprop_tui.network.files import shapes
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import could_be_meant, find, names
from backprop_tui.network.files.shapes import Options
from backprop_tui.network.files.toml import exists
from backprop_tui.network.files.written_network import document_of
from backprop_tui.network.rules.activations import ACTIVATIONS
from backprop_tui.network.rules.initializers import INITIALIZERS
from backprop_tui.network.rules.optimizers import OPTIMIZERS, Option
from backprop_tui.program.identifiers import Identifiers
from backprop_tui.session.editing import edit_named

WITHOUT_EDITS = "without edits"
"""The change that takes back whatever was set by hand."""
AS_GIVEN = "as given"
AS_EDITED = "as edited"
"""What is said of the run that the others differ from, without and with values set by hand."""
MOST_NUMBERS = 2000
"""Another network is saved whole where it has no more numbers; a larger one is read from its file again."""
LONGEST = 1000
"""Characters of a change, at most."""
FIELDS: Mapping[str, tuple[Callable[[str], object], str]] = {
    "learning_rate": (float, "a number"),
    "optimizer": (str, ""),
    "activation": (str, ""),
    "output": (str, ""),
    "loss": (str, ""),
    "initializer": (str, ""),
    "seed": (int, "a whole number"),
}
"""The fields of a network that may differ, with how their values are read and what these are."""
_FLAGS = {"true": True, "false": False}
_RULES = {"optimizer": OPTIMIZERS, "activation": ACTIVATIONS, "initializer": INITIALIZERS}


class Change(Struct, frozen=True, eq=False):
    """What differs in a run."""

    words: str
    """As it is shown: ``learning_rate=5``."""
    network: Network
    """What is trained: the given network itself where only something set by hand differs."""
    edits: tuple[Edit, ...] = ()
    """What is set by hand beyond the given run."""
    unedited: bool = False
    """Whether what was set by hand in the given run is left out."""
    from_file: bool = False
    """Whether another network was named, which may change or be gone."""


def changes(text: str, given: Moment, most: int) -> list[Change]:
    """The changes that *text* means.

    Args:
        text: as a person types it.
        given: the run that is changed, at the present time.
        most: how many there may be.

    Raises:
        NetworkError: it means none, or one that makes another program of the network.
        EditError: a value in it cannot be set.

    """
    text = " ".join(text.split())
    if not text or len(text) > LONGEST:
        found = "nothing" if not text else f"{len(text)} characters"
        raise NetworkError("", "what differs, as in learning_rate=5", found)
    if text == WITHOUT_EDITS:
        return [Change(text, given.run.network, unedited=True)]
    if "=" not in text or exists(text):
        return [Change(text, _other(text, given.run.network), from_file=True)]
    return [_change(words, given) for words in _each(text, most)]


def _each(text: str, most: int) -> Iterator[dict[str, str]]:
    """Every choice of one value for each name."""
    choices: dict[str, list[str]] = {}
    for word in text.replace(" =", "=").replace("= ", "=").replace(", ", ",").split():
        name, equals, values = word.partition("=")
        if not (name and equals and values) or name in choices:
            raise NetworkError("", "a name and a value, as in learning_rate=5", described(word))
        choices["learning_rate" if name == "η" else name] = values.split(",")
    if prod(map(len, choices.values())) > most:
        count = prod(map(len, choices.values()))
        raise NetworkError("", f"at most {most} more runs beside this one", str(count))
    for chosen in product(*choices.values()):
        yield dict(zip(choices, chosen, strict=True))


def _change(words: Mapping[str, str], given: Moment) -> Change:
    network = given.run.network
    options: dict[str, object] = {}
    edits: list[Edit] = []
    known = _settings(words.get("optimizer"), network)
    settings: dict[str, object] = {}
    identifiers = Identifiers(network)
    for name, value in words.items():
        if name in FIELDS:
            options[name] = _read(name, value, *FIELDS[name])
        elif name in known:
            settings[name] = _option(known[name], name, value)
        elif settable(identifiers, name) or identifiers.resolve(name):
            edits.append(edit_named(given, name, _number(name, value)))
        else:
            hint = nearest(name, [*FIELDS, *known, *identifiers.sample()])
            optimizer = words.get("optimizer", network.training.optimizer.name)
            hint = hint or _there_are(f"{given.run.names.parameter(1, 0, 0)}=0.5", known, optimizer)
            raise NetworkError("", "what can differ", described(name), hint=hint)
    label = " ".join(f"{name}={value}" for name, value in words.items())
    if not options and not settings:
        return Change(label, network, tuple(edits))
    try:
        other = shapes.changed(network, Options(**options, settings=settings or None))  # type: ignore[arg-type]
    except NetworkError as error:
        place = error.place.removeprefix("--").replace("-", "_").removeprefix("training.optimizer.")
        raise NetworkError(place, error.expected, error.found, hint=error.hint) from None
    return Change(label, other, tuple(edits))


def _option(row: Option, name: str, value: str) -> object:
    """The value of an optimizer's option."""
    if not row.flag:
        return _read(name, value, float, "a number")
    if value not in _FLAGS:
        raise NetworkError(name, "true or false", described(value))
    return _FLAGS[value]


def _there_are(set_by_name: str, options: Iterable[str], optimizer: str) -> str:
    """All that can differ, in words."""
    own = ", ".join(name for name in options if name not in FIELDS)
    return (
        f"there are {', '.join(FIELDS)}; {own} of {optimizer}; a weight, bias, input or target, "
        f"as in {set_by_name}; and, without =, another network's file or name"
    )


def _settings(optimizer: str | None, network: Network) -> Mapping[str, Option]:
    """The options that the optimizer has, which may be another than the network's."""
    return OPTIMIZERS.get(optimizer or "", network.training.optimizer).options


def _read(name: str, value: str, kind: Callable[[str], object], what: str) -> object:
    try:
        return kind(value.replace("−", "-") if what else value)
    except ValueError:
        raise NetworkError(name, what, described(value)) from None


def _number(name: str, value: str) -> float:
    found = _read(name, value, float, "a number")
    assert isinstance(found, float)
    return found


def _other(text: str, given: Network) -> Network:
    """Another network of the same shape, with the given one's names."""
    for field, rows in _RULES.items():
        if text in rows:
            raise NetworkError("", "what differs", described(text), hint=f"did you mean {field}={text}?")
    options, identifiers = given.training.optimizer.options, Identifiers(given)
    known = [*FIELDS, *options, *identifiers.sample()]
    if given.named_units.get(text) or text in known or settable(identifiers, text):
        flag = text in options and options[text].flag
        value = "true" if flag else next(iter(_RULES.get(text, "5")))
        raise NetworkError(text, f"a value, as in {text}={value}", "none")
    if not could_be_meant(text) and not nearest(text, names()):
        expected = "what differs, as in learning_rate=5, or another network's file or name"
        raise NetworkError("", expected, described(text), hint=nearest(text, known))
    return fitting(text, given, find(text))


def fitting(source: str, given: Network, other: Network) -> Network:
    """Another network with the given one's names, so that the same number has the same name in both.

    Raises:
        NetworkError: its program is another one.

    """
    for place, expected, found in _differences(given, other):
        if expected != found:
            raise NetworkError(place, f"{expected} as in the network beside it", found, source=source)
    layers = tuple(
        replace(
            layer,
            unit_names=named.unit_names,
            weight_names=named.weight_names,
            bias_names=named.bias_names,
        )
        for layer, named in zip(other.layers, given.layers, strict=True)
    )
    return replace(other, layers=layers, input_names=given.input_names)


def _differences(given: Network, other: Network) -> Iterator[tuple[str, str, str]]:
    """The places that make a program what it is, with what stands there in both networks."""
    yield "network.layers", given.shape, other.shape
    yield "data", f"{len(given.data)} examples", f"{len(other.data)} examples"
    yield "training.batch_size", f"{given.batch_size}", f"{other.batch_size}"
    for number, (one, another) in enumerate(zip(given.layers, other.layers, strict=True)):
        expected, found = (
            [
                word
                for word, frozen in (("weights", layer.frozen_weights), ("biases", layer.frozen_biases))
                if frozen
            ]
            for layer in (one, another)
        )
        place = f"network.layers[{number}].frozen"
        yield place, " and ".join(expected) or "nothing", " and ".join(found) or "nothing"


# In a session's file


def whole_network(change: Change) -> dict[str, object] | None:
    """The other network that a change names, as tables; None where it is not to be written whole."""
    network = change.network
    data = network.data
    numbers = network.parameters + (
        0 if data.origin else len(data) * (network.widths[0] + network.widths[-1])
    )
    if not change.from_file or numbers > MOST_NUMBERS:
        return None
    origin = {**data.origin, "relative": False} if "csv" in data.origin else data.origin
    return document_of(replace(network, data=replace(data, origin=origin)))


def with_network(words: str, given: object, beside: Network) -> Change:
    """The change to a network that was written whole.

    Raises:
        NetworkError: it is none, or its program is not that of the network *beside* it.
    """
    if not isinstance(given, dict):
        raise NetworkError("network", "a table", described(given))
    return Change(words, fitting("", beside, build(given)), from_file=True)
