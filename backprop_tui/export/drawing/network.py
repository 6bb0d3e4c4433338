"""The network as SVG: units with their numbers, weights by sign and size, biases and the loss.

Every number and every part has an address (``slots``), by which a page fills it in and lights it up.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from backprop_tui.export.drawing.edges import edges_svg
from backprop_tui.export.drawing.lights import light
from backprop_tui.export.drawing.pen import Pen
from backprop_tui.export.drawing.places import SIZE, places
from backprop_tui.export.drawing.units import column_svg
from backprop_tui.export.markup import element, words
from backprop_tui.history.moment import Moment
from backprop_tui.history.run import Run
from backprop_tui.network.description import Network

STYLE = Path(__file__).with_name("drawing.css")
"""How a drawing looks that stands for itself."""
FONTS = "'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"


def network_svg(network: Network, *, digits: int | None = 4, standalone: bool = True) -> str:
    """A network drawn with its parameters, and the inputs of its first example.

    >>> from backprop_tui import load
    >>> picture = network_svg(load())
    >>> picture.startswith("<svg"), "0.7000" in picture
    (True, True)

    Args:
        network: what is drawn. Of layers with more than ten units, and of more than twelve layers, the
            first and the last are drawn, and it says how many are not.
        digits: decimals of a number; None: every digit there is.
        standalone: with its own style and ground, to stand anywhere; False: for a page that has them.
    """
    return moment_svg(Moment(Run(network), 0), digits=digits, standalone=standalone)


def moment_svg(
    moment: Moment,
    *,
    digits: int | None = 4,
    units: Sequence[Sequence[int]] | None = None,
    standalone: bool = True,
) -> str:
    """A run at a time: the same with all numbers known then, and the unit or weight at work lit.

    Args:
        moment: the run and the time; ``session.now`` is one.
        digits: as for ``network_svg``.
        units: of each layer, the input layer first, those to be drawn; left out, all for which there is room.
        standalone: as for ``network_svg``.
    """
    network = moment.run.network
    plan = places(network, moment.run.names, digits, units)
    at_work = None if moment.statement is None else light(network, moment.statement)
    pen = Pen(moment, plan, frozenset(at_work.lit if at_work else ()))
    drawn = edges_svg(pen) + "".join(column_svg(pen, column) for column in plan.columns)
    phase = moment.phase.value if moment.phase else None
    inner = element("title", words(f"The network {network.title}, {network.shape}".replace(" ,", ",")))
    if standalone:
        inner += element("style", STYLE.read_text("utf-8"))
        inner += element("rect", None, class_="ground", width=plan.width, height=plan.height, rx=8.0)
    return element(
        "svg",
        inner + element("g", drawn, class_=phase),
        xmlns="http://www.w3.org/2000/svg",
        class_="backprop-drawing",
        viewBox=f"0 0 {plan.width:g} {plan.height:g}",
        width=plan.width,
        height=plan.height,
        role="img",
        font_family=FONTS,
        font_size=SIZE,
    )
