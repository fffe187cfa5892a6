"""Mean, covariance and correlation: against NumPy, against exact fractions, and in chunks of any order and size."""

import doctest
import functools
import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mml_core import statistics
from mml_core.statistics import Moments, affine_moments, correlation, covariance, mean, merge, moments, to_correlation

RNG = np.random.default_rng(20)
MIX = RNG.normal(size=(4, 4))
SPREAD = RNG.normal(size=(60, 4)) @ MIX
TABLES = {
    "plain": SPREAD + np.array([0, 1, -3, 100]),
    "mean 1e8, spread 1": SPREAD + 1e8,
    "columns of different size": SPREAD * [1e-9, 1, 1e5, 1e12] + [1e-3, 1e6, -1e13, 0],
}


def exact(X):
    """Return mean and covariance by fractions, rounded once in the end."""
    rows = [[Fraction(x) for x in row] for row in X.tolist()]
    centre = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    centred = [[x - m for x, m in zip(row, centre, strict=True)] for row in rows]
    d = range(len(centre))
    C = [[float(sum(z[i] * z[j] for z in centred) / (len(rows) - 1)) for j in d] for i in d]
    return np.array([float(m) for m in centre]), np.array(C)


def assert_covariances_equal(C, reference, rtol):
    """Compare in units of the spreads, so that a small column counts as much as a large one."""
    unit = np.sqrt(np.diag(reference))
    np.testing.assert_allclose(C / np.outer(unit, unit), reference / np.outer(unit, unit), rtol=0, atol=rtol)


def assert_means_equal(found, centre, C):
    """Compare in units of the last digit or, where it is small, of the spread."""
    assert (np.abs(found - centre) <= 4e-16 * np.abs(centre) + 1e-14 * np.sqrt(np.diag(C))).all()


def in_chunks(X, sizes):
    return [moments(part) for part in np.split(X, np.cumsum(sizes)[:-1])]


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(statistics).failed == 0


@pytest.mark.parametrize("ddof", [0, 1, 3])
def test_mean_covariance_and_correlation_agree_with_numpy(ddof):
    X = TABLES["plain"]
    np.testing.assert_allclose(mean(X), X.mean(axis=0), rtol=1e-14, atol=1e-14)
    np.testing.assert_allclose(covariance(X, ddof), np.cov(X.T, ddof=ddof), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(correlation(X), np.corrcoef(X.T), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(to_correlation(covariance(X, ddof)), correlation(X), rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", TABLES)
def test_badly_scaled_tables_are_as_exact_as_fractions(name):
    centre, C = exact(TABLES[name])
    assert_means_equal(mean(TABLES[name]), centre, C)
    assert_covariances_equal(covariance(TABLES[name]), C, 1e-13)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("sizes", [(60,), (30, 30), (1, 1, 1, 57), (7, 13, 20, 20), (1,) * 60])
def test_chunks_merge_in_any_order_and_grouping_to_the_single_pass(name, sizes):
    X = TABLES[name]
    centre, C = exact(X)
    chunks = in_chunks(X, sizes)
    for shuffled in (chunks, chunks[::-1], [chunks[i] for i in np.random.default_rng(1).permutation(len(chunks))]):
        left = functools.reduce(merge, shuffled)
        right = functools.reduce(lambda later, earlier: merge(earlier, later), reversed(shuffled))
        half = len(shuffled) // 2
        pairs = [functools.reduce(merge, part) for part in (shuffled[:half], shuffled[half:]) if part]
        for found in (left, right, functools.reduce(merge, pairs)):
            assert found.n == 60
            assert_means_equal(found.mean, centre, C)
            assert_covariances_equal(found.covariance(), C, 1e-12)
            assert_covariances_equal(found.covariance(), moments(X).covariance(), 1e-12)


def test_a_first_chunk_far_from_the_others_costs_nothing():
    X = np.concatenate([np.full((1, 4), -1e8), SPREAD + 1e8])
    merged = functools.reduce(merge, in_chunks(X, (1, 20, 40)))
    assert_covariances_equal(merged.covariance(), exact(X)[1], 1e-12)


def test_an_empty_chunk_changes_nothing():
    kept, empty = moments(SPREAD), Moments(0, np.zeros(4), np.zeros(4), np.zeros((4, 4)))
    for found in (merge(kept, empty), merge(empty, kept)):
        assert found.n == 60
        np.testing.assert_array_equal(found.mean, kept.mean)
        np.testing.assert_array_equal(found.scatter, kept.scatter)
    assert merge(empty, empty).n == 0


@given(st.lists(st.lists(st.integers(-1000, 1000), min_size=2, max_size=2), min_size=3, max_size=12), st.integers(1, 11))
def test_where_a_table_is_cut_makes_no_difference(rows, cut):
    X = np.array(rows, dtype=float)
    cut = min(cut, len(X) - 1)
    found, (centre, C) = merge(moments(X[:cut]), moments(X[cut:])), exact(X)
    np.testing.assert_allclose(found.mean, centre, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.covariance(), C, rtol=0, atol=1e-12 * max(np.trace(C), 1))


def test_an_affine_map_of_the_samples_maps_their_moments():
    X, A, b = TABLES["plain"], RNG.normal(size=(3, 4)), np.array([5.0, -1e3, 0])
    centre, C = affine_moments(mean(X), covariance(X), A, b)
    np.testing.assert_allclose(centre, mean(X @ A.T + b), rtol=1e-13)
    np.testing.assert_allclose(C, covariance(X @ A.T + b), rtol=1e-11, atol=1e-11)
    np.testing.assert_array_equal(affine_moments(mean(X), covariance(X), A, 0 * b)[1], C)


def test_a_covariance_is_symmetric_and_no_direction_has_less_than_no_variance():
    wide = RNG.normal(size=(5, 12)) + 1e6
    for X in (*TABLES.values(), wide):
        C, R = covariance(X), correlation(X)
        np.testing.assert_array_equal(C, C.T)
        np.testing.assert_array_equal(R, R.T)
        np.testing.assert_array_equal(np.diag(R), 1)
        assert np.abs(R).max() <= 1
        assert np.linalg.eigvalsh(R).min() > -1e-13


def test_the_correlation_of_a_line_is_one_or_minus_one():
    t = RNG.normal(size=20)
    np.testing.assert_allclose(correlation(np.c_[t, 3 * t + 1e3, -1e-6 * t])[0], [1, 1, -1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("value", [0.1, 1e8 / 3, -1e-300])
def test_a_constant_column_has_no_variance_at_all(value):
    for n in (3, 10, 997):
        X = np.c_[np.full(n, value), np.arange(n)]
        cut = functools.reduce(merge, in_chunks(X, (1, 1, n - 2)))
        for C in (covariance(X), cut.covariance()):
            assert C[0].tolist() == [0, 0]
        with pytest.raises(ValueError, match="column 1 does not vary"):
            correlation(X)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: mean(np.zeros((0, 3))),
            "X has shape 0 x 3; it must be a matrix with any number of rows and any number of columns.",
        ),
        (lambda: mean([[1, 2], [3, np.nan]]), "X has nan in row 2, column 2; every entry must be a finite number."),
        (lambda: mean([[1, 2], [3]]), "X has rows of different lengths; every row needs as many entries."),
        (lambda: covariance([[1, 2]]), "there is 1 sample; more than 1 are needed for an average."),
        (lambda: covariance([[1], [2]], 2), "there are 2 samples; more than 2 are needed for an average."),
        (lambda: covariance([[1], [2]], -1), "ddof is -1; it must be at least 0."),
        (lambda: covariance([[1], [2]], 0.5), "ddof is 0.5; it must be a whole number."),
        (
            lambda: Moments(0, np.zeros(1), np.zeros(1), np.zeros((1, 1))).covariance(0),
            "there are 0 samples; more than 0 are needed for an average.",
        ),
        (lambda: correlation([[1, 2], [3, 2]]), "column 2 does not vary, so it has no correlation; leave it out."),
        (lambda: to_correlation([[1, 0, 0], [0, 1, 0]]), "C has shape 2 x 3; a covariance matrix is square."),
        (lambda: to_correlation([[1, 0], [0, -1]]), "column 2 does not vary, so it has no correlation; leave it out."),
        (lambda: affine_moments([1, 2], [[1]], [[1, 2]], [0]),
         "C has shape 1 x 1; it must be a matrix with 2 rows and 2 columns."),
        (lambda: affine_moments([1], [[1]], [[1, 2]], [0]),
         "A has shape 1 x 2; it must be a matrix with any number of rows and 1 columns."),
        (lambda: affine_moments([1], [[1]], [[1]], [0, 0]), "b has shape 2; it must be a vector with 1 number."),
        (lambda: merge(moments([[1]]), moments([[1, 2]])), "one chunk has 1 columns and the other 2; both need the same."),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit_end_in_a_sentence(call, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        call()
    assert str(problem.value) == words


def test_a_merge_of_all_pairs_is_the_same_either_way_round():
    for a, b in itertools.combinations(in_chunks(TABLES["mean 1e8, spread 1"], (1, 9, 20, 30)), 2):
        one, other = merge(a, b), merge(b, a)
        assert_covariances_equal(one.covariance(), other.covariance(), 1e-13)


def test_numbers_whose_squares_overflow_get_a_sentence():
    with pytest.raises(ValueError, match="over 1e150"):
        moments([[1.0, 1e151], [2.0, 0.0]])
    assert np.isfinite(moments([[1e150], [-1e150]]).scatter).all()


def test_what_is_no_covariance_matrix_gets_a_sentence():
    with pytest.raises(ValueError, match="row 1, column 2; a covariance is at most 6 there"):
        to_correlation([[4, 7], [7, 9]])
    np.testing.assert_array_equal(to_correlation([[4, 6 + 1e-9], [6 + 1e-9, 9]]), np.ones((2, 2)))
