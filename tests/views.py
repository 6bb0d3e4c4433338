"""Views to draw: small networks of all forms at random times, looked at in every way."""

import re

from hypothesis import strategies as st
from rich.cells import cell_len
from strategies import networks

from backprop_tui.engine.quantities import Kind, Parameter, Quantity
from backprop_tui.network.files.build import build
from backprop_tui.network.files.library import find
from backprop_tui.program.number_text import DIGITS, number
from backprop_tui.session.session import Session
from backprop_tui.tui.view import Node, View

NAMED = {
    "title": "語学 の ネット",
    "network": {
        "inputs": ["日本", "x"],
        "layers": [
            {"units": ["a", "隠れた層の一番大きな名前の単位だ", "longest_of_units"], "activation": "tanh"},
            {"units": ["出力"], "activation": "identity"},
        ],
    },
    "data": {"inputs": [[0.5, -0.25], [1.0, 2.0], [-3.0, 0.0]], "targets": [[1.0], [0.0], [0.5]]},
    "training": {"batch_size": 2},
}
"""Names of double width, and a longest name that is neither the first nor the last of its layer."""

HUGE = {
    "network": {
        "inputs": 1,
        "layers": [
            {"units": 1, "activation": "identity", "weights": [[-1.25e100]], "biases": [-3.5e-100]},
            {"units": 1, "activation": "identity", "weights": [[-2.5e-7]], "biases": [123456.75]},
        ],
    },
    "data": {"inputs": [[-7.0e-12]], "targets": [[1.0e6]]},
}
"""Numbers with long exponents."""


def some_networks():
    """The forms that strain a drawing: wide, deep, windowed, with given names; and any small network."""
    shapes = ("1-1", "1-1-1", "1-20-3", "1-1-1-1-1-1-1-1", "2-4-1", "40-30-2", "3-2-2", "1-2-1")
    return st.one_of(networks(), st.sampled_from(shapes).map(find), st.sampled_from([NAMED, HUGE]).map(build))


def view_of(network, time=0, **looks):
    """A network at a time."""
    session = Session(network)
    session.jump(time)
    return View(session, time, **looks)


def worked(time, **looks):
    """The worked example at a time."""
    return view_of(find(), time, **looks)


@st.composite
def views(draw, of=None):
    """A network at a random time, perhaps after going back, with or without something pointed at."""
    session = Session(draw(some_networks() if of is None else of))
    statements = session.program.statements
    session.jump(draw(st.sampled_from([0, 1, statements, 3 * statements])))
    if draw(st.booleans()):
        session.jump(draw(st.integers(0, 3 * statements)))
    spot = cursor = None
    pointing = draw(st.sampled_from(["nothing", "spot", "cursor"]))
    if pointing == "spot":
        spot = draw(spots(session.network.widths))
    elif pointing == "cursor":
        step = draw(st.integers(0, statements - 1))
        cursor = session.program.statement(session.program.time(session.epoch, step))
    return View(
        session,
        session.time,
        digits=draw(st.sampled_from(DIGITS)),
        spot=spot,
        cursor=cursor,
        running=draw(st.sampled_from(["", "▶ running: statement 2/s"])),
        log_scale=draw(st.booleans()),
    )


@st.composite
def spots(draw, widths):
    """Any unit or parameter."""
    layer = draw(st.integers(0, len(widths) - 1))
    unit = draw(st.integers(0, widths[layer] - 1))
    if layer == 0 or draw(st.booleans()):
        return Node(layer, unit)
    return Parameter(layer, unit, draw(st.none() | st.integers(0, widths[layer - 1] - 1)))


def all_spots(widths):
    """Every unit, then every parameter."""
    found = [Node(layer, unit) for layer, units in enumerate(widths) for unit in range(units)]
    for layer in range(1, len(widths)):
        for unit in range(widths[layer]):
            found += [Parameter(layer, unit, below) for below in (*range(widths[layer - 1]), None)]
    return found


SIZES = st.tuples(st.integers(1, 130), st.integers(1, 45)) | st.tuples(st.integers(1, 12), st.integers(1, 8))
"""Widths and heights of a pane."""


def exact(picture, width, height):
    """Whether a picture has so many rows of so many cells."""
    widths = [cell_len("".join(text for text, _ in row)) for row in picture]
    return widths == [width] * height


def words(row):
    """A line of text with its runs of blanks made one."""
    return " ".join(row.split())


def numbers_in(rows):
    """Every number with a decimal point in some rows of text, as it is written there."""
    return [found for row in rows for found in re.findall(r"[\d.e+−]+", row) if "." in found]


def forms(view):
    """Every way in which a value that a drawing may show can rightly be written."""
    session, widths = view.session, view.session.network.widths
    kinds = (Kind.WEIGHTED_SUM, Kind.ACTIVATION, Kind.ACTIVATION_DERIVATIVE, Kind.DELTA)
    values = [session.now.input(unit) for unit in range(widths[0])]
    values += [session.now.target(unit) for unit in range(widths[-1])]
    parameters = []
    for spot in all_spots(widths):
        if isinstance(spot, Parameter):
            parameters.append(session.now.parameter(spot).value)
            values.append(session.now.read(spot.gradient).value)
        elif spot.layer:
            values += [session.now.read(Quantity(kind, *spot)).value for kind in kinds]
    written = {number(v, d) for v in values + parameters for d in (None, *range(10)) if v is not None}
    return written | {f"{weight:+.2f}".replace("-", "−") for weight in parameters}
