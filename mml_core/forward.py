"""Forward differentiation: every number travels with its derivatives, and each operation says how they change."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np

NOTHING = float("0")  # the derivative of a constant: this very object, so that a computed 0.0 times inf is still nan


@dataclass(frozen=True)
class Number:
    """A number such as 2.5, or one with a name: pi, e."""

    value: float
    name: str = ""


@dataclass(frozen=True)
class Variable:
    """x or y."""

    name: str
    value: None = None


@dataclass(frozen=True)
class Apply:
    """An operation on one or two smaller trees: + - * / ^, negative or a function; `value` where no variable matters."""

    operation: str
    arguments: tuple[Number | Variable | Apply, ...]
    value: float | None = None


Tree = Number | Variable | Apply


@dataclass(slots=True)  # not frozen: that would make it three times slower, and a descent makes millions
class Jet:
    """f, its slopes in x and in y and its three second derivatives at one point, or at each point of an array."""

    value: Any
    x: Any = NOTHING
    y: Any = NOTHING
    xx: Any = NOTHING
    xy: Any = NOTHING
    yy: Any = NOTHING

    def parts(self, order: int = 2) -> list[Any]:
        """Return the value, the slopes if `order` is 1, and the second derivatives if it is 2."""
        slopes = [self.value, self.x, self.y]
        return slopes[:1] if order == 0 else slopes if order == 1 else [*slopes, self.xx, self.xy, self.yy]


@dataclass(frozen=True, slots=True)
class OneVariable:
    """f(m, u), and with v = f(u) also f'(m, u, v) and f''(m, u, v); m is `math` for a float, `numpy` for arrays."""

    f: Callable[[Any, Any], Any]
    slope: Callable[[Any, Any, Any], Any]
    bend: Callable[[Any, Any, Any], Any]


FUNCTIONS = {
    "sin": OneVariable(lambda m, u: m.sin(u), lambda m, u, v: m.cos(u), lambda m, u, v: -v),
    "cos": OneVariable(lambda m, u: m.cos(u), lambda m, u, v: -m.sin(u), lambda m, u, v: -v),
    "tan": OneVariable(lambda m, u: m.tan(u), lambda m, u, v: 1 + v * v, lambda m, u, v: 2 * v * (1 + v * v)),
    "exp": OneVariable(lambda m, u: m.exp(u), lambda m, u, v: v, lambda m, u, v: v),
    "log": OneVariable(lambda m, u: m.log(u), lambda m, u, v: 1 / u, lambda m, u, v: -1 / (u * u)),
    "sqrt": OneVariable(lambda m, u: m.sqrt(u), lambda m, u, v: 0.5 / abs(v), lambda m, u, v: -0.25 / abs(u * v)),
    "abs": OneVariable(lambda m, u: abs(u), lambda m, u, v: _sign(u), lambda m, u, v: NOTHING),
    "sinh": OneVariable(lambda m, u: m.sinh(u), lambda m, u, v: m.cosh(u), lambda m, u, v: v),
    "cosh": OneVariable(lambda m, u: m.cosh(u), lambda m, u, v: m.sinh(u), lambda m, u, v: v),
    "tanh": OneVariable(lambda m, u: m.tanh(u), lambda m, u, v: m.cosh(u) ** -2.0, lambda m, u, v: -2 * v * m.cosh(u) ** -2.0),
    "asin": OneVariable(lambda m, u: m.asin(u), lambda m, u, v: 1 / _leg(m, u), lambda m, u, v: u / _leg(m, u) ** 3.0),
    "acos": OneVariable(lambda m, u: m.acos(u), lambda m, u, v: -1 / _leg(m, u), lambda m, u, v: -u / _leg(m, u) ** 3.0),
    "atan": OneVariable(lambda m, u: m.atan(u), lambda m, u, v: 1 / (1 + u * u), lambda m, u, v: -2 * u / (1 + u * u) ** 2.0),
}


@lru_cache(maxsize=1000)
def power_of(p: float) -> OneVariable:
    """Return u^p with p u^(p - 1) and p (p - 1) u^(p - 2), for an exponent p that is not 0."""
    q = p * (p - 1)
    return OneVariable(
        lambda m, u: m.pow(u, p) if m is math else u**p,  # a float would become complex, and u**2 of an array is fast
        lambda m, u, v: p * (m.pow(u, p - 1) if m is math else u ** (p - 1)),
        lambda m, u, v: q * (m.pow(u, p - 2) if m is math else u ** (p - 2)) if q else NOTHING,
    )


def exponential_of(base: float) -> OneVariable:
    """Return b^u with log(b) b^u and log(b)^2 b^u, for a base b above 0."""
    k = math.log(base)
    return OneVariable(lambda m, u: m.pow(base, u), lambda m, u, v: k * v, lambda m, u, v: k * k * v)


def walk(tree: Tree, x: Any, y: Any, order: int = 2) -> Jet:
    """Differentiate a function on the way through its tree, from x and y to the root.

    (u + v)' = u' + v', (u v)' = u' v + u v', (u / v)' = (u' - (u / v) v') / v, f(u)' = f'(u) u'; the same rules once more
    give the second derivatives. Exact up to rounding: no difference quotient, no step size.
    Args:
        tree: the function.
        x, y: two floats, or arrays whose shapes fit together.
        order: 0 the value only, 1 also the slopes, 2 also the second derivatives; what is not asked for stays 0.0.
    Returns: Jet, of floats or of arrays of the common shape. nan where the function has no value; |u|' = 0 at u = 0.
    Source: Griewank and Walther, 2008, Evaluating Derivatives, chapters 3 and 13.

    >>> walk(Apply("*", (Variable("x"), Apply("sin", (Variable("y"),)))), 3.0, 0.0)
    Jet(value=0.0, x=0.0, y=3.0, xx=0.0, xy=1.0, yy=-0.0)
    """
    if isinstance(x, (float, int)) and isinstance(y, (float, int)):
        return _walk_of_floats(tree, float(x), float(y), order)
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    with np.errstate(all="ignore"):
        jet = _jet_of(tree, x, y, order, np)
    shape = np.broadcast_shapes(x.shape, y.shape)
    value, *slopes = (np.array(np.broadcast_to(part, shape)) for part in jet.parts(order))
    undefined = np.isnan(value)  # the formula of a slope may have a value where the function has none: log at -1
    for slope in slopes:
        slope[undefined] = np.nan
    return Jet(value, *slopes)


def _walk_of_floats(tree: Tree, x: float, y: float, order: int) -> Jet:
    """Return the jet at one point, by `math`, which is fast; where it refuses, NumPy says inf or nan."""
    try:
        jet = _jet_of(tree, x, y, order, math)
    except (ValueError, OverflowError, ZeroDivisionError):
        with np.errstate(all="ignore"):
            jet = Jet(*map(float, _jet_of(tree, np.float64(x), np.float64(y), order, np).parts()))
    return Jet(*[math.nan] * 6) if jet.value != jet.value else jet


def _jet_of(tree: Tree, x: Any, y: Any, order: int, m: ModuleType) -> Jet:
    """Return the jet of a tree: a constant has no slopes, x has slope 1 in x, and each operation has its rule."""
    if tree.value is not None:
        return Jet(tree.value if m is math else np.float64(tree.value))  # plain floats would raise where NumPy says inf
    if isinstance(tree, Variable):
        return Jet(x, 1.0) if tree.name == "x" else Jet(y, NOTHING, 1.0)
    u, operation = _jet_of(tree.arguments[0], x, y, order, m), tree.operation
    if operation in FUNCTIONS:
        return chain_rule(FUNCTIONS[operation], u, order, m)
    if operation == "negative":
        return difference_rule(Jet(NOTHING), u, order)
    if operation == "^" and tree.arguments[1].value is not None:
        return chain_rule(power_of(tree.arguments[1].value), u, order, m)
    v = _jet_of(tree.arguments[1], x, y, order, m)
    if operation == "^":
        return power_rule(u, v, tree.arguments[0].value, order, m)
    return ARITHMETIC[operation](u, v, order)


def sum_rule(u: Jet, v: Jet, order: int) -> Jet:
    """Return the jet of u + v: derivatives add up."""
    return Jet(*map(_plus, u.parts(order), v.parts(order)))


def difference_rule(u: Jet, v: Jet, order: int) -> Jet:
    """Return the jet of u - v."""
    return Jet(*map(_minus, u.parts(order), v.parts(order)))


def product_rule(u: Jet, v: Jet, order: int) -> Jet:
    """Return the jet of u v: (u v)_x = u_x v + u v_x and (u v)_xy = u_xy v + u_x v_y + u_y v_x + u v_xy."""
    a, b = u.value, v.value
    if order == 0:
        return Jet(a * b)
    x, y = _plus(_times(u.x, b), _times(a, v.x)), _plus(_times(u.y, b), _times(a, v.y))
    if order == 1:
        return Jet(a * b, x, y)
    xx = _plus(_plus(_times(u.xx, b), _times(a, v.xx)), _times(2.0, _times(u.x, v.x)))
    xy = _plus(_plus(_times(u.xy, b), _times(a, v.xy)), _plus(_times(u.x, v.y), _times(u.y, v.x)))
    yy = _plus(_plus(_times(u.yy, b), _times(a, v.yy)), _times(2.0, _times(u.y, v.y)))
    return Jet(a * b, x, y, xx, xy, yy)


def quotient_rule(u: Jet, v: Jet, order: int) -> Jet:
    """Return the jet of q = u / v: the product rule for q v = u, solved for the derivatives of q."""
    b = v.value
    q = u.value / b
    if order == 0:
        return Jet(q)
    x, y = _over(_minus(u.x, _times(q, v.x)), b), _over(_minus(u.y, _times(q, v.y)), b)
    if order == 1:
        return Jet(q, x, y)
    xx = _over(_minus(_minus(u.xx, _times(q, v.xx)), _times(2.0, _times(x, v.x))), b)
    xy = _over(_minus(_minus(u.xy, _times(q, v.xy)), _plus(_times(x, v.y), _times(y, v.x))), b)
    yy = _over(_minus(_minus(u.yy, _times(q, v.yy)), _times(2.0, _times(y, v.y))), b)
    return Jet(q, x, y, xx, xy, yy)


def chain_rule(function: OneVariable, u: Jet, order: int, m: ModuleType) -> Jet:
    """Return the jet of f(u): f(u)_x = f'(u) u_x and f(u)_xy = f''(u) u_x u_y + f'(u) u_xy."""
    value = function.f(m, u.value)
    if order == 0:
        return Jet(value)
    slope = function.slope(m, u.value, value)
    x, y = _times(slope, u.x), _times(slope, u.y)
    if order == 1:
        return Jet(value, x, y)
    bend = function.bend(m, u.value, value)
    xx = _plus(_times(bend, _times(u.x, u.x)), _times(slope, u.xx))
    xy = _plus(_times(bend, _times(u.x, u.y)), _times(slope, u.xy))
    yy = _plus(_times(bend, _times(u.y, u.y)), _times(slope, u.yy))
    return Jet(value, x, y, xx, xy, yy)


def power_rule(u: Jet, v: Jet, base: float | None, order: int, m: ModuleType) -> Jet:
    """Return the jet of u^v with a variable exponent: b^v for a constant base, else exp(v log u), for u above 0."""
    if base is not None:
        return chain_rule(exponential_of(base), v, order, m)
    return chain_rule(FUNCTIONS["exp"], product_rule(v, chain_rule(FUNCTIONS["log"], u, order, m), order), order, m)


ARITHMETIC = {"+": sum_rule, "-": difference_rule, "*": product_rule, "/": quotient_rule}


def _plus(a: Any, b: Any) -> Any:
    return b if a is NOTHING else a if b is NOTHING else a + b


def _minus(a: Any, b: Any) -> Any:
    return a if b is NOTHING else -b if a is NOTHING else a - b


def _times(a: Any, b: Any) -> Any:
    return NOTHING if a is NOTHING or b is NOTHING else a * b


def _over(a: Any, b: Any) -> Any:
    return NOTHING if a is NOTHING else a / b


def _sign(u: Any) -> Any:
    """Return -1, 0 or 1."""
    return np.sign(u) if isinstance(u, np.ndarray | np.generic) else u / abs(u) if u else 0.0


def _leg(m: ModuleType, u: Any) -> Any:
    """Return sqrt(1 - u^2), the other leg of a right triangle with hypotenuse 1."""
    return m.sqrt((1 - u) * (1 + u))
