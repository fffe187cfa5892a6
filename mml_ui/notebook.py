"""Take this home: a notebook with the functions that the page ran, its current values, and assertions on the results."""

from __future__ import annotations

import ast
import base64
import dataclasses
import functools
import importlib
import inspect
import io
import sys
import textwrap
import zlib
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import nbformat
import numpy as np
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from mml_ui import cache
from mml_ui.frame import Call

_LITERAL_SIZE = 64  # larger arrays are packed
MOST_BYTES = 8_000_000  # of data in a notebook


def notebook(title: str, claim: str, link: str, calls: Sequence[Call]) -> str:
    """Return a notebook (version 4, as text) that repeats the calls of a page and checks their results.

    Args:
        title, claim: What the page is called and claims.
        link: The part of the address behind the host, which brings the same picture back.
        calls: What the page computed; each function once, with its last arguments.

    It needs NumPy and what the functions themselves import, and nothing of this project.
    """
    last = list({call.function: call for call in calls}.values())
    code = _Sources()
    for call in last:
        code.add(call.function)
        for value in call.arguments.values():
            if _is_record(value):  # an argument's class need not be named where it is used
                code.add(type(value))
    cells = [
        new_markdown_cell(
            f"# {title}\n\n{claim}\n\nThis screen as a notebook: the same functions, the same values. The page: `{link}`"
        ),
        new_code_cell(code.text()),
    ]
    packed: dict[str, str | None] = {}
    named: dict[int, str] = {}  # what is written once and then called by its name: arguments of several calls, and results
    for call in last:
        cells.append(new_markdown_cell(f"## `{call.function.__qualname__}`\n\n{_first_line(call.function)}"))
        given = []
        for name, value in call.arguments.items():
            if _is_record(value) and id(value) not in named:
                own = name if name not in named.values() else f"{name}_{len(named)}"
                given.append(f"{own} = {_written(value, packed)}")
                named[id(value)] = own
        arguments = ", ".join(f"{n}={named.get(id(v)) or _written(v, packed)}" for n, v in call.arguments.items())
        lines = [f"{name} = unpacked({text!r})" for name, text in packed.items() if text is not None]
        for name in packed:
            packed[name] = None
        name = f"the_{call.function.__name__}"
        lines += [*given, f"{name} = {call.function.__qualname__}({arguments})"]
        lines += [name if not _large(call.result) else f"{name}.shape"]
        if _is_record(call.result) or _large(call.result):
            named[id(call.result)] = name
        cells.append(new_code_cell("\n".join(lines)))
        cells.append(new_code_cell("\n".join(_assertions(name, call.result))))
    book = new_notebook(cells=cells)
    for i, cell in enumerate(book.cells):  # the same screen gives the same file
        cell["id"] = f"cell-{i}"
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return str(nbformat.writes(book))


def is_too_large(calls: Sequence[Call]) -> bool:
    """Return whether the data of these calls would not fit into a notebook that anyone wants to open."""
    arguments = {id(value): cache.n_bytes(value) for call in calls for value in call.arguments.values()}
    return sum(arguments.values()) > MOST_BYTES


class _Sources:
    """The source of functions together with all of the project's names that they use, in an order that runs."""

    def __init__(self) -> None:
        self.imports: dict[str, None] = {"from __future__ import annotations": None}
        self.imports |= {
            "import base64": None,
            "import zlib": None,
            "from types import SimpleNamespace": None,
            "from math import inf, nan": None,
            "import numpy as np": None,
        }
        self.definitions: dict[tuple[str, str], str] = {}
        self.gathered: dict[str, dict[str, None]] = {}

    def add(self, function: Callable[..., Any]) -> None:
        self._name(sys.modules[function.__module__], function.__qualname__.split(".")[0])

    def _name(self, module: ModuleType, name: str) -> None:
        key = (module.__name__, name)
        if key in self.definitions:
            return
        tree = _tree(module)
        node = next((n for n in tree.body if name in _defined(n)), None)
        if node is None:  # a local name, or Python's own
            return
        if any(other == name for _, other in self.definitions):
            raise RuntimeError(f"Two modules of the core define {name}; a notebook has room for one.")
        self.definitions[key] = ""  # holds its place against a cycle
        brought = {
            alias.asname or alias.name.split(".")[0]: (n, alias)
            for n in ast.walk(tree)
            if isinstance(n, ast.Import | ast.ImportFrom)
            for alias in n.names
        }
        for used in _used(node):
            if used in brought:
                self._import(*brought[used], used, node)
            else:
                self._name(module, used)
        del self.definitions[key]
        lines = inspect.getsource(module).splitlines()
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        self.definitions[key] = "\n".join(lines[first - 1 : node.end_lineno])

    def _import(self, node: ast.Import | ast.ImportFrom, alias: ast.alias, name: str, user: ast.stmt) -> None:
        """Take over an import; what the project itself would bring is written out instead."""
        source = node.module if isinstance(node, ast.ImportFrom) else None
        if source is None or not source.startswith("mml_core"):
            self.imports[ast.unparse(type(node)(**{**vars(node), "names": [alias]}))] = None
            return
        owner = importlib.import_module(source)
        if not inspect.ismodule(getattr(owner, alias.name, None)):
            self._name(owner, alias.name)
            return
        module = getattr(owner, alias.name)
        for n in ast.walk(user):  # a module used as `checks.matrix`: the names that are used are gathered under its name
            if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == name:
                self._name(module, n.attr)
                self.gathered.setdefault(name, {})[n.attr] = None

    def text(self) -> str:
        future = [line for line in self.imports if "__future__" in line]
        rest = sorted(line for line in self.imports if "__future__" not in line)
        unpacking = textwrap.dedent('''
            def unpacked(text):
                """Return the array that was packed into text."""
                import io

                return np.load(io.BytesIO(zlib.decompress(base64.b85decode(text))), allow_pickle=False)
        ''').strip()
        gathered = [
            f"{name} = SimpleNamespace({', '.join(f'{n}={n}' for n in names)})" for name, names in self.gathered.items()
        ]
        return "\n\n\n".join(["\n".join(future + rest), unpacking, *self.definitions.values(), *gathered])


@functools.cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _defined(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    return set()


def _used(node: ast.stmt) -> list[str]:
    return list(dict.fromkeys(n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)))


def _first_line(function: Callable[..., Any]) -> str:
    return (inspect.getdoc(function) or "").split("\n")[0]


def _written(value: Any, packed: dict[str, str | None]) -> str:
    """Return a value as Python text, exact to the last bit; a large array is packed and named."""
    if isinstance(value, np.ndarray):
        if value.size == 0:
            return f"np.zeros({value.shape!r}, dtype=np.{value.dtype.name})"
        if value.dtype.kind == "T":  # a table's texts: no file holds NumPy's own kind
            value = np.array(value.tolist(), np.str_)
        if value.dtype.kind == "U" and value.size <= _LITERAL_SIZE:
            return f"np.array({value.tolist()!r})"
        if value.size <= _LITERAL_SIZE:
            return f"np.array({value.tolist()!r}, dtype=np.{value.dtype.name})"
        buffer = io.BytesIO()
        np.save(buffer, value, allow_pickle=False)
        name = f"packed_{len(packed) + 1}"
        packed[name] = base64.b85encode(zlib.compress(buffer.getvalue(), 6)).decode("ascii")
        return name
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, tuple):
        return "(" + "".join(f"{_written(v, packed)}, " for v in value) + ")"
    if isinstance(value, list):
        return "[" + ", ".join(_written(v, packed) for v in value) + "]"
    if _is_record(value):
        parts = ", ".join(f"{f.name}={_written(getattr(value, f.name), packed)}" for f in dataclasses.fields(value))
        return f"{type(value).__name__}({parts})"
    return repr(value)


def _is_record(value: Any) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _large(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.size > _LITERAL_SIZE


def _assertions(name: str, value: Any) -> list[str]:
    """Return assertions on a result: small ones whole, of large ones the shape, the mean and some places."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        if value.size == 0:
            return [f"assert {name}.shape == {value.shape!r}"]
        if not _large(value):
            return [f"assert np.allclose({name}, {value.tolist()!r}, rtol=1e-9, atol=1e-12, equal_nan=True)"]
        flat = value.ravel()
        places = np.linspace(0, flat.size - 1, 16).astype(int).tolist()
        close = "rtol=0, atol=2" if value.dtype.kind == "u" else "rtol=1e-9, atol=1e-12, equal_nan=True"
        mean = "rtol=0, atol=0.01" if value.dtype.kind == "u" else "rtol=1e-9, atol=1e-12, equal_nan=True"
        return [
            f"assert {name}.shape == {value.shape!r}",
            f"assert np.allclose({name}.mean(), {value.mean().item()!r}, {mean})",
            f"assert np.allclose({name}.ravel()[{places}] + 0.0, {flat[places].tolist()!r}, {close})",
        ]
    if hasattr(value, "tocsr"):  # a sparse matrix is the arrays that it is stored in
        return [line for part in ("data", "indices", "indptr") for line in _assertions(f"{name}.{part}", getattr(value, part))]
    if _is_record(value):
        same = [f.name for f in dataclasses.fields(value) if not f.metadata.get("varies")]  # how long it took does vary
        return [line for part in same for line in _assertions(f"{name}.{part}", getattr(value, part))]
    if isinstance(value, tuple | list) and any(_is_record(v) or isinstance(v, np.ndarray) for v in value):
        return [line for i, v in enumerate(value) for line in _assertions(f"{name}[{i}]", v)]
    if isinstance(value, np.ndarray) and value.dtype.kind == "U":
        return [f"assert {name}.tolist() == {value.tolist()!r}"]
    if isinstance(value, float | complex | np.inexact):
        plain = value.item() if isinstance(value, np.generic) else value
        return [f"assert np.isclose({name}, {plain!r}, rtol=1e-9, equal_nan=True)"]
    return [f"assert {name} == {value!r}"]
