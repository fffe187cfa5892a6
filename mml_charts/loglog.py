"""Axes of powers of ten both ways: a cloud of any number of points, and how values are distributed.

Charts count in powers of ten: a value of 1000 lies at 3. Axes reach from whole power to whole power.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import altair as alt
import numpy as np
from numpy.typing import NDArray

from mml_charts.curves import LETTER, LINE, SHAPE, SUPERSCRIPT, _clipped, apart
from mml_charts.figure import Columns, Figure, columns, fixed, raster_url
from mml_charts.theme import ROLES, Look, Role, rgb

Floats = NDArray[np.float64]
# As mere words Altair would look them up in its whole schema, 10 ms for each.
X, Y, X2, Y2, TEXT, PATH, URL = (
    alt.X("x:Q"),
    alt.Y("y:Q"),
    alt.X2("x2:Q"),
    alt.Y2("y2:Q"),
    alt.Text("text:N"),
    alt.Detail("path:N"),
    alt.Url("url:N"),
)
Row = dict[str, Any]
Spot = tuple[float, float, str, Role]
Decades = tuple[int, int, int, int]
MOST = 2000  # points that are drawn one by one
THINNED = 500  # points of a line at most
GRAIN = 3  # pixels that a square of a density is wide
ZERO = 1.0  # decades that the place of zero is left of the axis
SCATTER_MARKS = ("axes", "density", "points", "curve", "outliers", "labels")
DISTRIBUTION_MARKS = ("axes", "lines", "points", "labels")
FAINTEST = 0.3  # how strong the colour of a single point is
PICTURE: dict[str, type] = dict(x=float, x2=float, y=float, y2=float, url=str)
OUTLIERS: dict[str, type] = dict(x=float, y=float, x2=float, y2=float, text=str, role=str)
LABELS: dict[str, type] = dict(x=float, y=float, text=str, role=str)


class Tail(NamedTuple):
    """A line through points (x, y), labelled at its end; where it is `dotted`, only its points are drawn."""

    x: Floats
    y: Floats
    label: str
    role: Role = "first"
    dashed: bool = False
    dotted: bool = False


@dataclass(frozen=True)
class _Box:
    """A chart of `width` by `height` pixels; `window` is what it shows, in powers of ten, and `decades` its axes."""

    width: int
    height: int
    window: tuple[float, float, float, float]
    decades: Decades
    zero: bool

    def pixels(self, x: float, y: float) -> tuple[float, float]:
        """Return a place in pixels, from the left and from the top."""
        left, right, bottom, top = self.window
        return (x - left) / (right - left) * self.width, (top - y) / (top - bottom) * self.height

    def place(self, across: float, down: float) -> tuple[float, float]:
        """Return a place in powers of ten from its pixels."""
        left, right, bottom, top = self.window
        return left + across / self.width * (right - left), top - down / self.height * (top - bottom)


def scatter(
    title: str,
    *,
    look: Look,
    x: Floats,
    y: Floats,
    names: Sequence[tuple[int, str]] = (),
    x_title: str,
    y_title: str,
    zero_x: bool = False,
    curve: tuple[Floats, Floats, str] | None = None,
    marked: tuple[int, str] | None = None,
    decades: Decades | None = None,
    height: int | None = None,
) -> Figure:
    """Return points on two axes of powers of ten; `names` labels some of them (index, text), `marked` one more.

    Above 2,000 points the cloud is a picture of how many lie where. With `zero_x` an x of zero has a place of its own left
    of the axis. A dashed curve (x, y, label) may go with them. Axes are whole `decades` (left, right, bottom, top), those of
    the data if none are given; what lies outside, or is no positive number, is left out.
    """
    across, up = _powers(x, zero_x), _powers(y, False)
    box = _box(_decades(across, up, decades), zero_x, 1.2, height, look)
    across = np.where(across == -np.inf, box.decades[0] - ZERO, across)
    inside = _inside(across, up, box)
    cloud, dense = (across[inside], up[inside]), int(inside.sum()) > MOST
    named: list[tuple[int, str, Role]] = [] if marked is None else [(*marked, "second")]
    named += [(k, text, "result") for k, text in names if marked is None or k != marked[0]]
    spots: list[Spot] = [(across[k], up[k], text, role) for k, text, role in named if 0 <= k < len(across) and inside[k]]
    line = Tail(np.empty(0), np.empty(0), "") if curve is None else Tail(*curve, "reference", True)
    runs = _runs(_line_powers(line), line, box)
    labels, ends = _labels([*spots, *_ends([(run, line) for run in runs])], box, look)
    tables = {
        "lines": _lines([(run, line) for run in runs]),
        "labels": columns(labels, LABELS),
        "outliers": _outliers(spots, ends),
    }
    tables |= {"density": _density(*cloud, box, look)} if dense else {"points": dict(zip("xy", cloud, strict=True))}
    marks = tuple(name for name in SCATTER_MARKS if name != ("points" if dense else "density"))
    return Figure(title, _scatter_spec(dense, box, x_title, y_title, look), tables, box.window, marks=marks)


def distribution(
    title: str,
    *,
    look: Look,
    series: Sequence[Tail | tuple[Floats, Floats, str, Role, bool]],
    x_title: str,
    y_title: str,
    decades: Decades | None = None,
    height: int | None = None,
) -> Figure:
    """Return lines, or points, on two axes of powers of ten, each labelled at its end.

    Axes are whole `decades` (left, right, bottom, top), those of the data if none are given; what lies outside, or is no
    positive number, is left out. A line of more than 500 points is thinned out.
    """
    tails = [Tail(*one) for one in series]
    powers = [_line_powers(one) for one in tails]
    across, up = np.vstack([np.empty((0, 2)), *powers]).T
    longest = max((len(one.label) for one in tails), default=0)
    margin = min(max(1.2, 1.4 + LETTER * longest), 0.2 * look.width / look.text)
    box = _box(_decades(across, up, decades), False, margin, height, look)
    drawn = [(run, one) for one, points in zip(tails, powers, strict=True) for run in _runs(points, one, box)]
    dots = [(run, one) for run, one in drawn if one.dotted or len(run) == 1]
    tables = {
        "lines": _lines([(run, one) for run, one in drawn if not one.dotted and len(run) > 1]),
        "points": _lines(dots),
        "labels": columns(_labels(_ends(drawn), box, look)[0], LABELS),
    }
    return Figure(title, _distribution_spec(box, x_title, y_title, look), tables, box.window, marks=DISTRIBUTION_MARKS)


def _powers(values: Floats, zero: bool) -> Floats:
    """Return the powers of ten that values are; NaN for what has none, and -inf for zero where that has a place."""
    v = np.asarray(values, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        powers = np.log10(v)
    return np.where(np.isfinite(powers) | ((v == 0) & zero), powers, np.nan)


def _decades(across: Floats, up: Floats, given: Decades | None) -> Decades:
    """Return the axes, at least one power of ten long: those given, or the whole ones around the data."""
    ends: list[int] = []
    known = np.isfinite(up) & ~np.isnan(across)
    for k, powers in enumerate((across, up)):
        v = powers[known & np.isfinite(powers)]
        low, high = (0, 1) if not len(v) else (int(np.floor(v.min() + 1e-9)), int(np.ceil(v.max() - 1e-9)))
        low, high = (low, high) if given is None else given[2 * k : 2 * k + 2]
        ends += [low, max(high, low + 1)]
    return ends[0], ends[1], ends[2], ends[3]


def _inside(across: Floats, up: Floats, box: _Box) -> NDArray[np.bool_]:
    left, right, bottom, top = box.decades
    x = (across >= left - ZERO * box.zero) & (across <= right)
    inside: NDArray[np.bool_] = x & (up >= bottom) & (up <= top)
    return inside


def _line_powers(one: Tail) -> Floats:
    """Return the points (n, 2) of a line in powers of ten, thinned out."""
    n = min(len(one.x), len(one.y))
    points = np.column_stack([_powers(one.x[:n], False), _powers(one.y[:n], False)])
    return points[_thinned(points)]


def _runs(points: Floats, one: Tail, box: _Box) -> list[Floats]:
    """Return the parts of a line that lie within the axes, cut exactly where it leaves them."""
    left, right, bottom, top = box.decades
    middle, reach = np.array([left + right, bottom + top]) / 2, np.array([right - left, top - bottom]) / 2
    if one.dotted or len(points) == 1:
        points = points[(np.abs(points - middle) <= reach).all(axis=1)]
        return [points] if len(points) else []
    return [middle + run for run in _clipped(points - middle, reach)]


def _ends(runs: Sequence[tuple[Floats, Tail]]) -> list[Spot]:
    """Return the last point of each line, with its label."""
    last = {id(one): (float(run[-1, 0]), float(run[-1, 1]), one.label, one.role) for run, one in runs}
    return [spot for spot in last.values() if spot[2]]


def _thinned(points: Floats) -> NDArray[np.intp]:
    """Return at most so many of the points, first and last among them, evenly spread along the axis."""
    n = len(points)
    if n <= THINNED:
        return np.arange(n)
    way = np.concatenate([[0.0], np.cumsum(np.nan_to_num(np.abs(np.diff(points[:, 0]))))])
    even = np.searchsorted(way, np.linspace(0, way[-1], THINNED)) if way[-1] > 0 else np.linspace(0, n - 1, THINNED)
    return np.unique(np.clip(np.append(even[1:-1], [0, n - 1]), 0, n - 1).astype(np.intp))


def _lines(lines: Sequence[tuple[Floats, Tail]]) -> Columns:
    """Return all lines as one table."""
    counts = [len(run) for run, _ in lines]
    xy = np.vstack([run for run, _ in lines]) if lines else np.empty((0, 2))
    texts = dict(role=[one.role for _, one in lines], dash=["dashed" if one.dashed else "solid" for _, one in lines])
    numbers = dict(x=xy[:, 0], y=xy[:, 1], path=np.repeat(np.arange(len(lines)), counts))
    return numbers | {name: np.repeat(np.array(values, object), counts) for name, values in texts.items()}


def _outliers(spots: Sequence[Spot], ends: Sequence[tuple[float, float]]) -> Columns:
    """Return labelled points, the first on top, and where the lines to their labels end."""
    rows = [dict(x=x, y=y, x2=a, y2=b, text=t, role=role) for (x, y, t, role), (a, b) in zip(spots, ends, strict=False)]
    return columns(rows[::-1], OUTLIERS)


def _density(across: Floats, up: Floats, box: _Box, look: Look) -> Columns:
    """Return a picture of how many points lie where, from the background to the colour of the first role."""
    left, right, bottom, top = box.decades
    start = left - ZERO * 1.25 * box.zero
    (x0, y0), (x1, y1) = box.pixels(start, top), box.pixels(right, bottom)
    nx, ny = max(1, int((x1 - x0) / GRAIN)), max(1, int((y1 - y0) / GRAIN))
    i = np.minimum(((across - start) * (nx / (right - start))).astype(np.int32), nx - 1)
    j = np.minimum(((top - up) * (ny / (top - bottom))).astype(np.int32), ny - 1)
    counts = np.bincount(j * nx + i, minlength=nx * ny).reshape(ny, nx).astype(float)
    if box.zero:  # zero is one place: its column is broad enough to be seen
        k = int(0.25 * ZERO * nx / (right - start))
        counts[:, max(0, k - 2) : k + 3] = counts[:, k : k + 1]
    level = np.where(counts > 0, FAINTEST + (1 - FAINTEST) * np.log1p(counts) / np.log1p(max(counts.max(), 1)), 0)
    ground, ink = (np.array(rgb(c), float) for c in (look.palette.background, look.palette.first))
    pixels = np.rint(ground + level[..., None] * (ink - ground)).astype(np.uint8)
    url = raster_url(pixels, GRAIN * max(nx, ny))
    return columns([dict(x=start, x2=right, y=bottom, y2=top, url=url)], PICTURE)


def _labels(spots: Sequence[Spot], box: _Box, look: Look) -> tuple[list[Row], list[tuple[float, float]]]:
    """Return labels beside their points, clear of each other and of the points, and where each begins or ends.

    On these axes most things lie along the diagonal: labels of what lies above it are on the left.
    """
    places, gap = [], 0.6 * look.text
    left, right, bottom, top = box.decades
    axis = box.pixels(left - ZERO * 1.25 * box.zero, top)[0]
    points = [box.pixels(x, y) for x, y, _, _ in spots]
    for (x, y, text, _), (across, down) in zip(spots, points, strict=True):
        wide = LETTER * look.text * len(text)
        above = (y - bottom) / (top - bottom) > (x - left) / (right - left)
        on_left = across - gap - wide > axis and (above or across + gap + wide > box.width - 2)
        start = across - gap - wide if on_left else min(across + gap, max(2.0, box.width - 2 - wide))
        places.append((start, start + wide, down))
    taken = [(across - 0.4 * gap, across + 0.4 * gap, down) for across, down in points]
    downs = apart([*taken, *places], LINE * look.text, 0.8 * look.text, box.height - 3.2 * look.text)[len(taken) :]
    rows, ends = [], []
    for (_, _, text, role), (start, stop, _), down, (across, at) in zip(spots, places, downs, points, strict=True):
        x, y = box.place(start, down)
        rows.append(dict(x=x, y=y, text=text, role=role))
        ends.append(box.place(start if start > across else stop, down) if abs(down - at) > 1 else box.place(across, at))
    return rows, ends


def _power(exponent: int) -> str:
    """Return a power of ten as it is written.

    >>> _power(-6), _power(0), _power(2), _power(3)
    ('10⁻⁶', '1', '100', '10³')
    """
    return {0: "1", 1: "10", 2: "100"}.get(exponent, "10" + str(exponent).translate(SUPERSCRIPT))


@functools.lru_cache(maxsize=64)
def _box(decades: Decades, zero: bool, margin: float, height: int | None, look: Look) -> _Box:
    """Return the box of a chart, with room for numbers and titles; `margin` texts on the right."""
    (x0, x1, y0, y1), text = decades, look.text
    tall = round(max(SHAPE * look.width, 18 * text)) if height is None else height
    left, right, top, bottom = 3.4 * text, margin * text, 2.0 * text, 2.7 * text
    start = x0 - ZERO * 1.25 * zero
    decade, rise = (look.width - left - right) / (x1 - start), (tall - top - bottom) / (y1 - y0)
    window = (start - left / decade, x1 + right / decade, y0 - bottom / rise, y1 + top / rise)
    return _Box(look.width, tall, window, decades, zero)


def _every(decade: float, room: float) -> int:
    """Return every how many powers of ten there is room for a number."""
    return next(k for k in (1, 2, 3, 5, 10, 20, 50, 100, 1000) if k * decade >= room or k == 1000)


def _rows(*rows: Row) -> alt.Chart:
    return alt.Chart(alt.Data(values=list(rows)))


def _table(name: str) -> alt.Chart:
    return alt.Chart(alt.NamedData(name))


def _axes(box: _Box, x_title: str, y_title: str, look: Look) -> list[alt.Chart]:
    """Return the lines at powers of ten, their numbers and the titles."""
    p, text, (x0, x1, y0, y1) = look.palette, look.text, box.decades
    unit_x, unit_y = box.pixels(1, 0)[0] - box.pixels(0, 0)[0], box.pixels(0, 0)[1] - box.pixels(0, 1)[1]
    xs = [e for e in range(x0, x1 + 1) if e % _every(unit_x, 3 * text) == 0]
    ys = [e for e in range(y0, y1 + 1) if e % _every(unit_y, 1.8 * text) == 0]
    left = x0 - ZERO * 1.25 * box.zero
    zero = [dict(x=x0 - ZERO, y=y0, y2=y1, text="0", role="reference")] if box.zero else []
    upright = _rows(*zero, *(dict(x=e, y=y0, y2=y1, text=_power(e), role="reference") for e in xs))
    level = _rows(*(dict(x=left, x2=x1, y=e, text=_power(e), role="reference") for e in ys))
    frame = _rows(dict(x=left, x2=x1, y=y0, y2=y0), dict(x=left, x2=left, y=y0, y2=y1))
    end, start = box.place(box.width - 0.3 * text, box.height - 0.7 * text), (left, box.place(0, 0.7 * text)[1])
    aligns: tuple[Any, ...] = ("right", "left")
    titles = [
        (_rows(dict(x=x, y=y, text=title)), align)
        for (x, y), title, align in zip((end, start), (x_title, y_title), aligns, strict=True)
    ]
    grid: dict[str, Any] = dict(color=p.reference, opacity=0.25)
    style: dict[str, Any] = dict(fontSize=text, color=p.reference)
    where: dict[str, Any] = dict(x=X, y=Y)
    return [
        upright.mark_rule(**grid).encode(**where, y2=Y2),
        level.mark_rule(**grid).encode(**where, x2=X2),
        frame.mark_rule(color=p.reference, strokeWidth=1.5).encode(**where, x2=X2, y2=Y2),
        upright.mark_text(**style, dy=0.9 * text).encode(**where, text=TEXT),
        level.mark_text(**style, align="right", dx=-0.4 * text).encode(**where, text=TEXT),
        *(chart.mark_text(**style, align=align).encode(**where, text=TEXT) for chart, align in titles),
    ]


def _colour(look: Look) -> alt.Color:
    scale = alt.Scale(domain=list(ROLES), range=[look.palette.role(role) for role in ROLES])
    return alt.Color("role:N", scale=scale, legend=None)


def _drawn_lines(look: Look) -> list[alt.Chart]:
    dash = alt.StrokeDash("dash:N", legend=None, scale=alt.Scale(domain=["solid", "dashed"], range=[[1, 0], [6, 5]]))
    line = _table("lines").mark_line(order=False, clip=True, strokeWidth=0.8 * look.stroke, strokeJoin="round")
    return [line.encode(x=X, y=Y, detail=PATH, color=_colour(look), strokeDash=dash)]


def _drawn_labels(look: Look) -> list[alt.Chart]:
    """Return texts over a halo."""
    halo: dict[str, Any] = dict(stroke=look.palette.background, strokeWidth=4, strokeJoin="round", opacity=0.85)
    text = [_table("labels").mark_text(fontSize=look.text, align="left", fontWeight="bold", **style) for style in (halo, {})]
    where: dict[str, Any] = dict(x=X, y=Y, text=TEXT)
    return [text[0].encode(**where), text[1].encode(**where, color=_colour(look))]


def _layered(layers: dict[str, list[alt.Chart]], box: _Box, look: Look) -> dict[str, Any]:
    left, right, bottom, top = box.window
    flat = [layer.properties(name=f"{name}_{i}") for name, group in layers.items() for i, layer in enumerate(group)]
    x = alt.X("x:Q", scale=alt.Scale(domain=[left, right], nice=False, zero=False), axis=None)
    flat[0] = flat[0].encode(x=x, y=alt.Y("y:Q", scale=alt.Scale(domain=[bottom, top], nice=False, zero=False), axis=None))
    chart = alt.layer(*flat).properties(autosize="none", padding=dict(left=0, right=0, top=0, bottom=0))
    return fixed(chart, look, width=box.width, height=box.height)


@functools.lru_cache(maxsize=64)
def _scatter_spec(dense: bool, box: _Box, x_title: str, y_title: str, look: Look) -> dict[str, Any]:
    p, where = look.palette, dict[str, Any](x=X, y=Y)
    picture = _table("density").mark_image(aspect=False).encode(**where, x2=X2, y2=Y2, url=URL) if dense else None
    point = _table("points").mark_point(filled=True, size=(1.4 * look.stroke) ** 2, opacity=0.6, color=p.first)
    outlier = _table("outliers").mark_point(
        filled=True, opacity=1, size=(2.8 * look.stroke) ** 2, stroke=p.background, strokeWidth=1.5
    )
    leader = _table("outliers").mark_rule(color=p.reference, strokeWidth=1)
    layers = ({"density": [picture]} if picture else {}) | {
        "axes": _axes(box, x_title, y_title, look),
        **({} if dense else {"points": [point.encode(**where)]}),
        "curve": _drawn_lines(look),
        "outliers": [leader.encode(**where, x2=X2, y2=Y2), outlier.encode(**where, color=_colour(look))],
        "labels": _drawn_labels(look),
    }
    return _layered(layers, box, look)


@functools.lru_cache(maxsize=64)
def _distribution_spec(box: _Box, x_title: str, y_title: str, look: Look) -> dict[str, Any]:
    point = _table("points").mark_point(filled=True, opacity=0.9, size=(1.6 * look.stroke) ** 2)
    layers = {
        "axes": _axes(box, x_title, y_title, look),
        "lines": _drawn_lines(look),
        "points": [point.encode(x=X, y=Y, color=_colour(look))],
        "labels": _drawn_labels(look),
    }
    return _layered(layers, box, look)
