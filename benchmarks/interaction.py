"""Measure a move on the Transforms page against the same page written the ordinary way: python benchmarks/interaction.py.

Both apps run at the same time on this machine and are driven by one Chromium, in small rounds in turn (ours, ordinary,
empty, ours, ...), so that a busy moment hits each of them. Compare the ratios; the times are those of this machine.
"""

from __future__ import annotations

import math
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, WebSocket, sync_playwright
from playwright.sync_api import Error as PlaywrightError

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).resolve().parent
FLAGS = [
    f"--{flag}"
    for flag in (
        "headless", "no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
        "disable-component-update", "disable-sync",
    )
]  # fmt: skip
PRESSES, HELD_SECONDS, LONGEST = 10, 4.0, 200.0
TICK = os.sysconf("SC_CLK_TCK")

# A frame counts when the lines of the chart (grid, square, arrows) differ from those of the frame before. Its time is that
# of the animation frame in which they first do, which is the frame that is painted with them.
WATCH = """
() => {
  const main = '[data-testid="stVegaLiteChart"] svg.marks';
  const lines = () => [...(document.querySelector(main)?.querySelectorAll('.mark-line path') ?? [])]
    .map((path) => path.getAttribute('d')).join('');
  const photo = () => {
    const image = document.querySelector('.mml-back img') ?? document.querySelector(main)?.querySelector('image');
    return image?.src || image?.getAttribute('href') || image?.getAttribute('xlink:href') || '';
  };
  const bench = { frames: [], pressed: 0, changed: 0, pictured: 0 };
  let dirty = true, last = lines(), shown = photo();
  new MutationObserver(() => { dirty = true; })
    .observe(document.body, { subtree: true, childList: true, attributes: true });
  const tick = () => {
    if (dirty) {
      dirty = false;
      const now = lines(), seen = photo();
      if (now.length > 100 && now !== last) { last = now; bench.changed = performance.now(); bench.frames.push(bench.changed); }
      if (seen && seen !== shown) { shown = seen; bench.pictured = performance.now(); }
    }
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  window.addEventListener('keydown', (event) => { bench.pressed = event.timeStamp; bench.changed = bench.pictured = 0; }, true);
  // The time from the last key press to the chart's lines and to its photo, in ms; null where nothing came in 3 seconds.
  bench.answer = async () => {
    const until = performance.now() + 3000;
    while (!(bench.changed && bench.pictured) && performance.now() < until) await new Promise(requestAnimationFrame);
    return [bench.changed, bench.pictured].map((at) => (at ? at - bench.pressed : null));
  };
  window.bench = bench;
}
"""


@dataclass
class App:
    """One running app and the tab that drives it; `path` and `slider` say where its slider "Turn" is."""

    name: str
    script: Path
    cwd: Path
    path: str
    slider: str
    page: Any = None
    devtools: Any = None
    pid: int = 0
    idle: float = 0.0
    traffic: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def cpu(self) -> float:
        """Return the milliseconds of processor time that the server has taken, ended threads included, idling excluded."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return 1e3 * (int(fields[11]) + int(fields[12])) / TICK - self.idle * time.monotonic()

    def busy(self) -> float:
        """Return the milliseconds of processor time that the tab's main thread has taken."""
        metrics = self.devtools.send("Performance.getMetrics")["metrics"]
        return 1e3 * next(m["value"] for m in metrics if m["name"] == "TaskDuration")

    def state(self) -> dict[str, float]:
        """Return every counter at this moment."""
        return {"cpu": self.cpu(), "busy": self.busy(), **{k: self.traffic[k] for k in ("in", "out", "sent")}}


def apps() -> list[App]:
    """Return the three apps. Ours and the empty page run with our configuration, the ordinary page with Streamlit's own."""
    return [
        App("ours", ROOT / "streamlit_app.py", ROOT, "/transforms", "transforms_turn"),
        App("ordinary", HERE / "ordinary" / "streamlit_app.py", HERE / "ordinary", "/", "turn"),
        App("empty", HERE / "empty" / "streamlit_app.py", ROOT, "/", "turn"),
    ]


@contextmanager
def serving(app: App) -> Iterator[str]:
    """Start the app's server on a free port and stop it whatever happens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--server.headless", "true", "--server.address", "127.0.0.1", "--browser.gatherUsageStats", "false"]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(app.script), "--server.port", str(port), *options],
        cwd=app.cwd,
        env={k: v for k, v in os.environ.items() if not k.startswith("STREAMLIT_")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    app.pid = server.pid
    try:
        _wait_until(lambda: _healthy(port) or server.poll() is not None, 60, f"the server of the {app.name} page")
        if server.poll() is not None:
            raise RuntimeError(f"The server of the {app.name} page stopped with code {server.returncode}.")
        yield f"http://127.0.0.1:{port}{app.path}"
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _wait_until(done: Callable[[], bool], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not answer in {seconds:g} s.")
        time.sleep(0.1)


def open_tab(browser: Browser, app: App, url: str) -> None:
    """Open the app in a tab of its own and start to count."""
    page: Page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    app.page, app.devtools = page, page.context.new_cdp_session(page)
    app.devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def count(socket_: WebSocket) -> None:
        def received(payload: str | bytes) -> None:
            app.traffic["in"] += len(payload)

        def sent(payload: str | bytes) -> None:
            app.traffic["out"] += len(payload)
            app.traffic["sent"] += 1

        socket_.on("framereceived", received)
        socket_.on("framesent", sent)

    page.on("websocket", count)
    page.goto(url, wait_until="domcontentloaded")
    page.wait_for_selector(f".st-key-{app.slider} input[type=range]", state="attached", timeout=60_000)
    if app.name != "empty":
        page.wait_for_selector('[data-testid="stVegaLiteChart"] svg.marks image', state="attached", timeout=60_000)
    page.wait_for_timeout(2000)
    page.evaluate(WATCH)


def press(app: App, key: str, n_presses: int = PRESSES) -> dict[str, float]:
    """Press an arrow key on the slider "Turn" and wait for the picture, time and again; return means for one press."""
    page = app.page
    page.bring_to_front()
    if app.name != "empty":
        page.get_by_role("button", name="Reset").click()
    page.locator(f".st-key-{app.slider} input[type=range]").focus()
    page.wait_for_timeout(800)
    lines, photos, before = [], [], app.state()
    for _ in range(n_presses):
        page.keyboard.press(key)
        if app.name == "empty":
            page.wait_for_timeout(120)
            continue
        line, photo = page.evaluate("() => bench.answer()")
        if line is not None and photo is not None:
            lines.append(line)
            photos.append(photo)
        page.wait_for_timeout(60)
    page.wait_for_timeout(300)
    found = _each(before, app.state(), n_presses)
    if app.name != "empty":
        if len(lines) < n_presses / 2:
            raise RuntimeError(f"The {app.name} page answered {len(lines)} of {n_presses} key presses.")
        found |= {"paint": statistics.median(lines), "photo": statistics.median(photos)}
    return found


def hold(app: App, grip: str | None = None) -> dict[str, float]:
    """Move the slider "Turn", or a grip, to and fro for `HELD_SECONDS` without letting go; return means for one update."""
    page = app.page
    page.bring_to_front()
    page.get_by_role("button", name="Reset").click()
    page.locator(f".st-key-{app.slider} input[type=range]").focus()
    page.wait_for_timeout(800)
    if grip is None:
        held = page.locator(f".st-key-{app.slider} [data-rac][style*='left']:has(input[type=range])").first
    else:
        held = page.locator(f'.mml-grip[data-grip="{grip}"]').first
    held.scroll_into_view_if_needed()
    box = held.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.wait_for_timeout(100)
    before, n_before = app.state(), page.evaluate("() => bench.frames.length")
    start = time.perf_counter()
    n = 0
    while (now := time.perf_counter() - start) < HELD_SECONDS:
        turn = 2 * math.pi * now / 2.5
        page.mouse.move(x + 55 * math.sin(turn), y if grip is None else y + 40 * math.cos(turn) - 40)
        n += 1
        page.wait_for_timeout(max(0.0, 1e3 * (n / 60 - (time.perf_counter() - start))))
    after, n_frames = app.state(), page.evaluate("() => bench.frames.length") - n_before
    seconds = time.perf_counter() - start
    page.mouse.move(x, y)
    page.mouse.up()
    page.wait_for_timeout(900)
    moves = after["sent"] - before["sent"]
    per = {} if not moves else _each(before, after, moves)
    return {**per, "updates": n_frames / seconds, "moves": moves / seconds, "pointer": n / seconds}


def _each(before: dict[str, float], after: dict[str, float], n: float) -> dict[str, float]:
    return {name: (after[name] - before[name]) / n for name in before if name != "sent"}


def measure(n_rounds: int) -> dict[str, list[dict[str, float]]]:
    """Run all rounds, within `LONGEST` seconds, and return what each of them found, by kind."""
    found: dict[str, list[dict[str, float]]] = defaultdict(list)
    began = time.monotonic()
    with ExitStack() as stack:
        ours, ordinary, empty = three = apps()
        urls = [stack.enter_context(serving(app)) for app in three]
        playwright = stack.enter_context(sync_playwright())
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        stack.callback(browser.close)
        for app, url in zip(three, urls, strict=True):
            open_tab(browser, app, url)
        for app in three:  # the first moves load what later ones have
            press(app, "ArrowRight", 3)
        taken, since = [app.cpu() for app in three], time.monotonic()
        ours.page.wait_for_timeout(5000)
        for app, cpu in zip(three, taken, strict=True):
            app.idle = (app.cpu() - cpu) / (time.monotonic() - since)
        longest = 0.0
        for i in range(n_rounds):
            start = time.monotonic()
            if start - began + longest > LONGEST:
                break
            key = "ArrowLeft" if i % 2 else "ArrowRight"
            turns = [
                ("ours press", lambda key=key: press(ours, key)),
                ("ordinary press", lambda key=key: press(ordinary, key)),
                ("ours slider", lambda: hold(ours)),
                ("ordinary slider", lambda: hold(ordinary)),
                ("ours grip", lambda: hold(ours, "e1")),
                ("empty press", lambda key=key: press(empty, key)),
            ]
            try:
                results = [(kind, turn()) for kind, turn in turns[:2][:: -1 if i % 2 else 1] + turns[2:]]
            except (RuntimeError, PlaywrightError) as failure:  # a machine too busy to answer in time: without this round
                print(f"A round was left out: {failure}", file=sys.stderr)
                results = []
            for kind, result in results:
                found[kind].append(result)
            longest = max(longest, time.monotonic() - start)
    if not found:
        raise RuntimeError("No round came to its end; see above.")
    return found


def _middle_ratio(ones: list[float], others: list[float]) -> float:
    """Return the median of the rounds' ratios, not a number where one side has nothing to show."""
    return statistics.median([a / b for a, b in zip(ones, others, strict=False)] or [math.nan])


def main(n_rounds: int = 5) -> None:
    """Measure and print the tables."""
    found = measure(n_rounds)
    done = len(found["empty press"])

    def column(kind: str, name: str) -> list[float]:
        return [r[name] for r in found[kind] if name in r]

    def middle(kind: str, name: str) -> float:
        return statistics.median(column(kind, name) or [math.nan])

    def ratio(kind: str, other: str, name: str) -> str:
        return f"**{_middle_ratio(column(kind, name), column(other, name)):.2f}**"

    def beyond(kind: str) -> list[float]:
        return [a - b for a, b in zip(column(kind, "cpu"), column("empty press", "cpu"), strict=False)] or [math.nan]

    rows = [
        ("server, CPU", "cpu", "ms", 1.0, 1),
        ("browser, main thread, CPU", "busy", "ms", 1.0, 1),
        ("key press to chart", "paint", "ms", 1.0, 0),
        ("key press to photo", "photo", "ms", 1.0, 0),
        ("received", "in", "kB", 1e-3, 1),
        ("sent", "out", "kB", 1e-3, 2),
    ]
    print(f"A key press on the slider Turn; median of {done} interleaved rounds of {PRESSES} presses\n")
    print("| for each key press | ours / ordinary | ours | ordinary | empty page |\n|---|---:|---:|---:|---:|")
    for label, name, unit, times, digits in rows:
        ours, ordinary = (f"{times * middle(kind, name):.{digits}f} {unit}" for kind in ("ours press", "ordinary press"))
        empty = f"{times * middle('empty press', name):.{digits}f} {unit}" if column("empty press", name) else ""
        print(f"| {label} | {ratio('ours press', 'ordinary press', name)} | {ours} | {ordinary} | {empty} |")
    more, most = beyond("ours press"), beyond("ordinary press")
    quotient = _middle_ratio(more, most)
    print(
        f"| server, CPU beyond an empty page | **{quotient:.2f}** | {statistics.median(more):.1f} ms "
        f"| {statistics.median(most):.1f} ms | 0 |"
    )

    print(f"\nHeld for {HELD_SECONDS:g} s and moved all the time, not yet let go; median of {done} rounds\n")
    print("| while it is held | our slider Turn | our grip e₁ | ordinary slider Turn |\n|---|---:|---:|---:|")
    for label, name in (("chart updates a second", "updates"), ("pointer moves a second", "pointer")):
        cells = [f"{middle(kind, name):.0f}" for kind in ("ours slider", "ours grip", "ordinary slider")]
        print(f"| {label} | {' | '.join(cells)} |")

    print("\n| for each update while held | our slider / ordinary key press | our slider | our grip |\n|---|---:|---:|---:|")
    for label, name, unit, times, digits in rows:
        if name in ("paint", "photo"):
            continue
        cells = [f"{times * middle(kind, name):.{digits}f} {unit}" for kind in ("ours slider", "ours grip")]
        print(f"| {label} | {ratio('ours slider', 'ordinary press', name)} | {' | '.join(cells)} |")
    more, grip = beyond("ours slider"), beyond("ours grip")
    quotient = _middle_ratio(more, most)
    print(
        f"| server, CPU beyond an empty page | **{quotient:.2f}** | {statistics.median(more):.1f} ms "
        f"| {statistics.median(grip):.1f} ms |"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
