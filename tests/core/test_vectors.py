"""Lengths, angles, shadows and coordinates, against known answers, exact fractions and independent references."""

import doctest
import itertools
import math

import numpy as np
import pytest
import scipy.linalg
import scipy.spatial.distance
import sklearn.metrics.pairwise
import sklearn.preprocessing
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


def sentence(function, *args):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        function(*args)
    return str(problem.value)


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
@given(several(3))
def test_casting_a_shadow_is_a_symmetric_linear_map_of_trace_one(triple):
    x, y, w = triple
    assume(w.any())
    P = np.column_stack([vec.projection(e, w) for e in np.eye(len(w))])
    np.testing.assert_allclose(P, P.T, atol=1e-15)
    np.testing.assert_allclose(vec.projection(2 * x - 3 * y, w), P @ (2 * x - 3 * y), atol=1e-13)
    assert np.trace(P) == pytest.approx(1, abs=1e-14)  # the shadows of the axes fill one direction


@EVERY
@given(several(2))
def test_the_dot_product_follows_from_lengths(pair):
    x, y = pair
    scale = (vec.norm(x) + vec.norm(y)) ** 2
    assert vec.dot(x, y) == pytest.approx((vec.norm(x + y) ** 2 - vec.norm(x - y) ** 2) / 4, abs=1e-14 * scale)
    assert vec.norm(x + y) ** 2 + vec.norm(x - y) ** 2 == pytest.approx(
        2 * vec.norm(x) ** 2 + 2 * vec.norm(y) ** 2, abs=1e-14 * scale
    )


@EVERY
@given(several(2), sizes, sizes)
def test_no_shadow_is_longer_and_no_detour_shorter_at_any_size(pair, s, t):
    x, y = pair[0] * s, pair[1] * t
    assert vec.norm(x + y) <= (vec.norm(x) + vec.norm(y)) * (1 + 1e-14)
    assume(y.any())
    assert abs(vec.scalar_projection(x, y)) <= vec.norm(x) * (1 + 1e-14)  # Cauchy and Schwarz, divided by |y|


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


@EVERY
@given(st.integers(1, 8), st.integers(1, 6), st.integers(0, 1000), sizes)
def test_cosine_similarities_agree_with_scikit_learn_and_do_not_mind_a_turn(n, d, seed, size):
    X = np.random.default_rng(seed).normal(size=(n, d))
    C = vec.cosine_similarities(X * size)
    np.testing.assert_allclose(C, sklearn.metrics.pairwise.cosine_similarity(X), atol=1e-14)
    np.testing.assert_allclose(vec.cosine_similarities(X @ rotation_of(d, seed)), C, atol=1e-13)


# --- rows of a table

SCALINGS = ["as they are", "centred", "standardised"]
AS_THEY_ARE = vec.Scales(np.zeros(2), np.ones(2))


def comparable(X, columns):
    """Return the whole table as its rows come out one by one."""
    scales = vec.column_scales(X, columns)
    return np.array([vec.row_of(X, i, scales) for i in range(len(X))])


@EVERY
@given(st.integers(1, 40), st.integers(1, 6), st.integers(0, 1000), st.sampled_from([1e-150, 1e-3, 1.0, 1e6, 1e150]))
def test_the_scales_are_those_of_scikit_learn(n, d, seed, size):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) * 10.0 ** rng.integers(-3, 4, d) + rng.normal(size=d)
    X[:, 0] = 0.1
    reference = sklearn.preprocessing.StandardScaler().fit(X)
    found = vec.column_scales(X * size, "standardised")
    np.testing.assert_allclose(found.shift / size, reference.mean_, rtol=1e-13, atol=1e-15 * np.abs(X).max())
    np.testing.assert_allclose(found.spread[1:] / (size if n > 1 else 1), reference.scale_[1:], rtol=1e-12)
    Z = comparable(X * size, "standardised")
    np.testing.assert_allclose(Z, reference.transform(X), atol=1e-11)
    assert found.spread[0] == 1
    assert not Z[:, 0].any()
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-11)
    np.testing.assert_allclose(np.mean(Z[:, 1:] ** 2, axis=0), n > 1, rtol=1e-12)


def test_known_scales():
    X = [[1, 2], [3, 2], [5, 8]]
    assert vec.column_scales(X).shift.tolist() == [0, 0]
    assert vec.column_scales(X).spread.tolist() == [1, 1]
    assert vec.column_scales(X, "centred").shift.tolist() == [3, 4]
    assert vec.column_scales(X, "centred").spread.tolist() == [1, 1]
    found = vec.column_scales(X, "standardised")
    assert found.shift.tolist() == [3, 4]
    np.testing.assert_allclose(found.spread, [math.sqrt(8 / 3), math.sqrt(8)], rtol=1e-15)


@pytest.mark.parametrize("value", [0, 0.1, 1 / 3, -1e6 / 3, 1e150 / 3, 1e-150 / 3, 1e300, 5e-324])
@pytest.mark.parametrize("n", [1, 2, 3, 10, 1000])
def test_a_constant_column_is_taken_off_exactly_and_divided_by_one(value, n):
    X = np.full((n, 1), value)
    for columns in ("centred", "standardised"):
        found = vec.column_scales(X, columns)
        assert (found.shift.tolist(), found.spread.tolist()) == ([value], [1])
        assert not comparable(X[:3], columns).any()


def test_a_column_that_is_constant_but_for_rounding_is_constant():
    assert vec.column_scales([[0.1 + 0.2], [0.3]], "standardised").spread.tolist() == [1]
    assert vec.column_scales([[1e15], [1e15 + 2]], "standardised").spread.tolist() == [1]


@pytest.mark.parametrize(
    ("far", "near"),
    [(0, 1e-300), (0, 1e-170), (0, 1e-150), (0, 1e-10), (1e13, 1), (1, 1e-13), (0, 1e150), (0, 1e200), (0, 1e300)],
)
def test_a_column_that_varies_at_all_varies_by_one_afterwards(far, near):
    found = vec.column_scales([[far - near], [far + near]], "standardised")
    assert found.shift[0] == pytest.approx(far, rel=1e-15, abs=1e-15 * near)
    assert found.spread[0] == pytest.approx(near, rel=1e-2 if far else 1e-15)
    np.testing.assert_allclose(comparable([[far - near], [far + near]], "standardised"), [[-1], [1]], rtol=1e-2)


def test_the_smallest_floats_leave_no_zero_to_divide_by():
    found = vec.column_scales([[0], [5e-324]], "standardised")
    assert found.spread[0] > 0
    assert np.isfinite(comparable([[0], [5e-324]], "standardised")).all()


def test_the_largest_entries_have_a_mean():
    X = np.full((1000, 1), 1e300)
    X[0] = -1e300
    found = vec.column_scales(X, "standardised")
    assert found.shift[0] == pytest.approx(0.998e300, rel=1e-13)
    assert found.spread[0] == pytest.approx(2e300 * math.sqrt(999) / 1000, rel=1e-13)


@EVERY
@given(st.integers(2, 12), st.integers(1, 5), st.integers(0, 1000), st.integers(-60, 60))
def test_the_unit_of_a_column_does_not_matter_once_standardised(n, d, seed, k):
    X = np.random.default_rng(seed).normal(size=(n, d))
    np.testing.assert_array_equal(comparable(np.ldexp(X, k), "standardised"), comparable(X, "standardised"))


@pytest.mark.parametrize("columns", ["", "Centred", "standardized", None, 2])
def test_a_scaling_that_is_none_of_the_three_is_refused(columns):
    words = f"^columns is {columns}; it must be “as they are”, “centred” or “standardised”\\.$"
    with pytest.raises(ValueError, match=words):
        vec.column_scales([[1, 2]], columns)


def test_the_row_is_that_of_the_table():
    X = np.array([[1, 2], [3, 5], [8, -1]])
    assert comparable(X, "as they are").tolist() == X.tolist()
    assert comparable(X, "centred").tolist() == [[-3, 0], [-1, 3], [4, -3]]
    assert vec.row_of(X.tolist(), 2, AS_THEY_ARE).tolist() == [8, -1]
    row = vec.row_of(X, 0, AS_THEY_ARE)
    row[0] = 99
    assert X[0, 0] == 1, "a row is a copy"


def test_a_row_at_the_mean_is_zero_to_the_last_bit():
    X = [[0.1, 0.7], [0.3, 0.1], [0.2, 0.4]]
    assert comparable(X, "centred")[2].tolist() == [0, 0]
    assert comparable(X, "standardised")[2].tolist() == [0, 0]


def test_extreme_entries_make_rows():
    X = [[1e150, 1e-150], [-1e150, 3e-150]]
    assert comparable(X, "as they are").tolist() == X
    np.testing.assert_allclose(comparable(X, "standardised"), [[1, -1], [-1, 1]], rtol=1e-14)


@EVERY
@given(st.integers(2, 12), st.integers(1, 5), st.integers(0, 1000), st.sampled_from(SCALINGS))
def test_the_neighbour_is_that_of_the_table_of_all_cosines(n, d, seed, columns):
    X = np.random.default_rng(seed).normal(size=(n, d))
    scales = vec.column_scales(X, columns)
    C = sklearn.metrics.pairwise.cosine_similarity((X - scales.shift) / scales.spread)
    np.fill_diagonal(C, -np.inf)
    for i in range(n):
        found = vec.most_similar(X, i, scales)
        assert found.cosine == pytest.approx(C[i].max(), abs=1e-14)
        assert found.index == np.flatnonzero(C[i] >= C[i].max() - 1e-13)[0]
        assert found.index != i


@EVERY
@given(st.integers(3, 8), st.integers(2, 5), st.integers(0, 1000), st.sampled_from([1e-290, 1e-150, 1e150, 1e290]))
def test_neighbours_do_not_mind_lengths_or_a_turn(n, d, seed, size):
    rng = np.random.default_rng(seed)
    X, scales = rng.normal(size=(n, d)), vec.Scales(np.zeros(d), np.ones(d))
    plain = vec.most_similar(X, 0, scales)
    for other in (X * size, X * 10.0 ** rng.integers(-200, 200, (n, 1)), X @ rotation_of(d, seed)):
        found = vec.most_similar(other, 0, scales)
        assert found.index == plain.index
        assert found.cosine == pytest.approx(plain.cosine, abs=1e-13)


@pytest.mark.parametrize(
    ("X", "i", "index", "cosine"),
    [
        ([[1, 0], [0, 1], [5, 1]], 2, 0, 5 / math.sqrt(26)),
        ([[1, 0], [-1, 0]], 0, 1, -1),
        ([[1, 0], [0, 0], [-2, 1]], 0, 2, -2 / math.sqrt(5)),
        ([[0, 0], [0, 0], [1, 1], [0, 1]], 3, 2, math.sqrt(0.5)),
        ([[1e150, 1e150], [1e-150, 2e-150], [1e-150, -1e150]], 0, 1, 3 / math.sqrt(10)),
        ([[1, 0], [0, 1], [0, -1]], 0, 1, 0),
        ([[1, 3], [0.1, 0.3], [2, 6], [3, 9], [0.7, 2.1]], 3, 0, 1),
    ],
)
def test_known_neighbours(X, i, index, cosine):
    found = vec.most_similar(X, i, AS_THEY_ARE)
    assert found.index == index
    assert found.cosine == pytest.approx(cosine, abs=1e-15)


@EVERY
@given(vectors(3), st.lists(st.sampled_from([0.1, 0.3, 1, 3, 7, 1e-9, 1e9, 1e150]), min_size=2, max_size=8))
def test_of_equally_close_rows_the_first_is_taken_whatever_the_rounding(x, factors):
    assume(x.any())
    found = vec.most_similar([c * x for c in factors], len(factors) - 1, vec.Scales(np.zeros(3), np.ones(3)))
    assert found.index == 0
    assert found.cosine == pytest.approx(1, abs=1e-15)
    assert found.cosine <= 1


def test_identical_rows_have_no_direction_left_once_centred():
    X = np.full((3, 2), 0.1)
    for columns in ("centred", "standardised"):
        with pytest.raises(ValueError, match=r"^Row 2 is the zero vector.*; choose another row\.$"):
            vec.most_similar(X, 1, vec.column_scales(X, columns))


@pytest.mark.parametrize(
    ("X", "i", "words"),
    [
        ([[0, 0], [1, 2], [3, 4]], 0, "Row 1 is the zero vector, which has no direction to compare; choose another row."),
        ([[0, 0], [1, 2]], 1, "No other row has a direction to compare row 2 with; at least two rows must not be zero."),
        ([[1, 2]], 0, "No other row has a direction to compare row 1 with; at least two rows must not be zero."),
        ([[1, 2], [3, 4]], 2, "i is 2; it must lie between 0 and 1."),
        ([[1, 2], [3, 4]], -1, "i is -1; it must lie between 0 and 1."),
        ([[1, 2], [3, 4]], 0.5, "i is 0.5; it must be a whole number."),
        ([[1, 2], [3, 4]], math.nan, "i is nan; it must be one finite real number such as 0.5."),
        ([[1, 2, 3], [3, 4, 5]], 0, "the shift has shape 2; it must be a vector with 3 numbers."),
    ],
)
def test_a_row_without_a_neighbour_ends_in_a_sentence(X, i, words):
    assert sentence(vec.most_similar, X, i, AS_THEY_ARE) == words


@pytest.mark.parametrize(
    ("X", "words"),
    [
        ([[1, 2], [math.nan, 4]], "X has nan in row 2, column 1; every entry must be a finite number."),
        ([[1, 2], [3, math.inf]], "X has inf in row 2, column 2; every entry must be a finite number."),
        ([[1, 2], [3, -2e300]], "X has -2e+300 in row 2, column 2; every entry must be at most 1e+300 in size."),
        ([[1, 2], [3]], "X has rows of different lengths; every row needs as many entries."),
        ([1, 2], "X has shape 2; it must be a matrix with any number of rows and any number of columns."),
        ([], "X has shape 0; it must be a matrix with any number of rows and any number of columns."),
        (np.empty((0, 2)), "X has shape 0 x 2; it must be a matrix with any number of rows and any number of columns."),
        ([["a", "b"], ["c", "d"]], "X has a in row 1, column 1; every entry must be a real number."),
    ],
)
def test_what_is_no_table_ends_in_a_sentence(X, words):
    assert sentence(vec.column_scales, X, "standardised") == words
    assert sentence(vec.most_similar, X, 0, AS_THEY_ARE) == words


def test_a_row_of_what_is_no_table_ends_in_a_sentence():
    assert sentence(vec.row_of, [[1, 2], [3]], 0, AS_THEY_ARE) == (
        "X has rows of different lengths; every row needs as many entries."
    )
    for X in (3, [1, 2], np.ones(2), np.ones((2, 2, 2))):
        assert "it must be a matrix with any number of rows" in sentence(vec.row_of, X, 0, AS_THEY_ARE)
    assert sentence(vec.row_of, np.array([["a", "b"]]), 0, AS_THEY_ARE) == (
        "row 1 has a in entry 1; every entry must be a real number."
    )


@pytest.mark.parametrize(
    ("i", "scales", "words"),
    [
        (2, AS_THEY_ARE, "i is 2; it must lie between 0 and 1."),
        (-1, AS_THEY_ARE, "i is -1; it must lie between 0 and 1."),
        (1.5, AS_THEY_ARE, "i is 1.5; it must lie between 0 and 1."),
        (1, AS_THEY_ARE, "row 2 has nan in entry 1; every entry must be a finite number."),
        (0, vec.Scales(np.zeros(3), np.ones(3)), "the shift has shape 3; it must be a vector with 2 numbers."),
        (0, vec.Scales(np.zeros(1), np.ones(1)), "the shift has shape 1; it must be a vector with 2 numbers."),
        (0, vec.Scales(np.zeros(2), np.ones(3)), "the spread has shape 3; it must be a vector with 2 numbers."),
        (
            0,
            vec.Scales(np.array([0, math.nan]), np.ones(2)),
            "the shift has nan in entry 2; every entry must be a finite number.",
        ),
        (0, vec.Scales(np.zeros(2), np.array([1, 0])), "the spread of a column is 0; it must be above 0."),
        (0, vec.Scales(np.zeros(2), np.array([1, -2])), "the spread of a column is -2; it must be above 0."),
        (
            0,
            vec.Scales(np.zeros(2), np.array([1, 1e-300])),
            "X divided by the spread exceeds every number; take a spread that fits the columns.",
        ),
    ],
)
def test_a_row_that_is_not_there_or_does_not_fit_ends_in_a_sentence(i, scales, words):
    X = np.array([[1, 1e150], [math.nan, 4]])
    assert sentence(vec.row_of, X, i, scales) == words


@pytest.mark.parametrize("columns", SCALINGS)
def test_one_row_is_a_table_too(columns):
    expected = [[3, -4]] if columns == "as they are" else [[0, 0]]
    assert comparable([[3, -4]], columns).tolist() == expected
    assert vec.column_scales([[3, -4]], columns).spread.tolist() == [1, 1]
