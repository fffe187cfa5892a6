"""Clouds of points in the plane, made with precisely the spread that is asked for."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from mml_core import checks, statistics
from mml_core.checks import Array

CLOUDS = ("Gaussian", "Parabola", "Ring", "Two groups", "Steep line", "Flat line", "Codes")
SLOPES = {"Steep line": 4.0, "Flat line": 0.25}
N_CODES = 4  # of the kinds that are numbered, dealt round
LINE_CORRELATION = 0.95  # of both lines: it says nothing about the slope
FARTHEST = 2.4  # draws farther out lie there, so that a cloud fits its picture
GROUP_PLACE = 3.0  # half the distance of the two groups in units of their own standard deviation
OUTLIERS = np.array([(0.8, 5.2), (1.6, 4.8), (0.0, 5.0), (2.2, 5.0), (1.2, 4.4)])  # along and across, at most 5.5 away


def cloud(
    name: str,
    n_samples: int = 40,
    spread: float = 2.0,
    width: float = 0.7,
    tilt: float = 0.5,
    n_outliers: int = 0,
    seed: int = 1,
) -> Array:
    """Return a made cloud about 0: points of covariance I under a matrix M, whose covariance is therefore M M'.

    Gaussian, Two groups: standard deviation `spread` along the direction `tilt` and `width` across it. Parabola, Codes:
    `spread` along x and `width` along y. Ring: `spread` in every direction. Steep and Flat line: `spread` along y and along x,
    with the correlation 0.95 and the slopes 4 and 1/4 of y on x. Outliers come after that, and change it.
    Args:
        name: one of `CLOUDS`.
        n_samples: 3 to 200.
        spread: 0.1 to 2.5.
        width: 0 to 2.5; plays no part in Ring and the lines.
        tilt: in radians; plays a part in Gaussian and Two groups only.
        n_outliers: 0 to 5, at most n_samples: so many of the last points are moved far off across the cloud.
        seed: of the draw, 0 or more; plays no part in Parabola and Ring.
    Returns: the points, shape (n_samples, 2).
    Raises: ValueError when there is no cloud of that name or a number is out of range.

    >>> statistics.covariance(cloud("Gaussian", spread=2, width=0.5, tilt=0)).round(12) + 0.0
    array([[4.  , 0.  ],
           [0.  , 0.25]])
    """
    if name not in CLOUDS:
        raise ValueError(f"there is no cloud {name!r}; choose one of {', '.join(CLOUDS)}.")
    n = checks.whole_number(n_samples, "n_samples", 3, 200)
    spread, width = checks.number(spread, "spread", 0.1, 2.5), checks.number(width, "width", 0, 2.5)
    k = checks.whole_number(n_outliers, "n_outliers", 0, min(n, len(OUTLIERS)))
    shape = _cloud_shape(name, n, checks.whole_number(seed, "the seed"))
    M = _cloud_matrix(name, spread, width, checks.number(tilt, "tilt"))
    X = unit_covariance(shape) @ M.T
    u = M[:, 0] / np.hypot(*M[:, 0])
    X[n - k :] = (OUTLIERS @ [u, [-u[1], u[0]]])[:k][::-1]  # the first outlier is the last point, however many there are
    return X


def unit_covariance(Z: ArrayLike) -> Array:
    """Return points shifted, scaled and sheared until their mean is 0 and their covariance I: sqrt(n - 1) Q, Z - mean = Q R.

    Args:
        Z: points, shape (n, d), n > d.
    Returns: the points, shape (n, d).
    Raises: ValueError when there are too few points or they lie in fewer dimensions.

    >>> unit_covariance([[1], [2], [3]]).round(12)
    array([[-1.],
           [ 0.],
           [ 1.]])
    """
    Z = checks.matrix(Z, (None, None), "Z")
    n, d = Z.shape
    # The mean and the spread of a draw are only about those of what it is drawn from. Made precise here, a slider that says
    # "standard deviation 2" gives 2, and the reader can check every formula against it.
    Z = statistics.without_mean(Z)[1]
    Q, R = np.linalg.qr(Z)
    sides = np.diag(R)
    if n <= d or (np.abs(sides) <= 1e-12 * np.abs(Z).max()).any():
        raise ValueError(f"the {n} points spread in fewer than {d} dimensions; give points that spread in all.")
    return math.sqrt(n - 1) * Q * np.sign(sides)  # without the signs a further point might turn the cloud over


def unit_circle(angles: Array) -> Array:
    """Return the points of the unit circle at these angles."""
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _cloud_shape(name: str, n: int, seed: int) -> Array:
    """Return points of the form that the cloud has, of any mean and spread."""
    i = np.arange(n)
    if name == "Ring":
        return unit_circle(2 * np.pi * i / n)
    if name == "Parabola":
        x = i - (n - 1) / 2
        return np.stack([x, x * x], axis=1)
    rng = np.random.default_rng(seed)
    if name == "Codes":
        return np.stack([i % N_CODES, rng.uniform(-1, 1, n)], axis=1)
    Z: Array = np.clip(rng.standard_normal((n, 2)), -FARTHEST, FARTHEST)
    if name == "Two groups":
        Z[:, 0] += GROUP_PLACE * (-1.0) ** i
    if name in SLOPES:
        Z[:, 0] = rng.uniform(-1, 1, n)  # evenly along x, so that no point is far out
    return Z


def _cloud_matrix(name: str, spread: float, width: float, tilt: float) -> Array:
    """Return the matrix M that makes a cloud of points with covariance I; its first column points along the cloud."""
    if name == "Ring":
        return spread * np.eye(2)
    if name in ("Parabola", "Codes"):
        return np.diag([spread, width])
    if name in SLOPES:
        r, ratio = LINE_CORRELATION, SLOPES[name] / LINE_CORRELATION  # the slope is r s_y / s_x
        s_x, s_y = spread / max(ratio, 1), spread * min(ratio, 1)
        return np.array([[s_x, 0], [r * s_y, math.sqrt(1 - r * r) * s_y]])
    c, s = math.cos(tilt), math.sin(tilt)
    return np.array([[c, -s], [s, c]]) * [spread, width]
