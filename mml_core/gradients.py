"""Slopes and curvature of a surface: derived, measured, and what they say nearby."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mml_core import checks
from mml_core.checks import Array
from mml_core.critical import CriticalPoints, critical_points
from mml_core.heights import Surface, Window
from mml_core.taylor import Taylor, taylor

__all__ = [
    "CriticalPoints", "DifferenceErrors", "LocalModel", "Slopes", "Taylor", "critical_points", "difference_errors",
    "difference_quotient", "jacobian", "numerical_gradient", "numerical_hessian", "slopes", "tangent_plane", "taylor",
]  # fmt: skip

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
class Slopes:
    """How steep a surface is in one direction from one of its points.

    `surface` and `window` are what it was asked of; `model` what it looks like there; `direction` a unit vector (2,); `along`
    the slope g . d = |g| cos(angle), `measured` the same by central differences; `steepest` |g|; `angle` from the gradient to
    the direction, -pi to pi, nan where g = 0; `level` the unit vector along the contour (g turned by a quarter to the left),
    `on_level` the slope measured along it.
    """

    surface: Surface
    window: Window
    model: LocalModel
    direction: Array
    along: float
    measured: float
    steepest: float
    angle: float
    level: Array
    on_level: float


def slopes(surface: Surface, at: ArrayLike, angle: float, window: Window | None = None) -> Slopes:
    """Return how steep a surface is from a point in a direction, derived and measured.

    D_d f = grad f . d = |grad f| cos(theta): steepest along the gradient, level across it.
    Args:
        surface: with `value`, `gradient` and `hessian`.
        at: the point, shape (2,).
        angle: the direction, in radians from the x axis.
        window: left, right, bottom, top in which it is looked at, else the surface's own; it changes no slope.
    Returns: Slopes.
    Raises: ValueError when f or a derivative is not finite there.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 5.2.

    >>> from mml_core.quadratics import Quadratic
    >>> found = slopes(Quadratic(1.0, 0.0, 4.0), [3, 1], 0.0)
    >>> found.along, found.steepest, round(found.measured, 8)
    (3.0, 5.0, 3.0)
    """
    model, turn = tangent_plane(surface, at), checks.number(angle, "the direction")
    d, g = np.array([math.cos(turn), math.sin(turn)]), model.slopes
    steepest = float(np.hypot(*g))
    level = np.array([-g[1], g[0]]) / steepest if steepest > 0 else np.array([1.0, 0.0])
    away = math.remainder(turn - math.atan2(g[1], g[0]), 2 * math.pi) if steepest > 0 else math.nan
    measured, on_level = (_measured_slope(surface, model.at, way) for way in (d, level))
    shown = surface.window if window is None else checks.window(window)
    return Slopes(surface, shown, model, d, float(g @ d), measured, steepest, away, level, on_level)


def _measured_slope(surface: Surface, p: Array, way: Array) -> float:
    """Return the slope from a point along a unit vector by a central difference, nan where f ends."""
    h = EPS ** (1 / 3) * max(1.0, float(np.abs(p).max()))
    x, y = (np.array([p[i] - h * way[i], p[i] + h * way[i]]) for i in (0, 1))
    with np.errstate(all="ignore"):
        low, high = np.broadcast_to(surface.value(x, y), 2)
    return float((high - low) / (2 * h))


@dataclass(frozen=True, eq=False)
class DifferenceErrors:
    """How far differences are off the derivative, for each of the distances `h` (n,): `forward` and `central`, both (n,)."""

    h: Array
    forward: Array
    central: Array


def difference_errors(surface: Surface, at: ArrayLike, angle: float, decades: int = 14) -> DifferenceErrors:
    """Return how the error of measured slopes falls and rises again as the distance shrinks.

    |(f(p + h d) - f(p)) / h - g . d| and |(f(p + h d) - f(p - h d)) / 2h - g . d|: of order h and h^2 by Taylor, until
    rounding, of order 1e-16 |f| / h, takes over.
    Args:
        surface, at, angle: as for `slopes`.
        decades: h goes from 1 down to 10^-decades, six steps a decade; 1 to 15.
    Returns: DifferenceErrors.
    Raises: ValueError when f or a derivative is not finite there.
    Source: Press et al., 2007, Numerical Recipes, section 5.7.

    >>> from mml_core.quadratics import Quadratic
    >>> found = difference_errors(Quadratic(1.0, 0.0, 4.0), [3, 1], 0.0, 1)
    >>> found.forward[[0, -1]].round(9)
    array([0.5 , 0.05])
    """
    found = slopes(surface, at, angle)
    n = checks.whole_number(decades, "decades", 1, 15)
    h = 10.0 ** -(np.arange(6 * n + 1) / 6)
    (x, y), (u, v) = found.model.at, found.direction
    with np.errstate(all="ignore"):
        ahead, behind = surface.value(x + h * u, y + h * v) + 0 * h, surface.value(x - h * u, y - h * v) + 0 * h
        forward = np.abs((ahead - found.model.height) / h - found.along)
        return DifferenceErrors(h, forward, np.abs((ahead - behind) / (2 * h) - found.along))
