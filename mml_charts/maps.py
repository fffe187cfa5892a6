"""Maps: the heights of a surface as bands between contours, with paths, arrows and marked points on two equal axes.

The picture is as exact as the screen: the band of a pixel is that of the height in its middle, and a contour is drawn where
the height passes its level. It fills its box to the edge; numbers stand inside, along the left and the lower edge.
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
from PIL import Image

from mml_charts import inks
from mml_charts.curves import LETTER, LINE, apart
from mml_charts.figure import Columns, Figure, columns, fixed, image_url, refitted, remembered
from mml_charts.inks import Dash, Ink
from mml_charts.theme import Look, rgb

Floats = NDArray[np.float64]
Window = tuple[float, float, float, float]
MARKS = ("picture", "numbers", "field", "paths", "arrows", "points", "labels")
SIDE = 520  # pixels of a map's picture
SOFT = 4  # shades from a band to its contour
FLOOR = 0.34  # how much of the ink the lowest band has
FAR = 3.0  # windows beyond the edge where a path's line ends: further out a browser's arithmetic does
POINT: dict[str, type] = dict(x=float, y=float, angle=float, ink=str, kind=str)
LABEL: dict[str, type] = dict(x=float, y=float, text=str, ink=str, size=float)
NAME = 9  # pixels by which the name of a region is larger than a label
KEPT = 24  # pictures that are kept, about half a megabyte each with the heights that they show
_drawn: dict[Any, tuple[Any, str]] = {}
PICTURE: dict[str, type] = dict(x=float, x2=float, y=float, y2=float, url=str)


@dataclass(frozen=True)
class Track:
    """A path through points (n, 2), labelled at its end; NaN ends it.

    `steps` (m, 2) are marked; a walk with steps that leaves the map for good ends there in a hollow head. A thin one is a line
    of a grid: without any halo, so that many lie close together.
    """

    points: Floats
    ink: Ink = "result"
    dash: Dash = "solid"
    label: str = ""
    steps: Floats | None = None
    glyph: str = "dot"
    faint: bool = False
    thin: bool = False


@dataclass(frozen=True)
class Arrow:
    """An arrow from `tail` to `tip`, labelled at its tip."""

    tail: tuple[float, float]
    tip: tuple[float, float]
    ink: Ink = "result"
    label: str = ""


@dataclass(frozen=True)
class Spot:
    """A marked place; without a glyph only its label stands there, large: the name of a region."""

    at: tuple[float, float]
    ink: Ink = "result"
    glyph: str = "dot"
    label: str = ""


LEVEL_GLYPHS = {"minimum": "down", "maximum": "up", "saddle": "cross", "flat": "bar"}


def level_spots(points: Floats, kinds: Sequence[str]) -> list[Spot]:
    """Return level points (n, 2) as marks, the kind of each told by its glyph."""
    return [Spot((x, y), "result", LEVEL_GLYPHS[kind]) for (x, y), kind in zip(points.tolist(), kinds, strict=True)]


def contour_map(
    title: str,
    *,
    window: Window,
    look: Look,
    picture: str,
    tracks: Sequence[Track] = (),
    arrows: Sequence[Arrow] = (),
    spots: Sequence[Spot] = (),
    field: Floats | None = None,
) -> Figure:
    """Return a map of `window` (left, right, bottom, top; as wide as high) over a picture of it, a data URL.

    `field` holds small arrows (n, 4): x, y and the step that each shows.
    """
    box: dict[str, Any] = dict(x=window[0], x2=window[1], y=window[2], y2=window[3], url=picture)
    heads, shafts = _arrows(arrows, window, look)
    marked = [s for s in spots if s.glyph and _inside(s.at, window)]
    tables = {
        "picture": columns([box], PICTURE),
        "paths": _paths([*tracks, *shafts], window),
        "points": columns([*_steps(tracks, window), *(_spot(s) for s in marked), *heads], POINT),
        "field": _field(field),
        "labels": columns(_labels(tracks, arrows, spots, window, look), LABEL),
    }
    return Figure(title, _spec(window, look), tables, window, square=True, marks=MARKS)


def bands(values: Floats, levels: Floats, look: Look) -> str:
    """Return heights (n, n), row 0 at the top, as a picture of bands between contour levels (k,), ascending; a data URL.

    What has no height is hatched in grey.
    """
    return remembered(_drawn, KEPT, (values,), (levels.tobytes(), look), lambda: _bands(values, levels, look))


def _bands(values: Floats, levels: Floats, look: Look) -> str:
    """Draw the picture of bands and contours."""
    u = np.interp(values, levels, np.arange(len(levels), dtype=float))
    u = np.where(values < levels[0], 0.0, np.where(values > levels[-1], len(levels) - 1.0, u))
    missing = ~np.isfinite(values)
    u = _filled(u, missing)
    fine = np.asarray(Image.fromarray(u.astype(np.float32)).resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    down, across = np.gradient(fine)
    steepness = np.hypot(down, across) + 1e-6
    line = np.clip(1.25 - np.abs(fine - np.rint(fine)) / steepness, 0, 1)
    line[(fine < 0.5) | (fine > len(levels) - 1.5)] = 0.0  # the ends of the scale are no contours
    band = np.clip(fine, 0, len(levels) - 1.001).astype(np.uint8)
    index = band * (SOFT + 1) + np.rint(SOFT * line).astype(np.uint8)
    colours = _band_colours(len(levels) - 1, look)
    if missing.any():
        hole = np.asarray(Image.fromarray(missing).resize((SIDE, SIDE), Image.Resampling.NEAREST))
        rows, cols = np.indices(hole.shape)
        index = np.where(hole, len(colours) + ((rows + cols) % 12 < 2), index)
        colours = np.vstack([colours, rgb(look.palette.panel), rgb(look.palette.border)])
    return image_url(index.astype(np.uint8), colours)


def _filled(u: Floats, missing: NDArray[np.bool_]) -> Floats:
    """Return a picture whose holes continue what is around them, so that enlarging it draws nothing at their rims."""
    u = np.where(missing, 0.0, u)
    known = ~missing
    for _ in range(4):  # the widest reach of the enlargement
        if known.all():
            break
        total, count = np.zeros_like(u), np.zeros_like(u)
        for axis in (0, 1):
            for step in (-1, 1):
                near = np.roll(known, step, axis)
                total += np.where(near, np.roll(u, step, axis), 0.0)
                count += near
        fresh = ~known & (count > 0)
        u = np.where(fresh, total / np.maximum(count, 1), u)
        known = known | fresh
    return u


def regions(index: NDArray[np.intp], n: int, shade: Floats, look: Look) -> str:
    """Return a picture of regions (rows, columns) numbered 0 to n - 1, -1 for none, each in a category's colour; a data URL.

    `shade` (rows, columns) from 0 to 1 says how much of the ground shows through. Each of the first 64 differs by its pattern
    as well as its colour.
    """
    p = look.palette
    ground = np.array(rgb(p.background), float)
    inked = np.array([rgb(p.categories[i % len(p.categories)]) for i in range(max(n, 1))], float)
    times = max(1, SIDE // max(index.shape))
    large, shades = (np.kron(a, np.ones((times, times), a.dtype)) for a in (index, np.asarray(shade, float)))
    rows, cols = np.indices(large.shape)
    pattern = (large >= 0) & _pattern((large + large // 8) % 8, rows, cols)
    strength = np.where(large >= 0, 0.62 - 0.42 * shades + 0.3 * pattern, 0.0)[..., None]
    colours = ground + strength * (inked[np.maximum(large, 0)] - ground)
    colours[large < 0] = rgb(p.panel)
    return image_url(np.rint(colours).astype(np.uint8))


def _pattern(kind: NDArray[Any], rows: Any, cols: Any) -> NDArray[np.bool_]:
    """Return where the lines of a region's pattern lie."""
    lines = [
        np.zeros_like(rows, bool), (rows + cols) % 14 < 2, (rows - cols) % 14 < 2, rows % 10 < 2, cols % 10 < 2,
        (rows % 12 < 2) & (cols % 12 < 6), ((rows + cols) % 18 < 2) | ((rows - cols) % 18 < 2), (rows % 8 < 2) & (cols % 8 < 2),
    ]  # fmt: skip
    chosen: NDArray[np.bool_] = np.choose(kind, lines)
    return chosen


@functools.lru_cache(maxsize=16)
def _band_colours(n: int, look: Look) -> NDArray[np.uint8]:
    """Return the colours of n bands, each in SOFT + 1 shades towards its contour; low is dark, and lines are thin ink."""
    p = look.palette
    ground, ink, line = (np.array(rgb(c), float) for c in (p.background, p.first, p.reference))
    share = FLOOR * (1 - np.arange(n) / max(n - 1, 1))[:, None]
    flat = ground + share * (ink - ground)
    soft = np.linspace(0, 0.5, SOFT + 1)[None, :, None]
    shades: NDArray[np.uint8] = np.rint(flat[:, None] + soft * (line - flat[:, None])).astype(np.uint8)
    return shades.reshape(-1, 3)


def _inside(at: Sequence[float] | Floats, window: Window) -> bool:
    return bool(window[0] <= at[0] <= window[1] and window[2] <= at[1] <= window[3])


def _spot(spot: Spot) -> dict[str, Any]:
    return dict(x=spot.at[0], y=spot.at[1], angle=0.0, ink=spot.ink, kind=spot.glyph)


def _reached(points: Floats, window: Window) -> Floats:
    """Return a path up to its first NaN, or to where it is far outside; its last line then ends there."""
    known = np.isfinite(points).all(axis=1)
    points = points[: len(points) if known.all() else int(np.argmin(known))]
    middle, reach = _middle(window), FAR * (window[1] - window[0])
    out = np.flatnonzero(np.abs(points - middle).max(axis=1, initial=0.0) > reach)
    if not len(out):
        return points
    k = int(out[0])
    if k == 0:
        return points[:0]
    step = points[k] - points[k - 1]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        up, down = ((middle + side * reach - points[k - 1]) / step for side in (1, -1))
        share = np.where(step > 0, up, np.where(step < 0, down, np.inf)).min()
    return np.vstack([points[:k], points[k - 1] + min(1.0, share) * step])


def _middle(window: Window) -> Floats:
    return np.array([(window[0] + window[1]) / 2, (window[2] + window[3]) / 2])


def _paths(tracks: Sequence[Track], window: Window) -> Columns:
    """Return all paths as one table."""
    ways = [_reached(np.asarray(t.points, float), window) for t in tracks]
    counts = [len(way) for way in ways]
    xy = np.vstack(ways) if ways else np.empty((0, 2))

    def each(values: list[Any]) -> NDArray[Any]:
        return np.repeat(np.array(values, object), counts)

    return {
        "x": xy[:, 0],
        "y": xy[:, 1],
        "path": np.repeat(np.arange(len(ways)), counts),
        "i": np.arange(len(xy)),
        "ink": each([t.ink for t in tracks]),
        "dash": each([t.dash for t in tracks]),
        "part": each(["thin" if t.thin else "faint" if t.faint else "full" for t in tracks]),
    }


def _exit(track: Track, window: Window) -> tuple[Floats, float] | None:
    """Return where a path that ends outside leaves the window for the last time, and its direction there in degrees."""
    way = _reached(np.asarray(track.points, float), window)
    inside = [_inside(p, window) for p in way]
    if not len(way) or inside[-1] or not any(inside):
        return None
    k = max(i for i, there in enumerate(inside) if there)
    step = way[k + 1] - way[k]
    low, high = np.array([window[0], window[2]]), np.array([window[1], window[3]])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(step > 0, (high - way[k]) / step, np.where(step < 0, (low - way[k]) / step, np.inf)).min()
    return np.clip(way[k] + min(share, 1.0) * step, low, high), 90.0 - math.degrees(math.atan2(step[1], step[0]))


def _steps(tracks: Sequence[Track], window: Window) -> list[dict[str, Any]]:
    """Return the marks of the steps, and a hollow head where a path leaves for good."""
    rows = []
    for t in tracks:
        if t.steps is not None:
            near = [p for p in np.asarray(t.steps, float).tolist() if _inside(p, window)]
            rows += [dict(x=x, y=y, angle=0.0, ink=t.ink, kind=t.glyph) for x, y in near]
        out = None if t.steps is None else _exit(t, window)  # a line without steps is no walk: it leads nowhere
        if out is not None:
            rows.append(dict(x=out[0][0], y=out[0][1], angle=out[1], ink=t.ink, kind="edge"))
    return rows


def _arrows(arrows: Sequence[Arrow], window: Window, look: Look) -> tuple[list[dict[str, Any]], list[Track]]:
    """Return heads and shafts; a shaft stops inside its head, so that the tip is where the head's tip is."""
    heads, shafts = [], []
    head = 15.0 * look.stroke / 3 * (window[1] - window[0]) / look.width
    for a in arrows:
        tail, tip = np.array(a.tail, float), np.array(a.tip, float)
        length = float(np.hypot(*(tip - tail)))
        ends = _visible(tail, tip, window)
        if ends is None or not _has_length(length, window):
            continue
        way = (tip - tail) / length
        leaves = not _inside(tip, window)
        heads.append(
            dict(
                x=ends[1][0],
                y=ends[1][1],
                angle=90.0 - math.degrees(math.atan2(way[1], way[0])),
                ink=a.ink,
                kind="edge" if leaves else "head",
            )
        )
        shown = float(np.hypot(*(ends[1] - ends[0])))
        shafts.append(Track(np.vstack([ends[0], ends[1] - (0 if leaves else min(0.8 * head, shown)) * way]), a.ink))
    return heads, shafts


def _has_length(length: float, window: Window) -> bool:
    return math.isfinite(length) and length > 1e-9 * (window[1] - window[0])


def _visible(tail: Floats, tip: Floats, window: Window) -> tuple[Floats, Floats] | None:
    """Return the two ends of the part of a straight line that lies in the window, None where none does."""
    low, high = np.array([window[0], window[2]]), np.array([window[1], window[3]])
    step = tip - tail
    if not np.isfinite(step).all():
        return None
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        one, other = (low - tail) / step, (high - tail) / step
    still, inside = step == 0, (low <= tail) & (tail <= high)
    enter = np.where(still, np.where(inside, -np.inf, np.inf), np.fmin(one, other)).max()
    leave = np.where(still, np.inf, np.fmax(one, other)).min()
    enter, leave = max(enter, 0.0), min(leave, 1.0)
    if not enter < leave:
        return None
    # An end that lies inside is taken as it is: no rounding may move a tip.
    return (tail if enter == 0 else np.clip(tail + enter * step, low, high)), (
        tip if leave == 1 else np.clip(tail + leave * step, low, high)
    )


def _field(field: Floats | None) -> Columns:
    """Return the small arrows of a field as shafts."""
    f = np.empty((0, 4)) if field is None else np.asarray(field, float)
    f = f[np.isfinite(f).all(axis=1)]
    return {
        "x": f[:, 0] - f[:, 2] / 2, "y": f[:, 1] - f[:, 3] / 2, "x2": f[:, 0] + f[:, 2] / 2, "y2": f[:, 1] + f[:, 3] / 2,
        "angle": 90.0 - np.degrees(np.arctan2(f[:, 3], f[:, 2])),
    }  # fmt: skip


def _labels(
    tracks: Sequence[Track], arrows: Sequence[Arrow], spots: Sequence[Spot], window: Window, look: Look
) -> list[dict[str, Any]]:
    """Return the labels of arrows, spots and tracks, beside them, none over another."""
    text, unit = look.text + 1, look.width / (window[1] - window[0])
    rows, places = [], []

    def add(label: str, ink: Ink, at: Sequence[float] | Floats, dx: float, dy: float, large: bool = False) -> None:
        size = text + NAME if large else text
        wide = LETTER * size * len(label)
        across, down = (at[0] - window[0]) * unit + dx, (window[3] - at[1]) * unit + dy
        begins = across - wide / 2 if large else across if dx >= 0 else across - wide
        left = float(np.clip(begins, 3, max(3.0, look.width - wide - 3)))
        rows.append(dict(text=label, ink=ink, size=float(size)))
        places.append((left, left + wide, down))

    for a in arrows:
        step = np.subtract(a.tip, a.tail)
        length = float(np.hypot(*step))
        ends = _visible(np.array(a.tail, float), np.array(a.tip, float), window)
        if a.label and ends is not None and _has_length(length, window):
            way = step / length
            said = a.label if _inside(a.tip, window) else f"{a.label} · length {length:.3g}"
            add(said, a.ink, ends[1], (6 if way[0] >= 0 else -6) + 8 * way[0], -14 * way[1])
    for s in spots:
        if s.label and _inside(s.at, window):
            add(s.label, s.ink, s.at, *((9.0, -11.0) if s.glyph else (0.0, 0.0)), large=not s.glyph)
    for t in tracks:
        way = _reached(np.asarray(t.points, float), window)
        if t.label and len(way):
            out = _exit(t, window)
            end = way[-1] if out is None else out[0]
            if _inside(end, window):
                add(t.label, t.ink, end, 11 if out is None else -11, 9)
    downs = apart(places, LINE * text, 0.7 * text, look.width - 0.7 * text)
    return [
        row | dict(x=window[0] + left / unit, y=window[3] - down / unit)
        for row, (left, _, _), down in zip(rows, places, downs, strict=True)
    ]


def _ticks(low: float, high: float) -> list[float]:
    """Return about six round numbers inside an axis, none close to its ends."""
    rough = (high - low) / 6
    ten = 10.0 ** math.floor(math.log10(rough))
    tick = min((ten * m for m in (1, 2, 5, 10)), key=lambda t: abs(math.log(t / rough)))
    room = 0.06 * (high - low)
    return [k * tick for k in range(math.ceil((low + room) / tick), math.floor((high - room) / tick) + 1)]


@functools.lru_cache(maxsize=128)
def _spec(window: Window, look: Look) -> dict[str, Any]:
    """Return the chart of a window."""
    left, right, bottom, top = window

    def number(v: float) -> str:
        return f"{v + 0.0:.5g}".replace("-", "−")

    below = [dict(x=v, y=bottom, text=number(v)) for v in _ticks(left, right)]
    beside = [dict(x=left, y=v, text=number(v)) for v in _ticks(bottom, top)]
    rows = {"numbers_0": below, "numbers_1": below, "numbers_2": beside, "numbers_3": beside}
    return refitted(_chart(look), window, rows, (look.width, look.width))


@functools.lru_cache(maxsize=16)
def _chart(look: Look) -> dict[str, Any]:
    """Return the chart but for its window."""
    p, text = look.palette, look.text
    scale = alt.Scale(domain=[0, 1], nice=False, zero=False)
    x, y = alt.X("x:Q", scale=scale, axis=None), alt.Y("y:Q", scale=scale, axis=None)
    x2, y2, said = inks.X2, inks.Y2, inks.TEXT
    angle, size, letters = alt.Angle("angle:Q", scale=None), look.stroke**2, alt.Size("size:Q", scale=None)
    faint = alt.condition("datum.part == 'faint'", alt.value(0.45), alt.value(1))
    width = alt.condition("datum.part == 'thin'", alt.value(1.2), alt.value(0.85 * look.stroke))
    halo = alt.condition("datum.part == 'full'", alt.value(0.8), alt.value(0.2))

    def table(name: str, condition: str = "") -> alt.Chart:
        chart = alt.Chart(alt.NamedData(name))
        return chart.transform_filter(condition) if condition else chart

    def numbers(**style: Any) -> list[alt.Chart]:
        rows = alt.Chart(alt.Data(values=[]))
        styles: list[dict[str, Any]] = [inks.halo(look), dict(color=p.text)]
        return [rows.mark_text(fontSize=text, **s, **style).encode(x=inks.X, y=inks.Y, text=said) for s in styles]

    # A place that is marked is larger than a step of a walk.
    places = alt.condition("datum.ink == 'result'", alt.value(18 * size), alt.value(7 * size))
    path = dict(x=inks.X, y=inks.Y, detail=inks.PATH, order=inks.ORDER)
    drawn: dict[str, list[alt.Chart]] = {
        "picture": [table("picture").mark_image(aspect=False).encode(x=x, y=y, x2=x2, y2=y2, url=inks.URL)],
        "field": [
            table("field").mark_rule(color=p.reference, strokeWidth=1.6).encode(x=inks.X, y=inks.Y, x2=x2, y2=y2),
            table("field").mark_point(filled=True, size=60, color=p.reference, shape="M0,-0.5L0.45,0.6L-0.45,0.6Z", opacity=1)
            .encode(x=alt.X("x2:Q"), y=alt.Y("y2:Q"), angle=angle),
        ],
        "numbers": [
            *numbers(baseline="bottom", dy=-0.3 * text),
            *numbers(align="left", baseline="middle", dx=0.4 * text),
        ],
        "paths": [
            table("paths", "datum.part != 'thin'")
            .mark_line(clip=True, strokeWidth=look.stroke + 2.5, strokeJoin="round", stroke=p.background)
            .encode(**path, opacity=halo),
            table("paths").mark_line(clip=True, strokeJoin="round")
            .encode(**path, color=inks.colour(look), strokeDash=inks.dash(), opacity=faint, strokeWidth=width),
        ],
        "arrows": [
            table("points", "datum.kind == 'head'")
            .mark_point(filled=True, opacity=1, size=(10 * look.stroke) ** 2, stroke=p.background, strokeWidth=1)
            .encode(x=inks.X, y=inks.Y, color=inks.colour(look), shape=inks.glyph(), angle=angle),
        ],
        "points": [
            table("points", "datum.kind != 'head' && datum.kind != 'edge' && datum.kind != 'ring'")
            .mark_point(filled=True, opacity=1, stroke=p.background, strokeWidth=1.2, clip=True)
            .encode(x=inks.X, y=inks.Y, color=inks.colour(look), shape=inks.glyph(), size=places),
            table("points", "datum.kind == 'edge' || datum.kind == 'ring'")
            .mark_point(filled=False, fill=p.background, opacity=1, size=20 * size, strokeWidth=0.7 * look.stroke)
            .encode(x=inks.X, y=inks.Y, color=inks.colour(look), shape=inks.glyph(), angle=angle),
        ],
        "labels": [
            table("labels").mark_text(align="left", baseline="middle", fontWeight="bold", **inks.halo(look))
            .encode(x=inks.X, y=inks.Y, text=said, size=letters),
            table("labels").mark_text(align="left", baseline="middle", fontWeight="bold")
            .encode(x=inks.X, y=inks.Y, text=said, color=inks.colour(look), size=letters),
        ],
    }  # fmt: skip
    flat = [layer.properties(name=f"{name}_{i}") for name, group in drawn.items() for i, layer in enumerate(group)]
    chart = alt.layer(*flat).properties(autosize="none", padding=dict(left=0, right=0, top=0, bottom=0))
    return fixed(chart, look, width=look.width, height=look.width)
