"""Quadratic surfaces: bowls, troughs, saddles, and the loss of a line fitted by least squares."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from mml_core import checks
from mml_core.checks import Array
from mml_core.heights import Surface


@dataclass(frozen=True)
class Quadratic(Surface):
    """f = (a x^2 + 2 b x y + c y^2) / 2, so that its Hessian is S = [[a, b], [b, c]] everywhere.

    >>> Quadratic(1.0, 0.0, 4.0).gradient(2.0, 1.0)
    (2.0, 4.0)
    """

    a: float = 1.0
    b: float = 0.0
    c: float = 4.0
    start: ClassVar[tuple[float, float]] = (-2.0, 1.2)

    def value(self, x: Any, y: Any) -> Any:
        """Return x' S x / 2."""
        return 0.5 * self.a * x * x + self.b * x * y + 0.5 * self.c * y * y

    def gradient(self, x: Any, y: Any) -> Any:
        """Return S x."""
        return self.a * x + self.b * y, self.b * x + self.c * y

    def hessian(self, x: Any, y: Any) -> Any:
        """Return S."""
        zero = 0.0 * (x + y)
        return (self.a + zero, self.b + zero), (self.b + zero, self.c + zero)

    @property
    def latex(self) -> str:
        """The formula with its numbers."""
        return rf"f(x, y) = \tfrac12 \left({self.a:.4g}\,x^2 {2 * self.b:+.4g}\,x y {self.c:+.4g}\,y^2\right)"

    @property
    def lowest(self) -> float:  # type: ignore[override]
        """0 where it is a bowl or a trough, else there is none."""
        return 0.0 if self.a >= 0 and self.c >= 0 and self.a * self.c >= self.b**2 else math.nan


def bowl(kappa: float, turn: float = 0.5) -> Quadratic:
    """Return a quadratic bowl with condition number kappa, its axes turned by `turn`.

    f = x' S x / 2 with S = R diag(1, kappa) R', R the turn; so lambda_min = 1 and lambda_max = kappa.
    Args:
        kappa: the condition number, 1 to 10^6.
        turn: in radians, from -pi to pi.
    Returns: Quadratic.
    Raises: ValueError when a number is out of range.
    Source: Goh, 2017, Why momentum really works.

    >>> bowl(4, 0)
    Quadratic(a=1.0, b=0.0, c=4.0)
    """
    k, angle = checks.number(kappa, "kappa", 1, 1e6), checks.number(turn, "turn", -math.pi, math.pi)
    cos, sin = math.cos(angle), math.sin(angle)
    return Quadratic(cos * cos + k * sin * sin, (1 - k) * cos * sin + 0.0, sin * sin + k * cos * cos)


def saddle(c: float = 3.0) -> Quadratic:
    """Return x^2 + y^2 - c x y: a minimum along x and along y, yet a saddle where |c| > 2.

    >>> saddle(3).value(1.0, 1.0)
    -1.0
    """
    return Quadratic(2.0, -checks.number(c, "c", -100, 100), 2.0)


@dataclass(frozen=True, eq=False)
class LeastSquares(Surface):
    """f(w, b) = mean of (w t_i + b - y_i)^2 / 2: the loss of each line through data, a quadratic bowl.

    `t` and `y` are the data, shape (n,). The walker's x is the slope w, its y the height b.

    >>> LeastSquares(np.array([0.0, 1.0]), np.array([1.0, 3.0])).value(2.0, 1.0)
    0.0
    """

    t: Array
    y: Array

    @functools.cached_property
    def _sums(self) -> tuple[tuple[float, float, float], tuple[float, float]]:
        """Means of t^2, t and y^2; of t y and y: all that the loss depends on."""
        t, y = self.t, self.y
        return (float((t @ t) / len(t)), float(t.mean()), float((y @ y) / len(t))), (float((t @ y) / len(t)), float(y.mean()))

    def value(self, x: Any, y: Any) -> Any:
        """Return the loss of the line with slope x and height y."""
        (tt, t, yy), (ty, m) = self._sums
        half = 0.5 * (tt * x * x + yy) + t * x * y + 0.5 * y * y - ty * x - m * y
        return max(half, 0.0) if type(half) is float else np.maximum(half, 0.0)  # rounding can bring it below

    def gradient(self, x: Any, y: Any) -> Any:
        """Return the means of residual times t, and of the residual."""
        (tt, t, _), (ty, m) = self._sums
        return tt * x + t * y - ty, t * x + y - m

    def hessian(self, x: Any, y: Any) -> Any:
        """Return the means of t^2, t and 1."""
        (tt, t, _), _ = self._sums
        zero = 0.0 * (x + y)
        return (tt + zero, t + zero), (t + zero, 1.0 + zero)

    @property
    def latex(self) -> str:
        """The formula."""
        return r"f(w, b) = \frac{1}{2n} \sum_i (w\,t_i + b - y_i)^2"


def least_squares(points: ArrayLike) -> LeastSquares:
    """Return the loss surface of fitting a line to points.

    Args:
        points: (t, y), shape (n, 2), n at least 2.
    Returns: LeastSquares.
    Raises: ValueError when there are fewer than two points, or a number is not finite.

    >>> least_squares([[0, 1], [1, 3]]).gradient(2.0, 1.0)
    (0.0, 0.0)
    """
    data = checks.points(points, 2, "the data")
    if len(data) < 2:
        raise ValueError("there is one point; a line needs at least two.")
    return LeastSquares(data[:, 0].copy(), data[:, 1].copy())
