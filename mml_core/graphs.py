"""Webs: pages, and links between them with weights, stored by the page that they lead to."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from scipy.sparse import csgraph

from mml_core import checks, edges
from mml_core.checks import Array
from mml_core.edges import Duplicates, SelfLinks


@dataclass(frozen=True, eq=False)
class Graph:
    """A web of pages 0 to n_pages - 1 and its links, by target, and by source among those of one target.

    The links into page i are number indptr[i] to indptr[i + 1] - 1; `sources` (n_links,) says where each starts and `weights`
    (n_links,) how much it counts beside the other links of its source.
    """

    n_pages: int
    indptr: NDArray[np.int32]
    sources: NDArray[np.int32]
    weights: Array

    @property
    def n_links(self) -> int:
        """How many links there are."""
        return len(self.sources)

    @property
    def targets(self) -> NDArray[np.int32]:
        """Where each link leads, shape (n_links,)."""
        return np.repeat(np.arange(self.n_pages, dtype=np.int32), np.diff(self.indptr))

    @property
    def out_weight(self) -> Array:
        """The weight of all links of each page together, shape (n_pages,)."""
        # Columns of this matrix are pages that links lead to; unlike np.bincount, it needs no copy of the sources.
        links = sparse.csc_matrix((self.weights, self.sources, self.indptr), shape=(self.n_pages,) * 2)
        total: Array = links @ np.ones(self.n_pages)
        return total

    @property
    def dangling(self) -> NDArray[np.intp]:
        """The dead ends: pages without a link that counts."""
        return np.flatnonzero(self.out_weight == 0)

    @classmethod
    def from_edges(
        cls, sources: ArrayLike, targets: ArrayLike, weights: ArrayLike | None = None, n_pages: int | None = None,
        *, duplicates: Duplicates = "add", self_links: SelfLinks = "keep",
    ) -> Graph:  # fmt: skip
        """Return the web of these links.

        Args:
            sources, targets: page numbers from 0, whole, shape (n_links,).
            weights: of the links, finite, not negative, shape (n_links,); 1 each if not given.
            n_pages: how many pages there are; one more than the largest number if not given.
            duplicates: "add" the weights of links that are there several times, or "ignore" all but the first.
            self_links: "keep" links from a page to itself, or "drop" them.
        Returns: Graph; how many links were dropped or joined is the difference of n_links.
        Raises: ValueError when numbers are negative, not whole, too large or not as many as there should be.

        >>> web = Graph.from_edges([0, 0, 1, 0], [1, 2, 0, 1])
        >>> web.n_links, web.targets, web.weights
        (3, array([0, 1, 2], dtype=int32), array([1., 2., 1.]))
        """
        s, t, n = edges.checked_pages(sources, targets, n_pages)
        w = None if weights is None else edges.checked_weights(weights, len(s))
        if self_links == "drop":
            kept = s != t
            s, t, w = s[kept], t[kept], None if w is None else w[kept]
        return cls(n, *edges.by_target(s, t, w, n, duplicates))

    @classmethod
    def from_labelled_edges(cls, edges: Iterable[Sequence[Any]], pages: Iterable[Hashable] = ()) -> Labelled:
        """Return the web of links between named pages, (from, to) or (from, to, weight), and the names by page number.

        Args:
            edges: pairs or triples.
            pages: names that come first, in this order, linked or not; the others follow as they appear.
        Returns: Labelled.
        Raises: ValueError when a link has not two or three parts, or its weight cannot be one.

        >>> Graph.from_labelled_edges([("A", "B"), ("C", "A")]).names
        ('A', 'B', 'C')
        """
        links = [tuple(edge) for edge in edges]
        for i, link in enumerate(links, 1):
            if len(link) not in (2, 3):
                raise ValueError(f"link {i} has {len(link)} parts; a link is (from, to) or (from, to, weight).")
        number: dict[Hashable, int] = {name: i for i, name in enumerate(dict.fromkeys(pages))}
        ends = [[number.setdefault(name, len(number)) for name in link[:2]] for link in links]
        s, t = np.array(ends, dtype=np.int64).reshape(-1, 2).T
        weights = [link[2] if len(link) == 3 else 1.0 for link in links]
        return Labelled(cls.from_edges(s, t, weights if links else None, len(number)), tuple(number))


@dataclass(frozen=True, eq=False)
class Labelled:
    """A web with the names of its pages, by page number."""

    graph: Graph
    names: tuple[Hashable, ...]


@dataclass(frozen=True, eq=False)
class Transition:
    """The chances of going from page to page: `matrix` (n, n), sparse, by target; each column adds up to 1.

    The columns of the `dangling` pages are empty.
    """

    matrix: sparse.csr_matrix
    dangling: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Parts:
    """What keeps surfers: `labels` (n_pages,) says to which strongly connected part each page belongs.

    `dead_ends` are pages without links, `spider_traps` parts with links inside but none out (unless that is the whole web),
    `islands` the pages of each part of the web that no link joins to the rest, if there are several.
    """

    labels: NDArray[np.int32]
    dead_ends: NDArray[np.intp]
    spider_traps: tuple[NDArray[np.intp], ...]
    islands: tuple[NDArray[np.intp], ...]


def transition_matrix(graph: Graph) -> Transition:
    """Return P with P_ij = weight(j -> i) / (weight of all links of j), where page j has links.

    Args:
        graph: the web.
    Returns: Transition.

    >>> transition_matrix(Graph.from_edges([0, 0, 1], [1, 2, 2])).matrix.toarray()
    array([[0. , 0. , 0. ],
           [0.5, 0. , 0. ],
           [0.5, 1. , 0. ]])
    """
    out = graph.out_weight
    data = graph.weights / np.where(out > 0, out, 1.0)[graph.sources]
    n = graph.n_pages
    return Transition(sparse.csr_matrix((data, graph.sources, graph.indptr), shape=(n, n)), np.flatnonzero(out == 0))


def mended_matrix(graph: Graph, dangling: ArrayLike | None = None) -> Array:
    """Return P as a full matrix whose empty columns are filled: from a dead end a surfer jumps.

    Args:
        graph: the web, of at most 3000 pages.
        dangling: where to, shape (n_pages,), not negative; to all pages alike if not given.
    Returns: a matrix (n, n) with columns that add up to 1.
    Raises: ValueError when the web is too large or `dangling` is no distribution.

    >>> mended_matrix(Graph.from_edges([0], [1]))
    array([[0. , 0.5],
           [1. , 0.5]])
    """
    if graph.n_pages > 3000:
        raise ValueError(f"the web has {graph.n_pages:,} pages; a full matrix is made for at most 3,000.")
    found = transition_matrix(graph)
    P: Array = found.matrix.toarray()
    P[:, found.dangling] = distribution(dangling, graph.n_pages, "the jumps from dead ends")[:, None]
    return P


def distribution(weights: ArrayLike | None, n: int, name: str) -> Array:
    """Return weights as shares that add up to 1; equal shares if none are given.

    Args:
        weights: not negative, not all zero, shape (n,), or None.
        n: how many there must be.
        name: what the learner calls them.
    Returns: shares, shape (n,).
    Raises: ValueError when they are not n such numbers.

    >>> distribution([1, 3], 2, "the start")
    array([0.25, 0.75])
    """
    if weights is None:
        return np.full(n, 1 / n)
    w = checks.vector(weights, n, name)
    if (w < 0).any():
        raise ValueError(f"{name} has {w.min():g} in entry {int(w.argmin()) + 1}; every entry must be 0 or more.")
    if not w.any():
        raise ValueError(f"{name} has only zeros; at least one entry must be positive.")
    w = w / w.max()  # sums of such entries are never too large
    shares: Array = w / w.sum()
    return shares


def in_degree(graph: Graph) -> NDArray[np.int32]:
    """Return how many links lead to each page, shape (n_pages,); weights do not count.

    >>> in_degree(Graph.from_edges([0, 1], [2, 2]))
    array([0, 0, 2], dtype=int32)
    """
    return np.diff(graph.indptr)


def out_degree(graph: Graph) -> NDArray[np.intp]:
    """Return how many links each page has, shape (n_pages,); weights do not count.

    >>> out_degree(Graph.from_edges([0, 0], [1, 2]))
    array([2, 0, 0])
    """
    return np.bincount(graph.sources, minlength=graph.n_pages)


def strongly_connected(graph: Graph) -> Parts:
    """Return the parts of a web within which every page can be reached from every other, and the traps among them.

    A part that has links inside, but none that leads out, is a spider trap: who follows links stays there for ever.
    Args:
        graph: the web; links of weight 0 do not count.
    Returns: Parts.
    Source: Broder et al., 2000, Graph structure in the Web, section 3.

    >>> found = strongly_connected(Graph.from_edges([0, 1, 2, 0], [1, 0, 2, 2]))
    >>> found.spider_traps, found.dead_ends
    ((array([2]),), array([], dtype=int64))
    """
    counts = graph.weights > 0
    s, t, n = graph.sources[counts], graph.targets[counts], graph.n_pages
    web = sparse.csr_matrix((np.ones(len(s), dtype=np.int8), (t, s)), shape=(n, n))
    n_parts, labels = csgraph.connected_components(web, connection="strong")
    leaves = np.bincount(labels[s], labels[s] != labels[t], n_parts) > 0
    inside = np.bincount(labels[s], labels[s] == labels[t], n_parts) > 0
    traps = np.flatnonzero(inside & ~leaves & (n_parts > 1))
    n_islands, island = csgraph.connected_components(web, directed=False)
    return Parts(
        labels,
        graph.dangling,
        tuple(np.flatnonzero(labels == part) for part in traps[:1000]),
        tuple(np.flatnonzero(island == part) for part in range(min(n_islands, 1000))) if n_islands > 1 else (),
    )


def period(graph: Graph, pages: ArrayLike) -> int:
    """Return the greatest common divisor of the lengths of all round trips within a strongly connected part, 0 without any.

    Above 1, ranks go round in circles there when nobody jumps.
    Args:
        graph: the web.
        pages: the part, page numbers.
    Returns: a whole number.
    Source: Seneta, 2006, Non-negative Matrices and Markov Chains, section 1.3.

    >>> period(Graph.from_edges([0, 1, 2], [1, 2, 0]), [0, 1, 2])
    3
    """
    part = np.unique(np.asarray(pages, dtype=np.int64))
    place = np.full(graph.n_pages, -1)
    place[part] = np.arange(len(part))
    s, t = place[graph.sources], place[graph.targets]
    kept = (s >= 0) & (t >= 0) & (graph.weights > 0)
    s, t = s[kept], t[kept]
    web = sparse.csr_matrix((np.ones(len(s), dtype=np.int8), (s, t)), shape=(len(part),) * 2)
    distance = csgraph.shortest_path(web, method="D", unweighted=True, indices=0)
    return int(np.gcd.reduce((distance[s] + 1 - distance[t]).astype(np.int64), initial=0))
