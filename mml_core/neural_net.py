"""A neural network that can be read in ten minutes: forward, backward, and one step downhill.

Row i of X is a sample, and layer l maps all samples at once: z = a W' + b, then the activation makes the next a of z. The
loss is the mean over the samples. `training.py` holds a faster way to do the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, log_softmax, softmax

from mml_core import checks
from mml_core.checks import Array

LOSSES = ("squared", "cross-entropy")
SCHEMES = ("zero", "normal", "Xavier", "He")
MOST_NEURONS = 512  # in one layer


@dataclass(frozen=True)
class Activation:
    """What a neuron makes of its sum: a = `value`(z), and da/dz = `slope`(z, a)."""

    value: Callable[[Array], Array]
    slope: Callable[[Array, Array], Array]


ACTIVATIONS = {
    "tanh": Activation(np.tanh, lambda z, a: 1 - a**2),
    "ReLU": Activation(lambda z: np.maximum(z, 0), lambda z, a: (z > 0).astype(float)),
    "sigmoid": Activation(expit, lambda z, a: a - a**2),
    "linear": Activation(lambda z: z + 0.0, lambda z, a: np.ones_like(z)),
}
OUTPUTS = (*ACTIVATIONS, "softmax")


@dataclass(frozen=True)
class Network:
    """A multilayer perceptron.

    Attributes:
        weights: One matrix a layer, (neurons, inputs): row j holds the weights of neuron j.
        biases: One vector a layer, (neurons,).
        activation: Of the hidden layers: "tanh", "ReLU", "sigmoid" or "linear".
        output: Of the last layer: one of these or "softmax".
        loss: "squared": half the sum over the outputs of (a - y)^2; "cross-entropy": -log of the probability given to
            what is true, for outputs "sigmoid" (y is 0 or 1) and "softmax" (y is one-hot).
    """

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    activation: str = "tanh"
    output: str = "linear"
    loss: str = "squared"

    @property
    def layers(self) -> tuple[int, ...]:
        """How many inputs there are, and neurons in each layer."""
        return (self.weights[0].shape[1], *(len(b) for b in self.biases))

    @property
    def activations(self) -> tuple[str, ...]:
        """The activation of each layer."""
        return (*(self.activation for _ in self.weights[1:]), self.output)


@dataclass(frozen=True)
class Pass:
    """What each layer saw: `z` before its activation, `a` after it, each (n_samples, neurons); a[0] is X."""

    z: tuple[Array, ...]
    a: tuple[Array, ...]


@dataclass(frozen=True)
class Backward:
    """The loss, its derivatives, and the factors that they are products of.

    Attributes:
        loss: The mean loss over the samples, with its penalties.
        deltas: dL/dz of each layer, (n_samples, neurons): what one sample adds to the blame of each neuron.
        slopes: da/dz of each layer, (n_samples, neurons); of the last layer dL/dz is taken at once where that is simpler.
        weights, biases: dL/dW and dL/db of each layer.
        passed: The forward pass.
    """

    loss: float
    deltas: tuple[Array, ...]
    slopes: tuple[Array, ...]
    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    passed: Pass


def initial(
    layers: Sequence[int],
    rng: np.random.Generator,
    scheme: str = "Xavier",
    *,
    activation: str = "tanh",
    output: str = "linear",
    loss: str = "squared",
) -> Network:
    """Return a network before any training: random weights, biases 0.

    Weights are normal with standard deviation s: "zero" s = 0, "normal" s = 1, "Xavier" s = sqrt(2 / (n_in + n_out)),
    "He" s = sqrt(2 / n_in), where a layer has n_in inputs and n_out neurons.

    Args:
        layers: How many inputs there are, and neurons in each layer, such as (2, 4, 2, 1); each from 1 to 512.
        rng: Where chance comes from.
        scheme: "zero", "normal", "Xavier" or "He".
        activation, output, loss: As in `Network`.

    Returns:
        The network.

    Raises:
        ValueError: A layer is too small or large, a name is unknown, or loss and output do not go together.

    Source: X. Glorot and Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010;
        K. He and others, "Delving deep into rectifiers", 2015.

    >>> net = initial((2, 4, 1), np.random.default_rng(1))
    >>> [W.shape for W in net.weights], net.biases[0].tolist()
    ([(4, 2), (1, 4)], [0.0, 0.0, 0.0, 0.0])
    """
    sizes = checked_layers(layers)
    checked_names(activation, output, loss, scheme)
    weights = []
    for n_in, n_out in itertools.pairwise(sizes):
        spread = {"zero": 0.0, "normal": 1.0, "Xavier": (2 / (n_in + n_out)) ** 0.5, "He": (2 / n_in) ** 0.5}[scheme]
        weights.append(spread * rng.standard_normal((n_out, n_in)))
    return Network(tuple(weights), tuple(np.zeros(n) for n in sizes[1:]), activation, output, loss)


def forward(network: Network, X: ArrayLike) -> Pass:
    """Return what every neuron makes of every sample: z = a W' + b, a = activation(z), layer by layer.

    Args:
        network: The network.
        X: Samples, (n_samples, inputs).

    Returns:
        Every z and a. What overflows becomes inf or NaN.

    Raises:
        ValueError: X has another number of columns than the network has inputs, or holds what is not a finite number.

    >>> net = Network((np.array([[1.0, 2.0]]),), (np.array([0.5]),))
    >>> forward(net, [[1.0, 1.0]]).a[-1]
    array([[3.5]])
    """
    a = [checks.matrix(X, (None, network.layers[0]), "X")]
    z = []
    with np.errstate(over="ignore", invalid="ignore"):
        for W, b, name in zip(network.weights, network.biases, network.activations, strict=True):
            z.append(a[-1] @ W.T + b)
            a.append(softmax(z[-1], axis=1) if name == "softmax" else ACTIVATIONS[name].value(z[-1]))
    return Pass(tuple(z), tuple(a))


def loss_of(network: Network, passed: Pass, y: ArrayLike, l1: float = 0.0, l2: float = 0.0) -> float:
    """Return the mean loss over the samples, and what weights cost: l1 sum |w| + l2/2 sum w^2, biases are free.

    Args:
        network: The network.
        passed: Its forward pass.
        y: What the outputs should be, (n_samples, outputs).
        l1, l2: Prices of weights, 0 or more.

    Returns:
        The loss; inf or NaN where it overflows.

    Raises:
        ValueError: y has not the shape of the outputs.

    >>> net = Network((np.array([[2.0]]),), (np.array([0.0]),))
    >>> loss_of(net, forward(net, [[1.0], [2.0]]), [[1.0], [1.0]])  # half the mean of 1^2 and 3^2
    2.5
    """
    z, a = passed.z[-1], passed.a[-1]
    y = checks.matrix(y, (len(a), a.shape[1]), "y")
    with np.errstate(over="ignore", invalid="ignore"):
        if network.loss == "squared":
            each = (a - y) ** 2 / 2
        elif network.output == "softmax":
            each = -y * log_softmax(z, axis=1)
        else:
            each = np.logaddexp(0, z) - y * z  # -log(a) where y = 1, -log(1 - a) where y = 0, without the log of a 0
        price = l1 * sum(np.abs(W).sum() for W in network.weights) if l1 else 0.0
        price += l2 / 2 * sum((W**2).sum() for W in network.weights) if l2 else 0.0
        return float(each.sum() / len(a) + price)


def backpropagate(network: Network, X: ArrayLike, y: ArrayLike, l1: float = 0.0, l2: float = 0.0) -> Backward:
    """Return the derivative of the loss by every weight and bias, by the chain rule from the last layer to the first.

    At the output delta = dL/da * da/dz. Further back, with the layer behind it written with ',
    delta = (delta' W') * da/dz. Then dL/dW = delta^T a_before and dL/db = sum of delta over the samples.

    Args:
        network: The network.
        X: Samples, (n_samples, inputs).
        y: What the outputs should be, (n_samples, outputs).
        l1, l2: Prices of weights, as in `loss_of`.

    Returns:
        The derivatives with every factor that went into them.

    Raises:
        ValueError: X or y does not fit the network.

    Source: D. Rumelhart, G. Hinton and R. Williams, "Learning representations by back-propagating errors", 1986.

    >>> net = Network((np.array([[2.0]]),), (np.array([0.0]),))
    >>> backpropagate(net, [[1.0], [2.0]], [[1.0], [1.0]]).weights  # the mean of 1 * 1 and 3 * 2
    (array([[3.5]]),)
    """
    passed = forward(network, X)
    loss = loss_of(network, passed, y, l1, l2)
    wanted, n_samples = np.asarray(y, float), len(passed.a[0])
    with np.errstate(over="ignore", invalid="ignore"):
        slopes = tuple(
            np.ones_like(z) if name == "softmax" else ACTIVATIONS[name].slope(z, a)
            for name, z, a in zip(network.activations, passed.z, passed.a[1:], strict=True)
        )
        delta = (passed.a[-1] - wanted) / n_samples
        if network.loss == "squared":
            delta = delta * slopes[-1]  # of cross-entropy, dL/da * da/dz is the plain difference
        deltas = [delta]
        for W, slope in zip(network.weights[:0:-1], slopes[-2::-1], strict=True):
            deltas.insert(0, (deltas[0] @ W) * slope)
        weights = tuple(
            delta.T @ a + l1 * np.sign(W) + l2 * W
            for delta, a, W in zip(deltas, passed.a[:-1], network.weights, strict=True)
        )  # fmt: skip
        return Backward(loss, tuple(deltas), slopes, weights, tuple(d.sum(axis=0) for d in deltas), passed)


def stepped(network: Network, change: Sequence[tuple[Array, Array]]) -> Network:
    """Return the network after a change of the weights and biases of each layer."""
    weights = tuple(W + dW for W, (dW, _) in zip(network.weights, change, strict=True))
    biases = tuple(b + db for b, (_, db) in zip(network.biases, change, strict=True))
    return replace(network, weights=weights, biases=biases)


def downhill_step(
    network: Network, X: ArrayLike, y: ArrayLike, learning_rate: float, velocity: Sequence[tuple[Array, Array]] | None = None,
    momentum: float = 0.0, l1: float = 0.0, l2: float = 0.0,
) -> tuple[Network, list[tuple[Array, Array]]]:  # fmt: skip
    """Return the network after one step downhill, and its velocity: v = momentum v - learning_rate dL/dw, w = w + v.

    Args:
        network: The network.
        X, y: The samples of this step, all of them or a mini-batch.
        learning_rate: How far a step goes, above 0.
        velocity: The velocity after the step before; None at the start.
        momentum: How much of the velocity stays, from 0 (none) to below 1.
        l1, l2: Prices of weights, as in `loss_of`.

    Returns:
        The network and the velocity of every weight matrix and bias vector.

    Raises:
        ValueError: X or y does not fit the network.

    >>> net = Network((np.array([[2.0]]),), (np.array([0.0]),))
    >>> downhill_step(net, [[1.0], [2.0]], [[1.0], [1.0]], 0.1)[0].weights
    (array([[1.65]]),)
    """
    found = backpropagate(network, X, y, l1, l2)
    before = velocity or [(0 * W, 0 * b) for W, b in zip(network.weights, network.biases, strict=True)]
    with np.errstate(over="ignore", invalid="ignore"):
        moved = [
            (momentum * vW - learning_rate * dW, momentum * vb - learning_rate * db)
            for (vW, vb), dW, db in zip(before, found.weights, found.biases, strict=True)
        ]
        return stepped(network, moved), moved


def predicted(network: Network, passed: Pass) -> Array:
    """Return the class that the network chooses for each sample, as a number from 0: the largest output, or the sign.

    >>> net = Network((np.array([[1.0]]),), (np.array([0.0]),), output="tanh")
    >>> predicted(net, forward(net, [[-3.0], [2.0]]))
    array([0., 1.])
    """
    z = passed.z[-1]
    return (z[:, 0] > 0).astype(float) if z.shape[1] == 1 else z.argmax(axis=1).astype(float)


def checked_layers(layers: Sequence[int]) -> tuple[int, ...]:
    """Return the sizes of the layers, or say what is wrong with them."""
    sizes = tuple(checks.whole_number(n, f"layer {i}", 1, MOST_NEURONS) for i, n in enumerate(layers))
    if len(sizes) < 2:
        raise ValueError("a network needs its inputs and at least one layer, such as (2, 4, 1).")
    return sizes


def checked_names(activation: str, output: str, loss: str, scheme: str = "Xavier") -> None:
    """See that names are known and go together."""
    for name, given, known in (
        ("activation", activation, tuple(ACTIVATIONS)),
        ("output", output, OUTPUTS),
        ("loss", loss, LOSSES),
        ("scheme", scheme, SCHEMES),
    ):
        if given not in known:
            raise ValueError(f"{name} {given!r} is not known; choose one of {', '.join(known)}.")
    if loss == "cross-entropy" and output not in ("sigmoid", "softmax"):
        raise ValueError(f"cross-entropy needs probabilities: choose the output sigmoid or softmax, not {output}.")
    if loss == "squared" and output == "softmax":
        raise ValueError("softmax goes with the loss cross-entropy; for the squared loss choose another output.")
