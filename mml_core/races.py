"""Several methods from one start, each at its best rate; and one method from every start of a window."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mml_core import checks
from mml_core.checks import Array
from mml_core.descents import N_RATES, Descent, best_rate, descend, rate_strip
from mml_core.gradients import tangent_plane
from mml_core.heights import Surface, Window
from mml_core.optimisers import METHODS

CROWDED = 1000  # starts between two reports
MOST_PLACES = 64


@dataclass(frozen=True, eq=False)
class Strip:
    """How low one method comes with each of 64 rates, NaN where it diverges: `rates`, `ends` (64,), and the `best` rate."""

    method: str
    rates: Array
    ends: Array
    best: float


def strip_of(surface: Surface, start: ArrayLike, method: str, n_steps: int) -> Strip:
    """Try a method with 64 rates at once, evenly spaced on the logarithmic scale of the rates that suit it.

    The best is the rate that comes lowest; among equals (to 1e-12 of the first value) the smallest, which is farthest from the
    cliff. Where each rate diverges it is the smallest.
    Args:
        surface, start, method, n_steps: as for `descend`; one start.
    Returns: Strip.
    Raises: ValueError when an argument is out of range.
    Source: Bengio, 2012, Practical recommendations for gradient-based training of deep architectures.

    >>> from mml_core.quadratics import Quadratic
    >>> found = strip_of(Quadratic(1.0, 0.0, 4.0), (2, 1), "Gradient descent", 30)
    >>> bool(0.3 < found.best < 0.45), bool(np.isnan(found.ends[found.rates > 5]).any())
    (True, False)
    """
    if method not in METHODS:
        raise ValueError(f"there is no method {method}; there are {', '.join(METHODS)}.")
    rates = np.logspace(*METHODS[method].exponents, N_RATES)
    ends = rate_strip(surface, start, method, rates, n_steps)
    if np.isnan(ends).all():
        return Strip(method, rates, ends, float(rates[0]))
    return Strip(method, rates, ends, best_rate(rates, ends, float(rate_strip(surface, start, method, [1.0], 0)[0])))


def strips(surface: Surface, start: ArrayLike, methods: Sequence[str], n_steps: int) -> tuple[Strip, ...]:
    """Try each of several methods with 64 rates, as `strip_of` does with one.

    >>> from mml_core.quadratics import Quadratic
    >>> [one.method for one in strips(Quadratic(), (2, 1), ["Momentum", "Adam"], 10)]
    ['Momentum', 'Adam']
    """
    return tuple(strip_of(surface, start, method, n_steps) for method in methods)


@dataclass(frozen=True, eq=False)
class Lineup:
    """Who starts where: the `surface` in its `window`, the `start` (2,), the `methods`, and a strip of rates for each."""

    surface: Surface
    window: Window
    start: Array
    methods: tuple[str, ...]
    n_steps: int
    strips: tuple[Strip, ...]


def lineup(surface: Surface, window: Window, start: ArrayLike, methods: Sequence[str], n_steps: int) -> Lineup:
    """Bring methods to a start on a surface, and try each with 64 rates.

    Args:
        surface, start, n_steps: as for `descend`; one start.
        window: left, right, bottom, top in which it is looked at.
        methods: names.
    Returns: Lineup.
    Raises: ValueError when an argument is out of range, or the surface has no value or no slope at the start.
    Source: Schmidt, Schneider and Hennig, 2021, Descending through a crowded valley.

    >>> from mml_core.quadratics import Quadratic
    >>> lineup(Quadratic(), (-3, 3, -3, 3), (2, 1), ["Momentum"], 10).strips[0].method
    'Momentum'
    """
    model = tangent_plane(surface, start)  # says what is wrong where there is none
    tried = strips(surface, model.at, methods, n_steps)
    return Lineup(surface, checks.window(window), model.at, tuple(methods), n_steps, tried)


def race(
    surface: Surface, start: ArrayLike, methods: Sequence[str], rates: Sequence[float | None], n_steps: int
) -> tuple[Descent, ...]:
    """Let methods walk from one start, each with its own rate, or with the one that its strip says is best.

    Args:
        surface, start, n_steps: as for `descend`; one start.
        methods: names.
        rates: a rate for each, None for its best.
    Returns: a Descent for each method.
    Raises: ValueError when an argument is out of range, or there are not as many rates as methods.
    Source: Schmidt, Schneider and Hennig, 2021, Descending through a crowded valley.

    >>> from mml_core.quadratics import Quadratic
    >>> [d.learning_rate for d in race(Quadratic(1.0, 0.0, 1.0), (2, 1), ["Newton"], [1.0], 3)]
    [1.0]
    """
    if len(methods) != len(rates):
        raise ValueError(f"there are {len(methods)} methods and {len(rates)} rates; give each method one, or None.")
    start = checks.vector(start, 2, "the start")
    best = [strip_of(surface, start, m, n_steps).best if r is None else r for m, r in zip(methods, rates, strict=True)]
    return tuple(descend(surface, start, m, r, n_steps) for m, r in zip(methods, best, strict=True))


@dataclass(frozen=True, eq=False)
class Basins:
    """Where a method leads from every start of a window.

    `index` (n, n), row 0 at the top: which of `places` (k, 2), the most frequent first, -1 for none of them; `shares` (k,) of
    all starts; `lost` the share that diverged; `on_the_way` the share that had not settled.
    """

    index: NDArray[np.intp]
    places: Array
    shares: Array
    lost: float
    on_the_way: float


def basins(
    surface: Surface, window: Sequence[float], method: str, learning_rate: float, n_steps: int, n: int = 100,
    report: Callable[[int, int], None] | None = None,
) -> Basins:  # fmt: skip
    """Let a method start from each of n x n pixels, and gather the starts that end in the same place.

    Ends within a twenty-fifth of the window of a place are one place, as long as at least one start in a thousand, and the
    middle of those there, has come to rest (a slope under 1e-3 of the steepest at the starts).
    Args:
        surface, method, learning_rate, n_steps: as for `descend`.
        window: left, right, bottom, top.
        n: pixels along each side, 2 to 400.
        report: called with how many starts are done, and how many there are.
    Returns: Basins, at most 64 places.
    Raises: ValueError when an argument is out of range.
    Source: Cayley, 1879, The Newton-Fourier imaginary problem.

    >>> from mml_core.quadratics import Quadratic
    >>> found = basins(Quadratic(1.0, 0.0, 2.0), (-1, 1, -1, 1), "Newton", 1.0, 3, 10)
    >>> found.places.round(6).tolist(), found.shares.tolist()
    ([[0.0, 0.0]], [1.0])
    """
    left, right, bottom, top = checks.window(window)
    n = checks.whole_number(n, "n", 2, 400)
    middles = (np.arange(n) + 0.5) / n
    x, y = (a.ravel() for a in np.meshgrid(left + middles * (right - left), top - middles * (top - bottom)))
    starts = np.column_stack([x, y])
    ends, kinds = np.empty_like(starts), np.empty(len(starts), "U20")
    for k in range(0, len(starts), CROWDED):
        if report is not None:
            report(k, len(starts))
        run = descend(surface, starts[k : k + CROWDED], method, learning_rate, n_steps, keep="last")
        ends[k : k + CROWDED], kinds[k : k + CROWDED] = run.points[-1], run.endings
    if report is not None:
        report(len(starts), len(starts))
    gone = ~np.isfinite(ends).all(axis=1)
    with np.errstate(all="ignore"):
        slope = np.hypot(*np.broadcast_arrays(*surface.gradient(ends[:, 0], ends[:, 1])))
        first = np.hypot(*np.broadcast_arrays(*surface.gradient(x, y)))
    still = ~gone & (slope <= 1e-3 * np.nanmax(np.where(np.isfinite(first), first, np.nan)))
    index, places = _gathered(ends, still, (right - left) / 50, max(1, len(starts) // 1000))
    shares = np.array([np.mean(index == i) for i in range(len(places))])
    lost = float(gone.mean())
    return Basins(index.reshape(n, n), places, shares, lost, max(0.0, 1.0 - lost - float(shares.sum())))


def _gathered(ends: Array, still: NDArray[np.bool_], near: float, least: int) -> tuple[NDArray[np.intp], Array]:
    """Return for each end its place, -1 for none, and the places, the most frequent first."""
    index, places = np.full(len(ends), -1), list[Array]()
    cells = np.round(ends[still] / near)
    left = np.flatnonzero(still)
    while len(left) and len(places) < MOST_PLACES:
        found, counts = np.unique(cells, axis=0, return_counts=True)
        if counts.max() < least:
            break
        crowd = (np.abs(cells - found[np.argmax(counts)]) <= 1).all(axis=1)
        place = np.median(ends[left[crowd]], axis=0)
        mine = np.hypot(*(ends[left] - place).T) <= 2 * near
        index[left[mine]] = len(places)
        places.append(place)
        left, cells = left[~mine], cells[~mine]
    order = np.argsort([-np.count_nonzero(index == i) for i in range(len(places))], kind="stable")
    renamed = np.append(np.argsort(order), -1)
    return renamed[index], np.array(places).reshape(-1, 2)[order]


def lowest_known(surface: Surface, *values: ArrayLike) -> float:
    """Return the lowest value of a surface that anyone has seen: its own where that is known, else the least of `values`.

    >>> from mml_core.quadratics import Quadratic
    >>> lowest_known(Quadratic(1.0, 0.0, 1.0), [3.0]), lowest_known(Quadratic(1.0, 0.0, -1.0), [3.0, math.nan])
    (0.0, 3.0)
    """
    known = float(getattr(surface, "lowest", math.nan))
    if not math.isnan(known):
        return known
    seen = np.concatenate([np.empty(0), *(np.ravel(np.asarray(v, float)) for v in values)])
    return float(seen[np.isfinite(seen)].min(initial=math.inf))
