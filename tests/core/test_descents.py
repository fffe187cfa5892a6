"""Whole descents: what they keep, how they end and why, and what a rate does on a quadratic surface."""

import doctest
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mml_core import descents, endings, walks
from mml_core.descents import descend, error_components, linear_rates, rate_strip, steps_to, tuned_rate
from mml_core.heights import Surface
from mml_core.landscapes import Beale, Himmelblau, Plateau, Rastrigin, Rosenbrock
from mml_core.optimisers import METHODS
from mml_core.quadratics import Quadratic, bowl, saddle
from mml_core.terrains import terrain

EVERY = settings(derandomize=True, deadline=None, max_examples=60)
BOWL = Quadratic(1.0, 0.0, 4.0)
ROWS = ("points", "values", "gradients", "velocity", "squares", "rates", "trusted")


class Cliff(Surface):
    """f = x log x + y^2: no number left of 0."""

    def value(self, x, y):
        return x * self.log(x) + y * y

    def gradient(self, x, y):
        return self.log(x) + 1.0, 2.0 * y

    def hessian(self, x, y):
        return (1.0 / x, 0.0 * x), (0.0 * x, 2.0 + 0.0 * x)

    def log(self, x):
        return math.log(x) if type(x) is float else np.log(x)


class Liar(Surface):
    """f = x + y with a gradient that says the opposite: no step can be as good as it promises."""

    def value(self, x, y):
        return x + y

    def gradient(self, x, y):
        return -1.0 + 0.0 * x, -1.0 + 0.0 * y

    def hessian(self, x, y):
        return (0.0 * x, 0.0 * x), (0.0 * x, 0.0 * x)


class Steep(Surface):
    """f = exp(x^2 + y^2): floats raise OverflowError where arrays are inf."""

    def value(self, x, y):
        r = x * x + y * y
        return math.exp(r) if type(r) is float else np.exp(r)

    def gradient(self, x, y):
        f = self.value(x, y)
        return 2.0 * x * f, 2.0 * y * f

    def hessian(self, x, y):
        f = self.value(x, y)
        return ((2.0 + 4.0 * x * x) * f, 4.0 * x * y * f), (4.0 * x * y * f, (2.0 + 4.0 * y * y) * f)


@pytest.mark.parametrize("module", [descents, endings, walks])
def test_examples_in_the_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


# --- what is kept


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [None, 1, 3, 20])
def test_shapes_and_rows_are_what_the_docstring_says(method, n):
    start = np.full((n, 2), 1.5) if n else [1.5, 1.5]
    shape = (8, n) if n else (8,)
    walk = descend(Himmelblau(), start, method, 0.01, 7)
    assert walk.points.shape == walk.gradients.shape == (*shape, 2)
    assert walk.values.shape == shape
    assert walk.endings.shape == walk.ended.shape == (n or 1,)
    assert len(walk.reasons) == (n or 1)
    x, y = walk.points[..., 0], walk.points[..., 1]
    np.testing.assert_allclose(walk.values, Himmelblau().value(x, y), rtol=1e-15)
    np.testing.assert_allclose(walk.gradients, np.stack(Himmelblau().gradient(x, y), axis=-1), rtol=1e-15)
    for name, word in (("velocity", "velocity_x"), ("squares", "squares_x")):
        assert (getattr(walk, name) is not None) == (word in METHODS[method].state)
        if getattr(walk, name) is not None:
            assert getattr(walk, name).shape == walk.points.shape
            assert not getattr(walk, name)[0].any()
    assert (walk.rates is not None) == (method == "Line search")
    assert (walk.trusted is not None) == (method == "Guarded Newton")
    assert walk.n_gradients == 7 * (n or 1)
    assert walk.n_hessians == (7 * (n or 1) if "Newton" in method else 0)
    assert (walk.n_values > 7 * (n or 1)) == (method == "Line search")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [1, 5, 40, 9000])
def test_the_last_row_alone_is_the_last_of_all(method, n):
    starts = np.random.default_rng(n).uniform(-4, 4, (n, 2))
    full = descend(Beale(), starts, method, 0.01, 6)
    last = descend(Beale(), starts, method, 0.01, 6, keep="last")
    for name in ROWS:
        if getattr(full, name) is not None:
            np.testing.assert_array_equal(getattr(full, name)[-1:], getattr(last, name), err_msg=name)
    assert last.endings.tolist() == full.endings.tolist()
    assert last.ended.tolist() == full.ended.tolist()
    assert last.reasons == ()
    assert (last.n_gradients, last.n_values, last.n_hessians) == (full.n_gradients, full.n_values, full.n_hessians)


def test_crowds_walk_as_one():
    starts = np.random.default_rng(2).uniform(-2, 2, (walks.CROWD + 100, 2))
    walk = descend(Rosenbrock(), starts, "Adam", 0.1, 5)
    for i in (0, walks.CROWD - 1, walks.CROWD, len(starts) - 1):
        np.testing.assert_allclose(walk.points[:, i], descend(Rosenbrock(), starts[i], "Adam", 0.1, 5).points, rtol=1e-12)


@pytest.mark.parametrize("n", [3, 30])
def test_each_walker_may_have_its_own_rate(n):
    rates = np.linspace(0.01, 0.6, n)
    walk = descend(BOWL, (2, 1), "Momentum", rates, 20)
    assert walk.points.shape == (21, n, 2)
    for i, rate in enumerate(rates):
        np.testing.assert_allclose(
            walk.points[:, i], descend(BOWL, (2, 1), "Momentum", rate, 20).points, rtol=1e-12, atol=1e-13
        )


def test_no_step_stays_where_it_starts():
    walk = descend(BOWL, (2, 1), "Line search", 1, 0)
    assert walk.points.tolist() == [[2, 1]]
    assert walk.endings.tolist() == ["on its way"]
    assert walk.reasons == ("It has not moved yet: take at least one step.",)
    assert descend(BOWL, np.ones((20, 2)), "Adam", 1, 0).points.shape == (1, 20, 2)


def test_a_rate_of_nothing_is_no_failure_of_a_line_search():
    assert descend(BOWL, (2, 1), "Line search", 0, 5).endings.tolist() == ["on its way"]


# --- endings

ENDS = [
    ("minimum", BOWL, (2, 1), "Gradient descent", 0.3, 200, "^$"),
    ("saddle", saddle(3), (1, -1), "Gradient descent", 0.1, 200, "^It rests on a saddle"),
    ("saddle", Quadratic(1.0, 0.0, -4.0), (2, 1), "Newton", 1, 3, "^It rests on a saddle"),
    ("maximum", Quadratic(-1.0, 0.0, -4.0), (0, 0), "Adam", 0.1, 10, "^It stands on a maximum"),
    ("maximum", Himmelblau(), (0, 0.5), "Newton", 1, 30, "^It stands on a maximum"),
    ("flat", Plateau(), (-3.5, 4), "Gradient descent", 0.1, 50, "^The surface is level here"),
    ("flat", Quadratic(1.0, 0.0, 0.0), (2, 1), "Gradient descent", 0.5, 100, "^The surface is level here"),
    (
        "diverged",
        BOWL,
        (2, 1),
        "Gradient descent",
        0.6,
        1000,
        r"^Step \d+ leaves.*0.6 is above 2 / lambda_max = 0.5.*1.4 times",
    ),
    ("diverged", BOWL, (2, 1), "Momentum", 2, 1000, r"^Step \d+ leaves everything behind: the rate is too large"),
    ("diverged", Rosenbrock(), (-1.5, 2), "Gradient descent", 0.1, 100, r"^Step \d+ leaves.*2 / lambda_max"),
    ("diverged", saddle(3), (1, 0), "Gradient descent", 0.3, 1000, r"^Step \d+ leaves.*down for ever"),
    ("not a number", Quadratic(1.0, 1.0, 1.0), (2, 1), "Newton", 1, 5, r"^Step 1 is no step at all: the Hessian is singular"),
    ("diverged", Steep(), (3, 3), "Gradient descent", 1, 5, r"^Step \d+ leaves"),
    ("not a number", Cliff(), (2, 1), "Gradient descent", 2, 5, "^Step 2 is not a number"),
    ("line search failed", Liar(), (2, 1), "Line search", 1, 5, "^Step 5 finds no lower point: the rate 1 was halved 40 times"),
    ("on its way", BOWL, (2, 1), "Gradient descent", 0.01, 10, "^After 10 steps the slope is still"),
    ("on its way", BOWL, (2, 1), "Gradient descent", 0.5, 100, "^It jumps to and fro, 2 at a time"),
]


@pytest.mark.parametrize("n", [None, 20])
@pytest.mark.parametrize(("ending", "surface", "start", "method", "rate", "n_steps", "words"), ENDS)
def test_every_ending_is_reached_and_named_without_a_warning(ending, surface, start, method, rate, n_steps, words, n):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        walk = descend(surface, np.tile(start, (n, 1)) if n else start, method, rate, n_steps)
    assert set(walk.endings.tolist()) == {ending}
    for reason in walk.reasons:
        assert reason == "" or reason.endswith(".")
        with pytest.raises(ValueError, match=words):
            raise ValueError(reason)


def test_the_table_above_has_every_ending_of_the_docstring():
    told = {word for word in {end[0] for end in ENDS} if f'"{word}"' in descents.Descent.__doc__.replace("\n    ", " ")}
    assert len(told) == 8


@pytest.mark.parametrize("n", [None, 20])
@pytest.mark.parametrize("end", [end for end in ENDS if end[0] in ("diverged", "not a number")])
def test_after_the_step_that_loses_it_all_rows_are_nan(end, n):
    _, surface, start, method, rate, n_steps, _ = end
    walk = descend(surface, np.tile(start, (n, 1)) if n else start, method, rate, n_steps)
    for name in ("points", "values", "gradients"):
        rows = getattr(walk, name)
        assert np.isnan(rows[walk.ended[0] :]).all()
    assert np.isfinite(walk.points[: walk.ended[0]]).all()
    assert np.abs(walk.points[: walk.ended[0]]).max() <= 1e12
    assert walk.n_gradients == walk.ended.sum()


def test_a_lost_walker_does_not_disturb_the_others():
    rates = np.array([0.1] * 10 + [0.7] * 10)
    walk = descend(BOWL, (2, 1), "Gradient descent", rates, 400)
    assert walk.endings.tolist() == ["minimum"] * 10 + ["diverged"] * 10
    assert walk.ended[:10].tolist() == [400] * 10
    assert (walk.ended[10:] < 100).all()


def test_the_step_that_diverges_is_the_one_of_the_closed_form():
    walk = descend(BOWL, (0, 1), "Gradient descent", 1, 100)  # y is multiplied by 1 - 4 = -3
    assert 3.0 ** (walk.ended[0] - 1) <= 1e12 < 3.0 ** walk.ended[0]


@pytest.mark.parametrize("n", [None, 20])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "surface",
    [Rosenbrock(), Beale(), Rastrigin(), Plateau(), Steep(), Cliff(), terrain(np.eye(6))],
    ids=lambda s: type(s).__name__,
)
def test_absurd_starts_and_rates_neither_warn_nor_raise(surface, method, n):
    for start in ((1e150, -1e150), (5e11, 5e11), (0, 0), (-30, 40)):
        for rate in (0, 1e-3, 1e8, 1e300):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                walk = descend(surface, np.tile(start, (n, 1)) if n else start, method, rate, 5)
            assert walk.endings[0] in {end[0] for end in ENDS}
            assert len(walk.reasons) == (n or 1)


@EVERY
@given(st.integers(0, 10**6), st.floats(1e-6, 1e6))
def test_an_ending_does_not_depend_on_the_unit_of_height(seed, unit):
    rng = np.random.default_rng(seed)
    a, b, c = rng.normal(size=3)
    start, rate = rng.normal(size=2), rng.uniform(0.01, 1)
    plain = descend(Quadratic(a, b, c), start, "Gradient descent", rate, 60)
    scaled = descend(Quadratic(unit * a, unit * b, unit * c), start, "Gradient descent", rate / unit, 60)
    assert plain.endings[0] == scaled.endings[0]


# --- what mathematics predicts on quadratics


@EVERY
@given(st.floats(1, 100), st.floats(-3, 3), st.floats(0.01, 0.99), st.integers(0, 10**6))
def test_gradient_descent_on_a_bowl_is_the_closed_form(kappa, turn, share, seed):
    surface, start = bowl(kappa, turn), np.random.default_rng(seed).normal(size=2)
    rate = share * 2 / kappa
    walk = descend(surface, start, "Gradient descent", rate, 50)
    parts = error_components(surface, (0, 0), walk.points)
    expected = parts[0] * (1 - rate * np.array([kappa, 1])) ** np.arange(51)[:, None]
    np.testing.assert_allclose(parts, expected, atol=1e-12 * np.abs(start).max())
    predicted = linear_rates(surface.hessian(0.0, 0.0), rate)
    np.testing.assert_allclose(predicted.factors, np.abs(1 - rate * np.array([kappa, 1])), atol=1e-12)
    assert predicted.reason == ""


def test_error_components_turn_with_the_bowl_and_keep_the_distance():
    surface = bowl(9, 0.5)
    points = np.random.default_rng(1).normal(size=(7, 5, 2))
    parts = error_components(surface, (1, -2), points)
    assert parts.shape == points.shape
    np.testing.assert_allclose(np.linalg.norm(parts, axis=-1), np.linalg.norm(points - [1, -2], axis=-1))
    steep = np.array([-math.sin(0.5), math.cos(0.5)])
    np.testing.assert_allclose(parts[..., 0], (points - [1, -2]) @ steep, atol=1e-14)
    assert np.isnan(error_components(surface, (0, 0), [[np.nan, np.nan]])).all()


@pytest.mark.parametrize(
    ("hessian", "rate", "limit", "words"),
    [
        ([[1, 0], [0, 4]], 0.5, 0.5, ""),
        ([[1, 0], [0, 4]], 0.6, 0.5, "2 / lambda_max = 0.5"),
        ([[1, 0], [0, -4]], 0.1, 2, "curves down"),
        ([[-1, 0], [0, -4]], 0.1, math.inf, "curves down"),
        ([[0, 0], [0, 0]], 1, math.inf, ""),
    ],
)
def test_the_cliff_of_the_rate_is_two_over_the_largest_curvature(hessian, rate, limit, words):
    found = linear_rates(hessian, rate)
    assert found.limit == limit
    assert words in found.reason
    assert (found.reason == "") == (words == "")


def test_the_strip_of_rates_shows_the_cliff():
    kappa, start = 25.0, (1.0, 1.0)
    rates = np.logspace(-3, 0, 64)
    ends = rate_strip(bowl(kappa), start, "Gradient descent", rates, 2000)
    cliff = rates > 2 / kappa
    assert np.isnan(ends[rates > 2.1 / kappa]).all()
    assert (ends[~cliff] < bowl(kappa).value(*start)).all()
    for i in (0, 20, 40):
        assert ends[i] == pytest.approx(descend(bowl(kappa), start, "Gradient descent", rates[i], 2000).values[-1], rel=1e-10)


def test_the_tuned_rate_is_the_best_of_the_strip():
    best = tuned_rate(bowl(16, 0.3), (1.0, 1.0), "Gradient descent", 40)
    rates = np.logspace(*METHODS["Gradient descent"].exponents, 64)
    ends = rate_strip(bowl(16, 0.3), (1.0, 1.0), "Gradient descent", rates, 40)
    assert best == rates[np.nanargmin(ends)]
    assert best == pytest.approx(2 / 17, rel=0.2)  # 2 / (lambda_min + lambda_max) is the best there is in the long run


def test_among_equal_rates_the_one_farthest_from_the_cliff_is_taken():
    assert tuned_rate(BOWL, (0, 1), "Gradient descent", 1000, rates=[0.45, 0.3, 0.2, 0.1, 0.001]) == 0.1
    with pytest.raises(ValueError, match=r"each rate from 1 to 2 diverges.*\.$"):
        tuned_rate(BOWL, (0, 1), "Gradient descent", 1000, rates=[1, 2])


@pytest.mark.parametrize("method", METHODS)
def test_each_method_finds_a_rate_for_rosenbrock(method):
    rate = tuned_rate(Rosenbrock(), (-1.5, 2.0), method, 200)
    walk = descend(Rosenbrock(), (-1.5, 2.0), method, rate, 200)
    assert walk.values[-1] < 4
    assert walk.endings[0] in ("minimum", "on its way")


def test_steps_to_counts_until_a_value_is_first_low_enough():
    walk = descend(BOWL, (0, 1), "Gradient descent", np.array([0.125, 0.25, 0.6]), 8)  # y halves, is 0, grows
    assert steps_to(walk, 0.02, 0).tolist() == [4, 1, -1]
    assert steps_to(walk, 2, 0).tolist() == [0, 0, 0]
    assert steps_to(walk, 0, -1).tolist() == [-1, -1, -1]


# --- what is refused


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (((0, 1), "Magic", 0.1, 5), "there is no method Magic; there are Gradient descent, Momentum"),
        (((0, 1, 2), "Adam", 0.1, 5), "the start has shape 3; it must be a vector with 2 numbers"),
        (([[0, 1, 2]], "Adam", 0.1, 5), "the list of starts has shape 1 x 3; it must be a list of points"),
        (([[0, 1], [2]], "Adam", 0.1, 5), "the list of starts has rows of different lengths"),
        (((0, 1), "Adam", [[0.1], [0.1, 0.2]], 5), "the learning rate has rows of different lengths"),
        (((0, math.nan), "Adam", 0.1, 5), "the start has nan in entry 2"),
        (((0, 1), "Adam", -0.1, 5), "the learning rate is -0.1; it must"),
        (((0, 1), "Adam", [0.1, -0.1], 5), "the smallest learning rate is -0.1"),
        (([[0, 1], [1, 0]], "Adam", [0.1, 0.1, 0.1], 5), "the learning rate has shape 3"),
        (((0, 1), "Adam", 0.1, 10_001), "n_steps is 1e.04; it must lie between 0 and 10000"),
        (((0, 1), "Adam", 0.1, 2.5), "n_steps is 2.5; it must be a whole number"),
    ],
)
def test_arguments_out_of_range_end_in_a_sentence(arguments, words):
    with pytest.raises(ValueError, match=words) as problem:
        descend(BOWL, *arguments)
    assert str(problem.value).endswith(".")


@pytest.mark.parametrize(
    ("constants", "words"),
    [
        ({"beta": 1.1}, "beta is 1.1; it must lie between 0 and 1"),
        ({"gamma": 1}, "Momentum has no constant gamma; it has beta"),
    ],
)
def test_constants_are_checked_too(constants, words):
    with pytest.raises(ValueError, match=words):
        descend(BOWL, (0, 1), "Momentum", 0.1, 5, **constants)


def test_a_history_that_no_memory_holds_is_refused():
    with pytest.raises(ValueError, match="too many to keep"):
        descend(BOWL, np.ones((20_000, 2)), "Adam", 0.1, 1000)
    with pytest.raises(ValueError, match='keep is some; it must be "all" or "last"'):
        descend(BOWL, (0, 1), "Adam", 0.1, 5, keep="some")
