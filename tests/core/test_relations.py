"""Relations: all columns of a table with each other, and one pair's scatter."""

import numpy as np
import pytest

from mml_core.relations import FAR, KINDS, MOST_COLUMNS, all_pairs, pair_of

RNG = np.random.default_rng(3)
X = RNG.normal(size=(60, 4)) * [1, 10, 1e-3, 1] + [0, 5, 1e4, 0]
NAMES = ("a", "b", "c", "d")


def test_correlations_and_covariances_are_numpys():
    np.testing.assert_allclose(all_pairs(X, NAMES).values, np.corrcoef(X.T), atol=1e-12)
    np.testing.assert_allclose(all_pairs(X, NAMES, "covariances").values, np.cov(X.T), rtol=1e-9, atol=1e-12)
    assert all_pairs(X, NAMES).reach == 1
    assert all_pairs(X, NAMES, KINDS[1]).reach == pytest.approx(np.cov(X.T).max())


def test_columns_that_do_not_vary_are_left_out_and_named_in_the_note():
    still = np.column_stack([X[:, 0], np.full(60, 7.0), X[:, 1], np.zeros(60)])
    found = all_pairs(still, NAMES)
    assert (found.columns, found.places) == (("a", "c"), (0, 2))
    assert found.note == "Left out: 2 that do not vary."
    assert all_pairs(still[:, :3], NAMES[:3]).note == "Left out: 1 that does not vary."


def test_of_very_many_columns_the_first_are_taken():
    wide = RNG.normal(size=(5, MOST_COLUMNS + 3))
    found = all_pairs(wide, [f"c{i}" for i in range(MOST_COLUMNS + 3)])
    assert len(found.columns) == MOST_COLUMNS
    assert found.note == "Left out: 3 more."


def test_a_pair_is_in_deviations_from_the_mean_and_covaries_as_the_relations_say():
    found = all_pairs(X, NAMES)
    points = pair_of(X, found, 1, 3)
    np.testing.assert_allclose(points.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(np.cov(points.T)[0, 1], found.values[1, 3], atol=1e-12)


def test_what_is_far_off_stands_at_the_edge():
    far = np.vstack([X, X.mean(axis=0) + np.array([1e9, 0, 0, 0])])
    found = all_pairs(far, NAMES)
    assert pair_of(far, found, 0, 1)[-1, 0] == FAR


@pytest.mark.parametrize(
    ("rows", "names", "kind", "said"),
    [
        (np.ones((3, 2)), "uv", KINDS[0], "no column varies"),
        (np.empty((0, 2)), "uv", KINDS[0], "X has shape 0 x 2"),
        (np.ones((3, 2)), "u", KINDS[0], "X has"),
        ([[1, 2], [3, 4]], "uv", "slopes", "there is no relation 'slopes'"),
    ],
)
def test_bad_input_gets_a_sentence(rows, names, kind, said):
    with pytest.raises(ValueError, match=said):
        all_pairs(rows, names, kind)


def test_a_column_that_is_not_there_gets_a_sentence():
    with pytest.raises(ValueError, match="a column"):
        pair_of(X, all_pairs(X, NAMES), 0, 4)
