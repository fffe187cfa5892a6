"""Measure a move on each page against the same page written the ordinary way: python benchmarks/interaction.py [rounds].

Both apps and an empty page run at the same time on this machine and are driven by one Chromium, in small rounds in turn, so
that a busy moment hits each of them. Compare the ratios; the times are those of this machine.
"""

from __future__ import annotations

import math
import os
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
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

# A frame counts when the lines of the chart (grid, outlines, arrows) differ from those of the frame before. Its time is that
# of the animation frame in which they first do, which is the frame that is painted with them.
WATCH = """
(photographed) => {
  const main = '[data-testid="stVegaLiteChart"] svg.marks';
  const lines = () => [...(document.querySelector(main)?.querySelectorAll('.mark-line path') ?? [])]
    .map((path) => path.getAttribute('d')).join('');
  const photo = () => {
    if (!photographed) return '';
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
    const here = () => bench.changed && (bench.pictured || !photographed);
    while (!here() && performance.now() < until) await new Promise(requestAnimationFrame);
    return [bench.changed, bench.pictured].map((at) => (at ? at - bench.pressed : null));
  };
  window.bench = bench;
}
"""


@dataclass(frozen=True)
class Target:
    """What is moved: a slider by its key, or a grip by its name; `label` is what a table calls it."""

    label: str
    slider: str = ""
    grip: str = ""

    def focus(self) -> str:
        """Return the selector of what takes the arrow keys."""
        return f".st-key-{self.slider} input[type=range]" if self.slider else f'.mml-grip[data-grip="{self.grip}"]'

    def thumb(self) -> str:
        """Return the selector of what the pointer takes hold of."""
        held = f".st-key-{self.slider} [data-rac][style*='left']:has(input[type=range])"
        return held if self.slider else self.focus()


@dataclass(frozen=True)
class Subject:
    """A page of ours, its ordinary twin, and pairs of a target on ours and what gives the same move on the twin."""

    name: str
    path: str
    twin: Path
    pairs: tuple[tuple[Target, Target], ...]
    photo: bool = False
    query: str = "/"  # the twin's path


SUBJECTS = (
    Subject(
        "Transforms", "/transforms", HERE / "ordinary" / "streamlit_app.py",
        (
            (Target("slider Turn", slider="transforms_turn"), Target("slider Turn", slider="turn")),
            (Target("grip e₁", grip="e1"), Target("slider Turn", slider="turn")),
        ),
        photo=True,
    ),
    Subject(
        "Vectors", "/vectors", HERE / "ordinary" / "vectors.py",
        ((Target("grip v", grip="v"), Target("slider v₁", slider="v1")),),
    ),
    Subject(
        "Eigenvectors", "/eigen", HERE / "ordinary" / "eigen.py",
        (
            (Target("grip x", grip="x"), Target("slider x₁", slider="x1")),
            (Target("slider s", slider="eigen_s"), Target("slider s", slider="s")),
        ),
    ),
    Subject(
        "Gradients", "/gradients", HERE / "ordinary" / "gradients.py",
        (
            (Target("grip p", grip="p"), Target("slider p1", slider="p1")),
            (Target("slider Direction", slider="gradients_turn"), Target("slider Direction", slider="turn")),
        ),
    ),
    Subject(
        "Descent", "/descent", HERE / "ordinary" / "descent.py",
        (
            (Target("grip start", grip="start"), Target("slider start1", slider="start1")),
            (Target("slider κ", slider="descent_kappa"), Target("slider κ", slider="kappa")),
        ),
    ),
    Subject(
        "Descent, five methods",
        "/descent?descent_more=Nesterov&descent_more=RMSProp&descent_step=1&descent_steps=200",
        HERE / "ordinary" / "descent.py",
        ((Target("slider Step", slider="descent_step"), Target("slider Step", slider="step")),), query="/?five=1&step=1",
    ),
    Subject(
        "Descent, a line through data", "/descent?descent_f=A+line+through+data&descent_view=Data+and+line",
        HERE / "ordinary" / "descent.py", ((Target("grip data8", grip="data8"), Target("slider y9", slider="y9")),),
        query="/?f=data",
    ),
)  # fmt: skip
EMPTY = Target("slider", slider="turn")


class Wire:
    """Carries everything between the browser and a server and counts its bytes: what is left of them after compression."""

    def __init__(self, server: int) -> None:
        """Listen on a free port; threads carry what comes."""
        self.server, self.received, self.sent = server, 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections; those that are open end with the browser or the server."""
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                browser = self.listener.accept()[0]
                server = socket.create_connection(("127.0.0.1", self.server))
                for way in ((browser, server, "sent"), (server, browser, "received")):
                    threading.Thread(target=self._carry, args=way, daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, name: str) -> None:
        for end in (source, sink):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError):  # one of the two hung up
            while piece := source.recv(1 << 16):
                setattr(self, name, getattr(self, name) + len(piece))
                sink.sendall(piece)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


@dataclass
class App:
    """One running app and the tab that drives it."""

    name: str
    script: Path
    cwd: Path
    path: str
    photo: bool = False
    page: Any = None
    devtools: Any = None
    wire: Any = None
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
        wire = {"in": self.wire.received, "out": self.wire.sent}
        return {"cpu": self.cpu(), "busy": self.busy(), "messages": self.traffic["messages"], **wire}

    def reset(self) -> None:
        """Press the button Reset, so that each measurement starts at the same place."""
        self.page.bring_to_front()
        if self.name != "empty" and "?" not in self.path:  # what the path asks for, Reset would take back
            self.page.get_by_role("button", name="Reset").click()
        self.page.wait_for_timeout(800)


def apps(subject: Subject) -> list[App]:
    """Return the three apps. Ours and the empty page run with our configuration, the twin with Streamlit's own."""
    return [
        App("ours", ROOT / "streamlit_app.py", ROOT, subject.path, subject.photo),
        App("ordinary", subject.twin, subject.twin.parent, subject.query, subject.photo),
        App("empty", HERE / "empty" / "streamlit_app.py", ROOT, "/"),
    ]


@contextmanager
def serving(app: App) -> Iterator[str]:
    """Start the app's server on a free port, behind a wire that counts, and stop it whatever happens."""
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
    app.pid, app.wire = server.pid, Wire(port)
    try:
        _wait_until(lambda: _healthy(port) or server.poll() is not None, 60, f"the server of the {app.name} page")
        if server.poll() is not None:
            raise RuntimeError(f"The server of the {app.name} page stopped with code {server.returncode}.")
        yield f"http://127.0.0.1:{app.wire.port}{app.path}"
    finally:
        app.wire.close()
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


def open_tab(browser: Browser, app: App, url: str, targets: list[Target]) -> None:
    """Open the app in a tab of its own and start to count."""
    page: Page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    app.page, app.devtools = page, page.context.new_cdp_session(page)
    app.devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def count(websocket: WebSocket) -> None:
        def sent(payload: str | bytes) -> None:
            app.traffic["messages"] += 1

        websocket.on("framesent", sent)

    page.on("websocket", count)
    page.goto(url, wait_until="domcontentloaded")
    drawn = f'[data-testid="stVegaLiteChart"] svg.marks{" image" if app.photo else ""}'
    for selector in [target.focus() for target in targets] + [drawn] * (app.name != "empty"):
        page.wait_for_selector(selector, state="attached", timeout=60_000)
    page.wait_for_timeout(2000)
    page.evaluate(WATCH, app.photo)


def press(app: App, target: Target, key: str, n_presses: int = PRESSES) -> dict[str, float]:
    """Press an arrow key and wait for the picture, time and again; return means for one press.

    What was moved is given time to be let go at the end: a grip writes its place into the link 400 ms after the last key.
    """
    app.reset()
    page = app.page
    page.locator(target.focus()).first.focus()
    page.wait_for_timeout(200)
    lines, photos, before = [], [], app.state()
    for _ in range(n_presses):
        page.keyboard.press(key)
        if app.name == "empty":
            page.wait_for_timeout(120)
            continue
        line, photo = page.evaluate("() => bench.answer()")
        if line is not None and (photo is not None or not app.photo):
            lines.append(line)
            photos.append(photo)
        page.wait_for_timeout(60)
    page.wait_for_timeout(900)
    found = _each(before, app.state(), n_presses)
    if app.name != "empty":
        if len(lines) < n_presses / 2:
            raise RuntimeError(f"The {app.name} page answered {len(lines)} of {n_presses} key presses on its {target.label}.")
        found["paint"] = statistics.median(lines)
    if app.photo:
        found["photo"] = statistics.median(photos)
    return found


def hold(app: App, target: Target) -> dict[str, float]:
    """Move something to and fro for `HELD_SECONDS` without letting go; return means for one update."""
    app.reset()
    page = app.page
    held = page.locator(target.thumb()).first
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
        page.mouse.move(x + 55 * math.sin(turn), y if target.slider else y + 40 * math.cos(turn) - 40)
        n += 1
        page.wait_for_timeout(max(0.0, 1e3 * (n / 60 - (time.perf_counter() - start))))
    after, n_frames = app.state(), page.evaluate("() => bench.frames.length") - n_before
    seconds = time.perf_counter() - start
    page.mouse.move(x, y)
    page.mouse.up()
    page.wait_for_timeout(900)
    moves = after["messages"] - before["messages"]
    per = _each(before, after, moves) if moves else {}
    return {**per, "updates": n_frames / seconds, "pointer": n / seconds}


def _each(before: dict[str, float], after: dict[str, float], n: float) -> dict[str, float]:
    return {name: (after[name] - before[name]) / n for name in before if name != "messages"}


Rounds = dict[tuple[str, str], list[dict[str, float]]]


def measure(subject: Subject, n_rounds: int) -> Rounds:
    """Run all rounds, within `LONGEST` seconds, and return what each of them found, by (app and way, target)."""
    found: Rounds = defaultdict(list)
    began = time.monotonic()
    with ExitStack() as stack:
        ours, ordinary, empty = three = apps(subject)
        urls = [stack.enter_context(serving(app)) for app in three]
        playwright = stack.enter_context(sync_playwright())
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        stack.callback(browser.close)
        mine, theirs = [a for a, _ in subject.pairs], list(dict.fromkeys(b for _, b in subject.pairs))
        for app, url, targets in zip(three, urls, (mine, theirs, [EMPTY]), strict=True):
            open_tab(browser, app, url, targets)
            for target in targets:  # the first moves load what later ones have
                press(app, target, "ArrowRight", 3)
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
            turns: list[tuple[str, Target, Callable[[], dict[str, float]]]] = []
            turns += [("ours press", t, lambda t=t, key=key: press(ours, t, key)) for t in mine]
            turns += [("ordinary press", t, lambda t=t, key=key: press(ordinary, t, key)) for t in theirs]
            turns += [("ours held", t, lambda t=t: hold(ours, t)) for t in mine]
            turns += [("ordinary held", t, lambda t=t: hold(ordinary, t)) for t in theirs[:1] if i == 0]
            turns += [("empty press", EMPTY, lambda key=key: press(empty, EMPTY, key))]
            try:
                results = [((way, target.label), turn()) for way, target, turn in (turns[::-1] if i % 2 else turns)]
            except (RuntimeError, PlaywrightError) as failure:  # a machine too busy to answer in time: without this round
                print(f"A round was left out: {failure}", file=sys.stderr)
                results = []
            for name, result in results:
                found[name].append(result)
            longest = max(longest, time.monotonic() - start)
    if not found:
        raise RuntimeError("No round came to its end; see above.")
    return found


ROWS = [
    ("server, CPU", "cpu", "ms", 1.0, 1),
    ("server, CPU beyond an empty page", "beyond", "ms", 1.0, 1),
    ("browser, main thread, CPU", "busy", "ms", 1.0, 1),
    ("key press to chart", "paint", "ms", 1.0, 0),
    ("key press to photo", "photo", "ms", 1.0, 0),
    ("received", "in", "kB", 1e-3, 1),
    ("sent", "out", "kB", 1e-3, 2),
]


def report(subject: Subject, found: Rounds) -> None:
    """Print one table for each pair of targets."""
    empty = found["empty press", EMPTY.label]

    def column(way: str, target: Target, name: str) -> list[float]:
        rounds = found[way, target.label]
        if name == "beyond":
            return [a["cpu"] - b["cpu"] for a, b in zip(rounds, empty, strict=False) if "cpu" in a and way != "empty press"]
        return [r[name] for r in rounds if name in r]

    def ratio(ones: list[float], others: list[float]) -> str:
        quotients = [a / b for a, b in zip(ones, others, strict=False)]
        return f"**{statistics.median(quotients):.2f}**" if quotients else ""

    for target, twin in subject.pairs:
        ways = (("ours press", target), ("ours held", target), ("ordinary press", twin), ("empty press", EMPTY))
        print(f"\n**{subject.name}**: our {target.label}, the ordinary page's {twin.label}; rounds: {len(empty)}\n")
        print(
            "| for each move | key press, ours / ordinary | held, ours / ordinary key press | our key press | held | ", end=""
        )
        print("ordinary key press | empty page |\n|---|---:|---:|---:|---:|---:|---:|")
        for label, name, unit, times, digits in ROWS:
            columns = [column(*way, name) for way in ways]
            pressed, held, theirs = columns[:3]
            if pressed:
                cells = [f"{times * statistics.median(c):.{digits}f} {unit}" if c else "" for c in columns]
                print(f"| {label} | {ratio(pressed, theirs)} | {ratio(held, theirs)} | {' | '.join(cells)} |")
        updates, pointer = (statistics.median(column("ours held", target, name)) for name in ("updates", "pointer"))
        print(
            f"\nHeld for {HELD_SECONDS:g} s: {updates:.0f} chart updates a second, of {pointer:.0f} moves of the pointer.",
            end="",
        )
        other = column("ordinary held", twin, "updates")
        print(f" The ordinary page's {twin.label}: {other[0]:.0f}." if other else "")


def main(n_rounds: int = 5) -> None:
    """Measure all pages and print their tables: medians of rounds of `PRESSES` key presses and one hold each."""
    for subject in SUBJECTS:
        report(subject, measure(subject, n_rounds))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
