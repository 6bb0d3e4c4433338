"""Wheel and source distribution: what is in them, what a package index shows, and that they install and run.

They take minutes and a package index, so they run only when asked for: ``pytest -m packaging``.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
from email import message_from_string
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

import pytest

import backprop_tui
from backprop_tui.lessons.library import names as lessons
from backprop_tui.network.files.library import names as networks
from tests.article import PRINTED

pytestmark = [
    pytest.mark.packaging,
    pytest.mark.skipif(sys.platform == "win32", reason="fresh environments are laid out as POSIX has them"),
]

ROOT = Path(__file__).parent.parent.parent
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
FROM_THE_SOURCE = (
    "tests/network/files tests/session/test_session.py tests/export/test_script.py tests/test_api.py "
    "tests/test_readme.py tests/test_start.py"
)
"""The tests that are run in the unpacked source distribution; all others are collected."""


def run(*command, **others) -> str:
    """What a program prints; its output is told where it fails."""
    quiet = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **others.pop("env", {})}
    for name in ("PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME"):
        quiet.pop(name, None)
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, check=False, env=quiet, **others
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[Path, Path]:
    """The wheel, made from the source distribution, and that one, made from the tree by one command."""
    pytest.importorskip("build")
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT)
    (wheel,), (source,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, source


@pytest.fixture(scope="module")
def metadata(built):
    with ZipFile(built[0]) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_string(archive.read(name).decode("utf-8"))


def tracked(*folders) -> set[str]:
    """The files that belong to the project, as version control has them."""
    if not (ROOT / ".git").exists():
        pytest.skip("there is no version control here to say which files belong to it")
    listed = run("git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z", *folders)
    return {name for name in listed.split("\0") if name and (ROOT / name).exists()}


# What is in them


def test_the_wheel_is_the_package_and_nothing_else(built):
    with ZipFile(built[0]) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        extra = {PurePosixPath(name).name for name in archive.namelist() if ".dist-info/" in name}
    assert names == tracked("backprop_tui")
    assert extra == {"METADATA", "WHEEL", "entry_points.txt", "LICENSE", "RECORD"}
    for name in names:
        parts = PurePosixPath(name).parts
        assert not any(part.startswith(".") or part in ("__pycache__", "tests") for part in parts), name
    assert built[0].name == f"backprop_tui-{backprop_tui.__version__}-py3-none-any.whl"


def test_whatever_the_package_reads_is_in_the_wheel(built):
    with ZipFile(built[0]) as archive:
        names = set(archive.namelist())
    for name in networks():
        assert f"backprop_tui/network/files/examples/{name}.toml" in names
    for name in lessons():
        assert f"backprop_tui/lessons/shipped/{name}.toml" in names
    assert {
        "backprop_tui/py.typed",
        "backprop_tui/network/files/datasets/digits.zlib",
        "backprop_tui/tui/styles.tcss",
    } <= names


def test_the_source_distribution_has_what_it_takes_to_build_and_test(built):
    with tarfile.open(built[1]) as archive:
        members = archive.getmembers()
        names = {PurePosixPath(*PurePosixPath(one.name).parts[1:]).as_posix() for one in members}
    assert all(one.isfile() for one in members)
    wanted = tracked("backprop_tui", "tests", "screenshots", *(f"{n}.md" for n in ("README", "CHANGELOG")))
    wanted |= {
        "CONTRIBUTING.md",
        "LICENSE",
        "pyproject.toml",
        ".packaging/index_readme.py",
        ".gitignore",
        "PKG-INFO",
    }
    assert names == wanted


# What a package index shows


def test_the_metadata_say_what_pyproject_says(metadata):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert metadata["Name"] == "backprop-tui"
    assert metadata["Version"] == backprop_tui.__version__
    assert metadata["Summary"] == project["description"]
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert sorted(metadata.get_all("Classifier")) == sorted(project["classifiers"])
    assert {*metadata.get_all("Provides-Extra")} == {*project["optional-dependencies"]}
    needed = [one for one in metadata.get_all("Requires-Dist") if "extra ==" not in one]
    assert {re.match(r"[\w-]+", one)[0] for one in needed} == {
        re.match(r"[\w-]+", one)[0] for one in project["dependencies"]
    }


def test_the_page_of_a_package_index_has_no_broken_link_or_picture(metadata):
    renderer = pytest.importorskip("readme_renderer.markdown")
    page = renderer.render(metadata.get_payload())
    assert page, "it cannot be rendered"
    addresses = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert all(re.match(r"https?://|mailto:|#", one) for one in addresses), addresses
    assert "Backpropagation is a program; this is its debugger." in page
    assert page.count("<h2") == len(
        re.findall(r"^## ", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    )


def test_links_and_pictures_get_the_addresses_that_pyproject_gives():
    pytest.importorskip("hatchling")
    sys.path.insert(0, str(ROOT / ".packaging"))
    try:
        from index_readme import for_index
    finally:
        sys.path.remove(str(ROOT / ".packaging"))
    text = "[C](CONTRIBUTING.md), [w](http://w), [h](#tests)\n\n![a picture](s/p.svg)\n\n```\na[0](x)\n```\n"
    whole = for_index(text, "1.2", "http://f/v{version}/{path}", "http://p/{path}")
    assert whole == (
        "[C](http://f/v1.2/CONTRIBUTING.md), [w](http://w), [h](#tests)\n\n![a picture](http://p/s/p.svg)\n\n"
        "```\na[0](x)\n```\n"
    )
    assert for_index(text, "1.2").startswith("C, [w](http://w), [h](#tests)\n\n*a picture*\n\n")


# That they install and run


def interpreter(version: str) -> str:
    """A Python of that version; one that pyenv has and does not show counts as well."""
    if version == ".".join(map(str, sys.version_info[:2])):
        return sys.executable
    candidates = [shutil.which(f"python{version}")]
    if shutil.which("pyenv"):
        prefix = subprocess.run(["pyenv", "prefix", version], capture_output=True, text=True, check=False)
        candidates.append(f"{prefix.stdout.strip()}/bin/python" if prefix.returncode == 0 else None)
    for path in filter(None, candidates):
        if subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return path
    pytest.skip(f"there is no Python {version} here")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_wheel_runs_in_a_fresh_environment(built, tmp_path, version):
    """Without a compiler: only wheels are taken; nothing else is installed."""
    folder = tmp_path / "fresh"
    run(interpreter(version), "-m", "venv", folder)
    run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--only-binary", ":all:", built[0])
    run(folder / "bin" / "python", "-m", "pip", "check")
    does_the_main_job(folder / "bin" / "backprop-tui", tmp_path)
    where = run(
        folder / "bin" / "python", "-c", "import backprop_tui; print(backprop_tui.__file__)", cwd=tmp_path
    )
    assert Path(where).is_relative_to(folder)


def test_pipx_installs_it(built, tmp_path):
    pytest.importorskip("pipx")
    homes = {"PIPX_HOME": str(tmp_path / "home"), "PIPX_BIN_DIR": str(tmp_path / "bin")}
    homes |= {"PIPX_MAN_DIR": str(tmp_path / "man"), "PIPX_DEFAULT_PYTHON": sys.executable}
    run(sys.executable, "-m", "pipx", "install", built[0], env=homes)
    does_the_main_job(tmp_path / "bin" / "backprop-tui", tmp_path)


def does_the_main_job(program: Path, folder: Path) -> None:
    """Train, trace and check as the article does, and step in the debugger in a terminal."""
    from tests.benchmarks.terminal import Program

    assert run(program, "--version").split()[-1] == backprop_tui.__version__
    assert run(program, "train", "--epochs", "1000", "--log-every", "200", cwd=folder) == PRINTED
    traced = [json.loads(line) for line in run(program, "trace", "--json", cwd=folder).splitlines()]
    (dL_dw1,) = (one["value"] for one in traced if one["symbol"] == "dL_dw1")
    assert dL_dw1 == pytest.approx(-0.007026187862560153, rel=1e-12)
    assert json.loads(run(program, "check", "digits", "--json", cwd=folder))["passed"] is True
    run(program, "check", lessons()[0], cwd=folder)
    with Program([str(program)], more={"BACKPROP_TUI_STATE": str(folder / "state")}) as debugger:
        debugger.until("epoch 0  step 0/19")
        debugger.send(b"fbS")
        debugger.until(r"step 14/19")
        debugger.until(r"dL/dw1 = dL/da_o *· *da_o/dz_o *· *dz_o/da_h *· *da_h/dz_h *· *dz_h/dw1")
        debugger.until(r"−0\.3558 *· *0\.2292 *· *0\.7000 *· *0\.2461 *· *0\.5000")
        debugger.send(b"i")
        debugger.settle()
        debugger.send(b"q")
        while not debugger.ended:
            debugger.read(1.0)


def test_its_tests_run_from_the_source_distribution(built, tmp_path):
    with tarfile.open(built[1]) as archive:
        archive.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    where = run(sys.executable, "-c", "import backprop_tui; print(backprop_tui.__file__)", cwd=folder)
    assert Path(where).is_relative_to(folder)
    pytest_ = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--numprocesses")
    run(*pytest_, "0", "--collect-only", cwd=folder)
    run(*pytest_, os.cpu_count() or 2, *FROM_THE_SOURCE.split(), cwd=folder)


def test_a_build_of_the_source_distribution_gives_the_same_wheel(built, tmp_path):
    """What a package index hands to those who take no wheels."""
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    run(
        environment / "bin" / "python",
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        built[1],
        "--wheel-dir",
        tmp_path,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as one, ZipFile(built[0]) as other:
        assert {f.filename: f.CRC for f in one.infolist()} == {f.filename: f.CRC for f in other.infolist()}
