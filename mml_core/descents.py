"""A whole descent at once: every point, value and slope of one walker or of many, and how it ended."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mml_core import checks
from mml_core.checks import Array
from mml_core.endings import LinearRates, error_components, kinds_of_rest, linear_rates, reason_for
from mml_core.heights import Surface
from mml_core.optimisers import METHODS, Optimiser
from mml_core.walks import FAR, Walked, walk_all

__all__ = [
    "Descent", "LinearRates", "descend", "error_components", "linear_rates", "rate_strip", "steps_to", "tuned_rate",
]  # fmt: skip

MOST_KEPT = 10_000_000  # points that a history may hold
RANGES = {"beta": (0, 1), "alpha": (0, 1), "beta1": (0, 0.999999), "beta2": (0, 0.999999), "eps": (0, 1),
          "longest": (0, 1e12), "decrease": (0, 1)}  # fmt: skip
N_RATES = 64  # that are tried side by side


@dataclass(frozen=True, eq=False)
class Descent:
    """A descent of one walker, or of n; row t belongs to step t, row 0 to the start. keep="last" leaves the last row only.

    `points` (n_steps + 1, 2) for one start, (n_steps + 1, n, 2) for n; `values` and `gradients` with the same leading shape;
    `velocity`, `squares` the inner state, like `points`, or None; `rates` those that a line search took and `trusted` where a
    guarded Newton step was taken, like `values`, or None.
    For each of the n walkers, even for one: `endings` "minimum", "saddle", "maximum", "flat", "diverged", "not a number",
    "line search failed" or "on its way" (`kinds_of_rest` says how it is told); `ended` the step at which it diverged, from
    which on its rows are nan, else n_steps; `reasons` "" at a minimum, else a sentence (none with keep="last").
    `n_gradients`, `n_values`, `n_hessians` are what the method evaluated, for all walkers together.
    """

    method: str
    learning_rate: float | Array
    points: Array
    values: Array
    gradients: Array
    velocity: Array | None
    squares: Array | None
    rates: Array | None
    trusted: NDArray[np.bool_] | None
    endings: NDArray[np.str_]
    ended: NDArray[np.int64]
    reasons: tuple[str, ...]
    n_gradients: int
    n_values: int
    n_hessians: int


def descend(
    surface: Surface, start: ArrayLike, method: str, learning_rate: ArrayLike, n_steps: int,
    *, keep: Literal["all", "last"] = "all", **constants: float,
) -> Descent:  # fmt: skip
    """Walk downhill from one start or from many.

    Args:
        surface: value, gradient and Hessian of f(x, y).
        start: shape (2,) or (n, 2).
        method: its name on screen, one of METHODS.
        learning_rate: one for all, or one a walker, shape (n,); a single start then serves all.
        n_steps: 0 to 10000.
        keep: "all" points, or the "last" only.
        constants: the method's own, such as beta=0.5; those not given are PyTorch's.
    Returns: Descent. A walker farther out than 1e12 has diverged, which is no error.
    Raises: ValueError when an argument is out of range, or the history would be too long.
    Source: Nocedal and Wright, 2006, Numerical Optimization, chapters 2 and 3.

    >>> from mml_core.quadratics import Quadratic
    >>> walk = descend(Quadratic(1.0, 0.0, 4.0), (2, 1), "Gradient descent", 0.25, 2)
    >>> walk.points.tolist(), walk.values.tolist(), walk.endings.tolist()
    ([[2.0, 1.0], [1.5, 0.0], [1.125, 0.0]], [4.0, 1.125, 0.6328125], ['on its way'])
    """
    chosen, n_steps = _checked_method(method, constants), checks.whole_number(n_steps, "n_steps", 0, 10_000)
    starts, rates = _starts_and_rates(start, learning_rate)
    if keep not in ("all", "last"):
        raise ValueError(f'keep is {keep}; it must be "all" or "last".')
    if keep == "all" and (n_steps + 1) * len(starts) > MOST_KEPT:
        raise ValueError(f"{n_steps} steps of {len(starts)} walkers are too many to keep; keep the last ones only.")
    with np.errstate(all="ignore"):
        walked = walk_all(surface, starts, rates, chosen, n_steps, constants, keep == "all")
        endings = _endings(surface, starts, rates, chosen, walked)
        rows = _without_the_lost(walked)
        gone = np.isnan(rows[:, 0])
        values = np.where(gone, np.nan, surface.value(rows[:, 0], rows[:, 1]))
        gradients = np.where(gone, np.nan, surface.gradient(rows[:, 0], rows[:, 1]))
        points = np.ascontiguousarray(rows[:, :2].transpose(0, 2, 1))
        reasons = tuple(
            reason_for(
                surface, method, float(rates[i]), str(endings[i]), int(walked.ended[i]), points[:, i], values[:, i],
                float(np.hypot(*gradients[:, -1, i])),
            )
            for i in (range(len(starts)) if keep == "all" else ())
        )  # fmt: skip
    alone = np.ndim(start) == 1 and np.ndim(learning_rate) == 0
    at = (slice(None), 0) if alone else (slice(None), slice(None))
    state = {name: rows[:, 2 + k][at] for k, name in enumerate(chosen.state)}
    counted = int(walked.ended.sum())
    return Descent(
        method, float(rates[0]) if np.ndim(learning_rate) == 0 else rates, points[at], values[at],
        np.moveaxis(gradients, 0, -1)[at], _pair(state, "velocity"), _pair(state, "squares"), state.get("rate"),
        state["trusted"] == 1 if "trusted" in state else None, endings, walked.ended, reasons, counted,
        int(walked.final[2 + chosen.state.index("n_values")].sum()) if "n_values" in state else 0,
        counted if "Newton" in method else 0,
    )  # fmt: skip


def _checked_method(name: str, constants: dict[str, float]) -> Optimiser:
    """Return the method, or say what there is instead of it, or of a constant."""
    if name not in METHODS:
        raise ValueError(f"there is no method {name}; there are {', '.join(METHODS)}.")
    for word, value in constants.items():
        known = [word for word in inspect.signature(METHODS[name].walk).parameters if word in RANGES]
        if word not in known:
            raise ValueError(f"{name} has no constant {word}; it has {' and '.join(known) or 'none'}.")
        constants[word] = checks.number(value, word, *RANGES[word])
    return METHODS[name]


def _starts_and_rates(start: ArrayLike, learning_rate: ArrayLike) -> tuple[Array, Array]:
    """Return starts of shape (n, 2) and rates of shape (n,)."""
    one = _dimensions(start) <= 1
    starts = checks.vector(start, 2, "the start")[None] if one else checks.points(start, 2, "the list of starts")
    if _dimensions(learning_rate) == 0:
        return starts, np.full(len(starts), checks.number(learning_rate, "the learning rate", 0, checks.LARGEST))
    rates = checks.vector(learning_rate, None if one else len(starts), "the learning rate")
    checks.number(rates.min(), "the smallest learning rate", 0)
    return np.broadcast_to(starts, (len(rates), 2)), rates


def _dimensions(values: ArrayLike) -> int:
    """Return how deep a list is nested; 2 where its rows differ in length, about which the checks have a sentence."""
    try:
        return np.ndim(values)
    except ValueError:
        return 2


def _endings(surface: Surface, starts: Array, rates: Array, method: Optimiser, walked: Walked) -> NDArray[np.str_]:
    """Return a word for how each walk ended."""
    kinds = kinds_of_rest(surface, starts, np.where(walked.lost, np.nan, walked.final[:2]).T)
    if "rate" in method.state:
        stuck = (walked.final[2 + method.state.index("rate")] == 0) & (walked.ended > 0) & (rates > 0)
        kinds = np.where(stuck & (kinds == "on its way"), "line search failed", kinds)
    far = (np.abs(walked.final[:2]) > FAR).any(axis=0)
    return np.where(walked.lost, np.where(far, "diverged", "not a number"), kinds)


def _without_the_lost(walked: Walked) -> Array:
    """Return the rows that were kept, nan from the step on at which a walker was lost."""
    if walked.record is None:
        return np.where(walked.lost, np.nan, walked.final)[None]
    for i in np.flatnonzero(walked.lost):
        walked.record[walked.ended[i] :, :, i] = np.nan
    return walked.record


def _pair(state: dict[str, Array], name: str) -> Array | None:
    """Return both coordinates of a vector of the inner state, None if there is none."""
    return np.stack([state[f"{name}_x"], state[f"{name}_y"]], axis=-1) if f"{name}_x" in state else None


def rate_strip(
    surface: Surface, start: ArrayLike, method: str, rates: ArrayLike, n_steps: int, **constants: float
) -> Array:  # fmt: skip
    """Return how low one start comes with each rate, nan where it diverges: all rates walk side by side.

    Args:
        surface, start, method, n_steps, constants: as for `descend`; one start.
        rates: learning rates, shape (n,).
    Returns: f after n_steps, shape (n,).
    Raises: ValueError when an argument is out of range.
    Source: Goh, 2017, Why momentum really works.

    >>> from mml_core.quadratics import Quadratic
    >>> rate_strip(Quadratic(1.0, 0.0, 4.0), (0, 1), "Gradient descent", [0.25, 0.5, 0.75], 1)
    array([0., 2., 8.])
    """
    chosen, n_steps = _checked_method(method, constants), checks.whole_number(n_steps, "n_steps", 0, 10_000)
    starts, every = _starts_and_rates(checks.vector(start, 2, "the start"), checks.vector(rates, None, "the rates"))
    with np.errstate(all="ignore"):
        walked = walk_all(surface, starts, every, chosen, n_steps, constants, False)
        return np.where(walked.lost, np.nan, surface.value(*walked.final[:2]))


def tuned_rate(
    surface: Surface, start: ArrayLike, method: str, n_steps: int, rates: ArrayLike | None = None, **constants: float
) -> float:
    """Return the rate that brings a start lowest, among equals the smallest: it is farthest from the cliff.

    Values within 1e-12 of each other, as a share of the larger of the values at the start and at the best end, are equal.
    Args:
        surface, start, method, n_steps, constants: as for `descend`; one start.
        rates: to choose from, shape (n,); else 64 from the method's range, evenly spaced on a logarithmic scale.
    Returns: the rate.
    Raises: ValueError when each rate diverges, or an argument is out of range.
    Source: Bengio, 2012, Practical recommendations for gradient-based training of deep architectures.

    >>> from mml_core.quadratics import Quadratic
    >>> tuned_rate(Quadratic(1.0, 0.0, 1.0), (0, 1), "Gradient descent", 1, rates=[0.5, 1, 1.5])
    1.0
    """
    exponents = _checked_method(method, constants).exponents
    tried = np.logspace(*exponents, N_RATES) if rates is None else np.sort(checks.vector(rates, None, "the rates"))
    ends = rate_strip(surface, start, method, tried, n_steps, **constants)
    if np.isnan(ends).all():
        raise ValueError(f"each rate from {tried[0]:.4g} to {tried[-1]:.4g} diverges; take smaller ones, or fewer steps.")
    return best_rate(tried, ends, float(surface.value(*checks.vector(start, 2, "the start").tolist())))


def best_rate(rates: Array, ends: Array, first: float) -> float:
    """Return the smallest of the ascending rates whose end, one of `ends`, is lowest to 1e-12 of it or of the first value.

    >>> best_rate(np.array([0.1, 0.2, 0.4]), np.array([5.0, 1.0, np.nan]), 9.0)
    0.2
    """
    lowest = float(np.nanmin(ends))
    return float(rates[np.flatnonzero(ends - lowest <= 1e-12 * max(abs(first), abs(lowest)))[0]])


def steps_to(descent: Descent, tolerance: float, lowest: float) -> NDArray[np.int64]:
    """Return after how many steps each walker first is at most `tolerance` above the lowest value, -1 where it never is.

    Args:
        descent: of one walker or n, with all points kept.
        tolerance: at least 0.
        lowest: what the values are compared with.
    Returns: steps, shape (n,), also for one walker.
    Raises: ValueError when a number is out of range.

    >>> from mml_core.quadratics import Quadratic
    >>> walk = descend(Quadratic(1.0, 0.0, 4.0), (2, 1), "Gradient descent", 0.25, 2)
    >>> steps_to(walk, 2, 0.0), steps_to(walk, 0.1, 0.0)
    (array([1]), array([-1]))
    """
    limit = checks.number(lowest, "the lowest value") + checks.number(tolerance, "the tolerance", 0)
    there = (descent.values <= limit).reshape(len(descent.values), -1)
    return np.where(there.any(axis=0), there.argmax(axis=0), -1)
