"""Backpropagation under a magnifying glass: every factor of every derivative, checked against differences.

A parameter has a text as its name: "w1_2_3" is the weight of layer 1, to its neuron 2, from the layer's input 3, and "b1_2"
is the bias of neuron 2 in layer 1. Names and formulas count from 1; layers and neurons as numbers count from 0, as in
`Network.weights`. All lines of one sample's calculation are in `hand_calculation.py`, the sizes of delta in `delta_flow.py`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_softmax, softmax

from mml_core import checks, neural_net
from mml_core.checks import Array
from mml_core.gradients import jacobian
from mml_core.neural_net import ACTIVATIONS, Backward, Network, backpropagate, forward, loss_of
from mml_core.training import Recipe, packed, unpacked_network

MOST_PATHS = 10_000
MOST_PARAMETERS = 2_000  # that are checked by differences, two forward passes each
FLOOR = 1e-4  # errors of derivatives below it are relative to it (times a loss above 1), since differences are rounded
MOST_NUMBERS = 20_000_000  # in one array of all shifts, samples and neurons


@dataclass(frozen=True)
class Factor:
    """One factor of a product of the chain rule: its name in LaTeX, and its value."""

    name: str
    value: float


@dataclass(frozen=True)
class Path:
    """One way from a parameter to the loss: the neurons (layer, index) that it passes, and the factors' product."""

    neurons: tuple[tuple[int, int], ...]
    factors: tuple[Factor, ...]
    product: float


@dataclass(frozen=True)
class Paths:
    """A derivative of one sample's loss in three ways.

    Attributes:
        paths: all ways from the parameter to the loss.
        total: the sum of their products.
        derivative: what `backpropagate` says.
        difference: what a central difference says.
    """

    paths: tuple[Path, ...]
    total: float
    derivative: float
    difference: float


@dataclass(frozen=True, eq=False)
class GradientCheck:
    """Derivatives by backpropagation (`analytic`) and by differences (`numeric`), each (P,), and how far apart they are.

    `errors` (P,) are |a - n| / max(|a|, |n|, 1e-4 max(1, loss)), and `largest` is the largest of them.
    """

    names: tuple[str, ...]
    analytic: Array
    numeric: Array
    errors: Array
    largest: float


@dataclass(frozen=True, eq=False)
class EpsilonErrors:
    """How far one-sided (`forward`) and `central` differences are off the derivative, for each of `epsilons`; all (m,)."""

    epsilons: Array
    forward: Array
    central: Array


@dataclass(frozen=True, eq=False)
class OneStep:
    """One step downhill: what was promised, and what came.

    Attributes:
        names: the parameters that moved, k of them.
        old, new: their values before and after, (k,).
        gradient: the loss's derivatives by them, (k,).
        step: new - old = -learning_rate * gradient, (k,).
        loss_before, loss_after: the loss.
        predicted: what the slope promises: step . gradient = -learning_rate |gradient|^2.
        actual: loss_after - loss_before.
        network: the network after the step.
    """

    names: tuple[str, ...]
    old: Array
    new: Array
    gradient: Array
    step: Array
    loss_before: float
    loss_after: float
    predicted: float
    actual: float
    network: Network


@dataclass(frozen=True, eq=False)
class Along:
    """The loss over `shifts`, and the straight line `tangent` that touches it at 0; all (n,)."""

    shifts: Array
    losses: Array
    tangent: Array


def parameter_names(layers: Sequence[int]) -> tuple[str, ...]:
    """Name all parameters: layer by layer, neuron by neuron, its weights and then its bias, as `training.packed` does.

    Args:
        layers: how many inputs there are, and neurons in each layer.
    Returns: the names.
    Raises: ValueError when there is no layer, or one is too small or large.

    >>> parameter_names((1, 2, 1))
    ('w1_1_1', 'b1_1', 'w1_2_1', 'b1_2', 'w2_1_1', 'w2_1_2', 'b2_1')
    """
    names = []
    for layer, (n_in, n_out) in enumerate(itertools.pairwise(neural_net.checked_layers(layers)), 1):
        for neuron in range(1, n_out + 1):
            names += [f"w{layer}_{neuron}_{i}" for i in range(1, n_in + 1)] + [f"b{layer}_{neuron}"]
    return tuple(names)


def parameter_place(layers: Sequence[int], name: str) -> int:
    """Return where a parameter stands in the vector of all of them.

    Args:
        layers: as in `parameter_names`.
        name: of the parameter, such as "w1_2_1" or "b1_2".
    Returns: its index, from 0.
    Raises: ValueError when there is no such parameter.

    >>> parameter_place((1, 2, 1), "w2_1_2")
    5
    """
    names = parameter_names(layers)
    if name not in names:
        last = len(layers) - 1
        raise ValueError(
            f"there is no parameter {name!r}; with layers {', '.join(map(str, layers))} there are weights from w1_1_1 (layer, "
            f"to neuron, from input) to w{last}_{layers[-1]}_{layers[-2]}, and biases from b1_1 to b{last}_{layers[-1]}."
        )
    return names.index(name)


def parameter(network: Network, name: str) -> float:
    """Return the value of one parameter.

    Args:
        network: the network.
        name: of the parameter.
    Returns: the weight or bias.
    Raises: ValueError when there is no such parameter.

    >>> parameter(Network((np.array([[2.0, 3.0]]),), (np.array([0.5]),)), "w1_1_2")
    3.0
    """
    return float(packed(network)[parameter_place(network.layers, name)])


def with_parameter(network: Network, name: str, value: float) -> Network:
    """Return the network with another value of one parameter.

    Args:
        network: the network, which stays as it is.
        name: of the parameter.
        value: a finite number.
    Returns: a new network.
    Raises: ValueError when there is no such parameter, or the value is no finite number.

    >>> net = Network((np.array([[2.0]]),), (np.array([0.5]),))
    >>> with_parameter(net, "b1_1", 7.0).biases
    (array([7.]),)
    """
    vector = packed(network)
    vector[parameter_place(network.layers, name)] = checks.number(value, name)
    return _rebuilt(network, vector)


def paths(network: Network, X: ArrayLike, y: ArrayLike, name: str, sample: int) -> Paths:
    """Return the derivative of one sample's loss by one parameter as a sum over all paths, of products along each path.

    dL/dw = sum over paths of dz/dw * da/dz * dz'/da * da'/dz' * ... * dL/da, with ' for the layer behind. With
    cross-entropy the last two factors are one, dL/dz = a - y.
    Args:
        network, X, y: as in `neural_net.backpropagate`.
        name: of the parameter.
        sample: index of the sample, from 0.
    Returns: every path with its factors, their sum, and the same derivative by backpropagation and by a central difference.
    Raises: ValueError when there is no such parameter or sample, X or y does not fit, or there are more than 10,000 paths.
    Source: M. Nielsen, "Neural Networks and Deep Learning", 2015, chapter 2, "Backpropagation: the big picture".

    >>> net = Network((np.array([[1.0], [2.0]]), np.array([[3.0, 4.0]])), (np.zeros(2), np.zeros(1)), "linear")
    >>> found = paths(net, [[1.0]], [[10.0]], "w1_2_1", 0)  # z = 1, 2, then 3 * 1 + 4 * 2 = 11: one too many
    >>> [factor.value for factor in found.paths[0].factors], found.total
    ([1.0, 1.0, 4.0, 1.0, 1.0], 4.0)
    """
    place = parameter_place(network.layers, name)
    X, y = chosen_samples(network, X, y, sample)
    layer, neuron, source = place_of(name)
    behind = network.layers[layer + 2 :]
    if math.prod(behind) > MOST_PATHS:
        raise ValueError(f"there are {math.prod(behind):,} paths from {name}, more than {MOST_PATHS:,}; choose fewer neurons.")
    found = backpropagate(network, X, y)
    given = 1.0 if source is None else float(found.passed.a[layer][0, source])
    first = Factor(rf"\frac{{\partial {symbol_of('z', layer, neuron)}}}{{\partial {parameter_symbol(name)}}}", given)
    ways = []
    for indices in itertools.product([neuron], *map(range, behind)):
        neurons = tuple(enumerate(indices, layer))
        factors = (first, *_factors_along(network, found, y[0], neurons))
        ways.append(Path(neurons, factors, math.prod(factor.value for factor in factors)))
    total = sum(way.product for way in ways)
    with np.errstate(over="ignore", invalid="ignore"):
        measured = jacobian(lambda w: _loss(with_parameter(network, name, w[0]), X, y), [parameter(network, name)])
    return Paths(tuple(ways), total, float(_gradient(network, found)[place]), float(measured[0, 0]))


def _factors_along(network: Network, found: Backward, y: Array, neurons: Sequence[tuple[int, int]]) -> list[Factor]:
    """Return the factors of a path from the z of its first neuron to the loss."""
    factors = []
    for here, ahead in itertools.pairwise(neurons):
        weight = network.weights[ahead[0]][ahead[1], here[1]]
        factors += [_slope_factor(found, *here), _factor("z", ahead, "a", here, weight)]
    layer, neuron = neurons[-1]
    error = found.passed.a[-1][0, neuron] - y[neuron]
    if network.loss == "squared":
        return [*factors, _slope_factor(found, layer, neuron), _factor("L", None, "a", (layer, neuron), error)]
    return [*factors, _factor("L", None, "z", (layer, neuron), error)]


def _slope_factor(found: Backward, layer: int, neuron: int) -> Factor:
    """Return da/dz of a neuron."""
    return _factor("a", (layer, neuron), "z", (layer, neuron), found.slopes[layer][0, neuron])


def _factor(above: str, of: tuple[int, int] | None, below: str, by: tuple[int, int], value: float) -> Factor:
    """Return a factor with its name, such as dz'/da."""
    top = above if of is None else symbol_of(above, *of)
    return Factor(rf"\frac{{\partial {top}}}{{\partial {symbol_of(below, *by)}}}", float(value))


def gradient_check(network: Network, X: ArrayLike, y: ArrayLike, l1: float = 0.0, l2: float = 0.0) -> GradientCheck:
    """Return the derivative of the mean loss by every parameter, by backpropagation and by central differences.

    (L(w + h) - L(w - h)) / 2h with h = eps^(1/3) max(1, |w|). Near a kink, of ReLU or of l1 |w|, the two differ.
    Args:
        network, X, y, l1, l2: as in `neural_net.backpropagate`; at most 2,000 parameters.
    Returns: both gradients, and their errors |a - n| / max(|a|, |n|, 1e-4 max(1, loss)).
    Raises: ValueError when X or y does not fit, or there are too many parameters.
    Source: W. Press and others, "Numerical Recipes", 2007, section 5.7.

    >>> net = Network((np.array([[2.0]]),), (np.array([0.0]),))
    >>> found = gradient_check(net, [[1.0], [2.0]], [[1.0], [1.0]])
    >>> found.names, found.analytic, found.largest < 1e-8
    (('w1_1_1', 'b1_1'), array([3.5, 2. ]), True)
    """
    at, names = packed(network), parameter_names(network.layers)
    if len(at) > MOST_PARAMETERS:
        raise ValueError(f"there are {len(at):,} parameters, more than {MOST_PARAMETERS:,}; choose a smaller network.")
    X, y = chosen_samples(network, X, y)
    found = backpropagate(network, X, y, l1, l2)
    analytic, floor = _gradient(network, found), FLOOR * max(1.0, found.loss)
    with np.errstate(over="ignore", invalid="ignore"):
        numeric = jacobian(lambda weights: _loss(_rebuilt(network, weights), X, y, l1, l2), at)[0]
        errors = np.abs(analytic - numeric) / np.maximum(np.maximum(np.abs(analytic), np.abs(numeric)), floor)
    return GradientCheck(names, analytic, numeric, errors, float(errors.max()))


def epsilon_errors(network: Network, X: ArrayLike, y: ArrayLike, name: str, sample: int | None = None) -> EpsilonErrors:
    """Return how the error of a measured derivative falls and rises again as epsilon shrinks from 1e-1 to 1e-12.

    |(L(w + e) - L(w)) / e - dL/dw| and |(L(w + e) - L(w - e)) / 2e - dL/dw|: of order e and e^2, until rounding, of order
    1e-16 L / e, takes over. Where nothing is rounded, an error may be 0.
    Args:
        network, X, y: as in `neural_net.backpropagate`.
        name: of the parameter.
        sample: index of one sample, or None for the mean loss over all.
    Returns: the epsilons, six a decade, and both errors.
    Raises: ValueError when there is no such parameter or sample, or X or y does not fit.
    Source: W. Press and others, "Numerical Recipes", 2007, section 5.7.

    >>> net = Network((np.array([[2.0]]),), (np.array([0.0]),))
    >>> found = epsilon_errors(net, [[1.0]], [[1.0]], "w1_1_1")  # half of (w - 1)^2: half of e is left
    >>> [float(round(e, 9)) for e in found.forward[[0, 6]]]
    [0.05, 0.005]
    """
    place, (X, y) = parameter_place(network.layers, name), chosen_samples(network, X, y, sample)
    slope = _gradient(network, backpropagate(network, X, y))[place]
    direction = np.eye(1, len(packed(network)), place)[0]
    epsilons = 10.0 ** -(1 + np.arange(67) / 6)
    losses = [_losses_along(network, X, y, direction, shifts) for shifts in (epsilons, -epsilons, np.zeros(1))]
    with np.errstate(over="ignore", invalid="ignore"):
        one_sided = np.abs((losses[0] - losses[2]) / epsilons - slope)
        return EpsilonErrors(epsilons, one_sided, np.abs((losses[0] - losses[1]) / (2 * epsilons) - slope))


def one_step(
    network: Network, X: ArrayLike, y: ArrayLike, name: str, learning_rate: float, sample: int | None = None
) -> OneStep:
    """Return what one step downhill of one parameter, or of all, does to the loss, beside what its slope promised.

    w = w - learning_rate dL/dw, so the promise is -learning_rate |gradient|^2; what is left over is of second order.
    Args:
        network, X, y: as in `neural_net.backpropagate`.
        name: of the parameter that moves; "" moves all.
        learning_rate: how far it goes, 0 to 100.
        sample: index of one sample, or None for the mean loss over all.
    Returns: the step, and the loss before and after it; inf or NaN where it overflows.
    Raises: ValueError when there is no such parameter or sample, X or y does not fit, or the rate is out of range.

    >>> net = Network((np.array([[2.0]]),), (np.array([0.0]),))
    >>> found = one_step(net, [[1.0]], [[1.0]], "w1_1_1", 0.5)  # half of (w - 1)^2, from 2 to 1.5
    >>> found.new, found.predicted, found.actual
    (array([1.5]), -0.5, -0.375)
    """
    rate, (X, y) = checks.number(learning_rate, "learning_rate", 0, 100), chosen_samples(network, X, y, sample)
    names, vector = parameter_names(network.layers), packed(network)
    moving = [parameter_place(network.layers, name)] if name else list(range(len(names)))
    found = backpropagate(network, X, y)
    old, gradient = vector[moving], _gradient(network, found)[moving]
    with np.errstate(over="ignore", invalid="ignore"):
        step = -rate * gradient
        vector[moving] = new = old + step
        predicted = float(step @ gradient)
    after = _rebuilt(network, vector)
    loss = _loss(after, X, y)
    moved = tuple(names[i] for i in moving)
    return OneStep(moved, old, new, gradient, step, found.loss, loss, predicted, loss - found.loss, after)


def along(
    network: Network, X: ArrayLike, y: ArrayLike, name: str, reach: float, n: int = 101, sample: int | None = None
) -> Along:
    """Return the loss as one parameter is shifted to both sides, or as all go downhill, with the tangent at the start.

    One parameter: L(w + t) for t from -reach to reach, beside L + t dL/dw. All: L(w - t g) for t from 0 to reach, beside
    L - t |g|^2, where g is the gradient: t is the learning rate of one step.
    Args:
        network, X, y: as in `neural_net.backpropagate`.
        name: of the parameter that moves; "" moves all.
        reach: the largest shift, above 0 to 1000.
        n: how many shifts, 2 to 201; an odd number puts one at 0.
        sample: index of one sample, or None for the mean loss over all.
    Returns: shifts, losses and the tangent; losses are inf or NaN where they overflow.
    Raises: ValueError when there is no such parameter or sample, X or y does not fit, or a number is out of range.

    >>> net = Network((np.array([[2.0]]),), (np.array([0.0]),))
    >>> found = along(net, [[1.0]], [[1.0]], "w1_1_1", 1.0, 3)  # half of (w - 1)^2 at 1, 2 and 3
    >>> found.losses, found.tangent
    (array([0. , 0.5, 2. ]), array([-0.5,  0.5,  1.5]))
    """
    far, count = checks.number(reach, "reach", 0, 1000), checks.whole_number(n, "n", 2, 201)
    if far == 0:
        raise ValueError("reach is 0, so there is nothing to see; choose a number above 0, such as 1.")
    X, y = chosen_samples(network, X, y, sample)
    found = backpropagate(network, X, y)
    gradient = _gradient(network, found)
    direction = np.eye(1, len(gradient), parameter_place(network.layers, name))[0] if name else -gradient
    shifts = np.linspace(-far if name else 0.0, far, count)
    with np.errstate(over="ignore", invalid="ignore"):
        tangent = found.loss + shifts * (gradient @ direction)
    return Along(shifts, _losses_along(network, X, y, direction, shifts), tangent)


def place_of(name: str) -> tuple[int, int, int | None]:
    """Return the layer of a parameter, the neuron that it belongs to, and the input that a weight is for; all from 0.

    Args:
        name: of the parameter.
    Returns: layer, neuron, and source, None of a bias.

    >>> place_of("w2_1_3"), place_of("b1_2")
    ((1, 0, 2), (0, 1, None))
    """
    layer, neuron, *source = (int(number) - 1 for number in name[1:].split("_"))
    return layer, neuron, source[0] if source else None


def parameter_symbol(name: str) -> str:
    r"""Return a parameter in LaTeX: its layer above, its neuron and, of a weight, its input below.

    Args:
        name: of the parameter.
    Returns: the symbol.

    >>> parameter_symbol("w2_1_3"), parameter_symbol("b1_2")
    ('w^{(2)}_{1 3}', 'b^{(1)}_{2}')
    """
    layer, *places = name[1:].split("_")
    return f"{name[0]}^{{({layer})}}_{{{' '.join(places)}}}"


def symbol_of(letter: str, layer: int, neuron: int) -> str:
    r"""Return a letter with its layer above and its neuron below, which formulas count from 1.

    Args:
        letter: in LaTeX.
        layer, neuron: from 0.
    Returns: the symbol in LaTeX.

    >>> symbol_of(r"\delta", 0, 1)
    '\\delta^{(1)}_{2}'
    """
    return f"{letter}^{{({layer + 1})}}_{{{neuron + 1}}}"


def chosen_samples(network: Network, X: ArrayLike, y: ArrayLike, sample: int | None = None) -> tuple[Array, Array]:
    """Return all samples and targets, or those of one sample.

    Args:
        network, X, y: as in `neural_net.backpropagate`.
        sample: index of one sample, from 0, or None for all.
    Returns: X and y of the samples, as matrices.
    Raises: ValueError when there is no such sample, or X or y does not fit.

    >>> net = Network((np.array([[2.0]]),), (np.array([0.0]),))
    >>> chosen_samples(net, [[1.0], [2.0]], [[3.0], [4.0]], 1)
    (array([[2.]]), array([[4.]]))
    """
    X = checks.matrix(X, (None, network.layers[0]), "X")
    y = checks.matrix(y, (len(X), network.layers[-1]), "y")
    if sample is None:
        return X, y
    row = checks.whole_number(sample, "sample", 0, len(X) - 1)
    return X[row : row + 1], y[row : row + 1]


def _rebuilt(network: Network, weights: Array) -> Network:
    """Return a network with all parameters from one vector."""
    return unpacked_network(weights, Recipe(network.layers, network.activation, network.output, network.loss))


def _gradient(network: Network, found: Backward) -> Array:
    """Return all derivatives as one vector, in the order of `parameter_names`."""
    return packed(replace(network, weights=found.weights, biases=found.biases))


def _loss(network: Network, X: Array, y: Array, l1: float = 0.0, l2: float = 0.0) -> float:
    """Return the loss after a forward pass."""
    return loss_of(network, forward(network, X), y, l1, l2)


def _losses_along(network: Network, X: Array, y: Array, direction: Array, shifts: Array) -> Array:
    """Return the loss at every place weights + shift * direction: a forward pass with the shifts as first axis of all."""
    way, t, a = _rebuilt(network, direction), shifts[:, None, None], X
    if len(shifts) * len(X) * max(network.layers) > MOST_NUMBERS:
        raise ValueError(f"{len(X):,} samples are too many for {len(shifts)} shifts of this network; take fewer.")
    with np.errstate(over="ignore", invalid="ignore"):
        for layer, name in enumerate(network.activations):
            W, b = network.weights[layer] + t * way.weights[layer], network.biases[layer] + t * way.biases[layer]
            z = a @ W.swapaxes(1, 2) + b
            a = softmax(z, axis=2) if name == "softmax" else ACTIVATIONS[name].value(z)
        if network.loss == "squared":  # as in `loss_of`, whose sum would take the shifts together
            each = (a - y) ** 2 / 2
        else:
            each = -y * log_softmax(z, axis=2) if network.output == "softmax" else np.logaddexp(0, z) - y * z
        return np.asarray(each.sum(axis=(1, 2)) / len(X))
