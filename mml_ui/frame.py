"""One run of one page: what its controls are, what is held at the moment, what was computed. Pages never see this file.

One object, `Session`, holds all that lives longer than a run besides the widgets' values and the browser's last report.
"""

from __future__ import annotations

import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state import get_session_state

from mml_ui.cache import Budget
from mml_ui.settings import settings

# Each run has a thread of its own; asking Streamlit for the session's state is dear by comparison.
_here = threading.local()


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
    session: Session
    controls: dict[str, Control] = field(default_factory=dict)
    offstage: dict[str, Control] = field(default_factory=dict)  # not on the page in this run, but a drag may write them
    were_offstage: frozenset[str] = frozenset()  # in the run before
    values: dict[str, Any] = field(default_factory=dict)
    followers: dict[str, Any] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    handles: list[dict[str, Any]] = field(default_factory=list)
    pads: list[dict[str, Any]] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    says: dict[str, str] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    saves: list[dict[str, str]] = field(default_factory=list)
    problem: str = ""
    defaults_only: bool = False
    hiding: bool = False  # controls are declared, but not drawn
    strict: bool = False  # a computation that fails ends all that is made with it
    grids: int = 0
    slot: Any = None
    look: Any = None

    def full(self, key: str) -> str:
        """Return the widget's key and URL name of a control's short name."""
        return f"{self.page}_{key}"

    def declare(self, control: Control) -> Control:
        """Enter a control; a short name can be used once on a page."""
        if control.key in self.controls:
            raise RuntimeError(f"The page {self.page} declares the control {control.key} twice.")
        self.controls[control.key] = control
        return control

    def taking(self, sets: dict[str, Any], *keys: str) -> dict[str, Any]:
        """Return what else is set when `keys` are taken into the hand: where that changes who owns, all that followed."""
        if all(self.values.get(k) == v for k, v in sets.items()):
            return sets
        return {k: v for k, v in self.followers.items() if k not in keys} | sets

    def link(self) -> str:
        """Return the part of the address behind the host that brings this frame back: all that is not a default."""
        own = {k: _in_link(v) for k, v in self.values.items() if k not in self.followers and v != self.controls[k].default}
        return f"/{self.page}" + ("?" + urllib.parse.urlencode(own, doseq=True) if own else "")

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


def _in_link(value: Any) -> Any:
    """Write a value as an address carries it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, float) else value


STALE = 1.0  # seconds in which a message that left the browser before our last write may still arrive


@dataclass(frozen=True)
class Written:
    """A value that the app itself gave to a control: what it was before, what it is now, and when."""

    old: Any
    new: Any
    at: float


@dataclass
class Session:
    """What lives as long as a visitor's session, besides the widgets' values.

    Attributes:
        frame: The last run that was started: what a callback, which comes before the next one, may look at.
        good: The last good call or value, by page and name.
        fallback: The sentence that made the next run show the defaults.
        viewport: The browser's inner width and height in pixels, once it has told.
        uploads: What was uploaded last, by the key of its upload.
        small: Pictures shrunk for the screen, by digest and size.
        sent: Each figure's tables as they were last sent, by the figure's key and the table's name.
        line: What the live component was last told.
        results: What was computed from this visitor's uploads.
        written: The last value that the app itself gave to each control.
        ranges: Lowest, highest, step and default of each control as it was drawn last.
    """

    frame: Frame | None = None
    good: dict[Any, Any] = field(default_factory=dict)
    fallback: str | None = None
    viewport: tuple[int, int] | None = None
    uploads: dict[str, Any] = field(default_factory=dict)
    small: dict[Any, Any] = field(default_factory=dict)
    sent: dict[tuple[str, str], Any] = field(default_factory=dict)
    line: dict[str, Any] | None = None
    results: Budget = field(default_factory=lambda: Budget(settings().visitor_mb * 1_000_000))
    written: dict[str, Written] = field(default_factory=dict)
    ranges: dict[str, tuple[float, float, float, Any]] = field(default_factory=dict)


def write(key: str, value: Any) -> None:
    """Give a control a value (a drag's end, a preset, a reset); the widget and the URL follow."""
    old = st.session_state.get(key)
    if old != value:
        session().written[key] = Written(old, value, time.monotonic())
    st.session_state[key] = value


def write_link(key: str, value: float | str | None) -> None:
    """Put a control's value into the URL, or take it out, before it is drawn anew, or with a range that it did not have.

    Streamlit takes it for a new one then, and would give it what the link said of the old one. After the browser's
    "back" it is right to: then the link counts.
    """
    context = get_script_run_ctx()
    if context is not None and context.is_history_navigation:
        return
    with get_session_state().query_params() as link:
        if value is None:
            link.remove_param(key)
        else:
            link.set_corrected_value(key, value, "string_value" if isinstance(value, str) else "double_array_value")
        link.set_initial_query_params_from_current()


def restore(key: str) -> bool:
    """Return whether a control's value is an old one that was on its way when the app wrote a new one, and mend it.

    The browser sends the values of all its widgets with every message; one that left before it heard of our write brings
    the old value back, as if the reader had set it.
    """
    last = session().written.get(key)
    if last is None or time.monotonic() - last.at > STALE or st.session_state.get(key) != last.old:
        return False
    st.session_state[key] = last.new
    return True


def session() -> Session:
    """Return the visitor's session."""
    if "mml" not in st.session_state:
        st.session_state["mml"] = Session()
    return st.session_state["mml"]  # type: ignore[no-any-return]


def begin(page: str, held: dict[str, Any]) -> Frame:
    """Start a run."""
    mine = session()
    frame = Frame(page, time.perf_counter(), held, mine)
    if mine.frame is not None:
        frame.were_offstage = frozenset(mine.frame.offstage)
    if mine.fallback is not None:
        frame.defaults_only, frame.problem, mine.fallback = True, mine.fallback, None
    mine.frame = _here.frame = frame
    return frame


def resume(frame: Frame) -> Frame:
    """Go on with an earlier run's frame: nothing on the page has changed since."""
    frame.started = time.perf_counter()
    frame.session.frame = _here.frame = frame
    return frame


def current() -> Frame:
    """Return the run that is on in this thread."""
    frame = getattr(_here, "frame", None)
    if frame is None:
        raise RuntimeError("A page starts with page.begin(...).")
    return frame  # type: ignore[no-any-return]


def fall_back(problem: str) -> NoReturn:
    """Run the page again with the defaults of all its controls: there is nothing good to keep on screen yet."""
    session().fallback = problem
    st.rerun()
