"""Mean, covariance and correlation: of a whole table, of its chunks one after the other, and under an affine map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mml_core import checks
from mml_core.checks import Array

SQUARABLE = 1e150


@dataclass(frozen=True)
class Moments:
    """What has to be kept of samples to know their mean and covariance, and to add further ones.

    The mean is kept as a sum of two numbers, one of its size and one of the spread's: where the mean is 1e8 and the spread 1,
    a single number would be off by 1e-8 spreads, and so would every merged covariance.

    Attributes:
        n: How many samples, 0 or more.
        shift: About where they lie, (n_features,).
        offset: Mean minus shift, (n_features,).
        scatter: Sum of (x - mean)(x - mean)', (n_features, n_features).
    """

    n: int
    shift: Array
    offset: Array
    scatter: Array

    @property
    def mean(self) -> Array:
        """The mean, (n_features,)."""
        return self.shift + self.offset

    def covariance(self, ddof: int = 1) -> Array:
        """The covariance, scatter / (n - ddof), (n_features, n_features)."""
        return self.scatter / _divisor(self.n, ddof)


def mean(X: ArrayLike) -> Array:
    """Return the mean of each column: sum of x_i / n.

    Args:
        X: Samples, (n_samples, n_features), at least one.

    Returns:
        (n_features,).

    Raises:
        ValueError: There is no sample, or an entry is not a finite number.

    >>> mean([[1, 2], [3, 6]])
    array([2., 4.])
    """
    return moments(X).mean


def covariance(X: ArrayLike, ddof: int = 1) -> Array:
    """Return the covariance matrix: the average of (x - mean)(x - mean)', a signed rectangle for each pair of columns.

    Args:
        X: Samples, (n_samples, n_features), more than `ddof`.
        ddof: What is taken off n in the average: 1 makes up for the mean being that of the samples themselves, 0 takes the
            samples for all there are.

    Returns:
        (n_features, n_features), symmetric, no eigenvalue below 0 but for rounding.

    Raises:
        ValueError: There are too few samples, or an entry is not a finite number.

    >>> covariance([[1, 2], [3, 6]])
    array([[2., 4.],
           [4., 8.]])
    """
    return moments(X).covariance(ddof)


def correlation(X: ArrayLike) -> Array:
    """Return the correlation matrix: covariances of columns in units of their standard deviations, c_ij / (s_i s_j).

    Args:
        X: Samples, (n_samples, n_features), at least two.

    Returns:
        (n_features, n_features) from -1 to 1, with ones on the diagonal.

    Raises:
        ValueError: A column is constant, which has no correlation with anything; or X does not fit.

    >>> correlation([[1, 2], [2, 1], [3, 3]])
    array([[1. , 0.5],
           [0.5, 1. ]])
    """
    return to_correlation(covariance(X, 0))


def to_correlation(C: ArrayLike) -> Array:
    """Return the correlation matrix of a covariance matrix C: c_ij / sqrt(c_ii c_jj).

    Args:
        C: Covariances, (n_features, n_features).

    Returns:
        The correlations, with ones on the diagonal.

    Raises:
        ValueError: C is not square, a variance is not above 0, or a covariance is larger than its variances allow.

    >>> to_correlation([[4, 3], [3, 9]])
    array([[1. , 0.5],
           [0.5, 1. ]])
    """
    C = checks.matrix(C, (None, None), "C")
    if C.shape[0] != C.shape[1]:
        raise ValueError(f"C has shape {C.shape[0]} x {C.shape[1]}; a covariance matrix is square.")
    still = np.flatnonzero(~(np.diag(C) > 0))
    if len(still):
        raise ValueError(f"column {still[0] + 1} does not vary, so it has no correlation; leave it out.")
    spread = np.sqrt(np.diag(C))
    R: Array = C / np.outer(spread, spread)
    if np.abs(R).max() > 1 + 1e-6:
        i, j = np.unravel_index(np.abs(R).argmax(), R.shape)
        raise ValueError(
            f"C has {C[i, j]:.4g} in row {i + 1}, column {j + 1}; a covariance is at most {spread[i] * spread[j]:.4g} there, "
            "the product of both deviations."
        )
    R = np.clip(R, -1, 1)  # what rounding adds
    np.fill_diagonal(R, 1.0)
    return R


def affine_moments(mean: ArrayLike, C: ArrayLike, A: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
    """Return mean and covariance of A x + b, where x has the mean m and the covariance C: A m + b and A C A'.

    Args:
        mean: m, (n,).
        C: Covariance, (n, n).
        A: The map, (k, n).
        b: The shift, (k,), which changes no covariance.

    Returns:
        The mean (k,) and the covariance (k, k).

    Raises:
        ValueError: The shapes do not fit.

    >>> affine_moments([1, 0], [[1, 0], [0, 4]], [[0, 1], [1, 0]], [5, 5])
    (array([5., 6.]), array([[4., 0.],
           [0., 1.]]))
    """
    m = checks.vector(mean, name="mean")
    C, A = checks.matrix(C, (len(m), len(m)), "C"), checks.matrix(A, (None, len(m)), "A")
    return A @ m + checks.vector(b, len(A), "b"), A @ C @ A.T


def moments(X: ArrayLike) -> Moments:
    """Return what has to be kept of samples, or of one chunk of them.

    Args:
        X: Samples, (n_samples, n_features), at least one.

    Returns:
        Their moments; `merge` puts those of two chunks together.

    Raises:
        ValueError: There is no sample, or an entry is not a finite number or over 1e150 in size.

    Source: T. Chan, G. Golub and R. LeVeque, "Algorithms for computing the sample variance", 1983.

    >>> kept = moments([[1.0], [3.0]])
    >>> kept.n, kept.mean, kept.scatter
    (2, array([2.]), array([[2.]]))
    """
    X = checks.matrix(X, (None, None), "X")
    if not len(X):
        raise ValueError("X has no rows; at least one sample is needed.")
    if max(X.max(), -X.min()) > SQUARABLE:
        raise ValueError("X has numbers over 1e150, whose squares are beyond every number; give them in a larger unit.")
    shift = X[0] + (X - X[0]).mean(axis=0)  # precisely the value of a column that is constant
    centred = X - shift
    offset = centred.mean(axis=0)  # what rounding took from the mean
    return Moments(len(X), shift, offset, centred.T @ centred - len(X) * np.outer(offset, offset))


def without_mean(X: Array) -> tuple[Array, Array]:
    """Return the mean and the samples minus it, exact where the mean is far larger than the spread.

    Args:
        X: Samples, (n_samples, n_features), at least one.

    Returns:
        The mean (n_features,) and the rest (n_samples, n_features).

    Raises:
        ValueError: There is no sample, or an entry is not a finite number or over 1e150 in size.

    >>> without_mean(np.array([[1e8, 0], [1e8 + 2, 0]]))
    (array([1.00000001e+08, 0.00000000e+00]), array([[-1.,  0.],
           [ 1.,  0.]]))
    """
    kept = moments(X)
    return kept.mean, (X - kept.shift) - kept.offset


def merge(a: Moments, b: Moments) -> Moments:
    """Return the moments of the samples of both: with d = mean_b - mean_a, scatter_a + scatter_b + d d' n_a n_b / n.

    Args:
        a, b: Moments of two chunks with the same columns.

    Returns:
        The moments of both together: the order and the size of chunks make no difference but for rounding.

    Raises:
        ValueError: They have not equally many columns.

    Source: T. Chan, G. Golub and R. LeVeque, "Algorithms for computing the sample variance", 1983.

    >>> merge(moments([[1.0]]), moments([[3.0]])).scatter
    array([[2.]])
    """
    if len(a.shift) != len(b.shift):
        raise ValueError(f"one chunk has {len(a.shift)} columns and the other {len(b.shift)}; both need the same.")
    n = a.n + b.n
    if not a.n or not b.n:
        return b if a.n == 0 else a
    d = (b.shift - a.shift) + (b.offset - a.offset)
    return Moments(n, a.shift, a.offset + d * (b.n / n), a.scatter + b.scatter + np.outer(d, d) * (a.n * b.n / n))


def _divisor(n: int, ddof: int) -> float:
    """Return n - ddof, or say that there are too few samples."""
    checks.whole_number(ddof, "ddof", 0)
    if n <= ddof:
        raise ValueError(
            f"there {'is 1 sample' if n == 1 else f'are {n} samples'}; more than {ddof} are needed for an average."
        )
    return float(n - ddof)
