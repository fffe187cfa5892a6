"""What every page shares: its frame, its computations, presets, second-level views, the formula, and the way onward."""

from __future__ import annotations

import functools
import gc
import inspect
import logging
import math
import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np
import streamlit as st
from threadpoolctl import threadpool_limits

from mml_charts.theme import Look, Scale, Size, Theme
from mml_ui import cache, contents, controls, figures, live, replay
from mml_ui import frame as frames
from mml_ui.settings import settings

P = ParamSpec("P")
R = TypeVar("R")
_log = logging.getLogger("mml")
_shared = cache.Budget(settings().cache_mb * 1_000_000)
_slow_jobs = threading.BoundedSemaphore(os.cpu_count() or 1)
PATIENCE = 0.3  # seconds that a slow job may take before a bar appears: a shorter one would only flash
_STYLE = Path(__file__).parent / "style.css"


@dataclass(frozen=True)
class Preset:
    """A state worth seeing: its name, one line of why, and values by short name. Other named controls get their defaults."""

    name: str
    why: str
    values: Mapping[str, Any] = field(default_factory=dict)


@functools.cache
def _once() -> None:
    """Do what a server does once, when its imports are done.

    `gc.freeze()` spares the ordinary collector the modules that never die (the full collection after every run is off).
    BLAS gets one thread, and so does OpenMP, which scikit-learn brings along when it is first needed: with many visitors on
    few cores, two threads wait for each other and the slowest moves take ten times as long.
    """
    threadpool_limits(limits=1, user_api="blas")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    gc.collect()
    gc.freeze()


def run(url: str, story: Callable[[], None]) -> None:
    """Draw an explorer's page: title, claim, contents list, and its story; then stay live.

    `story` is the page's code. It runs whole on every ordinary rerun, and again for each move of a drag or a play, when
    only what it draws differently is sent (see replay.py).
    """
    this = contents.explorer(url)
    st.set_page_config(page_title=f"{this.name} · MML Explorers", layout="wide", initial_sidebar_state="collapsed")
    _once()
    live.viewport(url)
    frame = frames.begin(url, live.held(url))
    style()
    contents.sidebar(url)
    st.markdown(f"# {this.name} :small[{this.claim}]", anchors=False)
    live.scripts()
    recording = replay.first(story)
    running = True

    @st.fragment
    def line() -> None:
        nonlocal frame
        if not running:  # the browser has reported
            live.viewport(url)
            before, frame = frame, frames.begin(url, live.held(url))
            if frame.held:
                look()
                replay.again(story, recording)
            elif before.held or live.report(url).get("commit") or look() != before.look:
                live.mount_again()  # or the component would leave the page for a moment
                st.rerun()
            else:  # it has only told the size of its window, which changes nothing
                frame = frames.resume(before)
        live.mount(frame)

    line()
    running = False


def home() -> None:
    """Start the home page."""
    st.set_page_config(page_title="MML Explorers", layout="wide", initial_sidebar_state="collapsed")
    _once()
    frames.begin("", {})
    style()
    contents.sidebar("")
    st.markdown("# MML Explorers :small[See and touch the mathematics of machine learning.]", anchors=False)


def style() -> None:
    """Load the style sheet and the theme's colours and sizes that it reads."""
    p = look().palette
    colours = {"background": p.background, "text": p.text, "reference": p.reference, "border": p.border, "accent": p.primary}
    values = colours | {"faint": p.faint, "picture": f"{look().width}px"}
    root = "".join(f"--mml-{name}: {value};" for name, value in values.items())
    st.html(f"<style>:root {{{root}}}\n{_style_sheet()}</style>")


@functools.cache
def _style_sheet() -> str:
    return _STYLE.read_text(encoding="utf-8")


def look() -> Look:
    """Return the static arguments of this run's figures: the browser's width, lecture mode or not, light or dark."""
    frame = frames.current()
    if frame.look is None:
        frame.look = _look(frame.session.viewport)
    return frame.look  # type: ignore[no-any-return]


def _look(viewport: tuple[int, int] | None) -> Look:
    theme: Theme = "dark" if st.context.theme.type == "dark" else "light"
    scale: Scale = "lecture" if st.query_params.get("lecture") == "1" else "normal"
    if viewport is None:  # the first run: guess by what the browser calls itself, so that most screens never change size
        phone = "Mobi" in (st.context.headers.get("User-Agent") or "")
        return Look("small" if phone else "medium", scale, theme)
    width, height = viewport
    size: Size = "small" if width < 640 or height < 560 else "large" if width >= 1500 and height >= 960 else "medium"
    # The height is an argument only where type depends on it: each look has charts of its own, built once.
    return Look(size, scale, theme, height) if scale == "lecture" else Look(size, scale, theme)


def columns() -> tuple[Any, Any]:
    """Return the two halves of the stage: the picture, and beside it (on a phone below it) controls and readouts."""
    with st.container(key="mml_stage", horizontal=True):
        return st.container(key="mml_picture"), st.container(key="mml_controls")


def beside() -> tuple[Any, Any]:
    """Return two places of the second level: a small picture, and what stands beside it (on a phone below it)."""
    with st.container(key="mml_beside", horizontal=True):
        return st.container(width="content"), st.container()


def grid(columns: int) -> Any:
    """Return a container that lays its elements out in equal columns, row by row."""
    frame = frames.current()
    frame.grids += 1
    return st.container(key=f"mml_grid{columns}_{frame.grids}")


def compute(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return `function(*args, **kwargs)` from the core, or the last good result with a sentence on what is wrong.

    The result is kept by everything it was computed from and is read-only. A result made from an upload stays in the
    visitor's session. Function and arguments are recorded for the formula and the notebook.
    """
    return _run(function, _arguments(function, *args, **kwargs), lambda: function(*args, **kwargs))


def attempt(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R | None:
    """Return `function(*args, **kwargs)` as `compute` does, or None with the sentence on what is wrong written here.

    For a part of the page that can be left out: unlike the main picture it has no last state worth keeping.
    """
    return _tried(function, _arguments(function, *args, **kwargs), lambda: function(*args, **kwargs))


class _WaitError(ValueError):
    """What is slow is not made in a hold: what was made before stays, and nothing is wrong."""


def together(make: Callable[[], R]) -> R:
    """Return all that `make` computes, or all of what it last made with the sentence on what is wrong.

    For what must not be mixed, such as a table and what was fitted to it: in it a computation that fails ends all of it.
    """
    frame = frames.current()
    place = f"{make.__qualname__} in line {make.__code__.co_firstlineno}"  # a function may make more than one thing
    name, before = (frame.page, place), len(frame.calls)
    frame.strict = True
    try:
        made = make()
    except ValueError as mistake:
        del frame.calls[before:]
        waits = isinstance(mistake, _WaitError) and name in frame.session.good
        made, calls = frame.session.good[name] if waits else _kept(frame, name, str(mistake))
        frame.calls += calls
        return made
    finally:
        frame.strict = False
    frame.session.good[name] = (made, frame.calls[before:])
    return made


def _tried(function: Callable[..., R], arguments: dict[str, Any], job: Callable[[], R]) -> R | None:
    """Return a result, or None with the sentence on what is wrong written here."""
    try:
        call = _call(function, arguments, job)
    except ValueError as mistake:
        st.markdown(figures.problem_text(str(mistake)))
        return None
    frames.current().calls.append(call)
    return call.result  # type: ignore[no-any-return]


def attempt_slow(function: Callable[..., R], *args: Any, **kwargs: Any) -> R | None:
    """Return what `slow` does, or None with the sentence on what is wrong written here: for a part that can be left out.

    In a hold it returns what is kept, or None: its last result may be one of something else.
    """
    arguments, _ = _slow_arguments(function, *args, **kwargs)
    place = st.empty()
    if frames.current().held and not _store(arguments).holds(_identity(function, arguments)):
        return None
    return _tried(function, arguments, lambda: _waited(place, "", function, *args, **kwargs))


def _slow_arguments(function: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[dict[str, Any], bool]:
    """Return the arguments that a slow result is known by, and whether the function can go on from an earlier one."""
    arguments = _arguments(function, *args, report=None, **kwargs)
    return {name: value for name, value in arguments.items() if name not in ("report", "before")}, "before" in arguments


def _waited(place: Any, stops: str, function: Callable[..., R], *args: Any, **kwargs: Any) -> R:
    """Run a slow job, with a bar in that place."""
    waiting = _Waiting(place, stops)
    try:
        with _slow_jobs:
            return function(*args, report=waiting.report, **kwargs)
    finally:
        place.empty()


def slow(function: Callable[..., R], *args: Any, stops: str = "", **kwargs: Any) -> R:
    """Compute what takes longer than 50 ms: with a bar, on release only, at most one job a core at a time.

    `function` takes `report(done, total)` and calls it 10 to 20 times a second: that is where a superseded run stops. Where
    it takes `before`, it is given its last good result, from which it may go on. With `stops`, the short name of the control
    that says how much is to be done, a button beside the bar sets it to what has been done until then.
    """
    frame, place = frames.current(), st.empty()
    good = frame.session.good.get((frame.page, function.__qualname__))
    arguments, goes_on = _slow_arguments(function, *args, **kwargs)
    if frame.held and good is not None and not _store(arguments).holds(_identity(function, arguments)):
        if frame.strict:
            raise _WaitError("it is computed on release.")
        frame.calls.append(good)
        return good.result  # type: ignore[no-any-return]
    further = {"before": None if good is None else good.result} if goes_on else {}
    key = frame.full(stops) if stops else ""
    return _run(function, arguments, lambda: _waited(place, key, function, *args, **further, **kwargs))


class _Waiting:
    """The bar of a slow job and, where it can be cut short, its button; it comes when the job has taken long enough to see."""

    def __init__(self, place: Any, stops: str) -> None:
        self.place, self.stops, self.begun, self.done = place, stops, time.monotonic(), 0
        self.bar: Any = None

    def report(self, done: int, total: int) -> None:
        self.done = done
        if self.bar is None and time.monotonic() - self.begun > PATIENCE:
            with self.place.container(horizontal=True, vertical_alignment="center"):
                self.bar = st.progress(0.0)
                if self.stops:
                    st.button("Stop", key=f"{self.stops}_stop", on_click=self.stop, icon=":material/stop:")
        if self.bar is not None:
            self.bar.progress(min(1.0, done / total))

    def stop(self) -> None:
        frames.write(self.stops, self.done)


def _arguments(function: Callable[..., Any], *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Return all arguments of a call by name, defaults too."""
    bound = _signature(function).bind(*args, **kwargs)
    bound.apply_defaults()
    further = next((name for name, p in _signature(function).parameters.items() if p.kind is p.VAR_KEYWORD), None)
    named = dict(bound.arguments)
    more = named.pop(further) if further else {}
    return named | more


@functools.cache
def _signature(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function)


def _run(function: Callable[..., R], arguments: dict[str, Any], job: Callable[[], R]) -> R:
    frame = frames.current()
    name = (frame.page, function.__qualname__)
    try:
        call = frame.session.good[name] = _call(function, arguments, job)
    except ValueError as mistake:
        if frame.strict:
            raise
        call = _kept(frame, name, str(mistake))
    except Exception as fault:
        incident = secrets.token_hex(3)
        _log.exception("incident %s on page %s in %s", incident, frame.page, function.__qualname__)
        sentence = f"This went wrong, and the mistake is ours: please report it as incident {incident}."
        if frame.strict:
            raise ValueError(sentence) from fault
        call = _kept(frame, name, sentence)
    frame.calls.append(call)
    return call.result  # type: ignore[no-any-return]


def _call(function: Callable[..., R], arguments: dict[str, Any], job: Callable[[], R]) -> frames.Call:
    """Return the call with its result, kept by everything it was computed from; what comes from an upload stays private."""
    store = _store(arguments)
    result = store.get(_identity(function, arguments), job)
    if store is not _shared:
        cache.mark_private(result)
    return frames.Call(function, arguments, result)


def _store(arguments: dict[str, Any]) -> cache.Budget:
    """Return where a result is kept: what is computed from an upload stays in the visitor's session."""
    return frames.current().session.results if cache.is_private(arguments) else _shared


def _identity(function: Callable[..., Any], arguments: dict[str, Any]) -> bytes:
    """Return the name of a result: the function and everything that it was computed from."""
    return f"{function.__module__}.{function.__qualname__}:".encode() + cache.fingerprint(arguments)


def _kept(frame: frames.Frame, name: tuple[str, str], problem: str) -> Any:
    """Return what is kept of that name, the last good call; in a fresh session run the page with its defaults instead."""
    good = frame.session.good.get(name)
    if good is None:
        if frame.defaults_only:
            raise RuntimeError(f"{name[1]} fails for the defaults of the page {frame.page}: {problem}")
        frames.fall_back(f"{problem} Shown instead: the page's default.")
    frame.problem = frame.problem or f"{problem} The last good picture stays."
    return good


def presets(items: Sequence[Preset]) -> None:
    """Draw the presets as a row of pills, with the one line of why of the preset that is on. Drawn after the controls."""
    frame = frames.current()
    named = {short: None for preset in items for short in preset.values}
    base: dict[str, Any] = {}
    for short in named:
        full = frame.full(short)
        found = (
            [full] if full in frame.controls else [k for k in frame.controls if k.startswith(full) and k[len(full) :].isdigit()]
        )
        base |= {k: frame.controls[k].default for k in found}
        base |= {k: c.default for k, c in frame.offstage.items() if k == full}
    targets = {}
    for preset in items:
        values = controls.spread(dict(preset.values))
        owners = {k: v for full in values if full in frame.controls for k, v in frame.controls[full].sets.items()}
        targets[preset.name] = base | owners | values
    seen = {k: v for k, v in frame.values.items() if k not in frame.followers}  # what only follows says nothing of its own
    active = next((name for name, target in targets.items() if all(_same(v, target.get(k, v)) for k, v in seen.items())), None)
    key = f"{frame.page}_preset"

    def apply() -> None:
        if frames.restore(key):  # a message that left before the browser heard that the preset is no longer on
            return
        for name, value in targets.get(st.session_state[key], {}).items():
            frames.write(name, value)

    def draw() -> None:
        if st.session_state.get(key) != active:
            frames.write(key, active)
        st.pills("Presets", list(targets), key=key, on_change=apply, label_visibility="collapsed")
        why = next((f"**{p.name}**: {p.why}" for p in items if p.name == active), "Press one: each is a state worth seeing.")
        st.caption(why)

    replay.unmoved(draw)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=0, abs_tol=1e-9)
    return bool(one == other)


def invariant(name: str, left: tuple[str, float], right: tuple[str, float], tol: float = 1e-12) -> None:
    """Show an invariant with both sides, and whether they agree to `tol` relative to the larger one (at least 1)."""
    gap = abs(left[1] - right[1]) / max(1.0, abs(left[1]), abs(right[1]))
    verdict = f"equal to {tol:.0e}".replace("e-0", "e-") if gap <= tol else f"**they differ by {gap:.1e}**"
    st.markdown(f"{name} · check: {left[0]} {number(left[1])}, {right[0]} {number(right[1])}, {verdict}")


def number(value: float, digits: int = 4) -> str:
    """Write a number with at most `digits` significant digits and a true minus.

    >>> number(-0.123456), number(1e-17), number(2.0)
    ('−0.1235', '0', '2')
    """
    if abs(value) < 1e-12:
        return "0"
    return f"{value:.{digits}g}".replace("-", "−")


def complex_number(value: complex, digits: int = 4) -> str:
    """Write a number that may be complex.

    >>> complex_number(1.5 - 2j), complex_number(2j), complex_number(3)
    ('1.5 − 2 i', '2 i', '3')
    """
    real, imag = number(float(np.real(value)), digits), number(abs(float(np.imag(value))), digits)
    if imag == "0":
        return real
    minus = bool(np.imag(value) < 0)
    return f"{'−' * minus}{imag} i" if real == "0" else f"{real} {'−' if minus else '+'} {imag} i"


def views(items: Mapping[str, Callable[[], None]]) -> None:
    """Draw second-level pictures as tabs bound to the URL; only the open one runs.

    What goes wrong in it is said there too: the main picture's sentence may be out of sight.
    """
    frame = frames.current()
    tabs = st.tabs(list(items), key=frame.full("view"), bind="query-params", on_change="rerun")
    for tab, draw in zip(tabs, items.values(), strict=True):
        if tab.open:
            with tab:
                place, before = st.empty(), frame.problem
                draw()
                if frame.problem != before:
                    place.markdown(figures.problem_text(frame.problem))


def why(formula: str, numbers: str, function: Callable[..., Any]) -> None:
    """Show the formula with the current numbers in it, the formula, and the source of the function that ran."""
    frame = frames.current()
    st.latex(numbers)

    def draw() -> None:
        st.latex(formula)
        drawer = st.expander("The code that drew this", key=frame.full("code"), on_change="rerun", icon=":material/code:")
        if drawer.open:
            with drawer:
                code(function)

    replay.unmoved(draw)


def code(function: Callable[..., Any]) -> None:
    """Show the source of a function that ran."""
    st.code(inspect.cleandoc(inspect.getsource(inspect.unwrap(function))), language="python")


def truths(figure: str, lines: Sequence[tuple[str, str]]) -> None:
    """Show "why it is true": lines of (text, mark), each of which lights up its mark in the figure."""
    frame = frames.current()
    key = f"mml_lines_{frame.page}"
    frame.lines.append({"key": key, "figure": figures.container_key(frame.page, figure), "marks": [mark for _, mark in lines]})
    listed = "\n".join(f"{i}. {text}" for i, (text, _) in enumerate(lines, 1))
    heading = "Point at a line to light up its part of the picture."

    def draw() -> None:
        with st.container(key=key):
            st.markdown(f"{heading}\n\n{listed}")

    replay.unmoved(draw)


def end(*, tries: Sequence[str] = (), before: contents.Step | None = None, after: contents.Step | None = None) -> None:
    """Finish a page: things to try, and where to go."""

    def draw() -> None:
        if tries:
            st.markdown("**Try**  \n" + "  \n".join(f"→ {line}" for line in tries))
        known = {e.url for e in contents.EXPLORERS}
        with st.container(horizontal=True, key="mml_onward"):
            for word, onward in (("Before this", before), ("Next", after)):
                if onward is not None and onward.url in known:
                    contents.link(onward.url, f"{word}: **{contents.explorer(onward.url).name}**, {onward.why}")
            contents.link("", "All explorers")

    replay.unmoved(draw)
    figures.say_problem(frames.current())
