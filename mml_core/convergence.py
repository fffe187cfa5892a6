"""How fast the ranks of a web settle: the second eigenvalue, and the step that it predicts."""

from __future__ import annotations

import cmath
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse import csgraph, linalg

from mml_core.checks import Array
from mml_core.graphs import Graph, distribution, mended_matrix, transition_matrix

Values = NDArray[np.inexact]
FULL = 100  # pages up to which all eigenvalues are computed


def second_eigenvalue(graph: Graph, dangling: ArrayLike | None = None) -> complex:
    """Return the eigenvalue of second largest size of the undamped matrix: d times its size is the rate of power iteration.

    The matrix is P with the columns of dead ends filled by `dangling`, whose largest eigenvalue is 1.
    Args:
        graph: the web.
        dangling: where one jumps from dead ends, shape (n_pages,); to all pages alike if not given.
    Returns: a complex number of size at most 1; 0 for a single page.
    Raises: ValueError when `dangling` is no distribution, or it was not found in reasonable time (only in large webs).
    Source: Haveliwala and Kamvar, 2003, The Second Eigenvalue of the Google Matrix.

    >>> round(abs(second_eigenvalue(Graph.from_edges([0, 1, 2], [1, 2, 0]))), 12)  # a ring
    1.0
    """
    n = graph.n_pages
    u = distribution(dangling, n, "the jumps from dead ends")
    if n == 1:
        return 0j
    n_closed, rhythm = _closed_parts(graph, u)
    if n_closed > 1:  # each keeps its surfers, and is a reason for an eigenvalue 1
        return 1 + 0j
    if rhythm > 1:  # surfers go round in circles
        return cmath.rect(1, 2 * math.pi / rhythm) if rhythm > 2 else -1 + 0j
    values = _leading(graph, u) if n > FULL else _all_but_1(graph, u)
    return complex(values[np.argmax(np.abs(values))])


def _all_but_1(graph: Graph, u: Array) -> Values:
    """Return the eigenvalues of the mended matrix but for one 1."""
    values = np.linalg.eigvals(mended_matrix(graph, u))
    return np.delete(values, np.argmin(np.abs(values - 1)))


def _leading(graph: Graph, u: Array) -> Values:
    """Return the two leading eigenvalues of the mended matrix but for its 1, which taking 1/n off each entry makes 0."""
    n, moves = graph.n_pages, transition_matrix(graph)
    P, dead = moves.matrix, moves.dangling

    def product(x: Array) -> Array:
        y: Array = P @ x
        y += x[dead].sum() * u
        y -= x.sum() / n
        return y

    first = 1 + np.arange(n) % 7 / 7  # the same start gives the same digits
    matrix = linalg.LinearOperator((n, n), matvec=product, dtype=float)
    try:
        found: Values = linalg.eigs(matrix, k=2, ncv=40, v0=first, tol=1e-9, maxiter=25, return_eigenvectors=False)
    except linalg.ArpackNoConvergence:
        raise ValueError("the second eigenvalue was not found: too many are of nearly the same size.") from None
    return found


def _closed_parts(graph: Graph, u: Array) -> tuple[int, int]:
    """Return how many parts of the web keep their surfers for ever, also from dead ends, and the period of the first.

    A hub stands for the jumps from dead ends: in and out of it are half a step each.
    """
    n, counts = graph.n_pages, graph.weights > 0
    s, t, dead, jumps = graph.sources[counts], graph.targets[counts], graph.dangling, np.flatnonzero(u)
    start = np.concatenate([s, dead, np.full(len(jumps), n)])
    end = np.concatenate([t, np.full(len(dead), n), jumps])
    half_steps = np.repeat([2.0, 1.0], [len(s), len(dead) + len(jumps)])
    web = sparse.csr_matrix((half_steps, (start, end)), shape=(n + 1, n + 1))
    n_parts, labels = csgraph.connected_components(web, connection="strong")
    leaves = np.bincount(labels[start], labels[start] != labels[end], n_parts) > 0
    closed = np.flatnonzero(~leaves)
    if len(closed) > 1:
        return len(closed), 1
    inside = labels[start] == closed[0]
    far = csgraph.dijkstra(web, indices=int(np.flatnonzero(labels == closed[0])[0]))
    trips = far[start[inside]] + half_steps[inside] - far[end[inside]]
    return 1, int(np.gcd.reduce(trips.astype(np.int64))) // 2


def step_of_tolerance(rate: float, first_residual: float, damping: float, tol: float) -> int | None:
    """Return at which step the error's bound is predicted to be at most `tol`, None if never.

    d / (1 - d) residual_0 rate^(t - 1) <= tol; at damping 1, which has no bound, residual_0 rate^(t - 1) <= tol.
    Args:
        rate: by which each step multiplies the change, not negative.
        first_residual: the change of the first step, not negative.
        damping: d, 0 to 1.
        tol: positive.
    Returns: a number of steps from 0, or None.

    >>> step_of_tolerance(0.5, 1.0, 0.5, 1 / 8)
    4
    """
    factor = damping / (1 - damping) if damping < 1 else 1.0
    if factor * first_residual <= tol:
        return 1 if first_residual > 0 else 0
    if rate >= 1 - 1e-12:  # an eigenvalue of size 1 is only known up to rounding
        return None
    return 2 if rate == 0 else 1 + math.ceil(math.log(tol / (factor * first_residual)) / math.log(rate) - 1e-9)
