"""Rankings: one bar a row in the order given, with where it started or how far chance may take it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from mml_charts.figure import Figure, columns, fixed
from mml_charts.theme import ROLES, Look

Floats = NDArray[np.float64]
# As mere words Altair would look them up in its whole schema, 10 ms for each.
X, Y, X2, Y2, TEXT = alt.X("x:Q"), alt.Y("y:Q"), alt.X2("x2:Q"), alt.Y2("y2:Q"), alt.Text("text:N")
Row = dict[str, Any]
MOST = 16  # rows at most
SLOT = 1.6  # lines a row is high
HEADER, FOOTER = 1.7, 1.5  # lines that a line of the key is high, and the numbers of the axis
LONGEST = 16  # letters of a name at most
LETTER = 0.54  # width of a letter, in sizes of the text: a guess, only the browser knows
ROUND = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
KEY = ("now", "start", "expected")
MARKS = ("axis", "bars", "bands", "starts", "labels", "key")
COLUMNS = dict.fromkeys(("x", "x2", "y", "y2"), float) | dict.fromkeys(("text", "role", "kind", "page"), str)
DIAMOND = "M0,-1L0.7,0L0,1L-0.7,0Z"


def ranking(
    title: str,
    *,
    look: Look,
    names: Sequence[str],
    values: Sequence[float] | Floats,
    starts: Sequence[float] | Floats | None = None,
    bands: tuple[Floats, Floats] | None = None,
    marked: int | None = None,
    low: float = 0.0,
    high: float = 1.0,
    key: tuple[str, str, str] = KEY,
) -> Figure:
    """Return bars from `low` to each value, at most 16, on an axis from `low` to `high`, rounded up.

    A hollow diamond is where a value started, a bracket from where to where it is expected; `key` says what bar, diamond
    and bracket are called. What is beyond the axis is cut at its end; what is no number is left out.
    """
    n, (low, high) = min(MOST, len(names), len(values)), _ends(low, high)
    left, right = _sides(max(map(len, names[:n]), default=1), high, look)
    letters = max(2, int((left / look.text - 0.9) / LETTER))

    def place(value: float) -> float:
        return float(left + np.clip((value - low) / (high - low), 0, 1) * (right - left))

    words, rows = (key[0], key[1] if starts is not None else "", key[2] if bands is not None else ""), list[Row]()
    header = HEADER * _key(words, left, look)[1]
    for i in range(n):
        y, role, page = header + SLOT * i, "second" if i == marked else "first", names[i]
        middle = y + SLOT / 2
        rows.append(_row(left - 0.5 * look.text, middle, text=_cut(page, letters), kind="name", page=page))
        if _known(values[i]):
            rows.append(_row(left, y + 0.25, x2=place(values[i]), y2=y + SLOT - 0.25, role=role, kind="bar", page=page))
            rows.append(_row(look.width - 2.0, middle, text=_number(float(values[i]), high), kind="number", page=page))
        if bands is not None and _known(bands[0][i], bands[1][i]):
            rows += [row | dict(page=page) for row in _bracket(place(bands[0][i]), place(bands[1][i]), middle)]
        if starts is not None and _known(starts[i]):
            rows.append(_row(place(starts[i]), middle, kind="start", page=page))
    window = (0.0, float(look.width), header + SLOT * n + FOOTER, 0.0)
    return Figure(title, _spec(n, left, low, high, words, look), {"rows": columns(rows, COLUMNS)}, window, marks=MARKS)


def _known(*numbers: float) -> bool:
    return bool(np.isfinite(numbers).all())


def _row(x: float, y: float, **more: Any) -> Row:
    return dict(x=x, x2=x, y=y, y2=y, text="", role="result", kind="", page="") | more


def _bracket(low: float, high: float, y: float) -> list[Row]:
    """Return the lines of a bracket that lies: from where to where, and its ends."""
    ends = [_row(x, y - 0.35, y2=y + 0.35, kind="band") for x in (low, high)]
    return [_row(low, y, x2=high, kind="band"), *ends]


def _cut(name: str, letters: int) -> str:
    return name if len(name) <= letters else name[: letters - 1].rstrip() + "…"


def _number(value: float, high: float) -> str:
    """Return a number with as many decimals as tell three figures of the largest.

    >>> _number(0.3333, 0.6), _number(0.0012, 0.02), _number(1234.5, 2000)
    ('0.333', '0.0012', '1,234')
    """
    decimals = int(np.clip(3 - np.ceil(np.log10(high)), 0, 12)) if high > 0 else 3
    return f"{value:,.{decimals}f}".replace("-", "−")


def _ends(low: float, high: float) -> tuple[float, float]:
    """Return the ends of the axis: the upper one is a round number that is not smaller than `high`, and larger than `low`.

    >>> _ends(0, 0.24), _ends(0, 1.0), _ends(0, 0)
    ((0.0, 0.3), (0.0, 1.0), (0.0, 1.0))
    """
    low, high = (float(np.clip(np.nan_to_num(end), -1e12, 1e12)) for end in (low, high))
    if high <= max(low, 1e-12):
        return low, low + 1.0
    ten = 10.0 ** np.floor(np.log10(high))
    return low, next(float(f"{ten * k:.6g}") for k in ROUND if ten * k >= high * (1 - 1e-9))


def _sides(letters: int, high: float, look: Look) -> tuple[float, float]:
    """Return where the axis begins and ends, in pixels: right of the longest name, left of the numbers."""
    left = min(0.38 * look.width, (LETTER * min(letters, LONGEST) + 0.9) * look.text)
    return left, look.width - (len(_number(high, high)) * LETTER + 0.9) * look.text


def _key(words: tuple[str, ...], left: float, look: Look) -> tuple[list[Row], int]:
    """Return the marks of the key and what they are called, side by side, and how many lines that takes."""
    rows: list[Row] = []
    x, lines, text = left, 1, look.text
    for word, kind in zip(words, ("bar", "start", "band"), strict=True):
        mark = {"bar": 0.7, "start": 0.6, "band": 1.4}[kind] * text
        wide = mark + (0.4 + LETTER * len(word)) * text
        if word and x > left and x + wide > look.width:
            x, lines = left, lines + 1
        y = HEADER * (lines - 0.55)
        if word:
            rows += _bracket(x, x + mark, y) if kind == "band" else []
            rows += [_row(x, y - 0.35, x2=x + mark, y2=y + 0.35, role="first", kind=kind)] if kind == "bar" else []
            rows += [_row(x + mark / 2, y, kind=kind)] if kind == "start" else []
            rows.append(_row(x + mark + 0.4 * text, y, text=word, kind="word"))
            x += wide + 1.4 * text
    return rows, lines


def _live(kind: str) -> alt.Chart:
    rows = alt.Chart(alt.NamedData("rows"))
    return rows.transform_filter(alt.FieldOneOfPredicate(field="kind", oneOf=[kind]))


def _drawn(some: Callable[[str], alt.Chart], look: Look) -> dict[str, list[alt.Chart]]:
    """Return bars, brackets and diamonds; `some` returns the chart of the rows of one kind."""
    p = look.palette
    colour = alt.Color("role:N", scale=alt.Scale(domain=list(ROLES), range=[p.role(r) for r in ROLES]), legend=None)
    hollow: dict[str, Any] = dict(filled=False, fill=p.background, stroke=p.result, opacity=1, strokeWidth=0.6 * look.stroke)
    where: dict[str, Any] = dict(x=X, y=Y)
    to = where | dict(x2=X2, y2=Y2)
    return {
        "bars": [some("bar").mark_rect().encode(**to, color=colour)],
        "bands": [
            some("band").mark_rule(color=ink, strokeWidth=0.7 * look.stroke + more, strokeCap="square").encode(**to)
            for ink, more in ((p.background, 2.5), (p.result, 0))
        ],
        "starts": [some("start").mark_point(shape=DIAMOND, size=(0.95 * look.text) ** 2, **hollow).encode(**where)],
    }


@functools.lru_cache(maxsize=64)
def _spec(n: int, left: float, low: float, high: float, key: tuple[str, ...], look: Look) -> dict[str, Any]:
    p, text, (words, n_lines) = look.palette, look.text, _key(key, left, look)
    top, bottom = HEADER * n_lines, HEADER * n_lines + SLOT * n
    right = _sides(1, high, look)[1]
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, look.width], nice=False, zero=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[bottom + FOOTER, 0], nice=False, zero=False), axis=None)
    ticks = [(t, left + (right - left) * (t - low) / (high - low)) for t in np.linspace(low, high, 3).tolist()]
    axis = alt.Chart(alt.Data(values=[dict(x=at, y=top, y2=bottom, text=f"{t:.4g}".replace("-", "−")) for t, at in ticks]))

    def said(kind: str) -> alt.Chart:
        return alt.Chart(alt.Data(values=[word for word in words if word["kind"] == kind]))

    def texts(chart: alt.Chart, align: Any) -> alt.Chart:
        mark: alt.Chart = chart.mark_text(fontSize=text, color=p.text, align=align).encode(x=X, y=Y, text=TEXT)
        return mark

    layers = {
        "axis": [
            axis.mark_rule(color=p.faint).encode(x=x, y=y, y2=Y2),
            axis.mark_text(fontSize=text, color=p.reference, dy=0.8 * text).encode(x=X, y=alt.Y("y2:Q"), text=TEXT),
        ],
        **_drawn(_live, look),
        "labels": [texts(_live("name"), "right"), texts(_live("number"), "right")],
        "key": [*(layer for group in _drawn(said, look).values() for layer in group), texts(said("word"), "left")],
    }
    flat = [layer.properties(name=f"{name}_{i}") for name, group in layers.items() for i, layer in enumerate(group)]
    chart = alt.layer(*flat).properties(autosize="none", padding=dict(left=0, right=0, top=0, bottom=0))
    return fixed(chart, look, width=look.width, height=max(1, round((bottom + FOOTER) * text)))
