"""Controls: each is declared in one line, is a native Streamlit widget, and is bound to the URL.

Authors write short names (`key="angle"`); the page's name is put in front for the widget's key and the URL, so that no two
pages ever share a value. While a slider is dragged, a grip is held or a play is on, a control returns the value in the
hand; on release the native widget rules.
"""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar, cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mml_ui import frame as frames
from mml_ui import replay, typed_links
from mml_ui.frame import Control
from mml_ui.typed_links import TypedWeb

Floats = NDArray[np.float64]
T = TypeVar("T")
MAX_POINTS = 60
MAX_TEXT = 4800
MAX_ENTRY = 1e150  # squares of such entries still fit into a float
_PLAIN_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def slider(
    label: str,
    low: float,
    high: float,
    default: float,
    *,
    key: str,
    step: float = 0.01,
    unit: str = "",
    playable: bool = False,
    seconds: float = 3.0,
    live: bool = True,
    shows: float | None = None,
    sets: dict[str, Any] | None = None,
    help: str | None = None,
) -> float:
    """Draw a slider that answers while it is dragged and return its value.

    Args:
        label: Plain words.
        low, high, default: Range and default, in `unit`.
        key: Short name, used in the URL.
        step: The finest step; its decimals are those shown.
        unit: Written behind the number, such as "°".
        playable: Put play buttons on it; the whole range takes `seconds`.
        live: False where the computation is slow: it then answers on release, and says so.
        shows: A value that this control only shows because another one owns it; taking it into the hand sets `sets`.
        sets: Controls (short name to value) that a move of this one sets too, such as who owns the matrix.
        help: What it does, in one sentence.
    """
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    form = f"%.{decimals}f{unit.replace('%', '%%')}"
    control = Control(
        key=_full(key), label=label, default=float(_inside(low, high, default)), clean=_number(low, high),
        text=lambda v: form % v, low=float(low), high=float(high), step=float(step), live=live, playable=playable,
        seconds=seconds, sets=_named(sets),
    )  # fmt: skip
    return _range(control, form, float, shows, help)


def step(
    label: str, low: int, high: int, default: int | None = None, *, key: str, playable: bool = True, seconds: float = 0.0,
    live: bool = True, sets: dict[str, Any] | None = None, help: str | None = None,
) -> int:  # fmt: skip
    """Draw a slider over whole numbers, playable by default: the index into a history; `sets` as for a slider."""
    control = Control(
        key=_full(key), label=label, default=low if default is None else _inside(low, high, default), clean=_whole(low, high),
        text=lambda v: f"{v:.0f}", low=low, high=high, step=1, live=live, playable=playable,
        seconds=seconds or max(2.0, (high - low) / 5), sets=_named(sets),
    )  # fmt: skip
    return cast(int, _range(control, "%d", int, None, help))


def log_slider(
    label: str, low: float, high: float, default: float, *, key: str, step: float = 0.05, live: bool = True,
    playable: bool = False, shows: float | None = None, sets: dict[str, Any] | None = None, help: str | None = None,
) -> float:  # fmt: skip
    """Draw a slider over the exponent k and return 10^k; `low`, `high`, `default` and `shows` are exponents.

    The URL carries the exponent, so that a link holds the exact rate. `shows` and `sets` are those of `slider`.
    """
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    form = f"10^%.{decimals}f"
    control = Control(
        key=_full(key), label=label, default=float(_inside(low, high, default)), clean=_number(low, high),
        text=lambda v: form % v, low=float(low), high=float(high), step=float(step), live=live, playable=playable,
        sets=_named(sets),
    )  # fmt: skip
    return float(10.0 ** _range(control, form, float, shows, help))


def stepper(label: str, low: int, high: int, default: int, *, key: str, help: str | None = None) -> int:
    """Draw a whole number with - and + and return it."""
    control = Control(_full(key), label, _inside(low, high, default), _whole(low, high), low=low, high=high, step=1)
    # As floats, though only whole ones: Streamlit turns a whole number in a link into int(...), and stumbles over "inf".
    limits = [float(v) for v in (low, high, control.default, 1)]
    return cast(int, _drawn(control, st.number_input, *limits, format="%.0f", help=help))


def choice(
    label: str, options: Sequence[str], default: str | None = None, *, key: str, help: str | None = None,
    hide_label: bool = False,
) -> str:  # fmt: skip
    """Draw a choice of one among few options and return it."""
    first = options[0] if default is None else default
    control = Control(_full(key), label, first, lambda v: v if v in options else None)
    seen: Any = "collapsed" if hide_label else "visible"
    return cast(
        str,
        _drawn(
            control,
            st.segmented_control,
            options,
            default=first,
            required=True,
            help=help,
            label_visibility=seen,
            on_change=_handed_over,
        ),
    )


def choices(label: str, options: Sequence[str], default: Sequence[str] = (), *, key: str, help: str | None = None) -> list[str]:
    """Draw a choice of any number of options and return those chosen, in the order of the options."""
    control = Control(
        _full(key), label, list(default), lambda v: [o for o in options if o in v] if isinstance(v, list | tuple) else None
    )
    return cast(list[str], _drawn(control, st.pills, options, selection_mode="multi", default=list(default), help=help))


def toggle(label: str, default: bool = False, *, key: str, help: str | None = None) -> bool:
    """Draw a switch and return whether it is on."""
    control = Control(_full(key), label, default, lambda v: v if isinstance(v, bool) else None)
    return cast(bool, _drawn(control, st.toggle, default, help=help))


def seed(default: int = 1, *, key: str = "seed", label: str = "Seed") -> int:
    """Draw a seed with a button "New seed" and return it: chance that a link repeats."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        value = stepper(label, 0, 9999, default, key=key, help="The same seed gives the same random numbers.")
        fresh = {_full(key): secrets.randbelow(10_000)}
        replay.unmoved(lambda: st.button("New seed", key=f"{_full(key)}_new", on_click=_assign, args=(fresh,)))
    return value


def number(
    label: str, low: float, high: float, default: float, *, key: str, step: float = 0.1, decimals: int = 2,
    shows: float | None = None, sets: dict[str, Any] | None = None, hide_label: bool = False,
) -> float:  # fmt: skip
    """Draw a number to type, or to change by its step, and return it."""
    control = Control(
        _full(key), label, float(_inside(low, high, default)), _number(low, high), lambda v: f"{v:.{decimals}f}",
        low=float(low), high=float(high), step=1e-4, sets=_named(sets),
    )  # fmt: skip
    _show(control, shows)
    return cast(
        float,
        _drawn(
            control, st.number_input, float(low), float(high), control.default, step, format=f"%.{decimals}f",
            on_change=_taken if control.sets else None, args=(control.key, control.sets), follows=shows is not None,
            label_visibility="collapsed" if hide_label else "visible",
        ),
    )  # fmt: skip


def vector(
    label: str, default: Sequence[float], *, key: str, low: float | Sequence[float] = -9.0,
    high: float | Sequence[float] = 9.0, step: float = 0.1, shows: Sequence[float] | None = None,
    sets: dict[str, Any] | None = None,
) -> Floats:  # fmt: skip
    """Draw the components of a vector side by side and return them; the URL names are `key` + 1, 2, ...

    `low` and `high` hold for all components, or there is one for each.
    """
    lows, highs = (np.broadcast_to(np.asarray(v, float), len(default)).tolist() for v in (low, high))
    with _brackets(label, len(default), key):
        found = [
            number(
                f"{label} {i}", lows[i - 1], highs[i - 1], value, key=f"{key}{i}", step=step,
                shows=None if shows is None else float(shows[i - 1]), sets=sets, hide_label=True,
            )
            for i, value in enumerate(default, 1)
        ]  # fmt: skip
    return np.array(found)


def matrix(
    label: str, default: Sequence[Sequence[float]], *, key: str, low: float = -9.0, high: float = 9.0, step: float = 0.1,
    decimals: int = 2, shows: Floats | None = None, sets: dict[str, Any] | None = None,
) -> Floats:  # fmt: skip
    """Draw a matrix as compact numbers, rows below rows, and return it; the URL names are `key` + row + column."""
    rows = [[(i, j, value) for j, value in enumerate(row, 1)] for i, row in enumerate(default, 1)]
    with _brackets(label, len(rows[0]), key):
        found = [
            number(
                f"{label or key} row {i}, column {j}", low, high, value, key=f"{key}{i}{j}", step=step, decimals=decimals,
                shows=None if shows is None else float(shows[i - 1, j - 1]), sets=sets, hide_label=True,
            )
            for row in rows
            for i, j, value in row
        ]  # fmt: skip
    return np.array(found).reshape(len(rows), -1)


@contextmanager
def _brackets(label: str, columns: int, key: str) -> Iterator[None]:
    """Lay out compact numbers in brackets, with their label in front."""
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        if label:
            replay.unmoved(lambda: st.caption(label, width="content"))
        with st.container(key=f"mml_brackets{columns}_{_full(key)}"):
            yield


def text(
    label: str, default: str = "", *, key: str, max_chars: int = MAX_TEXT, lines: int = 1, help: str | None = None,
    settle: Callable[[str], str] = str, hide_label: bool = False,
) -> str:  # fmt: skip
    """Draw a line, or some lines, of text of bounded length and return it; `settle` tidies what a drag wrote into it."""
    control = Control(_full(key), label, default, lambda v: settle(v)[:max_chars] if isinstance(v, str) else None)
    if lines == 1:
        return cast(str, _drawn(control, st.text_input, default, max_chars=max_chars, help=help))
    look: dict[str, Any] = dict(height=36 + 21 * lines, label_visibility="collapsed" if hide_label else "visible")
    return cast(str, _drawn(control, st.text_area, default, max_chars=max_chars, help=help, **look))


def pick(label: str, options: Sequence[str], default: str | None = None, *, key: str, width: int = 160) -> str:
    """Draw a choice of one among many options, which may depend on data, without a label to see, and return it."""
    first = options[0] if default is None else default
    control = Control(_full(key), label, first, lambda v: v if v in options else None)
    look: dict[str, Any] = dict(label_visibility="collapsed", width=width)
    return cast(str, _drawn(control, st.selectbox, options, options.index(first), **look))


def links(
    label: str, default: str, *, key: str, lines: int = 6, drawn: bool = True, help: str | None = None
) -> TypedWeb | None:
    """Draw the links of a web as text that the reader may edit, and return the web; a drag on its picture edits the text too.

    A mistake in it gets a sentence under the picture; the last good web stays. With `drawn=False` it is not on the page, and
    None is returned, but a drag may still write it.
    """
    with shown_if(drawn):
        read, settle = typed_links.parsed, typed_links.settled
        web = typed(label, default, read, key=key, lines=lines, help=help, settle=settle, hide_label=True)
    return web if drawn else None


@contextmanager
def shown_if(condition: bool) -> Iterator[None]:
    """Draw the controls inside only where the condition holds.

    Where it does not they are not on the page and return their defaults, but a preset or a drag may still write them.
    """
    frame = frames.current()
    before, frame.hiding = frame.hiding, frame.hiding or not condition
    try:
        yield
    finally:
        frame.hiding = before


def points(label: str, default: str, *, key: str, low: float = -9.0, high: float = 9.0, help: str | None = None) -> Floats:
    """Draw a list of points `x,y;x,y` in one line that the reader may edit, and return them (n, 2).

    A mistake in the line gets a sentence under the picture; the last good points stay.
    """
    return typed(label, default, lambda line: parsed_points(line, low, high), key=key, help=help)


def parsed_points(line: str, low: float = -9.0, high: float = 9.0) -> Floats:
    """Read points written `x,y;x,y`.

    >>> parsed_points("1,2; 3,-4.5")
    array([[ 1. ,  2. ],
           [ 3. , -4.5]])

    Raises:
        ValueError: A part is not two numbers, a number is out of range, or there are more than 60 points.
    """
    parts = [part.strip() for part in line.split(";") if part.strip()]
    if len(parts) > MAX_POINTS:
        raise ValueError(f"there are {len(parts)} points; at most {MAX_POINTS} fit into a link.")
    rows = []
    for i, part in enumerate(parts, 1):
        numbers = re.split(r"[\s,]+", part.strip("() "))
        try:
            x, y = (float(n) for n in numbers)
        except ValueError:
            raise ValueError(f"point {i}, “{part[:40]}”, is not two numbers; write it as x,y, such as 1.5,-2.") from None
        if not (low <= x <= high and low <= y <= high):
            raise ValueError(f"point {i}, “{part[:40]}”, is outside {low:g} to {high:g}.")
        rows.append((x, y))
    return np.array(rows, dtype=float).reshape(-1, 2)


def square(label: str, default: str, *, key: str, largest: int = 200, help: str | None = None) -> Floats:
    """Draw a square matrix `1 2; 3 4` in one line that the reader may edit, and return it (n, n), n at most `largest`.

    A mistake in the line gets a sentence under the picture; the last good matrix stays.
    """
    return typed(label, default, lambda line: parsed_square(line, largest), key=key, help=help)


def parsed_square(line: str, largest: int = 200) -> Floats:
    """Read a square matrix: rows end with `;` or the line, numbers with blanks, commas or tabs.

    >>> parsed_square("1 2; 3 -4.5")
    array([[ 1. ,  2. ],
           [ 3. , -4.5]])

    Raises:
        ValueError: An entry is no number or over 1e150, the rows are not as long as there are rows, or there are too many.
    """
    parts = [part.strip() for part in re.split(r"[;\r\n]", line) if part.strip()]
    if not parts:
        raise ValueError("there is no number; write the rows one after the other, such as 1 2; 3 4.")
    if len(parts) > largest:
        raise ValueError(f"there are {len(parts)} rows; at most {largest} can be taken.")
    rows = [_row(i, part) for i, part in enumerate(parts, 1)]
    for i, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise ValueError(f"row {i} has {_entries(row)} and row 1 has {len(rows[0])}; give every row equally many.")
    if len(rows[0]) != len(rows):
        size = f"{len(rows)} row{'s' if len(rows) > 1 else ''} of {_entries(rows[0])}"
        raise ValueError(f"{size} are not square; write as many rows as each has numbers, such as 1 2; 3 4.")
    return np.array(rows, dtype=float)


def _row(i: int, part: str) -> list[float]:
    """Read row number i of a matrix."""
    row = []
    for j, entry in enumerate(re.split(r"\s*,\s*|\s+", part), 1):
        if not _PLAIN_NUMBER.fullmatch(entry):
            raise ValueError(f"row {i}, entry {j}, “{entry[:40]}”, is not a number; write it as 1.5 or -2e3.")
        if not abs(float(entry)) <= MAX_ENTRY:
            raise ValueError(f"row {i}, entry {j}, “{entry[:40]}”, is too large; write a number from -1e150 to 1e150.")
        row.append(float(entry))
    return row


def _entries(row: Sequence[float]) -> str:
    return f"{len(row)} number{'s' if len(row) > 1 else ''}"


def edits(label: str, default: str = "", *, key: str, help: str | None = None) -> dict[str, float]:
    """Draw a list of changes `name=value;name=value` and return them by name.

    A mistake in the line gets a sentence under the picture; the last good edits stay.
    """
    return typed(label, default, parsed_edits, key=key, help=help)


def parsed_edits(line: str) -> dict[str, float]:
    """Read changes written `name=value;name=value`.

    >>> parsed_edits("w21=0.5; b1=-1")
    {'w21': 0.5, 'b1': -1.0}

    Raises:
        ValueError: A part is not a plain name, `=` and a finite number.
    """
    found = {}
    for part in (p.strip() for p in line.split(";")):
        if not part:
            continue
        match = re.fullmatch(r"([A-Za-z]\w{0,20})\s*=\s*([-+.\deE]{1,24})", part)
        try:
            value = float(match[2]) if match else math.nan
        except ValueError:
            value = math.nan
        if match is None or not math.isfinite(value):
            raise ValueError(f"“{part[:40]}” is not a change; write name=number, such as w21=0.5.")
        found[match[1]] = value
    return found


def typed(
    label: str, default: str, read: Callable[[str], T], *, key: str, about: Any = None, lines: int = 1, help: str | None = None,
    settle: Callable[[str], str] = str, hide_label: bool = False,
) -> T:  # fmt: skip
    """Draw text and return what `read` makes of it; after a mistake, which gets a sentence, the last good one.

    `about` is what else the reading depends on: the last good one of something else is none.
    """
    line = text(label, default, key=key, lines=lines, help=help, settle=settle, hide_label=hide_label)
    frame = frames.current()
    good, name = frame.session.good, (frame.page, "typed", key)
    try:
        good[name] = (about, read(line))
    except ValueError as mistake:
        frame.problem = f"{label}: {mistake}"
    return cast(T, good[name][1] if name in good and good[name][0] == about else read(default))


def setter(
    label: str, values: dict[str, Any], *, key: str, icon: str | None = None, help: str | None = None, off: bool = False
) -> None:
    """Draw a button that gives values to other controls, by short name; it is no control itself, and not in the link."""
    button, full = _full(key), _named(values)
    replay.unmoved(lambda: st.button(label, key=button, on_click=_assign, args=(full,), icon=icon, help=help, disabled=off))


def reset() -> None:
    """Draw the button that brings every control of this page back to its default."""
    key = f"{frames.current().page}_reset"
    replay.unmoved(lambda: st.button("Reset", key=key, on_click=_reset, icon=":material/restart_alt:"))


def _reset() -> None:
    frame = frames.session().frame
    if frame is not None:
        _assign({key: control.default for key, control in (frame.offstage | frame.controls).items()})


def spread(values: dict[str, Any]) -> dict[str, Any]:
    """Return full keys and values of short names; a matrix or vector is written as numbers, row by row, or as text.

    `dict(A="0 -1 1 0")` gives `transforms_A11`, ... on the page `transforms`.
    """
    frame = frames.current()
    found: dict[str, Any] = {}
    for short, value in values.items():
        full = frame.full(short)
        if full in frame.controls or full in frame.offstage:
            found[full] = value
            continue
        entries = sorted(k for k in frame.controls if re.fullmatch(re.escape(full) + r"\d{1,2}", k))
        numbers = np.array(value.split() if isinstance(value, str) else value, dtype=float).ravel()
        if not entries or len(entries) != len(numbers):
            raise RuntimeError(f"The page {frame.page} has no control {short} that takes {value!r}.")
        found.update(zip(entries, numbers.tolist(), strict=True))
    return found


def _range(control: Control, form: str, kind: type, shows: float | None, help: str | None) -> float:
    notes = [help or "", "" if control.live else "Answers on release: this computation is slow."]
    top, fixed = control.high, control.high <= control.low
    if fixed:  # data may leave nothing to choose, and Streamlit refuses a slider without any length
        control, top = replace(control, live=False, playable=False), control.low + control.step
    _show(control, shows)
    limits = [kind(v) for v in (control.low, top, control.default, control.step)]
    return cast(
        float,
        _drawn(
            control, st.slider, *limits, format=form, help=" ".join(n for n in notes if n) or None, disabled=fixed,
            on_change=_taken if control.sets else None, args=(control.key, control.sets), follows=shows is not None,
        ),
    )  # fmt: skip


def _drawn(control: Control, widget: Callable[..., Any], *args: Any, follows: bool = False, **options: Any) -> Any:
    """Draw a control's native widget, bound to the URL, and return the value that counts."""
    frame = frames.current()
    if frame.hiding:
        frame.offstage[control.key] = control
        return control.default
    frame.declare(control)
    bind = None if follows else "query-params"  # what only shows another's value does not belong into the link
    if not replay.held():
        frames.restore(control.key)
        _fit(control, follows)
    replay.unmoved(lambda: widget(control.label, *args, key=control.key, bind=bind, **options))
    return frame.value(control, st.session_state.get(control.key, control.default))


def _fit(control: Control, follows: bool) -> None:
    """See that session and link carry a value that fits the control, whose range or options may depend on data."""
    frame, key = frames.current(), control.key
    span = (control.low, control.high, control.step, control.default)
    before = frame.session.ranges.get(key, span)
    moved = before[:3] != span[:3]
    if not frame.defaults_only:  # a run in between, whose ranges may be those of other data
        frame.session.ranges[key] = span
    value = st.session_state.get(key)
    if value is None:
        return
    # What was left at its default stays at it, as in a link, which does not say it.
    fitting = control.default if moved and value == before[3] else _fitting(control, value)
    if moved or fitting != value:
        frames.write(key, fitting)
    elif not follows and value != control.default and key not in st.query_params:
        st.session_state[key] = value  # the control only showed it for another before: now it goes into the link
        if isinstance(value, str) or (key in frame.were_offstage and isinstance(value, int | float)):
            frames.write_link(key, value)  # or it was written while it was not on the page
    elif value == control.default and key in frame.were_offstage and key in st.query_params:
        frames.write_link(key, None)  # a reset while it was not on the page: what the link said is over
    if moved and not follows:
        frames.write_link(key, None if fitting == control.default else fitting)


def _fitting(control: Control, value: Any) -> Any:
    """Return the value itself where it is one of the control's, else the nearest one or the default."""
    cleaned = control.clean(value)
    if cleaned is None or (value and cleaned == []):
        return control.default
    same = cleaned == value or (isinstance(cleaned, list) and len(cleaned) == len(value))
    return value if same else cleaned


def _show(control: Control, value: float | None) -> None:
    """Let a control that another one owns show its value, unless a hold is on: then the browser shows it."""
    frame = frames.current()
    if value is None or not math.isfinite(value):
        return
    shown = min(control.high, max(control.low, round(value / control.step) * control.step))
    shown = round(shown, 9) + 0.0
    frame.followers[control.key] = shown
    if frame.held:
        frame.held.setdefault(control.key, shown)
    elif st.session_state.get(control.key, control.default) != shown:
        frames.write(control.key, shown)


def _assign(values: dict[str, Any]) -> None:
    for key, value in values.items():
        frames.write(key, value)


def _taken(key: str, sets: dict[str, Any]) -> None:
    """A reader took a control into the hand: what it sets is set too, unless only an old message came late."""
    frame = frames.session().frame
    if not frames.restore(key) and frame is not None:
        _assign(frame.taking(sets, key))


def _handed_over() -> None:
    """Another owner was chosen: what followed until now goes on from what it showed."""
    frame = frames.session().frame
    if frame is not None:
        _assign(frame.followers)


def _full(key: str) -> str:
    return frames.current().full(key)


def _named(sets: dict[str, Any] | None) -> dict[str, Any]:
    return {_full(short): value for short, value in (sets or {}).items()}


def _inside(low: float, high: float, value: float) -> float:
    """Return the value or, where data made the range smaller, the end of the range that is nearest."""
    return min(high, max(low, value))


def _number(low: float, high: float) -> Callable[[Any], float | None]:
    def clean(value: Any) -> float | None:
        usable = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < math.inf
        return float(min(high, max(low, value))) if usable else None

    return clean


def _whole(low: int, high: int) -> Callable[[Any], int | None]:
    inner = _number(low, high)

    def clean(value: Any) -> int | None:
        number = inner(value)
        return None if number is None else round(number)

    return clean
