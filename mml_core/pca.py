"""Principal components: turn the axes to the spread, drop the quiet ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eigh, qr

from mml_core import checks
from mml_core.checks import Array

Numbers = NDArray[np.floating[Any]]
SOLVERS = ("auto", "covariance", "rows", "svd", "randomised")
BLOCK = 4096  # rows at a time: few enough to stay near the processor, enough for a matrix product to be quick
N_SAMPLE = 4096  # rows that tell about where the mean is
LARGE = 3000  # columns or rows above which all eigenvalues take too long for a few components
N_MORE, N_TURNS = 10, 4  # of the randomised range finder: directions besides, and turns through the data


@dataclass(frozen=True)
class Fit:
    """The principal components of a table.

    Attributes:
        mean, scale: What is taken off each column, and what it is divided by then (1 unless standardised), (n_features,).
        components: One a row, (n_components, n_features), of length 1 and perpendicular, by falling variance; the entry of
            largest size in each is positive, the first among equals.
        explained_variance: The variance along each, (n_components,), with n - 1 in the average.
        explained_variance_ratio: The same as shares of the total variance.
        total_variance: The sum of the variances of all columns.
        n_samples: How many rows there were.
        solver, why: Which of `SOLVERS` found them, and why it was taken.
    """

    mean: Array
    scale: Array
    components: Array
    explained_variance: Array
    explained_variance_ratio: Array
    total_variance: float
    n_samples: int
    solver: str
    why: str

    def project(self, X: ArrayLike) -> Numbers:
        """Return the scores of samples: (X - mean) / scale, times each component; (n_samples, n_components)."""
        X = _table(X, len(self.mean))
        turn = (self.components / self.scale).T
        near, M = self.mean.astype(X.dtype), turn.astype(X.dtype)
        scores = np.empty((len(X), len(self.components)), X.dtype)
        for rows in _blocks(X):
            np.matmul(X[rows] - near, M, out=scores[rows])
        scores -= ((self.mean - near) @ turn).astype(X.dtype)  # what single precision took from the mean
        if not np.isfinite(scores).all():
            _refuse_what_is_not_finite(X)
        return scores

    def reconstruct(self, scores: ArrayLike) -> Array:
        """Return samples made of scores: mean + scale * sum of s_k e_k; of fewer scores than components the first are taken."""
        S = checks.matrix(scores, (None, None), "scores")
        if S.shape[1] > len(self.components):
            raise ValueError(f"there are {S.shape[1]} scores and {len(self.components)} components; give at most as many.")
        return self.mean + self.scale * (S @ self.components[: S.shape[1]])

    def reconstruction_errors(self, X: ArrayLike) -> Array:
        """Return the mean squared length of what is lost with k components, for all k from 0 on, (n_components + 1,).

        In one pass: a sample loses |x|^2 - s_1^2 - ... - s_k^2, in units of the scale.
        """
        X = _table(X, len(self.mean))
        _refuse_what_is_not_finite(X)
        lost = np.zeros(len(self.components) + 1)
        for rows in _blocks(X):
            Z = (X[rows] - self.mean) / self.scale
            lost += np.append((Z**2).sum(), -((Z @ self.components.T) ** 2).sum(axis=0))
        return np.maximum(np.cumsum(lost / len(X)), 0.0)


def fit(
    X: ArrayLike, n_components: int | None = None, *, standardise: bool = False, solver: str = "auto", seed: int = 1,
    keep_constant: bool = False,
) -> Fit:  # fmt: skip
    """Return the principal components of a table: the directions of largest variance, each perpendicular to those before.

    They are the eigenvectors of the covariance matrix, and its eigenvalues are the variances.

    Args:
        X: Samples, (n_samples, n_features), at least two; single precision stays single, sums are double.
        n_components: How many, 1 to min(n_samples, n_features); None for all.
        standardise: Whether each column is divided by its standard deviation first.
        solver: "covariance": X'X and its eigenvectors; "rows": those of X X', for fewer rows than columns; "svd"; "randomised":
            a few components of a large table, from random directions turned through the data (seeded); "auto" picks.
        seed: Of the random directions.
        keep_constant: Whether a constant column, which cannot be standardised, stays as it is and takes no part, instead of
            being refused.

    Returns:
        The fit.

    Raises:
        ValueError: An entry is not a finite number, there are too few rows or too many components asked for, a column is
            constant though it is to be standardised, or the table does not vary at all.

    Source: H. Hotelling, "Analysis of a complex of statistical variables into principal components", 1933; N. Halko,
        P. Martinsson and J. Tropp, "Finding structure with randomness", 2011.

    >>> found = fit([[1, 1], [2, 2], [3, 3.0]])
    >>> found.components[0].round(4), found.explained_variance_ratio.round(4)
    (array([0.7071, 0.7071]), array([1., 0.]))
    """
    X = _table(X)
    n, d = X.shape
    if n < 2:
        raise ValueError(f"there {'is 1 row' if n else 'are no rows'}; at least two are needed to vary.")
    k = min(n, d) if n_components is None else checks.whole_number(n_components, "n_components", 1)
    if k > min(n, d):
        raise ValueError(f"{k} components are asked for, and {n} rows of {d} columns have at most {min(n, d)}.")
    if solver not in SOLVERS:
        raise ValueError(f"there is no solver {solver!r}; choose one of {', '.join(SOLVERS)}.")
    chosen, why = (solver, "asked for") if solver != "auto" else _solver_for(n, d, k)
    with np.errstate(over="ignore", invalid="ignore"):  # what does not fit is told in a sentence
        if chosen == "covariance":
            mean, C = _mean_and_covariance(X)
            variances = C.diagonal()
        else:
            mean, Z = _mean_and_rest(X)
            variances = np.einsum("ij,ij->j", Z, Z, dtype=np.float64) / (n - 1)
    _check_spread(X, variances)
    scale = np.ones(d)
    if standardise:
        still = np.flatnonzero(variances == 0)
        if len(still) and not keep_constant:
            raise ValueError(
                f"column {still[0] + 1} has the same value in every row, so it cannot be standardised; leave it out."
            )
        scale = np.where(variances == 0, 1.0, np.sqrt(variances))
    total = float((variances / scale**2).sum())
    if chosen == "covariance":
        found, components = _by_covariance(C / scale / scale[:, None], k)
    else:
        found, components = _SOLVE[chosen](Z / scale.astype(Z.dtype) if standardise else Z, k, seed)
    sizes = np.abs(components)  # the first among equals, whatever rounding makes of them
    largest = (sizes > (1 - 1e-9) * sizes.max(axis=1, keepdims=True)).argmax(axis=1)
    components = components * np.sign(components[np.arange(k), largest])[:, None] + 0.0
    found = np.maximum(found, 0.0)  # by rounding an eigenvalue of 0 may lie below
    return Fit(mean, scale, components, found, found / total, total, n, chosen, why)


def _solver_for(n: int, d: int, k: int) -> tuple[str, str]:
    """Return the solver for a table of n rows and d columns, and why."""
    if min(n, d) > LARGE and k < min(n, d) / 10:
        return "randomised", f"a few components of a table of {n:,} x {d:,}"
    if d <= n:
        return "covariance", f"the covariance matrix, {d:,} x {d:,}, is small beside the table"
    return "rows", f"fewer rows than columns: X X', {n:,} x {n:,}, has the same eigenvalues as X'X, {d:,} x {d:,}"


def _by_covariance(C: Array, k: int) -> tuple[Array, Array]:
    """Eigenvectors of the covariance matrix; its eigenvalues are the variances."""
    values, vectors = eigh(C, subset_by_index=(len(C) - k, len(C) - 1))
    return values[::-1], vectors[:, ::-1].T


def _by_rows(Z: Numbers, k: int, seed: int) -> tuple[Array, Array]:
    """Eigenvectors u of Z Z': then Z'u is a component times a length, whose square is the variance times n - 1.

    Q R = Z'u parts the two, and makes up perpendicular components where there is no variance.
    """
    n = len(Z)
    _, u = eigh((Z @ Z.T).astype(float), subset_by_index=(n - k, n - 1))
    Q, R = qr((Z.T @ u[:, ::-1].astype(Z.dtype)).astype(float), mode="economic")
    variances = R.diagonal() ** 2 / (n - 1)
    order = np.argsort(-variances, kind="stable")
    return variances[order], Q.T[order]


def _by_svd(Z: Numbers, k: int, seed: int) -> tuple[Array, Array]:
    """Right singular vectors of the centred table; squared singular values are variances times n - 1."""
    _, s, Vt = np.linalg.svd(Z.astype(float), full_matrices=False)
    return s[:k] ** 2 / (len(Z) - 1), Vt[:k]


def _by_random_directions(Z: Numbers, k: int, seed: int) -> tuple[Array, Array]:
    """A small basis Q that holds nearly all of what the table does, then the SVD of Q'Z."""
    rng = np.random.default_rng(seed)
    Q = rng.standard_normal((Z.shape[1], min(k + N_MORE, *Z.shape))).astype(Z.dtype)
    for _ in range(N_TURNS):
        Q, _ = qr(Z @ Q, mode="economic")
        Q, _ = qr(Z.T @ Q, mode="economic")
    Q, _ = qr(Z @ Q, mode="economic")
    _, s, Vt = np.linalg.svd((Q.T @ Z).astype(float), full_matrices=False)
    return s[:k] ** 2 / (len(Z) - 1), Vt[:k]


_SOLVE = {"rows": _by_rows, "svd": _by_svd, "randomised": _by_random_directions}


def _table(X: ArrayLike, n_columns: int | None = None) -> Numbers:
    """Return a table as it is, single or double precision, or say what is wrong with it; it is not copied."""
    if isinstance(X, np.ndarray) and X.dtype in (np.float32, np.float64) and X.ndim == 2:
        wanted = n_columns or max(X.shape[1], 1)
        if X.shape[1] == wanted:
            return X
    table: Numbers = checks.matrix(X, (None, n_columns), "X")
    return table


def _blocks(X: Numbers) -> Iterator[slice]:
    """Yield where the rows are, a block at a time."""
    for at in range(0, len(X), BLOCK):
        yield slice(at, at + BLOCK)


def _near_mean(X: Numbers) -> Numbers:
    """Return about the mean, from some rows: precisely the value of a column that is constant."""
    first: Array = X[0].astype(float)
    near: Array = first + (X[:: -(-len(X) // N_SAMPLE)] - first).mean(axis=0)
    return near.astype(X.dtype)


def _mean_and_covariance(X: Numbers) -> tuple[Array, Array]:
    """Return mean and covariance in one pass: Z'Z is summed up about a point near the mean, then moved to the mean."""
    n, d = X.shape
    near, total, C = _near_mean(X), np.zeros(d), np.zeros((d, d))
    for rows in _blocks(X):
        Z = X[rows] - near
        total += np.ones(len(Z), Z.dtype) @ Z
        C += Z.T @ Z
    offset = total / n
    return near + offset, (C - n * np.outer(offset, offset)) / (n - 1)


def _mean_and_rest(X: Numbers) -> tuple[Array, Numbers]:
    """Return the mean and the table without it."""
    near = _near_mean(X)
    Z = X - near
    offset = Z.mean(axis=0, dtype=np.float64)
    Z -= offset.astype(Z.dtype)
    return near + offset, Z


def _check_spread(X: Numbers, variances: Array) -> None:
    """Say what is wrong with a table whose variances are not numbers or all 0."""
    if np.isfinite(variances).all() and variances.any():
        return
    _refuse_what_is_not_finite(X)
    if not (X - X[0]).any():
        raise ValueError("all rows are the same, so no direction has any variance; give rows that differ.")
    size = "small" if np.isfinite(variances).all() else "large"
    raise ValueError(f"the entries of X are too {size} to be squared as {X.dtype}; give them in other units.")


def _refuse_what_is_not_finite(X: Numbers) -> None:
    """Say where an entry is not a finite number, if one is."""
    for rows in _blocks(X):
        wrong = ~np.isfinite(X[rows])
        if wrong.any():
            i, j = np.argwhere(wrong)[0] + [rows.start, 0]
            raise ValueError(f"X has {X[i, j]} in row {i + 1}, column {j + 1}; every entry must be a finite number.")


def projection_matrix(B: ArrayLike) -> Array:
    """Return the matrix that projects onto the space of the columns of B: P = Q Q', where Q has their directions.

    P P = P, P = P', and what it takes away is perpendicular to the space.

    Args:
        B: Columns that span the space, (n, k), not all 0; they may depend on each other.

    Returns:
        (n, n).

    Raises:
        ValueError: All columns are 0, or an entry is not a finite number.

    >>> projection_matrix([[1.0], [1.0]])
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    B = checks.matrix(B, (None, None), "B")
    U, s, _ = np.linalg.svd(B / max(float(np.abs(B).max(initial=0.0)), 1e-300), full_matrices=False)
    rank = int((s > max(B.shape) * np.finfo(float).eps * s.max(initial=0.0)).sum())
    if not rank or not B.any():
        raise ValueError("all columns are 0, so there is nothing to project onto; give one that is not.")
    Q = U[:, :rank]
    P: Array = Q @ Q.T
    return P
