"""The invisible component of a page: what the browser reports while something is dragged, held or played.

Its scripts lie in `live/`, one file per duty, joined here without any build step. If the component cannot load, every
control still works: it answers on release.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import streamlit as st

from mml_ui import frame as frames

SCRIPTS = ("dom", "link", "drag", "handles", "drawing", "play", "mirror", "pictures", "marks", "pointing", "keys", "main")
_FOLDER = Path(__file__).parent / "live"
_STATE = "report"


# The scripts are one message that never changes, so that Streamlit sends it once; what each run sends is a short line.
_LINE = """
export default function (component) {
  window.mmlComponent = component;
  window.mmlAnswer?.(component);
  return () => window.mmlClose?.(component);
}
"""


def _components() -> tuple[Any, Any]:
    scripts = "\n".join((_FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS)
    empty = "<span></span>\n<span></span>"
    component = st.components.v2.component
    return (
        component("mml_scripts", html=empty, js=scripts, isolate_styles=False),
        component("mml_line", html=empty, js=_LINE, isolate_styles=False),
    )


try:
    _scripts, _line = _components()
except Exception:  # without a components runtime (a build that runs in the browser) pages answer on release
    _scripts = _line = None


def key(page: str) -> str:
    """Return the key of a page's component."""
    return f"{page}_live"


def report(page: str) -> dict[str, Any]:
    """Return the browser's last report, checked: {seq, hold, commit, viewport}, empty before the first."""
    state = st.session_state.get(key(page))
    found = state.get(_STATE) if state is not None and hasattr(state, "get") else None
    return found if isinstance(found, dict) else {}


def held(page: str) -> dict[str, Any]:
    """Return the values in the hand; controls check each against their own range."""
    hold = report(page).get("hold")
    return dict(hold) if isinstance(hold, dict) else {}


def viewport(page: str) -> tuple[int, int] | None:
    """Return the browser's inner width and height in pixels, None before it has told."""
    size = report(page).get("viewport")
    if size is not None:
        usable = isinstance(size, list) and len(size) == 2
        if usable and all(isinstance(v, int | float) and 0 < v < 20_000 for v in size):
            frames.session().viewport = (int(size[0]), int(size[1]))
    return frames.session().viewport


def commit() -> None:
    """Write what was dragged or played into the controls, and so into the URL. Runs before the page does."""
    frame = frames.session().frame
    if frame is None:
        return
    values = report(frame.page).get("commit")
    for name, value in (values if isinstance(values, dict) else {}).items():
        control = frame.controls.get(name) or frame.offstage.get(name)
        cleaned = None if control is None else control.clean(value)
        if cleaned is not None:
            frames.write(name, cleaned)


def scripts() -> None:
    """Draw the component that holds the scripts; it never changes."""
    if _scripts is not None:
        _scripts(key="mml_scripts", height="content")


def mount(frame: frames.Frame) -> None:
    """Draw the component with everything that the browser must know of this run; the last thing a page does."""
    if _line is None:
        return
    shown = {
        name: {"value": frame.values[name], "text": c.text(frame.values[name])}
        for name, c in frame.controls.items()
        if frame.held and c.high > c.low and name in frame.values
    }
    line: dict[str, Any] = {
        "page": frame.page, "seq": report(frame.page).get("seq", 0), "holding": bool(frame.held), "shown": shown,
        "handles": [h | {"sets": frame.taking(h["sets"], h["x"], h["y"])} for h in frame.handles], "says": frame.says,
        "ms": round(1000 * (time.perf_counter() - frame.started), 1),
    }  # fmt: skip
    if not frame.held:
        size = frame.session.viewport
        line |= {
            "viewport": list(size) if size else None, "controls": _ranges(frame), "figures": list(frame.figures),
            "lines": frame.lines, "saves": frame.saves, "pads": frame.pads, "background": frame.look.palette.background,
        }  # fmt: skip
    frame.session.line = line
    mount_again()


def _ranges(frame: frames.Frame) -> dict[str, Any]:
    """Return what the browser must know of each control that is live or can be played."""
    return {
        c.key: {
            "label": c.label, "live": c.live, "playable": c.playable, "low": c.low, "high": c.high, "step": c.step,
            "stride": max(c.step, (c.high - c.low) / 20 if c.step < 1 else 1), "seconds": c.seconds,
            "sets": frame.taking(c.sets, c.key),
        }
        for c in frame.controls.values()
        if c.live or c.playable
    }  # fmt: skip


def mount_again() -> None:
    """Draw the component as it was drawn last."""
    line = frames.session().line
    if _line is not None and line is not None:
        _line(key=key(line["page"]), data=line, on_report_change=commit, height="content")
