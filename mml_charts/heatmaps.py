"""Heat maps: a signed matrix as one picture of squares, its numbers in them where there is room, names at two of its sides.

A heat map counts in pixels, from its upper left corner downwards.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import numpy as np
from numpy.typing import NDArray

from mml_charts import inks
from mml_charts.curves import SUPERSCRIPT
from mml_charts.figure import Columns, Figure, columns, fixed, image_url
from mml_charts.signed import SHADES, shades, signed_colours
from mml_charts.theme import Look, rgb

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Cell = tuple[int, int]
Way = Literal["level", "slanted", "upright"]
MARKS = ("picture", "frame", "numbers", "names", "chosen")
LARGEST = 6.0  # side of a cell at most, in sizes of the text
WRITTEN = 2.6  # the same, from which on it has its number: 34 pixels
NAMED = 2  # pixels by which a cell must be larger than the text for names
LONGEST = 14  # letters of a name at most
SHARE = 0.32  # of the width: room for the names of the rows at most
LETTER = 0.54  # width of a letter, in sizes of the text: a guess, only the browser knows
DIGIT = 0.5  # width of a digit: all have the same
SIGN = 0.75  # how much of the ink of texts there is in a minus sign
LINED = 12  # pixels of a cell from which on lines lie between cells
BOX = dict.fromkeys(("x", "x2", "y", "y2"), float)
WORD: dict[str, type] = dict(x=float, y=float, text=str, kind=str)


@dataclass(frozen=True)
class _Layout:
    """An n x m matrix in a chart of so many pixels: its left and upper edge, the side of a cell, and what is written."""

    n: int
    m: int
    width: int
    height: int
    left: float
    top: float
    cell: float
    way: Way | None  # how the names of columns run, None where there are no names
    letters: Cell  # of the names of rows and of columns
    written: bool

    @property
    def right(self) -> float:
        """The right edge of the matrix."""
        return self.left + self.m * self.cell

    def window(self, height: int) -> tuple[float, float, float, float]:
        """The whole chart in cells: the middle of row i and column j, counted from 1, is at (j, -i)."""
        right, lower = (self.width - self.left) / self.cell, (height - self.top) / self.cell
        return 0.5 - self.left / self.cell, 0.5 + right, -0.5 - lower, self.top / self.cell - 0.5

    @property
    def bottom(self) -> float:
        """The lower edge of the matrix."""
        return self.top + self.n * self.cell


def heat_map(
    title: str,
    *,
    look: Look,
    values: Floats,
    across: Sequence[str],
    down: Sequence[str],
    reach: float,
    width: int | None = None,
    chosen: Cell | None = None,
) -> Figure:
    """Return a matrix (n, m) of values from -reach to reach as squares, at most `width` pixels wide, with one cell framed.

    Reach has the tint of the first role, -reach that of the second, zero is the ground. Large cells have their numbers,
    negative ones that are too small for it a minus sign; what is no number is grey and hatched. What is beyond is cut, but
    its number is the true one. `across` names the columns and `down` the rows; either may be empty. The middle of row i and
    column j, counted from 1, is at (j, -i) of the figure's window, for grips.
    """
    v = np.atleast_2d(np.asarray(values, float))
    n, m = v.shape
    layout = _placed(n, m, look, across, down, width)
    reach = float(reach) if 0 < reach < math.inf else 1.0
    power = power_of_ten(reach) if layout.written else 0
    box = dict(x=layout.left, x2=layout.right, y=layout.top, y2=layout.bottom)
    tables = {
        "picture": columns([box | dict(url=_picture(v, reach, layout, look))] if v.size else [], BOX | {"url": str}),
        "names": columns([*_names(down, across, layout, look), *_note(power, layout, look)], WORD),
        "chosen": columns([] if chosen is None else _framed(chosen, layout, look), BOX),
    }
    if layout.written:
        tables["numbers"] = _numbers(v, reach, power, layout, look)
    height = layout.height + (round(1.5 * look.text) if power else 0)
    window = layout.window(height)
    marks = tuple(name for name in MARKS if layout.written or name != "numbers")
    return Figure(title, _spec(layout, height, look), tables, window, square=True, marks=marks)


def power_of_ten(reach: float) -> int:
    """Return the power of ten in which numbers up to `reach` are written: 0 where they are short without one.

    >>> power_of_ten(1.0), power_of_ten(9999.0), power_of_ten(25_000.0), power_of_ten(0.004)
    (0, 0, 4, -3)
    """
    return 0 if 0.1 <= reach < 1e4 else math.floor(math.log10(min(max(reach, 1e-300), 1e300)))


def short(value: float, reach: float, power: int, letters: float = 6) -> str:
    """Return a number in units of 10**power, with as many decimals as tell two or three figures of `reach`.

    One that is longer than so many digits loses its decimals, then its figures; in the end it is an ellipsis.

    >>> short(-0.451, 1.0, 0), short(25_123.0, 30_000.0, 4), short(-0.001, 1.0, 0), short(-1e7, 1.0, 0)
    ('−0.45', '2.51', '0', '−1.0e7')
    """
    if math.isnan(value):
        return "–"
    unit = 10.0**power
    v, e = float(value) / unit, math.floor(math.log10(reach / unit))
    if math.isinf(v):
        return "∞" if v > 0 else "−∞"
    decimals = int(min(2 - e, letters - 2.5 - max(e, 0), 3))
    plain = f"{v:.{max(decimals, 0)}f}"
    if float(plain) == 0:
        return "0"
    for text in (plain, f"{v:.0f}", f"{v:.1e}", f"{v:.0e}"):
        head, _, tail = text.partition("e")
        said = f"{head}e{int(tail)}" if tail else head
        if len(said) - 0.5 * ("." in said) <= letters:
            return said.replace("-", "−")
    return "…"


def _placed(n: int, m: int, look: Look, across: Sequence[str], down: Sequence[str], width: int | None) -> _Layout:
    letters = tuple(min(LONGEST, max(map(len, names), default=0)) for names in (down, across))
    return _layout(n, m, (letters[0], letters[1]), look.width if width is None else width, look)


@functools.lru_cache(maxsize=128)
def _layout(n: int, m: int, letters: Cell, width: int, look: Look) -> _Layout:
    """Return the layout: squares as large as the width allows, and names the straightest way that they have room."""
    text, edge = look.text, 2 * look.stroke
    most = SHARE * width / (LETTER * text)
    rows, cols = (min(n_letters, max(2, int(share * most))) for n_letters, share in zip(letters, (1, 1.4), strict=True))
    beside = (rows * LETTER + 0.6) * text if rows else edge
    long = cols * LETTER * text
    ways: tuple[tuple[Way, float, float, float], ...] = (
        ("level", beside, 1.5 * text, long + 4),
        ("slanted", max(beside, 0.71 * long - 0.5 * text), 0.71 * long + text, 1.5 * text),
        ("upright", beside, long + 0.8 * text, text + NAMED),
    )

    def side(left: float) -> float:
        return min((width - left - edge) / max(m, 1), (width - edge) / max(n, 1), LARGEST * text)

    fits = [(way, left, below) for way, left, below, room in ways if side(left) >= max(room, text + NAMED)]
    way, left, below = fits[0] if fits and any(letters) else (None, edge, edge)
    cell = side(left)
    left += (width - left - edge - m * cell) / 2
    height = max(1, round(edge + n * cell + max(below if letters[1] else 0, edge)))
    return _Layout(n, m, width, height, left, edge, cell, way, (rows, cols), cell >= WRITTEN * text)


def _picture(values: Floats, reach: float, layout: _Layout, look: Look) -> str:
    """Return the squares as a picture, about as many pixels as they have on a screen."""
    with np.errstate(over="ignore"):
        shade = shades(np.nan_to_num(values / reach, posinf=1.0, neginf=-1.0))
    side = max(1, round(layout.cell))
    index: Pixels = shade.repeat(side, axis=0).repeat(side, axis=1)
    hole = np.isnan(values).repeat(side, axis=0).repeat(side, axis=1)
    down, across = np.arange(index.shape[0])[:, None], np.arange(index.shape[1])
    y, x = down % side, across % side
    line, panel, hatch, sign = range(2 * SHADES + 1, 2 * SHADES + 5)
    if not layout.written:
        long, high = max(1, 2 * side // 5), max(1, side // 12)
        x0, y0 = (side - long) // 2, (side - high) // 2
        index[(index < SHADES) & (x >= x0) & (x < x0 + long) & (y >= y0) & (y < y0 + high)] = sign
    index[hole] = np.where((down + across) % 12 < 2, hatch, panel)[hole]
    if side >= LINED:
        index[(y == side - 1) | (x == side - 1)] = line
    return image_url(index, _colours(look))


@functools.lru_cache(maxsize=16)
def _colours(look: Look) -> Pixels:
    """Return the tints from -1 to 1, then the colours of the lines between cells, of a hole and its hatch, of a minus sign."""
    p = look.palette
    ground, ink = (np.array(rgb(c), float) for c in (p.background, p.text))
    more = np.rint([rgb(p.faint), rgb(p.panel), rgb(p.border), ground + SIGN * (ink - ground)])
    colours: Pixels = np.vstack([signed_colours(look)[: 2 * SHADES + 1], more.astype(np.uint8)])
    colours.flags.writeable = False
    return colours


def _numbers(values: Floats, reach: float, power: int, layout: _Layout, look: Look) -> Columns:
    """Return the numbers in the middles of their cells; a hole has none."""
    rows, cols = np.nonzero(~np.isnan(values))
    letters = layout.cell / (DIGIT * look.text)
    text = [short(v, reach, power, letters) for v in values[rows, cols].tolist()]
    x, y = layout.left + (cols + 0.5) * layout.cell, layout.top + (rows + 0.5) * layout.cell
    return {"x": x, "y": y, "text": np.array(text, object)}


def _names(down: Sequence[str], across: Sequence[str], layout: _Layout, look: Look) -> list[dict[str, Any]]:
    """Return the names of rows, at the left, and of columns, below, cut to what they have room for."""
    if layout.way is None:
        return []
    gap, (rows, cols) = 0.4 * look.text, layout.letters
    back = 0.25 * look.text if layout.way == "slanted" else 0.0
    beside = [
        dict(x=layout.left - gap, y=layout.top + (i + 0.5) * layout.cell, text=_cut(name, rows), kind="row")
        for i, name in enumerate(down[: layout.n])
    ]
    below = [
        dict(x=layout.left + (k + 0.5) * layout.cell + back, y=layout.bottom + gap, text=_cut(name, cols), kind="column")
        for k, name in enumerate(across[: layout.m])
    ]
    return [*beside, *below]


def _note(power: int, layout: _Layout, look: Look) -> list[dict[str, Any]]:
    """Return what the numbers are to be multiplied by, under everything."""
    said = f"numbers × 10{str(power).translate(SUPERSCRIPT)}"
    return [dict(x=layout.width - 2.0, y=layout.height + 0.7 * look.text, text=said, kind="note")] if power else []


def _cut(name: str, letters: int) -> str:
    return name if len(name) <= letters else name[: max(letters - 1, 0)].rstrip() + "…"


def _framed(cell: Cell, layout: _Layout, look: Look) -> list[dict[str, float]]:
    """Return the frame around a cell, larger than a cell that would vanish under it."""
    row, column = cell
    if not (0 <= row < layout.n and 0 <= column < layout.m):
        return []
    half = max(layout.cell / 2 + look.stroke / 2, 0.9 * look.stroke + 1)
    x, y = layout.left + (column + 0.5) * layout.cell, layout.top + (row + 0.5) * layout.cell
    return [dict(x=x - half, x2=x + half, y=y - half, y2=y + half)]


@functools.lru_cache(maxsize=64)
def _spec(layout: _Layout, height: int, look: Look) -> dict[str, Any]:
    p, text = look.palette, look.text
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, layout.width], nice=False, zero=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[height, 0], nice=False, zero=False), axis=None)
    at: dict[str, Any] = dict(x=inks.X, y=inks.Y)
    to = dict(x2=inks.X2, y2=inks.Y2)
    live = {name: alt.Chart(alt.NamedData(name)) for name in ("picture", "numbers", "chosen")}
    ways: dict[Any, dict[str, Any]] = {
        "level": dict(align="center", baseline="top"),
        "slanted": dict(align="right", baseline="middle", angle=315),
        "upright": dict(align="right", baseline="middle", angle=270),
        None: {},
    }
    kinds = {"row": dict(align="right", baseline="middle"), "column": ways[layout.way], "note": dict(align="right")}
    names = [
        alt.Chart(alt.NamedData("names"))
        .transform_filter(alt.FieldOneOfPredicate(field="kind", oneOf=[kind]))
        .mark_text(fontSize=text, color=p.text, **style)
        .encode(**at, text=inks.TEXT)
        for kind, style in kinds.items()
    ]
    layers = {
        "picture": [live["picture"].mark_image(aspect=False).encode(x=x, y=y, url=inks.URL, **to)],
        "frame": [live["picture"].mark_rect(filled=False, stroke=p.reference, strokeWidth=1.5).encode(**at, **to)],
        "names": names,
        "chosen": [
            live["chosen"].mark_rect(filled=False, stroke=ink, strokeWidth=wide, strokeJoin="round").encode(**at, **to)
            for ink, wide in ((p.background, look.stroke + 3), (p.result, look.stroke))
        ],
    }
    if layout.written:
        layers["numbers"] = [live["numbers"].mark_text(fontSize=text, color=p.text).encode(**at, text=inks.TEXT)]
    flat = [layer.properties(name=f"{name}_{i}") for name, group in layers.items() for i, layer in enumerate(group)]
    chart = alt.layer(*flat).properties(autosize="none", padding=dict(left=0, right=0, top=0, bottom=0))
    return fixed(chart, look, width=layout.width, height=height)
