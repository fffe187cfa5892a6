"""Backpropagation under a magnifying glass: every factor of every derivative, checked against differences.

A parameter has a text as its name: "w1_2_3" is the weight of layer 1, to its neuron 2, from the layer's input 3, and "b1_2"
is the bias of neuron 2 in layer 1. Names and formulas count from 1; layers and neurons as numbers count from 0, as in
`Network.weights`.
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
MOST_TERMS = 4  # of a sum that is spelt out


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


@dataclass(frozen=True, eq=False)
class DeltaFlow:
    """Root mean squares of delta and of a in each layer, both (n_layers,), and the mean ratio of delta from one to the next.

    `ratio` is (deltas[0] / deltas[-1])^(1 / (n_layers - 1)): what a layer makes of the blame that comes from behind it.
    """

    deltas: Array
    activations: Array
    ratio: float


@dataclass(frozen=True)
class Moment:
    """One line of a calculation by hand; `neuron` is -1 for the loss, whose `layer` is the last one."""

    layer: int
    neuron: int
    kind: str
    latex: str
    value: float


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
    X, y = _chosen(network, X, y, sample)
    kind, layer, neuron = name[0], *(int(number) - 1 for number in name[1:].split("_")[:2])
    behind = network.layers[layer + 2 :]
    if math.prod(behind) > MOST_PATHS:
        raise ValueError(f"there are {math.prod(behind):,} paths from {name}, more than {MOST_PATHS:,}; choose fewer neurons.")
    found = backpropagate(network, X, y)
    given = 1.0 if kind == "b" else float(found.passed.a[layer][0, int(name.split("_")[-1]) - 1])
    first = Factor(rf"\frac{{\partial {_symbol('z', layer, neuron)}}}{{\partial {kind}}}", given)
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
    top = above if of is None else _symbol(above, *of)
    return Factor(rf"\frac{{\partial {top}}}{{\partial {_symbol(below, *by)}}}", float(value))


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
    X, y = _chosen(network, X, y)
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
    place, (X, y) = parameter_place(network.layers, name), _chosen(network, X, y, sample)
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
    rate, (X, y) = checks.number(learning_rate, "learning_rate", 0, 100), _chosen(network, X, y, sample)
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
    X, y = _chosen(network, X, y, sample)
    found = backpropagate(network, X, y)
    gradient = _gradient(network, found)
    direction = np.eye(1, len(gradient), parameter_place(network.layers, name))[0] if name else -gradient
    shifts = np.linspace(-far if name else 0.0, far, count)
    with np.errstate(over="ignore", invalid="ignore"):
        tangent = found.loss + shifts * (gradient @ direction)
    return Along(shifts, _losses_along(network, X, y, direction, shifts), tangent)


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


def forward_story(network: Network, X: ArrayLike, y: ArrayLike, sample: int) -> tuple[Moment, ...]:
    r"""Return the calculation of one sample in the order in which a person does it, each line in LaTeX with its numbers.

    Layer by layer z and a of each neuron (of a softmax all z, then all a), then the loss, then delta from the last layer to
    the first. Numbers have 4 digits, and sums of more than 4 products end in dots.
    Args:
        network, X, y: as in `neural_net.backpropagate`.
        sample: index of the sample, from 0.
    Returns: one moment a line, of kind "z", "a", "loss" or "delta".
    Raises: ValueError when there is no such sample, or X or y does not fit.

    >>> net = Network((np.array([[0.5]]),), (np.array([0.1]),))
    >>> [moment.latex for moment in forward_story(net, [[1.2]], [[1.0]], 0)][::3]
    ['z^{(1)}_{1} = 0.5 \\cdot 1.2 + 0.1 = 0.7', '\\delta^{(1)}_{1} = (0.7 - 1) \\cdot 1 = -0.3']
    """
    X, y = _chosen(network, X, y, sample)
    found = backpropagate(network, X, y)
    story = []
    for layer, z in enumerate(found.passed.z):
        order = [(kind, j) for j in range(z.shape[1]) for kind in "za"]
        if network.activations[layer] == "softmax":
            order.sort(key=lambda line: line[0] == "a")  # each a needs all z
        for kind, neuron in order:
            text, value = (_sum_line if kind == "z" else _activation_line)(network, found, layer, neuron)
            story.append(_moment(kind, layer, neuron, text, value))
    last = len(found.deltas) - 1
    story.append(Moment(last, -1, "loss", f"L = {_loss_text(network, found, y[0])} = {_digits(found.loss)}", found.loss))
    for layer in range(last, -1, -1):
        for neuron, delta in enumerate(found.deltas[layer][0]):
            story.append(_moment("delta", layer, neuron, _delta_text(network, found, y[0], layer, neuron), delta))
    return tuple(story)


def _moment(kind: str, layer: int, neuron: int, text: str, value: float) -> Moment:
    """Return the moment at which symbol = text = value is written down."""
    symbol = _symbol(r"\delta" if kind == "delta" else kind, layer, neuron)
    return Moment(layer, neuron, kind, f"{symbol} = {text} = {_digits(value)}", float(value))


def _sum_line(network: Network, found: Backward, layer: int, neuron: int) -> tuple[str, float]:
    """Return what z is made of, and z."""
    products, b = _products(network.weights[layer][neuron], found.passed.a[layer][0]), network.biases[layer][neuron]
    return f"{products} {'-' if b < 0 else '+'} {_digits(abs(b))}", found.passed.z[layer][0, neuron]


def _activation_line(network: Network, found: Backward, layer: int, neuron: int) -> tuple[str, float]:
    """Return what a is made of, and a."""
    z, name = found.passed.z[layer][0], network.activations[layer]
    if name == "softmax":
        powers = [f"e^{{{_digits(x)}}}" for x in z]
        text = rf"\frac{{{powers[neuron]}}}{{{_plus(powers)}}}"
    else:
        forms = {"tanh": r"\tanh({})", "ReLU": r"\max(0, {})", "sigmoid": r"\sigma({})", "linear": _symbol("z", layer, neuron)}
        text = forms[name].replace("{}", _digits(z[neuron]))
    return text, found.passed.a[layer + 1][0, neuron]


def _loss_text(network: Network, found: Backward, y: Array) -> str:
    """Return what the loss of a sample is made of."""
    outputs = found.passed.a[-1][0]
    if network.loss == "squared":
        squares = [f"({_error_text(a, wanted)})^2" for a, wanted in zip(outputs, y, strict=True)]
        return r"\frac{1}{2} " + (squares[0] if len(squares) == 1 else rf"\left({_plus(squares)}\right)")
    parts = [(wanted, _digits(a)) for a, wanted in zip(outputs, y, strict=True)]
    if network.output == "sigmoid":
        parts = [part for wanted, a in parts for part in ((wanted, a), (1 - wanted, f"1 - {a}"))]
    logs = [(rf"{_bracketed(share)} \cdot " if share != 1 else "") + rf"\ln({p})" for share, p in parts if share]
    return "0" if not logs else f"-{logs[0]}" if len(logs) == 1 else rf"-\left({_plus(logs)}\right)"


def _delta_text(network: Network, found: Backward, y: Array, layer: int, neuron: int) -> str:
    """Return what delta is made of: blame from behind (or the error) times the neuron's own slope."""
    if layer == len(found.deltas) - 1:
        blame = _error_text(found.passed.a[-1][0, neuron], y[neuron])
        if network.loss == "cross-entropy":
            return blame
    else:
        blame = _products(network.weights[layer + 1][:, neuron], found.deltas[layer + 1][0])
    return rf"({blame}) \cdot {_bracketed(found.slopes[layer][0, neuron])}"


def _products(left: Array, right: Array) -> str:
    """Return a sum of products with their numbers."""
    return _plus([rf"{_bracketed(u)} \cdot {_bracketed(v)}" for u, v in zip(left, right, strict=True)])


def _plus(terms: Sequence[str]) -> str:
    """Return a sum, of which at most 4 terms are spelt out."""
    return " + ".join([*terms[:MOST_TERMS], r"\dots"] if len(terms) > MOST_TERMS else terms)


def _error_text(a: float, wanted: float) -> str:
    """Return a - y in numbers."""
    return f"{_digits(a)} - {_bracketed(wanted)}"


def _bracketed(x: float) -> str:
    """Return a number that can stand behind a sign: a negative one in brackets."""
    return f"({_digits(x)})" if x < 0 else _digits(x)


def _digits(x: float) -> str:
    r"""Return a number in LaTeX with 4 significant digits.

    >>> _digits(-0.00001234567)
    '-1.235 \\cdot 10^{-5}'
    """
    if not math.isfinite(x):
        return r"\text{NaN}" if math.isnan(x) else r"-\infty" if x < 0 else r"\infty"
    digits, _, power = f"{x + 0.0:.4g}".partition("e")  # + 0.0: no -0
    return rf"{digits} \cdot 10^{{{int(power)}}}" if power else digits


def _symbol(letter: str, layer: int, neuron: int) -> str:
    """Return a letter with its layer above and its neuron below, which formulas count from 1."""
    return f"{letter}^{{({layer + 1})}}_{{{neuron + 1}}}"


def _chosen(network: Network, X: ArrayLike, y: ArrayLike, sample: int | None = None) -> tuple[Array, Array]:
    """Return all samples and targets, or those of one sample."""
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


def _size(x: Array) -> float:
    """Return the root mean square, also of numbers whose squares are too large or small for a float."""
    peak = float(np.abs(x).max())
    with np.errstate(invalid="ignore"):
        return peak * float(np.sqrt(np.mean((x / peak) ** 2))) if peak else 0.0
