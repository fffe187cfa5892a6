"""PageRank: two methods against known answers, networkx and the dense eigenvector; what a web does to its ranks."""

import doctest
import itertools
import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mml_core import pagerank as core
from mml_core.graphs import Graph, mended_matrix
from mml_core.pagerank import pagerank, power_iteration, second_eigenvalue
from mml_core.webs import power_law_web, ring

METHODS = ("power iteration", "Gauss-Seidel")
both = pytest.mark.parametrize("method", METHODS)
dampings = st.sampled_from([0.01, 0.5, 0.85, 0.95, 0.99])
seeds = st.integers(0, 10**6)


@st.composite
def small_webs(draw, fewest=1, most=10):
    """Return a web of any shape, dead ends, self-links and several parts included, or one where all links weigh the same."""
    n = draw(st.integers(fewest, most))
    page = st.integers(0, n - 1)
    weight = draw(st.sampled_from([st.just(1.0), st.floats(0.01, 100)]))
    links = draw(st.lists(st.tuples(page, page, weight), max_size=3 * n))
    sources, targets, weights = (list(column) for column in zip(*links, strict=True)) if links else ([], [], None)
    return Graph.from_edges(sources, targets, weights, n)


def vectors(n, seed):
    """Return three distributions over n pages, with zeros in them."""
    drawn = np.random.default_rng(seed).random((3, n)) ** 2
    drawn[drawn < 0.1] = 0
    drawn[:, 0] += 0.1
    return drawn


def as_networkx(graph):
    web = nx.DiGraph()
    web.add_nodes_from(range(graph.n_pages))
    links = zip(graph.sources.tolist(), graph.targets.tolist(), graph.weights.tolist(), strict=True)
    web.add_weighted_edges_from(links)
    return web


def exact(graph, d, teleport=None, dangling=None):
    """Return the ranks by solving (I - d M) r = (1 - d) v densely, another way than both methods."""
    n = graph.n_pages
    v = np.full(n, 1 / n) if teleport is None else np.asarray(teleport) / np.sum(teleport)
    M = mended_matrix(graph, v if dangling is None else dangling)
    return np.linalg.solve(np.eye(n) - d * M, (1 - d) * v)


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(core).failed == 0


# --- known answers


@both
@pytest.mark.parametrize("d", [0, 0.3, 0.85, 0.99])
@pytest.mark.parametrize("k", [1, 4])
def test_the_middle_of_a_star_by_hand(method, d, k):
    # k pages link to page 0, a dead end: m = d (1 - m) + (d m + 1 - d) / n, as all others hold 1 - m.
    n = k + 1
    middle = (d + (1 - d) / n) / (1 + d - d / n)
    found = pagerank(Graph.from_edges(np.arange(1, n), np.zeros(k, int)), d, 1e-13, 10_000, method=method)
    np.testing.assert_allclose(found.ranks, [middle, *[(1 - middle) / k] * k], rtol=1e-12)


@both
@pytest.mark.parametrize("n", [1, 2, 7, 1000])
def test_a_ring_is_exactly_uniform(method, n):
    found = pagerank(ring(n), 0.85, method=method)
    np.testing.assert_allclose(found.ranks, 1 / n, rtol=1e-13)
    assert found.converged


@both
def test_a_spider_trap_by_hand(method):
    # 0 <-> 1, and 1 also links to 2, which links to itself alone.
    web = Graph.from_edges([0, 1, 1, 2], [1, 0, 2, 2])
    d, jump = 0.85, 0.05
    b = (jump + d * jump) / (1 - d * d / 2)
    a = jump + d * b / 2
    np.testing.assert_allclose(pagerank(web, d, 1e-14, method=method).ranks, [a, b, (jump + d * b / 2) / (1 - d)], rtol=1e-13)


def test_without_jumps_a_spider_trap_takes_everything():
    web = Graph.from_edges([0, 1, 1, 2], [1, 0, 2, 2])
    found = pagerank(web, 1, 1e-12)
    np.testing.assert_allclose(found.ranks, [0, 0, 1], atol=1e-11)
    assert (found.converged, found.reason) == (True, "")


@both
def test_two_islands_share_by_their_sizes(method):
    found = pagerank(Graph.from_edges([0, 1, 2, 3, 4], [1, 0, 3, 4, 2]), 0.85, 1e-14, method=method)
    np.testing.assert_allclose(found.ranks, 0.2, rtol=1e-13)


@both
def test_a_dead_end_gives_to_all_or_to_whom_it_is_told(method):
    web = Graph.from_edges([0], [1])  # 1 is a dead end
    a = (0.25 + 0.125) / (0.5 + 0.25)  # a = 0.5 (1 - a) / 2 + 0.25 would be with uniform jumps
    np.testing.assert_allclose(pagerank(web, 0.5, 1e-14, method=method).ranks, [0.4, 0.6], rtol=1e-13)
    given = pagerank(web, 0.5, 1e-14, dangling=[1, 0], method=method).ranks  # a = 0.5 (1 - a) + 0.25
    np.testing.assert_allclose(given, [a, 1 - a], rtol=1e-13)


@both
def test_a_web_without_links_follows_the_jumps(method):
    web = Graph.from_edges([], [], n_pages=3)
    np.testing.assert_allclose(pagerank(web, 0.85, teleport=[1, 2, 1], method=method).ranks, [0.25, 0.5, 0.25], rtol=1e-14)
    np.testing.assert_allclose(
        pagerank(web, 0.85, 1e-14, dangling=[1, 0, 0], method=method).ranks, [0.9, 0.05, 0.05], rtol=1e-13
    )


# --- references


@both
@given(links=small_webs(), d=dampings, seed=seeds)
def test_ranks_agree_with_networkx(method, links, d, seed):
    n, other = links.n_pages, as_networkx(links)
    v, u, start = (dict(enumerate(row.tolist())) for row in vectors(n, seed))
    plain = pagerank(links, d, 1e-12, 10_000, method=method).ranks
    theirs = nx.pagerank(other, d, max_iter=10_000, tol=1e-13 / n)
    np.testing.assert_allclose(plain, [theirs[i] for i in range(n)], atol=2e-11)
    found = pagerank(links, d, 1e-12, 10_000, list(v.values()), list(u.values()), list(start.values()), method=method)
    theirs = nx.pagerank(other, d, personalization=v, dangling=u, nstart=start, max_iter=10_000, tol=1e-13 / n)
    np.testing.assert_allclose(found.ranks, [theirs[i] for i in range(n)], atol=2e-11)


@both
@given(links=small_webs(), d=dampings, seed=seeds)
def test_ranks_agree_with_the_eigenvector_of_the_whole_matrix(method, links, d, seed):
    n = links.n_pages
    v, u, start = vectors(n, seed)
    google = d * mended_matrix(links, u) + (1 - d) * (v / v.sum())[:, None]
    values, V = np.linalg.eig(google)
    leading = V[:, np.argmax(values.real)].real
    found = pagerank(links, d, 1e-11, 10_000, v, u, start, method)
    assert found.converged
    assert np.abs(found.ranks - leading / leading.sum()).sum() <= 1e-10


@both
@given(links=small_webs(), d=dampings, seed=seeds, k=st.integers(1, 30))
def test_the_bound_is_a_bound_on_the_true_error_whenever_it_stops(method, links, d, seed, k):
    v, u, start = vectors(links.n_pages, seed)
    found = pagerank(links, d, 1e-9, k, v, u, start, method)
    error = np.abs(found.ranks - exact(links, d, v, u)).sum()
    assert error <= found.bound + 1e-13
    assert found.n_steps == len(found.residuals) <= k
    assert found.converged == (found.bound <= 1e-9) == (found.reason == "")


@pytest.mark.parametrize("seed", range(3))
def test_both_methods_agree_on_a_larger_web(seed):
    web = power_law_web(3000, 20_000, seed)
    power, blocks = (pagerank(web, 0.85, 1e-12, method=method) for method in METHODS)
    assert np.abs(power.ranks - blocks.ranks).sum() <= power.bound + blocks.bound <= 2e-12
    assert blocks.n_steps <= 0.75 * power.n_steps
    theirs = nx.pagerank(as_networkx(web), 0.85, tol=1e-12 / web.n_pages, max_iter=1000)
    assert np.abs(power.ranks - [theirs[i] for i in range(web.n_pages)]).sum() <= 1e-11
    assert (power.method, blocks.method) == METHODS


@both
def test_weights_and_jumps_count_on_a_larger_web_too(method):
    web, rng = power_law_web(1000, 8000, 1), np.random.default_rng(1)
    weights = rng.random(web.n_links) * rng.integers(0, 2, web.n_links)  # half of them weigh nothing
    heavy = Graph(web.n_pages, web.indptr, web.sources, weights)
    v, u = rng.random((2, web.n_pages))
    found = pagerank(heavy, 0.85, 1e-12, teleport=v, dangling=u, method=method)
    assert np.abs(found.ranks - exact(heavy, 0.85, v, u)).sum() <= found.bound + 1e-13 <= 1.2e-12


@both
def test_the_smallest_and_largest_weights_there_are_do_not_mislead(method):
    web = Graph.from_edges([0, 1, 1, 2, 2], [1, 0, 2, 0, 1], [5e-324, 1e299, 3e299, 1, 1e-300])
    usual = Graph.from_edges([0, 1, 1, 2], [1, 0, 2, 0], [1, 1, 3, 1])
    one, other = (pagerank(graph, 0.85, 1e-13, method=method).ranks for graph in (web, usual))
    np.testing.assert_allclose(one, other, atol=1e-12)


# --- properties


@both
@given(links=small_webs(), d=dampings)
def test_ranks_are_a_distribution_and_nobody_has_less_than_the_jumps_bring(method, links, d):
    ranks = pagerank(links, d, 1e-10, 5000, method=method).ranks
    assert math.fsum(ranks) == pytest.approx(1, abs=1e-12)
    assert ranks.min() >= (1 - d) / links.n_pages * (1 - 1e-12)


@both
@given(links=small_webs(), d=dampings, seed=seeds)
def test_renaming_the_pages_renames_their_ranks(method, links, d, seed):
    n = links.n_pages
    name = np.random.default_rng(seed).permutation(n)
    v, u, start = vectors(n, seed)
    renamed = Graph.from_edges(name[links.sources], name[links.targets], links.weights if links.n_links else None, n)
    old = np.argsort(name)
    one = pagerank(links, d, 1e-12, 5000, v, u, start, method).ranks
    other = pagerank(renamed, d, 1e-12, 5000, v[old], u[old], start[old], method).ranks
    np.testing.assert_allclose(other[name], one, atol=3e-12)


@both
@given(links=small_webs(), d=dampings, size=st.sampled_from([1e-290, 1e-200, 0.3, 1e200, 1e290]))
def test_the_size_of_all_weights_together_does_not_count(method, links, d, size):
    scaled = Graph(links.n_pages, links.indptr, links.sources, links.weights * size)
    one, other = (pagerank(web, d, 1e-12, 5000, method=method) for web in (links, scaled))
    np.testing.assert_allclose(other.ranks, one.ranks, atol=3e-12)


@both
@given(links=small_webs())
def test_with_damping_0_only_jumps_count(method, links):
    found = pagerank(links, 0, method=method)
    np.testing.assert_allclose(found.ranks, 1 / links.n_pages, rtol=1e-14)
    assert (found.converged, found.bound) == (True, 0)


@both
def test_a_good_start_saves_steps(method):
    web = power_law_web(500, 3000, 1)
    cold = pagerank(web, method=method)
    assert pagerank(web, start=cold.ranks, method=method).n_steps <= 2 < cold.n_steps


# --- without jumps, and other runs that do not settle


def test_a_ring_of_three_goes_round_in_circles():
    found = pagerank(ring(3), 1, start=[1, 0, 0])
    assert (found.converged, found.n_steps, found.method) == (False, 1000, "power iteration")
    assert math.isnan(found.bound)
    assert found.reason == "They go round in circles of 3 steps for ever: without jumps nothing breaks the rhythm."
    np.testing.assert_array_equal(found.ranks, np.eye(3)[1000 % 3])


@pytest.mark.parametrize(
    ("links", "n", "rhythm"),
    [
        ([(0, 1), (1, 0), (2, 0)], 3, 2),  # a trap of two behind a page
        ([(0, 1), (1, 0), (2, 3), (3, 4), (4, 2)], 5, 6),  # islands of two and three
    ],
)
def test_the_rhythm_of_several_circles_is_named(links, n, rhythm):
    found = pagerank(Graph.from_edges(*np.transpose(links)), 1, start=np.arange(1, n + 1))
    assert found.reason.startswith(f"They go round in circles of {rhythm} steps")


def test_a_web_that_mixes_settles_without_jumps():
    web = Graph.from_edges([0, 0, 1, 2], [1, 2, 2, 0])  # round trips of 2 and 3 steps
    found = pagerank(web, 1, 1e-12, start=[1, 0, 0])
    np.testing.assert_allclose(found.ranks, [0.4, 0.2, 0.4], atol=1e-11)
    assert (found.converged, found.reason) == (True, "")
    assert math.isnan(found.bound)


def test_what_has_not_settled_says_so():
    found = pagerank(power_law_web(50, 200, 1), 0.99, 1e-10, 3)
    assert (found.converged, found.n_steps) == (False, 3)
    assert found.bound == pytest.approx(99 * found.residuals[-1])
    assert found.reason == (
        f"They have not settled after 3 steps: the error may be {found.bound:.2g}. Allow more steps, or lower the damping."
    )
    slow = pagerank(Graph.from_edges([0, 0, 1, 2], [1, 2, 2, 0]), 1, 1e-12, 1, start=[1, 0, 0])
    assert slow.reason == "They have not settled after 1 step, and without jumps nothing says how far off they are."


def test_a_tolerance_below_rounding_is_not_claimed():
    found = pagerank(power_law_web(200, 1000, 1), 0.999999, 1e-17, 50)
    assert not found.converged
    assert found.bound > 1e-17


@both
def test_the_progress_of_a_large_web_is_told(method, monkeypatch):
    clock = itertools.count()
    monkeypatch.setattr(core.time, "monotonic", lambda: next(clock))
    told = []
    found = pagerank(power_law_web(2000, 10_000, 1), method=method, report=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == list(range(1, found.n_steps))
    assert all(done <= total <= 1000 for done, total in told)
    forecasts = [total for done, total in told if done >= found.n_steps / 2]
    assert all(abs(total - found.n_steps) <= 0.35 * found.n_steps for total in forecasts)


def test_progress_is_told_only_now_and_then(monkeypatch):
    monkeypatch.setattr(core.time, "monotonic", lambda: 0.0)
    told = []
    pagerank(power_law_web(100, 500, 1), report=lambda done, total: told.append((done, total)))
    assert told == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"damping": 1.5}, "the damping is 1.5; it must lie between 0 and 1."),
        ({"damping": math.nan}, "the damping is nan; it must be one finite real number such as 0.5."),
        ({"tol": 0}, "tol is 0; it must be at least 1e-300."),
        ({"max_steps": 0}, "max_steps is 0; it must be at least 1."),
        ({"teleport": [1, 1]}, "the jumps has shape 2; it must be a vector with 3 numbers."),
        ({"dangling": [1, -1, 1]}, "the jumps from dead ends has -1 in entry 2; every entry must be 0 or more."),
        ({"start": [0, 0, 0]}, "the start has only zeros; at least one entry must be positive."),
        ({"method": "Jacobi"}, "the method is 'Jacobi'; it must be 'power iteration' or 'Gauss-Seidel'."),
        (
            {"method": "Gauss-Seidel", "damping": 1},
            "Gauss-Seidel needs a damping below 1: without jumps its sweeps may never settle.",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(options, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        pagerank(ring(3), **options)
    assert str(problem.value) == words


# --- the whole walk


@given(links=small_webs(), d=st.sampled_from([0, 0.5, 0.85, 1]), seed=seeds)
def test_every_step_of_a_walk_is_one_product_with_the_google_matrix(links, d, seed):
    v, u, start = vectors(links.n_pages, seed)
    walk = power_iteration(links, d, 12, start, v, u)
    google = d * mended_matrix(links, u) + (1 - d) * (v / v.sum())[:, None]
    np.testing.assert_allclose(walk.ranks[0], start / start.sum(), rtol=1e-14)
    np.testing.assert_allclose(walk.ranks[1:], walk.ranks[:-1] @ google.T, atol=1e-14)
    np.testing.assert_allclose(walk.ranks.sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_array_equal(walk.residuals, np.abs(np.diff(walk.ranks, axis=0)).sum(axis=1))
    heard = ~np.isnan(walk.measured_rates)
    assert not heard[-1]
    assert np.all(walk.residuals[heard] > 1e-14)
    assert np.all(walk.measured_rates[heard] <= d + 1e-1 * (walk.residuals[heard] < 1e-12) + 1e-3)


def test_a_walk_ends_where_the_ranks_are():
    web = power_law_web(100, 500, 3)
    walk, found = power_iteration(web, 0.85, 60), pagerank(web, 0.85, 1e-10)
    np.testing.assert_allclose(walk.ranks[found.n_steps], found.ranks, rtol=1e-13)
    np.testing.assert_allclose(walk.residuals[: found.n_steps], found.residuals, rtol=1e-3, atol=1e-15)


def test_without_a_way_to_settle_the_measured_rate_is_1():
    walk = power_iteration(ring(3), 1, 5, start=[1, 0, 0])
    assert walk.measured_rates[:4].tolist() == [1, 1, 1, 1]
    assert walk.residuals.tolist() == [2, 2, 2, 2, 2]


def test_a_walk_of_no_steps_is_its_start():
    walk = power_iteration(ring(2), 0.5, 0, start=[3, 1])
    assert walk.ranks.tolist() == [[0.75, 0.25]]
    assert (walk.residuals.shape, walk.measured_rates.shape) == ((0,), (0,))


@pytest.mark.parametrize(
    ("n", "arguments", "words"),
    [
        (3, (2, 5), "the damping is 2; it must lie between 0 and 1."),
        (3, (0.5, -1), "n_steps is -1; it must lie between 0 and 10000."),
        (3, (0.5, 5, [1, 2]), "the start has shape 2; it must be a vector with 3 numbers."),
        (20_000, (0.5, 9999), "9999 steps of 20,000 pages are too many to keep; take fewer, or only the last."),
    ],
)
def test_a_walk_that_cannot_be_is_refused_in_a_sentence(n, arguments, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        power_iteration(ring(n), *arguments)
    assert str(problem.value) == words


# --- how fast


@given(small_webs(fewest=2), seeds)
def test_the_second_eigenvalue_agrees_with_numpy(links, seed):
    u = vectors(links.n_pages, seed)[0]
    sizes = np.sort(np.abs(np.linalg.eigvals(mended_matrix(links, u))))
    assert abs(second_eigenvalue(links, u)) == pytest.approx(sizes[-2], abs=1e-12)


@pytest.mark.parametrize(("n", "seed"), [(100, 0), (101, 0), (200, 1), (300, 2)])
def test_the_second_eigenvalue_of_a_larger_web_agrees_with_numpy(n, seed):
    web = power_law_web(n, 4 * n, seed)
    sizes = np.sort(np.abs(np.linalg.eigvals(mended_matrix(web))))
    assert abs(second_eigenvalue(web)) == pytest.approx(sizes[-2], abs=1e-8)


@pytest.mark.parametrize("n", [2, 3, 50, 101, 1000])
def test_the_second_eigenvalue_of_a_ring_has_size_1(n):
    assert abs(second_eigenvalue(ring(n))) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("n", [4, 40, 600, 20_000])
def test_two_islands_have_the_second_eigenvalue_1(n):
    pages = np.arange(n)
    next_door = np.where(pages < n // 2, (pages + 1) % (n // 2), n // 2 + (pages + 1) % (n - n // 2))
    web = Graph.from_edges([*pages, *pages], [*next_door, *pages])  # self-links: no rhythm
    assert second_eigenvalue(web) == pytest.approx(1, abs=1e-12)


def test_a_dead_end_joins_islands_by_its_jumps():
    islands = Graph.from_edges([0, 0, 1, 2, 2, 3], [0, 1, 0, 2, 3, 2])
    assert second_eigenvalue(islands) == 1
    joined = Graph.from_edges([0, 0, 1, 2, 2, 3, 0, 2], [0, 1, 0, 2, 3, 2, 4, 4])
    assert abs(second_eigenvalue(joined)) < 0.95
    assert second_eigenvalue(joined, [1, 0, 0, 0, 0]) != 1


@given(small_webs(fewest=2), seeds)
def test_the_way_for_large_webs_agrees_with_numpy(links, seed):
    # A hundred more pages that lead to it, but to which nothing leads, bring only eigenvalues 0.
    n, u = links.n_pages, vectors(links.n_pages, seed)[0]
    sources, targets = [*links.sources, *range(n, n + 100)], [*links.targets, *[0] * 100]
    web = Graph.from_edges(sources, targets, [*links.weights, *np.ones(100)], n + 100)
    sizes = np.sort(np.abs(np.linalg.eigvals(mended_matrix(links, u))))
    assert abs(second_eigenvalue(web, [*u, *np.zeros(100)])) == pytest.approx(sizes[-2], abs=1e-4)  # where it is defective


def test_a_second_eigenvalue_that_is_not_found_is_not_made_up():
    pages = np.arange(1000)
    chord = Graph.from_edges([*pages, 0], [*np.roll(pages, -1), 500])  # a ring of 1000 steps or of 501
    with pytest.raises(ValueError, match=r"the second eigenvalue was not found: too many are of nearly the same size\.$"):
        second_eigenvalue(chord)


@pytest.mark.parametrize("links", [[(0, 1), (1, 2), (1, 3)], [(0, 1), (1, 2)]])
def test_jumps_from_dead_ends_may_close_a_circle(links):
    web = Graph.from_edges(*np.transpose(links))
    back = np.eye(web.n_pages)[0]  # from 2 (and 3) to 0
    np.testing.assert_allclose(second_eigenvalue(web, back) ** 3, 1, atol=1e-14)


def test_a_single_page_has_no_second_eigenvalue():
    assert second_eigenvalue(ring(1)) == 0


@pytest.mark.parametrize("seed", range(3))
def test_power_iteration_slows_down_to_damping_times_the_second_eigenvalue(seed):
    web = symmetric(40, seed)
    rate = abs(second_eigenvalue(web))
    start = np.random.default_rng(seed).random(web.n_pages)
    walk = power_iteration(web, 0.9, 150, start)
    late = np.flatnonzero(walk.residuals > 1e-11)[-11:]
    assert np.prod(walk.measured_rates[late[:-1]]) ** 0.1 == pytest.approx(0.9 * rate, rel=0.02)


def symmetric(n, seed):
    """Return a web whose links go both ways: its eigenvalues are real, and its walk has one rate in the end."""
    rng = np.random.default_rng(seed)
    s, t = rng.integers(0, n, (2, 2 * n))
    s, t = np.concatenate([s, np.arange(n)]), np.concatenate([t, (np.arange(n) + 1) % n])
    return Graph.from_edges([*s, *t], [*t, *s])


@pytest.mark.parametrize("d", [0.5, 0.85, 0.99])
@pytest.mark.parametrize("seed", range(3))
def test_the_predicted_step_is_about_that_of_the_run(d, seed):
    web = symmetric(30, seed)
    start = np.random.default_rng(seed).random(web.n_pages)
    found = pagerank(web, d, 1e-10, 5000, start=start)
    said = core.step_of_tolerance(d * abs(second_eigenvalue(web)), found.residuals[0], d, 1e-10)
    assert 0.85 * found.n_steps <= said <= 1.15 * found.n_steps + 1


def test_a_walk_of_exactly_one_rate_stops_exactly_when_predicted():
    web = Graph.from_edges([0, 1], [1, 0])  # the second eigenvalue is -1
    found = pagerank(web, 0.7, 1e-9, start=[1, 0])
    assert core.step_of_tolerance(0.7, found.residuals[0], 0.7, 1e-9) == found.n_steps


@pytest.mark.parametrize(
    ("arguments", "step"),
    [
        ((0.5, 0.0, 0.5, 1e-10), 0),  # starts where it ends
        ((0.5, 1e-12, 0.5, 1e-10), 1),
        ((0.0, 1.0, 0.85, 1e-10), 2),
        ((1.0, 1.0, 1.0, 1e-10), None),
        ((0.1, 1.0, 1.0, 1e-3), 4),
        ((0.1, 1.0, 0.9, 0.9), 2),
    ],
)
def test_the_predicted_step_by_hand(arguments, step):
    assert core.step_of_tolerance(*arguments) == step


# --- one page, one link


@given(links=small_webs(), d=st.sampled_from([0, 0.5, 0.85, 1]), seed=seeds)
def test_what_flows_along_links_is_what_pages_with_links_hold_times_the_damping(links, d, seed):
    r = vectors(links.n_pages, seed)[0]
    r /= r.sum()
    flow = core.flows(links, r, d)
    assert flow.shape == (links.n_links,)
    assert flow.sum() == pytest.approx(d * (1 - r[links.dangling].sum()), abs=1e-14)
    leaving = np.bincount(links.sources, flow, links.n_pages)
    np.testing.assert_allclose(np.delete(leaving, links.dangling), d * np.delete(r, links.dangling), atol=1e-15)


@given(links=small_webs(), d=st.sampled_from([0, 0.5, 0.85, 1]), seed=seeds)
def test_what_a_page_receives_is_its_rank_in_the_next_step(links, d, seed):
    v, u, start = vectors(links.n_pages, seed)
    walk = power_iteration(links, d, 1, start, v, u)
    flow = core.flows(links, walk.ranks[0], d)
    for page in range(links.n_pages):
        got = core.received(links, walk.ranks[0], d, page, v, u)
        assert got.total == pytest.approx(walk.ranks[1, page], abs=1e-15)
        assert got.total == pytest.approx(got.gifts.sum() + got.from_dangling + got.from_teleport, abs=1e-16)
        np.testing.assert_array_equal(got.sources, links.sources[links.targets == page])
        np.testing.assert_allclose(got.gifts, flow[links.targets == page], atol=1e-16)
        np.testing.assert_allclose(got.gifts, d * walk.ranks[0, got.sources] * got.shares, atol=1e-16)


def test_a_page_that_does_not_exist_receives_nothing():
    with pytest.raises(ValueError, match="the page is 3; it must lie between 0 and 2"):
        core.received(ring(3), [1, 1, 1], 0.85, 3)
    with pytest.raises(ValueError, match="the ranks has shape 2"):
        core.flows(ring(3), [1, 1], 0.85)
