"""Webs that are made: a ring, and random ones whose links follow a power law."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mml_core import checks
from mml_core.graphs import Graph

DEAD = 0.2  # part of the pages that link nowhere, as in real crawls
NEAR = 0.75  # part of the links that stay among neighbours


def ring(n: int) -> Graph:
    """Return n pages of which each links to the next and the last to the first.

    >>> ring(3).sources
    array([2, 0, 1], dtype=int32)
    """
    n = checks.whole_number(n, "the number of pages", 1, 10_000_000)
    pages = np.arange(n)
    return Graph.from_edges(pages, (pages + 1) % n, None, n)


def power_law_web(n_pages: int, n_links: int, seed: int) -> Graph:
    """Return a random web in which few pages have most of the links, those with the lowest numbers.

    A link leads to page k with a chance that falls like 1 / (k + 1)^0.8, or, most of the time, to a page near its source, as
    sites link within themselves; how many links a page has falls slowly too, and about a fifth have none. No page links to
    itself, and no link is there twice.
    Args:
        n_pages: from 2 to 10^7.
        n_links: about how many, at most half of all that are possible and 10^8.
        seed: a whole number; the same gives the same web.
    Returns: Graph.
    Raises: ValueError when an argument is out of range.

    >>> power_law_web(6, 8, 1).n_pages
    6
    """
    n = checks.whole_number(n_pages, "the number of pages", 2, 10_000_000)
    most = min(n * (n - 1) // 2, 100_000_000)
    wanted = checks.whole_number(n_links, "the number of links", 1, most)
    rng = np.random.default_rng(checks.whole_number(seed, "the seed"))
    alive = np.sort(rng.permutation(n)[: max(1, round((1 - DEAD) * n))])
    shuffled = rng.permutation(alive)
    keys = np.empty(0, dtype=np.int64)
    for _ in range(6):  # what came out twice is drawn again, as far as it goes
        more = int(1.1 * (wanted - len(keys))) + 8
        sources = shuffled[_falling(len(alive), 0.5, rng.random(more))]
        near = (sources + rng.integers(1, max(2, min(n, 60)), more)) % n
        targets = np.where(rng.random(more) < NEAR, near, _falling(n, 0.8, rng.random(more)))
        keys = np.sort(np.concatenate([keys, (sources * np.int64(n) + targets)[sources != targets]]))
        keys = keys[np.diff(keys, prepend=-1) > 0]  # each once; np.unique would take twenty times as long
        if len(keys) >= wanted:
            keys = keys[np.sort(rng.permutation(len(keys))[:wanted])]
            break
    return Graph.from_edges(keys // n, keys % n, None, n)


def _falling(n: int, falls: float, luck: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return numbers 0 to n - 1, one for each random number from 0 to 1; the chance of k falls like a power of k + 1."""
    rest = 1 - falls
    k = ((n + 1.0) ** rest * luck + (1 - luck)) ** (1 / rest) - 1
    found: NDArray[np.int64] = np.minimum(k.astype(np.int64), n - 1)
    return found
