"""Imports run one way, as the contracts in pyproject.toml say, and never in a circle; few are late."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from import_graph import circles, imports, late, told, typing_only

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "backprop_tui"

MOST_FILES = 12
"""On one floor, beside ``__init__``: more want rooms of their own, by idea."""

LATE: dict[str, str] = {
    "__main__.py": "a network named alone opens without the command line's parser",
    "cli/output/progress.py": "a bar is drawn where there is a terminal and work that takes its time",
    "tui/__init__.py": "the screen is loaded once the debugger is opened",
    "tui/on_demand.py": "what lies over the debugger is loaded when it is first opened",
    "tui/pictures/charts/plotext_chart.py": "plotext, behind this one door, is loaded with the first curve",
    "tui/pictures/on_demand.py": "a picture is loaded when it is first drawn",
}
"""The files that may import inside functions, with the reason."""

TYPING_ONLY: dict[str, str] = {
    "__init__.py": "names are loaded at first use, so that the command line starts quickly",
    "network/lazy_numpy.py": "NumPy is loaded at first use, and type checkers see NumPy itself",
    "session/present_numbers.py": "arrays are loaded when a script asks for one",
    "stops/on_demand.py": "the language of conditions is loaded with the first breakpoint or watch",
    "tui/on_demand.py": "what lies over the debugger is loaded when it is first opened",
}
"""The files that may import for types only, with the reason."""


def test_import_contracts_are_kept():
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    assert len(contracts) >= 3
    assert f"{len(contracts)} kept, 0 broken" in done.stdout


def test_every_floor_can_be_looked_over():
    floors = [folder for folder in (PACKAGE, *PACKAGE.rglob("*/")) if (folder / "__init__.py").exists()]
    assert len(floors) > 30
    files = {floor: len([*floor.glob("*.py")]) - 1 for floor in floors}
    assert not {floor.relative_to(PACKAGE): count for floor, count in files.items() if count > MOST_FILES}


def test_no_file_imports_itself_by_way_of_others():
    """In functions, for types only and by a string count as well."""
    graph = imports(PACKAGE)
    assert len(graph) > 100
    found = circles(graph)
    assert not found, "\n".join(f"a circle of {len(circle)}:\n{told(circle, graph)}" for circle in found)


def test_only_these_files_import_inside_functions():
    found = _by_file(late(PACKAGE))
    assert found.keys() == LATE.keys(), _differences(found, LATE)


def test_only_these_files_import_for_types_only():
    found = _by_file(typing_only(PACKAGE))
    assert found.keys() == TYPING_ONLY.keys(), _differences(found, TYPING_ONLY)


def test_in_these_rooms_only_these_files_import_late_or_for_types_only():
    rooms = ("cli", "export", "api.py", "__init__.py", "__main__.py")
    for found, allowed in ((late(PACKAGE), LATE), (typing_only(PACKAGE), TYPING_ONLY)):
        here = {name: lines for name, lines in _by_file(found).items() if name.split("/")[0] in rooms}
        assert here.keys() == {name for name in allowed if name.split("/")[0] in rooms}, here


def _by_file(found):
    return {path.relative_to(PACKAGE).as_posix(): lines for path, lines in found.items()}


def _differences(found, allowed):
    """The files that are not allowed what they do, with the lines, and those that are and do not."""
    more = [
        f"{name}: lines {', '.join(map(str, lines))}" for name, lines in found.items() if name not in allowed
    ]
    return "\n".join(["not allowed:", *more, "allowed, but not there:", *(allowed.keys() - found.keys())])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("from house import second", "from . import first"),
        ("import house.second", "def f():\n    from house.first import thing"),
        ("from house.second import thing", "if TYPE_CHECKING:\n    from .first import thing"),
        ("class A:\n    def f(self):\n        import house.second as s", "import house.first"),
        ("from .second import thing", "LAZY = module('house.first')"),
        ("from .room import deep", "from house.room.deep import thing"),
    ],
)
def test_a_circle_is_found_however_it_is_written(tmp_path, first, second):
    house = tmp_path / "house"
    (house / "room").mkdir(parents=True)
    for name, text in {
        "__init__": "",
        "first": first,
        "second": second,
        "apart": "import house.first, os",
        "room/__init__": "",
        "room/deep": "from ... import house\nfrom ..first import thing",
    }.items():
        (house / f"{name}.py").write_text(text)
    graph = imports(house)
    (circle,) = circles(graph)
    assert "house.first" in circle
    assert "house.apart" not in circle
    assert len(told(circle, graph).splitlines()) == len(circle) == 2


def test_what_is_no_circle_is_not_taken_for_one(tmp_path):
    house = tmp_path / "house"
    house.mkdir()
    (house / "__init__.py").write_text("from house.first import thing")
    (house / "first.py").write_text("from house.second import house\n'house.first'")
    (house / "second.py").write_text("import json\n'house'")
    assert circles(imports(house)) == []
    assert late(house) == typing_only(house) == {}
