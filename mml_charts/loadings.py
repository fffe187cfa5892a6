"""Loadings: one signed bar a line from a common zero, with its name and number, and where another value lies beside it.

Where everything belongs is worked out here, in pixels across and lines of text downwards, so that the chart never changes.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import numpy as np
from numpy.typing import NDArray

from mml_charts import inks
from mml_charts.curves import SUPERSCRIPT
from mml_charts.figure import Figure, columns, fixed
from mml_charts.heatmaps import DIGIT, LETTER, power_of_ten, short
from mml_charts.theme import Look

Floats = NDArray[np.float64]
Row = dict[str, Any]
MARKS = ("axis", "bars", "others", "labels")
SLOT = 1.6  # lines a bar's line is high
HEADER, FOOTER = 1.7, 1.5  # lines over and under the bars: the key, and the numbers of the axis
EDGE = 0.3  # lines over the bars without a key
LONGEST = 18  # letters of a name at most
SHARE = 0.34  # of the width: room for names at most
DIGITS = 6  # letters of a number at most
LOWEST = 6  # half the length of the axis, in sizes of the text, under which numbers stand aside
HEAD = 0.45  # half the size of a diamond, or of the head of a bar that is cut, in sizes of the text
GAP = 0.4  # between a bar's end and its number, in sizes of the text
ROW = dict.fromkeys(("x", "x2", "y", "y2", "angle"), float) | dict.fromkeys(("text", "ink", "kind"), str)
# What is written, by its kind, and where it has its place.
TEXTS: dict[str, Any] = {"name": "left", "after": "left", "before": "right", "limit": "center"}


@dataclass(frozen=True)
class _Layout:
    """The lines of a chart: where they begin and end, how long a name may be, and where the axis lies in pixels.

    Numbers stand at the ends of their bars, or aside at the right edge where there is little room.
    """

    slots: int
    top: float
    width: int
    letters: int
    middle: float
    half: float
    aside: bool

    @property
    def bottom(self) -> float:
        """Where the last line ends."""
        return self.top + SLOT * self.slots

    def place(self, share: float) -> float:
        """Return where a share of the reach lies, at the ends of the axis where it is more."""
        return self.middle + self.half * min(max(share, -1.0), 1.0)


def loadings(
    title: str,
    *,
    look: Look,
    names: Sequence[str],
    values: Sequence[float] | Floats,
    reach: float,
    other: Sequence[float] | Floats | None = None,
    labels: tuple[str, str] = ("", ""),
    width: int | None = None,
    rows: int = 16,
    order: Literal["given", "size"] = "given",
) -> Figure:
    """Return a bar for each value (n,) on an axis from -reach to reach, and a diamond on its line where `other` (n,) lies.

    Bars over zero are full, those below are hollow. Of more than `rows` values the largest by size are shown, and the last
    line says how many more there are. What is beyond the axis is cut there, under a hollow head, but its number is the true
    one; what is no number has a dash. `labels` are what bars and diamonds are called, in a line over them.
    """
    v = np.asarray(values, float).ravel()
    o = np.full(len(v), np.nan) if other is None else np.asarray(other, float).ravel()
    reach = float(reach) if 0 < reach < math.inf else 1.0
    power, hidden = power_of_ten(reach), max(0, len(v) - rows)
    longest, wide = max(map(len, names), default=0), look.width if width is None else width
    layout = _layout(len(v) - hidden + (hidden > 0), any(labels), min(LONGEST, longest), wide, look)
    drawn = _key(labels, layout, look)
    for i, k in enumerate(_shown(v, rows, order)):
        y = layout.top + SLOT * i
        drawn.append(_row(0.0, y + SLOT / 2, text=_cut(names[k], layout.letters), kind="name"))
        drawn += _line(float(v[k]), float(o[k]) / reach, y, reach, power, layout, look)
    if hidden:
        drawn.append(_row(0.0, layout.bottom - SLOT / 2, text=f"and {hidden:,} more", kind="name"))
    drawn += _limits(reach, power, layout, look)
    window = (0.0, float(wide), layout.bottom + FOOTER, 0.0)
    return Figure(title, _spec(layout, look), {"rows": columns(drawn, ROW)}, window, marks=MARKS)


def _shown(values: Floats, rows: int, order: str) -> list[int]:
    """Return which values are shown, the largest by size, from top to bottom."""
    sizes = np.where(np.isnan(values), -1.0, np.abs(values))
    largest: list[int] = np.argsort(-sizes, kind="stable")[:rows].tolist()
    return largest if order == "size" else sorted(largest)


def _row(x: float, y: float, **more: Any) -> Row:
    return dict(x=x, x2=x, y=y, y2=y, angle=0.0, text="", ink="result", kind="") | more


def _cut(name: str, letters: int) -> str:
    return name if len(name) <= letters else name[: max(letters - 1, 0)].rstrip() + "…"


def _beyond(share: float) -> bool:
    return abs(share) > 1 + 1e-9


def _line(value: float, other: float, y: float, reach: float, power: int, layout: _Layout, look: Look) -> list[Row]:
    """Return a bar, the diamond of the other share, and the bar's number, which gives way to the diamond."""
    share, middle, half = value / reach, y + SLOT / 2, HEAD * look.text
    side = -1 if value < 0 else 1
    end = layout.middle if math.isnan(value) else layout.place(share)
    rows = [] if math.isnan(value) else _bar(share, y, layout, look)
    said = short(value, reach, power, DIGITS)
    if not math.isnan(other):
        # Two heads at one end of the axis stand one behind the other.
        diamond = _diamond(other, middle, _beyond(share) and share * other > 0, layout, look)
        rows.append(diamond)
        off = side * (diamond["x"] - end)
        if -half < off < (len(said) * LETTER + GAP) * look.text + half:
            end += side * (off + half)
    if layout.aside:
        return [*rows, _row(layout.width - 2.0, middle, text=said, kind="before")]
    return [*rows, _row(end + side * GAP * look.text, middle, text=said, kind="after" if side > 0 else "before")]


def _bar(share: float, y: float, layout: _Layout, look: Look) -> list[Row]:
    """Return the bar of a share of the reach, with a hollow head where it is cut."""
    side, half, end = -1 if share < 0 else 1, HEAD * look.text, layout.place(share)
    ink, kind = ("second", "below") if side < 0 else ("first", "above")
    bar = _row(layout.middle, y + 0.3, x2=end, y2=y + SLOT - 0.3, ink=ink, kind=kind)
    if not _beyond(share):
        return [bar]
    head = _row(end - side * half, y + SLOT / 2, angle=90.0 * side, ink=ink, kind="edge")
    return [bar | {"x2": end - side * 2 * half}, head]


def _diamond(share: float, y: float, behind: bool, layout: _Layout, look: Look) -> Row:
    """Return the diamond of a share of the reach, or a hollow head at the end of the axis, or behind one that is there."""
    if not _beyond(share):
        return _row(layout.place(share), y, kind="other")
    side = -1 if share < 0 else 1
    return _row(layout.place(share) - side * (3 if behind else 1) * HEAD * look.text, y, angle=90.0 * side, kind="far")


def _key(labels: tuple[str, str], layout: _Layout, look: Look) -> list[Row]:
    """Return what bars and diamonds are called, side by side."""
    rows: list[Row] = []
    x, y, text = 0.0, HEADER / 2, look.text
    most = int((layout.width / 2 / text - 1.8) / LETTER)
    for word, kind in zip(labels, ("above", "other"), strict=True):
        if word:
            said = _cut(word, most)
            box = dict(x2=x + 0.8 * text, y2=y + 0.35, ink="first") if kind == "above" else {}
            rows.append(_row(x, y - 0.35, kind=kind, **box) if box else _row(x + 0.5 * text, y, kind=kind))
            rows.append(_row(x + 1.2 * text, y, text=said, kind="name"))
            x += (1.8 + LETTER * len(said)) * text
    return rows


def _limits(reach: float, power: int, layout: _Layout, look: Look) -> list[Row]:
    """Return the numbers under the axis, without the zero where it has no room, and the power of ten that all are in."""
    y, said = layout.bottom + FOOTER / 2, f"{reach / 10.0**power:.4g}"
    places = [(-1.0, "−" + said), (1.0, said)]
    if layout.half > (len(said) + 2) * LETTER * look.text:
        places.insert(1, (0.0, "0"))
    rows = [_row(layout.place(share), y, text=text, kind="limit") for share, text in places]
    return [*rows, _row(0.0, y, text=f"× 10{str(power).translate(SUPERSCRIPT)}", kind="name")] if power else rows


@functools.lru_cache(maxsize=128)
def _layout(slots: int, key: bool, longest: int, width: int, look: Look) -> _Layout:
    """Return the layout: names at the left, the axis right of them, with room for a number beyond both of its ends."""
    text = look.text
    letters = min(longest, max(1, int(SHARE * width / (LETTER * text))))
    left, number = (letters * LETTER + 0.3 + HEAD) * text, (GAP + DIGITS * DIGIT) * text
    right = width - HEAD * text - number
    aside = right - left - number < 2 * LOWEST * text
    if not aside:
        left += number
    top = HEADER if key else EDGE
    return _Layout(slots, top, width, letters, (left + right) / 2, max((right - left) / 2, 1.0), aside)


def _live(*kinds: str) -> alt.Chart:
    rows = alt.Chart(alt.NamedData("rows"))
    return rows.transform_filter(alt.FieldOneOfPredicate(field="kind", oneOf=list(kinds)))


@functools.lru_cache(maxsize=64)
def _spec(layout: _Layout, look: Look) -> dict[str, Any]:
    p, text, lines = look.palette, look.text, layout.bottom + FOOTER
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, layout.width], nice=False, zero=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[lines, 0], nice=False, zero=False), axis=None)
    at: dict[str, Any] = dict(x=inks.X, y=inks.Y)
    to = at | dict(x2=inks.X2, y2=inks.Y2)
    levels = [dict(x=0, x2=layout.width, y=layout.top + SLOT * i) for i in range(layout.slots + 1)]
    ends = [dict(x=layout.place(share), y=layout.top, y2=layout.bottom) for share in (-1, 1)]
    zero = [dict(x=layout.middle, y=layout.top, y2=layout.bottom)]
    hollow: dict[str, Any] = dict(filled=False, fill=p.background, opacity=1, strokeWidth=0.6 * look.stroke)
    size = (2 * HEAD * text) ** 2
    layers = {
        "axis": [
            alt.Chart(alt.Data(values=levels)).mark_rule(color=p.faint).encode(x=x, y=y, x2=inks.X2),
            alt.Chart(alt.Data(values=ends)).mark_rule(color=p.faint).encode(**at, y2=inks.Y2),
            alt.Chart(alt.Data(values=zero)).mark_rule(color=p.reference, strokeWidth=1.5).encode(**at, y2=inks.Y2),
        ],
        "bars": [
            _live("above").mark_rect(fill=p.first).encode(**to),
            _live("below").mark_rect(fill=p.background, stroke=p.second, strokeWidth=0.7 * look.stroke).encode(**to),
            _live("edge").mark_point(shape=inks.EDGE, size=size, **hollow)
            .encode(**at, color=inks.colour(look), angle=alt.Angle("angle:Q", scale=None)),
        ],
        "others": [
            _live("other").mark_point(shape="diamond", size=size, stroke=p.result, **hollow).encode(**at),
            _live("far").mark_point(shape=inks.EDGE, size=size, stroke=p.result, **hollow)
            .encode(**at, angle=alt.Angle("angle:Q", scale=None)),
        ],
        "labels": [
            _live(kind).mark_text(fontSize=text, align=align, baseline="middle", color=ink).encode(**at, text=inks.TEXT)
            for (kind, align), ink in zip(TEXTS.items(), (p.text, p.text, p.text, p.reference), strict=True)
        ],
    }  # fmt: skip
    flat = [layer.properties(name=f"{name}_{i}") for name, group in layers.items() for i, layer in enumerate(group)]
    chart = alt.layer(*flat).properties(autosize="none", padding=dict(left=0, right=0, top=0, bottom=0))
    return fixed(chart, look, width=layout.width, height=max(1, round(lines * text)))
