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
    left, right, bottom, top = checks.window(window)
    n = checks.whole_number(n_starts, "n_starts", 2, 200)
    wide, tall = right - left, top - bottom
    size = max(wide, tall)
    # Not even spaces: a grid that lies on the surface's own symmetries starts where Newton's method has nowhere to go.
    x, y = (a.ravel() for a in np.meshgrid(left + wide * (np.arange(n) + 0.46) / n, bottom + tall * (np.arange(n) + 0.57) / n))
    with np.errstate(all="ignore"):
        usual, steepest = _sizes(surface, x, y)
        x, y, step = _newton_on_slopes(surface, x, y, size / n)
        (xx, xy), (_, yy) = surface.hessian(x, y)
        slope, bend = np.hypot(*np.broadcast_arrays(*surface.gradient(x, y))), np.abs(xx) + 2 * np.abs(xy) + np.abs(yy)
        # Near a very flat bottom Newton's method creeps: there a slope that is nothing beside the usual one counts as none.
        level = (slope <= 1e-9 * size * bend + 1e-300) | ((slope <= 1e-12 * steepest) & (step <= 1e-4 * size))
        level &= np.isfinite(bend) & (left <= x) & (x <= right) & (bottom <= y) & (y <= top)
        bent = (np.abs(xx * yy - xy * xy) > 1e-6 * bend * bend) & (bend > 1e-6 * usual)
    found, best_first = np.column_stack([x, y]), np.lexsort([y, x, slope / (bend + 1e-300)])
    order = best_first[level[best_first]]
    sharp = _apart(found[order[bent[order]]], 1e-5 * size)
    dull = _apart(found[order[~bent[order]]], 2e-2 * size, sharp)
    many = len(dull) > 8
    points = np.vstack([sharp, dull[:1] if many else dull])
    values = np.asarray(surface.value(points[:, 0], points[:, 1]), float) + np.zeros(len(points))
    by_height = np.lexsort([points[:, 1].round(9), points[:, 0].round(9), values])
    points, values = points[by_height], values[by_height]
    with np.errstate(all="ignore"):
        (xx, xy), (_, yy) = surface.hessian(points[:, 0], points[:, 1])
        bends = np.linalg.eigvalsh(np.array([[xx, xy], [xy, yy]]).transpose(2, 0, 1))
        kinds = tuple(_kind_of(surface, p, b, usual, 1e-2 * size) for p, b in zip(points, bends, strict=True))
    note = "There is a whole line or area of level points; one of them is marked." if many or "flat" in kinds else ""
    return CriticalPoints(points, values, bends, kinds, note)


def _sizes(surface: Surface, x: Array, y: Array) -> tuple[float, float]:
    """Return how much a surface bends, and how steep it is, at a middling one of many places; 0 where that is no number."""
    (xx, xy), (_, yy) = surface.hessian(x, y)
    sizes = np.abs(xx) + 2 * np.abs(xy) + np.abs(yy), np.hypot(*np.broadcast_arrays(*surface.gradient(x, y)))
    bend, slope = (float(np.median(s[np.isfinite(s)])) if np.isfinite(s).any() else 0.0 for s in sizes)
    return bend, slope


def _newton_on_slopes(surface: Surface, x: Array, y: Array, longest: float) -> tuple[Array, Array, Array]:
    """Return where Newton's method for a zero gradient leads from each start in 60 steps, and how long the last one was."""
    length = np.zeros_like(x)
    for _ in range(60):
        gx, gy = surface.gradient(x, y)
        (a, b), (_, c) = surface.hessian(x, y)
        # (H'H + tiny) s = H'g, in units of H's largest entry: so a step exists where H has no inverse, or hardly any size.
        largest = np.maximum(np.maximum(np.abs(a), np.abs(c)), np.abs(b))
        unit = np.where(largest > 0, largest, 1.0)
        a, b, c, gx, gy = a / unit, b / unit, c / unit, gx / unit, gy / unit
        p, q, r = a * a + b * b + 1e-13, b * (a + c), b * b + c * c + 1e-13
        u, v = a * gx + b * gy, b * gx + c * gy
        det = p * r - q * q
        sx, sy = (r * u - q * v) / det, (p * v - q * u) / det
        length = np.hypot(sx, sy)
        shrink = np.minimum(1.0, 1.5 * longest / (length + 1e-300))
        x, y = x - shrink * sx, y - shrink * sy
    return x, y, length


def _apart(points: Array, distance: float, others: Array | None = None) -> Array:
    """Return the points, in their order, without those closer than `distance` to one before them or to one of `others`."""
    kept = taken = np.empty((0, 2)) if others is None else others
    kept = kept[:0]
    for p in points:
        if not len(taken) or np.hypot(*(taken - p).T).min() > distance:
            kept, taken = np.vstack([kept, p]), np.vstack([taken, p])
    return kept


def _kind_of(surface: Surface, p: Array, bends: Array, usual: float, radius: float) -> str:
    """Return what a level point is: by its eigenvalues, or, where one is as good as zero, by the values around it."""
    if abs(bends).min() > 1e-5 * abs(bends).max() and abs(bends).max() > 1e-6 * usual:
        return "minimum" if bends.min() > 0 else "maximum" if bends.max() < 0 else "saddle"
    angles = 2 * math.pi * np.arange(64) / 64
    here = float(surface.value(p[0], p[1]))
    around = surface.value(p[0] + radius * np.cos(angles), p[1] + radius * np.sin(angles)) - here + 0 * angles
    around = around[np.isfinite(around)]
    nothing = 1e-13 * abs(here) + 1e-6 * float(np.abs(around).max(initial=0.0))
    up, down = bool((around > nothing).any()), bool((around < -nothing).any())
    if up and down:
        return "saddle"
    return "flat" if bool((np.abs(around) <= nothing).any()) or not len(around) else "minimum" if up else "maximum"
