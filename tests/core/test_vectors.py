"""Lengths, angles, shadows and coordinates, against known answers, exact fractions and independent references."""

import doctest
import itertools
import math

import numpy as np
import pytest
import scipy.linalg
import scipy.spatial.distance
import sympy
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from mml_core import vectors as vec

EVERY = settings(derandomize=True, deadline=None, max_examples=60)
tame = st.floats(-10, 10).map(lambda x: round(x, 3))
sizes = st.sampled_from([1e-300, 1e-150, 1e-3, 1.0, 1e150, 1e290])
powers = st.sampled_from([1, 1.5, 2, 3, 7.5, 100, 5000, math.inf])


def vectors(n):
    return st.lists(tame, min_size=n, max_size=n).map(np.array)


def several(count):
    """Return `count` vectors of one dimension between 1 and 6."""
    return st.integers(1, 6).flatmap(lambda n: st.tuples(*[vectors(n)] * count))


def rotation_of(n, seed):
    Q = np.linalg.qr(np.random.default_rng(seed).normal(size=(n, n)))[0]
    Q[:, 0] *= np.sign(np.linalg.det(Q))
    return Q


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(vec).failed == 0


# --- lengths


@pytest.mark.parametrize(
    ("x", "p", "length"),
    [([3, 4], 2, 5), ([3, -4, 12], 2, 13), ([3, -4], 1, 7), ([3, -4], math.inf, 4), ([1, 1], 3, 2 ** (1 / 3)), ([0, 0], 2, 0)],
)
def test_known_lengths(x, p, length):
    assert vec.norm(x, p) == pytest.approx(length, rel=1e-15, abs=0)


def test_whole_triangles_have_exact_lengths():
    assert [vec.norm(x) for x in ([3, 4], [5, 12], [2, 10, 11], [2, 7, 26], [1, 2, 2, 4])] == [5, 13, 15, 27, 5]


@EVERY
@given(several(1), powers, sizes)
def test_a_length_neither_overflows_nor_underflows_and_agrees_with_numpy(x, p, size):
    reference = float(np.linalg.norm(x[0] / 10, p)) if p <= 100 else float(np.abs(x[0] / 10).max())
    assert vec.norm(x[0] * size, p) == pytest.approx(reference * size * 10, rel=1e-13 if p <= 100 else 1e-3, abs=0)


@pytest.mark.parametrize("size", [1e150, 1e-150, 1e299, 1e-310])
def test_extreme_lengths_are_right(size):
    assert vec.norm([3 * size, 4 * size]) == pytest.approx(5 * size, rel=1e-13)


@EVERY
@given(several(2), powers)
def test_a_detour_is_never_shorter(pair, p):
    x, y = pair
    assert vec.norm(x + y, p) <= (vec.norm(x, p) + vec.norm(y, p)) * (1 + 1e-14)


@EVERY
@given(several(1), tame, powers)
def test_a_multiple_is_as_many_times_as_long(x, c, p):
    assert vec.norm(c * x[0], p) == pytest.approx(abs(c) * vec.norm(x[0], p), rel=1e-13)


@EVERY
@given(several(1))
def test_lengths_shrink_as_p_grows(x):
    lengths = [vec.norm(x[0], p) for p in (1, 1.5, 2, 3, 10, math.inf)]
    assert all(a >= b * (1 - 1e-14) for a, b in itertools.pairwise(lengths))


@pytest.mark.parametrize("p", [0.5, 0, -1, -math.inf, math.nan, "2"])
def test_a_p_below_one_is_refused_with_a_sentence(p):
    with pytest.raises(ValueError, match=r"^p is .*\.$"):
        vec.norm([1, 2], p)


# --- the dot product


@EVERY
@given(several(2))
def test_the_dot_product_is_one_length_times_the_others_shadow_both_ways(pair):
    x, y = pair
    assume(x.any() and y.any())
    bound = vec.norm(x) * vec.norm(y)
    assert vec.dot(x, y) == pytest.approx(vec.norm(y) * vec.scalar_projection(x, y), abs=1e-14 * bound)
    assert vec.dot(x, y) == pytest.approx(vec.norm(x) * vec.scalar_projection(y, x), abs=1e-14 * bound)
    assert vec.dot(x, y) == pytest.approx(bound * math.cos(vec.angle(x, y)), abs=1e-14 * bound)
    assert abs(vec.dot(x, y)) <= bound * (1 + 1e-14)  # Cauchy and Schwarz


def test_a_dot_product_too_large_for_a_number_is_refused():
    assert vec.dot([1e150], [1e150]) == pytest.approx(1e300)
    with pytest.raises(ValueError, match="exceeds every number"):
        vec.dot([1e200, 1e200], [1e200, -1e200])


# --- angles


@pytest.mark.parametrize("theta", [0, 1e-300, 1e-150, 1e-16, 1e-12, 1e-8, 1e-4, 0.1, 1, math.pi / 2, 2, 3])
def test_the_angle_is_accurate_near_zero_and_near_pi(theta):
    x, y = [1, 0], [math.cos(theta), math.sin(theta)]
    assert vec.angle(x, y) == pytest.approx(theta, rel=1e-14, abs=0)
    assert vec.angle(x, np.negative(y)) == pytest.approx(math.pi - theta, rel=1e-15)


def test_known_angles():
    assert vec.angle([1, 0], [0, 5]) == math.pi / 2
    assert vec.angle([2, 0], [-3, 0]) == math.pi
    assert vec.angle([1, 1, 0], [0, 1, 1]) == pytest.approx(math.pi / 3, rel=1e-15)
    assert vec.angle([1, 1, 1, 1], [1, 0, 0, 0]) == pytest.approx(math.pi / 3, rel=1e-15)


@EVERY
@given(several(2), sizes, sizes)
def test_the_angle_lies_between_zero_and_pi_and_forgets_lengths(pair, s, t):
    x, y = pair
    assume(x.any() and y.any())
    theta = vec.angle(x * s, y * t)
    assert 0 <= theta <= math.pi
    assert theta == vec.angle(y * t, x * s)
    u, v = (w / np.linalg.norm(w) for w in (x, y))
    assert math.cos(theta) == pytest.approx(float(u @ v), abs=1e-10)


@EVERY
@given(several(2), st.integers(0, 1000))
def test_turning_both_changes_no_length_angle_or_shadow(pair, seed):
    x, y = pair
    assume(x.any() and y.any())
    R = rotation_of(len(x), seed)
    scale = vec.norm(x) * vec.norm(y)
    assert vec.norm(R @ x) == pytest.approx(vec.norm(x), rel=1e-14)
    assert vec.angle(R @ x, R @ y) == pytest.approx(vec.angle(x, y), abs=1e-14)
    assert vec.dot(R @ x, R @ y) == pytest.approx(vec.dot(x, y), abs=1e-13 * scale)
    np.testing.assert_allclose(vec.projection(R @ x, R @ y), R @ vec.projection(x, y), atol=1e-13 * vec.norm(x))


# --- shadows


@EVERY
@given(several(2), sizes, sizes)
@example((np.array([1.0, 1.0]), np.array([1.0, 1.0])), 1e290, 1e-300)
def test_a_shadow_of_a_shadow_is_itself_and_the_rest_is_perpendicular(pair, s, t):
    x, w = pair[0] * s, pair[1] * t
    assume(w.any())
    shadow = vec.projection(x, w)
    np.testing.assert_allclose(vec.projection(shadow, w), shadow, rtol=1e-14, atol=0)
    assert abs(vec.scalar_projection(x - shadow, w)) <= 1e-14 * vec.norm(x)
    assert vec.norm(shadow) == pytest.approx(abs(vec.scalar_projection(x, w)), rel=1e-13, abs=0)
    assert vec.norm(shadow) <= vec.norm(x) * (1 + 1e-14)


@EVERY
@given(several(2))
def test_the_shadow_is_the_nearest_point_of_the_line(pair):
    x, w = pair
    assume(w.any())
    c = np.linalg.lstsq(w[:, None], x)[0]
    np.testing.assert_allclose(vec.projection(x, w), w * c, atol=1e-12)


def test_known_shadows():
    assert vec.projection([2, 3], [1, 1]).tolist() == [2.5, 2.5]
    assert vec.projection([1, 2, 3], [0, 0, -2]).tolist() == [0, 0, 3]
    assert vec.projection([0, 0], [1, 2]).tolist() == [0, 0]
    assert vec.scalar_projection([1, 0], [-2, 0]) == -1


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (vec.projection, "onto is the zero vector; it has no direction to fall on"),
        (vec.scalar_projection, "onto is the zero vector"),
        (vec.angle, "y is the zero vector; it has no direction, so no angle"),
    ],
)
def test_the_zero_vector_has_no_direction(function, words):
    with pytest.raises(ValueError, match=words):
        function([1, 2], [0, 0])


@pytest.mark.parametrize("function", [vec.dot, vec.angle, vec.projection, vec.scalar_projection])
def test_vectors_of_different_length_are_refused(function):
    with pytest.raises(ValueError, match="has shape 3; it must be a vector with 2 numbers"):
        function([1, 2], [1, 2, 3])


# --- coordinates


@EVERY
@given(st.integers(1, 5).flatmap(lambda n: st.tuples(vectors(n), vectors(n * n))))
def test_coordinates_rebuild_the_vector(pair):
    x, B = pair[0], pair[1].reshape(len(pair[0]), -1)
    assume(np.linalg.cond(B) < 1e6)
    np.testing.assert_allclose(B @ vec.coordinates(x, B), x, atol=1e-8)


def test_coordinates_agree_with_exact_fractions():
    B, x = [[2, 1, 1], [1, 3, 2], [1, 0, 7]], [1, 2, 3]
    exact = sympy.Matrix(B).LUsolve(sympy.Matrix(x))
    np.testing.assert_allclose(vec.coordinates(x, B), [float(c) for c in exact], rtol=1e-15)


def test_coordinates_do_not_mind_the_units_of_the_columns():
    assert vec.coordinates([1e150, 1e-150], [[1e150, 0], [0, 1e-150]]).tolist() == [1, 1]
    np.testing.assert_allclose(vec.coordinates([3e-150, 1e-150], [[1e150, 1e-150], [1e150, -1e-150]]), [2e-300, 1], rtol=1e-14)


def test_two_nearly_parallel_vectors_are_still_a_basis():
    np.testing.assert_allclose(vec.coordinates([2, 1e-8], [[1, 1], [0, 1e-8]]), [1, 1], rtol=1e-15)


def test_two_vectors_are_a_basis_of_their_plane_in_space():
    np.testing.assert_allclose(vec.coordinates([1, 2, 3], [[1, 0], [0, 1], [1, 1]]), [1, 2], rtol=1e-14)
    with pytest.raises(ValueError, match=r"the nearest they reach is 1 away"):
        vec.coordinates([1, 2, 1], [[1, 0], [0, 1], [0, 0]])


@pytest.mark.parametrize(
    ("B", "words"),
    [
        ([[1, 0, 2], [0, 1, -1], [1, 1, 1]], "column 3 is 2 times column 1 minus column 2, so"),
        ([[1, 2], [2, 4]], "column 2 is 2 times column 1, so"),
        ([[3, -3], [1, -1]], "column 2 is minus column 1, so"),
        ([[0, 1], [0, 2]], "column 1 is the zero vector"),
        ([[1, 0], [2, 0]], "column 2 is the zero vector"),
        ([[0, 0], [0, 0]], "column 1 is the zero vector"),
        ([[1, 0, 5], [0, 1, 3]], "column 3 is 5 times column 1 plus 3 times column 2, so"),
        ([[1e-150, 1e150], [1e-150, 1e150]], r"column 2 is 1e\+300 times column 1, so"),
        ([[1e-200, 1e200], [1e-200, 1e200]], "column 2 is an extreme multiple of column 1, so"),
        ([[1, 1], [1, 1 + 1e-14]], "column 2 is column 1, so"),
        ([[1, 0, 1, 0], [0, 1, 0, 1], [0, 0, 0, 0], [0, 0, 0, 1]], "column 3 is column 1, so"),
    ],
)
def test_dependent_columns_are_named_with_their_dependence(B, words):
    with pytest.raises(ValueError, match=f"^The columns are no basis: {words}"):
        vec.coordinates(np.ones(len(B)), B)


def test_a_long_dependence_is_cut_short():
    B = np.column_stack([np.eye(8)[:, :7], np.r_[np.ones(7), 0]])
    with pytest.raises(ValueError, match="column 4 and 3 further terms, so"):
        vec.coordinates(np.ones(8), B)


def test_a_coordinate_too_large_for_a_number_is_refused():
    with pytest.raises(ValueError, match="exceeds every number"):
        vec.coordinates([1e200], [[1e-200]])


def test_a_vector_that_does_not_fit_its_basis_is_refused():
    with pytest.raises(ValueError, match="x has shape 3; it must be a vector with 2 numbers"):
        vec.coordinates([1, 2, 3], np.eye(2))


# --- rank and similarity


@EVERY
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 6), st.integers(0, 1000), st.sampled_from([1e-150, 1, 1e150]))
def test_the_rank_counts_independent_directions(m, n, r, seed, size):
    rng = np.random.default_rng(seed)
    A = rng.integers(-4, 5, (m, r)) @ rng.integers(-4, 5, (r, n))
    assert vec.rank(A * size) == sympy.Matrix(m, n, A.ravel().tolist()).rank()


def test_the_tolerance_of_the_rank_is_relative():
    assert vec.rank(np.diag([1, 1e-8])) == 2
    assert vec.rank(np.diag([1, 1e-8]), tol=1e-6) == 1
    assert vec.rank(np.zeros((2, 3))) == 0
    with pytest.raises(ValueError, match="tol is 2"):
        vec.rank(np.eye(2), tol=2)


def test_cosine_similarities_agree_with_scipy_in_every_unit():
    X = np.random.default_rng(0).normal(size=(20, 13))
    C = vec.cosine_similarities(X * np.logspace(-290, 290, 20)[:, None])
    np.testing.assert_allclose(C, 1 - scipy.spatial.distance.squareform(scipy.spatial.distance.pdist(X, "cosine")), atol=1e-14)
    assert np.array_equal(C, C.T)
    assert np.diag(C).tolist() == [1] * 20
    assert np.abs(C).max() <= 1
    assert scipy.linalg.eigvalsh(C).min() > -1e-13


def test_lengthening_a_vector_leaves_its_similarity():
    C = vec.cosine_similarities([[1, 2], [10, 20], [-3, -6], [2, -1]])
    np.testing.assert_allclose(C[0], [1, 1, -1, 0], atol=1e-15)


def test_a_zero_row_is_named():
    with pytest.raises(ValueError, match="only zeros in row 2"):
        vec.cosine_similarities([[1, 2], [0, 0], [0, 0]])
    with pytest.raises(ValueError, match="X has 5001 rows"):
        vec.cosine_similarities(np.ones((5001, 1)))
