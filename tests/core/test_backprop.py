"""Backpropagation under a magnifying glass: a net worked by hand, paths against differences, steps and V shapes."""

import doctest
import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from conftest import SEED, some

from mml_core import backprop, neural_net
from mml_core.backprop import (
    along,
    epsilon_errors,
    gradient_check,
    one_step,
    parameter,
    parameter_names,
    parameter_place,
    paths,
    with_parameter,
)
from mml_core.neural_net import ACTIVATIONS, Network, forward, loss_of
from mml_core.training import packed

LAYERS = [(1, 2, 1), (2, 3, 2), (1, 6, 7, 2)]
KINDS = [(activation, output, "squared") for activation in ACTIVATIONS for output in ACTIVATIONS]
KINDS += [(activation, output, "cross-entropy") for activation in ACTIVATIONS for output in ("sigmoid", "softmax")]


def by_hand():
    """1-2-1 with tanh: at x = 2, a = 0.5 and -0.6, then 2 a1 + 3 a2 + 0.3 = -0.5, where 0.5 is wanted."""
    first, second = math.atanh(0.5) / 2, math.atanh(-0.6)
    weights = np.array([[first], [0.0]]), np.array([[2.0, 3.0]])
    return Network(weights, (np.array([0.0, second]), np.array([0.3]))), [[2.0]], [[0.5]]


DERIVATIVES = {"w1_1_1": -3, "b1_1": -1.5, "w1_2_1": -3.84, "b1_2": -1.92, "w2_1_1": -0.5, "w2_1_2": 0.6, "b2_1": -1}


def problem(layers, kind, n_samples=5, seed=SEED):
    """Return a random network and samples at which no z of a ReLU is near 0."""
    activation, output, loss = kind
    rng = np.random.default_rng([seed, *layers])
    net = neural_net.initial(layers, rng, "normal", activation=activation, output=output, loss=loss)
    net = replace(net, biases=tuple(rng.normal(0, 0.5, len(b)) for b in net.biases))
    X = rng.standard_normal((1000, layers[0]))
    X = X[np.min([np.abs(z).min(axis=1) for z in forward(net, X).z], axis=0) > 1e-2][:n_samples]
    assert len(X) == n_samples
    y = rng.standard_normal((n_samples, layers[-1]))
    if loss == "cross-entropy":
        y = np.eye(layers[-1])[rng.integers(layers[-1], size=n_samples)] if output == "softmax" else (y > 0).astype(float)
    return net, X, y


def joined(case):
    """Return the name of a case in a test's name."""
    return "-".join(map(str, case))


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(backprop).failed == 0


# --- names of parameters


@pytest.mark.parametrize("layers", [*LAYERS, (3, 1), (4, 2, 5, 3)])
def test_names_stand_in_the_order_of_the_packed_vector(layers):
    names = parameter_names(layers)
    net = neural_net.initial(layers, np.random.default_rng(SEED), "normal")
    net = replace(net, biases=tuple(b + np.arange(1, len(b) + 1) for b in net.biases))
    assert len(set(names)) == len(names) == len(packed(net))
    for place, name in enumerate(names):
        assert parameter_place(layers, name) == place
        layer, neuron, *source = (int(part) - 1 for part in name[1:].split("_"))
        value = net.weights[layer][neuron, source[0]] if source else net.biases[layer][neuron]
        assert parameter(net, name) == packed(net)[place] == value


def test_another_value_changes_one_parameter_and_leaves_the_network_as_it_was():
    net, _, _ = problem((2, 3, 2), ("tanh", "sigmoid", "cross-entropy"))
    before = packed(net)
    after = with_parameter(net, "w2_1_3", 7)
    assert (packed(after) != before).nonzero()[0].tolist() == [parameter_place((2, 3, 2), "w2_1_3")]
    assert (after.activation, after.output, after.loss) == (net.activation, net.output, net.loss)
    assert (packed(net) == before).all()


@pytest.mark.parametrize("name", ["", "w1_1", "w0_1_1", "w1_3_1", "w3_1_1", "b1_3", "b0_1", "b1", "w1_1_1 ", "x", None])
def test_an_unknown_name_is_answered_with_those_that_exist(name):
    with pytest.raises(ValueError, match=r"^there is no parameter .*w1_1_1 .* to w2_1_2, and biases from b1_1 to b2_1\.$"):
        parameter_place((1, 2, 1), name)


# --- paths


@pytest.mark.parametrize("name", DERIVATIVES)
def test_derivatives_worked_by_hand(name):
    found = paths(*by_hand(), name, 0)
    assert found.total == pytest.approx(DERIVATIVES[name], rel=1e-14)
    assert found.derivative == pytest.approx(DERIVATIVES[name], rel=1e-14)
    assert found.difference == pytest.approx(DERIVATIVES[name], rel=1e-9)


def test_factors_worked_by_hand():
    (path,) = paths(*by_hand(), "w1_2_1", 0).paths
    assert path.neurons == ((0, 1), (1, 0))
    assert [factor.name for factor in path.factors] == [
        r"\frac{\partial z^{(1)}_{2}}{\partial w^{(1)}_{2 1}}",
        r"\frac{\partial a^{(1)}_{2}}{\partial z^{(1)}_{2}}",
        r"\frac{\partial z^{(2)}_{1}}{\partial a^{(1)}_{2}}",
        r"\frac{\partial a^{(2)}_{1}}{\partial z^{(2)}_{1}}",
        r"\frac{\partial L}{\partial a^{(2)}_{1}}",
    ]
    np.testing.assert_allclose([factor.value for factor in path.factors], [2, 0.64, 3, 1, -1], rtol=1e-14)
    bias = paths(*by_hand(), "b1_2", 0).paths[0].factors[0]
    assert (bias.name, bias.value) == (r"\frac{\partial z^{(1)}_{2}}{\partial b^{(1)}_{2}}", 1.0)


def test_with_cross_entropy_the_last_two_factors_are_one():
    net, X, y = problem((2, 3, 2), ("tanh", "softmax", "cross-entropy"))
    last = paths(net, X, y, "b2_2", 1).paths[0].factors[-1]
    assert last.name == r"\frac{\partial L}{\partial z^{(2)}_{2}}"
    assert last.value == pytest.approx(forward(net, X).a[-1][1, 1] - y[1, 1])


@pytest.mark.parametrize(("kind", "layers"), [(kind, n) for kind in KINDS for n in some(LAYERS, 1, kind)], ids=joined)
def test_the_sum_over_paths_is_the_derivative_of_every_parameter(layers, kind):
    net, X, y = problem(layers, kind)
    rounding = 1e-9 * max(1, loss_of(net, forward(net, X), y))
    for name in some(parameter_names(layers), 12, kind, layers):
        found = paths(net, X, y, name, 3)
        size = sum(abs(path.product) for path in found.paths)
        assert found.total == pytest.approx(found.derivative, rel=1e-12, abs=1e-14 * size)
        assert found.difference == pytest.approx(found.derivative, rel=1e-6, abs=rounding)
        assert len(found.paths) == math.prod(layers[int(name[1]) + 1 :])
        assert len({path.neurons for path in found.paths}) == len(found.paths)
        for path in found.paths:
            assert path.product == math.prod(factor.value for factor in path.factors)
            assert [layer for layer, _ in path.neurons] == list(range(int(name[1]) - 1, len(layers) - 1))


def test_too_many_paths_and_samples_that_are_not_there_are_refused():
    wide = neural_net.initial((1, 2, 200, 51), np.random.default_rng(1))
    with pytest.raises(ValueError, match=r"^there are 10,200 paths from w1_1_1, more than 10,000; .*\.$"):
        paths(wide, [[1.0]], np.zeros((1, 51)), "w1_1_1", 0)
    assert len(paths(wide, [[1.0]], np.zeros((1, 51)), "w2_1_1", 0).paths) == 51
    with pytest.raises(ValueError, match=r"^sample is 1; .*\.$"):
        paths(*by_hand(), "w1_1_1", 1)
    with pytest.raises(ValueError, match=r"^y has shape 1 x 2; .*\.$"):
        paths(by_hand()[0], [[2.0]], [[1.0, 2.0]], "w1_1_1", 0)


def test_a_network_that_overflows_has_no_derivative_but_no_error_either():
    net = Network((np.array([[1e200], [-1e200]]), np.array([[1e200, 1e200]])), (np.zeros(2), np.zeros(1)), "linear")
    assert not math.isfinite(paths(net, [[1.0]], [[0.0]], "w1_1_1", 0).derivative)
    assert not math.isfinite(gradient_check(net, [[1.0]], [[0.0]]).largest)
    assert not math.isfinite(one_step(net, [[1.0]], [[0.0]], "", 1.0).loss_after)
    assert along(net, [[1.0]], [[0.0]], "", 1.0).losses.shape == (101,)
    assert epsilon_errors(net, [[1.0]], [[0.0]], "b2_1").central.shape == (67,)


# --- derivatives against differences


@pytest.mark.parametrize(
    ("kind", "layers", "prices"),
    [(kind, *case) for kind in KINDS for case in some(itertools.product(LAYERS, [(0.0, 0.0), (0.1, 0.3)]), 2, kind)],
    ids=joined,
)
def test_backpropagation_passes_its_check(layers, kind, prices):
    found = gradient_check(*problem(layers, kind), *prices)
    assert found.names == parameter_names(layers)
    assert found.largest == found.errors.max() < 1e-6


def test_a_wrong_slope_fails_the_check(monkeypatch):
    wrong = neural_net.Activation(np.tanh, lambda z, a: 1 - a)
    monkeypatch.setitem(neural_net.ACTIVATIONS, "tanh", wrong)
    found = gradient_check(*by_hand())
    assert found.largest > 0.1
    assert found.errors[parameter_place((1, 2, 1), "b2_1")] < 1e-8  # behind the slopes nothing is wrong


def test_a_network_too_large_for_differences_is_refused():
    with pytest.raises(ValueError, match=r"^there are 4,160 parameters, more than 2,000; .*\.$"):
        gradient_check(neural_net.initial((64, 64), np.random.default_rng(1)), np.zeros((1, 64)), np.zeros((1, 64)))


@pytest.mark.parametrize("name", ["w1_1_1", "b1_2", "w2_1_2"])
def test_errors_of_differences_have_the_shape_of_a_v(name):
    net, X, y = problem((1, 2, 1), ("tanh", "tanh", "squared"), seed=20261120)
    found = epsilon_errors(net, X, y, name)
    assert (found.epsilons[0], found.epsilons[-1], len(found.epsilons)) == (0.1, pytest.approx(1e-12), 67)
    for errors, low, high in ((found.forward, 1e-10, 1e-6), (found.central, 1e-8, 1e-3)):
        assert low < found.epsilons[errors.argmin()] < high
        assert errors[-6:].max() > 1e-6 > 100 * errors.min()
    assert found.forward[6] / found.forward[12] == pytest.approx(10, rel=0.2)  # a decade: of order e
    assert found.central[6] / found.central[12] == pytest.approx(100, rel=0.2)  # of order e^2


def test_of_one_sample_errors_are_those_of_its_own_derivative():
    net, X, y = problem((1, 2, 1), ("tanh", "tanh", "squared"))
    one, alone = epsilon_errors(net, X, y, "w1_2_1", 2), epsilon_errors(net, X[2:3], y[2:3], "w1_2_1")
    assert (one.forward == alone.forward).all()
    assert (one.central == alone.central).all()


# --- steps and lines


@pytest.mark.parametrize("name", ["w1_2_1", "b2_1", ""])
@pytest.mark.parametrize("sample", [None, 1])
def test_what_the_slope_promises_is_off_by_the_square_of_the_rate(name, sample):
    net, X, y = problem((1, 2, 1), ("tanh", "tanh", "squared"), seed=20261120)
    gaps = []
    for rate in (1e-3, 1e-4, 1e-5):
        found = one_step(net, X, y, name, rate, sample)
        assert found.predicted == pytest.approx(-rate * (found.gradient**2).sum())
        assert found.actual == found.loss_after - found.loss_before
        assert found.actual == pytest.approx(found.predicted, rel=30 * rate)
        gaps.append(abs(found.actual - found.predicted))
    assert gaps[0] / gaps[1] == pytest.approx(100, rel=0.1)
    assert gaps[1] / gaps[2] == pytest.approx(100, rel=0.1)


def test_a_step_of_all_is_the_step_of_the_network_and_one_of_one_moves_only_that():
    net, X, y = problem((1, 6, 7, 2), ("sigmoid", "softmax", "cross-entropy"))
    found = one_step(net, X, y, "", 0.3)
    np.testing.assert_allclose(packed(found.network), packed(neural_net.downhill_step(net, X, y, 0.3)[0]), rtol=1e-14)
    assert found.names == parameter_names(net.layers)
    one = one_step(net, X, y, "w2_3_4", 0.3)
    place = parameter_place(net.layers, "w2_3_4")
    assert one.names == ("w2_3_4",)
    assert (one.old[0], one.new[0], one.gradient[0]) == (found.old[place], found.new[place], found.gradient[place])
    assert packed(one.network)[place] == one.new[0]
    assert (packed(one.network) != packed(net)).sum() == 1
    assert one_step(net, X, y, "", 0).actual == 0


def test_a_step_of_one_sample_is_that_of_a_set_of_one():
    net, X, y = problem((2, 3, 2), ("tanh", "linear", "squared"))
    one, alone = one_step(net, X, y, "w1_1_2", 0.1, 4), one_step(net, X[4:], y[4:], "w1_1_2", 0.1)
    assert (one.actual, one.gradient[0]) == (alone.actual, alone.gradient[0])


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
def test_the_loss_along_a_parameter_is_the_loss_of_each_network(kind):
    net, X, y = problem((1, 6, 7, 2), kind)
    found = along(net, X, y, "w2_3_4", 2, 11)
    start = parameter(net, "w2_3_4")
    each = [loss_of(n, forward(n, X), y) for n in (with_parameter(net, "w2_3_4", start + t) for t in found.shifts)]
    np.testing.assert_allclose(found.losses, each, rtol=1e-12)
    assert found.shifts[[0, 5, 10]].tolist() == [-2, 0, 2]


def test_the_tangent_touches_the_loss_where_it_starts():
    net, X, y = problem((2, 3, 2), ("tanh", "sigmoid", "cross-entropy"))
    for name, sample in (("w1_2_1", None), ("b2_1", 3), ("", None), ("", 0)):
        found = along(net, X, y, name, 1e-3, 101, sample)
        assert np.abs(found.losses - found.tangent).max() < 1e-4 * np.ptp(found.tangent) + 1e-5
        start = found.losses[found.shifts == 0]
        assert start == pytest.approx(found.tangent[found.shifts == 0], rel=1e-14)


def test_along_all_parameters_a_shift_is_a_learning_rate():
    net, X, y = problem((2, 3, 2), ("tanh", "linear", "squared"))
    found = along(net, X, y, "", 0.5, 6)
    steps = [one_step(net, X, y, "", rate) for rate in found.shifts]
    np.testing.assert_allclose(found.losses, [step.loss_after for step in steps], rtol=1e-12)
    np.testing.assert_allclose(found.tangent, [step.loss_before + step.predicted for step in steps], rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda *p: along(*p, "w1_1_1", 0), r"^reach is 0, .*\.$"),
        (lambda *p: along(*p, "w1_1_1", -1), r"^reach is -1; .*\.$"),
        (lambda *p: along(*p, "w1_1_1", 1, 1), r"^n is 1; .*\.$"),
        (lambda *p: along(*p, "w7_1_1", 1), r"^there is no parameter 'w7_1_1'; .*\.$"),
        (lambda *p: one_step(*p, "w1_1_1", -0.1), r"^learning_rate is -0.1; .*\.$"),
        (lambda *p: one_step(*p, "w1_1_1", 0.1, 5), r"^sample is 5; .*\.$"),
        (lambda *p: one_step(*p, "w", 0.1), r"^there is no parameter 'w'; .*\.$"),
        (lambda *p: epsilon_errors(*p, ""), r"^there is no parameter ''; .*\.$"),
        (lambda *p: with_parameter(p[0], "b2_1", math.inf), r"^b2_1 is inf; .*\.$"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call(*by_hand())


def test_too_many_samples_for_a_line_are_refused():
    net = neural_net.initial((64, 64), np.random.default_rng(1))
    with pytest.raises(ValueError, match=r"^4,000 samples are too many for 101 shifts .*\.$"):
        along(net, np.zeros((4000, 64)), np.zeros((4000, 64)), "", 1)
