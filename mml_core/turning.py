"""A cloud in three dimensions seen from a direction: what a picture of it keeps, and what it loses."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mml_core import checks, pca
from mml_core.checks import Array
from mml_core.made_clouds import FARTHEST, unit_covariance

LONG, BROAD = 1.6, 0.9  # standard deviations of the pancake
TURN, TILT = 0.7, 0.6  # from where one looks straight onto it
REACH = 2.2  # standard deviations from the middle of the plane's rectangle to its sides
MOST_IN_SPACE = 1e100  # in size: the squares still add up


@dataclass(frozen=True, eq=False)
class View:
    """A cloud as it is seen from far away.

    `points` to the right and up from the middle, shape (n, 2); `depth` how far behind the middle, below 0 in front of it, shape
    (n,); `axes` where the tips of the three unit axes land, shape (3, 2); `corners` of the rectangle of 2.2 standard deviations
    each way in the plane of the first two components, one after the other around it, shape (4, 2); `feet` the points'
    projections onto that plane, shape (n, 2); `spread` variances of the two seen coordinates, shape (2,), and `lost` the one
    along the line of sight, all with n - 1: spread.sum() + lost is the same from everywhere.
    """

    points: Array
    depth: Array
    axes: Array
    corners: Array
    feet: Array
    spread: Array
    lost: float


def cloud_in_space(n_samples: int = 60, thickness: float = 0.3, seed: int = 1) -> Array:
    """Return a flat, tilted Gaussian cloud: standard deviations 1.6 and 0.9 in its plane and `thickness` across it, precisely.

    Args:
        n_samples: 4 to 500.
        thickness: 0 to 1.6; above 0.9 another plane is the flattest.
        seed: of the draw, 0 or more.
    Returns: the points, about 0, shape (n_samples, 3).
    Raises: ValueError when a number is out of range.

    >>> np.sqrt(pca.fit(cloud_in_space(thickness=0.5)).explained_variance).round(12)
    array([1.6, 0.9, 0.5])
    """
    n = checks.whole_number(n_samples, "n_samples", 4, 500)
    deviations = [LONG, BROAD, checks.number(thickness, "thickness", 0, LONG)]
    rng = np.random.default_rng(checks.whole_number(seed, "the seed"))
    Z = unit_covariance(np.clip(rng.standard_normal((n, 3)), -FARTHEST, FARTHEST))
    X: Array = Z * deviations @ _sight(TURN, TILT)
    return X


def view(X: ArrayLike, turn: float, tilt: float) -> View:
    """Show a cloud as seen from far away: centred, turned about the vertical z axis, then tipped.

    z_right = z . (cos turn, -sin turn, 0), z_away = z . (sin turn cos tilt, cos turn cos tilt, -sin tilt), z_up perpendicular.
    Args:
        X: points, shape (n, 3), n >= 2, entries up to 1e100 in size, not all the same.
        turn: in radians; at 0 one looks along the y axis and sees x to the right.
        tilt: in radians; 0 looks level, pi / 2 straight down.
    Returns: View.
    Raises: ValueError when all points are the same or an argument does not fit.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 3.9.2.

    >>> seen = view([[1, 0, 0], [-1, 0, 0], [0, 3, 0], [0, -3, 0]], 0, 0)
    >>> seen.points[:2].tolist(), seen.depth.tolist(), seen.lost
    ([[1.0, 0.0], [-1.0, 0.0]], [0.0, 0.0, 3.0, -3.0], 6.0)
    """
    mean, E, deviations = _best_plane(X)
    S = _sight(checks.number(turn, "turn"), checks.number(tilt, "tilt"))
    Z = checks.points(X, 3) - mean
    seen = Z @ S.T
    variances = (seen**2).sum(axis=0) / (len(Z) - 1)
    corners = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * (REACH * deviations) @ E
    flat = S[:2].T  # what is away from the eye leaves no mark on the screen
    return View(seen[:, :2], seen[:, 2], flat, corners @ flat, Z @ E.T @ E @ flat, variances[:2], float(variances[2]))


def face_on(X: ArrayLike) -> tuple[float, float]:
    """Return from where one looks straight onto the plane of the first two components: no other view loses less variance.

    The line of sight is the plane's normal, n = e_1 x e_2, looked at from above: sin tilt = n_z, tan turn = n_x / n_y.
    Args: X: points, shape (n, 3), n >= 2, entries up to 1e100 in size, not all the same.
    Returns: turn (-pi to pi) and tilt (0 to pi / 2) for `view`, in radians.
    Raises: ValueError when all points are the same or X does not fit.
    Source: K. Pearson, 1901, On lines and planes of closest fit to systems of points in space.

    >>> turn, tilt = face_on([[2, 0, 0], [-2, 0, 0], [0, 1, 0], [0, -1, 0]])
    >>> turn, round(tilt, 4)
    (0.0, 1.5708)
    """
    _, E, _ = _best_plane(X)
    x, y, z = np.cross(E[0], E[1]).tolist()
    if z < 0:
        x, y, z = -x, -y, -z
    level = math.hypot(x, y)
    return math.atan2(-x, -y) if level > 1e-12 else 0.0, math.atan2(z, level)  # straight down every turn is as good


def _sight(turn: float, tilt: float) -> Array:
    """Return the directions right, up and away from the eye: rows of length 1, perpendicular to each other, (3, 3)."""
    c, s = math.cos(turn), math.sin(turn)
    k, h = math.cos(tilt), math.sin(tilt)
    return np.array([[c, -s, 0], [s * h, c * h, k], [s * k, c * k, -h]])


def _best_plane(X: ArrayLike) -> tuple[Array, Array, Array]:
    """Return the mean, the first two components (rows) and the standard deviations along them."""
    X = checks.points(X, 3)
    if np.abs(X).max() > MOST_IN_SPACE:
        raise ValueError(f"X has an entry of {np.abs(X).max():.4g} in size; give at most {MOST_IN_SPACE:g}, or other units.")
    found = pca.fit(X, 2)
    return found.mean, found.components, np.sqrt(found.explained_variance)
