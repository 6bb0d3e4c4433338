"""The commands. Only what a command needs is imported, when it runs: starting is quick."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from backprop_tui import __version__

if TYPE_CHECKING:
    from backprop_tui.engine.epochs import Divergence, EpochResult
    from backprop_tui.network.description import Network
    from backprop_tui.session.session import Session
    from backprop_tui.session.table import Opened

Command = TypeVar("Command", bound=Callable[..., Any])

INTERRUPTED = 130
"""The exit status after ctrl+c, as a shell has it."""
BROKEN_PIPE = 141
"""The exit status where the reader of the output has gone, as a shell has it."""


class _Commands(click.Group):
    """Opens the debugger where no command is named: ``backprop-tui my-network.toml``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = [name for option in self.get_params(ctx) for name in option.opts]
        if not args or (args[0] not in self.commands and args[0] not in own):
            args = ["debug", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            sys.exit(BROKEN_PIPE)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="backprop-tui")
def main() -> None:
    """A step-through debugger for backpropagation.

    `backprop-tui [NETWORK]` opens the debugger. NETWORK is a network file (TOML), the name of a shipped
    network (see `backprop-tui examples`) or a shape such as 2-4-1; left out, the worked example.

    Every command that takes a NETWORK also takes options that change it (see `backprop-tui train --help`):
    `backprop-tui 2-4-1 --data moons --activation tanh` or `backprop-tui --learning-rate 5`.

    A file that the debugger saved opens where it was saved. `backprop-tui debug --help` lists what else the
    debugger takes: where to start, breakpoints and watches.
    """


# The network


def _network_options(command: Command) -> Command:
    """NETWORK, and the options that change it or make one of a shape; passes the description, first."""
    return _with_network(command, _network)


def _session_options(command: Command) -> Command:
    """The same; passes the session of a file that has one, and else a fresh one."""
    return _with_network(command, _session)


def _with_network(
    command: Command, found: Callable[[str | None, dict[str, Any], str | None], Any]
) -> Command:
    @wraps(command)
    def wrapped(*arguments: Any, network: str | None, save: str | None, **others: Any) -> Any:
        chosen = {name: others.pop(name) for name in _CHANGES}
        return command(found(network, chosen, save), *arguments, **others)

    decorated: Any = wrapped
    for name, (kind, text) in reversed(_CHANGES.items()):
        decorated = click.option("--" + name.replace("_", "-"), name, type=kind, help=text)(decorated)
    decorated = click.option(
        "--save",
        metavar="FILE",
        help="Also write the network, as it is before any training, to a network file, replacing it.",
    )(decorated)
    return click.argument("network", required=False)(decorated)  # type: ignore[no-any-return]


_CHANGES: dict[str, tuple[Any, str]] = {
    "data": (
        str,
        "The data: and, or, xor, circles, moons, spirals, blobs, sine, random, or a CSV file whose last "
        "columns are the targets.",
    ),
    "activation": (str, "The activation of the hidden layers."),
    "output": (str, "The activation of the output layer."),
    "loss": (str, "The loss."),
    "optimizer": (str, "The optimizer; another than the network's own starts from its defaults."),
    "learning_rate": (float, "The learning rate."),
    "batch_size": (int, "Examples a batch; left out for a shape, all."),
    "seed": (int, "Where random numbers start."),
    "initializer": (str, "Draw all weights anew in this way."),
    "examples": (int, "How many examples the generator of the data makes."),
    "noise": (float, "How far the generator scatters them, as a standard deviation."),
}


def _network(name: str | None, changes: dict[str, Any], save: str | None) -> Network:
    from backprop_tui.network.errors import NetworkError
    from backprop_tui.network.files.library import find
    from backprop_tui.network.files.shapes import Options

    try:
        network = find(name, Options(**changes))
        if save is not None:
            from backprop_tui.network.files.toml import dump

            dump(network, save)
    except NetworkError as error:
        _refuse(str(error))
    return network


def _session(name: str | None, changes: dict[str, Any], save: str | None) -> Opened:
    from backprop_tui.cli.launch import opened

    return opened(name, changes, save)


def _refuse(message: str) -> NoReturn:
    from backprop_tui.cli.launch import refuse

    refuse(message)


_as_json: Callable[..., Any] = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


# Output


def _echo(line: str) -> None:
    """Print a line, whatever the output's encoding."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        line.encode(encoding)
    except UnicodeEncodeError:
        line = line.encode(encoding, "replace").decode(encoding)
    click.echo(line)


def _echo_json(record: object) -> None:
    import json

    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower()
    click.echo(json.dumps(record, ensure_ascii=encoding not in ("utf-8", "utf8"), allow_nan=False))


def _plain(value: Any) -> Any:
    """Arrays as lists, and every number as one that JSON can hold."""
    from backprop_tui.session.trace import json_number

    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return json_number(value)


# The commands


@main.command("debug", hidden=True)
@_session_options
@click.option("--position", metavar="EPOCH:STEP", help="Start there: 12, 12:5 or end.")
@click.option(
    "--break",
    "breakpoints",
    metavar="BREAKPOINT",
    multiple=True,
    help="Stop there: a name such as dL_dw1, 'phase update', 'unit h', or a condition such as 'loss < 0.01'. "
    "Can be given several times.",
)
@click.option(
    "--watch",
    "watches",
    metavar="EXPRESSION",
    multiple=True,
    help="Keep its value in sight. Can be given several times.",
)
@click.option("--run", is_flag=True, help="Run to the first breakpoint at once.")
def debug_command(
    opened: Opened, position: str | None, breakpoints: tuple[str, ...], watches: tuple[str, ...], run: bool
) -> None:
    """Open the debugger."""
    from backprop_tui.cli.launch import debug

    travel_to = _asked(opened, position, breakpoints, watches)
    if run and not any(one.enabled for one in opened.session.breakpoints):
        _refuse("--run: expected a breakpoint to run to, found none (set one: --break 'loss < 0.01')")
    debug(opened, travel_to=travel_to, run=run)


def _asked(
    opened: Opened, position: str | None, breakpoints: tuple[str, ...], watches: tuple[str, ...]
) -> int:
    """Put breakpoints and watches into a session; tells at which time it is to start."""
    session = opened.session
    if breakpoints or watches:
        _stop_and_watch(session, breakpoints, watches)
    if position is None:
        return opened.wanted
    from backprop_tui.program.positions import PositionError

    session.time = opened.wanted  # from where +100 is meant
    try:
        return session.time_of(position)
    except PositionError as error:
        _refuse(f"--position: {error}")
    finally:
        session.time = 0


def _stop_and_watch(session: Session, breakpoints: tuple[str, ...], watches: tuple[str, ...]) -> None:
    from backprop_tui.session.table import misunderstood
    from backprop_tui.stops.conditions import ConditionError

    for option, expected, texts, add in (
        ("--break", "a breakpoint", breakpoints, session.stopping.add),
        ("--watch", "an expression", watches, session.watching.add),
    ):
        for text in texts:
            try:
                add(text)
            except ConditionError as error:
                _refuse(str(misunderstood(option, expected, text, error)))


@main.command()
@_network_options
@click.option(
    "--epochs", type=click.IntRange(min=1), default=1000, show_default=True, help="How many epochs."
)
@click.option(
    "--log-every", type=click.IntRange(min=1), default=200, show_default=True, help="Print every K-th."
)
@click.option("--stop-at-divergence", is_flag=True, help="Stop where a number is no longer finite; exit 1.")
@_as_json
def train(network: Network, epochs: int, log_every: int, stop_at_divergence: bool, as_json: bool) -> None:
    """Train without a screen, and print loss and predictions.

    Where a number overflows or is no number any more, the epoch and the first such quantity are told on
    stderr, and training goes on, unless --stop-at-divergence is given. Ctrl+C stops after printing the last
    whole epoch.

    Exit status: 0 after all epochs, 1 stopped at divergence, 2 the network is wrong, 130 stopped by Ctrl+C.
    """
    from backprop_tui.engine.epochs import Run

    log = _log_json if as_json else _log_line
    last, logged, told, whole = None, -1, False, True
    run = Run(network, epochs, log_every)
    try:
        with _progress("epoch", epochs) as progress:
            for result in run.results():
                progress.show(run.done)
                if result is None:
                    continue
                last = result
                if last.epoch % log_every == 0:
                    progress.hide()
                    log(last)
                    logged = last.epoch
                if last.divergence and not told:
                    progress.hide()
                    _tell(last.divergence)
                    told = True
                    if stop_at_divergence:
                        whole = False
                        break
    except KeyboardInterrupt:
        last = run.last_whole()
        if last is not None and logged != last.epoch:
            log(last)
        click.echo("stopped before the first epoch ended" if last is None else _stopped(last), err=True)
        sys.exit(INTERRUPTED)
    assert last is not None
    if not whole and logged != last.epoch:
        log(last)
    if as_json:
        _echo_json(_summary(last))
    else:
        _echo(f"Final prediction{'s' if last.predictions.size > 1 else ''}: {_predictions(last.predictions)}")
    if not whole:
        click.echo(_stopped(last), err=True)
        sys.exit(1)


def _stopped(last: EpochResult) -> str:
    return f"stopped after epoch {last.epoch}"


def _tell(divergence: Divergence) -> None:
    example = "" if divergence.example is None else f", example {divergence.example}"
    click.echo(
        f"diverged in epoch {divergence.epoch}{example}: {divergence.name} is {divergence.value}", err=True
    )


def _log_json(result: EpochResult) -> None:
    _echo_json(
        {"epoch": result.epoch, "loss": _plain(result.loss), "predictions": _plain(result.predictions)}
    )


def _log_line(result: EpochResult) -> None:
    label = "Predictions" if result.predictions.size > 1 else "Prediction"
    _echo(f"Epoch {result.epoch}, Loss: {_decimal(result.loss)}, {label}: {_predictions(result.predictions)}")


def _predictions(predictions: Any) -> str:
    rows = [" ".join(map(_decimal, row)) for row in predictions]
    return ", ".join(rows[:8]) + (f", … {len(rows) - 8} more" if len(rows) > 8 else "")


def _decimal(value: float) -> str:
    return f"{value:.6f}" if abs(value) < 1e15 else f"{value:.6e}"


def _summary(last: EpochResult) -> dict[str, Any]:
    parameters = last.parameters
    return {
        "final": True,
        "epochs": last.epoch + 1,
        "loss": _plain(last.loss),
        "predictions": _plain(last.predictions),
        "layers": [
            {"weights": _plain(w), "biases": _plain(b)}
            for w, b in zip(parameters.weights, parameters.biases, strict=True)
        ],
    }


class _Progress:
    """A bar on stderr where that is a terminal: shown while nothing is printed, gone before each line."""

    PATIENCE = 0.3
    """Seconds without a line before the bar appears."""
    PERIOD = 0.1
    """Seconds between two pictures of it."""

    def __init__(self, what: str, count: int) -> None:
        from time import monotonic

        self._what, self._count = what, count
        self._now = monotonic
        self._next = monotonic() + self.PATIENCE if sys.stderr.isatty() else float("inf")
        self._bar: Any = None
        self._shown = False

    def show(self, done: int) -> None:
        """Show how many are done, if it is time."""
        if self._now() < self._next:
            return
        if self._bar is None:
            self._bar = self._made()
        if not self._shown:
            self._bar.start()
            self._shown = True
        self._bar.update(self._bar.task_ids[0], completed=done)
        self._bar.refresh()
        self._next = self._now() + self.PERIOD

    def hide(self) -> None:
        """Take the bar off the screen."""
        if self._shown:
            self._bar.stop()
            self._shown = False
            self._next = self._now() + self.PATIENCE

    def _made(self) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn(self._what), MofNCompleteColumn(), BarColumn(), TimeRemainingColumn())
        bar = Progress(
            *columns,
            console=Console(stderr=True),
            transient=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        bar.add_task(self._what, total=self._count)
        return bar


@contextmanager
def _progress(what: str, count: int) -> Iterator[_Progress]:
    progress = _Progress(what, count)
    try:
        yield progress
    finally:
        progress.hide()


@main.command()
@_network_options
@click.option(
    "--epoch", type=click.IntRange(0, 10**9), default=0, show_default=True, help="Which epoch, from 0."
)
@_as_json
def trace(network: Network, epoch: int, as_json: bool) -> None:
    """Print every statement of an epoch with its numbers."""
    from backprop_tui.program.number_text import number
    from backprop_tui.session.session import Session
    from backprop_tui.session.trace import explanations, record

    heading = None
    for explanation, example in explanations(Session(network), epoch):
        if as_json:
            _echo_json(record(explanation, example))
            continue
        statement = explanation.statement
        here = f"epoch {epoch}, {statement.phase}" + ("" if example is None else f", example {example}")
        if here != heading:
            _echo(here)
            heading = here
        right = f"{explanation.formula()} = {explanation.expression.numeric()}"
        _echo(f"{statement.step:>6}  {right} = {number(explanation.value)}")


@main.command()
@_session_options
@click.option(
    "--position",
    metavar="EPOCH:STEP",
    help="The iteration in which that lies: 12, 12:5 or end; left out, the first.",
)
@_as_json
def flow(opened: Opened, position: str | None, as_json: bool) -> None:
    """Print how the error signal grows or shrinks from layer to layer, and whether weights or slopes do it.

    The norm of a layer's error signal over the batch is that of the layer above times the weight factor (what
    the weights between them do) times the slope factor (what the slopes of its activations do).
    """
    from backprop_tui.cli.flow import flow_of, iteration_of, lines, record
    from backprop_tui.program.positions import PositionError

    try:
        number = iteration_of(opened, position)
    except PositionError as error:
        _refuse(f"--position: {error}")
    with _progress("iteration", number) as progress:
        found = flow_of(opened.session, number, progress.show)
    if as_json:
        for row in found:
            _echo_json(record(row))
        return
    for line in lines(opened.session.network, found):
        _echo(line)


@main.command()
@_network_options
@_as_json
def check(network: Network, as_json: bool) -> None:
    """Compare every gradient with a central difference; exit 1 where they disagree."""
    from backprop_tui.engine.gradient_check import check_gradients
    from backprop_tui.engine.training import Trainer
    from backprop_tui.network.names import Names, shown

    with _progress("gradient", network.parameters) as progress:
        result = check_gradients(Trainer(network), progress=progress.show)
    if as_json:
        _echo_json(
            {
                "checked": result.checked,
                "max_relative_error": _plain(result.max_relative_error),
                "passed": result.passed,
            }
        )
    else:
        names = Names(network)
        for one in result.disagreeing[:20]:
            name = shown("dL_d" + names.parameter(one.layer, one.unit, one.below))
            _echo(f"{name}: {one.analytic!r} analytically, {one.numeric!r} by central difference")
        kinks = len(result.compared) - result.checked
        note = f" ({kinks} not comparable: an activation has its corner there)" if kinks else ""
        verdict = "all agree" if result.passed else f"{len(result.disagreeing)} disagree"
        _echo(
            f"{result.checked} gradients checked{note}, {verdict}: "
            f"largest relative error {result.max_relative_error:.1e}, allowed {result.tolerance:.0e}"
        )
    sys.exit(0 if result.passed else 1)


@main.command()
@_network_options
@click.option("-o", "path", metavar="FILE", required=True, help="Where to; the ending says what: .py.")
@click.option(
    "--epochs",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="How many the script trains.",
)
@click.option(
    "--log-every", type=click.IntRange(min=1), default=200, show_default=True, help="It prints every K-th."
)
def export(network: Network, path: str, epochs: int, log_every: int) -> None:
    """Write the network as another kind of file, replacing it.

    FILE.py is a script that trains the network, prints what `train` prints and needs this program no more:
    every line of it is a line of the calculation.
    """
    from backprop_tui.export.formats import export
    from backprop_tui.network.errors import NetworkError

    try:
        export(network, path, epochs=epochs, log_every=log_every)
    except NetworkError as error:
        _refuse(str(error))


@main.command()
@_as_json
def examples(as_json: bool) -> None:
    """List the shipped networks with what they teach and where they come from."""
    from backprop_tui.network.files import library

    for name, network in library.examples():
        about = network.about
        if as_json:
            _echo_json({"name": name, "title": network.title, "shape": network.shape, **about})
            continue
        _echo(f"{name}  ({network.shape})")
        for key in ("teaches", "source", "errata"):
            if about.get(key):
                _echo(f"    {key}: {about[key]}")
