"""What repeating a matrix does: power iteration, powers and orbits."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mml_core import checks
from mml_core.checks import Array
from mml_core.eigen import spectrum


@dataclass(frozen=True, eq=False)
class PowerIteration:
    """A whole run of power iteration; row t belongs to step t, row 0 to the start.

    `vectors` unit x_t, shape (n_steps + 1, n); `rayleigh` lambda_t = x_t . A x_t; `residuals` |A x_t - lambda_t x_t|;
    `measured_rates` residual t + 1 / residual t, shape (n_steps,), nan once residual t is rounding (below 1e-13 |A|);
    `predicted_rate` |lambda_2 / lambda_1| of the two largest different eigenvalues (0 if there is one only, 1 if the largest
    is defective: it then creeps like 1/t); `reason` "" or the sentence why it cannot find the leading eigenvector.
    """

    vectors: Array
    rayleigh: Array
    residuals: Array
    measured_rates: Array
    predicted_rate: float
    reason: str


def power_iteration(A: ArrayLike, x0: ArrayLike, n_steps: int) -> PowerIteration:
    """Apply A again and again to one vector, brought back to length 1 each time.

    x_(t+1) = A x_t / |A x_t|; if A x_t = 0 the vector stays (it is an eigenvector for 0). For lambda_1 < 0 the sign of x_t
    changes at each step while its line settles.
    Args:
        A: the matrix, shape (n, n).
        x0: the start, shape (n,), not zero; only its direction counts.
        n_steps: how often, 0 to 10000.
    Returns: PowerIteration.
    Raises: ValueError when A is not finite and square, x0 is zero or does not fit, or n_steps is out of range.
    Source: Golub and Van Loan, 2013, Matrix Computations, section 7.3.1.

    >>> power_iteration([[2, 1], [1, 2]], [1, 0], 30).rayleigh[-1].round(12)
    np.float64(3.0)
    """
    n = len(checks.matrix(A, (None, None)))
    A, x = checks.matrix(A, (n, n)), checks.vector(x0, n, "the start")
    n_steps = checks.whole_number(n_steps, "n_steps", 0, 10_000)
    if not x.any():
        raise ValueError("the start is the zero vector; it stays zero for ever, so give it some length.")
    k, m = math.frexp(float(np.abs(A).max()))[1], np.abs(x).max()
    B, x = np.ldexp(A, -k), x / m / np.linalg.norm(x / m)  # lengths of B x and x are then never too large or too small
    vectors, rayleigh, residuals = np.empty((n_steps + 1, n)), np.empty(n_steps + 1), np.empty(n_steps + 1)
    vanished = n_steps + 1
    for t in range(n_steps + 1):
        y = B @ x
        vectors[t], rayleigh[t] = x, x @ y
        residuals[t] = np.linalg.norm(y - rayleigh[t] * x)
        m = np.abs(y).max()
        if m > 0:
            x = y / m / np.linalg.norm(y / m)
        else:
            vanished = min(t, vanished)
    heard = residuals[:-1] > 1e-13 * np.linalg.norm(B)
    rates = np.divide(residuals[1:], residuals[:-1], out=np.full(n_steps, np.nan), where=heard)
    predicted, reason = _power_prospects(B, vectors[0])
    if vanished <= n_steps and B.any():
        where = f"At step {vanished}" if vanished else "At the start"
        reason = f"{where} A x = 0: x lies in the null space, and a vector of length 0 has no direction to go on with."
    return PowerIteration(vectors, np.ldexp(rayleigh, k), np.ldexp(residuals, k), rates, predicted, reason)


def _power_prospects(A: Array, x: Array) -> tuple[float, str]:
    """Return |lambda_2 / lambda_1| and "" or the reason why x does not settle on the leading eigenvector."""
    found = spectrum(A)
    moduli = np.abs(found.distinct)
    if moduli[0] == 0:
        if not A.any():
            return 0.0, "A is the zero matrix: it sends every start to zero, so there is no direction to follow."
        return 0.0, "All eigenvalues are 0: A sends every start to zero in the end, so there is no direction to follow."
    leading = np.flatnonzero(moduli >= (1 - 1e-12) * moduli[0])
    rate = float(moduli[1] / moduli[0]) if len(moduli) > 1 else 0.0
    rate = 1.0 if len(leading) > 1 or found.geometric[0] < found.algebraic[0] else rate
    parts = [_part_along(A, x, found.distinct[i], int(found.algebraic[i])) for i in leading]
    active = found.distinct[leading][np.array(parts) > 1e-13]
    if not active.size:
        return rate, (
            "The start has no part along the leading eigenvector (for a symmetric matrix: it is perpendicular to it); "
            "only rounding can bring one in."
        )
    if len(active) == 1:
        return rate, ""
    if not active.imag.any():
        return rate, "Two eigenvalues of equal size and opposite sign lead: x alternates between two directions for ever."
    if len(active) > 2:
        return rate, f"{len(active)} different eigenvalues of equal size lead, a complex pair among them: x never settles."
    degrees = abs(math.degrees(math.atan2(active[0].imag, active[0].real)))
    return rate, f"A complex pair leads: no real direction stays, x goes on turning, {degrees:.4g} degrees a step on average."


def _part_along(A: Array, x: Array, value: complex, algebraic: int) -> float:
    """Return how much of the unit vector x belongs to one eigenvalue: its shadow on the left null space of its power."""
    size = np.linalg.norm(A, 2)
    nilpotent = np.linalg.matrix_power((A - value * np.eye(len(A))) / size, algebraic)
    U = np.linalg.svd(nilpotent)[0]
    return float(np.linalg.norm(U[:, len(A) - algebraic :].conj().T @ x))


@dataclass(frozen=True, eq=False)
class MatrixPower:
    """A^n twice: by repeated multiplication and as P D^n P^-1 (None with a reason where there is no eigenbasis).

    `difference` is the largest difference of two entries over the largest entry of A^n, None without an eigenbasis.
    """

    by_multiplication: Array
    by_eigenbasis: Array | None
    difference: float | None
    reason: str


def matrix_power(A: ArrayLike, n: int) -> MatrixPower:
    """Return A^n in two ways.

    A^n = A A ... A (by squaring: A^13 = A^8 A^4 A), and P D^n P^-1 with the eigenvectors as columns of P and the n-th
    powers of the eigenvalues in D: n changes nothing but these. A^0 = I.
    Args:
        A: the matrix, shape (m, m).
        n: the power, a whole number from 0 to 10^9.
    Returns: MatrixPower; the closer A is to having no eigenbasis, the larger the difference.
    Raises: ValueError when A is not finite and square, n is out of range or A^n is too large for numbers.
    Source: Deisenroth, Faisal and Ong, 2020, Mathematics for Machine Learning, section 4.4.

    >>> matrix_power([[1, 1], [1, 0]], 10).by_multiplication
    array([[89., 55.],
           [55., 34.]])
    """
    m = len(checks.matrix(A, (None, None)))
    A = checks.matrix(A, (m, m))
    if checks.number(n, "n") < 0:
        raise ValueError(f"n is {n}; for a negative power take the inverse of A first, and a power of at least 0.")
    n = checks.whole_number(n, "n", 0, 1_000_000_000)
    with np.errstate(over="ignore", invalid="ignore"):
        by_multiplication: Array = np.linalg.matrix_power(A, n)
        if not (np.abs(by_multiplication) <= checks.LARGEST).all():
            raise ValueError(f"A^{n} has entries beyond every number; take a smaller power or a smaller matrix.")
        found = spectrum(A)
        if found.kind == "defective":
            reason = "A is defective: its eigenvectors do not span the space, so P has no inverse and there is no P D^n P^-1."
            return MatrixPower(by_multiplication, None, None, reason)
        P = found.eigenvectors
        try:
            by_eigenbasis = np.array(np.linalg.solve(P.T, (P * found.eigenvalues**n).T).T.real, dtype=np.float64)
        except np.linalg.LinAlgError:
            by_eigenbasis = np.full((m, m), np.nan)
    if not np.isfinite(by_eigenbasis).all():
        reason = "The eigenvectors are parallel to every digit that numbers have, so P D^n P^-1 cannot be computed."
        return MatrixPower(by_multiplication, None, None, reason)
    largest = float(np.abs(by_multiplication).max()) or 1.0
    return MatrixPower(by_multiplication, by_eigenbasis, float(np.abs(by_multiplication - by_eigenbasis).max()) / largest, "")


@dataclass(frozen=True, eq=False)
class Orbit:
    """The points x_0, A x_0, A^2 x_0, ... as rows; fewer than asked for, with the reason, where numbers end."""

    points: Array
    reason: str


def orbit(A: ArrayLike, x0: ArrayLike, n_steps: int) -> Orbit:
    """Follow one point as A moves it on and on.

    x_(t+1) = A x_t; stops before an entry exceeds 1e300.
    Args:
        A: the matrix, shape (n, n).
        x0: where the point starts, shape (n,).
        n_steps: how many moves, 0 to 100000.
    Returns: Orbit, points of shape (n_steps + 1, n), or fewer rows and a reason.
    Raises: ValueError when A is not finite and square, x0 does not fit or n_steps is out of range.
    Source: Strang, 2016, Introduction to Linear Algebra, section 6.2.

    >>> orbit([[1, 1], [1, 0]], [1, 0], 4).points[:, 0]
    array([1., 1., 2., 3., 5.])
    """
    n = len(checks.matrix(A, (None, None)))
    A, x = checks.matrix(A, (n, n)), checks.vector(x0, n, "the start")
    n_steps = checks.whole_number(n_steps, "n_steps", 0, 100_000)
    points = np.empty((n_steps + 1, n))
    points[0] = x
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(1, n_steps + 1):
            x = A @ x
            if not (np.abs(x) <= checks.LARGEST).all():
                return Orbit(
                    points[:t].copy(), f"The orbit ends after {t - 1} of {n_steps} steps: the next point exceeds 1e300."
                )
            points[t] = x
    return Orbit(points, "")
