"""Heights on a grid and the levels of contours: which way up, where nothing is, and how levels are spread."""

import doctest
import math
import warnings

import numpy as np
import pytest
from conftest import SEED
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mml_core import contours
from mml_core.contours import contour_levels, ground_of, heights_in, round_step, steps_between, turned_heights
from mml_core.expressions import parse
from mml_core.surfaces import (
    Beale,
    Himmelblau,
    Plateau,
    Quadratic,
    Rastrigin,
    Rosenbrock,
    bowl,
    photo_terrain,
    saddle,
    two_valleys,
)

EVERY = settings(derandomize=True, deadline=None, max_examples=50)
SQUARE = (-3.0, 3.0, -3.0, 3.0)
WINDOW = (-1.0, 2.0, -3.0, 4.0)  # no symmetry hides a mistake
BUNDLED = [Rosenbrock(), Himmelblau(), Beale(), Rastrigin(), Plateau(), bowl(100), saddle(3), two_valleys(1)]
NOWHERE = r"^f has no value anywhere in this window; choose another window or another function\.$"
EMPTY = r"^the window is empty; give left < right and bottom < top\.$"


def named(surface):
    return type(surface).__name__


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(contours).failed == 0


# --- heights on a grid


@pytest.mark.parametrize("n", [2, 3, 10, 61])
def test_each_height_is_that_of_its_pixels_middle_with_the_top_row_first(n):
    f = Himmelblau()
    grid = heights_in(f, WINDOW, n)
    assert grid.shape == (n, n)
    for i, j in {(0, 0), (0, n - 1), (n - 1, 0), (n - 1, n - 1), (n // 2, n // 3)}:
        x, y = -1 + (j + 0.5) * 3 / n, 4 - (i + 0.5) * 7 / n
        assert grid[i, j] == pytest.approx(f.value(x, y), rel=1e-12)


def test_north_is_up_and_east_is_right():
    east, north = heights_in(parse("x"), WINDOW, 5), heights_in(parse("y"), WINDOW, 5)
    np.testing.assert_allclose(east, np.tile([-0.7, -0.1, 0.5, 1.1, 1.7], (5, 1)), atol=1e-15)
    np.testing.assert_allclose(north, np.tile(np.array([[3.3], [1.9], [0.5], [-0.9], [-2.3]]), (1, 5)), atol=1e-15)


def test_a_photos_heights_are_the_photo():
    pixels = np.random.default_rng(SEED).integers(0, 256, (21, 21), dtype=np.uint8)
    half = 3 * 21 / 20  # so that the pixels' middles are the grid's places
    grid = heights_in(photo_terrain(pixels, smoothing=0), (-half, half, -half, half), 21)
    np.testing.assert_allclose(grid, pixels * (2 / 255), atol=1e-9)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("log(x)", lambda x, y: x > 0),
        ("sqrt(1 - x^2 - y^2)", lambda x, y: x * x + y * y <= 1),
        ("asin(y)", lambda x, y: abs(y) <= 1),
        ("x + 0/y", lambda x, y: y != 0),
        ("exp(500 (x + 1))", lambda x, y: 500 * (x + 1) < math.log(1e300)),
        ("-exp(500 (x + 1))", lambda x, y: 500 * (x + 1) < math.log(1e300)),
        ("7", lambda x, y: x == x),
    ],
)
def test_where_f_has_no_value_or_none_that_can_be_drawn_there_is_nan(text, known):
    middles = (np.arange(40) + 0.5) / 40
    x, y = np.meshgrid(-1 + 3 * middles, 4 - 7 * middles)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        grid = heights_in(parse(text), WINDOW, 40)
    assert grid.shape == (40, 40)
    np.testing.assert_array_equal(np.isfinite(grid), known(x, y))


@pytest.mark.parametrize("look", [heights_in, ground_of, lambda f, w, n: turned_heights(f, w, 0.3, n)])
@pytest.mark.parametrize(
    ("window", "n", "sentence"),
    [
        ((1, 1, 0, 1), 5, EMPTY),
        ((0, 1, 2, 1), 5, EMPTY),
        ((0, 1, 2), 5, r"^the window has shape 3; .*\.$"),
        ((0, math.nan, 0, 1), 5, r"^the window has nan in entry 2; .*\.$"),
        (SQUARE, 1, r"^n is 1; it must lie between 2 and .*\.$"),
        (SQUARE, 2001, r"^n is 2001; it must lie between 2 and .*\.$"),
        (SQUARE, 2.5, r"^n is 2\.5; it must be a whole number\.$"),
    ],
)
def test_an_empty_window_or_a_grid_that_cannot_be_is_refused(look, window, n, sentence):
    with pytest.raises(ValueError, match=sentence):
        look(saddle(3), window, n)


# --- levels


heights = st.lists(st.floats(-1e6, 1e6).map(lambda v: round(v, 3)), min_size=1, max_size=40).map(np.array)


@EVERY
@given(heights, st.integers(2, 100), st.sampled_from([1e-9, 1.0, 1e12]))
def test_levels_ascend_from_the_lowest_height_to_the_highest(values, n, size):
    levels = contour_levels(values * size, n)
    assert levels.shape == (n,)
    assert (np.diff(levels) > 0).all()
    if np.ptp(values) > 0:
        assert levels[0] == values.min() * size
        assert levels[-1] == pytest.approx(values.max() * size, abs=1e-15 * np.abs(values).max() * size)


@EVERY
@given(heights, st.floats(-100, 100).map(lambda v: round(v, 2)), st.sampled_from([0.5, 2.0, 64.0]))
def test_a_surface_that_is_raised_and_stretched_takes_its_levels_along(values, up, size):
    assume(np.ptp(values) > 0.1)
    expected = up + size * contour_levels(values)
    np.testing.assert_allclose(contour_levels(up + size * values), expected, rtol=0, atol=1e-7 * size * (1 + np.ptp(values)))


@pytest.mark.parametrize("surface", BUNDLED, ids=named)
def test_bands_of_levels_widen_upwards_so_that_a_deep_valley_has_some(surface):
    grid = heights_in(surface, surface.window, 200)
    levels = contour_levels(grid)
    assert len(levels) == 13
    steps = np.diff(levels)
    assert (np.diff(steps) >= -1e-12 * np.ptp(levels)).all()
    power = math.log((levels[6] - levels[0]) / np.ptp(levels)) / math.log(0.5)
    assert 1 - 1e-12 <= power <= 4 + 1e-12
    np.testing.assert_allclose(levels, levels[0] + np.ptp(levels) * np.linspace(0, 1, 13) ** power, rtol=1e-12)
    half = np.mean(grid < levels[6])
    assert (
        half == pytest.approx(0.5, abs=1e-3)
        if 1 < round(power, 9) < 4
        else half >= 0.5 - 1e-3
        if power > 2
        else half <= 0.5 + 1e-3
    )


def test_contours_of_a_plane_are_even_and_known_levels_known():
    np.testing.assert_allclose(np.diff(contour_levels(heights_in(parse("2x - y"), SQUARE, 50))), 18 * 0.98 / 12, rtol=1e-9)
    np.testing.assert_allclose(contour_levels(np.array([0.0, 1.0, 4.0]), 5), [0, 0.25, 1, 2.25, 4], rtol=1e-12)  # p = 2
    np.testing.assert_allclose(contour_levels(np.array([0.0, 1e-9, 16.0]), 3), [0, 1, 16], rtol=1e-12)  # p at most 4
    np.testing.assert_allclose(contour_levels(np.array([0.0, 15.0, 16.0]), 3), [0, 8, 16], rtol=1e-12)  # and at least 1


@pytest.mark.parametrize("height", [0.0, 1.0, -7.5, 1e-12, 1e9, -1e15])
def test_a_level_surface_gets_levels_around_its_height(height):
    levels = contour_levels(np.full((4, 4), height))
    assert levels[6] == pytest.approx(height, rel=1e-12, abs=1e-12)
    assert (np.diff(levels) > 0).all()
    np.testing.assert_allclose(levels[[0, -1]], [height - max(abs(height), 1), height + max(abs(height), 1)])


def test_nan_counts_for_nothing_unless_there_is_nothing_else():
    values = np.array([3.0, 8.0, 1.0, 2.0])
    np.testing.assert_array_equal(contour_levels(np.array([[3, np.nan, 8], [1, 2, np.inf]])), contour_levels(values))
    for nothing in (np.full((3, 3), np.nan), np.array([]), np.array([np.inf, -np.inf])):
        with pytest.raises(ValueError, match=NOWHERE):
            contour_levels(nothing)
    with pytest.raises(ValueError, match=NOWHERE):
        ground_of(parse("log(-1 - x^2)"), SQUARE, 10)


@pytest.mark.parametrize("n", [1, 101, 2.5, math.nan])
def test_a_number_of_levels_that_cannot_be_is_refused(n):
    with pytest.raises(ValueError, match=r"^n is .*\.$"):
        contour_levels(np.arange(5.0), n)


# --- what a map is drawn from


ROUND = [1.0, 2.0, 5.0]


@EVERY
@given(st.floats(1e-200, 1e200))
def test_a_round_step_is_the_next_of_one_two_and_five(about):
    step = round_step(about)
    mantissa = step / 10.0 ** math.floor(math.log10(step * (1 + 1e-9)))
    assert min(abs(mantissa - m) for m in ROUND) < 1e-9
    assert about * (1 - 1e-8) <= step <= 2.5 * about * (1 + 1e-8)


@pytest.mark.parametrize(
    ("about", "step"),
    [(1, 1), (1.01, 2), (2, 2), (2.5, 5), (5, 5), (5.1, 10), (9.99, 10), (10, 10), (0.3, 0.5), (0.1, 0.1), (1e-3, 1e-3)],
)
def test_known_round_steps(about, step):
    assert round_step(about) == pytest.approx(step, rel=1e-12)


@pytest.mark.parametrize(
    "surface", [*BUNDLED, parse("7"), parse("0"), parse("1e6 + x"), parse("log(x)"), parse("1e-9*x*y")], ids=named
)
def test_the_span_of_a_slice_is_round_and_covers_all_but_the_highest_fifth(surface):
    window = getattr(surface, "window", SQUARE)
    ground = ground_of(surface, window, 100)
    np.testing.assert_array_equal(ground.heights, heights_in(surface, window, 100))
    np.testing.assert_array_equal(ground.levels, contour_levels(ground.heights))
    low, high = ground.span
    lowest, fifth = np.nanmin(ground.heights), np.nanquantile(ground.heights, 0.8)
    assert low < lowest <= fifth < high
    assert high - low <= 4 * max(fifth - lowest, 1.0 * (fifth == lowest) * max(1.0, abs(fifth)))
    unit = round_step((fifth - ground.levels[0]) / 8)
    for end in (low, high):
        assert end / unit == pytest.approx(round(end / unit), abs=1e-6)


def test_a_deep_hole_in_a_plain_is_not_cut_off():
    ground = ground_of(parse("-exp(-10000 (x - 0.03)^2 - 10000 (y - 0.03)^2)"), SQUARE, 100)  # one pixel
    assert ground.span[0] < ground.levels[0] < -0.9
    assert ground.span[1] >= 0


def test_a_single_peak_on_a_plain_still_has_a_span():
    ground = ground_of(parse("exp(-10000 (x - 0.03)^2 - 10000 (y - 0.03)^2)"), SQUARE, 100)
    assert ground.span[0] <= 0 < 0.9 < ground.span[1]


# --- seen from a direction


def seen(surface, window, turn, n):
    """Return the heights pixel by pixel, in words: from the middle go right along the view and away from the eye."""
    left, right, bottom, top = window
    reach = math.hypot(right - left, top - bottom) / 2
    grid = np.full((n, n), np.nan)
    for i in range(n):
        for j in range(n):
            sideways, away = reach * (2 * j + 1 - n) / n, reach * (n - 1 - 2 * i) / n
            x = (left + right) / 2 + sideways * math.cos(turn) + away * math.cos(turn + math.pi / 2)
            y = (bottom + top) / 2 + sideways * math.sin(turn) + away * math.sin(turn + math.pi / 2)
            if left <= x <= right and bottom <= y <= top:
                grid[i, j] = surface.value(x, y)
    return grid


@pytest.mark.parametrize("turn", [0, 0.4, math.pi / 2, 2, math.pi, -1.2, 10])
@pytest.mark.parametrize("n", [2, 7, 24])
def test_turned_heights_are_those_of_the_turned_places(turn, n):
    found = turned_heights(Himmelblau(), WINDOW, turn, n)
    assert found.shape == (n, n)
    np.testing.assert_allclose(found, seen(Himmelblau(), WINDOW, turn, n), rtol=1e-9, atol=1e-9)


def test_unturned_one_looks_north_and_after_a_quarter_turn_west():
    n, reach = 41, math.hypot(6, 6) / 2
    middles = reach * (2 * np.arange(n) + 1 - n) / n
    inside = np.abs(middles) <= 3
    for turn, sideways, away in ((0, "x", "y"), (math.pi / 2, "y", "-x"), (math.pi, "-x", "-y"), (-math.pi / 2, "-y", "x")):
        right = turned_heights(parse(sideways), SQUARE, turn, n)[n // 2]
        deep = turned_heights(parse(away), SQUARE, turn, n)[:, n // 2]
        np.testing.assert_allclose(right, np.where(inside, middles, np.nan), atol=1e-12)
        np.testing.assert_allclose(deep, np.where(inside, -middles, np.nan), atol=1e-12)  # row 0 is the far edge


@pytest.mark.parametrize("turn", [0.0, 0.7, math.pi / 4])
def test_the_turned_window_fits_whole_and_nothing_beyond_it_shows(turn):
    found = turned_heights(parse("7"), WINDOW, turn, 400)
    reach = math.hypot(3, 7) / 2
    assert np.isfinite(found).mean() * (2 * reach) ** 2 == pytest.approx(21, rel=0.01)
    assert np.nanmin(found) == np.nanmax(found) == 7


def test_where_f_has_no_value_the_turned_grid_has_none_either():
    found = turned_heights(parse("log(x)"), SQUARE, 0.0, 50)
    assert np.isnan(found[:, :25]).all()
    assert np.isfinite(found[25, 25:40]).all()


@pytest.mark.parametrize("turn", [math.nan, math.inf, "left"])
def test_a_turn_that_is_no_angle_is_refused(turn):
    with pytest.raises(ValueError, match=r"^turn is .*\.$"):
        turned_heights(saddle(3), SQUARE, turn, 5)


# --- heights counted in levels


@EVERY
@given(heights, st.integers(2, 30))
def test_heights_counted_in_levels_are_whole_at_levels_and_grow_with_the_height(values, n):
    levels = contour_levels(values, n)
    np.testing.assert_array_equal(steps_between(levels, levels), np.arange(n))
    middles = (levels[1:] + levels[:-1]) / 2
    np.testing.assert_allclose(steps_between(middles, levels), np.arange(n - 1) + 0.5, rtol=0, atol=1e-5)
    counted = steps_between(np.sort(values), levels)
    assert (np.diff(counted) >= 0).all()
    assert 0 <= counted.min() <= counted.max() <= n - 1


def test_beyond_the_levels_the_count_stays_and_nan_stays_nan():
    found = steps_between(np.array([[-5.0, 0.0, 2.0], [np.nan, np.inf, 99.0]]), np.array([0.0, 1.0, 3.0]))
    np.testing.assert_array_equal(found, [[0, 0, 1.5], [np.nan, np.nan, 2]])


def test_a_quadratics_ground_counts_up_from_its_middle():
    ground = ground_of(Quadratic(2.0, 0.0, 2.0), SQUARE, 41)
    counted = steps_between(ground.heights, ground.levels)
    assert counted[20, 20] == 0
    assert counted[0, 0] == counted[-1, -1] == 12
    assert (np.diff(counted[20, 20:]) > 0).all()
