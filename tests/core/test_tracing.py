"""Forward differentiation step by step: the parts, in an order in which each comes after its own parts."""

import numpy as np
import pytest
from conftest import SEED

from mml_core.expressions import parse
from mml_core.tracing import spelt, trace

TEXTS = [
    "sin(x)*y^2 + exp(-x^2)",
    "-x^2",
    "(x - y)/(1 + x^2)",
    "x - (y - 1) - 2",
    "x/(y/2)/3",
    "(x^2)^3",
    "2^-x",
    "(-x)^2",
    "2*3*x",
    "x*(y + 1)*sqrt(x^2 + 1)",
    "pi*x + e",
    "-(x + y)",
]


@pytest.mark.parametrize("text", TEXTS)
def test_the_last_step_is_the_function_with_its_gradient(text):
    f = parse(text)
    last = trace(f, 0.7, -1.3)[-1]
    assert last.value == f.value(0.7, -1.3)
    assert (last.x, last.y) == f.gradient(0.7, -1.3)


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_spelt_reads_back_as_the_same_function(text):
    f = parse(text)
    again = parse(spelt(f.tree))
    x, y = np.random.default_rng(SEED).uniform(0.1, 2, (2, 50))
    np.testing.assert_allclose(again.value(x, y), f.value(x, y), rtol=1e-12)


@pytest.mark.parametrize("text", TEXTS)
def test_every_part_is_a_function_whose_slopes_are_right_and_comes_once(text):
    steps = trace(parse(text), 0.7, 1.1)
    assert len({step.part for step in steps}) == len(steps)
    for step in steps:
        part = parse(step.part)
        assert part.value(0.7, 1.1) == pytest.approx(step.value, rel=1e-12)
        assert part.gradient(0.7, 1.1) == pytest.approx((step.x, step.y), rel=1e-12, abs=1e-15)


def test_each_operation_names_its_rule():
    rules = {step.part: step.rule for step in trace(parse("2x*y + sin(x)/y"), 1.0, 2.0)}
    assert rules["x"] == "a variable: slope 1 in itself"
    assert rules["2 x"] == "constant factor"
    assert rules["2 x y"] == "product: u′ v + u v′"
    assert rules["sin(x)"] == "chain: f′(u) u′"
    assert rules["sin(x)/y"] == "quotient: (u′ − (u/v) v′) / v"
    assert rules["2 x y + sin(x)/y"] == "sum: slopes add up"


def test_a_long_function_ends_with_itself():
    f = parse("+".join(f"x^{k}" for k in range(2, 20)))
    steps = trace(f, 1.0, 0.0, most=5)
    assert len(steps) == 5
    assert steps[-1].value == 18.0


def test_a_constant_has_no_steps_and_what_has_no_value_is_nan():
    assert trace(parse("2 + 3"), 1.0, 1.0) == ()
    assert np.isnan(trace(parse("log(x)"), -1.0, 0.0)[-1].value)
