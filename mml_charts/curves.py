"""Curves: values that change step by step on an axis of powers of ten, and one function with labelled points.

Both charts fill their box to the edge, axes and titles inside it, so that nothing moves when a label grows.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from mml_charts.figure import Columns, Figure, columns, fixed
from mml_charts.theme import ROLES, Look, Role

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Spot = tuple[float, float, str, Role]
Row = dict[str, Any]
Place = tuple[float, float, float]  # of a label: left, right, down, in pixels
SHAPE = 0.6  # height of a chart, in widths
LETTER = 0.52  # width of a letter, in sizes of the text: a guess, only the browser knows
LINE = 1.25  # distance of two labels one above the other, in sizes of the text
HISTORY_MARKS = ("axes", "lines", "points", "labels")
CURVE_MARKS = ("axes", "curve", "numbers", "points", "labels")
MARKS: dict[str, type] = dict(x=float, y=float, angle=float, text=str, role=str, kind=str, part=str)
SHAPES = {
    "point": "circle",
    "ring": "circle",
    "floor": "M0,0.9L-0.8,-0.5L0.8,-0.5Z",
    "ceiling": "M0,-0.9L-0.8,0.5L0.8,0.5Z",
    "edge": "M0,0.1L-0.55,1L0.55,1Z",
}
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Series:
    """A value for each step, (n_steps + 1,), labelled at its end."""

    values: Floats
    label: str
    role: Role
    dashed: bool = False


@dataclass(frozen=True)
class _Line:
    """A polyline through `points` (n, 2), done or still ahead."""

    points: Floats
    role: Role = "result"
    dashed: bool = False
    part: str = "done"


@dataclass(frozen=True)
class _Box:
    """A chart's box of `width` by `height` pixels that shows `window` = (left, right, bottom, top) in data units."""

    width: float
    height: float
    window: tuple[float, float, float, float]

    def pixels(self, x: float, y: float) -> tuple[float, float]:
        """Return a place in pixels, from the left and from the top."""
        left, right, bottom, top = self.window
        return (x - left) / (right - left) * self.width, (top - y) / (top - bottom) * self.height

    def place(self, across: float, down: float) -> tuple[float, float]:
        """Return a place in data units from its pixels."""
        left, right, bottom, top = self.window
        return left + across / self.width * (right - left), top - down / self.height * (top - bottom)


def history(
    title: str,
    *,
    look: Look,
    series: Sequence[Series],
    n_steps: int,
    step: int,
    x_title: str,
    y_title: str,
    low: int = -16,
    high: int = 1,
    height: int | None = None,
) -> Figure:
    """Return how values change step by step, on an axis of powers of ten from 10^low to 10^high.

    What comes after `step` is faint. A value of 10^low or less, zero too, lies on the floor under a hollow mark, one above
    10^high on the ceiling; what is no number is left out.
    """
    box = _history_box(n_steps, low, high, height, look)
    lines: list[_Line] = []
    marks: list[Row] = []
    for one in series:
        levels = _levels(one.values, low, high)
        for run in _runs(levels):
            for part, k in (("done", run[run <= step]), ("ahead", run[run >= step])):
                if len(k) > 1:
                    lines.append(_Line(np.column_stack([k, levels[k]]), one.role, one.dashed, part))
        marks += _step_marks(one, levels, step, low, high, box, look)
    tables = {"lines": _lines(lines), "marks": columns([*marks, *_end_labels(series, low, high, box, look)], MARKS)}
    spec = _history_spec(n_steps, low, high, x_title, y_title, height, look)
    return Figure(title, spec, tables, box.window, marks=HISTORY_MARKS)


def curve(
    title: str,
    *,
    look: Look,
    x: Floats,
    y: Floats,
    reach_x: float,
    reach_y: float,
    points: Sequence[Spot] = (),
    x_title: str,
    y_title: str,
    height: int | None = None,
) -> Figure:
    """Return the curve y(x) in the window [-reach_x, reach_x] x [-reach_y, reach_y], and points (x, y, label, role).

    The curve is cut at the edge of the window and ends in a hollow head where it leaves it upwards or downwards; so does a
    point that lies outside.
    """
    box = _curve_box(reach_x, reach_y, height, look)
    runs = _clipped(np.column_stack([x, y]).astype(float), np.array([reach_x, reach_y]))
    marks = [mark for run in runs for mark in _exits(run, reach_y, box)]
    for at in points:
        marks += _spot(at, box)
    labels = _spot_labels(points, _title_spots(x_title, y_title, box, look), box, look)
    tables = {"lines": _lines([_Line(run) for run in runs]), "marks": columns([*marks, *labels], MARKS)}
    spec = _curve_spec(reach_x, reach_y, x_title, y_title, height, look)
    return Figure(title, spec, tables, box.window, marks=CURVE_MARKS)


def _mark(x: float, y: float, **more: Any) -> Row:
    return dict(x=x, y=y, angle=0.0, text="", role="result", kind="", part="done") | more


def _lines(lines: Sequence[_Line]) -> Columns:
    """Return all lines as one table: a table costs more than its rows."""
    counts = [len(line.points) for line in lines]
    xy = np.vstack([line.points for line in lines]) if lines else np.empty((0, 2))
    texts = dict(
        role=[line.role for line in lines],
        dash=["dashed" if line.dashed else "solid" for line in lines],
        part=[line.part for line in lines],
    )
    numbers = dict(x=xy[:, 0], y=xy[:, 1], path=np.repeat(np.arange(len(lines)), counts), i=np.arange(len(xy)))
    return numbers | {name: np.repeat(np.array(values, object), counts) for name, values in texts.items()}


def _levels(values: Floats, low: int, high: int) -> Floats:
    """Return the powers of ten that the values are, cut to the axis; NaN stays."""
    values = np.asarray(values, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        levels = np.clip(np.log10(np.maximum(values, 0.0)), low, high)
    return np.where(np.isnan(values), np.nan, levels)


def _kind(value: float, low: int, high: int) -> str:
    """Return what a value is drawn as: a point, or a hollow mark where it is cut."""
    return "floor" if value <= 10.0**low else "ceiling" if value > 10.0**high else "point"


def _runs(levels: Floats) -> list[Ints]:
    """Return the stretches of steps between those that have no number."""
    k = np.flatnonzero(np.isfinite(levels))
    return [run for run in np.split(k, np.flatnonzero(np.diff(k) > 1) + 1) if len(run)]


def _step_marks(one: Series, levels: Floats, step: int, low: int, high: int, box: _Box, look: Look) -> list[Row]:
    """Return the mark at `step`, hollow ones where values are cut, as many as there is room for, and lone points."""
    every = max(1, int(np.ceil(4 * look.stroke / (box.pixels(1, 0)[0] - box.pixels(0, 0)[0]))))
    rows, before = [], ""
    for run in _runs(levels):
        for k in run.tolist():
            kind = _kind(one.values[k], low, high)
            part = "now" if k == step else "done" if k < step else "ahead"
            cut = kind != "point" and (k % every == 0 or kind != before)
            if cut or part == "now" or len(run) == 1:
                shape = "ring" if kind == "point" and one.dashed and part == "now" else kind
                rows.append(_mark(k, levels[k], role=one.role, kind=shape, part=part))
            before = kind
    return rows


def _end_labels(series: Sequence[Series], low: int, high: int, box: _Box, look: Look) -> list[Row]:
    """Return the series' labels, each right of its last value, pushed apart where they would overlap."""
    rows, spots = [], []
    for one in series:
        levels = _levels(one.values, low, high)
        known = np.flatnonzero(np.isfinite(levels))
        if len(known):
            across, down = box.pixels(float(known[-1]), levels[known[-1]])
            left = min(across + 0.3 * look.text + 3.5 * look.stroke, box.width - _width(one.label, look))
            spots.append((left, left + _width(one.label, look), down))
            rows.append(_mark(0, 0, text=one.label, role=one.role, kind="label"))
    return _placed(rows, spots, box, look)


def _placed(rows: Sequence[Row], spots: Sequence[Place], box: _Box, look: Look, taken: Sequence[Place] = ()) -> list[Row]:
    """Return labels at their spots, pushed apart from each other and from what is taken."""
    downs = apart([*taken, *spots], LINE * look.text, 0.6 * look.text, box.height - 0.6 * look.text)[len(taken) :]
    places = [box.place(left, down) for (left, _, _), down in zip(spots, downs, strict=True)]
    return [row | {"x": x, "y": y} for row, (x, y) in zip(rows, places, strict=True)]


def apart(spots: Sequence[Place], height: float, low: float, high: float) -> list[float]:
    """Return how far down each label (left, right, down) goes: the nearest free place between low and high.

    The first stays where it is; a later one gives way, and where nothing is free it stays too.

    >>> apart([(0, 10, 50), (5, 15, 48), (20, 30, 50)], height=12, low=0, high=100)
    [50.0, 38.0, 50.0]
    """
    placed: list[Place] = []
    for left, right, down in spots:
        near = [at for a, b, at in placed if left < b and a < right]
        start = float(np.clip(down, low, high))
        free = [
            y
            for y in (start, *(at + side * height for at in near for side in (-1, 1)))
            if low <= y <= high and all(abs(y - at) >= height - 1e-9 for at in near)
        ]
        placed.append((left, right, min(free, key=lambda y: abs(y - start)) if free else start))
    return [at for _, _, at in placed]


def _width(text: str, look: Look) -> float:
    """Return about how many pixels a bold text is wide."""
    return LETTER * look.text * len(text)


def _clipped(points: Floats, reach: Floats) -> list[Floats]:
    """Return the parts of a polyline that lie within -reach and reach on both axes, cut exactly where it crosses them."""
    points = np.clip(points, -1e9 * reach, 1e9 * reach)
    start, way = points[:-1], np.diff(points, axis=0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ends = np.sort([(-reach - start) / way, (reach - start) / way], axis=0)
    still = way == 0
    inside = np.abs(start) <= reach
    enter = np.where(still, np.where(inside, -np.inf, np.inf), ends[0]).max(axis=1).clip(min=0.0)
    leave = np.where(still, np.inf, ends[1]).min(axis=1).clip(max=1.0)
    k = np.flatnonzero(enter < leave)  # NaN is never less
    begin, end = (np.clip(start[k] + t[k, None] * way[k], -reach, reach) for t in (enter, leave))
    fresh = np.flatnonzero((np.diff(k, prepend=-1) > 1) | (enter[k] > 0) | (np.insert(leave[k], 0, 1.0)[:-1] < 1))
    bounds = sorted({0, *fresh.tolist(), len(k)})
    return [np.vstack([begin[a], end[a:b]]) for a, b in itertools.pairwise(bounds) if b > a]


def _exits(run: Floats, reach_y: float, box: _Box) -> list[Row]:
    """Return a hollow head for each end of the run that lies on the upper or lower edge."""
    rows = []
    for before, end in ((run[1], run[0]), (run[-2], run[-1])):
        if abs(end[1]) == reach_y:
            one, other = (np.array(box.pixels(*at)) for at in (before, end))
            across, down = other - one
            rows.append(_mark(*end, angle=float(np.degrees(np.arctan2(across, -down))), kind="edge"))
    return rows


def _spot(spot: Spot, box: _Box) -> list[Row]:
    """Return the mark of a labelled point: a hollow head at the edge where it lies outside."""
    x, y, _, role = spot
    if np.isnan([x, y]).any():
        return []
    _, right, _, top = box.window
    inside = (float(np.clip(x, -right, right)), float(np.clip(y, -top, top)))
    if inside == (x, y):
        return [_mark(x, y, role=role, kind="point", part="now")]
    across, up = float(np.sign(x)) * (abs(x) > right), float(np.sign(y)) * (abs(y) > top)
    return [_mark(*inside, angle=float(np.degrees(np.arctan2(across, up))), role=role, kind="edge")]


def _title_spots(x_title: str, y_title: str, box: _Box, look: Look) -> list[Place]:
    """Return the spots (left, right, down) of the titles of a curve's axes: at the right end of one, on top of the other."""
    right, left = box.width - 0.4 * look.text, box.width / 2 + 0.5 * look.text
    x = (right - _width(x_title, look), right, box.height / 2 + 1.9 * look.text)
    return [x, (left, left + _width(y_title, look), 0.7 * look.text)]


def _spot_labels(points: Sequence[Spot], taken: Sequence[Place], box: _Box, look: Look) -> list[Row]:
    """Return the labels of points, each over its point, pushed apart, clear of what is taken and in the window."""
    rows, spots = [], []
    _, right, _, top = box.window
    for x, y, label, role in points:
        if not np.isnan([x, y]).any() and label:
            across, down = box.pixels(float(np.clip(x, -right, right)), float(np.clip(y, -top, top)))
            wide = _width(label, look)
            left = float(np.clip(across - wide / 2, 2, max(2, box.width - wide - 2)))
            spots.append((left, left + wide, down - 1.2 * look.text if down > 2 * look.text else down + 1.4 * look.text))
            rows.append(_mark(0, 0, text=label, role=role, kind="label"))
    return _placed(rows, spots, box, look, taken)


def _height(height: int | None, look: Look) -> int:
    return round(SHAPE * look.width) if height is None else height


def _history_box(n_steps: int, low: int, high: int, height: int | None, look: Look) -> _Box:
    """Return the box of a history, with room for numbers, titles and the labels at the ends."""
    n, text, tall = max(n_steps, 1), look.text, _height(height, look)
    left, right, top, bottom = 3.6 * text, min(0.25 * look.width, 6.5 * text), 2.0 * text, 2.7 * text
    step, decade = (look.width - left - right) / n, (tall - top - bottom) / (high - low)
    return _Box(look.width, tall, (-left / step, n + right / step, low - bottom / decade, high + top / decade))


def _curve_box(reach_x: float, reach_y: float, height: int | None, look: Look) -> _Box:
    return _Box(look.width, _height(height, look), (-reach_x, reach_x, -reach_y, reach_y))


def _tick(unit: float, room: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that takes up `room` pixels, where 1 takes up `unit`.

    >>> _tick(10, 45), _tick(200, 45)
    (5.0, 0.5)
    """
    ten = 10.0 ** np.floor(np.log10(room / unit))
    return float(next(ten * m for m in (1, 2, 5, 10) if ten * m * unit >= room * (1 - 1e-9)))


def _power(exponent: int) -> str:
    """Return a power of ten as it is written.

    >>> _power(-16), _power(0), _power(1)
    ('10⁻¹⁶', '1', '10')
    """
    return {0: "1", 1: "10"}.get(exponent, "10" + str(exponent).translate(SUPERSCRIPT))


def _chart(table: str, *kinds: str) -> alt.Chart:
    """Return a chart of a table, or of its rows of some kinds."""
    rows = alt.Chart(alt.NamedData(table))
    return rows.transform_filter(alt.FieldOneOfPredicate(field="kind", oneOf=list(kinds))) if kinds else rows


def _rows(*rows: Row) -> alt.Chart:
    return alt.Chart(alt.Data(values=list(rows)))


def _colour(look: Look) -> alt.Color:
    scale = alt.Scale(domain=list(ROLES), range=[look.palette.role(role) for role in ROLES])
    return alt.Color("role:N", scale=scale, legend=None)


def _text(chart: alt.Chart, look: Look, align: Any, **style: Any) -> alt.Chart:
    """Return texts in the colour of their role."""
    mark: alt.Chart = chart.mark_text(fontSize=look.text, align=align, **style)
    return mark.encode(x="x:Q", y="y:Q", text="text:N", color=_colour(look))


def _over(chart: alt.Chart, look: Look, align: Any, **style: Any) -> list[alt.Chart]:
    """Return texts over a halo, for where lines may cross them."""
    halo: dict[str, Any] = dict(stroke=look.palette.background, strokeWidth=4, strokeJoin="round", opacity=0.85)
    under = chart.mark_text(fontSize=look.text, align=align, **style, **halo).encode(x="x:Q", y="y:Q", text="text:N")
    return [under, _text(chart, look, align, **style)]


def _drawn(look: Look) -> dict[str, list[alt.Chart]]:
    """Return the layers that both charts share: lines, points and their labels."""
    p = look.palette
    faint = alt.condition("datum.part == 'ahead'", alt.value(0.4), alt.value(1))
    size = alt.condition("datum.part == 'now'", alt.value((4.4 * look.stroke) ** 2), alt.value((2.8 * look.stroke) ** 2))
    dash = alt.StrokeDash("dash:N", legend=None, scale=alt.Scale(domain=["solid", "dashed"], range=[[1, 0], [6, 5]]))
    shape = alt.Shape("kind:N", legend=None, scale=alt.Scale(domain=list(SHAPES), range=list(SHAPES.values())))
    where = dict(x="x:Q", y="y:Q", color=_colour(look), shape=shape, angle=alt.Angle("angle:Q", scale=None))
    edge: dict[str, Any] = dict(filled=False, fill=p.background, strokeWidth=0.7 * look.stroke, opacity=1)
    line = _chart("lines").mark_line(clip=True, strokeWidth=look.stroke, strokeJoin="round")
    return {
        "lines": [
            line.encode(x="x:Q", y="y:Q", detail="path:N", order="i:Q", color=_colour(look), opacity=faint, strokeDash=dash)
        ],
        "points": [
            _chart("marks", "edge").mark_point(**edge, size=(2 * look.text) ** 2).encode(**where),
            _chart("marks", "floor", "ceiling").mark_point(**edge).encode(**where, size=size, opacity=faint),
            _chart("marks", "point").mark_point(filled=True, stroke=p.background, strokeWidth=2)
            .encode(**where, size=size, opacity=faint),
            _chart("marks", "ring").mark_point(filled=False, size=(6.5 * look.stroke) ** 2, strokeWidth=0.7 * look.stroke)
            .encode(**where, opacity=faint),
        ],
        "labels": _over(_chart("marks", "label"), look, "left", fontWeight="bold"),
    }  # fmt: skip


def _layered(layers: dict[str, list[alt.Chart]], box: _Box, look: Look) -> dict[str, Any]:
    flat = [layer.properties(name=f"{name}_{i}") for name, group in layers.items() for i, layer in enumerate(group)]
    chart = alt.layer(*flat).properties(autosize="none", padding=dict(left=0, right=0, top=0, bottom=0))
    return fixed(chart, look, width=look.width, height=int(box.height))


def _scales(box: _Box) -> tuple[alt.X, alt.Y]:
    """Return the encodings that declare the scales of a whole chart."""
    left, right, bottom, top = box.window
    x = alt.X("x:Q", scale=alt.Scale(domain=[left, right], nice=False, zero=False), axis=None)
    return x, alt.Y("y:Q", scale=alt.Scale(domain=[bottom, top], nice=False, zero=False), axis=None)


@functools.lru_cache(maxsize=64)
def _history_spec(
    n_steps: int, low: int, high: int, x_title: str, y_title: str, height: int | None, look: Look
) -> dict[str, Any]:
    p, text, box = look.palette, look.text, _history_box(n_steps, low, high, height, look)
    (x, y), n = _scales(box), max(n_steps, 1)
    across, down = box.pixels(1, 0)[0] - box.pixels(0, 0)[0], box.pixels(0, 0)[1] - box.pixels(0, 1)[1]
    k = max(1, round(_tick(across, 3 * text)))
    decades = next(d for d in (1, 2, 4, 8, 16, 32, 64, 128, 1000) if d * down >= 1.8 * text)
    levels = [e for e in range(low + 1, high + 1) if e % decades == 0 and (e - low) * down >= 1.3 * text]
    level = _rows(*(_note(0, e, _power(e)) | {"x2": n} for e in levels))
    floor = _rows(_note(0, low, "≤" + _power(low)) | {"x2": n})
    steps = _rows(*(_note(i, low, str(i)) for i in range(0, n_steps + 1, k)))
    x_at, y_at = box.place(box.pixels(n, 0)[0], box.height - 0.7 * text), box.place(0, 0.7 * text)
    layers = {
        "axes": [
            level.mark_rule(color=p.faint).encode(x=x, y=y, x2="x2:Q"),
            floor.mark_rule(color=p.reference, strokeWidth=1.5).encode(x="x:Q", y="y:Q", x2="x2:Q"),
            *(_text(rows, look, "right", dx=-0.4 * text) for rows in (level, floor)),
            _text(steps, look, "center", dy=0.9 * text),
            _text(_rows(_note(*x_at, x_title)), look, "right"),
            _text(_rows(_note(*y_at, y_title)), look, "left"),
        ],
        **_drawn(look),
    }
    return _layered(layers, box, look)


@functools.lru_cache(maxsize=64)
def _curve_spec(reach_x: float, reach_y: float, x_title: str, y_title: str, height: int | None, look: Look) -> dict[str, Any]:
    p, text, box = look.palette, look.text, _curve_box(reach_x, reach_y, height, look)
    x, y = _scales(box)
    across, down = box.width / (2 * reach_x), box.height / (2 * reach_y)
    columns, rows = _ticks(reach_x - text / across, across, 4 * text), _ticks(reach_y - 0.7 * text / down, down, 2.2 * text)
    axes = _rows(dict(x=-reach_x, x2=reach_x, y=0, y2=0), dict(x=0, x2=0, y=-reach_y, y2=reach_y))
    (_, across_x, down_x), (across_y, _, down_y) = _title_spots(x_title, y_title, box, look)
    x_at, y_at = box.place(across_x, down_x), box.place(across_y, down_y)
    drawn = _drawn(look)
    layers = {
        "axes": [axes.mark_rule(color=p.reference, strokeWidth=1.5).encode(x=x, y=y, x2="x2:Q", y2="y2:Q")],
        "curve": drawn["lines"],
        "numbers": [
            *_over(_rows(*(_note(at, 0, said) for at, said in columns)), look, "center", dy=0.9 * text),
            *_over(_rows(*(_note(0, at, said) for at, said in rows)), look, "right", dx=-0.4 * text),
            *_over(_rows(_note(*x_at, x_title)), look, "right"),
            *_over(_rows(_note(*y_at, y_title)), look, "left"),
        ],
        "points": drawn["points"],
        "labels": drawn["labels"],
    }
    return _layered(layers, box, look)


def _note(x: float, y: float, text: str) -> Row:
    return dict(x=x, y=y, text=text, role="reference")


def _ticks(reach: float, unit: float, room: float) -> list[tuple[float, str]]:
    """Return where the numbers of an axis stand, at least one on each side of zero, and how they are written."""
    tick, ten = _tick(unit, room), 10.0 ** np.floor(np.log10(reach))
    if tick > reach:
        tick = next(ten * m for m in (5, 2, 1) if ten * m <= reach)
    n = int(reach / tick)
    return [(float(k * tick), f"{k * tick:.4g}".replace("-", "−")) for k in range(-n, n + 1) if k]
