"""The plane: arrows, grids, areas, points and a picture on two equal axes.

One unit is the same number of pixels on both axes, always, so that a rotation looks like one. The axes are drawn inside
the picture, which fills its box to the edge: no margin moves when a label grows.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import numpy as np
from numpy.typing import NDArray

from mml_charts.figure import Columns, Figure, columns, fixed, picture_url, raster_url
from mml_charts.theme import ROLES, TINTS, Look, Role, Tint

Floats = NDArray[np.float64]
Kind = Literal["grid", "outline", "flipped", "path", "dashed", "thin", "space", "area", "shaft"]
MARKS = ("picture", "ghost", "axes", "numbers", "areas", "grid", "spaces", "outlines", "points", "arrows", "labels")
# How an outline is drawn: its dash, and its width in strokes.
OUTLINES: dict[str, tuple[list[float], float]] = {
    "outline": ([1, 0], 0.8), "flipped": ([7, 5], 0.8), "path": ([1, 0], 0.8), "dashed": ([4, 4], 0.7), "thin": ([1, 0], 0.67),
}  # fmt: skip
DOT = "M0.25,0A0.25,0.25,0,1,1,-0.25,0A0.25,0.25,0,1,1,0.25,0Z"
HEAD = 15.0  # length of an arrow's head in pixels at stroke 3
MARK_COLUMNS = dict(x=float, y=float, angle=float, text=str, role=str, kind=str)
PICTURE_COLUMNS = dict(x=float, x2=float, y=float, y2=float, url=str)


@dataclass(frozen=True)
class Arrow:
    """An arrow from `tail` to `tip`, in data units, with a label at its tip."""

    tip: Floats
    role: Role
    label: str = ""
    tail: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Path:
    """A polyline through `points` (n, 2): a grid line, an outline (dashed when flipped), a line of a space, or any path."""

    points: Floats
    role: Role | Tint = "reference"
    kind: Kind = "path"


@dataclass(frozen=True)
class Area:
    """A filled polygon with corners `points` (n, 2) and an outline, dashed when the orientation is flipped."""

    points: Floats
    role: Role | Tint = "result"
    flipped: bool = False
    label: str = ""
    outline: bool = True


@dataclass(frozen=True)
class Note:
    """A text at a place, in data units."""

    at: tuple[float, float]
    text: str
    role: Role | Tint = "result"


@dataclass(frozen=True)
class Picture:
    """A picture (h, w, 3 or 4) that covers the box (left, right, bottom, top) in data units; `coarse` keeps each pixel."""

    pixels: NDArray[np.uint8]
    box: tuple[float, float, float, float]
    coarse: bool = False


def figure(
    title: str,
    *,
    radius: float,
    look: Look,
    arrows: Sequence[Arrow] = (),
    paths: Sequence[Path] = (),
    areas: Sequence[Area] = (),
    points: Floats | None = None,
    point_role: Role = "second",
    notes: Sequence[Note] = (),
    picture: Picture | None = None,
) -> Figure:
    """Return the plane's window [-radius, radius] x [-radius, radius] with everything in it.

    What leaves the window is cut at its edge; an arrow that leaves it ends there in a hollow head with its length.
    """
    head = HEAD * look.stroke / 3 * 2 * radius / look.width
    shafts, heads, labels = _arrows(arrows, radius, head)
    fills = [Path(a.points, a.role, "area") for a in areas]
    outlines = [Path(_closed(a.points), a.role, "flipped" if a.flipped else "outline") for a in areas if a.outline]
    room = 0.92 * radius
    texts = [*(Note(tuple(a.points.mean(axis=0)), a.label, a.role) for a in areas if a.label), *notes]
    names = [(*np.clip(note.at, -room, room), 0.0, note.text, note.role, "label") for note in texts]
    dots = [] if points is None else [(x, y, 0.0, "", point_role, "point") for x, y in points]
    tables = {
        "strokes": _strokes([*paths, *fills, *outlines, *shafts]),
        "marks": _columns([*dots, *heads, *labels, *names], MARK_COLUMNS),
        "picture": _columns([] if picture is None else [_picture(picture, look)], PICTURE_COLUMNS),
    }
    window = (-radius, radius, -radius, radius)
    return Figure(title, _spec(radius, look), tables, window, square=True, marks=MARKS)


def grid_lines(reach: int, through: Callable[[Floats], Floats], *, role: Role = "reference", n_points: int = 2) -> list[Path]:
    """Return the lines x = k and y = k for k = -reach .. reach, each `n_points` points long, as the map leaves them."""
    along, across = np.linspace(-reach, reach, n_points), np.arange(-reach, reach + 1.0)
    k, s = (a.ravel() for a in np.meshgrid(across, along, indexing="ij"))
    moved = through(np.vstack([np.column_stack([k, s]), np.column_stack([s, k])]))
    return [Path(line, role, "grid") for line in moved.reshape(-1, n_points, 2)]


def arc(start: float, turn: float, radius: float, centre: tuple[float, float] = (0.0, 0.0)) -> Floats:
    """Return the points of an arc that begins in the direction `start` and goes on by `turn`, in radians."""
    angles = start + turn * np.linspace(0, 1, max(2, round(abs(turn) * 16)))
    return np.column_stack([centre[0] + radius * np.cos(angles), centre[1] + radius * np.sin(angles)])


def arc_between(one: Floats, other: Floats, radius: float) -> Floats:
    """Return the points of the arc from the direction of `one` the short way to that of `other` (neither zero)."""
    one, other = one / np.abs(one).max(), other / np.abs(other).max()
    start = float(np.arctan2(one[1], one[0]))
    turn = float(np.arctan2(one[0] * other[1] - one[1] * other[0], one @ other))
    return arc(start, turn, radius)


def right_angle(at: Floats, one: Floats, other: Floats, size: float) -> Floats:
    """Return the mark of a right angle at a point, between the directions `one` and `other` (neither zero)."""
    a, b = (size * w / np.hypot(*w) for w in (np.asarray(one, float), np.asarray(other, float)))
    return np.vstack([at + a, at + a + b, at + b])


def _closed(points: Floats) -> Floats:
    return np.vstack([points, points[:1]])


def _picture(picture: Picture, look: Look) -> tuple[Any, ...]:
    url = raster_url(picture.pixels) if picture.coarse else picture_url(picture.pixels, look.palette.background)
    return (*picture.box, url)


def _columns(rows: Sequence[tuple[Any, ...]], kinds: dict[str, type]) -> Columns:
    return columns([dict(zip(kinds, row, strict=True)) for row in rows], kinds)


def _strokes(paths: Sequence[Path]) -> Columns:
    """Return all paths as one table: a table costs more than its rows."""
    counts = [len(p.points) for p in paths]
    xy = np.vstack([p.points for p in paths]) if paths else np.empty((0, 2))
    return {
        "x": xy[:, 0],
        "y": xy[:, 1],
        "path": np.repeat(np.arange(len(paths)), counts),
        "role": np.repeat(np.array([p.role for p in paths], object), counts),
        "kind": np.repeat(np.array([p.kind for p in paths], object), counts),
    }


def _arrows(arrows: Sequence[Arrow], radius: float, head: float) -> tuple[list[Path], list[Any], list[Any]]:
    """Return shafts, heads and labels; the shaft stops inside the head, so that the tip is where the head's tip is."""
    shafts: list[Path] = []
    heads: list[Any] = []
    labels: list[Any] = []
    for arrow in arrows:
        tail, tip = np.asarray(arrow.tail, float), np.asarray(arrow.tip, float)
        length = float(np.hypot(*(tip - tail)))
        inside = _inside(tail, tip, radius)
        end = tail + inside * (tip - tail)
        if length < 1e-9:
            heads.append((*end, 0.0, "", arrow.role, "dot"))
            labels.append((end[0], end[1] - 0.08 * radius, 0.0, f"{arrow.label} = 0", arrow.role, "label"))
            continue
        direction = (tip - tail) / length
        shafts.append(Path(np.vstack([tail, end - min(0.8 * head, inside * length) * direction]), arrow.role, "shaft"))
        angle = 90.0 - np.degrees(np.arctan2(direction[1], direction[0]))
        heads.append((*end, angle, "", arrow.role, "head" if inside == 1.0 else "edge"))
        spot = end + 0.085 * radius * direction if inside == 1.0 else end - 0.2 * radius * direction
        text = arrow.label if inside == 1.0 else f"{arrow.label} · length {length:.4g}"
        room = 0.95 * radius if inside == 1.0 else 0.7 * radius
        labels.append((*np.clip(spot, [-room, -0.95 * radius], [room, 0.95 * radius]), 0.0, text, arrow.role, "label"))
    return shafts, heads, labels


def _inside(tail: Floats, tip: Floats, radius: float) -> float:
    """Return the share of the way from tail to tip that lies inside the window, 1 where all of it does."""
    step = tip - tail
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.where(step > 0, (radius - tail) / step, np.where(step < 0, (-radius - tail) / step, np.inf))
    return float(min(1.0, reach.min()))


def _tick(radius: float) -> float:
    """Return the distance between grid lines: 1, 2 or 5 times a power of ten, about four on each side of the origin."""
    if 2 <= radius <= 6:
        return 1.0
    ten = 10.0 ** np.floor(np.log10(radius / 4))
    return float(min((ten * m for m in (1, 2, 5, 10)), key=lambda tick: abs(radius / tick - 3.5)))


@functools.lru_cache(maxsize=64)
def _spec(radius: float, look: Look) -> dict[str, Any]:
    p, text = look.palette, look.text
    scale = alt.Scale(domain=[-radius, radius], nice=False, zero=False)
    roles = alt.Scale(domain=[*ROLES, *TINTS], range=[p.role(r) for r in (*ROLES, *TINTS)])
    x, y, colour = alt.X("x:Q"), alt.Y("y:Q"), alt.Color("role:N")
    kinds, styles = list(OUTLINES), OUTLINES.values()
    dashes = alt.Scale(domain=kinds, range=[dash for dash, _ in styles])
    widths = alt.Scale(type="ordinal", domain=kinds, range=[width * look.stroke for _, width in styles])
    shapes = alt.Scale(
        domain=["head", "edge", "dot"],
        range=["M0,0L-0.42,1L0,0.82L0.42,1Z", "M0,0L-0.5,0.55L0,0.45L0.5,0.55ZM0,0.5L-0.5,1.05L0,0.95L0.5,1.05Z", DOT],
    )
    halo: dict[str, Any] = dict(stroke=p.background, strokeWidth=4, strokeJoin="round", opacity=0.85)
    tick = _tick(radius)
    ticks = alt.Chart(alt.sequence(-round(radius / tick) * tick, radius + tick / 2, tick, as_="k"))

    def named(table: str, *kinds: str) -> alt.Chart:
        chart = alt.Chart(alt.NamedData(table))
        return chart.transform_filter(alt.FieldOneOfPredicate(field="kind", oneOf=list(kinds))) if kinds else chart

    def lines(chart: alt.Chart, **style: Any) -> list[alt.Chart]:
        rule = chart.mark_rule(clip=True, color=p.reference, **style)
        low, high = alt.datum(-radius), alt.datum(radius)
        return [rule.encode(x="k:Q", y=low, y2=high), rule.encode(y="k:Q", x=low, x2=high)]

    # The picture declares the scales of the whole plane; the other layers share them. It also stays the lowest layer.
    picture = named("picture").mark_image(aspect=False).encode(
        x=alt.X("x:Q", scale=scale, axis=None), y=alt.Y("y:Q", scale=scale, axis=None), x2="x2", y2="y2", url="url:N"
    )  # fmt: skip
    off_origin = ticks.transform_filter(f"abs(datum.k) > {tick / 2} && abs(datum.k) < {radius}")
    shown = alt.Text("k:Q", format="~g")
    numbers = [
        chart
        for style in (halo, dict(color=p.reference))
        for chart in (
            off_origin.mark_text(fontSize=text, dy=text * 0.85, **style).encode(x="k:Q", y=alt.datum(0), text=shown),
            off_origin.mark_text(fontSize=text, dx=-text * 0.75, **style).encode(y="k:Q", x=alt.datum(0), text=shown),
        )
    ]
    area = named("strokes", "area").mark_line(order=False, clip=True, filled=True, interpolate="linear-closed")
    strong = alt.FieldOneOfPredicate(field="role", oneOf=list(TINTS))
    grid = named("strokes", "grid").mark_line(order=False, clip=True, strokeWidth=1.2, opacity=0.6)
    space = named("strokes", "space").mark_line(order=False, clip=True, strokeWidth=look.stroke * 4, opacity=0.3)
    outline = named("strokes", *kinds).mark_line(order=False, clip=True, strokeJoin="round")
    shaft = named("strokes", "shaft")
    layers: dict[str, list[alt.Chart]] = {
        "picture": [picture],
        "ghost": lines(ticks, strokeDash=[2, 4], opacity=0.55),
        "axes": lines(ticks.transform_filter(f"abs(datum.k) < {tick / 2}"), strokeWidth=1.5),
        "numbers": numbers,
        "areas": [
            area.encode(
                x=x, y=y, detail="path:N", fill=alt.Fill("role:N", scale=roles, legend=None),
                fillOpacity=alt.condition(strong, alt.value(0.4), alt.value(0.16)),
            )
        ],
        "grid": [grid.encode(x=x, y=y, detail="path:N", color=alt.Color("role:N", scale=roles, legend=None))],
        "spaces": [space.encode(x=x, y=y, detail="path:N", color=colour)],
        "outlines": [
            outline.encode(
                x=x, y=y, detail="path:N", color=colour,
                strokeDash=alt.StrokeDash("kind:N", scale=dashes, legend=None),
                strokeWidth=alt.StrokeWidth("kind:N", scale=widths, legend=None),
            )
        ],
        "points": [named("marks", "point").mark_point(filled=True, size=60, clip=True).encode(x=x, y=y, color=colour)],
        "arrows": [
            shaft.mark_line(order=False, clip=True, stroke=p.background, strokeWidth=look.stroke + 3, opacity=0.8)
            .encode(x=x, y=y, detail="path:N"),
            shaft.mark_line(order=False, clip=True, strokeWidth=look.stroke).encode(x=x, y=y, detail="path:N", color=colour),
            named("marks", "head", "edge", "dot")
            .mark_point(filled=True, opacity=1, size=(2 * HEAD * look.stroke / 3) ** 2)
            .encode(
                x=x, y=y, color=colour, angle=alt.Angle("angle:Q", scale=None),
                shape=alt.Shape("kind:N", scale=shapes, legend=None),
            ),
        ],
        "labels": [
            named("marks", "label").mark_text(fontSize=text + 3, fontWeight="bold", **halo).encode(x=x, y=y, text="text:N"),
            named("marks", "label").mark_text(fontSize=text + 3, fontWeight="bold")
            .encode(x=x, y=y, text="text:N", color=colour),
        ],
    }  # fmt: skip
    flat = [layer.properties(name=f"{name}_{i}") for name, group in layers.items() for i, layer in enumerate(group)]
    chart = alt.layer(*flat).properties(autosize="none", padding=dict(left=0, right=0, top=0, bottom=0))
    return fixed(chart, look, width=look.width, height=look.width)
