"""Heights of a surface on a grid, and the levels at which contours are drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mml_core import checks
from mml_core.checks import Array
from mml_core.heights import Surface


def heights_in(surface: Surface, window: Sequence[float], n: int = 260) -> Array:
    """Return the heights in the middles of n x n pixels that fill a window.

    h[i, j] = f(left + (j + 1/2) width / n, top - (i + 1/2) height / n): row 0 is at the top.
    Args:
        surface: with `value` for arrays.
        window: left, right, bottom, top.
        n: pixels along each side, 2 to 2000.
    Returns: shape (n, n); NaN where f has no value, or one beyond 1e300.
    Raises: ValueError when the window is empty or n out of range.
    Source: own.

    >>> from mml_core.quadratics import Quadratic
    >>> heights_in(Quadratic(2.0, 0.0, 0.0), (-2, 2, -2, 2), 2)
    array([[1., 1.],
           [1., 1.]])
    """
    left, right, bottom, top = checks.window(window)
    middles = (np.arange(checks.whole_number(n, "n", 2, 2000)) + 0.5) / n
    x, y = np.meshgrid(left + middles * (right - left), top - middles * (top - bottom))
    return _finite(surface, x, y)


@dataclass(frozen=True, eq=False)
class Ground:
    """A map's ground: `heights` (n, n) as of `heights_in`, contour `levels`, and the `span` (low, high) to draw slices in.

    The span leaves out the highest fifth of the ground, or a steep corner would flatten everything else; its ends are round.
    """

    heights: Array
    levels: Array
    span: tuple[float, float]


def ground_of(surface: Surface, window: Sequence[float], n: int = 260) -> Ground:
    """Return what a map of a surface is drawn from.

    Args:
        surface, window, n: as for `heights_in`.
    Returns: Ground.
    Raises: ValueError when the window is empty, n out of range, or f has no value anywhere in it.
    Source: own.

    >>> from mml_core.quadratics import Quadratic
    >>> ground_of(Quadratic(2.0, 0.0, 2.0), (-2, 2, -2, 2)).span
    (-1.0, 5.0)
    """
    heights = heights_in(surface, window, n)
    levels = contour_levels(heights)
    low, high = float(levels[0]), float(np.nanquantile(heights, 0.8))
    if high - low <= 1e-9 * (levels[-1] - levels[0]):
        high = float(levels[-1])
    unit = round_step((high - low) / 8)
    return Ground(heights, levels, (math.floor(low / unit - 0.25) * unit, math.ceil(high / unit + 0.25) * unit))


def round_step(about: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that is not less.

    >>> round_step(0.3), round_step(7.0)
    (0.5, 10.0)
    """
    ten = 10.0 ** math.floor(math.log10(about))
    return next(float(m * ten) for m in (1, 2, 5, 10) if m * ten >= about * (1 - 1e-9))


def turned_heights(surface: Surface, window: Sequence[float], turn: float, n: int = 160) -> Array:
    """Return the heights as seen from a direction: row 0 is the far edge, the last row the near one.

    The window is turned about its middle by `turn` and looked at along its rows; the grid is as wide as its diagonal.
    Args:
        surface: with `value` for arrays.
        window: left, right, bottom, top.
        turn: in radians; at 0 one looks north (towards larger y).
        n: rows and columns, 2 to 1000.
    Returns: shape (n, n); NaN outside the window and where f has no value.
    Raises: ValueError when the window is empty or a number is out of range.
    Source: own.

    >>> from mml_core.quadratics import Quadratic
    >>> bool(np.isnan(turned_heights(Quadratic(), (-1, 1, -1, 1), 0.0, 4)[0, 0]))
    True
    """
    left, right, bottom, top = checks.window(window)
    angle = checks.number(turn, "turn")
    n = checks.whole_number(n, "n", 2, 1000)
    reach = math.hypot(right - left, top - bottom) / 2
    along = reach * (2 * (np.arange(n) + 0.5) / n - 1)
    u, v = np.meshgrid(along, -along)
    x = (left + right) / 2 + math.cos(angle) * u - math.sin(angle) * v
    y = (bottom + top) / 2 + math.sin(angle) * u + math.cos(angle) * v
    inside = (left <= x) & (x <= right) & (bottom <= y) & (y <= top)
    return np.where(inside, _finite(surface, x, y), np.nan)


def _finite(surface: Surface, x: Array, y: Array) -> Array:
    with np.errstate(all="ignore"):
        values = np.broadcast_to(np.asarray(surface.value(x, y), float), x.shape)
        return np.where(np.abs(values) <= checks.LARGEST, values, np.nan)


def contour_levels(heights: Array, n: int = 13) -> Array:
    """Return n levels from the lowest to the highest height, closer together where most of the surface lies.

    level_k = low + (high - low) (k / (n - 1))^p, with p from 1 to 4 such that half of the heights lie in the lower half of
    the bands: contours of a plane are even, and a deep narrow valley still has some. A level surface gets levels around it.
    Args:
        heights: any shape; NaN counts for nothing.
        n: 2 to 100.
    Returns: ascending, shape (n,).
    Raises: ValueError when no height is a number.
    Source: own.

    >>> contour_levels(np.array([0.0, 1.0, 2.0]), 3)
    array([0., 1., 2.])
    """
    n = checks.whole_number(n, "n", 2, 100)
    known = heights[np.isfinite(heights)]
    if not known.size:
        raise ValueError("f has no value anywhere in this window; choose another window or another function.")
    low, half, high = (float(v) for v in np.quantile(known, [0, 0.5, 1]))
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        low, high = low - max(abs(low), 1.0), high + max(abs(high), 1.0)
        half = (low + high) / 2
    share = min(max((half - low) / (high - low), 1e-9), 1.0)
    power = min(4.0, max(1.0, math.log(share) / math.log(0.5)))
    levels: Array = low + (high - low) * np.linspace(0, 1, n) ** power
    return levels


def steps_between(heights: Array, levels: Array) -> Array:
    """Return heights counted in levels, 0 at the first, len(levels) - 1 at the last, in between along the scale; NaN stays.

    >>> steps_between(np.array([0.0, 2.0, 9.0]), np.array([0.0, 1.0, 3.0]))
    array([0. , 1.5, 2. ])
    """
    return np.where(np.isfinite(heights), np.interp(heights, levels, np.arange(len(levels), dtype=float)), np.nan)
