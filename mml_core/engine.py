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


def _tanh_slope(a: Array, ones: Array, slope: Array) -> None:
    """Fill in 1 - a^2."""
    np.multiply(a, a, slope)
    np.subtract(ones, slope, slope)  # an array of ones is quicker than the number


def _relu_slope(a: Array, ones: Array, slope: Array) -> None:
    """Fill in 1 where a > 0, else 0."""
    np.greater(a, 0, slope)


def _sigmoid_slope(a: Array, ones: Array, slope: Array) -> None:
    """Fill in a - a^2."""
    np.multiply(a, a, slope)
    np.subtract(a, slope, slope)


# What a layer does to z in place, and da/dz of an a.
IN_PLACE: dict[str, tuple[Callable[[Array, Array], Any] | None, Callable[[Array, Array, Array], None] | None]] = {
    "tanh": (np.tanh, _tanh_slope),
    "ReLU": (lambda z, a: np.maximum(z, 0, out=a), _relu_slope),
    "sigmoid": (expit, _sigmoid_slope),
    "linear": (None, None),
    "softmax": (lambda z, a: np.copyto(a, softmax(z, axis=0)), None),
}


class _Pass:
    """A pass over the samples in the columns of X (with a row of ones): its arrays, and what is done to them in which order.

    The a of all layers are views of one array, so that the slopes of all hidden layers are taken at once.
    """

    def __init__(self, engine: Engine, X: Array, y: Array, share: _Pass | None = None) -> None:
        sizes, n = engine.recipe.layers[1:], X.shape[1]
        self.X, self.y, self.n = X, y, n
        self.rows: Array = share.rows if share else np.ones((sum(sizes) + len(sizes), n))  # below each layer a row stays 1
        self.slopes: Array = share.slopes if share else np.empty_like(self.rows)
        self.deltas: list[Array] = share.deltas if share else [np.empty((size, n)) for size in sizes]
        ends = list(itertools.accumulate(size + 1 for size in sizes))
        spans = list(zip([0, *ends[:-1]], ends, strict=True))
        a, values = [self.rows[i:j] for i, j in spans], [self.rows[i : j - 1] for i, j in spans]
        slopes, before = [self.slopes[i : j - 1] for i, j in spans], [X, *a[:-1]]
        self.outputs, self.z = values[-1], np.empty_like(values[-1])
        self.hidden = self.rows[: spans[-1][0]], np.ones((spans[-1][0], n)), self.slopes[: spans[-1][0]]
        self.last = self.outputs, np.ones_like(self.outputs), slopes[-1]
        self.bend, self.slope = engine.ways[0] if len(sizes) > 1 else (None, None)
        self.last_bend, self.last_slope = engine.ways[-1]
        if engine.recipe.loss == "cross-entropy":
            self.last_slope = None  # of cross-entropy, dL/da * da/dz is the plain difference
        self.ahead = [(W.dot, inputs, out) for W, inputs, out in zip(engine.W, before, values, strict=True)]
        further = [None, *zip([W.dot for W in engine.transposed[1:]], self.deltas[:-1], slopes[:-1], strict=True)]
        self.behind = list(
            zip([d.dot for d in self.deltas], [inputs.T for inputs in before], engine.dW, self.deltas, further, strict=True)
        )[::-1]  # fmt: skip

    def forward(self, keep_z: bool = False) -> None:
        """Fill in all activations, and perhaps z of the last layer."""
        bend = self.bend
        for dot, before, values in self.ahead:
            dot(before, values)
            if values is not self.outputs and bend is not None:
                bend(values, values)
        if keep_z:
            np.copyto(self.z, self.outputs)
        if self.last_bend is not None:
            self.last_bend(self.outputs, self.outputs)

    def backward(self) -> None:
        """Fill in the sum over the samples of dL/dw."""
        np.subtract(self.outputs, self.y, self.deltas[-1])
        if self.last_slope is not None:
            self.last_slope(*self.last)
            np.multiply(self.deltas[-1], self.last[2], self.deltas[-1])
        if self.slope is not None:
            self.slope(*self.hidden)
        for dot, before, dW, delta, further in self.behind:
            dot(before, dW)
            if further is not None:
                back, earlier, slope = further
                back(delta, earlier)
                if self.slope is not None:
                    np.multiply(earlier, slope, earlier)


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
        self.slopes, self.spare = -velocity, np.empty_like(weights)
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

    def state(self) -> Array:
        """Return the weights and their velocity, (2, n_weights)."""
        return np.vstack([self.weights, self.velocity if self.recipe.momentum else -self.slopes])

    def losses(self) -> list[float]:
        """Return the mean loss of each part, without the price of weights; `outputs` then holds what was given."""
        self.all.forward(keep_z=True)  # cross-entropy takes its logarithms of z
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
