"""Taylor polynomials by arithmetic with truncated power series: no derivative is ever written down."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mml_core import checks
from mml_core.checks import Array
from mml_core.expressions import Expression
from mml_core.forward import Tree, Variable

MOST_ORDERS = 20


@dataclass(frozen=True, eq=False)
class Taylor:
    """The polynomial sum c_ij (x - a)^i (y - b)^j around `at` = (a, b); `coefficients` c, 0 where i + j is above the order."""

    at: Array
    coefficients: Array

    def value(self, x: Any, y: Any, order: int | None = None) -> Any:
        """Return the polynomial at x, y (floats, or arrays whose shapes fit together), its terms up to `order` only."""
        n = len(self.coefficients) - 1
        n = n if order is None else checks.whole_number(order, "order", 0, n)
        c = _cut_off(self.coefficients[: n + 1, : n + 1])
        u, v = np.broadcast_arrays(np.asarray(x, dtype=np.float64) - self.at[0], np.asarray(y, dtype=np.float64) - self.at[1])
        with np.errstate(all="ignore"):
            total = np.polynomial.polynomial.polyval2d(u, v, c)
        return total if np.ndim(x) or np.ndim(y) else float(total)


def taylor(expression: Expression, at: ArrayLike, order: int) -> Taylor:
    """Expand a function around a point.

    c_ij = f_{x^i y^j}(a, b) / (i! j!) for i + j <= order, from c for x and for y by the arithmetic of power series.
    Args:
        expression: the function.
        at: the point (a, b).
        order: the largest i + j, 0 to 20.
    Returns: Taylor with coefficients of shape (order + 1, order + 1).
    Raises: ValueError when the function has no Taylor polynomial at the point, such as abs(x) at 0, or it is too large.
    Source: Griewank and Walther, 2008, Evaluating Derivatives, section 13.2.

    >>> taylor(Expression("exp(x) y"), at=[0, 0], order=2).coefficients
    array([[0., 1., 0.],
           [0., 1., 0.],
           [0., 0., 0.]])
    """
    a, b = checks.vector(at, 2, "the point")
    n = checks.whole_number(order, "order", 0, MOST_ORDERS)
    x, y = _constant_series(a, n), _constant_series(b, n)
    if n > 0:
        x[1, 0] = y[0, 1] = 1
    with np.errstate(all="ignore"):
        c = _series_of(expression.tree, x, y) + 0.0
    if not np.isfinite(c).all():
        raise ValueError("The coefficients exceed every number; choose a lower order or a point where the function is smaller.")
    return Taylor(np.array([a, b]), c)


def taylor_line(expression: Expression, at: float, order: int) -> Array:
    """Expand a function of x alone around a number.

    f(x) ~ sum c_i (x - a)^i with c_i = f^(i)(a) / i!
    Args:
        expression: the function, without y.
        at: the number a.
        order: the largest i, 0 to 20.
    Returns: c, shape (order + 1,).
    Raises: ValueError when y occurs, and as `taylor` does.
    Source: Griewank and Walther, 2008, Evaluating Derivatives, section 13.2.

    >>> taylor_line(Expression("1 / (1 - x)"), at=0, order=3)
    array([1., 1., 1., 1.])
    """
    if _mentions_y(expression.tree):
        raise ValueError("The function contains y; on a line it must be a function of x alone.")
    return taylor(expression, [checks.number(at, "the point"), 0.0], order).coefficients[:, 0].copy()


def _mentions_y(tree: Tree) -> bool:
    """Return whether y occurs."""
    if isinstance(tree, Variable):
        return tree.name == "y"
    return any(_mentions_y(part) for part in getattr(tree, "arguments", ()))


def _series_of(tree: Tree, x: Array, y: Array) -> Array:
    """Return the series of a tree from those of x and y."""
    if tree.value is not None:
        return _constant_series(tree.value, len(x) - 1)
    if isinstance(tree, Variable):
        return x if tree.name == "x" else y
    parts = [_series_of(part, x, y) for part in tree.arguments]
    return SERIES[tree.operation](*parts)


def _constant_series(value: float, n: int) -> Array:
    series = np.zeros((n + 1, n + 1))
    series[0, 0] = value
    return series


def _cut_off(series: Array) -> Array:
    """Return the terms with i + j <= n only."""
    i, j = np.indices(series.shape)
    return np.where(i + j < len(series), series, 0.0)


def _series_product(a: Array, b: Array) -> Array:
    """Return c_ij = sum a_km b_(i-k)(j-m), cut off."""
    n = len(a)
    c = np.zeros_like(a)
    for k, m in np.argwhere(a):
        c[k:, m:] += a[k, m] * b[: n - k, : n - m]
    return _cut_off(c)


def _composed(outer: Array, u: Array) -> Array:
    """Return sum outer_k (u - u_0)^k by Horner's rule."""
    rest = u.copy()
    rest[0, 0] = 0.0
    total = np.zeros_like(u)
    for coefficient in outer[::-1]:
        total = _series_product(rest, total)
        total[0, 0] += coefficient
    return total


def _around(u: Array, name: str, allowed: bool) -> float:
    """Return the constant term u_0, or say that the function cannot be expanded there."""
    u0 = float(u[0, 0])
    if not allowed:
        raise ValueError(f"{name} has no Taylor polynomial where u = {u0:.4g}; choose another point.")
    return u0


def _power_series(u: Array, p: float, name: str = "") -> Array:
    """Return u^p = u_0^p sum binomial(p, k) (u / u_0 - 1)^k; a whole power from 0 on is a product, and u_0 may be 0."""
    whole = p == math.floor(p)
    if whole and p >= 0:
        total = _constant_series(1.0, len(u) - 1)
        for _ in range(int(p)):
            total = _series_product(total, u)
        return total
    u0 = _around(u, name or f"u^{p:.4g}", u[0, 0] > 0 or (whole and u[0, 0] != 0))
    k = np.arange(1, len(u))
    binomials = np.concatenate([[1.0], np.cumprod((p - k + 1) / k)])
    return _composed(float(np.power(u0, p)) * binomials, u / u0)


def _log_series(u: Array) -> Array:
    """Return log u = log u_0 + sum (-1)^(k + 1) / k (u / u_0 - 1)^k."""
    u0 = _around(u, "log(u)", u[0, 0] > 0)
    k = np.arange(1, len(u))
    return _composed(np.concatenate([[math.log(u0)], (-1.0) ** (k + 1) / k]), u / u0)


def _periodic_series(u: Array, derivatives: list[Any]) -> Array:
    """Return f(u) = sum f^(k)(u_0) / k! (u - u_0)^k, for derivatives that come round again."""
    k = np.arange(len(u))
    factorials = np.cumprod(np.maximum(k, 1.0))
    return _composed(np.array(derivatives)[k % len(derivatives)] / factorials, u)


def _sine_series(u: Array) -> Array:
    s, c = np.sin(u[0, 0]), np.cos(u[0, 0])
    return _periodic_series(u, [s, c, -s, -c])


def _cosine_series(u: Array) -> Array:
    s, c = np.sin(u[0, 0]), np.cos(u[0, 0])
    return _periodic_series(u, [c, -s, -c, s])


def _tangent_series(u: Array, t0: float, sign: float) -> Array:
    """Return tan u (sign 1) or tanh u (sign -1) from t' = 1 + sign t^2: (k + 1) t_(k+1) = 1 at k = 0, plus sign (t^2)_k."""
    t = np.zeros(len(u))
    t[0] = t0
    for k in range(len(u) - 1):
        t[k + 1] = ((k == 0) + sign * (t[: k + 1] @ t[k::-1])) / (k + 1)
    return _composed(t, u)


def _inverse_series(u: Array, f0: float, sign: float, p: float) -> Array:
    """Return f(u) from f(u_0) and f' = (1 + sign u^2)^p, expanded in one variable: f_(k+1) = f'_k / (k + 1)."""
    z = _constant_series(float(u[0, 0]), len(u) - 1)
    z[1:2, 0] = 1.0
    slope = _power_series(_constant_series(1.0, len(u) - 1) + sign * _series_product(z, z), p)[:, 0]
    return _composed(np.concatenate([[f0], slope[:-1] / np.arange(1, len(u))]), u)


def _atan_series(u: Array) -> Array:
    return _inverse_series(u, math.atan(u[0, 0]), 1.0, -1)


def _asin_series(u: Array) -> Array:
    return _inverse_series(u, math.asin(_around(u, "asin(u)", abs(u[0, 0]) < 1)), -1.0, -0.5)


def _acos_series(u: Array) -> Array:
    return _inverse_series(-u, math.acos(_around(u, "acos(u)", abs(u[0, 0]) < 1)), -1.0, -0.5)


def _abs_series(u: Array) -> Array:
    return u * math.copysign(1.0, _around(u, "abs(u)", u[0, 0] != 0))


def _quotient_series(u: Array, v: Array) -> Array:
    _around(v, "1 / u", v[0, 0] != 0)
    return _series_product(u, _power_series(v, -1))


def _general_power_series(u: Array, v: Array) -> Array:
    """Return u^v; exp(v log u) where the exponent varies."""
    if not v.ravel()[1:].any():
        return _power_series(u, float(v[0, 0]))
    w = _series_product(v, _log_series(u))
    return _periodic_series(w, [np.exp(w[0, 0])])


SERIES: dict[str, Callable[..., Array]] = {
    "+": np.add,
    "-": np.subtract,
    "*": _series_product,
    "/": _quotient_series,
    "^": _general_power_series,
    "negative": np.negative,
    "sin": _sine_series,
    "cos": _cosine_series,
    "tan": lambda u: _tangent_series(u, np.tan(u[0, 0]), 1.0),
    "exp": lambda u: _periodic_series(u, [np.exp(u[0, 0])]),
    "log": _log_series,
    "sqrt": lambda u: _power_series(u, 0.5, "sqrt(u)"),
    "abs": _abs_series,
    "sinh": lambda u: _periodic_series(u, [np.sinh(u[0, 0]), np.cosh(u[0, 0])]),
    "cosh": lambda u: _periodic_series(u, [np.cosh(u[0, 0]), np.sinh(u[0, 0])]),
    "tanh": lambda u: _tangent_series(u, np.tanh(u[0, 0]), -1.0),
    "asin": _asin_series,
    "acos": _acos_series,
    "atan": _atan_series,
}
