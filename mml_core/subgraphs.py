"""Parts of a web, and webs with one link more or less."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mml_core import checks
from mml_core.graphs import Graph


def with_link(graph: Graph, source: int, target: int, weight: float = 1.0) -> Graph:
    """Return the web with a link more; where it is there already, its weight grows.

    Args:
        graph: the web.
        source, target: page numbers.
        weight: of the link, positive.
    Returns: a new Graph with n_links + 1 links, or n_links.
    Raises: ValueError when there is no such page or the weight is not positive.

    >>> with_link(Graph.from_edges([0, 1], [1, 0]), 1, 1).sources
    array([1, 0, 1], dtype=int32)
    """
    s, t = _ends(graph, source, target)
    w = checks.number(weight, "the weight", 5e-324)
    at, there = _place(graph, s, t)
    weights = graph.weights.copy()
    if there:
        weights[at] += w
        return Graph(graph.n_pages, graph.indptr, graph.sources, weights)
    indptr = graph.indptr.copy()
    indptr[t + 1 :] += 1
    return Graph(graph.n_pages, indptr, np.insert(graph.sources, at, s), np.insert(weights, at, w))


def without_link(graph: Graph, source: int, target: int) -> Graph:
    """Return the web without one of its links.

    Args:
        graph: the web.
        source, target: page numbers.
    Returns: a new Graph with n_links - 1 links.
    Raises: ValueError when there is no such page or no such link.

    >>> without_link(Graph.from_edges([0, 1], [1, 0]), 1, 0).targets
    array([1], dtype=int32)
    """
    s, t = _ends(graph, source, target)
    at, there = _place(graph, s, t)
    if not there:
        raise ValueError(f"there is no link from page {s} to page {t}; only a link that is there can be taken away.")
    indptr = graph.indptr.copy()
    indptr[t + 1 :] -= 1
    return Graph(graph.n_pages, indptr, np.delete(graph.sources, at), np.delete(graph.weights, at))


def subgraph(graph: Graph, pages: ArrayLike) -> Graph:
    """Return the web of some pages, in that order, with the links between them.

    Args:
        graph: the web.
        pages: different page numbers, shape (n,), n at least 1.
    Returns: Graph of n pages.
    Raises: ValueError when there is no such page or one is there twice.

    >>> subgraph(Graph.from_edges([0, 1, 2], [1, 2, 0]), [2, 1]).targets
    array([0], dtype=int32)
    """
    chosen = np.asarray(pages, dtype=np.int64)
    fits = chosen.ndim == 1 and chosen.size and chosen.min() >= 0 and chosen.max() < graph.n_pages
    if not fits or len(np.unique(chosen)) < len(chosen):
        raise ValueError(f"the pages must be different numbers from 0 to {graph.n_pages - 1}.")
    place = np.full(graph.n_pages, -1, dtype=np.int32)
    place[chosen] = np.arange(len(chosen))
    s, t = place[graph.sources], place[graph.targets]
    kept = (s >= 0) & (t >= 0)
    return Graph.from_edges(s[kept], t[kept], graph.weights[kept], len(chosen))


def neighbourhood(graph: Graph, page: int, ranks: ArrayLike, n_pages: int = 20) -> NDArray[np.intp]:
    """Return a page, the pages that give it most and the highest of those that it links to, about as many of each.

    Args:
        graph: the web.
        page: its number.
        ranks: of all pages, shape (n,): a link gives rank times weight / (weight of all links of its source).
        n_pages: how many at most, from 1, the page itself included.
    Returns: page numbers, the page first.
    Raises: ValueError when an argument is out of range.

    >>> neighbourhood(Graph.from_edges([1, 2, 0], [0, 0, 3]), 0, [0.4, 0.1, 0.2, 0.3], 3)
    array([0, 2, 3])
    """
    n = graph.n_pages
    i, r = checks.whole_number(page, "the page", 0, n - 1), checks.vector(ranks, n, "the ranks")
    room = checks.whole_number(n_pages, "n_pages", 1, 10_000) - 1
    links = slice(*graph.indptr[i : i + 2])
    out = graph.out_weight
    senders = graph.sources[links]
    gifts = r[senders] * graph.weights[links] / np.where(out > 0, out, 1.0)[senders]
    best = senders[np.argsort(-gifts, kind="stable")]
    receivers = graph.targets[graph.sources == i]
    receivers = receivers[np.argsort(-r[receivers], kind="stable")]
    best, receivers = best[best != i], receivers[receivers != i]
    few = max(room - room // 2, room - len(receivers))
    chosen = dict.fromkeys([i, *best[:few].tolist()])
    for other in (receivers, best):  # a page that is both counts once, and makes room for one more
        for j in other.tolist():
            if len(chosen) > room:
                break
            chosen.setdefault(j)
    return np.array(list(chosen), dtype=np.intp)


def _ends(graph: Graph, source: int, target: int) -> tuple[int, int]:
    last = graph.n_pages - 1
    return checks.whole_number(source, "the source", 0, last), checks.whole_number(target, "the target", 0, last)


def _place(graph: Graph, source: int, target: int) -> tuple[int, bool]:
    """Return where the link is, or would be, and whether it is there."""
    low, high = graph.indptr[target : target + 2].tolist()
    at = low + int(np.searchsorted(graph.sources[low:high], source))
    return at, at < high and int(graph.sources[at]) == source
