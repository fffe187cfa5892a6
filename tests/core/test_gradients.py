"""Slopes and curvature, derived and measured: known answers, orders of error, and places where there are none."""

import doctest
import math
import warnings

import numpy as np
import pytest
import sympy
from conftest import SEED
from scipy import optimize

from mml_core import gradients
from mml_core.expressions import parse
from mml_core.gradients import (
    difference_errors,
    difference_quotient,
    jacobian,
    numerical_gradient,
    numerical_hessian,
    slopes,
    tangent_plane,
)
from mml_core.heights import Surface
from mml_core.surfaces import Beale, Himmelblau, Plateau, Quadratic, Rastrigin, Ravine, Rosenbrock, saddle, terrain, two_valleys

SMOOTH = [
    Rosenbrock(),
    Himmelblau(),
    Beale(),
    Ravine(),
    Plateau(),
    Rastrigin(),
    saddle(3),
    two_valleys(1),
    parse("sin(x)*exp(y)"),
]
CURVED = [Rosenbrock(), Himmelblau(), Beale(), Ravine(), Plateau(), Rastrigin(), two_valleys(1), parse("sin(x)*exp(y)")]


def named(surface):
    return type(surface).__name__


class Steep(Surface):
    """f = e^x of which floats say that it is too large, instead of inf."""

    def value(self, x, y):
        return math.exp(x) if type(x) is float else np.exp(x)


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(gradients).failed == 0


# --- differences along a line


@pytest.mark.parametrize(
    ("f", "x", "h", "slope"),
    [
        (lambda x: x * x, 3, 0.5, 6.5),
        (lambda x: x * x, 3, -0.5, 5.5),
        (lambda x: x**3, 1, 0.5, 4.75),  # 3 + 3h + h^2
        (lambda x: x**3, 1, 2, 13),
        (lambda x: 7.0, 2, 1e-3, 0),
        (lambda x: 3 * x - 1, -4, 0.25, 3),
        (abs, 0, 0.125, 1),
        (abs, 0, -0.125, -1),
        (math.sqrt, 0, 0.25, 2),
        (lambda x: 1 / x, 1, 1, -0.5),
    ],
)
def test_known_slopes_of_secants(f, x, h, slope):
    assert difference_quotient(f, x, h) == slope


@pytest.mark.parametrize(("f", "bend"), [(math.exp, 1.0), (math.cos, -1.0), (lambda x: x**3 + 5 * x**2, 10.0)])
def test_a_secants_error_is_half_the_step_times_the_bend(f, bend):
    slope = {math.exp: 1.0}.get(f, 0.0)  # at 0
    errors = [difference_quotient(f, 0.0, h) - slope for h in (1e-2, 1e-3, -1e-3, 1e-4)]
    np.testing.assert_allclose(errors, np.array([1e-2, 1e-3, -1e-3, 1e-4]) * bend / 2, rtol=1e-2)


def test_too_near_each_other_two_points_have_no_slope_but_rounding():
    assert difference_quotient(math.exp, 1.0, 1e-17) == 0
    assert difference_quotient(math.exp, 1.0, 1e-8) == pytest.approx(math.e, rel=1e-7)


@pytest.mark.parametrize(
    ("x", "h", "sentence"),
    [
        (1, 0, r"^h is 0; .*\.$"),
        (1, -0.0, r"^h is 0; .*\.$"),
        (math.nan, 1, r"^x is nan; .*\.$"),
        (1, math.inf, r"^h is inf; .*\.$"),
    ],
)
def test_a_slope_between_a_point_and_itself_is_refused(x, h, sentence):
    with pytest.raises(ValueError, match=sentence):
        difference_quotient(math.exp, x, h)


# --- differences on a surface


def scattered(surface, n=500):
    left, right, bottom, top = getattr(surface, "window", (-2, 2, -2, 2))
    rng = np.random.default_rng(SEED)
    return rng.uniform(left, right, n), rng.uniform(bottom, top, n)


@pytest.mark.parametrize("surface", SMOOTH, ids=named)
def test_measured_slopes_and_bends_are_the_derived_ones(surface):
    x, y = scattered(surface)
    g, H = np.stack(surface.gradient(x, y)), np.array(surface.hessian(x, y))
    near = np.maximum(1.0, np.abs(surface.value(x, y)) + np.hypot(*g))
    assert (np.abs(np.stack(numerical_gradient(surface, x, y)) - g) / near).max() < 1e-7
    assert (np.abs(np.array(numerical_hessian(surface, x, y)) - H) / np.maximum(near, np.abs(H).max(axis=(0, 1)))).max() < 1e-6


@pytest.mark.parametrize("measure", [numerical_gradient, numerical_hessian])
def test_one_place_is_measured_as_many_are(measure):
    x, y = scattered(Himmelblau(), 12)
    many = np.array(measure(Himmelblau(), x, y))
    alone = np.stack([np.array(measure(Himmelblau(), a, b)) for a, b in zip(x.tolist(), y.tolist(), strict=True)], axis=-1)
    np.testing.assert_array_equal(many, alone)
    assert np.array(measure(Himmelblau(), x.reshape(3, 4), y.reshape(3, 4))).shape == (*many.shape[:-1], 3, 4)


def test_central_differences_of_a_quadratic_surface_are_exact_at_any_distance():
    surface = Quadratic(2.0, -3.0, 8.0)
    for h in (0.25, 1, 64):
        assert numerical_gradient(surface, 2.0, 1.0, h) == surface.gradient(2.0, 1.0)
        assert numerical_hessian(surface, 2.0, 1.0, h) == ((2, -3), (-3, 8))


def test_the_error_of_central_differences_falls_with_the_square_of_the_distance():
    f = parse("x^3*y + y^4")
    (gx, gy), (gx2, gy2) = (np.subtract(numerical_gradient(f, 1.0, 2.0, h), f.gradient(1.0, 2.0)) for h in (0.25, 0.125))
    assert [gx, gy] == [2 * 0.25**2, 8 * 0.25**2]  # h^2 f_xxx / 6
    assert [gx2, gy2] == [gx / 4, gy / 4]
    (exx, exy), (_, eyy) = np.subtract(numerical_hessian(f, 1.0, 2.0, 0.25), f.hessian(1.0, 2.0))
    assert [exx, exy, eyy] == [0, 0.25**2, 2 * 0.25**2]  # h^2 f_xxxx / 12, h^2 (f_xxxy + f_xyyy) / 6


def test_where_x_is_large_the_distance_grows_with_it():
    f = parse("x^2/1e6 + y")
    assert numerical_gradient(f, 1e6, 0.0)[0] == pytest.approx(2, rel=1e-9)
    assert numerical_hessian(f, 1e6, 0.0)[0][0] == pytest.approx(2e-6, rel=1e-6)


@pytest.mark.parametrize("h", [0, -1e-5, math.nan, math.inf, "1"])
def test_a_distance_that_is_not_positive_is_refused(h):
    for measure in (numerical_gradient, numerical_hessian):
        with pytest.raises(ValueError, match=r"^h is .*\.$"):
            measure(Rosenbrock(), 1.0, 2.0, h)
    with pytest.raises(ValueError, match=r"^h is .*\.$"):
        jacobian(lambda p: p, [1.0, 2.0], h)


# --- Jacobians


def polar(p):
    return [p[0] * math.cos(p[1]), p[0] * math.sin(p[1])]


@pytest.mark.parametrize("r", [0.1, 1, 2, 7.5])
@pytest.mark.parametrize("angle", [-3, 0, 0.4, 2])
def test_polar_coordinates_stretch_areas_by_the_radius(r, angle):
    J = jacobian(polar, [r, angle])
    assert np.linalg.det(J) == pytest.approx(r, rel=1e-8)
    np.testing.assert_allclose(J, [[math.cos(angle), -r * math.sin(angle)], [math.sin(angle), r * math.cos(angle)]], atol=1e-8)


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (3, 1), (2, 5), (6, 3)])
def test_a_linear_maps_jacobian_is_its_matrix(shape):
    rng = np.random.default_rng([SEED, *shape])
    A, b, at = rng.normal(size=shape), rng.normal(size=shape[0]), rng.normal(size=shape[1])
    J = jacobian(lambda p: A @ p + b, at)
    assert J.shape == shape
    np.testing.assert_allclose(J, A, atol=1e-9)
    np.testing.assert_allclose(jacobian(lambda p: A @ p + b, at, 1), A, atol=1e-14)


def test_a_jacobian_agrees_with_sympys_row_by_row():
    p = sympy.symbols("u v w")
    u, v, w = p
    maps = sympy.Matrix([u * v * w, sympy.sin(u) * sympy.exp(v), u**2 - w**3, sympy.log(1 + w**2)])
    f, J = (sympy.lambdify([p], m, "numpy") for m in (maps, maps.jacobian(p)))
    for at in np.random.default_rng(SEED).normal(size=(50, 3)):
        np.testing.assert_allclose(jacobian(lambda q: np.ravel(f(q)), at), np.array(J(at), float), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("surface", [Rosenbrock(), Himmelblau(), Ravine()], ids=named)
def test_a_single_numbers_jacobian_is_its_gradient_as_a_row(surface):
    for at in np.transpose(scattered(surface, 20)):
        row = jacobian(lambda p: surface.value(*p), at)
        assert row.shape == (1, 2)
        np.testing.assert_allclose(row[0], surface.gradient(*at), rtol=1e-7, atol=1e-6)
        np.testing.assert_allclose(row[0], optimize.approx_fprime(at, lambda p: surface.value(*p)), rtol=1e-3, atol=1e-3)


def test_a_gradients_jacobian_is_the_hessian_and_a_chains_the_product():
    at = [1.3, -0.4]
    np.testing.assert_allclose(jacobian(lambda p: Himmelblau().gradient(*p), at), Himmelblau().hessian(*at), atol=1e-7)
    chain = jacobian(lambda p: Himmelblau().gradient(*polar(p)), at)
    np.testing.assert_allclose(chain, np.array(Himmelblau().hessian(*polar(at))) @ jacobian(polar, at), atol=1e-6)


@pytest.mark.parametrize(("at", "sentence"), [([1, math.nan], "nan"), ([[1, 2]], "shape 1 x 2"), ([], "shape 0")])
def test_a_jacobian_needs_a_place(at, sentence):
    with pytest.raises(ValueError, match=rf"^the place has {sentence}.*\.$"):
        jacobian(lambda p: p, at)


# --- what touches a surface


@pytest.mark.parametrize("surface", CURVED, ids=named)
@pytest.mark.parametrize("angle", [0.3, 1.9, -2.5])
def test_halving_the_step_makes_the_planes_error_a_quarter_and_the_quadratics_an_eighth(surface, angle):
    at = np.array([0.53, 0.37])
    model = tangent_plane(surface, at)
    x, y = (at[i] + np.array([1e-3, 5e-4]) * way for i, way in enumerate((math.cos(angle), math.sin(angle))))
    f = surface.value(x, y)
    plane, quadratic = f - model.plane(x, y), f - model.quadratic(x, y)
    assert plane[0] / plane[1] == pytest.approx(4, rel=0.05)
    assert quadratic[0] / quadratic[1] == pytest.approx(8, rel=0.05)


def test_the_plane_touches_and_the_quadratic_of_a_quadratic_surface_is_itself():
    surface, (x, y) = Quadratic(2.0, -3.0, 8.0), scattered(saddle(3), 100)
    model = tangent_plane(surface, [1, 2])
    assert (model.height, model.slopes.tolist(), model.curvature.tolist()) == (11, [-4, 13], [[2, -3], [-3, 8]])
    assert model.plane(1.0, 2.0) == model.quadratic(1.0, 2.0) == 11
    np.testing.assert_allclose(model.plane(x, y), 11 - 4 * (x - 1) + 13 * (y - 2), rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(model.quadratic(x, y), surface.value(x, y), rtol=1e-12, atol=1e-12)
    assert model.slope_along(np.array([0.0, 5.0])) == 13
    assert model.slope_along(np.array([-3.0, 4.0])) == pytest.approx((12 + 52) / 5, rel=1e-15)


@pytest.mark.parametrize("surface", SMOOTH, ids=named)
def test_the_axes_of_the_bend_are_eigenvectors_at_right_angles(surface):
    for x, y in np.transpose(scattered(surface, 20)):
        model = tangent_plane(surface, (x, y))
        size = np.abs(model.curvature).max()
        assert model.eigenvalues[0] <= model.eigenvalues[1]
        np.testing.assert_allclose(model.axes.T @ model.axes, np.eye(2), atol=1e-14)
        np.testing.assert_allclose(model.curvature @ model.axes, model.axes * model.eigenvalues, atol=1e-13 * size)
        np.testing.assert_array_equal(model.curvature, surface.hessian(float(x), float(y)))
        assert model.eigenvalues.sum() == pytest.approx(np.trace(model.curvature), abs=1e-13 * size)


@pytest.mark.parametrize("ask", [tangent_plane, lambda f, p: slopes(f, p, 0.3), lambda f, p: difference_errors(f, p, 0.3)])
@pytest.mark.parametrize(
    ("f", "at", "sentence"),
    [
        (parse("log(x)"), [-1, 0.5], r"^f has no value at \(-1, 0\.5\); .*\.$"),
        (parse("log(x)"), [0, 0], r"^f has no value at \(0, 0\); .*\.$"),
        (parse("1/x + y"), [0, 2], r"^f has no value at \(0, 2\); .*\.$"),
        (parse("asin(x*y)"), [2, 3], r"^f has no value at \(2, 3\); .*\.$"),
        (parse("exp(x)^20"), [1000, 0], r"^f has no value at \(1000, 0\); .*\.$"),
        (Steep(), [1000, 0], r"^f has no value at \(1000, 0\); .*\.$"),
        (parse("sqrt(x)"), [0, 1], r"^f has no slope at \(0, 1\), though it has a value; .*\.$"),
        (parse("sqrt(x^2 + y^2)"), [0, 0], r"^f has no slope at \(0, 0\), though it has a value; .*\.$"),
        (parse("x^1.5 + y"), [0, 0], r"^f has no slope at \(0, 0\), though it has a value; .*\.$"),
        (saddle(3), [1, 2, 3], r"^the point has shape 3; .*\.$"),
        (saddle(3), [1, math.nan], r"^the point has nan in entry 2; .*\.$"),
    ],
)
def test_where_a_surface_has_no_value_or_no_slope_nothing_touches_it(ask, f, at, sentence):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ValueError, match=sentence):
            ask(f, at)


# --- slopes in a direction


@pytest.mark.parametrize("surface", [*SMOOTH, terrain(np.random.default_rng(SEED).random((10, 10)))], ids=named)
def test_a_slope_is_the_steepest_one_times_the_cosine_and_none_across(surface):
    rng = np.random.default_rng(SEED)
    for at, angle in zip(np.transpose(scattered(surface, 30)), rng.uniform(-20, 20, 30), strict=True):
        found = slopes(surface, at, angle)
        size = max(1.0, found.steepest, abs(found.model.height))
        g = np.array(surface.gradient(*map(float, at)))
        assert found.steepest == pytest.approx(np.linalg.norm(g), rel=1e-14)
        assert np.hypot(*found.direction) == pytest.approx(1, rel=1e-15)
        assert found.direction == pytest.approx([math.cos(angle), math.sin(angle)], abs=1e-15)
        assert found.along == pytest.approx(g @ found.direction, abs=1e-14 * size)
        assert found.along == pytest.approx(found.steepest * math.cos(found.angle), abs=1e-13 * size)
        assert found.measured == pytest.approx(found.along, abs=1e-6 * size)
        assert found.on_level == pytest.approx(0, abs=1e-6 * size)
        assert np.hypot(*found.level) == pytest.approx(1, rel=1e-15)
        assert g[0] * found.level[1] - g[1] * found.level[0] == pytest.approx(
            found.steepest, rel=1e-14
        )  # a quarter to the left
        assert -math.pi <= found.angle <= math.pi


@pytest.mark.parametrize(
    ("angle", "along", "away"),
    [(0, 3, 0), (math.pi / 2, 0, math.pi / 2), (-math.pi / 2, 0, -math.pi / 2), (math.pi, -3, math.pi),
     (math.pi / 3, 1.5, math.pi / 3), (2 * math.pi, 3, 0), (13 * math.pi / 2, 0, math.pi / 2)],
)  # fmt: skip
def test_known_slopes_from_a_hillside_that_rises_to_the_east(angle, along, away):
    found = slopes(parse("3x + 0y"), [5, -1], angle)
    assert (found.steepest, found.level.tolist(), found.on_level) == (3, [0, 1], 0)
    assert found.along == pytest.approx(along, abs=1e-14)
    assert found.measured == pytest.approx(along, abs=1e-9)
    assert abs(found.angle) == pytest.approx(abs(away), abs=1e-14)
    assert found.angle == pytest.approx(away, abs=1e-14) or abs(away) == math.pi


@pytest.mark.parametrize("surface", [Quadratic(1.0, 0.0, 4.0), saddle(3), parse("7"), parse("x^4 + y^4")], ids=named)
def test_where_the_ground_is_level_no_way_is_the_steepest(surface):
    found = slopes(surface, [0, 0], 0.7)
    assert (found.along, found.steepest, found.level.tolist()) == (0, 0, [1, 0])
    assert math.isnan(found.angle)
    assert found.measured == pytest.approx(0, abs=1e-9)
    assert found.on_level == pytest.approx(0, abs=1e-9)


def test_where_f_ends_within_the_measurement_only_the_derived_slope_is_known():
    found = slopes(parse("sqrt(x)"), [1e-8, 0], 0.0)
    assert found.along == pytest.approx(0.5e4)
    assert math.isnan(found.measured)
    assert found.on_level == 0


@pytest.mark.parametrize("angle", [math.nan, math.inf, "north"])
def test_a_direction_that_is_no_angle_is_refused(angle):
    with pytest.raises(ValueError, match=r"^the direction is .*\.$"):
        slopes(saddle(3), [1, 2], angle)


# --- how the error falls and rises again


def power(h, errors, low, high):
    """Return with which power of h the errors between two distances grow."""
    part = (low <= h) & (h <= high) & (errors > 0)
    return np.polyfit(np.log(h[part]), np.log(errors[part]), 1)[0]


@pytest.mark.parametrize(
    ("surface", "at", "angle"),
    [
        (parse("sin(x)*exp(y)"), [0.7, 0.2], 0.4),
        (Rosenbrock(), [-0.6, 1.1], 1.0),
        (Plateau(), [0.5, 0.4], 2.2),
        (Himmelblau(), [1, 1], -2),
    ],
    ids=["sine", "rosenbrock", "plateau", "himmelblau"],
)
def test_errors_fall_with_h_and_its_square_and_rise_again_from_1e_8_and_1e_5(surface, at, angle):
    found = difference_errors(surface, at, angle)
    h, forward, central = found.h, found.forward, found.central
    assert power(h, forward, 1e-6, 1e-3) == pytest.approx(1, abs=0.02)
    assert power(h, central, 1e-4, 1e-2) == pytest.approx(2, abs=0.02)
    assert power(h, forward, 1e-14, 1e-10) == pytest.approx(-1, abs=0.3)
    assert power(h, central, 1e-14, 1e-7) == pytest.approx(-1, abs=0.3)
    lowest = [
        np.exp(np.convolve(np.log(np.maximum(e, 1e-300)), np.ones(7) / 7, "valid")).argmin() + 3 for e in (forward, central)
    ]
    assert 1e-9 < h[lowest[0]] < 1e-7
    assert 1e-6 < h[lowest[1]] < 1e-4


def test_errors_of_a_quadratic_surface_are_known_to_the_last_digits():
    found = difference_errors(Quadratic(1.0, 0.0, 4.0), [3, 1], math.pi / 2, 2)
    np.testing.assert_allclose(found.forward, 2 * found.h, rtol=1e-11)
    np.testing.assert_allclose(found.central, 0, atol=1e-12)


@pytest.mark.parametrize("decades", [1, 4, 14, 15])
def test_distances_go_down_from_1_six_to_a_decade(decades):
    found = difference_errors(saddle(3), [1, 2], 0.5, decades)
    assert found.h.shape == found.forward.shape == found.central.shape == (6 * decades + 1,)
    np.testing.assert_allclose(found.h[::6], 10.0 ** -np.arange(decades + 1), rtol=1e-12)
    np.testing.assert_allclose(found.h[1:] / found.h[:-1], 10 ** (-1 / 6), rtol=1e-12)


def test_an_error_is_nan_where_f_ends_before_the_second_point():
    found = difference_errors(parse("log(x)"), [0.05, 0], 0.0)
    assert np.isfinite(found.forward).all()
    np.testing.assert_array_equal(np.isnan(found.central), found.h > 0.05)
    level = difference_errors(parse("7"), [0, 0], 0.0)
    assert not level.forward.any()
    assert not level.central.any()


@pytest.mark.parametrize("decades", [0, 16, 2.5, math.nan])
def test_decades_that_cannot_be_are_refused(decades):
    with pytest.raises(ValueError, match=r"^decades is .*\.$"):
        difference_errors(saddle(3), [1, 2], 0.5, decades)
