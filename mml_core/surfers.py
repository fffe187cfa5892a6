"""Random surfers: many of them, each following a link or jumping at each step; where they are approaches the ranks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mml_core import checks
from mml_core.checks import Array
from mml_core.graphs import Graph, distribution


@dataclass(frozen=True, eq=False)
class Surfers:
    """Where surfers were; row t belongs to step t, row 0 to the start.

    `pages` (n_steps + 1, n_surfers); `followed` (n_steps, n_surfers), True where a step followed a link, False where it jumped;
    `shares` (n_steps + 1, n_pages), the part of them on each page.
    """

    pages: NDArray[np.int32]
    followed: NDArray[np.bool_]
    shares: Array


def random_surfers(
    graph: Graph, damping: float, n_surfers: int, n_steps: int, rng: int | np.random.Generator,
    start: ArrayLike | None = None, teleport: ArrayLike | None = None, dangling: ArrayLike | None = None,
) -> Surfers:  # fmt: skip
    """Let surfers walk: with chance d along one of the links of their page, by weight, otherwise a jump.

    Args:
        graph: the web.
        damping: d, the chance of following a link, 0 to 1; from a dead end one always jumps.
        n_surfers: from 1; n_steps: from 0; at most 10^7 places in all.
        rng: a seed, or a random generator.
        start: where they start, by weight, shape (n_pages,); anywhere if not given.
        teleport: where jumps lead; dangling: where those from dead ends do who wanted to follow a link. Like the start.
    Returns: Surfers; the same seed gives the same ones.
    Raises: ValueError when an argument is out of range.
    Source: Page, Brin, Motwani and Winograd, 1999, The PageRank Citation Ranking, section 2.5.

    >>> random_surfers(Graph.from_edges([0, 1], [1, 0]), 1.0, 2, 3, rng=1, start=[1, 0]).pages[:, 0]
    array([0, 1, 0, 1], dtype=int32)
    """
    n, d = graph.n_pages, checks.number(damping, "the damping", 0, 1)
    m = checks.whole_number(n_surfers, "n_surfers", 1, 10_000_000)
    n_steps = checks.whole_number(n_steps, "n_steps", 0, 10_000_000 // m)
    chance = np.random.default_rng(rng)
    first, v = distribution(start, n, "the start"), distribution(teleport, n, "the jumps")
    u = v if dangling is None else distribution(dangling, n, "the jumps from dead ends")
    links = _Links(graph)
    pages, followed = np.empty((n_steps + 1, m), dtype=np.int32), np.zeros((n_steps, m), dtype=bool)
    pages[0] = _drawn(first, chance.random(m))
    for t in range(n_steps):
        wants, luck = chance.random(m) < d, chance.random(m)
        can = links.any[pages[t]]
        followed[t] = follows = wants & can
        pages[t + 1] = _drawn(v, luck)
        stuck = wants & ~can
        pages[t + 1, stuck] = _drawn(u, luck[stuck])
        pages[t + 1, follows] = links.followed(pages[t, follows], luck[follows])
    return Surfers(pages, followed, np.array([np.bincount(row, minlength=n) / m for row in pages]))


class _Links:
    """The links by source, ready to be drawn from; `any` (n_pages,) says which pages have some that weigh something."""

    def __init__(self, graph: Graph) -> None:
        counts, out = graph.weights > 0, graph.out_weight
        s = graph.sources[counts]
        order = np.argsort(s, kind="stable")
        self._targets = graph.targets[counts][order]
        # These grow by 1 in all from page to page with links, so that a random number finds a link among those of its page.
        self._upto = np.cumsum((graph.weights[counts] / out[s])[order])
        self._end = np.cumsum(np.bincount(s, minlength=graph.n_pages))
        self._below = np.concatenate([[0.0], self._upto])[np.concatenate([[0], self._end[:-1]])]
        self.any = out > 0

    def followed(self, pages: NDArray[np.int32], luck: Array) -> NDArray[np.int32]:
        """Return where a link leads that each of those on these pages draws, by weight."""
        link = np.searchsorted(self._upto, self._below[pages] + luck, side="right")
        targets: NDArray[np.int32] = self._targets[np.minimum(link, self._end[pages] - 1)]
        return targets


def _drawn(shares: Array, luck: Array) -> NDArray[np.intp]:
    """Return positions drawn with these chances, one for each random number from 0 to 1."""
    upto = np.cumsum(shares)
    found: NDArray[np.intp] = np.minimum(np.searchsorted(upto, luck * upto[-1], side="right"), len(shares) - 1)
    return found


def sampling_error(ranks: ArrayLike, n_surfers: int) -> Array:
    """Return the standard error of the share of n surfers on pages of these ranks, sqrt(p (1 - p) / n), shape (n_pages,).

    >>> sampling_error([0.5, 0.5], 100)
    array([0.05, 0.05])
    """
    p = checks.vector(ranks, name="the ranks")
    n = checks.whole_number(n_surfers, "n_surfers", 1)
    error: Array = np.sqrt(np.clip(p * (1 - p), 0, None) / n)
    return error
