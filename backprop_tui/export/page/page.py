"""The worked calculation as one HTML file: all of it stands in the document, and a script steps through it.

Nothing is fetched: style and script stand in the file, and its policy lets the browser run no other. What a
network file says is text wherever it occurs.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from backprop_tui.engine.quantities import Phase
from backprop_tui.export.calculation import Calculation, Section, WorkedIteration
from backprop_tui.export.drawing.network import moment_svg
from backprop_tui.export.drawing.places import longest
from backprop_tui.export.markup import element, words
from backprop_tui.export.page.addresses import Addresses
from backprop_tui.export.page.given import (
    derivation_html,
    facts_html,
    given_html,
    losses_html,
    set_by_hand_html,
)
from backprop_tui.export.page.move_ends import stops
from backprop_tui.export.page.statements import statement_html
from backprop_tui.export.page.values import values_html
from backprop_tui.history.moment import Moment
from backprop_tui.history.run import Run
from backprop_tui.program.boundaries import Grain
from backprop_tui.program.number_text import number

HERE = Path(__file__).parent
SIGNS = {Phase.FORWARD: "▶", Phase.LOSS: "●", Phase.BACKWARD: "◀", Phase.UPDATE: "▲"}
"""What stands beside a phase, so that its colour is not the only sign of it."""
KEYS = {
    Grain.STATEMENT: ("s", "step", "one statement"),
    Grain.UNIT: ("n", "unit", "one unit"),
    Grain.LAYER: ("l", "layer", "one layer"),
    Grain.FORWARD: ("f", "forward", "to the end of a forward pass"),
    Grain.BACKWARD: ("b", "backward", "to the end of a backward pass"),
    Grain.UPDATE: ("u", "update", "to the end of an update"),
    Grain.EPOCH: ("e", "epoch", "to the end of an epoch"),
}
"""The debugger's own keys: with shift they go back."""
OTHER_KEYS = (
    ("→ ← space backspace", "one statement on or back"),
    ("home end", "the start, the end"),
    ("r", "run by itself, and pause; + and − set how fast"),
    ("z", "the drawing as large as it goes, and back beside the calculation"),
    ("w", "show the whole working of every statement"),
    ("t", "dark or light"),
    ("?", "these keys"),
)
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath d='M2 8h12M10 4l4 4-4 4M6 4L2 8l4 4' fill='none' stroke='%230b64a0' stroke-width='2'/%3E"
    "%3C/svg%3E"
)


def page(calculation: Calculation, run: Run) -> str:
    """A worked calculation as one file: to be read, printed, and stepped through with the debugger's keys.

    Args:
        calculation: what is written out.
        run: whose training it is; the drawing shows it at the end of the first backward pass until a script
            fills in the numbers of each step.
    """
    return _Page(calculation, run).html()


class _Page:
    def __init__(self, calculation: Calculation, run: Run) -> None:
        self._calculation, self._run = calculation, run
        self._program = run.program
        self._addresses = Addresses(calculation.network)
        first = calculation.iterations[0]
        self._start = self._program.time(first.epoch, first.first - 1)

    def html(self) -> str:
        style, script = (HERE.joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
        title = words(self._calculation.title)
        policy = f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        policy += "base-uri 'none'; form-action 'none'"
        head = [
            element("meta", None, charset="utf-8"),
            f'<meta http-equiv="Content-Security-Policy" content="{policy}"/>',
            element("meta", None, name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", None, name="generator", content="backprop-tui"),
            element("title", f"{title}: backpropagation, step by step"),
            f'<link rel="icon" href="{ICON}"/>',
            element("style", style),
        ]
        body = [
            element("a", "To the calculation", class_="unseen skip", href="#calculation"),
            self._header(title),
            self._main(),
            element("script", script),
        ]
        whole = element("head", "".join(head)) + "\n" + element("body", "".join(body))
        return f"<!DOCTYPE html>\n{element('html', whole, lang='en')}\n"

    def _header(self, title: str) -> str:
        network = self._calculation.network
        about = [network.shape, network.training.loss_name, network.training.optimizer_name]
        rate = f"η = {network.training.learning_rate:g}"
        said = "Dark or light"
        inner = "◐" + element("span", f" {said}")
        tools = element(
            "button", "Larger", type="button", id="larger", aria_pressed="false", aria_keyshortcuts="z"
        )
        tools += element("button", inner, type="button", id="theme", aria_label=said, aria_keyshortcuts="t")
        heading = element("h1", title) + element("p", words(" · ".join([*about, rate]).replace("_", " ")))
        return element("header", heading + element("div", tools, class_="tools"), class_="top")

    def _main(self) -> str:
        calculation = self._calculation
        times = [step.statement.time for step in calculation.steps]
        moves = {
            f"data_{grain.value}": " ".join(map(str, stops(self._program, times, grain)))
            for grain in Grain
            if grain is not Grain.STATEMENT
        }
        signs = {f"data_sign_{phase.value}": sign for phase, sign in SIGNS.items()}
        return element(
            "main",
            self._stage() + self._document(),
            data_start=self._start,
            data_at=str(self._program.position(self._start)),
            data_steps=self._program.statements,
            data_longest=longest(calculation.digits),
            **moves,
            **signs,
        )

    # What is stepped

    def _stage(self) -> str:
        first = self._calculation.iterations[0]
        number_of = self._program.iteration_at(self._start)
        drawing = moment_svg(
            Moment(self._run, self._program.backward_end(number_of)),
            digits=self._calculation.digits,
            units=[layer.units for layer in self._calculation.layers],
            standalone=False,
        )
        caption = element(
            "figcaption", words(f"After the backward pass of epoch {first.epoch}."), class_="still"
        )
        net = element("figure", drawing + caption, class_="net card", tabindex=0)
        where = element("p", "", class_="position") + element("p", "", class_="phase-now")
        slider = element(
            "input", None, type="range", min=0, value=0, aria_label="Position", autocomplete="off"
        )
        run = element("button", "▶ Run", type="button", id="run", aria_pressed="false", aria_keyshortcuts="r")
        now = element("h2", "What just happened", class_="unseen", id="now")
        now += element("div", self._beginning(), class_="what")
        now = element("section", now, class_="now card live", aria_labelledby="now", data_phase="")
        values = element("summary", "Every value now") + values_html(self._calculation)
        more = element("div", element("details", values, class_="values") + self._help(), class_="more live")
        return element(
            "section",
            element("h2", "The network, step by step", class_="unseen")
            + element("div", where + slider + run, class_="where live")
            + element("div", element("div", net + now, class_="sight") + more, class_="seen")
            + self._keys()
            + element("p", "", class_="unseen live", role="status", aria_live="polite"),
            class_="stage",
            aria_label="Step through it",
        )

    def _beginning(self) -> str:
        return (
            "<p><b>Nothing has been computed yet.</b></p><p>Press <kbd>f</kbd> for the forward pass, then "
            "<kbd>b</kbd> for the backward pass, then <kbd>u</kbd> for the update; or <kbd>s</kbd>, one "
            "statement at a time. With shift each of them goes back.</p>"
        )

    def _keys(self) -> str:
        buttons = ""
        for way, title in ((-1, "back"), (1, "on")):
            buttons += element("span", title, class_="way", aria_hidden="true")
            for grain, (key, name, meaning) in KEYS.items():
                shown = key if way > 0 else key.upper()
                inner = element("kbd", shown) + element("span", name)
                said = f"{'Forwards' if way > 0 else 'Back'} {meaning}"
                buttons += element(
                    "button",
                    inner,
                    type="button",
                    class_="main" if grain is Grain.STATEMENT and way > 0 else None,
                    data_grain=grain.value,
                    data_way=way,
                    aria_label=said,
                    title=f"{said} ({shown})",
                    aria_keyshortcuts=key if way > 0 else f"Shift+{key.upper()}",
                )
        return element("div", buttons, class_="keys live", role="group", aria_label="Steps")

    def _help(self) -> str:
        rows = [(f"{key} {key.upper()}", f"forwards and back {meaning}") for key, _, meaning in KEYS.values()]
        listed = "".join(
            element("dt", element("kbd", words(keys))) + element("dd", words(meaning))
            for keys, meaning in (*rows, *OTHER_KEYS)
        )
        return element("details", element("summary", "Keys") + element("dl", listed), class_="help")

    # What is read

    def _document(self) -> str:
        calculation = self._calculation
        whole = element("button", "Show all working", type="button", id="work", aria_pressed="false")
        head = element("h2", "The calculation", id="title") + element("div", whole, class_="tools")
        parts = [element("div", head, class_="heading"), facts_html(calculation)]
        parts += [element("p", words(one), class_="left-out") for one in calculation.left_out]
        parts += [self._iteration(iteration) for iteration in calculation.iterations]
        if calculation.losses:
            parts.append(element("section", element("h3", "Losses") + losses_html(calculation)))
        if calculation.derivations:
            tables = "".join(map(derivation_html, calculation.derivations))
            parts.append(element("section", element("h3", "Where the slopes come from") + tables))
        parts.append(self._footer())
        return element(
            "section",
            "".join(parts),
            class_="calculation card",
            id="calculation",
            aria_labelledby="title",
            tabindex=-1,
        )

    def _iteration(self, iteration: WorkedIteration) -> str:
        calculation, digits = self._calculation, self._calculation.digits
        title = iteration.title
        told = f"Steps {iteration.first} to {iteration.last}. Loss {number(iteration.loss, digits)}."
        parts = [element("h3", title), element("p", words(told), class_="told")]
        parts += [element("p", words(one), class_="left-out") for one in iteration.left_out]
        parts.append(given_html(calculation, iteration, self._program, self._addresses))
        parts += [self._section(section) for section in iteration.sections]
        parts += set_by_hand_html(iteration.set_after, self._program, self._addresses, digits)
        return element("section", "".join(parts), class_="iteration")

    def _section(self, section: Section) -> str:
        network, digits = self._calculation.network, self._calculation.digits
        of = "" if section.example is None or self._program.examples == 1 else f", example {section.example}"
        title = f"{SIGNS[section.phase]} {section.phase.value.capitalize()}{of}"
        rows = ""
        for step in section.steps:
            by_hand = "".join(set_by_hand_html(step.set_before, self._program, self._addresses, digits))
            rows += element("li", by_hand) if by_hand else ""
            rows += statement_html(network, self._program, step, digits)
        parts = element("h4", title) + element("ol", rows, class_="steps")
        if section.left_out:
            more = f"{section.left_out:,} more statements of this pass are left out."
            parts += element("p", more, class_="left-out")
        return element("section", parts, class_="phase", data_phase=section.phase.value)

    def _footer(self) -> str:
        text = "Made by backprop-tui, the debugger of backpropagation: each number where it is computed."
        script = element(
            "noscript", " With JavaScript this page can be stepped, statement by statement, both ways."
        )
        return element("footer", words(text) + script)


def _hash(text: str) -> str:
    """What the policy of a page says of a style or a script that stands in it."""
    return f"'sha256-{b64encode(sha256(text.encode('utf-8')).digest()).decode('ascii')}'"
