"""Rasters: small pictures side by side, each value a square: two digits and their product, or the rows of a table."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from mml_charts.figure import Figure, columns, fixed, picture_url, raster_url
from mml_charts.theme import ROLES, Look, Role, rgb

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Shape = tuple[int, int]
TALLEST = 0.75  # height of the pictures at most, in widths of the whole
LABEL = 1.7  # lines under a picture
SIDE = 288  # pixels that a picture is sent in: three of them cost 10-15 kB
CELL = 12  # of these, pixels of a square with a sign; where there is less room, there are no signs
SEEN = 0.03  # from this size on a negative value carries its sign
MARKS = ("pictures", "frames", "labels")
COLUMNS = dict.fromkeys(("x", "x2", "y", "y2", "middle"), float) | dict.fromkeys(("url", "text", "role"), str)


@dataclass(frozen=True)
class Raster:
    """Values (h, w) from 0 to 1, or from -1 to 1 where any is negative, with a label under them."""

    values: Floats
    label: str
    role: Role


@dataclass(frozen=True)
class _Layout:
    """How large the whole is and the side of one value's square, in pixels; each picture's left edge and shape."""

    width: int
    height: int
    side: float
    lefts: tuple[float, ...]
    shapes: tuple[Shape, ...]
    bottom: float


def rasters(title: str, *, look: Look, pictures: Sequence[Raster]) -> Figure:
    """Return pictures side by side, all in the same scale, with their labels under them.

    A picture without negative values goes from the background (0) to the colour of its role (1). One with negative values
    goes through the background (0) to one tint (1) and to another (-1), where each negative square also carries a minus
    sign, if it is large enough for one. What is beyond is cut; a value that is no number is a grey square.
    """
    values = [np.atleast_2d(np.asarray(one.values, float)) for one in pictures]
    layout = _layout(tuple(v.shape for v in values), look)
    rows = []
    for one, v, left in zip(pictures, values, layout.lefts, strict=True):
        high, wide = (n * layout.side for n in v.shape)
        box = dict(x=left, x2=left + wide, y=layout.bottom - high, y2=layout.bottom, middle=left + wide / 2)
        rows.append(box | dict(url=raster_url(_pixels(v, one.role, look), SIDE), text=one.label, role=one.role))
    window = (0.0, float(layout.width), float(layout.height), 0.0)
    return Figure(title, _spec(layout.shapes, look), {"pictures": columns(rows, COLUMNS)}, window, square=True, marks=MARKS)


def tile_url(values: Floats, look: Look, *, reach: float = 1.0, role: Role = "result", side: int = 160) -> str:
    """Return values (h, w) from 0 to `reach`, or from -reach, as a square picture, a data URL; a long one stands in its middle.

    Colours and signs are those of `rasters`.
    """
    v = np.atleast_2d(np.asarray(values, float)) / (reach if reach > 0 else 1.0)
    return raster_url(_squared(_pixels(v, role, look), look), side)


def photo_url(pixels: Pixels, look: Look) -> str:
    """Return a picture (h, w) or (h, w, 3 or 4), 0 to 255, as a square one, a data URL; a long one stands in its middle."""
    colours = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    if colours.shape[2] == 4:
        cover = colours[..., 3:] / 255
        colours = np.rint(cover * colours[..., :3] + (1 - cover) * rgb(look.palette.background)).astype(np.uint8)
    return picture_url(_squared(colours, look), look.palette.background)


def _squared(pixels: Pixels, look: Look) -> Pixels:
    """Return a picture in the middle of a square of the ground's colour."""
    h, w = pixels.shape[:2]
    if h == w:
        return pixels
    square = np.full((max(h, w), max(h, w), 3), rgb(look.palette.background), np.uint8)
    top, left = (max(h, w) - h) // 2, (max(h, w) - w) // 2
    square[top : top + h, left : left + w] = pixels
    return square


def _pixels(values: Floats, role: Role, look: Look) -> Pixels:
    """Return the colours of a picture; one with signs is drawn larger, so that they find room in its squares."""
    p = look.palette
    grey = np.isnan(values)
    signed = bool((values < 0).any())
    v = np.clip(np.where(grey, 0.0, values), -1, 1)
    ground, above, below = (np.array(rgb(c), float) for c in (p.background, p.left if signed else p.role(role), p.right))
    ends = np.where(v[..., None] < 0, below, above)
    colours = ground + np.abs(v)[..., None] * (ends - ground)
    colours[grey] = rgb(p.faint)
    if signed and CELL * max(values.shape) <= SIDE:
        colours = _signed(colours, v < -SEEN, np.where(np.abs(v)[..., None] > 0.5, ground, rgb(p.text)))
    pixels: Pixels = np.rint(colours).astype(np.uint8)
    return pixels


def _signed(colours: Floats, negative: NDArray[np.bool_], ink: Floats) -> Floats:
    """Return the picture with a minus sign in each negative square."""
    third, half = CELL // 4, CELL // 2
    large, inks = (a.repeat(CELL, axis=0).repeat(CELL, axis=1) for a in (colours, ink))
    bars = negative.repeat(CELL, axis=0).repeat(CELL, axis=1)
    y, x = (i % CELL for i in np.indices(bars.shape))
    bars = bars & (x >= third) & (x < CELL - third) & (y >= half - 1) & (y <= half)
    return np.where(bars[..., None], inks, large)


@functools.lru_cache(maxsize=64)
def _layout(shapes: tuple[Shape, ...], look: Look) -> _Layout:
    """Return where pictures of these shapes lie: one scale for all, each in the middle of its share of the width."""
    n, gap = max(len(shapes), 1), 1.5 * look.text
    share = (look.width - gap * (n - 1)) / n
    highest, widest = (max((shape[axis] for shape in shapes), default=1) for axis in (0, 1))
    side = min((share - 2) / max(widest, 1), TALLEST * look.width / max(highest, 1))
    lefts = tuple((share + gap) * i + (share - side * wide) / 2 for i, (_, wide) in enumerate(shapes))
    bottom = side * highest + 1
    return _Layout(look.width, round(bottom + LABEL * look.text), side, lefts, shapes, bottom)


@functools.lru_cache(maxsize=64)
def _spec(shapes: tuple[Shape, ...], look: Look) -> dict[str, Any]:
    p, layout = look.palette, _layout(shapes, look)
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, layout.width], nice=False, zero=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[layout.height, 0], nice=False, zero=False), axis=None)
    roles = alt.Scale(domain=list(ROLES), range=[p.role(role) for role in ROLES])
    rows, to = alt.Chart(alt.NamedData("pictures")), dict(x2="x2:Q", y2="y2:Q")
    label = rows.mark_text(fontSize=look.text, fontWeight="bold").encode(
        x="middle:Q", y=alt.datum(layout.bottom + LABEL / 2 * look.text), text="text:N",
        color=alt.Color("role:N", scale=roles, legend=None),
    )  # fmt: skip
    layers = {
        "pictures": rows.mark_image(aspect=False).encode(x=x, y=y, url="url:N", **to),
        "frames": rows.mark_rect(filled=False, stroke=p.reference, strokeWidth=1).encode(x="x:Q", y="y:Q", **to),
        "labels": label,
    }
    flat = [layer.properties(name=f"{name}_0") for name, layer in layers.items()]
    chart = alt.layer(*flat).properties(autosize="none", padding=dict(left=0, right=0, top=0, bottom=0))
    return fixed(chart, look, width=layout.width, height=layout.height)
