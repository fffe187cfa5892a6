"""Densities: where very many points lie, as a picture: the more points in a small square, the stronger its ink."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mml_charts.figure import image_url, remembered
from mml_charts.inks import CATEGORIES, GLYPH_OF, Ink
from mml_charts.maps import SIDE
from mml_charts.signed import LEVEL
from mml_charts.theme import Look, rgb

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Pixels = NDArray[np.uint8]
Window = tuple[float, float, float, float]
FLOOR = 0.5  # how much of the ink a square with any point has: it is seen on the ground, whatever its class
FULL, ALONE = 0.78, 0.92  # the same where most points lie, with several classes and with one
LINES = 0.22  # how much more of it there is in the lines of a class's pattern
KINDS = len(CATEGORIES)  # colours, and as many patterns
NOTHING = np.empty((0, 2))  # no points: the picture of few that are drawn one by one
NOTHING.flags.writeable = False
KEPT = 12  # pictures that are kept, with the points that they show
_drawn: dict[Any, tuple[Any, str]] = {}
STEPS = 24  # from the faintest to the strongest ink at most: more cost bytes, and no eye tells them apart


def density_url(
    points: Floats,
    window: Window,
    look: Look,
    *,
    groups: NDArray[Any] | None = None,
    n_groups: int = 1,
    side: int = SIDE,
    cells: int = 130,
) -> str:
    """Return where points (n, 2) lie in a window (left, right, bottom, top), row 0 at the top, as a picture, a data URL.

    A square's ink grows with log(1 + count). Where `groups` (n,) numbers the classes of the points from 0 to n_groups - 1,
    a square has the colour of the class that is most frequent in it, and where several lie together also its pattern.
    Points outside, without a place or of any other class are left out.
    """
    key = (window, look, n_groups, side, cells)
    return remembered(
        _drawn, KEPT, (points, groups), key, lambda: _density(points, window, look, groups, n_groups, side, cells)
    )


def _density(
    points: Floats, window: Window, look: Look, groups: NDArray[Any] | None, n_groups: int, side: int, cells: int
) -> str:
    """Draw the picture of where points lie."""
    squares, inside = _squares(np.asarray(points, float), window, cells)
    n = max(n_groups, 1)
    if groups is None:
        count, winner = np.bincount(squares, minlength=cells**2), np.zeros(cells**2, np.intp)
    else:
        count, winner = _most_frequent(squares, np.asarray(groups)[inside], n, cells**2)
    steps, colours = _colours(min(n, KINDS), look)
    share = np.log1p(count) / np.log1p(max(int(count.max()), 1))
    ink = 1 + winner % KINDS * steps + np.rint(share * (steps - 1)).astype(np.intp)
    index = np.where(count > 0, ink, 0).astype(np.uint8)
    if n > 1:
        lined = _lined((winner + winner // KINDS) % KINDS, cells)
        index[lined & (count > 0)] += np.uint8(min(n, KINDS) * steps)
    times = max(1, side // cells)
    return image_url(index.reshape(cells, cells).repeat(times, axis=0).repeat(times, axis=1), colours, LEVEL)


def group_looks(n: int) -> list[tuple[Ink, str]]:
    """Return the ink and the glyph of each of n classes; where inks repeat the glyphs differ, up to 64 classes.

    >>> group_looks(9)[::8]
    [('c0', 'dot'), ('c0', 'square')]
    """
    glyphs = list(GLYPH_OF.values())
    return [(CATEGORIES[i % KINDS], glyphs[(i + i // KINDS) % KINDS]) for i in range(n)]


def _squares(points: Floats, window: Window, cells: int) -> tuple[Ints, NDArray[np.bool_]]:
    """Return the number of each point's square, row by row from the top, and which points have one."""
    left, right, bottom, top = window
    with np.errstate(all="ignore"):
        x = (points[:, 0] - left) * (cells / (right - left))
        y = (top - points[:, 1]) * (cells / (top - bottom))
    inside = (x >= 0) & (x <= cells) & (y >= 0) & (y <= cells)
    if not inside.all():
        x, y = x[inside], y[inside]
    # The far edges belong to the last squares.
    column, row = (np.minimum(v.astype(np.int32), cells - 1) for v in (x, y))
    return (row * cells + column).astype(np.intp), inside


def _most_frequent(squares: Ints, groups: NDArray[Any], n: int, total: int) -> tuple[Ints, Ints]:
    """Return how many points each square has, and the class that has most of them."""
    known = (groups >= 0) & (groups < n)
    counts = np.bincount(squares[known] * n + groups[known].astype(np.intp), minlength=total * n).reshape(total, n)
    return counts.sum(axis=1), counts.argmax(axis=1)


def _lined(kind: Ints, cells: int) -> NDArray[np.bool_]:
    """Return which squares lie in the lines of their pattern; finer ones would cost three times the bytes."""
    row, column = divmod(np.arange(cells**2), cells)
    down, across, slash, back = (i % 4 == 0 for i in (row, column, row + column, row - column))
    dots, wide = down & across, ((row + column) % 6 == 0) | ((row - column) % 6 == 0)
    patterns = [np.zeros(cells**2, bool), slash, back, down, across, dots, down | across, wide]
    lined: NDArray[np.bool_] = np.choose(kind, patterns)
    return lined


@functools.lru_cache(maxsize=64)
def _colours(n: int, look: Look) -> tuple[int, Pixels]:
    """Return in how many steps the inks of n classes go from faint to strong, and the colours.

    These are the ground, the steps of each class, and the same in the lines of its pattern.
    """
    steps = min(STEPS, 255 // (2 * n))
    ground = np.array(rgb(look.palette.background), float)
    ink = np.array([rgb(c) for c in look.palette.categories[:n]], float)
    strength = np.linspace(FLOOR, FULL if n > 1 else ALONE, steps)[None, :, None]
    parts = [ground + share * (ink[:, None] - ground) for share in (strength, np.minimum(strength + LINES, 1))]
    colours: Pixels = np.rint(np.vstack([ground[None], *(part.reshape(-1, 3) for part in parts)])).astype(np.uint8)
    colours.flags.writeable = False
    return steps, colours
