"""Sizes of delta in each layer: a net worked by hand, and deep nets in which they stay, shrink or explode."""

import doctest
import itertools
import math

import numpy as np
import pytest
from conftest import some
from core.test_backprop import by_hand, problem

from mml_core import delta_flow as flow
from mml_core import neural_net
from mml_core.delta_flow import delta_flow, delta_sizes
from mml_core.neural_net import ACTIVATIONS, Network, forward


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(flow).failed == 0


def test_sizes_of_delta_do_not_depend_on_how_many_samples_there_are():
    net, X, y = problem((1, 6, 7, 2), ("tanh", "linear", "squared"))
    sizes = delta_sizes(net, X, y)
    np.testing.assert_allclose(delta_sizes(net, np.tile(X, (3, 1)), np.tile(y, (3, 1))), sizes, rtol=1e-13)
    assert sizes.shape == (3,)
    assert sizes[-1] == pytest.approx(np.sqrt(((forward(net, X).a[-1] - y) ** 2).mean()))


def test_deltas_worked_by_hand():
    np.testing.assert_allclose(delta_sizes(*by_hand()), [math.sqrt((1.5**2 + 1.92**2) / 2), 1], rtol=1e-14)


def test_a_network_that_overflows_has_deltas_beyond_numbers_but_no_error():
    net = Network((np.array([[1e200], [-1e200]]), np.array([[1e200, 1e200]])), (np.zeros(2), np.zeros(1)), "linear")
    assert not np.isfinite(delta_sizes(net, [[1.0]], [[0.0]])).all()


@pytest.mark.parametrize("seed", range(5))
def test_deltas_keep_shrink_or_explode(seed):
    def ratio(activation, scheme="Xavier", scale=1.0):
        return delta_flow(20, 64, activation, scheme, scale, seed).ratio

    assert ratio("linear") == pytest.approx(1, abs=0.05)  # Xavier: spread 1 / sqrt(width), like an orthogonal matrix on average
    assert ratio("linear", scale=3.0) == pytest.approx(3, rel=0.05)
    assert ratio("ReLU", "He") == pytest.approx(1, abs=0.1)
    assert ratio("ReLU") == pytest.approx(math.sqrt(0.5), abs=0.1)
    assert ratio("sigmoid") < 0.26
    assert ratio("tanh") < 1
    assert ratio("tanh", scale=3.0) > 1


def test_the_ratio_is_the_geometric_mean_of_the_layers_ratios():
    found = delta_flow(12, 16, "tanh", "Xavier", 1.5, 3)
    assert found.deltas.shape == found.activations.shape == (12,)
    assert found.ratio == pytest.approx(np.exp(np.log(found.deltas[:-1] / found.deltas[1:]).mean()))
    again = delta_flow(12, 16, "tanh", "Xavier", 1.5, 3)
    assert (found.deltas == again.deltas).all()
    assert (found.deltas != delta_flow(12, 16, "tanh", "Xavier", 1.5, 4).deltas).any()


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("scheme", neural_net.SCHEMES)
def test_deep_networks_stay_within_numbers(activation, scheme):
    shapes, scales = [(1, 1), (50, 1), (50, 64)], [0, 1e-8, 1, 100]
    for (n_layers, width), scale in some(itertools.product(shapes, scales), 6, activation, scheme):
        found = delta_flow(n_layers, width, activation, scheme, scale, 1)
        assert np.isfinite(found.deltas).all()
        assert np.isfinite(found.activations).all()
        assert 0 <= found.ratio < math.inf


def test_one_layer_has_no_ratio_but_1_and_dead_neurons_let_nothing_through():
    assert delta_flow(1, 4, "tanh", "Xavier", 1, 1).ratio == 1
    assert delta_flow(3, 4, "ReLU", "zero", 1, 1).ratio == 0
    assert delta_flow(3, 4, "linear", "zero", 1, 1).deltas[:2].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (dict(n_layers=0), r"^n_layers is 0; .*\.$"),
        (dict(n_layers=51), r"^n_layers is 51; .*\.$"),
        (dict(width=65), r"^width is 65; .*\.$"),
        (dict(scale=-1), r"^scale is -1; .*\.$"),
        (dict(seed=0.5), r"^seed is 0.5; .*\.$"),
        (dict(n_samples=0), r"^n_samples is 0; .*\.$"),
        (dict(activation="softmax"), r"^activation 'softmax' is not known; .*\.$"),
        (dict(scheme="x"), r"^scheme 'x' is not known; .*\.$"),
    ],
)
def test_deep_networks_out_of_range_are_refused(change, sentence):
    settings = dict(n_layers=3, width=4, activation="tanh", scheme="Xavier", scale=1, seed=1)
    with pytest.raises(ValueError, match=sentence):
        delta_flow(**{**settings, **change})
