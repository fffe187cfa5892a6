"""How a descent ends, in one word and in one sentence, and what a rate does on a quadratic surface."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mml_core import checks
from mml_core.checks import Array
from mml_core.heights import Surface

AT_REST = 1e-3  # so close to a place without slope counts as there
LEVEL = 1e-7  # such a share of the slopes and curvatures around the start counts as none
_RING = 3.0 * np.array([(0, 0), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)])


@dataclass(frozen=True, eq=False)
class LinearRates:
    """What gradient descent does to each eigendirection of a quadratic surface, the steepest first.

    `eigenvalues` lambda_i of the Hessian; `factors` |1 - rate lambda_i|, by which a step multiplies the distance along it;
    `limit` 2 / lambda_max, inf where nothing curves up; `reason` "" or the sentence why the steps grow.
    """

    eigenvalues: Array
    factors: Array
    limit: float
    reason: str


def linear_rates(hessian: ArrayLike, rate: float) -> LinearRates:
    """Predict gradient descent on a quadratic surface: each error component is multiplied by 1 - rate lambda_i.

    x_(t+1) - x* = (I - rate H)(x_t - x*), which shrinks in each direction as long as 0 < rate < 2 / lambda_max.
    Args:
        hessian: symmetric, shape (2, 2).
        rate: the learning rate, at least 0.
    Returns: LinearRates.
    Raises: ValueError when the Hessian is not finite and symmetric or the rate is negative.
    Source: Goh, 2017, Why momentum really works.

    >>> linear_rates([[1, 0], [0, 4]], 0.25).factors
    array([0.  , 0.75])
    """
    H, rate = checks.matrix(hessian, (2, 2), "the Hessian"), checks.number(rate, "the rate", 0)
    if abs(H[0, 1] - H[1, 0]) > 1e-9 * np.abs(H).max():
        raise ValueError(f"the Hessian has {H[0, 1]:g} above and {H[1, 0]:g} below its diagonal; it must be symmetric.")
    values: Array = np.linalg.eigvalsh(H)[::-1].astype(np.float64)
    top = float(values[0])
    limit = 2 / top if top > 0 else math.inf
    with np.errstate(over="ignore"):
        factors = np.abs(1 - rate * values)
    reason = ""
    if rate > limit:
        reason = (
            f"the rate {rate:.4g} is above 2 / lambda_max = {limit:.4g}, so each step overshoots the bottom of the steepest "
            f"direction and lands {factors[0]:.4g} times as far on the other side"
        )
    elif values[1] < 0 < rate:
        reason = f"the surface curves down along one direction (lambda = {values[1]:.4g}), so no rate leads to a bottom"
    return LinearRates(values, factors, limit, reason)


def error_components(surface: Surface, minimum: ArrayLike, points: ArrayLike) -> Array:
    """Return where points are from the minimum, along the eigenvectors of the Hessian there, the steepest direction first.

    c_t = Q' (x_t - x*), H(x*) = Q diag(lambda) Q'. The larger entry of each eigenvector is positive.
    Args:
        surface: with `hessian(x, y)`.
        minimum: x*, shape (2,).
        points: x_t, shape (..., 2); nan stays nan.
    Returns: array of the points' shape.
    Raises: ValueError when the minimum is not finite, or has no finite Hessian, or the shapes do not fit.
    Source: Goh, 2017, Why momentum really works.

    >>> from mml_core.quadratics import Quadratic
    >>> error_components(Quadratic(1.0, 0.0, 4.0), (0, 0), [[2.0, 1.0]])
    array([[1., 2.]])
    """
    x, y = checks.vector(minimum, 2, "the minimum").tolist()
    Q = np.linalg.eigh(checks.matrix(surface.hessian(x, y), (2, 2), "the Hessian"))[1][:, ::-1]
    Q = Q * np.sign(Q[np.abs(Q).argmax(axis=0), [0, 1]])
    P = np.asarray(points, dtype=np.float64)
    if P.shape[-1:] != (2,):
        raise ValueError(f"the points have {P.shape[-1] if P.ndim else 'no'} coordinates; each needs 2.")
    return np.asarray((P - [x, y]) @ Q)


def surface_scale(surface: Surface, x: Array, y: Array) -> tuple[Array, Array]:
    """Return the largest |gradient| and the largest |Hessian| among each start and eight places 3 to 4.2 away from it."""
    X, Y = x + _RING[:, :1], y + _RING[:, 1:]
    (gx, gy), ((a, b), (_, c)) = surface.gradient(X, Y), surface.hessian(X, Y)
    sizes = np.hypot(gx, gy) + 0.0 * X, np.hypot(np.hypot(a, c), math.sqrt(2) * np.asarray(b)) + 0.0 * X
    slope, curvature = (np.where(np.isfinite(size), size, 0.0).max(axis=0) for size in sizes)
    return slope, curvature


def kinds_of_rest(surface: Surface, starts: Array, ends: Array) -> NDArray[np.str_]:
    """Say what each end is: "minimum", "saddle", "maximum", "flat" or "on its way".

    G and K are the largest slope and curvature around the start, G / K a length. Along each eigenvector q_i of the Hessian at
    the end, with |lambda_i| > 1e-7 K, the Newton step |q_i . g / lambda_i| must be at most 1e-3 G / K; along the others, which
    are level, |q_i . g| at most 1e-7 G. Then signs of lambda_1, lambda_2 tell what it is, "flat" if one is level.
    Args:
        surface: with `gradient` and `hessian`.
        starts, ends: shape (n, 2); nan is "on its way".
    Returns: words, shape (n,).

    >>> from mml_core.quadratics import Quadratic
    >>> kinds_of_rest(Quadratic(1.0, 0.0, -4.0), np.ones((2, 2)), np.array([[0.0, 0.0], [0.5, 0.0]]))
    array(['saddle', 'on its way'], dtype='<U10')
    """
    G, K = surface_scale(surface, starts[:, 0], starts[:, 1])
    gx, gy = surface.gradient(ends[:, 0], ends[:, 1])
    (a, b), (_, c) = surface.hessian(ends[:, 0], ends[:, 1])
    middle, half = (a + c) / 2, np.hypot((a - c) / 2, b) + 0.0 * gx
    turn = np.arctan2(2 * np.asarray(b), a - c) / 2
    across, along = np.cos(turn), np.sin(turn)
    lambdas = np.array([middle + half, middle - half])
    parts = np.abs(np.array([across * gx + along * gy, across * gy - along * gx]))
    curved = np.abs(lambdas) > LEVEL * K
    length = np.divide(G, K, out=np.zeros_like(G), where=K > 0)
    there = np.where(curved, parts <= AT_REST * length * np.abs(lambdas), parts <= LEVEL * G).all(axis=0)
    there &= np.isfinite(ends).all(axis=1)
    up, down = (curved & (lambdas > 0)).sum(axis=0), (curved & (lambdas < 0)).sum(axis=0)
    codes = np.where(there, np.where(up + down < 2, 1, 2 + down), 0)
    return np.array(["on its way", "flat", "minimum", "saddle", "maximum"])[codes]


def reason_for(
    surface: Surface, method: str, rate: float, ending: str, ended: int, points: Array, values: Array, slope: float
) -> str:
    """Say in a sentence for the learner why a descent did not come to a minimum; "" if it did.

    Args:
        surface, method, rate: what walked, by the method's name on screen.
        ending, ended: how it ended, at which step.
        points, values: all of them, shapes (n_steps + 1, 2) and (n_steps + 1,).
        slope: the length of the gradient at the end.
    """
    if ending in ("diverged", "not a number"):
        return f"Step {ended} {_why_lost(surface, method, rate, ending, points[:ended], values[:ended])}."
    return {
        "minimum": "",
        "saddle": "It rests on a saddle: no slope, yet the surface curves down along one direction; a push to the side would "
        "make it go on.",
        "maximum": "It stands on a maximum: there is no slope there, so it stays, though every way leads down.",
        "flat": "The surface is level here, in one direction at least: next to no slope and no curvature, so nothing moves it.",
        "line search failed": f"Step {ended} finds no lower point: the rate {rate:.4g} was halved 40 times, and each trial was "
        "too high.",
        "on its way": _why_on_its_way(ended, points, slope),
    }[ending]


def _why_lost(surface: Surface, method: str, rate: float, ending: str, points: Array, values: Array) -> str:
    """Say why the step after these points leads out of all numbers."""
    if method == "Newton" and _is_singular(_hessian_at(surface, points[-1])):
        return "is no step at all: the Hessian is singular there, so H^-1 g does not exist"
    if ending == "not a number":
        return "is not a number: the surface has no slope there that could be computed"
    if values[-1] < values[0]:
        return "leaves everything behind: the surface goes down for ever on this side, so there is no bottom to find"
    hint = "the rate is too large, so steps overshoot and become longer and longer"
    hessian = _hessian_at(surface, points[0])
    if method == "Gradient descent" and (np.abs(hessian) <= checks.LARGEST).all():
        hint = linear_rates(hessian, rate).reason or hint
    return f"leaves everything behind: {hint}"


def _hessian_at(surface: Surface, point: Array) -> Array:
    """Return the Hessian at one point, shape (2, 2); inf or nan where floats would raise."""
    rows = surface.hessian(point[:1], point[1:])
    return np.array([[np.ravel(entry)[0] for entry in row] for row in rows], dtype=np.float64)


def _is_singular(H: Array) -> bool:
    """Return whether the determinant is nothing but rounding."""
    product, square = H[0, 0] * H[1, 1], H[0, 1] * H[1, 0]
    return bool(abs(product - square) <= 1e-14 * (abs(product) + abs(square)))


def _why_on_its_way(ended: int, points: Array, slope: float) -> str:
    """Say what a walker does that has not come to rest."""
    if ended == 0:
        return "It has not moved yet: take at least one step."
    if ended > 2:
        before, last = points[-2] - points[-3], points[-1] - points[-2]
        lengths = float(np.linalg.norm(before)), float(np.linalg.norm(last))
        if last @ before < -0.9 * lengths[0] * lengths[1] and lengths[1] > 0.99 * lengths[0]:
            return f"It jumps to and fro, {lengths[1]:.2g} at a time: the rate is too large for it to settle."
    return f"After {ended} steps the slope is still {slope:.2g}: it is on its way."
