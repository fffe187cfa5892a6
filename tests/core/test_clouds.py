"""Clouds in the plane: made with the spread that is asked for, and their areas, shadows, curves and lines against NumPy."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mml_core import clouds, pca, statistics
from mml_core.clouds import (
    best_direction,
    chunked,
    deviation_ellipse,
    histogram,
    lines,
    one_direction,
    rectangles,
    shadows,
    spread_around,
    summary,
)
from mml_core.made_clouds import CLOUDS, cloud, unit_covariance

RNG = np.random.default_rng(4)
SCATTERED = RNG.normal(size=(30, 2)) @ [[2, 0.5], [0, 0.7]] + [3, -1]
TABLES = {
    "plain": SCATTERED,
    "mean 1e8, spread 1": SCATTERED + 1e8,
    "columns of different size": SCATTERED * [1e-6, 1e6] + [1, -1e9],
    "tiny": SCATTERED * 1e-200,
    "two points": SCATTERED[:2],
}
MATRICES = {
    "round": [[2, 0], [0, 2]],
    "upright": [[1, 0], [0, 4]],
    "leaning": [[2, 1], [1, 2]],
    "leaning back": [[2, -1.2], [-1.2, 1]],
    "flat": [[4, 2], [2, 1]],
    "nothing": [[0, 0], [0, 0]],
    "huge": [[1e300, 5e299], [5e299, 1e300]],
    "tiny": [[1e-300, 5e-301], [5e-301, 1e-300]],
    "badly scaled": [[1e12, 0.5], [0.5, 1e-12]],
}
places = st.lists(st.tuples(st.integers(-1000, 1000), st.integers(-1000, 1000)), min_size=2, max_size=20)
sizes = st.sampled_from([1e-9, 1e-3, 1.0, 1e5, 1e12])
directions = st.floats(-10, 10)


def rotation(angle):
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def wanted(spread, width, tilt):
    """Return R diag(spread^2, width^2) R'."""
    return rotation(tilt) @ np.diag([spread**2, width**2]) @ rotation(tilt).T


def between(a, b):
    """Return how far two directions are apart, whichever way they point."""
    return abs(math.remainder(a - b, math.pi))


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(clouds).failed == 0


@pytest.mark.parametrize("name", CLOUDS)
def test_a_cloud_fits_its_picture_whatever_the_seed(name):
    for seed in range(1, 40):
        X = cloud(name, seed=seed)
        assert X.shape == (40, 2)
        assert np.abs(X).max() <= 6


@pytest.mark.parametrize("name", ["Gaussian", "Two groups"])
@pytest.mark.parametrize(
    ("n", "spread", "width", "tilt"), [(3, 2, 0.7, 0.5), (40, 2, 0.7, 0.5), (200, 2.5, 0, -1), (17, 0.1, 2.5, 9)]
)
def test_the_sliders_of_a_cloud_mean_what_they_say(name, n, spread, width, tilt):
    for seed in range(5):
        X = cloud(name, n, spread, width, tilt, seed=seed)
        np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(statistics.covariance(X), wanted(spread, width, tilt), rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", [3, 4, 40, 199])
def test_a_parabola_has_no_covariance_though_x_tells_y(n):
    X = cloud("Parabola", n, spread=2, width=1.5)
    np.testing.assert_allclose(statistics.covariance(X), np.diag([4, 2.25]), rtol=0, atol=1e-12)
    assert abs(rectangles(X).covariance) <= 1e-12
    x, y = X.T
    np.testing.assert_allclose(np.polyval(np.polyfit(x, y, 2), x), y, rtol=0, atol=1e-12)
    np.testing.assert_allclose(y, y[::-1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", [3, 4, 5, 40])
def test_no_direction_of_a_ring_is_best(n):
    X = cloud("Ring", n, spread=2, width=0.3)
    C = statistics.covariance(X)
    np.testing.assert_allclose(C, 4 * np.eye(2), rtol=0, atol=1e-12)
    assert best_direction(C).tied
    np.testing.assert_allclose(np.hypot(*X.T), 2 * math.sqrt(2 * (n - 1) / n), rtol=1e-12)
    neighbours = np.hypot(*(X - np.roll(X, 1, axis=0)).T)
    np.testing.assert_allclose(neighbours, neighbours[0], rtol=1e-12)


@pytest.mark.parametrize("n", [3, 40, 200])
@pytest.mark.parametrize(("name", "slope"), [("Steep line", 4), ("Flat line", 0.25)])
def test_a_steep_and_a_flat_line_have_the_same_correlation(name, slope, n):
    X = cloud(name, n, spread=1.5)
    assert statistics.correlation(X)[0, 1] == pytest.approx(0.95, abs=1e-12)
    assert lines(X).slope == pytest.approx(slope, rel=1e-12)
    assert X.std(axis=0, ddof=1).max() == pytest.approx(1.5, rel=1e-12)


def test_two_groups_lie_apart_along_the_tilt():
    X = cloud("Two groups", 40, 2, 0.7, 0.5) @ rotation(0.5)
    assert X[::2, 0].min() > 0.2
    assert X[1::2, 0].max() < -0.2


@pytest.mark.parametrize("name", CLOUDS)
def test_outliers_are_the_last_points_and_lie_far_across(name):
    plain = cloud(name)
    before = plain
    for k in range(1, 6):
        X = cloud(name, n_outliers=k)
        np.testing.assert_array_equal(X[: 40 - k], plain[: 40 - k])
        np.testing.assert_array_equal(X[41 - k :], before[41 - k :])  # the earlier outliers stay where they were
        assert np.abs(X[40 - k]).max() <= 5.5
        assert np.hypot(*X[40 - k]) > 4
        before = X
    assert len(np.unique(before[35:], axis=0)) == 5
    C = [statistics.covariance(Y) for Y in (plain, before)]
    assert np.trace(C[1]) > np.trace(C[0]) + 1


def test_one_outlier_turns_the_best_direction():
    found = [best_direction(statistics.covariance(cloud("Gaussian", 20, tilt=0.2, n_outliers=k))).angle for k in (0, 1)]
    assert found[0] == pytest.approx(0.2, abs=1e-12)
    assert between(*found) > 0.05


def test_the_seed_decides_a_cloud_and_a_further_point_does_not_turn_it_over():
    np.testing.assert_array_equal(cloud("Gaussian", seed=3), cloud("Gaussian", seed=3))
    assert np.abs(cloud("Gaussian", seed=3) - cloud("Gaussian", seed=4)).max() > 0.5
    for name in ("Gaussian", "Two groups"):
        for n in range(20, 100):
            assert np.abs(cloud(name, n + 1)[:n] - cloud(name, n)).max() < 1


def test_unit_covariance_is_the_identity_and_keeps_what_has_it():
    Z = unit_covariance(RNG.normal(size=(50, 3)) @ RNG.normal(size=(3, 3)) + [0, 1e6, -3])
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(statistics.covariance(Z), np.eye(3), rtol=0, atol=1e-14)
    np.testing.assert_allclose(unit_covariance(Z), Z, rtol=0, atol=1e-13)


@pytest.mark.parametrize("name", TABLES)
def test_the_rectangles_average_to_the_covariance(name):
    X = TABLES[name]
    found, C = rectangles(X), statistics.covariance(X)
    np.testing.assert_allclose(found.covariance, C[0, 1], rtol=0, atol=1e-13 * math.sqrt(C[0, 0]) * math.sqrt(C[1, 1]))
    np.testing.assert_array_equal(found.products, found.centred[:, 0] * found.centred[:, 1])
    np.testing.assert_allclose(found.mean + found.centred, X, rtol=1e-15, atol=1e-15 * np.abs(X).max())
    assert found.centred.shape == X.shape


def test_a_rectangle_is_above_0_in_two_quarters_around_the_mean_and_below_it_in_the_others():
    found = rectangles([[1, 2], [-3, -1], [-2, 3], [4, -4], [0, 0]])
    assert found.mean.tolist() == [0, 0]
    assert found.products.tolist() == [2, 3, -6, -16, 0]
    assert found.covariance == -17 / 4


@given(places)
def test_a_mirror_changes_the_sign_of_each_rectangle_and_nothing_else(rows):
    X = np.array(rows, float)
    found, mirrored = rectangles(X), rectangles(X * [1, -1])
    np.testing.assert_array_equal(mirrored.products, -found.products)
    assert mirrored.covariance == -found.covariance


@given(places, sizes, sizes, st.sampled_from([0.0, 1.0, 1e6]), directions)
def test_what_the_shadows_have_and_what_they_lose_add_up_to_the_total(rows, wide, high, away, angle):
    X = (np.array(rows) + away) * [wide, high]
    found = shadows(X, angle)
    assert found.variance + found.error == pytest.approx(found.total, rel=1e-12, abs=0)


@pytest.mark.parametrize("name", ["plain", "mean 1e8, spread 1", "columns of different size", "two points"])
@pytest.mark.parametrize("angle", [0, 0.4, math.pi / 2, 3, -20])
def test_shadows_lie_on_the_line_and_drop_at_right_angles(name, angle):
    X = TABLES[name]
    found, mean = shadows(X, angle), X.mean(axis=0)
    unit, digit = X.std(), 1e-15 * np.abs(X).max()
    np.testing.assert_allclose(found.direction, [math.cos(angle), math.sin(angle)], rtol=1e-15)
    np.testing.assert_allclose(found.feet, mean + np.outer(found.coordinates, found.direction), rtol=1e-14)
    np.testing.assert_allclose((X - found.feet) @ found.direction, 0, atol=1e-12 * unit + digit)
    np.testing.assert_allclose(found.coordinates.sum(), 0, atol=1e-12 * unit)
    C = statistics.covariance(X)
    assert found.variance == pytest.approx(found.coordinates.var(ddof=1), rel=1e-10)
    assert found.variance == pytest.approx(found.direction @ C @ found.direction, rel=1e-10, abs=1e-14 * np.trace(C))
    assert found.error == pytest.approx(((X - found.feet) ** 2).sum() / (len(X) - 1), rel=1e-6, abs=1e-12 * np.trace(C))


def test_the_shadow_varies_most_in_the_best_direction():
    best = best_direction(statistics.covariance(SCATTERED))
    most = shadows(SCATTERED, best.angle)
    assert most.variance == pytest.approx(best.variances[0], rel=1e-13)
    assert most.error == pytest.approx(best.variances[1], rel=1e-12)
    assert all(shadows(SCATTERED, angle).variance <= most.variance + 1e-12 for angle in np.linspace(0, math.pi, 50))


@pytest.mark.parametrize("name", MATRICES)
def test_the_curve_is_as_far_out_as_the_standard_deviation_in_each_direction(name):
    C = np.array(MATRICES[name], float)
    curve = spread_around(C)
    assert curve.shape == (181, 2)
    np.testing.assert_array_equal(curve[0], curve[-1])
    size = math.sqrt(C.max()) or 1.0
    for angle, point in zip(np.linspace(0, 2 * math.pi, 181), curve / size, strict=True):
        u = np.array([math.cos(angle), math.sin(angle)])
        assert point @ u == pytest.approx(math.sqrt(max(u @ (C / size / size) @ u, 0)), abs=1e-7)
        assert point @ [-u[1], u[0]] == pytest.approx(0, abs=1e-12)


def radius_of_ellipse(C, u):
    """Return how far the ellipse x' C^-1 x = 1 is from 0 in the direction u."""
    return 1 / math.sqrt(u @ np.linalg.solve(C, u))


@given(st.floats(0.1, 2.5), st.floats(0.1, 2.5), st.floats(-4, 4))
def test_the_curve_is_nowhere_inside_the_ellipse_and_touches_it_at_the_eigenvectors(spread, width, tilt):
    C = wanted(spread, width, tilt)
    curve = spread_around(C, 41)
    lengths = np.hypot(*curve.T)
    for point, r in zip(curve, lengths, strict=True):
        assert r >= radius_of_ellipse(C, point / r) - 1e-12
    for v in np.linalg.eigh(C)[1].T:
        assert radius_of_ellipse(C, v) == pytest.approx(math.sqrt(v @ C @ v), rel=1e-12)


def test_the_curve_touches_the_ellipse_at_the_eigenvectors_only():
    C = np.array(MATRICES["leaning"], float)  # eigenvectors at 45 and 135 degrees
    curve = spread_around(C, 361)
    gaps = [np.hypot(*point) - radius_of_ellipse(C, point / np.hypot(*point)) for point in curve]
    touching = np.flatnonzero(np.array(gaps) < 1e-9)
    assert touching.tolist() == [45, 135, 225, 315]


@pytest.mark.parametrize("name", ["round", "upright", "leaning", "leaning back"])
def test_each_point_of_the_ellipse_is_one_deviation_away(name):
    C = np.array(MATRICES[name], float)
    ellipse = deviation_ellipse(C)
    assert ellipse.shape == (121, 2)
    np.testing.assert_array_equal(ellipse[0], ellipse[-1])
    np.testing.assert_allclose((ellipse.T * np.linalg.solve(C, ellipse.T)).sum(axis=0), 1, rtol=1e-12)


def test_the_ellipse_of_a_flat_cloud_is_a_segment_and_that_of_a_single_place_a_point():
    segment = deviation_ellipse(MATRICES["flat"])  # 5 along (2, 1), 0 across
    np.testing.assert_allclose(segment @ [1, -2], 0, atol=1e-7)
    assert np.hypot(*segment.T).max() == pytest.approx(math.sqrt(5), rel=1e-12)
    np.testing.assert_array_equal(deviation_ellipse(MATRICES["nothing"]), 0)
    np.testing.assert_array_equal(spread_around(MATRICES["nothing"]), 0)


@pytest.mark.parametrize("name", MATRICES)
def test_the_best_direction_is_the_first_eigenvector(name):
    C = np.array(MATRICES[name], float)
    found, (values, vectors) = best_direction(C), np.linalg.eigh(C)
    assert 0 <= found.angle < math.pi
    np.testing.assert_allclose(found.variances, values[::-1], rtol=0, atol=1e-14 * np.abs(C).max())
    assert found.tied == (name in ("round", "nothing"))
    if not found.tied:
        v = vectors[:, 1]
        assert between(found.angle, math.atan2(v[1], v[0])) < 1e-12


@given(st.floats(0.2, 2.5), st.floats(0, 0.19), directions)
def test_the_best_direction_is_the_tilt(spread, width, tilt):
    found = best_direction(wanted(spread, width, tilt))
    assert between(found.angle, tilt) < 1e-8  # where both variances are nearly the same
    assert not found.tied


@pytest.mark.parametrize(
    ("C", "angle", "variances"),
    [
        ([[4, 0], [0, 1]], 0, [4, 1]),
        ([[4, -0.0], [-0.0, 1]], 0, [4, 1]),
        ([[4, -1e-20], [-1e-20, 1]], 0, [4, 1]),
        ([[1, 0], [0, 4]], math.pi / 2, [4, 1]),
        ([[1, -1], [-1, 1]], 3 * math.pi / 4, [2, 0]),
        ([[1e12, 0], [0, 1e-12]], 0, [1e12, 1e-12]),
    ],
)
def test_best_directions_that_are_known(C, angle, variances):
    found = best_direction(C)
    assert found.angle == pytest.approx(angle, abs=1e-15)
    assert found.angle < math.pi
    assert found.variances.tolist() == pytest.approx(variances, rel=1e-15, abs=0)


def test_variances_are_tied_up_to_a_billionth():
    assert best_direction([[1, 0], [0, 1 + 9e-10]]).tied
    assert not best_direction([[1, 0], [0, 1 + 2e-9]]).tied


@pytest.mark.parametrize("name", ["plain", "mean 1e8, spread 1", "columns of different size", "two points"])
def test_the_lines_agree_with_numpy_and_with_the_principal_components(name):
    X = TABLES[name]
    found, (x, y) = lines(X), (X - X.mean(axis=0)).T
    np.testing.assert_allclose(found.mean, X.mean(axis=0), rtol=1e-14)
    assert found.slope == pytest.approx(np.polyfit(x, y, 1)[0], rel=1e-8)
    assert found.inverse_slope == pytest.approx(np.polyfit(y, x, 1)[0], rel=1e-8)
    first = pca.fit(X).components[0]
    assert between(found.angle, math.atan2(first[1], first[0])) < 1e-9


def test_each_line_has_the_smallest_sum_of_its_own_kind():
    found, X = lines(SCATTERED), SCATTERED
    assert 0 <= found.angle < math.pi
    for segments in (found.upright, found.across, found.perpendicular):
        assert segments.shape == (30, 2, 2)
        np.testing.assert_array_equal(segments[:, 0], X)
    lengths = [((s[:, 1] - s[:, 0]) ** 2).sum() for s in (found.upright, found.across, found.perpendicular)]
    np.testing.assert_allclose(found.sums, lengths, rtol=1e-12)
    np.testing.assert_array_equal(found.upright[:, 1, 0], X[:, 0])
    np.testing.assert_array_equal(found.across[:, 1, 1], X[:, 1])
    x, y = (X - found.mean).T
    for change in (-1e-3, 1e-3):
        assert ((y - (found.slope + change) * x) ** 2).sum() > found.sums[0]
        assert ((x - (found.inverse_slope + change) * y) ** 2).sum() > found.sums[1]
        assert shadows(X, found.angle + change).error * 29 > found.sums[2]
    assert found.sums[2] == pytest.approx(29 * shadows(X, found.angle).error, rel=1e-12)
    assert found.sums[2] <= found.sums[:2].min()


def test_the_feet_lie_on_their_lines():
    found = lines(SCATTERED)
    across = found.upright[:, 1] - found.mean
    np.testing.assert_allclose(across[:, 1], found.slope * across[:, 0], atol=1e-13)
    across = found.across[:, 1] - found.mean
    np.testing.assert_allclose(across[:, 0], found.inverse_slope * across[:, 1], atol=1e-13)
    np.testing.assert_allclose(found.perpendicular[:, 1], shadows(SCATTERED, found.angle).feet, atol=1e-13)


@pytest.mark.parametrize("name", TABLES)
def test_the_product_of_both_slopes_is_the_squared_correlation(name):
    found = lines(TABLES[name])
    unit = TABLES[name] / np.abs(TABLES[name]).max(axis=0)
    assert found.slope * found.inverse_slope == pytest.approx(statistics.correlation(unit)[0, 1] ** 2, rel=1e-7, abs=1e-12)


@given(places, sizes, sizes)
def test_the_product_of_both_slopes_is_the_squared_correlation_of_any_points(rows, wide, high):
    X = np.array(rows) * [wide, high]
    assume((X.max(axis=0) > X.min(axis=0)).all() and 1e-10 < wide / high < 1e10)
    found = lines(X)
    assert found.slope * found.inverse_slope == pytest.approx(statistics.correlation(X)[0, 1] ** 2, rel=1e-9, abs=1e-20)


def test_points_on_a_line_leave_no_residuals_on_any_of_the_three():
    t = np.arange(5.0)
    found = lines(np.c_[t, 3 * t - 7])
    assert found.slope == pytest.approx(3, rel=1e-14)
    assert found.inverse_slope == pytest.approx(1 / 3, rel=1e-14)
    assert math.tan(found.angle) == pytest.approx(3, rel=1e-13)
    np.testing.assert_allclose(found.sums, 0, atol=1e-26)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("n_chunks", [1, 2, 7, 30])
def test_chunks_merge_to_the_single_pass(name, n_chunks):
    X = TABLES[name]
    n_chunks = min(n_chunks, len(X))
    found = chunked(X, n_chunks)
    assert [part.n for part in found.parts] == [len(part) for part in np.array_split(X, n_chunks)]
    assert found.merged.n == len(X)
    assert found.largest_difference <= (0 if n_chunks == 1 else 1e-12)
    np.testing.assert_allclose(found.merged.mean, X.mean(axis=0), rtol=1e-13)


def test_chunks_of_a_table_with_a_constant_column_differ_by_nothing():
    assert chunked(np.c_[np.full(9, 0.1), np.arange(9)], 4).largest_difference <= 1e-15


def test_a_histogram_counts_each_value_once():
    values = RNG.normal(size=500)
    counts = histogram(values, -2, 2, 10)
    assert counts.sum() == 500
    np.testing.assert_array_equal(counts[1:-1], np.histogram(values, np.linspace(-2, 2, 11))[0][1:-1])
    assert counts[0] == (values < -1.6).sum()
    assert counts[-1] == (values >= 1.6).sum()
    assert histogram([0.5], 0, 1).shape == (24,)
    assert histogram([0, 1, 2, 3, 1e300], 0, 3, 3).tolist() == [1, 1, 3]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: cloud("Square"),
            "there is no cloud 'Square'; choose one of Gaussian, Parabola, Ring, Two groups, Steep line, Flat line, Codes.",
        ),
        (lambda: cloud("Ring", 2), "n_samples is 2; it must lie between 3 and 200."),
        (lambda: cloud("Ring", 201), "n_samples is 201; it must lie between 3 and 200."),
        (lambda: cloud("Ring", spread=0), "spread is 0; it must lie between 0.1 and 2.5."),
        (lambda: cloud("Ring", width=-1), "width is -1; it must lie between 0 and 2.5."),
        (lambda: cloud("Ring", tilt=math.nan), "tilt is nan; it must be one finite real number such as 0.5."),
        (lambda: cloud("Ring", n_outliers=6), "n_outliers is 6; it must lie between 0 and 5."),
        (lambda: cloud("Ring", 3, n_outliers=4), "n_outliers is 4; it must lie between 0 and 3."),
        (lambda: cloud("Ring", seed=-1), "the seed is -1; it must be at least 0."),
        (lambda: unit_covariance([[1, 2], [3, 4]]),
         "the 2 points spread in fewer than 2 dimensions; give points that spread in all."),
        (lambda: unit_covariance([[1, 2], [2, 4], [4, 8]]),
         "the 3 points spread in fewer than 2 dimensions; give points that spread in all."),
        (lambda: rectangles([[1, 2]]), "there is 1 point; at least two are needed to vary."),
        (lambda: rectangles([[1, 2, 3]]), "X has shape 1 x 3; it must be a list of points with 2 coordinates each."),
        (lambda: rectangles([[1, 2], [-1e120, 3]]),
         "X has an entry of 1e+120 in size; give at most 1e+100, or other units."),
        (lambda: shadows([[1, 2], [3, 4]], math.inf), "angle is inf; it must be one finite real number such as 0.5."),
        (lambda: spread_around([[1, 2], [3, 4]]),
         "C has 2 above and 3 below its diagonal; a covariance matrix has the same."),
        (lambda: deviation_ellipse([[1, 2], [2, 1]]),
         "C has the eigenvalue -1; no variance, and so no eigenvalue of a covariance, is below 0."),
        (lambda: best_direction(np.eye(3)), "C has shape 3 x 3; it must be a matrix with 2 rows and 2 columns."),
        (lambda: spread_around(np.eye(2), 1), "the number of points is 1; it must lie between 2 and 10000."),
        (lambda: lines([[0.1, 2], [0.1, 4], [0.1, 7]]),
         "all points have the same x, so no line tells y from x; move one aside."),
        (lambda: lines([[2, 1], [4, 1]]), "all points have the same y, so no line tells x from y; move one aside."),
        (lambda: lines([[2, 1], [2, 1]]), "all points have the same x, so no line tells y from x; move one aside."),
        (lambda: lines(cloud("Gaussian", width=0, tilt=math.pi / 2)),
         "all points have the same x, so no line tells y from x; move one aside."),
        (lambda: chunked([[1, 2]], 1), "there is 1 sample; more than 1 are needed for an average."),
        (lambda: chunked([[1], [2]], 3), "n_chunks is 3; it must lie between 1 and 2."),
        (lambda: histogram([1], 2, 2), "the bins go from 2 to 2; low must be below high."),
        (lambda: histogram([1], 0, 2, 0), "n_bins is 0; it must lie between 1 and 1000."),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit_end_in_a_sentence(call, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        call()
    assert str(problem.value) == words


def test_a_summary_is_what_numpy_says():
    found = summary(SCATTERED)
    np.testing.assert_allclose(found.covariance, np.cov(SCATTERED.T), rtol=1e-12)
    assert found.correlation == pytest.approx(np.corrcoef(SCATTERED.T)[0, 1], abs=1e-12)
    np.testing.assert_array_equal(found.X, SCATTERED)


def test_standardised_points_have_the_correlation_for_covariance():
    found = summary(SCATTERED * [1000, 1e-3], standardise=True)
    np.testing.assert_allclose(found.covariance, np.corrcoef(SCATTERED.T), atol=1e-12)
    np.testing.assert_allclose(np.cov(found.X.T), found.covariance, atol=1e-12)
    np.testing.assert_allclose(found.X.mean(axis=0), 0, atol=1e-12)


def test_a_coordinate_that_does_not_vary_has_no_correlation_and_is_not_standardised():
    assert summary([[0, 1], [2, 1]]).correlation is None
    with pytest.raises(ValueError, match="y is the same at all points"):
        summary([[0, 1], [2, 1]], standardise=True)


@pytest.mark.parametrize("angle", [0.0, 0.7, 3.0])
def test_a_direction_by_hand_projects_as_its_shadows_lie(angle):
    fit, found = one_direction(SCATTERED, angle), shadows(SCATTERED, angle)
    np.testing.assert_allclose(fit.project(SCATTERED)[:, 0], found.coordinates, atol=1e-12)
    np.testing.assert_allclose(fit.reconstruct(fit.project(SCATTERED)), found.feet, atol=1e-12)
    n = len(SCATTERED)
    assert fit.reconstruction_errors(SCATTERED)[1] * n / (n - 1) == pytest.approx(found.error, rel=1e-12)


def test_codes_are_four_places_and_covary_with_nothing():
    X = cloud("Codes", 24)
    assert len(np.unique(X[:, 0].round(9))) == 4
    np.testing.assert_allclose(np.cov(X.T)[0, 1], 0, atol=1e-12)
