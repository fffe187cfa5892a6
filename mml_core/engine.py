"""Training steps in arrays that are made once: the same mathematics as `neural_net.backpropagate`, a few times faster.

Samples are columns. The bias is the weight of an input that is always 1: each layer's a has a row of ones at its end, each
weight matrix its biases as last column. All matrices are views of one vector, so that a step is one subtraction.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_softmax, softmax

from mml_core.checks import Array


def matrices(weights: Array, layers: Sequence[int]) -> list[Array]:
    """Return views of a vector of weights: one matrix a layer, (neurons, inputs + 1), with the biases as its last column.

    >>> matrices(np.arange(5.0), (1, 1, 1))[1]
    array([[2., 3.]])
    """
    found, at = [], 0
    for n_in, n_out in itertools.pairwise(layers):
        found.append(weights[at : at + n_out * (n_in + 1)].reshape(n_out, n_in + 1))
        at += n_out * (n_in + 1)
    return found


def _tanh_back(a: Array, delta: Array, room: Array) -> None:
    """Multiply delta by 1 - a^2."""
    np.multiply(a, a, room)
    np.multiply(room, delta, room)
    np.subtract(delta, room, delta)


def _relu_back(a: Array, delta: Array, room: Array) -> None:
    """Multiply delta by 1 where a > 0, else by 0."""
    np.greater(a, 0, room)
    np.multiply(delta, room, delta)


def _sigmoid_back(a: Array, delta: Array, room: Array) -> None:
    """Multiply delta by a - a^2."""
    np.multiply(a, a, room)
    np.subtract(a, room, room)
    np.multiply(delta, room, delta)


# What a layer does to z in place, and how delta comes back through it.
IN_PLACE: dict[str, tuple[Callable[[Array, Array], Any] | None, Callable[[Array, Array, Array], None] | None]] = {
    "tanh": (np.tanh, _tanh_back),
    "ReLU": (lambda z, a: np.maximum(z, 0, out=a), _relu_back),
    "sigmoid": (expit, _sigmoid_back),
    "linear": (None, None),
    "softmax": (lambda z, a: np.copyto(a, softmax(z, axis=0)), None),
}


class _Pass:
    """A pass over the samples in the columns of X (with a row of ones): its arrays, and what is done to them in which order."""

    def __init__(self, engine: Engine, X: Array, y: Array, share: _Pass | None = None) -> None:
        layers, n = engine.recipe.layers, X.shape[1]
        self.X, self.y, self.n = X, y, n
        self.a: list[Array] = share.a if share else [np.ones((size + 1, n)) for size in layers[1:]]  # the last row stays 1
        self.deltas: list[Array] = share.deltas if share else [np.empty((size, n)) for size in layers[1:]]
        rooms = [np.empty_like(delta) for delta in self.deltas]
        values, before = [a[:-1] for a in self.a], [X, *self.a[:-1]]
        self.outputs, self.z = values[-1], np.empty_like(values[-1])
        self.last_bend = engine.ways[-1][0]
        self.ahead = list(zip(engine.W, before, values, [bend for bend, _ in engine.ways], strict=True))
        backs = [back for _, back in engine.ways]
        if engine.recipe.loss == "cross-entropy":
            backs[-1] = None  # of cross-entropy, dL/da * da/dz is the plain difference
        further = [None, *zip(engine.transposed[1:], self.deltas[:-1], strict=True)]
        self.behind = list(
            zip(backs, values, self.deltas, rooms, [a.T for a in before], engine.dW, further, strict=True)
        )[::-1]  # fmt: skip

    def forward(self) -> None:
        """Fill in all activations, and z of the last layer."""
        for W, before, values, bend in self.ahead:
            np.dot(W, before, values)
            if values is self.outputs:
                break
            if bend is not None:
                bend(values, values)
        np.copyto(self.z, self.outputs)  # cross-entropy takes its logarithms of z
        if self.last_bend is not None:
            self.last_bend(self.z, self.outputs)

    def backward(self) -> None:
        """Fill in the sum over the samples of dL/dw."""
        np.subtract(self.outputs, self.y, self.deltas[-1])
        for bent_back, values, delta, room, before, slopes, further in self.behind:
            if bent_back is not None:
                bent_back(values, delta, room)
            np.dot(delta, before, slopes)
            if further is not None:
                np.dot(further[0], delta, further[1])


class Engine:
    """The weights, their velocity, and all arrays that training needs.

    Args:
        recipe: How to train (`training.Recipe`).
        parts: Samples and targets to train on, and perhaps others to look at.
        weights, velocity: Where to begin, (n_weights,).
    """

    def __init__(self, recipe: Any, parts: Sequence[tuple[Array, Array]], weights: Array, velocity: Array) -> None:
        self.recipe = recipe
        self.weights, self.velocity = weights.copy(), velocity.copy()
        self.slopes, self.spare = np.empty_like(weights), np.empty_like(weights)
        self.W, self.dW = matrices(self.weights, recipe.layers), matrices(self.slopes, recipe.layers)
        self.transposed = [W[:, :-1].T for W in self.W]
        self.priced = np.concatenate([np.pad(np.ones_like(W[:, :-1]), ((0, 0), (0, 1))).ravel() for W in self.W])
        self.ways = [IN_PLACE[name] for name in [recipe.activation] * (len(self.W) - 1) + [recipe.output]]
        columns = [(np.vstack([X.T, np.ones(len(X))]), np.ascontiguousarray(y.T)) for X, y in parts]
        self.X, self.y = columns[0]
        self.all = _Pass(self, np.hstack([X for X, _ in columns]), np.hstack([y for _, y in columns]))
        self.sizes = [len(X) for X, _ in parts]
        # The samples in the order of an epoch, and a pass for each mini-batch of it; passes of one size share their arrays.
        self.shuffled = np.empty_like(self.X), np.empty_like(self.y)
        self.batches: list[_Pass] = []
        for at in range(0, self.sizes[0], recipe.batch_size):
            X, y = (part[:, at : at + recipe.batch_size] for part in self.shuffled)
            like = self.batches[0] if self.batches and self.batches[0].n == X.shape[1] else None
            self.batches.append(_Pass(self, X, y, like))

    def epoch(self, order: NDArray[np.int64]) -> None:
        """Go once through all samples, in that order."""
        self.X.take(order, 1, self.shuffled[0], "clip")
        self.y.take(order, 1, self.shuffled[1], "clip")
        for batch in self.batches:
            batch.forward()
            batch.backward()
            self._step(batch.n)

    def _step(self, n: int) -> None:
        """Move all weights: v = momentum v - learning_rate dL/dw, w = w + v."""
        r, slopes, spare = self.recipe, self.slopes, self.spare
        np.multiply(slopes, r.learning_rate / n, slopes)
        if r.l1:
            np.sign(self.weights, spare)
            spare *= r.learning_rate * r.l1
            spare *= self.priced
            slopes += spare
        if r.l2:
            np.multiply(self.weights, self.priced, spare)
            spare *= r.learning_rate * r.l2
            slopes += spare
        if r.momentum:
            np.multiply(self.velocity, r.momentum, self.velocity)
            np.subtract(self.velocity, slopes, self.velocity)
            np.add(self.weights, self.velocity, self.weights)
        else:
            np.subtract(self.weights, slopes, self.weights)

    def losses(self) -> list[float]:
        """Return the mean loss of each part, without the price of weights; `outputs` then holds what was given."""
        self.all.forward()
        z, a, y = self.all.z, self.all.outputs, self.all.y
        if self.recipe.loss == "squared":
            off = a - y
            each = np.einsum("ij,ij->j", off, off) / 2
        elif self.recipe.output == "softmax":
            each = -(y * log_softmax(z, axis=0)).sum(axis=0)
        else:
            each = (np.logaddexp(0, z) - y * z).sum(axis=0)
        return [float(part.sum()) / len(part) for part in self._apart(each)]

    def outputs(self) -> list[Array]:
        """Return the outputs of each part, (n_samples, outputs), as `losses` left them."""
        return self._apart(self.all.outputs.T)

    def _apart(self, rows: Array) -> list[Array]:
        n = self.sizes[0]
        return [rows[:n], rows[n:]][: len(self.sizes)]
