"""Webs: links as they are stored, transition matrices, degrees and traps, against known answers and networkx."""

import doctest
import math
import tracemalloc

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from mml_core import graphs
from mml_core.graphs import Graph


@st.composite
def link_lists(draw, most=10):
    """Return sources, targets, weights and a number of pages: self-links, repeated links and lonely pages included."""
    n = draw(st.integers(1, most))
    page = st.integers(0, n - 1)
    links = draw(st.lists(st.tuples(page, page, st.floats(0.01, 100)), max_size=3 * n))
    return [s for s, _, _ in links], [t for _, t, _ in links], [w for _, _, w in links], n


def webs_of(links):
    sources, targets, weights, n = links
    return Graph.from_edges(sources, targets, weights if sources else None, n)


def links_of(graph):
    return list(zip(graph.sources.tolist(), graph.targets.tolist(), graph.weights.tolist(), strict=True))


def as_networkx(graph):
    web = nx.DiGraph()
    web.add_nodes_from(range(graph.n_pages))
    web.add_weighted_edges_from(links_of(graph))
    return web


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(graphs).failed == 0


# --- links in, web out


@given(link_lists())
def test_a_web_holds_each_link_once_with_the_weights_added_up(links):
    sources, targets, weights, n = links
    total = {}
    for s, t, w in zip(sources, targets, weights, strict=True):
        total[t, s] = total.get((t, s), 0) + w
    web = webs_of(links)
    assert (web.n_pages, web.n_links) == (n, len(total))
    assert list(zip(web.targets.tolist(), web.sources.tolist(), strict=True)) == sorted(total)
    np.testing.assert_allclose(web.weights, [total[key] for key in sorted(total)], rtol=1e-14)
    np.testing.assert_array_equal(web.indptr, np.searchsorted(web.targets, np.arange(n + 1)))
    np.testing.assert_allclose(web.out_weight.sum(), math.fsum(weights), rtol=1e-13)
    assert (web.indptr.dtype, web.sources.dtype, web.weights.dtype) == (np.int32, np.int32, np.float64)


@given(link_lists())
def test_a_web_agrees_with_a_sparse_matrix_made_by_scipy(links):
    sources, targets, weights, n = links
    expected = sparse.coo_matrix((weights, (targets, sources)), shape=(n, n)).toarray()
    web = webs_of(links)
    found = sparse.csr_matrix((web.weights, web.sources, web.indptr), shape=(n, n)).toarray()
    np.testing.assert_allclose(found, expected, rtol=1e-14)


@given(link_lists(), st.randoms(use_true_random=False))
def test_the_order_of_the_links_does_not_matter(links, chance):
    sources, targets, weights, n = links
    order = list(range(len(sources)))
    chance.shuffle(order)
    shuffled = [sources[i] for i in order], [targets[i] for i in order], [weights[i] for i in order], n
    one, other = webs_of(links), webs_of(shuffled)
    np.testing.assert_array_equal(one.sources, other.sources)
    np.testing.assert_array_equal(one.indptr, other.indptr)
    np.testing.assert_allclose(one.weights, other.weights, rtol=1e-14)


DOUBLE = ([0, 0, 1, 0, 2], [1, 1, 1, 2, 0])


@pytest.mark.parametrize(
    ("weights", "duplicates", "self_links", "expected"),
    [
        (None, "add", "keep", [(2, 0, 1), (0, 1, 2), (1, 1, 1), (0, 2, 1)]),
        (None, "ignore", "keep", [(2, 0, 1), (0, 1, 1), (1, 1, 1), (0, 2, 1)]),
        (None, "add", "drop", [(2, 0, 1), (0, 1, 2), (0, 2, 1)]),
        ([3, 4, 5, 6, 0], "add", "keep", [(2, 0, 0), (0, 1, 7), (1, 1, 5), (0, 2, 6)]),
        ([3, 4, 5, 6, 0], "ignore", "keep", [(2, 0, 0), (0, 1, 3), (1, 1, 5), (0, 2, 6)]),
        ([3, 4, 5, 6, 0], "ignore", "drop", [(2, 0, 0), (0, 1, 3), (0, 2, 6)]),
    ],
)
def test_repeated_links_and_self_links_are_treated_as_the_caller_says(weights, duplicates, self_links, expected):
    web = Graph.from_edges(*DOUBLE, weights, duplicates=duplicates, self_links=self_links)
    assert links_of(web) == expected
    assert web.n_pages == 3


def test_a_web_without_links_has_only_dead_ends():
    web = Graph.from_edges([], [], n_pages=3)
    assert (web.n_links, web.indptr.tolist(), web.dangling.tolist()) == (0, [0, 0, 0, 0], [0, 1, 2])
    assert web.out_weight.tolist() == [0, 0, 0]


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.uint64, np.float64])
def test_page_numbers_may_have_any_type_that_holds_whole_numbers(kind):
    web = Graph.from_edges(np.array([0, 200], kind), np.array([200, 199], kind))
    assert links_of(web) == [(200, 199, 1), (0, 200, 1)]


def test_what_is_given_stays_as_it_was():
    sources, targets, weights = np.array([2, 0, 1]), np.array([0, 2, 1]), np.array([3.0, 4.0, 5.0])
    web = Graph.from_edges(sources, targets, weights)
    web.weights[:] = 0
    assert (sources.tolist(), targets.tolist(), weights.tolist()) == ([2, 0, 1], [0, 2, 1], [3, 4, 5])


def test_named_links_are_numbered_as_they_appear_after_the_pages_named_first():
    found = Graph.from_labelled_edges([("b", "a"), ("b", 7, 2.5), ("a", "b", 0)], pages=["z", "a"])
    assert found.names == ("z", "a", "b", 7)
    assert links_of(found.graph) == [(2, 1, 1), (1, 2, 0), (2, 3, 2.5)]


def test_named_pages_may_have_no_links():
    assert Graph.from_labelled_edges([], pages="ab").graph.dangling.tolist() == [0, 1]


# --- what a web cannot be made of


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([0.5], [1]), "sources holds float64 values; page numbers must be whole numbers from 0."),
        (([0], [math.nan]), "targets holds float64 values; page numbers must be whole numbers from 0."),
        ((["a"], [1]), "sources holds <U1 values; page numbers must be whole numbers from 0."),
        (([True], [0]), "sources holds bool values; page numbers must be whole numbers from 0."),
        (([[0]], [[1]]), "sources has 2 dimensions; it must be one list of page numbers."),
        (([0, -3], [1, 1]), "sources has -3 in entry 2; page numbers start at 0."),
        (([0, 1], [1]), "there are 2 sources and 1 targets; every link needs both."),
        (([0], [3], None, 3), "there is a link of page 3, but the pages are 0 to 2."),
        (([0], [1], None, 2.5), "the number of pages is 2.5; it must be a whole number."),
        (([], []), "the number of pages is 0; it must lie between 1 and 2.14748e+09."),
        (([0], [1], [-2]), "the weights have -2 in entry 1; a weight must be 0 or more."),
        (([0], [1], [math.inf]), "the weights has inf in entry 1; every entry must be a finite number."),
        (([0], [1], [1, 2]), "the weights has shape 2; it must be a vector with 1 number."),
    ],
)
def test_bad_links_end_in_a_sentence(arguments, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        Graph.from_edges(*arguments)
    assert str(problem.value) == words


@pytest.mark.parametrize("largest", [10**9, 2**31 - 2])
def test_an_identifier_of_a_thousand_million_does_not_take_memory(largest):
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"pages would have 2 links; number the pages that occur from 0 on, without gaps\.$"):
        Graph.from_edges([0, largest], [1, 2])
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100_000
    with pytest.raises(ValueError, match="the number of pages"):
        Graph.from_edges([0], [2**40])


@pytest.mark.parametrize(
    ("links", "words"),
    [
        ([("a", "b"), ("a",)], "link 2 has 1 parts; a link is (from, to) or (from, to, weight)."),
        ([("a", "b", "heavy")], "the weights has heavy in entry 1; every entry must be a real number."),
        ([("a", "b", -1)], "the weights have -1 in entry 1; a weight must be 0 or more."),
    ],
)
def test_a_bad_named_link_ends_in_a_sentence(links, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        Graph.from_labelled_edges(links)
    assert str(problem.value) == words


# --- matrices


@given(link_lists())
def test_columns_of_the_transition_matrix_add_up_to_1_or_are_those_of_dead_ends(links):
    web = webs_of(links)
    found = graphs.transition_matrix(web)
    P = found.matrix.toarray()
    np.testing.assert_allclose(np.delete(P, found.dangling, axis=1).sum(axis=0), 1, rtol=1e-14)
    assert not P[:, found.dangling].any()
    np.testing.assert_array_equal(found.dangling, web.dangling)
    expected = nx.to_numpy_array(nx.stochastic_graph(as_networkx(web)))
    np.testing.assert_allclose(P, expected.T, rtol=1e-13)


@given(link_lists())
def test_the_mended_matrix_fills_the_columns_of_dead_ends_and_nothing_else(links):
    web = webs_of(links)
    u = 1.0 + np.arange(web.n_pages)
    mended, P = graphs.mended_matrix(web, u), graphs.transition_matrix(web).matrix.toarray()
    np.testing.assert_allclose(mended.sum(axis=0), 1, rtol=1e-14)
    P[:, web.dangling] = (u / u.sum())[:, None]
    np.testing.assert_allclose(mended, P, rtol=1e-14)


def test_a_page_whose_links_weigh_nothing_is_a_dead_end():
    web = Graph.from_edges([0, 1], [1, 0], [0, 3])
    assert web.dangling.tolist() == [0]
    assert graphs.mended_matrix(web).tolist() == [[0.5, 1], [0.5, 0]]


def test_a_full_matrix_is_not_made_for_a_large_web():
    with pytest.raises(ValueError, match=r"the web has 3,001 pages; a full matrix is made for at most 3,000\."):
        graphs.mended_matrix(Graph.from_edges([0], [3000]))


@pytest.mark.parametrize("size", [1e-300, 1.0, 1e299])
def test_shares_do_not_depend_on_the_size_of_the_weights(size):
    np.testing.assert_allclose(graphs.distribution(np.array([1, 0, 3]) * size, 3, "w"), [0.25, 0, 0.75], rtol=1e-15)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([1, -2, 0], "the start has -2 in entry 2; every entry must be 0 or more."),
        ([0, 0, 0], "the start has only zeros; at least one entry must be positive."),
        ([1, 2], "the start has shape 2; it must be a vector with 3 numbers."),
        ([1, 2, math.nan], "the start has nan in entry 3; every entry must be a finite number."),
    ],
)
def test_a_bad_distribution_ends_in_a_sentence(weights, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        graphs.distribution(weights, 3, "the start")
    assert str(problem.value) == words


# --- degrees and traps


@given(link_lists())
def test_degrees_and_parts_agree_with_networkx(links):
    web = webs_of(links)
    other = as_networkx(web)
    assert graphs.in_degree(web).tolist() == [degree for _, degree in other.in_degree()]
    assert graphs.out_degree(web).tolist() == [degree for _, degree in other.out_degree()]
    found = graphs.strongly_connected(web)
    parts = [frozenset(part) for part in nx.strongly_connected_components(other)]
    assert {frozenset(np.flatnonzero(found.labels == label).tolist()) for label in set(found.labels.tolist())} == set(parts)
    assert found.dead_ends.tolist() == [page for page, degree in other.out_degree() if degree == 0]
    leaving = [part for part in parts if any(t not in part for s in part for t in other[s])]
    inside = [part for part in parts if any(t in part for s in part for t in other[s])]
    traps = {part for part in inside if part not in leaving} if len(parts) > 1 else set()
    assert {frozenset(trap.tolist()) for trap in found.spider_traps} == traps
    islands = [frozenset(part) for part in nx.weakly_connected_components(other)]
    assert {frozenset(island.tolist()) for island in found.islands} == (set(islands) if len(islands) > 1 else set())


def test_traps_are_named():
    # 0 <-> 1 lead to the trap 2 <-> 3 and to the dead end 4; 5 and 6 are an island that is also a trap.
    found = graphs.strongly_connected(Graph.from_edges([0, 1, 1, 2, 3, 0, 5, 6], [1, 0, 2, 3, 2, 4, 6, 5]))
    assert sorted(trap.tolist() for trap in found.spider_traps) == [[2, 3], [5, 6]]
    assert found.dead_ends.tolist() == [4]
    assert [island.tolist() for island in found.islands] == [[0, 1, 2, 3, 4], [5, 6]]


def test_a_whole_web_without_a_way_out_is_no_trap():
    found = graphs.strongly_connected(Graph.from_edges([0, 1, 2], [1, 2, 0]))
    assert (found.spider_traps, found.islands, found.dead_ends.tolist()) == ((), (), [])


def test_links_that_weigh_nothing_lead_nowhere():
    found = graphs.strongly_connected(Graph.from_edges([0, 1, 1], [1, 0, 2], [1, 1, 0]))
    assert [trap.tolist() for trap in found.spider_traps] == [[0, 1]]
    assert [island.tolist() for island in found.islands] == [[0, 1], [2]]


def test_a_web_of_many_islands_is_described_in_time():
    found = graphs.strongly_connected(Graph.from_edges(np.arange(100_000), np.arange(100_000)))
    assert len(found.spider_traps) == len(found.islands) == 1000
    assert [part.tolist() for part in found.islands[:3]] == [[0], [1], [2]]


@given(link_lists(most=7))
def test_the_period_is_the_common_divisor_of_all_round_trips(links):
    web = webs_of(links)
    other = as_networkx(web)
    for part in nx.strongly_connected_components(other):
        rounds = [len(trip) for trip in nx.simple_cycles(other.subgraph(part))]
        assert graphs.period(web, sorted(part)) == math.gcd(*rounds)


@pytest.mark.parametrize("n", [1, 2, 3, 12])
def test_a_ring_has_its_length_as_period(n):
    web = Graph.from_edges(np.arange(n), np.roll(np.arange(n), -1))
    assert graphs.period(web, np.arange(n)) == n
