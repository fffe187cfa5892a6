"""Eigenvalues, eigenvectors and what they add up to: by the closed form in the plane, by NumPy's method beyond."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import eig, lu
from scipy.sparse.csgraph import connected_components

from mml_core import checks
from mml_core.checks import Array

Numbers = NDArray[np.float64] | NDArray[np.complex128]


@dataclass(frozen=True, eq=False)
class Spectrum:
    """All eigenvalues of a matrix with unit eigenvectors as columns, in the same order, repeated as often as they count.

    Order: by modulus, largest first; among equal moduli (to 1e-12) the larger real part, then the positive imaginary part.
    Signs: in each eigenvector the first of the largest entries is real and positive. A defective eigenvalue has too few
    vectors; its last one is then repeated. `distinct`, `algebraic`, `geometric` have one entry per different eigenvalue.
    """

    eigenvalues: Numbers
    eigenvectors: Numbers
    distinct: Numbers
    algebraic: NDArray[np.intp]
    geometric: NDArray[np.intp]
    kind: str


@dataclass(frozen=True, eq=False)
class _Eigenspace:
    """One eigenvalue, how often it is a root, and a basis (columns) of its eigenvectors."""

    value: complex
    algebraic: int
    basis: Numbers


def spectrum(A: ArrayLike, tol: float = 1e-14) -> Spectrum:
    """Find the directions that A only stretches, and by how much.

    A v = lambda v. Kinds: "zero" (A = 0); "defective" (fewer eigenvectors than rows); for 2 x 2 "two real", "repeated
    diagonalisable" (A = k I), "complex pair"; for other sizes "real" (all different), "repeated diagonalisable" (real, some
    repeated), "complex" (at least one pair). Beyond 2 x 2, eigenvalues count as one when rounding could have split them:
    closer than tol n |A| / |cosine between left and right eigenvector|, at most |A| / 1000, and A - lambda I singular.
    Args:
        A: the matrix, shape (n, n).
        tol: what counts as rounding, relative to the entries; 0 takes a 2 x 2 matrix as exact.
    Returns: Spectrum; real arrays when all eigenvalues are real, else complex ones.
    Raises: ValueError when A is not a finite square matrix or tol is outside [0, 1].
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 4.2; Golub and Van Loan, 2013,
        Matrix Computations, section 7.2.2 for the condition of an eigenvalue.

    >>> spectrum([[2, 1], [1, 2]]).eigenvalues
    array([3., 1.])
    >>> spectrum([[1, 1], [0, 1]]).kind
    'defective'
    """
    n = len(checks.matrix(A, (None, None)))
    A, tol = checks.matrix(A, (n, n)), checks.number(tol, "tol", 0, 1)
    unit = 2.0**-200 if np.abs(A).max() < 1e-250 else 1.0  # halves of the smallest floats would be lost
    found = _plane_eigenspaces(A / unit, tol) if n == 2 else _eigenspaces(A / unit, tol)
    spaces = [found[i] for i in _eigen_order(np.array([space.value for space in found]))]
    values = np.array([space.value for space in spaces]) * unit
    algebraic = np.array([space.algebraic for space in spaces])
    geometric = np.array([space.basis.shape[1] for space in spaces])
    columns = [space.basis[:, min(k, space.basis.shape[1] - 1)] for space in spaces for k in range(space.algebraic)]
    V: Numbers = np.column_stack([_with_phase(v) for v in columns])
    if real := not values.imag.any():
        values, V = values.real, V.real
    kind = "complex pair" if n == 2 else "complex"
    if not A.any():
        kind = "zero"
    elif (geometric < algebraic).any():
        kind = "defective"
    elif real:
        kind = "repeated diagonalisable" if (algebraic > 1).any() else "two real" if n == 2 else "real"
    return Spectrum(np.repeat(values, algebraic), V, values, algebraic, geometric, kind)


def _plane_eigenspaces(A: Array, tol: float) -> list[_Eigenspace]:
    """Solve lambda^2 - (a + d) lambda + (a d - b c) = 0 around the mean (a + d)/2, with the vectors from the larger row."""
    (a, b), (c, d) = A.tolist()
    mean, p, h = a / 2 + d / 2, a / 2 - d / 2, max(abs(a), abs(d))
    # b and c get one size (their product stays) and p, b, c a common unit r: no square over- or underflows.
    shift = (math.frexp(b)[1] - math.frexp(c)[1]) // 2
    b_r, c_r = (math.ldexp(b, -shift), math.ldexp(c, shift)) if b and c else (0.0, 0.0)
    r = max(abs(p), abs(b_r), abs(c_r)) or 1.0
    bc, rounding = (b_r / r) * (c_r / r), tol * h / r
    s = (p / r) ** 2 + bc  # the discriminant ((a - d)/2)^2 + b c, in units of r^2
    if abs(s) <= 3 * abs(p / r) * rounding + rounding * rounding:
        if max(abs(p), abs(b), abs(c)) <= 4 * tol * h:
            return [_Eigenspace(mean, 2, np.eye(2))]
        v = (b, -p) if abs(b) >= abs(c) else (p, c)
        return [_Eigenspace(mean, 2, _unit_column(*v))]
    if s < 0:
        turn = complex(0, r * math.sqrt(-s))
        w = _unit_column(b, -p + turn) if abs(b) >= abs(c) else _unit_column(p + turn, c)
        return [_Eigenspace(mean + turn, 1, w), _Eigenspace(mean - turn, 1, w.conj())]
    q = p + math.copysign(r * math.sqrt(s), p)  # of the two roots the one that does not cancel
    delta = bc * r / (q / r)
    return [_Eigenspace(a + delta, 1, _unit_column(q, c)), _Eigenspace(d - delta, 1, _unit_column(-b, q))]


def _eigenspaces(A: Array, tol: float) -> list[_Eigenspace]:
    """Take eigenvalues that rounding could have split as one (their mean) and find the eigenvectors of each."""
    n, k = len(A), math.frexp(float(np.abs(A).max()))[1]
    A = np.ldexp(A, -k)
    size = float(np.linalg.norm(A, 2))
    triangular = not (np.tril(A, -1).any() and np.triu(A, 1).any())
    if np.array_equal(A, A.T):
        values, V = np.linalg.eigh(A)
        noise = tol * n * size * np.ones(n)
    else:
        values, left, V = eig(A, left=True, right=True)
        overlap = np.abs(np.sum(left.conj() * V, axis=0))
        noise = size * tol * n / np.maximum(overlap, max(1000 * tol * n, 1e-300))
    if triangular:  # the eigenvalues are the diagonal, without any rounding
        noise = tol * np.abs(values)
    apart = np.abs(values[:, None] - values)
    groups = connected_components(apart <= np.maximum(noise[:, None], noise))[1]
    spaces = []
    for g in range(groups.max() + 1):
        members = np.flatnonzero(groups == g)
        first = values[members[0]]
        mean = complex(first + np.mean(values[members] - first))  # exact where all are equal
        mean = complex(mean.real, 0 if abs(mean.imag) <= noise[members].max() else mean.imag)
        null = V[:, members]
        if len(members) > 1:
            _, s, Vh = np.linalg.svd(A - (mean if mean.imag else mean.real) * np.eye(n))
            n_null = min(int(np.sum(s <= 10 * tol * n * size)), len(members))
            null = Vh[n - n_null :].conj().T
        if null.shape[1]:
            spaces.append(_Eigenspace(mean * 2.0**k, len(members), null))
        else:  # no eigenvalue in the middle: these are different after all
            spaces += [_Eigenspace(complex(values[i]) * 2.0**k, 1, V[:, [i]]) for i in members]
    return spaces


def _eigen_order(values: Numbers) -> NDArray[np.intp]:
    """Return the places of the eigenvalues in the order of `Spectrum`."""
    order = np.argsort(-np.abs(values), kind="stable")
    moduli = np.abs(values[order])
    run = np.concatenate([[0], np.cumsum(moduli[1:] < (1 - 1e-12) * moduli[:-1])])
    return np.asarray(order[np.lexsort((-values[order].imag, -values[order].real, run))])


def _unit_column(v1: complex, v2: complex) -> Numbers:
    """Return (v1, v2) as a unit column; the larger entry is divided out first."""
    v = np.array([[v1], [v2]])
    v = v / np.abs(v).max()
    return np.asarray(v / np.sqrt(np.sum(np.abs(v) ** 2)))


def _with_phase(v: NDArray[Any]) -> NDArray[Any]:
    """Turn v so that the first of its largest entries is real and positive."""
    moduli = np.abs(v)
    i = int(np.argmax(moduli >= (1 - 1e-9) * moduli.max()))
    v = v * (np.conj(v[i]) / moduli[i])
    v[i] = moduli[i]
    return v + 0.0


@dataclass(frozen=True, eq=False)
class Invariants:
    """What must agree: |A v - lambda v| with 0 for each column, the trace with the sum, the determinant with the product."""

    residuals: Array
    trace: float
    eigenvalue_sum: float
    determinant: float
    eigenvalue_product: float


def invariants(A: ArrayLike, tol: float = 1e-14) -> Invariants:
    """Check the eigenvalues of A against numbers found without them.

    |A v_i - lambda_i v_i| = 0, sum lambda_i = sum a_ii, product lambda_i = det A (here from A = P L U).
    Args: A, tol: as for `spectrum`.
    Returns: Invariants, residuals of shape (n,); a determinant or product that exceeds every number is inf or -inf.
    Raises: ValueError as for `spectrum`.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, theorems 4.16 and 4.17.

    >>> found = invariants([[2, 1], [1, 2]])
    >>> found.trace, found.eigenvalue_sum, found.determinant, found.eigenvalue_product
    (4.0, 4.0, 3.0, 3.0)
    """
    found = spectrum(A, tol)
    A = checks.matrix(A, (None, None))
    values, V = found.eigenvalues, found.eigenvectors
    m = float(np.abs(A).max()) or 1.0
    missed = (A @ V - V * values) / m
    scales = np.frexp(np.abs(A).max(axis=1))[1]
    P, _, U = lu(np.ldexp(A, -scales[:, None]))  # rows of one size, for a product within the numbers
    turns = round(float(np.linalg.det(P))) * (-1) ** int(np.sum(np.diag(U) < 0))
    flips = (-1) ** int(np.sum((values.imag == 0) & (values.real < 0)))
    return Invariants(
        m * np.sqrt(np.sum(np.abs(missed) ** 2, axis=0)),
        float(np.trace(A)),
        float(values.sum().real),
        turns * _product_of(np.abs(np.diag(U)), int(scales.sum())),
        flips * _product_of(np.abs(values)),
    )


def _product_of(factors: Array, exponent: int = 0) -> float:
    """Return 2^exponent times the product of factors >= 0, inf only if the result itself is beyond every number."""
    product = 1.0
    for factor in factors.tolist():
        product, shift = math.frexp(product * math.frexp(factor)[0])
        exponent += shift + math.frexp(factor)[1]
    with np.errstate(over="ignore"):
        return float(np.ldexp(product, exponent)) if product else 0.0


def characteristic_polynomial(A: ArrayLike) -> Array:
    """Return the polynomial whose roots are the eigenvalues.

    det(lambda I - A) = lambda^n + c_1 lambda^(n-1) + ... + c_n, by M_1 = I, c_k = -trace(A M_k) / k,
    M_(k+1) = A M_k + c_k I; exact for whole numbers as long as every product is below 2^53.
    Args: A: the matrix, shape (n, n) with n <= 30 (beyond, rounding eats the coefficients).
    Returns: 1, c_1, ..., c_n, highest power first, shape (n + 1,).
    Raises: ValueError when A is not finite and square, n > 30, or a coefficient is too large for a number.
    Source: Faddeev and Sominskii, 1949 (method of Faddeev and LeVerrier); Gantmacher, 1959, Theory of Matrices, IV.5.

    >>> characteristic_polynomial([[2, 1], [1, 2]])
    array([ 1., -4.,  3.])
    """
    n = len(checks.matrix(A, (None, None)))
    A = checks.matrix(A, (n, n))
    if n > 30:
        raise ValueError(f"A has {n} rows; beyond 30 rounding eats the coefficients of the characteristic polynomial.")
    k = math.frexp(float(np.abs(A).max()))[1]
    B, M, c = np.ldexp(A, -k), np.eye(n), np.ones(n + 1)
    for i in range(1, n + 1):
        BM = B @ M
        c[i] = -np.trace(BM) / i
        M = BM + c[i] * np.eye(n)
    with np.errstate(over="ignore"):
        c = np.ldexp(c, k * np.arange(n + 1)) + 0.0
    if not np.isfinite(c).all():
        raise ValueError("A has entries so large that a coefficient of its polynomial exceeds every number; use smaller ones.")
    return np.asarray(c, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Discs:
    """Discs of the complex plane around real centres."""

    centres: Array
    radii: Array


def gershgorin(A: ArrayLike) -> Discs:
    """Return discs that cover all eigenvalues, read off the rows without solving anything.

    |lambda - a_ii| <= sum over j != i of |a_ij| for some i; radius 0 where a row has only its diagonal entry.
    Args: A: the matrix, shape (n, n).
    Returns: Discs, centres a_ii and radii of shape (n,), row by row.
    Raises: ValueError when A is not a finite square matrix.
    Source: Golub and Van Loan, 2013, Matrix Computations, theorem 7.2.1.

    >>> gershgorin([[4, 1], [-2, 0]])
    Discs(centres=array([4., 0.]), radii=array([1., 2.]))
    """
    n = len(checks.matrix(A, (None, None)))
    A = checks.matrix(A, (n, n))
    return Discs(np.diag(A).copy(), np.abs(A - np.diag(np.diag(A))).sum(axis=1))
