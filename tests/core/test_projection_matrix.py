"""The matrix that projects onto the columns of B: its laws, the formula by the inverse, and columns that depend."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mml_core.pca import fit, projection_matrix
from mml_core.vectors import projection, rank

whole = st.integers(-9, 9).map(float)
bases = arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=whole).filter(np.any)


@given(bases)
def test_projecting_twice_is_projecting_once_and_the_matrix_is_symmetric(B):
    P = projection_matrix(B)
    assert P.shape == (len(B), len(B))
    np.testing.assert_allclose(P @ P, P, rtol=0, atol=1e-13)
    np.testing.assert_allclose(P, P.T, rtol=0, atol=1e-15)
    np.testing.assert_allclose(P @ B, B, rtol=0, atol=1e-12)
    np.testing.assert_allclose(np.trace(P), rank(B), rtol=0, atol=1e-12)


@given(bases, st.data())
def test_what_is_taken_away_is_perpendicular_and_no_point_of_the_space_is_nearer(B, data):
    x = data.draw(arrays(np.float64, len(B), elements=whole))
    c = data.draw(arrays(np.float64, B.shape[1], elements=whole))
    shadow = projection_matrix(B) @ x
    np.testing.assert_allclose(B.T @ (x - shadow), 0, rtol=0, atol=1e-11)
    assert np.linalg.norm(x - shadow) <= np.linalg.norm(x - B @ c) + 1e-12
    np.testing.assert_allclose(shadow @ shadow + (x - shadow) @ (x - shadow), x @ x, rtol=1e-12, atol=1e-12)


@given(bases)
def test_of_independent_columns_it_is_the_formula_by_the_inverse(B):
    if rank(B) < B.shape[1] or np.linalg.cond(B) > 1e4:
        return
    np.testing.assert_allclose(projection_matrix(B), B @ np.linalg.inv(B.T @ B) @ B.T, rtol=0, atol=1e-7)


@pytest.mark.parametrize("shape", [(1, 1), (5, 1), (6, 3), (5, 5), (40, 7)])
def test_any_basis_of_a_space_gives_the_same_matrix(shape):
    rng = np.random.default_rng(6)
    B = rng.normal(size=shape)
    P = projection_matrix(B)
    np.testing.assert_allclose(P, B @ np.linalg.inv(B.T @ B) @ B.T, rtol=0, atol=1e-11)
    mixed = B @ rng.normal(size=(shape[1], shape[1]))
    for same in (mixed, B[:, ::-1], -3 * B, np.c_[B, mixed], np.c_[B, 0 * B], B * 1e-200, B * 1e200):
        np.testing.assert_allclose(projection_matrix(same), P, rtol=0, atol=1e-10)


def test_known_spaces_have_known_matrices():
    np.testing.assert_allclose(projection_matrix([[3], [4]]), [[0.36, 0.48], [0.48, 0.64]], rtol=0, atol=1e-15)
    np.testing.assert_allclose(projection_matrix([[1, 0], [0, 5], [0, 0]]), np.diag([1, 1, 0]), rtol=0, atol=1e-15)
    np.testing.assert_allclose(projection_matrix(np.eye(4) + np.tri(4)), np.eye(4), rtol=0, atol=1e-14)
    np.testing.assert_allclose(projection_matrix([[1, 2], [2, 4.0]]), [[0.2, 0.4], [0.4, 0.8]], rtol=0, atol=1e-15)


@given(arrays(np.float64, (2, 5), elements=whole))
def test_onto_one_column_it_is_the_shadow_on_a_line(both):
    x, w = both
    if w.any():
        np.testing.assert_allclose(projection_matrix(w[:, None]) @ x, projection(x, w), rtol=0, atol=1e-12)


def test_onto_the_first_components_it_reconstructs_the_samples():
    X = np.random.default_rng(7).normal(size=(30, 5)) * [3, 2, 1, 0.5, 0.1]
    found = fit(X)
    for k in range(1, 6):
        P = projection_matrix(found.components[:k].T)
        np.testing.assert_allclose(
            found.mean + (X - found.mean) @ P, found.reconstruct(found.project(X)[:, :k]), rtol=0, atol=1e-12
        )


@pytest.mark.parametrize(
    ("B", "words"),
    [
        (np.zeros((3, 2)), "all columns are 0, so there is nothing to project onto; give one that is not."),
        ([[1, np.inf], [0, 1]], "B has inf in row 1, column 2; every entry must be a finite number."),
        ([1, 2], "B has shape 2; it must be a matrix with any number of rows and any number of columns."),
        ([[1], [1, 2]], "B has rows of different lengths; every row needs as many entries."),
    ],
)
def test_arguments_that_do_not_fit_end_in_a_sentence(B, words):
    with pytest.raises(ValueError, match=r"\.$") as problem:
        projection_matrix(B)
    assert str(problem.value) == words
