"""Principal components: each solver against scikit-learn's and against NumPy's SVD, and what is lost with fewer."""

import doctest
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.linalg import subspace_angles

from mml_core import pca
from mml_core.pca import SOLVERS, fit, projection_matrix

EXACT = ("covariance", "rows", "svd")


def table(n, d, seed=1):
    """Return samples whose standard deviations fall by a tenth at each turned axis, so that the gaps are wide."""
    rng = np.random.default_rng(seed)
    turned = np.linalg.qr(rng.normal(size=(d, d)))[0]
    return rng.normal(size=(n, d)) * 0.9 ** np.arange(d) @ turned + rng.normal(size=d) * 10


TALL, WIDE = table(200, 12), table(15, 60)


def by_svd(X):
    """Return components and variances by NumPy in double precision."""
    Z = X.astype(float) - X.mean(axis=0, dtype=float)
    _, s, Vt = np.linalg.svd(Z, full_matrices=False)
    return Vt, s**2 / (len(X) - 1)


def assert_perpendicular(E, atol=1e-12):
    np.testing.assert_allclose(E @ E.T, np.eye(len(E)), rtol=0, atol=atol)


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(pca).failed == 0


@pytest.mark.parametrize("solver", EXACT)
@pytest.mark.parametrize("X", [TALL, WIDE, np.asfortranarray(TALL)], ids=["tall", "wide", "column-major"])
@pytest.mark.parametrize("k", [1, 3, 10])
def test_each_solver_agrees_with_numpy_and_all_of_scikit_learns(solver, X, k):
    from sklearn.decomposition import PCA

    found, (Vt, variances) = fit(X, k, solver=solver), by_svd(X)
    assert found.components.shape == (k, X.shape[1])
    assert (found.solver, found.why, found.n_samples) == (solver, "asked for", len(X))
    assert_perpendicular(found.components)
    for j in range(1, k + 1):
        assert subspace_angles(found.components[:j].T, Vt[:j].T).max() < 1e-8
    np.testing.assert_allclose(found.explained_variance, variances[:k], rtol=1e-10)
    np.testing.assert_allclose(found.total_variance, variances.sum(), rtol=1e-12)
    np.testing.assert_allclose(found.explained_variance_ratio, variances[:k] / variances.sum(), rtol=1e-10)
    for name in ("full", "covariance_eigh", "arpack"):
        reference = PCA(k, svd_solver=name, random_state=0).fit(X)
        assert subspace_angles(found.components.T, reference.components_.T).max() < 1e-8
        np.testing.assert_allclose(found.mean, reference.mean_, rtol=0, atol=1e-13)
        np.testing.assert_allclose(found.explained_variance, reference.explained_variance_, rtol=1e-10)
        np.testing.assert_allclose(found.explained_variance_ratio, reference.explained_variance_ratio_, rtol=1e-10)
        S, T = found.project(X), reference.transform(X)
        np.testing.assert_allclose(found.reconstruct(S), reference.inverse_transform(T), rtol=0, atol=1e-9)


@pytest.mark.parametrize("shape", [(200, 12), (15, 60)])
def test_scikit_learns_randomised_solver_finds_no_more_than_ours(shape):
    from sklearn.decomposition import PCA

    X = table(*shape)
    found = fit(X, 3)
    reference = PCA(3, svd_solver="randomized", iterated_power=20, random_state=0).fit(X)
    np.testing.assert_allclose(found.explained_variance, reference.explained_variance_, rtol=1e-8)
    assert found.explained_variance.sum() >= reference.explained_variance_.sum() * (1 - 1e-12)


@pytest.mark.parametrize("solver", SOLVERS[1:])
@pytest.mark.parametrize("shape", [(200, 12), (15, 60)])
def test_single_precision_in_either_order_is_close_to_double(solver, shape):
    X = table(*shape).astype(np.float32)
    Vt, variances = by_svd(X)
    for given_table in (X, np.asfortranarray(X)):
        found = fit(given_table, 5, solver=solver)
        assert subspace_angles(found.components.T, Vt[:5].T).max() < 1e-5
        np.testing.assert_allclose(found.explained_variance, variances[:5], rtol=2e-6)
        np.testing.assert_allclose(found.mean, X.mean(axis=0, dtype=float), rtol=0, atol=1e-6)
        assert_perpendicular(found.components, 1e-6)
        scores = found.project(given_table)
        assert scores.dtype == np.float32
        np.testing.assert_allclose(scores, (X - found.mean) @ found.components.T, rtol=0, atol=2e-5)


@pytest.mark.parametrize("solver", EXACT)
@pytest.mark.parametrize(("size", "kind"), [(1e8, np.float64), (1e5, np.float32)])
def test_a_mean_far_away_changes_no_variance(solver, size, kind):
    X = (np.round(table(500, 6) * 64) / 64 + size).astype(kind)
    found = fit(X, solver=solver)
    np.testing.assert_allclose(found.explained_variance, by_svd(X)[1], rtol=1e-11 if kind == np.float64 else 1e-5)
    np.testing.assert_allclose(found.project(X).mean(axis=0), 0, rtol=0, atol=1e-6)
    errors = found.reconstruction_errors(X)
    np.testing.assert_allclose(errors[0], found.total_variance * 499 / 500, rtol=1e-6)


def test_more_rows_than_a_block_and_a_first_part_far_away_change_nothing():
    X = table(30_000, 20)
    X[:9000] += 500
    found, (Vt, variances) = fit(X), by_svd(X)
    np.testing.assert_allclose(found.explained_variance, variances, rtol=0, atol=1e-14 * variances[0])
    assert subspace_angles(found.components[:4].T, Vt[:4].T).max() < 1e-8
    np.testing.assert_allclose(found.project(X), (X - X.mean(axis=0)) @ found.components.T, rtol=0, atol=1e-10)


@pytest.mark.parametrize("solver", SOLVERS[1:])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_components_without_variance_are_perpendicular_too(solver, kind):
    rng = np.random.default_rng(2)
    flat = rng.normal(size=(9, 2)) @ rng.normal(size=(2, 30))
    for X in (WIDE, flat, flat.T, np.repeat(flat[:2], 4, axis=0)):
        found = fit(X.astype(kind), solver=solver)
        assert found.components.shape == (min(X.shape), X.shape[1])
        assert_perpendicular(found.components, 1e-10 if kind == np.float64 else 1e-5)
        assert (np.diff(found.explained_variance) <= 0).all()
        assert found.explained_variance[-1] >= 0
        unit = found.total_variance
        np.testing.assert_allclose(
            found.explained_variance, by_svd(X.astype(kind))[1], rtol=0, atol=unit * (1e-13 if kind == np.float64 else 1e-6)
        )


@pytest.mark.parametrize("solver", EXACT)
def test_standardised_is_scikit_learn_after_a_standard_scaler(solver):
    from sklearn.decomposition import PCA

    X = TALL * np.logspace(-6, 6, 12)
    found = fit(X, 4, standardise=True, solver=solver)
    scale = X.std(axis=0, ddof=1)
    np.testing.assert_allclose(found.scale, scale, rtol=1e-12)
    np.testing.assert_allclose(found.total_variance, 12, rtol=1e-12)
    reference = PCA(4, svd_solver="full").fit(X / scale)
    np.testing.assert_allclose(found.explained_variance, reference.explained_variance_, rtol=1e-10)
    assert subspace_angles(found.components.T, reference.components_.T).max() < 1e-8
    np.testing.assert_allclose(found.explained_variance, np.linalg.eigvalsh(np.corrcoef(X.T))[:-5:-1], rtol=1e-10)
    full = fit(X, standardise=True, solver=solver)
    np.testing.assert_allclose(full.reconstruct(full.project(X)) / scale, X / scale, rtol=0, atol=1e-9)


@pytest.mark.parametrize("solver", SOLVERS[1:])
def test_the_largest_entry_of_a_component_is_positive_the_first_among_equals(solver):
    for X in (TALL, -TALL, WIDE, -WIDE):
        E = fit(X, 5, solver=solver).components
        assert (E.max(axis=1) == np.abs(E).max(axis=1)).all()
    line = np.outer(np.linspace(-1, 1, 9), [0.1, -0.1, 0.1])
    for sign in (1, -1):
        np.testing.assert_allclose(
            fit(sign * line, 1, solver=solver).components[0], np.array([1, -1, 1]) / 3**0.5, rtol=0, atol=1e-13
        )


@pytest.mark.parametrize("solver", EXACT)
def test_fewer_components_are_the_first_of_all(solver):
    for X in (TALL, WIDE):
        few, all_of_them = fit(X, 4, solver=solver), fit(X, solver=solver)
        np.testing.assert_allclose(few.components, all_of_them.components[:4], rtol=0, atol=1e-10)
        np.testing.assert_allclose(few.explained_variance, all_of_them.explained_variance[:4], rtol=1e-11)
        assert few.total_variance == all_of_them.total_variance
        assert all_of_them.explained_variance_ratio.sum() == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize(
    ("n", "d", "k", "solver", "why"),
    [
        (200, 12, 5, "covariance", "the covariance matrix, 12 x 12, is small beside the table"),
        (12, 12, 12, "covariance", "the covariance matrix, 12 x 12, is small beside the table"),
        (15, 60, 5, "rows", "fewer rows than columns: X X', 15 x 15, has the same eigenvalues as X'X, 60 x 60"),
        (5000, 4000, 10, "randomised", "a few components of a table of 5,000 x 4,000"),
        (5000, 4000, 400, "covariance", "the covariance matrix, 4,000 x 4,000, is small beside the table"),
    ],
)
def test_auto_picks_by_the_shape_and_says_why(n, d, k, solver, why):
    assert pca._solver_for(n, d, k) == (solver, why)
    if n * d < 1e5:
        found = fit(table(n, d), k)
        assert (found.solver, found.why) == (solver, why)


@pytest.mark.parametrize("X", [TALL, WIDE], ids=["tall", "wide"])
def test_all_scores_give_the_table_back_and_fewer_the_first_components_part(X):
    found = fit(X)
    S = found.project(X)
    np.testing.assert_allclose(found.reconstruct(S), X, rtol=0, atol=1e-11)
    np.testing.assert_allclose(found.project(found.reconstruct(S[:, :3]))[:, :3], S[:, :3], rtol=0, atol=1e-11)
    np.testing.assert_allclose(found.project(found.reconstruct(S[:, :3]))[:, 3:], 0, rtol=0, atol=1e-11)
    np.testing.assert_allclose(found.project([found.mean]), 0, rtol=0, atol=1e-14)
    np.testing.assert_allclose(S.T @ S / (len(X) - 1), np.diag(found.explained_variance), rtol=0, atol=1e-11)


@pytest.mark.parametrize("standardise", [False, True])
@pytest.mark.parametrize("X", [TALL, WIDE], ids=["tall", "wide"])
def test_reconstruction_errors_are_what_the_brute_force_finds_and_the_variances_dropped(X, standardise):
    found = fit(X, standardise=standardise)
    errors, S, n = found.reconstruction_errors(X), found.project(X), len(X)
    brute = [(((X - found.reconstruct(S[:, :k])) / found.scale) ** 2).sum(axis=1).mean() for k in range(1, S.shape[1] + 1)]
    np.testing.assert_allclose(errors[1:], brute, rtol=1e-9, atol=1e-11)
    dropped = found.total_variance - np.concatenate([[0], np.cumsum(found.explained_variance)])
    np.testing.assert_allclose(errors, dropped * (n - 1) / n, rtol=1e-10, atol=1e-11)
    assert (np.diff(errors) <= 1e-12).all()
    fresh = table(40, X.shape[1], seed=9)
    lost = (fresh - found.reconstruct(found.project(fresh)[:, :2])) / found.scale
    np.testing.assert_allclose(found.reconstruction_errors(fresh)[2], (lost**2).sum(axis=1).mean(), rtol=1e-10)


def test_random_directions_are_close_to_exact_where_the_spectrum_falls_quickly():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(300, 200)) * 0.5 ** np.arange(200) @ np.linalg.qr(rng.normal(size=(200, 200)))[0]
    found, (Vt, variances) = fit(X, 10, solver="randomised"), by_svd(X)
    np.testing.assert_allclose(found.explained_variance, variances[:10], rtol=1e-10)
    assert subspace_angles(found.components.T, Vt[:10].T).max() < 1e-8
    np.testing.assert_array_equal(found.components, fit(X, 10, solver="randomised").components)
    other = fit(X, 10, solver="randomised", seed=2)
    assert (other.components != found.components).any()
    np.testing.assert_allclose(other.components, found.components, rtol=0, atol=1e-8)


@pytest.mark.parametrize("solver", SOLVERS[1:])
@pytest.mark.parametrize(("kind", "size"), [(np.float64, 1e140), (np.float64, 1e-140), (np.float32, 1e15), (np.float32, 1e-15)])
def test_large_and_small_numbers_give_the_same_components(solver, kind, size):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = fit((TALL * size).astype(kind), 3, solver=solver)
    np.testing.assert_allclose(found.components, fit(TALL, 3).components, rtol=0, atol=1e-5)


@given(arrays(np.float64, st.tuples(st.integers(2, 8), st.integers(1, 8)), elements=st.integers(-50, 50).map(float)))
def test_every_small_table_is_turned_without_loss(X):
    if (X[0] == X).all():
        with pytest.raises(ValueError, match=r"^all rows are the same"):
            fit(X)
        return
    for solver in SOLVERS:
        found = fit(X, solver=solver)
        assert_perpendicular(found.components, 1e-10)
        assert (np.diff(found.explained_variance) <= 1e-12 * found.total_variance).all()
        np.testing.assert_allclose(found.explained_variance, by_svd(X)[1], rtol=0, atol=1e-11 * found.total_variance)
        np.testing.assert_allclose(found.reconstruct(found.project(X)), X, rtol=0, atol=1e-10)
        np.testing.assert_allclose(found.total_variance, X.var(axis=0, ddof=1).sum(), rtol=1e-12)


@pytest.mark.parametrize("shape", [(6, 1), (6, 3), (5, 5), (4, 7)])
def test_a_projection_matrix_projects(shape):
    rng = np.random.default_rng(4)
    B = rng.normal(size=shape)
    P, v = projection_matrix(B), rng.normal(size=shape[0])
    np.testing.assert_allclose(P @ P, P, rtol=0, atol=1e-13)
    np.testing.assert_allclose(P, P.T, rtol=0, atol=1e-15)
    np.testing.assert_allclose(B.T @ (v - P @ v), 0, rtol=0, atol=1e-13)
    np.testing.assert_allclose(P @ B, B, rtol=0, atol=1e-13)
    np.testing.assert_allclose(np.trace(P), min(shape), rtol=1e-13)
    if shape[1] <= shape[0]:
        np.testing.assert_allclose(P, B @ np.linalg.inv(B.T @ B) @ B.T, rtol=0, atol=1e-11)
    for same in (np.c_[B, B @ np.ones(shape[1])], B * 1e-200, B * 1e200):
        np.testing.assert_allclose(projection_matrix(same), P, rtol=0, atol=1e-12)


HOLE = np.ones((5000, 70))
HOLE[4321, 7] = np.nan
LATER = HOLE.astype(np.float32)
LATER[4321, 7] = -np.inf


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: fit([[1, 2]]), "there is 1 row; at least two are needed to vary."),
        (lambda: fit(np.zeros((0, 3))), "there are no rows; at least two are needed to vary."),
        (
            lambda: fit(np.zeros((3, 0))),
            "X has shape 3 x 0; it must be a matrix with any number of rows and any number of columns.",
        ),
        (lambda: fit([[1, 2], [3]]), "X has rows of different lengths; every row needs as many entries."),
        (lambda: fit([["a"], ["b"]]), "X has a in row 1, column 1; every entry must be a real number."),
        (lambda: fit([[1, 2], [3, np.nan]]), "X has nan in row 2, column 2; every entry must be a finite number."),
        *(
            (lambda solver=solver: fit(HOLE, 2, solver=solver),
             "X has nan in row 4322, column 8; every entry must be a finite number.")
            for solver in ("auto", "svd")
        ),
        (lambda: fit(LATER, 2), "X has -inf in row 4322, column 8; every entry must be a finite number."),
        (
            lambda: fit([[1.0, 0.1], [2, 0.1], [4, 0.1]], standardise=True),
            "column 2 has the same value in every row, so it cannot be standardised; leave it out.",
        ),
        (lambda: fit([[0.1, 5]] * 7), "all rows are the same, so no direction has any variance; give rows that differ."),
        (lambda: fit([[1e200], [0]]), "the entries of X are too large to be squared as float64; give them in other units."),
        (
            lambda: fit(np.array([[1e-30], [-1e-30]], np.float32), solver="covariance"),
            "the entries of X are too small to be squared as float32; give them in other units.",
        ),
        (lambda: fit(TALL, 13), "13 components are asked for, and 200 rows of 12 columns have at most 12."),
        (lambda: fit(WIDE, 16), "16 components are asked for, and 15 rows of 60 columns have at most 15."),
        (lambda: fit(TALL, 0), "n_components is 0; it must be at least 1."),
        (lambda: fit(TALL, 2.5), "n_components is 2.5; it must be a whole number."),
        (
            lambda: fit(TALL, solver="lapack"),
            "there is no solver 'lapack'; choose one of auto, covariance, rows, svd, randomised.",
        ),
        (
            lambda: fit(TALL, 2).project(WIDE),
            "X has shape 15 x 60; it must be a matrix with any number of rows and 12 columns.",
        ),
        (lambda: fit(HOLE[:, 8:] + TALL[0, 0] * np.eye(5000, 62), 2).project(HOLE[:, :62]),
         "X has nan in row 4322, column 8; every entry must be a finite number."),
        (lambda: fit(TALL, 2).reconstruct([[1, 2, 3]]), "there are 3 scores and 2 components; give at most as many."),
        (
            lambda: projection_matrix([[0, 0], [0, 0]]),
            "all columns are 0, so there is nothing to project onto; give one that is not.",
        ),
    ],
)  # fmt: skip
def test_arguments_that_do_not_fit_end_in_a_sentence(call, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        call()
    assert str(problem.value) == words


def test_a_constant_column_that_is_kept_takes_no_part():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(30, 3)) * [1, 5, 2]
    with_still = np.insert(X, 1, 7.0, axis=1)
    with pytest.raises(ValueError, match="column 2 has the same value"):
        fit(with_still, standardise=True)
    found, plain = fit(with_still, 3, standardise=True, keep_constant=True), fit(X, standardise=True)
    np.testing.assert_allclose(np.delete(found.components, 1, axis=1), plain.components, atol=1e-12)
    np.testing.assert_allclose(found.explained_variance, plain.explained_variance, rtol=1e-12)
    assert found.total_variance == pytest.approx(3)
    np.testing.assert_allclose(found.components[:, 1], 0, atol=1e-12)
    assert found.scale[1] == 1
    np.testing.assert_allclose(found.reconstruct(found.project(with_still)), with_still, atol=1e-12)
