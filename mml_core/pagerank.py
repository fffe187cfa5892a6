"""PageRank: the long run of surfers who follow links, and now and then jump.

r = d (P r + (what dead ends hold) u) + (1 - d) v, with damping d, transition matrix P, jumps v and jumps from dead ends u.
Two methods: power iteration, and Gauss-Seidel by blocks of pages.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mml_core import checks
from mml_core.checks import Array
from mml_core.convergence import second_eigenvalue, step_of_tolerance
from mml_core.graphs import (
    Graph,
    distribution,
    in_degree,
    period,
    strongly_connected,
    transition_matrix,
)
from mml_core.surfers import random_surfers
from mml_core.sweeps import BlockSweeps, PowerSteps

__all__ = [
    "Graph", "Ranking", "Received", "Walk", "flows", "in_degree", "pagerank", "power_iteration", "random_surfers", "received",
    "second_eigenvalue", "step_of_tolerance", "strongly_connected", "transition_matrix",
]  # fmt: skip

Method = Literal["power iteration", "Gauss-Seidel"]
Report = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Walk:
    """A whole run of power iteration; row t of `ranks` (n_steps + 1, n_pages) belongs to step t, row 0 to the start.

    `residuals` |r_(t+1) - r_t|_1, shape (n_steps,); `measured_rates` residual t + 1 / residual t, shape (n_steps,), nan once
    residual t is rounding (below 1e-14) and for the last.
    """

    ranks: Array
    residuals: Array
    measured_rates: Array


@dataclass(frozen=True, eq=False)
class Ranking:
    """The ranks of a web, and how they were found.

    `ranks` (n_pages,) add up to 1; `residuals` (n_steps,) are the L1 changes by step; `bound` is what the L1 error cannot pass,
    nan where none is known (damping 1); `reason` is "" or the sentence why they have not settled.
    """

    ranks: Array
    n_steps: int
    residuals: Array
    bound: float
    converged: bool
    method: str
    reason: str


@dataclass(frozen=True, eq=False)
class Received:
    """What one page receives in one step: from each of its `sources` a share `shares` of its rank, times d: `gifts`.

    `from_dangling` is what comes from dead ends, `from_teleport` from jumps, `total` all of it.
    """

    sources: NDArray[np.int32]
    shares: Array
    gifts: Array
    from_dangling: float
    from_teleport: float
    total: float


def power_iteration(
    graph: Graph, damping: float, n_steps: int, start: ArrayLike | None = None, teleport: ArrayLike | None = None,
    dangling: ArrayLike | None = None,
) -> Walk:  # fmt: skip
    """Let everyone follow a link or jump, again and again, and keep every step.

    r_(t+1) = d (P r_t + (sum of r_t over dead ends) u) + (1 - d) v.
    Args:
        graph: the web.
        damping: d, the chance of following a link, 0 to 1.
        n_steps: how often, 0 to 10000.
        start: r_0, not negative, shape (n_pages,), brought to the sum 1; equal if not given.
        teleport: v, where jumps lead, like the start.
        dangling: u, where one jumps from dead ends, like the start; v if not given.
    Returns: Walk; it holds (n_steps + 1) n_pages numbers.
    Raises: ValueError when an argument is out of range or the walk would have over 10^8 numbers.
    Source: Page, Brin, Motwani and Winograd, 1999, The PageRank Citation Ranking, section 2.

    >>> power_iteration(Graph.from_edges([0, 1], [1, 0]), 0.5, 2, start=[1, 0]).ranks
    array([[1.   , 0.   ],
           [0.25 , 0.75 ],
           [0.625, 0.375]])
    """
    n, d = graph.n_pages, checks.number(damping, "the damping", 0, 1)
    n_steps = checks.whole_number(n_steps, "n_steps", 0, 10_000)
    if (n_steps + 1) * n > 100_000_000:
        raise ValueError(f"{n_steps} steps of {n:,} pages are too many to keep; take fewer, or only the last.")
    r, v = distribution(start, n, "the start"), distribution(teleport, n, "the jumps")
    u = v if dangling is None else distribution(dangling, n, "the jumps from dead ends")
    moves = transition_matrix(graph)
    P, dead = moves.matrix, moves.dangling
    ranks = np.empty((n_steps + 1, n))
    ranks[0] = r
    for t in range(n_steps):
        r = d * (P @ r + r[dead].sum() * u) + (1 - d) * v
        r /= r.sum()  # rounding must not add up
        ranks[t + 1] = r
    residuals = np.abs(np.diff(ranks, axis=0)).sum(axis=1)
    rates = np.full(n_steps, np.nan)
    heard = np.flatnonzero(residuals[:-1] > 1e-14)
    rates[heard] = residuals[heard + 1] / residuals[heard]
    return Walk(ranks, residuals, rates)


def pagerank(
    graph: Graph, damping: float = 0.85, tol: float = 1e-10, max_steps: int = 1000, teleport: ArrayLike | None = None,
    dangling: ArrayLike | None = None, start: ArrayLike | None = None, method: Method = "power iteration",
    report: Report | None = None,
) -> Ranking:  # fmt: skip
    """Return the ranks in the long run, r = d (P r + (sum of r over dead ends) u) + (1 - d) v, by one of two methods.

    Each step brings any two distributions together by d at least, so that |r - r_t|_1 <= d / (1 - d) |r_t - r_(t-1)|_1. It
    stops when that bound is at most `tol`; at damping 1, where there is none, when the change of a step is.
    Args:
        graph: the web.
        damping: d, the chance of following a link, 0 to 1 (below 1 for Gauss-Seidel).
        tol: the L1 error wanted, positive.
        max_steps: at most so many steps or sweeps, from 1.
        teleport, dangling, start: v, u and r_0 as in `power_iteration`.
        method: "power iteration", or "Gauss-Seidel" by blocks, which needs about half as many sweeps.
        report: told (done, total) now and then; the total is a forecast.
    Returns: Ranking, which says honestly if it has not converged.
    Raises: ValueError when an argument is out of range.
    Source: Page, Brin, Motwani and Winograd, 1999; Langville and Meyer, 2006, Google's PageRank and Beyond, chapter 8.

    >>> pagerank(Graph.from_edges([1, 2], [0, 0]), 0.5).ranks.round(6)  # a star; the middle is a dead end
    array([0.5 , 0.25, 0.25])
    """
    n, d = graph.n_pages, checks.number(damping, "the damping", 0, 1)
    tol = checks.number(tol, "tol", 1e-300)
    max_steps = checks.whole_number(max_steps, "max_steps", 1)
    if method not in ("power iteration", "Gauss-Seidel"):
        raise ValueError(f"the method is {method!r}; it must be 'power iteration' or 'Gauss-Seidel'.")
    if method == "Gauss-Seidel" and d == 1:
        raise ValueError("Gauss-Seidel needs a damping below 1: without jumps its sweeps may never settle.")
    r, v = distribution(start, n, "the start"), distribution(teleport, n, "the jumps")
    u = v if dangling is None else distribution(dangling, n, "the jumps from dead ends")
    way = (PowerSteps if method == "power iteration" else BlockSweeps)(graph, d, v, u, r)
    enough = tol * (1 - d) / d if 0 < d < 1 else tol if d == 1 else math.inf
    residuals = _repeated(way, enough, max_steps, report)
    bound = math.nan if d == 1 else d / (1 - d) * residuals[-1]
    reason = "" if residuals[-1] <= enough else _why_unsettled(graph, d, len(residuals), bound)
    return Ranking(way.ranks / way.ranks.sum(), len(residuals), np.array(residuals), bound, not reason, method, reason)


def _repeated(way: PowerSteps | BlockSweeps, enough: float, max_steps: int, report: Report | None) -> list[float]:
    """Advance until the change is small enough, and return the changes."""
    told, residuals = time.monotonic(), list[float]()
    for last in range(1 - max_steps, 1):
        residuals.append(way.advance(enough, last == 0))
        if residuals[-1] <= enough:
            break
        if report is not None and time.monotonic() - told > 1 / 15:
            told = time.monotonic()
            report(len(residuals), _forecast(residuals, enough, max_steps))
    return residuals


def _forecast(residuals: list[float], enough: float, max_steps: int) -> int:
    """Return about how many steps it will take, from how fast the changes have shrunk lately."""
    k, back = len(residuals), min(len(residuals) - 1, 10)
    shrunk = math.log(residuals[-1] / residuals[-1 - back]) / back if back and residuals[-1] > 0 else 0.0
    if shrunk >= 0 or enough <= 0:
        return max_steps
    return min(max_steps, k + max(1, math.ceil(math.log(enough / residuals[-1]) / shrunk)))


def _why_unsettled(graph: Graph, d: float, n_steps: int, bound: float) -> str:
    """Return the sentence why the ranks have not settled."""
    steps = f"{n_steps} step{'s' * (n_steps != 1)}"
    if d < 1:
        return f"They have not settled after {steps}: the error may be {bound:.2g}. Allow more steps, or lower the damping."
    found = strongly_connected(graph)
    closed = found.spider_traps or (() if found.labels.any() else (np.arange(graph.n_pages),))
    rhythm = math.lcm(*(max(1, period(graph, part)) for part in closed[:100]))
    if rhythm > 1:
        return f"They go round in circles of {rhythm} steps for ever: without jumps nothing breaks the rhythm."
    return f"They have not settled after {steps}, and without jumps nothing says how far off they are."


def flows(graph: Graph, ranks: ArrayLike, damping: float) -> Array:
    """Return what flows along each link in one step, d r_j weight / (weight of all links of j), shape (n_links,).

    >>> flows(Graph.from_edges([0, 0], [1, 2]), [1, 0, 0], 0.5)
    array([0.25, 0.25])
    """
    r, out = checks.vector(ranks, graph.n_pages, "the ranks"), graph.out_weight
    return damping * (r / np.where(out > 0, out, 1.0))[graph.sources] * graph.weights


def received(
    graph: Graph, ranks: ArrayLike, damping: float, page: int, teleport: ArrayLike | None = None,
    dangling: ArrayLike | None = None,
) -> Received:  # fmt: skip
    """Return what one page receives in one step, one link at a time.

    r_i' = sum over links j -> i of d r_j weight / out_j + d (sum of r over dead ends) u_i + (1 - d) v_i.
    Args:
        graph: the web.
        ranks: r before the step, shape (n_pages,).
        damping: d, 0 to 1.
        page: i, from 0.
        teleport, dangling: v and u as in `power_iteration`.
    Returns: Received.
    Raises: ValueError when an argument is out of range.

    >>> received(Graph.from_edges([1, 2], [0, 0]), [0.2, 0.4, 0.4], 0.5, 0).gifts
    array([0.2, 0.2])
    """
    n, d = graph.n_pages, checks.number(damping, "the damping", 0, 1)
    i, r = checks.whole_number(page, "the page", 0, n - 1), checks.vector(ranks, n, "the ranks")
    v = distribution(teleport, n, "the jumps")
    u = v if dangling is None else distribution(dangling, n, "the jumps from dead ends")
    links = slice(*graph.indptr[i : i + 2])
    sources, out = graph.sources[links], graph.out_weight
    shares = graph.weights[links] / np.where(out > 0, out, 1.0)[sources]
    gifts = d * r[sources] * shares
    lost, jumped = float(d * r[out == 0].sum() * u[i]), float((1 - d) * r.sum() * v[i])
    return Received(sources, shares, gifts, lost, jumped, float(gifts.sum()) + lost + jumped)
