"""Repeating a matrix: power iteration, powers and orbits, against known answers and NumPy."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mml_core import iteration

EVERY = settings(derandomize=True, deadline=None, max_examples=60)
GOLDEN = (1 + math.sqrt(5)) / 2
FIBONACCI = [[1, 1], [1, 0]]
seeds = st.integers(0, 10**6)


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(iteration).failed == 0


# --- power iteration


def test_fibonacci_finds_the_golden_ratio_at_the_predicted_rate():
    run = iteration.power_iteration(FIBONACCI, [1, 0], 40)
    assert run.rayleigh[-1] == pytest.approx(GOLDEN, rel=1e-15)
    np.testing.assert_allclose(run.vectors[-1], np.array([GOLDEN, 1]) / math.hypot(GOLDEN, 1), rtol=1e-14)
    assert run.predicted_rate == pytest.approx(1 / GOLDEN**2)
    np.testing.assert_allclose(run.measured_rates[5:20], run.predicted_rate, rtol=1e-3)
    assert run.reason == ""


@EVERY
@given(st.integers(2, 6), seeds, st.sampled_from([1e-150, 1.0, 1e150]))
def test_every_row_of_a_run_is_what_it_says(n, seed, size):
    rng = np.random.default_rng(seed)
    A, x0 = rng.normal(size=(n, n)), rng.normal(size=n)
    run = iteration.power_iteration(A * size, x0 / size, 15)
    assert run.vectors.shape == (16, n)
    assert run.rayleigh.shape == run.residuals.shape == (16,)
    assert run.measured_rates.shape == (15,)
    np.testing.assert_allclose(np.linalg.norm(run.vectors, axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(run.vectors[0], x0 / np.linalg.norm(x0), rtol=1e-14)
    for t, x in enumerate(run.vectors):
        y = A @ x
        assert run.rayleigh[t] / size == pytest.approx(x @ y, abs=1e-13)
        assert run.residuals[t] / size == pytest.approx(np.linalg.norm(y - (x @ y) * x), abs=1e-13)
        if t < 15 and run.residuals[t] > 1e-12 * size * np.linalg.norm(A):
            np.testing.assert_allclose(run.vectors[t + 1], y / np.linalg.norm(y), atol=1e-12)
            assert run.measured_rates[t] == pytest.approx(run.residuals[t + 1] / run.residuals[t])
    moduli = np.sort(np.abs(np.linalg.eigvals(A)))[::-1]
    assert run.predicted_rate == pytest.approx(moduli[1] / moduli[0])


@EVERY
@given(st.integers(2, 5), seeds)
def test_the_measured_rate_comes_to_the_predicted_one(n, seed):
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    A = Q @ np.diag([2, -1.4, *np.linspace(0.5, 0, n - 2)]) @ Q.T
    x0 = Q @ (1 + rng.random(n))
    run = iteration.power_iteration(A, x0, 40)
    assert run.reason == ""
    assert run.predicted_rate == pytest.approx(0.7)
    np.testing.assert_allclose(run.measured_rates[20:40], 0.7, rtol=1e-4)
    assert run.rayleigh[-1] == pytest.approx(2, rel=1e-10)


def test_rates_are_nan_once_the_residual_is_only_rounding():
    run = iteration.power_iteration([[2, 1], [1, 2]], [1, 0], 100)
    heard = ~np.isnan(run.measured_rates)
    assert heard[:25].all()
    assert not heard[40:].any()
    np.testing.assert_allclose(run.measured_rates[10:20], 1 / 3, rtol=1e-4)


def test_rounding_is_not_measured_as_a_rate():
    run = iteration.power_iteration(np.random.default_rng(4).random((6, 6)), np.arange(6), 200)
    assert np.isnan(run.measured_rates[100:]).all()
    assert run.residuals[100:].max() < 1e-14


@pytest.mark.parametrize("seed", range(6))
def test_equal_sizes_are_seen_through_rounding(seed):
    Q = np.linalg.qr(np.random.default_rng(seed).normal(size=(5, 5)))[0]
    run = iteration.power_iteration(Q @ np.diag([2, -2, 1, 0.5, 0]) @ Q.T, np.ones(5), 20)
    assert "opposite sign" in run.reason
    assert run.predicted_rate == 1


def test_a_negative_leading_eigenvalue_turns_the_vector_round_at_each_step():
    run = iteration.power_iteration([[-3, 0], [0, 1]], [1, 1], 60)
    assert run.reason == ""
    assert run.rayleigh[-1] == pytest.approx(-3)
    assert run.vectors[-1][0] == -run.vectors[-2][0]


def test_a_defective_matrix_creeps():
    run = iteration.power_iteration([[1, 1], [0, 1]], [0, 1], 1000)
    assert (run.predicted_rate, run.reason) == (1, "")
    assert math.atan2(run.vectors[-1][1], run.vectors[-1][0]) == pytest.approx(1 / 1000, rel=1e-5)


def test_a_multiple_of_the_identity_is_there_at_once():
    run = iteration.power_iteration([[3, 0], [0, 3]], [1, 2], 3)
    assert (run.predicted_rate, run.reason) == (0, "")
    np.testing.assert_allclose(run.residuals, 0, atol=1e-15)


@pytest.mark.parametrize(
    ("A", "x0", "words"),
    [
        ([[0, -1], [1, 0]], [1, 0], "complex pair leads.* 90 degrees a step"),
        ([[1, -5], [1, -1]], [1, 0], "complex pair leads"),
        ([[0, 1], [1, 0]], [1, 0], "equal size and opposite sign"),
        ([[3, 1], [0, -3]], [1, 1], "equal size and opposite sign"),
        ([[2, 1], [1, 2]], [1, -1], "no part along the leading eigenvector"),
        ([[2, 1], [1, 2]], [0.1, -0.1], "no part along the leading eigenvector"),
        ([[3, 1], [0, 1]], [-1, 2], "no part along the leading eigenvector"),
        (np.diag([5.0, 1, 2]), [0, 1, 1], "no part along the leading eigenvector"),
        ([[0, 0], [0, 0]], [1, 2], "A is the zero matrix"),
        ([[1, 0], [0, 0]], [0, 1], "At the start A x = 0"),
        ([[0, 1], [0, 0]], [1, 1], "At step 1 A x = 0"),
        ([[0, 0, 1], [1, 0, 0], [0, 1, 0]], [1, 0, 0], "3 different eigenvalues of equal size"),
    ],
)
@pytest.mark.parametrize("size", [1e-150, 1, 1e150])
def test_the_reason_why_a_run_cannot_converge_is_named(A, x0, words, size):
    run = iteration.power_iteration(np.multiply(A, size), np.multiply(x0, size), 20)
    assert np.isfinite(run.vectors).all()
    assert np.isfinite(run.rayleigh).all()
    assert np.isfinite(run.residuals).all()
    with pytest.raises(ValueError, match=f"{words}.*\\.$"):
        raise ValueError(run.reason)


@pytest.mark.parametrize(
    ("A", "x0"),
    [([[0, 1], [1, 0]], [1, 1]), ([[0, 0, 1], [1, 0, 0], [0, 1, 0]], [2, 2, 2]), ([[2, 1], [1, 2]], [1, -1 + 1e-9])],
)
def test_a_start_that_does_settle_is_given_no_reason(A, x0):
    run = iteration.power_iteration(A, x0, 100)
    assert run.reason == ""
    assert run.residuals[-1] < 1e-14


def test_power_iteration_refuses_what_it_cannot_use():
    with pytest.raises(ValueError, match="the start is the zero vector"):
        iteration.power_iteration(np.eye(2), [0, 0], 3)
    with pytest.raises(ValueError, match="the start has shape 3"):
        iteration.power_iteration(np.eye(2), [1, 0, 0], 3)
    with pytest.raises(ValueError, match="n_steps is -1"):
        iteration.power_iteration(np.eye(2), [1, 0], -1)
    assert iteration.power_iteration(np.eye(2), [1, 0], 0).measured_rates.shape == (0,)


# --- powers


def test_fibonacci_numbers_come_out_exactly():
    a, b = 0, 1
    for n in range(70):
        assert iteration.matrix_power(FIBONACCI, n).by_multiplication[0, 1] == a
        a, b = b, a + b


@EVERY
@given(st.integers(1, 5), st.integers(0, 30), seeds)
def test_both_ways_agree(m, n, seed):
    A = np.random.default_rng(seed).normal(size=(m, m))
    assume(np.linalg.cond(np.linalg.eig(A)[1]) < 1e3)
    power = iteration.matrix_power(A, n)
    repeated = np.eye(m)
    for _ in range(n):
        repeated = repeated @ A
    largest = np.abs(repeated).max()
    np.testing.assert_allclose(power.by_multiplication, repeated, atol=1e-11 * largest)
    np.testing.assert_allclose(power.by_eigenbasis, repeated, atol=1e-10 * largest)
    assert (
        power.difference == np.abs(power.by_multiplication - power.by_eigenbasis).max() / np.abs(power.by_multiplication).max()
    )
    assert power.reason == ""


def test_a_markov_chain_forgets_its_start():
    power = iteration.matrix_power([[0.9, 0.5], [0.1, 0.5]], 200)
    np.testing.assert_allclose(power.by_multiplication, [[5 / 6, 5 / 6], [1 / 6, 1 / 6]], rtol=1e-13)
    assert power.difference < 1e-13


def test_a_quarter_turn_four_times_is_no_turn():
    power = iteration.matrix_power([[0, -1], [1, 0]], 4)
    np.testing.assert_allclose(power.by_eigenbasis, np.eye(2), atol=1e-15)
    assert power.by_eigenbasis.dtype == float


def test_a_defective_matrix_has_no_second_way():
    power = iteration.matrix_power([[1, 1], [0, 1]], 30)
    assert power.by_multiplication.tolist() == [[1, 30], [0, 1]]
    assert power.by_eigenbasis is None
    assert power.difference is None
    assert "A is defective" in power.reason


def test_the_difference_grows_as_the_eigenvectors_close():
    differences = [iteration.matrix_power([[1, 1], [0.3 * e, 1 + e]], 7).difference for e in (1, 1e-4, 1e-8, 1e-12)]
    assert differences[0] < 1e-14
    assert differences[0] < differences[2] < differences[3] < 1


def test_powers_at_the_extremes():
    assert iteration.matrix_power(np.zeros((2, 2)), 0).by_eigenbasis.tolist() == [[1, 0], [0, 1]]
    assert iteration.matrix_power(np.zeros((2, 2)), 5).difference == 0
    np.testing.assert_allclose(iteration.matrix_power([[1e150, 0], [0, 1e-150]], 2).by_eigenbasis, np.diag([1e300, 1e-300]))
    nearly = iteration.matrix_power([[0, 1e300], [1e-300, 0]], 2)
    np.testing.assert_allclose(nearly.by_multiplication, np.eye(2))
    with pytest.raises(ValueError, match=r"A\^2000 has entries beyond every number"):
        iteration.matrix_power([[2, 0], [0, 1]], 2000)
    assert iteration.matrix_power([[0.5, 0], [0, 1]], 10**9).by_multiplication.tolist() == [[0, 0], [0, 1]]


@pytest.mark.parametrize(("n", "words"), [(-1, "take the inverse of A first"), (2.5, "whole number"), (math.nan, "n is nan")])
def test_a_power_that_is_no_count_is_refused(n, words):
    with pytest.raises(ValueError, match=words):
        iteration.matrix_power(np.eye(2), n)


# --- orbits


@EVERY
@given(st.integers(1, 4), st.integers(0, 12), seeds)
def test_an_orbit_is_made_of_powers(n, n_steps, seed):
    rng = np.random.default_rng(seed)
    A, x0 = rng.normal(size=(n, n)), rng.normal(size=n)
    path = iteration.orbit(A, x0, n_steps)
    assert path.points.shape == (n_steps + 1, n)
    assert path.reason == ""
    for t, x in enumerate(path.points):
        np.testing.assert_allclose(x, np.linalg.matrix_power(A, t) @ x0, rtol=1e-9, atol=1e-9)


def test_a_rotation_keeps_its_orbit_on_the_circle():
    c, s = math.cos(0.7), math.sin(0.7)
    np.testing.assert_allclose(np.linalg.norm(iteration.orbit([[c, -s], [s, c]], [1, 0], 1000).points, axis=1), 1, rtol=1e-12)


@pytest.mark.parametrize(
    ("A", "steps"), [([[10, 0], [0, 1]], 300), ([[1e300, -1e300], [1e300, 1e300]], 1), ([[1e150, 0], [0, 0]], 2)]
)
def test_an_orbit_ends_with_a_reason_before_numbers_do(A, steps):
    path = iteration.orbit(A, [1, 0], 1000)
    assert len(path.points) in (steps, steps + 1)
    assert np.abs(path.points).max() <= 1e300
    assert path.reason == f"The orbit ends after {len(path.points) - 1} of 1000 steps: the next point exceeds 1e300."


def test_an_orbit_may_start_or_end_at_zero():
    assert not iteration.orbit([[1, 2], [3, 4]], [0, 0], 5).points.any()
    assert iteration.orbit([[0, 1], [0, 0]], [1, 1], 3).points.tolist() == [[1, 1], [1, 0], [0, 0], [0, 0]]


# --- a change of basis


@EVERY
@given(st.integers(2, 5), seeds)
def test_a_turned_run_is_the_run_turned(n, seed):
    rng = np.random.default_rng(seed)
    A, x0, Q = rng.normal(size=(n, n)), rng.normal(size=n), np.linalg.qr(rng.normal(size=(n, n)))[0]
    plain, turned = iteration.power_iteration(A, x0, 8), iteration.power_iteration(Q @ A @ Q.T, Q @ x0, 8)
    np.testing.assert_allclose(turned.vectors, plain.vectors @ Q.T, atol=1e-9)
    np.testing.assert_allclose(turned.rayleigh, plain.rayleigh, atol=1e-9)
    np.testing.assert_allclose(turned.residuals, plain.residuals, atol=1e-9)


@pytest.mark.parametrize("gap", [1e-12, 1e-13, 1e-15])
def test_two_eigenvalues_of_one_sign_are_never_called_opposite(gap):
    assert iteration.power_iteration(np.diag([1, 1 - gap]), [1, 1], 5).reason == ""
    assert "opposite sign" in iteration.power_iteration(np.diag([1, gap - 1]), [1, 1], 5).reason


# --- random matrices


@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("n", [1, 2, 7, 200])
def test_the_seed_decides_the_matrix(n, symmetric):
    A = iteration.random_matrix(n, 5, symmetric)
    assert A.shape == (n, n)
    assert A.dtype == float
    np.testing.assert_array_equal(A, iteration.random_matrix(n, 5, symmetric))
    assert (iteration.random_matrix(n, 6, symmetric) != A).all()
    assert np.array_equal(A, A.T) == (symmetric or n == 1)


def test_the_generator_is_the_one_that_the_docstring_names():
    G = np.random.default_rng(3).standard_normal((4, 4)) / 2
    np.testing.assert_array_equal(iteration.random_matrix(4, 3), G)
    np.testing.assert_allclose(iteration.random_matrix(4, 3, symmetric=True), (G + G.T) / math.sqrt(2), rtol=1e-15)


def test_no_global_random_state_is_read_or_moved():
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    iteration.random_matrix(10, 1)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


@pytest.mark.parametrize("seed", range(4))
def test_random_eigenvalues_fill_a_disc_or_a_line(seed):
    n = 200
    discs = np.abs(np.linalg.eigvals(iteration.random_matrix(n, seed)))
    assert discs.max() == pytest.approx(1, abs=0.12)
    assert np.mean(discs < math.sqrt(0.5)) == pytest.approx(0.5, abs=0.06)  # half the disc's area holds half of them
    line = np.linalg.eigvalsh(iteration.random_matrix(n, seed, symmetric=True))
    assert line.max() == pytest.approx(2, abs=0.15)
    assert line.min() == pytest.approx(-2, abs=0.15)
    assert np.mean(line**2) == pytest.approx(1, abs=0.05)  # Wigner's half circle of radius 2


@pytest.mark.parametrize(
    ("n", "seed", "words"),
    [
        (0, 1, "n is 0; it must lie between 1 and 200."),
        (201, 1, "n is 201; it must lie between 1 and 200."),
        (2.5, 1, "n is 2.5; it must be a whole number."),
        (math.nan, 1, "n is nan; it must be one finite real number such as 0.5."),
        (2, -1, "the seed is -1; it must be at least 0."),
        (2, 0.5, "the seed is 0.5; it must be a whole number."),
        (2, None, "the seed is None; it must be one finite real number such as 0.5."),
    ],
)
def test_a_size_or_seed_out_of_range_ends_in_a_sentence(n, seed, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        iteration.random_matrix(n, seed)
    assert str(problem.value) == words


# --- the survey of a larger matrix


def assert_agrees_with_numpy(A, found, tol=1e-9):
    """Check all that a survey promises when it found the leading pair."""
    size = np.linalg.norm(A)
    values, V = np.linalg.eig(A)
    i = int(np.argmax(np.abs(values)))
    assert found.reason == ""
    assert found.residual == pytest.approx(np.linalg.norm(A @ found.vector - found.value * found.vector), abs=1e-15 * size)
    assert found.residual <= 1e-12 * size
    assert found.value == pytest.approx(values[i].real, abs=tol * size)
    assert found.reference_value == pytest.approx(values[i], abs=tol * size)
    assert np.linalg.norm(found.vector) == pytest.approx(1, rel=1e-14)
    for vector in (V[:, i], found.reference_vector):
        assert abs(np.vdot(vector, found.vector)) == pytest.approx(1, abs=tol)  # the same line, up to the sign
    assert found.apart <= 1e-6


def with_eigenvalues(values, seed, skew=0.0):
    """Return a matrix with these eigenvalues, symmetric for skew 0."""
    rng = np.random.default_rng(seed)
    n = len(values)
    P = np.linalg.qr(rng.normal(size=(n, n)))[0]
    if not skew:
        S = P @ np.diag(values) @ P.T
        return (S + S.T) / 2
    P = P + skew * rng.normal(size=(n, n)) / math.sqrt(n)
    return P @ np.diag(values) @ np.linalg.inv(P)


@EVERY
@given(st.integers(1, 9), seeds, st.sampled_from([2.0, -2.0]), st.sampled_from([0.0, 0.3]))
def test_a_leader_is_found_by_both(n, seed, leader, skew):
    rest = np.random.default_rng(seed + 1).uniform(-1.5, 1.5, n - 1)
    A = with_eigenvalues([leader, *rest], seed, skew)
    assume(np.linalg.cond(np.linalg.eig(A)[1]) < 50)
    found = iteration.survey(A)
    assume("no part" not in found.reason)
    assert_agrees_with_numpy(A, found)
    assert found.value == pytest.approx(leader, rel=1e-9)
    expected = np.sort([leader, *rest])
    np.testing.assert_allclose(np.sort(found.eigenvalues.real), expected, atol=1e-11)
    np.testing.assert_allclose(found.eigenvalues.imag, 0, atol=1e-11)


@EVERY
@given(st.integers(1, 8), seeds)
def test_whatever_the_matrix_a_survey_is_consistent(n, seed):
    A = np.random.default_rng(seed).normal(size=(n, n))
    found = iteration.survey(A, max_steps=300)
    values = np.linalg.eigvals(A)
    assert found.eigenvalues.dtype == found.reference_vector.dtype == complex
    np.testing.assert_allclose(
        np.sort_complex(found.eigenvalues.round(8) + 0.0), np.sort_complex(values.round(8) + 0.0), atol=1e-7
    )
    assert (np.diff(np.abs(found.eigenvalues)) <= 1e-14).all()
    assert found.reference_value == found.eigenvalues[0]
    v = found.reference_vector
    np.testing.assert_allclose(A @ v, found.reference_value * v, atol=1e-12)
    assert found.eigenvalues.sum() == pytest.approx(np.trace(A), abs=1e-12)
    away = np.abs(found.eigenvalues[:, None] - found.discs.centres)
    assert (away <= found.discs.radii + 1e-12).any(axis=1).all()
    assert np.linalg.norm(found.vector) == pytest.approx(1, rel=1e-14)
    assert found.value == pytest.approx(found.vector @ A @ found.vector, abs=1e-13)
    assert found.residual == pytest.approx(np.linalg.norm(A @ found.vector - found.value * found.vector), abs=1e-13)
    assert 0 <= found.n_steps <= 300
    assert 0 <= found.apart <= math.pi / 2
    overlap = abs(np.vdot(v, found.vector))
    assert math.cos(found.apart) == pytest.approx(overlap, abs=1e-13)
    if found.reason == "":
        assert found.apart < 1e-6
        assert found.value == pytest.approx(found.reference_value, rel=1e-6)
    else:
        assert found.reason.endswith(".")
        assert ("complex pair" in found.reason) == (found.reference_value.imag != 0)


@pytest.mark.parametrize("seed", [5, 7, 8])
def test_two_hundred_rows_are_surveyed(seed):
    A = iteration.random_matrix(200, seed, symmetric=True)
    found = iteration.survey(A)
    assert_agrees_with_numpy(A, found)
    np.testing.assert_allclose(np.sort(found.eigenvalues.real), np.linalg.eigvalsh(A), atol=1e-12)
    assert not found.eigenvalues.imag.any()


def test_a_positive_matrix_of_two_hundred_rows_is_settled_in_a_few_steps():
    A = np.random.default_rng(2).random((200, 200))
    found = iteration.survey(A)
    assert_agrees_with_numpy(A, found)
    assert found.n_steps < 20
    assert (found.vector > 0).all(), "Perron: the leading eigenvector of a positive matrix is positive"


@pytest.mark.parametrize(
    ("A", "value", "reason"),
    [
        ([[4]], 4, ""),
        ([[-3]], -3, ""),
        ([[2, 1], [1, 2]], 3, ""),
        ([[-2, -1], [-1, -2]], -3, ""),
        (np.diag([1, -5.0, 2]), -5, ""),
        ([[1, 1], [1, 0]], GOLDEN, ""),
        ([[0.9, 0.5], [0.1, 0.5]], 1, ""),
        (np.ones((30, 30)), 30, ""),
        ([[1, 2], [2, 4]], 5, ""),
    ],
)
def test_known_leaders(A, value, reason):
    found = iteration.survey(A)
    assert found.value == pytest.approx(value, rel=1e-13)
    assert found.reference_value == pytest.approx(value, rel=1e-13)
    assert found.reason == reason
    assert found.apart < 1e-9


def unimodular(n, seed):
    rng = np.random.default_rng(seed)
    L, U = np.tril(rng.integers(-1, 2, (n, n)), -1) + np.eye(n), np.triu(rng.integers(-1, 2, (n, n)), 1) + np.eye(n)
    return L @ U


def in_another_basis(J, seed):
    P = unimodular(len(J), seed)
    return P @ J @ np.round(np.linalg.inv(P))


ALL_ZERO = "All eigenvalues are 0: A sends every start to zero in the end"
DEFECTIVE = "The leading eigenvalue is defective: the iterate creeps up to its eigenvectors like 1 / steps."
OPPOSITE = "Two eigenvalues of equal size and opposite sign lead"
START = np.array([1, 1.5])  # the uneven start of the survey for two rows
ACROSS = np.array([1.5, -1])


@pytest.mark.parametrize(
    ("A", "words"),
    [
        (np.zeros((1, 1)), "A is the zero matrix"),
        (np.zeros((3, 3)), "A is the zero matrix"),
        ([[0, 1], [0, 0]], ALL_ZERO),
        ([[2, 2], [-2, -2]], ALL_ZERO),
        (np.diag([1, 1, 1.0], 1), ALL_ZERO),
        (in_another_basis(np.diag([1, 1, 1.0], 1), 3), ALL_ZERO),
        ([[0, -1], [1, 0]], "A complex pair leads: no real direction stays, x goes on turning, 90 degrees a step"),
        ([[1, -5], [1, -1]], "A complex pair leads"),
        ([[1, 1], [-1e-8, 1]], "A complex pair leads"),
        ([[0, 1], [1, 0]], OPPOSITE),
        ([[3, 1], [0, -3]], OPPOSITE),
        (with_eigenvalues([2, -2, 1, 0.5, 0], 0), OPPOSITE),
        (with_eigenvalues([2, -2, 1, 0.5, 0], 1, skew=0.3), OPPOSITE),
        ([[0, 0, 1], [1, 0, 0], [0, 1, 0]], "3 different eigenvalues of equal size lead, a complex pair among them"),
        ([[1, 1], [0, 1]], DEFECTIVE),
        ([[-1, 1], [0, -1]], DEFECTIVE),
        (np.eye(3) + np.diag([1, 1], 1), DEFECTIVE),
        (in_another_basis(np.diag([2, 2, 1, 0.0]) + np.diag([1, 0, 0], 1), 1), DEFECTIVE),
        (in_another_basis(np.diag([2, 2, 2, 1.0]) + np.diag([1, 1, 0], 1), 1), DEFECTIVE),
        (in_another_basis(np.diag([2, 2, 2, 1.0]) + np.diag([1, 1, 0], 1), 4), DEFECTIVE),
        (np.eye(3), "The leading eigenvalue has 3 independent eigenvectors: every mix of them is one too"),
        (np.diag([-2.0, 1, -2]), "The leading eigenvalue has 2 independent eigenvectors"),
        (with_eigenvalues([2, 2, 1, 0.5, 0], 0), "The leading eigenvalue has 2 independent eigenvectors"),
        (3 * np.outer(ACROSS, ACROSS) + np.outer(START, START), "The start has no part along the leading eigenvector"),
        (np.diag([1, 1 - 1e-4]), "The next eigenvalue is 0.01 % smaller: so few steps do not leave it behind."),
        (np.diag([1, 1 - 1e-8]), "The next eigenvalue is 1e-06 % smaller"),
        ([[1, 1], [1e-8, 1]], "The next eigenvalue is 0.02 % smaller"),
    ],
)
@pytest.mark.parametrize("size", [1e-150, 1, 1e150])
def test_the_reason_why_the_leader_is_not_found_is_said(A, words, size):
    found = iteration.survey(np.multiply(A, size))
    assert found.reason.startswith(words)
    assert found.reason.endswith(".")
    for numbers in (found.eigenvalues, found.vector, found.reference_vector, found.value, found.residual, found.apart):
        assert np.isfinite(numbers).all()


@EVERY
@given(st.integers(1, 6), seeds, st.integers(-900, 900), st.booleans())
def test_the_unit_of_the_matrix_changes_nothing_but_the_eigenvalues(n, seed, k, symmetric):
    A = iteration.random_matrix(n, seed, symmetric)
    plain, scaled = iteration.survey(A, 500), iteration.survey(np.ldexp(A, k), 500)
    for name in ("vector", "reference_vector", "apart", "n_steps", "reason"):
        np.testing.assert_array_equal(getattr(scaled, name), getattr(plain, name))
    for name in ("value", "residual"):
        assert getattr(scaled, name) == math.ldexp(getattr(plain, name), k)
    np.testing.assert_array_equal(scaled.eigenvalues.real, np.ldexp(plain.eigenvalues.real, k))
    np.testing.assert_array_equal(scaled.eigenvalues.imag, np.ldexp(plain.eigenvalues.imag, k))
    np.testing.assert_array_equal(scaled.discs.centres, np.ldexp(plain.discs.centres, k))


@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_and_the_smallest_numbers_are_surveyed(sign):
    found = iteration.survey(np.full((200, 200), sign * 1e300))
    assert found.value == pytest.approx(sign * 2e302, rel=1e-12)
    assert found.reason == ""
    assert np.isfinite(found.eigenvalues).all()
    tiny = iteration.survey([[5e-324 * sign]])
    assert (tiny.value, tiny.reason) == (5e-324 * sign, "")
    assert iteration.survey(np.diag([1e150, 1e-150])).reason == ""


@pytest.mark.parametrize("max_steps", [1, 249, 250, 1000, 5000])
def test_the_report_grows_and_never_passes_the_whole(max_steps):
    said = []
    iteration.survey([[0, -1], [1, 0]], max_steps, report=lambda done, total: said.append(done / total))
    assert len(said) >= max_steps // 250 + 1
    assert said[0] == 0
    assert (np.diff(said) > 0).all()
    assert said[-1] <= 1


def test_the_report_changes_nothing_and_may_stop_the_work():
    A = iteration.random_matrix(20, 1)
    said = []
    told, quiet = iteration.survey(A, report=lambda done, total: said.append(done)), iteration.survey(A)
    np.testing.assert_array_equal(told.vector, quiet.vector)

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        iteration.survey(A, report=stop)


def test_it_gives_up_after_max_steps():
    A = np.diag([1, 0.999])
    short, long = iteration.survey(A, 10), iteration.survey(A, 100_000)
    assert short.n_steps == 10
    assert short.reason == "The next eigenvalue is 0.1 % smaller: so few steps do not leave it behind."
    assert 10 < long.n_steps < 100_000
    assert long.reason == ""
    assert long.residual < short.residual


@pytest.mark.parametrize(
    ("A", "max_steps", "words"),
    [
        ([[1, 2, 3], [4, 5, 6]], 10, "A has shape 2 x 3; it must be a matrix with 2 rows and 2 columns."),
        ([1, 2], 10, "A has shape 2; it must be a matrix with any number of rows and any number of columns."),
        ([[1, math.nan], [0, 1]], 10, "A has nan in row 1, column 2; every entry must be a finite number."),
        ([[1, 0], [-math.inf, 1]], 10, "A has -inf in row 2, column 1; every entry must be a finite number."),
        ([[1j]], 10, "A has complex entries; every entry must be a real number."),
        (np.eye(201), 10, "A has 201 rows; at most 200 are taken here."),
        (np.eye(2), 0, "max_steps is 0; it must lie between 1 and 100000."),
        (np.eye(2), 100_001, "max_steps is 1e+05; it must lie between 1 and 100000."),
        (np.eye(2), 1.5, "max_steps is 1.5; it must be a whole number."),
    ],
)
def test_what_cannot_be_surveyed_ends_in_a_sentence(A, max_steps, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        iteration.survey(A, max_steps)
    assert str(problem.value) == words


def test_the_matrix_stays_as_it_was():
    A = iteration.random_matrix(5, 1)
    before = A.copy()
    iteration.survey(A)
    np.testing.assert_array_equal(A, before)
