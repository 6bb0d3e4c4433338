"""Who imports whom, read from the source: nothing is run, and nothing can hide in a function or a string.

Counted as an import: the statement at the top of a file, inside a function and under ``if TYPE_CHECKING``,
and a string that is exactly a module's name, since a module that is to be imported late is named so. Not
counted: that importing ``a.b`` runs ``a/__init__.py`` as well.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeGuard


class Import(NamedTuple):
    """One module of the package named in another."""

    file: Path
    line: int
    imported: str
    """The module, by its full name."""
    where: str
    """``top``, ``function``, ``typing`` (under ``if TYPE_CHECKING``) or ``string``."""

    def __str__(self) -> str:
        where = {"function": " in a function", "typing": " for types only", "string": " by a string"}
        return f"{self.file}:{self.line} imports {self.imported}{where.get(self.where, '')}"


def modules(package: Path) -> dict[str, Path]:
    """The files of a package by the full names of their modules."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(package: Path) -> dict[str, list[Import]]:
    """What each module of a package imports of the same package."""
    known = modules(package)
    return {name: list(_imports_of(name, path, known)) for name, path in known.items()}


def late(package: Path) -> dict[Path, list[int]]:
    """The lines of each file at which anything at all is imported inside a function."""
    return {
        path: lines
        for path in modules(package).values()
        if (lines := [node.lineno for node, where in _statements(_parsed(path)) if where == "function"])
    }


def typing_only(package: Path) -> dict[Path, list[int]]:
    """The lines of each file that ask for ``TYPE_CHECKING``."""
    return {
        path: lines
        for path in modules(package).values()
        if (lines := [node.lineno for node in ast.walk(_parsed(path)) if _asks_for_types(node)])
    }


def circles(graph: Mapping[str, list[Import]]) -> list[list[str]]:
    """The sets of modules that import one another, each as one shortest way round, the shortest first."""
    edges = {name: sorted({one.imported for one in found} - {name}) for name, found in graph.items()}
    return sorted((_way_round(group, edges) for group in _components(edges) if len(group) > 1), key=len)


def told(circle: list[str], graph: Mapping[str, list[Import]]) -> str:
    """A circle as the lines of source that make it."""
    steps = zip(circle, [*circle[1:], circle[0]], strict=True)
    return "\n".join(
        f"  {next(one for one in graph[importer] if one.imported == imported)}"
        for importer, imported in steps
    )


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def _statements(tree: ast.Module) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    """Every import statement with where it stands."""

    def within(node: ast.AST, where: str) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import | ast.ImportFrom):
                yield child, where
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                yield from within(child, "function")
            elif _asks_for_types(child):
                yield from within(child, "typing")
            else:
                yield from within(child, where)

    return within(tree, "top")


def _asks_for_types(node: ast.AST) -> TypeGuard[ast.If]:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _imports_of(name: str, path: Path, known: Mapping[str, Path]) -> Iterator[Import]:
    tree = _parsed(path)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node, where in _statements(tree):
        for imported in _named(node, package, known):
            yield Import(path, node.lineno, imported, where)
    for text in ast.walk(tree):
        if isinstance(text, ast.Constant) and isinstance(text.value, str) and "." in text.value:
            imported = text.value
            if imported in known and imported != name:
                yield Import(path, text.lineno, imported, "string")


def _named(node: ast.Import | ast.ImportFrom, package: str, known: Mapping[str, Path]) -> Iterator[str]:
    """The modules of ours that a statement imports: of ``from a import b``, ``a.b`` where that is one."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names if alias.name in known)
        return
    above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
    source = ".".join([*above, *([node.module] if node.module else [])])
    for alias in node.names:
        name = f"{source}.{alias.name}"
        if name in known:
            yield name
        elif source in known:
            yield source


def _components(edges: Mapping[str, list[str]]) -> list[list[str]]:
    """The strongly connected components (Kosaraju: by the order in which a search leaves the modules)."""
    left: list[str] = []
    seen: set[str] = set()
    for start in edges:
        _leave(start, edges, seen, left)
    back = defaultdict(list)
    for importer, found in edges.items():
        for imported in found:
            back[imported].append(importer)
    seen.clear()
    groups = []
    for start in reversed(left):
        if start not in seen:
            group: list[str] = []
            _leave(start, back, seen, group)
            groups.append(sorted(group))
    return groups


def _leave(start: str, edges: Mapping[str, list[str]], seen: set[str], left: list[str]) -> None:
    """Search from *start* in depth, and note each module when it is left."""
    if start in seen:
        return
    seen.add(start)
    stack = [(start, iter(edges.get(start, ())))]
    while stack:
        name, rest = stack[-1]
        following = next((one for one in rest if one not in seen), None)
        if following is None:
            left.append(name)
            stack.pop()
        else:
            seen.add(following)
            stack.append((following, iter(edges.get(following, ()))))


def _way_round(group: list[str], edges: Mapping[str, list[str]]) -> list[str]:
    """A shortest circle within a component."""
    return min((_circle_from(start, set(group), edges) for start in group), key=len)


def _circle_from(start: str, group: set[str], edges: Mapping[str, list[str]]) -> list[str]:
    """A shortest circle through *start*, in breadth."""
    ways = [[start]]
    reached = {start}
    while True:
        longer = []
        for way in ways:
            for name in edges[way[-1]]:
                if name == start:
                    return way
                if name in group and name not in reached:
                    reached.add(name)
                    longer.append([*way, name])
        ways = longer
