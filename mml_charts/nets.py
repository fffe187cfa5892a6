"""A layered network: columns of neurons from left to right, links as wide as their weights, heat maps in the neurons.

A positive weight is a solid line in the first role's colour, a negative one dashed in the second's. Neurons are as large as
they can be without touching; where numbers find no room they are left out, because two over each other say nothing.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

import altair as alt
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mml_charts import inks
from mml_charts.curves import LETTER, LINE
from mml_charts.figure import Columns, Figure, _data_url, columns, fixed, refitted
from mml_charts.signed import SHADES, shades, signed_colours
from mml_charts.theme import Look, rgb

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Sizes = tuple[int, ...]
Box = tuple[float, float, float, float]  # left, right, top, bottom
Wire = tuple[int, int, int]  # layer, source, target
State = Literal["plain", "lit", "chosen", "dead"]
MARKS = ("links", "pictures", "neurons", "labels", "heads")
LARGEST, LARGEST_ROUND = 44, 46  # pixels of a neuron with a picture, and of one with a number, where text has 13
SMALLEST = 1.5  # of a neuron, in sizes of the text: before it gets smaller, what stands under neurons is left out
SHARE = 0.64  # of the distance of two columns that a neuron takes at most
APART = 0.12  # between two neurons of a column, in neurons
GAP = 2.0  # pixels between them besides
RIM = 4.5  # pixels around a neuron that its rings take, where a stroke has 3
THIN, THICK, HALF = 0.8, 7.0, 2.0  # width of a link: THIN where the weight is 0, half of THICK more where it is HALF
FAINT = 0.22  # opacity of a faint link
HEADS = 0.28  # of the height that heads take at most; else there are none
PORTS = 0.44  # of a neuron's side that its links are spread over
DIGIT = 0.47  # width of a sign of a number, in sizes of the text
NUMBER = 5  # letters of a number such as −0.52: room for a label does not change with what it says
LONGEST = 6  # letters of a number in a neuron at most
HATCH = 5  # pixels from one stroke of the negative side of a heat map to the next
LEVEL = 4  # of compression
SPOTS = np.array([0.5 + 0.025 * k * side for k in range(17) for side in (1, -1)][1:])  # where on a link a label may stand
RANK = {"chosen": 0, "lit": 1, "plain": 2, "faint": 3}
ROOMY = 34  # pixels of a neuron from which on links have their full width
GLOW = {"plain": 0.0, "faint": 0.0, "lit": 8.0, "chosen": 15.0}  # pixels that a link's glow is wider than the link
LINK: dict[str, type] = dict(x=float, y=float, x2=float, y2=float, width=float, glow=float, opacity=float, ink=str, dash=str)
NEURON: dict[str, type] = dict(
    x=float, y=float, size=float, angle=float, width=float, ink=str, kind=str, dash=str, fill=str
)  # fmt: skip
LABEL: dict[str, type] = dict(x=float, y=float, text=str, ink=str, kind=str)
PICTURE: dict[str, type] = dict(x=float, x2=float, y=float, y2=float, url=str)


@dataclass(frozen=True)
class Neuron:
    """A neuron: a number in it, or a heat map (g, g) from -1 to 1, row 0 at the top; its name beside, a number under it.

    A lit one has a thick ring, a chosen one two rings, a dead one a dashed ring and a cross.
    """

    label: str = ""
    value: str = ""
    values: Floats | None = None
    below: str = ""
    state: State = "plain"


@dataclass(frozen=True)
class Link:
    """A link from neuron `source` of column `layer` to neuron `target` of the next, with a number written on it."""

    layer: int
    source: int
    target: int
    weight: float
    label: str = ""
    state: Literal["plain", "faint", "lit", "chosen"] = "plain"


class Room(TypedDict):
    """What the places of neurons depend on besides their numbers.

    Attributes:
        heads: Letters of the text over each column, () where there is none.
        left: Letters of the longest name of an input.
        under: Of each column the letters of the lines under its neurons.
        pictures: Whether any neuron has a heat map.
    """

    heads: tuple[int, ...]
    left: int
    under: tuple[tuple[int, ...], ...]
    pictures: bool


@dataclass(frozen=True, eq=False)
class _Layout:
    """Where everything is, in pixels; layouts are kept, and the same one is the same object.

    Attributes:
        places: Of each column the middles of its neurons (n, 2).
        side: Side or diameter of a neuron.
        left: Whether names of inputs stand to the left of them.
        under: Of each column the lines under its neurons that have room, as numbers: 0 is the name, 1 the number.
        letters: Of each column the letters of the longest of these.
        heads: Where each head stands, None where it has no room.
    """

    places: tuple[Floats, ...]
    side: int
    left: bool
    under: tuple[tuple[int, ...], ...]
    letters: tuple[int, ...]
    heads: tuple[tuple[float, float] | None, ...]


def net(
    title: str,
    *,
    look: Look,
    columns: Sequence[Sequence[Neuron]],
    links: Sequence[Link],
    width: int | None = None,
    height: int | None = None,
    heads: Sequence[str] = (),
) -> Figure:
    """Return a network.

    Args:
        title: What it is, constant.
        look: The look.
        columns: The neurons of each layer, from above.
        links: The links; one from or to what is no neuron is left out.
        width, height: In pixels; else the look's width, and 0.6 of the width.
        heads: One text over each column, or none at all; what has no room is left out.
    """
    wide = look.width if width is None else width
    tall = round(0.6 * wide) if height is None else height
    layout = _layout(tuple(map(len, columns)), wide, tall, look, **room(columns, heads))
    kept = [k for k in links if _exists(k, columns)]
    tables = {
        "links": _links(kept, layout, look),
        "pictures": _pictures(columns, layout, wide, tall, look),
        "neurons": _neurons(columns, layout, look),
        "labels": _labels(columns, kept, layout, wide, tall, look),
        "heads": _heads(heads, layout),
    }
    window = (0.0, float(wide), float(tall), 0.0)
    return Figure(title, _spec(wide, tall, look), tables, window, square=True, marks=MARKS)


def room(columns: Sequence[Sequence[Neuron]], heads: Sequence[str] = ()) -> Room:
    """Return what the places of these neurons depend on; numbers count as long as numbers are, whatever they say."""

    def longest(texts: Sequence[str], least: int = 0) -> int:
        return max((max(len(t), least) for t in texts if t), default=0)

    def lines(i: int, column: Sequence[Neuron]) -> tuple[int, int]:
        return longest([n.label for n in column]) if i else 0, longest([n.below for n in column], NUMBER)

    return Room(
        heads=tuple(map(len, heads)) if any(heads) else (),
        left=longest([n.label for n in columns[0]]) if columns else 0,
        under=tuple(lines(i, column) for i, column in enumerate(columns)),
        pictures=any(n.values is not None for column in columns for n in column),
    )


def neuron_places(
    sizes: Sizes,
    width: int,
    height: int,
    look: Look,
    *,
    heads: tuple[int, ...] = (),
    left: int = 0,
    under: tuple[tuple[int, ...], ...] = (),
    pictures: bool = False,
) -> list[Floats]:
    """Return where neurons are: of each column the middles (n, 2), in the figure's data units, which are pixels.

    With `**room(columns, heads)` these are exactly the places that `net` draws them at.
    """
    return list(_layout(sizes, width, height, look, heads, left, under, pictures).places)


def neuron_side(sizes: Sizes, width: int, height: int, look: Look, **more: Any) -> int:
    """Return the side or diameter of a neuron in pixels; arguments as in `neuron_places`."""
    return _layout(sizes, width, height, look, **more).side


def link_places(
    columns: Sequence[Sequence[Neuron]],
    links: Sequence[Link],
    look: Look,
    *,
    width: int | None = None,
    height: int | None = None,
    heads: Sequence[str] = (),
) -> Floats:
    """Return where the label of each link is (n, 2), its middle where it has none; NaN for a link that does not exist."""
    wide = look.width if width is None else width
    tall = round(0.6 * wide) if height is None else height
    layout = _layout(tuple(map(len, columns)), wide, tall, look, **room(columns, heads))
    places = np.full((len(links), 2), np.nan)
    there = [i for i, k in enumerate(links) if _exists(k, columns)]
    kept = [links[i] for i in there]
    labelled = _link_labels(kept, layout, wide, tall, look)
    for i, ends, at in zip(there, _ends(kept, layout).tolist(), labelled, strict=True):
        places[i] = at if at is not None else ((ends[0] + ends[2]) / 2, (ends[1] + ends[3]) / 2)
    return places


def _exists(k: Link, columns: Sequence[Sequence[Neuron]]) -> bool:
    inside = 0 <= k.layer < len(columns) - 1
    return inside and 0 <= k.source < len(columns[k.layer]) and 0 <= k.target < len(columns[k.layer + 1])


def _wide(letters: float, look: Look) -> float:
    return LETTER * look.text * letters


# --- Places -----------------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=256)
def _layout(
    sizes: Sizes,
    width: int,
    height: int,
    look: Look,
    heads: tuple[int, ...] = (),
    left: int = 0,
    under: tuple[tuple[int, ...], ...] = (),
    pictures: bool = False,
) -> _Layout:
    """Return where everything is; where there is little room, first what stands under neurons goes."""
    line, n = LINE * look.text, len(sizes)
    largest = round((LARGEST if pictures else LARGEST_ROUND) * look.text / 13)
    margin = _wide(left, look) + 0.7 * look.text if left else 2.0
    over, rows = _head_room(heads, n, _pitch(n, width, margin, largest), line, look)
    if over > HEADS * height:  # a large text over a low picture
        over, rows = 0.0, 0
    slot = (height - over) / max(sizes[0], 1) if n else 0.0
    beside = bool(left) and margin <= 0.27 * width and slot >= line
    margin = margin if beside else 2.0
    pitch = _pitch(n, width, margin, largest)
    lines = [
        [i for i, letters in enumerate(under[c] if c < len(under) else ()) if letters] for c in range(n)
    ]  # which lines each column has
    letters = [dict(enumerate(under[c])) if c < len(under) else {} for c in range(n)]
    if left and not beside and n:
        lines[0], letters[0] = sorted({0, *lines[0]}), letters[0] | {0: left}
    for c in range(n):
        lines[c] = [i for i in lines[c] if _wide(letters[c][i], look) + 4 <= (pitch if n > 1 else width)]

    def under_room(count: int) -> float:
        return count * line + RIM * look.stroke / 3 if count else 0.0

    while True:
        side = min(largest, math.floor(SHARE * pitch)) if n > 1 else largest
        fits = [_side_in(sizes[c], under_room(len(lines[c])), height - over) for c in range(n)]
        side = max(4, min([side, *map(math.floor, fits)]))
        tight = [c for c in range(n) if lines[c] and fits[c] < min(SMALLEST * look.text, SHARE * pitch)]
        if not tight:
            break
        lines[min(tight, key=lambda c: fits[c])].pop()
    side -= side % 2
    talls = [float(side)] * n
    if beside and side < line:  # names are higher than their neurons
        lines[0], talls[0] = [], line
    outer = max((_wide(letters[-1][i], look) / 2 for i in lines[-1]), default=0.0) if n else 0.0
    first = max((_wide(letters[0][i], look) / 2 for i in lines[0]), default=0.0) if n else 0.0
    start = max(margin + side / 2, first + 2)
    end = width - max(side / 2 + 0.16 * side + 3, outer + 2)
    across = np.rint(np.linspace(start, end, n)) if n > 1 else np.full(n, round((start + end) / 2))
    shift = _shifts(sizes, [under_room(len(said)) for said in lines], talls, height - over)
    places = []
    for c, count in enumerate(sizes):
        down = over + (np.arange(count) + 0.5) * (height - over) / max(count, 1) - shift[c]
        xy = np.column_stack([np.full(count, across[c]), np.rint(down)])
        xy.flags.writeable = False
        places.append(xy)
    texts = _head_places(heads, across.tolist(), rows, width, line, look)
    longest = tuple(max((letters[c][i] for i in lines[c]), default=0) for c in range(n))
    return _Layout(tuple(places), side, beside, tuple(map(tuple, lines)), longest, texts)


def _pitch(n: int, width: float, margin: float, largest: float) -> float:
    """Return the distance of two columns, at least."""
    return (width - margin - 2 - largest) / max(n - 1, 1) if width - margin > 2 * largest else (width - margin) / max(n, 1)


def _side_in(count: int, under: float, height: float) -> float:
    """Return how large neurons in a column can be, with so many pixels of text under each."""
    return (height / max(count, 1) - under - GAP) / (1 + APART)


def _shifts(sizes: Sizes, under: list[float], talls: list[float], height: float) -> list[float]:
    """Return how far neurons stand over the middles of their rows, so high, because of so many pixels under them.

    Columns are shifted alike where there is room, so that links between equal rows are level.
    """
    densest = max(sizes, default=0)
    common = max((k / 2 for k, n in zip(under, sizes, strict=True) if n == densest), default=0.0)
    shifts = []
    for count, below, tall in zip(sizes, under, talls, strict=True):
        reach = (height / max(count, 1) - tall) / 2
        shifts.append(max(0.0, min(max(common, below - reach), reach)))
    return shifts


def _head_room(heads: tuple[int, ...], n: int, pitch: float, line: float, look: Look) -> tuple[float, int]:
    """Return how many pixels heads take, and in how many rows they stand: two where one is too narrow."""
    if not any(heads[:n]):
        return 0.0, 0
    pairs = itertools.pairwise(heads[:n])
    rows = 1 if all(_wide(a + b, look) / 2 + 0.6 * look.text <= pitch for a, b in pairs) else 2
    return rows * line + 0.3 * look.text, rows


def _head_places(
    heads: tuple[int, ...], across: list[float], rows: int, width: float, line: float, look: Look
) -> tuple[tuple[float, float] | None, ...]:
    """Return where heads stand; the first and the last come first where there is room for some only."""
    found: dict[int, tuple[float, float]] = {}
    taken: list[Box] = []
    count = min(len(heads), len(across)) if rows else 0
    order = [0, count - 1, *range(1, count - 1)] if count > 1 else list(range(count))
    for c in order:
        half = _wide(heads[c], look) / 2
        if not heads[c] or 2 * half + 4 > width:
            continue
        x, y = min(max(across[c], half + 2), width - half - 2), (c % rows + 0.55) * line
        box = (x - half - 0.25 * look.text, x + half + 0.25 * look.text, y - line / 2 + 1, y + line / 2 - 1)
        if not any(_meet(box, other) for other in taken):
            found[c] = (x, y)
            taken.append(box)
    return tuple(found.get(c) for c in range(len(heads)))


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


# --- Links ------------------------------------------------------------------------------------------------------------------


def _ends(links: Sequence[Link], layout: _Layout) -> Floats:
    """Return the two ends of each link (n, 4), x, y and x, y, at the right and left sides of its neurons.

    A line between them meets no other neuron. Lines at one neuron are spread, so that thick ones lie beside each other.
    """
    side = layout.side
    ends = np.empty((len(links), 4))
    for i, k in enumerate(links):
        (x, y), (x2, y2) = layout.places[k.layer][k.source], layout.places[k.layer + 1][k.target]
        n, m = len(layout.places[k.layer]), len(layout.places[k.layer + 1])
        spread = PORTS * side
        ends[i] = (
            x + side / 2, y + spread * ((k.target + 0.5) / m - 0.5), x2 - side / 2, y2 + spread * ((k.source + 0.5) / n - 0.5),
        )  # fmt: skip
    return ends


def link_width(weight: float, look: Look) -> float:
    """Return how many pixels wide a link is.

    >>> [round(link_width(w, Look()), 1) for w in (0.0, -2.0, 2.0, 1e9, float("nan"))]
    [0.8, 4.3, 4.3, 7.8, 1.5]
    """
    if not math.isfinite(weight):
        return look.stroke / 2
    return (THIN + THICK * (abs(weight) / (abs(weight) + HALF))) * look.stroke / 3


def _style(weight: float) -> tuple[str, str]:
    """Return the ink and the dash of a link: its sign is told by both."""
    if not math.isfinite(weight):
        return "reference", "dotted"
    if weight == 0:
        return "reference", "solid"
    return ("first", "solid") if weight > 0 else ("second", "dashed")


def _links(links: Sequence[Link], layout: _Layout, look: Look) -> Columns:
    """Return the lines: faint ones under all others, chosen ones on top."""
    ends, inset = _ends(links, layout), 0.22 * layout.side
    slim = min(1.0, max(0.4, layout.side / (ROOMY * look.text / 13)))
    rows = []
    for i in sorted(range(len(links)), key=lambda i: -RANK[links[i].state]):
        k, (x, y, x2, y2) = links[i], ends[i].tolist()
        ink, dash = _style(k.weight)
        width = slim * link_width(k.weight, look)
        glow = width + slim * GLOW[k.state] * look.stroke / 3 if GLOW[k.state] else 0.0
        opacity = FAINT if k.state == "faint" else 1.0
        row = dict(x=x - inset, y=y, x2=x2 + inset, y2=y2, width=width, glow=glow, opacity=opacity, ink=ink, dash=dash)
        rows.append(row)
    return columns(rows, LINK)


def _link_labels(
    links: Sequence[Link], layout: _Layout, width: int, height: int, look: Look
) -> list[tuple[float, float] | None]:
    """Return where the labels of links stand, None where one is empty or has no room."""
    said = [i for i, k in enumerate(links) if k.label]
    if not said:
        return [None] * len(links)
    order = sorted(said, key=lambda i: RANK[links[i].state])
    letters = tuple(max(NUMBER, len(links[i].label)) for i in order)
    wires: tuple[Wire, ...] = tuple((k.layer, k.source, k.target) for k in links)
    found = _spread(wires, tuple(order), letters, layout, width, height, look)
    at = dict(zip(order, found, strict=True))
    return [at.get(i) for i in range(len(links))]


@functools.lru_cache(maxsize=256)
def _spread(
    wires: tuple[Wire, ...],
    order: tuple[int, ...],
    letters: tuple[int, ...],
    layout: _Layout,
    width: int,
    height: int,
    look: Look,
) -> tuple[tuple[float, float] | None, ...]:
    """Return a place on its line for each label of `order`, such that none meets another, a neuron or what is under one.

    Of the free places on its line, each takes the one that the fewest other lines cross, the nearest to the middle first.
    """
    ends = _ends([Link(*wire, 0.0) for wire in wires], layout)
    layers = np.array([wire[0] for wire in wires])
    tall = LINE * look.text / 2
    blocked = _neuron_boxes(layout, look)

    def tried(turn: list[int]) -> dict[int, tuple[float, float]]:
        found: dict[int, tuple[float, float]] = {}
        taken = list(blocked)
        for k in turn:
            i, half, (x, y, x2, y2) = order[k], _wide(letters[k], look) / 2 + 1, ends[order[k]].tolist()
            at = np.column_stack([x + SPOTS * (x2 - x), y + SPOTS * (y2 - y)])
            boxes = np.column_stack([at[:, 0] - half, at[:, 0] + half, at[:, 1] - tall, at[:, 1] + tall])
            left, right, top, bottom = boxes.T
            full = np.array(taken).reshape(-1, 4)
            met = (left[:, None] < full[:, 1]) & (full[:, 0] < right[:, None])
            met &= (top[:, None] < full[:, 3]) & (full[:, 2] < bottom[:, None])
            free = ~met.any(axis=1) & (left >= x) & (right <= x2) & (top >= 0) & (bottom <= height)
            if free.any():
                others = ends[(layers == layers[i]) & (np.arange(len(wires)) != i)]
                best = int(np.argmin(np.where(free, _crossings(others, boxes) + 2 * np.abs(SPOTS - 0.5), np.inf)))
                found[k] = (float(at[best, 0]), float(at[best, 1]))
                taken.append(tuple(boxes[best].tolist()))
        return found

    turn = list(range(len(order)))
    found = tried(turn)
    if len(found) < len(order):
        other = tried(turn[::-1])
        found = other if len(other) > len(found) and 0 in other else found
    return tuple(found.get(k) for k in turn)


def _crossings(lines: Floats, boxes: Floats) -> NDArray[np.intp]:
    """Return how many lines from left to right pass through each box."""
    left, right, top, bottom = boxes.T[..., None]
    slope = (lines[:, 3] - lines[:, 1]) / np.maximum(lines[:, 2] - lines[:, 0], 1e-9)
    one, other = lines[:, 1] + slope * (left - lines[:, 0]), lines[:, 1] + slope * (right - lines[:, 0])
    crossed: NDArray[np.intp] = np.sum((np.minimum(one, other) < bottom) & (np.maximum(one, other) > top), axis=1)
    return crossed


def _neuron_boxes(layout: _Layout, look: Look) -> list[Box]:
    """Return the boxes of neurons and of the lines under them."""
    half, line, rim = layout.side / 2, LINE * look.text, RIM * look.stroke / 3
    boxes: list[Box] = []
    for xy, under, letters in zip(layout.places, layout.under, layout.letters, strict=True):
        wide = _wide(letters, look) / 2
        for x, y in xy.tolist():
            boxes.append((x - half, x + half, y - half, y + half))
            if under:
                boxes.append((x - wide, x + wide, y + half, y + half + rim + len(under) * line))
    return boxes


# --- Neurons ----------------------------------------------------------------------------------------------------------------


def _neurons(columns_of: Sequence[Sequence[Neuron]], layout: _Layout, look: Look) -> Columns:
    """Return the outlines of neurons and what tells their states."""
    side, scale = layout.side, look.stroke / 3
    rows: list[dict[str, Any]] = []
    for column, places in zip(columns_of, layout.places, strict=True):
        for n, (x, y) in zip(column, places.tolist(), strict=True):
            round_ = n.values is None
            plain = dict(
                x=x, y=y, size=float(side**2), angle=0.0, width=1.5 * scale, ink="reference", dash="solid",
                kind="ring" if round_ else "square", fill="full" if round_ else "none",
            )  # fmt: skip
            if n.state == "plain":
                rows.append(plain)
            elif n.state == "lit":
                rows.append(plain | dict(ink="result", width=min(4.0 * scale, 0.14 * side)))
            elif n.state == "chosen":
                ring, away = min(1.8 * scale, 0.06 * side), min(RIM * scale, 0.14 * side)
                for size, fill in ((side - 0.4 * away, plain["fill"]), (side + 1.4 * away, "none")):
                    rows.append(plain | dict(ink="result", width=ring, size=size**2, fill=fill))
            else:
                rows.append(plain | dict(dash="dashed", width=2 * scale))
                corner = 0.4 * side  # clear of a number in the middle
                badge = plain | dict(x=x + corner, y=y - corner)
                rows.append(badge | dict(kind="ring", size=(0.36 * side) ** 2, fill="full", width=1.2 * scale))
                rows.append(badge | dict(kind="cross", size=(0.22 * side) ** 2, fill="ink", width=0.0, angle=45.0))
    return columns(rows, NEURON)


def _pictures(columns_of: Sequence[Sequence[Neuron]], layout: _Layout, width: int, height: int, look: Look) -> Columns:
    """Return all heat maps as one picture, see-through between them."""
    found = [
        (n.values, x, y)
        for column, places in zip(columns_of, layout.places, strict=True)
        for n, (x, y) in zip(column, places.tolist(), strict=True)
        if n.values is not None
    ]
    if not found:
        return columns([], PICTURE)
    box = dict(x=0.0, x2=float(width), y=0.0, y2=float(height))
    return columns([box | dict(url=_sprite(found, layout.side, width, height, look))], PICTURE)


def _sprite(found: Sequence[tuple[Floats, float, float]], side: int, width: int, height: int, look: Look) -> str:
    """Return heat maps with their middles as a data URL; pixels of the number 0 are see-through."""
    index = np.zeros((height, width), np.uint8)
    tiles = _tiles([values for values, _, _ in found], side)
    for tile, (_, x, y) in zip(tiles, found, strict=True):
        left, top = round(x) - side // 2, round(y) - side // 2
        index[max(top, 0) : top + side, max(left, 0) : left + side] = tile[
            max(-top, 0) : max(height - top, 0), max(-left, 0) : max(width - left, 0)
        ]
    image = Image.fromarray(index)
    image.putpalette(_sprite_colours(look).ravel().tolist())
    return _data_url(image, "PNG", compress_level=LEVEL, transparency=0)


def _tiles(maps: Sequence[Floats], side: int) -> Pixels:
    """Return the colours' numbers (n, side, side) of heat maps, all of one size at once."""
    tiles = np.empty((len(maps), side, side), np.uint8)
    arrays = [np.atleast_2d(np.asarray(m, float)) for m in maps]
    for shape in dict.fromkeys(a.shape for a in arrays):
        those = [i for i, a in enumerate(arrays) if a.shape == shape]
        v = np.clip(np.stack([arrays[i] for i in those]), -1, 1)
        missing = np.isnan(v)
        down, across = _enlarging(shape[0], side), _enlarging(shape[1], side)
        fine = down @ np.where(missing, 0.0, v).astype(np.float32) @ across.T
        number = shades(fine) + np.uint8(1)
        number = np.where((fine < 0) & _strokes(side), np.uint8(2 * SHADES + 2), number)
        if missing.any():
            (rows, cols) = (np.arange(side) * n // side for n in shape)
            number = np.where(missing[:, rows][:, :, cols], np.uint8(2 * SHADES + 3), number)
        tiles[those] = number
    return tiles


@functools.lru_cache(maxsize=64)
def _enlarging(n: int, side: int) -> NDArray[np.float32]:
    """Return the matrix (side, n) that draws n values in `side` pixels, straight between the middles of neighbours."""
    at = np.clip((np.arange(side) + 0.5) * n / side - 0.5, 0, n - 1)
    low = np.minimum(at.astype(int), max(n - 2, 0))
    matrix = np.zeros((side, n), np.float32)
    rows = np.arange(side)
    matrix[rows, low] = 1 - (at - low)
    matrix[rows, np.minimum(low + 1, n - 1)] += at - low
    return matrix


@functools.lru_cache(maxsize=64)
def _strokes(side: int) -> NDArray[np.bool_]:
    """Return where small minus signs lie on the negative side of a heat map: in rows, each shifted by half."""
    rows, cols = np.indices((side, side))
    shifted = cols + HATCH * ((rows // HATCH) % 2)
    strokes: NDArray[np.bool_] = (rows % HATCH == HATCH // 2) & (shifted % (2 * HATCH) < HATCH - 1)
    return strokes


@functools.lru_cache(maxsize=16)
def _sprite_colours(look: Look) -> Pixels:
    """Return the colours of a sprite: see-through, then those of a signed field."""
    return np.vstack([np.array(rgb(look.palette.background), np.uint8), signed_colours(look)])


# --- Texts ------------------------------------------------------------------------------------------------------------------


def _labels(
    columns_of: Sequence[Sequence[Neuron]], links: Sequence[Link], layout: _Layout, width: int, height: int, look: Look
) -> Columns:
    """Return all that is written in, beside and under neurons, and on links."""
    side, line, rows = layout.side, LINE * look.text, []
    numbered = _has_room([n.value for column in columns_of for n in column if n.values is None], side, look)
    for c, (column, places) in enumerate(zip(columns_of, layout.places, strict=True)):
        beside = c == 0 and layout.left
        for n, (x, y) in zip(column, places.tolist(), strict=True):
            if n.value and n.values is None and numbered and len(n.value) <= LONGEST:
                rows.append(dict(x=x, y=y, text=n.value, ink="result", kind="in"))
            if n.label and beside:
                rows.append(dict(x=x - side / 2 - 0.5 * look.text, y=y, text=n.label, ink="result", kind="left"))
            below = {0: "" if beside else n.label, 1: n.below}
            for i, which in enumerate(layout.under[c]):
                if below[which]:
                    down = y + side / 2 + RIM * look.stroke / 3 + (i + 0.5) * line
                    rows.append(dict(x=x, y=down, text=below[which], ink="result", kind="name" if which == 0 else "under"))
    for k, at in zip(links, _link_labels(links, layout, width, height, look), strict=True):
        if at is not None:
            rows.append(dict(x=at[0], y=at[1], text=k.label, ink=_style(k.weight)[0], kind="link"))
    return columns(rows, LABEL)


def _has_room(texts: Sequence[str], side: float, look: Look) -> bool:
    """Return whether the longest number fits into a circle; else none is written, so that none seems to be missing."""
    longest = max((len(t) for t in texts if len(t) <= LONGEST), default=0)
    return math.hypot(DIGIT * look.text * longest, 0.75 * look.text) <= side - 2


def _heads(heads: Sequence[str], layout: _Layout) -> Columns:
    rows = [
        dict(x=at[0], y=at[1], text=said, ink="reference", kind="head")
        for said, at in zip(heads, layout.heads, strict=False)
        if at is not None and said
    ]
    return columns(rows, LABEL)


# --- The chart --------------------------------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=64)
def _spec(width: int, height: int, look: Look) -> dict[str, Any]:
    """Return the chart in this size."""
    return refitted(_chart(look), (0, width, height, 0), {}, (width, height))


@functools.lru_cache(maxsize=16)
def _chart(look: Look) -> dict[str, Any]:
    """Return the chart but for its size."""
    p, text = look.palette, look.text
    scale = alt.Scale(domain=[0, 1], nice=False, zero=False)
    colour = inks.colour(look)
    at: dict[str, Any] = dict(x=inks.X, y=inks.Y)
    to: dict[str, Any] = dict(x2=inks.X2, y2=inks.Y2)
    width = alt.StrokeWidth("width:Q", scale=None)
    fills = alt.Scale(domain=["full", "none", "ink"], range=[p.background, "transparent", p.result])
    fill = alt.Fill("fill:N", legend=None, scale=fills)
    opacity, size = alt.Opacity("opacity:Q", scale=None), alt.Size("size:Q", scale=None)
    stroke = alt.Stroke("ink:N", scale=inks._inks(look), legend=None)

    def table(name: str, condition: str = "") -> alt.Chart:
        chart = alt.Chart(alt.NamedData(name))
        return chart.transform_filter(condition) if condition else chart

    def said(name: str, condition: str, halo: dict[str, Any] | None = None, **style: Any) -> list[alt.Chart]:
        rows = table(name, condition)
        mark: dict[str, Any] = dict(fontSize=text, baseline="middle") | style
        return [
            rows.mark_text(**mark, **(inks.halo(look) | (halo or {}))).encode(**at, text=inks.TEXT),
            rows.mark_text(**mark).encode(**at, text=inks.TEXT, color=colour),
        ]

    drawn: dict[str, list[alt.Chart]] = {
        "links": [
            table("links", "datum.glow > 0").mark_rule(color=p.result, opacity=0.22, strokeCap="butt").encode(
                x=alt.X("x:Q", scale=scale, axis=None), y=alt.Y("y:Q", scale=scale, axis=None), **to,
                strokeWidth=alt.StrokeWidth("glow:Q", scale=None),
            ),
            table("links").mark_rule().encode(
                **at, **to, strokeWidth=width, color=colour, strokeDash=inks.dash(), opacity=opacity,
            ),
        ],
        "pictures": [table("pictures").mark_image(aspect=False).encode(**at, **to, url=inks.URL)],
        "neurons": [
            table("neurons").mark_point(opacity=1).encode(
                **at, size=size, angle=alt.Angle("angle:Q", scale=None), shape=inks.glyph(),
                stroke=stroke, strokeWidth=width, strokeDash=inks.dash(), fill=fill,
            ),
        ],
        "labels": [
            *said("labels", "datum.kind == 'left'", align="right", fontWeight="bold"),
            *said("labels", "datum.kind == 'name'", align="center", fontWeight="bold"),
            *said("labels", "datum.kind == 'under'", align="center"),
            # Its own line passes under it, in the same colour.
            *said("labels", "datum.kind == 'link'", dict(strokeWidth=0.55 * text, opacity=1), align="center"),
            table("labels", "datum.kind == 'in'").mark_text(fontSize=text, baseline="middle", align="center")
            .encode(**at, text=inks.TEXT, color=colour),
        ],
        "heads": said("heads", "", align="center"),
    }  # fmt: skip
    flat = [layer.properties(name=f"{name}_{i}") for name, group in drawn.items() for i, layer in enumerate(group)]
    chart = alt.layer(*flat).properties(autosize="none", padding=dict(left=0, right=0, top=0, bottom=0))
    return fixed(chart, look, width=100, height=100)
