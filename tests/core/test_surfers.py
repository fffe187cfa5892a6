"""Random surfers: they follow links that are there, and their shares come to the ranks."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mml_core import surfers
from mml_core.graphs import Graph
from mml_core.pagerank import pagerank, power_iteration
from mml_core.surfers import random_surfers, sampling_error
from mml_core.webs import power_law_web, ring

SIX = Graph.from_edges([0, 0, 1, 2, 2, 3, 3, 4], [1, 2, 2, 0, 3, 4, 0, 5], [1, 3, 1, 2, 2, 1, 0.5, 1])  # 5 is a dead end


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(surfers).failed == 0


@given(st.integers(1, 10), st.integers(0, 30), st.sampled_from([0, 0.5, 0.85, 1]), st.integers(0, 10**6))
def test_who_follows_a_link_follows_one_that_is_there(n, n_links, d, seed):
    rng = np.random.default_rng(seed)
    web = Graph.from_edges(*rng.integers(0, n, (2, n_links)), rng.integers(0, 3, n_links), n)
    run = random_surfers(web, d, 20, 8, seed)
    assert run.pages.shape == (9, 20)
    assert run.followed.shape == (8, 20)
    there = {(s, t) for s, t, w in zip(web.sources, web.targets, web.weights, strict=True) if w > 0}
    steps = zip(run.pages[:-1][run.followed].tolist(), run.pages[1:][run.followed].tolist(), strict=True)
    assert set(steps) <= there
    assert not np.isin(run.pages[:-1][run.followed], web.dangling).any()
    if d == 0:
        assert not run.followed.any()
    if d == 1:
        np.testing.assert_array_equal(run.followed, ~np.isin(run.pages[:-1], web.dangling))


@given(st.integers(1, 10), st.integers(1, 50), st.integers(0, 6), st.integers(0, 10**6))
def test_shares_count_the_surfers_on_each_page(n, m, n_steps, seed):
    run = random_surfers(ring(n), 0.5, m, n_steps, seed)
    assert run.shares.shape == (n_steps + 1, n)
    for pages, shares in zip(run.pages, run.shares, strict=True):
        np.testing.assert_allclose(shares, [np.mean(pages == page) for page in range(n)], atol=1e-15)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("d", [0, 0.5, 0.85, 1])
def test_shares_come_to_the_ranks_within_five_sampling_errors(d, seed):
    web, m = power_law_web(60, 240, seed), 10_000
    v, u = 1.0 + np.arange(60), np.ones(60)
    ranks = pagerank(web, d, 1e-12, 5000, v, u).ranks
    shares = random_surfers(web, d, m, 60, seed, None, v, u).shares[-1]
    assert np.all(np.abs(shares - ranks) <= 5 * sampling_error(ranks, m) + 1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_at_each_step_they_are_where_power_iteration_says(seed):
    m, start, v, u = 40_000, [1, 0, 0, 2, 0, 1], [1, 1, 0, 0, 0, 2], [0, 1, 0, 0, 0, 0]
    walk, run = power_iteration(SIX, 0.85, 12, start, v, u), random_surfers(SIX, 0.85, m, 12, seed, start, v, u)
    for expected, shares in zip(walk.ranks, run.shares, strict=True):
        assert np.all(np.abs(shares - expected) <= 5 * sampling_error(expected, m) + 1e-12)


def test_links_are_chosen_by_their_weights():
    run = random_surfers(SIX, 1, 100_000, 1, 7, start=[1, 0, 0, 0, 0, 0])
    expected = np.array([0, 0.25, 0.75, 0, 0, 0])
    assert np.all(np.abs(run.shares[1] - expected) <= 5 * sampling_error(expected, 100_000))


def test_a_link_that_weighs_nothing_is_never_followed():
    web = Graph.from_edges([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 0])
    assert np.array_equal(random_surfers(web, 1, 1000, 1, 1, start=[1, 0]).pages[1], np.ones(1000))


def test_the_seed_decides_the_walk_and_a_generator_goes_on():
    one, other = (random_surfers(SIX, 0.85, 50, 20, 3) for _ in range(2))
    np.testing.assert_array_equal(one.pages, other.pages)
    assert not np.array_equal(one.pages, random_surfers(SIX, 0.85, 50, 20, 4).pages)
    chance = np.random.default_rng(3)
    np.testing.assert_array_equal(random_surfers(SIX, 0.85, 50, 20, chance).pages, one.pages)
    assert not np.array_equal(random_surfers(SIX, 0.85, 50, 20, chance).pages, one.pages)


def test_no_global_random_state_is_read_or_moved():
    np.random.seed(1)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    random_surfers(SIX, 0.85, 10, 10, 1)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_links_of_very_different_weight_stay_with_their_page():
    web = Graph.from_edges([0, 1, 1], [1, 0, 2], [1e200, 1e-200, 3e-200])
    shares = random_surfers(web, 1, 40_000, 1, 1, start=[0, 1, 0]).shares[1]
    assert np.all(np.abs(shares - [0.25, 0, 0.75]) <= 5 * sampling_error([0.25, 0, 0.75], 40_000))


def test_the_sampling_error_by_hand_and_by_trial():
    np.testing.assert_allclose(sampling_error([0.5, 0.1, 0, 1], 900), [0.5 / 30, 0.3 / 30, 0, 0], rtol=1e-15)
    trials = np.random.default_rng(1).binomial(900, 0.1, 20_000) / 900
    assert trials.std() == pytest.approx(0.01, rel=0.03)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((1.5, 10, 10, 1), "the damping is 1.5; it must lie between 0 and 1."),
        ((0.5, 0, 10, 1), "n_surfers is 0; it must lie between 1 and 1e+07."),
        ((0.5, 1000, 10_001, 1), "n_steps is 1e+04; it must lie between 0 and 10000."),
        ((0.5, 10, 2.5, 1), "n_steps is 2.5; it must be a whole number."),
        ((0.5, 10, 10, 1, [0] * 6), "the start has only zeros; at least one entry must be positive."),
        ((0.5, 10, 10, 1, None, [1]), "the jumps has shape 1; it must be a vector with 6 numbers."),
        ((0.5, 10, 10, 1, None, None, [-1] * 6), "the jumps from dead ends has -1 in entry 1; every entry must be 0 or more."),
    ],
)
def test_surfers_that_cannot_be_are_refused_in_a_sentence(arguments, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        random_surfers(SIX, *arguments)
    assert str(problem.value) == words
