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
