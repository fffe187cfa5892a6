"""Taylor coefficients against derivatives in 50 digits, known series and the functions themselves."""

import doctest
import math
import warnings

import mpmath
import numpy as np
import pytest

from mml_core import taylor as tay
from mml_core.expressions import parse
from mml_core.forward import Number, Variable

PLANE = [
    ("sin(x)*y^2 + exp(-x^2)", (0.3, -1.2)),
    ("cos(x y) - tan(x)*y", (0.5, 0.7)),
    ("log(x + y^2)/sqrt(x)", (0.8, 1.1)),
    ("sinh(x)cosh(y) - tanh(x - y)", (0.4, -0.3)),
    ("asin(x/2)acos(y/3) + atan(x y)", (0.6, -0.9)),
    ("abs(x - 2y)^3", (0.1, 0.9)),
    ("x^y + 2^(x y) - e^-x", (1.3, 0.6)),
    ("(x + 2y)^-3 x^(1/3) + (y - 2)^-3", (0.9, 1.2)),
    ("1/(1 + x^2 + y^2)", (0.0, 0.0)),
    ("x y/(x - y)", (2.0, -1.0)),
    ("(x + y)^3 x^0 - 7", (0.0, 0.0)),
]
LINE = {
    "exp(x)": [1 / math.factorial(k) for k in range(21)],
    "sin(x)": [(0, 1, 0, -1)[k % 4] / math.factorial(k) for k in range(21)],
    "cos(x)": [(1, 0, -1, 0)[k % 4] / math.factorial(k) for k in range(21)],
    "sinh(x)": [k % 2 / math.factorial(k) for k in range(21)],
    "cosh(x)": [(k + 1) % 2 / math.factorial(k) for k in range(21)],
    "1/(1-x)": [1] * 21,
    "log(1+x)": [0, *((-1) ** (k + 1) / k for k in range(1, 21))],
    "atan(x)": [(0, 1, 0, -1)[k % 4] / max(k, 1) for k in range(21)],
    "x^20 - 3x^7": [-3.0 * (k == 7) + (k == 20) for k in range(21)],
    "sqrt(1+x)": [float(mpmath.binomial(0.5, k)) for k in range(21)],
    "(1+x)^-2": [(-1) ** k * (k + 1) for k in range(21)],
}


def in_mpmath(tree, x, y):
    """Return the value of our tree in as many digits as mpmath works with."""
    if isinstance(tree, Variable):
        return x if tree.name == "x" else y
    if isinstance(tree, Number):
        return mpmath.mpf(tree.value)
    u, *v = (in_mpmath(part, x, y) for part in tree.arguments)
    arithmetic = {"+": "__add__", "-": "__sub__", "*": "__mul__", "/": "__truediv__", "^": "__pow__", "negative": "__neg__"}
    if tree.operation in arithmetic:
        return getattr(u, arithmetic[tree.operation])(*v)
    return abs(u) if tree.operation == "abs" else getattr(mpmath, tree.operation)(u)


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(tay).failed == 0


@pytest.mark.parametrize(("text", "at"), PLANE)
def test_coefficients_are_derivatives_over_factorials(text, at):
    f = parse(text)
    found = tay.taylor(f, at, 4)
    assert found.at.tolist() == list(at)
    with mpmath.workdps(50):
        for i in range(5):
            for j in range(5 - i):
                slope = mpmath.diff(lambda x, y: in_mpmath(f.tree, x, y), tuple(map(mpmath.mpf, at)), (i, j))
                expected = float(slope / (math.factorial(i) * math.factorial(j)))
                assert found.coefficients[i, j] == pytest.approx(expected, rel=1e-10, abs=1e-12)
    assert not found.coefficients[np.add.outer(range(5), range(5)) > 4].any()


@pytest.mark.parametrize(("text", "at"), PLANE)
def test_a_polynomial_of_order_20_is_the_function_nearby(text, at):
    f, x, y = parse(text), at[0] + 0.02, at[1] - 0.03
    assert tay.taylor(f, at, 20).value(x, y) == pytest.approx(f.value(x, y), rel=1e-13, abs=1e-13)


@pytest.mark.parametrize(("text", "at"), PLANE)
def test_orders_0_1_and_2_are_value_gradient_and_hessian(text, at):
    f = parse(text)
    c = tay.taylor(f, at, 2).coefficients
    (xx, xy), (_, yy) = f.hessian(*at)
    expected = [[f.value(*at), f.gradient(*at)[1], yy / 2], [f.gradient(*at)[0], xy, 0], [xx / 2, 0, 0]]
    np.testing.assert_allclose(c, expected, rtol=1e-13, atol=1e-14)
    for order in (0, 1):
        np.testing.assert_allclose(tay.taylor(f, at, order).coefficients, tay._cut_off(c[: order + 1, : order + 1]), atol=1e-13)


@pytest.mark.parametrize("text", LINE)
def test_known_series(text):
    np.testing.assert_allclose(tay.taylor_line(parse(text), 0, 20), LINE[text], rtol=1e-13, atol=1e-18)


@pytest.mark.parametrize("text", ["asin(x)", "acos(x)", "tan(x)", "tanh(x)", "atan(x)", "sqrt(x)", "log(x)", "x^x", "x^-1.5"])
@pytest.mark.parametrize("at", [0.2, 0.7])
def test_series_on_a_line_agree_with_mpmath(text, at):
    f = parse(text)
    with mpmath.workdps(60):
        expected = mpmath.taylor(lambda x: in_mpmath(f.tree, x, mpmath.mpf(0)), mpmath.mpf(at), 12)
    np.testing.assert_allclose(tay.taylor_line(f, at, 12), [float(c) for c in expected], rtol=1e-9, atol=1e-12)


def test_a_value_takes_floats_and_arrays_and_fewer_terms():
    found = tay.taylor(parse("1 + 2(x-1) + 3(y-2) + 5(x-1)(y-2) + 7(x-1)^2"), (1, 2), 3)
    assert type(found.value(2.0, 4.0)) is float
    assert [found.value(2.0, 4.0, order) for order in (0, 1, 2, 3, None)] == [1, 9, 26, 26, 26]
    assert found.value(np.ones((3, 1)), np.zeros(4)).shape == (3, 4)
    assert found.value(np.array([2.0]), 4.0).tolist() == [26]
    with pytest.raises(ValueError, match="order is 4; it must lie between 0 and 3"):
        found.value(1, 1, 4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("abs(x)", r"abs\(u\) has no Taylor polynomial where u = 0; choose another point"),
        ("log(x)", r"log\(u\) has no"),
        ("log(x - 1)", "where u = -1"),
        ("sqrt(x)", r"sqrt\(u\) has no"),
        ("1/x", "1 / u has no"),
        ("x^-2", r"u\^-2 has no"),
        ("x^0.5", r"u\^0.5 has no"),
        ("(x-2)^(1/3)", "where u = -2"),
        ("asin(x + 1)", r"asin\(u\) has no"),
        ("acos(x - 3)", r"acos\(u\) has no"),
        ("x^x", r"log\(u\) has no"),
        ("exp(1000 + x)", "The coefficients exceed every number"),
        ("y x", "contains y; on a line"),
        ("2 + sin(y)", "contains y; on a line"),
    ],
)
def test_what_cannot_be_expanded_ends_in_a_sentence(text, words):
    warnings.simplefilter("error")  # pytest puts the filters back
    with pytest.raises(ValueError, match=words) as problem:
        tay.taylor_line(parse(text), 0, 5)
    assert str(problem.value).endswith(".")


@pytest.mark.parametrize(
    ("at", "order", "words"),
    [
        ((0, math.nan), 3, "the point has nan"),
        ((0,), 3, "the point has shape 1"),
        ((0, 0), 21, "order is 21; it must lie between 0 and 20"),
        ((0, 0), -1, "order is -1"),
        ((0, 0), 2.5, "it must be a whole number"),
    ],
)
def test_a_wrong_point_or_order_ends_in_a_sentence(at, order, words):
    with pytest.raises(ValueError, match=words):
        tay.taylor(parse("x"), at, order)


def test_two_functions_multiply_and_compose_as_series_do():
    at = (0.4, -0.2)
    a, b = (tay.taylor(parse(text), at, 12).coefficients for text in ("sin(x) + y", "exp(x y)"))
    both = tay.taylor(parse("(sin(x) + y)*exp(x y)"), at, 12).coefficients
    np.testing.assert_allclose(tay._series_product(a, b), both, rtol=1e-12, atol=1e-15)
    one = tay.taylor(parse("tan(atan(x + y)) - sin(asin(x)) + exp(log(1 + y)) - x^2/x"), at, 12).coefficients
    expected = np.zeros((13, 13))
    expected[0, 0], expected[0, 1], expected[1, 0] = 1 + at[0] + 2 * at[1] - 2 * at[0], 2, -1
    np.testing.assert_allclose(one, expected, atol=1e-9)
