"""Parts of a web, and webs with a link more or less, against what the links say."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mml_core import subgraphs
from mml_core.graphs import Graph
from mml_core.subgraphs import neighbourhood, subgraph, with_link, without_link
from mml_core.webs import power_law_web, ring


@st.composite
def webs_and_pages(draw):
    """Return a web and two of its pages."""
    n = draw(st.integers(1, 10))
    page = st.integers(0, n - 1)
    links = draw(st.lists(st.tuples(page, page, st.floats(0.01, 100)), max_size=3 * n))
    sources, targets, weights = (list(column) for column in zip(*links, strict=True)) if links else ([], [], None)
    return Graph.from_edges(sources, targets, weights, n), draw(page), draw(page)


def links_of(graph):
    return {(s, t): w for s, t, w in zip(graph.sources.tolist(), graph.targets.tolist(), graph.weights.tolist(), strict=True)}


def assert_same(one, other):
    assert one.n_pages == other.n_pages
    for part in ("indptr", "sources", "weights"):
        np.testing.assert_array_equal(getattr(one, part), getattr(other, part))
        assert getattr(one, part).dtype == getattr(other, part).dtype


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(subgraphs).failed == 0


# --- a link more or less


@given(webs_and_pages(), st.floats(0.01, 100))
def test_a_new_link_is_there_and_nothing_else_has_changed(case, weight):
    web, s, t = case
    before = links_of(web)
    more = with_link(web, s, t, weight)
    assert links_of(more) == {**before, (s, t): before.get((s, t), 0) + weight}
    assert links_of(web) == before
    assert_same(more, Graph.from_edges(more.sources, more.targets, more.weights, more.n_pages))


@given(webs_and_pages())
def test_a_link_put_in_and_taken_out_again_leaves_the_same_web(case):
    web, s, t = case
    if (s, t) in links_of(web):
        less = without_link(web, s, t)
        assert links_of(less) == {ends: w for ends, w in links_of(web).items() if ends != (s, t)}
        assert_same(with_link(less, s, t, links_of(web)[s, t]), web)
    else:
        assert_same(without_link(with_link(web, s, t), s, t), web)


@pytest.mark.parametrize(
    ("change", "arguments", "words"),
    [
        (without_link, (0, 2), "there is no link from page 0 to page 2; only a link that is there can be taken away."),
        (without_link, (3, 0), "the source is 3; it must lie between 0 and 2."),
        (with_link, (0, -1), "the target is -1; it must lie between 0 and 2."),
        (with_link, (0, 0.5), "the target is 0.5; it must be a whole number."),
        (with_link, (0, 1, 0), "the weight is 0; it must be at least 4.94066e-324."),
    ],
)
def test_a_change_that_cannot_be_is_refused_in_a_sentence(change, arguments, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        change(ring(3), *arguments)
    assert str(problem.value) == words


# --- parts


@given(webs_and_pages(), st.randoms(use_true_random=False))
def test_a_part_has_the_links_between_its_pages_in_the_order_asked_for(case, chance):
    web, *_ = case
    pages = chance.sample(range(web.n_pages), chance.randint(1, web.n_pages))
    part = subgraph(web, pages)
    assert part.n_pages == len(pages)
    found = {(pages[s], pages[t]): w for (s, t), w in links_of(part).items()}
    assert found == {(s, t): w for (s, t), w in links_of(web).items() if s in pages and t in pages}


@given(webs_and_pages())
def test_all_pages_are_the_whole_web(case):
    web, *_ = case
    assert_same(subgraph(web, np.arange(web.n_pages)), web)


@pytest.mark.parametrize("pages", [[], [0, 0], [3], [-1], [[0, 1]]])
def test_pages_that_are_not_there_make_no_part(pages):
    with pytest.raises(ValueError, match=r"the pages must be different numbers from 0 to 2\.$"):
        subgraph(ring(3), pages)


# --- neighbourhoods


@given(webs_and_pages(), st.integers(1, 12), st.integers(0, 10**6))
def test_a_neighbourhood_is_a_page_and_pages_that_it_has_links_with(case, most, seed):
    web, i, _ = case
    found = neighbourhood(web, i, np.random.default_rng(seed).random(web.n_pages), most).tolist()
    assert found[0] == i
    assert len(set(found)) == len(found)
    around = {s for s, t in links_of(web) if t == i} | {t for s, t in links_of(web) if s == i}
    assert set(found[1:]) <= around - {i}
    assert len(found) == min(most, 1 + len(around - {i}))


def test_those_that_give_most_and_the_highest_are_taken():
    # 1 to 6 link to 0, 0 links to 7 to 12; page 1 gives half of its rank only.
    sources, targets = [*range(1, 7), 1, *[0] * 6], [*[0] * 6, 7, *range(7, 13)]
    ranks = np.array([5, 10, 9, 8, 7, 6, 5.5, 1, 2, 3, 4, 5, 6]) / 100
    web = Graph.from_edges(sources, targets)
    assert neighbourhood(web, 0, ranks, 5).tolist() == [0, 2, 3, 12, 11]
    assert neighbourhood(web, 0, ranks, 6).tolist() == [0, 2, 3, 4, 12, 11]
    assert neighbourhood(web, 0, ranks, 1).tolist() == [0]
    assert set(neighbourhood(web, 0, ranks).tolist()) == set(range(13))


def test_a_neighbourhood_in_a_larger_web_is_full():
    web = power_law_web(1000, 8000, 1)
    assert len(neighbourhood(web, 0, np.ones(1000), 30)) == 30


def test_a_neighbourhood_that_cannot_be_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match=r"the page is 3; it must lie between 0 and 2\.$"):
        neighbourhood(ring(3), 3, [1, 1, 1])
    with pytest.raises(ValueError, match=r"n_pages is 0; it must lie between 1 and 10000\.$"):
        neighbourhood(ring(3), 0, [1, 1, 1], 0)
    with pytest.raises(ValueError, match=r"the ranks has shape 2; it must be a vector with 3 numbers\.$"):
        neighbourhood(ring(3), 0, [1, 1])
