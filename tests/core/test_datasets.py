"""Toy data: each set obeys its rule, repeats for a seed, and noise changes what it says it changes."""

import doctest
import math
import time

import numpy as np
import pytest

from mml_core import datasets
from mml_core.datasets import BUMPS, CLASS_SETS, CURVES, HEART, VALUE_SETS, closed_curve, curve, digits

SETS = {**CLASS_SETS, **VALUE_SETS}
RULES = {  # class 1 at noise 0, as a function of x1 and x2
    "Circles": lambda x, y: np.hypot(x, y) < 2.5,
    "Exclusive or": lambda x, y: np.sign(x) == np.sign(y),
    "Two blobs": lambda x, y: x + y > 0,
    # On the arm of class 1 the angle is that of the radius, on the other it is opposite.
    "Spirals": lambda x, y: np.cos(np.arctan2(x, y) - 0.7 * np.pi * np.hypot(x, y)) > 0,
}


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(datasets).failed == 0


@pytest.mark.parametrize("name", CLASS_SETS)
def test_without_noise_the_defining_rule_tells_the_classes_apart(name):
    data = CLASS_SETS[name](500, 0.0, 3)
    np.testing.assert_array_equal(data.y, RULES[name](*data.X.T))
    assert len(data.classes) == 2


@pytest.mark.parametrize("name", SETS)
def test_points_without_noise_lie_in_the_square(name):
    data = SETS[name](2000)
    assert data.X.shape == (2000, 2)
    assert data.y.shape == (2000,)
    assert data.X.dtype == data.y.dtype == np.float64
    assert np.abs(data.X).max() <= 6


@pytest.mark.parametrize("name", SETS)
def test_the_seed_decides_and_nothing_else(name):
    one, same, other = (SETS[name](300, 0.2, seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one.X, same.X)
    np.testing.assert_array_equal(one.y, same.y)
    assert not np.array_equal(one.X, other.X)


@pytest.mark.parametrize("name", ["Circles", "Two blobs", "Spirals"])
@pytest.mark.parametrize("n", [2, 3, 500, 501])
def test_classes_are_balanced(name, n):
    y = CLASS_SETS[name](n).y
    assert y.sum() == n - n // 2
    assert len(y) == n


def test_the_four_squares_are_balanced_on_average_and_keep_off_the_axes():
    data = CLASS_SETS["Exclusive or"](10_000)
    assert data.y.mean() == pytest.approx(0.5, abs=0.02)  # four standard errors
    assert 0.3 <= np.abs(data.X).min() < 0.31
    assert 5.29 < np.abs(data.X).max() <= 5.3


@pytest.mark.parametrize("name", ["Circles", "Exclusive or", "Plane", "Bumps"])
def test_noise_changes_answers_and_leaves_the_points(name):
    clean, noisy, noisier = (SETS[name](2000, noise, 4) for noise in (0, 0.1, 0.5))
    np.testing.assert_array_equal(clean.X, noisy.X)
    np.testing.assert_array_equal(clean.X, noisier.X)
    assert 0 < np.abs(clean.y - noisy.y).sum() < np.abs(clean.y - noisier.y).sum()


@pytest.mark.parametrize(("name", "border"), [("Circles", 2.5), ("Exclusive or", 0.0)])
def test_noise_changes_no_label_beyond_its_reach(name, border):
    """A shift is at most 5 noise along each coordinate."""
    clean, noisy = (CLASS_SETS[name](3000, noise, 4) for noise in (0, 0.2))
    x, y = np.abs(clean.X.T)
    distance = abs(np.hypot(x, y) - border) if border else np.minimum(x, y)
    reach = math.sqrt(2) if border else 1.0
    flipped = clean.y != noisy.y
    assert flipped.any()
    assert distance[flipped].max() <= reach


def test_noise_moves_the_arms_by_at_most_itself_and_keeps_the_labels():
    clean, noisy = (CLASS_SETS["Spirals"](400, noise, 2) for noise in (0, 0.5))
    moved = np.abs(clean.X - noisy.X)
    assert 0.45 < moved.max() <= 0.5
    np.testing.assert_array_equal(clean.y, noisy.y)


def test_the_arms_lie_where_the_formula_says():
    X = CLASS_SETS["Spirals"](8).X
    for i in range(1, 5):
        r, u = 5 * i / 4, 1.75 * 2 * math.pi * i / 4
        np.testing.assert_allclose(X[i - 1], (r * math.sin(u), r * math.cos(u)), atol=1e-14)
        np.testing.assert_allclose(X[i + 3], -X[i - 1], atol=1e-14)


@pytest.mark.parametrize(("noise", "variance"), [(0, 0.5), (0.1, 1.2), (0.5, 4)])
def test_blobs_have_the_mean_and_variance_they_say(noise, variance):
    data = CLASS_SETS["Two blobs"](40_000, noise)
    for label, centre in ((1, 2), (0, -2)):
        cloud = data.X[data.y == label]
        np.testing.assert_allclose(cloud.mean(axis=0), centre, atol=4 * math.sqrt(variance / 20_000))
        np.testing.assert_allclose(cloud.var(axis=0), variance, rtol=0.04)  # four standard errors


def test_the_disc_and_the_ring_are_uniform_in_radius_and_angle():
    data = CLASS_SETS["Circles"](20_000)
    r, u = np.hypot(*data.X.T), np.arctan2(*data.X.T)
    inner, outer = r[data.y == 1], r[data.y == 0]
    for values, low, high in ((inner, 0, 2.5), (outer, 3.5, 5), (u, -math.pi, math.pi)):
        assert low <= values.min() < values.max() <= high
        counts = np.histogram(values, 10, (low, high))[0] / len(values)
        np.testing.assert_allclose(counts, 0.1, atol=0.015)


def test_heights_without_noise_are_those_of_the_formula():
    plane, cones = VALUE_SETS["Plane"](200), VALUE_SETS["Bumps"](2000)
    np.testing.assert_allclose(plane.y, [(a + b) / 10 for a, b in plane.X], atol=1e-15)
    assert plane.classes == cones.classes == ()
    for point, y in zip(cones.X, cones.y, strict=True):
        distance = np.hypot(*(BUMPS[:, :2] - point).T)
        k = distance.argmin()  # the cones do not overlap: only the nearest counts
        assert y == pytest.approx(BUMPS[k, 2] * max(0, 1 - distance[k] / 2), abs=1e-15)
    assert cones.y.min() < -0.8
    assert cones.y.max() > 0.8


@pytest.mark.parametrize("name", CURVES)
def test_a_curve_without_noise_is_its_formula_at_sorted_places(name):
    data = curve(name, 300)
    x = data.X[:, 0]
    assert data.X.shape == (300, 1)
    assert (np.diff(x) > 0).all()
    assert -3 <= x[0] < -2.9 < 2.9 < x[-1] <= 3
    assert np.abs(data.y).max() <= 1.6
    np.testing.assert_array_equal(data.y, CURVES[name](x))
    places = np.array([-3, -0.5, 0, 0.5, 3])
    known = {
        "Sine": [math.sin(2 * p) for p in places],
        "Step": [-1, -1, 1, 1, 1],
        "Absolute value": [1.5, -1, -1.5, -1, 1.5],
        "Bump": [math.exp(-18), math.exp(-0.5), 1, math.exp(-0.5), math.exp(-18)],
        "Parabola": [1.5, -17 / 12, -1.5, -17 / 12, 1.5],
    }
    np.testing.assert_allclose(CURVES[name](places), known[name], rtol=1e-14, atol=1e-15)


def test_noise_about_a_curve_has_half_its_size():
    clean, noisy = curve("Sine", 20_000), curve("Sine", 20_000, 0.4)
    np.testing.assert_array_equal(clean.X, noisy.X)
    assert (noisy.y - clean.y).std() == pytest.approx(0.2, rel=0.02)


def test_digits_are_those_of_scikit_learn_from_0_to_1():
    from sklearn.datasets import load_digits

    data, found = digits(), load_digits()
    np.testing.assert_array_equal(data.X * 16, found.data)
    np.testing.assert_array_equal(data.y, found.target)
    assert (data.X.min(), data.X.max()) == (0, 1)
    assert data.classes == tuple(map(str, range(10)))


def test_a_closed_curve_passes_through_its_points_and_is_smooth_where_it_closes():
    knots = np.random.default_rng(0).uniform(-1, 1, (7, 2))
    found = closed_curve(knots, 7)
    np.testing.assert_allclose(found.points, knots, atol=1e-14)
    np.testing.assert_allclose(found.t[:, 0], np.arange(7) / 7, atol=1e-16)
    fine = closed_curve(knots, 70_000).points
    h = 1 / 70_000
    slope = (np.roll(fine, -1, axis=0) - np.roll(fine, 1, axis=0)) / (2 * h)
    # No jump of the slope anywhere, from the last place to the first included.
    assert np.abs(slope - np.roll(slope, 1, axis=0)).max() < 1e-3 * np.abs(slope).max()


@pytest.mark.parametrize("m", [3, 4, 12])
def test_a_closed_curve_through_points_of_a_circle_nears_the_circle(m):
    u = 2 * np.pi * np.arange(m) / m
    found = closed_curve(np.column_stack([np.cos(u), np.sin(u)]), 300)
    assert found.t.shape == (300, 1)
    # Hall and Meyer, 1976: a cubic spline errs by at most 5/384 h^4 times the fourth derivative, here of size 1.
    assert np.abs(np.hypot(*found.points.T) - 1).max() < 5 / 384 * (2 * np.pi / m) ** 4


def test_where_a_closed_curve_starts_does_not_matter():
    shifted = closed_curve([*HEART[4:], *HEART[:4]], 160).points
    np.testing.assert_allclose(np.roll(closed_curve(HEART, 160).points, -40, axis=0), shifted, atol=1e-14)


def test_the_heart_looks_like_one():
    """Symmetric, with two lobes above a dip in the middle, widest above the middle, and a tip below."""
    x = np.array(HEART)[:, 0]
    np.testing.assert_allclose(np.sort(x), np.sort(1 - x), atol=1e-12)
    curve_x, curve_y = closed_curve(HEART, 1600).points.T
    assert 0 < curve_x.min() < curve_x.max() < 1
    assert 0 < curve_y.min() < curve_y.max() < 1
    np.testing.assert_allclose(curve_x, 1 - np.roll(curve_x[::-1], 1), atol=1e-12)
    assert abs(curve_x[curve_y.argmin()] - 0.5) < 0.01
    assert 0.2 < curve_x[:800][curve_y[:800].argmax()] - 0.5 < 0.3
    assert curve_y.max() - curve_y[0] > 0.15
    assert curve_y[curve_x.argmax()] > 0.6
    assert (np.diff(curve_y[600:801]) < 0).all()  # straight down to the tip


def test_500_points_take_far_less_than_a_millisecond():
    for make in SETS.values():
        times = []
        for _ in range(20):
            start = time.perf_counter()
            make(500, 0.2)
            times.append(time.perf_counter() - start)
        assert min(times) < 1e-3


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: datasets.circles(1), "n_samples is 1; it must lie between 2 and 100000."),
        (lambda: datasets.bumps(2.5), "n_samples is 2.5; it must be a whole number."),
        (lambda: datasets.spirals(10, 0.6), "the noise is 0.6; it must lie between 0 and 0.5."),
        (lambda: datasets.blobs(10, -0.1), "the noise is -0.1; it must lie between 0 and 0.5."),
        (lambda: datasets.exclusive_or(10, 0, -1), "the seed is -1; it must be at least 0."),
        (lambda: datasets.inclined_plane(10, math.nan), "the noise is nan; it must be one finite real number such as 0.5."),
        (lambda: curve("Zigzag"), "there is no curve Zigzag; there are Sine, Step, Absolute value, Bump, Parabola."),
        (lambda: curve("Sine", 100_001), "n_samples is 1e+05; it must lie between 2 and 100000."),
        (lambda: closed_curve([(0, 0), (1, 1)]), "there are 2 points; a closed curve needs at least three."),
        (lambda: closed_curve([1, 2, 3]), "the curve has shape 3; it must be a list of points with 2 coordinates each."),
        (lambda: closed_curve(HEART, 1), "n_samples is 1; it must lie between 2 and 100000."),
    ],
)
def test_arguments_out_of_range_end_in_a_sentence(call, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        call()
    assert str(problem.value) == words
