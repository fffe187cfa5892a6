"""Reliefs: a surface as a lit block that can be turned, with paths and points on it; drawn pixel by pixel."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from mml_charts import inks
from mml_charts.figure import Figure, columns, fixed, image_url
from mml_charts.maps import POINT, Spot, Track, _paths, _spot
from mml_charts.theme import Look, rgb

Floats = NDArray[np.float64]
MARKS = ("picture", "paths", "points")
WIDE, TALL = 440, 452  # pixels of the picture
GROUND, STAND = 0.47, 0.4  # half diagonal of the block and its height, in widths of the picture
PICTURE: dict[str, type] = dict(url=str)


def relief(
    title: str,
    *,
    look: Look,
    heights: Floats,
    tilt: float,
    tracks: Sequence[Track] = (),
    spots: Sequence[Spot] = (),
) -> Figure:
    """Return a surface seen from the side.

    Args:
        title: What it is, constant.
        look: The look.
        heights: (n, n) from 0 to 1, row 0 the far edge; NaN is not there.
        tilt: How far one looks down, in radians: 0 along the ground, pi/2 from above.
        tracks, spots: What lies on it, each point as it is seen (see `seen`).
    """
    tables = {
        "picture": columns([dict(url=image_url(_lit(heights, tilt, look)))], PICTURE),
        "paths": _paths(tracks, (0, 1, 0, 1)),
        "points": columns([_spot(s) for s in spots if np.isfinite(s.at).all()], POINT),
    }
    return Figure(title, _spec(look), tables, (0.0, 1.0, 0.0, TALL / WIDE), marks=MARKS)


def seen(places: Floats, heights: Floats, tilt: float) -> Floats:
    """Return where points are seen, (n, 2), from the left and from below, in widths of the picture.

    `places` (n, 2) from -1 to 1, to the right and away, on the turned ground, whose half diagonal is 1; `heights` (n,) from
    0 to 1.
    """
    across = 0.5 + GROUND * places[:, 0]
    return np.column_stack([across, _rise(places[:, 1], heights, tilt)])


def _rise(away: Any, height: Any, tilt: float) -> Any:
    """Return how high up in the picture something is, in widths of it."""
    return TALL / WIDE * 0.5 + GROUND * away * math.sin(tilt) + STAND * math.cos(tilt) * (height - 0.5)


def _lit(heights: Floats, tilt: float, look: Look) -> NDArray[np.uint8]:
    """Return the picture: each column of pixels is filled from the front, row by row, up to the skyline so far."""
    n = len(heights)
    place = ((np.arange(WIDE) + 0.5) / WIDE - 0.5) / GROUND  # -1 to 1 across the ground
    cols = np.clip((place + 1) / 2 * n, 0, n - 1).astype(np.intp)
    near_first = np.where(np.abs(place) <= 1, heights[::-1][:, cols], np.nan)
    there = np.isfinite(near_first)
    away = (2 * (np.arange(n) + 0.5) / n - 1)[:, None]
    skyline = np.maximum.accumulate(np.where(there, _rise(away, near_first, tilt) * WIDE, -1.0), axis=0)
    # How many rows of the ground end below a pixel says which one is seen there: counted once for all pixels of a column.
    ends = np.clip(np.ceil(skyline), 0, TALL).astype(np.intp)
    counts = np.bincount((ends * WIDE + np.arange(WIDE)).ravel(), minlength=(TALL + 1) * WIDE).reshape(-1, WIDE)
    row = np.cumsum(counts[:TALL], axis=0)
    first = np.where(there.any(axis=0), np.argmax(there, axis=0), n)
    level = np.arange(TALL)[:, None]
    pixels: NDArray[np.uint8] = _shaded(heights, look)[::-1][:, cols][np.minimum(row, n - 1), np.arange(WIDE)]
    pixels[row <= first] = np.rint(0.5 * np.array(rgb(look.palette.reference)) + 0.2 * np.array(rgb(look.palette.first)))
    foot = _rise(away[np.minimum(first, n - 1), 0], 0.0, tilt) * WIDE
    pixels[(row >= n) | (level < foot) | (first >= n)] = rgb(look.palette.background)
    return pixels[::-1]


def _shaded(heights: Floats, look: Look) -> NDArray[np.uint8]:
    """Return the colour of each square of ground: bands of height, lit from the upper left."""
    p = look.palette
    filled = np.nan_to_num(heights, nan=0.0)
    down, across = np.gradient(filled * len(filled) * STAND / (2 * GROUND))
    light = (1.0 + 0.7 * across + 0.7 * down) / np.sqrt(1 + across**2 + down**2) / math.sqrt(1.98)
    ground, ink = np.array(rgb(p.background), float), np.array(rgb(p.first), float)
    dark = look.theme == "dark"
    step = np.floor(np.clip(filled, 0, 0.9999) * 12) / 11
    base = ink + (0.25 + 0.55 * step)[..., None] * ((np.array([255.0] * 3) if not dark else ink * 0.2 + 200) - ink)
    lit = base * (0.45 + 0.6 * np.clip(light, 0, 1))[..., None]
    edge = np.floor(filled * 12) != np.floor(np.roll(filled, 1, axis=0) * 12)
    edge[0] = False  # there is nothing behind the far row
    lit[edge] *= 0.8
    pixels: NDArray[np.uint8] = np.rint(np.clip(np.where(np.isfinite(heights)[..., None], lit, ground), 0, 255)).astype(
        np.uint8
    )
    return pixels


@functools.lru_cache(maxsize=32)
def _spec(look: Look) -> dict[str, Any]:
    p, high = look.palette, TALL / WIDE
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, 1], nice=False, zero=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[0, high], nice=False, zero=False), axis=None)
    path: dict[str, Any] = dict(x=inks.X, y=inks.Y, detail=inks.PATH, order=inks.ORDER)

    def table(name: str) -> alt.Chart:
        return alt.Chart(alt.NamedData(name))

    drawn: dict[str, list[alt.Chart]] = {
        "picture": [
            table("picture").transform_calculate(x="0", x2="1", y="0", y2=f"{high}").mark_image(aspect=False)
            .encode(x=x, y=y, x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"), url=inks.URL)
        ],
        "paths": [
            table("paths").mark_line(clip=True, strokeWidth=look.stroke + 2, stroke=p.background, opacity=0.7).encode(**path),
            table("paths").mark_line(clip=True, strokeWidth=0.8 * look.stroke)
            .encode(**path, color=inks.colour(look), strokeDash=inks.dash()),
        ],
        "points": [
            table("points").mark_point(filled=True, opacity=1, size=(4 * look.stroke) ** 2, stroke=p.background, strokeWidth=2)
            .encode(x=inks.X, y=inks.Y, color=inks.colour(look), shape=inks.glyph())
        ],
    }  # fmt: skip
    flat = [layer.properties(name=f"{name}_{i}") for name, group in drawn.items() for i, layer in enumerate(group)]
    chart = alt.layer(*flat).properties(autosize="none", padding=dict(left=0, right=0, top=0, bottom=0))
    return fixed(chart, look, width=look.width, height=round(look.width * high))
