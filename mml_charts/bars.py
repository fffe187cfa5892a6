"""Bars: gauges on axes of their own, and what each component adds to a dot product.

Where everything belongs is worked out here, in lines of text downwards, so that the charts themselves never change.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from mml_charts.figure import Figure, columns, fixed
from mml_charts.theme import ROLES, Look, Role

Floats = NDArray[np.float64]
Row = dict[str, Any]
GAUGE = 3.4  # lines a gauge is high: its name, the bar, the ends of its axis
SLOT = 1.7  # lines a component is high
HEADER, FOOTER = 1.6, 1.4  # lines over and under the components
MOST = 16  # components at most
LONGEST = 18  # characters of a component's name at most
LETTER = 0.52  # width of a letter, in sizes of the text: a guess, only the browser knows
HEAD = 0.9  # length of the head of a bar that is cut, in sizes of the text
PRODUCTS = 0.5  # where the axis of the products ends: they add up to a cosine, so that most are far smaller than 1
GAUGE_MARKS = ("track", "bars", "limits", "labels")
CONTRIBUTION_MARKS = ("rows", "components", "products", "labels")
COLUMNS = dict.fromkeys(("x", "x2", "y", "y2", "value", "angle"), float) | dict.fromkeys(("text", "role", "kind"), str)
TEXTS: dict[str, Any] = {
    "name": "left",
    "heading": "center",
    "value": "right",
    "left": "left",
    "middle": "center",
    "right": "right",
}
ENDS: tuple[Any, ...] = ("left", "center", "right")
BOLD = ("name", "heading", "value")
SHAPES = {
    "from": "M0.35,-1L0,-1L0,1L0.35,1",
    "to": "M-0.35,-1L0,-1L0,1L-0.35,1",
    "edge": "M0,0.1L-0.55,1L0.55,1Z",
}


@dataclass(frozen=True)
class Gauge:
    """A value on an axis of its own from `low` to `high`, with its text, and named limits that it cannot pass."""

    label: str
    value: float
    low: float
    high: float
    text: str
    limits: tuple[float, float] | None = None
    limit_names: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class _Panel:
    """An axis from -reach to reach with zero at `middle`, `half` a width to either side, in pixels."""

    middle: float
    half: float
    reach: float


def gauges(title: str, *, look: Look, gauges: Sequence[Gauge]) -> Figure:
    """Return gauges, one below the other: bars from zero, between brackets at the limits that they cannot pass.

    The common axis reaches from -1 to 1, the ends of each gauge's own axis. A value beyond them is cut there, under a
    hollow head.
    """
    rows = [row for i, gauge in enumerate(gauges) for row in _gauge(gauge, GAUGE * i, look)]
    window = (-_reach(look), _reach(look), GAUGE * len(gauges), 0.0)
    return Figure(title, _gauges_spec(len(gauges), look), {"gauges": columns(rows, COLUMNS)}, window, marks=GAUGE_MARKS)


def contributions(
    title: str,
    *,
    look: Look,
    names: Sequence[str],
    first: Floats,
    second: Floats,
    products: Floats,
    labels: tuple[str, str, str] = ("u", "v", "product"),
    slots: int | None = None,
) -> Figure:
    """Return the components of two unit vectors and, beside them, their products, one row a component.

    Where there are more than `slots` (16 at most), those with the largest products are shown, in their order, and the last
    row adds up the products of the others. What is beyond the end of its axis is cut there, under a hollow head.
    """
    slots = min(MOST, len(names) if slots is None else slots)
    left, right = _panels(look)
    rows = _headings(labels, left, right, look)
    shown, others = _largest(products, slots)
    for i, k in enumerate(shown):
        y = HEADER + SLOT * i
        rows.append(_name(names[k], y, look))
        rows += _bar(first[k], left, (y + 0.2, y + 0.8), "first", "first", look)
        rows += _bar(second[k], left, (y + 0.9, y + 1.5), "second", "second", look)
        rows += _bar(products[k], right, (y + 0.35, y + 1.35), "result", "product", look)
    if len(others):
        y = HEADER + SLOT * (slots - 1)
        rows.append(_name(f"{len(others)} others", y, look))
        rows += _bar(_sum(products[others]), right, (y + 0.35, y + 1.35), "result", "product", look)
    window = (0.0, float(look.width), HEADER + SLOT * slots + FOOTER, 0.0)
    return Figure(title, _contributions_spec(slots, look), {"bars": columns(rows, COLUMNS)}, window, marks=CONTRIBUTION_MARKS)


def _row(x: float, y: float, **more: Any) -> Row:
    return dict(x=x, x2=x, y=y, y2=y, value=0.0, angle=0.0, text="", role="reference", kind="") | more


def _number(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def _finite(value: float) -> float:
    """Return the value, cut to what a chart can count with."""
    return float(np.clip(value, -1e150, 1e150))


def _sum(values: Floats) -> float:
    return float(np.nansum(np.clip(values, -1e150, 1e150)))


def _width(text: str, look: Look) -> float:
    """Return about how many pixels a text is wide."""
    return LETTER * look.text * len(text)


def _reach(look: Look) -> float:
    """Return where the window of the gauges ends: past 1 by half a line, so that what stands at 1 is whole."""
    return look.width / (look.width - look.text)


def _pixel(look: Look) -> float:
    """Return a pixel in units of the gauges' axis."""
    return 2 * _reach(look) / look.width


def _gauge(gauge: Gauge, top: float, look: Look) -> list[Row]:
    """Return the rows of one gauge, from its name down to the ends of its axis."""

    def place(value: float) -> float:
        """Return where a value of the gauge lies on the common axis: beyond 1 where it is beyond its own."""
        return 2 * (_finite(value) - gauge.low) / (gauge.high - gauge.low) - 1

    zero = place(0.0)
    rows = [
        _row(-1, top + 0.7, text=gauge.label, role="result", kind="name"),
        _row(1, top + 0.7, text=gauge.text, role="result", kind="value"),
        _row(-1, top + 1.45, x2=1, y2=top + 2.05, kind="track"),
    ]
    notes = [("left", -1.0, _number(gauge.low)), ("right", 1.0, _number(gauge.high))]
    if abs(zero) <= 1:
        rows.append(_row(zero, top + 1.25, y2=top + 2.25, kind="zero"))
        notes.append(("middle", zero, "0"))
    if not np.isnan(gauge.value):
        rows += _gauge_bar(place(gauge.value), float(np.clip(zero, -1, 1)), _finite(gauge.value), top + 1.45, look)
    sides = zip(gauge.limits or (), gauge.limit_names, (("from", "right"), ("to", "left")), strict=False)
    for limit, name, (bracket, kind) in sides:
        at = place(limit)
        if abs(at) <= 1 + 1e-9:
            rows.append(_row(at, top + 1.75, value=_finite(limit), kind=bracket))
        else:
            name = f"← {name}" if at < 0 else f"{name} →"
        room, gap = 1 - _width(name, look) * _pixel(look), 0.4 * look.text * _pixel(look)
        x = np.clip(at - gap, -room, 1) if kind == "right" else np.clip(at + gap, -1, room)
        notes.insert(0, (kind, float(x), name))
    return rows + [_row(x, top + 2.85, text=text, kind=kind) for kind, x, text in _legible(notes, look)]


def _gauge_bar(at: float, zero: float, value: float, top: float, look: Look) -> list[Row]:
    """Return the bar from zero to where the value lies and its end, or a hollow head at the end of the axis."""
    bar = _row(zero, top, y2=top + 0.6, value=value, role="result", kind="bar")
    if abs(at) <= 1 + 1e-9:
        return [bar | {"x2": at}, _row(at, top - 0.15, y2=top + 0.75, value=value, role="result", kind="end")]
    side = float(np.sign(at))
    head = _row(side, top + 0.3, value=value, angle=90 * side, role="result", kind="edge")
    return [bar | {"x2": side * (1 - HEAD * look.text * _pixel(look))}, head]


def _legible(notes: Sequence[tuple[str, float, str]], look: Look) -> list[tuple[str, float, str]]:
    """Return the notes (alignment, place, text) without those that would run into an earlier one."""
    kept: list[tuple[str, float, str]] = []
    taken: list[tuple[float, float]] = []
    gap = 0.6 * look.text * _pixel(look)
    for kind, x, text in notes:
        wide = _width(text, look) * _pixel(look)
        left = x - {"left": 0.0, "middle": 0.5, "right": 1.0}[kind] * wide
        if text and all(left + wide + gap < a or b + gap < left for a, b in taken):
            kept.append((kind, x, text))
            taken.append((left, left + wide))
    return kept


def _panels(look: Look) -> tuple[_Panel, _Panel]:
    """Return where the components and their products are drawn, right of the names."""
    gap, names = 0.8 * look.text, _names(look)
    half = (look.width - names - 2.5 * gap) / 2
    left = _Panel(names + gap + 0.45 * half, 0.45 * half, 1.0)
    return left, _Panel(look.width - gap / 2 - 0.55 * half, 0.55 * half, PRODUCTS)


def _names(look: Look) -> float:
    """Return how wide the column of names is: as wide as the longest name, but at most about a third of the chart."""
    return min(0.36 * look.width, LETTER * look.text * LONGEST)


def _largest(products: Floats, slots: int) -> tuple[list[int], list[int]]:
    """Return which components are shown, in their order, and which are added up in the last row."""
    n = len(products)
    if n <= slots:
        return list(range(n)), []
    sizes = np.nan_to_num(np.abs(products), nan=-1.0, posinf=np.inf)
    shown = sorted(np.argsort(-sizes, kind="stable")[: slots - 1].tolist())
    return shown, sorted(set(range(n)) - set(shown))


def _headings(labels: tuple[str, str, str], left: _Panel, right: _Panel, look: Look) -> list[Row]:
    """Return what stands over the panels: both vectors on either side of zero, each with its kind of bar, and the products."""
    first, second, product = labels
    gap = 0.6 * look.text
    room = right.middle - _width(product, look) / 2 - left.middle - 2 * gap
    rows = (
        (left.middle - gap, _cut("■ " + first, left.middle - gap, look), "value"),
        (left.middle + gap, _cut("□ " + second, room, look), "name"),
        (right.middle, product, "heading"),
    )
    return [_row(x, 0.45 * HEADER, text=text, role=role, kind=kind) for (x, text, kind), role in zip(rows, ROLES, strict=False)]


def _cut(text: str, room: float, look: Look) -> str:
    """Return the text, shortened to about as many pixels as there are."""
    most = max(2, int(room / (LETTER * look.text)))
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _name(name: str, y: float, look: Look) -> Row:
    """Return a component's name, cut to what its column holds."""
    return _row(0, y + SLOT / 2, text=_cut(name, _names(look), look), role="result", kind="left")


def _bar(value: float, panel: _Panel, y: tuple[float, float], role: Role, kind: str, look: Look) -> list[Row]:
    """Return the bar of a value, with a hollow head where it leaves its panel; a product then has its number beside it."""
    if np.isnan(value):
        return []
    value, middle = _finite(value), sum(y) / 2
    bar = _row(panel.middle, y[0], y2=y[1], value=value, role=role, kind=kind)
    if abs(value) <= panel.reach * (1 + 1e-9):
        return [bar | {"x2": panel.middle + panel.half * value / panel.reach}]
    side = 1 if value > 0 else -1
    end = panel.middle + side * panel.half
    rows = [
        bar | {"x2": end - side * HEAD * look.text},
        _row(end, middle, value=value, angle=90 * side, role=role, kind="edge"),
    ]
    if kind == "product":
        x = panel.middle - side * look.text / 2
        rows.append(_row(x, middle, text=_number(value), role=role, kind="right" if side > 0 else "left"))
    return rows


def _chart(table: str, *kinds: str) -> alt.Chart:
    """Return a chart of a table's rows of some kinds."""
    return alt.Chart(alt.NamedData(table)).transform_filter(alt.FieldOneOfPredicate(field="kind", oneOf=list(kinds)))


def _roles(look: Look) -> alt.Scale:
    return alt.Scale(domain=list(ROLES), range=[look.palette.role(role) for role in ROLES])


def _colour(look: Look) -> alt.Color:
    return alt.Color("role:N", scale=_roles(look), legend=None)


def _texts(table: str, look: Look) -> list[alt.Chart]:
    return [
        _chart(table, kind)
        .mark_text(align=align, fontSize=look.text, fontWeight="bold" if kind in BOLD else "normal")
        .encode(x="x:Q", y="y:Q", text="text:N", color=_colour(look))
        for kind, align in TEXTS.items()
    ]


def _points(table: str, kinds: Sequence[str], size: float, look: Look, **style: Any) -> alt.Chart:
    """Return brackets or heads; one unit of their shape is `size` sizes of the text."""
    scale = alt.Scale(domain=list(SHAPES), range=list(SHAPES.values()))
    mark: alt.Chart = _chart(table, *kinds).mark_point(
        size=(2 * size * look.text) ** 2, strokeWidth=0.7 * look.stroke, opacity=1, **style
    )
    angle, shape = alt.Angle("angle:Q", scale=None), alt.Shape("kind:N", scale=scale, legend=None)
    return mark.encode(x="x:Q", y="y:Q", color=_colour(look), angle=angle, shape=shape)


def _layered(layers: dict[str, list[alt.Chart]], lines: float, look: Look) -> dict[str, Any]:
    """Return the chart of all layers, as high as that many lines of text."""
    flat = [layer.properties(name=f"{name}_{i}") for name, group in layers.items() for i, layer in enumerate(group)]
    chart = alt.layer(*flat).properties(autosize="none", padding=dict(left=0, right=0, top=0, bottom=0))
    return fixed(chart, look, width=look.width, height=max(1, round(lines * look.text)))


@functools.lru_cache(maxsize=64)
def _gauges_spec(n: int, look: Look) -> dict[str, Any]:
    p, reach = look.palette, _reach(look)
    x = alt.X("x:Q", scale=alt.Scale(domain=[-reach, reach], nice=False, zero=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[GAUGE * max(n, 1), 0], nice=False, zero=False), axis=None)
    to = dict(x2="x2:Q", y2="y2:Q")
    track, zero, bar, end = (_chart("gauges", kind) for kind in ("track", "zero", "bar", "end"))
    layers = {
        "track": [
            track.mark_rect(color=p.panel, stroke=p.border).encode(x=x, y=y, **to),
            zero.mark_rule(color=p.reference, strokeWidth=1.5).encode(x="x:Q", y="y:Q", y2="y2:Q"),
        ],
        "bars": [
            bar.mark_rect().encode(x="x:Q", y="y:Q", color=_colour(look), **to),
            end.mark_rule(strokeWidth=look.stroke).encode(x="x:Q", y="y:Q", y2="y2:Q", color=_colour(look)),
            _points("gauges", ["edge"], HEAD, look, fill=p.background),
        ],
        "limits": [_points("gauges", ["from", "to"], 0.6, look, filled=False)],
        "labels": _texts("gauges", look),
    }
    return _layered(layers, GAUGE * n, look)


@functools.lru_cache(maxsize=64)
def _contributions_spec(slots: int, look: Look) -> dict[str, Any]:
    p, bottom = look.palette, HEADER + SLOT * slots
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, look.width], nice=False, zero=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[bottom + FOOTER, 0], nice=False, zero=False), axis=None)
    levels = [dict(x=0, x2=look.width, y=HEADER + SLOT * i) for i in range(slots + 1)]
    places = [(m.middle + s * m.half, s, _number(s * m.reach)) for m in _panels(look) for s in (-1, 0, 1)]
    level = alt.Chart(alt.Data(values=levels))
    place = alt.Chart(alt.Data(values=[dict(x=at, side=side, text=text) for at, side, text in places]))
    upright, to = dict(x="x:Q", y=alt.datum(HEADER), y2=alt.datum(bottom)), dict(x2="x2:Q", y2="y2:Q")
    first, second, product = (_chart("bars", kind) for kind in ("first", "second", "product"))
    layers = {
        "rows": [
            level.mark_rule(color=p.faint).encode(x=x, y=y, x2="x2:Q"),
            place.mark_rule(color=p.faint).encode(**upright),
            place.transform_filter("datum.side == 0").mark_rule(color=p.reference, strokeWidth=1.5).encode(**upright),
        ],
        "components": [
            first.mark_rect().encode(x="x:Q", y="y:Q", color=_colour(look), **to),
            second.mark_rect(fill=p.background, strokeWidth=0.6 * look.stroke)
            .encode(x="x:Q", y="y:Q", stroke=alt.Stroke("role:N", scale=_roles(look), legend=None), **to),
        ],
        "products": [
            product.mark_rect().encode(x="x:Q", y="y:Q", color=_colour(look), **to),
            _points("bars", ["edge"], HEAD, look, fill=p.background),
        ],
        "labels": [
            *_texts("bars", look),
            *(
                place.transform_filter(f"datum.side == {side}")
                .mark_text(fontSize=look.text, color=p.reference, align=align)
                .encode(x="x:Q", y=alt.datum(bottom + FOOTER / 2), text="text:N")
                for side, align in zip((-1, 0, 1), ENDS, strict=True)
            ),
        ],
    }  # fmt: skip
    return _layered(layers, bottom + FOOTER, look)
