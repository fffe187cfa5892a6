"""Read which module of Python's standard library imports which, and write `mml_ui/samples/standard_library.csv`.

Everything is read from the source files of the Python that runs this, by their syntax; nothing is imported. An import counts
wherever it stands, in functions too. Modules written in C have no source in Python, so they are linked to and link to
nothing: the web has real dead ends. Run it to write the file again.
"""

from __future__ import annotations

import ast
import platform
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "mml_ui" / "samples" / "standard_library.csv"

# Tests, demos, programs with a window, and what does not belong to Python.
LEFT_OUT = frozenset({
    "test", "tests", "idle_test", "idlelib", "turtledemo", "lib2to3", "site-packages", "dist-packages", "__pycache__",
    "__main__", "__phello__", "__hello__", "_bundled", "pydoc_data",
})  # fmt: skip

HEAD = """\
# Which module of the standard library of Python {version} imports which: "A,B" says that A imports B.
# Read from its source files by scripts/standard_library_links.py; modules written in C, such as sys, import nothing here.
# Left out: tests, demos, idlelib, lib2to3, and what does not belong to Python.
# {n_modules} modules, {n_links} links.
source,target
"""


def modules(library: Path) -> dict[str, Path]:
    """Find the modules and packages that are written in Python.

    Returns:
        Dotted names, sorted, and where each has its source.
    """
    found = {}
    for path in library.rglob("*.py"):
        parts = path.relative_to(library).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if parts[0] in sys.stdlib_module_names and not LEFT_OUT & set(parts):
            found[name] = path
    return dict(sorted(found.items()))


def imported(source: str, name: str, is_package: bool, known: frozenset[str]) -> Iterator[str]:
    """Yield the modules that a module imports, as they stand in its source.

    Args:
        source: its text.
        name: its dotted name, which relative imports start from.
        is_package: whether it is a package's `__init__`.
        known: the modules there are; `from a import b` is `a.b` if that is one, else `a`.

    >>> list(imported("from . import b\\nimport sys, a.c.d", "a", True, frozenset({"a", "a.b", "a.c", "sys"})))
    ['a.b', 'sys', 'a.c']
    """
    package = name.split(".") if is_package else name.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        wanted: list[str] = []
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            wanted = [f"{base}.{alias.name}" for alias in node.names]
        for one in wanted:
            while one and one not in known:
                one = one.rpartition(".")[0]
            if one and one != name:
                yield one


def links(library: Path) -> list[tuple[str, str]]:
    """Return all links, source and target, each once and sorted."""
    places = modules(library)
    known = frozenset(places) | {name for name in sys.stdlib_module_names if name not in LEFT_OUT}
    return sorted({
        (name, target)
        for name, path in places.items()
        for target in imported(path.read_text(encoding="utf-8"), name, path.name == "__init__.py", known)
    })  # fmt: skip


def written(found: list[tuple[str, str]]) -> str:
    """Return the links as the file that is kept."""
    head = HEAD.format(
        version=platform.python_version(),
        n_modules=f"{len({name for link in found for name in link}):,}",
        n_links=f"{len(found):,}",
    )
    return head + "".join(f"{source},{target}\n" for source, target in found)


if __name__ == "__main__":
    TARGET.write_text(written(links(Path(sysconfig.get_path("stdlib")))), encoding="utf-8", newline="\n")
