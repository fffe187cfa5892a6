"""Blame on its way back: how large delta is in each layer, of a given network and of a deep one before any training."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from mml_core import checks, neural_net
from mml_core.checks import Array
from mml_core.neural_net import ACTIVATIONS, Network, backpropagate, forward


@dataclass(frozen=True, eq=False)
class DeltaFlow:
    """Root mean squares of delta and of a in each layer, both (n_layers,), and the mean ratio of delta from one to the next.

    `ratio` is (deltas[0] / deltas[-1])^(1 / (n_layers - 1)): what a layer makes of the blame that comes from behind it.
    """

    deltas: Array
    activations: Array
    ratio: float


def delta_sizes(network: Network, X: ArrayLike, y: ArrayLike) -> Array:
    """Return how large the blame of a neuron is in each layer: the root mean square of delta over neurons and samples.

    Args:
        network, X, y: as in `neural_net.backpropagate`.
    Returns: one size a layer, (n_layers,), of the loss of one sample: it does not depend on how many there are.
    Raises: ValueError when X or y does not fit.

    >>> net = Network((np.array([[1.0]]), np.array([[3.0]])), (np.zeros(1), np.zeros(1)), "linear")
    >>> delta_sizes(net, [[1.0], [1.0]], [[1.0], [1.0]])  # 3 - 1, and times 3 on the way back
    array([6., 2.])
    """
    deltas = backpropagate(network, X, y).deltas
    return np.array([_size(delta * len(delta)) for delta in deltas])


def delta_flow(
    n_layers: int, width: int, activation: str, scheme: str, scale: float, seed: int, n_samples: int = 64
) -> DeltaFlow:
    """Return how the blame shrinks or grows on its way back through a deep network of equal layers, before any training.

    delta = (delta' W') * da/dz again and again, from standard normal dL/da at the output; the inputs are standard normal.
    Args:
        n_layers: 1 to 50.
        width: neurons of each layer, and inputs, 1 to 64.
        activation: of all layers: "tanh", "ReLU", "sigmoid" or "linear".
        scheme: of the first weights, as in `neural_net.initial`.
        scale: what these weights are multiplied by, 0 to 100.
        seed: of weights, inputs and errors; whole, from 0.
        n_samples: how many inputs, 1 to 1000.
    Returns: sizes of delta and a in each layer, and the mean ratio of a layer's delta to that of the layer behind it: 1 for one
        layer, 0 where nothing comes through.
    Raises: ValueError when a number is out of range or a name is unknown.
    Source: X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010.

    >>> bool(delta_flow(10, 32, "sigmoid", "Xavier", 1.0, 1).ratio < 0.3)  # its slope is at most 1/4
    True
    """
    depth, size = checks.whole_number(n_layers, "n_layers", 1, 50), checks.whole_number(width, "width", 1, 64)
    rng = np.random.default_rng(checks.whole_number(seed, "seed", 0))
    factor, count = checks.number(scale, "scale", 0, 100), checks.whole_number(n_samples, "n_samples", 1, 1000)
    network = neural_net.initial((size,) * (depth + 1), rng, scheme, activation=activation, output=activation)
    network = replace(network, weights=tuple(factor * W for W in network.weights))
    passed = forward(network, rng.standard_normal((count, size)))
    delta, sizes = rng.standard_normal((count, size)), []
    for W, z, a in zip(network.weights[::-1], passed.z[::-1], passed.a[:0:-1], strict=True):
        delta = delta * ACTIVATIONS[activation].slope(z, a)
        sizes.append(_size(delta))
        delta = delta @ W
    deltas, activations = np.array(sizes[::-1]), np.array([_size(a) for a in passed.a[1:]])
    ratio = (deltas[0] / deltas[-1]) ** (1 / max(depth - 1, 1)) if deltas[-1] else 0.0
    return DeltaFlow(deltas, activations, float(ratio))


def _size(x: Array) -> float:
    """Return the root mean square, also of numbers whose squares are too large or small for a float."""
    peak = float(np.abs(x).max())
    with np.errstate(invalid="ignore"):
        return peak * float(np.sqrt(np.mean((x / peak) ** 2))) if peak else 0.0
