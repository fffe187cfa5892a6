"""Backpropagation as a calculation by hand: a net worked by hand, the order of the lines, and numbers in LaTeX."""

import doctest
import math

import numpy as np
import pytest
from core.test_backprop import KINDS, LAYERS, by_hand, problem

from mml_core import hand_calculation
from mml_core.hand_calculation import forward_story
from mml_core.neural_net import Network, backpropagate


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(hand_calculation).failed == 0


def test_the_story_of_the_net_worked_by_hand():
    assert [moment.latex for moment in forward_story(*by_hand(), 0)] == [
        r"z^{(1)}_{1} = 0.2747 \cdot 2 + 0 = 0.5493",
        r"a^{(1)}_{1} = \tanh(0.5493) = 0.5",
        r"z^{(1)}_{2} = 0 \cdot 2 - 0.6931 = -0.6931",
        r"a^{(1)}_{2} = \tanh(-0.6931) = -0.6",
        r"z^{(2)}_{1} = 2 \cdot 0.5 + 3 \cdot (-0.6) + 0.3 = -0.5",
        r"a^{(2)}_{1} = z^{(2)}_{1} = -0.5",
        r"L = \frac{1}{2} (-0.5 - 0.5)^2 = 0.5",
        r"\delta^{(2)}_{1} = (-0.5 - 0.5) \cdot 1 = -1",
        r"\delta^{(1)}_{1} = (2 \cdot (-1)) \cdot 0.75 = -1.5",
        r"\delta^{(1)}_{2} = (3 \cdot (-1)) \cdot 0.64 = -1.92",
    ]


@pytest.mark.parametrize("layers", LAYERS)
@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_the_story_tells_what_the_network_does_in_an_order_in_which_one_can(layers, kind):
    net, X, y = problem(layers, kind)
    found, story = backpropagate(net, X[2:3], y[2:3]), forward_story(net, X, y, 2)
    values = {"z": found.passed.z, "a": found.passed.a[1:], "delta": found.deltas}
    known = set()
    for moment in story:
        layer, neuron = moment.layer, moment.neuron
        if moment.kind == "loss":
            assert (neuron, moment.value) == (-1, found.loss)
            assert len(known) == 2 * sum(layers[1:])
        else:
            assert moment.value == values[moment.kind][layer][0, neuron]
            before = {("a", layer - 1, i) for i in range(layers[layer])} if moment.kind == "z" and layer else set()
            if moment.kind == "a":
                before = {
                    ("z", layer, i) for i in (range(layers[layer + 1]) if net.activations[layer] == "softmax" else [neuron])
                }
            if moment.kind == "delta" and layer < len(layers) - 2:
                before = {("delta", layer + 1, i) for i in range(layers[layer + 2])}
            assert before <= known
        known.add((moment.kind, layer, neuron))
        assert moment.latex.count("{") == moment.latex.count("}")
        assert moment.latex.count("(") == moment.latex.count(")")
        assert "e-" not in moment.latex
        assert "+ -" not in moment.latex
        assert r"\cdot -" not in moment.latex
    assert len(known) == len(story) == 3 * sum(layers[1:]) + 1


def test_a_network_that_overflows_has_a_story_all_the_same():
    net = Network((np.array([[1e200], [-1e200]]), np.array([[1e200, 1e200]])), (np.zeros(2), np.zeros(1)), "linear")
    assert forward_story(net, [[1.0]], [[0.0]], 0)[-1].kind == "delta"


def test_a_sample_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"^sample is -1; .*\.$"):
        forward_story(*by_hand(), -1)


def test_long_sums_end_in_dots():
    net = Network((np.full((1, 6), -2.0),), (np.array([-1.0]),))
    line = forward_story(net, np.ones((1, 6)), [[0.0]], 0)[0].latex
    assert line == r"z^{(1)}_{1} = " + r"(-2) \cdot 1 + " * 4 + r"\dots - 1 = -13"


@pytest.mark.parametrize(
    ("output", "y", "line"),
    [
        ("softmax", [1, 0], r"L = -\ln(0.5) = 0.6931"),
        ("sigmoid", [1, 0], r"L = -\left(\ln(0.5) + \ln(1 - 0.5)\right) = 1.386"),
        ("softmax", [0.25, 0.75], r"L = -\left(0.25 \cdot \ln(0.5) + 0.75 \cdot \ln(0.5)\right) = 0.6931"),
        ("softmax", [0, 0], r"L = 0 = 0"),
    ],
)
def test_the_loss_of_probabilities(output, y, line):
    net = Network((np.zeros((2, 1)),), (np.zeros(2),), output=output, loss="cross-entropy")
    story = forward_story(net, [[1.0]], [y], 0)
    assert next(moment.latex for moment in story if moment.kind == "loss") == line
    if output == "softmax":
        assert [moment.kind for moment in story[:4]] == ["z", "z", "a", "a"]
        assert story[2].latex == r"a^{(1)}_{1} = \frac{e^{0}}{e^{0} + e^{0}} = 0.5"


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.123456, "0.1235"),
        (-0.0, "0"),
        (1e-7, r"1 \cdot 10^{-7}"),
        (-12345.0, r"-1.234 \cdot 10^{4}"),
        (math.inf, r"\infty"),
        (-math.inf, r"-\infty"),
        (math.nan, r"\text{NaN}"),
    ],
)
def test_numbers_in_latex(x, text):
    assert hand_calculation._digits(x) == text
