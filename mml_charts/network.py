"""The web: pages as circles whose area is their share, links as arrows whose width is what flows along them.

Every link is a part of a circle, so that where it leaves and meets the rim of a page is known exactly however large the
page grows, and whoever walks along it stays on it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from mml_charts.curves import LETTER, LINE, apart
from mml_charts.figure import Columns, Figure, fixed
from mml_charts.theme import ROLES, Look, Role, rgb

Floats = NDArray[np.float64]
# As mere words Altair would look them up in its whole schema, 10 ms for each.
X, Y, X2, Y2, TEXT, PATH = alt.X("x:Q"), alt.Y("y:Q"), alt.X2("x2:Q"), alt.Y2("y2:Q"), alt.Text("text:N"), alt.Detail("path:N")
Ends = tuple[NDArray[np.int64], NDArray[np.int64]]
MARKS = ("backdrop", "links", "heads", "hits", "pages", "rings", "surfers", "labels")
SMALL = 60  # pages up to which links are curves with heads, and can be pointed at
SCALE = 0.33  # radius of the whole, in half widths: with RING it just stays inside, and six pages never touch
RING = 0.63  # radius of the circle that pages stand on
LARGEST = 0.45  # radius of a circle at most, where a larger scale is asked for
BEND = 0.6  # how far a link turns on its way, in radians; always to the same side, so that there and back are two curves
ROOM = 0.955  # how far from the middle the middle of a loop's stroke may be
LOOP = 0.105  # radius of a link to itself
N_POINTS, N_LOOP = 6, 14  # of a curve, and of a loop; the chart draws them round
EDGE = 2.0  # stroke of a page in pixels; its outer edge is the rim
DOT = 2.5  # radius of a page in pixels at least
WIDTHS = (0.75, 12.0)  # pixels of a link where nothing flows and where everything does
OPACITIES = ((300, 0.5), (1200, 0.3), (np.inf, 0.14))  # of straight links, where there are so many at most
HIT = 14.0  # pixels that a pointer may be beside a link: seven to each side
FLOW = 10_000  # of which a flow is sent as a whole number in a large web: half the bytes
FILL = 0.24  # how much of a page's colour fills it
GOLDEN = np.pi * (3 - np.sqrt(5.0))


@dataclass(frozen=True)
class PageMark:
    """A page at a place: `area` is its share of 1, `ring` another share (where it began, where it will end)."""

    at: tuple[float, float]
    area: float
    label: str
    value: str = ""
    role: Role = "first"
    ring: float | None = None


@dataclass(frozen=True)
class LinkMark:
    """A link from page number `source` to `target`; `width` is the share (0 to 1) that flows along it."""

    source: int
    target: int
    width: float
    name: str
    role: Role = "reference"
    dashed: bool = False


@dataclass(frozen=True)
class _Arcs:
    """Parts of circles, one a link: centres (n, 2), radii, where they start and how far they turn, in radians."""

    centre: Floats
    radius: Floats
    start: Floats
    turn: Floats

    def points(self, angle: Floats, k: Any = slice(None)) -> Floats:
        """Return the points (n, 2) at angles (n,) from the start, each on its arc, or on the arcs number k."""
        a = self.start[k] + angle
        places: Floats = self.centre[k] + self.radius[k, None] * np.column_stack([np.cos(a), np.sin(a)])
        return places

    def angle(self, distance: Floats) -> Floats:
        """Return how far the arc turns until it is that far away, in a straight line."""
        with np.errstate(divide="ignore", invalid="ignore"):
            turn: Floats = 2 * np.arcsin(np.nan_to_num(np.clip(distance / (2 * self.radius), 0, 1)))
        return turn


def figure(
    title: str,
    *,
    look: Look,
    pages: Sequence[PageMark],
    links: Sequence[LinkMark],
    surfers: Floats | None = None,
    backdrop: Ends | None = None,
    scale: float = SCALE,
) -> Figure:
    """Return the web in the window [-1, 1] x [-1, 1]; a page with all of the shares has the radius `scale`.

    In webs of more than 60 pages links are straight lines without heads, unless there is a `backdrop`: page numbers
    (sources, targets) of links that are only hinted at. What has no place, and links to what is no page, are left out.
    """
    pixel = 2 / look.width
    at = np.array([p.at for p in pages], float).reshape(-1, 2)
    radius = _radii([p.area for p in pages], scale, pixel)
    placed = np.isfinite(at).all(axis=1)
    n, straight = len(pages), len(pages) > SMALL and backdrop is None
    kept = [k for k in links if 0 <= k.source < n and 0 <= k.target < n and placed[k.source] and placed[k.target]]
    tables = _straight(kept) if straight else _curved(kept, at, radius + EDGE / 2 * pixel, look)
    tables |= {
        "pages": _circles(pages, at, radius, placed, look),
        "rings": _rings(pages, at, placed, scale, look),
        "surfers": _dots(surfers),
        "labels": _labels(pages, at, radius, placed, scale, look),
    }
    if backdrop is not None:
        tables["backdrop"] = _hinted(backdrop, placed)
    if straight or backdrop is not None:
        k = np.flatnonzero(placed)
        tables["places"] = {"i": k, "x": at[k, 0], "y": at[k, 1]}
    left_out = ({"heads", "hits"} if straight else set()) | ({"backdrop"} if backdrop is None else set())
    marks = tuple(name for name in MARKS if name not in left_out)
    n_lines = len(kept) if backdrop is None else len(tables["backdrop"]["source"])
    faint = next(opacity for most, opacity in OPACITIES if n_lines <= most) * min(1.0, look.width / 520)
    spec = _spec(n > SMALL, straight, backdrop is not None, faint, look)
    return Figure(title, spec, tables, (-1.0, 1.0, -1.0, 1.0), square=True, marks=marks)


def circle_layout(n: int) -> Floats:
    """Return the places (n, 2) of pages on a circle, the first on top, the others clockwise; one alone is in the middle."""
    angles = np.pi / 2 - 2 * np.pi * np.arange(n) / max(n, 1)
    places: Floats = (RING if n > 1 else 0.0) * np.column_stack([np.cos(angles), np.sin(angles)])
    return places


def sunflower_layout(n: int) -> Floats:
    """Return the places (n, 2) of pages like the seeds of a sunflower, the first in the middle."""
    k = np.arange(n)
    radius = 0.93 * np.sqrt(k / max(n - 1, 1))
    places: Floats = radius[:, None] * np.column_stack([np.sin(GOLDEN * k), np.cos(GOLDEN * k)])
    return places


def position(source: Floats, target: Floats, share: Floats | float, area: Floats | float = 0.0, scale: float = SCALE) -> Floats:
    """Return where (n, 2) one is after a share (n,) of the way along links between places (n, 2).

    The way leads from middle to middle along the drawn curve. A link to itself goes once round its loop; where that is
    drawn depends on the page's `area`.
    """
    ends = (np.atleast_2d(np.asarray(end, float)) for end in (source, target))
    one, other, column = np.broadcast_arrays(*ends, np.atleast_1d(np.asarray(share, float))[:, None])
    s = np.clip(column[:, 0], 0, 1)
    radius = np.broadcast_to(np.clip(scale * np.sqrt(np.maximum(area, 0.0)), 0, LARGEST), len(one))
    arcs, self_linked, out = _arcs(one, other, radius)
    full = np.where(self_linked, -2 * np.pi, arcs.turn)
    start = np.where(self_linked, np.arctan2(-out[:, 1], -out[:, 0]), arcs.start)
    places: Floats = _Arcs(arcs.centre, arcs.radius, start, full).points(full * s)
    # Under its page the walker goes from the middle to the loop and back.
    way = np.where(self_linked, np.clip(6 * np.minimum(s, 1 - s), 0, 1), 1.0)[:, None]
    walked: Floats = one + way * (places - one)
    return walked


def _radii(areas: Sequence[float], scale: float, pixel: float) -> Floats:
    """Return the radii of circles of these shares, in half widths; what is no number is nothing."""
    shares = np.nan_to_num(np.array(areas, float), nan=0.0, posinf=1e3, neginf=0.0)
    radii: Floats = np.clip(scale * np.sqrt(np.maximum(shares, 0.0)), DOT * pixel, LARGEST)
    return radii


def _arcs(source: Floats, target: Floats, radius: Floats) -> tuple[_Arcs, NDArray[np.bool_], Floats]:
    """Return the arcs of links from middle to middle, which of them are loops, and where those point to.

    A loop points to the corner of the window that is nearest, where there is most room; at the edge, away from it.
    """
    way = target - source
    distance = np.hypot(way[:, 0], way[:, 1])
    loops = distance < 1e-9
    side = np.column_stack([way[:, 1], -way[:, 0]]) / (2 * np.tan(BEND / 2))
    centre = (source + target) / 2 + side
    out = np.where(source < -1e-9, -1.0, 1.0) * np.sqrt(0.5)
    room = (ROOM - LOOP - np.abs(source).max(axis=1)) / np.sqrt(0.5)
    at_the_edge = room < 0.5 * LOOP
    out = np.where(at_the_edge[:, None], -out, out)
    away = np.where(at_the_edge, radius + 0.5 * LOOP, np.minimum(radius + 0.5 * LOOP, room))
    centre = np.where(loops[:, None], source + away[:, None] * out, centre)
    size = np.where(loops, LOOP, distance / (2 * np.sin(BEND / 2)))
    # Where the loop crosses the rim of its page, seen from the middle of the loop.
    hidden = np.arccos(np.clip((away**2 + LOOP**2 - radius**2) / (2 * away * LOOP), -1, 1))
    start = np.arctan2(source[:, 1] - centre[:, 1], source[:, 0] - centre[:, 0])
    start = np.where(loops, np.arctan2(-out[:, 1], -out[:, 0]) - hidden, start)
    turn = np.where(loops, -2 * (np.pi - hidden), -BEND)
    return _Arcs(centre, size, start, turn), loops, out


def _widths(links: Sequence[LinkMark], look: Look) -> Floats:
    """Return how many pixels wide links are."""
    low, high = WIDTHS
    flows = np.clip(np.nan_to_num(np.array([link.width for link in links], float), nan=0.0), 0, 1)
    widths: Floats = (low + (high - low) * flows) * _broader(look)
    return widths


def _broader(look: Look) -> float:
    """Return how much broader links are in a lecture: less than other strokes, because loops stay as small as they are."""
    return (1 + look.stroke / 3) / 2


def _curved(links: Sequence[LinkMark], at: Floats, rim: Floats, look: Look) -> dict[str, Columns]:
    """Return lines and heads: a line starts at the rim of its page, the tip of the head touches the rim of the other."""
    pixel, n = 2 / look.width, len(links)
    source, target = (np.array([getattr(link, end) for link in links], int) for end in ("source", "target"))
    arcs, loops, _ = _arcs(at[source], at[target], rim[source])
    full = np.abs(arcs.turn)
    end = np.maximum(np.where(loops, full, full - arcs.angle(rim[target])), 0.0)
    begin = np.minimum(np.where(loops, 0.0, arcs.angle(rim[source])), end)
    width = _widths(links, look)
    length = (5.0 * _broader(look) + 1.7 * width) * pixel
    length = np.minimum(length, 0.9 * 2 * arcs.radius * np.sin(np.minimum(end - begin, np.pi) / 2))
    back = arcs.angle(length)
    stop = np.maximum(end - 0.8 * back, begin)
    tips = arcs.points(-end)
    ahead = tips - arcs.points(back - end)
    counts = np.where(loops, N_LOOP, N_POINTS)
    k = np.repeat(np.arange(n), counts)
    share = (np.arange(len(k)) - np.repeat(np.cumsum(counts) - counts, counts)) / (counts[k] - 1)
    points = arcs.points(-(begin[k] + (stop - begin)[k] * share), k)
    names, roles, dashes = _texts(links)
    lines = {"x": points[:, 0], "y": points[:, 1], "path": k}
    styles = {"width": width, "role": roles, "dash": dashes, "link": names}
    heads = {
        "x": tips[:, 0], "y": tips[:, 1], "angle": 90 - np.degrees(np.arctan2(ahead[:, 1], ahead[:, 0])),
        "size": (2 * length / pixel) ** 2, "role": roles, "link": names,
    }  # fmt: skip
    return {"links": lines | {name: values[k] for name, values in styles.items()}, "heads": heads}


def _texts(links: Sequence[LinkMark]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return the links' names, roles and dashes."""
    dashes = ["dashed" if link.dashed else "solid" for link in links]
    return (
        np.array([link.name for link in links], object),
        np.array([link.role for link in links], object),
        np.array(dashes, object),
    )


def _hinted(ends: Ends, placed: NDArray[np.bool_]) -> Columns:
    """Return links by the numbers of their pages, each pair once; the chart looks up where these are."""
    source, target = (np.asarray(end, np.int64) for end in ends)
    n = len(placed)
    kept = (source >= 0) & (source < n) & (target >= 0) & (target < n) & (source != target)
    pairs = np.unique(np.minimum(source, target)[kept] * n + np.maximum(source, target)[kept])
    one, other = pairs // max(n, 1), pairs % max(n, 1)
    kept = placed[one] & placed[other]
    return {"source": one[kept], "target": other[kept]}


def _straight(links: Sequence[LinkMark]) -> dict[str, Columns]:
    """Return the links of a large web by the numbers of their pages: the chart looks up where these are."""
    names, roles, _ = _texts(links)
    width = np.clip(np.nan_to_num(np.array([link.width for link in links], float), nan=0.0), 0, 1)
    lines = {
        "source": np.array([link.source for link in links], int),
        "target": np.array([link.target for link in links], int),
        "flow": np.rint(FLOW * width).astype(int),
        "role": roles,
        "link": names,
    }
    return {"links": lines}


def _circles(pages: Sequence[PageMark], at: Floats, radius: Floats, placed: NDArray[np.bool_], look: Look) -> Columns:
    """Return the circles of pages, small ones over large ones."""
    kept = np.argsort(-radius, kind="stable")
    kept = kept[placed[kept]]
    return {
        "x": at[kept, 0],
        "y": at[kept, 1],
        "size": (radius[kept] * look.width) ** 2,
        "role": np.array([pages[k].role for k in kept], object),
        "page": np.array([pages[k].label for k in kept], object),
    }


def _dots(surfers: Floats | None) -> Columns:
    """Return the places of surfers in the window."""
    dots = np.empty((0, 2)) if surfers is None else np.asarray(surfers, float).reshape(-1, 2)
    dots = dots[(np.abs(dots) <= 1).all(axis=1)]
    return {"x": dots[:, 0], "y": dots[:, 1]}


def _rings(pages: Sequence[PageMark], at: Floats, placed: NDArray[np.bool_], scale: float, look: Look) -> Columns:
    """Return the thin circles around pages: where their shares began or will end."""
    wanted = [(k, p.ring) for k, p in enumerate(pages) if p.ring is not None and placed[k] and p.ring == p.ring]
    k = np.array([number for number, _ in wanted], int)
    radius = _radii([ring for _, ring in wanted], scale, 2 / look.width)
    names = np.array([pages[number].label for number in k], object)
    return {"x": at[k, 0], "y": at[k, 1], "size": (radius * look.width) ** 2, "page": names}


def _labels(
    pages: Sequence[PageMark], at: Floats, radius: Floats, placed: NDArray[np.bool_], scale: float, look: Look
) -> Columns:
    """Return names and values: in the middle of all circles, or beside all of them, whatever the shares are.

    Which of the two is up to the number of pages and the longest name, so that no label jumps when a share changes.
    """
    said = [k for k, p in enumerate(pages) if placed[k] and (p.label or p.value)]
    longest = max((max(len(pages[k].label), 4 * bool(pages[k].value)) for k in said), default=0)
    typical = min(scale * float(np.sqrt(1 / max(len(pages), 1))), LARGEST)
    rows: list[tuple[float, float, str, str, str]] = []
    if longest * LETTER * look.text <= 1.15 * typical * look.width:
        line = 1.16 * look.text / look.width
        room = 1 - np.array([longest * LETTER * look.text / look.width, 2 * line])
        for k, (x, y) in zip(said, np.clip(at[said], -room, room).tolist(), strict=True):
            page = pages[k]
            both = line if page.label and page.value else 0.0
            rows += [(x, y + both, page.label, "name", page.label)] if page.label else []
            rows += [(x, y - both, page.value, "value", page.label)] if page.value else []
    else:
        texts = [f"{pages[k].label} {pages[k].value}".strip() for k in said]
        valued = any(page.value for page in pages)
        letters = tuple(len(pages[k].label) + 6 * valued for k in said)
        base, out, wide = _beside(tuple(map(tuple, at[said].tolist())), letters, typical, len(pages) > SMALL, look)
        spots = base + (radius[said] - typical)[:, None] * out
        room = np.column_stack([np.maximum(0.99 - wide, 0), np.full(len(said), 0.99 - 1.2 * look.text / look.width)])
        spots = np.clip(spots, -room, room)
        rows = [(x, y, t, "name", pages[k].label) for (x, y), t, k in zip(spots.tolist(), texts, said, strict=True)]
    x, y, text, kind, page_names = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    texts_of = dict(text=text, kind=kind, page=page_names)
    return dict(x=np.array(x, float), y=np.array(y, float)) | {k: np.array(v, object) for k, v in texts_of.items()}


@functools.lru_cache(maxsize=64)
def _beside(
    at: tuple[tuple[float, float], ...], letters: tuple[int, ...], radius: float, crowded: bool, look: Look
) -> tuple[Floats, Floats, Floats]:
    """Return where labels stand beside circles of that radius, pushed apart; which way they go out; their half widths.

    In a crowded web they stand on their circles: beside them they would stand on others.
    """
    places = np.array(at, float).reshape(-1, 2)
    far = np.hypot(*places.T)[:, None]
    out = np.where(far < 1e-9, [0.0, 1.0], places / np.maximum(far, 1e-9)) * (not crowded)
    wide, high = np.array(letters) * LETTER * look.text / look.width, 1.1 * look.text / look.width
    spots = places + out * (radius + 6 / look.width) + out * np.column_stack([wide, np.full(len(wide), high)])
    half = look.width / 2
    boxes = [(half * (x - w), half * (x + w), half * (1 - y)) for (x, y), w in zip(spots.tolist(), wide.tolist(), strict=True)]
    if len(boxes) <= SMALL:
        spots[:, 1] = 1 - np.array(apart(boxes, LINE * look.text, 0.7 * look.text, look.width - 0.7 * look.text)) / half
    for a in (spots, out, wide):
        a.flags.writeable = False
    return spots, out, wide


def _mixed(colour: str, ground: str, share: float) -> str:
    """Return a colour mixed with that of the ground.

    >>> _mixed("#000000", "#FFFFFF", 0.2)
    '#CCCCCC'
    """
    return "#" + "".join(f"{round(share * a + (1 - share) * b):02X}" for a, b in zip(rgb(colour), rgb(ground), strict=True))


def _chart(table: str, *kinds: str) -> alt.Chart:
    rows = alt.Chart(alt.NamedData(table))
    return rows.transform_filter(alt.FieldOneOfPredicate(field="kind", oneOf=list(kinds))) if kinds else rows


def _curves(colour: alt.Color, look: Look) -> dict[str, list[alt.Chart]]:
    """Return links, heads and what a pointer meets."""
    dash = alt.StrokeDash("dash:N", legend=None, scale=alt.Scale(domain=["solid", "dashed"], range=[[1, 0], [6, 5]]))
    width, angle = alt.StrokeWidth("width:Q", scale=None), alt.Angle("angle:Q", scale=None)
    line = _chart("links").mark_line(order=False, clip=True, interpolate="natural")
    head = _chart("heads").mark_point(filled=True, opacity=1, shape="M0,0L-0.42,1L0,0.86L0.42,1Z")
    hit = _chart("links").mark_line(
        order=False,
        clip=True,
        interpolate="natural",
        strokeWidth=HIT,
        strokeCap="round",
        opacity=0,
        stroke=look.palette.reference,
    )
    return {
        "links": [line.encode(x=X, y=Y, detail=PATH, strokeWidth=width, strokeDash=dash, color=colour)],
        "heads": [head.encode(x=X, y=Y, size=_raw("size"), angle=angle, color=colour)],
        "hits": [hit.encode(x=X, y=Y, detail=PATH)],
    }


def _rules(table: str, **style: Any) -> alt.Chart:
    """Return links of a large web: straight lines between places that are looked up.

    The places are a table of their own, because they stay while pages swell: then the browser need not draw the lines again.
    """
    places = alt.LookupData(data=alt.NamedData("places"), key="i", fields=["x", "y"])
    rule: alt.Chart = (
        _chart(table)
        .transform_lookup(lookup="source", from_=places, as_=["x", "y"])
        .transform_lookup(lookup="target", from_=places, as_=["x2", "y2"])
        .mark_rule(**style)
        .encode(x=X, y=Y, x2=X2, y2=Y2)
    )
    return rule


def _links(straight: bool, backdrop: bool, faint: float, colour: alt.Color, look: Look) -> dict[str, list[alt.Chart]]:
    """Return the layers of all links."""
    low, high = (width * _broader(look) for width in WIDTHS)
    hinted = {"backdrop": [_rules("backdrop", strokeWidth=0.75, opacity=faint, color=look.palette.reference)]}
    if not straight:
        return (hinted if backdrop else {}) | _curves(colour, look)
    rule = _rules("links", opacity=faint).transform_calculate(width=f"{low} + {high - low} * datum.flow / {FLOW}")
    return {"links": [rule.encode(strokeWidth=alt.StrokeWidth("width:Q", scale=None), color=colour)]}


def _raw(field: str) -> alt.Size:
    return alt.Size(f"{field}:Q", scale=None)


@functools.lru_cache(maxsize=64)
def _spec(large: bool, straight: bool, backdrop: bool, faint: float, look: Look) -> dict[str, Any]:
    p = look.palette
    scale = alt.Scale(domain=[-1, 1], nice=False, zero=False)
    colours = alt.Scale(domain=list(ROLES), range=[p.role(r) for r in ROLES])
    fills = alt.Scale(domain=list(ROLES), range=[_mixed(p.role(r), p.background, FILL) for r in ROLES])
    where: dict[str, Any] = dict(x=X, y=Y)
    paint: dict[str, Any] = dict(
        stroke=alt.Stroke("role:N", scale=colours, legend=None), fill=alt.Fill("role:N", scale=fills, legend=None)
    )
    halo: dict[str, Any] = dict(stroke=p.background, strokeWidth=3, strokeJoin="round", opacity=0.85)
    styles: tuple[dict[str, Any], ...] = (dict(fontWeight="bold"), dict(fontWeight="normal"))
    page = _chart("pages").mark_point(shape="circle", opacity=1, strokeWidth=1 if large else EDGE)
    ring = _chart("rings").mark_point(
        shape="circle", filled=False, opacity=1, stroke=p.reference, strokeWidth=1.3, strokeDash=[3, 3]
    )
    surfer = _chart("surfers").mark_point(filled=True, size=14, opacity=0.5, color=p.result)
    layers = {
        **_links(straight, backdrop, faint, alt.Color("role:N", scale=colours, legend=None), look),
        "pages": [page.encode(**where, size=_raw("size"), **paint)],
        "rings": [ring.encode(**where, size=_raw("size"))],
        "surfers": [surfer.encode(**where)],
        "labels": [
            _chart("labels", kind).mark_text(fontSize=look.text, color=p.text, **style, **under).encode(**where, text=TEXT)
            for kind, style in zip(("name", "value"), styles, strict=True)
            for under in (halo, {})
        ],
    }
    flat = [layer.properties(name=f"{name}_{i}") for name, group in layers.items() for i, layer in enumerate(group)]
    flat[0] = flat[0].encode(x=alt.X("x:Q", scale=scale, axis=None), y=alt.Y("y:Q", scale=scale, axis=None))
    chart = alt.layer(*flat).properties(autosize="none", padding=dict(left=0, right=0, top=0, bottom=0))
    return fixed(chart, look, width=look.width, height=look.width)
