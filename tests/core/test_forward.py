"""Forward differentiation against SymPy's derivatives and against central differences."""

import doctest
import itertools
import math

import numpy as np
import pytest
import sympy

from mml_core import forward
from mml_core.expressions import parse

TEXTS = [
    "sin(x)*y^2 + exp(-x^2)",
    "cos(x y) - tan(x/2)*y",
    "log(x + y^2)/sqrt(x)",
    "sinh(x)cosh(y)tanh(x-y)",
    "asin(x/3)acos(y/3) + atan(x y^3)",
    "abs(x - 2y)^3 + abs(sin(5x))",
    "x^y + y^x + 2^(x y) - e^-x",
    "(x + 2y)^-3 x^(1/3) y^pi",
    "(x^2 + y^3)/(1 + exp(x - y))",
    "x/(y/(x + 1/y))",
    "-(x - y)(x + y)/x/y",
    "tanh(3x y)^2 (1 - x)^4 + 7",
    "100(y - x^2)^2 + (1 - x)^2",
    "sqrt(1 + log(1 + x^2 y^2))^5",
    "x",
    "y^1",
    "3",
    "x^0 y",
]
POINTS = np.random.default_rng(0).uniform(0.3, 1.4, size=(12, 2))


def in_sympy(tree):
    """Return our tree as SymPy's own functions, built apart from `formulas`."""
    if isinstance(tree, forward.Variable):
        return sympy.Symbol(tree.name, real=True)
    if isinstance(tree, forward.Number):
        return sympy.Float(tree.value, 40)
    u, *v = map(in_sympy, tree.arguments)
    arithmetic = {"+": u.__add__, "-": u.__sub__, "*": u.__mul__, "/": u.__truediv__, "^": u.__pow__}
    if tree.operation in arithmetic:
        return arithmetic[tree.operation](*v)
    return -u if tree.operation == "negative" else getattr(sympy, tree.operation.replace("abs", "Abs"))(u)


def numbers(f, x, y):
    """Return f, f_x, f_y, f_xx, f_xy, f_yy."""
    (xx, xy), (yx, yy) = f.hessian(x, y)
    assert np.array_equal(xy, yx, equal_nan=True)
    return [f.value(x, y), *f.gradient(x, y), xx, xy, yy]


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(forward).failed == 0


@pytest.mark.parametrize("text", TEXTS)
def test_derivatives_are_those_of_sympy(text):
    f = parse(text)
    x, y = sympy.symbols("x y", real=True)
    g = in_sympy(f.tree)
    asked = [g, g.diff(x), g.diff(y), g.diff(x, x), g.diff(x, y), g.diff(y, y)]
    asked = [h.replace(sympy.DiracDelta, lambda *_: sympy.Integer(0)) for h in asked]
    computed = sympy.lambdify((x, y), asked, "mpmath")
    for a, b in POINTS:
        expected = [float(value) for value in computed(a, b)]
        np.testing.assert_allclose(numbers(f, a, b), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("text", TEXTS)
def test_derivatives_are_near_central_differences(text):
    f, h = parse(text), 1e-5
    for x, y in POINTS:
        dx = (f.value(x + h, y) - f.value(x - h, y)) / (2 * h)
        dy = (f.value(x, y + h) - f.value(x, y - h)) / (2 * h)
        assert f.gradient(x, y) == pytest.approx((dx, dy), rel=1e-6, abs=1e-6)
        rows = [(np.array(f.gradient(x + s, y + t)) - f.gradient(x - s, y - t)) / (2 * h) for s, t in ((h, 0), (0, h))]
        np.testing.assert_allclose(f.hessian(x, y), rows, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("text", TEXTS)
def test_arrays_and_floats_agree(text):
    f = parse(text)
    arrays = numbers(f, POINTS[:, 0], POINTS[:, 1])
    for i, (x, y) in enumerate(POINTS):
        np.testing.assert_allclose(numbers(f, x, y), [array[i] for array in arrays], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("text", TEXTS)
def test_a_lower_order_gives_the_same_numbers(text):
    tree = parse(text).tree
    for x, y in ((0.5, 0.7), (POINTS[:, 0], POINTS[:, 1])):
        full = forward.walk(tree, x, y, 2).parts()
        for order, n in ((0, 1), (1, 3)):
            np.testing.assert_array_equal(forward.walk(tree, x, y, order).parts(order), full[:n])


def test_a_jet_of_numbers_is_that_of_the_product_and_the_quotient():
    u, v = forward.Jet(2.0, 3.0, 5.0, 7.0, 11.0, 13.0), forward.Jet(4.0, 1.0, -2.0, 3.0, 0.5, -1.0)
    assert forward.product_rule(u, v, 2) == forward.Jet(8.0, 14.0, 16.0, 40.0, 44.0, 30.0)
    back = forward.quotient_rule(forward.product_rule(u, v, 2), v, 2)
    assert back.parts() == pytest.approx(u.parts(), rel=1e-15)


@pytest.mark.parametrize(
    ("text", "x", "slope", "bend"),
    [
        ("abs(x)", 0.0, 0, 0),
        ("abs(x)", -2.0, -1, 0),
        ("sqrt(x)", 0.0, math.inf, -math.inf),
        ("x^(1/3)", 0.0, math.inf, -math.inf),
        ("x^1", 0.0, 1, 0),
        ("x^2", 0.0, 0, 2),
        ("x^1.5", 0.0, 0, math.inf),
        ("x^0", 0.0, 0, 0),
        ("asin(x)", 1.0, math.inf, math.inf),
        ("log(x)", -1.0, math.nan, math.nan),
        ("log(x)", 0.0, math.inf, -math.inf),
        ("sqrt(x^2)", 0.0, math.nan, math.nan),
        ("tanh(x)", 1000.0, 0, 0),
        ("exp(-1/x^2)", 0.0, math.nan, math.nan),
    ],
)
def test_kinks_and_edges(text, x, slope, bend):
    f = parse(text)
    for point in (x, np.array([x])):
        found = f.gradient(point, 1.0)[0], f.hessian(point, 1.0)[0][0]
        np.testing.assert_array_equal(np.ravel(found), [slope, bend])


def test_what_does_not_depend_on_y_has_slope_zero_in_y_even_where_its_own_is_infinite():
    f = parse("sqrt(x) + 2")
    assert f.gradient(0.0, 3.0) == (math.inf, 0.0)
    assert f.hessian(0.0, 3.0) == ((-math.inf, 0.0), (0.0, 0.0))
    assert [array.tolist() for array in f.gradient(np.zeros(2), 3.0)] == [[math.inf] * 2, [0.0] * 2]


@pytest.mark.parametrize("name", forward.FUNCTIONS)
def test_each_function_has_its_slope_and_bend(name):
    rule = forward.FUNCTIONS[name]
    for u in (0.15, 0.4, 0.75):
        v = rule.f(math, u)
        near = [rule.f(math, u + h) for h in (-1e-5, 1e-5)]
        slopes = [rule.slope(math, u + h, w) for h, w in zip((-1e-5, 1e-5), near, strict=True)]
        assert rule.slope(math, u, v) == pytest.approx((near[1] - near[0]) / 2e-5, rel=1e-8)
        assert rule.bend(math, u, v) == pytest.approx((slopes[1] - slopes[0]) / 2e-5, rel=1e-8, abs=1e-8)


def test_a_step_of_a_descent_calls_numpy_for_nothing(monkeypatch):
    for name in ("sin", "exp", "pow", "asarray", "errstate", "float64"):
        monkeypatch.setattr(np, name, lambda *_: pytest.fail("NumPy is slow on a single number"))
    for x, y in itertools.product((-1.0, 0.5), (0.0, 2.0)):
        assert parse("sin(x)*y^2 + exp(-x^2)").gradient(x, y)[1] == pytest.approx(2 * y * math.sin(x))
