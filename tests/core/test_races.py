"""Races of methods at their best rates, and where a whole window of starts ends up, against descents one by one."""

import doctest
import math
import warnings

import numpy as np
import pytest
from conftest import SEED

from mml_core import races
from mml_core.descents import descend, tuned_rate
from mml_core.expressions import parse
from mml_core.optimisers import METHODS
from mml_core.races import basins, lowest_known, race, strip_of, strips
from mml_core.surfaces import Beale, Himmelblau, Plateau, Quadratic, Rastrigin, Rosenbrock, bowl, saddle, two_valleys

BOWL = Quadratic(1.0, 0.0, 4.0)
SQUARE = (-3.0, 3.0, -3.0, 3.0)
FOUR = np.array(
    [
        (3, 2),
        (-2.8051180869527448, 3.1313125182505730),
        (-3.7793102533777469, -3.2831859912861694),
        (3.5844283403304917, -1.8481265269644036),
    ]
)
PLACES = {
    "Rosenbrock": (Rosenbrock(), (-1.5, 2.0)),
    "bowl": (bowl(20), (-2.0, 1.2)),
    "log": (parse("x - log(x) + y^2"), (0.3, 1.0)),
}


def named(surface):
    return type(surface).__name__


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(races).failed == 0


# --- strips of rates


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("place", PLACES)
def test_a_strip_ends_where_each_rate_alone_ends_and_its_best_is_the_tuned_one(method, place):
    surface, start = PLACES[place]
    strip = strip_of(surface, start, method, 25)
    assert strip.method == method
    low, high = METHODS[method].exponents
    np.testing.assert_allclose(np.log10(strip.rates), np.linspace(low, high, 64), rtol=0, atol=1e-12)
    alone = [descend(surface, start, method, rate, 25) for rate in strip.rates.tolist()]
    np.testing.assert_allclose(strip.ends, [run.values[-1] for run in alone], rtol=1e-12, atol=1e-12)
    lost = [run.endings[0] in ("diverged", "not a number") for run in alone]
    np.testing.assert_array_equal(np.isnan(strip.ends), lost)
    assert strip.best == tuned_rate(surface, start, method, 25)
    best = strip.rates.tolist().index(strip.best)
    assert strip.ends[best] == pytest.approx(np.nanmin(strip.ends), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("kappa", [4.0, 25.0])
def test_beyond_two_over_the_largest_eigenvalue_gradient_descent_diverges_and_the_strip_says_nan(kappa):
    strip = strip_of(Quadratic(1.0, 0.0, kappa), (2, 1), "Gradient descent", 2000)
    np.testing.assert_array_equal(np.isnan(strip.ends), strip.rates > 2 / kappa)
    assert np.isnan(strip.ends).any() == (kappa > 2 / 10**0.5)
    assert strip.best < 2 / kappa


def test_the_best_of_one_step_down_a_round_bowl_is_the_rate_that_lands_on_its_bottom():
    strip = strip_of(Quadratic(5.0, 0.0, 5.0), (2, 1), "Gradient descent", 1)
    np.testing.assert_allclose(strip.ends, 12.5 * (1 - 5 * strip.rates) ** 2, rtol=1e-9, atol=1e-12)
    assert abs(strip.best - 0.2) == np.abs(strip.rates - 0.2).min()


def test_among_equally_good_rates_the_smallest_is_best():
    strip = strip_of(BOWL, (0, 0), "Momentum", 10)
    np.testing.assert_array_equal(strip.ends, 0)
    assert strip.best == strip.rates[0]
    assert strip_of(BOWL, (2, 1), "Adam", 0).best == 1e-3  # no step at all: all end where they start


def test_where_each_rate_diverges_the_smallest_is_taken():
    strip = strip_of(Quadratic(-1e9, 0.0, -1e9), (2, 1), "Gradient descent", 50)
    assert np.isnan(strip.ends).all()
    assert strip.best == strip.rates[0] == 1e-4


@pytest.mark.parametrize(
    ("surface", "start", "method", "n_steps", "sentence"),
    [
        (BOWL, (2, 1), "Magic", 5, r"^there is no method Magic; there are Gradient descent, .*\.$"),
        (BOWL, (2, 1, 0), "Adam", 5, r"^the start has shape 3; .*\.$"),
        (BOWL, (2, math.nan), "Adam", 5, r"^the start has nan in entry 2; .*\.$"),
        (BOWL, [(2, 1), (1, 1)], "Adam", 5, r"^the start has shape 2 x 2; .*\.$"),
        (BOWL, (2, 1), "Adam", -1, r"^n_steps is -1; .*\.$"),
        (BOWL, (2, 1), "Adam", 2.5, r"^n_steps is 2\.5; .*\.$"),
    ],
)
def test_a_strip_or_race_that_cannot_be_run_is_refused(surface, start, method, n_steps, sentence):
    with pytest.raises(ValueError, match=sentence):
        strip_of(surface, start, method, n_steps)
    with pytest.raises(ValueError, match=sentence):
        strips(surface, start, [method], n_steps)
    with pytest.raises(ValueError, match=sentence):
        race(surface, start, [method], [None], n_steps)


# --- races


def test_each_walks_with_the_given_rate_or_with_the_best_of_its_strip():
    surface, start, methods = Rosenbrock(), (-1.5, 2.0), list(METHODS)
    rates = [0.01, None, 1e-3, None, None, 0.5, 1.0, None, None]
    runs, tried = race(surface, start, methods, rates, 30), strips(surface, start, methods, 30)
    assert [run.method for run in runs] == [strip.method for strip in tried] == methods
    for method, rate, run, strip in zip(methods, rates, runs, tried, strict=True):
        assert strip.best == tuned_rate(surface, start, method, 30)
        assert run.learning_rate == (strip.best if rate is None else rate)
        alone = descend(surface, start, method, run.learning_rate, 30)
        np.testing.assert_array_equal(run.points, alone.points)
        np.testing.assert_array_equal(run.values, alone.values)
        np.testing.assert_array_equal(strip.ends, strip_of(surface, start, method, 30).ends)


def test_a_best_rate_walks_to_what_its_strip_says():
    methods = list(METHODS)
    for run, strip in zip(race(BOWL, (2, 1), methods, [None] * 9, 20), strips(BOWL, (2, 1), methods, 20), strict=True):
        assert run.values[-1] == pytest.approx(np.nanmin(strip.ends), rel=1e-12, abs=5e-12)


def test_one_method_may_run_twice_and_none_at_all():
    assert [run.learning_rate for run in race(BOWL, (2, 1), ["Adam", "Adam"], [0.1, 0.2], 5)] == [0.1, 0.2]
    assert race(BOWL, (2, 1), [], [], 5) == strips(BOWL, (2, 1), [], 5) == ()


def test_a_race_on_a_bowl_is_won_by_newton_in_one_step():
    slow, fast = (run.values for run in race(BOWL, (2, 1), ["Gradient descent", "Newton"], [None, 1.0], 20))
    assert fast[1] == pytest.approx(0, abs=1e-25)
    assert slow[1] > 0.1
    assert 0 < slow[-1] < 1e-5


def test_a_rate_for_each_method_is_needed():
    with pytest.raises(ValueError, match=r"^there are 2 methods and 1 rates; give each method one, or None\.$"):
        race(BOWL, (2, 1), ["Adam", "Newton"], [0.1], 5)


# --- basins


def pixel_starts(window, n):
    """Return the starts of pixels, row 0 at the top, shape (n, n, 2)."""
    left, right, bottom, top = window
    across = left + (np.arange(n) + 0.5) / n * (right - left)
    down = top - (np.arange(n) + 0.5) / n * (top - bottom)
    return np.stack(np.meshgrid(across, down), axis=-1)


@pytest.mark.parametrize("method", [m for m in METHODS if m != "AdaGrad"])
def test_on_a_bowl_every_start_ends_at_the_bottom(method):
    rate = {"RMSProp": 0.003, "Newton": 1.0, "Guarded Newton": 1.0, "Line search": 1.0, "Adam": 0.05}.get(method, 0.1)
    found = basins(BOWL, SQUARE, method, rate, 1500 if method == "RMSProp" else 400, 20)
    np.testing.assert_array_equal(found.index, np.zeros((20, 20)))
    assert found.places.shape == (1, 2)
    np.testing.assert_allclose(found.places, 0, atol=5e-3)
    assert (found.shares.tolist(), found.lost, found.on_the_way) == ([1], 0, 0)


@pytest.fixture(scope="module")
def four():
    """Return the basins of gradient descent on Himmelblau's function."""
    return basins(Himmelblau(), Himmelblau().window, "Gradient descent", 0.01, 400, 60)


def test_himmelblau_has_four_basins_and_their_places_are_its_minima(four):
    assert four.places.shape == (4, 2)
    assert four.index.shape == (60, 60)
    for p in FOUR:
        assert np.hypot(*(four.places - p).T).min() < 1e-6
    counted = [np.mean(four.index == i) for i in range(4)]
    np.testing.assert_array_equal(four.shares, counted)
    assert counted == sorted(counted, reverse=True)
    assert min(counted) > 0.15
    assert four.lost + four.on_the_way + four.shares.sum() == pytest.approx(1, abs=1e-12)
    assert four.lost + four.on_the_way == pytest.approx(np.mean(four.index == -1), abs=1e-12)


def test_each_minimum_lies_in_its_own_basin_the_right_way_up(four):
    starts = pixel_starts(Himmelblau().window, 60)
    for i, place in enumerate(four.places):
        row, column = np.unravel_index(np.hypot(*np.moveaxis(starts - place, -1, 0)).argmin(), (60, 60))
        assert four.index[row, column] == i
    north_east = np.hypot(*(four.places - FOUR[0]).T).argmin()
    assert four.index[15, 45] == north_east  # row 0 is at the top


@pytest.mark.parametrize(
    ("surface", "method", "rate", "n_steps"),
    [(Himmelblau(), "Gradient descent", 0.01, 400), (Himmelblau(), "Momentum", 0.003, 400), (two_valleys(1), "Adam", 0.1, 300),
     (Himmelblau(), "Newton", 1.0, 60)],
    ids=["gradient descent", "momentum", "adam", "newton"],
)  # fmt: skip
def test_two_hundred_pixels_are_labelled_as_their_own_descents_end(surface, method, rate, n_steps):
    found = basins(surface, surface.window, method, rate, n_steps, 60)
    starts = pixel_starts(surface.window, 60)
    near = (surface.window[1] - surface.window[0]) / 25
    steepest = np.hypot(*surface.gradient(starts[..., 0], starts[..., 1])).max()
    rng = np.random.default_rng(SEED)
    for row, column in rng.integers(0, 60, (200, 2)):
        run = descend(surface, starts[row, column], method, rate, n_steps)
        end, label = run.points[-1], found.index[row, column]
        if label == -1:
            unsettled = np.isnan(end).any() or np.hypot(*run.gradients[-1]) > 1e-3 * steepest
            assert unsettled or len(found.places) == 8 or np.hypot(*(found.places - end).T).min() > near
        else:
            assert np.hypot(*(found.places - end).T).argmin() == label
            assert np.hypot(*(found.places[label] - end)) <= near


def test_a_symmetric_surface_has_symmetric_basins():
    surface = parse("(x^2 - 1)^2 + (y^2 - 1)^2")
    found = basins(surface, (-2, 2, -2, 2), "Gradient descent", 0.05, 300, 30)
    assert sorted(found.places.round(6).tolist()) == [[-1, -1], [-1, 1], [1, -1], [1, 1]]
    assert found.shares.tolist() == [0.25] * 4
    for i, (x, y) in enumerate(found.places):
        quarter = (slice(0, 15) if y > 0 else slice(15, 30), slice(15, 30) if x > 0 else slice(0, 15))
        assert (found.index[quarter] == i).all()


def test_a_pass_between_symmetric_valleys_holds_only_the_line_of_starts_that_leads_to_it():
    surface = parse("(x^2 - 1)^2 + y^2")
    found = basins(surface, (-2, 2, -2, 2), "Gradient descent", 0.05, 300, 31)  # the middle column starts on x = 0
    assert found.places.round(6).tolist()[2] == [0, 0]
    assert sorted(found.places.round(6).tolist()[:2]) == [[-1, 0], [1, 0]]
    np.testing.assert_array_equal(found.index == 2, np.tile(np.arange(31) == 15, (31, 1)))


@pytest.mark.parametrize(("surface", "rate"), [(BOWL, 10.0), (saddle(3), 2.0), (Beale(), 3.0)], ids=named)
def test_where_every_start_diverges_all_is_lost_and_no_place_is_left(surface, rate):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = basins(surface, surface.window, "Gradient descent", rate, 400, 16)
    assert (found.lost, found.on_the_way, found.places.shape, found.shares.shape) == (1, 0, (0, 2), (0,))
    np.testing.assert_array_equal(found.index, -1)


def test_starts_without_a_value_are_lost_and_the_others_not():
    found = basins(parse("x - log(x) + y^2"), (-2, 4, -3, 3), "Gradient descent", 0.02, 600, 30)
    np.testing.assert_array_equal(found.index[:, :10], -1)  # left of 0
    assert found.lost == pytest.approx(1 / 3, abs=0.05)
    np.testing.assert_allclose(found.places, [[1, 0]], atol=1e-3)


def test_who_has_not_settled_is_on_the_way():
    found = basins(bowl(100), SQUARE, "Gradient descent", 1e-4, 5, 20)
    assert found.lost == 0
    assert found.on_the_way > 0.9
    assert basins(Rosenbrock(), Rosenbrock().window, "Gradient descent", 0.0, 5, 10).lost == 0


def test_only_starts_that_rest_belong_to_a_place():
    found = basins(Quadratic(1.0, 0.0, 1.0), SQUARE, "Gradient descent", 0.1, 0, 43)  # no step: the middle one rests
    assert found.places.round(12).tolist() == [[0, 0]]
    assert np.argwhere(found.index == 0).tolist() == [[21, 21]]
    assert (found.lost, found.on_the_way) == (0, pytest.approx(1 - 43**-2))


def test_the_place_with_most_starts_comes_first_even_if_it_is_found_second():
    # f_x = (x + 1.05)(x - 0.5)(x - 1): ends at -1.05 come from both sides and fall into two cells of 0.1, each less crowded
    surface = parse("x^4/4 - 0.15x^3 - 0.5375x^2 + 0.525x + y^2")
    found = basins(surface, (-2.5, 2.5, -2.5, 2.5), "Gradient descent", 0.05, 150, 50)
    np.testing.assert_allclose(found.places, [[-1.05, 0], [1, 0]], atol=1e-3)
    assert found.shares == pytest.approx([0.6, 0.4])
    np.testing.assert_array_equal(found.index, np.tile(np.where(np.arange(50) < 30, 0, 1), (50, 1)))


def test_every_dent_of_an_egg_box_is_a_place_the_most_frequent_first():
    found = basins(Rastrigin(), Rastrigin().window, "Gradient descent", 0.002, 200, 60)
    assert found.places.shape == (49, 2)
    np.testing.assert_array_equal(found.shares, np.sort(found.shares)[::-1])
    np.testing.assert_allclose(found.places, found.places.round() * 0.9949586, atol=1e-2)
    assert set(np.unique(found.index)) == set(range(-1 if found.on_the_way > 0 else 0, 49))
    assert found.on_the_way == pytest.approx(1 - found.shares.sum(), abs=1e-12)


@pytest.mark.parametrize("n", [2, 31, 32, 60, 64])
def test_a_report_counts_up_to_all_starts_a_thousand_at_a_time(n):
    calls = []
    found = basins(BOWL, SQUARE, "Newton", 1.0, 2, n, report=lambda *call: calls.append(call))
    assert calls == [*((done, n * n) for done in range(0, n * n, 1000)), (n * n, n * n)]
    assert found.shares.tolist() == [1]


def test_reporting_changes_nothing():
    plain, told = (
        basins(Himmelblau(), Himmelblau().window, "Newton", 1.0, 30, 40, report=r) for r in (None, lambda _done, _all: None)
    )
    np.testing.assert_array_equal(plain.index, told.index)
    np.testing.assert_array_equal(plain.places, told.places)


@pytest.mark.parametrize(
    ("window", "method", "rate", "n", "sentence"),
    [
        (SQUARE, "Magic", 0.1, 5, r"^there is no method Magic; .*\.$"),
        (SQUARE, "Adam", -0.1, 5, r"^the learning rate is -0\.1; .*\.$"),
        (SQUARE, "Adam", 0.1, 1, r"^n is 1; it must lie between 2 and 400\.$"),
        (SQUARE, "Adam", 0.1, 401, r"^n is 401; .*\.$"),
        ((0, 1, 2), "Adam", 0.1, 5, r"^the window has shape 3; .*\.$"),
        ((1, 1, 0, 1), "Adam", 0.1, 5, r"^the window is empty; .*\.$"),
        ((1, -1, 0, 1), "Adam", 0.1, 5, r"^the window is empty; .*\.$"),
    ],
)  # fmt: skip
def test_basins_that_cannot_be_drawn_are_refused(window, method, rate, n, sentence):
    with pytest.raises(ValueError, match=sentence):
        basins(BOWL, window, method, rate, 5, n)


# --- the lowest value known


@pytest.mark.parametrize(
    ("surface", "values", "lowest"),
    [
        (Himmelblau(), [[-5.0, 3.0]], 0),
        (Plateau(), [], 0),
        (bowl(4), [[1.0]], 0),
        (saddle(3), [[3.0, -2.0], [7.0]], -2),
        (saddle(3), [np.array([[1.0, math.nan], [-math.inf, 4.0]]), 2.5], 1),
        (two_valleys(1), [[math.nan]], math.inf),
        (two_valleys(1), [[]], math.inf),
        (parse("x"), [[4.0], -1.5], -1.5),
    ],
)
def test_the_lowest_value_is_the_surfaces_own_or_the_least_that_was_seen(surface, values, lowest):
    assert lowest_known(surface, *values) == lowest


def test_where_nothing_was_seen_nothing_is_known():
    assert lowest_known(saddle(3)) == math.inf
