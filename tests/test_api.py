"""``import backprop_tui`` gives a script what the commands give a terminal."""

from __future__ import annotations

import doctest
import inspect
import subprocess
import sys
import warnings
from collections.abc import Callable
from math import exp
from pathlib import Path

import pytest
from textual.pilot import Pilot

import backprop_tui
from backprop_tui import Session
from backprop_tui.tui.app import BackpropApp
from backprop_tui.tui.widgets.pane import Pane

SCRIPT = """
import sys
import backprop_tui
assert "numpy" not in sys.modules
network = backprop_tui.load("1-1", data="sine", examples=3, seed=5)
backprop_tui.save(network, sys.argv[1])
assert backprop_tui.load(sys.argv[1]) == network
print(sum(1 for _ in backprop_tui.statements(network)))
"""


def test_the_worked_example_step_by_step() -> None:
    found = {one.symbol: one.value for one in backprop_tui.statements(backprop_tui.load())}
    a_h = 1 / (1 + exp(-0.25))
    a_o = 1 / (1 + exp(-(0.7 * a_h + 0.2)))
    assert found["a_o"] == pytest.approx(a_o, rel=1e-15)
    assert found["dL_dw2"] == pytest.approx((a_o - 1) * a_o * (1 - a_o) * a_h, rel=1e-14)


def test_a_document_is_built_trained_and_checked() -> None:
    """One linear unit on one example: w ← w − η·(w·x − y)·x, which a person can do by hand."""
    network = backprop_tui.build(
        {
            "network": {
                "inputs": 1,
                "layers": [{"units": 1, "activation": "identity", "weights": [[1.0]], "frozen": ["biases"]}],
            },
            "training": {"optimizer": {"name": "sgd", "learning_rate": 0.1}},
            "data": {"inputs": [[2.0]], "targets": [[4.0]]},
        }
    )
    losses = [result.loss for result in backprop_tui.train(network, 3)]
    w, expected = 1.0, []
    for _ in range(3):
        expected.append(0.5 * (w * 2 - 4) ** 2)
        w -= 0.1 * (w * 2 - 4) * 2
    assert losses == pytest.approx(expected, rel=1e-14)
    assert backprop_tui.check(network).passed


def test_a_session_goes_both_ways() -> None:
    session = backprop_tui.Session(backprop_tui.load("xor"))
    session.forward(backprop_tui.Grain.EPOCH)
    assert session.position == f"0:{session.program.statements}"
    session.back(backprop_tui.Grain.EPOCH)
    assert session.position == "0:0"


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(backprop_tui.NetworkError, match=r"activation.*did you mean tanh"):
        backprop_tui.load("2-2-1", activation="tahn")
    with pytest.raises(TypeError):
        backprop_tui.load("2-2-1", colour="blue")
    with pytest.raises(AttributeError):
        _ = backprop_tui.nothing  # type: ignore[attr-defined]


def test_every_public_name_is_there() -> None:
    for name in backprop_tui.__all__:
        assert getattr(backprop_tui, name) is not None


@pytest.mark.parametrize("name", sorted({*backprop_tui.__all__} - {"__version__"}))
def test_the_example_of_a_public_name_can_be_copied_and_run(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an empty namespace: an example imports what it uses. The debugger is left by its key."""
    if "torch" in name or name in ("record", "from_recording"):
        pytest.importorskip("torch")
    run = BackpropApp.run
    monkeypatch.setattr(BackpropApp, "run", lambda app: run(app, headless=True, auto_pilot=leave))
    public = getattr(backprop_tui, name)
    example = doctest.DocTestParser().get_doctest(public.__doc__, {}, name, public.__module__, None)
    assert example.examples
    assert doctest.DocTestRunner().run(example).failed == 0


async def leave(pilot: Pilot[int]) -> None:
    await pilot.press("q")


def test_the_example_of_the_package_itself_runs() -> None:
    assert doctest.testmod(backprop_tui).failed == 0


def test_public_names_are_documented() -> None:
    """A function tells each argument, what it gives back, and which errors it raises."""
    for name in {*backprop_tui.__all__} - {"__version__"}:
        public = getattr(backprop_tui, name)
        text = inspect.getdoc(public)
        assert text, name
        if inspect.isfunction(public):
            arguments, _, rest = text.partition("Args:\n")
            for argument in inspect.signature(public).parameters:
                assert f"    {argument}: " in rest, (name, argument)
            assert ("Returns:" in rest or "Yields:" in rest) or arguments.startswith(
                ("The ", "A ", "Write ")
            ), name
    for name in (
        "load",
        "open_session",
        "build",
        "save",
        "export_to",
        "debug",
        "dense",
        "load_weights",
        "from_torch",
    ):
        assert "NetworkError: " in getattr(backprop_tui, name).__doc__, name


def test_from_a_script_in_a_fresh_process(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "saved.toml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert int(done.stdout) == 3 * (2 + 1 + 5) + 2


def test_a_session_is_saved_and_opened_where_it_was(tmp_path: Path) -> None:
    session = backprop_tui.open_session("xor")
    session.go("1:5")
    session.set("b_o", 0.25)
    backprop_tui.save(session, tmp_path / "lesson.toml")
    again = backprop_tui.open_session(tmp_path / "lesson.toml")
    assert (again.position, again.edits) == ("1:5", session.edits)
    assert again.explain() is not None


@pytest.mark.parametrize("act", [lambda s: s.go("1:5"), lambda s: s.stopping.add("loss < 1")])
def test_to_load_the_network_of_a_session_is_told(tmp_path: Path, act: Callable[[Session], object]) -> None:
    session = backprop_tui.open_session("xor")
    act(session)
    path = tmp_path / "lesson.toml"
    backprop_tui.save(session, path)
    with pytest.warns(UserWarning, match="lesson.toml holds a session, which load leaves out: open_session"):
        assert backprop_tui.load(path) == session.network
    path.write_text(path.read_text().replace("version = 1", "version = 99"))
    with pytest.warns(UserWarning, match="open_session"):
        assert backprop_tui.load(path) == session.network


def test_to_load_a_network_is_not_remarked_on(tmp_path: Path) -> None:
    backprop_tui.save(backprop_tui.load("xor"), tmp_path / "xor.toml")
    with warnings.catch_warnings(action="error"):
        for what in (None, "xor", "2-4-1", tmp_path / "xor.toml", str(tmp_path / "xor.toml")):
            backprop_tui.load(what)


def test_the_debugger_takes_the_session_that_a_script_built(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[str, str]] = []

    async def look(pilot: Pilot[int]) -> None:
        await pilot.press("s")
        app = pilot.app
        assert isinstance(app, BackpropApp)
        shown.append((app.session.position, app.screen.query_one("#status", Pane).render_line(0).text))
        app.exit()

    run = BackpropApp.run
    monkeypatch.setattr(BackpropApp, "run", lambda app: run(app, headless=True, auto_pilot=look))
    session = backprop_tui.Session(backprop_tui.load())
    session.go("3:7")
    assert backprop_tui.debug(session) is session
    assert session.position == "3:8"
    ((position, status),) = shown
    assert position == "3:8"
    assert "epoch 3  step 8/19" in status


def test_errors_of_a_person_have_one_base() -> None:
    session = backprop_tui.Session(backprop_tui.load())
    for attempt, error in (
        (lambda: backprop_tui.load("nothing-like-it"), backprop_tui.NetworkError),
        (lambda: session.go("12:99"), backprop_tui.PositionError),
        (lambda: session.set("a_h", 1.0), backprop_tui.EditError),
        (lambda: session.stopping.add("loss <"), backprop_tui.ConditionError),
    ):
        with pytest.raises(backprop_tui.BackpropError) as caught:
            attempt()  # type: ignore[no-untyped-call]
        assert type(caught.value) is error
