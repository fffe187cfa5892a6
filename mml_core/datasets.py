"""Toy data for neural networks: classes and heights in a square, curves, a heart, and handwritten digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import CubicSpline

from mml_core import checks
from mml_core.checks import Array

MOST_DRAWN = 100_000
BUMPS = np.array([(-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1)])  # x, y, sign
# At u = 0, pi/8, ... on (16 sin^3 u, 13 cos u - 5 cos 2u - 2 cos 3u - cos 4u), made to fit the unit square.
HEART = (
    *((0.50, 0.71), (0.53, 0.79), (0.66, 0.89), (0.85, 0.86), (0.95, 0.68), (0.85, 0.48), (0.66, 0.30), (0.53, 0.16)),
    *((0.50, 0.09), (0.47, 0.16), (0.34, 0.30), (0.15, 0.48), (0.05, 0.68), (0.15, 0.86), (0.34, 0.89), (0.47, 0.79)),
)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples and what a network is to answer.

    `X` shape (n, d); `y` shape (n,), the value, or the number 0, 1, ... of the class as a float; `classes` their names, empty
    where values are predicted.
    """

    X: Array
    y: Array
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class ClosedCurve:
    """Places on a closed curve in the plane: `t` from 0 to 1 (not included), shape (n, 1); `points` there, shape (n, 2)."""

    t: Array
    points: Array


def circles(n_samples: int = 500, noise: float = 0.0, seed: int = 1) -> Dataset:
    """Draw a disc of radius 2.5 inside a ring of radii 3.5 to 5; class 1 is inside.

    x = r (sin u, cos u), r and u uniform. y = 1 where |x + shift| < 2.5, the shift uniform in [-5, 5]^2 times the noise: so
    noise changes labels, most near the border, and leaves the points where they are.
    Args:
        n_samples: 2 to 100000; half of them, rounded up, lie inside and come first.
        noise: 0 to 0.5.
        seed: 0 or more.
    Returns: Dataset, X of shape (n_samples, 2).
    Raises: ValueError when a number is out of range.
    Source: Smilkov et al., 2017, Direct-manipulation visualization of deep networks (TensorFlow Playground).

    >>> circles(5).y.tolist()
    [1.0, 1.0, 1.0, 0.0, 0.0]
    """
    n, noise, rng = _checked_draw(n_samples, noise, seed)
    # Uniform in the radius, not in the area: denser towards the middle, as in the Playground.
    luck, u = rng.random(n), rng.uniform(0, 2 * np.pi, n)
    r = np.where(np.arange(n) < n - n // 2, 2.5 * luck, 3.5 + 1.5 * luck)
    X = np.column_stack([r * np.sin(u), r * np.cos(u)])
    x, y = _shifted(X, 5 * noise, rng).T
    return Dataset(X, (np.hypot(x, y) < 2.5).astype(float), ("outside", "inside"))


def exclusive_or(n_samples: int = 500, noise: float = 0.0, seed: int = 1) -> Dataset:
    """Draw four squares of points; class 1 are the two where both coordinates have the same sign.

    X is uniform in [-5, 5]^2, then each coordinate moves 0.3 away from 0, so |x_j| goes from 0.3 to 5.3. y = 1 where
    x_1 x_2 >= 0 at the point shifted by uniform [-5, 5]^2 times the noise; the points stay.
    Args:
        n_samples: 2 to 100000.
        noise: 0 to 0.5.
        seed: 0 or more.
    Returns: Dataset, X of shape (n_samples, 2).
    Raises: ValueError when a number is out of range.
    Source: Smilkov et al., 2017, as for `circles`.

    >>> data = exclusive_or(100)
    >>> bool((data.y == (data.X[:, 0] * data.X[:, 1] >= 0)).all())
    True
    """
    n, noise, rng = _checked_draw(n_samples, noise, seed)
    X = rng.uniform(-5, 5, (n, 2))
    # A gap about the axes, so that without noise no point lies on a border.
    X += np.where(X > 0, 0.3, -0.3)
    x, y = _shifted(X, 5 * noise, rng).T
    return Dataset(X, (x * y >= 0).astype(float), ("different signs", "same sign"))


def blobs(n_samples: int = 500, noise: float = 0.0, seed: int = 1) -> Dataset:
    """Draw two round Gaussian clouds, class 1 about (2, 2) and class 0 about (-2, -2).

    Each coordinate has variance 0.5 + 7 noise: the standard deviation goes from 0.71 to 2, and noise moves the points, some
    of them out of [-6, 6]^2. The labels stay.
    Args:
        n_samples: 2 to 100000; half of them, rounded up, are of class 1 and come first.
        noise: 0 to 0.5.
        seed: 0 or more.
    Returns: Dataset, X of shape (n_samples, 2).
    Raises: ValueError when a number is out of range.
    Source: Smilkov et al., 2017, as for `circles`.

    >>> blobs(5).y.tolist()
    [1.0, 1.0, 1.0, 0.0, 0.0]
    """
    n, noise, rng = _checked_draw(n_samples, noise, seed)
    y = (np.arange(n) < n - n // 2).astype(float)
    # The luck is drawn in units of the deviation, so that points move smoothly as noise grows.
    X = (4 * y - 2)[:, None] + np.sqrt(0.5 + 7 * noise) * rng.standard_normal((n, 2))
    return Dataset(X, y, ("lower left", "upper right"))


def spirals(n_samples: int = 500, noise: float = 0.0, seed: int = 1) -> Dataset:
    """Draw two arms that wind around each other; class 1 is the one that starts upwards.

    The i-th of the m points of an arm, i = 1 to m, lies at r (sin u, cos u) with r = 5 i / m and u = 3.5 pi i / m, plus pi for
    class 0; then uniform [-1, 1]^2 times the noise moves it.
    Args:
        n_samples: 2 to 100000; half of them, rounded up, are of class 1 and come first.
        noise: 0 to 0.5.
        seed: 0 or more.
    Returns: Dataset, X of shape (n_samples, 2).
    Raises: ValueError when a number is out of range.
    Source: Smilkov et al., 2017, as for `circles`; there i starts at 0, where both arms would hold the same point.

    >>> spirals(2).X.round(9).tolist()
    [[-5.0, -0.0], [5.0, 0.0]]
    """
    n, noise, rng = _checked_draw(n_samples, noise, seed)
    first, other = n - n // 2, n // 2
    along = np.concatenate([np.arange(1, first + 1) / first, np.arange(1, other + 1) / other])
    y = (np.arange(n) < first).astype(float)
    # The other arm is half a turn ahead.
    u = 3.5 * np.pi * along + np.pi * (1 - y)
    X = 5 * along[:, None] * np.column_stack([np.sin(u), np.cos(u)])
    return Dataset(_shifted(X, noise, rng), y, ("one arm", "the other arm"))


def inclined_plane(n_samples: int = 500, noise: float = 0.0, seed: int = 1) -> Dataset:
    """Draw heights of the plane y = (x_1 + x_2) / 10 above points uniform in [-6, 6]^2.

    Each height is that at the point shifted by uniform [-6, 6]^2 times the noise; the points stay.
    Args:
        n_samples: 2 to 100000.
        noise: 0 to 0.5.
        seed: 0 or more.
    Returns: Dataset without classes, X of shape (n_samples, 2).
    Raises: ValueError when a number is out of range.
    Source: Smilkov et al., 2017, as for `circles`.

    >>> data = inclined_plane(100)
    >>> bool(np.allclose(data.y, data.X.sum(axis=1) / 10))
    True
    """
    n, noise, rng = _checked_draw(n_samples, noise, seed)
    X = rng.uniform(-6, 6, (n, 2))
    return Dataset(X, _shifted(X, 6 * noise, rng).sum(axis=1) / 10)


def bumps(n_samples: int = 500, noise: float = 0.0, seed: int = 1) -> Dataset:
    """Draw heights of six cones, up and down by turns, above points uniform in [-6, 6]^2.

    y = sum of sign_k max(0, 1 - d_k / 2) over the six BUMPS, d_k the distance to the k-th: they touch but never overlap. Each
    height is that at the point shifted by uniform [-6, 6]^2 times the noise; the points stay.
    Args:
        n_samples: 2 to 100000.
        noise: 0 to 0.5.
        seed: 0 or more.
    Returns: Dataset without classes, X of shape (n_samples, 2).
    Raises: ValueError when a number is out of range.
    Source: Smilkov et al., 2017, as for `circles`.

    >>> data = bumps(100)
    >>> bool((abs(data.y) <= 1).all())
    True
    """
    n, noise, rng = _checked_draw(n_samples, noise, seed)
    X = rng.uniform(-6, 6, (n, 2))
    x, y = _shifted(X, 6 * noise, rng).T
    d = np.hypot(x[:, None] - BUMPS[:, 0], y[:, None] - BUMPS[:, 1])
    return Dataset(X, np.maximum(0, 1 - d / 2) @ BUMPS[:, 2])


CLASS_SETS: dict[str, Callable[..., Dataset]] = {
    "Circles": circles,
    "Exclusive or": exclusive_or,
    "Two blobs": blobs,
    "Spirals": spirals,
}
VALUE_SETS: dict[str, Callable[..., Dataset]] = {"Plane": inclined_plane, "Bumps": bumps}
CURVES: dict[str, Callable[[Array], Array]] = {
    "Sine": lambda x: np.sin(2 * x),
    "Step": lambda x: np.where(x < 0, -1.0, 1.0),
    "Absolute value": lambda x: np.abs(x) - 1.5,
    "Bump": lambda x: np.exp(-2 * x**2),
    "Parabola": lambda x: x**2 / 3 - 1.5,
}


def curve(name: str, n_samples: int = 100, noise: float = 0.0, seed: int = 1) -> Dataset:
    """Draw points about a curve y = f(x) + (noise / 2) e, with e standard normal and x uniform in [-3, 3], sorted.

    Args:
        name: of f, one of CURVES; |f| is at most 1.5.
        n_samples: 2 to 100000.
        noise: 0 to 0.5, so at most 0.25 about the curve.
        seed: 0 or more.
    Returns: Dataset without classes, X of shape (n_samples, 1).
    Raises: ValueError when there is no such curve, or a number is out of range.

    >>> data = curve("Absolute value", 50)
    >>> bool(np.array_equal(data.y, abs(data.X[:, 0]) - 1.5))
    True
    """
    if name not in CURVES:
        raise ValueError(f"there is no curve {name}; there are {', '.join(CURVES)}.")
    n, noise, rng = _checked_draw(n_samples, noise, seed)
    x = np.sort(rng.uniform(-3, 3, n))
    return Dataset(x[:, None], CURVES[name](x) + noise / 2 * rng.standard_normal(n))


def digits() -> Dataset:
    """Return 1797 handwritten digits of 8 by 8 pixels, row by row, each from 0 (paper) to 1 (ink).

    Returns: Dataset, X of shape (1797, 64), with the classes "0" to "9".
    Source: Alpaydin and Kaynak, 1998, Optical recognition of handwritten digits; as in scikit-learn.

    >>> data = digits()
    >>> data.X.shape, data.classes[int(data.y[0])]
    ((1797, 64), '0')
    """
    # Inside, as importing it takes a second.
    from sklearn.datasets import load_digits

    found = load_digits()
    return Dataset(found.data.astype(float) / 16, found.target.astype(float), tuple("0123456789"))


def closed_curve(points: ArrayLike, n_samples: int = 200) -> ClosedCurve:
    """Lay a smooth closed curve through points: the periodic cubic spline with the k-th of m points at t = k / m.

    Args:
        points: where the curve passes, in order, shape (m, 2), m at least 3.
        n_samples: 2 to 100000, at t = 0, 1 / n_samples, ...
    Returns: ClosedCurve with n_samples places.
    Raises: ValueError when there are fewer than three points, or a number is out of range.
    Source: de Boor, 1978, A practical guide to splines, chapter IV.

    >>> closed_curve([(1, 0), (0, 1), (-1, 0), (0, -1)], 4).points.round(9).tolist()
    [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]]
    """
    knots = checks.points(points, 2, "the curve")
    if len(knots) < 3:
        raise ValueError(f"there are {len(knots)} points; a closed curve needs at least three.")
    n = checks.whole_number(n_samples, "n_samples", 2, MOST_DRAWN)
    t = np.arange(n) / n
    # The first point once more at t = 1, where the spline closes with equal slope and curvature.
    spline = CubicSpline(np.arange(len(knots) + 1) / len(knots), np.vstack([knots, knots[:1]]), bc_type="periodic")
    return ClosedCurve(t[:, None], np.asarray(spline(t), dtype=float))


def _checked_draw(n_samples: int, noise: float, seed: int) -> tuple[int, float, np.random.Generator]:
    """Return how many, how noisy, and the source of luck."""
    n = checks.whole_number(n_samples, "n_samples", 2, MOST_DRAWN)
    rng = np.random.default_rng(checks.whole_number(seed, "the seed"))
    return n, checks.number(noise, "the noise", 0, 0.5), rng


def _shifted(X: Array, size: float, rng: np.random.Generator) -> Array:
    """Return the points, each coordinate moved by up to `size`; drawn after the points, so that these stay as noise grows."""
    return X + size * rng.uniform(-1, 1, X.shape)
