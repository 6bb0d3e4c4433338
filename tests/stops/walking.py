"""From stop to stop: what a search finds of breakpoints that are written."""

from naive import EPOCHS

from backprop_tui.network.files import library
from backprop_tui.network.files.build import build
from backprop_tui.session.session import Session
from backprop_tui.stops.breakpoints import Breakpoint
from backprop_tui.stops.search import searching


def drained(generator):
    """A search's result; all that it yields are epochs."""
    while True:
        try:
            assert isinstance(next(generator), int)
        except StopIteration as end:
            return end.value


def found(session, direction, *texts, until=EPOCHS):
    points = [Breakpoint.parse(text, session.network) for text in texts]
    return drained(searching(session.run, session.time, points, direction, until))


def walk(session, direction, *texts, start=0, until=EPOCHS, most=30):
    """The times of the stops from *start* on."""
    times = []
    session.jump(start)
    while len(times) < most and (stop := found(session, direction, *texts, until=until)):
        times.append(stop.time)
        session.jump(stop.time)
    return times


def worked():
    return Session(library.find(None))


def one_weight(weight, x=1.0, y=0.0, rate=0.1):
    """a = w·x with its gradient (a − y)·x: every number of it can be told beforehand."""
    layer = {"units": 1, "activation": "identity", "weights": [[weight]], "frozen": ["biases"]}
    return build(
        {
            "network": {"inputs": 1, "layers": [layer | {"biases": [0.0]}]},
            "training": {"optimizer": {"name": "sgd", "learning_rate": rate}},
            "data": {"inputs": [[x]], "targets": [[y]]},
        }
    )
