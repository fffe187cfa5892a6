"""Eigenvectors as directions to look for: the ring of turns, snapping onto a line, a family that loses them, projections."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mml_core import checks
from mml_core.checks import Array
from mml_core.eigen import Spectrum, spectrum


def family(a: float, b: float, d: float, s: float) -> Array:
    """Return the matrix that slides from symmetric to turning.

    [[a, b + s], [b - s, d]]: s = 0 is symmetric with perpendicular eigenvectors; they close like scissors, merge at
    s^2 = ((a - d)/2)^2 + b^2 and leave the real plane beyond.
    Args:
        a, b, d: the symmetric matrix [[a, b], [b, d]].
        s: how far from symmetric.
    Returns: the matrix, shape (2, 2).
    Raises: ValueError when an entry is not finite.
    Source: Strang, 2016, Introduction to Linear Algebra, section 6.1.

    >>> family(1, 2, 3, 0.5)
    array([[1. , 2.5],
           [1.5, 3. ]])
    """
    a, b, d, s = (checks.number(value, name) for value, name in ((a, "a"), (b, "b"), (d, "d"), (s, "s")))
    return checks.matrix([[a, b + s], [b - s, d]])


@dataclass(frozen=True, eq=False)
class Ring:
    """Unit vectors all round and what A does to them.

    `angles` (n_directions,) in radians from 0; `directions` x and `images` A x, shape (n_directions, 2); `turns` the signed
    angle from x to A x, -pi to pi, counter-clockwise positive, nan where A x = 0: 0 or pi (a flip) on eigenvectors.
    """

    angles: Array
    directions: Array
    images: Array
    turns: Array


def ring(A: ArrayLike, n_directions: int = 360) -> Ring:
    """Measure by how much A turns each direction of the plane.

    turn = atan2(x1 y2 - x2 y1, x . y) with y = A x; nan where |A x| <= 1e-12 |A| (the direction vanishes).
    Args:
        A: the matrix, shape (2, 2).
        n_directions: how many, evenly round the circle, 1 to 100000.
    Returns: Ring.
    Raises: ValueError when A is not a finite 2 x 2 matrix or n_directions is out of range.
    Source: Schonefeld, 1995, Eigenpictures: picturing the eigenvector problem, College Mathematics Journal 26(4).

    >>> ring([[0, -2], [2, 0]], 4).turns.round(4)
    array([1.5708, 1.5708, 1.5708, 1.5708])
    """
    A, n = checks.matrix(A), checks.whole_number(n_directions, "n_directions", 1, 100_000)
    angles = 2 * math.pi * np.arange(n) / n
    X = np.column_stack([np.cos(angles), np.sin(angles)])
    Y = X @ (A / (np.abs(A).max() or 1.0)).T
    turns = np.arctan2(X[:, 0] * Y[:, 1] - X[:, 1] * Y[:, 0], np.sum(X * Y, axis=1))
    turns[np.hypot(Y[:, 0], Y[:, 1]) <= 1e-12] = np.nan
    return Ring(angles, X, X @ A.T, turns)


@dataclass(frozen=True, eq=False)
class Snap:
    """Where a dragged vector comes to rest.

    `index` the column of `spectrum(A).eigenvectors` it lies along (the first of its eigenvalue), None if on none;
    `eigenvalue` its lambda or None; `x` the vector, of unchanged length, moved onto the line if there is one; `distance`
    the angle in radians from the given x to the nearest real eigenspace, None if there is none.
    """

    index: int | None
    eigenvalue: float | None
    x: Array
    distance: float | None


def snap(A: ArrayLike, x: ArrayLike, tolerance: float = math.radians(2)) -> Snap:
    """Move x onto an eigenvector of A when it is nearly on one.

    It snaps to the nearest real eigenspace (either sign) within `tolerance`, and within 0.49 of the angle between
    it and the next one, so that of two nearly parallel eigenvectors none takes what belongs to neither.
    Args:
        A: the matrix, shape (n, n).
        x: the dragged vector, shape (n,); the zero vector never snaps.
        tolerance: the widest angle to snap over, in radians, 0 to pi / 2.
    Returns: Snap.
    Raises: ValueError when A is not finite and square, x does not fit or the tolerance is out of range.
    Source: Golub and Van Loan, 2013, Matrix Computations, section 6.4.3 (angles between subspaces).

    >>> found = snap([[2, 1], [1, 2]], [1, 1.02])
    >>> found.index, round(found.eigenvalue, 12), found.x.round(4)
    (0, 3.0, array([1.01, 1.01]))
    """
    n = len(checks.matrix(A, (None, None)))
    A, x = checks.matrix(A, (n, n)), checks.vector(x, n)
    tolerance = checks.number(tolerance, "the tolerance", 0, math.pi / 2)
    found = spectrum(A)
    spaces = _real_eigenspaces(found)
    m = float(np.abs(x).max())
    if not spaces or m == 0:
        return Snap(None, None, x, None)
    u = x / m
    u /= np.linalg.norm(u)
    shadows = {index: Q @ (Q.T @ u) for index, Q in spaces.items()}
    distances = {index: math.atan2(np.linalg.norm(u - w), np.linalg.norm(w)) for index, w in shadows.items()}
    nearest = min(distances, key=lambda index: distances[index])
    gap = min((_subspace_gap(spaces[nearest], Q) for index, Q in spaces.items() if index != nearest), default=math.pi)
    if distances[nearest] > tolerance or distances[nearest] >= 0.49 * gap:
        return Snap(None, None, x, distances[nearest])
    w = shadows[nearest] / np.linalg.norm(shadows[nearest])
    length = float(np.linalg.norm(x / m))
    return Snap(nearest, float(found.eigenvalues[nearest].real), w * length * m, distances[nearest])


def _real_eigenspaces(found: Spectrum) -> dict[int, Array]:
    """Return an orthonormal basis of each real eigenspace, by the place of its first eigenvector."""
    spaces = {}
    firsts = np.cumsum(found.algebraic) - found.algebraic
    for value, first, geometric in zip(found.distinct, firsts.tolist(), found.geometric, strict=True):
        if value.imag == 0:
            spaces[first] = np.linalg.qr(found.eigenvectors[:, first : first + geometric].real)[0]
    return spaces


def _subspace_gap(Q: Array, R: Array) -> float:
    """Return the smallest angle between two subspaces with orthonormal bases; by sines, which see angles under 1e-8."""
    sines, cosines = Q - R @ (R.T @ Q), R.T @ Q
    smallest_sine = np.linalg.svd(sines, compute_uv=False)[-1]
    return math.atan2(smallest_sine, np.linalg.norm(cosines, 2))


@dataclass(frozen=True, eq=False)
class Projections:
    """A symmetric matrix as a sum: terms[i] = lambda_i v_i v_i', with the eigenvalues and the eigenvectors (columns)."""

    terms: Array
    eigenvalues: Array
    eigenvectors: Array


def projections(A: ArrayLike) -> Projections:
    """Take a symmetric matrix apart into stretched projections onto perpendicular lines.

    A = sum lambda_i v_i v_i' with |v_i| = 1 and v_i . v_j = 0; the order is that of `spectrum`, the largest first.
    Args: A: a symmetric matrix (entries may differ by 1e-12 of the largest), shape (n, n), n <= 200.
    Returns: Projections, terms of shape (n, n, n), which add up to A.
    Raises: ValueError naming two entries that differ; also when A is not finite and square or has over 200 rows.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, theorem 4.15 (spectral theorem).

    >>> projections([[2, 1], [1, 2]]).terms[0].round(12)
    array([[1.5, 1.5],
           [1.5, 1.5]])
    """
    n = len(checks.matrix(A, (None, None)))
    A = checks.matrix(A, (n, n))
    if n > 200:
        raise ValueError(f"A has {n} rows; the terms of more than 200 would fill the memory.")
    apart = np.abs(A - A.T)
    if apart.max() > 1e-12 * np.abs(A).max():
        i, j = (int(place) for place in np.unravel_index(np.argmax(apart), A.shape))
        raise ValueError(
            f"A is not symmetric: row {i + 1}, column {j + 1} is {A[i, j]:.4g}, row {j + 1}, column {i + 1} is {A[j, i]:.4g}. "
            "Only a symmetric matrix is a sum of such projections; make the two equal."
        )
    found = spectrum(A / 2 + A.T / 2)
    V = np.asarray(found.eigenvectors.real, dtype=np.float64)
    values = np.asarray(found.eigenvalues.real, dtype=np.float64)
    return Projections(values[:, None, None] * V.T[:, :, None] * V.T[:, None, :], values, V)
