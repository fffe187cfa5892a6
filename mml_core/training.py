"""Training a network: mini-batch by mini-batch, with the weights after every epoch kept, so that one can go back in time.

`train_plainly` is the same mathematics as in `neural_net.py`, written to be read. `train` does the same in arrays that are
made once: samples are columns, the bias is the weight of an input that is always 1, and all weights lie in one vector, so
that a step changes them all at once. Tests hold the two equal to 1e-12.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mml_core import checks, neural_net
from mml_core.checks import Array
from mml_core.engine import Engine, matrices
from mml_core.neural_net import Network

Samples = tuple[Array, Array]
Report = Callable[[int, int], None] | None
MOST_BYTES = 50_000_000  # that a history of weights may take
MOST_EPOCHS = 100_000
BLOCK = 64  # epochs whose orders are drawn together: one generator for each would cost as much as some steps
TOO_LARGE = 1e100  # a loss beyond it is on its way out


@dataclass(frozen=True)
class Recipe:
    """How a network is trained: its layers and all that decides what happens to it, chance included."""

    layers: tuple[int, ...]
    activation: str = "tanh"
    output: str = "tanh"
    loss: str = "squared"
    learning_rate: float = 0.03
    batch_size: int = 10
    l1: float = 0.0
    l2: float = 0.0
    momentum: float = 0.0
    scheme: str = "Xavier"
    seed: int = 1

    def start(self) -> Network:
        """Return the network before training: the same for the same seed."""
        names = dict(activation=self.activation, output=self.output, loss=self.loss)
        return neural_net.initial(self.layers, np.random.default_rng(self.seed), self.scheme, **names)


@dataclass(frozen=True)
class Training:
    """A network at every epoch that was kept, and its losses at every epoch; entry 0 is before training.

    Attributes:
        recipe: How it was trained.
        history: All weights after each kept epoch, (n_kept, n_weights): layer by layer, neuron by neuron, each neuron's
            weights and then its bias.
        every: Epochs from one kept network to the next; 1 unless that would take more than 50 MB.
        end: (2, n_weights): the last weights and their velocity, for going on.
        train_loss, test_loss: (n_epochs + 1,) without the price of weights; NaN where there is nothing to test.
        train_accuracy, test_accuracy: Shares of right answers, (n_epochs + 1,); of a regression R^2.
        reason: Why training ended before its time, "" where it did not.
    """

    recipe: Recipe
    history: Array
    every: int
    end: Array
    train_loss: Array
    test_loss: Array
    train_accuracy: Array
    test_accuracy: Array
    reason: str = ""

    @property
    def n_epochs(self) -> int:
        """How many epochs there are."""
        return len(self.train_loss) - 1

    def network(self, epoch: int) -> Network:
        """Return the network after that epoch, or the last one that was kept before it."""
        return unpacked_network(self.history[min(epoch, self.n_epochs) // self.every], self.recipe)


def train(
    X: ArrayLike,
    y: ArrayLike,
    *,
    layers: Sequence[int],
    activation: str = "tanh",
    output: str = "tanh",
    loss: str = "squared",
    learning_rate: float = 0.03,
    batch_size: int = 10,
    n_epochs: int = 100,
    l1: float = 0.0,
    l2: float = 0.0,
    momentum: float = 0.0,
    scheme: str = "Xavier",
    seed: int = 1,
    test: Samples | None = None,
    report: Report = None,
) -> Training:
    """Train a network by mini-batch gradient descent and return it at every epoch.

    An epoch goes through all samples once, in an order of its own: v = momentum v - learning_rate dL/dw, w = w + v, where
    L is the mean loss of a mini-batch plus l1 sum |w| + l2/2 sum w^2.

    Args:
        X: Samples, (n_samples, inputs).
        y: What the outputs should be, (n_samples, outputs).
        layers: Inputs, and neurons in each layer.
        activation, output, loss, scheme: As in `neural_net.initial`.
        learning_rate: How far a step goes, above 0 to 100.
        batch_size: Samples a step, 1 or more; the last step of an epoch takes what is left.
        n_epochs: From 0 to 100,000.
        l1, l2: Prices of weights, 0 to 10.
        momentum: From 0 to 0.999.
        seed: Of the first weights and of the orders; whole, from 0.
        test: Samples and targets that are only looked at.
        report: Called as (done, total) after every few epochs.

    Returns:
        The training; going on from it with `train_on` is the same as training longer at once. Where the loss becomes
        larger than any sense, the history ends before, and the reason is given.

    Raises:
        ValueError: Something is out of range, or X, y and layers do not fit.

    Source: The arrangement of the arrays is described at the head of this file; `train_plainly` is the same to read.

    >>> run = train([[0.0], [1.0]], [[-1.0], [1.0]], layers=(1, 1), learning_rate=1.0, n_epochs=50)
    >>> bool(run.train_loss[50] < 0.05), run.train_accuracy[50].item()
    (True, 1.0)
    """
    recipe = checked_recipe(
        Recipe(
            tuple(layers), activation, output, loss, learning_rate, batch_size, l1, l2, momentum, scheme, seed
        )
    )  # fmt: skip
    return _trained(Engine, recipe, X, y, test, n_epochs, report, None)


def train_on(
    training: Training, X: ArrayLike, y: ArrayLike, n_epochs: int, *, test: Samples | None = None,
    report: Report = None,
) -> Training:  # fmt: skip
    """Return a training that went on for `n_epochs` more: 100 and 100 more are the same as 200 at once.

    Args:
        training: The training so far; one that ended early stays as it is.
        X, y, test: The same samples as before.
        n_epochs: How many more.
        report: As in `train`.

    Returns:
        All of it, from the first epoch.

    Raises:
        ValueError: The samples do not fit.

    >>> data = dict(X=[[0.0], [1.0]], y=[[-1.0], [1.0]])
    >>> once = train(**data, layers=(1, 2, 1), n_epochs=30)
    >>> twice = train_on(train(**data, layers=(1, 2, 1), n_epochs=10), **data, n_epochs=20)
    >>> bool((once.history == twice.history).all())
    True
    """
    more = checks.whole_number(n_epochs, "n_epochs", 0, MOST_EPOCHS)
    return _trained(Engine, training.recipe, X, y, test, training.n_epochs + more, report, training)


def train_plainly(
    X: ArrayLike, y: ArrayLike, *, layers: Sequence[int], n_epochs: int = 100, test: Samples | None = None,
    report: Report = None, **settings: Any,
) -> Training:  # fmt: skip
    """Train as `train` does, in the plain words of `neural_net.py`: new arrays at every step, made to be read.

    Args, Returns, Raises: As for `train`.

    >>> plain = train_plainly([[0.0], [1.0]], [[-1.0], [1.0]], layers=(1, 2, 1), n_epochs=5)
    >>> fast = train([[0.0], [1.0]], [[-1.0], [1.0]], layers=(1, 2, 1), n_epochs=5)
    >>> float(abs(plain.history - fast.history).max()) < 1e-12
    True
    """
    recipe = checked_recipe(Recipe(tuple(layers), **settings))
    return _trained(_PlainEngine, recipe, X, y, test, n_epochs, report, None)


def checked_recipe(recipe: Recipe) -> Recipe:
    """Return the recipe with plain numbers, or say what is wrong with it."""
    neural_net.checked_names(recipe.activation, recipe.output, recipe.loss, recipe.scheme)
    rate = checks.number(recipe.learning_rate, "learning_rate", 0, 100)
    if rate == 0:
        raise ValueError("learning_rate is 0, so nothing would move; choose one above 0, such as 0.03.")
    return replace(
        recipe,
        layers=neural_net.checked_layers(recipe.layers),
        learning_rate=rate,
        batch_size=checks.whole_number(recipe.batch_size, "batch_size", 1),
        l1=checks.number(recipe.l1, "l1", 0, 10),
        l2=checks.number(recipe.l2, "l2", 0, 10),
        momentum=checks.number(recipe.momentum, "momentum", 0, 0.999),
        seed=checks.whole_number(recipe.seed, "seed", 0),
    )


def packed(network: Network) -> Array:
    """Return all weights and biases as one vector, in the order of `Training.history`."""
    parts = [np.column_stack([W, b]).ravel() for W, b in zip(network.weights, network.biases, strict=True)]
    return np.concatenate(parts)


def unpacked_network(weights: Array, recipe: Recipe) -> Network:
    """Return the network of a vector of weights."""
    parts = matrices(weights, recipe.layers)
    names = (recipe.activation, recipe.output, recipe.loss)
    return Network(tuple(M[:, :-1].copy() for M in parts), tuple(M[:, -1].copy() for M in parts), *names)


@functools.lru_cache(maxsize=2)  # the next block and what a second visitor is at: of many samples one takes 50 MB
def _orders(seed: int, block: int, n_samples: int) -> NDArray[np.int64]:
    """Return the order of the samples in each epoch of a block: known from the seed alone, wherever training began."""
    rows = np.tile(np.arange(n_samples), (BLOCK, 1))
    rng = np.random.default_rng((seed, 1, block))
    return rng.permuted(rows, axis=1)


class _PlainEngine:
    """The plain way: `neural_net.downhill_step` for each mini-batch."""

    def __init__(self, recipe: Recipe, parts: Sequence[Samples], weights: Array, velocity: Array) -> None:
        self.recipe, self.parts = recipe, parts
        self.network, moving = unpacked_network(weights, recipe), unpacked_network(velocity, recipe)
        self.moving = list(zip(moving.weights, moving.biases, strict=True))

    def epoch(self, order: NDArray[np.int64]) -> None:
        r, (X, y) = self.recipe, self.parts[0]
        for at in range(0, len(order), r.batch_size):
            rows = order[at : at + r.batch_size]
            self.network, self.moving = neural_net.downhill_step(
                self.network, X[rows], y[rows], r.learning_rate, self.moving, r.momentum, r.l1, r.l2
            )

    def losses(self) -> list[float]:
        return [neural_net.loss_of(self.network, neural_net.forward(self.network, X), y) for X, y in self.parts]

    def outputs(self) -> list[Array]:
        return [neural_net.forward(self.network, X).a[-1] for X, _ in self.parts]

    @property
    def weights(self) -> Array:
        return packed(self.network)

    def state(self) -> Array:
        return np.vstack([self.weights, np.concatenate([np.column_stack(pair).ravel() for pair in self.moving])])


def _trained(
    engine: type[_PlainEngine] | type[Engine], recipe: Recipe, X: ArrayLike, y: ArrayLike,
    test: Samples | None, n_epochs: int, report: Report, before: Training | None,
) -> Training:  # fmt: skip
    """Train up to `n_epochs`, from the start or from where a training ended."""
    total = checks.whole_number(n_epochs, "n_epochs", 0, MOST_EPOCHS)
    parts = [_checked_samples(X, y, recipe)] + ([] if test is None else [_checked_samples(*test, recipe)])
    if before is not None and before.reason:
        return before
    weights = packed(recipe.start()) if before is None else before.end[0]
    machine = engine(recipe, parts, weights, np.zeros_like(weights) if before is None else before.end[1])
    every = 1
    while every <= total and (total // every + 1) * weights.nbytes > MOST_BYTES:
        every *= 2  # doubled, so that what was kept before is thinned, not lost
    history, results = np.empty((total // every + 1, len(weights))), np.full((4, total + 1), np.nan)
    scorers = [scorer(recipe, y) for _, y in parts]
    first, done, reason = 0, total, ""
    if before is not None:
        first, old = before.n_epochs + 1, before.history[:: every // before.every]
        history[: len(old)] = old
        results[:, :first] = before.train_loss, before.test_loss, before.train_accuracy, before.test_accuracy
    with np.errstate(all="ignore"):
        for epoch in range(first, total + 1):
            if epoch:
                machine.epoch(_orders(recipe.seed, (epoch - 1) // BLOCK, len(parts[0][0]))[(epoch - 1) % BLOCK])
            results[: len(parts), epoch] = machine.losses()
            results[2 : 2 + len(parts), epoch] = [rate(out) for rate, out in zip(scorers, machine.outputs(), strict=True)]
            if not (results[: len(parts), epoch].max() < TOO_LARGE and np.abs(machine.weights).max() < TOO_LARGE):
                done, reason = epoch - 1, _why_lost(recipe, epoch)
                break
            if epoch % every == 0:
                history[epoch // every] = machine.weights
            if report is not None and epoch % 16 == 0:
                report(epoch, total)
    if done < 0:
        raise ValueError("the loss is no number before any step: samples, targets or first weights are too large.")
    kept = [row[: done + 1].copy() for row in results]
    return Training(
        recipe, history[: done // every + 1].copy(), every, machine.state(), kept[0], kept[1], kept[2], kept[3], reason
    )


def scorer(recipe: Recipe, y: Array) -> Callable[[Array], float]:
    """Return what scores outputs: the share of right answers; of a regression (output linear) R^2 = 1 - mean (a - y)^2 / var y.

    >>> scorer(Recipe((1, 1)), np.array([[1.0], [1.0]]))(np.array([[0.3], [-0.2]]))
    0.5
    """
    if recipe.output == "linear":
        spread = float(((y - y.mean(axis=0)) ** 2).mean())
        return lambda a: 1 - float(((a - y) ** 2).mean()) / spread if spread > 0 else math.nan
    if y.shape[1] > 1:
        wanted = y.argmax(axis=1)
        return lambda a: float(np.count_nonzero(a.argmax(axis=1) == wanted)) / len(y)
    middle = 0.5 if recipe.output == "sigmoid" else 0.0
    above = y > middle
    return lambda a: float(np.count_nonzero((a > middle) == above)) / len(y)


def _checked_samples(X: ArrayLike, y: ArrayLike, recipe: Recipe) -> Samples:
    """Return samples and targets that fit the layers."""
    if not np.size(X):
        raise ValueError("there are no samples; at least one is needed.")
    X = checks.matrix(X, (None, recipe.layers[0]), "X")
    y = checks.matrix(y, (len(X), recipe.layers[-1]), "y")
    if recipe.loss == "cross-entropy" and not (y.min() >= 0 and y.max() <= 1):
        raise ValueError("y has numbers below 0 or above 1; cross-entropy takes probabilities, such as 0 and 1.")
    return X, y


def _why_lost(recipe: Recipe, epoch: int) -> str:
    """Return why a training ended, and what to try."""
    return (
        f"in epoch {epoch} the loss grew beyond any number: the steps are too long. Try a learning rate of "
        f"{recipe.learning_rate / 10:.2g}, inputs of smaller size, or another activation than {recipe.activation}"
    )
