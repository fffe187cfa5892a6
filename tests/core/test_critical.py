"""Level points of a surface: how many, where and what, against SymPy, brackets of roots and how the gradient winds."""

import doctest
import itertools
import math
import warnings
from collections import Counter

import numpy as np
import pytest
import sympy
from conftest import SEED
from scipy import optimize

from mml_core import critical
from mml_core.critical import critical_points
from mml_core.expressions import parse
from mml_core.heights import Surface
from mml_core.surfaces import (
    Beale,
    Himmelblau,
    Plateau,
    Rastrigin,
    Ravine,
    Rosenbrock,
    bowl,
    least_squares,
    saddle,
    terrain,
    two_valleys,
)

SQUARE = (-3.0, 3.0, -3.0, 3.0)
FORMULAS = {
    Rosenbrock(): "(1 - x)**2 + 100*(y - x**2)**2",
    Himmelblau(): "(x**2 + y - 11)**2 + (x + y**2 - 7)**2",
    Beale(): "(3/2 - x + x*y)**2 + (9/4 - x + x*y**2)**2 + (21/8 - x + x*y**3)**2",
}


def named(surface):
    return type(surface).__name__


class Cliff(Surface):
    """f = x log x + y^2, which NumPy warns about left of 0."""

    def value(self, x, y):
        return x * np.log(x) + y * y

    def gradient(self, x, y):
        return np.log(x) + 1.0, 2.0 * y

    def hessian(self, x, y):
        return (1.0 / x, 0.0 * x), (0.0 * x, 2.0 + 0.0 * x)


def level_by_sympy(formula):
    """Return all real points where a polynomial's gradient is zero: one variable eliminated, then roots to 30 digits."""
    x, y = sympy.symbols("x y")
    f = sympy.sympify(formula, rational=True)
    fx, fy = f.diff(x), f.diff(y)
    pairs = [
        (a, b)
        for b in sympy.Poly(sympy.resultant(fx, fy, x), y).sqf_part().nroots(n=30, maxsteps=500)
        for a in sympy.Poly(fy.subs(y, b), x).nroots(n=30, maxsteps=500)
        if abs(sympy.im(a)) + abs(sympy.im(b)) < 1e-9
    ]
    return [(float(sympy.re(a)), float(sympy.re(b))) for a, b in pairs if abs(fx.subs({x: a, y: b}).evalf(30)) < 1e-9]


def winding(surface, window, n=320):
    """Return which cells of a grid the gradient winds round, as rows (x, y, 1 at an extremum or -1 at a saddle)."""
    left, right, bottom, top = window
    x, y = np.meshgrid(np.linspace(left, right, n + 1), np.linspace(bottom, top, n + 1))
    angle = np.arctan2(*surface.gradient(x, y)[::-1])
    round_trip = [angle[:-1, :-1], angle[:-1, 1:], angle[1:, 1:], angle[1:, :-1]]
    turns = sum((b - a + math.pi) % (2 * math.pi) - math.pi for a, b in itertools.pairwise([*round_trip, round_trip[0]]))
    index = np.rint(turns / (2 * math.pi))
    i, j = np.nonzero(index)
    return np.column_stack([(x[i, j] + x[i + 1, j + 1]) / 2, (y[i, j] + y[i + 1, j + 1]) / 2, index[i, j]])


def check(surface, window, found):
    """Assert what holds of every answer."""
    n = len(found.points)
    assert found.points.shape == found.eigenvalues.shape == (n, 2)
    assert found.values.shape == (n,)
    assert len(found.kinds) == n
    left, right, bottom, top = window
    assert all(left <= x <= right and bottom <= y <= top for x, y in found.points)
    np.testing.assert_array_equal(found.values, np.sort(found.values))
    for (x, y), value, bends in zip(found.points.tolist(), found.values, found.eigenvalues, strict=True):
        assert value == pytest.approx(surface.value(x, y), rel=1e-12, abs=1e-12)
        H = np.array(surface.hessian(x, y))
        np.testing.assert_allclose(bends, np.linalg.eigvalsh(H), rtol=1e-12, atol=1e-12 * np.abs(H).max())
        assert np.hypot(*surface.gradient(x, y)) <= 1e-6 * max(1.0, np.abs(H).max())


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(critical).failed == 0


# --- known answers


@pytest.mark.parametrize(
    ("surface", "points", "kinds"),
    [
        (Rosenbrock(), [(1, 1)], {"minimum": 1}),
        (Beale(), [(3, 0.5), (0.100537937, -2.644513585), (0, 1)], {"minimum": 1, "saddle": 2}),
        (Ravine(), [(0, 0)], {"minimum": 1}),
        (Plateau(), [(0, 0)], {"minimum": 1}),
        *((bowl(k, t), [(0, 0)], {"minimum": 1}) for k, t in ((1, 0), (4, 0.5), (100, -2), (1e4, 1))),
        *((saddle(c), [(0, 0)], {"minimum": 1} if abs(c) < 2 else {"saddle": 1}) for c in (-3, -1, 0, 1.9, 2.1, 3, 50)),
        (parse("-x^2 - 3y^2 + x*y"), [(0, 0)], {"maximum": 1}),
        (parse("exp(-x^2 - y^2)"), [(0, 0)], {"maximum": 1}),
        (parse("(x^2 + y^2) exp(x)"), [(0, 0), (-2, 0)], {"minimum": 1, "saddle": 1}),
        (parse("x^3 - 3x + y^2"), [(1, 0), (-1, 0)], {"minimum": 1, "saddle": 1}),
    ],
    ids=lambda v: named(v) if isinstance(v, Surface) else None,
)
def test_known_level_points_and_their_kinds(surface, points, kinds):
    window = getattr(surface, "window", SQUARE)
    found = critical_points(surface, window)
    check(surface, window, found)
    assert Counter(found.kinds) == kinds
    assert found.note == ""
    np.testing.assert_allclose(found.points, points, atol=1e-6)


@pytest.mark.parametrize(("surface", "formula"), FORMULAS.items(), ids=lambda v: named(v) if isinstance(v, Surface) else "")
def test_the_level_points_are_all_that_sympy_finds_and_no_others(surface, formula):
    wanted = np.array(level_by_sympy(formula))
    wanted = wanted[np.abs(wanted).max(axis=1) < 4.5]
    assert len(wanted) == {"Rosenbrock": 1, "Himmelblau": 9, "Beale": 3}[named(surface)]
    found = critical_points(surface, surface.window)
    assert len(found.points) == len(wanted)
    for p in wanted:
        assert np.hypot(*(found.points - p).T).min() < 1e-6


def test_himmelblau_has_four_minima_four_saddles_and_one_maximum_with_the_known_heights():
    found = critical_points(Himmelblau(), Himmelblau().window)
    check(Himmelblau(), Himmelblau().window, found)
    assert found.kinds == ("minimum",) * 4 + ("saddle",) * 4 + ("maximum",)
    np.testing.assert_allclose(found.values[:4], 0, atol=1e-20)
    assert found.values[4:] == pytest.approx([13.3119, 67.7192, 104.0152, 178.3372, 181.6165], abs=1e-4)
    np.testing.assert_allclose(found.points[-1], [-0.270845, -0.923039], atol=1e-6)


def test_rastrigins_dents_are_a_grid_of_minima_maxima_and_saddles():
    edges = np.arange(-3.2, 3.2001, 0.05)
    slope = lambda t: 2 * t + 20 * math.pi * math.sin(2 * math.pi * t)  # noqa: E731
    roots = [optimize.brentq(slope, a, b) for a, b in itertools.pairwise(edges) if slope(a) * slope(b) < 0]
    found = critical_points(Rastrigin(), Rastrigin().window)
    check(Rastrigin(), Rastrigin().window, found)
    assert Counter(found.kinds) == {"minimum": 49, "maximum": 36, "saddle": 84}
    wanted = np.array(list(itertools.product(roots, roots)))
    assert len(wanted) == 169
    assert max(np.hypot(*(found.points - p).T).min() for p in wanted) < 1e-9
    assert found.points[0].tolist() == [0, 0]


@pytest.mark.parametrize("seed", range(15))
def test_between_two_valleys_lies_one_pass(seed):
    surface = two_valleys(seed)
    found = critical_points(surface, surface.window)
    check(surface, surface.window, found)
    assert found.kinds == ("minimum", "minimum", "saddle")
    near = [np.hypot(*(np.array(v[:2]) - p)) for v, p in zip(surface.valleys, found.points, strict=False)]
    assert max(near) < 0.45  # the deep valley's minimum comes first


def test_the_best_line_is_the_only_level_point_of_its_loss():
    rng = np.random.default_rng(SEED)
    for _ in range(8):
        t, h = rng.normal(size=(2, 12))
        best = np.linalg.lstsq(np.column_stack([t, np.ones(12)]), h)[0]
        found = critical_points(least_squares(np.column_stack([t, h])), SQUARE)
        assert found.kinds == ("minimum",)
        np.testing.assert_allclose(found.points, [best], atol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_a_terrain_has_a_level_point_wherever_its_gradient_winds_round_and_nowhere_else(seed):
    surface = terrain(np.random.default_rng(seed).random((12, 12)), smoothing=1.0)
    inner = (-2.97, 2.97, -2.97, 2.97)
    found = critical_points(surface, inner)
    check(surface, inner, found)
    around = winding(surface, inner)
    kinds = np.array([-1 if kind == "saddle" else 1 for kind in found.kinds])
    assert len(around) == len(found.points) > 8
    for x, y, index in around:
        distance = np.hypot(found.points[:, 0] - x, found.points[:, 1] - y)
        assert distance.min() < 0.03
        assert kinds[distance.argmin()] == index
    values = dict.fromkeys(("minimum", "maximum"), 0)
    ring = 0.01 * np.exp(1j * np.linspace(0, 2 * math.pi, 24, endpoint=False))
    for (x, y), f, kind in zip(found.points, found.values, found.kinds, strict=True):
        higher = surface.value(x + ring.real, y + ring.imag) > f
        assert kind == ("minimum" if higher.all() else "saddle" if higher.any() else "maximum")
        values[kind] = values.get(kind, 0) + 1
    assert values["minimum"] > 0 < values["maximum"]


@pytest.mark.parametrize("n_starts", [3, 5, 10, 90])
def test_how_many_starts_there_are_hardly_matters_where_points_are_far_apart(n_starts):
    found = critical_points(Himmelblau(), Himmelblau().window, n_starts)
    assert Counter(found.kinds) == {"minimum": 4, "saddle": 4, "maximum": 1}


@pytest.mark.parametrize(
    ("window", "count"),
    [((-5.5, 5.5, -5.5, 5.5), 9), ((0, 5, 0, 5), 3), ((2.9, 3.1, 1.9, 2.1), 1), ((4, 5, 4, 5), 0), ((-20, 20, -20, 20), 9)],
)
def test_only_points_inside_the_window_count(window, count):
    found = critical_points(Himmelblau(), window)
    check(Himmelblau(), window, found)
    assert len(found.points) == count


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1e6, 1e12])
def test_neither_heights_nor_places_need_be_of_ordinary_size(scale):
    high = critical_points(parse(f"{scale}*(x^2 - 3y^2 + x*y)"), SQUARE)
    assert high.kinds == ("saddle",)
    np.testing.assert_allclose(high.points, 0, atol=1e-12)
    wide = critical_points(parse(f"(x/{scale} - 0.5)^2 + (y/{scale})^4/4 - (y/{scale})^2/2"), [scale * side for side in SQUARE])
    assert wide.kinds == ("minimum", "minimum", "saddle")
    np.testing.assert_allclose(wide.points / scale, [[0.5, -1], [0.5, 1], [0.5, 0]], atol=1e-6)


def test_a_minimum_on_the_windows_edge_or_corner_counts():
    for window in ((0, 3, 0, 3), (-3, 0, -3, 0), (0, 1, -1, 1), (-1, 0, 0, 7)):
        assert critical_points(parse("x^2 + 2y^2 - x*y"), window).kinds == ("minimum",)


# --- where the Hessian says nothing


OPEN = "a Hessian of rounding decides instead of the values around"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("x^3 - 3x*y^2", "saddle"),  # the monkey saddle
        ("x^4 + y^4", "minimum"),
        ("-(x^4 + y^4)", "maximum"),
        ("x^4 - y^4", "saddle"),
        ("x^4 + y^2", "minimum"),
        ("-x^2 - y^4", "maximum"),
        ("x^4 - y^2", "saddle"),
        ("x^3 + y^2", "saddle"),
        ("x^4 + x^2*y^2 + y^4", "minimum"),
        ("x^2*y", "saddle"),
        ("x^3 + y^3", "saddle"),
        ("x^5 + y^5", "saddle"),
        ("x^6 + y^6", "minimum"),
    ],
)
def test_where_an_eigenvalue_is_zero_the_values_around_decide(text, kind):
    found = critical_points(parse(text), SQUARE)
    check(parse(text), SQUARE, found)
    assert found.kinds[:1] == (kind,)
    np.testing.assert_allclose(found.points[0], 0, atol=0.01)
    if text != "x^2*y":  # the line x = 0 is level besides
        assert (len(found.points), found.note) == (1, "")


def test_one_degenerate_minimum_is_found_once_wherever_the_starts_lie():
    found = critical_points(parse("x^4 + y^4"), (-0.46, 39.54, -20, 20))  # a column of starts on x = 0
    assert found.kinds == ("minimum",)


def test_a_degenerate_minimum_next_to_a_hole_is_still_one():
    assert critical_points(parse("(x - 0.02)^4 + y^2 + 0 log(x)"), SQUARE).kinds == ("minimum",)


@pytest.mark.parametrize(
    ("f", "kinds", "level"),
    [
        (parse("x^2"), {"flat", "minimum"}, lambda x, y: x),
        (parse("-(x - y)^2"), {"flat", "maximum"}, lambda x, y: x - y),
        (parse("(y - x^2)^2"), {"flat", "minimum"}, lambda x, y: y - x * x),
        (parse("x^3"), {"saddle"}, lambda x, y: x),
        (saddle(2), {"flat", "minimum"}, lambda x, y: x - y),
        (parse("sin(x^2 + y^2)"), {"flat", "maximum", "minimum"}, lambda x, y: math.cos(x * x + y * y)),
        (least_squares([[2, 1], [2, 5]]), {"flat", "minimum"}, lambda w, b: 2 * w + b - 3),
    ],
    ids=["trough", "ridge", "curve", "step", "saddle(2)", "rings", "one place"],
)
def test_of_a_whole_line_of_level_points_one_is_marked_and_a_note_says_so(f, kinds, level):
    found = critical_points(f, SQUARE)
    check(f, SQUARE, found)
    assert found.note == "There is a whole line or area of level points; one of them is marked."
    marked = [(p, kind) for p, kind, e in zip(found.points, found.kinds, found.eigenvalues, strict=True) if np.prod(e) < 1e-6]
    assert any(kind in kinds and abs(level(*p)) < 1e-6 for p, kind in marked)


def test_where_two_level_lines_cross_nothing_is_called_a_saddle_that_is_none():
    found = critical_points(parse("x^2*y^2"), SQUARE)
    assert "saddle" not in found.kinds
    assert found.note != ""


@pytest.mark.parametrize("text", ["0*x", "7", "x - x"])
def test_a_level_plain_is_flat_and_a_note_says_so(text):
    found = critical_points(parse(text), SQUARE)
    assert found.kinds == ("flat",)
    assert found.note != ""


def test_a_plain_around_a_pit_is_told_from_the_pit():
    found = critical_points(Plateau(), (-12, 12, -12, 12))
    assert (found.kinds, found.note) == (("minimum",), "")
    np.testing.assert_allclose(found.points, 0, atol=1e-9)


# --- where there are none


@pytest.mark.parametrize(
    "text",
    ["1/x", "log(x)", "sqrt(x)", "x + y", "atan(x) + atan(y)", "sqrt(x^2 + y^2)", "1/(x^2 + y^2)", "log(x^2 + y^2)",
     "asin(x*y/20) + x", "x^0.5 y^0.5 + 3x", "exp(x)", "1/x + 1/y", "abs(x) + 2y", "tan(x) + y"],
)  # fmt: skip
def test_a_surface_without_a_level_point_has_none_and_no_hole_in_it_warns(text):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = critical_points(parse(text), SQUARE)
    check(parse(text), SQUARE, found)
    assert (found.points.shape, found.values.shape, found.eigenvalues.shape) == ((0, 2), (0,), (0, 2))
    assert (found.kinds, found.note) == ((), "")


@pytest.mark.parametrize(
    ("f", "points", "kinds"),
    [
        (Cliff(), [(1 / math.e, 0)], ("minimum",)),
        (parse("x log(x) + y log(y)"), [(1 / math.e, 1 / math.e)], ("minimum",)),
        (parse("log(x) - x - y^2"), [(1, 0)], ("maximum",)),
        (parse("x + 1/x + y^2"), [(-1, 0), (1, 0)], ("saddle", "minimum")),
        (parse("sqrt(1 - x^2 - y^2)"), [(0, 0)], ("maximum",)),
        (parse("x^2 + y^2 + 0 log(x + 1)"), [(0, 0)], ("minimum",)),
    ],
    ids=["cliff", "two cliffs", "log", "pole", "dome", "half"],
)
def test_beside_holes_and_poles_level_points_are_found_without_a_warning(f, points, kinds):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = critical_points(f, SQUARE)
    check(f, SQUARE, found)
    assert found.kinds == kinds
    np.testing.assert_allclose(found.points, points, atol=1e-6)


# --- what is refused


@pytest.mark.parametrize(
    ("window", "n_starts", "sentence"),
    [
        ((1, 1, 0, 1), 40, r"^the window is empty; give left < right and bottom < top\.$"),
        ((0, 1, 2, 1), 40, r"^the window is empty; .*\.$"),
        ((0, 1, 2), 40, r"^the window has shape 3; .*\.$"),
        ((0, 1, 0, math.nan), 40, r"^the window has nan in entry 4; .*\.$"),
        (SQUARE, 1, r"^n_starts is 1; it must lie between 2 and 200\.$"),
        (SQUARE, 201, r"^n_starts is 201; .*\.$"),
        (SQUARE, 2.5, r"^n_starts is 2\.5; it must be a whole number\.$"),
    ],
)
def test_an_empty_window_or_no_starts_are_refused(window, n_starts, sentence):
    with pytest.raises(ValueError, match=sentence):
        critical_points(saddle(3), window, n_starts)
