"""Graphs: lines over an axis, each plain or of powers of ten, with points, upright rules and labels at the lines' ends.

The chart fills its box to the edge, axes and titles inside it, so that nothing moves when a label grows. What leaves the
axes is cut there; a point outside lies on the edge as a hollow head.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from mml_charts import inks
from mml_charts.curves import LETTER, LINE, SUPERSCRIPT, _clipped, apart
from mml_charts.figure import Columns, Figure, columns, fixed, refitted
from mml_charts.inks import Dash, Ink
from mml_charts.theme import Look

Floats = NDArray[np.float64]
Row = dict[str, Any]
MARKS = ("axes", "rules", "lines", "points", "labels")
LOWEST = 9  # height of a graph at least, in lines of text
POINT: dict[str, type] = dict(x=float, y=float, angle=float, ink=str, kind=str)
LABEL: dict[str, type] = dict(x=float, y=float, text=str, ink=str)
RULE: dict[str, type] = dict(x=float, y=float, y2=float, ink=str)


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`, with its title at its end; a `log` axis is given by its values, and both must be over 0."""

    low: float
    high: float
    title: str = ""
    log: bool = False

    def coordinate(self, values: Any) -> Floats:
        """Return values as they lie on the axis: themselves, or their powers of ten; what has none is NaN."""
        v = np.asarray(values, float)
        if not self.log:
            return v
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(v >= 0, np.log10(np.maximum(v, 1e-300)), np.nan)

    @property
    def span(self) -> tuple[float, float]:
        """The coordinates of its ends."""
        low, high = self.coordinate([self.low, self.high]).tolist()
        return low, high


@dataclass(frozen=True)
class Line:
    """A line through points (x, y), labelled at its end; NaN breaks it."""

    x: Floats
    y: Floats
    ink: Ink = "result"
    dash: Dash = "solid"
    label: str = ""
    faint: bool = False


@dataclass(frozen=True)
class Point:
    """A point, labelled over it."""

    x: float
    y: float
    ink: Ink = "result"
    label: str = ""
    glyph: str = "dot"


@dataclass(frozen=True)
class Rule:
    """An upright line across the graph, labelled at its top."""

    x: float
    ink: Ink = "reference"
    label: str = ""


@dataclass(frozen=True)
class _Frame:
    """Where the axes lie in a box of `width` by `height` pixels: left, right, top and bottom margins."""

    x: Axis
    y: Axis
    width: int
    height: int
    margins: tuple[float, float, float, float]

    def pixels(self, x: float, y: float) -> tuple[float, float]:
        """Return the place of coordinates in pixels, from the left and from the top."""
        left, right, top, bottom = self.margins
        (x0, x1), (y0, y1) = self.x.span, self.y.span
        return (
            left + (x - x0) / (x1 - x0) * (self.width - left - right),
            top + (y1 - y) / (y1 - y0) * (self.height - top - bottom),
        )

    def place(self, across: float, down: float) -> tuple[float, float]:
        """Return the coordinates of a place in pixels."""
        left, right, top, bottom = self.margins
        (x0, x1), (y0, y1) = self.x.span, self.y.span
        return (
            x0 + (across - left) / (self.width - left - right) * (x1 - x0),
            y1 - (down - top) / (self.height - top - bottom) * (y1 - y0),
        )


def graph(
    title: str,
    *,
    look: Look,
    x_axis: Axis,
    y_axis: Axis,
    lines: Sequence[Line] = (),
    points: Sequence[Point] = (),
    rules: Sequence[Rule] = (),
    width: int | None = None,
    height: int | None = None,
    labels: float = 0.0,
) -> Figure:
    """Return lines, points and rules over two axes.

    Args:
        title: What it is, constant.
        look: The look.
        x_axis, y_axis: The axes, static.
        lines, points, rules: What is drawn.
        width, height: In pixels; else the look's width, and 0.6 of the width. Large text makes a low graph higher.
        labels: Room at the right for labels at the lines' ends, in letters.
    """
    wide = look.width if width is None else width
    tall = max(round(0.6 * wide) if height is None else height, round(LOWEST * look.text))
    frame = _frame(x_axis, y_axis, wide, tall, labels, look)
    tables = {
        "lines": _lines(lines, x_axis, y_axis),
        "points": columns([_point(p, frame) for p in points if _known(p, frame)], POINT),
        "rules": columns([_rule(r, frame) for r in rules if _on_axis(r, x_axis)], RULE),
        "labels": columns(_labels(lines, points, rules, frame, look), LABEL),
    }
    (x0, y1), (x1, y0) = frame.place(0, 0), frame.place(frame.width, frame.height)
    return Figure(title, _spec(frame, look), tables, (x0, x1, y0, y1), marks=MARKS)


@functools.lru_cache(maxsize=256)
def _frame(x: Axis, y: Axis, width: int, height: int, labels: float, look: Look) -> _Frame:
    text = look.text
    top, bottom = 1.7 * text if y.title else 0.8 * text, 1.8 * text
    widest = max((len(said) for _, said in _ticks(y, height - top - bottom, 2 * text)), default=1)
    left = LETTER * text * (widest + 1.2)
    right = max(0.8 * text, LETTER * text * (labels + 1.5) if labels else 0)
    return _Frame(x, y, width, height, (left, right, top, bottom))


def _lines(lines: Sequence[Line], x_axis: Axis, y_axis: Axis) -> Columns:
    """Return all lines as one table, a path for each stretch inside the axes."""
    low, high = np.array([x_axis.span, y_axis.span]).T
    middle, reach = (low + high) / 2, (high - low) / 2
    parts: list[tuple[Floats, Line]] = []
    for line in lines:
        xy = np.column_stack([x_axis.coordinate(line.x), y_axis.coordinate(line.y)])
        known = np.flatnonzero(np.isfinite(xy).all(axis=1))
        for run in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1):
            if len(run) > 1:
                # In units of the axes, both ends of a far line are pulled in alike, so that it keeps its slope.
                parts += [(inside * reach + middle, line) for inside in _clipped((xy[run] - middle) / reach, np.ones(2))]
    counts = [len(xy) for xy, _ in parts]
    at = np.vstack([xy for xy, _ in parts]) if parts else np.empty((0, 2))

    def each(values: list[Any]) -> NDArray[Any]:
        return np.repeat(np.array(values, object), counts)

    return {
        "x": at[:, 0],
        "y": at[:, 1],
        "path": np.repeat(np.arange(len(parts)), counts),
        "i": np.arange(len(at)),
        "ink": each([line.ink for _, line in parts]),
        "dash": each([line.dash for _, line in parts]),
        "part": each(["faint" if line.faint else "full" for _, line in parts]),
    }


def _known(p: Point, frame: _Frame) -> bool:
    return bool(np.isfinite([frame.x.coordinate(p.x), frame.y.coordinate(p.y)]).all())


def _point(p: Point, frame: _Frame) -> Row:
    """Return a point, as a hollow head on the edge where it lies outside."""
    at = (float(frame.x.coordinate(p.x)), float(frame.y.coordinate(p.y)))
    held = tuple(float(np.clip(v, *axis.span)) for v, axis in zip(at, (frame.x, frame.y), strict=True))
    if at == held:
        return dict(x=at[0], y=at[1], angle=0.0, ink=p.ink, kind=p.glyph)
    across, up = at[0] - held[0], at[1] - held[1]
    return dict(x=held[0], y=held[1], angle=math.degrees(math.atan2(np.sign(across), np.sign(up))), ink=p.ink, kind="edge")


def _on_axis(rule: Rule, axis: Axis) -> bool:
    low, high = axis.span
    return bool(low <= float(axis.coordinate(rule.x)) <= high)


def _rule(rule: Rule, frame: _Frame) -> Row:
    low, high = frame.y.span
    return dict(x=float(frame.x.coordinate(rule.x)), y=low, y2=high, ink=rule.ink)


def _labels(lines: Sequence[Line], points: Sequence[Point], rules: Sequence[Rule], frame: _Frame, look: Look) -> list[Row]:
    """Return all labels: of lines right of their ends, of points over them, of rules at their tops; none over another."""
    text, rows, spots = look.text, [], []

    def add(label: str, ink: Ink, left: float, down: float) -> None:
        wide = LETTER * text * len(label)
        left = float(np.clip(left, 2, max(2.0, frame.width - wide - 2)))
        rows.append(dict(text=label, ink=ink))
        spots.append((left, left + wide, down))

    for p in points:
        if p.label and _known(p, frame):
            held = _point(p, frame)
            across, down = frame.pixels(held["x"], held["y"])
            add(
                p.label,
                p.ink,
                across - LETTER * text * len(p.label) / 2,
                down - 1.1 * text if down > 3 * text else down + 1.3 * text,
            )
    for rule in rules:
        if rule.label and _on_axis(rule, frame.x):
            across, _ = frame.pixels(float(frame.x.coordinate(rule.x)), 0.0)
            add(rule.label, rule.ink, across + 0.4 * text, 0.7 * text)
    for line in lines:
        x, y = frame.x.coordinate(line.x), frame.y.coordinate(line.y)
        known = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        if line.label and len(known):
            across, down = frame.pixels(float(x[known[-1]]), float(np.clip(y[known[-1]], *frame.y.span)))
            add(line.label, line.ink, across + 0.5 * text, down)
    downs = apart(spots, LINE * text, 0.6 * text, frame.height - 0.6 * text)
    at = [frame.place(left, down) for (left, _, _), down in zip(spots, downs, strict=True)]
    return [row | dict(x=x, y=y) for row, (x, y) in zip(rows, at, strict=True)]


def _ticks(axis: Axis, pixels: float, room: float) -> list[tuple[float, str]]:
    """Return where the numbers of an axis stand, at least `room` pixels apart, and how they are written."""
    low, high = axis.span
    per = pixels / (high - low)
    if axis.log and high - low >= 1:
        every = next(d for d in (1, 2, 4, 5, 10, 20, 50, 100, 1000) if d * per >= room)
        return [(float(e), _power(e)) for e in range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1) if e % every == 0]
    if axis.log:
        found, last = [], -math.inf
        for e in range(math.floor(low), math.ceil(high)):
            for m in (1, 2, 3, 5, 7):
                at = math.log10(m) + e
                if low - 1e-9 <= at <= high + 1e-9 and (at - last) * per >= room:
                    found.append((at, _written(m * 10.0**e, 10.0**e)))
                    last = at
        return found
    ten = 10.0 ** math.floor(math.log10(room / per))
    tick = next((ten * m for m in (1, 2, 5, 10, 20) if ten * m * per >= room), 20 * ten)
    first, last_one = math.ceil(low / tick - 1e-9), math.floor(high / tick + 1e-9)
    return [(k * tick, _written(k * tick, tick)) for k in range(first, last_one + 1)]


def _written(value: float, tick: float) -> str:
    """Write a number with as many digits as tell it from its neighbours.

    >>> _written(-0.5, 0.5), _written(1000.0002, 0.0002), _written(1.5e6, 5e5), _written(0.0, 0.1)
    ('−0.5', '1000.0002', '1.5·10⁶', '0')
    """
    if abs(value) < tick / 2:
        return "0"
    digits = max(1, math.floor(math.log10(abs(value)) + 1e-9) - math.floor(math.log10(tick) + 1e-9) + 1)
    mantissa, _, exponent = f"{value:.{digits}g}".replace("-", "−", 1 if value < 0 else 0).partition("e")
    if not exponent:
        return mantissa
    if abs(value) < 1e6 and abs(value) >= 1:  # 1e+02 is 100
        return f"{value:.0f}".replace("-", "−")
    return mantissa + "·10" + str(int(exponent)).translate(SUPERSCRIPT)


def _power(exponent: int) -> str:
    return {0: "1", 1: "10"}.get(exponent, "10" + str(exponent).translate(SUPERSCRIPT))


@functools.lru_cache(maxsize=128)
def _spec(frame: _Frame, look: Look) -> dict[str, Any]:
    """Return the chart for these axes."""
    text = look.text
    (x0, x1), (y0, y1) = frame.x.span, frame.y.span
    (left, top), (right, bottom) = frame.place(0, 0), frame.place(frame.width, frame.height)
    inside_x = frame.width - frame.margins[0] - frame.margins[1]
    inside_y = frame.height - frame.margins[2] - frame.margins[3]
    ups: list[Row] = [dict(x=x0, x2=x1, y=v, text=s) for v, s in _ticks(frame.y, inside_y, 2 * text)]
    alongs: list[Row] = [dict(x=v, y=y0, y2=y1, text=s) for v, s in _ticks(frame.x, inside_x, 3.4 * text)]
    right_end, top_end = frame.place(frame.width - 0.3 * text, frame.height - 0.9 * text), frame.place(0.2 * text, 0.8 * text)
    titled = frame.width - LETTER * text * (len(frame.x.title) + 1.5)  # the title stands in the row of the numbers

    def clear(row: Row) -> bool:
        return not frame.x.title or frame.pixels(row["x"], 0)[0] + LETTER * text * len(row["text"]) / 2 < titled

    zeros: list[Row] = [dict(x=x0, x2=x1, y=0.0)] if not frame.y.log and y0 < 0 < y1 else []
    rows = [
        ups, alongs, [dict(x=x0, x2=x1, y=y0), *zeros], ups, [row for row in alongs if clear(row)],
        [dict(x=right_end[0], y=right_end[1], text=frame.x.title)], [dict(x=top_end[0], y=top_end[1], text=frame.y.title)],
    ]  # fmt: skip
    named = {f"axes_{i}": values for i, values in enumerate(rows)}
    return refitted(_chart(look), (left, right, bottom, top), named, (frame.width, frame.height))


@functools.lru_cache(maxsize=16)
def _chart(look: Look) -> dict[str, Any]:
    """Return the chart but for its axes."""
    p, text = look.palette, look.text
    scale = alt.Scale(domain=[0, 1], nice=False, zero=False)
    x, y = alt.X("x:Q", scale=scale, axis=None), alt.Y("y:Q", scale=scale, axis=None)
    x2, y2, said, empty = inks.X2, inks.Y2, inks.TEXT, alt.Chart(alt.Data(values=[]))
    colour, shape, angle = inks.colour(look), inks.glyph(), alt.Angle("angle:Q", scale=None)

    def table(name: str) -> alt.Chart:
        return alt.Chart(alt.NamedData(name))

    def note(align: Any, dx: float = 0, dy: float = 0) -> alt.Chart:
        mark = empty.mark_text(fontSize=text, align=align, dx=dx, dy=dy, color=p.reference, baseline="middle")
        encoded: alt.Chart = mark.encode(x=inks.X, y=inks.Y, text=said)
        return encoded

    faint = alt.condition("datum.part == 'faint'", alt.value(0.4), alt.value(1))
    path: dict[str, Any] = dict(x=inks.X, y=inks.Y, detail=inks.PATH, order=inks.ORDER)
    at: dict[str, Any] = dict(x=inks.X, y=inks.Y)
    bold: dict[str, Any] = dict(fontSize=text, align="left", baseline="middle", fontWeight="bold")
    drawn: dict[str, list[alt.Chart]] = {
        "axes": [
            empty.mark_rule(color=p.faint).encode(x=x, y=y, x2=x2),
            empty.mark_rule(color=p.faint).encode(**at, y2=y2),
            empty.mark_rule(color=p.reference, strokeWidth=1.2).encode(**at, x2=x2),
            note("right", dx=-0.4 * text),
            note("center", dy=0.9 * text),
            note("right"),
            note("left"),
        ],
        "rules": [
            table("rules").mark_rule(strokeWidth=0.6 * look.stroke, strokeDash=[5, 4], clip=True)
            .encode(**at, y2=y2, color=colour)
        ],
        "lines": [
            table("lines").mark_line(clip=True, strokeWidth=0.9 * look.stroke, strokeJoin="round")
            .encode(**path, color=colour, strokeDash=inks.dash(), opacity=faint)
        ],
        "points": [
            table("points").transform_filter(alt.FieldOneOfPredicate(field="kind", oneOf=["edge", "ring"]))
            .mark_point(filled=False, fill=p.background, opacity=1, size=(3 * look.stroke) ** 2, strokeWidth=0.6 * look.stroke)
            .encode(**at, color=colour, shape=shape, angle=angle),
            table("points").transform_filter("datum.kind != 'edge' && datum.kind != 'ring'")
            .mark_point(filled=True, opacity=1, size=(3.4 * look.stroke) ** 2, stroke=p.background, strokeWidth=1.5)
            .encode(**at, color=colour, shape=shape),
        ],
        "labels": [
            table("labels").mark_text(**bold, **inks.halo(look)).encode(**at, text=said),
            table("labels").mark_text(**bold).encode(**at, text=said, color=colour),
        ],
    }  # fmt: skip
    flat = [layer.properties(name=f"{name}_{i}") for name, group in drawn.items() for i, layer in enumerate(group)]
    chart = alt.layer(*flat).properties(autosize="none", padding=dict(left=0, right=0, top=0, bottom=0))
    return fixed(chart, look, width=100, height=100)
