"""Eigenvalues and what they add up to, against known answers, exact arithmetic, NumPy and SciPy."""

import doctest
import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.optimize
import sympy
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from mml_core import eigen

EVERY = settings(derandomize=True, deadline=None, max_examples=80)
tame = st.integers(-10_000, 10_000).map(lambda x: x / 1000)
wild = st.sampled_from([0.0, 1.0, -1.0, 3.0, 1e-150, -1e-150, 1e150, -1e150, 1e-8, 1 + 1e-8, 1e300, -1e-300, 5e-324])
GOLDEN = (1 + math.sqrt(5)) / 2
ROOT = math.sqrt(0.5)


def plane(entries):
    return st.tuples(*[entries] * 4).map(lambda e: np.array(e, dtype=float).reshape(2, 2))


def unimodular(n, seed):
    """Return a whole-number matrix with determinant 1 and its exact inverse."""
    rng = np.random.default_rng(seed)
    L, U = np.tril(rng.integers(-1, 2, (n, n)), -1) + np.eye(n), np.triu(rng.integers(-1, 2, (n, n)), 1) + np.eye(n)
    return L @ U, np.round(np.linalg.inv(L @ U))


def matched(found, reference):
    """Return the largest distance between two lists of eigenvalues, paired as well as can be."""
    costs = np.abs(np.asarray(found)[:, None] - np.asarray(reference))
    return costs[scipy.optimize.linear_sum_assignment(costs)].max()


def assert_sound(A, found, tol=1e-12):
    """Check all that any spectrum promises."""
    n, size = len(A), np.abs(A).max() or 1.0
    V, values = found.eigenvectors, found.eigenvalues
    assert values.shape == (n,)
    assert V.shape == (n, n)
    assert np.isfinite(values).all()
    assert np.isfinite(V).all()
    np.testing.assert_allclose(np.sum(np.abs(V) ** 2, axis=0), 1, rtol=1e-13)
    assert (np.abs(A / size @ V - V * (values / size)) <= tol * n + 1e-323 / size).all()  # the smallest floats are coarse
    moduli = np.abs(values)
    assert (np.diff(moduli) <= 1e-11 * moduli[0]).all()
    assert found.algebraic.sum() == n
    assert (found.geometric >= 1).all()
    assert (found.geometric <= found.algebraic).all()
    np.testing.assert_array_equal(np.repeat(found.distinct, found.algebraic), values)
    for v in V.T:
        first = v[np.argmax(np.abs(v) >= (1 - 1e-9) * np.abs(v).max())]
        assert first.real > 0
        assert first.imag == 0
    assert (values.dtype == float) == (not np.iscomplexobj(V)) == (not values.imag.any())


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(eigen).failed == 0


# --- known answers in the plane


@pytest.mark.parametrize(
    ("A", "kind", "values", "vectors"),
    [
        ([[2, 1], [1, 2]], "two real", [3, 1], [[ROOT, ROOT], [ROOT, -ROOT]]),
        ([[1, 1], [1, 0]], "two real", [GOLDEN, 1 - GOLDEN], [[GOLDEN, 1], [-1, GOLDEN]]),
        ([[0.9, 0.5], [0.1, 0.5]], "two real", [1, 0.4], [[5, 1], [1, -1]]),
        ([[1, 0], [0, 0]], "two real", [1, 0], [[1, 0], [0, 1]]),
        ([[0.5, 0.5], [0.5, 0.5]], "two real", [1, 0], [[1, 1], [1, -1]]),
        ([[0, 1], [1, 0]], "two real", [1, -1], [[1, 1], [1, -1]]),
        ([[1, 2], [2, 4]], "two real", [5, 0], [[1, 2], [2, -1]]),
        ([[-3, 0], [0, 2]], "two real", [-3, 2], [[1, 0], [0, 1]]),
        ([[1, 1], [0, 1]], "defective", [1, 1], [[1, 0], [1, 0]]),
        ([[1, 0], [-2, 1]], "defective", [1, 1], [[0, 1], [0, 1]]),
        ([[3, 1], [-1, 1]], "defective", [2, 2], [[1, -1], [1, -1]]),
        ([[0.3, 0.1], [-0.1, 0.1]], "defective", [0.2, 0.2], [[1, -1], [1, -1]]),
        ([[0, 1], [0, 0]], "defective", [0, 0], [[1, 0], [1, 0]]),
        ([[2, 2], [-2, -2]], "defective", [0, 0], [[1, -1], [1, -1]]),
        ([[3, 0], [0, 3]], "repeated diagonalisable", [3, 3], [[1, 0], [0, 1]]),
        ([[0.1 + 0.2, 0], [0, 0.3]], "repeated diagonalisable", [0.3, 0.3], [[1, 0], [0, 1]]),
        ([[0, 0], [0, 0]], "zero", [0, 0], [[1, 0], [0, 1]]),
        ([[0, -1], [1, 0]], "complex pair", [1j, -1j], [[1, -1j], [1, 1j]]),
        ([[1, -5], [1, -1]], "complex pair", [2j, -2j], [[5, 1 - 2j], [5, 1 + 2j]]),
    ],
)
def test_known_spectra(A, kind, values, vectors):
    found = eigen.spectrum(A)
    assert found.kind == kind
    np.testing.assert_allclose(found.eigenvalues, values, rtol=1e-15, atol=1e-16)
    expected = np.array(vectors).T / np.linalg.norm(vectors, axis=1)
    np.testing.assert_allclose(found.eigenvectors, expected, rtol=1e-15, atol=1e-15)
    assert_sound(np.array(A), found)


@pytest.mark.parametrize("theta", [0.1, 1, math.pi / 2, 3, -2])
def test_a_rotation_has_the_eigenvalues_of_its_angle(theta):
    c, s = math.cos(theta), math.sin(theta)
    found = eigen.spectrum([[c, -s], [s, c]])
    np.testing.assert_allclose(found.eigenvalues, [complex(c, abs(s)), complex(c, -abs(s))], rtol=1e-15)
    assert found.kind == "complex pair"


def test_the_multiplicities_tell_the_shear_from_the_multiple_of_the_identity():
    shear, multiple, plain = (eigen.spectrum(A) for A in ([[1, 1], [0, 1]], [[1, 0], [0, 1]], [[2, 1], [1, 2]]))
    assert (shear.distinct.tolist(), shear.algebraic.tolist(), shear.geometric.tolist()) == ([1], [2], [1])
    assert (multiple.algebraic.tolist(), multiple.geometric.tolist()) == ([2], [2])
    assert (plain.algebraic.tolist(), plain.geometric.tolist()) == ([1, 1], [1, 1])


# --- properties in the plane


@EVERY
@given(plane(tame))
def test_every_plane_spectrum_is_sound_and_agrees_with_numpy(A):
    found = eigen.spectrum(A)
    assert_sound(A, found)
    np.testing.assert_allclose(found.eigenvalues.sum(), np.trace(A), atol=1e-13)
    np.testing.assert_allclose(np.prod(found.eigenvalues), A[0, 0] * A[1, 1] - A[0, 1] * A[1, 0], atol=1e-12)
    s = ((A[0, 0] - A[1, 1]) / 2) ** 2 + A[0, 1] * A[1, 0]
    loss = 1e-13 / max(math.sqrt(abs(s)) / 10, 1e-7)
    assert matched(found.eigenvalues, np.linalg.eigvals(A)) <= 1e-13 + loss * 10


@EVERY
@given(plane(st.integers(-9, 9)))
def test_the_kind_is_that_of_exact_arithmetic(A):
    (a, b), (c, d) = ([Fraction(int(entry)) for entry in row] for row in A)
    s = ((a - d) / 2) ** 2 + b * c
    kind = "two real" if s > 0 else "complex pair" if s < 0 else "defective" if b or c else "repeated diagonalisable"
    assert eigen.spectrum(A).kind == ("zero" if not A.any() else kind)


@EVERY
@given(plane(st.one_of(wild, wild, tame)))
@example(np.array([[0, 1e300], [1e-300, 0]]))
@example(np.array([[1e300, -1e300], [1e300, 1e300]]))
@example(np.array([[5e-324, 0], [0, 0]]))
@example(np.array([[1, 0], [0, 1 + 4e-14]]))
def test_the_extremes_give_a_sound_answer_too(A):
    assert_sound(A, eigen.spectrum(A), 1e-13)
    found = eigen.invariants(A)
    assert np.isfinite(found.residuals).all()
    assert not math.isnan(found.determinant)
    assert not math.isnan(found.eigenvalue_product)


@pytest.mark.parametrize("size", [1e-150, 1e-50, 1, 1e50, 1e150, 1e299])
@pytest.mark.parametrize("A", [[[2, 1], [1, 2]], [[1, 1], [0, 1]], [[0, -2], [1, 1]], [[1, 1], [1e-8, 1]], [[3, 0], [0, 3]]])
def test_the_unit_changes_nothing_but_the_eigenvalues(A, size):
    plain, scaled = eigen.spectrum(A), eigen.spectrum(np.multiply(A, size))
    assert scaled.kind == plain.kind
    np.testing.assert_allclose(scaled.eigenvalues, plain.eigenvalues * size, rtol=1e-11)
    np.testing.assert_allclose(scaled.eigenvectors, plain.eigenvectors, atol=1e-10)


def test_graded_entries_keep_both_eigenvalues():
    np.testing.assert_allclose(eigen.spectrum([[1e150, 1e-150], [1e-150, 1e-150]]).eigenvalues, [1e150, 1e-150], rtol=1e-15)
    np.testing.assert_allclose(eigen.spectrum([[0, 1e300], [1e-300, 0]]).eigenvalues, [1, -1], rtol=1e-15)
    np.testing.assert_allclose(eigen.spectrum([[1e-150, 1e150], [0, -1e-150]]).eigenvectors, [[1, 1], [0, -2e-300]], rtol=1e-14)
    np.testing.assert_allclose(eigen.spectrum([[1e8, 1], [1, 2e-8]]).eigenvalues[1], 1e-8, rtol=1e-8)


# --- nearly defective


@pytest.mark.parametrize("e", [1e-4, 1e-8, 1e-12, 1e-20])
def test_a_nearly_defective_matrix_has_two_nearly_parallel_vectors(e):
    found = eigen.spectrum([[1, 1], [e, 1]])
    assert found.kind == "two real"
    np.testing.assert_allclose(found.eigenvalues, [1 + math.sqrt(e), 1 - math.sqrt(e)], rtol=1e-15)
    v, w = found.eigenvectors.T
    assert abs(v[0] * w[1] - v[1] * w[0]) == pytest.approx(2 * math.sqrt(e) / (1 + e), rel=1e-9)


def test_nearly_equal_diagonal_entries_stay_two_eigenvalues():
    found = eigen.spectrum([[1, 1], [0, 1 + 1e-8]])
    assert found.kind == "two real"
    assert found.eigenvalues.tolist() == [1 + 1e-8, 1]
    np.testing.assert_allclose(found.eigenvectors[1], [1e-8, 0], rtol=1e-7)


def test_the_other_side_of_defective_is_a_complex_pair():
    found = eigen.spectrum([[1, 1], [-1e-8, 1]])
    assert found.kind == "complex pair"
    np.testing.assert_allclose(found.eigenvalues, [1 + 1e-4j, 1 - 1e-4j], rtol=1e-15)


@EVERY
@given(st.integers(-9, 9), st.integers(0, 10**6), st.sampled_from([1.0, 0.1, 1e150, 1e-150]))
def test_an_exactly_defective_matrix_is_found_whatever_its_basis(value, seed, size):
    P, P_inverse = unimodular(2, seed)
    found = eigen.spectrum(P @ np.array([[value, 1], [0, value]]) @ P_inverse * size)
    assert found.kind == "defective"
    np.testing.assert_allclose(found.eigenvalues, [value * size] * 2, rtol=1e-13, atol=1e-13 * size)


def test_rounding_in_typed_decimals_does_not_hide_a_defective_matrix():
    assert eigen.spectrum([[1000.3, 0.1], [-0.1, 1000.1]]).kind == "defective"
    assert eigen.spectrum([[1000.3, 0.1], [-0.1 + 1e-9, 1000.1]]).kind == "two real"
    assert eigen.spectrum([[1, 0], [0, 1 + 2e-14]]).kind != "defective"
    assert eigen.spectrum([[1, 0], [0, 1 + 4e-14]]).kind != "defective"


def test_the_smallest_floats_keep_their_eigenvalues():
    found = eigen.spectrum([[5e-324, 0], [0, 0]])
    assert (found.kind, found.eigenvalues.tolist()) == ("two real", [5e-324, 0])


def test_with_tolerance_zero_every_digit_of_a_plane_matrix_counts():
    A = [[1, 1e-20], [0, 1]]
    assert eigen.spectrum(A).kind == "repeated diagonalisable"
    assert eigen.spectrum(A, tol=0).kind == "defective"
    assert eigen.spectrum([[0.1 + 0.2, 0], [0, 0.3]], tol=0).kind == "two real"
    assert eigen.spectrum(np.eye(3), tol=0).geometric.tolist() == [3]


# --- larger matrices


@EVERY
@given(st.sampled_from([1, 3, 4, 6, 9]), st.integers(0, 10**6), st.sampled_from([1.0, 1e150, 1e-150]))
def test_larger_spectra_are_sound_and_agree_with_numpy(n, seed, size):
    A = np.random.default_rng(seed).normal(size=(n, n))
    found = eigen.spectrum(A * size)
    assert_sound(A * size, found)
    assert matched(found.eigenvalues / size, np.linalg.eigvals(A)) <= 1e-8
    np.testing.assert_allclose(found.eigenvalues.sum() / size, np.trace(A), atol=1e-12)
    np.testing.assert_allclose(np.prod(found.eigenvalues / size), np.linalg.det(A), atol=1e-11, rtol=1e-10)
    pairs = found.eigenvalues.imag != 0
    assert matched(found.eigenvalues, found.eigenvalues.conj()) <= 1e-14 * size * n
    assert found.kind == ("complex" if pairs.any() else "real")


@EVERY
@given(st.sampled_from([3, 5, 8]), st.integers(0, 10**6))
def test_a_symmetric_matrix_has_perpendicular_real_eigenvectors(n, seed):
    S = np.random.default_rng(seed).normal(size=(n, n))
    S = S + S.T
    found = eigen.spectrum(S)
    V = found.eigenvectors
    np.testing.assert_allclose(V.T @ V, np.eye(n), atol=1e-13)
    np.testing.assert_allclose(np.sort(found.eigenvalues), np.linalg.eigvalsh(S), atol=1e-13)


@EVERY
@given(st.integers(2, 5), st.integers(0, 10**6))
def test_a_change_of_basis_keeps_the_eigenvalues(n, seed):
    rng = np.random.default_rng(seed)
    A, E = rng.normal(size=(2, n, n))
    assume(np.linalg.cond(E) < 100)
    before, after = eigen.spectrum(A), eigen.spectrum(np.linalg.solve(E, A @ E))
    assume(np.linalg.cond(before.eigenvectors) < 100)
    assert matched(before.eigenvalues, after.eigenvalues) <= 1e-9


JORDAN = [
    (np.diag([2, 2, 2, 5.0]) + np.diag([1, 0, 0], 1), "defective", {5: (1, 1), 2: (3, 2)}),
    (np.diag([2, 2, 2, 5.0]) + np.diag([1, 1, 0], 1), "defective", {5: (1, 1), 2: (3, 1)}),
    (np.diag([2, 2, 2, 2.0]) + np.diag([1, 1, 1], 1), "defective", {2: (4, 1)}),
    (np.diag([2, 2, 2, 2.0]) + np.diag([1, 0, 1], 1), "defective", {2: (4, 2)}),
    (np.diag([3, 3, -1, -1.0]), "repeated diagonalisable", {3: (2, 2), -1: (2, 2)}),
    (np.diag([3, 2, 1, 0.0]), "real", {3: (1, 1), 2: (1, 1), 1: (1, 1), 0: (1, 1)}),
    (np.diag([7, 7, 7, 7.0]), "repeated diagonalisable", {7: (4, 4)}),
]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("J", "kind", "multiplicities"), JORDAN)
def test_multiplicities_survive_a_change_of_basis(J, kind, multiplicities, seed):
    P, P_inverse = unimodular(4, seed)
    found = eigen.spectrum(P @ J @ P_inverse)
    assert found.kind == kind
    counted = zip(found.distinct, found.algebraic, found.geometric, strict=True)
    assert {round(float(value), 6): (a, g) for value, a, g in counted} == multiplicities
    np.testing.assert_allclose(found.distinct, list(multiplicities), atol=1e-11)
    assert_sound(P @ J @ P_inverse, found)


def test_a_weak_coupling_still_makes_a_matrix_defective():
    P, P_inverse = unimodular(4, 1)
    found = eigen.spectrum(P @ (np.diag([2, 2, 2, 5.0]) + np.diag([1e-6, 0, 0], 1)) @ P_inverse)
    assert found.kind == "defective"
    assert (found.algebraic.tolist(), found.geometric.tolist()) == ([1, 3], [1, 2])


def test_a_defective_complex_pair_is_found():
    J = np.array([[0, -1, 1, 0], [1, 0, 0, 1], [0, 0, 0, -1], [0, 0, 1, 0.0]])
    found = eigen.spectrum(J)
    assert found.kind == "defective"
    np.testing.assert_allclose(found.distinct, [1j, -1j], atol=1e-13)
    assert (found.algebraic.tolist(), found.geometric.tolist()) == ([2, 2], [1, 1])


@pytest.mark.parametrize("e", [1e-8, 1e-10])
def test_a_nearly_defective_block_is_not_called_defective(e):
    for A in ([[1, 1, 0], [e, 1, 0], [0, 0, 5]], [[1, 1, 2], [0, 1 + e, 3], [0, 0, 5]], [[5, 0, 0], [3, 1, 0], [1, 1, 1 + e]]):
        found = eigen.spectrum(A)
        assert found.kind == "real", A
        assert len(set(found.eigenvalues.tolist())) == 3


def test_a_diagonal_matrix_keeps_its_entries_to_the_last_bit():
    diagonal = [1e150, 3.0, 0.1, 0.1, 0.1, 2e-20, 1e-20, 1e-150]
    found = eigen.spectrum(np.diag(diagonal))
    assert found.eigenvalues.tolist() == diagonal
    assert found.geometric.tolist() == [1, 1, 3, 1, 1, 1]


def test_equal_moduli_are_ordered_by_real_then_by_imaginary_part():
    found = eigen.spectrum([[0, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]])
    np.testing.assert_allclose(found.eigenvalues, [1, 1j, -1j, -1], atol=1e-14)


def test_a_large_matrix_of_ones_has_one_direction_and_a_null_space():
    found = eigen.spectrum(np.ones((50, 50)))
    assert found.kind == "repeated diagonalisable"
    assert (found.algebraic.tolist(), found.geometric.tolist()) == ([1, 49], [1, 49])
    np.testing.assert_allclose(found.eigenvalues, [50] + [0] * 49, atol=1e-12)


def test_a_random_matrix_of_a_hundred_rows_is_not_called_defective():
    A = np.random.default_rng(3).normal(size=(100, 100))
    found = eigen.spectrum(A)
    assert found.kind == "complex"
    assert found.algebraic.max() == 1
    assert_sound(A, found)


def test_the_eigenvalues_of_the_second_difference_are_known():
    n = 12
    found = eigen.spectrum(2 * np.eye(n) - np.diag(np.ones(n - 1), 1) - np.diag(np.ones(n - 1), -1))
    known = 4 * np.sin(np.arange(n, 0, -1) * math.pi / (2 * n + 2)) ** 2
    np.testing.assert_allclose(found.eigenvalues, known, rtol=1e-13)


@pytest.mark.parametrize(
    ("A", "words"),
    [
        ([[1, 2, 3], [4, 5, 6]], "A has shape 2 x 3; it must be a matrix with 2 rows and 2 columns"),
        ([[1, np.nan], [0, 1]], "nan in row 1, column 2"),
        ([1, 2], "A has shape 2"),
    ],
)
@pytest.mark.parametrize("function", [eigen.spectrum, eigen.invariants, eigen.characteristic_polynomial, eigen.gershgorin])
def test_what_is_no_square_matrix_ends_in_a_sentence(function, A, words):
    with pytest.raises(ValueError, match=words):
        function(A)


def test_a_tolerance_out_of_range_is_refused():
    with pytest.raises(ValueError, match="tol is -1"):
        eigen.spectrum(np.eye(2), tol=-1)


# --- invariants


@EVERY
@given(st.sampled_from([1, 2, 3, 5, 7]), st.integers(0, 10**6))
def test_trace_and_determinant_are_sum_and_product(n, seed):
    A = np.random.default_rng(seed).integers(-5, 6, (n, n))
    found = eigen.invariants(A)
    exact = int(sympy.Matrix(A.tolist()).det())
    assert found.trace == np.trace(A)
    assert found.eigenvalue_sum == pytest.approx(found.trace, abs=1e-11)
    assert found.determinant == pytest.approx(exact, rel=1e-12, abs=1e-9)
    assert found.eigenvalue_product == pytest.approx(exact, rel=1e-9, abs=1e-4)
    assert found.residuals.max() <= 1e-12


def test_a_determinant_survives_extremes_and_overflows_to_infinity_only():
    assert eigen.invariants([[0, 1e300], [1e-300, 0]]).determinant == pytest.approx(-1)
    found = eigen.invariants(np.diag([-1e150, 1e150, 1e-150]))
    assert found.determinant == pytest.approx(-1e150)
    assert found.eigenvalue_product == pytest.approx(-1e150)
    assert eigen.invariants(np.diag([-1e200, 1e200])).determinant == -math.inf
    assert eigen.invariants(np.diag([1e200, 1e200, 0])).eigenvalue_product == 0


# --- the characteristic polynomial


@EVERY
@given(st.integers(1, 7), st.integers(0, 10**6))
def test_the_polynomial_is_that_of_exact_arithmetic(n, seed):
    A = np.random.default_rng(seed).integers(-5, 6, (n, n))
    exact = [int(c) for c in sympy.Matrix(A.tolist()).charpoly().all_coeffs()]
    assert eigen.characteristic_polynomial(A).tolist() == exact
    np.testing.assert_allclose(np.poly(A), exact, rtol=1e-9, atol=1e-8)


def test_the_polynomial_of_fractions_agrees_with_numpy():
    A = np.random.default_rng(0).normal(size=(10, 10))
    np.testing.assert_allclose(eigen.characteristic_polynomial(A), np.poly(A), rtol=1e-9, atol=1e-9)


def test_the_polynomial_stays_good_to_thirty_rows():
    A = np.random.default_rng(1).integers(-5, 6, (30, 30))
    exact = np.array([float(c) for c in sympy.Matrix(A.tolist()).charpoly().all_coeffs()])
    np.testing.assert_allclose(eigen.characteristic_polynomial(A), exact, rtol=1e-8)
    with pytest.raises(ValueError, match="A has 31 rows; beyond 30"):
        eigen.characteristic_polynomial(np.eye(31))


def test_the_polynomial_has_the_eigenvalues_as_roots():
    A = [[1, -5], [1, -1]]
    np.testing.assert_allclose(np.polyval(eigen.characteristic_polynomial(A), eigen.spectrum(A).eigenvalues), 0, atol=1e-14)


def test_a_polynomial_too_large_for_numbers_is_refused():
    np.testing.assert_allclose(eigen.characteristic_polynomial([[3e150, 0], [0, 1e150]]), [1, -4e150, 3e300], rtol=1e-14)
    with pytest.raises(ValueError, match="exceeds every number"):
        eigen.characteristic_polynomial(np.diag([1e200, 1e200]))


# --- Gershgorin's discs


@EVERY
@given(st.integers(1, 8), st.integers(0, 10**6))
def test_every_eigenvalue_lies_in_a_disc(n, seed):
    A = np.random.default_rng(seed).normal(size=(n, n))
    discs = eigen.gershgorin(A)
    away = np.abs(eigen.spectrum(A).eigenvalues[:, None] - discs.centres)
    assert (away <= discs.radii + 1e-12).any(axis=1).all()


def test_known_discs():
    discs = eigen.gershgorin([[4, -1, 2], [0, 3, 0], [1e150, 0, -1]])
    assert discs.centres.tolist() == [4, 3, -1]
    assert discs.radii.tolist() == [3, 0, 1e150]
