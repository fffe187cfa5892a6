"""Look inside a network: what each neuron says to every place of the map, and where its last hidden layer moves the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from mml_core import neural_net, samples
from mml_core.checks import Array
from mml_core.neural_net import Network
from mml_core.problems import Problem

Whole = NDArray[np.int64]
WAYS = ("First two neurons", "Principal components")
N_LINES = 13  # of the bent grid, in each direction
PER_LINE = 31
LARGEST_SINGLE = 1e4  # weight: six layers of such weights still fit into single precision
SATURATED = 0.95  # of the way to its limit, for that share of the samples


@dataclass(frozen=True)
class HeatMaps:
    """What neurons say to each place of the map; row 0 is its upper edge.

    Attributes:
        shown: Of the output, or of the neuron that was asked for, (n, n), from -1 to 1; 0 is where it is undecided.
        regions: The class chosen at each place, (n, n), where there are more than two and the output is shown; else (0, 0).
        neurons: Of the inputs and of each layer, (neurons, m, m), from -1 to 1.
    """

    shown: Array
    regions: Whole
    neurons: tuple[Array, ...]


@dataclass(frozen=True)
class Bent:
    """The map as the last hidden layer sees it, on two axes.

    Attributes:
        lines: The grid of the map, bent, (n_lines, n_points, 2).
        points: The samples, (n_samples, 2).
        shown: What the output layer makes of each place there, (g, g), from -1 to 1: its 0 is a straight line.
        regions: The class chosen there, (g, g), where there are more than two; else (0, 0).
        cut: Where that line enters and leaves the picture, (2, 2); (0, 2) where there are more classes, or it does not.
        radius: The picture goes from -radius to radius.
        axes: What the two axes are, in words.
    """

    lines: Array
    points: Array
    shown: Array
    regions: Whole
    cut: Array
    radius: float
    axes: str


def heat_maps(problem: Problem, network: Network, shown: tuple[int, int] | None = None, n: int = 100, m: int = 30) -> HeatMaps:
    """Return what the network and each of its neurons say to every place of the map.

    Values that have limits are drawn between them (a sigmoid from 0 to 1 becomes -1 to 1); others are cut at -1 and 1, and
    inputs are divided by the largest there is.

    Args:
        problem: What the network learns: it says what the inputs are at a place.
        network: The network.
        shown: (layer, neuron) to show large, layer 0 being the inputs; None for the output.
        n, m: Places across the large picture, and across those of the neurons.

    Returns:
        The pictures.

    Raises:
        ValueError: The network does not fit the problem, or has no such neuron.

    >>> from mml_core.problems import toy_problem
    >>> net = Network((np.array([[1.0, 0.0]]),), (np.array([0.0]),), output="tanh")
    >>> heat_maps(toy_problem("Circles"), net).shown[0, [0, -1]].round(3).tolist()
    [-1.0, 1.0]
    """
    layer, neuron = (len(network.weights), 0) if shown is None else shown
    if not (0 <= layer < len(network.layers) and 0 <= neuron < network.layers[layer]):
        raise ValueError(f"there is no neuron {neuron + 1} in layer {layer}; the layers have {network.layers} neurons.")
    places = np.vstack([places_of(problem.radius, n), places_of(problem.radius, m)])
    a = _in_single_precision(network, problem.inputs_at(places))
    large, small = [part[: n * n] for part in a], [part[n * n :] for part in a]
    none = np.empty((0, 0), np.int64)
    regions = large[-1].argmax(axis=1).reshape(n, n) if shown is None and problem.n_outputs > 1 else none
    names = ("input", *network.activations)
    neurons = tuple(_limited(part, name).T.reshape(-1, m, m) for part, name in zip(small, names, strict=True))
    return HeatMaps(_limited(large[layer][:, [neuron]], names[layer]).reshape(n, n), regions, neurons)


def _in_single_precision(network: Network, X: Array) -> list[Any]:
    """Return the activations of each layer as `neural_net.forward` does, in a third of its time: pictures need no more."""
    largest = max(float(np.abs(part).max()) for part in (*network.weights, *network.biases))
    kind = np.float32 if largest < LARGEST_SINGLE else np.float64
    a: list[Any] = [X.astype(kind)]
    with np.errstate(over="ignore", invalid="ignore"):
        for W, b, name in zip(network.weights, network.biases, network.activations, strict=True):
            z = a[-1] @ W.T.astype(kind) + b.astype(kind)
            a.append(softmax(z, axis=1) if name == "softmax" else neural_net.ACTIVATIONS[name].value(z))
    return a


def places_of(radius: float, n: int) -> Array:
    """Return the middles of n x n squares that cover [-radius, radius]^2, (n^2, 2), row by row from the upper edge.

    >>> places_of(2.0, 2).tolist()
    [[-1.0, 1.0], [1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]]
    """
    middles = radius * ((2 * np.arange(n) + 1) / n - 1)
    x, y = np.meshgrid(middles, -middles)
    return np.column_stack([x.ravel(), y.ravel()])


def _limited(a: Any, name: str) -> Array:
    """Return activations between -1 and 1."""
    seen: Array
    if name == "input":
        seen = a / np.maximum(np.abs(a).max(axis=0), 1e-30)
        return seen
    with np.errstate(invalid="ignore"):
        seen = np.clip(2 * a - 1 if name in ("sigmoid", "softmax") else a, -1, 1)
    return seen


def bent(problem: Problem, network: Network, last: Network, way: str = WAYS[0]) -> Bent:
    """Return the grid of the map and the samples as the last hidden layer sees them.

    Its axes are its first two neurons, or its first two principal components. The latter, and how far the picture reaches,
    are those of the training samples at the end of the training, so that nothing turns while epochs go by. Off these axes the
    other neurons are taken at their mean: the cut that is drawn is exact where there are two neurons.

    Args:
        problem: What the network learns.
        network: The network at the epoch that is looked at.
        last: The network at the end of its training.
        way: One of `WAYS`.

    Returns:
        The bent grid, the samples, and the cut. Without hidden layers it is the inputs that are seen.

    Raises:
        ValueError: The networks do not fit the problem, or the way is unknown.

    >>> from mml_core.problems import toy_problem
    >>> net = Network((np.eye(2), np.array([[1.0, -1.0]])), (np.zeros(2), np.zeros(1)), output="tanh")
    >>> seen = bent(toy_problem("Circles"), net, net)
    >>> seen.axes, bool(abs(seen.lines).max() < 1)  # tanh of each coordinate
    ('neurons 1 and 2', True)
    """
    if way not in WAYS:
        raise ValueError(f"{way!r} is no way to look at a layer; choose one of {', '.join(WAYS)}.")
    train = last_hidden(last, problem.X[problem.train])
    size = train.shape[1]
    if way == WAYS[0] or size < 3 or not train.std(axis=0).any():
        mean, directions = train.mean(axis=0), np.eye(size)[:2]
        mean[:2] = 0.0
        axes = "neurons 1 and 2" if len(network.weights) > 1 else "inputs 1 and 2"
    else:
        plane = samples.principal_plane(train)
        mean, directions = plane.mean, plane.axes
        axes = "components 1 and 2"
    if len(directions) < 2:  # a layer of one neuron: all lies on a line
        directions, axes = np.vstack([directions, np.zeros(size)]), axes.replace("s 1 and 2", " 1")
    reach = np.abs((train - mean) @ directions.T)
    bounded = len(network.weights) > 1 and network.activation in ("tanh", "sigmoid")
    radius = 1.15 if bounded and way == WAYS[0] else max(1.1 * float(np.quantile(reach, 0.99)), 1e-3)
    lines = grid_lines_of(problem)
    moved = last_hidden(network, problem.inputs_at(lines.reshape(-1, 2)))
    seen = (moved - mean) @ directions.T
    there = mean + places_of(radius, 64) @ directions
    names = network.activations[-1]
    head = Network(network.weights[-1:], network.biases[-1:], network.activation, network.output, network.loss)
    out = neural_net.forward(head, there).a[-1]
    many, w = problem.n_outputs > 1, head.weights[0][0]
    return Bent(
        seen.reshape(*lines.shape[:2], 2),
        (last_hidden(network, problem.X) - mean) @ directions.T,
        _limited(out[:, :1], names).reshape(64, 64),
        out.argmax(axis=1).reshape(64, 64) if many else np.empty((0, 0), np.int64),
        np.empty((0, 2)) if many else _line(directions @ w, float(head.biases[0][0] + w @ mean), radius),
        radius,
        axes,
    )


def _line(normal: Array, offset: float, radius: float) -> Array:
    """Return where the line normal . x + offset = 0 enters and leaves [-radius, radius]^2, none where it does not."""
    length = float(np.hypot(*normal))
    if not 1e-300 < length < np.inf or not np.isfinite(offset):
        return np.empty((0, 2))
    nx, ny = normal / length
    foot, along = -offset / length * np.array([nx, ny]), np.array([-ny, nx])
    with np.errstate(divide="ignore", invalid="ignore"):
        meets = np.sort(np.array([-radius - foot, radius - foot]) / along, axis=0)
    enter, leave = np.nanmax(meets[0]), np.nanmin(meets[1])
    return foot + np.outer([enter, leave], along) if enter < leave else np.empty((0, 2))


def last_hidden(network: Network, X: Array) -> Array:
    """Return what the last hidden layer gives to samples, (n_samples, neurons); without one, the inputs themselves."""
    return neural_net.forward(network, X).a[-2]


def grid_lines_of(problem: Problem) -> Array:
    """Return the lines of the map's grid, (n_lines, n_points, 2); of a curve, its one line of inputs."""
    r = problem.radius
    if problem.is_curve:
        along = np.linspace(-r, r, 121)
        return np.column_stack([along, 0 * along])[None]
    along, across = np.linspace(-r, r, PER_LINE), np.linspace(-r, r, N_LINES)
    k, s = np.meshgrid(across, along, indexing="ij")
    return np.concatenate([np.stack([k, s], axis=2), np.stack([s, k], axis=2)])


def quiet_neurons(network: Network, X: Array) -> tuple[tuple[str, ...], ...]:
    """Return, for each neuron of each hidden layer, why nothing is learnt through it, "" where something is.

    "dead": a ReLU that gives 0 to every sample, so that its slope is 0. "saturated": a tanh or sigmoid that is within 5 % of
    a limit for 95 % of the samples, so that its slope hardly differs from 0.

    >>> net = Network((np.array([[1.0], [1.0]]), np.ones((1, 2))), (np.array([0.0, -9.0]), np.zeros(1)), "ReLU")
    >>> quiet_neurons(net, np.array([[1.0], [2.0]]))
    (('', 'dead'),)
    """
    found = []
    for a in neural_net.forward(network, X).a[1:-1]:
        if network.activation == "ReLU":
            still = np.where((a == 0).all(axis=0), "dead", "")
        elif network.activation in ("tanh", "sigmoid"):
            size = np.abs(2 * a - 1 if network.activation == "sigmoid" else a)
            still = np.where((size > SATURATED).mean(axis=0) >= SATURATED, "saturated", "")
        else:
            still = np.full(a.shape[1], "")
        found.append(tuple(still.tolist()))
    return tuple(found)
