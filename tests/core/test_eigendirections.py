"""The ring, snapping, the family from symmetric to turning, and projections, against known answers."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mml_core import eigen, eigendirections

EVERY = settings(derandomize=True, deadline=None, max_examples=80)
seeds = st.integers(0, 10**6)
DEGREE = math.pi / 180


def at(degrees, length=1.0):
    return length * np.array([math.cos(degrees * DEGREE), math.sin(degrees * DEGREE)])


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(eigendirections).failed == 0


# --- the family


def test_one_slider_goes_from_perpendicular_through_merging_to_complex():
    kinds = [eigen.spectrum(eigendirections.family(1, 2, 4, s)).kind for s in (0, 1, 2.4, 2.5, 2.6, -2.5, -3)]
    assert kinds == ["two real"] * 3 + ["defective", "complex pair", "defective", "complex pair"]
    v, w = eigen.spectrum(eigendirections.family(1, 2, 4, 0)).eigenvectors.T
    assert v @ w == pytest.approx(0, abs=1e-16)


def test_the_family_refuses_what_is_no_number():
    with pytest.raises(ValueError, match="s is nan"):
        eigendirections.family(1, 2, 3, math.nan)


# --- the ring


@EVERY
@given(seeds, st.sampled_from([1e-150, 1.0, 1e150]))
def test_the_ring_measures_the_turn_from_x_to_its_image(seed, size):
    A = np.random.default_rng(seed).normal(size=(2, 2)) * size
    found = eigendirections.ring(A, 90)
    np.testing.assert_allclose(found.directions, [at(4 * k) for k in range(90)], atol=1e-15)
    np.testing.assert_allclose(found.images, found.directions @ A.T)
    c, s = np.cos(found.turns), np.sin(found.turns)
    x, y = found.directions.T
    turned = np.column_stack([c * x - s * y, s * x + c * y]) * np.linalg.norm(found.images / size, axis=1)[:, None]
    np.testing.assert_allclose(turned, found.images / size, atol=1e-13)


def test_the_ring_is_zero_or_a_flip_on_eigenvectors():
    turns = eigendirections.ring([[1, 2], [2, 1]], 8).turns
    assert turns[1] == pytest.approx(0, abs=1e-15)  # along (1, 1): lambda = 3
    assert abs(turns[3]) == pytest.approx(math.pi)  # along (-1, 1): lambda = -1
    assert abs(turns[0]) == pytest.approx(math.atan2(2, 1))


def test_a_rotation_turns_all_directions_alike():
    np.testing.assert_allclose(eigendirections.ring([[0, -3], [3, 0]]).turns, math.pi / 2)
    assert eigendirections.ring(np.eye(2)).angles.shape == (360,)


def test_a_direction_that_vanishes_has_no_turn():
    turns = eigendirections.ring([[1, 0], [0, 0]], 8).turns
    assert np.flatnonzero(np.isnan(turns)).tolist() == [2, 6]
    assert np.isnan(eigendirections.ring(np.zeros((2, 2)), 8).turns).all()


def test_the_ring_needs_a_plane_matrix():
    with pytest.raises(ValueError, match="A has shape 3 x 3"):
        eigendirections.ring(np.eye(3))


# --- snapping


@pytest.mark.parametrize("off", [-1.9, -0.5, 0, 1e-9, 1.9])
@pytest.mark.parametrize("turn", [0, 180])
def test_a_vector_within_two_degrees_snaps_and_keeps_its_length(off, turn):
    found = eigendirections.snap([[2, 1], [1, 2]], at(45 + turn + off, 3))
    assert (found.index, found.eigenvalue) == (0, 3)
    np.testing.assert_allclose(found.x, at(45 + turn, 3), rtol=1e-14)
    assert found.distance == pytest.approx(abs(off) * DEGREE, abs=1e-15)


@pytest.mark.parametrize("degrees", [0, 42.9, 47.1, 90, 132.9])
def test_a_vector_further_off_stays(degrees):
    found = eigendirections.snap([[2, 1], [1, 2]], at(degrees))
    assert (found.index, found.eigenvalue) == (None, None)
    assert np.array_equal(found.x, at(degrees))


def test_the_second_eigenvector_is_found_too():
    found = eigendirections.snap([[2, 1], [1, 2]], at(135.5))
    assert (found.index, found.eigenvalue) == (1, 1)
    np.testing.assert_allclose(found.x, at(135), rtol=1e-14)


@pytest.mark.parametrize("e", [1e-4, 1e-8, 1e-14, 1e-20])
def test_of_two_nearly_parallel_eigenvectors_none_takes_what_is_neither(e):
    A, half_gap = [[1, 1], [e, 1]], math.sqrt(e)
    middle = eigendirections.snap(A, [1, 0])
    assert middle.index is None
    for sign, index in ((1, 0), (-1, 1)):
        assert eigendirections.snap(A, [1, sign * 0.5 * half_gap]).index == index
        assert eigendirections.snap(A, [1, sign * 1.5 * half_gap]).index == index
        assert eigendirections.snap(A, [1, sign * 2.1 * half_gap]).index is None
        assert eigendirections.snap(A, [1, sign * half_gap]).distance < 1e-3 * half_gap


def test_a_defective_matrix_has_one_line_to_snap_to():
    found = eigendirections.snap([[1, 1], [0, 1]], at(1.5))
    assert (found.index, found.eigenvalue) == (0, 1)
    np.testing.assert_allclose(found.x, [1, 0], atol=1e-15)
    assert eigendirections.snap([[1, 1], [0, 1]], at(2.5)).index is None


def test_every_direction_is_an_eigenvector_of_a_multiple_of_the_identity():
    found = eigendirections.snap([[3, 0], [0, 3]], at(77, 2))
    assert (found.index, found.eigenvalue) == (0, 3)
    np.testing.assert_allclose(found.x, at(77, 2), rtol=1e-15)


def test_a_rotation_and_the_zero_vector_have_nothing_to_snap_to():
    found = eigendirections.snap([[0, -1], [1, 0]], [1, 0])
    assert (found.index, found.eigenvalue, found.distance) == (None, None, None)
    assert eigendirections.snap([[2, 1], [1, 2]], [0, 0]).index is None


def test_in_space_a_vector_snaps_onto_an_eigenplane_or_the_axis():
    A = np.diag([2.0, 2, 5])
    plane = eigendirections.snap(A, [3, 4, 0.1])
    assert (plane.index, plane.eigenvalue) == (1, 2)
    np.testing.assert_allclose(plane.x, np.array([3, 4, 0]) * math.hypot(5, 0.1) / 5, rtol=1e-14)
    assert eigendirections.snap(A, [0.01, 0, -1]).eigenvalue == 5
    assert eigendirections.snap(np.diag([7.0, 2, 7, 1]), [0, 0.01, 0, 3]).index == 3
    assert eigendirections.snap([[0, -1, 0], [1, 0, 0], [0, 0, 2]], [0.01, 0, 1]).index == 0


@pytest.mark.parametrize("size", [1e-150, 1e150, 1e299])
def test_snapping_does_not_mind_the_unit(size):
    found = eigendirections.snap(np.multiply([[2, 1], [1, 2]], size), at(46, size))
    np.testing.assert_allclose(found.x / size, at(45), rtol=1e-14)


@EVERY
@given(seeds)
def test_what_snapped_is_an_eigenvector_and_moved_by_no_more_than_allowed(seed):
    rng = np.random.default_rng(seed)
    A, x = rng.normal(size=(2, 2)), rng.normal(size=2)
    found = eigendirections.snap(A, x, tolerance=0.5)
    if found.index is None:
        assert np.array_equal(found.x, x)
    else:
        np.testing.assert_allclose(A @ found.x, found.eigenvalue * found.x, atol=1e-12)
        assert np.linalg.norm(found.x) == pytest.approx(np.linalg.norm(x))
        assert x @ found.x >= math.cos(0.5) * (1 - 1e-12) * (x @ x)
        again = eigendirections.snap(A, found.x)
        assert again.index == found.index


# --- projections


@EVERY
@given(st.integers(1, 6), seeds, st.sampled_from([1e-150, 1.0, 1e150]))
def test_a_symmetric_matrix_is_the_sum_of_its_stretched_projections(n, seed, size):
    S = np.random.default_rng(seed).integers(-5, 6, (n, n)) * size
    S = S + S.T
    found = eigendirections.projections(S)
    assert found.terms.shape == (n, n, n)
    np.testing.assert_allclose(found.terms.sum(axis=0) / size, S / size, atol=1e-12)
    for term, value, v in zip(found.terms / size, found.eigenvalues / size, found.eigenvectors.T, strict=True):
        np.testing.assert_allclose(term @ term, value * term, atol=1e-11)
        np.testing.assert_allclose(term @ v, value * v, atol=1e-11)
    np.testing.assert_allclose(found.eigenvectors.T @ found.eigenvectors, np.eye(n), atol=1e-13)


def test_known_projections():
    found = eigendirections.projections([[2, 1], [1, 2]])
    np.testing.assert_allclose(found.terms, [[[1.5, 1.5], [1.5, 1.5]], [[0.5, -0.5], [-0.5, 0.5]]], rtol=1e-15)
    assert not eigendirections.projections(np.zeros((3, 3))).terms.any()


def test_what_is_not_symmetric_is_no_such_sum():
    with pytest.raises(ValueError, match="row 1, column 2 is 1, row 2, column 1 is 0"):
        eigendirections.projections([[1, 1], [0, 1]])
    with pytest.raises(ValueError, match="A has 201 rows"):
        eigendirections.projections(np.eye(201))
