"""Two ways to come closer to the ranks of a web: a step of power iteration, and a sweep of Gauss-Seidel by blocks of pages."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mml_core.checks import Array
from mml_core.graphs import Graph, transition_matrix

FEW, MANY = 32, 64  # blocks: more would cost more in calls than they save in sweeps
LINKS = 60_000  # in a block, where there are more than FEW: what it works on stays near the processor


class PowerSteps:
    """Power iteration: everyone moves at once, r -> d (P r + (sum of r over dead ends) u) + (1 - d) v.

    `ranks` (n_pages,) are where it is; `links` (n, n), by target, times `each` (n,), by source, is P.
    """

    def __init__(self, graph: Graph, d: float, v: Array, u: Array, start: Array) -> None:
        self.ranks, self._d, self._u, self._jumps = start, d, u, (1 - d) * v
        n, out = graph.n_pages, graph.out_weight
        self._dead = out == 0
        # P r = W (r / out) needs no copy of the links, but W must be far from the ends of the range of floats.
        safe = out.max() < 1e250 and out[~self._dead].min(initial=1) > 1e-250
        data = graph.weights if safe else transition_matrix(graph).matrix.data
        self.links = sparse.csr_matrix((data, graph.sources, graph.indptr), shape=(n, n))
        self.each = np.divide(1.0, out if safe else 1.0, out=np.zeros(n), where=~self._dead)

    def advance(self, enough: float = 0, last: bool = True) -> float:
        """Make a step, and return by how much the ranks changed, |r' - r|_1, enough or not."""
        r, d = self.ranks, self._d
        new: Array = self.links @ (r * self.each)
        new *= d
        new += d * float(r.sum(where=self._dead)) * self._u
        new += self._jumps
        new /= new.sum()  # rounding must not add up
        self.ranks = new
        change = np.subtract(new, r)
        return float(np.abs(change, out=change).sum())


class BlockSweeps:
    """Gauss-Seidel: block after block of pages is brought up to date, each with the new ranks of those before it.

    Pages with many links in go first. Dead ends give their rank to nobody in particular, so that only what they hold together
    is needed; each gets its own at the end, before a step of power iteration, as only that bounds the error.
    """

    def __init__(self, graph: Graph, d: float, v: Array, u: Array, start: Array) -> None:
        self._power = PowerSteps(graph, d, v, u, start)
        n, each = graph.n_pages, d * self._power.each
        dead = graph.out_weight == 0
        order = np.argsort(np.where(dead, 1, -np.diff(graph.indptr)), kind="stable")
        m = n - int(np.count_nonzero(dead))
        self._live, self._dead, self._d = order[:m], order[m:], d
        rows = _reordered(self._power.links, order)
        evenly = np.linspace(0, rows.indptr[m] + m, 1 + min(m, max(FEW, min(MANY, int(rows.indptr[m]) // LINKS))))
        cuts = np.unique([0, *np.searchsorted(rows.indptr[:m] + np.arange(m), evenly[1:-1]), m]).tolist()
        each = each[self._live]
        self._blocks = [(slice(a, b), _block(rows, a, b, each)) for a, b in itertools.pairwise(cuts)]
        self._ends = _block(rows, m, n, each)
        self._to_ends = np.bincount(self._ends.indices, self._ends.data, m)
        self._v, self._v_ends = v[self._live], v[self._dead]
        self._u, self._u_ends = (self._v, self._v_ends) if u is v else (u[self._live], u[self._dead])
        self._start()

    @property
    def ranks(self) -> Array:
        """Where it was when it was last checked, shape (n_pages,)."""
        return self._power.ranks

    def _start(self) -> None:
        self._r, self._held = self.ranks[self._live], float(self.ranks[self._dead].sum())

    def advance(self, enough: float, last: bool) -> float:
        """Make a sweep, and if it changes enough or less, or is the last, a step of power iteration: return its change."""
        change = self._sweep()
        if change > enough and not last:
            return change
        r, full = self._r, np.empty_like(self._power.ranks)
        full[self._live] = r
        full[self._dead] = self._ends @ r + self._jumped(self._u_ends, self._v_ends)
        self._power.ranks = full / full.sum()
        change = self._power.advance()
        self._start()
        return change

    def _sweep(self) -> float:
        """Bring each block up to date, then what dead ends hold; return by how much that changed, of a whole of 1."""
        r, change, jumps = self._r, 0.0, self._jumped(self._u, self._v)
        for at, links in self._blocks:
            new, old = links @ r, r[at]
            new += jumps[at]
            old -= new
            change += float(np.abs(old, out=old).sum())
            old[:] = new
        before = self._held
        self._held = float((self._to_ends * r).sum() + self._jumped(self._u_ends, self._v_ends).sum())
        return (change + abs(self._held - before)) / (float(r.sum()) + self._held)

    def _jumped(self, u: Array, v: Array) -> Array:
        """Return what those who jump bring to some pages, d (what dead ends hold) u + (1 - d) (all) v."""
        d, held = self._d, self._held
        all_of_it = float(self._r.sum()) + held
        if u is v:
            return (d * held + (1 - d) * all_of_it) * v
        return d * held * u + (1 - d) * all_of_it * v


def _reordered(links: sparse.csr_matrix, order: NDArray[np.intp]) -> sparse.csr_matrix:
    """Return the links that weigh something, with page order[k] as page k."""
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    rows = links[order]
    rows.indices = place[rows.indices]
    if not rows.data.all():
        rows.eliminate_zeros()
    return rows


def _block(rows: sparse.csr_matrix, a: int, b: int, each: Array) -> sparse.csr_matrix:
    """Return rows a to b - 1 as chances times d, made in place."""
    low, high = rows.indptr[[a, b]]
    data, indices = rows.data[low:high], rows.indices[low:high]
    data *= each[indices]
    return sparse.csr_matrix((data, indices, rows.indptr[a : b + 1] - low), shape=(b - a, len(each)))
