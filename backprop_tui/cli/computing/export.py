"""``backprop-tui export``: the worked calculation, its numbers, or the network as another kind of file."""

from __future__ import annotations

import click

from backprop_tui.cli.completing import candidates
from backprop_tui.cli.configured import config_options, decimals, digits_option
from backprop_tui.cli.options import session_options, tell_of_values_set
from backprop_tui.cli.output.progress import progress
from backprop_tui.cli.output.streams import refuse, tell
from backprop_tui.engine.epochs import EPOCHS
from backprop_tui.export import formats
from backprop_tui.network.errors import NetworkError
from backprop_tui.program.positions import PositionError
from backprop_tui.session.files.opened import Opened
from backprop_tui.session.session import Session


@click.command()
@session_options
@click.option(
    "-o",
    "path",
    metavar="FILE",
    required=True,
    shell_complete=candidates.files,
    help=f"The file to write; its ending says of what kind: {' '.join(formats.FORMATS)}.",
)
@click.option(
    "--position",
    metavar="EPOCH:STEP",
    help="A position in the iteration that is written: 12, 12:5, 'iteration 7' or end; left out, the "
    "first, or of a saved session or a recording the one it stands in.",
)
@click.option(
    "--epochs",
    metavar="N | A:B",
    help="Write whole epochs: the first N, or from A to B (0:2 is three). A script trains so many; left out, "
    f"{EPOCHS}, of a recording 1.",
)
@click.option(
    "--log-every",
    type=click.IntRange(min=1),
    metavar="K",
    help=f"A script prints every K-th epoch; left out, {formats.LOG_EVERY}.",
)
@digits_option
@config_options
def export(
    opened: Opened,
    path: str,
    position: str | None,
    epochs: str | None,
    digits: str | None,
    log_every: int | None,
) -> None:
    """Write the worked calculation, its numbers, or the network as another kind of file, replacing it.

    FILE.md and FILE.tex are an iteration worked out: the network drawn, what is given, every statement with
    its formula, its numbers and its result, and the chain rule of each weight. FILE.html is the same as a
    page for any browser that is stepped with the debugger's keys. FILE.json and FILE.csv are the
    statements with every digit, FILE.csv with --epochs the losses. FILE.py is a script that trains the
    network and prints what `train` prints, without this program: every line of it is a line of the
    calculation.
    """
    session = opened.session
    ending = formats.ending_of(path)
    if ending == ".py":
        tell_of_values_set(session, counted=False)
        session = Session(session.comparing.home.network)
    session.time = session.latest = opened.wanted
    try:
        wanted = formats.wanted(
            session,
            path,
            position=position,
            epochs=epochs,
            digits=4 if ending in formats.EXACT else decimals(digits),
            log_every=log_every,
        )
    except PositionError as error:
        refuse(f"--position: {error}")
    except NetworkError as error:
        refuse(f"--{error}" if error.place else str(error))
    with progress("iteration", wanted.span.last) as bar:
        for reached in formats.exporting(wanted, path):
            bar.show(reached)
    for words in wanted.left_out:
        tell(words)
