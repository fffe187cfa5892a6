"""Small networks to look at with every number on them: their samples, their first weights, and how a few steps move them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mml_core import checks, datasets, neural_net, training
from mml_core.checks import Array
from mml_core.neural_net import Network

MOST_STEPS = 200
CURVE_LAYERS = (1, 6, 7, 2)
CURVE_SAMPLES = 60


@dataclass(frozen=True)
class Lesson:
    """A network before any step, with weights of one decimal, and the samples that it is to learn."""

    network: Network
    X: Array
    y: Array


@dataclass(frozen=True)
class Steps:
    """A network after each step, from 0 on, and its mean loss over all samples, (n_steps + 1,)."""

    networks: tuple[Network, ...]
    losses: Array


@dataclass(frozen=True)
class LearntCurve:
    """A closed curve and the network that learns it.

    Attributes:
        t: The inputs, from -1 to below 1 once around, (n, 1).
        points: Where the curve is at each, (n, 2).
        run: The training.
    """

    t: Array
    points: Array
    run: training.Training


def _wave() -> tuple[Array, Array]:
    X = np.array([[-1.5], [-1.0], [-0.5], [0.5], [1.0], [1.5]])
    return X, np.round(np.sin(1.5 * X), 2).astype(float)


def _corners() -> tuple[Array, Array]:
    X = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    return X, np.array([[0.9], [-0.9], [-0.9], [0.9]])


def _turn() -> tuple[Array, Array]:
    X = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])
    y: Array = np.round(X @ np.array([[0.6, 0.8], [-0.8, 0.6]]), 2)
    return X, y


def _heart() -> tuple[Array, Array]:
    curve = datasets.closed_curve((np.array(datasets.HEART) - 0.5) * 2, 12)
    return np.round(2 * curve.t - 1, 2), np.round(curve.points, 2)


# The layers of each small network, and its samples.
LESSONS: dict[str, tuple[tuple[int, ...], Callable[[], tuple[Array, Array]]]] = {
    "1-2-1": ((1, 2, 1), _wave),
    "1-1-1-1": ((1, 1, 1, 1), _wave),
    "2-3-1": ((2, 3, 1), _corners),
    "2-3-2": ((2, 3, 2), _turn),
    "1-6-7-2": (CURVE_LAYERS, _heart),
}


def lesson(name: str, activation: str = "tanh", seed: int = 1) -> Lesson:
    """Return a small network with its samples: Xavier's weights, biases of standard deviation 0.5, all with one decimal.

    Args:
        name: One of `LESSONS`, such as "1-2-1".
        activation: Of the hidden layers; the output is linear, the loss squared.
        seed: Of the weights, from 0.

    Returns:
        The network and its samples.

    Raises:
        ValueError: There is no such network or activation.

    >>> start = lesson("1-2-1")
    >>> start.network.layers, start.X.shape, start.y.shape
    ((1, 2, 1), (6, 1), (6, 1))
    """
    if name not in LESSONS:
        raise ValueError(f"there is no network {name!r}; choose one of {', '.join(LESSONS)}.")
    layers, made = LESSONS[name]
    rng = np.random.default_rng(checks.whole_number(seed, "seed", 0))
    drawn = neural_net.initial(layers, rng, activation=activation)
    weights = tuple(_one_decimal(W) for W in drawn.weights)
    biases = tuple(_one_decimal(0.5 * rng.standard_normal(b.shape)) for b in drawn.biases)
    return Lesson(Network(weights, biases, activation), *made())


def _one_decimal(values: Array) -> Array:
    """Return values rounded to one decimal, none of them 0: a weight of 0 would hide everything behind it."""
    rounded = np.round(values, 1)
    return np.where(rounded == 0, np.where(values < 0, -0.1, 0.1), rounded)


def walked(start: Lesson, learning_rate: float, n_steps: int, sample: int = -1) -> Steps:
    """Return a small network after each of some plain steps downhill, on one sample or on all.

    Args:
        start: The network and its samples.
        learning_rate: 0 or more.
        n_steps: 0 to 200.
        sample: Which sample each step learns from, from 0; -1 for all of them.

    Returns:
        The networks and their losses; where numbers overflow they end before.

    Raises:
        ValueError: A number is out of range.

    >>> steps = walked(lesson("1-2-1"), 0.1, 5)
    >>> len(steps.networks), bool((np.diff(steps.losses) < 0).all())
    (6, True)
    """
    rate = checks.number(learning_rate, "learning_rate", 0)
    n = checks.whole_number(n_steps, "n_steps", 0, MOST_STEPS)
    one = checks.whole_number(sample, "sample", -1, len(start.X) - 1)
    rows = slice(None) if one < 0 else slice(one, one + 1)

    def loss(network: Network) -> float:
        return neural_net.loss_of(network, neural_net.forward(network, start.X), start.y)

    networks, losses = [start.network], [loss(start.network)]
    for _ in range(n):
        after, _ = neural_net.downhill_step(networks[-1], start.X[rows], start.y[rows], rate)
        now = loss(after)
        if not now < training.TOO_LARGE:
            break
        networks.append(after)
        losses.append(now)
    return Steps(tuple(networks), np.array(losses))


def learnt_curve(
    points: ArrayLike, activation: str = "tanh", learning_rate: float = 0.2, n_epochs: int = 1000, seed: int = 3, *,
    report: training.Report = None,
) -> LearntCurve:  # fmt: skip
    """Train a 1-6-7-2 network on a closed curve of two outputs, all samples a step, momentum 0.9, and keep every epoch.

    Args:
        points: What the curve goes through, (m, 2), m at least 3.
        activation: Of the hidden layers.
        learning_rate: Above 0.
        n_epochs: 0 to 100,000.
        seed: Of the first weights.
        report: Called as (done, total) after every few epochs.

    Returns:
        The curve and the training.

    Raises:
        ValueError: There are too few points, or a number is out of range.

    >>> found = learnt_curve([[1, 0], [0, 1], [-1, 0], [0, -1]], n_epochs=200)
    >>> found.points.shape, bool(found.run.train_loss[-1] < 0.05)
    ((60, 2), True)
    """
    curve = datasets.closed_curve(points, CURVE_SAMPLES)
    t = 2 * curve.t - 1
    run = training.train(
        t, curve.points, layers=CURVE_LAYERS, activation=activation, output="linear", learning_rate=learning_rate,
        batch_size=CURVE_SAMPLES, n_epochs=n_epochs, momentum=0.9, seed=seed, report=report,
    )  # fmt: skip
    return LearntCurve(t, curve.points, run)
