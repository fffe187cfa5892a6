"""Maps of two scores: samples on two components, their classes, and what belongs to a place."""

import numpy as np
import pytest

from mml_core.cases import case
from mml_core.pca import fit
from mml_core.reconstructions import compared
from mml_core.score_maps import (
    class_middles,
    column_deviations,
    compared_rows,
    nearest,
    one_column,
    put_together,
    read_row,
    scaled_map,
    score_correlations,
    score_map,
)

X = case("Digits").X
FOUND = fit(X, 20)


def test_a_map_has_two_columns_of_all_scores_and_their_reach():
    found, expected = score_map(FOUND, X, 3, 1), FOUND.project(X)[:, [3, 1]]
    np.testing.assert_allclose(found.scores, expected, atol=1e-10)
    np.testing.assert_allclose(found.reach, np.abs(expected).max(axis=0), atol=1e-10)


def test_a_flipped_map_is_mirrored():
    one, other = score_map(FOUND, X, 0, 1), score_map(FOUND, X, 0, 1, flip=True)
    np.testing.assert_array_equal(other.scores, one.scores * [-1, 1])
    np.testing.assert_array_equal(other.reach, one.reach)


def test_a_scaled_map_fills_its_square():
    found = scaled_map(FOUND, X, 0, 9)
    np.testing.assert_allclose(np.abs(found).max(axis=0), 1)
    np.testing.assert_allclose(np.corrcoef(found.T)[0, 1], 0, atol=1e-9)
    assert not scaled_map(FOUND, X[:1] * 0 + FOUND.mean, 0, 1).any()  # all at the mean


def test_the_sample_at_a_place_has_the_scores_of_that_place():
    made = put_together(FOUND, [4, 2], [7.0, -3.0])
    np.testing.assert_allclose(score_map(FOUND, made.sums[-1:], 4, 2).scores, [[7, -3]], atol=1e-10)
    others = np.delete(FOUND.project(made.sums[-1:])[0], [4, 2])
    np.testing.assert_allclose(others, 0, atol=1e-10)
    np.testing.assert_allclose(made.sums[0] + made.parts.sum(axis=0), made.sums[-1], atol=1e-12)
    assert made.rest.tolist() == [58.0, 9.0, 0.0]


def test_a_component_turned_round_with_its_score_gives_the_same_sample():
    turned = fit(X, 20)
    turned.components[0] *= -1
    one, other = put_together(FOUND, [0, 1], [5, 2]), put_together(turned, [0, 1], [-5, 2])
    np.testing.assert_allclose(one.sums[-1], other.sums[-1], atol=1e-12)


def test_class_middles_are_the_means_of_the_classes():
    y = case("Digits").y
    scores = score_map(FOUND, X, 0, 1).scores
    expected = [scores[y == c].mean(axis=0) for c in range(10)]
    np.testing.assert_allclose(class_middles(scores, y, 10), expected, atol=1e-10)
    assert class_middles(scores, 0 * y, 0).shape == (0, 2)
    assert np.isnan(class_middles(scores, y, 11)[10]).all()


def test_a_component_that_is_one_column_is_named():
    wine = case("Wine")
    assert wine.columns[one_column(fit(wine.X))].startswith("proline")
    assert one_column(fit(wine.X, standardise=True)) is None
    assert one_column(fit([[1.0], [2.0]])) is None  # the only column is no surprise


def test_scores_do_not_covary():
    C = score_correlations(FOUND, X, 20)
    np.testing.assert_allclose(C, np.diag(FOUND.explained_variance / FOUND.explained_variance[0]), atol=1e-10)


def test_the_nearest_is_the_sample_itself_by_all_scores():
    assert [nearest(FOUND, X, X[i], 20) for i in (0, 7, 1796)] == [0, 7, 1796]
    by_one = np.abs(FOUND.project(X)[:, 0] - FOUND.project(X[5:6])[0, 0])
    assert nearest(FOUND, X, X[5], 0) == nearest(FOUND, X, X[5], 1) == int(by_one.argmin())


def test_rows_are_compared_as_their_samples_are():
    found, expected = compared_rows(FOUND, X, [3, 9, 4], 2), compared(FOUND, X[[3, 9, 4]], 2)
    np.testing.assert_array_equal(found.distances_after, expected.distances_after)


def test_a_row_is_read_and_what_is_left_out_is_the_mean():
    np.testing.assert_array_equal(read_row("", [1, 2], "ab"), [1, 2])
    np.testing.assert_array_equal(read_row(" -2e3 ,", [1, 2], "ab"), [-2000, 2])


@pytest.mark.parametrize("shift", [0.0, 1e8])
def test_deviations_are_numpys_whatever_the_mean(shift):
    rng = np.random.default_rng(1)
    Z = rng.normal(size=(10_000, 3)) * [1, 5, 0]
    np.testing.assert_allclose(column_deviations(Z + shift), Z.std(axis=0, ddof=1), rtol=1e-7, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: score_map(FOUND, X, 0, 20), "a component"),
        (lambda: score_map(FOUND, X[:, :5], 0, 1), "columns"),
        (lambda: put_together(FOUND, [0, 1], [1.0]), "scores"),
        (lambda: class_middles([[0, 0]], [0, 1], 2), "1 scores and 2 classes"),
        (lambda: class_middles([[0, 0]], [2], 2), "outside 0 to 1"),
        (lambda: read_row("1,2,3", [0, 0], "ab"), "3 numbers and 2 columns"),
        (lambda: read_row("1,x", [0, 0], "ab"), "“x”, for b, is no number"),
        (lambda: read_row("nan", [0, 0], "ab"), "“nan”, for a"),
        (lambda: read_row("1e101", [0, 0], "ab"), "“1e101”, for a"),
        (lambda: compared_rows(FOUND, X, [0, 5000], 2), "a row"),
        (lambda: score_correlations(FOUND, X, 0), "a component"),
        (lambda: column_deviations([[1.0]]), "at least two rows"),
    ],
)
def test_bad_input_gets_a_sentence(call, said):
    with pytest.raises(ValueError, match=said):
        call()
