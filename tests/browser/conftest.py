"""The running app and a real Chromium for the tests in this folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browser.driver import ROOT, SPY, Distant, Screen, free_port
from conftest import SOAK, some
from playwright.sync_api import sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# A browser is slow: `make test` takes so many tests of each of these files, drawn by the seed, `make soak` all.
DRAWN = {
    "test_layout.py": 8,
    "test_live.py": 6,
    "test_gradients_descent.py": 2,
    "test_neural_backprop.py": 2,
    "test_pagerank.py": 2,
    "test_points.py": 2,
    "test_dimensions.py": 2,
    "test_vectors_eigen.py": 2,
}  # fmt: skip


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark everything in this folder, and leave what is not drawn to soak; a test that is asked for by its name stays."""
    here = [item for item in items if item.path.is_relative_to(ROOT / "tests" / "browser")]
    for item in here:
        item.add_marker(pytest.mark.browser)
    if SOAK or config.option.keyword or any("::" in str(argument) for argument in config.args):
        return
    left: set[pytest.Item] = set()
    for name, n in DRAWN.items():
        of_file = [item for item in here if item.path.name == name and not item.get_closest_marker("soak")]
        left |= {*of_file} - {*some(of_file, n, name)}
    items[:] = [item for item in items if item not in left]
    config.hook.pytest_deselected(items=list(left))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The app as people start it, on a free port; its log is shown if it does not start."""
    port, log = free_port(), tmp_path_factory.mktemp("server") / "log"
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
    options = ["--server.headless", "true", "--server.port", str(port), "--server.address", "127.0.0.1"]
    with log.open("w") as out:
        process = subprocess.Popen([*command, *options], cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
    try:
        for _ in range(240):
            if process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).read()
                break
            except OSError:
                time.sleep(0.25)
        if process.poll() is not None:
            pytest.fail(f"the app did not start:\n{log.read_text()}")
        yield port
        assert "Traceback" not in log.read_text(), f"the app's log has a traceback:\n{log.read_text()[-4000:]}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One Chromium a file. (Not one a session: Playwright's event loop would be in the way of other tests'.)"""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open(chromium: Any, server: int) -> Iterator[Callable[..., Screen]]:
    """A function that opens a path in a fresh browser context; at the end no page may have had an error."""
    screens: list[Screen] = []

    def opened(
        path: str = "/transforms",
        width: int = 1280,
        height: int = 670,
        scheme: str = "light",
        *,
        touch: bool = False,
        live: bool = True,
        port: int | None = None,
        script: str = "",
    ) -> Screen:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, has_touch=touch, accept_downloads=True
        )
        context.set_default_timeout(30_000)
        context.add_init_script(SPY + script)
        screen = Screen(context.new_page(), f"http://127.0.0.1:{port or server}")
        screens.append(screen)
        screen.listen()
        return screen.go(path, live=live)

    yield opened
    for screen in screens:
        screen.page.context.close()
    assert [problem for screen in screens for problem in screen.problems] == []


@pytest.fixture(scope="session")
def distant(server: int) -> Iterator[int]:
    """The port of a line to the server with 80 ms of round trip."""
    line = Distant(server)
    yield line.port
    line.close()
