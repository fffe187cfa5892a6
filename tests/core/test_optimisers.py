"""Each method's steps: by hand, against PyTorch, against SciPy, and one walker against many."""

import doctest
import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize

from mml_core import optimisers
from mml_core.descents import descend
from mml_core.landscapes import Beale, Himmelblau, Plateau, Rastrigin, Ravine, Rosenbrock, two_valleys
from mml_core.optimisers import METHODS
from mml_core.quadratics import Quadratic, bowl

FIXTURE = json.loads((Path(__file__).parent / "fixtures" / "optimisers.json").read_text(encoding="utf-8"))
SAME = {"Rosenbrock": Rosenbrock(), "Himmelblau": Himmelblau(), "Quadratic": Quadratic(2.0, 1.0, 5.0)}
RATES = {
    "Gradient descent": 2e-3, "Momentum": 5e-4, "Nesterov": 5e-4, "AdaGrad": 0.4, "RMSProp": 0.02, "Adam": 0.1, "Newton": 0.5,
    "Guarded Newton": 2e-3, "Line search": 1.0,
}  # fmt: skip
BOWL = Quadratic(1.0, 0.0, 4.0)


def steps(method, surface, x, y, n, **constants):
    """Return the first n yields of a method."""
    return list(itertools.islice(METHODS[method].walk(surface, x, y, **constants), n))


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(optimisers).failed == 0


# --- by hand: f = (x^2 + 4 y^2) / 2 from (2, 1), where the gradient is (2, 4)


@pytest.mark.parametrize(
    ("method", "constants", "first", "second"),
    [
        ("Gradient descent", {"rate": 0.25}, (1.5, 0), (1.125, 0)),
        ("Momentum", {"rate": 0.25, "beta": 0.5}, (1.5, 0, -0.5, -1), (0.875, -0.5, -0.625, -0.5)),
        ("Nesterov", {"rate": 0.25, "beta": 0.5}, (1.25, -0.5, -0.5, -1), (0.65625, 0, -0.5625, 0)),
        ("AdaGrad", {"rate": 0.5, "eps": 0}, (1.5, 0.5, 4, 16), (1.2, 0.5 - 1 / math.sqrt(20), 6.25, 20)),
        (
            "RMSProp", {"rate": 0.25, "alpha": 0.75, "eps": 0}, (1.5, 0.5, 1, 4),
            (1.5 - 0.375 / math.sqrt(1.3125), 0.25, 1.3125, 4),
        ),
        (
            "Adam", {"rate": 0.25, "beta1": 0.5, "beta2": 0.75, "eps": 0}, (1.75, 0.75, 1, 2, 1, 4),
            (
                1.75 - 1.375 / 3 / math.sqrt(1.515625 / 0.4375), 0.75 - 2.5 / 3 / math.sqrt(5.25 / 0.4375),
                1.375, 2.5, 1.515625, 5.25,
            ),
        ),
        ("Newton", {"rate": 1.0}, (0, 0), (0, 0)),
        ("Newton", {"rate": 0.5}, (1, 0.5), (0.5, 0.25)),
        ("Guarded Newton", {"rate": 0.25}, (0, 0, True), (0, 0, True)),
        ("Guarded Newton", {"rate": 0.25, "longest": 1}, (1.5, 0, False), (1.125, 0, False)),
        ("Line search", {"rate": 1.0}, (1, -1, 0.5, 3), (0.5, 1, 0.5, 5)),
    ],
)  # fmt: skip
def test_the_first_two_steps_are_those_computed_by_hand(method, constants, first, second):
    assert steps(method, BOWL, 2.0, 1.0, 2, **constants) == [pytest.approx(first, rel=1e-15), pytest.approx(second, rel=1e-14)]


# --- PyTorch


@pytest.mark.parametrize("walk", FIXTURE["walks"], ids=lambda w: f"{w['method']}-{w['surface']}-{w['constants']}")
def test_a_hundred_steps_are_those_of_pytorch(walk):
    theirs = np.array(walk["points"])
    ours = descend(SAME[walk["surface"]], theirs[0], walk["method"], walk["rate"], 100, **walk["constants"])
    np.testing.assert_allclose(ours.points[FIXTURE["steps"]], theirs, rtol=0, atol=1e-10)
    if ours.squares is not None:
        np.testing.assert_allclose(ours.squares[-1], walk["squares"], rtol=1e-10)
    if ours.velocity is not None:
        buffer_to_ours = 1 if walk["method"] == "Adam" else -walk["rate"]
        np.testing.assert_allclose(ours.velocity[-1], np.multiply(walk["velocity"], buffer_to_ours), rtol=1e-10)


def test_the_fixture_is_pytorchs_and_has_each_of_its_methods():
    assert FIXTURE["made by"].startswith("torch ")
    assert {walk["method"] for walk in FIXTURE["walks"]} == set(METHODS) - {"Newton", "Guarded Newton", "Line search"}


def test_nesterovs_own_point_is_a_velocity_behind():
    """In Nesterov's words: v <- beta v - rate g(z + beta v), z <- z + v; ours shows z + beta v."""
    surface, rate, beta = Rosenbrock(), 2e-4, 0.8
    z, v = np.array([-1.5, 2.0]), np.zeros(2)
    for x, y, *_ in steps("Nesterov", surface, -1.5, 2.0, 50, rate=rate, beta=beta):
        v = beta * v - rate * np.array(surface.gradient(*(z + beta * v)))
        z = z + v
        np.testing.assert_allclose((x, y), z + beta * v, rtol=1e-12)


# --- Newton and line search


@pytest.mark.parametrize(("surface", "start"), [(Rosenbrock(), (0.8, 0.5)), (Himmelblau(), (3.5, 2.5)), (Beale(), (2.9, 0.45))])
@pytest.mark.parametrize("method", ["Newton", "Guarded Newton"])
def test_newton_ends_where_scipy_ends(surface, start, method):
    walk = descend(surface, start, method, 1e-3 if "Guarded" in method else 1.0, 60)
    theirs = optimize.root(lambda p: surface.gradient(*p), start, jac=lambda p: np.array(surface.hessian(*p)), tol=1e-12)
    np.testing.assert_allclose(walk.points[-1], theirs.x, atol=1e-10)
    by_cg = optimize.minimize(
        lambda p: surface.value(*p), start, jac=lambda p: np.array(surface.gradient(*p)),
        hess=lambda p: np.array(surface.hessian(*p)), method="Newton-CG", options={"xtol": 1e-12},
    )  # fmt: skip
    np.testing.assert_allclose(walk.points[-1], by_cg.x, atol=1e-6)


def test_a_newton_step_is_numpys_solution():
    surface, x, y = Himmelblau(), 1.3, -2.1
    g, H = np.array(surface.gradient(x, y)), np.array(surface.hessian(x, y))
    np.testing.assert_allclose(steps("Newton", surface, x, y, 1, rate=0.7)[0], [x, y] - 0.7 * np.linalg.solve(H, g), rtol=1e-13)


def test_newton_near_a_solution_doubles_its_digits():
    errors = np.linalg.norm(descend(Himmelblau(), (3.3, 2.2), "Newton", 1, 4).points - [3, 2], axis=1)
    assert (errors[1:4] < errors[:3] ** 2).all()
    assert errors[4] < 1e-12


@pytest.mark.parametrize(
    ("surface", "why"),
    [
        (Quadratic(1.0, 0.0, -4.0), "level"), (Quadratic(-1.0, 0.0, -4.0), "uphill"), (Quadratic(1.0, 1.0, 1.0), "singular"),
        (Quadratic(0.0, 0.0, 0.0), "singular"),
    ],
)  # fmt: skip
def test_guarded_newton_takes_the_gradient_step_where_newtons_is_not_to_be_trusted(surface, why):
    ((x, y, trusted),) = steps("Guarded Newton", surface, 2.0, 1.0, 1, rate=0.1)
    gx, gy = surface.gradient(2.0, 1.0)
    assert (x, y) == (2.0 - 0.1 * gx, 1.0 - 0.1 * gy)
    assert trusted == (gx == gy == 0 and why != "singular")


def test_guarded_newton_comes_down_where_newton_climbs():
    surface, start = Himmelblau(), (-0.5, -0.5)  # near the maximum in the middle
    plain, guarded = descend(surface, start, "Newton", 1, 30), descend(surface, start, "Guarded Newton", 0.01, 30)
    assert plain.endings.tolist() == ["maximum"]
    assert guarded.endings.tolist() == ["minimum"]
    assert not guarded.trusted[1]
    assert guarded.trusted[-1]
    assert (np.diff(guarded.values) <= 0).all()


def plain_line_search(surface, x, y, rate, n):
    """Armijo's rule written with loops only."""
    points, count = [], 1
    for _ in range(n):
        gx, gy = surface.gradient(x, y)
        taken = 0.0
        for halvings in range(41):
            r, count = rate / 2**halvings, count + 1
            if surface.value(x - r * gx, y - r * gy) <= surface.value(x, y) - r * (1e-4 * (gx * gx + gy * gy)):
                taken = r
                break
        x, y = x - taken * gx, y - taken * gy
        points.append((x, y, taken, count))
    return points


@pytest.mark.parametrize("surface", [Rosenbrock(), Beale(), Rastrigin(), Ravine(), bowl(50)], ids=repr)
@pytest.mark.parametrize("rate", [0.001, 1.0, 100.0])
def test_a_line_search_is_armijos_rule(surface, rate):
    x, y = -1.4, 1.1
    assert steps("Line search", surface, x, y, 40, rate=rate) == plain_line_search(surface, x, y, rate, 40)


def test_a_line_search_never_goes_up():
    rng = np.random.default_rng(3)
    walk = descend(Rastrigin(), rng.uniform(-3, 3, (50, 2)), "Line search", 10.0, 50)
    assert (np.diff(walk.values, axis=0) <= 0).all()


# --- one line for one walker and for many


@pytest.mark.parametrize("surface", [Rosenbrock(), Himmelblau(), Plateau(), Ravine(), two_valleys(2), bowl(30)], ids=repr)
@pytest.mark.parametrize("method", METHODS)
def test_many_walkers_walk_as_each_alone(method, surface):
    starts = np.random.default_rng(5).uniform(-1.8, 1.8, (24, 2))
    many = descend(surface, starts, method, RATES[method], 30)
    for i, start in enumerate(starts):
        one = descend(surface, start, method, RATES[method], 30)
        for name in ("points", "values", "gradients", "velocity", "squares", "rates", "trusted"):
            ours, theirs = getattr(one, name), getattr(many, name)
            assert (ours is None) == (theirs is None)
            if ours is not None:
                np.testing.assert_allclose(ours, theirs[:, i], rtol=1e-12, atol=1e-12, err_msg=name)
        assert one.endings[0] == many.endings[i]
        assert one.ended[0] == many.ended[i]


def test_the_names_on_screen_have_a_generator_its_state_and_a_range_of_rates():
    for walk, state, (low, high) in METHODS.values():
        (row,) = itertools.islice(walk(BOWL, 2.0, 1.0, 10**low), 1)
        assert len(row) == 2 + len(state)
        assert low < high
