"""Write who imports whom in the standard library of the Python that runs this, as a list of links.

A module links to each module that it imports, anywhere in its source. Packages for tests and demonstrations are left out, and
what a module only knows as private (`_name`) of another package is counted for what it is: a module.

    python scripts/standard_library_links.py
"""

from __future__ import annotations

import ast
import platform
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "mml_ui" / "samples" / "standard_library.csv"
LEFT_OUT = {
    "test",
    "tests",
    "idlelib",
    "turtledemo",
    "lib2to3",
    "site-packages",
    "__pycache__",
    "ensurepip",
    "pydoc_data",
    "config",
}
HIDDEN = ("__main__", "antigravity", "this", "_sysconfigdata", "__phello__", "__hello__")


def modules(root: Path) -> dict[str, Path]:
    """Return the library's modules with source, by dotted name."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if LEFT_OUT & set(parts) or any(part.startswith((*HIDDEN, "config-")) for part in parts):
            continue
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name:
            found[name] = path
    return found


def imported(name: str, path: Path, known: set[str]) -> Iterator[str]:
    """Yield the known modules that a module imports."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8", errors="replace"))):
        if isinstance(node, ast.Import):
            yield from (whole(alias.name, known) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                yield inner if inner in known else whole(base, known)


def whole(name: str, known: set[str]) -> str:
    """Return the module itself, or the nearest package of it that is known, "" if there is none."""
    while name and name not in known:
        name = name.rpartition(".")[0]
    return name


def main() -> None:
    """Write the file."""
    sources = modules(Path(sysconfig.get_paths()["stdlib"]))
    known = set(sources) | {name for name in sys.stdlib_module_names if not name.startswith(HIDDEN)} - LEFT_OUT
    links = {(name, to) for name, path in sources.items() for to in imported(name, path, known) if to and to != name}
    lines = [
        "# Who imports whom in Python's standard library: the first module imports the second.",
        f"# Read from the source of Python {platform.python_version()} by scripts/standard_library_links.py.",
        "module,imports",
        *(f"{name},{to}" for name, to in sorted(links)),
    ]
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(links)} links between {len({name for link in links for name in link})} modules: {OUT.name}")


if __name__ == "__main__":
    main()
