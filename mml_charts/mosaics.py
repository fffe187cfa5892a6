"""Mosaics: square pictures of one kind in rows, each with a label under it: small multiples to compare at a glance."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from mml_charts import inks
from mml_charts.figure import Figure, columns, fixed
from mml_charts.theme import Look

MARKS = ("pictures", "frames", "labels")
GAP = 0.6  # between pictures, in sizes of the text
LABEL = 1.7  # height of a label, in sizes of the text
TILE = dict.fromkeys(("x", "x2", "y", "y2", "middle", "below"), float) | dict.fromkeys(("url", "text"), str)


@dataclass(frozen=True)
class Tile:
    """A square picture, a data URL, and the label under it."""

    url: str
    label: str


def mosaic(title: str, *, look: Look, tiles: Sequence[Tile], across: int = 4) -> Figure:
    """Return pictures in rows of `across`, in reading order."""
    side, step, height = _sizes(len(tiles), across, look)
    rows = []
    for i, tile in enumerate(tiles):
        left, top = (i % across) * (side + GAP * look.text), (i // across) * step
        box = dict(x=left, x2=left + side, y=top, y2=top + side, middle=left + side / 2, below=top + side + 0.8 * look.text)
        rows.append(box | dict(url=tile.url, text=tile.label))
    window = (0.0, float(look.width), float(height), 0.0)
    spec = _spec(len(tiles), across, look)
    return Figure(title, spec, {"tiles": columns(rows, TILE)}, window, square=True, marks=MARKS)


def _sizes(n: int, across: int, look: Look) -> tuple[float, float, int]:
    """Return the side of a picture, the step from one row to the next, and the height of all, in pixels."""
    side = (look.width - GAP * look.text * (across - 1)) / across
    step = side + LABEL * look.text
    return side, step, round(step * -(-n // across))


@functools.lru_cache(maxsize=32)
def _spec(n: int, across: int, look: Look) -> dict[str, Any]:
    p, height = look.palette, _sizes(n, across, look)[2]
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, look.width], nice=False, zero=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[height, 0], nice=False, zero=False), axis=None)
    table = alt.Chart(alt.NamedData("tiles"))
    layers = {
        "pictures": table.mark_image(aspect=False).encode(x=x, y=y, x2=inks.X2, y2=inks.Y2, url=inks.URL),
        "frames": table.mark_rect(filled=False, stroke=p.reference, strokeWidth=1).encode(
            x=inks.X, y=inks.Y, x2=inks.X2, y2=inks.Y2
        ),
        "labels": table.mark_text(fontSize=look.text, color=p.text, baseline="middle").encode(
            x=alt.X("middle:Q"), y=alt.Y("below:Q"), text=inks.TEXT
        ),
    }
    flat = [layer.properties(name=f"{name}_0") for name, layer in layers.items()]
    chart = alt.layer(*flat).properties(autosize="none", padding=dict(left=0, right=0, top=0, bottom=0))
    return fixed(chart, look, width=look.width, height=height)
