"""Lengths, angles, shadows and coordinates of vectors in any dimension."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mml_core import checks
from mml_core.checks import Array

_MOST_SIMILAR_ROWS = 5000  # a table of all pairs of more rows fills the memory


def norm(x: ArrayLike, p: float = 2) -> float:
    """Return the length of x.

    |x|_p = (sum |x_i|^p)^(1/p) for p >= 1, and max |x_i| for p = inf; 0 only for x = 0.
    Args:
        x: the vector, shape (n,).
        p: which length: 1 along the streets, 2 as the crow flies, inf the longest side, or anything from 1.
    Returns: the length, in the unit of x.
    Raises: ValueError when x is not a finite vector or p is below 1.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 3.1.

    >>> norm([3, 4]), norm([3, 4], p=1), norm([3, 4], p=math.inf)
    (5.0, 7.0, 4.0)
    """
    x = np.abs(checks.vector(x))
    if p != math.inf:
        p = checks.number(p, "p")
        if p < 1:
            raise ValueError(
                f"p is {p:.4g}; below 1 a detour would be shorter than the straight way, so it must be at least 1."
            )
    m = float(x.max())
    if m == 0 or p == math.inf:
        return m
    if p <= 2:  # a power of two as the scale keeps 3-4-5 exact; the scale itself keeps 1e200 squared a number
        m = math.ldexp(1.0, math.frexp(m)[1])
    return float(m * np.sum((x / m) ** p) ** (1 / p))


def dot(x: ArrayLike, y: ArrayLike) -> float:
    """Multiply two vectors entry by entry and add up.

    x . y = sum x_i y_i = |x| |y| cos(angle); 0 when they are perpendicular or one is zero.
    Args: x, y: two vectors of shape (n,).
    Returns: the dot product, in the units of x times y.
    Raises: ValueError when the shapes differ, an entry is not finite or the result is too large for a number.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 3.2.1.

    >>> dot([1, 2, 3], [4, -5, 6])
    12.0
    """
    x, y = _vector_pair(x, y, "y")
    with np.errstate(over="ignore", invalid="ignore"):
        product = float(x @ y)
    if not math.isfinite(product):
        raise ValueError("x and y are so long that their dot product exceeds every number; keep the entries under 1e150.")
    return product


def angle(x: ArrayLike, y: ArrayLike) -> float:
    """Return the angle between two vectors.

    2 atan2(|u - v|, |u + v|) with u = x / |x|, v = y / |y|; the arc cosine of u . v would read 0 for angles under 1e-8.
    Args: x, y: two vectors of shape (n,), neither zero.
    Returns: the angle in radians, 0 to pi, right to about 1e-16 near 0 and near pi too.
    Raises: ValueError when a vector is zero or not finite, or the shapes differ.
    Source: Kahan, 2006, How futile are mindless assessments of roundoff, section 12.

    >>> angle([1, 0], [1, 1e-12])
    1e-12
    """
    x, y = _vector_pair(x, y, "y")
    u, v = (_unit_vector(w, name, "has no direction, so no angle") for w, name in ((x, "x"), (y, "y")))
    return 2 * math.atan2(norm(u - v), norm(u + v))


def scalar_projection(x: ArrayLike, onto: ArrayLike) -> float:
    """Return the signed length of the shadow of x on a line.

    (x . w) / |w| = |x| cos(angle); negative when x points away from w.
    Args:
        x: the vector, shape (n,).
        onto: w, the direction of the line, shape (n,), not zero.
    Returns: the length, in the unit of x.
    Raises: ValueError when w is zero, an entry is not finite or the shapes differ.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 3.8.1.

    >>> scalar_projection([1, 2], onto=[0, -3])
    -2.0
    """
    x, w = _vector_pair(x, onto, "onto")
    w = _near_one(w, "onto")
    return float(x @ w) / norm(w)


def projection(x: ArrayLike, onto: ArrayLike) -> Array:
    """Return the shadow of x on a line, light falling at a right angle to it.

    (x . w) / (w . w) w; what is left, x minus its shadow, is perpendicular to w.
    Args:
        x: the vector, shape (n,).
        onto: w, the direction of the line, shape (n,), not zero.
    Returns: the shadow, shape (n,).
    Raises: ValueError when w is zero, an entry is not finite or the shapes differ.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 3.8.1.

    >>> projection([2, 3], onto=[1, 1])
    array([2.5, 2.5])
    """
    x, w = _vector_pair(x, onto, "onto")
    w = _near_one(w, "onto")
    shadow: Array = (x @ w) / (w @ w) * w
    return shadow


def coordinates(x: ArrayLike, basis: ArrayLike, tol: float = 1e-12) -> Array:
    """Return how much of each basis vector makes up x.

    The c with B c = x. With fewer than m columns B spans a part of the space only, and x must lie in it.
    Args:
        x: the vector, shape (m,).
        basis: B, its columns b_1 ... b_n the basis vectors, shape (m, n).
        tol: how far, relative to their lengths, columns may be from depending on each other and x from their span.
    Returns: the coordinates c, shape (n,).
    Raises: ValueError naming how the columns depend on each other, or how far x is from what they span.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 2.6.1.

    >>> coordinates([3, 1], basis=[[1, 1], [1, -1]])
    array([2., 1.])
    >>> coordinates([3, 1], basis=[[1, 2], [2, 4]])
    Traceback (most recent call last):
    ...
    ValueError: The columns are no basis: column 2 is 2 times column 1, so it adds no new direction; turn it away.
    """
    x, B = checks.vector(x), checks.matrix(basis, (None, None), "the basis")
    x, tol = checks.vector(x, len(B)), checks.number(tol, "tol", 0, 1)
    scales = np.frexp(np.abs(B).max(axis=0))[1]
    E, k = np.ldexp(B, -scales), math.frexp(float(np.abs(x).max()))[1]
    y = np.ldexp(x, -k)  # y and the columns of E have length about 1, so that no unit is too large or too small
    if E.shape[1] > len(E) or rank(E, tol) < E.shape[1]:
        raise ValueError(f"The columns are no basis: {_dependence(E, scales, tol)}")
    c = np.linalg.solve(E, y) if len(E) == E.shape[1] else np.linalg.lstsq(E, y)[0]
    missed = norm(E @ c - y)
    if len(E) > E.shape[1] and missed > max(tol, 1e-12) * norm(y):
        away = math.ldexp(missed, k)
        raise ValueError(f"x is not made of these columns: the nearest they reach is {away:.4g} away from it.")
    with np.errstate(over="ignore"):
        c = np.ldexp(c, k - scales) + 0.0
    if not np.isfinite(c).all():
        raise ValueError("x is so much longer than a basis vector that a coordinate exceeds every number; scale them alike.")
    return np.asarray(c, dtype=np.float64)


def rank(A: ArrayLike, tol: float = 1e-12) -> int:
    """Count the independent directions among the columns (equally, the rows) of A.

    The number of singular values s_i > tol s_1; 0 for A = 0.
    Args:
        A: any matrix, shape (m, n).
        tol: singular values up to tol times the largest count as zero, 0 <= tol <= 1.
    Returns: the rank, 0 to min(m, n).
    Raises: ValueError when A is not a finite matrix or tol is outside [0, 1].
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, sections 2.6.2 and 4.5.

    >>> rank([[1, 2], [2, 4], [3, 6]])
    1
    """
    A, tol = checks.matrix(A, (None, None)), checks.number(tol, "tol", 0, 1)
    s = np.linalg.svd(A / (np.abs(A).max() or 1.0), compute_uv=False)
    return int(np.sum(s > tol * s[0]))


def cosine_similarities(X: ArrayLike) -> Array:
    """Return the cosine of the angle between every two rows.

    C_ij = x_i . x_j / (|x_i| |x_j|): 1 same direction, 0 perpendicular, -1 opposite; lengths play no part.
    Args: X: one vector a row, shape (n, d), no row zero, n <= 5000.
    Returns: C, symmetric with ones on the diagonal, shape (n, n).
    Raises: ValueError naming a row that is zero; also when an entry is not finite or there are too many rows.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 3.4.

    >>> cosine_similarities([[3, 0], [0, 2], [-5, 0]])
    array([[ 1.,  0., -1.],
           [ 0.,  1.,  0.],
           [-1.,  0.,  1.]])
    """
    X = checks.matrix(X, (None, None), "X")
    if len(X) > _MOST_SIMILAR_ROWS:
        raise ValueError(
            f"X has {len(X)} rows; a table of all pairs takes at most {_MOST_SIMILAR_ROWS}, so choose some of them."
        )
    longest = np.abs(X).max(axis=1)
    if not longest.all():
        raise ValueError(f"X has only zeros in row {int(np.argmin(longest)) + 1}; the zero vector has no direction to compare.")
    U: Array = np.ldexp(X, -np.frexp(longest)[1][:, None])  # squares of 1e200 or 1e-200 would be no numbers
    U /= np.sqrt(np.sum(U * U, axis=1))[:, None]
    C: Array = np.clip(U @ U.T, -1, 1) + 0.0
    np.fill_diagonal(C, 1)
    return C


@dataclass(frozen=True, eq=False)
class Scales:
    """What is taken off each column of a table, and what it is then divided by, shape (d,) each."""

    shift: Array
    spread: Array


def column_scales(X: ArrayLike, columns: str = "as they are") -> Scales:
    """Say how the columns of a table become comparable.

    z = (x - shift) / spread; "as they are": 0 and 1, "centred": the mean and 1, "standardised": the mean and the standard
    deviation sqrt(sum (x - mean)^2 / n), 1 where a column is constant.
    Args:
        X: one row a vector, shape (n, d).
        columns: "as they are", "centred" or "standardised".
    Returns: Scales.
    Raises: ValueError when X is not a finite matrix or `columns` is none of the three.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 10.5.

    >>> column_scales([[1, 10], [3, 10]], "standardised")
    Scales(shift=array([ 2., 10.]), spread=array([1., 1.]))
    """
    X = checks.matrix(X, (None, None), "X")
    n, d = X.shape
    shift, spread = np.zeros(d), np.ones(d)
    if columns not in ("as they are", "centred", "standardised"):
        raise ValueError(f"columns is {columns}; it must be “as they are”, “centred” or “standardised”.")
    k = np.frexp(np.abs(X).max(axis=0))[1]
    U = np.ldexp(X, -k)  # entries up to 1: no sum or square over- or underflows
    mean = U.sum(axis=0) / n
    deviation = np.sqrt(np.sum((U - mean) ** 2, axis=0) / n)
    constant = deviation <= n * np.finfo(float).eps  # no more than the rounding of the mean
    if columns != "as they are":
        shift = np.where(constant, X[0], np.ldexp(mean, k))
    if columns == "standardised":
        spread = np.ldexp(np.where(constant, 0, deviation), k)
        spread[spread == 0] = 1
    return Scales(shift, spread)


@dataclass(frozen=True, eq=False)
class Neighbour:
    """The row that points most nearly the same way as another: its index and the cosine of the angle between them."""

    index: int
    cosine: float


def most_similar(X: ArrayLike, i: int, scales: Scales) -> Neighbour:
    """Find the row whose direction is closest to that of row i.

    argmax over j != i of u . z_j / (|u| |z_j|) with z = (x - shift) / spread and u = z_i; rows without length are passed over.
    Args:
        X: one row a vector, shape (n, d), n >= 2.
        i: the row, counted from 0.
        scales: how the columns are made comparable.
    Returns: Neighbour; the first where several are equally close.
    Raises: ValueError when row i has no length, i is out of range or there is no other row with a length.
    Source: Manning, Raghavan and Schuetze, 2008, Introduction to Information Retrieval, section 6.3.

    >>> most_similar([[1, 0], [0, 1], [5, 1]], 0, Scales(np.zeros(2), np.ones(2)))
    Neighbour(index=2, cosine=0.9805806756909201)
    """
    X = checks.matrix(X, (None, None), "X")
    i = checks.whole_number(i, "i", 0, len(X) - 1)
    Z = _comparable(X, scales)
    longest = np.abs(Z).max(axis=1)
    there = longest > 0
    if not there[i]:
        raise ValueError(f"Row {i + 1} is the zero vector, which has no direction to compare; choose another row.")
    if there.sum() < 2:
        raise ValueError(f"No other row has a direction to compare row {i + 1} with; at least two rows must not be zero.")
    U = np.zeros_like(Z)
    U[there] = Z[there] / longest[there, None]
    U[there] /= np.sqrt(np.sum(U[there] ** 2, axis=1))[:, None]
    cosines = np.where(there, U @ U[i], -np.inf)
    cosines[i] = -np.inf
    j = int(np.argmax(cosines >= cosines.max() - 1e-14))  # rounding does not choose between equals
    return Neighbour(j, float(np.clip(cosines[j], -1, 1)))


def row_of(X: ArrayLike, i: int, scales: Scales) -> Array:
    """Return one row of a table as a vector.

    z = (x_i - shift) / spread
    Args:
        X: one row a vector, shape (n, d).
        i: the row, counted from 0.
        scales: how the columns are made comparable.
    Returns: the vector, shape (d,).
    Raises: ValueError when i is out of range, an entry is not finite or the scales do not fit.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 8.1.1.

    >>> row_of([[1, 2], [3, 4]], 1, Scales(np.array([1, 0]), np.array([2, 1])))
    array([1., 4.])
    """
    rows = X if isinstance(X, np.ndarray) and X.ndim == 2 else checks.matrix(X, (None, None), "X")  # a table is checked once
    x = checks.vector(rows[checks.whole_number(i, "i", 0, len(rows) - 1)], name=f"row {i + 1}")
    return checks.vector(_comparable(x, scales), name=f"row {i + 1}")


def _comparable(X: Array, scales: Scales) -> Array:
    """Return (X - shift) / spread, 0 where X and shift differ by rounding only."""
    d = X.shape[-1]
    shift, spread = checks.vector(scales.shift, d, "the shift"), checks.vector(scales.spread, d, "the spread")
    if not (spread > 0).all():
        raise ValueError(f"the spread of a column is {spread.min():.4g}; it must be above 0.")
    Z = X - shift
    Z[np.abs(Z) <= 1e-14 * np.abs(shift)] = 0
    with np.errstate(over="ignore"):
        Z /= spread
    if not np.isfinite(Z).all():
        raise ValueError("X divided by the spread exceeds every number; take a spread that fits the columns.")
    return Z


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two rows of a table as vectors, and what is to be said of any two vectors.

    `u`, `v` the vectors, shape (d,); `lengths` (|u|, |v|); `dot` u . v; `cosine` and `angle` (radians) between them; `shadow`
    the signed length of the shadow of v on u; `unit_u`, `unit_v` both brought to length 1: their products add up to the cosine.
    """

    u: Array
    v: Array
    lengths: tuple[float, float]
    dot: float
    cosine: float
    angle: float
    shadow: float
    unit_u: Array
    unit_v: Array


def row_comparison(X: ArrayLike, i: int, j: int, scales: Scales) -> Comparison:
    """Compare two rows of a table, however many columns it has.

    u = z_i, v = z_j with z = (x - shift) / spread; cosine = u . v / (|u| |v|), shadow = u . v / |u|.
    Args:
        X: one row a vector, shape (n, d).
        i, j: the rows, counted from 0.
        scales: how the columns are made comparable.
    Returns: Comparison.
    Raises: ValueError when a row is zero, i or j is out of range, or the dot product exceeds every number.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, sections 3.4 and 3.8.

    >>> found = row_comparison([[3, 4], [5, 0]], 0, 1, Scales(np.zeros(2), np.ones(2)))
    >>> found.lengths, found.dot, round(found.cosine, 12), found.shadow
    ((5.0, 5.0), 15.0, 0.6, 3.0)
    """
    u, v = row_of(X, i, scales), row_of(X, j, scales)
    for row, w in ((i, u), (j, v)):
        if not w.any():
            raise ValueError(f"Row {row + 1} is zero in all {len(w)} columns: no direction, no angle. Choose another row.")
    unit_u, unit_v = (_unit_vector(w, "the row", "has no direction") for w in (u, v))
    theta = angle(u, v)
    return Comparison(
        u, v, (norm(u), norm(v)), dot(u, v), math.cos(theta), theta, scalar_projection(v, u), unit_u, unit_v
    )  # fmt: skip


def _vector_pair(x: ArrayLike, y: ArrayLike, name: str) -> tuple[Array, Array]:
    """Return both as vectors of one length; `name` is what the learner calls the second."""
    x = checks.vector(x)
    return x, checks.vector(y, x.size, name)


def _near_one(w: Array, name: str, lacks: str = "has no direction to fall on") -> Array:
    """Scale w by the power of two that brings its largest entry between 1/2 and 1: no square over- or underflows."""
    m = float(np.abs(w).max())
    if m == 0:
        raise ValueError(f"{name} is the zero vector; it {lacks}. Give it some length.")
    return np.asarray(np.ldexp(w, -math.frexp(m)[1]), dtype=np.float64)


def _unit_vector(w: Array, name: str, lacks: str) -> Array:
    """Return w divided by its length."""
    w = _near_one(w, name, lacks)
    return w / norm(w)


def _dependence(E: Array, scales: Array, tol: float) -> str:
    """Say how the first dependent column follows from the ones before it; the true columns are 2^scales E."""
    for j in range(E.shape[1]):
        if not E[:, j].any():
            return f"column {j + 1} is the zero vector, which adds no direction; give it some length."
        if j and rank(E[:, : j + 1], tol) <= j:
            break
    parts = np.linalg.lstsq(E[:, :j], E[:, j])[0]
    words = []
    for i in np.flatnonzero(np.abs(parts) > 1e-9 * np.abs(parts).max()):
        with np.errstate(over="ignore"):
            factor = abs(float(np.ldexp(parts[i], scales[j] - scales[i])))
        times = f"{factor:.4g} times " if 0 < factor < math.inf else "an extreme multiple of "
        words.append(f"{'minus' if parts[i] < 0 else 'plus'} {'' if abs(factor - 1) < 1e-9 else times}column {i + 1}")
    said = " ".join(words[:4]).removeprefix("plus ") + (f" and {len(words) - 4} further terms" if len(words) > 4 else "")
    return f"column {j + 1} is {said}, so it adds no new direction; turn it away."
