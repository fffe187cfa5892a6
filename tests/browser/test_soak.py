"""What only a long run shows: the full collection after every run is off, and memory must not grow for that."""

from __future__ import annotations

import pathlib
import time

import pytest

TIP = "e1"


def resident_mb(port: int) -> float:
    """Return the resident memory of the server on that port, in megabytes."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if str(port).encode() in words and b"streamlit" in words:
                status = (folder / "status").read_text()
                return int(status.split("VmRSS:")[1].split()[0]) / 1024
        except OSError:
            continue
    raise LookupError(f"no server on port {port}")


def held_for(screen, seconds: float) -> int:
    """Hold a tip, move it for so long, let it go; return how many reports were answered."""
    before = screen.page.evaluate("window.mmlLive.counters.answered")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        screen.drag(screen.grip(TIP), (40, -30), moves=40)
        screen.page.mouse.up()
        screen.page.wait_for_timeout(300)
    return screen.page.evaluate("window.mmlLive.counters.answered") - before


@pytest.mark.soak
def test_memory_stays_where_it_was_after_many_moves(open, server):
    screen = open()
    held_for(screen, 30)
    start = resident_mb(server)
    answered = held_for(screen, 120)
    assert answered > 100
    assert resident_mb(server) - start < 80
