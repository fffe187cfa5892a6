"""Where a surface is level, and what it is there: minimum, maximum or saddle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mml_core import checks
from mml_core.checks import Array
from mml_core.heights import Surface


@dataclass(frozen=True, eq=False)
class CriticalPoints:
    """Where a surface is level: `points` (n, 2) by height, their `values` (n,), `eigenvalues` (n, 2) of the Hessian, `kinds`.

    A kind is "minimum", "saddle", "maximum" or "flat"; `note` says what else there is, such as a whole line of them.
    """

    points: Array
    values: Array
    eigenvalues: Array
    kinds: tuple[str, ...]
    note: str


def critical_points(surface: Surface, window: Sequence[float], n_starts: int = 40) -> CriticalPoints:
    """Find the points of a window where the gradient is zero, and what they are.

    From a grid of starts p <- p - (H'H)^-1 H' g (Newton's method for g = 0, each step at most a cell or two long). The kind
    is that of the Hessian's eigenvalues: both positive a minimum, both negative a maximum, one of each a saddle; where one is
    zero, the values around decide. Points closer to each other than the grid may hide one.
    Args:
        surface: with `gradient` and `hessian` for arrays.
        window: left, right, bottom, top.
        n_starts: starts along each side, 2 to 200.
    Returns: CriticalPoints.
    Raises: ValueError when the window is empty or n_starts out of range.
    Source: Nocedal and Wright, 2006, Numerical Optimization, section 11.1.

    >>> from mml_core.quadratics import saddle
    >>> critical_points(saddle(3), (-1, 1, -1, 1)).kinds
    ('saddle',)
    """
    left, right, bottom, top = checks.vector(window, 4, "the window").tolist()
    if not (left < right and bottom < top):
        raise ValueError("the window is empty; give left < right and bottom < top.")
    n = checks.whole_number(n_starts, "n_starts", 2, 200)
    wide, tall = right - left, top - bottom
    size = max(wide, tall)
    # Not even spaces: a grid that lies on the surface's own symmetries starts where Newton's method has nowhere to go.
    x, y = (a.ravel() for a in np.meshgrid(left + wide * (np.arange(n) + 0.46) / n, bottom + tall * (np.arange(n) + 0.57) / n))
    with np.errstate(all="ignore"):
        x, y = _newton_on_slopes(surface, x, y, size / n)
        (xx, xy), (_, yy) = surface.hessian(x, y)
        gx, gy = surface.gradient(x, y)
        steep = np.abs(xx) + 2 * np.abs(xy) + np.abs(yy)
        level = np.hypot(gx, gy) <= 1e-9 * size * steep + 1e-300
        level &= np.isfinite(steep) & (left <= x) & (x <= right) & (bottom <= y) & (y <= top)
        bent = np.abs(xx * yy - xy * xy) > 1e-6 * (steep * steep)
    sharp = _apart(np.column_stack([x, y])[level & bent], 1e-5 * size)
    dull = _apart(np.column_stack([x, y])[level & ~bent], 2e-2 * size)
    note = ""
    if len(dull) > 8:
        note, dull = "There is a whole line or area of level points; one of them is marked.", dull[:1]
    points = np.vstack([sharp, dull])
    values = np.asarray(surface.value(points[:, 0], points[:, 1]), float) + np.zeros(len(points))
    order = np.lexsort([points[:, 1].round(9), points[:, 0].round(9), values])
    (xx, xy), (_, yy) = surface.hessian(points[:, 0], points[:, 1])
    bends = np.linalg.eigvalsh(np.array([[xx, xy], [xy, yy]]).transpose(2, 0, 1))
    kinds = tuple(_kind_of(surface, points[i], bends[i], 1e-2 * size) for i in order)
    return CriticalPoints(points[order], values[order], bends[order], kinds, note)


def _newton_on_slopes(surface: Surface, x: Array, y: Array, longest: float) -> tuple[Array, Array]:
    """Return where Newton's method for a zero gradient leads from each start in 60 steps."""
    for _ in range(60):
        gx, gy = surface.gradient(x, y)
        (a, b), (_, c) = surface.hessian(x, y)
        # (H'H + tiny) s = H'g, so that a step exists where H has no inverse.
        p, q, r = a * a + b * b, b * (a + c), b * b + c * c
        tiny = 1e-13 * (p + r) + 1e-300
        p, r, u, v = p + tiny, r + tiny, a * gx + b * gy, b * gx + c * gy
        det = p * r - q * q
        sx, sy = (r * u - q * v) / det, (p * v - q * u) / det
        shrink = np.minimum(1.0, 1.5 * longest / (np.hypot(sx, sy) + 1e-300))
        x, y = x - shrink * sx, y - shrink * sy
    return x, y


def _apart(points: Array, distance: float) -> Array:
    """Return the points without those that lie closer than `distance` to one that is kept."""
    kept = np.empty((0, 2))
    for p in points[np.lexsort(points.T)]:
        if not len(kept) or np.hypot(*(kept - p).T).min() > distance:
            kept = np.vstack([kept, p])
    return kept


def _kind_of(surface: Surface, p: Array, bends: Array, radius: float) -> str:
    """Return what a level point is: by its eigenvalues, or, where one is zero, by the values around it."""
    if abs(bends).min() > 1e-5 * abs(bends).max():
        return "minimum" if bends.min() > 0 else "maximum" if bends.max() < 0 else "saddle"
    angles = 2 * math.pi * np.arange(64) / 64
    around = surface.value(p[0] + radius * np.cos(angles), p[1] + radius * np.sin(angles)) - surface.value(p[0], p[1])
    rounding = 1e-12 * (abs(float(surface.value(p[0], p[1]))) + float(np.abs(around).max()))
    up, down = bool((around > rounding).any()), bool((around < -rounding).any())
    level = bool((np.abs(around) <= rounding).any())
    return "saddle" if up and down else "flat" if level or not (up or down) else "minimum" if up else "maximum"
