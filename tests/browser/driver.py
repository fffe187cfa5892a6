"""How the browser tests see and touch the running app: a `Screen` is one open page, `Distant` a line with a delay.

This machine may be slow: nothing here asks how long something took, only whether it came about within `PATIENCE`.
"""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
PATIENCE = 30_000  # ms

SPY = (Path(__file__).parent / "spy.js").read_text(encoding="utf-8")


@dataclass
class Screen:
    """One page of the app in one browser context, and everything that went wrong in it."""

    page: Any
    base: str
    problems: list[str] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)  # bytes of each websocket frame that came in

    def listen(self) -> None:
        """Note page errors, console errors and what comes in through the websocket."""
        self.page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        self.page.on("console", self._console)
        self.page.on("websocket", lambda ws: ws.on("framereceived", lambda data: self.frames.append(len(data))))

    def _console(self, message: Any) -> None:
        # On a deep link Streamlit first asks for its own endpoints below the page's path; known, harmless.
        where = (message.location or {}).get("url", "")
        known = "404" in message.text and "/_stcore/" in where
        if message.type == "error" and not known:
            self.problems.append(f"console: {message.text} ({where[:120]})")

    def go(self, path: str, *, live: bool = True) -> Screen:
        """Open a path and wait until the page is complete."""
        self.page.goto(self.base + path, wait_until="domcontentloaded")
        return self.ready(live=live)

    def ready(self, *, live: bool = True) -> Screen:
        """Wait until the chart is there, the live component too, and nothing runs any more."""
        self.page.locator("svg.marks").first.wait_for(state="visible", timeout=2 * PATIENCE)
        if live:
            self.until("() => window.mmlLive && window.mmlTest.answers.length > 1")
        self.settle()
        return self

    def until(self, condition: str, argument: Any = None) -> None:
        """Wait until a function in the page returns something true."""
        self.page.wait_for_function(condition, arg=argument, timeout=PATIENCE)

    def settle(self) -> None:
        """Wait until no run is on and none is asked for, for some frames in a row, and the chart stands still."""
        self.page.evaluate("(patience) => mmlTest.settled(patience)", PATIENCE)

    # What is seen.

    @property
    def query(self) -> dict[str, str]:
        """The parameters in the address bar."""
        return dict(parse_qsl(urlsplit(self.page.url).query, keep_blank_values=True))

    def until_query(self, **parts: str | None) -> dict[str, str]:
        """Wait until the address bar carries these parameters (None: is free of them), and return all of them."""
        self.until("(parts) => Object.entries(parts).every(([name, value]) => mmlTest.query(name) === value)", parts)
        return self.query

    def until_names(self, *names: str) -> dict[str, str]:
        """Wait until the address bar carries parameters of these names, and return all of them."""
        self.until("(names) => names.every((name) => mmlTest.query(name) !== null)", list(names))
        return self.query

    def state(self) -> str:
        """The main chart as text, its picture included."""
        return self.page.evaluate("mmlTest.state()")

    def sentence(self) -> str:
        """The sentence under the main picture."""
        return self.page.locator('[class*="st-key-mml_figure"] [data-testid="stMarkdown"]').first.inner_text().strip()

    def thumb_text(self, key: str) -> str:
        """What a slider shows above its thumb."""
        return self.control(key).locator('[data-testid="stSliderThumbValue"]').inner_text().strip()

    def number(self, key: str) -> float:
        """What a number input shows."""
        return float(self.control(key).locator('input[type="number"]').input_value())

    def control(self, key: str) -> Any:
        """The container of a control."""
        return self.page.locator(f".st-key-{key}")

    def grip(self, name: str) -> Any:
        """A grip on a chart."""
        return self.page.locator(f'.mml-grip[data-grip="{name}"]').first

    def button(self, key: str, label: re.Pattern[str] | str) -> Any:
        """A button of a control's play bar."""
        return self.control(key).locator(".mml-play").get_by_role("button", name=label)

    def tell(self, name: str) -> Any:
        """A value of the spy in the page, or the result of one of its functions."""
        return self.page.evaluate(f"mmlTest.{name}")

    def most_in_flight(self) -> int:
        """The most reports that were on their way at once, the one that ends a hold left out: it never waits."""
        return max((r["under"] for r in self.tell("reports") if r["commit"] is None and r["hold"]), default=0)

    # What is touched.

    def press(self, target: Any) -> tuple[float, float]:
        """Press the mouse in the middle of something and return where that is."""
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        return x, y

    def thumb(self, key: str) -> Any:
        """The thumb of a slider."""
        return self.control(key).locator('[data-rac][style*="left"]').first

    def drag(self, target: Any, by: tuple[float, float], *, moves: int = 30, pause: int = 40) -> tuple[float, float]:
        """Press something and move it; the pointer stays down. Return where the pointer is."""
        x, y = self.press(target)
        for i in range(1, moves + 1):
            self.page.mouse.move(x + by[0] * i / moves, y + by[1] * i / moves)
            self.page.wait_for_timeout(pause)
        return x + by[0], y + by[1]

    def until_answered(self) -> None:
        """Wait until all that was reported is answered, whether or not something is still held."""
        self.until("() => mmlTest.inFlight() <= 0")
        self.page.wait_for_timeout(60)


def free_port() -> int:
    """Return a port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Distant:
    """A line to the server that takes `delay` seconds each way, whatever is on it."""

    def __init__(self, port: int, delay: float = 0.04) -> None:
        """Open the line to `port` on this machine; it runs in a thread of its own."""
        self.target, self.delay, self.port = port, delay, free_port()
        self.loop = asyncio.new_event_loop()
        self.open = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        if not self.open.wait(10):
            raise RuntimeError("the distant line did not open")

    def close(self) -> None:
        """Cut the line."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", self.port))
        self.open.set()
        self.loop.run_forever()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._carry(reader, back), self._carry(there, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what comes, each piece `delay` later: pieces follow each other as closely as they came."""
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due, piece = await queue.get()
                await asyncio.sleep(max(0.0, due - self.loop.time()))
                if not piece:
                    break
                writer.write(piece)
                await writer.drain()

        delivery = asyncio.ensure_future(deliver())
        try:
            while piece := await reader.read(65536):
                queue.put_nowait((self.loop.time() + self.delay, piece))
            queue.put_nowait((self.loop.time() + self.delay, b""))
            await delivery
        except (ConnectionError, asyncio.CancelledError):
            delivery.cancel()
        finally:
            writer.close()
