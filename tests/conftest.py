"""Shared by all tests: how much Hypothesis tries, and a page of the app opened the way a visitor's link opens it."""

import functools
import os
import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from notebooks import run_alone
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest
from threadpoolctl import threadpool_limits

from mml_charts.theme import Look
from mml_ui import frame as frames
from mml_ui import live, replay

ROOT = Path(__file__).resolve().parent.parent
SOAK = os.environ.get("MML_SOAK") == "1"
SEED = int(os.environ.get("MML_SEED", "20261120"))  # what the samples of links and files are drawn with

# One thread each, as the app has it: the three runs of `make test` lie beside each other, and two threads wait for each other.
threadpool_limits(limits=1, user_api="blas")
os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile(
    "mml",
    derandomize=not SOAK,
    deadline=None,
    max_examples=500 if SOAK else 12,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
settings.load_profile("mml")


def some(items: Iterable[Any], n: int, *names: Any) -> list[Any]:
    """Return all in soak, else n that are drawn by the seed and the names, in their order."""
    every = list(items)
    if SOAK or len(every) <= n:
        return every
    return [every[i] for i in sorted(random.Random(f"{SEED} {names}").sample(range(len(every)), n))]


# A page or a chart takes long: of a test with many cases `make test` takes so many, drawn by the seed, `make soak` all.
CASES = {"pages": 2, "charts": 2, "core": 12}


def pytest_collection_modifyitems(config, items):
    if SOAK:
        return
    for item in items:
        if item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.skip(reason="long: `make soak` runs it"))
    if config.option.keyword or any("::" in str(argument) for argument in config.args):
        return  # a test that is asked for by its name has all its cases
    cases: dict[tuple[Path, str], list[pytest.Item]] = {}
    for item in items:
        if item.path.parent.name in CASES and item.path.name != "test_contract.py":
            cases.setdefault((item.path, getattr(item, "originalname", item.name)), []).append(item)
    left = set()
    for (path, name), of_one in cases.items():
        left |= {*of_one} - {*some(of_one, CASES[path.parent.name], path.name, name)}
    items[:] = [item for item in items if item not in left]
    config.hook.pytest_deselected(items=list(left))


def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"Links and files were drawn with MML_SEED={SEED}; set it to draw others.")


@pytest.fixture(scope="session", autouse=True)
def _what_a_server_does_once_is_done_once() -> Iterator[None]:
    """Let Streamlit look for components and compile pages once, as a server does: each fresh AppTest would do it anew."""
    with pytest.MonkeyPatch.context() as patch:
        scan = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        compiled, fresh = ScriptCache(), ScriptCache.get_bytecode

        def kept(self: ScriptCache, path: str) -> Any:
            return fresh(compiled if str(ROOT) in path else self, path)

        patch.setattr(ScriptCache, "get_bytecode", kept)
        yield


@pytest.fixture
def open_page() -> Callable[..., AppTest]:
    """Return what opens a page in a fresh session, as a link with these parameters does."""

    def opened(url: str, **query: Any) -> AppTest:
        app = AppTest.from_file(ROOT / "streamlit_app.py", default_timeout=60)
        app.query_params.update(query)
        return app.switch_page(f"pages/{url}.py").run()

    return opened


def _sink(story: Callable[[], None]) -> None:
    """Run a story as a page called "sink", without a header and without the contents list, which only know real pages."""
    import streamlit as st

    live.viewport("sink")
    frames.begin("sink", live.held("sink")).look = Look()
    replay.first(story)
    st.button("Commit", key="commit", on_click=live.commit)  # stands for the browser's report on release


@pytest.fixture
def sink() -> Callable[..., AppTest]:
    """Return what opens a page made of one function, the kitchen sink, in a fresh session."""

    def opened(story: Callable[[], None], **query: Any) -> AppTest:
        app = AppTest.from_function(_script, default_timeout=30, args=(_sink, story))
        app.query_params.update(query)
        return app.run()

    return opened


def _script(page, story):  # Streamlit runs the text of this function as a file of its own, so that it can name nothing else
    page(story)


@pytest.fixture
def hold() -> Callable[..., AppTest]:
    """Return what runs a page as while the browser holds values by full key."""

    def held(app: AppTest, page: str, values: Any, **report: Any) -> AppTest:
        app.session_state[live.key(page)] = {"report": {"seq": 1, "hold": values, "commit": None, "viewport": None, **report}}
        return app.run()

    return held


@pytest.fixture
def alone(tmp_path: Path) -> Callable[[str], Any]:
    """Return what runs Python text in a process that cannot find the project."""
    return lambda text: run_alone(text, tmp_path)
