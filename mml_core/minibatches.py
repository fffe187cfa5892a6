"""Mini-batches: each step sees only a few of the data, so its slope is right on average only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mml_core import checks
from mml_core.checks import Array

OUT_OF_SIGHT = 1e12  # a line with such numbers has left the data for good


@dataclass(frozen=True, eq=False)
class MinibatchDescent:
    """The fit of a line y = w t + b, step by step; row t belongs to step t, row 0 to the start.

    `points` (w, b), shape (n_steps + 1, 2); `values` the loss over all data there; `batches` what each step saw, as indices
    into the data in ascending order; `reason` "" or the sentence why it diverged: from that step on the rows are nan.
    """

    points: Array
    values: Array
    batches: tuple[NDArray[np.int64], ...]
    reason: str


def minibatch_descent(
    t: ArrayLike, y: ArrayLike, start: ArrayLike, rate: float, batch_size: int, n_steps: int, seed: int = 0
) -> MinibatchDescent:
    """Fit a line by gradient descent, each step on the next few of the shuffled data.

    Loss f(w, b) = mean of r_i^2 / 2 with r_i = w t_i + b - y_i; a step takes (w, b) <- (w, b) - rate (mean of r_i t_i, mean of
    r_i) over its batch. Each epoch shuffles the data anew; its last batch may be smaller. With all data in one batch this is
    gradient descent, digit for digit.
    Args:
        t, y: the data, shape (n,) each, n from 1 to 100000.
        start: (w, b), shape (2,).
        rate: the learning rate, at least 0.
        batch_size: 1 to n.
        n_steps: 0 to 10000.
        seed: of the shuffles, 0 or more.
    Returns: MinibatchDescent.
    Raises: ValueError when shapes do not fit or a number is out of range.
    Source: Bottou, Curtis and Nocedal, 2018, Optimization methods for large-scale machine learning.

    >>> fit = minibatch_descent([0, 2], [1, 3], (0, 0), 0.5, 2, 1)
    >>> fit.points.tolist(), fit.values.tolist(), fit.batches[0].tolist()
    ([[0.0, 0.0], [1.5, 1.0]], [2.5, 0.25], [0, 1])
    """
    ts = checks.vector(t, name="t")
    n = len(ts)
    ys, (w, b) = checks.vector(y, n, "y"), checks.vector(start, 2, "the start").tolist()
    rate, n_steps = checks.number(rate, "the learning rate", 0), checks.whole_number(n_steps, "n_steps", 0, 10_000)
    if n > 100_000:
        raise ValueError(f"there are {n} data; at most 100000 are taken here.")
    batches = epochs(n, checks.whole_number(batch_size, "the batch size", 1, n), n_steps, seed)
    points, values = np.full((n_steps + 1, 2), np.nan), np.full(n_steps + 1, np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        points[0], values[0] = (w, b), line_loss(ts, ys, w, b)
        for step, batch in enumerate(batches, 1):
            t_seen = ts[batch]
            r = w * t_seen + b - ys[batch]
            w, b = w - rate * float((r * t_seen).mean()), b - rate * float(r.mean())
            if not (abs(w) <= OUT_OF_SIGHT and abs(b) <= OUT_OF_SIGHT):
                return MinibatchDescent(points, values, batches, f"Step {step} leaves all lines behind: the rate is too large.")
            points[step], values[step] = (w, b), line_loss(ts, ys, w, b)
    return MinibatchDescent(points, values, batches, "")


def epochs(n: int, batch_size: int, n_steps: int, seed: int) -> tuple[NDArray[np.int64], ...]:
    """Return what each step sees: pieces of a permutation of 0 .. n - 1, a new one each epoch, sorted within each piece.

    >>> [batch.tolist() for batch in epochs(5, 2, 4, 1)]
    [[0, 4], [1, 2], [3], [0, 3]]
    """
    rng = np.random.default_rng(checks.whole_number(seed, "the seed"))
    found: list[NDArray[np.int64]] = []
    while len(found) < n_steps:
        order = rng.permutation(n)
        found += [np.sort(order[i : i + batch_size]) for i in range(0, n, batch_size)[: n_steps - len(found)]]
    return tuple(found)


def line_loss(t: Array, y: Array, w: float, b: float) -> float:
    """Return the mean of (w t_i + b - y_i)^2 / 2.

    >>> line_loss(np.array([0.0, 2.0]), np.array([1.0, 3.0]), 1.5, 1.0)
    0.25
    """
    r = w * t + b - y
    return float(r @ r) / (2 * len(t))
