"""Imports go downward only, and nothing that a visitor could turn against the app is in it. Read from the source text."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Layer:
    """What the files of one layer may import: anywhere, inside functions only, or in one named file only."""

    anywhere: frozenset[str]
    in_functions: frozenset[str] = frozenset()
    in_file: dict[str, frozenset[str]] = field(default_factory=dict)
    standard_library: bool = True


LAYERS = {
    "mml_core": Layer(
        frozenset({"numpy", "scipy", "sympy", "mml_core"}), frozenset({"sklearn"}), {"warping.py": frozenset({"PIL"})}
    ),
    "mml_charts": Layer(frozenset({"numpy", "pandas", "altair", "PIL", "mml_charts"})),
    "mml_ui": Layer(
        frozenset(
            {"streamlit", "numpy", "pandas", "pyarrow", "PIL", "nbformat"}
            | {"segno", "threadpoolctl", "mml_core", "mml_charts", "mml_ui"}
        )
    ),
    "pages": Layer(frozenset({"streamlit", "numpy", "mml_core", "mml_charts", "mml_ui"})),
    "streamlit_app.py": Layer(frozenset({"streamlit", "numpy", "mml_core", "mml_charts", "mml_ui"})),
}
DANGEROUS = frozenset({"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "subprocess"})


def files(layer: str) -> list[Path]:
    place = ROOT / layer
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


def product() -> list[Path]:
    return [file for layer in LAYERS for file in files(layer)]


def imports(tree: ast.AST, inside: bool = False) -> Iterator[tuple[str, bool, int]]:
    """Yield every imported module, whether the import is inside a function, and its line; nested ones too."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, inside, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield ("." * node.level + (node.module or ""), inside, node.lineno)
        yield from imports(node, inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))


def called(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Yield every call with what is called, written out: `st.cache_data`, `eval`, `import_module`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def wrong_imports(source: str, layer: str, name: str) -> list[str]:
    """Return a sentence for each import of the source that its layer does not allow."""
    rules, found = LAYERS[layer], []
    for module, inside, line in imports(ast.parse(source)):
        top = module.split(".")[0]
        allowed = (
            top in rules.anywhere
            or (rules.standard_library and top in sys.stdlib_module_names and top not in DANGEROUS)
            or (inside and top in rules.in_functions)
            or top in rules.in_file.get(name, ())
        )
        if not allowed:
            found.append(f"{layer}: {name}:{line} imports {module or '(relative)'}")
    return found


def wrong_calls(source: str, name: str) -> list[str]:
    """Return a sentence for each call that no product file may make."""
    found = []
    tree = ast.parse(source)
    caches = [
        (ast.unparse(d.func if isinstance(d, ast.Call) else d), d, node.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for d in node.decorator_list
    ]
    for function, node in called(tree):
        if function in {"eval", "exec", "compile", "__import__", "builtins.eval", "builtins.exec"}:
            found.append(f"{name}:{node.lineno} calls {function}")
        if function.endswith("sleep"):
            found.append(f"{name}:{node.lineno} sleeps")
        if any(k.arg == "unsafe_allow_html" for k in node.keywords):
            found.append(f"{name}:{node.lineno} lets HTML through")
        if any(
            k.arg == "allow_pickle" and not (isinstance(k.value, ast.Constant) and k.value.value is False)
            for k in node.keywords
        ):
            found.append(f"{name}:{node.lineno} reads pickles")
        if function in {"st.cache_data", "st.cache_resource"} and not _bounded(node):
            found.append(f"{name}:{node.lineno} caches without a bound")
    for decorator, node, decorated in caches:
        if decorator in {"st.cache_data", "st.cache_resource"} and not isinstance(node, ast.Call):
            found.append(f"{name}:{node.lineno} caches {decorated} without a bound")
    return found


def _bounded(call: ast.Call) -> bool:
    return any(k.arg == "max_entries" and isinstance(k.value, ast.Constant) and bool(k.value.value) for k in call.keywords)


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_go_downward_only(layer):
    assert files(layer), f"{layer} has no files: this test would pass for nothing"
    wrong = [w for file in files(layer) for w in wrong_imports(file.read_text(encoding="utf-8"), layer, file.name)]
    assert not wrong, "\n".join(wrong)


def test_no_file_evaluates_unpickles_sleeps_or_caches_without_a_bound():
    wrong = [w for file in product() for w in wrong_calls(file.read_text(encoding="utf-8"), str(file.relative_to(ROOT)))]
    assert not wrong, "\n".join(wrong)


def test_pages_touch_neither_session_state_nor_html():
    for file in [*files("pages"), *files("streamlit_app.py")]:
        text = file.read_text(encoding="utf-8")
        for word in ("session_state", "unsafe_allow_html", "st.html", "components.v1", "components.v2"):
            assert word not in text, f"{file.name} mentions {word}"


def test_pages_do_not_import_each_other():
    pages = {file.stem for file in files("pages")}
    assert pages
    for file in files("pages"):
        found = {module.split(".")[0] for module, _, _ in imports(ast.parse(file.read_text(encoding="utf-8")))}
        assert not found & ({"pages", "streamlit_app"} | (pages - set(sys.stdlib_module_names))), file.name


def test_shared_code_knows_no_single_subject():
    """What every page shares may use the input checks; any other core file is about one subject."""
    for file in files("mml_ui"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            whole = [f"{node.module}.{n}" for n in names] if isinstance(node, ast.ImportFrom) else names
            subjects = [n for n in whole if n.startswith("mml_core") and not n.startswith("mml_core.checks")]
            assert not subjects, f"{file.name} knows {subjects}"


def test_core_uses_no_global_random_state():
    for file in files("mml_core"):
        for function, node in called(ast.parse(file.read_text(encoding="utf-8"))):
            legacy = function.startswith(("np.random.", "numpy.random.", "random.")) and not function.endswith(
                ("default_rng", "Generator", "SeedSequence", "Random")
            )
            assert not legacy, f"{file.name}:{node.lineno} calls {function}"


@pytest.mark.parametrize(
    ("layer", "name", "source"),
    [
        ("mml_core", "a.py", "import streamlit"),
        ("mml_core", "a.py", "import pandas as pd"),
        ("mml_core", "a.py", "from mml_charts import plane"),
        ("mml_core", "a.py", "from PIL import Image"),
        ("mml_core", "a.py", "from sklearn.datasets import load_iris"),
        ("mml_core", "a.py", "import pickle"),
        ("mml_core", "a.py", "def f():\n    if True:\n        import altair"),
        ("mml_core", "a.py", "from . import checks"),
        ("mml_charts", "a.py", "from mml_core import transforms"),
        ("mml_charts", "a.py", "from mml_ui.frame import Frame"),
        ("mml_charts", "a.py", "class A:\n    def f(self):\n        import streamlit.components"),
        ("mml_ui", "a.py", "import altair"),
        ("mml_ui", "a.py", "from pages import transforms"),
        ("pages", "a.py", "import scipy.linalg"),
        ("pages", "a.py", "from pages.transforms import story"),
        ("streamlit_app.py", "streamlit_app.py", "import pandas"),
    ],
)
def test_the_reader_of_imports_catches_an_upward_one(layer, name, source):
    assert len(wrong_imports(source, layer, name)) == 1


@pytest.mark.parametrize(
    ("layer", "name", "source"),
    [
        ("mml_core", "warping.py", "def f():\n    from PIL import Image"),
        ("mml_core", "a.py", "def f():\n    from sklearn.datasets import load_iris"),
        ("mml_core", "a.py", "import math\nimport numpy.linalg\nfrom mml_core import checks"),
        ("mml_ui", "a.py", "from mml_charts.figure import Figure\nimport io"),
    ],
)
def test_the_reader_of_imports_lets_a_downward_one_pass(layer, name, source):
    assert wrong_imports(source, layer, name) == []


@pytest.mark.parametrize(
    "source",
    [
        "x = eval('1')",
        "exec(text)",
        "import time\ntime.sleep(1)",
        "from time import sleep\nsleep(0.1)",
        "st.markdown('<b>', unsafe_allow_html=True)",
        "np.load(file, allow_pickle=True)",
        "@st.cache_data\ndef f():\n    pass",
        "@st.cache_resource()\ndef f():\n    pass",
        "@st.cache_data(ttl=5)\ndef f():\n    pass",
        "@st.cache_resource(max_entries=None)\ndef f():\n    pass",
    ],
)
def test_the_reader_of_calls_catches_a_dangerous_one(source):
    assert len(wrong_calls(source, "a.py")) == 1


def test_the_reader_of_calls_lets_a_bounded_cache_pass():
    assert wrong_calls("@st.cache_resource(max_entries=4)\ndef f():\n    np.load(x, allow_pickle=False)", "a.py") == []
