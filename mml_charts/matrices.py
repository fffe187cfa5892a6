"""A matrix as squares: only what is not zero is drawn, columns are where things come from, rows are where they go.

The chart counts in cells, from the upper left corner of the matrix: column k lies between x = k and k + 1.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
from numpy.typing import NDArray

from mml_charts.figure import Columns, Figure, fixed
from mml_charts.theme import Look, Role

Floats = NDArray[np.float64]
# As mere words Altair would look them up in its whole schema, 10 ms for each.
X, Y, X2, Y2, TEXT = alt.X("x:Q"), alt.Y("y:Q"), alt.X2("x2:Q"), alt.Y2("y2:Q"), alt.Text("text:N")
MARKS = ("frame", "mended", "cells", "numbers", "names")
NAMED = 16  # rows up to which they have names
WRITTEN = 10  # rows up to which cells have numbers
LONGEST = 10  # letters of a name at most
LETTER = 0.56  # width of a letter, in sizes of the text: a guess, only the browser knows
LEVELS = 100  # steps from the faintest to the strongest cell
# How strong the faintest and the strongest cell are, under a number and without one.
UNDER_NUMBERS, ALONE = (0.12, 0.5), (0.5, 1.0)


@dataclass(frozen=True)
class _Layout:
    """A matrix of n rows in a chart of so many pixels: its left and upper edge, the side of a cell, and what is written."""

    n: int
    width: int
    height: int
    left: float
    top: float
    cell: float
    named: bool
    written: bool
    upright: bool
    letters: int

    @property
    def window(self) -> tuple[float, float, float, float]:
        """The whole chart, in cells."""
        right, bottom = (self.width - self.left) / self.cell, (self.height - self.top) / self.cell
        return -self.left / self.cell, right, bottom, -self.top / self.cell


def cells(
    title: str,
    *,
    look: Look,
    names: Sequence[str],
    rows: Sequence[int] | NDArray[Any],
    columns: Sequence[int] | NDArray[Any],
    values: Sequence[float] | Floats,
    links: Sequence[str],
    mended: Sequence[int] | NDArray[Any] = (),
    role: Role = "first",
) -> Figure:
    """Return an n x n matrix of values from 0 to 1; the value k is in row `rows[k]` and column `columns[k]`.

    Columns that are `mended` (all their entries are 1/n) are dashed and nearly empty. What is zero, no number or outside
    the matrix is left out.
    """
    layout = _layout(len(names), min(LONGEST, max(map(len, names), default=1)), look)
    tables = {
        "cells": _cells(layout, rows, columns, values, links),
        "mended": {"x": np.unique([k for k in np.asarray(mended, int).ravel() if 0 <= k < len(names)]).astype(int)},
        "names": _names(names, layout),
    }
    if layout.written:
        tables["numbers"] = _numbers(tables["cells"], tables["mended"], layout)
    marks = tuple(name for name in MARKS if layout.written or name != "numbers")
    return Figure(title, _spec(layout, role, look), tables, layout.window, square=True, marks=marks)


def _cells(layout: _Layout, rows: Any, columns: Any, values: Any, links: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Return where the cells are, how strong, and the names of their links."""
    y, x, v = np.asarray(rows, int).ravel(), np.asarray(columns, int).ravel(), np.asarray(values, float).ravel()
    n = layout.n
    kept = (x >= 0) & (x < n) & (y >= 0) & (y < n) & (np.nan_to_num(v) != 0)
    v = np.clip(np.nan_to_num(np.abs(v[kept])), 0, 1)
    names = np.empty(len(kept), object)
    names[:] = list(links)
    # The square root: 1/4 and 1/16 still differ to the eye.
    return {
        "x": x[kept], "y": y[kept], "level": np.rint(LEVELS * np.sqrt(v)).astype(int), "value": v, "link": names[kept],
    }  # fmt: skip


def _numbers(cells: Columns, mended: Columns, layout: _Layout) -> Columns:
    """Return the numbers in the cells, and in those of mended columns that have none."""
    full = set(cells["x"].tolist())
    even = [(k, i, 1 / layout.n) for k in mended["x"].tolist() if k not in full for i in range(layout.n)]
    entries = list(zip(*(cells[k].tolist() for k in ("x", "y", "value", "link")), strict=True))
    return {
        "x": np.array([x + 0.5 for x, *_ in (*entries, *even)], float),
        "y": np.array([e[1] + 0.5 for e in (*entries, *even)], float),
        "text": np.array([_short(e[2]) for e in (*entries, *even)], object),
        "link": np.array([*(e[3] for e in entries), *("" for _ in even)], object),
    }


def _names(names: Sequence[str], layout: _Layout) -> Columns:
    """Return the names of rows and columns, cut to what they have room for."""
    n = len(names) if layout.named else 0
    middle, edge = np.arange(n) + 0.5, np.zeros(n)
    text = [_cut(name, layout.letters) for name in names[:n]]
    return {
        "x": np.concatenate([edge, middle]),
        "y": np.concatenate([middle, edge]),
        "text": np.array(text * 2, object),
        "kind": np.array(["row"] * n + ["column"] * n, object),
    }


def _cut(name: str, letters: int) -> str:
    return name if len(name) <= letters else name[: letters - 1].rstrip() + "…"


def _short(value: float) -> str:
    """Return a share in at most three signs.

    >>> _short(1 / 3), _short(0.5), _short(1.0), _short(0.004)
    ('.33', '.5', '1', '0')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".").removeprefix("0") or "0"


@functools.lru_cache(maxsize=64)
def _layout(n: int, letters: int, look: Look) -> _Layout:
    """Return the layout: squares as large as the width allows, room for names only where they are written."""
    text, n = look.text, max(n, 1)
    line = 1.5 * text
    left = line + letters * LETTER * text + 0.5 * text
    cell = (look.width - left - 2) / n
    named = n <= NAMED and cell >= 1.15 * text
    if not named:
        left = line
        cell = (look.width - left - 2) / n
    upright = named and letters * LETTER * text > cell - 2
    over = (letters * LETTER + 0.5) * text if upright else 1.4 * text
    top = line + (over if named else 0)
    written = n <= WRITTEN and cell >= 3.0 * LETTER * text
    height = round(top + n * cell + 2)
    return _Layout(n, look.width, height, left, top, cell, named, written, upright, letters)


@functools.lru_cache(maxsize=64)
def _spec(layout: _Layout, role: Role, look: Look) -> dict[str, Any]:
    p, text, n = look.palette, look.text, layout.n
    left, right, bottom, top = layout.window
    x = alt.X("x:Q", scale=alt.Scale(domain=[left, right], nice=False, zero=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[bottom, top], nice=False, zero=False), axis=None)
    low, high = UNDER_NUMBERS if layout.written else ALONE
    side = max(1.0, 1 / layout.cell)
    to = dict(x2=X2, y2=Y2)
    live = {name: alt.Chart(alt.NamedData(name)) for name in ("cells", "mended", "numbers")}
    box = alt.Chart(alt.Data(values=[dict(x=0, x2=n, y=0, y2=n)]))
    cell = live["cells"].transform_calculate(
        x2=f"datum.x + {side}", y2=f"datum.y + {side}", strength=f"{low} + {high - low} * datum.level / {LEVELS}"
    )
    edge: dict[str, Any] = dict(stroke=p.role(role), strokeWidth=1) if layout.named else {}
    column = live["mended"].transform_calculate(x2=f"datum.x + {side}", y="0", y2=str(n))
    layers = {
        "frame": [box.mark_rect(fill=None, stroke=p.reference, strokeWidth=1.5).encode(x=x, y=y, **to)],
        "mended": [
            column.mark_rect(fill=p.reference, fillOpacity=0.14, stroke=p.reference, strokeWidth=1.5, strokeDash=[4, 3])
            .encode(x=X, y=Y, **to)
        ],
        "cells": [
            cell.mark_rect(fill=p.role(role), **edge)
            .encode(x=X, y=Y, **to, fillOpacity=alt.FillOpacity("strength:Q", scale=None))
        ],
        "names": _written_names(layout, look),
    }  # fmt: skip
    if layout.written:
        layers["numbers"] = [live["numbers"].mark_text(fontSize=text, color=p.text).encode(x=X, y=Y, text=TEXT)]
    flat = [layer.properties(name=f"{name}_{i}") for name, group in layers.items() for i, layer in enumerate(group)]
    chart = alt.layer(*flat).properties(autosize="none", padding=dict(left=0, right=0, top=0, bottom=0))
    return fixed(chart, look, width=layout.width, height=layout.height)


def _written_names(layout: _Layout, look: Look) -> list[alt.Chart]:
    """Return the names at the left and at the upper edge, which way they run, and what the two directions are called."""
    p, text, (left, _, _, top) = look.palette, look.text, layout.window
    above = dict(angle=270, align="left", dx=0.4 * text) if layout.upright else dict(align="center", dy=-0.7 * text)
    styles: dict[str, dict[str, Any]] = {"row": dict(align="right", dx=-0.4 * text), "column": above}
    middle, half = layout.n / 2, 0.75 * text / layout.cell
    names = [
        alt.Chart(alt.NamedData("names"))
        .transform_filter(alt.FieldOneOfPredicate(field="kind", oneOf=[kind]))
        .mark_text(fontSize=text, color=p.text, **style)
        .encode(x=X, y=Y, text=TEXT)
        for kind, style in styles.items()
    ]
    words = [
        alt.Chart(alt.Data(values=[dict(x=x, y=y, text=word)]))
        .mark_text(fontSize=text, color=p.reference, angle=angle)
        .encode(x=X, y=Y, text=TEXT)
        for x, y, word, angle in ((middle, top + half, "from", 0), (left + half, middle, "to", 270))
    ]
    return [*names, *words]
