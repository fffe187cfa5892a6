"""Slopes and curvature of a surface: derived, measured, and what they say nearby."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mml_core import checks
from mml_core.checks import Array
from mml_core.heights import Surface

EPS = float(np.finfo(float).eps)


def difference_quotient(f: Callable[[float], float], x: float, h: float) -> float:
    """Return the slope of the line through two points of a curve.

    (f(x + h) - f(x)) / h, which tends to f'(x) as h tends to 0, until rounding (of about 1e-16 |f| / h) takes over.
    Args:
        f: a function of one number.
        x: where.
        h: how far apart, not 0; it may be negative.
    Returns: the slope.
    Raises: ValueError when h is 0 or a number is not finite.
    Source: Cauchy, 1821, Cours d'analyse.

    >>> difference_quotient(lambda x: x * x, 3.0, 0.5)
    6.5
    """
    at, step = checks.number(x, "x"), checks.number(h, "h")
    if step == 0:
        raise ValueError("h is 0; a slope needs two different points, so make h small but not 0.")
    return (f(at + step) - f(at)) / step


def numerical_gradient(surface: Surface, x: Any, y: Any, h: float | None = None) -> tuple[Any, Any]:
    """Measure the gradient by central differences.

    (f(x + h, y) - f(x - h, y)) / 2h, and so for y; the error is of order h^2 f''' + eps |f| / h.
    Args:
        surface: anything with `value(x, y)`.
        x, y: floats or arrays of one shape.
        h: half the distance; None takes eps^(1/3) max(1, |x|), where both errors are about equal.
    Returns: (df/dx, df/dy), each shaped as x and y.
    Raises: ValueError when h is not positive.
    Source: Press et al., 2007, Numerical Recipes, section 5.7.

    >>> from mml_core.quadratics import Quadratic
    >>> [round(float(v), 8) for v in numerical_gradient(Quadratic(1.0, 0.0, 4.0), 2.0, 1.0)]
    [2.0, 4.0]
    """
    hx, hy = _reach(x, h, 1 / 3), _reach(y, h, 1 / 3)
    f = surface.value
    return (f(x + hx, y) - f(x - hx, y)) / (2 * hx), (f(x, y + hy) - f(x, y - hy)) / (2 * hy)


def numerical_hessian(surface: Surface, x: Any, y: Any, h: float | None = None) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Measure the second derivatives by central differences of values.

    fxx = (f(x + h) - 2 f(x) + f(x - h)) / h^2; fxy from the four corners of a square.
    Args:
        surface: anything with `value(x, y)`.
        x, y: floats or arrays of one shape.
        h: the distance; None takes eps^(1/4) max(1, |x|).
    Returns: ((fxx, fxy), (fxy, fyy)).
    Raises: ValueError when h is not positive.
    Source: Press et al., 2007, Numerical Recipes, section 5.7.

    >>> from mml_core.quadratics import Quadratic
    >>> [[round(float(v), 5) for v in row] for row in numerical_hessian(Quadratic(1.0, 3.0, 4.0), 2.0, 1.0)]
    [[1.0, 3.0], [3.0, 4.0]]
    """
    a, b = _reach(x, h, 1 / 4), _reach(y, h, 1 / 4)
    f = surface.value
    here = f(x, y)
    xx = (f(x + a, y) - 2 * here + f(x - a, y)) / (a * a)
    yy = (f(x, y + b) - 2 * here + f(x, y - b)) / (b * b)
    xy = (f(x + a, y + b) - f(x + a, y - b) - f(x - a, y + b) + f(x - a, y - b)) / (4 * a * b)
    return (xx, xy), (xy, yy)


def _reach(x: Any, h: float | None, power: float) -> Any:
    """Return the distance for differences at x: `h`, or one that suits the size of x."""
    if h is None:
        return EPS**power * np.maximum(1.0, np.abs(x))
    if not checks.number(h, "h") > 0:
        raise ValueError(f"h is {h:g}; give a small positive number such as 1e-5.")
    return h


def jacobian(f: Callable[[Array], ArrayLike], at: ArrayLike, h: float | None = None) -> Array:
    """Measure the Jacobian of a map from n numbers to m by central differences.

    J[i, j] = d f_i / d x_j: column j says where a small step along x_j goes. For m = 1 it is the gradient as a row.
    Args:
        f: the map; takes (n,), returns (m,).
        at: where, shape (n,).
        h: half the distance; None takes eps^(1/3) max(1, |x_j|).
    Returns: J, shape (m, n).
    Raises: ValueError when `at` is not finite or h not positive.
    Source: Jacobi, 1841, De determinantibus functionalibus.

    >>> jacobian(lambda p: [p[0] * np.cos(p[1]), p[0] * np.sin(p[1])], [2, 0]).round(8) + 0.0
    array([[1., 0.],
           [0., 2.]])
    """
    x = checks.vector(at, name="the place")
    reach = np.broadcast_to(_reach(x, h, 1 / 3), x.shape)
    columns = []
    for j, step in enumerate(np.diag(reach)):
        up, down = (np.atleast_1d(np.asarray(f(x + s), float)) for s in (step, -step))
        columns.append((up - down) / (2 * reach[j]))
    return np.column_stack(columns)


@dataclass(frozen=True, eq=False)
class LocalModel:
    """What a surface looks like from one of its points.

    `at` the point (2,), `height` f there, `slopes` the gradient (2,), `curvature` the Hessian (2, 2), `eigenvalues` of it in
    ascending order with unit `axes` as columns.
    """

    at: Array
    height: float
    slopes: Array
    curvature: Array
    eigenvalues: Array
    axes: Array

    def plane(self, x: Any, y: Any) -> Any:
        """Return the tangent plane's height: f + g . (p - at)."""
        return self.height + self.slopes[0] * (x - self.at[0]) + self.slopes[1] * (y - self.at[1])

    def quadratic(self, x: Any, y: Any) -> Any:
        """Return the plane with half the Hessian's bend: + (p - at)' H (p - at) / 2."""
        u, v, H = x - self.at[0], y - self.at[1], self.curvature
        return self.plane(x, y) + 0.5 * (H[0, 0] * u * u + 2 * H[0, 1] * u * v + H[1, 1] * v * v)

    def slope_along(self, direction: Array) -> float:
        """Return the directional derivative: g . d / |d|."""
        return float(self.slopes @ direction / np.hypot(*direction))


def tangent_plane(surface: Surface, at: ArrayLike) -> LocalModel:
    """Return the plane, and the quadratic, that touch a surface in one of its points.

    f(p) ~ f(a) + grad f(a) . (p - a) + (p - a)' H(a) (p - a) / 2.
    Args:
        surface: with `value`, `gradient` and `hessian`.
        at: the point a, shape (2,).
    Returns: LocalModel.
    Raises: ValueError when f or a derivative is not finite there.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 5.8.

    >>> from mml_core.quadratics import Quadratic
    >>> tangent_plane(Quadratic(1.0, 0.0, 4.0), [2, 1]).plane(3.0, 1.0)
    np.float64(6.0)
    """
    p = checks.vector(at, 2, "the point")
    x, y = float(p[0]), float(p[1])
    try:
        with np.errstate(all="ignore"):
            height, slopes, curvature = surface.value(x, y), surface.gradient(x, y), surface.hessian(x, y)
    except (ArithmeticError, ValueError):
        height, slopes, curvature = math.nan, (0.0, 0.0), ((0.0, 0.0), (0.0, 0.0))
    g, H = np.array(slopes, float), np.array(curvature, float)
    if not math.isfinite(height):
        raise ValueError(f"f has no value at ({x:.4g}, {y:.4g}); move the point to where it has one.")
    if not (np.isfinite(g).all() and np.isfinite(H).all()):
        raise ValueError(f"f has no slope at ({x:.4g}, {y:.4g}), though it has a value; move the point off the edge or kink.")
    eigenvalues, axes = np.linalg.eigh(H)
    return LocalModel(p, float(height), g, H, eigenvalues, axes)


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
