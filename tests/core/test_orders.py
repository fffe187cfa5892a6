"""Orders of pages: places, what links in let expect, outliers and distributions."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from mml_core import orders

VALUES = arrays(float, st.integers(1, 40), elements=st.integers(0, 9).map(float))


def test_doctests_hold():
    assert doctest.testmod(orders).failed == 0


@given(VALUES)
def test_places_agree_with_scipy(values):
    assert np.array_equal(orders.places(values), stats.rankdata(-values, method="min"))


@given(VALUES, st.floats(0, 1))
def test_expected_ranks_add_up_to_one_and_grow_with_the_degree(degrees, damping):
    expected = orders.expected_ranks(degrees, damping)
    assert abs(expected.sum() - 1) < 1e-12
    order = np.argsort(degrees, kind="stable")
    assert (np.diff(expected[order]) >= -1e-15).all()


def test_without_links_all_are_expected_to_be_equal():
    assert np.allclose(orders.expected_ranks([0, 0], 0.85), [0.5, 0.5])


def test_a_negative_degree_is_refused():
    with pytest.raises(ValueError, match="a degree is negative"):
        orders.expected_ranks([1, -1], 0.85)


def test_outliers_are_those_planted():
    rng = np.random.default_rng(1)
    expected = rng.pareto(1.5, 5000) + 1
    ranks = expected * np.exp(rng.normal(0, 0.05, 5000))
    large = np.argsort(-expected)[:10]
    ranks[large[3]] *= 4
    ranks[large[7]] /= 4
    assert orders.outliers(ranks, expected, 2).tolist() == [large[3], large[7]]


def test_pages_as_expected_are_no_outliers():
    assert orders.outliers(np.full(9, 1 / 9), np.full(9, 1 / 9), 6).size == 0


def test_a_rank_of_zero_has_no_ratio():
    with pytest.raises(ValueError, match="a rank is 0 or negative"):
        orders.outliers([0, 1], [0.5, 0.5], 2)


@given(VALUES)
def test_at_least_counts(values):
    found = orders.at_least(values)
    assert np.array_equal(found.values, np.unique(values[values > 0]))
    assert np.allclose(found.shares, [(values >= x).mean() for x in found.values], rtol=0, atol=1e-15)


def test_many_values_are_thinned_and_stay_exact():
    values = np.random.default_rng(2).pareto(1.2, 20_000)
    found = orders.at_least(values, 50)
    assert 20 < len(found.values) <= 50
    assert found.values[0] == values[values > 0].min()
    assert np.allclose(found.shares, [(values >= x).mean() for x in found.values], rtol=0, atol=1e-15)


def test_no_positive_value_gives_an_empty_line():
    assert orders.at_least([0, 0]).values.size == 0
