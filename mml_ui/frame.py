"""One run of one page: what its controls are, what is held at the moment, what was computed. Pages never see this file.

The only place, with controls.py and live.py, that touches the session state. Three things live there besides the widgets'
values: this frame (new on each run), the page's last good results, and the browser's last report.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

_FRAME = "mml_frame"
_GOOD = "mml_last_good"
_FALLBACK = "mml_fallback"


@dataclass(frozen=True)
class Control:
    """What is known of one control: enough to check a value that comes from outside and to write it as the widget does."""

    key: str
    label: str
    default: Any
    clean: Callable[[Any], Any]
    text: Callable[[Any], str] = str
    low: float = 0.0
    high: float = 0.0
    step: float = 0.0
    live: bool = False
    playable: bool = False
    seconds: float = 3.0
    sets: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One computation of the page: the function, its arguments and its result."""

    function: Callable[..., Any]
    arguments: dict[str, Any]
    result: Any


@dataclass
class Frame:
    """The state of one run."""

    page: str
    started: float
    held: dict[str, Any]
    controls: dict[str, Control] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    handles: list[dict[str, Any]] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    says: dict[str, str] = field(default_factory=dict)
    lines: list[dict[str, str]] = field(default_factory=list)
    saves: list[dict[str, str]] = field(default_factory=list)
    problem: str = ""
    defaults_only: bool = False
    slot: Any = None

    def full(self, key: str) -> str:
        """Return the widget's key and URL name of a control's short name."""
        return f"{self.page}_{key}"

    def declare(self, control: Control) -> Control:
        """Enter a control; a short name can be used once on a page."""
        if control.key in self.controls:
            raise RuntimeError(f"The page {self.page} declares the control {control.key} twice.")
        self.controls[control.key] = control
        return control

    def value(self, control: Control, native: Any) -> Any:
        """Return the value that counts: the default in a fallback, the held one in a drag, else the widget's."""
        value = control.clean(native)
        if control.key in self.held:
            held = control.clean(self.held[control.key])
            value = value if held is None else held
        if value is None or self.defaults_only:
            value = control.default
        self.values[control.key] = value
        return value


def begin(page: str, held: dict[str, Any]) -> Frame:
    """Start a run."""
    frame = Frame(page, time.perf_counter(), held)
    problem = st.session_state.pop(_FALLBACK, None)
    if problem is not None:
        frame.defaults_only, frame.problem = True, problem
    st.session_state[_FRAME] = frame
    return frame


def current() -> Frame:
    """Return the run that is on."""
    frame = st.session_state.get(_FRAME)
    if frame is None:
        raise RuntimeError("A page starts with page.begin(...).")
    return frame  # type: ignore[no-any-return]


def last() -> Frame | None:
    """Return the last run: what a callback, which comes before the next one, may look at."""
    return st.session_state.get(_FRAME)


def last_good() -> dict[Any, Any]:
    """Return this session's last good results, by page and function."""
    return st.session_state.setdefault(_GOOD, {})  # type: ignore[no-any-return]


def fall_back(problem: str) -> None:
    """Run the page again with the defaults of all its controls: there is nothing good to keep on screen yet."""
    st.session_state[_FALLBACK] = problem
    st.rerun()
