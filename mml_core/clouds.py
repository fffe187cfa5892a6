"""A cloud of points in the plane: its rectangles, its shadows on a line, its spread in every direction, its fitted lines."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mml_core import checks, statistics
from mml_core.checks import Array
from mml_core.made_clouds import unit_circle
from mml_core.pca import Fit
from mml_core.statistics import Moments

MOST = 1e100  # in size: the squares still add up
UPRIGHT = 1e-15  # of one spread in the other: an upright line is not quite upright, as cos(pi / 2) is 6e-17


@dataclass(frozen=True, eq=False)
class Rectangles:
    """The signed rectangles from the mean to each point.

    `mean`, shape (2,); `centred` points minus mean, the sides, shape (n, 2); `products` the signed areas, shape (n,): above 0
    where a point lies right of and above the mean, or left of and below it; `covariance` their sum / (n - 1).
    """

    mean: Array
    centred: Array
    products: Array
    covariance: float


@dataclass(frozen=True, eq=False)
class Shadows:
    """The shadows of the points on a line through their mean.

    `direction` u = (cos angle, sin angle), shape (2,); `coordinates` from the mean along u, shape (n,); `feet` the same as
    points of the plane, shape (n, 2); `variance` of the coordinates and `error`, the squared distances from the feet, both
    averaged with n - 1; `total` the variances of x and y together: variance + error = total whatever the angle.
    """

    direction: Array
    coordinates: Array
    feet: Array
    variance: float
    error: float
    total: float


@dataclass(frozen=True, eq=False)
class BestDirection:
    """The direction of the largest variance.

    `angle` in radians, 0 <= angle < pi; `variances` along it and perpendicular to it, shape (2,), the larger first; `tied`
    whether both are equal to 1e-9 of the larger: then no direction is best, and the angle is one of many.
    """

    angle: float
    variances: Array
    tied: bool


@dataclass(frozen=True, eq=False)
class FittedLines:
    """Three lines through the mean, each with the least sum of squares in its own way of measuring.

    `mean`, shape (2,); `slope` of y on x, y = mean_y + slope (x - mean_x); `inverse_slope` of x on y, x = mean_x +
    inverse_slope (y - mean_y); `angle` of the first principal component in radians, 0 <= angle < pi; `upright`, `across`,
    `perpendicular` from each point to its foot on the first, second, third line, shape (n, 2, 2); `sums` of their squared
    lengths, shape (3,).
    """

    mean: Array
    slope: float
    inverse_slope: float
    angle: float
    upright: Array
    across: Array
    perpendicular: Array
    sums: Array


@dataclass(frozen=True, eq=False)
class Summary:
    """What is to be said of points.
    Attributes:
        X: the points, standardised if asked for, (n, 2).
        mean, covariance: of these, (2,) and (2, 2).
        correlation: of x and y, None where one of them does not vary.
        best: the direction of the largest variance.
        standardised: whether they were.
    """

    X: Array
    mean: Array
    covariance: Array
    correlation: float | None
    best: BestDirection
    standardised: bool


@dataclass(frozen=True, eq=False)
class Chunked:
    """What is kept of each chunk of a table, `parts`, and of all once they are `merged` one after another.

    `largest_difference` of a merged covariance to the one of a single pass, in units of the columns' standard deviations.
    """

    parts: tuple[Moments, ...]
    merged: Moments
    largest_difference: float


def rectangles(X: ArrayLike) -> Rectangles:
    """Return the signed rectangle of each point: (x - mean_x)(y - mean_y); their sum / (n - 1) is the covariance.

    Args:
        X: points, shape (n, 2), n >= 2, entries up to 1e100 in size.
    Returns: Rectangles.
    Raises: ValueError when there is one point only or X does not fit.

    >>> found = rectangles([[0, 0], [1, 2], [2, 4]])
    >>> found.products, found.covariance
    (array([2., 0., 2.]), 2.0)
    """
    mean, Z = _centred_points(X)
    products = Z[:, 0] * Z[:, 1]
    return Rectangles(mean, Z, products, float(products.sum() / (len(Z) - 1)))


def shadows(X: ArrayLike, angle: float) -> Shadows:
    """Return the shadows of points on the line through their mean: coordinates t = (x - mean) . u, feet mean + t u.

    Args:
        X: points, shape (n, 2), n >= 2, entries up to 1e100 in size.
        angle: of the line, in radians from the x axis.
    Returns: Shadows; by Pythagoras variance + error is the same at every angle.
    Raises: ValueError when there is one point only or an argument does not fit.
    Source: K. Pearson, 1901, On lines and planes of closest fit to systems of points in space.

    >>> found = shadows([[0, 0], [2, 2], [4, 1]], 0)
    >>> found.variance, found.error, round(found.total, 12)
    (4.0, 1.0, 5.0)
    """
    angle = checks.number(angle, "angle")
    mean, Z = _centred_points(X)
    u = np.array([math.cos(angle), math.sin(angle)])
    t = Z @ u
    shadow = np.outer(t, u)
    n = len(Z)
    total = float(np.trace(statistics.covariance(X)))
    return Shadows(u, t, mean + shadow, float(t @ t / (n - 1)), float(((Z - shadow) ** 2).sum() / (n - 1)), total)


def spread_around(C: ArrayLike, n_directions: int = 181) -> Array:
    """Return the curve that is as far from 0 in each direction as the standard deviation along it: sqrt(u'Cu) u.

    Args:
        C: a covariance matrix, shape (2, 2).
        n_directions: points of the curve, 2 to 10,000, the last equal to the first.
    Returns: the curve, shape (n_directions, 2), around `deviation_ellipse`, which it touches at the eigenvectors only.
    Raises: ValueError when C is no covariance matrix or a number is out of range.

    >>> spread_around([[4, 0], [0, 1]], 5).round(12) + 0.0
    array([[ 2.,  0.],
           [ 0.,  1.],
           [-2.,  0.],
           [ 0., -1.],
           [ 2.,  0.]])
    """
    C, U = _plane_covariance(C), _closed_circle(n_directions)
    curve: Array = np.sqrt(np.maximum(np.einsum("ni,ij,nj->n", U, C, U), 0))[:, None] * U
    return curve


def deviation_ellipse(C: ArrayLike, n_points: int = 121) -> Array:
    """Return the ellipse of one standard deviation, {x: x' C^-1 x = 1}, as the unit circle under L, C = L L'.

    With L = V sqrt(lambda) from the eigenvectors, which needs no inverse: where a variance is 0 the ellipse is a segment.
    Args:
        C: a covariance matrix, shape (2, 2).
        n_points: 2 to 10,000, the last equal to the first.
    Returns: the ellipse about 0, shape (n_points, 2).
    Raises: ValueError when C is no covariance matrix or a number is out of range.

    >>> np.abs(deviation_ellipse([[4, 0], [0, 1]])).max(axis=0)
    array([2., 1.])
    """
    eigenvalues, V = np.linalg.eigh(_plane_covariance(C))
    L = V * np.sqrt(np.maximum(eigenvalues, 0))
    ellipse: Array = _closed_circle(n_points) @ L.T
    return ellipse


def best_direction(C: ArrayLike) -> BestDirection:
    """Return the direction of the largest variance, the eigenvector of the larger eigenvalue: 1/2 atan2(2c, a - b).

    Args:
        C: a covariance matrix [[a, c], [c, b]], shape (2, 2).
    Returns: BestDirection, its variances (a + b) / 2 +- sqrt((a - b)^2 / 4 + c^2).
    Raises: ValueError when C is not symmetric or has a direction of negative variance.

    >>> found = best_direction([[2, 1], [1, 2]])
    >>> round(found.angle, 4), found.variances, found.tied
    (0.7854, array([3., 1.]), False)
    """
    (a, c), (_, b) = _plane_covariance(C).tolist()
    angle = 0.5 * math.atan2(2 * c, a - b)
    angle += math.pi if angle < 0 else 0.0
    half = math.hypot((a - b) / 2, c)
    larger = (a + b) / 2 + half
    smaller = max(a * (b / larger) - c * (c / larger), 0.0) if larger else 0.0  # det / larger: a difference would round to 0
    return BestDirection(angle if angle < math.pi else 0.0, np.array([larger, smaller]), 2 * half <= 1e-9 * larger)


def lines(X: ArrayLike) -> FittedLines:
    """Return the line of y on x, the line of x on y and the first principal component.

    With sums s_xx, s_xy, s_yy of centred products: slope s_xy / s_xx, inverse slope s_xy / s_yy; their product is r^2.
    Args:
        X: points, shape (n, 2), n >= 2, entries up to 1e100 in size, that differ in x and in y.
    Returns: FittedLines.
    Raises: ValueError when all x or all y are the same, there is one point only or X does not fit.
    Source: K. Pearson, 1901, On lines and planes of closest fit to systems of points in space.

    >>> found = lines([[0, 0], [1, 1], [2, 0], [3, 1]])
    >>> round(found.slope, 12), round(found.inverse_slope, 12), found.sums.round(4)
    (0.2, 1.0, array([0.8   , 4.    , 0.7639]))
    """
    X = checks.points(X)
    mean, Z = _centred_points(X)
    U = Z / (np.abs(Z).max() or 1.0)  # in a unit of their own size: neither tiny nor huge squares
    deviations = np.sqrt((U**2).sum(axis=0))
    for deviation, column, other in zip(deviations, "xy", "yx", strict=True):
        if deviation <= UPRIGHT * deviations.max():
            raise ValueError(f"all points have the same {column}, so no line tells {other} from {column}; move one aside.")
    slope, inverse_slope = ((U[:, 0] @ U[:, 1]) / deviations**2).tolist()
    angle = best_direction(U.T @ U).angle
    u = np.array([math.cos(angle), math.sin(angle)])
    x, y = Z.T
    residuals = (np.c_[0 * x, y - slope * x], np.c_[x - inverse_slope * y, 0 * y], Z - np.outer(Z @ u, u))
    upright, across, perpendicular = (np.stack([X, X - rest], axis=1) for rest in residuals)
    sums = np.array([(rest**2).sum() for rest in residuals])
    return FittedLines(mean, slope, inverse_slope, angle, upright, across, perpendicular, sums)


def summary(X: ArrayLike, standardise: bool = False) -> Summary:
    """Return what is to be said of points: mean, covariance, correlation and the best direction.

    Args:
        X: points, shape (n, 2), n >= 2, entries up to 1e100 in size.
        standardise: whether each coordinate is centred and divided by its standard deviation first.
    Returns: Summary.
    Raises: ValueError when there is one point only, X does not fit, or a coordinate that is to be standardised does not vary.

    >>> found = summary([[0, 0], [1, 2], [2, 4]], standardise=True)
    >>> found.X.tolist(), found.correlation
    ([[-1.0, -1.0], [0.0, 0.0], [1.0, 1.0]], 1.0)
    """
    mean, Z = _centred_points(X)
    X = checks.points(X)
    C = statistics.covariance(X)
    deviations = np.sqrt(np.diag(C))
    still = deviations <= UPRIGHT * deviations.max()
    if standardise:
        for is_still, name in zip(still, "xy", strict=True):
            if is_still:
                raise ValueError(f"{name} is the same at all points, so it cannot be standardised; move one aside.")
        X, mean, C = Z / deviations, np.zeros(2), statistics.to_correlation(C)
    correlation = None if still.any() else float(statistics.to_correlation(C)[0, 1])
    return Summary(X, mean, C, correlation, best_direction(C), standardise)


def one_direction(X: ArrayLike, angle: float) -> Fit:
    """Return a direction that was chosen by hand as if it were a principal component: u = (cos angle, sin angle).

    Args:
        X: points, shape (n, 2), n >= 2, entries up to 1e100 in size.
        angle: in radians from the x axis.
    Returns: Fit with that one component.
    Raises: ValueError when there is one point only, all are at the same place, or an argument does not fit.

    >>> one_direction([[0, 0], [2, 2], [4, 1]], 0).project([[5, 5]])
    array([[3.]])
    """
    found = shadows(X, angle)
    if found.total == 0:
        raise ValueError("all points are at the same place; move one aside.")
    variance = np.array([found.variance])
    mean = statistics.mean(X)
    return Fit(
        mean,
        np.ones(2),
        found.direction[None],
        variance,
        variance / found.total,
        found.total,
        len(found.feet),
        "hand",
        "chosen",
    )


def chunked(X: ArrayLike, n_chunks: int) -> Chunked:
    """Return the moments of a table chunk by chunk, merged one after another, beside those of a single pass.

    Args:
        X: samples, shape (n_samples, n_features), n_samples >= 2.
        n_chunks: 1 to n_samples; the first chunks are one longer where they cannot be equal.
    Returns: Chunked.
    Raises: ValueError when there are too few samples or too many chunks.
    Source: T. Chan, G. Golub and R. LeVeque, 1983, Algorithms for computing the sample variance.

    >>> found = chunked([[1.0], [2.0], [3.0], [6.0]], 2)
    >>> [part.n for part in found.parts], found.merged.covariance(), found.largest_difference
    ([2, 2], array([[4.66666667]]), 0.0)
    """
    X = checks.matrix(X, (None, None), "X")
    C = statistics.covariance(X)
    n_chunks = checks.whole_number(n_chunks, "n_chunks", 1, len(X))
    parts = tuple(statistics.moments(part) for part in np.array_split(X, n_chunks))
    merged = functools.reduce(statistics.merge, parts)
    deviations = np.sqrt(np.diag(C))
    unit = np.where(deviations > 0, deviations, 1)
    return Chunked(parts, merged, float((np.abs(merged.covariance() - C) / unit / unit[:, None]).max()))


def histogram(values: ArrayLike, low: float, high: float, n_bins: int = 24) -> Array:
    """Count the values in each of equally wide bins; those outside are counted in the first and the last.

    Args:
        values: shape (n,).
        low, high: where the first bin begins and the last one ends, low < high; a value between two bins is in the upper one.
        n_bins: 1 to 1,000.
    Returns: the counts, shape (n_bins,); their sum is n.
    Raises: ValueError when a number is not finite or out of range, or low is not below high.

    >>> histogram([-9, 0.5, 1, 1.5, 3], 0, 3, 3)
    array([2., 2., 1.])
    """
    values, n_bins = checks.vector(values, name="values"), checks.whole_number(n_bins, "n_bins", 1, 1000)
    low, high = checks.number(low, "low"), checks.number(high, "high")
    if not low < high:
        raise ValueError(f"the bins go from {low:.4g} to {high:.4g}; low must be below high.")
    return np.asarray(np.histogram(np.clip(values, low, high), n_bins, (low, high))[0], np.float64)


def _centred_points(X: ArrayLike) -> tuple[Array, Array]:
    """Return the mean of at least two points of the plane, and the points minus it."""
    X = checks.points(X) if np.size(X) else np.empty((0, 2))
    if len(X) < 2:
        raise ValueError(f"there {'is 1 point' if len(X) else 'are no points'}; at least two are needed to vary.")
    if np.abs(X).max() > MOST:
        raise ValueError(f"X has an entry of {np.abs(X).max():.4g} in size; give at most {MOST:g}, or other units.")
    return statistics.without_mean(X)


def _plane_covariance(C: ArrayLike) -> Array:
    """Return a covariance matrix of the plane, symmetric to the last digit, or say why it is none."""
    C = checks.matrix(C, (2, 2), "C")
    size = np.abs(C).max()
    if abs(C[0, 1] - C[1, 0]) > 1e-9 * size:
        raise ValueError(f"C has {C[0, 1]:.4g} above and {C[1, 0]:.4g} below its diagonal; a covariance matrix has the same.")
    C[0, 1] = C[1, 0]
    lowest = np.linalg.eigvalsh(C)[0]
    if lowest < -1e-9 * size:
        raise ValueError(f"C has the eigenvalue {lowest:.4g}; no variance, and so no eigenvalue of a covariance, is below 0.")
    return C


def _closed_circle(n_points: int) -> Array:
    """Return points of the unit circle, the last equal to the first."""
    circle = unit_circle(np.linspace(0, 2 * np.pi, checks.whole_number(n_points, "the number of points", 2, 10_000)))
    circle[-1] = circle[0]
    return circle
