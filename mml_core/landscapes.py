"""Landscapes that walks downhill are tried on, each with its derivatives written by hand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from mml_core import checks
from mml_core.heights import Surface, Window, smooth_cos, smooth_exp, smooth_sin


@dataclass(frozen=True)
class Rosenbrock(Surface):
    """f = (1 - x)^2 + 100 (y - x^2)^2: a curved valley, easy to find, hard to follow; 0 at (1, 1).

    Source: Rosenbrock, 1960, An automatic method for finding the greatest or least value of a function.

    >>> Rosenbrock().value(1.0, 1.0)
    0.0
    """

    window: ClassVar[Window] = (-2.0, 2.0, -1.0, 3.0)
    start: ClassVar[tuple[float, float]] = (-1.5, 2.0)
    lowest: ClassVar[float] = 0.0
    latex: ClassVar[str] = r"f(x, y) = (1 - x)^2 + 100\,(y - x^2)^2"

    def value(self, x: Any, y: Any) -> Any:
        """Return f."""
        u = y - x * x
        return (1.0 - x) * (1.0 - x) + 100.0 * u * u

    def gradient(self, x: Any, y: Any) -> Any:
        """Return its slopes."""
        v = 200.0 * (y - x * x)
        return 2.0 * (x - 1.0 - x * v), v

    def hessian(self, x: Any, y: Any) -> Any:
        """Return its second derivatives."""
        zero, xy = 0.0 * (x + y), -400.0 * x + 0.0 * y
        return (2.0 + 800.0 * x * x - 400.0 * (y - x * x), xy), (xy, 200.0 + zero)


@dataclass(frozen=True)
class Himmelblau(Surface):
    """f = (x^2 + y - 11)^2 + (x + y^2 - 7)^2: four minima of height 0, the one at (3, 2) exactly.

    Source: Himmelblau, 1972, Applied Nonlinear Programming.

    >>> Himmelblau().value(3.0, 2.0)
    0.0
    """

    window: ClassVar[Window] = (-5.5, 5.5, -5.5, 5.5)
    start: ClassVar[tuple[float, float]] = (0.0, -1.5)
    lowest: ClassVar[float] = 0.0
    latex: ClassVar[str] = r"f(x, y) = (x^2 + y - 11)^2 + (x + y^2 - 7)^2"

    def value(self, x: Any, y: Any) -> Any:
        """Return f."""
        u, v = x * x + y - 11.0, x + y * y - 7.0
        return u * u + v * v

    def gradient(self, x: Any, y: Any) -> Any:
        """Return its slopes."""
        u, v = x * x + y - 11.0, x + y * y - 7.0
        return 4.0 * x * u + 2.0 * v, 2.0 * u + 4.0 * y * v

    def hessian(self, x: Any, y: Any) -> Any:
        """Return its second derivatives."""
        u, v, xy = x * x + y - 11.0, x + y * y - 7.0, 4.0 * (x + y)
        return (4.0 * u + 8.0 * x * x + 2.0, xy), (xy, 2.0 + 4.0 * v + 8.0 * y * y)


@dataclass(frozen=True)
class Beale(Surface):
    """f = sum over i = 1, 2, 3 of (c_i - x + x y^i)^2, c = 1.5, 2.25, 2.625: flat land and steep corners; 0 at (3, 0.5).

    Source: Beale, 1958, On an iterative method for finding a local minimum of a function of more than one variable.

    >>> Beale().value(3.0, 0.5)
    0.0
    """

    window: ClassVar[Window] = (-4.5, 4.5, -4.5, 4.5)
    start: ClassVar[tuple[float, float]] = (1.0, 1.5)
    lowest: ClassVar[float] = 0.0
    latex: ClassVar[str] = r"f(x, y) = (1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2"

    def value(self, x: Any, y: Any) -> Any:
        """Return f."""
        r, s, t = 1.5 - x + x * y, 2.25 - x + x * y * y, 2.625 - x + x * y * y * y
        return r * r + s * s + t * t

    def gradient(self, x: Any, y: Any) -> Any:
        """Return its slopes."""
        y2, y3 = y * y, y * y * y
        r, s, t = 1.5 - x + x * y, 2.25 - x + x * y2, 2.625 - x + x * y3
        return 2.0 * (r * (y - 1.0) + s * (y2 - 1.0) + t * (y3 - 1.0)), 2.0 * x * (r + 2.0 * s * y + 3.0 * t * y2)

    def hessian(self, x: Any, y: Any) -> Any:
        """Return its second derivatives."""
        y2, y3 = y * y, y * y * y
        r, s, t = 1.5 - x + x * y, 2.25 - x + x * y2, 2.625 - x + x * y3
        along = (y - 1.0, y2 - 1.0, y3 - 1.0)
        across = (x, 2.0 * x * y, 3.0 * x * y2)
        xx = 2.0 * (along[0] * along[0] + along[1] * along[1] + along[2] * along[2])
        mixed = sum(a * b for a, b in zip(along, across, strict=True)) + r + 2.0 * s * y + 3.0 * t * y2
        yy = sum(b * b for b in across) + 2.0 * s * x + 6.0 * t * x * y
        return (xx + 0.0 * x, 2.0 * mixed), (2.0 * mixed, 2.0 * yy)


@dataclass(frozen=True)
class Rastrigin(Surface):
    """f = 20 + x^2 + y^2 - 10 cos(2 pi x) - 10 cos(2 pi y): a bowl full of dents; 0 at the origin.

    Source: Rastrigin, 1974, Systems of extremal control.

    >>> Rastrigin().value(0.0, 0.0)
    0.0
    """

    window: ClassVar[Window] = (-3.2, 3.2, -3.2, 3.2)
    start: ClassVar[tuple[float, float]] = (-2.3, 1.7)
    lowest: ClassVar[float] = 0.0
    latex: ClassVar[str] = r"f(x, y) = 20 + x^2 + y^2 - 10 \cos 2 \pi x - 10 \cos 2 \pi y"

    def value(self, x: Any, y: Any) -> Any:
        """Return f."""
        return 20.0 + x * x + y * y - 10.0 * smooth_cos(2 * math.pi * x) - 10.0 * smooth_cos(2 * math.pi * y)

    def gradient(self, x: Any, y: Any) -> Any:
        """Return its slopes."""
        k = 20.0 * math.pi
        return 2.0 * x + k * smooth_sin(2 * math.pi * x), 2.0 * y + k * smooth_sin(2 * math.pi * y)

    def hessian(self, x: Any, y: Any) -> Any:
        """Return its second derivatives."""
        k, zero = 40.0 * math.pi**2, 0.0 * (x + y)
        return (2.0 + k * smooth_cos(2 * math.pi * x) + zero, zero), (zero, 2.0 + k * smooth_cos(2 * math.pi * y) + zero)


@dataclass(frozen=True)
class Ravine(Surface):
    """f = x^2 / 20 + 4 (y - sin x)^2: a winding gorge with steep walls and an almost level floor; 0 at the origin.

    >>> Ravine().value(0.0, 0.0)
    0.0
    """

    window: ClassVar[Window] = (-5.0, 5.0, -5.0, 5.0)
    start: ClassVar[tuple[float, float]] = (-4.3, 2.5)
    lowest: ClassVar[float] = 0.0
    latex: ClassVar[str] = r"f(x, y) = \tfrac{1}{20} x^2 + 4\,(y - \sin x)^2"

    def value(self, x: Any, y: Any) -> Any:
        """Return f."""
        u = y - smooth_sin(x)
        return 0.05 * x * x + 4.0 * u * u

    def gradient(self, x: Any, y: Any) -> Any:
        """Return its slopes."""
        v = 8.0 * (y - smooth_sin(x))
        return 0.1 * x - v * smooth_cos(x), v

    def hessian(self, x: Any, y: Any) -> Any:
        """Return its second derivatives."""
        sin, cos = smooth_sin(x), smooth_cos(x)
        zero = 0.0 * (x + y)
        return (0.1 + 8.0 * (cos * cos + (y - sin) * sin), -8.0 * cos + zero), (-8.0 * cos + zero, 8.0 + zero)


@dataclass(frozen=True)
class Plateau(Surface):
    """f = 1 - exp(-(x^2 + 2 y^2) / 2): a pit in a plain so flat that slopes say hardly anything; 0 at the origin.

    >>> Plateau().value(0.0, 0.0)
    0.0
    """

    window: ClassVar[Window] = (-3.5, 3.5, -3.5, 3.5)
    start: ClassVar[tuple[float, float]] = (-2.4, 1.1)
    lowest: ClassVar[float] = 0.0
    latex: ClassVar[str] = r"f(x, y) = 1 - e^{-(x^2 + 2 y^2) / 2}"

    def value(self, x: Any, y: Any) -> Any:
        """Return f."""
        return 1.0 - smooth_exp(-0.5 * x * x - y * y)

    def gradient(self, x: Any, y: Any) -> Any:
        """Return its slopes."""
        e = smooth_exp(-0.5 * x * x - y * y)
        return x * e, 2.0 * y * e

    def hessian(self, x: Any, y: Any) -> Any:
        """Return its second derivatives."""
        e = smooth_exp(-0.5 * x * x - y * y)
        return ((1.0 - x * x) * e, -2.0 * x * y * e), (-2.0 * x * y * e, (2.0 - 4.0 * y * y) * e)


@dataclass(frozen=True)
class Pit(Surface):
    """f = (x^2 + y^2) / 20 - sum of deep_i exp(-((x - x_i)^2 + (y - y_i)^2) / (2 r_i^2)): valleys in a shallow bowl.

    `valleys` holds (x_i, y_i, deep_i, r_i), one row each.
    """

    valleys: tuple[tuple[float, float, float, float], ...]
    start: ClassVar[tuple[float, float]] = (-0.4, 1.4)

    def value(self, x: Any, y: Any) -> Any:
        """Return f."""
        dents = [d * smooth_exp(-0.5 * ((x - a) * (x - a) + (y - b) * (y - b)) / (r * r)) for a, b, d, r in self.valleys]
        return 0.05 * (x * x + y * y) - sum(dents)

    def gradient(self, x: Any, y: Any) -> Any:
        """Return its slopes."""
        fx, fy = 0.1 * x, 0.1 * y
        for a, b, d, r in self.valleys:
            e = d / (r * r) * smooth_exp(-0.5 * ((x - a) * (x - a) + (y - b) * (y - b)) / (r * r))
            fx, fy = fx + (x - a) * e, fy + (y - b) * e
        return fx, fy

    def hessian(self, x: Any, y: Any) -> Any:
        """Return its second derivatives."""
        xx = yy = 0.1 + 0.0 * (x + y)
        xy = 0.0 * (x + y)
        for a, b, d, r in self.valleys:
            u, v, q = x - a, y - b, r * r
            e = d / q * smooth_exp(-0.5 * (u * u + v * v) / q)
            xx, xy, yy = xx + (1.0 - u * u / q) * e, xy - u * v / q * e, yy + (1.0 - v * v / q) * e
        return (xx, xy), (xy, yy)

    @property
    def latex(self) -> str:
        """The formula."""
        return r"f(x, y) = \tfrac{1}{20} (x^2 + y^2) - \sum_i d_i \, e^{-\left((x - x_i)^2 + (y - y_i)^2\right) / 2 r_i^2}"


def two_valleys(seed: int = 1) -> Pit:
    """Return a pit with a deep and a shallow valley, wherever the seed puts them.

    The deep one takes 2 to 2.5 off, the shallow one 1 to 1.4; they lie on opposite sides.
    Args:
        seed: a whole number, 0 to 10^9.
    Returns: Pit.
    Raises: ValueError when the seed is no such number.

    >>> two_valleys(1) == two_valleys(1), two_valleys(1) == two_valleys(2)
    (True, False)
    """
    rng = np.random.default_rng(checks.whole_number(seed, "seed", 0, 1_000_000_000))
    angle, far = rng.uniform(0, 2 * math.pi), rng.uniform(1.1, 1.8, 2)
    deep, wide = (rng.uniform(2.0, 2.5), rng.uniform(1.0, 1.4)), rng.uniform(0.6, 0.9, 2)
    return Pit(
        tuple(
            (side * r * math.cos(angle), side * r * math.sin(angle), d, w)
            for side, r, d, w in zip((1, -1), far.tolist(), deep, wide.tolist(), strict=True)
        )
    )
