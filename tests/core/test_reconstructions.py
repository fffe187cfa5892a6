"""Reconstructions against brute force: what k components keep of samples, of distances and of pictures."""

import doctest
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mml_core import reconstructions
from mml_core.pca import fit
from mml_core.reconstructions import (
    as_digit,
    build_up,
    compared,
    compared_vectors,
    compressed,
    compression_errors,
    enough,
    faces,
    loadings,
    rows_of,
    sample_errors,
    worst_samples,
)
from mml_core.statistics import correlation

RNG = np.random.default_rng(30)
X = RNG.normal(size=(40, 6)) * 0.7 ** np.arange(6) @ np.linalg.qr(RNG.normal(size=(6, 6)))[0] * [1, 10, 1, 1, 0.1, 1] + 5
WIDE = RNG.normal(size=(5, 9))
SQUARE = fit([[0, 0], [4, 0], [0, 2], [4, 2.0]])  # the mean is (2, 1), the components are the axes
GREY = np.clip(100 + 60 * np.sin(np.add.outer(np.arange(20) / 3, np.arange(14) ** 2 / 30)) + RNG.normal(0, 5, (20, 14)), 0, 255)
PICTURES = {
    "grey": GREY.astype(np.uint8),
    "colour": RNG.integers(0, 256, (12, 7, 3)).astype(np.uint8),
    "wide": RNG.integers(0, 256, (6, 30, 3)).astype(np.uint8),
}
BAR = np.full((60, 40), 250, np.uint8)
BAR[10:50, 15:25] = 20
whole = st.integers(-50, 50).map(float)


def brute(found, X, k):
    """Return samples put together from their first k scores, in the table's units."""
    E = found.components[:k]
    return found.mean + (X - found.mean) / found.scale @ E.T @ E * found.scale


def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def test_examples_in_the_docstrings_hold():
    found = doctest.testmod(reconstructions)
    assert found.failed == 0
    assert found.attempted > 10


@pytest.mark.parametrize(
    ("ratio", "shares", "counts"),
    [
        ([0.6, 0.3, 0.1], (0.5, 0.6, 0.61, 0.9, 0.91, 1), (1, 1, 2, 2, 3, 3)),
        ([1, 0, 0], (0.9, 0.95, 0.99, 1), (1, 1, 1, 1)),
        ([0.1] * 10, (0, 0.3, 0.7, 1), (0, 3, 7, 10)),  # sums of 0.1 miss 0.3 and 0.7 by rounding
        ([0.5, 0.2], (0.6, 0.9, 0.95), (2, 2, 2)),
    ],
)
def test_enough_is_the_smallest_count_that_reaches_a_share_or_all_there_are(ratio, shares, counts):
    assert enough(ratio, shares) == counts


def test_enough_counts_a_share_that_a_fit_reaches_exactly():
    ratio = fit(X).explained_variance_ratio
    assert enough(ratio, np.cumsum(ratio).tolist()) == (1, 2, 3, 4, 5, 6)
    assert enough(ratio) == tuple(int((np.cumsum(ratio) < share).sum()) + 1 for share in (0.9, 0.95, 0.99))


@pytest.mark.parametrize("standardise", [False, True])
def test_loadings_are_covariances_of_columns_with_scores_of_deviation_one(standardise):
    found = fit(X, standardise=standardise)
    scores = found.project(X)
    unit, Z = scores / scores.std(axis=0, ddof=1), (X - X.mean(axis=0)) / found.scale
    np.testing.assert_allclose(loadings(found), Z.T @ unit / (len(X) - 1), rtol=0, atol=1e-12)
    np.testing.assert_allclose(
        loadings(found) @ loadings(found).T * np.outer(found.scale, found.scale), np.cov(X.T), atol=1e-12
    )
    assert loadings(fit(X, 2)).shape == (6, 2)


def test_loadings_of_a_standardised_table_are_correlations():
    found = fit(X, standardise=True)
    both = correlation(np.c_[X, found.project(X)])
    np.testing.assert_allclose(loadings(found), both[:6, 6:], rtol=0, atol=1e-12)
    np.testing.assert_allclose((loadings(found) ** 2).sum(axis=1), 1, rtol=1e-12)


@pytest.mark.parametrize("standardise", [False, True])
@pytest.mark.parametrize("k", [0, 1, 4, 6])
def test_the_sums_of_a_sample_go_from_the_mean_to_its_reconstruction(standardise, k):
    found, x = fit(X, standardise=standardise), X[3] + 1
    steps = build_up(found, x, k)
    assert (steps.scores.shape, steps.parts.shape, steps.sums.shape, steps.rest.shape) == ((k,), (k, 6), (k + 1, 6), (k + 1,))
    np.testing.assert_allclose(steps.scores, found.project([x])[0, :k], rtol=0, atol=1e-12)
    np.testing.assert_array_equal(steps.sums[0], found.mean)
    np.testing.assert_allclose(np.diff(steps.sums, axis=0), steps.parts, rtol=0, atol=1e-12)
    for j in range(k + 1):
        np.testing.assert_allclose(steps.sums[j], brute(found, x, j), rtol=0, atol=1e-12)
        np.testing.assert_allclose(steps.rest[j], sample_errors(found, [x], j)[0], rtol=0, atol=1e-11)
    if k == 6:
        np.testing.assert_allclose(steps.sums[-1], x, rtol=0, atol=1e-12)


@given(arrays(np.float64, 6, elements=whole), st.integers(0, 6), st.booleans())
def test_what_is_missing_falls_by_the_square_of_each_score(x, k, standardise):
    found = fit(X, standardise=standardise)
    steps = build_up(found, x, k)
    total = (((x - found.mean) / found.scale) ** 2).sum()
    np.testing.assert_allclose(steps.rest, total - np.append(0, np.cumsum(steps.scores**2)), rtol=0, atol=1e-11 * (1 + total))
    assert (steps.rest >= 0).all()
    assert (np.diff(steps.rest) <= 1e-12 * (1 + total)).all()


@pytest.mark.parametrize("table", [X, WIDE], ids=["tall", "wide"])
@pytest.mark.parametrize("standardise", [False, True])
def test_the_mean_of_the_samples_errors_is_the_reconstruction_error(table, standardise):
    found = fit(table, standardise=standardise)
    wanted = found.reconstruction_errors(table)
    for k in range(len(wanted)):
        errors = sample_errors(found, table, k)
        np.testing.assert_allclose(errors.mean(), wanted[k], rtol=1e-10, atol=1e-12)
        lost = (table - brute(found, table, k)) / found.scale
        np.testing.assert_allclose(errors, (lost**2).sum(axis=1), rtol=1e-9, atol=1e-12)


def test_more_samples_than_a_block_have_the_errors_of_each_alone():
    many = np.random.default_rng(5).normal(size=(2 * reconstructions.ROWS_AT_ONCE + 3, 4)).astype(np.float32)
    found = fit(many)
    errors, Z = sample_errors(found, many, 2), many - found.mean
    np.testing.assert_allclose(errors, ((Z @ found.components[2:].T) ** 2).sum(axis=1), rtol=0, atol=1e-5)
    np.testing.assert_array_equal(sample_errors(found, many[-2:], 2).round(12), errors[-2:].round(12))


@pytest.mark.parametrize("standardise", [False, True])
@pytest.mark.parametrize("k", [0, 2, 6])
def test_the_worst_samples_lose_most(standardise, k):
    found = fit(X, standardise=standardise)
    errors, worst = sample_errors(found, X, k), worst_samples(found, X, k, 5)
    assert worst.rows.shape == (5,)
    np.testing.assert_array_equal(worst.errors, errors[worst.rows])
    assert (np.diff(worst.errors) <= 0).all()
    assert np.delete(errors, worst.rows).max() <= worst.errors.min()
    np.testing.assert_array_equal(worst.originals, X[worst.rows])
    np.testing.assert_allclose(worst.reconstructions, brute(found, X[worst.rows], k), rtol=0, atol=1e-12)


def test_of_fewer_or_equal_samples_the_worst_are_all_in_the_order_of_their_rows():
    worst = worst_samples(SQUARE, [[2, 3], [2, -1], [2, 1], [2, 3]], 1)
    assert worst.rows.tolist() == [0, 1, 3, 2]
    assert worst.errors.tolist() == [4, 4, 4, 0]


def test_distances_and_angles_are_those_of_the_scaled_and_centred_rows():
    found, some = fit(X, standardise=True), X[[3, 1, 8, 30]]
    for k in (1, 2, 6):
        both = compared(found, some, k)
        Z, S = (some - found.mean) / found.scale, found.project(some)[:, :k]
        for rows, distances, angles in (
            (Z, both.distances_before, both.angles_before),
            (S, both.distances_after, both.angles_after),
        ):
            for i in range(4):
                for j in range(4):
                    assert distances[i, j] == pytest.approx(np.linalg.norm(rows[i] - rows[j]), abs=1e-12)
                    angle = np.arccos(np.clip(cosine(rows[i], rows[j]), -1, 1))
                    assert angles[i, j] == pytest.approx(angle, abs=1e-7)
    np.testing.assert_allclose(both.distances_after, both.distances_before, rtol=0, atol=1e-12)  # all six: only turned
    np.testing.assert_allclose(both.angles_after, both.angles_before, rtol=0, atol=1e-12)


@given(arrays(np.float64, st.tuples(st.integers(2, 12), st.just(6)), elements=whole), st.integers(1, 6))
def test_no_distance_grows_under_projection(some, k):
    both = compared(fit(X), some, k)
    assert (both.distances_after <= both.distances_before + 1e-12 * both.distances_before.max()).all()
    for D in (both.distances_before, both.distances_after):
        np.testing.assert_array_equal(D, D.T)
        np.testing.assert_array_equal(np.diag(D), 0)
    for angles in (both.angles_before, both.angles_after):
        np.testing.assert_array_equal(angles, angles.T)
        seen = angles[np.isfinite(angles)]
        assert ((seen >= 0) & (seen <= np.pi)).all()


def test_a_sample_on_the_mean_or_perpendicular_to_the_components_has_no_angle():
    both = compared(SQUARE, [[2, 1], [2, 4], [5, 1], [5, 4], [0, 1]], 1)
    np.testing.assert_allclose(both.angles_before[3] / np.pi, [np.nan, 0.25, 0.25, 0, 0.75], rtol=0, atol=1e-15)
    np.testing.assert_allclose(both.angles_after[3] / np.pi, [np.nan, np.nan, 0, 0, 1], rtol=0, atol=1e-15)
    assert both.distances_before[3].tolist() == [18**0.5, 3, 3, 0, 34**0.5]
    assert both.distances_after[3].tolist() == [3, 3, 0, 0, 5]
    tilted = fit(X, standardise=True)  # where a score of 0 is 0 only but for rounding
    across = tilted.mean + tilted.scale * tilted.components[5]
    assert np.isnan(compared(tilted, [across, X[0]], 2).angles_after[0]).all()


def test_shadows_on_a_line_are_compared_with_their_points():
    some, u = X[:5] - X.mean(axis=0), np.eye(6)[1]
    both = compared_vectors(some, some @ u[:, None])
    np.testing.assert_allclose(both.distances_after, np.abs(np.subtract.outer(some @ u, some @ u)), rtol=0, atol=1e-12)
    np.testing.assert_allclose(both.distances_before[0, 1], np.linalg.norm(some[0] - some[1]), rtol=1e-12)
    assert set(both.angles_after.ravel().round(9)) <= {0, round(np.pi, 9)}


def test_the_rows_of_a_picture_hold_its_numbers_and_a_transparent_one_lies_on_white():
    grey, colour = PICTURES["grey"], PICTURES["colour"]
    np.testing.assert_array_equal(rows_of(grey), grey)
    np.testing.assert_array_equal(rows_of(colour), colour.reshape(12, 21))
    assert rows_of(grey).dtype == np.float64
    alpha = np.zeros((12, 7, 1), np.uint8)
    alpha[0] = 255
    laid = rows_of(np.concatenate([colour, alpha], axis=2))
    np.testing.assert_array_equal(laid[0], colour[0].ravel())
    np.testing.assert_array_equal(laid[1:], 255)


@pytest.mark.parametrize("name", PICTURES)
def test_a_compressed_picture_is_the_reconstruction_and_its_error_the_variance_dropped(name):
    picture = PICTURES[name]
    rows = rows_of(picture)
    found = fit(rows)
    scores, errors = found.project(rows), compression_errors(found, picture.shape)
    h, width = rows.shape
    assert errors.shape == (min(h, width) + 1,)
    assert (np.diff(errors) <= 0).all()
    assert errors[-1] == 0
    for k in range(len(errors)):
        small = compressed(found, picture.shape, scores, k)
        assert (small.pixels.dtype, small.pixels.shape) == (np.uint8, picture.shape)
        exact = brute(found, rows, k)
        np.testing.assert_allclose(small.error, np.sqrt(((exact - rows) ** 2).mean()), rtol=1e-7, atol=1e-10)
        assert np.abs(small.pixels.reshape(h, width) - np.clip(exact, 0, 255)).max() <= 0.5 + 1e-9
        assert small.error == errors[k]
        assert (small.numbers, small.original) == (k * h + k * width + width, picture.size)
    np.testing.assert_array_equal(small.pixels, picture)


def test_the_errors_of_a_few_components_count_what_was_not_computed():
    rows = rows_of(PICTURES["grey"])
    few, every = compression_errors(fit(rows, 3), (20, 14)), compression_errors(fit(rows), (20, 14))
    np.testing.assert_allclose(few, every[:4], rtol=1e-10)
    single = fit(rows.astype(np.float32))
    np.testing.assert_allclose(compression_errors(single, (20, 14)), every, rtol=0, atol=1e-2)
    again = compressed(single, (20, 14), single.project(rows.astype(np.float32)), 14)
    np.testing.assert_array_equal(again.pixels, PICTURES["grey"])


def test_a_digit_enlarged_and_inverted_comes_back():
    from sklearn.datasets import load_digits

    digits = load_digits().images[:100]
    alike = []
    for digit in digits:
        large = (np.kron(digit, np.ones((20, 20))) * (255 / 16)).astype(np.uint8)
        back = as_digit(255 - large)
        assert back.shape == (64,)
        assert back.min() >= 0
        assert back.max() == 16
        alike.append(cosine(back, digit.ravel()))
        np.testing.assert_allclose(as_digit(large), back, rtol=0, atol=1e-12)
    assert np.mean(alike) > 0.9
    assert np.quantile(alike, 0.05) > 0.85


def test_a_digit_is_told_from_its_drawing_by_its_nearest_neighbours():
    from sklearn.datasets import load_digits
    from sklearn.neighbors import KNeighborsClassifier

    data = load_digits()
    drawn = [as_digit(np.pad(np.kron(d, np.ones((9, 9))) * 15, 30).astype(np.uint8)) for d in data.images[:200]]
    nearest = KNeighborsClassifier(3).fit(data.data[200:], data.target[200:])
    assert nearest.score(drawn, data.target[:200]) > 0.9


def test_margins_size_colours_and_specks_make_no_difference():
    plain = as_digit(BAR)
    assert plain.reshape(8, 8)[:, 3:5].tolist() == [[16, 16]] * 8
    assert plain.sum() == 256
    speck = BAR.copy()
    speck[2:4, 36:38] = 0
    blue, clear = np.full((60, 40, 3), 255, np.uint8), np.zeros((60, 40, 4), np.uint8)
    blue[BAR < 100] = (0, 0, 200)
    clear[BAR < 100] = (0, 0, 0, 255)
    large = np.kron(BAR, np.ones((40, 40), np.uint8))
    for same in (255 - BAR, np.pad(BAR, 25, constant_values=250), BAR[5:55, 5:35], speck, blue, clear, large, BAR[:, :, None]):
        np.testing.assert_allclose(as_digit(same), plain, rtol=0, atol=0.2)
    lying = as_digit(BAR.T).reshape(8, 8)
    np.testing.assert_array_equal(lying.T, plain.reshape(8, 8))


@pytest.mark.parametrize("side", [(1, 1), (1, 5), (7, 3), (8, 8), (40, 17), (33, 90)])
def test_cells_share_out_all_of_the_ink(side):
    n, m = side
    A, B = reconstructions._shares(n, max(side)), reconstructions._shares(m, max(side))
    np.testing.assert_allclose(A.sum(axis=0), 8 / max(side), rtol=1e-12)
    np.testing.assert_allclose(B.sum(axis=0), 8 / max(side), rtol=1e-12)
    assert (A @ np.ones(side) @ B.T).max() <= 1 + 1e-12


def test_faces_are_components_with_a_largest_entry_of_one():
    found = fit(RNG.normal(size=(20, 12)))
    for shape in ((3, 4), (12,), (2, 2, 3)):
        pictures = faces(found, shape, 5)
        assert pictures.shape == (5, *shape)
        flat = pictures.reshape(5, 12)
        np.testing.assert_array_equal(np.abs(flat).max(axis=1), 1)
        np.testing.assert_allclose(flat / np.linalg.norm(flat, axis=1, keepdims=True), found.components[:5], rtol=0, atol=1e-14)


FOUND = fit(X)
ROWS = fit(rows_of(PICTURES["grey"]))
FLAT = np.full((9, 9), 120, np.uint8)
FULL = np.full((50, 50), 255, np.uint8)
FULL[3:-3, 3:-3] = 0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: enough([0.5, -0.1]), "the ratio of component 2 is -0.1; a share of variance is at least 0."),
        (lambda: enough([0.5], (90,)), "a share is 90; it must lie between 0 and 1."),
        (lambda: enough([]), "the ratio has shape 0; it must be a vector with at least one number."),
        (lambda: build_up(FOUND, [1, 2], 1), "x has shape 2; it must be a vector with 6 numbers."),
        (lambda: build_up(FOUND, X[0], 7), "k is 7; it must lie between 0 and 6."),
        (lambda: sample_errors(FOUND, X[:, :5], 1),
         "X has shape 40 x 5; it must be a matrix with any number of rows and 6 columns."),
        (lambda: sample_errors(FOUND, [[np.nan] * 6], 1), "X has nan in row 1, column 1; every entry must be a finite number."),
        (lambda: sample_errors(FOUND, X, -1), "k is -1; it must lie between 0 and 6."),
        (lambda: worst_samples(FOUND, X, 1, 0), "n_worst is 0; it must be at least 1."),
        (lambda: compared(FOUND, X[:1], 1), "there are 1 samples to compare; choose 2 to 12."),
        (lambda: compared(FOUND, X[:13], 1), "there are 13 samples to compare; choose 2 to 12."),
        (lambda: compared(FOUND, X[:3], 0), "k is 0; it must lie between 1 and 6."),
        (lambda: compared_vectors(X[:3], X[:4]),
         "after has shape 4 x 6; it must be a matrix with 3 rows and any number of columns."),
        (lambda: rows_of(np.zeros((3, 3))),
         "the picture holds float64 values; it must hold whole numbers from 0 to 255 (uint8)."),
        (lambda: compression_errors(FOUND, (20, 14)),
         "a picture of 20 x 14 has 20 rows of 14 numbers, and the components are of 40 rows of 6; "
         "fit the rows of this picture."),
        (lambda: compression_errors(replace(ROWS, scale=2 * ROWS.scale), (20, 14)),
         "the components are of standardised columns; fit the rows of the picture as they are."),
        (lambda: compressed(ROWS, (20, 14), np.zeros((20, 3)), 4),
         "the scores have shape 20 x 3; 20 rows of at least 4 are needed."),
        (lambda: compressed(ROWS, (20, 14), np.zeros((20, 14)), 15), "k is 15; it must lie between 0 and 14."),
        (lambda: faces(FOUND, (2, 2), 1), "a picture of 2 x 2 has not the 6 pixels of a component."),
        (lambda: faces(FOUND, (2, 3), 7), "n is 7; it must lie between 1 and 6."),
        *(
            (lambda blank=blank: as_digit(blank),
             "the picture has one tone only, so no ink can be seen; give a digit in strokes that stand out.")
            for blank in (FLAT, FLAT + np.eye(9, dtype=np.uint8), 0 * FLAT)
        ),
        (lambda: as_digit(FULL), "nearly all of the picture is ink; leave more paper around the strokes."),
        (lambda: as_digit(FLAT.astype(float)),
         "the picture holds float64 values; it must hold whole numbers from 0 to 255 (uint8)."),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit_end_in_a_sentence(call, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        call()
    assert str(problem.value) == words
