"""A figure: a chart that is built once per static argument, and the tables that a move of a control replaces."""

from __future__ import annotations

import base64
import functools
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from altair.utils import schemapi
from numpy.typing import NDArray
from PIL import Image

from mml_charts.theme import Look

# Altair checks each part against a schema whenever it is made, which costs most of the time; tests check whole charts.
schemapi.DEBUG_MODE = False

# A table as its columns, all of one length: numbers, or texts as an object array. An empty table keeps its columns.
Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Figure:
    """A finished picture.

    Attributes:
        title: What the figure is, constant: it becomes the chart's alternative text.
        spec: The fixed Vega-Lite chart; it reads its tables by name.
        columns: The columns of each table by its name, new on each run.
        window: (left, right, bottom, top) of the plot area in data units.
        square: True where one unit is as long on both axes.
    """

    title: str
    spec: Mapping[str, Any]
    columns: Mapping[str, Columns]
    window: tuple[float, float, float, float]
    square: bool = False
    marks: tuple[str, ...] = field(default=())

    @functools.cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables as data frames, for saving: building these takes longer than drawing."""
        return {
            name: pd.DataFrame({k: pd.Series(v, dtype=str if v.dtype == object else None) for k, v in columns.items()})
            for name, columns in self.columns.items()
        }


def columns(rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, type]) -> Columns:
    """Return rows as columns of these kinds, float or str."""
    return {name: np.array([row[name] for row in rows], object if kind is str else kind) for name, kind in kinds.items()}


def fixed(chart: alt.LayerChart | alt.FacetChart, look: Look, *, width: int, height: int) -> dict[str, Any]:
    """Return the chart's specification, sized in pixels, for the look that it was built with.

    The renderer is SVG whatever the number of marks: grips and the picture buffer need the elements. The background is
    transparent, because the picture buffer shows through from behind.
    """
    p = look.palette
    axis = alt.AxisConfig(
        labelFontSize=look.text, titleFontSize=look.text, labelColor=p.text, titleColor=p.text,
        gridColor=p.faint, domainColor=p.reference, tickColor=p.reference,
    )  # fmt: skip
    chart = chart.properties(
        width=width,
        height=height,
        background="transparent",
        usermeta={"embedOptions": {"renderer": "svg"}},
    ).configure(
        aria=False,
        axis=axis,
        font="Source Sans, Source Sans Pro, sans-serif",
        view=alt.ViewConfig(stroke="transparent"),
        mark=alt.MarkConfig(tooltip=False),  # it would show places in pixels, and lie in the way of grips
    )
    return _lean(dict(chart.to_dict(validate=False)))  # our own marks; validation takes most of the time


def _lean(spec: dict[str, Any]) -> dict[str, Any]:
    """Say each scale once: the layers share it, and the whole specification travels with every move."""
    said: set[tuple[str, str]] = set()
    for layer in spec.get("layer", []):
        for channel, encoding in layer.get("encoding", {}).items():
            scale = encoding.get("scale")
            if not scale or "type" in scale:  # without its type a scale would be another one, and no longer shared
                continue
            if (channel, repr(scale)) in said:
                del encoding["scale"]
            said.add((channel, repr(scale)))
    return spec


def refitted(
    spec: dict[str, Any], window: tuple[float, float, float, float], rows: Mapping[str, Sequence[Any]], size: tuple[int, int]
) -> dict[str, Any]:
    """Return a chart with other axes: its window (left, right, bottom, top), the rows of its own layers by name, its size.

    Building a chart takes a hundred times as long as this, and only these depend on the axes.
    """
    left, right, bottom, top = window
    layers = [dict(layer) for layer in spec["layer"]]
    first = dict(layers[0]["encoding"])
    for channel, domain in (("x", [left, right]), ("y", [bottom, top])):
        first[channel] = first[channel] | {"scale": first[channel]["scale"] | {"domain": domain}}
    layers[0]["encoding"] = first
    for layer in layers:
        if layer["name"] in rows:
            layer["data"] = {"values": list(rows[layer["name"]])}
    return spec | {"layer": layers, "width": size[0], "height": size[1]}


def picture_url(pixels: NDArray[np.uint8], background: str) -> str:
    """Return an RGB or RGBA picture as a data URL, laid on the background colour.

    A photo is sent as JPEG: at 400 x 400 pixels that takes half a millisecond and 20 kB, where PNG takes 40 times as long
    and 10 times as much.
    """
    image = Image.fromarray(pixels)
    if image.mode != "RGB":
        ground = Image.new("RGB", image.size, background)
        ground.paste(image, mask=image.getchannel("A"))
        image = ground
    return _data_url(image, "JPEG", quality=80)


def remembered(store: dict[Any, tuple[Any, str]], most: int, arrays: tuple[Any, ...], key: Any, draw: Callable[[], str]) -> str:
    """Return the picture that `draw` makes, one of the last `most` if these very arrays never change (are read-only).

    A drag over a picture draws the same one again and again.
    """
    name = (*map(id, arrays), key)
    kept = store.get(name)
    if kept is not None and all(one is other for one, other in zip(kept[0], arrays, strict=True)):
        return kept[1]
    url = draw()
    if not any(a is not None and a.flags.writeable for a in arrays):
        store[name] = (arrays, url)
        while len(store) > most:
            store.pop(next(iter(store)), None)
    return url


def raster_url(pixels: NDArray[np.uint8], side: int = 512) -> str:
    """Return a coarse picture as a data URL without any loss, each pixel a square: browsers would blur it otherwise."""
    times = max(1, side // max(pixels.shape[:2]))
    return _data_url(Image.fromarray(np.repeat(np.repeat(pixels, times, axis=0), times, axis=1)), "PNG", compress_level=3)


def image_url(pixels: NDArray[np.uint8], colours: NDArray[np.uint8] | None = None, compress_level: int = 6) -> str:
    """Return a picture (h, w, 3), or one of the numbers of its colours (h, w), as a data URL without any loss."""
    image = Image.fromarray(pixels)
    if colours is not None:
        image.putpalette(colours.ravel().tolist())
    return _data_url(image, "PNG", compress_level=compress_level)


def _data_url(image: Image.Image, kind: str, **options: int) -> str:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return f"data:image/{kind.lower()};base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
