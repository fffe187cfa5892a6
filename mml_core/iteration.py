"""What repeating a matrix does: power iteration, powers and orbits."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mml_core import checks
from mml_core.checks import Array
from mml_core.eigen import Discs, gershgorin, spectrum


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
    rounding = 0.0 if len(A) == 2 else 1e-15 * len(A) * np.linalg.norm(A)  # the closed form for 2 x 2 has none
    if moduli[0] <= rounding:
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
    if len(active) == 1 or (not active.imag.any() and abs(np.sign(active.real).sum()) == len(active)):
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


def random_matrix(n: int, seed: int, symmetric: bool = False) -> Array:
    """Return n x n normal random numbers, divided by sqrt(n): their eigenvalues then fill the unit disc.

    G with entries N(0, 1/n) from NumPy's default generator, or (G + G') / sqrt(2), whose eigenvalues are real, from -2 to 2.
    Args:
        n: rows and columns, 1 to 200.
        seed: the same seed gives the same matrix, 0 or more.
        symmetric: whether entry i, j is to be entry j, i.
    Returns: the matrix, shape (n, n).
    Raises: ValueError when n or the seed is out of range.
    Source: Girko, 1985, Circular law, Theory of Probability and its Applications 29(4).

    >>> random_matrix(2, 1).round(3)
    array([[ 0.244,  0.581],
           [ 0.234, -0.921]])
    """
    n, seed = checks.whole_number(n, "n", 1, 200), checks.whole_number(seed, "the seed")
    rng = np.random.default_rng(seed)
    G = rng.standard_normal((n, n)) / math.sqrt(n)
    return np.asarray((G + G.T) / math.sqrt(2) if symmetric else G)


@dataclass(frozen=True, eq=False)
class Survey:
    """A larger matrix seen from both ends: what costs next to nothing, and what NumPy finds.

    `eigenvalues` all of them, by NumPy, largest modulus first, complex; `discs` Gershgorin's; `value`, `vector`, `residual`
    |A x - lambda x| and `n_steps` of the power iteration; `reference_value`, `reference_vector` NumPy's leading pair; `apart`
    the angle between the two lines in radians; `reason` "" or why the iteration does not find that pair.
    """

    eigenvalues: NDArray[np.complex128]
    discs: Discs
    value: float
    vector: Array
    residual: float
    n_steps: int
    reference_value: complex
    reference_vector: NDArray[np.complex128]
    apart: float
    reason: str


def survey(A: ArrayLike, max_steps: int = 5000, report: Callable[[int, int], None] | None = None) -> Survey:
    """Find the leading eigenvalue by power iteration, all by NumPy, and the discs that must hold them.

    x_(t+1) = A x_t / |A x_t| from a fixed uneven start, until |A x - lambda x| <= 1e-12 |A| or max_steps.
    Args:
        A: the matrix, shape (n, n), n <= 200.
        max_steps: where the iteration gives up, 1 to 100000.
        report: called with (done, total) as the work goes on.
    Returns: Survey.
    Raises: ValueError when A is not finite and square or has over 200 rows.
    Source: Golub and Van Loan, 2013, Matrix Computations, sections 7.2.1 and 7.3.1.

    >>> found = survey([[2, 1], [1, 2]])
    >>> round(found.value, 10), abs(found.reference_value - 3) < 1e-12, found.reason
    (3.0, True, '')
    """
    n = len(checks.matrix(A, (None, None)))
    A = checks.matrix(A, (n, n))
    max_steps = checks.whole_number(max_steps, "max_steps", 1, 100_000)
    if n > 200:
        raise ValueError(f"A has {n} rows; at most 200 are taken here.")
    k = math.frexp(float(np.abs(A).max()))[1]
    B, report = np.ldexp(A, -k), report or (lambda done, total: None)
    start = 1 + np.arange(n) / n
    x: Array = start / np.linalg.norm(start)
    for t in range(max_steps + 1):
        y = B @ x
        value, length = float(x @ y), float(np.linalg.norm(y))
        residual = float(np.linalg.norm(y - value * x))
        if residual <= 1e-12 * np.linalg.norm(B) or t == max_steps:
            break
        x = y / length
        if t % 250 == 0:
            report(t, 2 * max_steps)
    report(1, 2)
    values, V = np.linalg.eig(B)
    order = np.argsort(-np.abs(values), kind="stable")
    values, V = values[order].astype(complex), V[:, order].astype(complex)
    shadow = np.vdot(V[:, 0], x)
    apart = math.atan2(float(np.linalg.norm(x - shadow * V[:, 0])), abs(shadow))
    found = abs(value - values[0]) < 1e-6 * abs(values[0]) and apart < 1e-6
    scaled = np.array(np.ldexp(values.real, k) + 1j * np.ldexp(values.imag, k))
    return Survey(
        scaled, gershgorin(A), math.ldexp(value, k), x, math.ldexp(residual, k), t, complex(scaled[0]), V[:, 0], apart,
        "" if found else _no_leader(B, start / np.linalg.norm(start)),
    )  # fmt: skip


def _no_leader(A: Array, x: Array) -> str:
    """Return why power iteration from x does not end on the one leading eigenvector that NumPy gives."""
    rate, reason = _power_prospects(A, x)
    if reason:
        return reason
    found = spectrum(A)
    if found.geometric[0] < found.algebraic[0]:
        return "The leading eigenvalue is defective: the iterate creeps up to its eigenvectors like 1 / steps."
    if found.geometric[0] > 1:
        return (
            f"The leading eigenvalue has {found.geometric[0]} independent eigenvectors: every mix of them is one too, and each "
            "method finds its own."
        )
    return f"The next eigenvalue is {100 * (1 - rate):.2g} % smaller: so few steps do not leave it behind."
