"""Orders of pages: by rank, by links in, and where the two differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mml_core import checks
from mml_core.checks import Array

Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class AtLeast:
    """Which share of the pages has at least a value: `values` ascending (k,), `shares` descending from 1 (k,)."""

    values: Array
    shares: Array


def places(values: ArrayLike) -> Ints:
    """Return each page's place: 1 + the number of pages with a larger value, so that equal pages share a place.

    Args:
        values: ranks or degrees, shape (n,).
    Returns: whole numbers from 1 to n, shape (n,).
    Raises: ValueError when the values are not finite numbers.

    >>> places([0.2, 0.5, 0.2, 0.1])
    array([2, 1, 2, 4])
    """
    x = checks.vector(values, name="the values")
    ascending = np.sort(x)
    found: Ints = 1 + len(x) - np.searchsorted(ascending, x, side="right")
    return found


def expected_ranks(in_degrees: ArrayLike, damping: float) -> Array:
    """Return the ranks that pages would have if only the number of their links in counted.

    r_i = (1 - d)/n + d k_i / sum(k): each link brings equally much. Without any link all are equal.
    Args:
        in_degrees: k, links (or their weights) into each page, shape (n,), not negative.
        damping: d, the chance of following a link, 0 to 1.
    Returns: numbers that add up to 1, shape (n,).
    Raises: ValueError when a degree is negative or the damping is out of range.
    Source: Fortunato, Boguna, Flammini and Menczer, 2008, Approximating PageRank from In-Degree, section 3.

    >>> expected_ranks([3, 1, 0, 0], 0.8).round(3)
    array([0.65, 0.25, 0.05, 0.05])
    """
    k, d = checks.vector(in_degrees, name="the degrees"), checks.number(damping, "the damping", 0, 1)
    if (k < 0).any():
        raise ValueError("a degree is negative; a page has 0 links in, or more.")
    shares = k / k.sum() if k.any() else np.full(len(k), 1 / len(k))
    return (1 - d) / len(k) + d * shares


def outliers(ranks: ArrayLike, expected: ArrayLike, n_outliers: int) -> Ints:
    """Return the pages that are worth a name: far above, or far below, what their number of links in lets expect.

    Half of them have the largest rank_i / expected_i among the pages of high rank, half the smallest among the pages of high
    expectation; high is the first hundredth, twenty pages at least. A page that is as expected is none.
    Args:
        ranks: shape (n,), positive.
        expected: the expected ranks, shape (n,), positive.
        n_outliers: how many at most.
    Returns: positions, those far above first, shape (at most n_outliers,).
    Raises: ValueError when the shapes differ or a number is not positive.

    >>> outliers([0.4, 0.3, 0.2, 0.1], [0.2, 0.5, 0.2, 0.1], 2)
    array([0, 1])
    """
    r = checks.vector(ranks, name="the ranks")
    e = checks.vector(expected, len(r), "the expected ranks")
    n_outliers = checks.whole_number(n_outliers, "n_outliers", 0, 1000)
    if (r <= 0).any() or (e <= 0).any():
        raise ValueError("a rank is 0 or negative; with a damping below 1 and jumps to anywhere every page has some.")
    ratio, high = r / e, max(20, len(r) // 100)
    above, below = (np.argsort(-x, kind="stable")[:high] for x in (r, e))
    above = above[np.argsort(-ratio[above], kind="stable")][: (n_outliers + 1) // 2]
    below = below[np.argsort(ratio[below], kind="stable")][: n_outliers // 2]
    found: Ints = np.concatenate([above[ratio[above] > 1 + 1e-9], below[ratio[below] < 1 - 1e-9]])
    return found


def at_least(values: ArrayLike, n_points: int = 400) -> AtLeast:
    """Return which share of the pages has at least a value, at places that are even on an axis of powers of ten.

    share(x) = |{i: value_i >= x}| / n. On log-log axes a power law is a straight line.
    Args:
        values: ranks or degrees, shape (n,); zeros are counted, but no share is given at 0.
        n_points: how many places at most; where there are fewer different values, each is one.
    Returns: AtLeast, empty when no value is positive.
    Raises: ValueError when the values are not finite numbers or there are fewer than 2 places.

    >>> at_least([0, 1, 1, 2])
    AtLeast(values=array([1., 2.]), shares=array([0.75, 0.25]))
    """
    x = np.sort(checks.vector(values, name="the values"))
    n_points = checks.whole_number(n_points, "n_points", 2, 100_000)
    first = np.flatnonzero(np.diff(x, prepend=-np.inf) > 0)  # where each different value begins
    first = first[x[first] > 0]
    if len(first) > n_points:
        wanted = np.geomspace(x[first[0]], x[-1], n_points)
        first = first[np.unique(np.searchsorted(x[first], wanted * (1 - 1e-12)).clip(max=len(first) - 1))]
    return AtLeast(x[first], 1 - first / len(x))
