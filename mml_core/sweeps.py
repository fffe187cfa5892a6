"""Two ways to come closer to the ranks of a web: a step of power iteration, and a sweep of Gauss-Seidel by blocks of pages.

Both work on gifts, what a page gives along a link of weight 1: its rank / the weight of all its links. So the links are
used as they are stored.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mml_core.checks import Array
from mml_core.graphs import Graph, transition_matrix

N_BLOCKS = 16  # more would cost more in calls than they save in sweeps
PIECE = 2**17  # links at a time where an index needs 8 bytes


class PowerSteps:
    """Power iteration: everyone moves at once, r -> d (P r + (sum of r over dead ends) u) + (1 - d) v.

    `ranks` (n_pages,) are where it is; `links` (n, n), by target, divided by `out` (n,), by source, are the chances P; for
    dead ends `out` is infinite.
    """

    def __init__(self, graph: Graph, d: float, v: Array, u: Array, start: Array) -> None:
        self.ranks, self._d, self._v, self._u = start, d, v, u
        n, out, data = graph.n_pages, graph.out_weight, graph.weights
        if out.max() > 1e250 or out.min(initial=1, where=out > 0) < 1e-250:  # gifts might leave the range of floats
            out, data = np.sign(out), transition_matrix(graph).matrix.data
        self.links = sparse.csr_matrix((data, graph.sources, graph.indptr), shape=(n, n))
        self.out = np.where(out > 0, out, np.inf)

    def advance(self, enough: float = 0, last: bool = True) -> float:
        """Make a step, and return by how much the ranks changed, |r' - r|_1, whether that is enough or not."""
        r = self.ranks
        new: Array = self.links @ (r / self.out)
        held = max(0.0, 1 - float(new.sum()))  # what did not come along a link was in dead ends; so rounding cannot add up
        new *= self._d
        new += _jumped(held, 1.0, self._d, self._u, self._v)
        self.ranks = new
        change = np.subtract(new, r)
        return float(np.abs(change, out=change).sum())


class BlockSweeps:
    """Gauss-Seidel: block after block of pages is brought up to date, each with the new ranks of those before it.

    Pages with many links go first, so that what is read most stays near the processor; dead ends are last. They
    give their rank to nobody in particular, so that only what they hold together is needed; each gets its own at the end,
    before a step of power iteration, as only that bounds the error.
    """

    def __init__(self, graph: Graph, d: float, v: Array, u: Array, start: Array) -> None:
        self._power, self._d = PowerSteps(graph, d, v, u, start), d
        n, out = graph.n_pages, graph.out_weight
        many = np.ceil(np.minimum(out, 65_535)).astype(np.uint16)  # so short, they sort fast
        order = np.argsort(65_535 - many, kind="stable")
        m = int(np.count_nonzero(out))
        live, dead = order[:m], order[m:]
        self._live, self._dead, self._out = live, dead, self._power.out[live]
        rows = _reordered(self._power.links, order)
        evenly = np.linspace(0, rows.indptr[m] + m, 1 + min(m, N_BLOCKS))  # so that each block takes about as long
        cuts = np.unique([0, *np.searchsorted(rows.indptr[:m] + np.arange(m), evenly[1:-1]), m]).tolist()
        *blocks, self._ends = _cut(rows, [*cuts, n], m)
        self._blocks = list(zip(itertools.starmap(slice, itertools.pairwise(cuts)), blocks, strict=True))
        self._to_ends = np.bincount(self._ends.indices, self._ends.data, m)
        self._v, self._v_ends = v[live] / self._out, v[dead]
        self._u, self._u_ends = (self._v, self._v_ends) if u is v else (u[live] / self._out, u[dead])
        self._each = d / self._out
        self._start()

    @property
    def ranks(self) -> Array:
        """Where it was when it was last checked, shape (n_pages,)."""
        return self._power.ranks

    def _start(self) -> None:
        moving = self.ranks[self._live]
        self._gifts, self._moving, self._held = moving / self._out, float(moving.sum()), float(self.ranks[self._dead].sum())

    def advance(self, enough: float, last: bool) -> float:
        """Make a sweep, and if it changes enough or less, or is the last, a step of power iteration: return its change."""
        change = self._sweep()
        if change > enough and not last:
            return change
        full = np.empty_like(self._power.ranks)
        full[self._live] = self._gifts * self._out
        full[self._dead] = self._d * (self._ends @ self._gifts) + self._jumped_to_ends()
        self._power.ranks = full / full.sum()
        change = self._power.advance()
        self._start()
        return change

    def _sweep(self) -> float:
        """Bring each block up to date, then what dead ends hold; return by how much ranks changed, of a whole of 1."""
        gifts, change, before = self._gifts, 0.0, self._held
        jumps = _jumped(before, self._moving + before, self._d, self._u, self._v)
        for at, links in self._blocks:
            new, old = links @ gifts, gifts[at]
            new *= self._each[at]
            new += jumps[at]
            old -= new
            np.abs(old, out=old)
            old *= self._out[at]
            change += float(old.sum())
            old[:] = new
        self._moving = float((gifts * self._out).sum())
        self._held = self._d * float((self._to_ends * gifts).sum()) + float(self._jumped_to_ends().sum())
        return (change + abs(self._held - before)) / (self._moving + self._held)

    def _jumped_to_ends(self) -> Array:
        return _jumped(self._held, self._moving + self._held, self._d, self._u_ends, self._v_ends)


def _jumped(held: float, whole: float, d: float, u: Array, v: Array) -> Array:
    """Return what those who jump bring to some pages, d (what dead ends hold) u + (1 - d) (all) v."""
    return (d * held + (1 - d) * whole) * v if u is v else d * held * u + (1 - d) * whole * v


def _reordered(links: sparse.csr_matrix, order: NDArray[np.intp]) -> sparse.csr_matrix:
    """Return the links that weigh something, with page order[k] as page k; where all weigh 1, as short numbers."""
    n, alike = len(order), bool((links.data == 1).all())
    place = np.empty(n, dtype=np.int32)
    place[order] = np.arange(n, dtype=np.int32)
    data = np.ones(links.nnz, dtype=np.int8) if alike else links.data
    rows = sparse.csr_matrix((data, links.indices, links.indptr), shape=(n, n))[order]
    for low in range(0, rows.nnz, PIECE):  # an index is copied as large numbers, so not all at once
        rows.indices[low : low + PIECE] = place[rows.indices[low : low + PIECE]]
    if not rows.data.all():
        rows.eliminate_zeros()
    return rows


def _cut(rows: sparse.csr_matrix, cuts: list[int], n_live: int) -> list[sparse.csr_matrix]:
    """Return the rows between cuts as matrices of their own; where all links weigh 1, they share their ones."""
    bounds = rows.indptr[cuts].tolist()
    ones = np.ones(max(np.diff(bounds))) if rows.data.dtype == np.int8 else None
    blocks = []
    for (a, b), (low, high) in zip(itertools.pairwise(cuts), itertools.pairwise(bounds), strict=True):
        block = sparse.csr_matrix((b - a, n_live))  # given the arrays at once, it would copy them
        block.data = rows.data[low:high] if ones is None else ones[: high - low]
        block.indices, block.indptr = rows.indices[low:high], rows.indptr[a : b + 1] - low
        blocks.append(block)
    return blocks
