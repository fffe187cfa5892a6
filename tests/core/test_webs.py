"""Webs that are made: a ring, and random ones that look like real ones."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mml_core import webs
from mml_core.graphs import in_degree, out_degree, strongly_connected


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(webs).failed == 0


@given(st.integers(1, 40))
def test_a_ring_leads_from_each_page_to_the_next(n):
    web = webs.ring(n)
    assert sorted(zip(web.sources.tolist(), web.targets.tolist(), strict=True)) == [(i, (i + 1) % n) for i in range(n)]


@given(st.integers(2, 300), st.integers(1, 1000), st.integers(0, 2**32))
def test_a_random_web_has_no_self_link_and_no_link_twice(n, n_links, seed):
    n_links = min(n_links, n * (n - 1) // 2)
    web = webs.power_law_web(n, n_links, seed)
    assert web.n_pages == n
    assert web.n_links <= n_links
    assert not np.any(web.sources == web.targets)
    assert len(set(zip(web.sources.tolist(), web.targets.tolist(), strict=True))) == web.n_links
    assert np.all(web.weights == 1)


@given(st.integers(2, 200), st.integers(1, 300), st.integers(0, 2**32))
def test_the_seed_decides_the_web(n, n_links, seed):
    n_links = min(n_links, n * (n - 1) // 2)
    one, other = webs.power_law_web(n, n_links, seed), webs.power_law_web(n, n_links, seed)
    np.testing.assert_array_equal(one.indptr, other.indptr)
    np.testing.assert_array_equal(one.sources, other.sources)


def test_another_seed_makes_another_web():
    one, other = webs.power_law_web(100, 400, 1), webs.power_law_web(100, 400, 2)
    assert not np.array_equal(one.sources, other.sources)


def test_no_global_random_state_is_read_or_moved():
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    webs.power_law_web(50, 100, 1)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


@pytest.mark.parametrize(("n", "n_links"), [(1000, 4000), (1000, 10_000), (20_000, 200_000), (90_000, 500_000)])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_random_web_looks_like_a_crawl(n, n_links, seed):
    web = webs.power_law_web(n, n_links, seed)
    assert web.n_links == n_links
    assert 0.19 <= len(web.dangling) / n <= 0.27  # a fifth and those that drew no link
    degrees = np.sort(in_degree(web))[::-1]
    assert degrees[0] >= 9 * n_links / n
    assert np.argmax(in_degree(web)) < n / 50  # the most popular pages come first
    assert degrees[: n // 20].sum() >= 0.12 * n_links
    assert out_degree(web).max() <= 0.1 * n_links


def test_most_links_stay_near():
    web = webs.power_law_web(20_000, 100_000, 3)
    ahead = (web.targets - web.sources) % web.n_pages
    assert np.mean(ahead < 60) == pytest.approx(webs.NEAR, abs=0.04)


def test_much_of_a_random_web_hangs_together():
    found = strongly_connected(webs.power_law_web(2000, 12_000, 1))
    assert np.bincount(found.labels).max() >= 0.5 * 2000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((1, 1, 1), "the number of pages is 1; it must lie between 2 and 1e+07."),
        ((10, 46, 1), "the number of links is 46; it must lie between 1 and 45."),
        ((10, 0, 1), "the number of links is 0; it must lie between 1 and 45."),
        ((10, 5, -1), "the seed is -1; it must be at least 0."),
        ((10, 5, 0.5), "the seed is 0.5; it must be a whole number."),
    ],
)
def test_a_web_that_cannot_be_is_refused_in_a_sentence(arguments, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        webs.power_law_web(*arguments)
    assert str(problem.value) == words


def test_a_ring_needs_a_page():
    with pytest.raises(ValueError, match=r"the number of pages is 0; it must lie between 1 and 1e\+07\.$"):
        webs.ring(0)
