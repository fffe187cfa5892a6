"""A cloud in space: seen from anywhere, nothing of its variance is gone but what lies along the line of sight."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mml_core import pca, statistics, turning
from mml_core.turning import cloud_in_space, face_on, view

RNG = np.random.default_rng(6)
PANCAKE = cloud_in_space()
CLOUDS = {
    "pancake": PANCAKE,
    "away from 0": PANCAKE + np.array([3, -7, 1e3]),
    "leaning to the left": PANCAKE * [-1, 1, 1],
    "leaning back": PANCAKE * [1, -1, 1],
    "on its edge": PANCAKE @ np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]]),
    "scattered": RNG.normal(size=(20, 3)) @ RNG.normal(size=(3, 3)),
    "a line": np.outer(np.arange(6), [1, 2, -2]),
    "two points": [[0, 0, 0], [1, 2, 3]],
    "level": PANCAKE[:, :2] @ np.eye(2, 3),
    "tiny": PANCAKE * 1e-90,
    "large": PANCAKE * 1e90,
}
angles = st.floats(-10, 10)


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(turning).failed == 0


@pytest.mark.parametrize(("n", "thickness", "seed"), [(4, 0.3, 1), (60, 0.3, 1), (60, 0, 2), (500, 0.9, 3), (60, 1.6, 4)])
def test_the_pancake_is_as_long_broad_and_thick_as_it_says(n, thickness, seed):
    X = cloud_in_space(n, thickness, seed)
    assert X.shape == (n, 3)
    np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-12)
    variances = np.linalg.eigvalsh(statistics.covariance(X))
    np.testing.assert_allclose(variances, sorted([1.6**2, 0.9**2, thickness**2]), rtol=0, atol=1e-12)


def test_the_pancake_fits_its_picture_and_hangs_on_its_seed():
    assert max(np.linalg.norm(cloud_in_space(seed=seed), axis=1).max() for seed in range(40)) < 5
    assert np.linalg.norm(PANCAKE, axis=1).max() < 4.9
    np.testing.assert_array_equal(PANCAKE, cloud_in_space(60, 0.3, 1))
    assert np.abs(PANCAKE - cloud_in_space(seed=2)).max() > 0.5


@pytest.mark.parametrize(
    ("turn", "tilt", "right", "up", "away"),
    [
        (0, 0, [1, 0, 0], [0, 0, 1], [0, 1, 0]),
        (math.pi / 2, 0, [0, -1, 0], [0, 0, 1], [1, 0, 0]),
        (math.pi, 0, [-1, 0, 0], [0, 0, 1], [0, -1, 0]),
        (0, math.pi / 2, [1, 0, 0], [0, 1, 0], [0, 0, -1]),
        (0, -math.pi / 2, [1, 0, 0], [0, -1, 0], [0, 0, 1]),
    ],
)
def test_views_that_are_known(turn, tilt, right, up, away):
    seen, Z = view(PANCAKE, turn, tilt), PANCAKE - PANCAKE.mean(axis=0)
    np.testing.assert_allclose(seen.axes, np.transpose([right, up]), atol=1e-15)
    np.testing.assert_allclose(seen.points, Z @ np.transpose([right, up]), atol=1e-14)
    np.testing.assert_allclose(seen.depth, Z @ away, atol=1e-14)


@given(angles, angles)
def test_a_view_is_a_turn_about_the_vertical_axis_and_a_tip(turn, tilt):
    c, s, k, h = math.cos(turn), math.sin(turn), math.cos(tilt), math.sin(tilt)
    turned = PANCAKE @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]).T  # then x is right, y away, z up
    tipped = turned @ np.array([[1, 0, 0], [0, k, -h], [0, h, k]]).T
    seen = view(PANCAKE, turn, tilt)
    np.testing.assert_allclose(seen.points, tipped[:, [0, 2]], atol=1e-13)
    np.testing.assert_allclose(seen.depth, tipped[:, 1], atol=1e-13)


@pytest.mark.parametrize("name", CLOUDS)
def test_what_is_seen_and_what_is_lost_add_up_to_the_total(name):
    X = np.array(CLOUDS[name], float)
    total = np.trace(statistics.covariance(X))
    for turn, tilt in [(0, 0), face_on(X), *RNG.uniform(-4, 4, (20, 2))]:
        seen = view(X, turn, tilt)
        assert seen.spread.sum() + seen.lost == pytest.approx(total, rel=1e-12)
        np.testing.assert_allclose(seen.spread, seen.points.var(axis=0, ddof=1), rtol=1e-10, atol=1e-13 * total)
        assert seen.lost == pytest.approx(seen.depth.var(ddof=1), rel=1e-10, abs=1e-13 * total)


@pytest.mark.parametrize("name", CLOUDS)
def test_face_on_no_other_view_loses_less(name):
    X = np.array(CLOUDS[name], float)
    turn, tilt = face_on(X)
    assert -math.pi <= turn <= math.pi
    assert 0 <= tilt <= math.pi / 2
    total, best = np.trace(statistics.covariance(X)), view(X, turn, tilt)
    assert best.lost == pytest.approx(np.linalg.eigvalsh(statistics.covariance(X / total**0.5))[0] * total, abs=1e-13 * total)
    for other in RNG.uniform([-math.pi, -math.pi / 2], [math.pi, math.pi / 2], (200, 2)):
        assert view(X, *other).lost >= best.lost - 1e-13 * total
    np.testing.assert_allclose(best.feet, best.points, atol=1e-12 * total**0.5)  # the drops lie along the line of sight


def test_the_pancake_faces_where_it_was_tilted_to():
    for n, thickness, seed in [(4, 0.3, 1), (60, 0.3, 1), (500, 0.8, 5)]:
        assert face_on(cloud_in_space(n, thickness, seed)) == pytest.approx((0.7, 0.6), abs=1e-11)


def test_a_level_plane_is_seen_from_straight_above():
    turn, tilt = face_on(CLOUDS["level"])
    assert (turn, tilt) == (0, math.pi / 2)


@given(angles, angles)
def test_feet_and_corners_lie_in_the_plane_of_the_first_two_components(turn, tilt):
    X = CLOUDS["away from 0"]
    found, seen = pca.fit(X, 2), view(X, turn, tilt)
    flat = found.reconstruct(found.project(X)) - found.mean
    np.testing.assert_allclose(seen.feet, flat @ seen.axes, atol=1e-12)
    sides = 2.2 * np.sqrt(found.explained_variance)[:, None] * found.components
    corners = [sides[0] + sides[1], -sides[0] + sides[1], -sides[0] - sides[1], sides[0] - sides[1]]
    np.testing.assert_allclose(seen.corners, corners @ seen.axes, atol=1e-12)


def test_face_on_the_rectangle_has_its_full_size_and_on_its_edge_it_is_a_segment():
    seen = view(PANCAKE, *face_on(PANCAKE)).corners
    sides = np.hypot(*(np.roll(seen, -1, axis=0) - seen).T)
    np.testing.assert_allclose(sides, [2 * 2.2 * 1.6, 2 * 2.2 * 0.9] * 2, rtol=1e-12)
    first, last = pca.fit(PANCAKE).components[[0, 2]]
    turn = math.atan2(first[0], first[1])  # along the first component, so that the plane is seen from its edge
    seen = view(PANCAKE, turn, math.asin(-first[2]))
    assert abs(np.linalg.det(seen.corners[1:3] - seen.corners[0])) < 1e-12
    assert seen.lost == pytest.approx(1.6**2, rel=1e-12)
    assert abs(last @ first) < 1e-12


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: cloud_in_space(3), "n_samples is 3; it must lie between 4 and 500."),
        (lambda: cloud_in_space(thickness=2), "thickness is 2; it must lie between 0 and 1.6."),
        (lambda: cloud_in_space(seed=0.5), "the seed is 0.5; it must be a whole number."),
        (lambda: view([[1, 2]], 0, 0), "X has shape 1 x 2; it must be a list of points with 3 coordinates each."),
        (lambda: view([[1, 2, 3]], 0, 0), "there is 1 row; at least two are needed to vary."),
        (lambda: view([[1, 2, 3]] * 4, 0, 0),
         "all rows are the same, so no direction has any variance; give rows that differ."),
        (lambda: view([[1, 2, 3], [1e120, 0, 0]], 0, 0),
         "X has an entry of 1e+120 in size; give at most 1e+100, or other units."),
        (lambda: view(PANCAKE, math.nan, 0), "turn is nan; it must be one finite real number such as 0.5."),
        (lambda: view(PANCAKE, 0, "up"), "tilt is up; it must be one finite real number such as 0.5."),
        (lambda: face_on([[1, 2, math.inf]]), "X has inf in row 1, column 3; every entry must be a finite number."),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit_end_in_a_sentence(call, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        call()
    assert str(problem.value) == words
